"""Whole functions in reverse mode: a joint gradient, or a forward and a backward half."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from srcgrad.analysis.activity import Activity
from srcgrad.errors import NotScalar
from srcgrad.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.routes import Route, resolved
from srcgrad.lower.memory.aliases import summarise
from srcgrad.rules.expr import const
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.lives import is_flagged, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import clone
from srcgrad.transform.blocks import Block, Item, block_of, parts, raises
from srcgrad.transform.cotangents import Bars, Place, leaf_places
from srcgrad.transform.generated import Generated
from srcgrad.transform.left import Left
from srcgrad.transform.shapes import display
from srcgrad.transform.unbound import bind_first


class Reverse(Left):
    """One function, for the parameters that are wanted.

    Args:
        typed: the function in normal form.
        world: what the specialisation knows.
        wanted: the parameters to differentiate by.
        program: makes and keeps the halves of callees.
    """

    def __init__(self, typed: Typed, world: World, wanted: list[str], program: Any) -> None:
        super().__init__(typed, world, program.globals)
        self.program = program
        self.wanted = wanted
        roots = dict.fromkeys(w.root if isinstance(w, Route) else w for w in wanted)
        self.activity = Activity(typed, [w for w in roots if may_be_active(typed.parameters[w])])
        self.aliases = summarise(typed)
        self.starts: dict[Block, list[gast.stmt]] = {}
        self.collected: dict[gast.stmt, Place | None] = {}
        self.indexed: dict[gast.stmt, str] = {}
        self.tripbacks: dict[gast.stmt, gast.expr] = {}
        self.marks: dict[gast.stmt, gast.stmt] = {}
        self.paired: dict[gast.AST, tuple[str, list[str]]] = {}
        self.pinned: set[gast.stmt] = set()
        self.given: set[str] = set()
        self.prepare_left()
        self.checked: dict[gast.AST, gast.stmt] = {}
        self.prepare_saves()
        self.prepare_shadows()
        self.check_shared()
        self.make_shadows()
        self.check_callees()
        bind_first(self)

    def joint(self, *, value: bool) -> Generated:
        """The gradient as one function: the user's statements, then their adjoints."""
        self.with_value, self.outermost = value, True
        out = self.paths(block_of(self.function.node.body), [])
        body = self.assembled(out)
        made = Generated(
            self.function.object.__name__, list(self.function.parameters), body, self.pinned
        )
        made.plain = self.plain_names()
        made.groups = {n: c for c in self.shadow_classes() for n in c}
        return made

    def paths(self, block: Block, prefix: list[Item]) -> list[Any]:
        """Statements down to each return, where the reverse sweep of that path follows."""
        out: list[Any] = []
        prefix = list(prefix)
        for item in block.items:
            s = item.node
            if isinstance(s, gast.Return):
                return [*out, *self.at_return(s, prefix)]
            if isinstance(s, gast.If) and parts(s):
                return [
                    *out,
                    (s, self.paths(item.blocks[0], prefix), self.paths(item.blocks[1], prefix)),
                ]
            out.append(s)
            prefix.append(item)
            if raises([s]):
                return out
        raise self.not_scalar(self.function.node, Static(None))

    def not_real(self, s: gast.Return) -> NotScalar:
        """The error for a result that is complex."""
        return NotScalar(
            f"`{self.function.object.__name__}` returns a complex number: "
            "only a function that returns one float has a gradient",
            self.function.location(s),
            "Return its real part or its size: np.real(...), np.abs(...), or use vjp.",
        )

    def check_float(self, s: gast.Return) -> None:
        """Refuse a function that returns an int or a bool on all paths, and no constant.

        Raises:
            NotScalar: it has no derivative.
        """
        kind = self.typed.returns
        if not isinstance(kind, (Scalar, Array)) or kind.dtype.kind not in "biu":
            return
        what = "a bool" if kind.dtype.kind == "b" else "an int"
        raise NotScalar(
            f"`{self.function.object.__name__}` returns {what}, which has no derivative",
            self.function.location(s),
            "Return a float that varies smoothly, such as the margin of a test, or a mean.",
        )

    def not_scalar(self, node: gast.AST, kind: Kind) -> NotScalar:
        """The error for a result that has no gradient."""
        f = self.function.object.__name__
        hint = "Reduce the result with np.sum or np.mean, or use vjp."
        if isinstance(kind, Static) and kind.value is None:
            hint = "Return a number on every path."
        return NotScalar(
            f"`{f}` returns {self.shape_words(kind)}: "
            "only a function that returns one float has a gradient",
            self.function.location(node),
            hint,
        )

    def shape_words(self, kind: Kind) -> str:
        """A kind in words, with its shape where the arguments at hand give it."""
        if not isinstance(kind, Array) or kind.dims is None:
            return describe(kind)
        sizes = [self.world.facts.value(d) for d in kind.dims]
        return describe(kind) if None in sizes else f"an array of shape {tuple(sizes)}"

    def at_return(self, s: gast.Return, prefix: list[Item]) -> list[Any]:
        """The reverse sweep from one return."""
        kind = self.kind(s.value) if s.value is not None else Static(None)
        number = numeric(kind)
        if number is None or (isinstance(number, Array) and number.dims not in ((), None)):
            raise self.not_scalar(s, kind)
        if number.dtype.kind == "c":
            raise self.not_real(s)
        self.check_float(s)
        self.copy_number += 1
        self.given = set()
        bars: Bars = {}
        reverse = self.seeded(s, const(1.0), bars)
        for item in reversed(prefix):
            reverse += self.item(item, bars)
        self.check_received(s, bars)
        self.bars, self.out = bars, []
        found = self.results()
        result = self.program.pack_results(found)
        out: list[Any] = []
        if self.with_value:
            identifier = self.new("value")
            out.append(("value", s, identifier))
            result = gast.Tuple(elts=[name(identifier), result], ctx=gast.Load())
        else:
            out.append(("hoists", s))
        final = gast.Return(value=result)
        return [*out, note(""), *self.private([*reverse, *self.out, final])]

    def check_received(self, s: gast.Return, bars: Bars) -> None:
        """Refuse a function of which an adjoint has not come to where its variable was set.

        That of a variable which may be unbound at the return is left over on the paths on which
        it is unbound: a flag keeps them from reading it, as tests do in a generated text.
        """
        own = set(self.function.parameters)
        for place in bars:
            if place[0] not in own and place[0] in self.typed.variables:
                tested = is_flagged(place[0]) or self.function.generated
                if tested and place[0] in self.blank:
                    continue
                if self.point(s) is not None and not self.is_assigned(s, place[0]):
                    continue
                raise self.function.refuse(
                    self.function.node,
                    f"the derivative by `{user_name(place[0])}` does not come to where it is set",
                    "Give it one kind of value on all paths.",
                )

    def results(self) -> list[gast.expr]:
        """The gradients that are wanted: of parameters, and of parts of them."""
        lists: dict[Place, gast.expr] = {}
        out: list[gast.expr] = []
        for w in self.wanted:
            if not isinstance(w, Route):
                out.append(self.result((w,), self.typed.parameters[w]))
                continue
            found = resolved(w, self.typed.parameters[w.root])
            assert found is not None
            if found.place not in lists:
                value = self.result(found.place, found.kind)
                if found.rest and not isinstance(value, gast.Name):
                    identifier = self.bar_id(found.place)
                    self.out.append(assign(identifier, value))
                    value = name(identifier)
                lists[found.place] = value
            out.append(found.part_of(clone(lists[found.place])))
        return out

    def halves(
        self, seeds: Any, *, anew: bool = False
    ) -> tuple[list[gast.stmt], gast.stmt, list[Place]]:
        """Both halves of a function with one return, as one body with a mark between them.

        Args:
            seeds: the cotangent of the result, a tree of expressions.
            anew: whether the second half has all of the first in it.

        Returns:
            The body, whose return gives the value and the results; the mark; the results' places.
        """
        *body, s = self.function.node.body
        bars: Bars = {}
        reverse = self.seeded(s, seeds, bars)
        for item in reversed(block_of(body).items):
            reverse += self.item(item, bars)
        self.check_received(s, bars)
        self.bars, self.out = bars, []
        places = active_places(self.typed, self.wanted)
        results = [self.result(p, k) for p, k in places]
        identifier = self.new("value")
        boundary = gast.Pass()
        self.pinned.add(boundary)
        final = gast.Return(value=gast.Tuple(elts=[name(identifier), *results], ctx=gast.Load()))
        reverse = [*reverse, *self.out, final]
        if anew:
            first, opening = self.given_again([*body, s], identifier)
            out = [*first, boundary, *opening, *body, ("value", s, identifier), *reverse]
            self.silent = self.prints()
        else:
            out = [*body, ("value", s, identifier), boundary, *self.private(reverse)]
        return self.assembled(out), boundary, [p for p, _ in places]

    def seeded(self, s: gast.Return, seed: Any, bars: Bars) -> list[gast.stmt]:
        """The group of a return, whose cotangent is the seed."""
        self.begin()
        self.bars, self.opening, self.handed, self.after = bars, [], set(), None
        if s.value is not None:
            self.push(s.value, seed)
        return self.commented(s, self.emit([]))

    def result(self, place: Place, kind: Kind) -> gast.expr:
        """The gradient of a parameter, in its structure."""
        if self.is_shadowed(place) and not has_numbers(kind):
            if not isinstance(kind, Record) or kind.type is not dict or not self.loses_keys(place):
                return self.shadow_of(place)
        if isinstance(kind, Record):
            parts = [
                self.result((*place, k), i) for k, i in zip(kind.keys, kind.items, strict=True)
            ]
            return display(kind, parts)
        if len(place) > 1 and not may_be_active(kind):
            return constant(None)
        found = self.bars.pop(place, None)
        if found is None:
            node = self.like(place, kind) if isinstance(kind, Array) else self.place_node(place)
            return self.own_type(kind, self.zeros_of(node, kind))
        if isinstance(kind, Array) and kind.dims == ():
            return call(
                attribute(self.text.module(np), "full_like"),
                self.place_node(place),
                self.text(found.expr),
            )
        if isinstance(kind, Array):
            buffer = found.owned and found.expr.op == "leaf"
            if buffer and self.full(found.expr, kind, buffer=True):
                identifier = found.expr.data.id
                if identifier not in self.given:
                    self.given.add(identifier)
                    return name(identifier)
            return self.owned_copy(found.expr, kind, place)
        if isinstance(kind, Dict):
            return (
                self.text(found.expr) if found.owned else self.own_list(self.text(found.expr), kind)
            )
        if isinstance(kind, List) and isinstance(kind.item, Scalar) and not kind.item.python:
            if self.outermost:
                return self.own_types(kind.item, self.text(found.expr))
        if isinstance(kind, List) and not found.owned:
            return call(name("list"), self.text(found.expr))
        have = numeric(found.expr.kind)
        carried = isinstance(kind, Scalar) and found.expr.op == "leaf" and self.is_mixed(kind)
        if isinstance(kind, Scalar) and not kind.python and (have != kind or carried):
            return self.own_type(kind, self.text(found.expr))
        if (
            isinstance(kind, Scalar)
            and kind.python
            and have is not None
            and (have.dtype != kind.dtype or carried)
        ):
            make = "complex" if kind.dtype.kind == "c" else "float"
            return call(name(make), self.text(found.expr))
        plain = isinstance(kind, Scalar) and kind.python and found.expr.op == "leaf"
        if plain and self.has_open_ranks():
            return gast.UnaryOp(op=gast.UAdd(), operand=self.text(found.expr))
        return self.text(found.expr)

    def loses_keys(self, place: Place) -> bool:
        """Whether dicts in a class lose items, which come back in another order."""
        deleted = (s for s in gast.walk(self.function.node) if isinstance(s, gast.Delete))
        roots = {self.aliases.find(self.root_name(t)) for s in deleted for t in s.targets}
        return self.aliases.find(place[0]) in roots

    outermost = False

    def is_mixed(self, kind: Scalar) -> bool:
        """Whether a sum that a loop carries may be of another type than the number it is for."""
        own = kind.python
        return any(
            k.dtype.kind in "fc" and k.dtype != kind.dtype and not (own and is_python(k))
            for k in self.typed.kinds.values()
            if isinstance(k, (Scalar, Array))
        )

    def has_open_ranks(self) -> bool:
        """Whether sums that loops carry may be arrays without axes."""
        found = (k for k in self.typed.kinds.values() if isinstance(k, Array))
        return any(not k.dims for k in found)

    def own_types(self, kind: Scalar, node: gast.expr) -> gast.expr:
        """A list of gradients, each in the type of a numpy scalar that it belongs to."""
        make = attribute(self.text.module(np), kind.dtype.type.__name__)
        return call(name("list"), call(name("map"), make, node))

    def own_type(self, kind: Kind, node: gast.expr) -> gast.expr:
        """A gradient in the type of a numpy scalar that it belongs to."""
        if not (self.outermost and isinstance(kind, Scalar) and not kind.python):
            return node
        return call(attribute(self.text.module(np), kind.dtype.type.__name__), node)

    def commented(
        self, s: gast.stmt, group: list[gast.stmt], text: str | None = None
    ) -> list[gast.stmt]:
        """A group below its comment; recorded values are taken back first."""
        return super().commented(s, [self.mark(s), *group], text) if group else []

    def branch(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of an `if`, behind a mark for its recorded test."""
        out = super().branch(item, bars)
        return [self.mark(item.node), *out] if out else []

    def mark(self, s: gast.stmt) -> gast.stmt:
        """Where values that were recorded at a statement are taken back."""
        new = gast.Pass()
        self.marks[new] = s
        return new


def active_places(typed: Typed, wanted: Iterable[str]) -> list[tuple[Place, Kind]]:
    """The parts of parameters that have cotangents, in order."""
    return [
        (p, k)
        for w in wanted
        for p, k in leaf_places((w,), typed.parameters[w])
        if may_be_active(k)
    ]


def is_python(kind: Kind) -> bool:
    """Whether a number is one of Python's own."""
    return isinstance(kind, Scalar) and kind.python


def has_numbers(kind: Kind) -> bool:
    """Whether there are numbers in a tuple, which have adjoints of their own."""
    if not isinstance(kind, Record) or not unchanging(kind.type):
        return False
    return any(has_numbers(k) or isinstance(numeric(k), Scalar) for k in kind.items)


def note(text: str) -> gast.stmt:
    """A comment, or an empty line."""
    return gast.Expr(value=gast.Constant(value=Comment(text), kind=None))
