"""Which names may share memory, and which memory is written: flow-insensitive points-to classes.

Two names are in one class if one may be a view of the other, or a container may hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Iteration, Kind, List, Record, Scalar, is_tuple, mutable
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.viewing import FRESH, VIEWING
from srcgrad.lower.memory.steady import Steady
from srcgrad.lower.memory.tangles import Tangles, is_memory, memory_of, repeats
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk

LISTS = ("append", "extend", "insert", "pop", "reverse", "clear", "remove")
UPDATES = ("update", "intersection_update", "difference_update", "symmetric_difference_update")
CHANGING = (*LISTS, *UPDATES, "add", "discard")


@dataclass
class Aliases:
    """Classes of names that may share memory.

    Attributes:
        parent: the union-find forest over names.
        written: names that arrays are written through, with the statements that do.
        returned: parameters that the result may share memory with.
        tangled: whether parts of the result may share memory that no parameter refers to.
        same: the forest over names that may be one container.
        steady: names from outside that nothing writes to, which are in no class.
        sharing: how names share arrays that are written, once that is known.
    """

    parent: dict[str, str] = field(default_factory=dict)
    written: dict[str, list[gast.stmt]] = field(default_factory=dict)
    returned: frozenset[str] = frozenset()
    tangled: bool = False
    same: dict[str, str] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()
    sharing: Any = None

    def container(self, name: str) -> str:
        """The representative of the names that may be one container (not only share its items)."""
        while self.same.get(name, name) != name:
            name = self.same[name]
        return name

    def unite_containers(self, a: str, b: str) -> None:
        """Note that two names may be one container, or that one holds the other."""
        ra, rb = self.container(a), self.container(b)
        if ra != rb:
            self.same[ra] = rb

    def find(self, name: str) -> str:
        """The representative of a name's class."""
        self.parent.setdefault(name, name)
        while self.parent[name] != name:
            name = self.parent[name]
        return name

    def unite(self, a: str, b: str) -> None:
        """Put two names into one class."""
        ra, rb = self.find(a), self.find(b)
        if ra != rb:
            self.parent[ra] = rb

    def members(self, name: str) -> list[str]:
        """All names of a class."""
        root = self.find(name)
        return [n for n in self.parent if self.find(n) == root and n not in self.steady]

    def changed(self) -> dict[str, list[gast.stmt]]:
        """The classes that are written, by representative, with the statements that write."""
        out: dict[str, list[gast.stmt]] = {}
        for name, statements in self.written.items():
            out.setdefault(self.find(name), []).extend(statements)
        return out

    def is_written(self, name: str) -> bool:
        """Whether the memory of a name may be written."""
        root = self.find(name)
        return any(self.find(n) == root for n in self.written)


def sources(typed: Typed, node: gast.expr) -> Iterator[str]:
    """Names whose memory the value of an expression may share."""
    kind = typed.kinds.get(node)
    if kind is not None and not mutable(kind) and not isinstance(kind, (Record, Iteration)):
        return
    match node:
        case _ if isinstance(getattr(kind, "item", None), Scalar) and new_container(typed, node):
            return
        case gast.Name(id=name):
            yield name
        case gast.Subscript() | gast.Attribute():
            if isinstance(node, gast.Attribute) and node.attr not in ("T", "real", "imag"):
                return
            if not (isinstance(node, gast.Subscript) and is_copy(typed, node)):
                yield from sources(typed, node.value)
        case gast.IfExp():
            yield from sources(typed, node.body)
            yield from sources(typed, node.orelse)
        case gast.Tuple() | gast.List():
            for e in node.elts:
                yield from sources(typed, e.value if isinstance(e, gast.Starred) else e)
        case gast.BoolOp() | gast.Dict():
            for v in node.values:
                yield from sources(typed, v)
        case gast.BinOp() if not isinstance(kind, Array):
            found = [*sources(typed, node.left), *sources(typed, node.right)]
            yield from found or ([memory_of("items")] if repeats(typed, node) else ())
        case gast.Call():
            yield from call_sources(typed, node)


