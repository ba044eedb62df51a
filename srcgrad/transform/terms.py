"""Rewriting expressions of adjoints: signs, temporaries put in, parts that repeat."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Array, Scalar, numeric
from srcgrad.rules.algebra import Term, key, terms_of, total
from srcgrad.rules.expr import Expr, binary, const
from srcgrad.transform.cotangents import fresh, trivial
from srcgrad.transform.text import COMPARISONS


def signed(e: Expr) -> tuple[gast.AST, Expr]:
    """Plus or minus, and an expression that does not start with a minus."""
    if e.op == "neg":
        return gast.Sub(), e.args[0]
    terms = terms_of(e) if numeric(e.kind) is not None and e.op in ("mul", "div", "const") else []
    if len(terms) == 1 and terms[0].coefficient < 0:
        flipped = Term(-terms[0].coefficient, terms[0].factors)
        return gast.Sub(), total_of(flipped, e)
    return gast.Add(), e


def total_of(t: Term, e: Expr) -> Expr:
    """A term rendered; a constant stays one."""
    from_terms = total([binary("mul", const(-1.0), e)])
    return from_terms if t.factors else const(t.coefficient)


def simplified(e: Any, known: dict[str, Expr]) -> Any:
    """An expression with temporaries put in, in normal form."""
    if isinstance(e, dict):
        return {k: simplified(v, known) for k, v in e.items()}
    if e is None:
        return None
    new = substituted(e, known)
    if numeric(new.kind) is None or new.op in ("leaf", "const"):
        return new
    return total([new])


def substituted(e: Expr, known: dict[str, Expr]) -> Expr:
    """An expression with temporaries put in."""
    if e.op == "leaf":
        return known.get(getattr(e.data, "id", ""), e)
    args = tuple(substituted(a, known) for a in e.args)
    if all(a is b for a, b in zip(args, e.args, strict=True)):
        return e
    return Expr(e.op, args, e.kind, e.data)


def divisors(e: Expr) -> list[Expr]:
    """The compound divisors of an expression, as often as they occur."""
    out = [d for a in e.args for d in divisors(a)]
    if e.op == "div" and is_compound(e.args[1]):
        out.append(e.args[1])
    return out


def is_compound(e: Expr) -> bool:
    """Whether an expression, or the part of the primal that it stands for, is an operation."""
    return e.op in ("mul", "add", "sub", "pow", "call") or isinstance(e.data, gast.BinOp)


def comparisons(e: Expr) -> list[Expr]:
    """The comparisons of arrays in an expression, as often as they occur."""
    if e.op in COMPARISONS:
        return [e] if isinstance(e.kind, Array) else []
    return [c for a in e.args for c in comparisons(a)]


def costly(e: Expr) -> list[Expr]:
    """The calls and products of an expression that make arrays of their own."""
    out = [c for a in e.args for c in costly(a)]
    makes = e.op == "matmul" or (e.op == "call" and fresh(e))
    return [e, *out] if makes and isinstance(e.kind, Array) else out


def with_names(e: Expr, known: dict[Any, Expr]) -> Expr:
    """An expression in which parts are replaced by their names."""
    if (e.args or is_compound(e)) and key(e) in known:
        return known[key(e)]
    return Expr(e.op, tuple(with_names(a, known) for a in e.args), e.kind, e.data) if e.args else e


def trivial_scalar(e: Expr) -> bool:
    """Whether an expression is a number or a name of one."""
    return trivial(e) and isinstance(numeric(e.kind), Scalar)
