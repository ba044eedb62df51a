"""Tests that the kinds of the arguments decide: `weights is None`, a flag, the name of a mode.

Only parameters that are never bound again, and constants, decide: their kinds are in the guard.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast

from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static
from srcgrad.lower.base.classes import is_instance, member, size_of
from srcgrad.syntax.lives import STATED, role

UNDECIDED = object()
SIZES: dict[type, Callable[[Any, Any], bool]] = {
    gast.Eq: operator.eq,
    gast.NotEq: operator.ne,
    gast.Lt: operator.lt,
    gast.LtE: operator.le,
    gast.Gt: operator.gt,
    gast.GtE: operator.ge,
}


def value_of(kinds: dict[gast.AST, Kind], steady: frozenset[str], node: gast.expr) -> Any:
    """The value of a constant, or of a parameter (or a part of one) whose kind is its value."""
    match node:
        case gast.Constant(value=value):
            return value if isinstance(value, (str, bool, type(None))) else UNDECIDED
        case gast.Name() | gast.Subscript() | gast.Attribute() if from_parameter(steady, node):
            kind = kinds.get(node)
            if isinstance(kind, Static) and isinstance(kind.value, (str, bool, type(None))):
                return kind.value
        case gast.Name() if is_none(kinds, node):
            return None
    return UNDECIDED


def is_none(kinds: dict[gast.AST, Kind], node: gast.Name) -> bool:
    """Whether a variable is None wherever control comes from, so that it may be bound later."""
    kind = kinds.get(node)
    return isinstance(kind, Static) and kind.value is None


def whole_of(kinds: dict[gast.AST, Kind], steady: frozenset[str], node: gast.expr) -> int | None:
    """A length, or an int that a parameter is known to be."""
    kind = kinds.get(node)
    if isinstance(node, gast.Name) and node.id in steady and isinstance(kind, Static):
        return kind.value if type(kind.value) is int else None
    return size_of(kinds, node)


def is_number(node: gast.expr) -> bool:
    """Whether an expression is a constant that is a number."""
    return isinstance(node, gast.Constant) and type(node.value) in (int, float)


def from_parameter(steady: frozenset[str], node: gast.expr) -> bool:
    """Whether an expression is a parameter, or a part of one named by constants."""
    while isinstance(node, gast.Attribute) or (
        isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant)
    ):
        node = node.value
    return isinstance(node, gast.Name) and (node.id in steady or role(node.id) == STATED)


def never_none(kinds: dict[gast.AST, Kind], steady: frozenset[str], node: gast.expr) -> bool:
    """Whether an expression is a name or a parameter's part that holds a number or a container."""
    return (isinstance(node, gast.Name) or from_parameter(steady, node)) and isinstance(
        kinds.get(node), (Array, Scalar, List, Record)
    )


def truth(
    kinds: dict[gast.AST, Kind], steady: frozenset[str], node: gast.expr, *, given: bool
) -> bool | None:
    """Whether a test is true; None where that is known at run time only.

    Args:
        kinds: the kinds of what was typed so far.
        steady: parameters that are never bound again.
        node: the test.
        given: whether the parameters are arguments, whose kinds the guard checks.
    """
    match node:
        case gast.UnaryOp(op=gast.Not()):
            inner = truth(kinds, steady, node.operand, given=given)
            return None if inner is None else not inner
        case gast.BoolOp(op=op):
            stop = isinstance(op, gast.Or)
            for v in node.values:
                found = truth(kinds, steady, v, given=given)
                if found is None or found is stop:
                    return found
            return not stop
        case gast.Call(args=[of, _]):
            exact = given and isinstance(of, gast.Name) and of.id in steady
            return is_instance(kinds, node, exact=exact)
        case gast.Compare(ops=[gast.In() | gast.NotIn()]) if isinstance(
            held := kinds.get(node), Static
        ):
            return bool(held.value)
        case gast.Compare(ops=[op], comparators=[right]):
            return compared(kinds, steady, node.left, op, right)
    held = kinds.get(node)
    if isinstance(node, gast.Name) and isinstance(held, Record):
        known = held.type in (tuple, list) or (held.type is dict and node.id in steady)
        return bool(held.keys) if known else None
    value = value_of(kinds, steady, node)
    return None if value is UNDECIDED else bool(value)


def compared(
    kinds: dict[gast.AST, Kind],
    steady: frozenset[str],
    left: gast.expr,
    op: gast.AST,
    right: gast.expr,
) -> bool | None:
    """Whether a comparison is true; None where that is known at run time only."""
    a = value_of(kinds, steady, left)
    first, second = whole_of(kinds, steady, left), whole_of(kinds, steady, right)
    if first is not None and second is not None and type(op) in SIZES:
        return bool(SIZES[type(op)](first, second))
    if is_number(left) and is_number(right) and type(op) in SIZES:
        return bool(SIZES[type(op)](left.value, right.value))
    one, other = member(kinds, left), member(kinds, right)
    if one is not None and other is not None and isinstance(op, (gast.Eq, gast.NotEq)):
        return (one == other) is isinstance(op, gast.Eq)
    if isinstance(op, (gast.In, gast.NotIn)) and isinstance(right, (gast.Tuple, gast.List)):
        items = [value_of(kinds, steady, e) for e in right.elts]
        if a is UNDECIDED or any(i is UNDECIDED for i in items):
            return None
        return (a in items) is isinstance(op, gast.In)
    b = value_of(kinds, steady, right)
    if isinstance(op, (gast.Is, gast.IsNot)):
        if b is None and never_none(kinds, steady, left):
            return isinstance(op, gast.IsNot)
        if a is UNDECIDED or b is UNDECIDED or isinstance(a, str) or isinstance(b, str):
            return None
        return (a is b) is isinstance(op, gast.Is)
    if a is UNDECIDED or b is UNDECIDED or not isinstance(op, (gast.Eq, gast.NotEq)):
        return None
    return (a == b) is isinstance(op, gast.Eq)
