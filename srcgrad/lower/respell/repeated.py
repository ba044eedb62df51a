"""A name that stands more than once in one target: only the last of its values is kept.

`z, z = a, b` becomes `z|w1, z = a, b`, so that each value has a name of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad.syntax.lives import STATED, unused_name
from srcgrad.syntax.walk import walk


def distinct_targets(node: gast.FunctionDef) -> None:
    """Give the values of a name that one target binds several times names of their own, in place.

    >>> from srcgrad.syntax.quote import function
    >>> f = function("def f(a, x): z, x[z], (z, *y) = a; return z")
    >>> distinct_targets(f)
    >>> [t.id for t in single_targets(f.body[0].targets[0]) if isinstance(t, gast.Name)]
    ['z|e1', 'z', 'y']
    """
    taken: set[str] = set()
    for n in walk(node):
        match n:
            case gast.Assign():
                compound = n.targets
            case gast.For() | gast.AsyncFor() | gast.comprehension():
                compound = [n.target]
            case gast.withitem(optional_vars=gast.expr()):
                compound = [n.optional_vars]
            case _:
                continue
        for t in compound:
            parts = list(single_targets(t))
            bound = [p.id for p in parts if isinstance(p, gast.Name)]
            if len(set(bound)) < len(bound):
                taken = taken or {m.id for m in walk(node) if isinstance(m, gast.Name)}
                rename(parts, bound, taken)


def single_targets(t: gast.expr) -> Iterator[gast.expr]:
    """The names, elements and attributes of a target, in the order in which they are bound."""
    match t:
        case gast.Tuple() | gast.List():
            for e in t.elts:
                yield from single_targets(e)
        case gast.Starred():
            yield from single_targets(t.value)
        case _:
            yield t


def rename(parts: list[gast.expr], bound: list[str], taken: set[str]) -> None:
    """Rename what is bound again in the same target, and the reads in between."""
    left = {name: bound.count(name) for name in bound}
    now: dict[str, str] = {}
    for p in parts:
        if isinstance(p, gast.Name):
            left[p.id] -= 1
            if left[p.id]:
                now[p.id] = unused_name(p.id, STATED, taken)
            else:
                now.pop(p.id, None)
            p.id = now.get(p.id, p.id)
            continue
        for n in walk(p):
            if isinstance(n, gast.Name):
                n.id = now.get(n.id, n.id)
