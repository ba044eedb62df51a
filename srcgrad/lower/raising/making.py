"""What is known of a function whose `try` statements become attempts, and new names in it."""

from __future__ import annotations

import gast

from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.raising.raised import Raised
from srcgrad.syntax.lives import STATED, unused_name
from srcgrad.syntax.quote import assign, name
from srcgrad.syntax.walk import clone, walk

SWITCHES = ("errstate", "seterr", "simplefilter", "filterwarnings")


class Making(Raised):
    """What is known of one function, and names that nothing in it has.

    Attributes:
        done: the `try` statements that are attempts.
        switched: whether the function tells numpy or Python to raise.
    """

    def __init__(self, typed: Typed, world: World) -> None:
        super().__init__(typed, world)
        self.function = typed.function
        self.done: set[gast.stmt] = set()
        node = typed.function.node
        self.names = {n.id for n in walk(node) if isinstance(n, gast.Name)}
        called = {getattr(n, "attr", getattr(n, "id", "")) for n in walk(node)}
        self.switched = not called.isdisjoint(SWITCHES)

    def new(self, hint: str) -> str:
        """A name that nothing has."""
        return unused_name(hint, STATED, self.names)

    def copied(self, s: gast.stmt) -> gast.stmt:
        """A copy of a statement of which as much is known."""
        new: gast.stmt = clone(s)
        for old, n in zip(walk(s), walk(new), strict=True):
            if old in self.typed.kinds:
                self.typed.kinds[n] = self.typed.kinds[old]
            if old in self.typed.callees:
                self.typed.callees[n] = self.typed.callees[old]
            if old in self.typed.unproven:
                self.typed.unproven.add(n)
        return new

    def named(self, value: gast.expr, hint: str) -> tuple[gast.stmt, gast.expr]:
        """A value under a name, and the name."""
        label = self.new(hint)
        first, read = placed(assign(label, value), value), placed(name(label), value)
        if value in self.typed.kinds:
            for n in (first.targets[0], read):
                self.typed.kinds[n] = self.typed.kinds[value]
        return first, read
