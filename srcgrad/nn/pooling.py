"""Pooling: the largest or the mean entry under a window, channels last.

Without a stride the windows lie side by side; entries beyond the last whole window are left out.
Where several entries of a window are largest, they share its gradient evenly.
"""

from __future__ import annotations

import numpy as np

from srcgrad.nn.convolution import Pair, pair
from srcgrad.nn.patches import padded1d, padded2d, patches1d, patches2d, positions


def max_pool1d(
    x: np.ndarray, size: int = 2, stride: int | None = None, padding: int = 0
) -> np.ndarray:
    """The largest entries under a window along one axis.

    Args:
        x: shape (n, length, channels).
        size: entries under the window.
        stride: entries from one position to the next; by default as many as the window has.
        padding: places before and behind the axis that are never largest.

    Returns:
        An array of shape (n, positions, channels).

    Raises:
        ValueError: if the window does not fit on the axis.

    Example:
        >>> max_pool1d(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel()
        array([3., 2.])
    """
    if padding:
        x = padded1d(x, padding, -np.inf)
    if stride is None:
        return np.max(tiles1d("max_pool1d", x, size), axis=2)
    return np.max(patches1d("max_pool1d", x, size, stride, 1), axis=2)


def average_pool1d(
    x: np.ndarray, size: int = 2, stride: int | None = None, padding: int = 0
) -> np.ndarray:
    """The mean entries under a window along one axis.

    Args:
        x: shape (n, length, channels).
        size: entries under the window.
        stride: entries from one position to the next; by default as many as the window has.
        padding: zeros before and behind the axis, which count as entries.

    Returns:
        An array of shape (n, positions, channels).

    Raises:
        ValueError: if the window does not fit on the axis.

    Example:
        >>> average_pool1d(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel()
        array([2., 1.])
    """
    if padding:
        x = padded1d(x, padding, 0.0)
    if stride is None:
        return np.mean(tiles1d("average_pool1d", x, size), axis=2)
    return np.mean(patches1d("average_pool1d", x, size, stride, 1), axis=2)


def max_pool2d(
    x: np.ndarray, size: Pair = 2, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """The largest entries under a window over two axes.

    Args:
        x: shape (n, height, width, channels).
        size: rows and columns under the window; this and the others are one number for both,
            or two.
        stride: rows and columns from one position to the next; by default as many as the window
            has.
        padding: rows and columns at each edge that are never largest.

    Returns:
        An array of shape (n, rows, columns, channels).

    Raises:
        ValueError: if the window does not fit into the image.

    Example:
        >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
        array([[ 5.,  7.],
               [13., 15.]])
    """
    rows, columns = pair(padding)
    if rows or columns:
        x = padded2d(x, rows, columns, -np.inf)
    if stride is None:
        return np.max(tiles2d("max_pool2d", x, pair(size)), axis=(2, 4))
    return np.max(patches2d("max_pool2d", x, pair(size), pair(stride), (1, 1)), axis=3)


def average_pool2d(
    x: np.ndarray, size: Pair = 2, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """The mean entries under a window over two axes.

    Args:
        x: shape (n, height, width, channels).
        size: rows and columns under the window; this and the others are one number for both,
            or two.
        stride: rows and columns from one position to the next; by default as many as the window
            has.
        padding: rows and columns of zeros at each edge, which count as entries.

    Returns:
        An array of shape (n, rows, columns, channels).

    Raises:
        ValueError: if the window does not fit into the image.

    Example:
        >>> average_pool2d(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]])
    """
    rows, columns = pair(padding)
    if rows or columns:
        x = padded2d(x, rows, columns, 0.0)
    if stride is None:
        return np.mean(tiles2d("average_pool2d", x, pair(size)), axis=(2, 4))
    return np.mean(patches2d("average_pool2d", x, pair(size), pair(stride), (1, 1)), axis=3)


def tiles1d(name: str, x: np.ndarray, size: int) -> np.ndarray:
    """Windows side by side, without a copy: shape (n, positions, size, channels)."""
    steps = positions(name, x.shape[1], size, size, 1)
    return x[:, : steps * size].reshape(x.shape[0], steps, size, x.shape[2])


def tiles2d(name: str, x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Windows side by side, without a copy: shape (n, rows, kh, columns, kw, channels)."""
    kh, kw = size
    rows = positions(name, x.shape[1], kh, kh, 1)
    columns = positions(name, x.shape[2], kw, kw, 1)
    inside = x[:, : rows * kh, : columns * kw]
    return inside.reshape(x.shape[0], rows, kh, columns, kw, x.shape[3])
