"""Dropping statements whose results nothing reads: strong liveness, saves and restores together.

A statement is live if it must stay (it returns, may raise, or changes what the caller sees) or if
it gives a value to something live. A save is live if a live restore takes from it, and all restores
from one tape live together: on every path as much is taken from it as was put there.
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from srcgrad.lower.base.switches import ALL_ON, Switches
from srcgrad.optimize.shaped import Shaped
from srcgrad.optimize.shared import Groups
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.flow import Graph, union
from srcgrad.syntax.lives import is_tape
from srcgrad.syntax.quote import negated
from srcgrad.syntax.walk import blocks_in, change_blocks, nodes

NO_SHAPES = Shaped()
CHANGING = ("append", "extend", "pop", "reverse", "clear", "insert")


class Liveness:
    """Which statements of a function are live.

    Facts only grow: a live statement makes live what it stands in, the jumps out of a loop, and
    all that acts on a tape with it; their points are then looked at again.

    Args:
        body: the statements.
        parameters: names bound at the start.
        pinned: statements that stay.
        visible: names whose memory the caller sees.
        groups: for names that may share memory all of them.
        shaped: tells what reads the shapes of arrays alone.
    """

    def __init__(
        self,
        body: list[gast.stmt],
        parameters: Iterable[str],
        pinned: set[gast.stmt],
        visible: frozenset[str],
        groups: Groups,
        shaped: Shaped,
    ) -> None:
        self.groups = groups
        self.shaped = shaped
        self.graph = Graph(body, tuple(parameters))
        self.pinned = pinned
        self.visible = visible
        self.heads: set[gast.stmt] = set()
        self.live: set[gast.stmt] = set()
        self.parents: dict[gast.stmt, list[gast.stmt]] = {}
        self.jumps: dict[gast.stmt, list[int]] = {}
        self.node_of: dict[int, gast.stmt] = {}
        self._own(body, [])
        mentioned = [p.uses | p.defs for p in self.graph.points]
        self.bit = {n: 1 << k for k, n in enumerate(sorted(set().union(*mentioned)))}
        self.tapes = [set(filter(is_tape, found)) for found in mentioned]
        self.acting: dict[str, list[int]] = {}
        for i, found in enumerate(self.tapes):
            for n in found if is_simple(self.node_of.get(i)) else ():
                self.acting.setdefault(n, []).append(i)
        self.uses = [self.read_bits(i) for i in range(len(mentioned))]
        self.defs = [self.bits(p.defs) | self.shape_bits(p.defs) for p in self.graph.points]
        facts = [self.transfer(i) for i in range(len(mentioned))]
        self.always = [always for always, _, _ in facts]
        self.wanted = [wanted for _, wanted, _ in facts]
        self.kills = [kills for _, _, kills in facts]
        self.work = list(range(len(facts)))
        self.waiting = [True] * len(facts)
        self.solve()

    def bits(self, names: Iterable[str]) -> int:
        """The bits of names; those that no point mentions have none."""
        return union(self.bit.get(n, 0) for n in names)

    def read_bits(self, i: int) -> int:
        """The bits of names that a point reads: of their entries, or of their shapes alone."""
        names, s = self.graph.points[i].uses, self.node_of.get(i)
        shapes = self.shaped.read_by(s, names) if s is not None and is_simple(s) else frozenset()
        return self.bits(names - shapes) | self.shape_bits(shapes)

    def shape_bits(self, names: Iterable[str]) -> int:
        """The bits of the shapes of names."""
        return union(self.bit.get(n, 0) for n in names) << len(self.bit)

    def _own(self, body: list[gast.stmt], above: list[gast.stmt]) -> None:
        for s in body:
            self.parents[s] = above
            for i in self.points_of(s):
                self.node_of[i] = s
            if isinstance(s, (gast.Break, gast.Continue)):
                for loop in above:
                    if isinstance(loop, (gast.For, gast.While)):
                        self.jumps.setdefault(loop, []).append(self.graph.at[s])
            inside = [*above, s]
            for block in blocks_in(s):
                self._own(block, inside)

    def points_of(self, s: gast.stmt) -> list[int]:
        """The points of a statement: where control comes to it, and where a loop's item comes."""
        at = self.graph.at
        own = (s, s.target) if isinstance(s, gast.For) else (s,)
        return [at[n] for n in own if n in at]

    def solve(self) -> None:
        """Solve the dataflow equations."""
        points, before = self.graph.points, self.graph.before
        live_in = [0] * len(points)
        while self.work:
            i = self.work.pop()
            self.waiting[i] = False
            coming = 0
            for j in points[i].after:
                coming |= live_in[j]
            if self.always[i] or coming & self.wanted[i]:
                coming = (coming & ~self.kills[i]) | self.uses[i]
                self.mark(i)
            if coming != live_in[i]:
                live_in[i] = coming
                self.look_at(before[i])

    def look_at(self, places: Iterable[int]) -> None:
        """Points that are looked at again."""
        for i in places:
            if not self.waiting[i]:
                self.waiting[i] = True
                self.work.append(i)

    def mark(self, i: int) -> None:
        """Note the live statement of a point, and what it makes live."""
        s = self.node_of.get(i)
        if s is None or s in self.live:
            return
        self.live.add(s)
        for head in [*self.parents[s], s] if blocks_in(s) else self.parents[s]:
            if head not in self.heads:
                self.heads.add(head)
                self.wake([*self.points_of(head), *self.jumps.get(head, ())])
        for tape in set().union(*(self.tapes[j] for j in self.points_of(s))):
            self.wake(self.acting.pop(tape, []))

    def wake(self, places: list[int]) -> None:
        """Points that are live in any case from now on."""
        asleep = [i for i in places if not self.always[i]]
        for i in asleep:
            self.always[i] = True
        self.look_at(asleep)

    def transfer(self, i: int) -> tuple[bool, int, int]:
        """For a point: is it live from the start; names that make it live; those that it sets."""
        s, defs = self.node_of.get(i), self.defs[i]
        if s is None:
            return bool(self.uses[i]), 0, defs
        match s:
            case gast.Return() | gast.Raise() | gast.Assert():
                return True, 0, 0
            case gast.For():
                return s in self.pinned, 0 if self.graph.at[s] == i else defs, defs
            case gast.Break() | gast.Continue():
                return False, 0, 0
            case _ if is_comment(s):
                return False, 0, 0
            case _ if not is_simple(s):
                return s in self.pinned, 0, 0
        changed = changes(s)
        if changed and all(map(is_tape, changed)):
            return False, 0, defs
        unknown = isinstance(s, gast.Expr) and isinstance(s.value, gast.Call) and not changed
        changed = changed.union(*(self.groups[n] for n in changed if n in self.groups))
        always = unknown or s in self.pinned or not self.visible.isdisjoint(changed)
        return always, defs | self.bits(changed), defs


COMPOUND = (gast.If, gast.For, gast.While, gast.With, gast.Try)
CONTROL = (*COMPOUND, gast.Break, gast.Continue, gast.Pass, gast.Return, gast.Raise, gast.Assert)


def is_simple(s: gast.stmt | None) -> bool:
    """Whether a statement binds a name, changes a value or calls a function, and does no more."""
    return s is not None and not isinstance(s, CONTROL)


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
    shaped: Shaped = NO_SHAPES,
) -> list[gast.stmt]:
    """Drop dead statements, and comments that stand above nothing."""
    if switches.liveness:
        live = Liveness(body, parameters, pinned, visible, groups, shaped).live
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
