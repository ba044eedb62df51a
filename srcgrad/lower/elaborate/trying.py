"""What an expression gives, found out without a trace: nothing is emitted, nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gast

from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.values import Plain, Value


def simple(e: Context, parts: list[gast.expr]) -> bool:
    """Whether expressions stay code, and nothing has to come before them."""
    with tried(e) as out:
        values = [e.expr(p) for p in parts]
    return not out and all(isinstance(v, Plain) for v in values)


def quietly(e: Context, node: gast.expr) -> Value:
    """The value of an expression of which nothing is emitted."""
    with tried(e):
        return e.raw(node)


@contextmanager
def tried(e: Context) -> Iterator[list[gast.stmt]]:
    """Emit into a list of its own, and put everything back behind it."""
    state, count, taken = e.snapshot(), e.count, set(e.taken)
    scope, at, opened = e.scope, e.at, len(e.open)
    try:
        with e.into([]) as out:
            yield out
    finally:
        e.restore(state)
        e.count, e.scope, e.at = count, scope, at
        del e.open[opened:]
        e.taken.intersection_update(taken | set(e.foreign))
