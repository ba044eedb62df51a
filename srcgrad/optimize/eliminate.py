"""Dropping statements whose results nothing reads: strong liveness, saves and restores together.

A statement is live if it must stay (it returns, may raise, or changes what the caller sees) or if
it gives a value to something live. A save is live if a live restore takes from it, and all restores
from one tape live together: on every path as much is taken from it as was put there.
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from srcgrad.lower.switches import ALL_ON, Switches
from srcgrad.optimize.shared import Groups
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.flow import Graph, union
from srcgrad.syntax.lives import is_tape
from srcgrad.syntax.quote import negated
from srcgrad.syntax.walk import blocks_in, change_blocks, heads, names, nodes

CHANGING = ("append", "extend", "pop", "reverse", "clear", "insert")


class Liveness:
    """Which statements of a function are live.

    Args:
        body: the statements.
        parameters: names bound at the start.
        pinned: statements that stay.
        visible: names whose memory the caller sees.
        groups: for names that may share memory all of them.
    """

    def __init__(
        self,
        body: list[gast.stmt],
        parameters: Iterable[str],
        pinned: set[gast.stmt],
        visible: frozenset[str],
        groups: Groups,
    ) -> None:
        self.groups = groups
        self.graph = Graph(body, tuple(parameters))
        self.pinned = pinned
        self.visible = visible
        self.tapes: set[str] = set()
        self.heads: set[gast.stmt] = set()
        self.parents: dict[gast.stmt, list[gast.stmt]] = {}
        self.taken: dict[gast.stmt, set[str]] = {}
        self.node_of: dict[int, gast.stmt] = {}
        self._own(body, [])
        names = sorted({n for p in self.graph.points for n in p.uses | p.defs})
        self.bit = {n: 1 << k for k, n in enumerate(names)}
        self.all_tapes = {n for n in names if is_tape(n)}
        self.live: set[gast.stmt] = set()
        self.settle()

    def _own(self, body: list[gast.stmt], above: list[gast.stmt]) -> None:
        for s in body:
            self.parents[s] = above
            self.taken[s] = popped(s)
            if s in self.graph.at:
                self.node_of[self.graph.at[s]] = s
            if isinstance(s, gast.For) and s.target in self.graph.at:
                self.node_of[self.graph.at[s.target]] = s
            for block in blocks_in(s):
                self._own(block, [*above, s])

    def settle(self) -> None:
        """Solve until no more tapes or compound statements turn out to be live."""
        while True:
            before = (len(self.tapes), len(self.heads), len(self.live))
            self.solve()
            for s in list(self.live):
                self.heads |= set(self.parents[s])
                if blocks_in(s):
                    self.heads.add(s)
            if before == (len(self.tapes), len(self.heads), len(self.live)):
                return

    def solve(self) -> None:
        """One solution of the dataflow equations for the present tapes and heads."""
        points = self.graph.points
        live_in = [0] * len(points)
        work = list(range(len(points)))
        waiting = [True] * len(points)
        facts = [self.transfer(i) for i in range(len(points))]
        while work:
            i = work.pop()
            waiting[i] = False
            out = union(live_in[j] for j in points[i].after)
            always, wanted, uses, kills = facts[i]
            alive = always or bool(out & wanted)
            coming = (out & ~kills) | uses if alive else out
            if alive and i in self.node_of:
                self.mark(self.node_of[i])
            if coming != live_in[i]:
                live_in[i] = coming
                for j in self.graph.before[i]:
                    if not waiting[j]:
                        waiting[j] = True
                        work.append(j)

    def mark(self, s: gast.stmt) -> None:
        """Note a live statement, and the tapes it takes from."""
        if s in self.live:
            return
        self.live.add(s)
        self.tapes |= self.taken[s]

    def transfer(self, i: int) -> tuple[bool, int, int, int]:
        """For a point: is it live anyway; names that make it live, that it reads, that it sets."""
        p = self.graph.points[i]
        s = self.node_of.get(i)
        uses = union(self.bit[n] for n in p.uses)
        defs = union(self.bit[n] for n in p.defs)
        if s is None:
            return bool(p.uses), 0, uses, defs
        match s:
            case gast.With():
                return s in self.heads or s in self.pinned, 0, uses, defs
            case gast.If() | gast.While() | gast.Try():
                return s in self.heads or s in self.pinned, 0, uses, 0
            case gast.For():
                return (
                    s in self.heads or s in self.pinned,
                    0 if p.node is s.iter else defs,
                    uses,
                    defs,
                )
            case gast.Return() | gast.Raise() | gast.Assert():
                return True, 0, uses, 0
            case gast.Break() | gast.Continue():
                return (
                    any(
                        isinstance(a, (gast.For, gast.While)) and a in self.heads
                        for a in self.parents[s]
                    ),
                    0,
                    0,
                    0,
                )
            case gast.Pass():
                return s in self.pinned, 0, 0, 0
        if is_comment(s):
            return False, 0, 0, 0
        if self.taken[s] & self.tapes:
            return True, 0, uses, defs
        changed = changes(s)
        if changed and changed <= self.all_tapes:
            return bool(changed & self.tapes), 0, uses, 0
        changed = changed.union(*(self.groups[n] for n in changed if n in self.groups))
        wanted = defs | union(self.bit.get(n, 0) for n in changed)
        always = s in self.pinned or bool(changed & self.visible) or unknown_effect(s)
        return always, wanted, uses, defs


def changes(s: gast.stmt) -> set[str]:
    """Names whose objects a statement changes in place."""
    targets: list[gast.expr] = []
    match s:
        case gast.Assign() | gast.Delete():
            targets = list(s.targets)
        case gast.AugAssign():
            targets = [s.target]
        case gast.Expr(
            value=gast.Call(func=gast.Attribute(attr="at"), args=[gast.Name(id=first), *_])
        ):
            return {first}
        case gast.Expr(value=gast.Call(func=gast.Attribute(value=base, attr=attr))) if (
            attr in CHANGING and (n := root_of(base)) is not None
        ):
            return {n}
    out: set[str] = set()
    if isinstance(s, gast.Assign):
        for node in nodes(s.value):
            match node:
                case gast.Call(func=gast.Attribute(value=base, attr="pop")):
                    taken = root_of(base)
                    out |= {taken} if taken is not None and not is_tape(taken) else set()
    stack = targets
    while stack:
        t = stack.pop()
        if isinstance(t, (gast.Tuple, gast.List)):
            stack += t.elts
        elif isinstance(t, gast.Name) and isinstance(s, gast.AugAssign):
            out.add(t.id)
        elif isinstance(t, (gast.Subscript, gast.Attribute)):
            while isinstance(t, (gast.Subscript, gast.Attribute)):
                t = t.value
            if isinstance(t, gast.Name):
                out.add(t.id)
    return out


def root_of(node: gast.expr) -> str | None:
    """The name at the root of a path of subscripts."""
    while isinstance(node, gast.Subscript):
        node = node.value
    return node.id if isinstance(node, gast.Name) else None


def popped(s: gast.stmt) -> set[str]:
    """Tapes that a statement takes from."""
    found = set().union(*(mentioned for h in heads(s) for mentioned in names(h)))
    return {n for n in found if is_tape(n)}


def unknown_effect(s: gast.stmt) -> bool:
    """Whether an expression statement acts on something that no name here stands for."""
    return isinstance(s, gast.Expr) and isinstance(s.value, gast.Call) and not changes(s)


def is_comment(s: gast.stmt) -> bool:
    """Whether a statement is a comment or an empty line."""
    return isinstance(s, gast.Expr) and isinstance(s.value, gast.Constant)


def eliminate(
    body: list[gast.stmt],
    parameters: Iterable[str],
    pinned: set[gast.stmt],
    visible: frozenset[str],
    groups: Groups,
    switches: Switches = ALL_ON,
) -> list[gast.stmt]:
    """Drop dead statements, and comments that stand above nothing."""
    if switches.liveness:
        live = Liveness(body, parameters, pinned, visible, groups).live
    else:
        live = {s for s in nodes(body) if isinstance(s, gast.stmt) and not isinstance(s, gast.Pass)}
        live |= pinned
    return without_dead(body, live, pinned)


def without_dead(
    body: list[gast.stmt], live: set[gast.stmt], pinned: set[gast.stmt]
) -> list[gast.stmt]:
    """The live statements of a block."""
    out: list[gast.stmt] = []
    pending: gast.stmt | None = None
    for s in body:
        if is_comment(s):
            text = s.value.value
            pending = s if isinstance(text, Comment) and text else None
            if pending is None and text is not None:
                out.append(s)
            continue
        if s not in live:
            continue
        if isinstance(s, (gast.With, gast.Try)):
            change_blocks(s, lambda block: without_dead(block, live, pinned) or [gast.Pass()])
        if isinstance(s, (gast.If, gast.For, gast.While)):
            s.body = without_dead(s.body, live, pinned)
            s.orelse = without_dead(s.orelse, live, pinned)
            if not s.body and s.orelse:
                s.test, s.end_lineno = negated(s.test), None
                s.body, s.orelse = s.orelse, []
            s.body = s.body or [gast.Pass()]
        if pending is not None:
            out.append(pending)
            pending = None
        out.append(s)
    return out
