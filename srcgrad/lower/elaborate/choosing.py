"""One of two values, of which only the run knows which: a branch for each."""

from __future__ import annotations

from collections.abc import Callable

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.containers import sequence
from srcgrad.lower.elaborate.context import Context, Snapshot
from srcgrad.lower.elaborate.merging import branch, is_none, selectable
from srcgrad.lower.elaborate.names import plain_constant
from srcgrad.lower.elaborate.values import FUNCTIONS, Choice, Items, Known, Plain, Value
from srcgrad.syntax.quote import constant, name
from srcgrad.syntax.walk import clone

RESULT = "|chosen"


def either_way(
    e: Context,
    test: gast.expr,
    yes: Callable[[], Value | None],
    no: Callable[[], Value | None],
    node: gast.expr,
) -> Value:
    """The value of one of two expressions, of which one is evaluated.

    Args:
        e: the elaboration.
        test: decides which.
        yes: elaborates the first; it gives None where it ends in an error.
        no: elaborates the second.
        node: the place of both.
    """
    before = e.snapshot()
    values: list[Value | None] = []
    ends: list[tuple[Snapshot, list[gast.stmt]] | None] = []
    outs: list[list[gast.stmt]] = []
    for make in (yes, no):
        e.restore(before)
        with e.into([]) as out:
            value = make()
        if value is not None:
            e.scope.cells[RESULT] = value
        values.append(value)
        outs.append(out)
        ends.append(None if value is None else (e.snapshot(), out))
    one, other = values
    if not any(outs) and isinstance(one, FUNCTIONS) and isinstance(other, FUNCTIONS):
        e.restore(before)
        return Choice(e.named(Plain(test), "chosen").expr, one, other)
    e.emit(gast.If(test=test, body=outs[0], orelse=outs[1]))
    branch(e, *ends)
    for out in outs:
        if not out:
            out.append(placed(gast.Pass(), node))
    return e.scope.cells.pop(RESULT)


def on_each(e: Context, choice: Choice, make: Callable[[Value], Value], node: gast.expr) -> Value:
    """What becomes of one of two values: a branch for each; None is an error, as in Python."""

    def one(value: Value) -> Value | None:
        if is_none(value):
            e.emit(placed(not_there(), node))
            return None
        return make(value)

    test = clone(choice.test)
    return either_way(e, test, lambda: one(choice.yes), lambda: one(choice.no), node)


def not_there() -> gast.stmt:
    """The error where None, or nothing, stands for a function or an object."""
    text = gast.Constant(value="there is no such function or object here", kind=None)
    error = gast.Call(func=name("TypeError"), args=[text], keywords=[])
    return gast.Raise(exc=error, cause=None)


def picked(e: Context, base: Items | Known, index: Value, node: gast.expr) -> Value | None:
    """The item of a container at a key that varies; None where the items are no functions."""
    keyed = isinstance(base, Items) and base.type is dict
    found = list(base.cells.values()) if isinstance(base, Items) else sequence(base)
    if not found or not isinstance(index, Plain) or not all(map(selectable, found)):
        return None
    at = e.named(index, "index")
    out: Value = plain_constant(None)
    keys = list(base.cells) if isinstance(base, Items) else list(range(len(found)))
    for k, v in reversed(list(zip(keys, found, strict=True))):
        same = [constant(k)] if keyed else [constant(k), constant(k - len(found))]
        test = gast.Compare(
            left=clone(at.expr), ops=[gast.In()], comparators=[gast.Tuple(same, gast.Load())]
        )
        if keyed:
            test = gast.Compare(left=clone(at.expr), ops=[gast.Eq()], comparators=same)
        out = Choice(e.named(Plain(placed(test, node)), "chosen").expr, v, out)
    return out
