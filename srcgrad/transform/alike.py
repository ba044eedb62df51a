"""Where a shape alone is read: the operand that has it, instead of a value computed from it."""

from __future__ import annotations

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, Scalar, numeric
from srcgrad.lower.base.program import Typed
from srcgrad.rules.expr import Expr, leaf
from srcgrad.rules.registry import lookup

ENTRYWISE = ("add", "sub", "mul", "div", "pow", "floordiv", "mod", "neg")


def shaped_alike(typed: Typed, e: Expr) -> Expr:
    """The array of which an expression has the shape, by its text: numbers beside it give none.

    Args:
        typed: the function whose nodes the leaves are.
        e: an expression of one array, numbers and operations that are done entry by entry.
    """
    while True:
        inner = operand_of(e.args) if e.op in ENTRYWISE else None
        if inner is None and e.op == "leaf" and e.data in typed.kinds:
            node = array_in(typed, e.data)
            inner = leaf(node, typed.kinds[node]) if node is not None else None
        if inner is None:
            return e
        e = inner


def operand_of(args: tuple[Expr, ...]) -> Expr | None:
    """The array among operands of which the others are numbers."""
    arrays = [a for a in args if not is_single(a.kind)]
    return arrays[0] if len(arrays) == 1 and isinstance(arrays[0].kind, Array) else None


def array_in(typed: Typed, node: gast.AST) -> gast.expr | None:
    """The array of which an expression of the primal has the shape."""
    match node:
        case gast.BinOp(op=op) if not isinstance(op, gast.MatMult):
            operands = [node.left, node.right]
        case gast.UnaryOp():
            operands = [node.operand]
        case gast.Call() if (callee := typed.callees.get(node)) is not None:
            known = callee.tag == "rule" and isinstance(callee.target, np.ufunc)
            rule = lookup(callee.target) if known else None
            if rule is None or not rule.elementwise or node.keywords:
                return None
            operands = node.args
        case _:
            return None
    arrays = [o for o in operands if not is_single(typed.kinds.get(o))]
    return arrays[0] if len(arrays) == 1 and isinstance(typed.kinds.get(arrays[0]), Array) else None


def is_single(kind: Kind | None) -> bool:
    """Whether a value is one number."""
    return kind is not None and isinstance(numeric(kind), Scalar)
