"""Loops over lists that are empty: nothing of them is ever run."""

from __future__ import annotations

import gast

from srcgrad.errors import Unsupported
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import sources


class Idle(Expansion):
    """Drops loops over lists that are empty, and that nothing is ever put into."""

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        return bool(self.typed.idle) and super().run()

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Drop one loop."""
        if s not in self.typed.idle:
            return super().statement(s)
        assert isinstance(s, gast.For)
        if any(self.aliases.is_written(n) for n in sources(self.typed, s.iter)):
            raise self.refused(s)
        self.changed = True
        return []

    def refused(self, s: gast.For) -> Unsupported:
        """The error for a list that is changed in a way that cannot be followed."""
        what = "what this loop goes through is empty, as far as can be seen here"
        return self.function.refuse(s.iter, what, "Use one name for the list.")
