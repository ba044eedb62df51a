"""Where control goes in a function, and which definitions and uses of names it connects.

A function is a list of points; the facts are sets of definitions or names, kept as bits of ints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import gast

from srcgrad.syntax.walk import names


@dataclass(eq=False)
class Point:
    """One step of a function: a simple statement, a test, an iterable, or a loop's next item."""

    node: gast.AST
    uses: frozenset[str]
    defs: frozenset[str]
    kills: bool = True
    after: list[int] = field(default_factory=list)


def loads(*roots: gast.AST | None) -> frozenset[str]:
    """Names that are read."""
    return frozenset().union(*(names(r)[0] for r in roots))


def stores(*roots: gast.AST | None) -> frozenset[str]:
    """Names that are bound."""
    return frozenset().union(*(names(r)[1] for r in roots))


class Head(gast.AST):
    """The head of a `with` or of an exception handler, as the node of a point."""

    _fields = ("parts",)

    def __init__(self, parts: Iterable[gast.AST | None]) -> None:
        super().__init__()
        self.parts = [p for p in parts if p is not None]


def is_attempt(s: gast.stmt) -> bool:
    """Whether a `try` is one of a single statement that binds a name at most, as its last act."""
    if not (isinstance(s, gast.Try) and len(s.body) == 1):
        return False
    match s.body[0]:
        case gast.Assign(targets=[gast.Name()]) | gast.Expr() | gast.Raise() | gast.Assert():
            return True
    return False


