"""Activation functions: plain functions of one array, elementwise but for the softmaxes.

float32 stays float32. Each is written so that its value does not overflow and its generated
gradient is short.
"""

from __future__ import annotations

import numpy as np

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
SQRT_2_OVER_PI = 0.7978845608028654


def relu(x: np.ndarray) -> np.ndarray:
    """`max(x, 0)`, of derivative 0 at 0 (and nan at -inf, as `-inf * 0` is).

    Example:
        >>> relu(np.array([-1.0, 0.5]))
        array([-0. ,  0.5])
    """
    return x * (x > 0.0)


def leaky_relu(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    """`x` above 0, `slope * x` below.

    Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models (2013).

    Example:
        >>> leaky_relu(np.array([-1.0, 0.5]))
        array([-0.01,  0.5 ])
    """
    return np.where(x > 0.0, x, slope * x)


def elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """`x` above 0, `alpha * (exp(x) - 1)` below.

    Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential
    linear units (2016), equation 15.

    Example:
        >>> elu(np.array([-np.inf, 0.5]))
        array([-1. ,  0.5])
    """
    return np.where(x > 0.0, x, alpha * np.expm1(x * (x <= 0.0)))


def selu(x: np.ndarray) -> np.ndarray:
    """`elu` scaled so that mean 0 and variance 1 reproduce themselves.

    Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017),
    equation 2.

    Example:
        >>> selu(np.array([0.0, 1.0]))
        array([0.        , 1.05070099])
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


def gelu(x: np.ndarray) -> np.ndarray:
    """`x` times the normal distribution function, in the approximation by tanh.

    Hendrycks and Gimpel, Gaussian error linear units (2016), section 2. It differs from the exact
    form by less than 0.0005.

    Example:
        >>> gelu(np.array([-1.0, 0.0, 1.0]))
        array([-0.15880801,  0.        ,  0.84119199])
    """
    return 0.5 * x * (1.0 + np.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """`1 / (1 + exp(-x))`, which does not overflow; exact to one part in 1e16 of 1.

    Example:
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])
    """
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def silu(x: np.ndarray) -> np.ndarray:
    """`x * sigmoid(x)`, also called swish (Hendrycks and Gimpel 2016).

    Example:
        >>> silu(np.array([0.0, 1.0]))
        array([0.        , 0.73105858])
    """
    return x * sigmoid(x)


swish = silu


def softplus(x: np.ndarray) -> np.ndarray:
    """`log(1 + exp(x))`, which does not overflow.

    Example:
        >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
        array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.logaddexp(x, 0.0)


def tanh(x: np.ndarray) -> np.ndarray:
    """The hyperbolic tangent.

    Example:
        >>> tanh(np.array([0.0, 1.0]))
        array([0.        , 0.76159416])
    """
    return np.tanh(x)


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """`exp(x)` over its sum along an axis, which does not overflow.

    Args:
        x: logits, of any shape.
        axis: the axis along which the result sums to 1.

    Example:
        >>> softmax(np.array([1000.0, 1000.0]))
        array([0.5, 0.5])
    """
    # Any shift cancels: np.ceil makes it one without a derivative.
    unscaled = np.exp(x - np.ceil(np.max(x, axis=axis, keepdims=True)))
    return unscaled / np.sum(unscaled, axis=axis, keepdims=True)


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """The logarithm of `softmax`, exact where that is too small for a float.

    Args:
        x: logits, of any shape.
        axis: the axis along which the exponentials of the result sum to 1.

    Example:
        >>> log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
    """
    # Any shift cancels: np.ceil makes it one without a derivative.
    shifted = x - np.ceil(np.max(x, axis=axis, keepdims=True))
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def hard_tanh(x: np.ndarray) -> np.ndarray:
    """`x` clipped to -1 and 1.

    Example:
        >>> hard_tanh(np.array([-2.0, 0.5]))
        array([-1. ,  0.5])
    """
    return np.clip(x, -1.0, 1.0)


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """`x / 6 + 1 / 2` clipped to 0 and 1.

    Howard et al., Searching for MobileNetV3 (2019), section 5.2.

    Example:
        >>> hard_sigmoid(np.array([-4.0, 0.0, 1.5]))
        array([0.  , 0.5 , 0.75])
    """
    return np.clip(x / 6.0 + 0.5, 0.0, 1.0)


def hard_swish(x: np.ndarray) -> np.ndarray:
    """`x * hard_sigmoid(x)` (Howard et al. 2019, section 5.2).

    Example:
        >>> hard_swish(np.array([-4.0, 0.0, 3.0]))
        array([-0.,  0.,  3.])
    """
    return x * hard_sigmoid(x)
