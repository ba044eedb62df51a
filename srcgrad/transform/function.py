"""Whole functions in reverse mode: a joint gradient, or a forward and a backward half."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from srcgrad.analysis.activity import Activity
from srcgrad.errors import NotScalar
from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, may_be_active, numeric
from srcgrad.lower.aliases import summarise
from srcgrad.lower.join import describe
from srcgrad.lower.program import Typed, World
from srcgrad.rules.expr import Expr, const, leaf
from srcgrad.rules.project import materialise
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import clone, nodes
from srcgrad.transform.blocks import Block, Item, block_of, jumps
from srcgrad.transform.cotangents import Bars, Cotangent, Place, leaf_places, trivial
from srcgrad.transform.group import display, simplified
from srcgrad.transform.loops import Loops
from srcgrad.transform.push import BackwardCall
from srcgrad.transform.raises import may_raise

BOUNDARY = "boundary|u"


@dataclass(eq=False)
class Generated:
    """A function that was generated, before it is made lean.

    Attributes:
        name: how it is called.
        parameters: names of its parameters.
        body: its statements.
        pinned: statements that must stay, whatever reads them.
        results: for a backward half, the places of its results.
    """

    name: str
    parameters: list[str]
    body: list[gast.stmt]
    pinned: set[gast.stmt] = field(default_factory=set)
    results: list[Place] = field(default_factory=list)


@dataclass(eq=False)
class Pair:
    """The halves of a callee: what the backward half takes besides the cotangent."""

    forward: str | None
    backward: str
    arguments: list[str]
    recorded: list[str]
    results: list[Place]


class Reverse(Loops):
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
        self.indexed: dict[gast.stmt, str] = {}
        self.tripbacks: dict[gast.stmt, gast.expr] = {}
        self.marks: dict[gast.stmt, gast.stmt] = {}
        self.paired: dict[gast.AST, tuple[str, list[str]]] = {}
        self.pinned: set[gast.stmt] = set()
        self.given: set[str] = set()
        self.checked: dict[gast.AST, gast.stmt] = {}
        self.prepare_saves()
        self.check_callees()

    def check_callees(self) -> None:
        """Refuse calls that change their arguments: nothing here follows such writes yet."""
        for n, callee in self.typed.callees.items():
            if callee.tag != "user":
                continue
            inner = summarise(callee.target)
            for p, o in callee.operands:
                if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p):
                    f = callee.target.function.object.__name__
                    raise self.function.refuse(
                        n, f"`{f}` changes its argument `{p}`", f"Let `{f}` return the new value, or write its code here."
                    )

    def joint(self, *, value: bool) -> Generated:
        """The gradient as one function: the user's statements, then their adjoints."""
        self.with_value = value
        out = self.paths(block_of(self.function.node.body), [])
        body = self.assembled(out)
        return Generated(self.function.object.__name__, list(self.function.parameters), body, self.pinned)

    def paths(self, block: Block, prefix: list[Item]) -> list[Any]:
        """Statements down to each return, where the reverse sweep of that path follows."""
        out: list[Any] = []
        prefix = list(prefix)
        for item in block.items:
            s = item.node
            if isinstance(s, gast.Return):
                return [*out, *self.at_return(s, prefix)]
            if isinstance(s, gast.If) and jumps(s, (gast.Return,)):
                return [*out, (s, self.paths(item.blocks[0], prefix), self.paths(item.blocks[1], prefix))]
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
            f"`{f}` returns {describe(kind)}: only a function that returns one float has a gradient",
            self.function.location(node),
            hint,
        )

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
            if isinstance(self.typed.parameters[p], Array) and self.is_changed(p):
                identifier = f"{p}|c{self.copy_number}"
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
        block = block_of(self.function.node.body)
        *items, last = block.items
        s = last.node
        bars: Bars = {}
        reverse = self.seeded(s, seeds, bars)
        for item in reversed(items):
            reverse += self.item(item, bars)
        self.bars, self.out = bars, []
        places = [(p, k) for w in self.wanted for p, k in leaf_places((w,), self.typed.parameters[w]) if may_be_active(k)]
        results = [self.result(p, k) for p, k in places]
        identifier = self.new("value")
        boundary = gast.Pass()
        self.pinned.add(boundary)
        final = gast.Return(value=gast.Tuple(elts=[name(identifier), *results], ctx=gast.Load()))
        reverse = self.private([*reverse, *self.out, final])
        out = [*(i.node for i in items), ("value", s, identifier), boundary, *reverse]
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
            parts = [self.result((*place, k), i) for k, i in zip(kind.keys, kind.items, strict=True)]
            return display(kind, parts)
        found = self.bars.pop(place, None)
        if found is None:
            return self.zeros_of(self.like(place, kind) if isinstance(kind, Array) else self.place_node(place), kind)
        if isinstance(kind, Array) and kind.dims == ():
            return call(attribute(self.text.module(np), "full_like"), self.place_node(place), self.text(found.expr))
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
        if isinstance(kind, Scalar) and kind.python and have is not None and have.dtype != kind.dtype:
            return call(name("float"), self.text(found.expr))
        return self.text(found.expr)


    def commented(self, s: gast.stmt, group: list[gast.stmt], text: str | None = None) -> list[gast.stmt]:
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

    def cotangents_of_call(self, op: BackwardCall) -> list[tuple[gast.expr, Any]]:
        """The operands of a call with the names of their cotangents."""
        operands = dict(op.callee.operands)
        out = []
        for p in op.wanted:
            node, kind = operands[p], op.callee.target.parameters[p]
            place = self.place_of(node)
            tree: Any = {}
            for at, k in leaf_places((p,), kind):
                if not may_be_active(k):
                    continue
                base = self.base_hint((*place, *at[1:])) if place is not None else self.base_hint((self.label(node), *at[1:]))
                identifier = op.names[at] = self.new_bar(f"{base}_bar")
                put(tree, at[1:], leaf(name(identifier), k))
            out.append((node, tree[()] if () in tree else nested(tree)))
        return out

    def backward_call(self, op: BackwardCall, known: dict[str, Expr]) -> None:
        """Write the call of a backward half."""
        tree = simplified(op.cotangent, known)
        typed = op.callee.target
        tree = self.full_tree(tree, typed.returns, op.node)
        pair = self.program.pair(typed, tuple(op.wanted), structure(tree))
        operands = dict(op.callee.operands)
        recorded: list[str] = []
        if pair.forward is not None:
            if op.node not in self.hoisted:
                self.hoist(op.node)
            if op.node not in self.paired:
                self.paired[op.node] = (pair.forward, [self.new(f"{typed.function.object.__name__}_{r}") for r in pair.recorded])
            recorded = self.paired[op.node][1]
        args = [self.argument(operands, p, typed) for p in pair.arguments]
        args += [name(r) for r in recorded]
        args += [self.text(e) for e in flat(tree)]
        targets = [name(op.names[place]) for place in pair.results]
        self.handed |= set(op.names.values())
        for t in targets:
            t.ctx = gast.Store()
        to = targets[0] if len(targets) == 1 else gast.Tuple(elts=targets, ctx=gast.Store())
        if targets:
            value = call(name(pair.backward), *args)
            self.out.append(gast.Assign(targets=[to], value=value, type_comment=None))

    def full_tree(self, tree: Any, kind: Kind | None, node: gast.expr) -> Any:
        """A cotangent at full shape, since a backward half is made for that."""
        if isinstance(tree, dict):
            assert isinstance(kind, Record)
            return {k: self.full_tree(v, kind.items[kind.keys.index(k)], node) for k, v in tree.items()}
        if tree is None or not isinstance(kind, Array) or numeric(tree.kind) is None:
            return tree
        if self.full(tree, kind) or kind.dims is None:
            return tree
        return materialise(tree, leaf(node, kind))

    def argument(self, operands: dict[str, Any], p: str, typed: Typed) -> gast.expr:
        """An argument of a callee, as its backward half gets it."""
        if p in operands:
            o = operands[p]
            return self.node_text(o) if isinstance(o, gast.AST) else constant(o.value)
        kind = typed.parameters[p]
        found = (typed.function.object.__kwdefaults__ or {}).get(p)
        if found is None:
            code = typed.function.object.__code__
            names = code.co_varnames[: code.co_argcount]
            found = dict(zip(reversed(names), reversed(typed.function.object.__defaults__ or ()), strict=False))[p]
        if not isinstance(found, (int, float, str, type(None))):
            raise self.function.refuse(self.function.node, f"the default of `{p}` ({describe(kind)}) is needed by the derivative")
        return constant(found)

    def assembled(self, out: list[Any]) -> list[gast.stmt]:
        """The body of a function from statements of the user's, groups and marks."""
        body: list[gast.stmt] = []
        self.recorded_names()
        for part in out:
            match part:
                case (gast.If() as s, a, b):
                    test = self.replaced(s.test)
                    new = gast.If(test=test, body=self.assembled(a), orelse=self.assembled(b))
                    body += [*self.inserted.get((s, "before"), ()), *self.hoists(s), gast.copy_location(new, s)]
                case ("value", s, identifier):
                    new = assign(identifier, self.replaced(s.value))
                    new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
                    body += [*self.hoists(s), new]
                case ("hoists", s):
                    body += self.hoists(s)
                case gast.stmt() if part in self.loops_of:
                    body += self.forward(part)
                case _:
                    body += self.unmarked([part])
        return body

    def recorded_names(self) -> None:
        """Note the names of values that are recorded in loops: they have another name when taken back."""
        owners = {self.owner[n]: None for n in self.hoisted}
        self.looped = {n for s in owners if self.loops_of.get(s) for n in self.recorded_at(s)}

    def unmarked(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Reverse statements with marks replaced by what takes recorded values back."""
        for s in body:
            for n in nodes(s):
                if isinstance(n, gast.Name) and n.id in self.looped:
                    n.id += "r"
        return self.without_marks(body)

    def without_marks(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """A block of reverse statements whose marks are replaced."""
        out: list[gast.stmt] = []
        for s in body:
            if s in self.marks:
                out += self.taken_back(self.marks[s])
                continue
            for field in ("body", "orelse"):
                if isinstance(s, (gast.If, gast.For, gast.While)):
                    setattr(s, field, self.without_marks(getattr(s, field)))
            out.append(s)
        return out

    def taken_back(self, s: gast.stmt) -> list[gast.stmt]:
        """Values that were recorded at a statement in a loop, last one first."""
        if not self.loops_of.get(s):
            return []
        out = []
        for identifier in reversed(self.recorded_at(s)):
            new = assign(f"{identifier}r", call(attribute(name(self.tape_of(identifier)), "pop")))
            new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
            out.append(new)
        return out

    def recorded_at(self, s: gast.stmt) -> list[str]:
        """The names that the forward sweep gives at a statement."""
        out: list[str] = []
        for n in self.before(s):
            out.append(self.hoisted[n])
            out += self.paired.get(n, ("", []))[1]
        return out

    def tape_of(self, identifier: str) -> str:
        """The list that records a name."""
        return f"{identifier.partition('|')[0]}_tape|p{identifier.partition('|')[2]}x"

    def hoists(self, s: gast.stmt) -> list[gast.stmt]:
        """Names for the values of a statement that adjoints read, recorded if a loop will change them."""
        out: list[gast.stmt] = []
        raising = may_raise(self.typed, self.world, s)
        for n in self.before(s):
            value = self.replaced(n, top=True)
            if n in self.paired:
                forward, recorded = self.paired[n]
                value = self.forward_call(n, forward)
                elts = [stored_name(self.hoisted[n]), *map(stored_name, recorded)]
                new = gast.Assign(targets=[gast.Tuple(elts=elts, ctx=gast.Store())], value=value, type_comment=None)
            else:
                new = assign(self.hoisted[n], value)
            new.lineno, new.col_offset, new.end_lineno = n.lineno, n.col_offset, None
            out.append(new)
            if raising:
                self.pinned.add(new)
            if self.loops_of.get(s):
                for identifier in (self.hoisted[n], *self.paired.get(n, ("", []))[1]):
                    push = call(attribute(name(self.tape_of(identifier)), "append"), name(identifier))
                    out.append(gast.Expr(value=push))
        return out

    def forward_call(self, n: gast.Call, forward: str) -> gast.Call:
        """The call of a forward half, with all arguments in order."""
        callee = self.typed.callees[n]
        operands = dict(callee.operands)
        args = []
        for p in callee.target.function.parameters:
            o = operands.get(p)
            args.append(self.replaced(o) if isinstance(o, gast.AST) else self.argument(operands, p, callee.target))
        return call(name(forward), *args)

    def forward(self, s: gast.stmt) -> list[gast.stmt]:
        """A statement of the user's in the forward sweep, with what is saved around it."""
        match s:
            case gast.If():
                new = gast.If(test=self.replaced(s.test), body=self.forward_block(s.body), orelse=self.forward_block(s.orelse))
            case gast.For():
                target = clone(s.target)
                new = gast.For(
                    target=target, iter=self.replaced(s.iter), body=self.forward_block(s.body), orelse=[], type_comment=None
                )
            case gast.While():
                new = gast.While(test=self.replaced(s.test), body=self.forward_block(s.body), orelse=[])
            case _:
                new = self.replaced(s)
        gast.copy_location(new, s)
        if hasattr(s, "end_lineno"):
            new.end_lineno = s.end_lineno
        if may_raise(self.typed, self.world, s):
            again = [self.checked[n] for n in nodes(s) if n in self.checked] if not self.loops_of[s] else []
            if may_raise(self.typed, self.world, s, self.checked if again else ()):
                self.pinned.add(new)
            else:
                self.pinned |= set(again)
        start = [clone(x) for x in self.inserted.get((s, "start"), ())]
        before = [clone(x) for x in self.inserted.get((s, "before"), ())]
        after = [clone(x) for x in self.inserted.get((s, "after"), ())]
        return [*start, *self.hoists(s), *before, new, *after]

    def forward_block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """A block of the user's in the forward sweep."""
        return [new for s in body for new in self.forward(s)]


def stored_name(identifier: str) -> gast.expr:
    """A name that is bound."""
    out = name(identifier)
    out.ctx = gast.Store()
    return out


def note(text: str) -> gast.stmt:
    """A comment, or an empty line."""
    return gast.Expr(value=gast.Constant(value=Comment(text), kind=None))


def put(tree: dict[Any, Any], path: tuple[Any, ...], value: Any) -> None:
    """Put a leaf into a flat table of paths."""
    tree[path] = value


def nested(tree: dict[Any, Any]) -> Any:
    """A flat table of paths as nested dicts."""
    out: dict[Any, Any] = {}
    for path, value in tree.items():
        here = out
        for k in path[:-1]:
            here = here.setdefault(k, {})
        here[path[-1]] = value
    return out


def structure(tree: Any) -> Any:
    """Which parts of a cotangent there are, and of what kind."""
    if isinstance(tree, dict):
        return tuple((k, structure(v)) for k, v in tree.items() if structure(v) is not None) or None
    return None if tree is None else "full"


def flat(tree: Any) -> list[Expr]:
    """The leaves of a cotangent that are there, in order."""
    if isinstance(tree, dict):
        return [e for v in tree.values() for e in flat(v)]
    return [] if tree is None else [tree]


__all__ = ["BOUNDARY", "Cotangent", "Generated", "Pair", "Reverse", "Scalar", "np", "trivial"]
