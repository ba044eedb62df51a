"""`with`: blocks of context managers that the user wrote are written out, others stay."""

from __future__ import annotations

import copy

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.context import Context, Hook
from srcgrad.lower.elaborate.generators import produce
from srcgrad.lower.elaborate.names import plain_constant
from srcgrad.lower.elaborate.operators import is_object_value
from srcgrad.lower.elaborate.targets import assign_to
from srcgrad.lower.elaborate.values import Generating, Plain, Value
from srcgrad.syntax.quote import assign, name
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

        def each(v: Value) -> None:
            entered(e, first, v, body)

        produce(e, manager, each, first.context_expr)
        return True
    if is_object_value(manager):
        if jumps(body):
            hook = Hook(lambda _: leave(e, manager, first), "")
            body = Leaving(e, s, hook).block(copy.deepcopy(body))
        value = e.apply(
            member(e, manager, "__enter__", first.context_expr), [], {}, s.items[0].context_expr
        )
        going = entered(e, first, value, body)
        if going:
            leave(e, manager, first)
        return going
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


def jumps(body: list[gast.stmt]) -> bool:
    """Whether there are jumps in a block."""
    return any(isinstance(n, JUMPS) for n in nodes(body))


def written_out(e: Context, s: gast.With, body: list[gast.stmt]) -> None:
    """Refuse a block that does not end at its end, or handles errors."""
    if jumps(body):
        raise e.refuse(
            s,
            "`return`, `break` or `continue` in a block of a context manager that you wrote",
            "Set a flag in the block, and leave behind it.",
        )


class Leaving:
    """Puts what a context manager does at the end before the jumps that leave its block.

    Args:
        e: the elaboration.
        s: the `with` statement.
        hook: does what the manager does.
    """

    def __init__(self, e: Context, s: gast.With, hook: Hook) -> None:
        self.e = e
        self.s = s
        self.hook = hook

    def block(self, body: list[gast.stmt], *, inside: bool = False) -> list[gast.stmt]:
        """Rewrite a block in place; `inside` a loop of the block itself."""
        return [new for s in body for new in self.statement(s, inside)]

    def statement(self, s: gast.stmt, inside: bool) -> list[gast.stmt]:
        """Rewrite one statement."""
        end = placed(gast.Expr(value=gast.Constant(value=self.hook, kind=None)), s)
        match s:
            case gast.Return(value=gast.expr() as value):
                label = self.e.fresh("result")
                self.e.scope.names[label] = label
                kept = placed(assign(label, value), s)
                return [kept, end, placed(gast.Return(value=name(label)), s)]
            case gast.Return():
                return [end, s]
            case gast.Break() | gast.Continue() if not inside:
                return [end, s]
            case gast.If():
                s.body = self.block(s.body, inside=inside)
                s.orelse = self.block(s.orelse, inside=inside)
            case gast.For() | gast.While():
                s.body = self.block(s.body, inside=True)
                s.orelse = self.block(s.orelse, inside=inside)
            case gast.With() | gast.Try():
                written_out(self.e, self.s, [s])
        return [s]


def entered(e: Context, item: gast.withitem, value: Value, body: list[gast.stmt]) -> bool:
    """The block of a `with`; whether control comes out at its end."""
    if item.optional_vars is not None:
        assign_to(e, item.optional_vars, value)
    return e.block(body)


def leave(e: Context, manager: Value, item: gast.withitem) -> None:
    """What a context manager does at the end."""
    nothing: list[Value] = [plain_constant(None) for _ in range(3)]
    e.apply(member(e, manager, "__exit__", item.context_expr), nothing, {}, item.context_expr)
