"""What the items of a list are, each for itself, where a join would forget it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from srcgrad.kinds import Either, Kind, List, Opaque, Record, numeric
from srcgrad.lower.base.join import is_string


def seen(kinds: Sequence[Kind]) -> Kind | None:
    """What each of some items is, for guards: one kind, with alternatives where they differ.

    Strings and numbers that differ have no values, for a kind that covers several has none.

    >>> from srcgrad.kinds import FLOAT, INT
    >>> seen([FLOAT, INT, FLOAT]) == Either((FLOAT, INT)), seen([FLOAT, FLOAT]) == FLOAT
    (True, True)
    """
    groups: dict[Hashable, list[Kind]] = {}
    for k in dict.fromkeys(kinds):
        groups.setdefault(form(k), []).append(k)
    found = list(dict.fromkeys(k for group in groups.values() for k in alike(group)))
    if len(found) > 1:
        return Either(tuple(found))
    return found[0] if found else None


def form(kind: Kind) -> Hashable:
    """What kinds that can be told part by part have in common."""
    match kind:
        case Record():
            return kind.type, kind.keys
        case List(item=item):
            return list, item is None
    return "a string" if is_string(kind) else type(kind).__name__


def alike(kinds: list[Kind]) -> list[Kind]:
    """The alternatives that kinds of one form leave."""
    first = kinds[0]
    if len(kinds) == 1:
        return kinds
    match first:
        case Record():
            columns = zip(*(k.items for k in kinds if isinstance(k, Record)), strict=True)
            items = tuple(seen(c) or c[0] for c in columns)
            return [Record(first.type, first.keys, items)]
        case List(item=item) if item is not None:
            parts = [k.seen or k.item for k in kinds if isinstance(k, List)]
            return [List(item, seen=seen([p for p in parts if p is not None]))]
    if is_string(first):
        return [Opaque("a string")]
    return [numeric(k) or k for k in kinds]
