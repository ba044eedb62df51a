"""Subscripts of arrays: which items they have, and the dims that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.kinds import Array, Dim, Kind, Length, List, Record, Scalar, Static, numeric
from srcgrad.lower.base.facts import Facts
from srcgrad.rules.shapes import UNKNOWN, Undecided, broadcast_dims


@dataclass(frozen=True)
class Index:
    """The items of a subscript: tag (int, slice, newaxis, ellipsis, mask, indices), node, kind."""

    items: tuple[tuple[str, gast.expr, Any], ...]


def read_index(evaluator: Any, node: gast.expr) -> Index:
    """Take a subscript apart; its parts get their kinds."""
    nodes = node.elts if isinstance(node, gast.Tuple) else [node]
    items: list[tuple[str, Any, Any]] = []
    for n, kind in indices(evaluator, nodes):
        if isinstance(n, gast.Slice):
            items.append(("slice", n, slice_parts(evaluator, n)))
            continue
        if isinstance(n, gast.Call) and evaluator.typed.callees[n].target is slice:
            items.append(("slice", n, slice_parts(evaluator, as_slice(n))))
            continue
        number = numeric(kind)
        if isinstance(kind, Static) and kind.value is None:
            items.append(("newaxis", n, kind))
        elif isinstance(kind, Static) and kind.value is Ellipsis:
            items.append(("ellipsis", n, kind))
        elif isinstance(number, Scalar) and number.dtype.kind in "iu":
            items.append(("int", n, number))
        elif isinstance(number, Array) and number.dims is not None and number.dtype.kind == "b":
            items.append(("mask", n, number))
        elif isinstance(number, Array) and number.dims is not None and number.dtype.kind in "iu":
            items.append(("indices", n, number))
        elif isinstance(kind, (List, Record)) and kind.type is list:
            length = len(kind.items) if isinstance(kind, Record) else UNKNOWN
            items.append(("indices", n, Array(numeric(Static(0)).dtype, (length,))))  # type: ignore[union-attr]
        else:
            raise Undecided("an index must be an int, a slice, None, a mask or an array of ints")
    return Index(tuple(items))


def indices(evaluator: Any, nodes: list[gast.expr]) -> list[tuple[gast.expr, Kind]]:
    """The items of a subscript with their kinds; a tuple that has a name gives its items."""
    kinds = [evaluator.eval(n) for n in nodes]
    if len(nodes) == 1 and isinstance(kinds[0], Record) and kinds[0].type is tuple:
        return [(nodes[0], k) for k in kinds[0].items]
    return list(zip(nodes, kinds, strict=True))


def as_slice(node: gast.Call) -> gast.Slice:
    """A call of `slice` as the syntax that means the same."""
    parts = [None, *node.args] if len(node.args) == 1 else list(node.args)
    return gast.Slice(*parts, *[None] * (3 - len(parts)))


def slice_parts(evaluator: Any, node: gast.Slice) -> tuple[Any, Any, Any]:
    """Start, stop and step: an int, None, or "?" where they are known at run time only."""
    out: list[Any] = []
    for part in (node.lower, node.upper, node.step):
        kind = evaluator.typed.kinds[part] if part is not None else Static(None)
        number = numeric(kind)
        if isinstance(kind, Static) and kind.value is None:
            out.append(None)
        elif isinstance(number, Scalar) and number.value is not None:
            out.append(number.value)
        else:
            out.append("?")
    return out[0], out[1], out[2]


def slice_length(d: Length, parts: tuple[Any, Any, Any]) -> Length:
    """The length of `x[start:stop:step]` along an axis of length d."""
    start, stop, step = parts
    if start is None and stop is None and step in (None, 1, -1):
        return d
    if isinstance(d, int) and all(p is None or isinstance(p, int) for p in parts):
        return len(range(*slice(*parts).indices(d)))
    if step not in (None, 1) or isinstance(d, int):
        return UNKNOWN
    if start in (None, 0) and isinstance(stop, Dim):
        if stop == d:
            return d
        return stop if stop.base == d.base and stop.offset <= d.offset else UNKNOWN
    if not all(p is None or isinstance(p, int) for p in parts):
        return UNKNOWN
    start = start or 0
    if start >= 0 and (stop is None or stop < 0):
        return d.plus(-start + (stop or 0)) if d.base != "?" else UNKNOWN
    if d.base == "?":
        return UNKNOWN
    return Dim(f"?{d.base}{d.offset:+d}[{start}:{'' if stop is None else stop}]")


def indexed(
    index: Index, dims: tuple[Length, ...], facts: Facts
) -> tuple[tuple[Length, ...], bool]:
    """Dims of a subscript's value, and whether it is known not to raise."""
    taken = sum(item_axes(tag, kind) for tag, _, kind in index.items)
    if taken > len(dims):
        raise Undecided(f"{taken} indices for an array of rank {len(dims)}")
    if not any(tag == "ellipsis" for tag, _, _ in index.items):
        rest_after = len(dims) - taken
    else:
        rest_after = 0
    out: list[Length] = []
    advanced: list[tuple[Length, ...] | None] = []
    advanced_at: list[int] = []
    place: int | None = None
    safe = True
    axes = list(dims)
    has_array = any(tag in ("mask", "indices") for tag, _, _ in index.items)
    for position, (tag, _, kind) in enumerate(index.items):
        if tag == "newaxis":
            out.append(1)
        elif tag == "ellipsis":
            count = len(dims) - taken
            out += axes[:count]
            del axes[:count]
        elif tag == "slice":
            out.append(slice_length(axes.pop(0), kind))
        elif tag == "int" and not has_array:
            safe = within(kind, axes.pop(0), facts) and safe
        else:
            advanced_at.append(position)
            place = len(out) if place is None else place
            for _ in range(item_axes(tag, kind)):
                axes.pop(0)
            advanced.append(
                (UNKNOWN,) if tag == "mask" else kind.dims if isinstance(kind, Array) else ()
            )
            safe = False
    out += axes if rest_after else []
    if not has_array:
        return tuple(out), safe
    together = broadcast_dims(*advanced)
    assert together is not None
    assert place is not None
    contiguous = advanced_at == list(range(advanced_at[0], advanced_at[-1] + 1))
    at = place if contiguous else 0
    return tuple(out[:at]) + together + tuple(out[at:]), safe


def item_axes(tag: str, kind: Any) -> int:
    """How many axes an item of a subscript uses up."""
    if tag in ("newaxis", "ellipsis"):
        return 0
    return len(kind.dims) if tag == "mask" else 1


def within(kind: Scalar, d: Length, facts: Facts) -> bool:
    """Whether an int is known to be a valid index of an axis."""
    if not isinstance(kind.value, int):
        return False
    return facts.at_least(d, kind.value + 1 if kind.value >= 0 else -kind.value)
