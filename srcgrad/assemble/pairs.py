"""The halves of callees: a forward one that records, and a backward one that takes it from there.

What the halves of a function that calls itself look like is known only when they are made, so they
are made again with what was found, until the calls in them fit.
"""

from __future__ import annotations

import copy
from typing import Any

from srcgrad.assemble.halves import RECORDED, Halves
from srcgrad.lower.base.program import Typed, World
from srcgrad.syntax.lives import user_name
from srcgrad.transform.function import active_places
from srcgrad.transform.generated import Pair

MOST_ROUNDS = 8
GROWING = ("globals", "origins", "imported", "halves", "pairs", "tangents", "used")


class Pairs:
    """Makes the halves of callees, for the module that they go into."""

    world: World
    globals: dict[str, Any]
    pairs: dict[Any, Pair]
    expected: dict[Any, Pair]
    used: set[str]
    repeatable: bool
    again: bool

    def free_name(self, wanted: str) -> str:
        """A name for a generated function."""
        raise NotImplementedError

    def pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """The forward and backward halves of a callee, for the cotangents that are at hand."""
        k = (typed, wanted, cotangent)
        if k in self.expected:
            return self.called(k)
        if k not in self.pairs:
            self.pairs[k] = self.make_pair(typed, wanted, cotangent)
        return self.pairs[k]

    def make_pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """Make the halves of a callee; those of one that calls itself again until they fit."""
        k = (typed, wanted, cotangent)
        kept = {n: copy.copy(getattr(self, n)) for n in GROWING}
        expected, anew = Pair(None, "", [], [], []), self.again
        for _ in range(MOST_ROUNDS):
            self.expected[k] = expected
            try:
                found = Halves(self, k, expected, anew=anew).made()
            finally:
                del self.expected[k]
            if not expected.called or expected.fits(found):
                self.world.vague |= expected.called and found.forward is not None
                return found
            self.forget(kept)
            anew |= found.anew
            forward = None if found.forward is None else ""
            expected = Pair(forward, "", found.arguments, found.recorded, [])
        f = typed.function
        what = f"the derivative of `{f.object.__name__}`, which calls itself, does not settle"
        raise f.refuse(f.node, what, "Write it as a loop.")

    def forget(self, kept: dict[str, Any]) -> None:
        """Go back to what there was; names that calls were written with stay taken."""
        for n, was in kept.items():
            now = getattr(self, n)
            now.clear()
            if isinstance(now, list):
                now += was
            else:
                now.update(was)
        for other in self.expected.values():
            self.used |= {n for n in (other.forward, other.backward) if n}

    def called(self, k: tuple[Typed, tuple[str, ...], Any]) -> Pair:
        """The halves of a function that are being made, as calls from inside see them."""
        typed, wanted, _ = k
        expected = self.expected[k]
        if not expected.called:
            plain = user_name(typed.function.object.__name__).strip("<>")
            if expected.forward is not None:
                expected.forward = self.free_name(f"{plain}_fwd")
                expected.recorded = [RECORDED]
            expected.backward = self.free_name(f"{plain}_bwd")
            expected.results = [p for p, _ in active_places(typed, wanted)]
            expected.called = True
        return expected