def call_sources(typed: Typed, node: gast.Call) -> Iterator[str]:
    """Names whose memory the result of a call may share."""
    callee = typed.callees.get(node)
    if callee is None:
        return
    if callee.tag == "rule" and callee.target not in VIEWING:
        return
    if isinstance(node.func, gast.Attribute) and node.func.attr == "flatten":
        return
    if callee.tag == "user":
        inner = summarise(callee.target)
        if inner.tangled:
            yield memory_of(callee.target.function.object.__name__)
        for name, operand in callee.operands:
            if name in inner.returned and isinstance(operand, gast.AST):
                yield from sources(typed, operand)
        return
    if callee.tag == "astype" or callee.target in FRESH:
        return
    if callee.tag == "structural":
        for a in node.args if callee.target is runtime.add else node.args[:1]:
            yield from sources(typed, a)
        return
    operands = [o for _, o in callee.operands if isinstance(o, gast.AST)] or node.args
    for o in operands:
        if callee.tag == "rule" and isinstance(typed.kinds.get(o), (List, Record)):
            continue
        yield from sources(typed, o)


def is_copy(typed: Typed, node: gast.Subscript) -> bool:
    """Whether a subscript of an array copies: one with a mask or an array of indices."""
    if not isinstance(typed.kinds.get(node.value), Array):
        return False
    items = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
    return any(
        isinstance(typed.kinds.get(i), (Array, List)) or _list(typed.kinds.get(i)) for i in items
    )


def _list(kind: Kind | None) -> bool:
    return isinstance(kind, Record) and kind.type is list


def summarise(typed: Typed) -> Aliases:
    """The alias classes of a function (kept on the function, for its callers)."""
    if typed.summary is None:
        group: list[Typed] = []
        again = callees_first(typed, group, set())
        for t in group:
            t.summary = Aliases()
        changed = True
        while changed:
            changed = False
            for t in group:
                before, t.summary = t.summary, aliases_of(t)
                changed |= again and effects(t, before) != effects(t, t.summary)
    return typed.summary


def callees_first(typed: Typed, group: list[Typed], seen: set[Typed]) -> bool:
    """Collect the functions that a function calls and that have no summary yet, and itself.

    Returns:
        Whether one of them calls itself, directly or through others.
    """
    seen.add(typed)
    again = False
    for callee in typed.callees.values():
        if callee.tag == "user" and callee.target.summary is None:
            if callee.target not in seen:
                again |= callees_first(callee.target, group, seen)
            elif callee.target not in group:
                again = True
    group.append(typed)
    return again


def effects(typed: Typed, found: Aliases) -> Any:
    """What callers see of a summary: parameters written, returned, and those of one class."""
    mine = [p for p in typed.parameters if p in found.parent]
    return (
        found.returned,
        found.tangled,
        [p for p in mine if found.is_written(p)],
        [(p, q) for p in mine for q in mine if found.find(p) == found.find(q)],
    )


def aliases_of(typed: Typed) -> Aliases:
    """Find the alias classes of a function."""
    out = Aliases()
    for p, kind in typed.parameters.items():
        if mutable(kind):
            out.find(p)
    returned: set[str] = set()
    for s in walk(typed.function.node):
        match s:
            case gast.Assign():
                found = list(sources(typed, s.value))
                for t in s.targets:
                    link(typed, out, t, found, s)
                if len(s.targets) > 1 and mutable(typed.kinds.get(s.value)):
                    unite_targets(typed, out, s)
            case gast.AugAssign(target=gast.Name(id=name)):
                if isinstance(typed.kinds.get(s.target), (Array, List)) or _list(
                    typed.kinds.get(s.target)
                ):
                    out.find(name)
                    out.written.setdefault(name, []).append(s)
                    if not isinstance(typed.kinds.get(s.target), Array):
                        for n in sources(typed, s.value):
                            out.unite(name, n)
            case gast.AugAssign():
                link(typed, out, s.target, [], s)
            case gast.Delete():
                for t in s.targets:
                    link(typed, out, t, [], s)
            case gast.For():
                found = list(sources(typed, s.iter))
                link(typed, out, s.target, found, s)
            case gast.Return() if s.value is not None:
                returned |= set(sources(typed, s.value))
            case gast.Call():
                call_effects(typed, out, s)
    out.tangled = Tangles(typed, out, sources).returned()
    if not typed.switches.aliases:
        returned |= unite_all(typed, out)
    else:
        out.steady = Steady(typed, out, sources).names()
    classes = {out.find(n) for n in returned}
    out.returned = frozenset(
        p for p in typed.parameters if p in out.parent and out.find(p) in classes
    )
    return out


def unite_all(typed: Typed, out: Aliases) -> set[str]:
    """Put all names of memory into one class; gives them where the result may share it."""
    names = {n for n, k in typed.variables.items() if mutable(k)} | set(out.parent)
    first = min(names, default="")
    for n in sorted(names):
        out.unite(first, n)
        out.unite_containers(first, n)
    return names if mutable(typed.returns) else set()


