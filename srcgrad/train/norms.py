"""The norm of a gradient, which also says whether all of it is finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.tree import leaves


def arrays_in(tree: Any, found: list[Any]) -> None:
    """Add the leaves of a gradient to a list."""
    kind = type(tree)
    if kind is np.ndarray:
        found.append(tree)
    elif kind is dict:
        for part in tree.values():
            arrays_in(part, found)
    elif tree is not None:
        found += [leaf for leaf in leaves(tree) if leaf is not None]


def norm_of(grads: Any) -> float:
    """The Euclidean norm of all entries of a gradient; infinite or nan only if an entry is.

    Example:
        >>> norm_of({"w": np.array([3.0, 0.0]), "b": 4.0, "n": None})
        5.0
        >>> norm_of(np.full(4, 1e200))
        2e+200
    """
    found: list[Any] = []
    arrays_in(grads, found)
    total = 0.0
    for g in found:
        total += float(np.vdot(g, g))  # unlike `dot`, it does not warn of an overflow
    if math.isfinite(total) and total > 1e-290:
        return math.sqrt(total)
    return scaled_norm(found)


def scaled_norm(found: list[Any]) -> float:
    """The norm where squares are too large or too small."""
    tops = [float(np.max(np.abs(g))) for g in found if np.size(g)]
    # `max` would pass over nan.
    if not all(map(math.isfinite, tops)):
        return math.inf if all(t == t for t in tops) else math.nan
    top = max(tops, default=0.0)
    if not top:
        return 0.0
    squares = (float(np.sum((np.asarray(g, dtype=float) / top) ** 2)) for g in found)
    return top * math.sqrt(math.fsum(squares))
