"""The state of typing one function, and what it notes about shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import (
    Array,
    Kind,
    Record,
    Scalar,
    Static,
    numeric,
)
from srcgrad.lower.base.join import as_list, describe
from srcgrad.lower.base.program import Callee, Function, Typed, World
from srcgrad.lower.base.rearranged import CHANGING
from srcgrad.lower.base.viewing import READ_ONLY, VIEWING
from srcgrad.rules.declare import Rule
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk

LIST_METHODS = (*CHANGING, "copy", "index", "count")


def handed(node: gast.expr) -> Iterator[str]:
    """The names of which an expression may give the value itself."""
    match node:
        case gast.Name(id=n):
            yield n
        case gast.IfExp():
            yield from handed(node.body)
            yield from handed(node.orelse)
        case gast.BoolOp(values=values):
            for v in values:
                yield from handed(v)
        case gast.NamedExpr(value=value):
            yield from handed(value)


def holds_known_list(kind: Kind) -> bool:
    """Whether a value is, or holds, a list of known length."""
    return isinstance(kind, Record) and (
        kind.type is list or any(map(holds_known_list, kind.items))
    )


class Typer:
    """Types one function. The environment and the tables are those of the interpreter at work.

    Args:
        function: what is typed.
        parameters: the kinds of its parameters.
        world: what is known besides.
        lists: names of which the lists of known length are typed like others.
    """

    def __init__(
        self,
        function: Function,
        parameters: dict[str, Kind],
        world: World,
        lists: frozenset[str] = frozenset(),
    ) -> None:
        self.function = function
        self.world = world
        self.typed = Typed(function, parameters, switches=world.switches)
        self.typed.variables.update(parameters)
        if function.guarded and len(world.open) < 2:
            self.typed.facts = world.facts
        self.env: dict[str, Kind] = {}
        self.local_names = set(parameters)
        self.changed: set[str] = set()
        self.deep: set[str] = set(lists)
        self.mixed: set[str] = set()
        self.read_only: set[str] = set()
        self.inner_calls: set[gast.AST] = set()
        self.handed_on: set[str] | None = None
        self.rewritten: set[Any] | None = None
        self.steady = frozenset(parameters) - stores(function.node)
        pairs: list[tuple[str, str]] = []
        for n in walk(function.node):
            if isinstance(n, gast.Call):
                self.note_changes(n)
            elif isinstance(n, gast.stmt) and not isinstance(n, gast.FunctionDef):
                self.note_names(n)
                if isinstance(n, gast.Assign) and isinstance(n.targets[0], gast.Name):
                    pairs += [(n.targets[0].id, a) for a in handed(n.value)]
        self.spread_changes(pairs)
        for p, kind in parameters.items():
            if isinstance(kind, Record) and kind.type is list and p in self.changed | self.deep:
                self.typed.parameters = self.typed.parameters | {p: as_list(kind)}
                self.typed.variables[p] = as_list(kind)

    def spread_changes(self, pairs: list[tuple[str, str]]) -> None:
        """A list that is changed through a second name is changed under its first.

        Args:
            pairs: names that are bound, each with one whose value it may be given.
        """
        size = -1
        while size != len(self.changed) + len(self.deep):
            size = len(self.changed) + len(self.deep)
            self.changed |= {a for b, a in pairs if b in self.changed}
            self.deep |= {a for b, a in pairs if b in self.deep}

    def read_as_records(self) -> frozenset[str]:
        """Names that hold lists of known length where they are read, and other lists elsewhere."""
        found = {
            n.id
            for n, kind in (self.typed.kinds.items() if self.mixed else ())
            if isinstance(n, gast.Name) and n.id in self.mixed and holds_known_list(kind)
        }
        return frozenset(found - self.deep)

    def note_read_only(self, t: gast.Subscript) -> None:
        """Note a target that raises if it is a part of an array that cannot be written."""
        if self.is_read_only(t):
            self.typed.read_only.add(t)
            self.typed.unproven.add(t)

    def is_read_only(self, e: gast.expr) -> bool:
        """Whether an array may be a view through which nothing can be written."""
        match e:
            case gast.Name(id=n):
                return n in self.read_only
            case gast.Subscript() | gast.Attribute():
                return self.is_read_only(e.value)
            case gast.Call(args=args):
                callee = self.typed.callees.get(e)
                target = callee.target if callee is not None and callee.tag == "rule" else None
                if any(target is f for f in READ_ONLY):
                    kind = self.typed.kinds.get(args[0]) if args else None
                    vector = (
                        isinstance(kind, Array) and kind.dims is not None and len(kind.dims) < 2
                    )
                    return target is not np.diag or not vector
                views = any(target is f for f in VIEWING)
                return views and any(map(self.is_read_only, [*args, e.func]))
        return False

    def note_names(self, s: gast.stmt) -> None:
        """Note the names that a statement binds, and the containers that it changes in place."""
        match s:
            case gast.Assign():
                self.local_names |= stores(*s.targets)
                targets = s.targets
            case gast.AugAssign():
                self.local_names |= stores(s.target)
                targets = [s.target]
                if isinstance(s.target, gast.Name):
                    self.changed.add(s.target.id)
            case gast.For():
                self.local_names |= stores(s.target)
                targets = []
            case _:
                targets = []
        for t in targets:
            if isinstance(t, gast.Subscript) and isinstance(t.value, gast.Name):
                self.changed.add(t.value.id)
            elif isinstance(t, gast.Subscript) and isinstance(t.value, gast.Subscript):
                self.note_inner(t.value)

    def note_changes(self, node: gast.Call) -> None:
        """Note the container that a call of a method changes in place."""
        match node.func:
            case gast.Attribute(value=gast.Name(id=name), attr=attr) if attr in CHANGING:
                self.changed.add(name)
            case gast.Attribute(value=gast.Subscript() as path, attr=attr) if attr in CHANGING:
                self.note_inner(path)

    def note_inner(self, path: gast.expr) -> None:
        """Note that a list inside of what a name refers to is changed."""
        while isinstance(path, gast.Subscript):
            path = path.value
        if isinstance(path, gast.Name):
            self.deep.add(path.id)

    def callee(self, node: gast.Call, found: Callee, kind: Kind) -> Kind:
        """Note what a call calls."""
        self.typed.callees[node] = found
        return kind

    def pinned(self, kind: Kind) -> Kind:
        """An int argument as a constant, where its value is what the text depends on."""
        if isinstance(kind, Scalar) and kind.value is not None:
            found = self.world.facts.pinned(kind.value)
            return kind if found is None else Static(found)
        if isinstance(kind, Record):
            return Record(kind.type, kind.keys, tuple(map(self.pinned, kind.items)))
        return kind

    def check_broadcast(self, node: gast.AST, numbers: list[Scalar | Array]) -> None:
        """Note that shapes may turn out not to fit, unless the guard will have checked them."""
        shapes = [n.dims if isinstance(n, Array) else () for n in numbers]
        if any(s is None for s in shapes):
            self.typed.unproven.add(node)
            return
        for i, s in enumerate(shapes):
            for t in shapes[:i]:
                for a, b in zip(reversed(s), reversed(t), strict=False):  # type: ignore[arg-type]
                    if not self.world.facts.compatible(a, b):
                        self.typed.unproven.add(node)

    def fits(self, node: gast.AST, place: Kind, kind: Kind) -> None:
        """Note that a value may turn out not to fit into the place it is written to."""
        target, value = numeric(place), numeric(kind)
        if target is None or value is None:
            raise self.function.refuse(node, f"{describe(kind)} is written into {describe(place)}")
        self.check_broadcast(node, [target, value])

    def check_matmul(self, node: gast.AST, a: Any, b: Any) -> None:
        """Note that inner lengths may not fit, unless the guard will have checked them."""
        if not (isinstance(a, Array) and isinstance(b, Array) and a.dims and b.dims):
            self.typed.unproven.add(node)
            return
        inner = b.dims[-2] if len(b.dims) > 1 else b.dims[0]
        if not self.world.facts.equal(a.dims[-1], inner) or max(len(a.dims), len(b.dims)) > 2:
            self.typed.unproven.add(node)

    def eval(self, node: gast.expr) -> Kind:
        """The kind of an expression."""
        raise NotImplementedError

    def item_of(self, node: gast.expr, kind: Kind) -> Kind:
        """What a loop over a value gives."""
        raise NotImplementedError

    def index(self, node: gast.Subscript, base: Array) -> Kind:
        """The kind of a subscript of an array."""
        raise NotImplementedError

    def refused(self, node: gast.AST) -> Exception:
        """The error for a construct that no pass knows."""
        raise NotImplementedError

    def record(self, node: gast.AST, kind: Kind) -> Kind:
        """Note a kind."""
        raise NotImplementedError

    def with_rule(
        self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]
    ) -> Kind:
        """A call of a function with a rule or a kind."""
        raise NotImplementedError

    def no_rule(self, node: gast.AST, what: str, hint: str) -> Exception:
        """The error for a call that has no rule."""
        raise NotImplementedError
