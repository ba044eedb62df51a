"""The patches of an array under a window that slides over it, for convolutions and pooling.

A convolution is a product of its patches with its weights, one call of BLAS. Arrays have their
channels last, (n, rows, columns, channels): then that product needs no transposition, channels
are copied in runs, and biases and normalisations broadcast as they do in dense layers. Each part is
copied into a list first: then the derivative overwrites nothing, and adds each part to its place.
"""

from __future__ import annotations

import numpy as np


def positions(name: str, length: int, size: int, stride: int, dilation: int) -> int:
    """How many positions a window has on an axis.

    Args:
        name: the function that asks.
        length: of the axis, padding included.
        size: entries that the window sees.
        stride: entries from one position to the next.
        dilation: entries from one that the window sees to the next.

    Raises:
        ValueError: if the window is longer than the axis.

    Example:
        >>> positions("conv1d", 10, 3, stride=2, dilation=1)
        4
    """
    if length < dilation * (size - 1) + 1:
        raise ValueError(
            f"{name}: a window over {dilation * (size - 1) + 1} entries "
            f"does not fit on an axis of {length}"
        )
    return (length - dilation * (size - 1) - 1) // stride + 1


def padded1d(x: np.ndarray, padding: int, value: float) -> np.ndarray:
    """An array of shape (n, length, c) with entries of one value before and behind its length.

    Example:
        >>> padded1d(np.ones((1, 2, 1)), 1, 0.0).ravel()
        array([0., 1., 1., 0.])
    """
    n, length, c = x.shape
    out = np.full((n, length + 2 * padding, c), value, x.dtype)
    out[:, padding : padding + length] = x
    return out


def padded2d(x: np.ndarray, rows: int, columns: int, value: float) -> np.ndarray:
    """An array of shape (n, height, width, c) with rows and columns of one value at its edges.

    Example:
        >>> padded2d(np.ones((1, 1, 1, 1)), 1, 0, 0.0)[0, :, :, 0]
        array([[0.],
               [1.],
               [0.]])
    """
    n, height, width, c = x.shape
    out = np.full((n, height + 2 * rows, width + 2 * columns, c), value, x.dtype)
    out[:, rows : rows + height, columns : columns + width] = x
    return out


def patches1d(name: str, x: np.ndarray, size: int, stride: int, dilation: int) -> np.ndarray:
    """What a window sees at each of its positions along one axis.

    Args:
        name: the function that asks.
        x: shape (n, length, channels).
        size: entries that the window sees.
        stride: entries from one position to the next.
        dilation: entries from one that the window sees to the next.

    Returns:
        An array of shape (n, positions, size, channels).

    Example:
        >>> patches1d("conv1d", np.arange(4.0).reshape(1, 4, 1), 3, 1, 1)[0, :, :, 0]
        array([[0., 1., 2.],
               [1., 2., 3.]])
    """
    steps = positions(name, x.shape[1], size, stride, dilation)
    seen = []
    for i in range(size):
        part = x[:, i * dilation : i * dilation + steps * stride : stride]
        seen.append(part.copy())
    return np.stack(seen, axis=2)


def patches2d(
    name: str,
    x: np.ndarray,
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> np.ndarray:
    """What a window sees at each of its positions over two axes.

    Args:
        name: the function that asks.
        x: shape (n, height, width, channels).
        size: rows and columns that the window sees.
        stride: rows and columns from one position to the next.
        dilation: rows and columns from one that the window sees to the next.

    Returns:
        An array of shape (n, rows, columns, rows seen * columns seen, channels).

    Example:
        >>> patches2d("conv2d", np.zeros((5, 8, 8, 3)), (3, 3), (1, 1), (1, 1)).shape
        (5, 6, 6, 9, 3)
    """
    (kh, kw), (sh, sw), (dh, dw) = size, stride, dilation
    rows = positions(name, x.shape[1], kh, sh, dh)
    columns = positions(name, x.shape[2], kw, sw, dw)
    seen = []
    for i in range(kh):
        for j in range(kw):
            part = x[:, i * dh : i * dh + rows * sh : sh, j * dw : j * dw + columns * sw : sw]
            seen.append(part.copy())
    return np.stack(seen, axis=3)
