"""Kinds of operators: arithmetic, comparison, the operators of lists and strings."""

from __future__ import annotations

import gast
import numpy as np

from srcgrad.kinds import (
    BOOL,
    Array,
    Dict,
    Kind,
    Length,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_object,
    is_tuple,
    numeric,
)
from srcgrad.lower.base.join import as_list, describe, join
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.callees import Callees
from srcgrad.lower.inference.identity import comparable
from srcgrad.rules.expr import OPERATORS
from srcgrad.rules.shapes import KINDS, arithmetic_kind

OPERATOR_NAMES = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "Div": "div",
    "Pow": "pow",
    "MatMult": "matmul",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "BitAnd": "and",
    "BitOr": "or",
    "BitXor": "xor",
    "LShift": "lshift",
    "RShift": "rshift",
}
SEQUENCES = (str, bytes)
ORDERING = (gast.Eq, gast.NotEq, gast.Lt, gast.LtE, gast.Gt, gast.GtE)


class Operators(Callees):
    """Types operators."""

    def operator(self, node: gast.AST, op: gast.AST, left: Kind, right: Kind) -> Kind:
        """The kind of an operator's result."""
        name = OPERATOR_NAMES.get(type(op).__name__)
        a, b = numeric(left), numeric(right)
        if a is None or b is None:
            return self.sequence_operator(node, op, left, right)
        if name is None:
            if (
                isinstance(a, Scalar)
                and isinstance(b, Scalar)
                and "f" not in a.dtype.kind + b.dtype.kind
            ):
                return Scalar(np.result_type(a.dtype, b.dtype))
            raise self.function.refuse(node, f"the operator `{type(op).__name__}` is not supported")
        if isinstance(left, Static) and isinstance(right, Static) and name in ("add", "sub", "mul"):
            if isinstance(left.value, int) and isinstance(right.value, int):
                return Static(OPERATORS[name](left.value, right.value))
        if name == "matmul":
            self.check_matmul(node, a, b)
            return KINDS[np.matmul](left, right)
        self.check_broadcast(node, [a, b])
        kind = arithmetic_kind(OPERATORS[name], left, right)
        return self.with_length(kind, name, a, b)

    def with_length(
        self, kind: Scalar | Array, name: str, a: Scalar | Array, b: Scalar | Array
    ) -> Kind:
        """Sums of lengths and small ints are lengths again."""
        if name not in ("add", "sub") or kind.dtype.kind != "i":
            return kind
        if (
            isinstance(a, Scalar)
            and isinstance(b, Scalar)
            and isinstance(b.value, int)
            and a.value is not None
        ):
            step = b.value if name == "add" else -b.value
            value: Length = a.value + step if isinstance(a.value, int) else a.value.plus(step)
            return Scalar(kind.dtype, True, value)
        return kind

    def sequence_operator(self, node: gast.AST, op: gast.AST, left: Kind, right: Kind) -> Kind:
        """`+` and `*` of lists and tuples, `+` and `%` of strings."""
        if isinstance(left, Static) and isinstance(left.value, SEQUENCES):
            return Opaque("a string")
        if any(isinstance(k, Opaque) and k.why == "a string" for k in (left, right)):
            return Opaque("a string")
        if is_object(left) or is_object(right):
            raise self.function.refuse(
                node,
                f"`{type(op).__name__}` of {describe(left)} and {describe(right)} "
                "is not supported here",
                "Write it with the attributes.",
            )
        found = self.set_operator(op, left, right)
        if found is not None:
            return found
        if isinstance(left, Dict) or isinstance(right, Dict):
            return self.of_mappings(node, op, left, right)
        if isinstance(op, gast.BitOr) and isinstance(node, gast.AugAssign):
            if isinstance(left, Record) and isinstance(right, Record) and left.type is dict:
                table = dict(zip(left.keys, left.items, strict=True))
                table |= dict(zip(right.keys, right.items, strict=True))
                return Record(dict, tuple(table), tuple(table.values()))
        if isinstance(op, gast.BitOr) and isinstance(node, gast.BinOp):
            united = self.united(node) if isinstance(left, Record) else None
            if united is not None:
                return united
        if isinstance(op, gast.Mult) and isinstance(right, (Record, List)):
            left, right = right, left
        if isinstance(op, gast.Mult) and isinstance(left, (Record, List)) and counts(right):
            return as_list(left) if not isinstance(left, List) else List(left.item)
        if isinstance(op, gast.Add) and isinstance(left, Record) and isinstance(right, Record):
            same = left.type is right.type and left.type is list
            if same or (is_tuple(left) and is_tuple(right)):
                items = left.items + right.items
                return Record(list if same else tuple, tuple(range(len(items))), items)
        if (
            isinstance(op, gast.Add)
            and isinstance(left, (Record, List))
            and isinstance(right, (Record, List))
        ):
            return join(as_list(left), as_list(right))
        what = f"`{type(op).__name__}` of {describe(left)} and {describe(right)} is not supported"
        listed = isinstance(left, (Record, List)) or isinstance(right, (Record, List))
        raise self.function.refuse(node, what, "Write np.array(...) of the list." if listed else "")

    def of_mappings(self, node: gast.AST, op: gast.AST, left: Kind, right: Kind) -> Kind:
        """`d |= e` of dicts whose keys are known at run time only."""
        if isinstance(op, gast.BitOr) and isinstance(node, gast.AugAssign):
            if isinstance(left, Dict) and isinstance(node.target, gast.Name):
                return mappings.updated(self, node, left, [right])
        what = f"`{type(op).__name__}` of {describe(left)} and {describe(right)} is not supported"
        raise self.function.refuse(node, what, "Use d.update(e) on a copy.")

    def unary(self, node: gast.UnaryOp) -> Kind:
        """The kind of `-x`, `+x`, `not x`, `~x`."""
        kind = self.eval(node.operand)
        if isinstance(node.op, gast.Not):
            return BOOL
        if (
            isinstance(kind, Static)
            and isinstance(kind.value, (int, float))
            and not isinstance(kind.value, bool)
        ):
            return Static(-kind.value if isinstance(node.op, gast.USub) else kind.value)
        found = numeric(kind)
        if found is None:
            raise self.function.refuse(node, f"an operator is applied to {describe(kind)}")
        if isinstance(found, Scalar):
            return Scalar(found.dtype, found.python)
        return found

    def compare(self, node: gast.Compare) -> Kind:
        """The kind of a comparison chain."""
        kinds = [self.eval(node.left), *(self.eval(c) for c in node.comparators)]
        held = self.has_key(node, kinds)
        if held is not None:
            return Static(held)
        sides = [node.left, *node.comparators]
        if len(sides) == 2 and isinstance(node.ops[0], ORDERING):
            kinds = list(self.like_arrays(*sides, *kinds))
        for i, (op, a, b) in enumerate(zip(node.ops, kinds, kinds[1:], strict=False)):
            if isinstance(op, (gast.Is, gast.IsNot)) and not (has_identity(a) or has_identity(b)):
                if comparable(self.typed, sides[i], sides[i + 1], (a, b)):
                    continue
                what = f"`is` between {describe(a)} and {describe(b)} is not supported"
                raise self.function.refuse(node, what, "Use `==`, or np.array_equal.")
        numbers = [numeric(k) for k in kinds]
        if all(n is not None for n in numbers) and any(isinstance(n, Array) for n in numbers):
            if len(kinds) > 2:
                raise self.function.refuse(
                    node, "a chain of comparisons of arrays has no truth", "Use `&`."
                )
            self.check_broadcast(node, numbers)  # type: ignore[arg-type]
            return arithmetic_kind(np.greater, kinds[0], kinds[1])
        arrays = [k for k in kinds if isinstance(k, Array) and k.dims != ()]
        others = [k for k, n in zip(kinds, numbers, strict=True) if n is None]
        if arrays and others and all(isinstance(op, ORDERING) for op in node.ops):
            what = f"a comparison of {describe(arrays[0])} and {describe(others[0])}"
            hint = "Use `is` for None, and np.array(...) of a list."
            raise self.function.refuse(node, f"{what} is not supported", hint)
        return BOOL


def counts(kind: Kind) -> bool:
    """Whether a list can be repeated by a value."""
    number = numeric(kind)
    return isinstance(number, Scalar) and number.dtype.kind in "biu"


def has_identity(kind: Kind) -> bool:
    """Whether the identity of a value is known: None, a flag, a string, a function and the like."""
    return isinstance(kind, Static) and (isinstance(kind.value, bool) or numeric(kind) is None)
