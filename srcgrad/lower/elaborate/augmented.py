"""`target op= value`: the target is read first, then the value, then both are put together.

Where the statements that the value needs may change the target, what it was before has a name.
"""

from __future__ import annotations

import builtins
from typing import Any

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import bind, home
from srcgrad.lower.elaborate.operators import SPELLED, is_object_value
from srcgrad.lower.elaborate.order import same, several, spill
from srcgrad.lower.elaborate.targets import assign_to
from srcgrad.lower.elaborate.values import Instance, Items, Plain, Value
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, name, target
from srcgrad.syntax.walk import clone, nodes


def augmented(e: Context, s: gast.AugAssign) -> None:
    """`target op= value`."""
    match s.target:
        case gast.Name():
            variable(e, s, s.target.id)
        case gast.Attribute():
            attribute(e, s, s.target)
        case gast.Subscript():
            item(e, s, s.target)
        case _:
            raise e.refuse(
                s,
                "this target of an in-place operator is not supported",
                "Write it as an assignment.",
            )


def variable(e: Context, s: gast.AugAssign, label: str) -> None:
    """`label op= value`."""
    old = e.expr(gast.copy_location(name(label), s.target))
    if not isinstance(old, Plain) or is_object_value(old):
        assign_to(e, s.target, in_place(e, s, old))
        return
    mark = len(e.out)
    value = e.expr(s.value)
    if getattr(old.expr, "id", "") in stores(*e.out[mark:]):
        bind(e, label, apart(e, s, old.expr, e.code(value, s), mark))
        return
    scope = home(e.scope, label)
    own = scope.names[label] if scope is not None else label
    if isinstance(old.expr, gast.Name) and old.expr.id != own and scope is not None:
        bind(e, label, old)
    code = e.code(value, s)
    if scope is not None:
        scope.cells[label] = Plain(name(own))
    new = gast.AugAssign(target=target(own), op=s.op, value=code)
    same(e, s, new, code is s.value and own == label)


def attribute(e: Context, s: gast.AugAssign, t: gast.Attribute) -> None:
    """`base.attr op= value`."""
    base = e.expr(t.value)
    if isinstance(base, Instance) and isinstance(base.cells.get(t.attr), Plain):
        slot(e, s, base, t.attr)
        return
    load = gast.Attribute(value=t.value, attr=t.attr, ctx=gast.Load())
    if not isinstance(base, Plain):
        assign_to(e, t, in_place(e, s, e.expr(gast.copy_location(load, t))))
        return
    (base,), value, mark = held_while(e, [base], s.value)
    old = gast.Attribute(value=base.expr, attr=t.attr, ctx=gast.Load())
    part(e, s, old, e.code(value, s), mark, unchanged=base.expr is t.value)


def item(e: Context, s: gast.AugAssign, t: gast.Subscript) -> None:
    """`base[index] op= value`."""
    base, index = several(e, [t.value, t.slice])
    if not isinstance(base, Plain):
        load = gast.Subscript(value=t.value, slice=t.slice, ctx=gast.Load())
        assign_to(e, t, in_place(e, s, e.expr(gast.copy_location(load, t))))
        return
    (base, index), value, mark = held_while(e, [base, index], s.value)
    old = gast.Subscript(value=base.expr, slice=e.code(index, s), ctx=gast.Load())
    unchanged = old.value is t.value and old.slice is t.slice
    part(e, s, old, e.code(value, s), mark, unchanged=unchanged)


def part(
    e: Context, s: gast.AugAssign, old: gast.expr, value: gast.expr, mark: int, *, unchanged: bool
) -> None:
    """`old op= value` for a part of a value that is code.

    Args:
        e: the function at work.
        s: the statement.
        old: the part, as it is read.
        value: the code of the value.
        mark: where the statements begin that the value needs.
        unchanged: whether the part is the target as the user wrote it.
    """
    if may_write(e.out[mark:]):
        new = apart(e, s, placed(old, s), value, mark)
        to = clone(old)
        to.ctx = gast.Store()
        e.emit(gast.Assign(targets=[to], value=new.expr, type_comment=None))
        return
    old.ctx = gast.Store()
    new = gast.AugAssign(target=placed(old, s), op=s.op, value=value)
    same(e, s, new, unchanged and value is s.value)


