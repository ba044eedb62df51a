"""Where two paths meet: the least kind that covers two."""

from __future__ import annotations

import numpy as np

from srcgrad.kinds import (
    Array,
    Dict,
    Dim,
    Iteration,
    Kind,
    Length,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_object,
    numeric,
)

MIXED = (" on one path, ", " on another")


def join_length(a: Length, b: Length) -> Length:
    """A length that may be either."""
    if a == b:
        return a
    if _two_or_more(a) and _two_or_more(b):
        return Dim("?", 0, True)
    return Dim("?")


def _two_or_more(d: Length) -> bool:
    return d >= 2 if isinstance(d, int) else d.many and d.offset >= 0


def join(a: Kind, b: Kind) -> Kind:
    """The least kind that covers both.

    >>> from srcgrad.kinds import FLOAT, INT
    >>> join(FLOAT, INT).dtype
    dtype('float64')
    """
    if a == b:
        return a
    left, right = numeric(a), numeric(b)
    if left is not None and right is not None:
        return join_numbers(left, right)
    match a, b:
        case Dict(), Dict() if type(a.missing) is type(b.missing):
            return join_dicts(a, b)
        case Record(), Record() if a.type is b.type and a.keys == b.keys:
            return Record(a.type, a.keys, tuple(map(join, a.items, b.items)))
        case ((Record() | List()), (Record() | List())) if listlike(a) and listlike(b):
            return join_lists(as_list(a), as_list(b))
        case Iteration(), Iteration() if a.name == b.name and len(a.parts) == len(b.parts):
            return Iteration(a.name, tuple(map(join, a.parts, b.parts)))
    if is_string(a) and is_string(b):
        return Opaque("a string")
    for k in (a, b):
        if is_mixed(k):
            return k
    return Opaque(f"{describe(a)}{MIXED[0]}{describe(b)}{MIXED[1]}")


def is_mixed(kind: Kind | None) -> bool:
    """Whether values have nothing in common on two paths."""
    return isinstance(kind, Opaque) and kind.why.endswith(MIXED[1])


def holds_mixed(kind: Kind | None) -> bool:
    """Whether a value is, or holds, one that has nothing in common on two paths."""
    if isinstance(kind, Record):
        return any(map(holds_mixed, kind.items))
    return holds_mixed(kind.item) if isinstance(kind, List) else is_mixed(kind)


def is_string(kind: Kind) -> bool:
    """Whether a value is a string."""
    return kind == Opaque("a string") or (isinstance(kind, Static) and type(kind.value) is str)


def join_numbers(a: Scalar | Array, b: Scalar | Array) -> Kind:
    """Numbers of two kinds: a dtype that holds both, dims that both have."""
    dtype = a.dtype if a.dtype == b.dtype else np.result_type(a.dtype, b.dtype)
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        same = a.value if a.value == b.value else None
        return Scalar(dtype, a.python or b.python, same)
    if isinstance(a, Array) and isinstance(b, Array) and a.dims is not None and b.dims is not None:
        if len(a.dims) == len(b.dims):
            return Array(dtype, tuple(map(join_length, a.dims, b.dims)))
    return Array(dtype, None)


def listlike(kind: Record | List) -> bool:
    """Whether the kind is a list, or a tuple that can be seen as one."""
    if isinstance(kind, List):
        return not isinstance(kind, Dict)
    return kind.type in (list, tuple)


def holds_numbers(kind: Kind) -> bool:
    """Whether a value is a list or tuple of numbers, or of such lists."""
    if isinstance(kind, Record):
        items: tuple[Kind | None, ...] = kind.items if listlike(kind) else ()
    else:
        items = (kind.item,) if isinstance(kind, List) and listlike(kind) else ()
    found = [i is not None and (numeric(i) is not None or holds_numbers(i)) for i in items]
    return bool(found) and all(found)


def as_list(kind: Record | List) -> List:
    """The kind with items of one kind, their number forgotten."""
    if isinstance(kind, List):
        return kind
    item: Kind | None = None
    for k in kind.items:
        k = as_list(k) if isinstance(k, Record) and k.type is list else k
        item = k if item is None else join(item, k)
    return List(item)


def join_lists(a: List, b: List) -> List:
    """Lists of either kind of item."""
    length = a.length if a.length == b.length else None
    if a.item is None or b.item is None:
        return List(a.item or b.item, length)
    return List(join(a.item, b.item), length)


def join_dicts(a: Dict, b: Dict) -> Dict:
    """Dicts of either kind of value and key."""
    item = join(a.item, b.item) if a.item and b.item else a.item or b.item
    key = join(a.key, b.key) if a.key and b.key else a.key or b.key
    return Dict(item, None, key, a.missing)


def describe(kind: Kind) -> str:
    """A kind in words, for errors."""
    match kind:
        case Scalar(python=True):
            return {"f": "a float", "i": "an int", "b": "a bool"}.get(
                kind.dtype.kind, f"a {kind.dtype}"
            )
        case Scalar():
            return f"a {kind.dtype}"
        case Array(dims=None):
            return "a number or an array"
        case Array():
            return f"an array of rank {len(kind.dims)} of {kind.dtype}"  # type: ignore[arg-type]
        case Record() if is_object(kind):
            return f"an object of {kind.type.__name__}"
        case Record():
            return f"a {kind.type.__name__} of {len(kind.items)}"
        case Dict():
            return "a dict"
        case List():
            return "a list"
        case Static():
            return (
                repr(kind.value)
                if isinstance(kind.value, (str, bool, type(None)))
                else f"{kind.value!r}"
            )
        case Iteration():
            return f"{kind.name}(...)"
        case Opaque(why=why) if why:
            return why
        case _:
            return "an unknown value"
