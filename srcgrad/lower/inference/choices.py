"""Kinds of expressions of which only a part is evaluated: `a if c else b`, `and`, `or`."""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad.kinds import Kind, Opaque
from srcgrad.lower.base.join import join
from srcgrad.lower.inference.folding import truth
from srcgrad.lower.inference.instances import Failing, Unreturned
from srcgrad.lower.inference.operators import Operators


class Choices(Operators):
    """Types choices, one side of which may raise, or not come back yet."""

    def either(self, a: gast.expr, b: gast.expr) -> Kind:
        """The kind of one of two expressions; of the other where one does not come back yet."""
        found: list[Kind] = []
        last = Unreturned()
        for node in (a, b):
            try:
                found.append(self.eval(node))
                self.typed.halting.pop(node, None)
            except Unreturned as e:
                last = e
                if isinstance(e, Failing):
                    self.typed.halting[node] = e
        if not found:
            self.typed.halting.pop(a, None)
            self.typed.halting.pop(b, None)
            raise last
        return joined(found)

    def truth(self, test: gast.expr) -> bool | None:
        """Whether a test is true, where the kinds of the arguments decide it."""
        return truth(self.typed.kinds, self.steady, test, given=self.function.guarded)

    def reached(self, node: gast.BoolOp) -> Iterator[gast.expr]:
        """The operands of `and` or `or` that are evaluated: none behind one that decides."""
        for v in node.values:
            yield v
            if self.truth(v) is isinstance(node.op, gast.Or):
                return

    def operands(self, node: gast.BoolOp) -> list[tuple[gast.expr, Kind]]:
        """The operands that are evaluated, with kinds, up to one that does not come back yet."""
        found: list[tuple[gast.expr, Kind]] = []
        for v in self.reached(node):
            try:
                found.append((v, self.eval(v)))
            except Unreturned:
                if not found:
                    raise
                break
        return found


def joined(kinds: list[Kind]) -> Kind:
    """The join of at least one kind."""
    out = kinds[0] if kinds else Opaque("nothing")
    for k in kinds[1:]:
        out = join(out, k)
    return out
