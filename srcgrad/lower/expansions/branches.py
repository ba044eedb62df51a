"""Branches that the kinds of the arguments decide: only the one that runs is kept."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import gast

from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.inference.folding import truth
from srcgrad.lower.respell.exits import always_jumps
from srcgrad.syntax.lives import STATED, role
from srcgrad.syntax.walk import change_children, nodes


class Branches(Expansion):
    """Drops the branches that cannot run."""

    def __init__(self, typed: Typed, world: World) -> None:
        super().__init__(typed, world)
        self.given = typed.function.guarded

    @cached_property
    def steady(self) -> frozenset[str]:
        """The parameters that keep the value that they were given."""
        names = self.typed.contents.get(gast.Name, ())
        bound = {n.id for n in names if isinstance(n.ctx, gast.Store)}
        return frozenset(self.typed.parameters) - bound

    @cached_property
    def chooses(self) -> bool:
        """Whether there are expressions of which a part may never be evaluated."""
        return self.has(gast.IfExp, gast.BoolOp)

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Keep the branch that runs."""
        if isinstance(s, gast.If):
            decided = truth(self.typed.kinds, self.steady, s.test, given=self.given)
            if decided is not None:
                self.changed = True
                return self.block(s.body if decided else s.orelse)
        if isinstance(s, gast.Try) and s.orelse and always_jumps(s.body):
            self.changed = True
            s.orelse = []
        for field, value in gast.iter_fields(s) if self.chooses else ():
            if isinstance(value, gast.expr):
                setattr(s, field, self.expr(value))
        return super().statement(s)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block, without what follows a jump that is always made."""
        new = self.without_flags(super().block(body))
        for i, s in enumerate(new[:-1]):
            if always_jumps([s]):
                self.changed = True
                return new[: i + 1]
        return new

    def without_flags(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """`if a: matched = True; b` and `if not matched: c` behind it as `if a: b` `else: c`."""
        out: list[gast.stmt] = []
        for s in body:
            before: Any = out[-1] if out else None
            pair = isinstance(before, gast.If) and isinstance(s, gast.If)
            if pair and self.follows(before, s, out):
                before.orelse = [*before.orelse, *s.body]
                before.end_lineno = None
                self.changed = True
            else:
                out.append(s)
        return out

    def follows(self, s: gast.If, after: gast.If, above: list[gast.stmt]) -> bool:
        """Whether an `if` is run where the test of the one before it is false, and only there."""
        match s.body[0], after:
            case (
                gast.Assign(targets=[gast.Name(id=n)], value=gast.Constant(value=True)),
                gast.If(test=gast.UnaryOp(op=gast.Not(), operand=gast.Name(id=m)), orelse=[]),
            ) if n == m and role(n) == STATED:
                return self.bound[n] == 2 and any(begins(t, n) for t in above)
        return False

    @cached_property
    def bound(self) -> Counter[str]:
        """How often each name is bound."""
        names = (n for n in nodes(self.function.node) if isinstance(n, gast.Name))
        return Counter(n.id for n in names if isinstance(n.ctx, gast.Store))

    def expr(self, node: gast.expr) -> gast.expr:
        """An expression without the parts that are never evaluated."""
        change_children(node, self.expr)
        match node:
            case gast.IfExp():
                decided = truth(self.typed.kinds, self.steady, node.test, given=self.given)
                if decided is not None:
                    self.changed = True
                    return node.body if decided else node.orelse
            case gast.BoolOp():
                return self.reached(node)
        return node

    def reached(self, node: gast.BoolOp) -> gast.expr:
        """`and` or `or` without operands that decide nothing, or stand behind one that does."""
        stop = isinstance(node.op, gast.Or)
        kept: list[gast.expr] = []
        for i, v in enumerate(node.values):
            found = truth(self.typed.kinds, self.steady, v, given=self.given)
            if found is None or found is stop or i == len(node.values) - 1:
                kept.append(v)
            if found is stop:
                break
        if len(kept) < len(node.values):
            self.changed = True
        node.values = kept
        return kept[0] if len(kept) == 1 else node


def begins(s: gast.stmt, flag: str) -> bool:
    """Whether a statement takes a flag down."""
    match s:
        case gast.Assign(targets=[gast.Name(id=n)], value=gast.Constant(value=False)):
            return n == flag
    return False
