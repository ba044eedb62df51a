"""What is assigned to: names, items, attributes, several of them at once."""

from __future__ import annotations

import gast

from srcgrad.kinds import Kind, Record
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.classes import write_attribute
from srcgrad.lower.elaborate.containers import (
    constant_key,
    delete,
    opened,
    sequence,
    store,
)
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import bind, home, steady
from srcgrad.lower.elaborate.nature import holds_exotic
from srcgrad.lower.elaborate.order import several
from srcgrad.lower.elaborate.passing import parts_of_several
from srcgrad.lower.elaborate.values import Generating, Instance, Items, Known, Plain, Value
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import constant, subscript, target


def assign_to(e: Context, t: gast.expr, value: Value) -> None:
    """`t = value`."""
    if isinstance(t, (gast.Tuple, gast.List)):
        value = e.take(value, t)
    match t:
        case gast.Name():
            if isinstance(value, Known) and value.expr is not None and plain_object(value.value):
                value = Plain(value.expr)
            bind(e, t.id, value)
        case gast.Tuple() | gast.List():
            unpack(e, t, value)
        case gast.Attribute():
            write_attribute(e, e.expr(t.value), t, value)
        case gast.Subscript():
            write_item(e, t, value)
        case gast.Starred():
            assign_to(e, t.value, value)
        case _:
            raise e.refuse(
                t, "this target of an assignment is not supported", "Assign to a name first."
            )


def plain_object(value: object) -> bool:
    """Whether an object is data that later passes know."""
    return not callable(value) and isinstance(value, (dict, list, tuple))


def unpack(e: Context, t: gast.Tuple | gast.List, value: Value) -> None:
    """Assign to several targets."""
    if isinstance(value, Generating):
        value = e.collect(value, t)
    value = opened(e, value)
    found = sequence(value) if not isinstance(value, Plain) or attributes(t) else None
    if isinstance(value, Plain) and isinstance(value.kind, Record) and value.kind.type is tuple:
        if any(not simple(k) for k in value.kind.items):
            whole = steady(e, value, "items")
            found = [
                Plain(placed(subscript(whole.expr, constant(k)), t), inner)
                for k, inner in zip(value.kind.keys, value.kind.items, strict=True)
            ]
    if found is None:
        if not isinstance(value, Plain):
            value = Plain(e.code(value, t))
        unpack_code(e, t, value)
        return
    star = next((i for i, x in enumerate(t.elts) if isinstance(x, gast.Starred)), None)
    count = len(t.elts)
    if (star is None and len(found) != count) or len(found) < count - 1:
        raise e.refuse(t, f"{len(found)} values for {count} names", "Use as many names.")
    found = [steady(e, v, "item") if isinstance(v, Plain) else v for v in found]
    if star is not None:
        after = count - star - 1
        middle = found[star : len(found) - after]
        rest = e.held(Items(dict(enumerate(middle)), type=list))
        packed: Value = rest
        if all(isinstance(v, Plain) and not holds_exotic(v.kind) for v in middle):
            packed = Plain(placed(e.code(rest, t), t))
        found = [*found[:star], packed, *found[len(found) - after :]]
    for x, v in zip(t.elts, found, strict=True):
        assign_to(e, x, v)


def attributes(t: gast.Tuple | gast.List) -> bool:
    """Whether some of several targets are attributes: each is assigned for itself."""
    return any(isinstance(x, gast.Attribute) for x in t.elts)


def simple(kind: object) -> bool:
    """Whether nothing has to be followed in a value of a kind."""
    return not isinstance(kind, Record)


