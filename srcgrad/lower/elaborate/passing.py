"""What is known of the values that loops go through: items of lists of objects, and their pairs."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import INT, Array, Iteration, Kind, List, Opaque, Record, Scalar
from srcgrad.lower.elaborate.nature import holds_exotic
from srcgrad.lower.elaborate.values import Known, Plain, Value
from srcgrad.rules.shapes import shaped

WALKS = (enumerate, zip, reversed)


def item_kind(over: Value) -> Kind | None:
    """What is known of the items of a value."""
    if not isinstance(over, Plain):
        return None
    found = item_of(over.kind)
    if found is None and isinstance(over.expr, gast.Call):
        return INT if getattr(over.expr.func, "id", "") == "range" else None
    return found


def item_of(kind: Kind | None) -> Kind | None:
    """What is known of the items of a value of a kind; ints may be among floats."""
    match kind:
        case List(item=item):
            return None if isinstance(item, Scalar) else item
        case Array(dims=dims) if dims:
            return shaped(kind.dtype, dims[1:])
        case Iteration(name="reversed", parts=(part,)):
            return item_of(part)
        case Iteration(name="enumerate", parts=(part,)):
            return Record(tuple, (0, 1), (INT, item_of(part) or Opaque()))
        case Iteration(name="zip", parts=parts):
            items = tuple(item_of(p) or Opaque() for p in parts)
            return Record(tuple, tuple(range(len(items))), items)
    return None


def result_kind(function: Value, values: list[Value], node: gast.Call) -> Kind | None:
    """What is known of what Python's own functions make of lists of objects."""
    if not isinstance(function, Known) or not values:
        return None
    if any(k.arg != "strict" for k in node.keywords):
        return None
    values = values[: len(node.args)]
    kinds = [v.kind if isinstance(v, Plain) else None for v in values]
    if not any(isinstance(k, (List, Iteration)) and holds_objects(k) for k in kinds):
        return None
    value: Any = function.value
    if value in (list, tuple) and len(kinds) == 1:
        return List(item_of(kinds[0]))
    if value is zip or (value in WALKS and len(kinds) == 1):
        return Iteration(value.__name__, tuple(k or Opaque() for k in kinds))
    return None


def holds_objects(kind: Kind | None) -> bool:
    """Whether objects that are followed are somewhere in a value of a kind."""
    if isinstance(kind, Iteration):
        return any(map(holds_objects, kind.parts))
    return holds_exotic(kind)


def parts_of_target(t: gast.expr, kind: Kind | None) -> dict[str, Kind]:
    """What is known of the names of a target that takes a value of a kind."""
    if isinstance(kind, Opaque) or kind is None:
        return {}
    match t:
        case gast.Name(id=label):
            return {label: kind}
        case gast.Starred(value=inner):
            return parts_of_target(inner, kind)
        case gast.Tuple(elts=elts) | gast.List(elts=elts):
            return parts_of_several(elts, kind)
    return {}


def parts_of_several(elts: list[gast.expr], kind: Kind) -> dict[str, Kind]:
    """What is known of the names of several targets, of which one may be starred."""
    out: dict[str, Kind] = {}
    if isinstance(kind, List) and holds_objects(kind):
        for x in elts:
            whole = isinstance(x, gast.Starred)
            out |= parts_of_target(x, List(kind.item) if whole else kind.item)
    elif isinstance(kind, Record) and len(kind.items) == len(elts):
        for x, k in zip(elts, kind.items, strict=True):
            if not isinstance(x, gast.Starred):
                out |= parts_of_target(x, k)
    return out
