"""Which parts of a value have a tangent, and whether that of one kind will serve as another's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from srcgrad.kinds import Array, Dict, Kind, List, Record, is_number, may_be_active


def structure(kind: Kind | None) -> Any:
    """Which parts of a value have a tangent."""
    if kind is None or not may_be_active(kind):
        return None
    match kind:
        case Record():
            return (kind.type, *map(structure, kind.items))
        case List():
            return (list, structure(kind.item))
    return "number"


def agree(have: Kind | None, want: Kind | None) -> bool:
    """Whether a tangent of one kind will serve as one of another."""
    if have is None or want is None or not may_be_active(want):
        return True
    if not may_be_active(have):
        return False
    match have, want:
        case Dict(), Dict():
            return agree(have.item, want.item)
        case (Dict(), _) | (_, Dict()):
            return isinstance(have, Record) and not have.keys
        case Record(), Record():
            return have.keys == want.keys and all(map(agree, have.items, want.items))
        case Record(), List():
            return all(agree(i, want.item) for i in have.items)
        case List(), List():
            return agree(have.item, want.item)
        case List(), Record():
            return all(agree(have.item, i) for i in want.items)
        case Array(), Record():
            return True
    return is_number(have) and is_number(want)


def wanted_items(have: Kind, want: Kind | None) -> Iterable[Kind | None]:
    """The kinds that the items of a record are to serve as."""
    assert isinstance(have, Record)
    match want:
        case Record():
            table = dict(zip(want.keys, want.items, strict=True))
            return [table.get(k, item) for k, item in zip(have.keys, have.items, strict=True)]
        case List(item=item) if item is not None:
            return [item] * len(have.items)
    return have.items
