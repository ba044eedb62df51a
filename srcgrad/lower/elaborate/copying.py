"""`copy.copy` and `copy.deepcopy` of objects: new objects of the same class and parts."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, is_object, is_tuple
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.lengths import rounds
from srcgrad.lower.elaborate.names import set_slot, steady
from srcgrad.lower.elaborate.values import Instance, Items, Known, Plain, Value
from srcgrad.syntax.quote import constant, subscript
from srcgrad.syntax.walk import clone, nodes

Memo = dict[int, Value]


def copies(node: gast.FunctionDef) -> bool:
    """Whether a function may copy objects."""
    for n in nodes(node.body):
        if isinstance(n, gast.Call):
            label = getattr(n.func, "attr", None) or getattr(n.func, "id", None)
            if label in ("copy", "deepcopy"):
                return True
    return False


def holds_object(kind: Kind | None) -> bool:
    """Whether there is an object somewhere in a value of a kind."""
    match kind:
        case Record(items=items):
            return is_object(kind) or any(map(holds_object, items))
        case List(item=item):
            return holds_object(item)
    return False


def shallow(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`copy.copy(thing)`."""
    if len(args) != 1 or keywords:
        return None
    match args[0]:
        case Items() as old:
            return e.held(Items(dict(old.cells), type=old.type))
        case Plain(kind=Record(type=made) as kind) if is_object(kind) and not is_tuple(kind):
            return renewed(e, Known(made), parts(e, args[0], node), node)
        case Instance() as old if not issubclass(old.cls.value, tuple):
            return renewed(e, old.cls, dict(old.cells), node)
    return args[0] if isinstance(args[0], Instance) else None


def deep(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`copy.deepcopy(thing)`."""
    return None if len(args) != 1 or keywords else copied(e, args[0], {}, node)


def to_follow(function: Known, values: list[Value]) -> bool:
    """Whether a copy is one of an object, or (`copy.deepcopy`) of what holds objects."""
    if len(values) != 1 or not isinstance(values[0], Plain):
        return len(values) == 1 and not isinstance(values[0], Known)
    kind = values[0].kind
    if function.value is copy.deepcopy:
        return holds_object(kind)
    return isinstance(kind, Record) and is_object(kind) and not is_tuple(kind)


def copied(e: Context, value: Value, memo: Memo, node: Any) -> Value:
    """A copy of a value and of all that it holds; what was one thing stays one."""
    if id(value) not in memo:
        memo[id(value)] = anew(e, value, memo, node)
    return memo[id(value)]


def anew(e: Context, value: Value, memo: Memo, node: Any) -> Value:
    """A copy of a value that was not copied yet."""
    match value:
        case Instance():
            inner = {k: copied(e, v, memo, node) for k, v in value.cells.items()}
            return renewed(e, value.cls, inner, node)
        case Items():
            cells = {k: copied(e, v, memo, node) for k, v in value.cells.items()}
            return e.held(Items(cells, type=value.type))
        case Plain(kind=Record(type=made) as kind):
            inner = {k: copied(e, v, memo, node) for k, v in parts(e, value, node).items()}
            if is_object(kind) and not is_tuple(kind):
                return renewed(e, Known(made), inner, node)
            if made in (tuple, list, dict):
                return e.held(Items(kept(e, inner), type=made))
        case Plain(kind=List(item=item)) if holds_object(item):
            found = rounds(e, value, value.expr)
            if found is not None:
                inner = {i: copied(e, v, memo, node) for i, v in enumerate(found)}
                return e.held(Items(kept(e, inner), type=list))
        case Plain(kind=Array(dims=dims)) if dims is not None:
            method = gast.Attribute(value=value.expr, attr="copy", ctx=gast.Load())
            return Plain(placed(gast.Call(func=method, args=[], keywords=[]), node), value.kind)
        case Plain(kind=Scalar() | Static()) | Plain(expr=gast.Constant()) | Known():
            return value
        case Plain(kind=None):
            plus = gast.UnaryOp(op=gast.UAdd(), operand=value.expr)
            return Plain(placed(plus, node))
    raise e.refuse(
        node,
        f"`copy.deepcopy` of {described(value)} cannot be followed",
        "Make new objects: [Body(b.pos, b.vel) for b in bodies].",
    )


def kept(e: Context, cells: dict[Any, Value]) -> dict[Any, Value]:
    """Items that stay what they are."""
    return {k: steady(e, v, "item") if isinstance(v, Plain) else v for k, v in cells.items()}


def parts(e: Context, value: Plain, node: Any) -> dict[Any, Value]:
    """The attributes of an object, or the items of a container, that an argument holds."""
    kind = value.kind
    assert isinstance(kind, Record)
    if is_object(kind) and not is_tuple(kind):
        return {str(k.label): member_of(e, value, k.label, node) for k in kind.keys}
    pairs = zip(kind.keys, kind.items, strict=True)
    return {
        k: Plain(placed(subscript(clone(value.expr), constant(k)), node), inner)
        for k, inner in pairs
    }


def member_of(e: Context, value: Plain, label: str, node: Any) -> Value:
    """An attribute of an object that an argument holds."""
    return member(e, value, label, gast.copy_location(clone(value.expr), node))


def renewed(e: Context, cls: Known, cells: dict[Any, Value], node: Any) -> Instance:
    """A new object with given attributes, made without its constructor."""
    made: type = cls.value
    for hook in ("__copy__", "__deepcopy__", "__reduce__", "__getstate__"):
        if any(hook in vars(c) for c in made.__mro__[:-1]):
            raise e.refuse(
                node,
                f"the class `{made.__name__}` decides itself how it is copied",
                "Copy by hand.",
            )
    new: Instance = e.held(Instance(cls=cls, label=made.__name__.lower()))
    for k, v in cells.items():
        set_slot(e, new, k, v)
    return new


COPYING = {copy.copy: shallow, copy.deepcopy: deep}
