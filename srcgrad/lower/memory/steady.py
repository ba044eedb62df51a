"""Arrays from outside of a function that nothing can write to, whatever other names they get.

In `u = TABLE if flag else x` the name `u` may share memory with the global `TABLE` and with `x`. As
long as neither `TABLE` nor `u` is written through, a write to `x` does not concern `TABLE`: it
counts as a value of its own wherever it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gast

from srcgrad.kinds import Array
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.tangles import is_memory
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.walk import walk

SCOPES = (
    gast.ListComp,
    gast.SetComp,
    gast.DictComp,
    gast.GeneratorExp,
    gast.Lambda,
    gast.NamedExpr,
    gast.With,
    gast.Yield,
)


class Steady:
    """Finds the names from outside that no write reaches.

    Args:
        typed: the function.
        aliases: its classes of names that share memory.
        sources: the names whose memory the value of an expression may share.
    """

    def __init__(
        self, typed: Typed, aliases: Any, sources: Callable[[Typed, gast.expr], Iterator[str]]
    ) -> None:
        self.typed = typed
        self.aliases = aliases
        self.sources = sources

    def names(self) -> frozenset[str]:
        """The names from outside that stand for arrays which no write reaches."""
        local = {*self.typed.variables, *self.typed.parameters}
        others = [n for n in self.aliases.parent if n not in local and not is_memory(n)]
        bound = stores(self.typed.function.node) if others else frozenset()
        outside = [n for n in others if n not in bound]
        return frozenset(n for n in outside if self.aliases.is_written(n) and self.unreached(n))

    def unreached(self, n: str) -> bool:
        """Whether nothing that may stand for an array from outside is written through."""
        reached, size = {n}, 0
        while len(reached) > size:
            size = len(reached)
            for s in walk(self.typed.function.node):
                more = self.spread(s, reached)
                if more is None:
                    return False
                reached |= more
        written = self.aliases.written
        return not any(self.writes_memory(s) for m in reached for s in written.get(m, ()))

    def writes_memory(self, s: gast.stmt) -> bool:
        """Whether a statement that changes something changes an array, and no list or dict."""
        match s:
            case gast.Expr(value=gast.Call() as node):
                callee = self.typed.callees.get(node)
                return callee is None or callee.tag != "method"
            case gast.AugAssign(target=t) if isinstance(self.typed.kinds.get(t), Array):
                return True
            case gast.Assign() | gast.AugAssign() | gast.Delete():
                targets = [s.target] if isinstance(s, gast.AugAssign) else s.targets
                parts = [n for t in targets for n in walk(t) if isinstance(n, gast.Subscript)]
                return any(isinstance(self.typed.kinds.get(n.value), Array) for n in parts)
        return True

    def of(self, e: gast.AST | None, reached: set[str]) -> bool:
        """Whether a value may share memory with what was reached."""
        return isinstance(e, gast.expr) and not reached.isdisjoint(self.sources(self.typed, e))

    def spread(self, s: gast.AST, reached: set[str]) -> set[str] | None:
        """What a statement or call gives the memory to; None where that cannot be told."""
        match s:
            case gast.Assign() if self.of(s.value, reached):
                return set().union(*map(self.holders, s.targets))
            case gast.AugAssign(target=t) if self.of(s.value, reached):
                return set() if isinstance(self.typed.kinds.get(t), Array) else self.holders(t)
            case gast.For() if self.of(s.iter, reached):
                return self.holders(s.target)
            case gast.Call():
                return self.call(s, reached)
        return None if isinstance(s, SCOPES) and reached & loads(s) else set()

    def holders(self, t: gast.expr) -> set[str]:
        """The names that refer to what a target gets, or to what holds it."""
        out = set(stores(t))
        for n in walk(t):
            if isinstance(n, gast.Subscript) and not isinstance(
                self.typed.kinds.get(n.value), Array
            ):
                out |= loads(n.value)
        return out

    def call(self, node: gast.Call, reached: set[str]) -> set[str] | None:
        """What a call gives the memory to besides its result."""
        callee = self.typed.callees.get(node)
        if callee is not None and callee.tag == "user":
            operands = dict(callee.operands)
            given = [p for p, o in operands.items() if self.of(o, reached)]
            inner = callee.target.summary
            held = {inner.find(p) for p in given if p in inner.parent}
            if any(inner.is_written(p) for p in given if p in inner.parent):
                return None
            others = [o for p, o in operands.items() if p in inner.parent and inner.find(p) in held]
            return {n for o in others if isinstance(o, gast.AST) for n in loads(o)}
        if not any(self.of(a, reached) for a in (*node.args, *(k.value for k in node.keywords))):
            return set()
        if callee is None:
            return None
        if callee.tag == "method" and isinstance(node.func, gast.Attribute):
            return set(loads(node.func.value))
        return set()
