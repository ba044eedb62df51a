"""Half a spectrum: what the adjoints of Fourier transforms of real signals need."""

from __future__ import annotations

import numpy as np


def padded(g: np.ndarray, a: np.ndarray, axis: int) -> np.ndarray:
    """An array with zeros behind its entries along an axis, as long there as another one.

    Args:
        g: the array.
        a: the array that has the length.
        axis: the axis.

    Example:
        >>> padded(np.ones(2), np.zeros(4), 0)
        array([1., 1., 0., 0.])
    """
    missing = [(0, 0)] * g.ndim
    missing[axis] = (0, a.shape[axis] - g.shape[axis])
    return np.pad(g, missing)


def cropped(g: np.ndarray, a: np.ndarray, axis: int) -> np.ndarray:
    """The first entries of an array along an axis, as many as another one has there.

    Args:
        g: the array.
        a: the array that has the length.
        axis: the axis.

    Example:
        >>> cropped(np.arange(4.0), np.zeros(2), 0)
        array([0., 1.])
    """
    return np.take(g, range(a.shape[axis]), axis=axis)


def doubled(g: np.ndarray, axis: int) -> np.ndarray:
    """Half a spectrum whose entries count double, but for the first and the last one.

    Args:
        g: half the spectrum of a real signal of even length.
        axis: the axis along which it lies.

    Example:
        >>> doubled(np.ones(3), 0)
        array([1., 2., 1.])
    """
    out = np.moveaxis(2.0 * g, axis, -1)
    out[..., 0] /= 2.0
    out[..., -1] /= 2.0
    return np.moveaxis(out, -1, axis)
