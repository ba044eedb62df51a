"""First values of parameters, drawn so that the signal neither dies out nor explodes.

Every initialiser is called `(rng, shape, dtype=np.float64)`, so that one can stand for another:
`init_dense(rng, 64, 10, weight=he_normal)`. The last axis of a shape is the outputs, the one before
it the inputs, and any others are the extent of a kernel: the *fan in* is the product of all but the
last axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import BadValue

Shape = tuple[int, ...]
Initialiser = Callable[..., np.ndarray]

# A normal variable cut off at two deviations has this deviation: sqrt(1 - 4 phi(2) / erf(sqrt 2)).
CUT_DEVIATION = math.sqrt(
    1.0 - 4.0 * math.exp(-2.0) / math.sqrt(2.0 * math.pi) / math.erf(math.sqrt(2.0))
)


def zeros(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Zeros; `rng` is not used.

    Example:
        >>> zeros(np.random.default_rng(0), (2, 3)).sum()
        np.float64(0.0)
    """
    del rng
    return np.zeros(shape, dtype)


def ones(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Ones; `rng` is not used.

    Example:
        >>> ones(np.random.default_rng(0), (2, 3)).sum()
        np.float64(6.0)
    """
    del rng
    return np.ones(shape, dtype)


def normal(
    rng: np.random.Generator, shape: Shape, dtype: Any = np.float64, *, scale: float = 0.01
) -> np.ndarray:
    """Normally distributed, of mean 0 and deviation `scale`.

    Example:
        >>> normal(np.random.default_rng(0), (2,), np.float32).dtype
        dtype('float32')
    """
    return (scale * rng.standard_normal(shape)).astype(dtype, copy=False)


def uniform(
    rng: np.random.Generator, shape: Shape, dtype: Any = np.float64, *, limit: float = 0.01
) -> np.ndarray:
    """Evenly distributed between `-limit` and `limit`.

    Example:
        >>> bool(np.all(np.abs(uniform(np.random.default_rng(0), (99,))) <= 0.01))
        True
    """
    return rng.uniform(-limit, limit, shape).astype(dtype, copy=False)


def truncated_normal(
    rng: np.random.Generator, shape: Shape, dtype: Any = np.float64, *, scale: float = 0.01
) -> np.ndarray:
    """Normally distributed of deviation `scale`, values beyond two deviations drawn again.

    Example:
        >>> bool(np.all(np.abs(truncated_normal(np.random.default_rng(0), (999,))) <= 0.02))
        True
    """
    out = rng.standard_normal(shape)
    while (far := np.abs(out) > 2.0).any():
        out[far] = rng.standard_normal(np.count_nonzero(far))
    return (scale * out).astype(dtype, copy=False)


def glorot_uniform(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Uniform within sqrt(6 / (fan in + fan out)), for tanh and sigmoid.

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
    (2010), equation 16.

    Example:
        >>> bool(np.all(np.abs(glorot_uniform(np.random.default_rng(0), (2, 4))) <= 1.0))
        True
    """
    fan_in, fan_out = fans(shape)
    return uniform(rng, shape, dtype, limit=math.sqrt(6.0 / (fan_in + fan_out)))


def glorot_normal(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Normal of variance 2 / (fan in + fan out) (Glorot and Bengio 2010, equation 12).

    Example:
        >>> glorot_normal(np.random.default_rng(0), (3, 3, 8, 16)).shape
        (3, 3, 8, 16)
    """
    fan_in, fan_out = fans(shape)
    return normal(rng, shape, dtype, scale=math.sqrt(2.0 / (fan_in + fan_out)))


def he_uniform(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Uniform within sqrt(6 / fan in), for relu (see `he_normal`).

    Example:
        >>> bool(np.all(np.abs(he_uniform(np.random.default_rng(0), (6, 4))) <= 1.0))
        True
    """
    return uniform(rng, shape, dtype, limit=math.sqrt(6.0 / fans(shape)[0]))


def he_normal(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Normal of variance 2 / fan in, for relu.

    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), equation 10.

    Example:
        >>> he_normal(np.random.default_rng(0), (64, 10)).shape
        (64, 10)
    """
    return normal(rng, shape, dtype, scale=math.sqrt(2.0 / fans(shape)[0]))


def lecun_uniform(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Uniform within sqrt(3 / fan in): of variance 1 / fan in.

    Example:
        >>> bool(np.all(np.abs(lecun_uniform(np.random.default_rng(0), (3, 4))) <= 1.0))
        True
    """
    return uniform(rng, shape, dtype, limit=math.sqrt(3.0 / fans(shape)[0]))


def lecun_normal(rng: np.random.Generator, shape: Shape, dtype: Any = np.float64) -> np.ndarray:
    """Normal of variance 1 / fan in, cut off at two deviations, for selu.

    LeCun, Bottou, Orr and Müller, Efficient backprop (1998), equation 16.

    Example:
        >>> lecun_normal(np.random.default_rng(0), (64, 10)).shape
        (64, 10)
    """
    scale = math.sqrt(1.0 / fans(shape)[0]) / CUT_DEVIATION
    return truncated_normal(rng, shape, dtype, scale=scale)


def orthogonal(
    rng: np.random.Generator, shape: Shape, dtype: Any = np.float64, *, gain: float = 1.0
) -> np.ndarray:
    """Orthonormal rows or columns, whichever are fewer, times `gain`; for recurrent weights.

    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks (2014). Leading axes are taken as one.

    Raises:
        BadValue: for fewer than two axes.

    Example:
        >>> w = orthogonal(np.random.default_rng(0), (4, 3))
        >>> bool(np.allclose(w.T @ w, np.eye(3)))
        True
    """
    if len(shape) < 2:
        raise BadValue(f"an orthogonal matrix has two axes or more, not the shape {shape}")
    rows, columns = math.prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.where(np.diagonal(r) < 0.0, -1.0, 1.0)  # without this, q is not drawn evenly
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype, copy=False)


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs feed one output, and how many outputs one input feeds.

    Raises:
        BadValue: for fewer than two axes, or an axis of length 0.

    Example:
        >>> fans((3, 3, 8, 16))
        (72, 144)
    """
    if len(shape) < 2 or math.prod(shape) == 0:
        raise BadValue(
            f"weights of shape {shape} have no inputs and outputs to count",
            hint="Give a shape (inputs, outputs), with the extent of a kernel before them.",
        )
    extent = math.prod(shape[:-2])
    return extent * shape[-2], extent * shape[-1]
