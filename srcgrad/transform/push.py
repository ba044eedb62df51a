"""Pushing a cotangent down an expression: the contributions of one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import (
    Array,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    is_number,
    is_tuple,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.evaluate import ast_operator
from srcgrad.rules.algebra import total
from srcgrad.rules.expand import adjoints
from srcgrad.rules.expr import ZERO, Expr, Undecided, binary, const, helper, leaf, number_of
from srcgrad.rules.project import cast, materialise, unbroadcast
from srcgrad.rules.registry import lookup
from srcgrad.syntax.lives import ADJOINT, STEP, made, output_of, user_name
from srcgrad.syntax.quote import name
from srcgrad.transform.cotangents import names_read, trivial
from srcgrad.transform.parts import BackwardCall, Contribution, Parts, Temporary

LARGEST_SCALAR = 24


Tree = Mapping[Any, Any]


class Push(Parts):
    """Collects the contributions of one statement at a time."""

    def begin(self) -> None:
        """Start a statement."""
        self.ops, self.found = [], []

    def push(self, node: gast.expr, g: Any, output: Expr | None = None) -> None:
        """Send the cotangent g of an expression to what it was computed from.

        Args:
            node: the expression.
            g: its cotangent; a dict of cotangents where it is a record.
            output: the name that holds its value after the statement, if there is one.
        """
        stack: list[tuple[gast.expr, Any, Expr | None]] = [(node, g, output)]
        while stack:
            n, cotangent, out = stack.pop()
            if cotangent is None or cotangent is ZERO or not self.activity.depends(n):
                continue
            more = self.step(n, cotangent, out)
            stack += [(m, c, None) for m, c in reversed(more)]

    def step(self, n: gast.expr, g: Any, out: Expr | None) -> list[tuple[gast.expr, Any]]:
        """One node; gives the nodes below it with their cotangents."""
        if isinstance(g, dict):
            return self.record_step(n, g)
        match n:
            case gast.Name(id=identifier):
                self.contribute((identifier,), None, g)
                return []
            case gast.Subscript():
                return self.subscript_step(n, g)
            case gast.BinOp() if not is_number(self.kind(n)):
                return self.joined_lists(n, g)
            case gast.BinOp(op=gast.Mult()):
                return self.product(n, g)
            case gast.BinOp():
                return self.with_rule(
                    n, ast_operator(n.op), (("0", n.left), ("1", n.right)), g, out
                )
            case gast.UnaryOp():
                return self.with_rule(n, ast_operator(n.op), (("0", n.operand),), g, out)
            case gast.Attribute(attr="T"):
                flipped = materialise(g, leaf(n, self.kind(n)))
                return [
                    (
                        n.value,
                        self.temporary(
                            n.value, flipped.T if isinstance(number_of(flipped), Array) else flipped
                        ),
                    )
                ]
            case gast.Attribute(attr="real" | "imag" as part):
                return self.with_rule(n, getattr(np, part), (("0", n.value),), g, out)
            case gast.Call():
                return self.call_step(n, g, out)
            case gast.List() | gast.Tuple():
                return self.display_step(n, g)
        raise self.function.refuse(
            n,
            f"the derivative of `{type(n).__name__}` is not supported here",
            "Write it as a statement.",
        )

    def record_step(self, n: gast.expr, g: Tree) -> list[tuple[gast.expr, Any]]:
        """A node whose value is a tuple or dict."""
        match n:
            case gast.Tuple() | gast.List():
                return [(e, g.get(i)) for i, e in enumerate(n.elts)]
            case gast.Dict():
                keys = [k.value for k in n.keys]
                return [(v, g.get(k)) for k, v in zip(keys, n.values, strict=True)]
            case gast.Call():
                callee = self.typed.callees[n]
                if callee.tag == "user":
                    return self.user_step(n, callee, g)
                if callee.tag == "rule":
                    return self.with_rule(n, callee.target, callee.operands, g, None)  # type: ignore[arg-type]
                if callee.target in (tuple, list):
                    return [(n.args[0], g)]
        place = self.place_of(n)
        if place is not None:
            self.contribute_tree(place, g)
            return []
        if isinstance(n, gast.Subscript) and isinstance(self.kind(n.value), List):
            return self.list_item(n, g)
        if isinstance(n, gast.Subscript) and isinstance(record := self.kind(n.value), Record):
            if record.type is not dict and not isinstance(n.slice, gast.Slice):
                return [(n.value, self.one_of(n, record, g))]
        raise self.function.refuse(
            n, f"{describe(self.kind(n))} that varies is not supported here", "Take it apart first."
        )

    def with_rule(
        self,
        n: gast.expr,
        function: Any,
        operands: tuple[tuple[str, Any], ...],
        g: Expr,
        out: Expr | None,
    ) -> list[tuple[gast.expr, Any]]:
        """A node whose function has a rule."""
        rule = lookup(function)
        if rule is None:
            raise self.function.refuse(
                n, f"`{getattr(function, '__name__', function)}` has no derivative rule"
            )
        self.check_complex(n, function, operands)
        names = [p for p, _ in rule.parameters]
        given: dict[str, Any] = {}
        nodes: dict[int, gast.expr] = {}
        for i, (label, node) in enumerate(operands):
            value = self.operand(node)
            given[names[i] if label.isdigit() else label] = value
            self.note_nodes(nodes, value, node)
        z = out if out is not None else leaf(n, self.kind(n))
        contributions = self.expanded(n, rule, z, given, g)
        early = self.after is not None and out is not None
        old = self.after[0] if self.after else ""
        new = output_of(old)
        if early and any({old, new} <= names_read(e) for _, e in contributions):
            contributions = self.expanded(n, rule, leaf(n, self.kind(n)), given, g)
        result = []
        for operand, expr in contributions:
            node = nodes.get(id(operand))
            if node is not None and self.activity.depends(node):
                late = early and new in names_read(expr)
                result.append((node, self.temporary(node, expr, early=late)))
        return result + self.by_items(operands, given, contributions)

    def operand(self, node: Any) -> Any:
        """An argument of a call as a rule sees it; a tuple by name stands for its items."""
        value = super().operand(node)
        listed = isinstance(value, Expr) and value.op == "leaf" and is_sequence(value.kind)
        listed = listed and may_be_active(value.kind)
        if listed and isinstance(node, (gast.Name, gast.Subscript)):
            return items_of(value)
        return value

    def by_items(
        self, operands: tuple[tuple[str, Any], ...], given: dict[str, Any], found: list[Any]
    ) -> list[tuple[gast.expr, Any]]:
        """The tuples that operands name, with the cotangents of their items."""
        table: dict[int, Any] = {}
        for part, expr in found:
            table[id(part)] = table[id(part)] + expr if id(part) in table else expr
        out = []
        stack = list(zip((node for _, node in operands), given.values(), strict=True))[::-1]
        while stack:
            node, value = stack.pop()
            if not isinstance(value, Expr) or value.op != "pack":
                continue
            if isinstance(node, (gast.Tuple, gast.List)):
                stack += list(zip(node.elts, value.args, strict=True))[::-1]
            elif isinstance(node, (gast.Name, gast.Subscript)):
                tree = cotangents_of(value, table)
                if tree:
                    out.append((node, tree))
        return out

    def expanded(
        self, n: gast.expr, rule: Any, z: Expr, given: dict[str, Any], g: Expr
    ) -> list[tuple[Expr, Expr]]:
        """The contributions that a rule gives."""
        try:
            return adjoints(rule, z, given, g)
        except Undecided:
            given = {k: self.pinned_value(v) for k, v in given.items()}
        try:
            return adjoints(rule, z, given, g)
        except Undecided as e:
            raise self.function.refuse(
                n, f"this derivative depends on what is known at run time only: {e}"
            ) from None

    def pinned_value(self, value: Any) -> Any:
        """An int argument by its value, which the guard will check; anything else as it is."""
        if (
            isinstance(value, Expr)
            and isinstance(value.kind, Scalar)
            and value.kind.value is not None
        ):
            found = self.world.facts.pinned(value.kind.value)
            return value if found is None else found
        return value

    def note_nodes(self, nodes: dict[int, gast.expr], value: Any, node: Any) -> None:
        """Remember which node an operand stands for, and the parts of a display."""
        if isinstance(value, Expr):
            nodes[id(value)] = node
            if value.op == "pack" and isinstance(node, (gast.Tuple, gast.List)):
                for part, e in zip(value.args, node.elts, strict=True):
                    self.note_nodes(nodes, part, e)

    def product(self, n: gast.BinOp, g: Expr) -> list[tuple[gast.expr, Any]]:
        """A chain of products: constants join the cotangent, then each factor gets the others."""
        factors: list[gast.expr] = []
        chain: list[gast.expr] = [n]
        while chain:
            m = chain.pop()
            if (
                isinstance(m, gast.BinOp)
                and isinstance(m.op, gast.Mult)
                and is_number(self.kind(m))
            ):
                chain += [m.right, m.left]
            else:
                factors.append(m)
        values = [self.factor(f) for f in factors]
        active = [i for i, f in enumerate(factors) if self.activity.depends(f)]
        result = leaf(n, self.kind(n))
        plain = [i for i in range(len(factors)) if i not in active]
        flat = [i for i in plain if isinstance(numeric(self.kind(factors[i])), Scalar)]
        for i in flat:
            g = binary("mul", g, values[i])
        rest = [i for i in range(len(factors)) if i not in flat]
        if len(active) > 1 and not isinstance(self.kind(n), Scalar):
            g = self.temporary(n, g)
        out = []
        for i in active:
            c = g
            for j in rest:
                if j != i:
                    c = binary("mul", c, values[j])
            alike = all(
                isinstance(f, gast.Name) and f.id == getattr(factors[i], "id", "")
                for f in (factors[j] for j in rest)
            )
            if (len(rest) > 1 or flat) and not alike:
                c = unbroadcast(self.settled(c, result), values[i], result)
            c = cast(c, numeric(self.kind(factors[i])))  # type: ignore[arg-type]
            out.append((factors[i], self.temporary(factors[i], c)))
        return out

    def settled(self, g: Expr, result: Expr) -> Expr:
        """The cotangent at full shape where a lower one could not be told from a full one."""
        k = number_of(result)
        vague = isinstance(k, Array) and (
            k.dims is None or any(getattr(d, "base", "") == "?" for d in k.dims)
        )
        return materialise(g, result) if vague else g

    def temporary(self, node: gast.expr, g: Any, *, early: bool = False) -> Any:
        """A cotangent that may be read more than once: it stands for itself if it is small."""
        if not isinstance(g, Expr) or numeric(g.kind) is None:
            return g
        leafy = isinstance(node, gast.Name) or self.place_of(node) is not None
        if not early and (
            leafy
            or trivial(g)
            or (isinstance(number_of(g), Scalar) and weight(g) <= LARGEST_SCALAR)
        ):
            return g
        if isinstance(node, (gast.Subscript, gast.Attribute)) and not early:
            return g
        if trivial(g) or (g.op == "leaf" and not early):
            return g
        hint = self.hint(node) if not isinstance(node, gast.Name) else node.id
        identifier = self.new_bar(f"{user_name(hint)}_bar", STEP)
        self.ops.append(Temporary(identifier, total([g]), early))
        return leaf(name(identifier), g.kind)

    def bound(self, hint: str, g: Expr) -> Expr:
        """A cotangent under a name."""
        identifier = self.new_bar(hint, STEP)
        self.ops.append(Temporary(identifier, g, False))
        return leaf(name(identifier), g.kind)

    def new_bar(self, hint: str, role: str = ADJOINT) -> str:
        """A name for an adjoint."""
        self.count += 1
        return made(hint, role, self.count)

    def call_step(self, n: gast.Call, g: Expr, out: Expr | None) -> list[tuple[gast.expr, Any]]:
        """A call."""
        callee = self.typed.callees[n]
        match callee.tag:
            case "rule":
                return self.with_rule(n, callee.target, callee.operands, g, out)
            case "user":
                return self.user_step(n, callee, g)
            case "astype" | "item":
                node = callee.operands[0][1]
                return [(node, cast(g, numeric(self.kind(node))))]  # type: ignore[arg-type]
            case "method" if callee.target == "get":
                return self.got(n, g)
            case "method" if callee.target == "copy":
                return [(callee.operands[0][1], g)]
            case "builtin" if callee.target in (list, tuple):
                kind = self.kind(n.args[0])
                if isinstance(kind, Array):
                    g = helper(np.array, kind, g)
                return [(n.args[0], g)]
        label = getattr(callee.target, "__name__", callee.target)
        raise self.function.refuse(
            n,
            f"the derivative of `{label}` is not supported here",
            "Write it with numpy functions.",
        )

    def got(self, n: gast.Call, g: Any) -> list[tuple[gast.expr, Any]]:
        """`d.get(k, 0.0)`."""
        raise NotImplementedError

    def user_step(self, n: gast.Call, callee: Callee, g: Any) -> list[tuple[gast.expr, Any]]:
        """A call of another function of the user's: its backward function gives the cotangents."""
        wanted = [
            p for p, o in callee.operands if isinstance(o, gast.AST) and self.activity.depends(o)
        ]
        op = BackwardCall(n, callee, g, wanted)
        self.ops.append(op)
        return self.cotangents_of_call(op)

    def cotangents_of_call(self, op: BackwardCall) -> list[tuple[gast.expr, Any]]:
        """The operands of a call with the names of their cotangents (filled in by reverse mode)."""
        raise NotImplementedError


