"""Structures: zeros and sums of nested values, cotangents of lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.runtime.broadcast import unbroadcast


def zeros_like(x: Any) -> Any:
    """Zeros in the structure of `x`: numbers, arrays, and nested lists, tuples and dicts.

    Example:
        >>> zeros_like({"w": np.ones(2), "b": (1.0, "name")})
        {'w': array([0., 0.]), 'b': (0.0, None)}
    """
    if isinstance(x, dict):
        return {k: zeros_like(v) for k, v in x.items()}
    if isinstance(x, list):
        return [zeros_like(v) for v in x]
    if isinstance(x, tuple):
        parts = [zeros_like(v) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, np.ndarray):
        return np.zeros_like(x, dtype=x.dtype if x.dtype.kind == "f" else float)
    if isinstance(x, (float, np.floating)):
        return type(x)(0.0)
    return None


def add(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one structure; None stands for zero.

    Example:
        >>> add([1.0, None], [2.0, 3.0])
        [3.0, 3.0]
    """
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, dict):
        return {k: add(v, b[k]) for k, v in a.items()}
    if isinstance(a, (list, tuple)):
        parts = [add(v, w) for v, w in zip(a, b, strict=True)]
        return parts if isinstance(a, list) else tuple(parts)
    return a + b


def unstack(g: Any, axis: int) -> list[Any]:
    """The parts of an array along an axis, as a list: the cotangent of a list that was stacked.

    Args:
        g: an array.
        axis: the axis along which the parts lie.

    Example:
        >>> unstack(np.ones((2, 2)), 0)
        [array([1., 1.]), array([1., 1.])]
    """
    return list(np.moveaxis(np.asarray(g), axis, 0))


def split_like(g: Any, parts: list[Any], axis: int) -> list[Any]:
    """An array cut into pieces as long as those in a list: the cotangent of a concatenation.

    Args:
        g: an array.
        parts: the arrays that were concatenated.
        axis: the axis along which they lie.

    Example:
        >>> split_like(np.array([1.0, 2.0, 3.0]), [np.zeros(1), np.zeros(2)], 0)
        [array([1.]), array([2., 3.])]
    """
    ends = np.cumsum([p.shape[axis] for p in parts[:-1]], dtype=int)
    return np.split(np.asarray(g), ends, axis=axis)


def first_items(g: list[Any], parts: list[Any]) -> list[Any]:
    """As many first items of a list as another has: the cotangent of `a` in `a + b`.

    Args:
        g: cotangent of the joined list.
        parts: the list a.

    Example:
        >>> first_items([1.0, 2.0, 3.0], [0.0, 0.0])
        [1.0, 2.0]
    """
    return g[: len(parts)]


def last_items(g: list[Any], parts: list[Any]) -> list[Any]:
    """As many last items of a list as another has: the cotangent of `b` in `a + b`.

    Args:
        g: cotangent of the joined list.
        parts: the list b.

    Example:
        >>> last_items([1.0, 2.0, 3.0], [0.0, 0.0])
        [2.0, 3.0]
    """
    return g[len(g) - len(parts) :]


def repeat_for(g: Any, parts: list[Any]) -> list[Any]:
    """One cotangent for each item of a list: that of a list which was summed.

    Args:
        g: cotangent of the sum.
        parts: the items.

    Example:
        >>> repeat_for(1.0, [2.0, 3.0])
        [1.0, 1.0]
    """
    return [unbroadcast(g, p) for p in parts]
