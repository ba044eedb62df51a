"""Batch and layer normalisation.

The end of the gradient of layer normalisation, by its input too:

    >>> from srcgrad import grad
    >>> loss_grad = grad(lambda params, x: np.sum(layer_norm(params, x) ** 2), wrt=("params", "x"))
    >>> text = loss_grad.source_for(init_layer_norm(3), np.zeros((2, 3)))
    >>> print(text[text.index("    scale_bar =") : text.index("def lambda_grad")].rstrip())
        scale_bar = np.sum(out_bar * out_quot, axis=0)
        shift_bar = np.sum(out_bar, axis=0)
        # adjoint of: variance = np.mean(centred**2, axis=-1, keepdims=True)
        centred_bar += 2.0 / x.shape[1] * variance_bar * centred
        # adjoint of: centred = x - np.mean(x, axis=-1, keepdims=True)
        x_bar = centred_bar - np.sum(centred_bar, axis=1, keepdims=True) / x.shape[1]
        return scale_bar, shift_bar, x_bar
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.nn.checks import features
from srcgrad.nn.dense import Params


def init_batch_norm(n: int, *, dtype: Any = np.float64) -> tuple[Params, Params]:
    """Parameters and running state of `batch_norm`.

    Args:
        n: how many features or channels.
        dtype: of all arrays.

    Returns:
        ({"scale": ones, "shift": zeros}, {"mean": zeros, "variance": ones}), each of shape (n,).

    Example:
        >>> params, state = init_batch_norm(2)
        >>> params["scale"], state["mean"]
        (array([1., 1.]), array([0., 0.]))
    """
    params = {"scale": np.ones(n, dtype), "shift": np.zeros(n, dtype)}
    return params, {"mean": np.zeros(n, dtype), "variance": np.ones(n, dtype)}


def batch_norm(
    params: Params,
    state: Params,
    x: np.ndarray,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Params]:
    """Give each feature mean 0 and variance 1 over a batch, then scale and shift it.

    Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal
    covariate shift (2015), algorithm 1. Nothing is changed in place: pass the new state on.

    Args:
        params: {"scale": shape (c,), "shift": shape (c,)}.
        state: {"mean": shape (c,), "variance": shape (c,)}: running means over batches.
        x: shape (..., c); all axes but the last are the batch.
        training: whether to use the statistics of this batch, and to add them to the state;
            otherwise those of the state are used.
        momentum: the part of a new batch in the running means.
        eps: added to the variance.

    Returns:
        The normalised array, of the shape of `x`, and the new state. The running variance takes
        the unbiased estimate of each batch.

    Raises:
        ValueError: if the channels do not fit, or a training batch has less than two rows.

    Example:
        >>> params, state = init_batch_norm(1)
        >>> y, state = batch_norm(params, state, np.array([[1.0], [3.0]]), training=True)
        >>> y.round(4).ravel(), state["mean"]
        (array([-1.,  1.]), array([0.2]))
    """
    rows = x.reshape(-1, x.shape[-1])
    features("batch_norm", rows, 2, params["scale"].shape[0])
    if not training:
        deviation = np.sqrt(state["variance"] + eps)
        return (x - state["mean"]) / deviation * params["scale"] + params["shift"], state
    n = len(rows)
    if n < 2:
        raise ValueError("batch_norm: a single row has no variance to train with")
    mean = np.mean(rows, axis=0)
    centred = rows - mean
    variance = np.mean(centred**2, axis=0)
    out = centred / np.sqrt(variance + eps) * params["scale"] + params["shift"]
    new_state = {
        "mean": (1.0 - momentum) * state["mean"] + momentum * mean,
        "variance": (1.0 - momentum) * state["variance"] + momentum * n / (n - 1) * variance,
    }
    return out.reshape(x.shape), new_state


def init_layer_norm(n: int, *, dtype: Any = np.float64) -> Params:
    """Parameters of `layer_norm`.

    Args:
        n: how many features.
        dtype: of both arrays.

    Returns:
        {"scale": ones, "shift": zeros}, each of shape (n,).

    Example:
        >>> init_layer_norm(2)
        {'scale': array([1., 1.]), 'shift': array([0., 0.])}
    """
    return {"scale": np.ones(n, dtype), "shift": np.zeros(n, dtype)}


def layer_norm(params: Params, x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Give the features of each entry mean 0 and variance 1, then scale and shift them.

    Ba, Kiros and Hinton, Layer normalization (2016), equation 4.

    Args:
        params: {"scale": shape (c,), "shift": shape (c,)}.
        x: shape (..., c).
        eps: added to the variance.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: by numpy, if the shapes do not fit.

    Example:
        >>> layer_norm(init_layer_norm(2), np.array([[1.0, 3.0]])).round(4)
        array([[-1.,  1.]])
    """
    centred = x - np.mean(x, axis=-1, keepdims=True)
    variance = np.mean(centred**2, axis=-1, keepdims=True)
    return centred / np.sqrt(variance + eps) * params["scale"] + params["shift"]
