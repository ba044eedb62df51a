"""Which statements may raise: those are kept even if nothing reads their results."""

from __future__ import annotations

import contextlib
from collections.abc import Container

import gast
import numpy as np

from srcgrad.kinds import Array, Scalar, Static, not_zero, numeric
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.inference.instances import calls_itself, written_defaults
from srcgrad.syntax.walk import children, heads, walk

SAFE = {
    np.sum,
    np.mean,
    np.prod,
    np.var,
    np.std,
    np.where,
    np.clip,
    np.copy,
    np.transpose,
    np.ravel,
    np.expand_dims,
    np.zeros_like,
    np.ones_like,
    np.full_like,
    np.empty_like,
    np.cumsum,
    np.linalg.norm,
    np.flip,
    np.shape,
    np.size,
    np.ndim,
    np.float64,
    np.float32,
    np.tril,
    np.triu,
    np.asarray,
    np.swapaxes,
    np.trace,
    abs,
    float,
    len,
    isinstance,
    range,
    enumerate,
    zip,
    reversed,
    list,
    tuple,
}
NOT_EMPTY = {np.max, np.min, np.amax, np.amin, np.argmax, np.argmin}
SAFE_OPERATORS = (gast.Add, gast.Sub, gast.Mult, gast.Pow, gast.MatMult)


def may_raise(
    typed: Typed,
    world: World,
    s: gast.stmt,
    checked: Container[gast.AST] = (),
    named: Container[gast.AST] = (),
) -> bool:
    """Whether running a statement (of a compound one: its head) may raise or act on the world.

    Args:
        typed: the function.
        world: what is known of its callees.
        s: the statement.
        checked: subscripts that are evaluated again elsewhere, and would raise there.
        named: expressions that have names, which another statement gives to them.
    """
    if isinstance(s, (gast.Assert, gast.Raise)) or not world.switches.raises:
        return True
    if isinstance(s, gast.With):
        return not all(harmless(typed, i.context_expr) for i in s.items)
    stack: list[gast.AST] = heads(s)
    while stack:
        n = stack.pop()
        if isinstance(n, list):
            stack += n
        elif isinstance(n, gast.AST) and n not in named:
            if n not in checked and node_may_raise(typed, world, n):
                return True
            stack += children(n)
    return False


def harmless(typed: Typed, node: gast.expr) -> bool:
    """Whether entering a context acts on nothing but the block under it."""
    kind = typed.kinds.get(node.func) if isinstance(node, gast.Call) else None
    return isinstance(kind, Static) and kind.value in (np.errstate, contextlib.nullcontext)


def node_may_raise(typed: Typed, world: World, n: gast.AST) -> bool:
    """Whether evaluating one node, its parts aside, may raise."""
    if n in typed.unproven and not isinstance(n, gast.Call):
        return True
    match n:
        case gast.BinOp(op=op):
            if isinstance(op, SAFE_OPERATORS):
                return isinstance(op, gast.Pow) and not whole_power(typed, n)
            return not divides_safely(typed, n)
        case gast.Call():
            return call_may_raise(typed, world, n)
    return False


def whole_power(typed: Typed, n: gast.BinOp) -> bool:
    """Whether a power has a small constant exponent, or is one of an array."""
    exponent = typed.kinds.get(n.right)
    if isinstance(typed.kinds.get(n.left), Array):
        return True
    return (
        isinstance(exponent, Static)
        and isinstance(exponent.value, (int, float))
        and exponent.value >= 0
    )


def divides_safely(typed: Typed, n: gast.BinOp) -> bool:
    """Whether a division cannot raise: by an array, a numpy number or a constant that is not 0."""
    kinds = [typed.kinds.get(n.left), typed.kinds.get(n.right)]
    right = kinds[1]
    if isinstance(right, Static) and isinstance(right.value, (int, float)):
        return right.value != 0
    return any(isinstance(k, Array) or (isinstance(k, Scalar) and not k.python) for k in kinds)


def call_may_raise(typed: Typed, world: World, n: gast.Call) -> bool:
    """Whether a call may raise."""
    callee = typed.callees.get(n)
    if callee is None:
        return True
    if callee.tag == "user":
        inner: Typed = callee.target
        return (
            calls_itself(inner)
            or bool(written_defaults(callee))
            or any(
                may_raise(inner, world, s)
                for s in walk(inner.function.node)
                if isinstance(s, gast.stmt) and not isinstance(s, gast.FunctionDef)
            )
        )
    if callee.tag == "method":
        return callee.target not in ("append", "copy", "get", "items", "keys", "values", "reverse")
    if callee.tag in ("astype", "item"):
        return callee.tag == "item"
    target = callee.target
    if target in NOT_EMPTY and callee.operands and isinstance(callee.operands[0][1], gast.AST):
        number = numeric(typed.kinds[callee.operands[0][1]])
        return not (isinstance(number, Array) and number.dims and all(map(not_zero, number.dims)))
    if target in (np.zeros, np.ones, np.arange, np.eye):
        return False
    try:
        return not (isinstance(target, np.ufunc) or target in SAFE) or n in typed.unproven
    except TypeError:
        return True


def always_raises(body: list[gast.stmt]) -> bool:
    """Whether a block always ends by raising."""
    last = body[-1] if body else None
    if isinstance(last, gast.If):
        return always_raises(last.body) and always_raises(last.orelse)
    return isinstance(last, gast.Raise)


def one_side_raises(s: gast.If) -> bool:
    """Whether an `if` raises on one side, and not on the other."""
    return always_raises(s.body) != always_raises(s.orelse)


def move(s: gast.If, rest: list[gast.stmt]) -> None:
    """Do what follows an `if`, of which one side raises, on the other side."""
    if always_raises(s.body):
        s.orelse = [*s.orelse, *rest]
    else:
        s.body = [*s.body, *rest]
    s.end_lineno = None