def unpack_code(e: Context, t: gast.Tuple | gast.List, value: Plain) -> None:
    """Assign code to several targets: one statement if all are names."""
    names = stores(t)
    flat = all(
        isinstance(x, gast.Name) or (isinstance(x, gast.Starred) and isinstance(x.value, gast.Name))
        for x in t.elts
    )
    if not flat:
        labels = [e.fresh("item") for _ in t.elts]
        for label in labels:
            e.scope.names[label] = label
        to = gast.Tuple(
            elts=[
                starred(label) if isinstance(x, gast.Starred) else target(label)
                for label, x in zip(labels, t.elts, strict=True)
            ],
            ctx=gast.Store(),
        )
        e.emit(gast.Assign(targets=[placed(to, t)], value=value.expr, type_comment=None))
        for label, x in zip(labels, t.elts, strict=True):
            inner = gast.Name(id=label, ctx=gast.Load(), annotation=None, type_comment=None)
            assign_to(e, x, Plain(placed(inner, t)))
        return
    table = {}
    for n in sorted(names):
        scope = home(e.scope, n) or e.scope
        table[n] = scope.names.setdefault(n, n)
        scope.cells[n] = Plain(stored_load(table[n]), known_parts(t, value).get(n))
    elts = [
        starred(table[x.value.id]) if isinstance(x, gast.Starred) else target(table[x.id])
        for x in t.elts
    ]
    same = all(table[n] == n for n in names)
    to = t if same else placed(type(t)(elts=elts, ctx=gast.Store()), t)
    e.emit(gast.Assign(targets=[to], value=value.expr, type_comment=None))


def known_parts(t: gast.Tuple | gast.List, value: Plain) -> dict[str, Kind]:
    """What is known of the items of a tuple, by the names that they get."""
    return {} if value.kind is None else parts_of_several(t.elts, value.kind)


def stored_load(label: str) -> gast.Name:
    """A name that is read."""
    return gast.Name(id=label, ctx=gast.Load(), annotation=None, type_comment=None)


def starred(label: str) -> gast.Starred:
    """A name that takes the rest."""
    return gast.Starred(value=target(label), ctx=gast.Store())


def write_item(e: Context, t: gast.Subscript, value: Value) -> None:
    """`base[index] = value`."""
    if isinstance(t.value, gast.Name) and not isinstance(value, Plain):
        scope = home(e.scope, t.value.id)
        cell = scope.cells.get(t.value.id) if scope is not None else None
        if scope is not None and empty_dict(cell):
            scope.cells[t.value.id] = e.held(Items(type=dict))
    mark = len(e.out)
    base, index = several(e, [t.value, t.slice])
    if len(e.out) > mark and isinstance(value, Plain):
        raise e.refuse(t, "the index of this assignment has to be named", "Name it before.")
    if isinstance(base, Items):
        found = constant_key(index)
        if found is None:
            raise e.refuse(
                t,
                "a container of functions or objects is written at a varying key",
                "Use constant keys.",
            )
        store(e, base, found[0], value, t)
        return
    if isinstance(base, Instance):
        e.apply(member(e, base, "__setitem__", t), [index, value], {}, t)
        return
    to = t
    codes = e.code(base, t), e.code(index, t)
    if codes[0] is not t.value or codes[1] is not t.slice:
        to = placed(gast.Subscript(value=codes[0], slice=codes[1], ctx=gast.Store()), t)
    e.emit(gast.Assign(targets=[to], value=e.code(value, t), type_comment=None))


def empty_dict(value: Value | None) -> bool:
    """Whether a variable holds a dict that is still empty, and has no other name."""
    return isinstance(value, Plain) and value.kind == Record(dict, (), ())


def remove(e: Context, t: gast.expr) -> bool:
    """`del t`; whether it leaves no code."""
    match t:
        case gast.Name(id=label):
            scope = home(e.scope, label)
            if scope is None or isinstance(scope.cells.get(label), Plain):
                return False
            scope.cells.pop(label, None)
            return True
        case gast.Subscript():
            base = e.expr(t.value)
            if isinstance(base, Items):
                found = constant_key(e.expr(t.slice))
                if found is None or (found[0] not in base.cells and found[0] != -1):
                    raise e.refuse(t, "this item cannot be deleted", "Use constant keys.")
                delete(e, base, found[0], t)
                return True
    return False
