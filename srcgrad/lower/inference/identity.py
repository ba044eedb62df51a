"""Whether `is` between two objects may be left to the run: neither is one that the function makes.

An object that is made may be taken apart, or made again, so that what it is tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad.kinds import Kind, is_object, is_tuple, numeric
from srcgrad.lower.base.program import Typed
from srcgrad.syntax.walk import nodes

COMPUTED = (
    gast.BinOp,
    gast.UnaryOp,
    gast.operator,
    gast.unaryop,
    gast.Name,
    gast.Attribute,
    gast.Subscript,
    gast.Constant,
    gast.expr_context,
    gast.keyword,
    gast.Tuple,
)
HANDING_ON = ("zip", "enumerate", "reversed", "list", "tuple", "own_copy", "shallow")


def comparable(typed: Typed, a: gast.expr, b: gast.expr, kinds: tuple[Kind, Kind]) -> bool:
    """Whether two objects are arguments, or parts of some, so that `is` can tell them apart.

    Args:
        typed: the function.
        a: one object.
        b: the other.
        kinds: the kinds of both.
    """
    if not all(is_object(k) and not is_tuple(k) for k in kinds):
        return False
    return all(given(typed, e, set()) for e in (a, b))


def given(typed: Typed, e: gast.expr, seen: set[str]) -> bool:
    """Whether all that an expression may stand for is part of an argument."""
    match e:
        case gast.Subscript(value=base) | gast.Attribute(value=base):
            return given(typed, base, seen)
        case gast.Name(id=label):
            if label in seen:
                return True
            seen.add(label)
            return all(given(typed, v, seen) for v in sources(typed, label))
        case gast.List(elts=elts) | gast.Tuple(elts=elts):
            return all(given(typed, v, seen) for v in elts)
        case gast.Call(func=gast.Name(id=label), args=args):
            return label in HANDING_ON and all(given(typed, a, seen) for a in args)
        case gast.Call(func=gast.Attribute(value=base, attr="pop")):
            return given(typed, base, seen)
        case gast.Constant():
            return True
    return False


def sources(typed: Typed, label: str) -> Iterator[gast.expr]:
    """The values that a function binds a name to, or puts into the list that has this name."""
    for n in nodes(typed.function.node.body):
        match n:
            case gast.Assign(targets=targets, value=value):
                binds = any(label in bound(t) for t in targets)
                if binds or (any(puts(t, label) for t in targets) and not number(typed, value)):
                    yield value
            case gast.For(target=t, iter=value) if label in bound(t):
                yield value
            case gast.Call(func=gast.Attribute(value=gast.Name(id=x)), args=args) if x == label:
                yield from args
            case gast.NamedExpr(target=t, value=value) if label in bound(t):
                yield value


def number(typed: Typed, value: gast.expr) -> bool:
    """Whether a value is no object that the function makes: it may not be typed yet."""
    kind = typed.kinds.get(value)
    if kind is not None:
        return numeric(kind) is not None
    for n in nodes(value):
        if isinstance(n, gast.Call):
            numpy = isinstance(n.func, gast.Attribute) and isinstance(n.func.value, gast.Name)
            if not numpy or n.func.value.id not in ("np", "numpy", "math"):
                return False
        elif not isinstance(n, COMPUTED):
            return False
    return isinstance(value, (gast.BinOp, gast.UnaryOp, gast.Call))


def bound(t: gast.expr) -> set[str]:
    """The names that a target binds."""
    return {n.id for n in nodes(t) if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)}


def puts(t: gast.expr, label: str) -> bool:
    """Whether a target is an item or attribute of what a name stands for."""
    at = t
    while isinstance(at, (gast.Subscript, gast.Attribute)):
        at = at.value
    return at is not t and isinstance(at, gast.Name) and at.id == label
