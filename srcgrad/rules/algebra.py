"""The normal form of adjoints: sums of products, like terms merged, common factors pulled out.

Only numbers are reassociated; a factor never cancels against a divisor, and nothing is dropped
because it is multiplied by zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Scalar
from srcgrad.rules.expr import Expr, binary, const, is_const, negate, number_of
from srcgrad.syntax.lives import is_adjoint_name

Key = tuple


@dataclass(frozen=True)
class Factor:
    """A factor of a product, with how often it occurs above and below the line."""

    base: Expr
    above: int
    below: int = 0


@dataclass(frozen=True)
class Term:
    """`coefficient * product(factors)`; factors are keyed by their structure, in order."""

    coefficient: float
    factors: tuple[tuple[Key, Factor], ...] = ()


def key(e: Expr) -> Key:
    """The structure of an expression, for comparison."""
    data: str | tuple[str, ...]
    match e.op:
        case "leaf":
            data = node_key(e.data)
        case "index":
            items = e.data if isinstance(e.data, tuple) else (e.data,)
            data = tuple(map(index_key, items))
        case _:
            data = repr(e.data)
    return (e.op, data, *(key(a) for a in e.args))


def index_key(item: object) -> str:
    """The structure of one item of an index; expressions are compared as operands."""
    if isinstance(item, slice):
        return f"{index_key(item.start)}:{index_key(item.stop)}:{index_key(item.step)}"
    return "?" if isinstance(item, Expr) else repr(item)


def node_key(node: gast.AST) -> str:
    """The structure of a leaf: its name, or the dump of its tree."""
    return node.id if isinstance(node, gast.Name) else gast.dump(node)


def atom(e: Expr) -> Term:
    """An expression as a term of one factor."""
    return Term(1.0, ((key(e), Factor(e, 1)),))


def times(a: Term, b: Term) -> Term:
    """The product of two terms."""
    factors = dict(a.factors)
    for k, f in b.factors:
        old = factors.get(k)
        factors[k] = Factor(f.base, f.above + old.above, f.below + old.below) if old else f
    return Term(a.coefficient * b.coefficient, tuple(factors.items()))


def terms_of(e: Expr) -> list[Term]:
    """The terms of a sum."""
    match e.op:
        case "const" if is_const(e):
            return [Term(e.data)]
        case "neg":
            return [Term(-t.coefficient, t.factors) for t in terms_of(e.args[0])]
        case "add":
            return terms_of(e.args[0]) + terms_of(e.args[1])
        case "sub":
            right = [Term(-t.coefficient, t.factors) for t in terms_of(e.args[1])]
            return terms_of(e.args[0]) + right
        case _:
            return [product_of(e)]


def product_of(e: Expr) -> Term:
    """An expression as one product; a sum becomes one factor of it."""
    match e.op:
        case "const" if is_const(e):
            return Term(e.data)
        case "neg":
            inner = product_of(e.args[0])
            return Term(-inner.coefficient, inner.factors)
        case "mul":
            return times(product_of(e.args[0]), product_of(e.args[1]))
        case "div":
            below = product_of(e.args[1])
            if len(below.factors) == 1 and below.coefficient == 1.0 and e.args[1].op != "pow":
                ((k, f),) = below.factors
                divisor = Term(1.0, ((k, Factor(f.base, f.below, f.above)),))
            else:
                divisor = Term(1.0, ((key(e.args[1]), Factor(e.args[1], 0, 1)),))
            return times(product_of(e.args[0]), divisor)
        case "index" if (wide := widened(e)) is not None:
            return wide
        case "pow" if is_const(e.args[1], 2) or is_const(e.args[1], 2.0):
            if e.args[0].op in ("leaf", "index", "attr"):
                return Term(1.0, ((key(e.args[0]), Factor(e.args[0], 2)),))
            return atom(e)
        case _:
            return atom(e)


def widened(e: Expr) -> Term | None:
    """A product that got new axes, as a product of factors that got them; None for others."""
    items = e.data if isinstance(e.data, tuple) else (e.data,)
    inner = e.args[0]
    if inner.op not in ("mul", "div", "neg") or not all(map(keeps_axis, items)):
        return None
    known = number_of(inner)
    product = product_of(inner)
    out = Term(product.coefficient)
    for _, f in product.factors:
        k = number_of(f.base)
        base = f.base
        if isinstance(k, Array):
            full = isinstance(known, Array) and known.dims is not None and k.dims is not None
            if not full or len(k.dims) != len(known.dims):  # type: ignore[arg-type,union-attr]
                return None
            base = base[e.data]
        out = times(out, Term(1.0, ((key(base), Factor(base, f.above, f.below)),)))
    return out


def keeps_axis(item: Any) -> bool:
    """Whether a part of a subscript is a new axis or a whole one."""
    parts = (item.start, item.stop, item.step) if isinstance(item, slice) else (item,)
    return all(part is None for part in parts)


def total(contributions: Iterable[Expr]) -> Expr:
    """The sum of contributions in normal form."""
    terms = merge([t for c in contributions for t in terms_of(c)])
    if not terms:
        return const(0.0)
    common, rest = pull_out(terms)
    if len(rest) == 1 and not common.factors and common.coefficient == 1.0:
        return render(rest[0])
    if len(rest) == 1:
        return render(times(common, rest[0]))
    inner = add_up(rest)
    return render(common, inner) if common.factors or common.coefficient != 1.0 else inner


def merge(terms: list[Term]) -> list[Term]:
    """Like terms added up; those that cancel vanish, those that were multiplied by 0 stay."""
    merged: dict[Key, Term] = {}
    cancelled: set[Key] = set()
    for t in terms:
        k = tuple(sorted((k, f.above, f.below) for k, f in t.factors))
        old = merged.get(k)
        merged[k] = Term(t.coefficient + old.coefficient, old.factors) if old else t
        if old and merged[k].coefficient == 0 and (t.coefficient or not t.factors):
            cancelled.add(k)
        elif t.coefficient:
            cancelled.discard(k)
    if len(merged) > 1 and () in merged and merged[()].coefficient == 0:
        cancelled.add(())
    return [t for k, t in merged.items() if k not in cancelled]


def pull_out(terms: list[Term]) -> tuple[Term, list[Term]]:
    """The factors that all terms share, and what is left of each."""
    if len(terms) < 2:
        return Term(1.0), terms
    shared: list[tuple[Key, Factor]] = []
    for k, f in terms[0].factors:
        others = [dict(t.factors).get(k) for t in terms[1:]]
        above = min([f.above, *(o.above if o else 0 for o in others)])
        below = min([f.below, *(o.below if o else 0 for o in others)])
        if above or below:
            shared.append((k, Factor(f.base, above, below)))
    coefficients = {t.coefficient for t in terms}
    common_coefficient = (terms[0].coefficient if len(coefficients) == 1 else 0.0) or 1.0
    if not shared and common_coefficient in (1.0, -1.0):
        return Term(1.0), terms
    rest = [without(t, dict(shared), common_coefficient) for t in terms]
    return Term(common_coefficient, tuple(shared)), rest


def without(t: Term, shared: dict[Key, Factor], coefficient: float) -> Term:
    """A term divided by shared factors."""
    left = []
    for k, f in t.factors:
        s = shared.get(k)
        above, below = (f.above - s.above, f.below - s.below) if s else (f.above, f.below)
        if above or below:
            left.append((k, Factor(f.base, above, below)))
    return Term(t.coefficient / coefficient, tuple(left))


def add_up(terms: list[Term]) -> Expr:
    """A sum of terms; it opens with a positive one where there is one."""
    first = next((i for i, t in enumerate(terms) if t.coefficient > 0), 0)
    ordered = [terms[first], *terms[:first], *terms[first + 1 :]]
    bare = len(terms) > 1 and sum(map(is_whole, terms)) == 1
    out = render(ordered[0], bare=bare and ordered[0].coefficient > 0)
    for t in ordered[1:]:
        if t.coefficient < 0:
            out = binary("sub", out, render(Term(-t.coefficient, t.factors), bare=bare))
        else:
            out = binary("add", out, render(t, bare=bare))
    return out


def is_whole(t: Term) -> bool:
    """Whether a term is a product of flags and ints alone."""
    unit = abs(t.coefficient) == 1.0 and len(t.factors) > 0
    return unit and all(number_of(f.base).dtype.kind in "bui" and not f.below for _, f in t.factors)


def rank(e: Expr) -> int:
    """How large a factor is: the number of axes that are not 1; large when unknown."""
    k = number_of(e)
    if isinstance(k, Scalar):
        return 0
    return 99 if k.dims is None else sum(d != 1 for d in k.dims)


def render(t: Term, inner: Expr | None = None, *, bare: bool = False) -> Expr:
    """A term as an expression: small operands first, so that full arrays are passed over least.

    Args:
        t: the term.
        inner: one more factor.
        bare: whether flags and ints may stand for floats, because floats are added to them.
    """
    factors = [f for _, f in t.factors]
    above = [(rank(f.base), f.base, f.above, False) for f in factors if f.above]
    below = [(rank(f.base), f.base, f.below, True) for f in factors if f.below]
    if inner is not None:
        above.append((rank(inner), inner, 1, False))
    parts = sorted(above + below, key=lambda p: (p[0], p[3]))
    negative = t.coefficient < 0
    size = abs(t.coefficient)
    whole = not (below or bare) and all(number_of(p[1]).dtype.kind in "bui" for p in above)
    if len(above) == len(below) == 1 and below[0][2] == 1 and size == 1.0 and not negative:
        parts = above + below
    opens = size != 1.0 or whole or not parts or parts[0][3]
    out: Expr | None = const(float(size)) if opens else None
    for _, base, times_, divides in parts:
        if divides:
            base = as_divisor(base, out)
            for _ in range(times_):
                out = Expr("div", (out, base), _kind("div", out, base))  # type: ignore[arg-type]
        else:
            power = powered(base, times_)
            if times_ == 2 and out is not None and power.op == "mul":
                out = multiply(multiply(out, base), base)
            else:
                out = power if out is None else multiply(out, power)
    assert out is not None
    if not negative:
        return out
    return flip(out)


def as_divisor(base: Expr, out: Expr | None) -> Expr:
    """A divisor: a float as numpy's own only where the dividend may be Python's, which would raise.

    A cotangent of a number may be one of Python's own, whatever the number is: the first one is.
    """
    k = number_of(out) if out is not None else None
    cotangent = out is not None and is_adjoint_name(getattr(out.data, "id", ""))
    plain = isinstance(k, Scalar) and (k.python or cotangent)
    wrapped = base.op == "call" and base.data[0] is np.float64
    return base.args[0] if wrapped and not plain else base


def flip(e: Expr) -> Expr:
    """Minus a product: the sign goes to its first factor."""
    if e.op in ("mul", "div") and e.args[0].op != "const":
        return Expr(e.op, (flip(e.args[0]), e.args[1]), e.kind)
    if e.op in ("mul", "div"):
        return Expr(e.op, (const(-e.args[0].data), e.args[1]), e.kind)
    return multiply(const(-1.0), e) if number_of(e).dtype.kind in "bu" else negate(e)


def powered(base: Expr, n: int) -> Expr:
    """`base` to a small power: squares of scalars as products, which Python computes faster."""
    if n == 1:
        return base
    if n == 2 and isinstance(number_of(base), Scalar) and base.op == "leaf":
        return multiply(base, base)
    return binary("pow", base, const(n))


def multiply(a: Expr, b: Expr) -> Expr:
    """A product, without looking for units."""
    return Expr("mul", (a, b), _kind("mul", a, b))


def _kind(op: str, a: Expr, b: Expr) -> Scalar | Array:
    return (
        number_of(binary(op, a, b)) if not (is_const(a) and is_const(b)) else number_of(const(1.0))
    )
