"""Nested arguments: do tangents and cotangents fit them, and results in their structure."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue
from srcgrad.kinds import Kind, List, Record, Scalar, may_be_active
from srcgrad.runtime.objects import attributes, instance, made_of


def fits(t: Any, value: Any, what: str) -> None:
    """Check that a tangent or cotangent has the structure and shapes of a value.

    Raises:
        BadArgument: if it has another structure; the message names the part.
        BadValue: if a part has another shape.

    Example:
        >>> fits(1.0, 2.0, "the cotangent")
    """
    if isinstance(value, dict):
        if not isinstance(t, dict) or t.keys() != value.keys():
            raise BadArgument(f"{what} must be a dict with the keys {', '.join(map(repr, value))}")
        for k in value:
            fits(t[k], value[k], f"{what} at {k!r}")
    elif isinstance(value, (list, tuple)):
        if not isinstance(t, (list, tuple)) or len(t) != len(value):
            raise BadArgument(f"{what} must be a {type(value).__name__} of {len(value)}")
        for i, (a, b) in enumerate(zip(t, value, strict=True)):
            fits(a, b, f"{what} at {i}")
    elif (held := attributes(value)) is not None:
        given = attributes(t)
        if given is None or given.keys() != held.keys():
            raise BadArgument(f"{what} must be an object with the attributes {', '.join(held)}")
        for k in held:
            fits(given[k], held[k], f"{what} at .{k}")
    elif isinstance(value, (float, complex, np.ndarray, np.inexact)):
        if t is None or isinstance(t, (str, dict, list, tuple)):
            raise BadArgument(f"{what} must be a number or an array, not {type(t).__name__}")
        if np.shape(t) != np.shape(value):
            raise BadValue(f"{what} has the shape {np.shape(t)}, and must have {np.shape(value)}")
        if np.iscomplexobj(t) and not np.iscomplexobj(value):
            raise BadValue(f"{what} is complex, and belongs to a real value")


def without_gaps(t: Any, value: Any) -> Any:
    """A tangent with zeros for the ints in lists of floats, which stand for floats there.

    Example:
        >>> without_gaps({"w": [1.0, None], "n": None}, {"w": [2.0, 3], "n": 3})
        {'w': [1.0, 0.0], 'n': None}
    """
    if isinstance(value, dict):
        return {k: without_gaps(t[k], v) for k, v in value.items()}
    if not isinstance(value, (list, tuple)):
        return t
    parts = [without_gaps(a, v) for a, v in zip(t, value, strict=True)]
    if isinstance(value, list):
        pairs = list(zip(parts, value, strict=True))
        parts = [
            (np.zeros(v.shape) if np.shape(v) else 0.0) if a is None and is_int(v) else a
            for a, v in pairs
        ]
    same = all(a is b for a, b in zip(parts, t, strict=True))
    return t if same else like_sequence(value, parts)


def like(t: Any, value: Any) -> Any:
    """A tangent or cotangent whose parts have the types of the parts that they belong to.

    Example:
        >>> like(np.array([1, 2]), np.array([0.5, 0.5])), like(3, 1.0)
        (array([1., 2.]), 3.0)
    """
    if isinstance(value, dict):
        return {k: like(t[k], v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [like(a, v) for a, v in zip(t, value, strict=True)]
        same = all(a is b for a, b in zip(parts, t, strict=True))
        return t if same else like_sequence(t, parts)
    if (held := attributes(value)) is not None:
        given = attributes(t) or {}
        named = {k: like(given[k], v) for k, v in held.items()}
        same = all(named[k] is v for k, v in given.items())
        return t if same else instance(type(t), **named)
    if t is None or not isinstance(value, (float, complex, np.ndarray, np.inexact)):
        return t
    return like_number(t, value)


def like_number(t: Any, value: Any) -> Any:
    """A number or an array in the type of another one, unless that one is of ints."""
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return t if isinstance(t, type(value)) else type(value)(t)
    if dtype.kind not in "fc":
        return t
    if isinstance(value, np.ndarray):
        return np.asarray(t, dtype)
    return t if getattr(t, "dtype", None) == dtype and np.isscalar(t) else dtype.type(t)


def is_int(value: Any) -> bool:
    """Whether a value is an int, or an array of ints."""
    return np.issubdtype(getattr(value, "dtype", type(value)), np.integer)


def rebuilt(place: tuple[Any, ...], kind: Kind, table: dict[tuple[Any, ...], Any]) -> Any:
    """A gradient in the structure of its argument, from its parts; None where there is none."""
    if isinstance(kind, Record):
        parts = [rebuilt((*place, k), i, table) for k, i in zip(kind.keys, kind.items, strict=True)]
        if kind.type in (tuple, list):
            return kind.type(parts)
        if kind.type is dict:
            return dict(zip(kind.keys, parts, strict=True))
        labels = [k.label for k in kind.keys]
        return made_of(kind.type, dict(zip(labels, parts, strict=True)))
    if isinstance(kind, List):
        return table.get(place)
    if not may_be_active(kind):
        return None
    found = table.get(place)
    if found is None or not isinstance(kind, Scalar) or kind.python:
        return found
    return kind.dtype.type(found)


def apart(result: Any, given: list[Any]) -> Any:
    """A result whose arrays share no memory with those that were given.

    Example:
        >>> x = np.ones(2)
        >>> apart((x, 1.0), [x])[0] is x
        False
    """
    if isinstance(result, dict):
        return {k: apart(v, given) for k, v in result.items()}
    if isinstance(result, (list, tuple)):
        return like_sequence(result, [apart(v, given) for v in result])
    if (held := attributes(result)) is not None:
        return instance(type(result), **{k: apart(v, given) for k, v in held.items()})
    if isinstance(result, np.ndarray) and any(touches(result, g) for g in given):
        return result.copy()
    return result


def like_sequence(value: Any, items: list[Any]) -> Any:
    """A list, tuple or namedtuple of the same class with other items.

    Example:
        >>> like_sequence((1, 2), [3, 4])
        (3, 4)
    """
    return items if isinstance(value, list) else tuple.__new__(type(value), items)


def touches(array: np.ndarray, value: Any) -> bool:
    """Whether an array may share memory with some part of a value."""
    if isinstance(value, dict):
        return any(touches(array, v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(touches(array, v) for v in value)
    if (held := attributes(value)) is not None:
        return any(touches(array, v) for v in held.values())
    return isinstance(value, np.ndarray) and np.may_share_memory(array, value)
