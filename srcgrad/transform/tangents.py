"""Tangents of expressions: how a value changes along a direction of the arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import (
    Array,
    Iteration,
    Kind,
    Record,
    Scalar,
    Static,
    is_number,
    is_tuple,
    may_be_active,
    numeric,
)
from srcgrad.lower.inference.evaluate import ast_operator
from srcgrad.lower.memory.aliases import sources
from srcgrad.rules.expand import tangent
from srcgrad.rules.expr import ZERO, Expr, Undecided, binary, leaf
from srcgrad.rules.project import cast
from srcgrad.rules.registry import lookup
from srcgrad.syntax.quote import assign, attribute, constant, name, subscript
from srcgrad.syntax.quote import call as call_node
from srcgrad.transform.cotangents import fresh, names_of
from srcgrad.transform.push import weight
from srcgrad.transform.shapes import display
from srcgrad.transform.structure import wanted_items
from srcgrad.transform.terms import substituted
from srcgrad.transform.zeros import Zeros

LARGEST_FACTOR = 7
LARGEST_TANGENT = 60


class Tangents(Zeros):
    """Tangents of the expressions of one statement at a time."""

    exposed: frozenset[str]
    known: dict[gast.AST, Any]
    variable_of: dict[str, str]

    def begin(self, target: str | None = None) -> None:
        """Start a statement; `target` may be read for its value, by a tangent that follows it."""
        self.known, self.extra = {}, {}
        self.target, self.reads_target = target, False

    def dot(self, n: gast.expr, want: Kind | None = None, out: Expr | None = None) -> Any:
        """The tangent of an expression, or ZERO.

        Args:
            n: the expression.
            want: the kind that a container is to serve as, if that is wider than its own.
            out: what holds the value of the expression when the tangent is evaluated.
        """
        if n in self.known:
            return self.known[n]
        if not self.activity.depends(n):
            return ZERO
        kind = self.kind(n)
        match n:
            case gast.Name(id=identifier):
                return leaf(name(self.dot_id(identifier)), kind)
            case gast.BinOp() if is_number(kind):
                return self.arithmetic(n, out)
            case gast.BinOp():
                return leaf(self.joined(n), kind)
            case gast.UnaryOp():
                return self.by_rule(n, ast_operator(n.op), (("0", n.operand),), out)
            case gast.Subscript():
                return self.part(n)
            case gast.Attribute(attr="T"):
                t = self.dot(n.value)
                return t.T if t is not ZERO and isinstance(numeric(t.kind), Array) else t
            case gast.Attribute(attr="real" | "imag" as part):
                return self.by_rule(n, getattr(np, part), (("0", n.value),), out)
            case gast.Tuple() | gast.List() | gast.Dict():
                return leaf(self.display(n, want), kind)
            case gast.Call():
                return self.call(n, out)
        raise self.function.refuse(
            n,
            f"the derivative of `{type(n).__name__}` is not supported here",
            "Write it as a statement.",
        )

    def free(self, node: gast.expr) -> bool:
        """Whether reading a node again costs next to nothing."""
        if isinstance(node, gast.Call) and self.typed.callees[node].target is slice:
            return all(map(self.free, node.args))
        return super().free(node)

    def arithmetic(self, n: gast.BinOp, out: Expr | None) -> Any:
        """The tangent of a chain of operators, from its innermost operand outwards."""
        chain = [n]
        while isinstance(left := chain[-1].left, gast.BinOp) and is_number(self.kind(left)):
            chain.append(left)
        t = self.dot(chain[-1].left)
        for m in reversed(chain):
            z = out if m is n else None
            t = self.by_rule(m, ast_operator(m.op), (("0", m.left), ("1", m.right)), z, {m.left: t})
            if t is not ZERO and m is not n and weight(t) > LARGEST_TANGENT:
                t = self.bound(m, t)
        return t

    def by_rule(
        self,
        n: gast.expr,
        function: Any,
        operands: tuple[tuple[str, Any], ...],
        out: Expr | None,
        found: dict[gast.AST, Any] | None = None,
    ) -> Any:
        """The tangent of a call of a function with a rule; `found` has tangents that are there."""
        rule = lookup(function)
        if rule is None:
            label = getattr(function, "__name__", function)
            raise self.function.refuse(n, f"`{label}` has no derivative rule")
        if rule.zero:
            return ZERO
        names = [p for p, _ in rule.parameters]
        given: dict[str, Any] = {}
        tangents: dict[int, Any] = {}
        held: dict[str, tuple[gast.AST, Expr]] = {}
        for i, (label, node) in enumerate(operands):
            value = self.operand(node)
            given[names[i] if label.isdigit() else label] = value
            self.collect(value, node, tangents, held, found or {})
        if not tangents:
            return ZERO
        self.check_complex(n, function, operands)
        z = out if out is not None else leaf(n, self.kind(n))
        try:
            return self.filled(tangent(rule, z, given, tangents), held)
        except Undecided as e:
            what = f"this derivative depends on what is known at run time only: {e}"
            raise self.function.refuse(n, what) from None

    def operand(self, node: Any) -> Any:
        """An argument of a call as a rule sees it; a tuple by name stands for its items."""
        value = super().operand(node)
        if isinstance(value, Expr) and value.op == "leaf" and isinstance(value.kind, Record):
            listed = is_tuple(value.kind) or value.kind.type is list
            if listed and isinstance(node, (gast.Name, gast.Subscript)):
                return self.items(node, value.kind)
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Mult) and self.free(node):
            return self.product(node)
        return value

    def product(self, node: gast.expr) -> Any:
        """A small product of numbers, so that factors merge with those of partials."""
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Mult):
            return binary("mul", self.product(node.left), self.product(node.right))
        return self.factor(node)

    def items(self, node: gast.expr, kind: Record) -> Expr:
        """A tuple or list that has a name as a pack of its items."""
        text = self.node_text(node)
        parts = tuple(
            leaf(subscript(text, constant(k)), item)
            for k, item in zip(kind.keys, kind.items, strict=True)
        )
        return Expr("pack", parts, kind, tuple if is_tuple(kind) else kind.type)

    def collect(
        self,
        value: Any,
        node: Any,
        tangents: dict[int, Any],
        held: dict[str, tuple[gast.AST, Expr]],
        found: dict[gast.AST, Any],
    ) -> None:
        """Note the tangent of an operand, and those of the parts of a display."""
        if not isinstance(value, Expr) or not isinstance(node, gast.AST):
            return
        if value.op == "pack" and isinstance(node, (gast.Tuple, gast.List)):
            for part, e in zip(value.args, node.elts, strict=True):
                self.collect(part, e, tangents, held, found)
            return
        t = found[node] if node in found else self.dot(node)
        if t is ZERO:
            return
        if value.op == "pack":
            text = self.text(t)
            for k, part in zip(value.kind.keys, value.args, strict=True):  # type: ignore[union-attr]
                if may_be_active(part.kind):
                    tangents[id(part)] = leaf(subscript(text, constant(k)), part.kind)
            return
        small = isinstance(numeric(t.kind), Scalar) and weight(t) <= LARGEST_FACTOR
        if t.op not in ("leaf", "const") and not small:
            identifier = self.new(f"{self.hint_of(node)}_dot")
            held[identifier] = (node, t)
            t = leaf(name(identifier), t.kind)
        tangents[id(value)] = t

    def filled(self, t: Any, held: dict[str, tuple[gast.AST, Expr]]) -> Any:
        """A tangent with those of its operands put in; one that is read twice gets a name."""
        if t is ZERO:
            return t
        uses = list(leaf_names(t))
        known: dict[str, Expr] = {}
        for identifier, (node, e) in held.items():
            if uses.count(identifier) == 1:
                known[identifier] = e
            elif identifier in uses:
                self.extra.setdefault(node, []).append(assign(identifier, self.text(e)))
        return substituted(t, known) if known else t

    def part(self, n: gast.Subscript) -> Any:
        """The same part of a tangent."""
        base = self.kind(n.value)
        known = isinstance(n.slice, (gast.Slice, gast.Constant, gast.UnaryOp))
        if isinstance(base, Record) and not known and not isinstance(self.kind(n.slice), Static):
            self.check_uniform(n, base)
        t = self.dot(n.value)
        return t if t is ZERO else leaf(subscript(self.text(t), self.index(n.slice)), self.kind(n))

    def index(self, node: gast.expr) -> gast.expr:
        """The text of a subscript's index."""
        tree = isinstance(node, (gast.Tuple, gast.Slice))
        return self.rebuilt(node) if tree else self.node_text(node)

    def joined(self, n: gast.BinOp) -> gast.expr:
        """The tangent of lists or tuples laid end to end, or repeated."""
        if isinstance(n.op, gast.Mult) and not self.activity.depends(n.left):
            return gast.BinOp(left=self.node_text(n.left), op=n.op, right=self.whole(n.right))
        if isinstance(n.op, gast.Mult):
            return gast.BinOp(left=self.whole(n.left), op=n.op, right=self.node_text(n.right))
        return gast.BinOp(left=self.whole(n.left), op=gast.Add(), right=self.whole(n.right))

    def display(self, n: gast.expr, want: Kind | None) -> gast.expr:
        """The tangent of a display: one of the tangents of its items."""
        parts: list[gast.expr] = n.values if isinstance(n, gast.Dict) else n.elts
        kinds = wanted_items(self.kind(n), want)
        texts = [self.whole(e, k, always=True) for e, k in zip(parts, kinds, strict=True)]
        kind = self.kind(n)
        assert isinstance(kind, Record)
        return display(kind, texts)

    def whole(
        self, n: gast.expr, want: Kind | None = None, *, to: str | None = None, always: bool = False
    ) -> gast.expr:
        """The text of an expression's tangent: zeros where it does not vary.

        Args:
            n: the expression.
            want: the kind that it is to serve as.
            to: the variable that it is bound to.
            always: whether it must share no memory where the primal shares none.
        """
        t = self.dot(n, want)
        if t is ZERO:
            return self.zero(n, want)
        if isinstance(n, (gast.Tuple, gast.List, gast.Dict)):
            return t.data
        return self.recast(n, self.text(self.owned(t, n, to, always=always)), self.kind(n), want)

    def owned(self, t: Any, n: gast.expr, to: str | None = None, *, always: bool = False) -> Any:
        """The tangent in memory of its own, where the primal shares none and it could be seen."""
        if t is ZERO or not isinstance(numeric(t.kind), Array) or fresh(t):
            return t
        mine = set(sources(self.typed, n))
        shared = {v for v in map(self.primal_of, names_of(t)) if v and v not in mine}
        if not shared and (mine or t.op == "leaf"):
            return t
        if not always and not any(v in self.exposed for v in (*shared, to)):
            return t
        if t.kind.dims is None:  # a number stays one
            return leaf(gast.UnaryOp(op=gast.UAdd(), operand=self.text(t)), t.kind)
        return leaf(call_node(attribute(self.text(t), "copy")), t.kind)

    def primal_of(self, identifier: str) -> str | None:
        """The variable whose tangent has this name."""
        return self.variable_of.get(identifier)

    def call(self, n: gast.Call, out: Expr | None) -> Any:
        """The tangent of a call's result."""
        callee = self.typed.callees[n]
        kind = self.kind(n)
        match callee.tag:
            case "rule" if callee.target is np.copy and not (n.args or n.keywords):
                t = self.dot(callee.operands[0][1])  # in the order in which the method copies
                if t is ZERO or not isinstance(numeric(t.kind), Array):
                    return t
                return leaf(call_node(attribute(self.text(t), "copy")), kind)
            case "rule":
                return self.by_rule(n, callee.target, callee.operands, out)
            case "user":
                return self.user_call(n)
            case "astype":
                t = self.dot(callee.operands[0][1])
                return t if t is ZERO else cast(t, numeric(kind))  # type: ignore[arg-type]
            case "item":
                node = callee.operands[0][1]
                t = self.dot(node)
                if t is ZERO or isinstance(numeric(self.kind(node)), Scalar):
                    return t
                return leaf(call_node(attribute(self.text(t), "item")), kind)
            case "structural":
                return leaf(self.structural(n), kind)
            case "method" if callee.target == "copy":
                return leaf(call_node(attribute(self.whole(callee.operands[0][1]), "copy")), kind)
            case "method" if callee.target == "get":
                base = self.whole(n.func.value)
                key = self.index(n.args[0])
                return leaf(call_node(attribute(base, "get"), key, constant(0.0)), kind)
            case "builtin" if callee.target in (list, tuple) and n.args:
                return leaf(call_node(name(callee.target.__name__), self.iterated(n.args[0])), kind)
        label = getattr(callee.target, "__name__", callee.target)
        raise self.function.refuse(
            n,
            f"the derivative of `{label}` is not supported here",
            "Write it with numpy functions.",
        )

    def structural(self, n: gast.Call) -> gast.expr:
        """The tangent of a helper for nested values, linear in its first argument or in both."""
        callee = self.typed.callees[n]
        both = callee.target is runtime.add
        args = [
            self.whole(a) if i == 0 or both else self.node_text(a) for i, a in enumerate(n.args)
        ]
        return call_node(self.text.function(callee.target), *args)

    def user_call(self, n: gast.Call) -> Any:
        """The tangent of a call of another function of the user's."""
        raise NotImplementedError

    def iterated(self, node: gast.expr) -> gast.expr:
        """The tangents of what a loop over a value gives, one by one."""
        kind = self.kind(node)
        self.check_uniform(node, kind)
        if not isinstance(kind, Iteration):
            return self.whole(node)
        if isinstance(node, gast.Call):
            callee = self.typed.callees[node]
            match callee.target:
                case "values" | "items" as view:
                    self.check_uniform(node, kind.parts[0])
                    return call_node(attribute(self.whole(node.func.value), view))
                case builtin if builtin is reversed or builtin is enumerate:
                    return call_node(name(builtin.__name__), self.iterated(node.args[0]))
                case builtin if builtin is zip:
                    return call_node(name("zip"), *map(self.iterated, node.args))
        raise self.function.refuse(
            node,
            f"the derivative of `{kind.name}` is not supported here",
            "Use it as the head of a loop.",
        )


def leaf_names(e: Expr) -> Iterator[str]:
    """The names of the leaves of an expression, as often as they occur."""
    stack = [e]
    while stack:
        x = stack.pop()
        if x.op == "leaf" and isinstance(x.data, gast.Name):
            yield x.data.id
        stack.extend(x.args)
