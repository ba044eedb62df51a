"""Calls that write into an array, as the assignments that they stand for.

`np.add(a, b, out=y)` becomes `y[...] = a + b`, whose value is `y`; `y.fill(v)` becomes
`y[...] = v`, and `np.divide(a, b, out=y, where=m)` becomes `y[m] = a[m] / b[m]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Scalar, Static, numeric
from srcgrad.lower.base.trees import clean
from srcgrad.lower.expansions.writers import Writers, part
from srcgrad.lower.memory.aliases import is_copy
from srcgrad.syntax.quote import constant, name
from srcgrad.syntax.walk import clone, nodes

INFIX: dict[Any, Callable[[], gast.AST]] = {
    np.add: gast.Add,
    np.subtract: gast.Sub,
    np.multiply: gast.Mult,
    np.true_divide: gast.Div,
    np.power: gast.Pow,
    np.matmul: gast.MatMult,
    np.remainder: gast.Mod,
    np.floor_divide: gast.FloorDiv,
}
CONDITIONAL = (gast.IfExp, gast.BoolOp, gast.Lambda, gast.ListComp, gast.GeneratorExp)
HINT = "Write it as a statement of its own."


class Outputs(Writers):
    """Takes calls that write out of expressions, in the order in which they are evaluated."""

    def needed(self) -> bool:
        """Whether the function calls what writes into an array."""
        return not self.typed.tags.isdisjoint(("output", "write"))

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite the calls of one statement."""
        if isinstance(s, gast.While) and self.writes(s.test):
            raise self.function.refuse(s.test, "a test of a loop writes into an array", HINT)
        value = getattr(s, "value", None)
        if isinstance(value, gast.IfExp) and any(map(self.writes, (value.body, value.orelse))):
            return self.branches(s, value)
        self.written = clone(s) if self.is_call(s) else None
        alone = isinstance(s, gast.Expr) and self.is_write(s.value)
        for field in ("value", "test", "iter", "exc", "msg"):
            node = getattr(s, field, None)
            if isinstance(node, gast.AST) and self.writes(node):
                if isinstance(s, gast.AugAssign) and isinstance(s.target, gast.Subscript):
                    raise self.function.refuse(s, "this line writes into two places", HINT)
                self.changed = True
                setattr(s, field, self.taken(node, s))
        if alone and self.before:
            return []
        match s:
            case gast.Assign(targets=[gast.Name(id=a)], value=gast.Name(id=b)) if (
                a == b and self.before
            ):
                return []
        return super().statement(s)

    def branches(self, s: gast.stmt, value: gast.IfExp) -> list[gast.stmt]:
        """A statement whose value is a conditional expression, as an `if`."""
        bodies = []
        for v in (value.body, value.orelse):
            new = clone(s)
            new.value, new.end_lineno = v, None
            bodies.append([new])
        return self.replaced(s, [gast.If(test=value.test, body=bodies[0], orelse=bodies[1])])

    def is_call(self, s: gast.stmt) -> bool:
        """Whether a statement is a call that writes, and reads the names that its result needs."""
        callee = self.typed.callees.get(s.value) if isinstance(s, gast.Expr) else None
        if callee is None or getattr(s, "end_lineno", None) is None:
            return False
        if any(self.writes(p) for _, _, p in self.parts(s.value)):
            return False
        return callee.tag == "output" or (callee.tag == "write" and callee.target == "fill")

    def is_write(self, node: gast.AST) -> bool:
        """Whether a node is a call that writes."""
        callee = self.typed.callees.get(node) if isinstance(node, gast.Call) else None
        return callee is not None and callee.tag in ("output", "write")

    def writes(self, node: gast.AST) -> bool:
        """Whether an expression contains a call that writes."""
        return any(map(self.is_write, nodes(node)))

    def taken(self, node: gast.expr, s: gast.stmt) -> gast.expr:
        """An expression without the calls that write, which come before the statement."""
        if not self.writes(node):
            return node
        if isinstance(node, CONDITIONAL) or (isinstance(node, gast.Compare) and len(node.ops) > 1):
            raise self.function.refuse(node, "a part of this writes into an array", HINT)
        parts = list(self.parts(node))
        last = max((i for i, (_, _, p) in enumerate(parts) if self.writes(p)), default=-1)
        for i, (holder, at, p) in enumerate(parts):
            new = self.taken(p, s)
            if new is p and i < last and not self.steady(p):
                new = name(self.named(p, "value", s))
            if isinstance(at, str):
                setattr(holder, at, new)
            else:
                holder[at] = new
            if new is not p and p in self.typed.kinds:
                self.typed.kinds[new] = self.typed.kinds[p]
        return self.spelled(node, self.typed.callees[node], s) if self.is_write(node) else node

    def parts(self, node: gast.AST) -> list[tuple[Any, Any, gast.expr]]:
        """The expressions directly below a node, in order, with the places that hold them."""
        out: list[tuple[Any, Any, gast.expr]] = []
        for field, value in gast.iter_fields(node):
            items = list(enumerate(value)) if isinstance(value, list) else [(field, value)]
            for at, v in items:
                if isinstance(v, gast.expr):
                    out.append((value if isinstance(value, list) else node, at, v))
                elif isinstance(v, gast.keyword):
                    out.append((v, "value", v.value))
        return out

    def steady(self, node: gast.expr) -> bool:
        """Whether an expression is the same value after an array was written."""
        match node:
            case gast.Name() | gast.Constant():
                return True
            case gast.Attribute(attr="shape" | "size" | "ndim" | "dtype" | "T"):
                return self.steady(node.value)
            case gast.Attribute():
                return isinstance(self.kind(node), Static) or isinstance(
                    self.kind(node.value), Static
                )
            case gast.UnaryOp():
                return self.steady(node.operand)
            case gast.Subscript():
                view = isinstance(self.kind(node), Array) and not is_copy(self.typed, node)
                return view and self.steady(node.value) and self.steady(node.slice)
            case gast.Slice() | gast.Tuple() | gast.List():
                return all(self.steady(p) for _, _, p in self.parts(node))
        return False

    def spelled(self, node: gast.Call, callee: Any, s: gast.stmt) -> gast.expr:
        """Put what a call writes before the statement; gives the value of the call."""
        if callee.tag == "write":
            self.write(node, callee.target, self.operands(node, callee.target), s)
            return constant(None)
        given = dict(callee.operands)
        named = {k.arg: k.value for k in node.keywords}
        at = given.get("at")
        plain = gast.Call(
            func=node.func,
            args=[a for i, a in enumerate(node.args) if i != at],
            keywords=[k for k in node.keywords if k.arg not in ("out", "where")],
        )
        gast.copy_location(plain, node)
        if "out" not in given:
            return plain
        out = node.args[at] if at is not None else named["out"]
        out = self.destination(out.elts[0] if isinstance(out, gast.Tuple) else out, s)
        if "where" in given:
            self.masked(callee.target, plain, named["where"], out, s)
        else:
            self.assign(self.whole(out), plain, s)
        return clean(out)

    def masked(
        self, function: Any, plain: gast.Call, where: gast.expr, out: gast.expr, s: gast.stmt
    ) -> None:
        """Write the entries of a result that a mask chooses, and compute no other."""
        mask = self.mask(where, out, s)
        numbers = self.numbers(plain)
        plain.args = [
            self.chosen(a, k, mask, out, s) for a, k in zip(plain.args, numbers, strict=True)
        ]
        self.assign(part(out, mask), infix(numbers, function, plain), s)

    def numbers(self, plain: gast.Call) -> list[Scalar | Array | None]:
        """The arguments of a call as numbers."""
        kinds = [self.kind(a) for a in plain.args]
        return [None if k is None else numeric(k) for k in kinds]


def infix(numbers: list[Scalar | Array | None], function: Any, plain: gast.Call) -> gast.expr:
    """A call of a ufunc as an operator, where that means the same."""
    plainly = None not in numbers and not plain.keywords
    if plainly and any(isinstance(k, Array) for k in numbers):
        if function in INFIX and len(numbers) == 2:
            left, right = plain.args
            return gast.BinOp(left=left, op=INFIX[function](), right=right)
        if function is np.negative:
            return gast.UnaryOp(op=gast.USub(), operand=plain.args[0])
    return plain
