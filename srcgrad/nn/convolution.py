"""Convolutions over one axis and over two, channels last.

As everywhere in neural networks the window is not mirrored: it is a correlation. Why channels
stand last: see `srcgrad.nn.patches`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.nn.checks import features
from srcgrad.nn.dense import Params
from srcgrad.nn.initialisers import Initialiser, he_normal, zeros
from srcgrad.nn.patches import padded1d, padded2d, patches1d, patches2d

Pair = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """One number for both axes, or two.

    Example:
        >>> pair(3), pair((1, 2))
        ((3, 3), (1, 2))
    """
    return value if isinstance(value, tuple) else (value, value)


def init_conv1d(
    rng: np.random.Generator,
    size: int,
    n_in: int,
    n_out: int,
    *,
    weight: Initialiser = he_normal,
    bias: Initialiser = zeros,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `conv1d`.

    Args:
        rng: source of the random numbers.
        size: entries that the window sees.
        n_in: how many channels go in.
        n_out: how many come out.
        weight: initialiser of "w".
        bias: initialiser of "b".
        dtype: of both.

    Returns:
        {"w": shape (size, n_in, n_out), "b": shape (n_out,)}.

    Example:
        >>> init_conv1d(np.random.default_rng(0), 5, 3, 8)["w"].shape
        (5, 3, 8)
    """
    return {"w": weight(rng, (size, n_in, n_out), dtype), "b": bias(rng, (n_out,), dtype)}


def conv1d(
    params: Params, x: np.ndarray, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """A convolution over one axis.

    Args:
        params: {"w": shape (size, n_in, n_out), "b": shape (n_out,)}.
        x: shape (n, length, n_in).
        stride: entries from one position of the window to the next.
        padding: zeros before and behind the axis.
        dilation: entries from one that the window sees to the next.

    Returns:
        An array of shape (n, positions, n_out).

    Raises:
        ValueError: if the shapes do not fit, or the window does not fit on the axis.

    Example:
        >>> params = {"w": np.array([[[1.0]], [[-1.0]]]), "b": np.zeros(1)}
        >>> conv1d(params, np.array([[[1.0], [3.0], [6.0]]]))
        array([[[-2.],
                [-3.]]])
    """
    features("conv1d", x, 3, params["w"].shape[1])
    if padding:
        x = padded1d(x, padding, 0.0)
    patches = patches1d("conv1d", x, params["w"].shape[0], stride, dilation)
    return np.tensordot(patches, params["w"], axes=2) + params["b"]


def init_conv2d(
    rng: np.random.Generator,
    size: Pair,
    n_in: int,
    n_out: int,
    *,
    weight: Initialiser = he_normal,
    bias: Initialiser = zeros,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `conv2d`.

    Args:
        rng: source of the random numbers.
        size: rows and columns that the window sees, or one number for both.
        n_in: how many channels go in.
        n_out: how many come out.
        weight: initialiser of "w".
        bias: initialiser of "b".
        dtype: of both.

    Returns:
        {"w": shape (rows, columns, n_in, n_out), "b": shape (n_out,)}.

    Example:
        >>> init_conv2d(np.random.default_rng(0), 3, 1, 8)["w"].shape
        (3, 3, 1, 8)
    """
    return {"w": weight(rng, (*pair(size), n_in, n_out), dtype), "b": bias(rng, (n_out,), dtype)}


def conv2d(
    params: Params, x: np.ndarray, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1
) -> np.ndarray:
    """A convolution over two axes.

    Args:
        params: {"w": shape (kernel rows, kernel columns, n_in, n_out), "b": shape (n_out,)}.
        x: shape (n, height, width, n_in).
        stride: rows and columns from one position of the window to the next; this and the others
            are one number for both, or two.
        padding: rows and columns of zeros at each edge.
        dilation: rows and columns from one that the window sees to the next.

    Returns:
        An array of shape (n, rows, columns, n_out).

    Raises:
        ValueError: if the shapes do not fit, or the window does not fit into the image.

    Example:
        >>> params = {"w": np.ones((2, 2, 1, 1)), "b": np.zeros(1)}
        >>> conv2d(params, np.arange(9.0).reshape(1, 3, 3, 1))[0, :, :, 0]
        array([[ 8., 12.],
               [20., 24.]])
    """
    kh, kw, n_in, n_out = params["w"].shape
    features("conv2d", x, 4, n_in)
    rows, columns = pair(padding)
    if rows or columns:
        x = padded2d(x, rows, columns, 0.0)
    patches = patches2d("conv2d", x, (kh, kw), pair(stride), pair(dilation))
    kernel = params["w"].reshape(kh * kw, n_in, n_out)
    return np.tensordot(patches, kernel, axes=2) + params["b"]
