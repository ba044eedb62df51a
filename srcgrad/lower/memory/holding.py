"""Lists and dicts that are changed while another name, or another container, may refer to them.

A container has one adjoint for each name that it goes by. That is right as long as the container is
not changed while two of its names are in use, and does not stand twice in a container through
which it is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import gast

from srcgrad.kinds import Kind, List, Record
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import Aliases, has_container, new_container, sources
from srcgrad.syntax.flow import Graph, loads, solve, stores, union
from srcgrad.syntax.walk import walk

ADDING = ("append", "extend", "insert")
COPIES = ("copy",)


class Holding:
    """What one function does with its containers.

    Args:
        typed: the function.
        aliases: its alias classes.
    """

    def __init__(self, typed: Typed, aliases: Aliases) -> None:
        self.typed = typed
        self.aliases = aliases
        self.graph = Graph(typed.function.node.body, typed.function.parameters)
        self.bit, self.live = self.graph.live_out()
        made, killed = [], []
        for p in self.graph.points:
            s = self.statement_at(p.node)
            held = set(self.held(s)) if s is not None else set()
            bound = p.defs if not isinstance(s, gast.AugAssign) else frozenset()
            if s is not None and not self.fresh_binding(s):
                held |= bound
            made.append(union(self.bit.get(n, 0) for n in held))
            killed.append(union(self.bit.get(n, 0) for n in bound))
        made[0] = 0
        after = [p.after for p in self.graph.points]
        nothing = [0] * len(made)
        self.shared = solve(self.graph.before, after, made, killed, nothing, forward=True)

    def statement_at(self, node: gast.AST) -> gast.stmt | None:
        """The statement that a point stands for: of a loop, its target."""
        if isinstance(node, gast.stmt):
            return node
        for s in self.loops():
            if s.target is node:
                return s
        return None

    def loops(self) -> list[gast.For]:
        """All loops of the function."""
        if not hasattr(self, "_loops"):
            nodes = walk(self.typed.function.node)
            self._loops = [s for s in nodes if isinstance(s, gast.For)]
        return self._loops

    def kind(self, node: gast.AST) -> Kind | None:
        """The kind of an expression."""
        return self.typed.kinds.get(node)

    def held(self, s: gast.stmt) -> Iterator[str]:
        """Names of containers that a statement gives another name, or puts into a container."""
        match s:
            case gast.Assign():
                inner = self.inner(s.value)
                if any(map(has_container, inner)):
                    yield from sources(self.typed, s.value)
            case gast.AugAssign():
                if has_container(getattr(self.kind(s.value), "item", self.kind(s.value))):
                    yield from sources(self.typed, s.value)
            case gast.For():
                if has_container(self.typed.kinds.get(s.target)):
                    yield from sources(self.typed, s.iter)
            case gast.Expr(value=gast.Call(func=gast.Attribute(attr=attr)) as node):
                if attr in ADDING:
                    for a in node.args:
                        if has_container(self.kind(a)):
                            yield from sources(self.typed, a)

    def inner(self, node: gast.expr) -> list[Kind | None]:
        """The kinds of what of a value may belong to other containers too."""
        kind = self.kind(node)
        if isinstance(node, (gast.List, gast.Tuple)):
            return [self.kind(e) for e in node.elts]
        if isinstance(node, gast.Dict):
            return [self.kind(v) for v in node.values]
        if new_container(self.typed, node):
            return [kind.item if isinstance(kind, List) else None]
        return [kind]

    def fresh_binding(self, s: gast.stmt) -> bool:
        """Whether a statement binds names to containers that nothing else refers to."""
        if not isinstance(s, gast.Assign):
            return not isinstance(s, gast.For) or not has_container(self.typed.kinds.get(s.target))
        if not all(isinstance(t, (gast.Name, gast.Subscript)) for t in s.targets):
            return not has_container(self.kind(s.value))
        return len(s.targets) == 1 and self.fresh(s.value)

    def fresh(self, node: gast.expr) -> bool:
        """Whether an expression makes a container of its own, or is none."""
        if not has_container(self.kind(node)):
            return True
        if isinstance(node, (gast.List, gast.Tuple, gast.Dict)):
            return True
        return new_container(self.typed, node)

    def conflict(self, names: list[str]) -> tuple[gast.stmt, str, str] | None:
        """A change of a container that two names may stand for; None if there is none.

        Args:
            names: containers that may be one, or hold one another.

        Returns:
            The statement and the names.
        """
        for s in walk(self.typed.function.node):
            for a, depth in self.changed(s):
                if a not in names or s not in self.graph.at:
                    continue
                other = self.conflicting(s, a, depth, names)
                if other is not None:
                    return s, a, other
        return None

    def conflicting(self, s: gast.stmt, a: str, depth: int, names: list[str]) -> str | None:
        """Another name for what a statement changes through one name, or that name itself."""
        at = self.graph.at[s]
        level = height(self.typed.variables.get(a)) - depth + 1
        if depth > 1 and not all(map(self.distinct, names)):
            return a
        private = depth == 1 and self.private(s, a)
        for b in names:
            if b == a or height(self.typed.variables.get(b)) < level or private:
                continue
            read = loads(getattr(s, "value", None)) if isinstance(s, gast.Assign) else frozenset()
            if b in self.typed.parameters or self.live[at] & self.bit.get(b, 0) or b in read:
                return b
        return None

    def private(self, s: gast.AST, a: str) -> bool:
        """Whether nothing else refers to what a name stands for before a statement."""
        at = self.graph.at.get(s)
        return at is not None and not self.shared[at] & self.bit.get(a, 0)

    def distinct(self, n: str) -> bool:
        """Whether no container stands twice in what a name refers to."""
        given = n in self.typed.parameters and not self.typed.function.guarded
        if given and height(self.typed.variables.get(n)) > 1:
            return False
        for s in walk(self.typed.function.node):
            for value in self.put_into(s, n):
                if not self.single(s, value):
                    return False
        return True

    def put_into(self, s: gast.AST, n: str) -> Iterator[gast.expr]:
        """The values that a statement puts into the containers of a name, or binds it to."""
        match s:
            case gast.Assign():
                for t in s.targets:
                    if n in stores(t) or n in roots(t):
                        yield s.value
            case gast.AugAssign() if n in stores(s.target) or n in roots(s.target):
                yield s.value
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base, attr=attr)) as node):
                if attr in ADDING and n in loads(base):
                    yield from node.args
            case gast.For() if n in stores(s.target):
                yield s.iter

    def single(self, s: gast.AST, node: gast.expr) -> bool:
        """Whether the containers in a value stand in no other container, and only once in it."""
        if not has_container(self.kind(node)):
            return True
        match node:
            case gast.List() | gast.Tuple():
                names = [e.id for e in node.elts if isinstance(e, gast.Name)]
                return len(set(names)) == len(names) and all(self.single(s, e) for e in node.elts)
            case gast.Dict():
                names = [v.id for v in node.values if isinstance(v, gast.Name)]
                return len(set(names)) == len(names) and all(self.single(s, v) for v in node.values)
            case gast.Name(id=r):
                at = self.graph.at.get(s)
                return at is not None and not self.shared[at] & self.bit.get(r, 0)
        kind = self.kind(node)
        return new_container(self.typed, node) and not has_container(getattr(kind, "item", kind))

    def changed(self, s: gast.AST) -> Iterator[tuple[str, int]]:
        """Names through which a statement changes a container, and how deep inside it that is."""
        match s:
            case gast.Assign():
                for t in s.targets:
                    for n in walk(t):
                        if isinstance(n, gast.Subscript) and isinstance(n.ctx, gast.Store):
                            yield from self.path(n.value, 1)
            case gast.AugAssign(target=gast.Name(id=n)):
                if has_container(self.kind(s.target)):
                    yield n, 1
            case gast.AugAssign(target=gast.Subscript(value=base)):
                yield from self.path(base, 1)
            case gast.stmt():
                for n in walk(s) if not hasattr(s, "body") else ():
                    callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
                    if callee is not None and callee.tag == "method":
                        if callee.target not in ("copy", "get", "index", "count", "items", "keys"):
                            yield from self.path(n.func.value, 1)

    def path(self, node: gast.expr, depth: int) -> Iterator[tuple[str, int]]:
        """The name at the root of a path, and its depth."""
        while isinstance(node, gast.Subscript):
            if not isinstance(self.kind(node), (List, Record)):
                return
            node, depth = node.value, depth + 1
        if isinstance(node, gast.Name) and has_container(self.typed.variables.get(node.id)):
            yield node.id, depth


def conflict_in(
    typed: Typed, aliases: Aliases, members: Iterable[str]
) -> tuple[gast.stmt, str, str] | None:
    """A change of a list or dict that more than one name of a class may stand for."""
    written = {aliases.container(n) for n in aliases.written}
    groups: dict[str, list[str]] = {}
    for n in members:
        kind = typed.variables.get(n)
        if kind is None or isinstance(kind, (List, Record)):
            groups.setdefault(aliases.container(n), []).append(n)
    holding: Holding | None = None
    for representative, names in sorted(groups.items()):
        if representative in written:
            holding = holding or Holding(typed, aliases)
            found = holding.conflict(sorted(names))
            if found is not None:
                return found
    return None


def roots(t: gast.expr) -> set[str]:
    """The names of the containers that a target is an item of."""
    out: set[str] = set()
    for n in walk(t):
        if isinstance(n, gast.Subscript) and isinstance(n.ctx, gast.Store):
            base = n.value
            while isinstance(base, gast.Subscript):
                base = base.value
            out |= loads(base)
    return out


def height(kind: Kind | None) -> int:
    """How many containers are at most inside one another in a value."""
    match kind:
        case List(item=item):
            return 1 + height(item)
        case Record(items=items):
            return 1 + max(map(height, items), default=0)
    return 0
