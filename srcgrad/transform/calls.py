"""Calls of the user's functions: a backward half, and a forward one if something is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, Record, may_be_active, numeric
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import LISTS, summarise
from srcgrad.rules.expr import Expr, leaf
from srcgrad.rules.project import materialise
from srcgrad.syntax.quote import call, constant, name, subscript
from srcgrad.syntax.walk import nodes
from srcgrad.transform.blocks import Block, Item, block_of
from srcgrad.transform.cotangents import leaf_places
from srcgrad.transform.forward_calls import default_of
from srcgrad.transform.guarded import Guarded
from srcgrad.transform.push import BackwardCall
from srcgrad.transform.terms import simplified


class Calls(Guarded):
    """Adjoints of calls."""

    program: Any
    paired: dict[gast.AST, tuple[str, list[str]]]
    met: Counter[gast.stmt] | None = None

    def check_callees(self) -> None:
        """Refuse calls that change their arguments: nothing here follows such writes yet."""
        for n, callee in self.typed.callees.items():
            if callee.tag == "builtin" and callee.target is runtime.put_back:
                raise self.function.refuse(
                    n,
                    "this gradient puts back what it changed in an argument, and its derivative "
                    "in reverse mode does not follow that",
                    "Use jvp of the gradient, or let the function change a copy.",
                )
            if callee.tag == "method" and callee.target in (*LISTS, "sort"):
                s = self.owner[n]
                if not (isinstance(s, gast.Expr) and s.value is n) and self.point(s) is not None:
                    what = "a list is changed inside of this expression"
                    raise self.function.refuse(n, what, "Write it as a statement of its own.")
            if callee.tag != "user":
                continue
            inner = summarise(callee.target)
            for p, o in callee.operands:
                if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p):
                    f = callee.target.function.object.__name__
                    raise self.function.refuse(
                        n,
                        f"`{f}` changes its argument `{p}`",
                        f"Let `{f}` return the new value, or write its code here.",
                    )

    def cotangents_of_call(self, op: BackwardCall) -> list[tuple[gast.expr, Any]]:
        """The operands of a call with the names of their cotangents."""
        operands = dict(op.callee.operands)
        out = []
        for p in op.wanted:
            node, kind = operands[p], op.callee.target.parameters[p]
            place = self.place_of(node)
            tree: Any = {}
            given = dict(leaf_places((p,), self.kind(node)))
            for at, k in leaf_places((p,), kind):
                if not may_be_active(k):
                    continue
                base = (
                    self.base_hint((*place, *at[1:]))
                    if place is not None
                    else self.base_hint((self.label(node), *at[1:]))
                )
                identifier = op.names[at] = self.new_bar(f"{base}_bar")
                put(tree, at[1:], leaf(name(identifier), shaped(k, given.get(at))))
            out.append((node, tree[()] if () in tree else nested(tree)))
        return out

    def backward_call(self, op: BackwardCall, known: dict[str, Expr]) -> None:
        """Write the call of a backward half."""
        tree = simplified(op.cotangent, known)
        typed = op.callee.target
        tree = self.full_tree(tree, typed.returns, op.node)
        again = self.is_met_again(op.node)
        if again:
            tree = self.filled(tree, typed.returns, op.node)
        pair = self.program.pair(typed, tuple(op.wanted), structure(tree))
        operands = dict(op.callee.operands)
        recorded: list[str] = []
        if pair.forward is not None:
            if op.node not in self.hoisted:
                self.hoist(op.node)
            forward, recorded = self.paired.get(op.node, ("", []))
            if forward != pair.forward:
                assert not (forward and again), "a call has one forward half"
                label = typed.function.object.__name__
                recorded = [self.new(f"{label}_{r}") for r in pair.recorded]
                self.paired[op.node] = (pair.forward, recorded)
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

    def full_tree(
        self, tree: Any, kind: Kind | None, node: gast.expr, path: tuple[Any, ...] = ()
    ) -> Any:
        """A cotangent at full shape, since a backward half is made for that.

        Args:
            tree: the cotangent of a part of a result.
            kind: the kind of the part.
            node: the call.
            path: the keys from the result to the part.
        """
        if isinstance(tree, dict):
            assert isinstance(kind, Record)
            items = dict(zip(kind.keys, kind.items, strict=True))
            return {k: self.full_tree(v, items[k], node, (*path, k)) for k, v in tree.items()}
        if tree is None or not isinstance(kind, Array) or numeric(tree.kind) is None:
            return tree
        if self.full(tree, kind):
            return tree
        part = self.node_text(node) if path else node
        for k in path:
            part = subscript(part, constant(k))
        return materialise(tree, leaf(part, kind))

    def is_met_again(self, node: gast.Call) -> bool:
        """Whether several paths back lead through a call, each with a cotangent of its own."""
        if self.met is None:
            self.met = Counter(i.node for i in items_of(block_of(self.function.node.body)))
        returns = [n for n in nodes(self.function.node) if isinstance(n, gast.Return)]
        return len(returns) > 1 or self.met[self.owner[node]] > 1

    def filled(
        self, tree: Any, kind: Kind | None, node: gast.Call, path: tuple[Any, ...] = ()
    ) -> Any:
        """A cotangent with zeros for the parts of a result that nothing reads on this path."""
        if isinstance(kind, Record) and (tree is None or isinstance(tree, dict)):
            parts = zip(kind.keys, kind.items, strict=True)
            known = tree or {}
            return {
                k: self.filled(known.get(k), item, node, (*path, k))
                for k, item in parts
                if may_be_active(item)
            }
        if tree is not None:
            return tree
        part = self.node_text(node)
        for k in path:
            part = subscript(part, constant(k))
        assert kind is not None
        return leaf(self.zeros_of(part, kind), kind)

    def argument(self, operands: dict[str, Any], p: str, typed: Typed) -> gast.expr:
        """An argument of a callee, as its backward half gets it."""
        if p in operands:
            o = operands[p]
            return self.node_text(o) if isinstance(o, gast.AST) else constant(o.value)
        found = default_of(typed, p)
        if not isinstance(found, (int, float, str, type(None))):
            return name(self.text.bind(f"{typed.function.object.__name__}_{p}", found))
        return constant(found)

    def forward_call(self, n: gast.Call, forward: str) -> gast.Call:
        """The call of a forward half, with all arguments in order."""
        callee = self.typed.callees[n]
        operands = dict(callee.operands)
        args = []
        for p in callee.target.function.parameters:
            o = operands.get(p)
            args.append(
                self.replaced(o)
                if isinstance(o, gast.AST)
                else self.argument(operands, p, callee.target)
            )
        return call(name(forward), *args)


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


def shaped(kind: Kind, given: Kind | None) -> Kind:
    """The kind of a cotangent that a callee returns: it has the shape of what it was given."""
    match kind, given:
        case Array(dims=[*_] as dims), Array(dims=[*_] as own) if len(dims) == len(own):
            return replace(kind, dims=tuple(own))
    return kind


def items_of(block: Block) -> Iterator[Item]:
    """All items of a block, those of the blocks below it too."""
    for item in block.items:
        yield item
        for inner in item.blocks:
            yield from items_of(inner)
