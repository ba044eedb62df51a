"""Arrays that are written and have several names: how the names can be kept apart.

Names are *moved* where no write to memory is seen through another name: `u, u_new = u_new, u`
after a step into `u_new`, or `u = new` where `new` is not read again. Each name is then a value of
its own, as if arrays were copied when they are assigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, List, Record
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import Aliases, sources, summarise
from srcgrad.lower.memory.holding import conflict_in
from srcgrad.lower.memory.layouts import pairs_of
from srcgrad.lower.memory.pairing import Pairing
from srcgrad.syntax.flow import Graph, loads, stores
from srcgrad.syntax.walk import walk

Pairs = frozenset[tuple[str, str]]

GIVEN = "|given"
PLAIN = (
    np.zeros,
    np.empty,
    np.ones,
    np.full,
    np.zeros_like,
    np.empty_like,
    np.ones_like,
    np.full_like,
    np.copy,
)


@dataclass(frozen=True)
class Sharing:
    """How the names of one function share arrays that are written.

    Attributes:
        classes: the classes of names that may share arrays that are written.
        writes: for each of them the statements that write.
        moved: the names of classes of several, each of which is a value of its own.
        paired: classes of several names that have shadows.
        possible: names that may have shadows once the function is in normal form.
        unread: statements that overwrite what nothing has read, in memory of these names.
        settled: views that are as good as copies, in the classes that have shadows.
    """

    classes: tuple[frozenset[str], ...]
    writes: tuple[list[gast.stmt], ...]
    moved: frozenset[str]
    paired: tuple[frozenset[str], ...]
    possible: frozenset[str]
    unread: frozenset[gast.stmt]
    settled: frozenset[gast.AST]


def sharing(typed: Typed) -> Sharing:
    """The sharing of a function (kept with its alias classes)."""
    aliases = summarise(typed)
    if aliases.sharing is None:
        aliases.sharing = sharing_of(typed, aliases)
    return aliases.sharing


def sharing_of(typed: Typed, aliases: Aliases) -> Sharing:
    """Find the sharing of a function."""
    classes: list[frozenset[str]] = []
    written: list[list[gast.stmt]] = []
    moved: set[str] = set()
    possible: set[str] = set()
    paired: list[frozenset[str]] = []
    unread: set[gast.stmt] = set()
    settled: set[gast.AST] = set()
    for representative, writes in aliases.changed().items():
        members = frozenset(aliases.members(representative))
        containers = all(writes_container(typed, w) for w in writes)
        if containers and conflict_in(typed, aliases, members) is None:
            if not any(inside_lists(typed, w) for w in writes):
                continue
        classes.append(members)
        written.append(writes)
        moves = Moves(typed, members)
        several = len(members) > 1 or holds_other(typed, members)
        if containers:
            several = True
        if len(members) > 1 and typed.switches.moves and moves.hold():
            moved |= members
            unread |= moves.unread()
        elif several and (pairing := Pairing(typed, members)).possible():
            possible |= members
            if pairing.holds():
                paired.append(members)
                settled |= pairing.settled
    return Sharing(
        tuple(classes),
        tuple(written),
        frozenset(moved),
        tuple(paired),
        frozenset(possible),
        frozenset(unread),
        frozenset(settled),
    )


def holds_other(typed: Typed, members: frozenset[str]) -> bool:
    """Whether one of the names stands for something else than an array."""
    return any(not isinstance(typed.variables.get(m), Array) for m in members)


def inside_lists(typed: Typed, s: gast.stmt) -> bool:
    """Whether a statement puts something into a dict that a list holds."""
    for t in s.targets if isinstance(s, gast.Assign) else []:
        for n in walk(t):
            if not isinstance(n, gast.Subscript) or not isinstance(n.ctx, gast.Store):
                continue
            if isinstance(typed.kinds.get(n.value), Record):
                base = n.value
                while isinstance(base, gast.Subscript):
                    base = base.value
                    if isinstance(typed.kinds.get(base), List):
                        return True
    return False


def writes_container(typed: Typed, s: gast.stmt) -> bool:
    """Whether a write changes a list or dict, not the memory of an array."""
    match s:
        case gast.AugAssign(target=gast.Name()):
            return not isinstance(typed.kinds.get(s.target), Array)
        case gast.AugAssign() if isinstance(typed.kinds.get(s.target), Array):
            return False
        case gast.Assign() | gast.AugAssign() | gast.Delete():
            targets = [s.target] if isinstance(s, gast.AugAssign) else s.targets
            return not any(
                isinstance(t, gast.Subscript) and isinstance(typed.kinds.get(t.value), Array)
                for t in walk(gast.Tuple(elts=list(targets), ctx=gast.Store()))
            )
        case gast.Expr(value=gast.Call() as call):
            callee = typed.callees.get(call)
            return callee is not None and callee.tag == "method"
    return False


class Moves:
    """Follows the names of one class through a function.

    Args:
        typed: the function.
        members: the names of the class.
    """

    def __init__(self, typed: Typed, members: frozenset[str]) -> None:
        self.typed = typed
        self.members = members
        self.node = typed.function.node

    def hold(self) -> bool:
        """Whether each name is a value of its own, and no argument of the caller's is written."""
        kinds = [self.typed.variables.get(m) for m in self.members]
        if not all(isinstance(k, Array) and k.dims for k in kinds):
            return False
        if not Pairing(self.typed, self.members).is_simple():
            return False
        bindings = {s: self.bindings(s) for s in walk(self.node) if isinstance(s, gast.stmt)}
        if any(b is None for b in bindings.values()):
            return False
        graph = self.graph = Graph(self.node.body, self.typed.function.parameters)
        self.effect = {graph.at[s]: b for s, b in bindings.items() if b and s in graph.at}
        self.come = self.followed()
        bit, out = graph.live_out()
        for s in bindings:
            at = graph.at.get(s)
            if at is None:
                continue
            for n in self.written(s):
                for other in partners(self.come[at], n):
                    if other == GIVEN or out[at] & bit.get(other, 0):
                        return False
        return True

    def bindings(self, s: gast.stmt) -> dict[str, str | None] | None:
        """What a statement binds members to: names of members, or None for memory of their own.

        Returns:
            None where that cannot be told.
        """
        out: dict[str, str | None] = {}
        match s:
            case gast.Assign(targets=[t], value=value):
                for to, v in pairs_of(t, value):
                    if not self.members & stores(to):
                        continue
                    if isinstance(v, gast.Name) and isinstance(to, gast.Name):
                        out[to.id] = v.id if v.id in self.members else None
                    elif set(sources(self.typed, v)) & self.members:
                        return None
                    else:
                        out |= dict.fromkeys(self.members & stores(to))
                return out
            case gast.Assign(targets=targets):
                return None if self.members & stores(*targets) else {}
            case gast.For(target=t):
                return None if self.members & stores(t) else {}
            case gast.Expr() | gast.AugAssign() | gast.Return() | gast.Raise() | gast.Assert():
                return {} if self.calls_only_read(s) else None
        return {}

    def calls_only_read(self, s: gast.stmt) -> bool:
        """Whether no function of the user's that a statement calls writes to members."""
        for n in walk(s):
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is None or callee.tag != "user":
                continue
            inner = summarise(callee.target)
            for p, o in callee.operands:
                if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p):
                    if set(sources(self.typed, o)) & self.members:
                        return False
        return True

    def followed(self) -> list[Pairs]:
        """For each point the pairs of names that may share memory when control gets there."""
        given = [p for p in self.typed.function.parameters if p in self.members]
        start = frozenset((GIVEN, p) for p in given)
        return self.spread(start, lambda i, come: after(come, self.effect.get(i, {})))

    def spread(self, start: frozenset[Any], leave: Any) -> list[frozenset[Any]]:
        """The least solution of a dataflow: for each point what holds when control gets there."""
        points = self.graph.points
        come: list[frozenset[Any]] = [frozenset() for _ in points]
        work = list(range(len(points)))
        while work:
            i = work.pop(0)
            leaving = leave(i, come[i]) if i else start
            for j in points[i].after:
                if not leaving <= come[j]:
                    come[j] |= leaving
                    if j not in work:
                        work.append(j)
        return come

    def unread(self) -> set[gast.stmt]:
        """Statements that overwrite parts of arrays of which nothing was read since they exist.

        What such a statement overwrites is not needed again, and neither is the value that
        the array was made with.
        """
        nodes = {i: s for s, i in self.graph.at.items()}

        def leave(i: int, come: frozenset[str]) -> frozenset[str]:
            seen = self.reads(i, nodes.get(i), come)
            bound = self.effect.get(i, {})
            kept = {n for n in seen if n not in bound}
            for n, source in bound.items():
                if source in seen if source is not None else not is_plain(self.typed, nodes[i]):
                    kept.add(n)
            return frozenset(kept)

        given = frozenset(p for p in self.typed.function.parameters if p in self.members)
        come = self.spread(given, leave)
        out: set[gast.stmt] = set()
        for s, i in self.graph.at.items():
            written = set(self.written(s)) if isinstance(s, gast.Assign) else set()
            if written and not self.reads(i, s, come[i]) & written:
                out.add(s)
        return out

    def reads(self, i: int, s: gast.AST | None, come: frozenset[str]) -> frozenset[str]:
        """The members of whose memory something was read once a point is done."""
        used = self.graph.points[i].uses
        if isinstance(s, gast.Assign):
            moved = self.effect.get(i, {})
            pairs = [p for t in s.targets for p in pairs_of(t, s.value)]
            used = frozenset().union(
                *(
                    loads(v)
                    for t, v in pairs
                    if getattr(t, "id", "") not in moved or not is_name(v)
                ),
                *(loads(n.slice) for t in s.targets for n in walk(t) if is_part(n)),
                *(loads(base_of(n)) for t in s.targets for n in walk(t) if is_deep(n)),
            )
        found = used & self.members
        return come.union(found, *(partners(self.come[i], n) for n in found))

    def written(self, s: gast.stmt) -> Iterator[str]:
        """The members that a statement writes through."""
        targets: list[gast.expr] = []
        match s:
            case gast.Assign():
                targets = [n for t in s.targets for n in walk(t) if is_part(n)]
            case gast.AugAssign():
                targets = [s.target]
            case gast.Expr(value=gast.Call(args=[first, *_]) as call):
                callee = self.typed.callees.get(call)
                targets = [first] if callee is not None and callee.tag == "scatter" else []
        for t in targets:
            if isinstance(t, gast.Subscript) or isinstance(s, (gast.AugAssign, gast.Expr)):
                yield from (n for n in sources(self.typed, base_of(t)) if n in self.members)


