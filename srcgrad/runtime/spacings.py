"""What derivatives of `np.gradient` are made of."""

from typing import Any

import numpy as np


def ungradient(g: Any, axis: int) -> Any:
    """The cotangent of `f` in `np.gradient(f, axis=axis)`, for a spacing of 1.

    Args:
        g: cotangent of the differences.
        axis: the axis along which they are.

    Example:
        >>> ungradient(np.array([1.0, 0.0, 0.0, 0.0]), 0)
        array([-1.,  1.,  0.,  0.])
    """
    halves = 0.5 * np.moveaxis(np.asarray(g), axis, 0)
    halves[[0, -1]] *= 2.0
    slopes = halves[:-1] + halves[1:]
    out = np.zeros_like(halves)
    out[:-1] -= slopes
    out[1:] += slopes
    return np.moveaxis(out, 0, axis)
