"""`with`: blocks of context managers that the user wrote are written out, others stay."""

from __future__ import annotations

import gast

from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.generators import produce
from srcgrad.lower.elaborate.names import plain_constant
from srcgrad.lower.elaborate.operators import is_object_value
from srcgrad.lower.elaborate.targets import assign_to
from srcgrad.lower.elaborate.values import Generating, Plain, Value
from srcgrad.lower.sugar import placed
from srcgrad.syntax.walk import nodes

JUMPS = (gast.Return, gast.Break, gast.Continue)


def with_block(e: Context, s: gast.With) -> bool:
    """A `with` statement; whether control comes out at its end."""
    first, *rest = s.items
    body = s.body
    if rest:
        body = [gast.copy_location(gast.With(items=rest, body=s.body, type_comment=None), s)]
    manager = e.expr(first.context_expr)
    if isinstance(manager, Generating):
        written_out(e, s, body)
        produce(e, manager, lambda v: entered(e, first, v, body), first.context_expr)
        return True
    if is_object_value(manager):
        written_out(e, s, body)
        value = e.apply(
            member(e, manager, "__enter__", first.context_expr), [], {}, s.items[0].context_expr
        )
        entered(e, first, value, body)
        leave(e, manager, first)
        return True
    code = e.code(manager, s)
    with e.into([]) as out:
        if first.optional_vars is not None:
            assign_target(e, first.optional_vars)
        going = e.block(body)
    item = gast.withitem(context_expr=code, optional_vars=first.optional_vars)
    e.emit(placed(gast.With(items=[item], body=out or [gast.Pass()], type_comment=None), s))
    return going


def assign_target(e: Context, t: gast.expr) -> None:
    """Note that a `with` binds a name."""
    for n in nodes(t):
        if isinstance(n, gast.Name):
            e.scope.cells[n.id] = Plain(gast.Name(n.id, gast.Load(), None, None))


def written_out(e: Context, s: gast.With, body: list[gast.stmt]) -> None:
    """Refuse a block that does not end at its end, or handles errors."""
    if any(isinstance(n, JUMPS) for n in nodes(body)):
        raise e.refuse(
            s,
            "`return`, `break` or `continue` in a block of a context manager that you wrote",
            "Set a flag in the block, and leave behind it.",
        )


def entered(e: Context, item: gast.withitem, value: Value, body: list[gast.stmt]) -> None:
    """The block of a `with`."""
    if item.optional_vars is not None:
        assign_to(e, item.optional_vars, value)
    e.block(body)


def leave(e: Context, manager: Value, item: gast.withitem) -> None:
    """What a context manager does at the end."""
    nothing: list[Value] = [plain_constant(None) for _ in range(3)]
    e.apply(member(e, manager, "__exit__", item.context_expr), nothing, {}, item.context_expr)
