"""Nested arguments: do tangents and cotangents fit them, and results in their structure."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue
from srcgrad.kinds import Kind, List, Record, may_be_active


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
    elif isinstance(value, (float, np.ndarray, np.floating)):
        if t is None or isinstance(t, (str, dict, list, tuple)):
            raise BadArgument(f"{what} must be a number or an array, not {type(t).__name__}")
        if np.shape(t) != np.shape(value):
            raise BadValue(f"{what} has the shape {np.shape(t)}, and must have {np.shape(value)}")


def rebuilt(place: tuple[Any, ...], kind: Kind, table: dict[tuple[Any, ...], Any]) -> Any:
    """A gradient in the structure of its argument, from its parts; None where there is none."""
    if isinstance(kind, Record):
        parts = [rebuilt((*place, k), i, table) for k, i in zip(kind.keys, kind.items, strict=True)]
        return dict(zip(kind.keys, parts, strict=True)) if kind.type is dict else kind.type(parts)
    if isinstance(kind, List):
        return table.get(place)
    return table.get(place) if may_be_active(kind) else None


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
        return type(result)(apart(v, given) for v in result)
    if isinstance(result, np.ndarray) and any(touches(result, g) for g in given):
        return result.copy()
    return result


def touches(array: np.ndarray, value: Any) -> bool:
    """Whether an array may share memory with some part of a value."""
    if isinstance(value, dict):
        return any(touches(array, v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(touches(array, v) for v in value)
    return isinstance(value, np.ndarray) and np.may_share_memory(array, value)