def after(come: Pairs, binding: dict[str, str | None]) -> Pairs:
    """The pairs that share memory after names were bound."""
    if not binding:
        return come

    def old(n: str) -> str | None:
        return binding.get(n, n)

    names = {n for pair in come for n in pair} | set(binding)
    names |= {n for n in binding.values() if n is not None}
    known = come | {(b, a) for a, b in come}
    out: set[tuple[str, str]] = set()
    for a in names:
        for b in names:
            x, y = old(a), old(b)
            if a < b and x is not None and y is not None and (x == y or (x, y) in known):
                out.add((a, b))
    return frozenset(out)


def partners(pairs: Pairs, n: str) -> set[str]:
    """The names that may share memory with a name."""
    return {a if b == n else b for a, b in pairs if n in (a, b)}


def is_name(node: gast.expr) -> bool:
    """Whether an expression is a name."""
    return isinstance(node, gast.Name)


def is_deep(node: gast.AST) -> bool:
    """Whether a node is a part of a part of an array that is written."""
    return is_part(node) and not isinstance(node.value, gast.Name)


def is_plain(typed: Typed, s: gast.AST) -> bool:
    """Whether a statement makes an array whose value no derivative reads: zeros, or a copy."""
    value = s.value if isinstance(s, gast.Assign) else None
    callee = typed.callees.get(value) if isinstance(value, gast.Call) else None
    return callee is not None and (callee.target in PLAIN or callee.tag == "method")


def is_part(node: gast.AST) -> bool:
    """Whether a node is a part of an array that is written."""
    return isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Store)


def base_of(t: gast.expr) -> gast.expr:
    """The name that a path of subscripts starts with."""
    while isinstance(t, (gast.Subscript, gast.Attribute)):
        t = t.value
    return t


def is_rotation(s: gast.stmt) -> bool:
    """Whether a statement gives names to each other: `a, b = b, a`."""
    match s:
        case gast.Assign(targets=[gast.Tuple(elts=to)], value=gast.Tuple(elts=values)):
            names = [e.id for e in (*to, *values) if isinstance(e, gast.Name)]
            half = len(to)
            return (
                len(names) == 2 * half
                and len(set(names[:half])) == half
                and set(names[:half]) == set(names[half:])
            )
    return False
