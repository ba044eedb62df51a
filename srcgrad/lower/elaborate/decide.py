"""Tests that are decided before the function runs: about functions, objects and their number."""

from __future__ import annotations

import builtins
import enum
import operator
from typing import Any

import gast

from srcgrad.kinds import Array, List, Record, Scalar, Static
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import home, read_name
from srcgrad.lower.elaborate.nature import is_row
from srcgrad.lower.elaborate.values import (
    FUNCTIONS,
    Choice,
    Closure,
    Conflict,
    Instance,
    Items,
    Known,
    Plain,
    Value,
)
from srcgrad.lower.inference.folding import SIZES

WHOLE: dict[type, Any] = {
    gast.Add: operator.add,
    gast.Sub: operator.sub,
    gast.FloorDiv: operator.floordiv,
    gast.Mod: operator.mod,
}
COMPARISONS = SIZES | {gast.Is: operator.is_, gast.IsNot: operator.is_not}


def decided(e: Context, test: gast.expr) -> bool | None:
    """Whether a test is true; None where only the run can tell. Nothing is emitted."""
    found = static(e, test)
    return None if found is None else bool(found[0])


def static(e: Context, node: gast.expr) -> tuple[Any] | None:
    """The value of an expression that is known, in a tuple; None where it is not."""
    match node:
        case gast.Constant(value=value):
            return (value,)
        case gast.Name() | gast.Attribute() | gast.Subscript():
            return of_value(quiet(e, node))
        case gast.UnaryOp(op=gast.Not()):
            inner = static(e, node.operand)
            return None if inner is None else (not inner[0],)
        case gast.BoolOp(op=op):
            stop = isinstance(op, gast.Or)
            for v in node.values:
                found = static(e, v)
                if found is None or bool(found[0]) is stop:
                    return found
            return (not stop,)
        case gast.BinOp(left=left, op=op, right=right) if not nested(left, right):
            sides = static(e, left), static(e, right)
            value = whole(op, *(s[0] if s else None for s in sides))
            return None if value is None else (value,)
        case gast.Compare(ops=[op], comparators=[right]):
            return comparison(e, node.left, op, right)
        case gast.Call(func=gast.Name(id=label), keywords=[]) if home(
            e.scope, label
        ) is None and e.scope.owner.binds(label):
            value = e.scope.owner.lookup(label)
            if value is getattr(builtins, label, None):
                return asked(e, value, node.args)
    return None


def nested(*sides: gast.expr) -> bool:
    """Whether an operator stands on another one."""
    return any(isinstance(s, gast.BinOp) for s in sides)


def whole(op: gast.AST, a: Any, b: Any) -> int | None:
    """What an operator gives for two ints; None for other values, and where it raises."""
    make = WHOLE.get(type(op))
    if make is None or type(a) is not int or type(b) is not int:
        return None
    return None if b == 0 and make in (operator.floordiv, operator.mod) else make(a, b)


def quiet(e: Context, node: gast.expr) -> Value | None:
    """What a name, or a path of attributes of objects that are followed, stands for."""
    match node:
        case gast.Name():
            scope = home(e.scope, node.id)
            if scope is not None:
                found = scope.cells.get(node.id)
                return None if isinstance(found, Conflict) else found
            return read_name(e, node)
        case gast.Attribute(value=base, attr=attr):
            inner = quiet(e, base)
            if isinstance(inner, Instance):
                return inner.cells.get(attr)
            if isinstance(inner, Known) and isinstance(inner.value, enum.EnumMeta):
                return Known(getattr(inner.value, attr, None))
        case gast.Subscript(value=base, slice=gast.Constant(value=key)):
            inner = quiet(e, base)
            if isinstance(inner, Items):
                return inner.cells.get(key)
    return None


def of_value(value: Value | None) -> tuple[Any] | None:
    """What is known of a value, as an object that is as true as it is; in a tuple."""
    match value:
        case Plain(kind=Static(value=v)):
            return (v,)
        case Known():
            return (value.value,)
        case Items():
            return (len(value.cells),)
        case Closure() | Instance():
            return (value,)
    return None