def held_while(e: Context, values: list[Value], node: gast.expr) -> tuple[list[Any], Value, int]:
    """Evaluate an expression after some values, which get names before the statements it needs.

    Returns:
        The values, that of the expression, and where its statements begin.
    """
    mark = len(e.out)
    value = e.expr(node)
    count = len(e.out) - mark
    if count:
        spill(e, values, mark)
    return values, value, len(e.out) - count


def may_write(body: list[gast.stmt]) -> bool:
    """Whether statements may change a part of a value that was there before them."""
    for n in nodes(body):
        if isinstance(n, (gast.Subscript, gast.Attribute)) and not isinstance(n.ctx, gast.Load):
            return True
        if isinstance(n, gast.AugAssign):
            return True
        if isinstance(n, gast.Call) and isinstance(n.func, gast.Name):
            if not hasattr(builtins, n.func.id):
                return True
        if isinstance(n, gast.Call) and isinstance(n.func, gast.Attribute):
            root = n.func.value
            if not isinstance(root, gast.Name) or root.id not in ("np", "numpy", "math"):
                return True
    return False


def apart(e: Context, s: gast.AugAssign, old: gast.expr, value: gast.expr, mark: int) -> Plain:
    """`target op= value` whose value changes the target: what it was before takes the value."""
    label = e.fresh("value")
    e.out.insert(mark, placed(assign(label, old), s))
    e.emit(gast.AugAssign(target=target(label), op=s.op, value=value))
    return Plain(name(label))


def slot(e: Context, s: gast.AugAssign, base: Instance, attr: str) -> None:
    """`self.x op= value` of an object that the function made."""
    if base.frozen:
        assign_to(e, s.target, in_place(e, s, base.cells[attr]))
        return
    held = base.cells[attr]
    mark = len(e.out)
    value = e.code(e.expr(s.value), s)
    own = base.slots.setdefault(attr, e.fresh(f"{base.label}_{attr}"))
    e.rebound_inside.add(own)
    if isinstance(held, Plain) and getattr(held.expr, "id", "") in stores(*e.out[mark:]):
        new = apart(e, s, held.expr, value, mark)
        e.emit(assign(own, new.expr))
        base.cells[attr] = Plain(name(own))
        return
    if isinstance(held, Plain) and getattr(held.expr, "id", "") != own:
        e.emit(assign(own, held.expr))
    e.emit(gast.AugAssign(target=target(own), op=s.op, value=value))
    base.cells[attr] = Plain(name(own))


def in_place(e: Context, s: gast.AugAssign, old: Value) -> Value:
    """The value of `old op value` where methods of objects, or items of lists, decide it."""
    (old,), value, _ = held_while(e, [old], s.value)
    if isinstance(old, Items) and isinstance(value, Items) and isinstance(s.op, gast.Add):
        if old.type is list and not old.frozen:
            old.cells = dict(enumerate([*old.cells.values(), *value.cells.values()]))
            return old
        both = [*old.cells.values(), *value.cells.values()]
        return e.held(Items(dict(enumerate(both)), type=old.type))
    spelled = SPELLED.get(type(s.op), "")
    if is_object_value(old) and spelled:
        cls = old.cls.value if isinstance(old, Instance) else object
        for label in (f"__i{spelled}__", f"__{spelled}__"):
            if hasattr(cls, label):
                return e.apply(member(e, old, label, s.target), [value], {}, s.target)
    if isinstance(old, Plain) and isinstance(value, Plain):
        node = gast.BinOp(left=old.expr, op=s.op, right=value.expr)
        return Plain(placed(node, s))
    raise e.refuse(
        s,
        "this in-place operator on functions or objects is not supported",
        "Write it as an assignment.",
    )
