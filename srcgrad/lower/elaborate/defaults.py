"""Attributes that an object has from its class until the function sets them on some path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import from_class
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.values import Instance, Plain, Value
from srcgrad.syntax.quote import assign, name


def class_default(e: Context, thing: Instance, attr: str) -> Value:
    """What an object has under a name that it has not set itself."""
    node = gast.Attribute(value=gast.Constant(value=None, kind=None), attr=attr, ctx=gast.Load())
    return from_class(e, thing.cls.value, thing.cls, thing, gast.copy_location(node, e.at))


def completed(e: Context, thing: Instance, cells: dict[Any, Value], other: Iterable[Any]) -> Any:
    """The attributes of an object on one path, those included that it has from its class there.

    Args:
        e: the elaboration.
        thing: the object.
        cells: what has been set on this path.
        other: what has been set on another one.
    """
    out = dict(cells)
    for k in other:
        if k in cells:
            continue
        if hasattr(thing.cls.value, k):
            out[k] = class_default(e, thing, k)
        else:
            e.unsure.add((thing, k))
    return out


def with_defaults(e: Context, s: gast.stmt, work: Callable[[], bool]) -> bool:
    """Elaborate a loop or `try`, of which any part may run, or none.

    What an object has from its class and a part sets is set before already. Of anything else that
    a part is the first to set, it is not known behind it whether the object has it.

    Args:
        e: the elaboration.
        s: the statement.
        work: elaborates it; may be called twice.
    """
    before, mark, first = e.snapshot(), len(e.out), len(e.set_first)
    out = work()
    found = [(h, k) for h, k in e.set_first[first:] if h in before and k not in before[h]]
    inherited = [(h, k) for h, k in dict.fromkeys(found) if hasattr(h.cls.value, k)]
    e.unsure.update(set(found) - set(inherited))
    if e.unsure & e.absent:
        key = min(k for _, k in e.unsure & e.absent)
        what = f"whether an object has `{key}` depends on which parts of this have run"
        raise e.refuse(s, what, "Set it before.")
    if not inherited:
        return out
    e.restore(before)
    del e.out[mark:]
    for h, k in inherited:
        value = class_default(e, h, k)
        if isinstance(value, Plain):
            label = h.slots.setdefault(k, e.fresh(f"{h.label}_{k}"))
            e.rebound_inside.add(label)
            e.out.append(placed(assign(label, value.expr), s))
            value = Plain(name(label), value.kind)
        h.cells[k] = value
    return with_defaults(e, s, work)