class Graph:
    """The points of a block of statements, from `entry` to the end."""

    def __init__(self, body: list[gast.stmt], parameters: tuple[str, ...] = ()) -> None:
        self.points: list[Point] = []
        self.at: dict[gast.AST, int] = {}
        entry = self._add(gast.Pass(), frozenset(), frozenset(parameters))
        self._loops: list[tuple[int, list[int]]] = []
        self.exits: list[int] = []
        self.exits += self._block(body, [entry])
        self.before: list[list[int]] = [[] for _ in self.points]
        for i, p in enumerate(self.points):
            for j in p.after:
                self.before[j].append(i)

    def _add(self, node: gast.AST, uses: frozenset[str], defs: frozenset[str]) -> int:
        self.points.append(Point(node, uses, defs))
        return len(self.points) - 1

    def _step(
        self, node: gast.AST, uses: frozenset[str], defs: frozenset[str], come: list[int]
    ) -> int:
        i = self._add(node, uses, defs)
        for j in come:
            self.points[j].after.append(i)
        return i

    def _block(self, body: list[gast.stmt], come: list[int]) -> list[int]:
        for s in body:
            come = self._statement(s, come)
        return come

    def _statement(self, s: gast.stmt, come: list[int]) -> list[int]:
        match s:
            case gast.If():
                test = self.at[s] = self._step(s.test, loads(s.test), stores(s.test), come)
                return self._block(s.body, [test]) + self._block(s.orelse, [test])
            case gast.For():
                start = self.at[s] = self._step(s.iter, loads(s.iter), frozenset(), come)
                head = self._step(gast.Pass(), frozenset(), frozenset(), [start])
                bind = self._step(s.target, loads(s.target), stores(s.target), [head])
                self.at[s.target] = bind
                return self._loop(s, head, bind)
            case gast.While():
                head = self.at[s] = self._step(s.test, loads(s.test), frozenset(), come)
                return self._loop(s, head, head)
            case gast.Break() | gast.Continue():
                i = self.at[s] = self._step(s, frozenset(), frozenset(), come)
                head, breaks = self._loops[-1]
                if isinstance(s, gast.Break):
                    breaks.append(i)
                else:
                    self.points[i].after.append(head)
                return []
            case gast.With():
                uses = loads(*(i.context_expr for i in s.items))
                defs = stores(*(i.optional_vars for i in s.items))
                i = self.at[s] = self._step(Head(s.items), uses, defs, come)
                return self._block(s.body, [i])
            case gast.Try():
                return self._try(s, come)
            case gast.Return() | gast.Raise():
                i = self.at[s] = self._step(s, loads(s), frozenset(), come)
                self.exits.append(i)
                return []
            case gast.AugAssign(target=gast.Name(id=name)):
                i = self.at[s] = self._step(s, loads(s.value) | {name}, frozenset({name}), come)
                return [i]
            case _:
                read, bound = map(frozenset, names(s))
                i = self.at[s] = self._step(s, read, bound, come)
                return [i]

    def _try(self, s: gast.Try, come: list[int]) -> list[int]:
        """A `try`: its handlers may follow every step of its body, `finally` every step at all."""
        start = self.at[s] = self._step(gast.Pass(), frozenset(), frozenset(), come)
        end = self._block(s.body, [start])
        raised = [start, *range(start + 1, len(self.points))]
        if is_attempt(s):
            raised = [start]
        end = self._block(s.orelse, end)
        for h in s.handlers:
            head = Head([h.type, h.name])
            i = self.at[h] = self._step(head, loads(h.type), stores(h.name), raised)
            last = self._block(h.body, [i])
            if h.name is not None and last:
                last = [self._step(gast.Pass(), frozenset(), stores(h.name), last)]
            end = end + last
        if s.finalbody:
            inside = [start, *range(start + 1, len(self.points))]
            self._step(gast.Pass(), loads(*s.finalbody), frozenset(), inside)
            end = self._block(s.finalbody, end)
        return end

    def _loop(self, s: gast.For | gast.While, head: int, first: int) -> list[int]:
        """A loop goes back to `head`, where it may end; its iterations start behind `first`."""
        self._loops.append((head, []))
        for i in self._block(s.body, [first]):
            self.points[i].after.append(head)
        breaks = self._loops.pop()[1]
        return self._block(s.orelse, [head]) + breaks

    def reaching(
        self, only: frozenset[str] | None = None
    ) -> tuple[list[tuple[int, str]], list[int]]:
        """Reaching definitions.

        Args:
            only: names to follow; all by default.

        Returns:
            All definitions (point, name), and for each point the bits of those that reach it.
        """
        defs = [
            (i, name)
            for i, p in enumerate(self.points)
            for name in sorted(p.defs if only is None else p.defs & only)
        ]
        of_name: dict[str, int] = {}
        made = [0] * len(self.points)
        for k, (i, name) in enumerate(defs):
            of_name[name] = of_name.get(name, 0) | 1 << k
            made[i] |= 1 << k
        killed = [union(of_name.get(n, 0) for n in p.defs) for p in self.points]
        after = [p.after for p in self.points]
        come = solve(self.before, after, made, killed, [0] * len(self.points), forward=True)
        return defs, come

    def bound_again(self) -> frozenset[str]:
        """Names that are bound at more than one point."""
        once: set[str] = set()
        again: set[str] = set()
        for p in self.points:
            again |= p.defs & once
            once |= p.defs
        return frozenset(again)

    def live_out(self, at_end: frozenset[str] = frozenset()) -> tuple[dict[str, int], list[int]]:
        """Liveness.

        Args:
            at_end: names that are read after the function.

        Returns:
            The bit of each name, and for each point the bits of names that may be read after it.
        """
        names = sorted({n for p in self.points for n in p.uses | p.defs} | at_end)
        bit = {n: 1 << k for k, n in enumerate(names)}
        uses = [union(bit[n] for n in p.uses) for p in self.points]
        defs = [union(bit[n] for n in p.defs) for p in self.points]
        final = [0] * len(self.points)
        for i in self.exits:
            final[i] = union(bit[n] for n in at_end)
        after = [p.after for p in self.points]
        return bit, solve(after, self.before, uses, defs, final, forward=False)

    def unassigned(self) -> tuple[dict[str, int], list[int]]:
        """Names that may be unbound.

        Returns:
            The bit of each name; for each point the bits of names that may be unbound before it.
        """
        names = sorted({n for p in self.points for n in p.uses | p.defs})
        bit = {n: 1 << k for k, n in enumerate(names)}
        everything = (1 << len(names)) - 1
        bound = [union(bit[n] for n in p.defs) for p in self.points]
        missing = [everything if i == 0 else 0 for i in range(len(self.points))]
        after = [p.after for p in self.points]
        return bit, solve(self.before, after, [0] * len(bound), bound, missing, forward=True)


def union(bits: Iterable[int]) -> int:
    """Or of all."""
    out = 0
    for b in bits:
        out |= b
    return out


def solve(
    sources: list[list[int]],
    targets: list[list[int]],
    made: list[int],
    killed: list[int],
    base: list[int],
    *,
    forward: bool,
) -> list[int]:
    """The least solution of `in = base | union(out of sources)`, `out = made | in & ~killed`."""
    come = list(base)
    out = [m | (b & ~k) for m, b, k in zip(made, base, killed, strict=True)]
    work = list(range(len(made)))
    if forward:
        work.reverse()
    waiting = [True] * len(made)
    while work:
        i = work.pop()
        waiting[i] = False
        into = base[i]
        for j in sources[i]:
            into |= out[j]
        come[i] = into
        leaving = made[i] | (into & ~killed[i])
        if leaving != out[i]:
            out[i] = leaving
            for j in targets[i]:
                if not waiting[j]:
                    waiting[j] = True
                    work.append(j)
    return come