def is_sequence(kind: Kind) -> bool:
    """Whether a kind is that of a tuple or list that is known item by item."""
    return isinstance(kind, Record) and (is_tuple(kind) or kind.type is list)


def items_of(e: Expr) -> Expr:
    """A tuple or list that has a name as a pack of its items."""
    assert isinstance(e.kind, Record)
    parts = [
        const(item.value) if isinstance(item, Static) else Expr("item", (e,), item, k)
        for k, item in zip(e.kind.keys, e.kind.items, strict=True)
    ]
    found = tuple(items_of(p) if is_sequence(p.kind) else p for p in parts)
    return Expr("pack", found, e.kind, tuple if is_tuple(e.kind) else list)


def cotangents_of(value: Expr, table: dict[int, Any]) -> dict[Any, Any]:
    """The cotangents of the items of a pack that have one."""
    assert isinstance(value.kind, Record)
    out = {}
    for k, part in zip(value.kind.keys, value.args, strict=True):
        found = cotangents_of(part, table) if part.op == "pack" else table.get(id(part))
        if may_be_active(part.kind) and (isinstance(found, Expr) or found):
            out[k] = found
    return out


def weight(e: Expr) -> int:
    """How many nodes an expression has."""
    return 1 + sum(weight(a) for a in e.args)


__all__ = ["BackwardCall", "Contribution", "Push", "Temporary", "weight"]