def link(typed: Typed, out: Aliases, t: gast.expr, found: list[str], s: gast.stmt) -> None:
    """Note that a target is bound to, or written with, memory of the names found."""
    if isinstance(t, (gast.Tuple, gast.List)):
        for e in t.elts:
            link(typed, out, e, found, s)
        return
    if isinstance(t, gast.Subscript):
        base = typed.kinds.get(t.value)
        for name in sources(typed, t.value):
            out.find(name)
            out.written.setdefault(name, []).append(s)
            if not isinstance(base, Array):
                held = containers_of(typed, s, found)
                put = typed.kinds.get(t)
                if isinstance(t.slice, gast.Slice):
                    put = put.item if isinstance(put, List) else None
                for n in found:
                    out.unite(name, n)
                    if n in held and has_container(put):
                        out.unite_containers(name, n)
        return
    kept = containers_of(typed, s, found)
    for name in sorted(stores(t)):
        if isinstance(typed.variables.get(name), Scalar):
            continue
        for n in found:
            out.unite(name, n)
            if n not in kept or is_memory(n):
                continue
            kind = typed.variables.get(name)
            if isinstance(s, gast.Assign) and new_container(typed, s.value):
                kind = kind.item if isinstance(kind, List) else None
            if has_container(kind):
                out.unite_containers(name, n)


def containers_of(typed: Typed, s: gast.stmt, found: list[str]) -> set[str]:
    """Of the names whose memory a value may share those whose containers it may be or hold."""
    value = s.value if isinstance(s, gast.Assign) else None
    if isinstance(value, (gast.Dict, gast.Tuple, gast.List)):
        return set(inner_containers(typed, value))
    return set(found)


def inner_containers(typed: Typed, node: gast.expr) -> Iterator[str]:
    """Names of the containers that a display holds; of what they hold it shares the memory."""
    for e in node.values if isinstance(node, gast.Dict) else node.elts:
        if has_container(typed.kinds.get(e)):
            yield from sources(typed, e.value if isinstance(e, gast.Starred) else e)


def unite_targets(typed: Typed, out: Aliases, s: gast.Assign) -> None:
    """Note that the targets of `a = b = value` share the value's memory."""
    held: list[str] = []
    for t in s.targets:
        if isinstance(t, gast.Subscript):
            if not isinstance(typed.kinds.get(t.value), Array):
                held += sources(typed, t.value)
        else:
            held += sorted(stores(t))
    for n in held[1:]:
        out.unite(held[0], n)
        if has_container(typed.kinds.get(s.value)):
            out.unite_containers(held[0], n)


def new_container(typed: Typed, node: gast.expr) -> bool:
    """Whether an expression makes a list of its own, which shares at most items with others."""
    if not isinstance(typed.kinds.get(node), List):
        return False
    if isinstance(node, gast.Call) and (callee := typed.callees.get(node)) is not None:
        if callee.tag == "structural":
            return callee.target in (runtime.first_items, runtime.last_items)
        return callee.target in (list, tuple, sorted) or (
            callee.tag == "method" and callee.target == "copy"
        )
    return isinstance(node, gast.BinOp) or (
        isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Slice)
    )


def has_container(kind: Kind | None) -> bool:
    """Whether a value is a list or dict, or holds one."""
    match kind:
        case List():
            return True
        case Record():
            return not is_tuple(kind) or any(map(has_container, kind.items))
        case Iteration():
            return any(map(has_container, kind.parts))
    return False


def call_effects(typed: Typed, out: Aliases, node: gast.Call) -> None:
    """Note what a call writes, and what it puts into a container."""
    callee = typed.callees.get(node)
    if callee is None:
        return
    statement = gast.Expr(value=node)
    gast.copy_location(statement, node)
    if callee.tag == "method" and callee.target in CHANGING:
        for name in sources(typed, node.func.value):
            out.find(name)
            out.written.setdefault(name, []).append(statement)
            for a in node.args:
                for n in sources(typed, a):
                    out.unite(name, n)
                    if has_container(typed.kinds.get(a)):
                        out.unite_containers(name, n)
    if callee.tag == "scatter":
        for name in sources(typed, node.args[0]):
            out.find(name)
            out.written.setdefault(name, []).append(statement)
    if callee.tag == "user":
        inner = summarise(callee.target)
        held: dict[str, str] = {}
        for name, operand in callee.operands:
            if not isinstance(operand, gast.AST):
                continue
            for n in sources(typed, operand):
                if name in inner.parent and inner.is_written(name):
                    out.written.setdefault(n, []).append(statement)
                if name in inner.parent:
                    first = held.setdefault(inner.find(name), n)
                    out.unite(first, n)
