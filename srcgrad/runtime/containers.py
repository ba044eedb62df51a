"""Structures: zeros and sums of nested values, cotangents of lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.runtime.broadcast import unbroadcast
from srcgrad.runtime.objects import attributes, give, instance, made_of


def zeros_like(x: Any) -> Any:
    """Zeros in the structure of `x`: numbers, arrays, nested lists, tuples, dicts and objects.

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
        return tuple.__new__(type(x) if hasattr(x, "_fields") else tuple, parts)
    if isinstance(x, np.ndarray):
        return np.zeros_like(x, dtype=x.dtype if x.dtype.kind in "fc" else float)
    if isinstance(x, (float, complex, np.inexact)):
        return type(x)(0.0)
    held = attributes(x)
    if held is not None:
        return made_of(type(x), {k: zeros_like(v) for k, v in held.items()})
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
        return {k: add(a.get(k), b.get(k)) for k in {**a, **b}}
    if isinstance(a, (list, tuple)):
        parts = [add(v, w) for v, w in zip(a, b, strict=True)]
        return parts if isinstance(a, list) else tuple.__new__(type(a), parts)
    held = attributes(a)
    if held is not None:
        others = attributes(b) or {}
        return made_of(type(a), {k: add(v, others[k]) for k, v in held.items()})
    return a + b


def accumulate(a: Any, b: Any) -> None:
    """Add a cotangent to one of the same structure, in the arrays and lists that it consists of.

    Example:
        >>> a = [np.zeros(2), np.ones(1)]
        >>> accumulate(a, [np.ones(2), None])
        >>> a
        [array([1., 1.]), array([1.])]
    """
    if b is None:
        return
    held = attributes(b)
    if held is not None:
        mine = {k: getattr(a, k) for k in held}
        accumulate(mine, held)
        for label, v in mine.items():
            if isinstance(v, (float, complex, np.inexact)):
                setattr(a, label, v)
        return
    for k, v in b.items() if isinstance(b, dict) else enumerate(b):
        if isinstance(v, (dict, list, tuple)) or attributes(v) is not None:
            accumulate(a[k], v)
        elif isinstance(a[k], np.ndarray):
            a[k][...] += 0.0 if v is None else v
        elif v is not None:
            a[k] = a[k] + v


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
    out = [unbroadcast(g, p) for p in parts]
    return [v.copy() if isinstance(v, np.ndarray) else v for v in out]


def one_item(g: Any, key: int, parts: Any) -> list[Any]:
    """The cotangents of the items of a list or tuple, of which one was read.

    Args:
        g: cotangent of the item.
        key: which one.
        parts: the list or tuple.

    Example:
        >>> one_item(3.0, -1, (1.0, 2.0))
        [0.0, 3.0]
    """
    out = [zeros_like(p) for p in parts]
    if isinstance(out[key], np.ndarray):
        out[key] += g
    else:
        out[key] = add(out[key], g)
    return out


def folded(g: list[Any], parts: list[Any]) -> list[Any]:
    """The cotangents of the items of a list that was repeated: of `parts` in `parts * n`.

    Args:
        g: cotangent of the repeated list.
        parts: the list.

    Example:
        >>> folded([1.0, 2.0, 3.0, 4.0], [0.0, 0.0])
        [4.0, 6.0]
    """
    count = len(parts)
    if len(g) < max(count, 1):
        return zeros_like(list(parts))
    out = list(g[:count])
    for start in range(count, len(g), count):
        out = add(out, g[start : start + count])
    return out


def inside(x: Any) -> list[Any]:
    """The lists, dicts, objects and arrays that a value consists of, each of them once.

    Example:
        >>> rows = [[1.0], [2.0]]
        >>> [part is rows[1] for part in inside(rows)]
        [False, False, True]
    """
    found: dict[int, Any] = {}
    stack = [x]
    while stack:
        part = stack.pop()
        if id(part) in found:
            continue
        held = attributes(part)
        if held is not None or isinstance(part, (list, dict, np.ndarray)):
            found[id(part)] = part
        if held is not None or isinstance(part, (list, tuple, dict)):
            held = part if held is None else held
            stack += reversed(list(held.values() if isinstance(held, dict) else held))
    return list(found.values())


def contents(*values: Any) -> list[tuple[Any, Any]]:
    """The lists, dicts, objects and arrays of values, each with a copy of what it holds.

    Example:
        >>> contents([1.0])
        [([1.0], [1.0])]
    """
    parts = [(part, attributes(part)) for part in inside(values)]
    return [(part, part.copy() if held is None else held) for part, held in parts]


def put_back(kept: list[tuple[Any, Any]]) -> None:
    """Give lists, dicts, objects and arrays what they held.

    An array that cannot be written holds it still.

    Args:
        kept: what `contents` gave.

    Example:
        >>> xs = [1.0, 2.0]
        >>> kept = contents(xs)
        >>> xs.pop()
        2.0
        >>> put_back(kept)
        >>> xs
        [1.0, 2.0]
    """
    for part, held in kept:
        if isinstance(part, dict):
            part.clear()
            part.update(held)
        elif isinstance(part, list):
            part[:] = held
        elif not isinstance(part, np.ndarray):
            give(part, held)
        elif part.flags.writeable:
            part[...] = held


def own_copy(x: Any) -> Any:
    """A copy of nested lists, tuples, dicts and objects, down to the numbers and arrays in them.

    Example:
        >>> rows = [[1.0], [2.0]]
        >>> own_copy(rows) == rows, own_copy(rows)[0] is rows[0]
        (True, False)
    """
    if isinstance(x, dict):
        return {k: own_copy(v) for k, v in x.items()}
    if isinstance(x, list):
        return [own_copy(v) for v in x]
    if type(x) is tuple:
        return tuple(own_copy(v) for v in x)
    held = attributes(x)
    if held is not None:
        return instance(type(x), **{k: own_copy(v) for k, v in held.items()})
    return x
