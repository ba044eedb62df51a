"""Kinds that a change of a list or dict through one name makes wrong for another name.

The kind of a container is followed by its name. Where a container has several names, a change
through one of them must leave the kinds of all others true: items of the same kinds, by the same
keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.kinds import Array, Kind, List, Record, Static, is_tuple, numeric
from srcgrad.lower.base.join import join
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.rearranged import MOVING
from srcgrad.lower.memory.aliases import summarise
from srcgrad.lower.memory.holding import height
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk

Steps = tuple[Any, ...]


def outdated(pairing: Any) -> bool:
    """Whether the kind of a name may be wrong after a change through another one.

    Args:
        pairing: what looks at the names of the class.
    """
    typed = pairing.typed
    aliases = summarise(typed)
    own = names_of_one(typed)
    for base, key, new in changes(pairing):
        if isinstance(base, gast.Name) and base.id in own:
            continue
        kind = typed.kinds.get(base)
        if isinstance(kind, List) and kind.item is None and new is not None:
            kind = List(new)
        here = path_of(base)
        group = aliases.container(here[0])
        for m in sorted(m for m in pairing.members if aliases.container(m) == group):
            for steps, part in parts(typed.variables.get(m)):
                if (m, *steps) != here and alike(part, kind) and not holds(part, key, new):
                    return True
    return False


def names_of_one(typed: Typed) -> set[str]:
    """Names of containers that are made here and that nothing else ever refers to."""
    node = typed.function.node
    read = {id(n.value) for n in walk(node) if isinstance(n, (gast.Subscript, gast.Attribute))}
    made: set[str] = set()
    other = set(typed.parameters)
    for n in walk(node):
        match n:
            case gast.Assign(targets=[gast.Name(id=to)], value=gast.List() | gast.Dict()):
                made.add(to)
            case gast.Assign() | gast.For():
                other |= stores(*(n.targets if isinstance(n, gast.Assign) else [n.target]))
            case gast.Name(id=used, ctx=gast.Load()) if id(n) not in read:
                other.add(used)
    return made - other


def changes(pairing: Any) -> Iterator[tuple[gast.expr, Kind | None, Kind | None]]:
    """Containers whose items a function changes, with the key and kind of what is put there.

    The key is None for what is added at the end; so is the kind for what is taken away.
    """
    kinds = pairing.typed.kinds
    for n in walk(pairing.typed.function.node):
        match n:
            case gast.Subscript(ctx=gast.Store() | gast.Del(), value=base):
                if isinstance(kinds.get(base), (List, Record)) and pairing.touches(n):
                    new = kinds.get(n) if isinstance(n.ctx, gast.Store) else None
                    if not isinstance(n.slice, gast.Slice):
                        yield base, kinds.get(n.slice), new
                        continue
                    items: list[Kind | None] = [*items_of(new)]
                    for item in items or [None]:
                        yield base, None, item
            case gast.Call(func=gast.Attribute(value=base, attr=attr)) if attr in MOVING:
                if isinstance(kinds.get(base), (List, Record)) and pairing.shares(base):
                    added = attr in ("append", "insert")
                    yield base, None, kinds.get(n.args[-1]) if added else None


def parts(kind: Kind | None, steps: Steps = ()) -> Iterator[tuple[Steps, Kind]]:
    """The lists and dicts in a value, with the keys that lead to them (None in a list)."""
    match kind:
        case List(item=item):
            yield steps, kind
            yield from parts(item, (*steps, None))
        case Record(keys=keys, items=items):
            if not is_tuple(kind):
                yield steps, kind
            for k, item in zip(keys, items, strict=True):
                yield from parts(item, (*steps, k))


def path_of(node: gast.expr) -> Steps:
    """A name and the keys behind it, as `parts` has them."""
    steps: list[Any] = []
    while isinstance(node, gast.Subscript):
        steps.append(getattr(node.slice, "value", None))
        node = node.value
    return (getattr(node, "id", ""), *reversed(steps))


def alike(a: Kind | None, b: Kind | None) -> bool:
    """Whether two kinds may be those of one container."""
    if isinstance(a, (List, Record)) and isinstance(b, (List, Record)):
        if is_dict(a) is not is_dict(b) or is_tuple(a) is not is_tuple(b):
            return False
        if height(a) != height(b):
            return False
        return all(alike(i, j) for i in items_of(a) for j in items_of(b)) or is_dict(a)
    one, other = numeric(a) if a else None, numeric(b) if b else None
    if one is None or other is None:
        return (one is None) is (other is None)
    if isinstance(one, Array) and isinstance(other, Array) and one.dims and other.dims:
        return len(one.dims) == len(other.dims)
    return isinstance(one, Array) is isinstance(other, Array) or None in (
        getattr(one, "dims", ()),
        getattr(other, "dims", ()),
    )


def holds(kind: Kind, key: Kind | None, new: Kind | None) -> bool:
    """Whether a kind of container stays true when an item is put there, added or taken away."""
    if isinstance(kind, List):
        return new is None or (kind.item is not None and join(kind.item, new) == kind.item)
    assert isinstance(kind, Record)
    if new is None or not isinstance(key, Static) or key.value not in kind.keys:
        return False
    old = kind.items[kind.keys.index(key.value)]
    return join(old, new) == old


def is_dict(kind: Kind) -> bool:
    """Whether a container is a dict, or an object with attributes."""
    return isinstance(kind, Record) and kind.type is not list and not is_tuple(kind)


def items_of(kind: Kind | None) -> list[Kind]:
    """The kinds of the items of a container."""
    if isinstance(kind, Record):
        return list(kind.items)
    return [kind.item] if isinstance(kind, List) and kind.item is not None else []
