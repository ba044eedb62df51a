"""Operators: code, or methods of objects that the function made (`__add__` and the like)."""

from __future__ import annotations

import dataclasses

import gast

from srcgrad.kinds import Record, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import class_of, member
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.decide import decided, whole
from srcgrad.lower.elaborate.merging import is_none
from srcgrad.lower.elaborate.names import plain_constant
from srcgrad.lower.elaborate.nature import user_class
from srcgrad.lower.elaborate.order import rebuilt, several, spill
from srcgrad.lower.elaborate.values import Choice, Instance, Items, Known, Plain, Value
from srcgrad.syntax.walk import clone

SPELLED: dict[type, str] = {
    gast.Add: "add",
    gast.Sub: "sub",
    gast.Mult: "mul",
    gast.Div: "truediv",
    gast.FloorDiv: "floordiv",
    gast.Mod: "mod",
    gast.Pow: "pow",
    gast.MatMult: "matmul",
}
SIGNS: dict[type, str] = {gast.USub: "__neg__", gast.UAdd: "__pos__"}
COMPARED: dict[type, tuple[str, str]] = {
    gast.Eq: ("__eq__", "__eq__"),
    gast.NotEq: ("__ne__", "__ne__"),
    gast.Lt: ("__lt__", "__gt__"),
    gast.LtE: ("__le__", "__ge__"),
    gast.Gt: ("__gt__", "__lt__"),
    gast.GtE: ("__ge__", "__le__"),
}


def is_object_value(value: Value) -> bool:
    """Whether operators on a value are methods of its class."""
    match value:
        case Instance():
            return True
        case Plain(kind=Record(type=made)):
            return user_class(made) and not issubclass(made, tuple)
        case Known(value=thing):
            return user_class(type(thing))
    return False


def binary(e: Context, node: gast.BinOp) -> Value:
    """`left op right`; long chains without recursion."""
    chain = [node]
    while isinstance(chain[-1].left, gast.BinOp):
        chain.append(chain[-1].left)
    first = chain[-1]
    value = operated(e, first, *several(e, [first.left, first.right]))
    for n in reversed(chain[:-1]):
        mark = len(e.out)
        right = e.expr(n.right)
        sides = [value]
        if len(e.out) > mark:
            spill(e, sides, mark)
        value = operated(e, n, sides[0], right)
    return value


def operated(e: Context, node: gast.BinOp, left: Value, right: Value) -> Value:
    """The value of an operator on two values."""
    spelled = SPELLED.get(type(node.op), "")
    if is_object_value(left) and spelled and hasattr(class_of(left), f"__{spelled}__"):
        return e.apply(member(e, left, f"__{spelled}__", node), [right], {}, node)
    if is_object_value(right) and spelled and hasattr(class_of(right), f"__r{spelled}__"):
        return e.apply(member(e, right, f"__r{spelled}__", node), [left], {}, node)
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(node.op, gast.Add):
        if left.type is right.type:
            both = [*left.cells.values(), *right.cells.values()]
            return e.held(Items(dict(enumerate(both)), type=left.type))
    if isinstance(left, Items) and isinstance(node.op, gast.Mult) and isinstance(right, Plain):
        times = getattr(right.kind, "value", None)
        if isinstance(times, int):
            return e.held(Items(dict(enumerate([*left.cells.values()] * times)), type=left.type))
    made = rebuilt(e, node, [left, right])
    if isinstance(left, Plain) and isinstance(right, Plain):
        known = whole(node.op, *(getattr(v.kind, "value", None) for v in (left, right)))
        return made if known is None else Plain(made.expr, Static(known))
    return made


def negative(e: Context, node: gast.UnaryOp) -> Value:
    """`not x`, `-x` and `+x`."""
    if isinstance(node.op, gast.Not):
        found = decided(e, node)
        return rebuilt(e, node) if found is None else plain_constant(found)
    value = e.expr(node.operand)
    spelled = SIGNS.get(type(node.op), "")
    if is_object_value(value) and spelled:
        return e.apply(member(e, value, spelled, node), [], {}, node)
    return rebuilt(e, node, [value])


def compared(e: Context, node: gast.Compare) -> Value:
    """A comparison: code, a decision, or a method of an object."""
    found = decided(e, node) if not plain_sides(node) else None
    if found is not None:
        return plain_constant(found)
    values = several(e, [node.left, *node.comparators])
    if isinstance(values[0], Choice) and len(node.ops) == 1:
        return about_choice(e, node, values[0], values[1])
    if len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        there, back = COMPARED[type(node.ops[0])]
        left, right = values
        for thing, other, spelled in ((left, right, there), (right, left, back)):
            written = is_object_value(thing) and getattr(class_of(thing), spelled) is not getattr(
                object, spelled
            )
            if written and generated(class_of(thing), spelled):
                return by_fields(e, node, other)
            if written:
                return e.apply(member(e, thing, spelled, node), [other], {}, node)
    return rebuilt(e, node, values)


def generated(cls: type, spelled: str) -> bool:
    """Whether a comparison is one that `dataclass` wrote."""
    code = getattr(getattr(cls, spelled), "__code__", None)
    if code is None or code.co_filename != "<string>" or not dataclasses.is_dataclass(cls):
        return False
    known = {"__class__", "NotImplemented", *(f.name for f in dataclasses.fields(cls))}
    return "NotImplemented" in code.co_names and set(code.co_names) <= known


def by_fields(e: Context, node: gast.Compare, other: Value) -> Value:
    """A comparison of a dataclass's own, with what is no object: they are not equal."""
    number = isinstance(other, Plain) and isinstance(other.expr, gast.Constant)
    if not number or not isinstance(node.ops[0], gast.Eq):
        raise e.refuse(
            node,
            "a comparison that `dataclass` writes is not supported",
            "Compare the attributes.",
        )
    return plain_constant(False)


def about_choice(e: Context, node: gast.Compare, value: Choice, other: Value) -> Value:
    """`f is None` of what is one of two."""
    if not is_none(other) or not isinstance(node.ops[0], (gast.Is, gast.IsNot)):
        raise e.refuse(
            node, "a comparison of one of two functions is not supported", "Compare on each path."
        )
    wanted = isinstance(node.ops[0], gast.Is)
    yes, no = (is_none(v) is wanted for v in (value.yes, value.no))
    if yes == no:
        return plain_constant(yes)
    test = clone(value.test)
    return Plain(test if yes else placed(gast.UnaryOp(op=gast.Not(), operand=test), node))


def plain_sides(node: gast.Compare) -> bool:
    """Whether both sides of a comparison are constants."""
    return all(isinstance(n, gast.Constant) for n in (node.left, *node.comparators))
