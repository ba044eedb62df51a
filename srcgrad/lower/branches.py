"""Branches that the kinds of the arguments decide: only the one that runs is kept."""

from __future__ import annotations

import gast

from srcgrad.lower.exits import always_jumps
from srcgrad.lower.expand import Expansion
from srcgrad.lower.folding import truth
from srcgrad.lower.program import Typed, World
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import change_children


class Branches(Expansion):
    """Drops the branches that cannot run."""

    def __init__(self, typed: Typed, world: World) -> None:
        super().__init__(typed, world)
        self.steady = frozenset(typed.parameters) - stores(typed.function.node)

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Keep the branch that runs."""
        if isinstance(s, gast.If):
            decided = truth(self.typed.kinds, self.steady, s.test)
            if decided is not None:
                self.changed = True
                return self.block(s.body if decided else s.orelse)
        for field, value in gast.iter_fields(s):
            if isinstance(value, gast.expr):
                setattr(s, field, self.expr(value))
        return super().statement(s)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block, without what follows a jump that is always made."""
        new = super().block(body)
        for i, s in enumerate(new[:-1]):
            if always_jumps([s]):
                self.changed = True
                return new[: i + 1]
        return new

    def expr(self, node: gast.expr) -> gast.expr:
        """An expression without the parts that are never evaluated."""
        change_children(node, self.expr)
        match node:
            case gast.IfExp():
                decided = truth(self.typed.kinds, self.steady, node.test)
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
            found = truth(self.typed.kinds, self.steady, v)
            if found is None or found is stop or i == len(node.values) - 1:
                kept.append(v)
            if found is stop:
                break
        if len(kept) < len(node.values):
            self.changed = True
        node.values = kept
        return kept[0] if len(kept) == 1 else node
