"""Headers of loops backwards: what is gone through again, and how often."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import Array, Iteration, List, Record
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import UNUSED, user_name
from srcgrad.syntax.quote import assign, call, constant, name, subscript
from srcgrad.syntax.walk import walk
from srcgrad.transform.blocks import Block, jumps, parts
from srcgrad.transform.reverse import Statements
from srcgrad.transform.text import copied


class Headers(Statements):
    """Targets, iterables and trip counts of reversed loops."""

    def is_changed(self, variable: str) -> bool:
        """Whether what a variable refers to may be changed in place."""
        return bool(self.changes(variable))

    def changes(self, variable: str) -> list[gast.stmt]:
        """The statements that may change in place what a variable refers to."""
        if variable not in self.aliases.parent:
            return []
        alike = (
            self.aliases.container
            if isinstance(self.typed.variables.get(variable), List)
            and variable not in self.together
            else self.aliases.find
        )
        root = alike(variable)
        return [w for n, writes in self.aliases.written.items() if alike(n) == root for w in writes]

    aliases: Any

    def counted(self, block: Block) -> Block:
        """The part of an iteration that counts: what follows tests that only leave the loop."""
        while (
            len(block.items) == 1
            and isinstance(block.items[0].node, gast.If)
            and parts(block.items[0].node)
        ):
            sides = block.items[0].blocks
            idle = [
                all(isinstance(i.node, (gast.Break, gast.Pass)) for i in b.items) and bool(b.items)
                for b in sides
            ]
            if idle[0] == idle[1]:
                break
            block = sides[1] if idle[0] else sides[0]
        return block

    def header(
        self, s: gast.stmt, block: Block, counted: Block
    ) -> tuple[gast.expr, gast.expr, list[gast.stmt]]:
        """Target and iterable of the reversed loop."""
        leaves = any(jumps(t, (gast.Break, gast.Return)) for t in s.body)
        if isinstance(s, gast.While) or counted is not block:
            trips = self.trips(s, counted)
            if isinstance(s, gast.While):
                return stored(name(UNUSED)), call(name("range"), trips), []
        elif leaves:
            trips = self.trips(s, counted)
        else:
            trips = None
        assert isinstance(s, gast.For)
        iterable = self.iterable(s)
        target = stored(self.rebuilt_target(s.target))
        kind = self.kind(s.iter)
        match kind:
            case Iteration(name="range"):
                if trips is not None:
                    iterable = subscript(iterable, gast.Slice(lower=None, upper=trips, step=None))
                return target, call(name("reversed"), iterable), []
            case Iteration(name="reversed") if trips is None:
                return target, iterable_of_reversed(iterable), []
            case Array():
                if trips is not None:
                    iterable = subscript(iterable, gast.Slice(lower=None, upper=trips, step=None))
                back = gast.Slice(lower=None, upper=None, step=constant(-1))
                iterable, target = self.with_index(s, target, iterable, subscript(iterable, back))
                return target, iterable, []
            case List() | Record() if trips is None and not (
                isinstance(kind, Record) and kind.type is dict
            ):
                iterable, target = self.with_index(
                    s, target, iterable, call(name("reversed"), iterable)
                )
                return target, iterable, []
        items = call(name("list"), iterable)
        if trips is not None:
            items = subscript(items, gast.Slice(lower=None, upper=trips, step=None))
        iterable, target = self.with_index(s, target, items, call(name("reversed"), items))
        return target, iterable, []

    def with_index(
        self, s: gast.For, target: gast.expr, items: gast.expr, backwards: gast.expr
    ) -> tuple[gast.expr, gast.expr]:
        """The reversed iterable and its target, with the item's position where it is needed."""
        index = self.indexed.get(s)
        if index is None:
            return backwards, target
        both = gast.Tuple(elts=[stored(name(index)), target], ctx=gast.Store())
        count = call(name("list"), call(name("enumerate"), items))
        return call(name("reversed"), count), both

    indexed: dict[gast.stmt, str]

    def rebuilt_target(self, t: gast.expr) -> gast.expr:
        """A copy of a loop's target."""
        match t:
            case gast.Name():
                return name(t.id)
            case gast.Tuple() | gast.List():
                return gast.Tuple(
                    elts=[stored(self.rebuilt_target(e)) for e in t.elts], ctx=gast.Store()
                )
        raise self.function.refuse(t, "this target of a loop is not supported", "Use names.")

    def iterable(self, s: gast.For) -> gast.expr:
        """The iterable of a loop, evaluated again or recorded."""
        return self.remade(s.iter, s)

    def remade(self, node: gast.expr, s: gast.For) -> gast.expr:
        """An iterable once more; of `zip` and the like each part, since those run only once."""
        kind, callee = self.kind(node), self.typed.callees.get(node)
        if isinstance(node, gast.Call) and isinstance(kind, Iteration) and callee is not None:
            steady = all(
                self.free(a) and self.kept(n, s) for a in node.args for n in self.contents(a)
            )
            if callee.target is not range or steady:
                new = copied(node)
                new.args = [self.remade(a, s) for a in node.args]
                if callee.tag == "method":
                    new.func.value = self.remade(node.func.value, s)
                return new
        elif self.free(node) and all(self.kept(n, s) for n in self.contents(node)):
            return self.node_text(node)
        if node not in self.hoisted:
            numbers = isinstance(kind, Iteration) and kind.name == "range"
            for n in [] if numbers else self.contents(node):
                if self.is_changed(n):
                    raise self.function.refuse(
                        s,
                        f"`{user_name(n)}` changes while it is looped over",
                        "Loop over a range.",
                    )
            self.hoisted[node] = self.new("items")
        return name(self.hoisted[node])

    def contents(self, node: gast.expr) -> list[str]:
        """Names whose contents an iterable reads, not only the shapes of arrays."""
        out: list[str] = []
        stack: list[gast.AST] = [node]
        while stack:
            n = stack.pop()
            match n:
                case gast.Name():
                    out.append(n.id)
                    continue
                case gast.Call(args=[a]) if self.is_length(n) and isinstance(self.kind(a), Array):
                    base = a
                    while isinstance(base, (gast.Subscript, gast.Attribute)):
                        stack += [base.slice] if isinstance(base, gast.Subscript) else []
                        base = base.value
                    if isinstance(base, gast.Name) and self.bindings.get(base.id, 0) == 1:
                        continue
                case gast.Attribute(value=gast.Name() as a, attr="shape" | "size"):
                    if self.bindings.get(a.id, 0) == 1:
                        continue
            stack += list(gast.iter_child_nodes(n))
        return sorted(set(out))

    def kept(self, variable: str, s: gast.stmt) -> bool:
        """Whether a variable has, after a loop, the value that it had before it."""
        inside = {
            n
            for t in s.body
            for m in walk(t)
            if isinstance(m, (gast.Assign, gast.AugAssign, gast.For))
            for n in bound(m)
        }
        inside |= stores(s.target) if isinstance(s, gast.For) else set()
        return variable not in inside and not self.changed_in(variable, s)

    def changed_in(self, variable: str, s: gast.stmt) -> bool:
        """Whether what a variable refers to is changed in place within a loop."""
        lines = {id(m) for t in s.body for m in walk(t)}
        return any(
            id(w) in lines or id(getattr(w, "value", None)) in lines for w in self.changes(variable)
        )

    def trips(self, s: gast.stmt, counted: Block) -> gast.expr:
        """The number of iterations, counted in the forward sweep."""
        k = ("trips", s)
        if k not in self.slots:
            counter = self.slots[k] = self.new("trips")
            first = counted.items[0].node if counted.items else s.body[0]
            self.insert(s, "before", assign(counter, constant(0)))
            more = gast.AugAssign(target=stored(name(counter)), op=gast.Add(), value=constant(1))
            self.insert(first, "start", more)
            if self.loops_of[s]:
                self.slots["back", s] = ""
                taken = self.save(s, counter, name(counter), "trips", "after")
                self.tripbacks[s] = taken
        return copy.deepcopy(self.tripbacks.get(s, name(self.slots[k])))

    tripbacks: dict[gast.stmt, gast.expr]


def bound(s: gast.stmt) -> frozenset[str]:
    """Names that a statement itself binds."""
    match s:
        case gast.Assign(targets=targets):
            return stores(*targets)
        case gast.AugAssign(target=t) | gast.For(target=t):
            return stores(t)
    return frozenset()


def stored(node: gast.expr) -> gast.expr:
    """A name or tuple as a target."""
    node.ctx = gast.Store()
    return node


def iterable_of_reversed(node: gast.expr) -> gast.expr:
    """`xs` from `reversed(xs)`."""
    return node.args[0]
