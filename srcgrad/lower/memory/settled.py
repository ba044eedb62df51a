"""Views that may as well be copies: nothing is written that could be seen through them.

Whether `z = b.reshape(-1)` is a view depends on the order in which the entries of `b` lie in
memory. That does not matter where nothing writes to the memory of `b` while `z` is in use, nor to
that of `z` while `b` is: such a value counts as one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import gast

from srcgrad.kinds import Array
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import sources, summarise
from srcgrad.lower.memory.layouts import pairs_of
from srcgrad.syntax.flow import Graph, loads, stores
from srcgrad.syntax.walk import walk

Names = frozenset[str]
SCOPES = (
    gast.ListComp,
    gast.SetComp,
    gast.DictComp,
    gast.GeneratorExp,
    gast.Lambda,
    gast.NamedExpr,
    gast.FunctionDef,
)


class Leak(Exception):
    """The value of a view gets to where it is not followed."""


class Settled:
    """Finds the views of memory of one class that may as well be copies.

    Args:
        typed: the function.
        members: the names of the class.
        followed: whether an expression is a reference for sure.
    """

    def __init__(self, typed: Typed, members: Names, followed: Callable[[gast.expr], bool]) -> None:
        self.typed = typed
        self.members = members
        self.followed = followed
        self.node = typed.function.node

    def views(self) -> frozenset[gast.AST]:
        """The calls whose results count as copies where they are bound to a name."""
        return frozenset(
            call
            for s in walk(self.node)
            if isinstance(s, gast.Assign) and len(s.targets) == 1
            for t, value in pairs_of(s.targets[0], s.value)
            for call in [viewing_call(value)]
            if call is not None
            and isinstance(t, gast.Name)
            and t.id in self.members
            and self.is_view(value, call)
            and self.unseen(s, t.id)
        )

    def is_view(self, value: gast.expr, call: gast.Call) -> bool:
        """Whether a value may be a view, made by a function with a rule, of memory of the class."""
        callee = self.typed.callees.get(call)
        plain = callee is not None and callee.tag == "rule" and self.is_array(value)
        shares = plain and bool(self.members & set(sources(self.typed, value)))
        return shares and not self.followed(value)

    def is_array(self, e: gast.AST) -> bool:
        """Whether an expression is an array."""
        return isinstance(self.typed.kinds.get(e), Array)

    @cached_property
    def graph(self) -> Graph:
        """Where control goes."""
        return Graph(self.node.body, self.typed.function.parameters)

    @cached_property
    def live(self) -> list[Names]:
        """The members that may be read after each point."""
        bit, out = self.graph.live_out()
        mine = [(n, bit[n]) for n in self.members if n in bit]
        return [frozenset(n for n, b in mine if alive & b) for alive in out]

    @cached_property
    def loops(self) -> dict[gast.AST, gast.For]:
        """The loops by the nodes of their points."""
        found = [s for s in walk(self.node) if isinstance(s, gast.For)]
        return {s.target: s for s in found} | {s.iter: s for s in found}

    @cached_property
    def tries(self) -> bool:
        """Whether a binding may be left undone."""
        return any(isinstance(s, gast.Try) for s in walk(self.node))

    def unseen(self, s: gast.Assign, n: str) -> bool:
        """Whether no write is seen through the view that a statement gives a name."""
        at = self.graph.at.get(s)
        if at is None:
            return False
        points = self.graph.points
        come: list[Names] = [frozenset()] * len(points)
        work = [at]
        try:
            while work:
                i = work.pop()
                held = self.after(points[i].node, come[i])
                if points[i].node is s:
                    held |= {n}
                for j in points[i].after:
                    if not held <= come[j]:
                        come[j] |= held
                        work.append(j)
        except Leak:
            return False
        return all(self.harmless(i, held) for i, held in enumerate(come) if held)

    def harmless(self, i: int, held: Names) -> bool:
        """Whether what a point writes is seen through no other name.

        Args:
            i: the point.
            held: the names that may stand for the view, or a part of it.
        """
        node = self.graph.points[i].node
        loop = self.loops.get(node)
        if loop is not None and node is loop.iter and self.takes(node, held):
            if any(self.members & set(self.written(b)) for b in loop.body):
                return False
        given = self.members & set(self.typed.parameters)
        alive = self.live[i]
        if any(self.members & set(self.written_by(n)) for n in calls(node)):
            alive |= self.graph.points[i].uses & self.members
        for w in self.members & set(self.written(node)):
            if (alive | given) - {w} if w in held else alive & held:
                return False
        return True

    def takes(self, e: gast.AST | None, held: Names) -> bool:
        """Whether a value may share memory with the view."""
        return isinstance(e, gast.expr) and not held.isdisjoint(sources(self.typed, e))

    def after(self, node: gast.AST, held: Names) -> Names:
        """The names that may stand for the view once a point is done."""
        if not held:
            return held
        if any(isinstance(n, SCOPES) and held & loads(n) for n in walk(node)):
            raise Leak
        if any(self.keeps(n, held) for n in calls(node)):
            raise Leak
        bound: set[str] = set()
        new: set[str] = set()
        match node:
            case gast.Assign(targets=[t], value=value):
                for to, v in pairs_of(t, value):
                    bound |= stores(to)
                    new |= self.given(to, v, held)
            case gast.Assign():
                if held & loads(node):
                    raise Leak
                bound |= stores(node)
            case gast.AugAssign(target=t):
                if not self.writes_array(t) and self.takes(node.value, held):
                    raise Leak
            case _ if node in self.loops and node is self.loops[node].target:
                bound |= stores(node)
                if self.takes(self.loops[node].iter, held):
                    if not self.is_array(self.loops[node].iter):
                        raise Leak
                    new |= bound
            case gast.stmt() | gast.expr():
                pass
            case _:
                if held & loads(node):
                    raise Leak
        return (held if self.tries else held - bound) | new

    def given(self, to: gast.expr, value: gast.expr, held: Names) -> Names:
        """The names that stand for the view because of one target."""
        if not self.takes(value, held):
            return frozenset()
        if isinstance(to, gast.Name) and self.is_array(value):
            return frozenset({to.id})
        if self.writes_array(to):
            return frozenset()
        raise Leak

    def writes_array(self, t: gast.expr) -> bool:
        """Whether a target is a part of an array, or an array that is changed."""
        return self.is_array(t.value if isinstance(t, gast.Subscript) else t)

    def keeps(self, n: gast.Call, held: Names) -> bool:
        """Whether a call may keep, or write while it reads, what the view refers to."""
        callee = self.typed.callees.get(n)
        given = [*n.args, *(k.value for k in n.keywords)]
        if callee is None:
            return any(held & loads(a) for a in given)
        if callee.tag in ("method", "scatter"):
            return any(self.takes(a, held) for a in given[callee.tag == "scatter" :])
        if callee.tag != "user":
            return False
        return any(self.takes(o, held) for p, o in callee.operands if writes_to(callee.target, p))

    def written(self, node: gast.AST) -> Iterator[str]:
        """The names that arrays are written through."""
        for n in walk(node):
            match n:
                case gast.Subscript(ctx=gast.Store(), value=base) if self.is_array(base):
                    yield from sources(self.typed, base)
                case gast.AugAssign(target=gast.Name(id=m)):
                    yield m
                case gast.Call():
                    yield from self.written_by(n)

    def written_by(self, n: gast.Call) -> Iterator[str]:
        """The names that a call writes through."""
        callee = self.typed.callees.get(n)
        if callee is None or callee.tag == "scatter":
            for a in n.args:
                yield from sources(self.typed, a)
        elif callee.tag == "method" and isinstance(n.func, gast.Attribute):
            if self.is_array(n.func.value):
                yield from sources(self.typed, n.func.value)
        elif callee.tag == "user":
            for p, o in callee.operands:
                if isinstance(o, gast.expr) and writes_to(callee.target, p):
                    yield from sources(self.typed, o)


def viewing_call(value: gast.expr) -> gast.Call | None:
    """The call that a value is the result of, or a part or transpose of the result."""
    while isinstance(value, (gast.Subscript, gast.Attribute)):
        value = value.value
    return value if isinstance(value, gast.Call) else None


def calls(node: gast.AST) -> Iterator[gast.Call]:
    """The calls in a tree."""
    return (n for n in walk(node) if isinstance(n, gast.Call))


def writes_to(target: Typed, p: str) -> bool:
    """Whether a function may write to the memory of a parameter."""
    inner = summarise(target)
    return p in inner.parent and inner.is_written(p)
