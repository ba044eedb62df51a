"""Kinds in `try` statements: a handler may begin in what holds before any statement of the body."""

from __future__ import annotations

import gast

from srcgrad.kinds import Kind, Opaque, Static
from srcgrad.lower.inference.evaluate import Evaluator

Env = dict[str, Kind]


class Tries(Evaluator):
    """Runs `try` statements on an environment of kinds.

    Attributes:
        tries: what held before each statement of the `try` blocks that are open.
    """

    tries: list[list[Env]]

    def tried(self, s: gast.Try) -> Env | None:
        """Run a `try`: a handler may begin in what holds before any statement of the body."""
        start = dict(self.env)
        self.tries.append([start])
        end = self.block(s.body, self.env)
        points = self.tries.pop()
        raised: Env | None = end
        for env in points:
            raised = self.join_envs(raised, env)
        end = self.block(s.orelse, end)
        for h in s.handlers:
            assert raised is not None
            self.env = dict(raised)
            self.caught(h)
            end = self.join_envs(end, self.block(h.body, self.env))
        if s.finalbody:
            after = self.block(s.finalbody, dict(raised or start) if end is None else end)
            return None if end is None else after
        return end

    def caught(self, h: gast.ExceptHandler) -> None:
        """Type the head of an exception handler, whose classes must be known."""
        types = h.type.elts if isinstance(h.type, gast.Tuple) else [h.type] if h.type else []
        for t in types:
            kind = self.eval(t)
            cls = kind.value if isinstance(kind, Static) else None
            if not (isinstance(cls, type) and issubclass(cls, BaseException)):
                raise self.function.refuse(
                    t, "this is no class of exceptions that is known here", "Name the class."
                )
        if h.name is not None:
            self.bind(h.name, Opaque("an exception"))

    def block(self, body: list[gast.stmt], env: Env | None) -> Env | None:
        """Run statements."""
        raise NotImplementedError

    def join_envs(self, a: Env | None, b: Env | None) -> Env | None:
        """Where two paths meet."""
        raise NotImplementedError