def comparison(e: Context, left: gast.expr, op: gast.AST, right: gast.expr) -> tuple[bool] | None:
    """A comparison of two values."""
    if isinstance(op, (gast.In, gast.NotIn)):
        key, where = static(e, left), quiet(e, right)
        if key is None or not isinstance(where, Items) or where.type is not dict:
            return None
        return ((key[0] in where.cells) is isinstance(op, gast.In),)
    if isinstance(op, (gast.Is, gast.IsNot)) and is_none(right):
        value = quiet(e, left)
        if isinstance(value, Choice):
            return None
        if isinstance(value, (*FUNCTIONS, Instance, Items)) and not (
            isinstance(value, Known) and value.value is None
        ):
            return (isinstance(op, gast.IsNot),)
        if isinstance(value, Plain) and isinstance(value.kind, (Array, Scalar, Record, List)):
            return (isinstance(op, gast.IsNot),)
    a, b = static(e, left), static(e, right)
    if a is None or b is None or isinstance(quiet(e, left), Items):
        return None
    simple = (int, str, bool, float, type(None), type)
    if isinstance(op, (gast.Is, gast.IsNot)) and isinstance(a[0], (int, str, float)):
        if not isinstance(a[0], bool):
            return None
    compare = COMPARISONS.get(type(op))
    if compare is None:
        return None
    if isinstance(op, (gast.Lt, gast.LtE, gast.Gt, gast.GtE)) and not (
        isinstance(a[0], (int, float)) and isinstance(b[0], (int, float))
    ):
        return None
    if isinstance(a[0], simple) or isinstance(op, (gast.Is, gast.IsNot)):
        return (compare(a[0], b[0]),)
    return None


def is_none(node: gast.expr) -> bool:
    """Whether an expression is `None`."""
    return isinstance(node, gast.Constant) and node.value is None


def asked(e: Context, function: Any, args: list[gast.expr]) -> tuple[Any] | None:
    """What a builtin that asks about a value says."""
    value = quiet(e, args[0]) if args else None
    if function is callable and len(args) == 1:
        return callable_value(value)
    if function is len and len(args) == 1 and isinstance(value, Items):
        return (len(value.cells),)
    if function is len and len(args) == 1 and isinstance(value, Plain):
        if isinstance(value.kind, Record) and is_row(value.kind):
            return (len(value.kind.keys),)
    if function is isinstance and len(args) == 2:
        classes = classes_of(e, args[1])
        made = type_of(value)
        if classes is not None and made is not None:
            return (issubclass(made, classes),)
    if function is hasattr and len(args) == 2 and isinstance(args[1], gast.Constant):
        if isinstance(value, Instance):
            if (value, args[1].value) in e.unsure:
                return None
            found = args[1].value in value.cells or hasattr(value.cls.value, args[1].value)
            if not found:
                e.absent.add((value, args[1].value))
            return (found,)
    return None


def callable_value(value: Value | None) -> tuple[bool] | None:
    """Whether a value can be called."""
    match value:
        case Known():
            return (callable(value.value),)
        case Instance():
            return ("__call__" in dir(value.cls.value),)
        case Plain(kind=Static(value=v)):
            return (callable(v),)
        case Plain(kind=Array() | Scalar() | List()):
            return (False,)
        case Items():
            return (False,)
    return (True,) if isinstance(value, FUNCTIONS) else None


def type_of(value: Value | None) -> type | None:
    """The class of a value."""
    match value:
        case Instance():
            return value.cls.value
        case Items():
            return value.type
        case Known():
            return type(value.value)
        case Closure():
            return type(type_of)
        case Plain(kind=Static(value=v)):
            return type(v)
        case Plain(kind=Record(type=made)):
            return made
        case Plain(kind=List()):
            return list
        case Plain(kind=Scalar(python=True, dtype=dtype)):
            return {"f": float, "i": int, "b": bool, "c": complex}.get(dtype.kind)
        case Plain(kind=Scalar(dtype=dtype)):
            return dtype.type
    return None


def classes_of(e: Context, node: gast.expr) -> tuple[type, ...] | None:
    """The classes that `isinstance` is asked about."""
    if isinstance(node, gast.Tuple):
        inner = [classes_of(e, n) for n in node.elts]
        return None if None in inner else tuple(c for i in inner if i for c in i)
    value = quiet(e, node)
    if isinstance(value, Known) and isinstance(value.value, type):
        return (value.value,)
    return None
