"""Shapes: cotangents summed over broadcast axes, or spread to a full shape."""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum a cotangent over the axes along which `x` was broadcast; spread it along others.

    Args:
        g: cotangent of a broadcast result, a number or an array of any rank.
        x: the operand, a number or an array. Its shape broadcasts to that of g, but for axes along
            which g is one number for all.

    Returns:
        An array of the shape of x, or a number where x is one; g itself if shapes agree.

    Example:
        >>> unbroadcast(np.ones((3, 2)), np.zeros(2))
        array([3., 3.])
        >>> float(unbroadcast(np.ones(3), 1.5))
        3.0
    """
    want, have = np.shape(x), np.shape(g)
    if want == have:
        return g
    lead = len(have) - len(want)
    if lead > 0:
        g = np.sum(g, axis=tuple(range(lead)))
    own = np.shape(g)
    ones = tuple(i for i, n in enumerate(want[len(want) - len(own) :]) if n == 1 and own[i] != 1)
    g = np.sum(g, axis=ones, keepdims=True) if ones else g
    return g if np.shape(g) == want else np.broadcast_to(g, want)


def broadcast_to(g: Any, shape: tuple[int, ...]) -> Any:
    """A cotangent at the full shape of its value; a number stays one where the shape is ().

    Example:
        >>> broadcast_to(2.0, (2,))
        array([2., 2.])
    """
    return g if np.shape(g) == shape else np.broadcast_to(g, shape)
