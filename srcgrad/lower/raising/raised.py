"""The classes of the exceptions that a statement may raise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import gast

from srcgrad.kinds import Array, Scalar, Static, is_number
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.raising.raises import may_raise, node_may_raise
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.stated import stated_by
from srcgrad.syntax.walk import heads, nodes

GROWING = (math.exp, math.expm1, math.cosh, math.sinh)


class Raised:
    """What the statements of one typed function may raise."""

    def __init__(self, typed: Typed, world: World) -> None:
        self.typed = typed
        self.world = world

    def shows(self, node: gast.expr) -> bool:
        """Whether an expression only shows something."""
        callee = self.typed.callees.get(node) if isinstance(node, gast.Call) else None
        return callee is not None and callee.target is print

    def raised_by(self, s: gast.stmt, *, strict: bool) -> Iterator[type | None]:
        """The classes of what a statement may raise; None for any.

        Args:
            s: the statement; of a compound one the head counts.
            strict: whether numpy's arithmetic may have been told to raise.
        """
        stated = stated_by(s)
        if stated is not None:
            yield stated.error
            return
        if isinstance(s, gast.Raise):
            made = s.exc.func if isinstance(s.exc, gast.Call) else s.exc
            cls = getattr(self.typed.kinds.get(made), "value", None)
            yield cls if isinstance(cls, type) else None
            return
        if isinstance(s, gast.Assert):
            yield AssertionError
        if self.may_be_unbound(s):
            yield UnboundLocalError
        for n in nodes(heads(s)):
            if n in self.typed.unproven and isinstance(n, gast.Subscript):
                yield from (IndexError, KeyError, ValueError, TypeError)
            elif strict and isinstance(n, (gast.BinOp, gast.Call)) and not self.plain(n):
                yield None
            elif isinstance(n, gast.BinOp):
                yield from self.raised_by_operator(n)
            elif isinstance(n, gast.Call):
                yield from self.raised_by_call(n)
            elif node_may_raise(self.typed, self.world, n):
                yield None
        if isinstance(s, gast.AugAssign) and (strict or may_raise(self.typed, self.world, s)):
            yield from (ValueError, None) if strict else (ValueError, ArithmeticError)

    @cached_property
    def unbound(self) -> dict[gast.AST, int]:
        """The names that each statement may find unbound, as bits, as far as it reads them."""
        node = self.typed.function.node
        graph = Graph(node.body, self.typed.function.parameters)
        bit, missing = graph.unassigned()
        own = frozenset(n for p in graph.points for n in p.defs)
        return {
            s: missing[at] & sum(bit[n] for n in graph.points[at].uses & own)
            for s, at in graph.at.items()
        }

    def may_be_unbound(self, s: gast.stmt) -> bool:
        """Whether a statement reads a local variable that may have no value."""
        return self.unbound.get(s, 0) != 0

    def raised_by_operator(self, n: gast.BinOp) -> Iterator[type | None]:
        """The classes of what an operator may raise."""
        power = isinstance(n.op, gast.Pow) and not isinstance(self.typed.kinds.get(n.left), Array)
        if n in self.typed.unproven:
            yield ValueError
        if power or node_may_raise(self.typed, self.world, n):
            yield from (ZeroDivisionError, OverflowError)
            if not isinstance(n.op, (gast.Pow, gast.Div, gast.FloorDiv, gast.Mod)):
                yield None

    def raised_by_call(self, n: gast.Call) -> Iterator[type | None]:
        """The classes of what a call may raise."""
        kind = self.typed.kinds.get(n.args[0]) if n.args else None
        callee = self.typed.callees.get(n)
        target = callee.target if callee is not None else None
        if any(target is f for f in (int, float, complex)):
            if not is_number(kind):
                yield from (ValueError, TypeError)
            elif target is int:
                yield from (ValueError, OverflowError)
        elif any(target is f for f in GROWING):
            yield OverflowError
        elif getattr(target, "__module__", "") == "math":
            yield from (ValueError, OverflowError, ZeroDivisionError)
        elif node_may_raise(self.typed, self.world, n):
            yield None

    def plain(self, n: gast.expr) -> bool:
        """Whether a value is a Python number, whose sums and products do not raise."""
        kind = self.typed.kinds.get(n)
        return isinstance(kind, Static) or (isinstance(kind, Scalar) and kind.python)
