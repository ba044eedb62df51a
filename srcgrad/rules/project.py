"""Fitting a cotangent to the operand it is for: broadcast axes summed, dtype and realness kept.

A cotangent may have lower dims than the value it belongs to: it is then uniform along the axes
that it lacks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Length, Scalar, not_one
from srcgrad.rules.algebra import Factor, Term, product_of, rank, render, terms_of
from srcgrad.rules.expr import (
    ZERO,
    Expr,
    binary,
    call,
    const,
    dims,
    helper,
    length,
    number_of,
    shape,
)
from srcgrad.rules.shapes import vague

Shape = tuple[Length, ...]


def unbroadcast(g: Any, operand: Expr, result: Expr) -> Any:
    """The cotangent of `operand`, from one of the elementwise result it was broadcast into."""
    if g is ZERO or not isinstance(operand, Expr):
        return g
    target, out = number_of(operand), number_of(result)
    have = number_of(g)
    out_dims = known(out)
    target_dims = known(target)
    if target_dims is None or out_dims is None or known(have) is None:
        if target_dims == () and known(have) == () and out_dims == ():
            return g
        return generic(g, operand, result)
    missing = len(out_dims) - len(target_dims)
    lead = tuple(range(missing))
    kept, unclear = [], False
    for i, d in enumerate(target_dims):
        r = out_dims[missing + i]
        if d == r and (not vague(d) or operand is result):
            continue
        if d == 1 and r != 1:
            kept.append(missing + i)
        elif (not (not_one(d) and (not_one(r) or vague(r))) and d != r) or vague(d):
            unclear = True
    if unclear:
        return generic(g, operand, result)
    return sum_over(g, result, lead, tuple(kept))


def known(kind: Scalar | Array) -> Shape | None:
    """The dims of a number; None when the rank is unknown."""
    return kind.dims if isinstance(kind, Array) else ()


def generic(g: Expr, operand: Expr, result: Expr) -> Expr:
    """The cotangent of an operand whose relation to the result is known at run time only."""
    target = number_of(operand)
    g = materialise(g, result)
    have = number_of(g)
    kind = Array(have.dtype, known(target)) if known(target) != () else Scalar(have.dtype, False)
    return helper(runtime.unbroadcast, kind, g, operand)


def materialise(g: Any, like: Expr) -> Any:
    """A cotangent at the full shape of the value that it belongs to.

    A cotangent is full along the axes that it has, where their lengths are unknown; it is full
    if its rank is unknown. One that may be lower is materialised before it meets a factor of
    unknown dims (see `settle`).
    """
    if g is ZERO:
        return ZERO
    have, want = known(number_of(g)), known(number_of(like))
    if have is None or have == want or (want is not None and is_full(have, want)):
        return g
    g = as_dtype(g, number_of(like).dtype)
    if want is None:
        dtype = number_of(g).dtype
        return helper(runtime.broadcast_to, Array(dtype, None), g, shape(like))
    return call(np.broadcast_to, g, shape(like))


def is_full(have: Shape, want: Shape) -> bool:
    """Whether a cotangent with dims `have` has all entries of a value with dims `want`."""
    same_rank = len(have) == len(want)
    return same_rank and all(a == b or not_one(a) for a, b in zip(have, want, strict=True))


def as_dtype(g: Expr, dtype: np.dtype) -> Expr:
    """A number of Python's own in the dtype of the array that it is to fill."""
    k = number_of(g)
    weak = isinstance(k, Scalar) and k.python and dtype.kind in "fc" and dtype != k.dtype
    return call(dtype.type, g) if weak else g


def settle(g: Any, result: Expr) -> Any:
    """The cotangent of a result, made full if its dims are not known well enough to stay lower."""
    out = known(number_of(result))
    return materialise(g, result) if out is None or any(map(vague, out)) else g


def sum_over(g: Expr, result: Expr, lead: tuple[int, ...], kept: tuple[int, ...]) -> Expr:
    """Sum a cotangent of `result` over leading axes, and over others that keep length 1."""
    if not lead and not kept:
        return g
    have, out = dims(g), known(number_of(result))
    assert out is not None
    offset = len(out) - len(have)
    counts = [a for a in (*lead, *kept) if a < offset or (have[a - offset] == 1 and out[a] != 1)]
    axes = tuple(a - offset for a in lead if a not in counts)
    stay = tuple(a - offset for a in kept if a not in counts)
    drop_ones = tuple(a - offset for a in lead if a in counts and a >= offset)
    for a in counts:
        if out[a] != 1:
            g = binary("mul", g, length(result, a))
    if stay:
        g = summed(g, stay, keepdims=True)
    axes = tuple(sorted(axes + drop_ones))
    if axes:
        g = summed(g, axes, keepdims=False)
    return g


def summed(g: Expr, axes: tuple[int, ...], *, keepdims: bool) -> Expr:
    """`np.sum` over axes; factors without these axes leave the sum."""
    terms = terms_of(g)
    outside = Term(1.0)
    if len(terms) == 1:
        term = product_of(g)
        scalars = tuple((k, f) for k, f in term.factors if rank(f.base) == 0 and is_flat(f))
        rest = tuple((k, f) for k, f in term.factors if not (rank(f.base) == 0 and is_flat(f)))
        if rest and dims(render(Term(1.0, rest))) == dims(g):
            outside, g = Term(term.coefficient, scalars), render(Term(1.0, rest))
    everything = len(axes) == len(dims(g)) and not keepdims
    axis = axes[0] if len(axes) == 1 else axes
    if everything:
        out = call(np.sum, g)
    elif keepdims:
        out = call(np.sum, g, axis=axis, keepdims=True)
    else:
        out = call(np.sum, g, axis=axis)
    if outside.coefficient == 1.0 and not outside.factors:
        return out
    return render(outside, out)


def is_flat(f: Factor) -> bool:
    """Whether a factor is a scalar, not an array of ones."""
    return isinstance(number_of(f.base), Scalar)


def cast(g: Any, target: Scalar | Array) -> Any:
    """The cotangent in the dtype of the value that it belongs to."""
    if g is ZERO:
        return ZERO
    have = number_of(g)
    if have.dtype.kind == "c" and target.dtype.kind == "f":
        return const(g.data.real) if g.op == "const" else cast(call(np.real, g), target)
    if target.dtype.kind not in "fc" or have.dtype == target.dtype or g.op == "const":
        return g
    if isinstance(have, Scalar) and have.python:
        return g
    if isinstance(target, Scalar) and target.python:
        return g
    return g.astype(target.dtype)
