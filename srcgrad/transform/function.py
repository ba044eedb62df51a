"""Whole functions in reverse mode: a joint gradient, or a forward and a backward half."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad.analysis.activity import Activity
from srcgrad.errors import NotScalar
from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, may_be_active, numeric
from srcgrad.lower.aliases import summarise
from srcgrad.lower.join import describe
from srcgrad.lower.program import Typed, World
from srcgrad.rules.expr import const
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.lives import COPY, made
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import nodes
from srcgrad.transform.blocks import Block, Item, block_of, jumps
from srcgrad.transform.cotangents import Bars, Place, leaf_places
from srcgrad.transform.generated import Generated
from srcgrad.transform.shapes import display
from srcgrad.transform.sweep import Sweep


class Reverse(Sweep):
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
        self.activity = Activity(typed, [w for w in wanted if may_be_active(typed.parameters[w])])
        self.aliases = summarise(typed)
        self.starts: dict[Block, list[gast.stmt]] = {}
        self.collected: dict[gast.stmt, Place | None] = {}
        self.indexed: dict[gast.stmt, str] = {}
        self.tripbacks: dict[gast.stmt, gast.expr] = {}
        self.marks: dict[gast.stmt, gast.stmt] = {}
        self.paired: dict[gast.AST, tuple[str, list[str]]] = {}
        self.pinned: set[gast.stmt] = set()
        self.given: set[str] = set()
        self.checked: dict[gast.AST, gast.stmt] = {}
        self.prepare_saves()
        self.check_callees()

    def joint(self, *, value: bool) -> Generated:
        """The gradient as one function: the user's statements, then their adjoints."""
        self.with_value = value
        out = self.paths(block_of(self.function.node.body), [])
        body = self.assembled(out)
        return Generated(
            self.function.object.__name__, list(self.function.parameters), body, self.pinned
        )

    def paths(self, block: Block, prefix: list[Item]) -> list[Any]:
        """Statements down to each return, where the reverse sweep of that path follows."""
        out: list[Any] = []
        prefix = list(prefix)
        for item in block.items:
            s = item.node
            if isinstance(s, gast.Return):
                return [*out, *self.at_return(s, prefix)]
            if isinstance(s, gast.If) and jumps(s):
                return [
                    *out,
                    (s, self.paths(item.blocks[0], prefix), self.paths(item.blocks[1], prefix)),
                ]
            out.append(s)
            prefix.append(item)
            if isinstance(s, gast.Raise):
                return out
        raise self.not_scalar(self.function.node, Static(None))

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
        self.copy_number += 1
        self.given = set()
        bars: Bars = {}
        reverse = self.seeded(s, const(1.0), bars)
        for item in reversed(prefix):
            reverse += self.item(item, bars)
        self.bars, self.out = bars, []
        found = [self.result((w,), self.typed.parameters[w]) for w in self.wanted]
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

    def private(self, reverse: list[gast.stmt]) -> list[gast.stmt]:
        """Reverse statements that restore a copy, where the memory is the caller's."""
        opening: list[gast.stmt] = []
        for p in self.function.parameters:
            kind = self.typed.parameters[p]
            holds = isinstance(kind, (Array, List)) or (
                isinstance(kind, Record) and kind.type is not tuple
            )
            if holds and self.is_changed(p):
                identifier = made(p, COPY, self.copy_number)
                opening.append(assign(identifier, call(attribute(name(p), "copy"))))
                for s in reverse:
                    for n in nodes(s):
                        if isinstance(n, gast.Name) and n.id == p:
                            n.id = identifier
        return opening + reverse

    def halves(self, seeds: Any) -> tuple[list[gast.stmt], gast.stmt, list[Place]]:
        """Both halves of a function with one return, as one body with a mark between them.

        Args:
            seeds: the cotangent of the result, a tree of expressions.

        Returns:
            The body, whose return gives the value and the results; the mark; the results' places.
        """
        *body, s = self.function.node.body
        bars: Bars = {}
        reverse = self.seeded(s, seeds, bars)
        for item in reversed(block_of(body).items):
            reverse += self.item(item, bars)
        self.bars, self.out = bars, []
        places = [
            (p, k)
            for w in self.wanted
            for p, k in leaf_places((w,), self.typed.parameters[w])
            if may_be_active(k)
        ]
        results = [self.result(p, k) for p, k in places]
        identifier = self.new("value")
        boundary = gast.Pass()
        self.pinned.add(boundary)
        final = gast.Return(value=gast.Tuple(elts=[name(identifier), *results], ctx=gast.Load()))
        reverse = self.private([*reverse, *self.out, final])
        out = [*body, ("value", s, identifier), boundary, *reverse]
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
        if isinstance(kind, Record):
            parts = [
                self.result((*place, k), i) for k, i in zip(kind.keys, kind.items, strict=True)
            ]
            return display(kind, parts)
        if len(place) > 1 and not may_be_active(kind):
            return constant(None)
        found = self.bars.pop(place, None)
        if found is None:
            return self.zeros_of(
                self.like(place, kind) if isinstance(kind, Array) else self.place_node(place), kind
            )
        if isinstance(kind, Array) and kind.dims == ():
            return call(
                attribute(self.text.module(np), "full_like"),
                self.place_node(place),
                self.text(found.expr),
            )
        if isinstance(kind, Array):
            if found.owned and self.full(found.expr, kind) and found.expr.op == "leaf":
                identifier = found.expr.data.id
                if identifier not in self.given:
                    self.given.add(identifier)
                    return name(identifier)
            return self.owned_copy(found.expr, kind, place)
        if isinstance(kind, List) and not found.owned:
            return call(name("list"), self.text(found.expr))
        have = numeric(found.expr.kind)
        if (
            isinstance(kind, Scalar)
            and kind.python
            and have is not None
            and have.dtype != kind.dtype
        ):
            return call(name("float"), self.text(found.expr))
        return self.text(found.expr)

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


def note(text: str) -> gast.stmt:
    """A comment, or an empty line."""
    return gast.Expr(value=gast.Constant(value=Comment(text), kind=None))
