"""Norms of whole arrays, and operations on them, without arrays of their size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.optim.leaves import BLOCK, blocks


def dot(a: np.ndarray, b: np.ndarray) -> float:
    """The sum of products of two arrays of one shape, in float64 over blocks.

    Example:
        >>> dot(np.ones((2, 3)), np.full((2, 3), 2.0))
        12.0
    """
    if a.size <= BLOCK:
        return float(np.sum(a * b, dtype=np.float64))
    return math.fsum(float(np.sum(a[cut] * b[cut], dtype=np.float64)) for cut in blocks(a.shape))


def norm(a: np.ndarray) -> float:
    """The Euclidean norm of all entries.

    Example:
        >>> norm(np.array([3.0, 4.0]))
        5.0
    """
    return math.sqrt(dot(a, a))


def rms(a: np.ndarray) -> float:
    """The root of the mean square; 0 for no entries.

    Example:
        >>> rms(np.array([3.0, -3.0]))
        3.0
    """
    return math.sqrt(dot(a, a) / a.size) if a.size else 0.0


def add_scaled(y: np.ndarray, factor: float, x: np.ndarray) -> None:
    """Y += factor * x, in place.

    Example:
        >>> y = np.ones(2)
        >>> add_scaled(y, 2.0, np.ones(2)); y
        array([3., 3.])
    """
    if y.size <= BLOCK:
        y += factor * x
        return
    for cut in blocks(y.shape):
        part = y[cut]
        part += factor * x[cut]


def quotient(a: float, b: float) -> float:
    """A / b as arrays have it: infinite or nan where b is 0.

    Example:
        >>> quotient(1.0, 0.0)
        inf
    """
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def sum_of_dots(left: Any, right: Any) -> float:
    """The sum of the dot products of two lists of arrays."""
    return math.fsum(dot(a, b) for a, b in zip(left, right, strict=True))
