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
from srcgrad.syntax.quote import assign, name
from srcgrad.syntax.walk import clone, nodes


def augmented(e: Context, s: gast.AugAssign) -> None:
    """`target op= value`."""
    match s.target:
        case gast.Name(id=label):
            load = gast.copy_location(name(label), s.target)
            old = e.expr(load)
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
            new = gast.AugAssign(target=store(own), op=s.op, value=code)
            same(e, s, new, code is s.value and own == label)
        case gast.Attribute(value=base_node, attr=attr):
            base = e.expr(base_node)
            if isinstance(base, Instance) and isinstance(base.cells.get(attr), Plain):
                slot(e, s, base, attr)
                return
            load = gast.copy_location(
                gast.Attribute(value=base_node, attr=attr, ctx=gast.Load()), s.target
            )
            if isinstance(base, Plain):
                values, value, mark = held_while(e, [base], s.value)
                base = values[0]
                if may_write(e.out[mark:]):
                    old = placed(gast.Attribute(value=base.expr, attr=attr, ctx=gast.Load()), s)
                    new = apart(e, s, old, e.code(value, s), mark)
                    to = gast.Attribute(value=clone(base.expr), attr=attr, ctx=gast.Store())
                    e.emit(gast.Assign(targets=[to], value=new.expr, type_comment=None))
                    return
                to = gast.Attribute(value=base.expr, attr=attr, ctx=gast.Store())
                new = gast.AugAssign(target=placed(to, s), op=s.op, value=e.code(value, s))
                same(e, s, new, base.expr is base_node and new.value is s.value)
                return
            assign_to(e, s.target, in_place(e, s, e.expr(load)))
        case gast.Subscript(value=base_node, slice=index_node):
            base, index = several(e, [base_node, index_node])
            if not isinstance(base, Plain):
                load = gast.Subscript(value=base_node, slice=index_node, ctx=gast.Load())
                old = e.expr(gast.copy_location(load, s.target))
                assign_to(e, s.target, in_place(e, s, old))
                return
            (base, index), value, mark = held_while(e, [base, index], s.value)
            codes = base.expr, e.code(index, s), e.code(value, s)
            if may_write(e.out[mark:]):
                old = gast.Subscript(value=codes[0], slice=codes[1], ctx=gast.Load())
                new = apart(e, s, placed(old, s), codes[2], mark)
                to = clone(old)
                to.ctx = gast.Store()
                e.emit(gast.Assign(targets=[to], value=new.expr, type_comment=None))
                return
            unchanged = codes == (base_node, index_node, s.value)
            to = gast.Subscript(value=codes[0], slice=codes[1], ctx=gast.Store())
            same(e, s, gast.AugAssign(target=placed(to, s), op=s.op, value=codes[2]), unchanged)
        case _:
            raise e.refuse(
                s,
                "this target of an in-place operator is not supported",
                "Write it as an assignment.",
            )


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
    e.emit(gast.AugAssign(target=store(label), op=s.op, value=value))
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
    e.emit(gast.AugAssign(target=store(own), op=s.op, value=value))
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


def store(label: str) -> gast.Name:
    """A name that is bound."""
    return gast.Name(id=label, ctx=gast.Store(), annotation=None, type_comment=None)
