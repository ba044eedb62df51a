"""`isinstance` and lengths that kinds decide, whatever the values are."""

from __future__ import annotations

import enum
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static

PYTHON = {"f": float, "i": int, "b": bool, "c": complex}


def classes_of(kind: Kind | None) -> list[type]:
    """The classes that a value of a kind may be an instance of; none if that is not known."""
    match kind:
        case Static(value=value):
            return [type(value)]
        case Array(dims=dims) if dims:
            return [np.ndarray]
        case Scalar(dtype=dtype) if dtype.kind in PYTHON:
            own = PYTHON[dtype.kind]
            if dtype != np.dtype(own) and dtype != np.dtype(np.int64):
                return [dtype.type]
            lower = [PYTHON[k] for k in "cfib"["cfib".index(dtype.kind) :]]  # of other paths
            return [*lower, dtype.type]
        case Record(type=made):
            return [made]
        case List():
            return [list, tuple]
    return []


def is_instance(kinds: dict[gast.AST, Kind], node: gast.Call, *, exact: bool) -> bool | None:
    """Whether a call of `isinstance` is true; None where kinds do not tell, or it is none.

    Args:
        kinds: the kinds of what was typed so far.
        node: the call.
        exact: whether a number is of its kind's own class, as an argument is.
    """
    function = kinds.get(node.func)
    if not (isinstance(function, Static) and function.value is isinstance and len(node.args) == 2):
        return None
    kind, wanted = kinds.get(node.args[0]), known(kinds.get(node.args[1]))
    if wanted is None:
        return None
    found = classes_of(kind)
    if exact and isinstance(kind, Scalar):
        found = found[:1] if kind.python else [kind.dtype.type]
    if exact and isinstance(kind, List):
        return None
    try:
        answers = {issubclass(c, wanted) for c in found}
    except TypeError:
        return None
    return answers.pop() if len(answers) == 1 else None


def known(kind: Kind | None) -> Any:
    """A class, or a tuple of some, that an expression stands for; None if it is not known."""
    if isinstance(kind, Static):
        return kind.value
    if isinstance(kind, Record) and kind.type is tuple:
        parts = [known(k) for k in kind.items]
        return None if None in parts else tuple(parts)
    return None


def size_of(kinds: dict[gast.AST, Kind], node: gast.expr) -> int | None:
    """The length of a tuple, list or dict whose items are known, or a constant int."""
    match node:
        case gast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case gast.Call(args=[inner], keywords=[]):
            function, kind = kinds.get(node.func), kinds.get(inner)
            if isinstance(function, Static) and function.value is len and isinstance(kind, Record):
                return len(kind.keys) if kind.type in (tuple, list, dict) else None
    return None


def member(kinds: dict[gast.AST, Kind], node: gast.expr) -> enum.Enum | None:
    """The member of an enumeration that an expression is."""
    kind = kinds.get(node)
    if isinstance(kind, Static) and isinstance(kind.value, enum.Enum):
        return kind.value
    return None
