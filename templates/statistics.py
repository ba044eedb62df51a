"""Covariances and correlations."""

import numpy as np

from srcgrad.kinds import Array, not_one
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dot,
    full,
    join_tangents,
    known_dims,
    known_value,
    left_out,
    length,
    ndim,
    number,
    of,
    option,
    pack,
    refuse,
    rule,
    total_length,
)


def variables(m, y, rowvar):
    """The number of variables, and the dtype of what is computed with them."""
    kinds = [k for k in (m, y) if not left_out(k)]
    shapes = [known_dims(k) for k in kinds]
    dtypes = [number(k).dtype for k in kinds]
    if any(d.kind == "c" for d in dtypes) or any(len(s) not in (1, 2) for s in shapes):
        raise Undecided("arrays of rank 1 or 2 of real numbers were expected")
    if not option(rowvar, True) and any(len(s) == 2 for s in shapes):
        raise Undecided("rowvar=False: transpose the array")
    counts = [s[0] if len(s) == 2 else 1 for s in shapes]
    return kinds, shapes, counts, np.result_type(*dtypes, np.float64)


def cov_kind(m, y=None, rowvar=None, bias=None, ddof=None, fweights=None, aweights=None):
    """The kind of a matrix of covariances; of one variable it is a number in an array."""
    refuse(fweights, "fweights")
    refuse(aweights, "aweights")
    option(bias, False), option(ddof)
    kinds, shapes, counts, dtype = variables(m, y, rowvar)
    if len(kinds) == 1 and len(shapes[0]) == 1:
        return Array(dtype, ())
    if any(len(s) == 2 and not not_one(s[0]) for s in shapes) and len(kinds) == 1:
        raise Undecided("a covariance of what may be one variable")
    k = total_length(counts)
    return Array(dtype, (k, k))


PAIRS = [call(of(5), of(5)), call(of(3, 5), of(5)), call(of(2, 5), of(3, 5))]


@rule(
    np.cov,
    kind=cov_kind,
    samples=[
        *PAIRS,
        call(of(5)),
        call(of(3, 5)),
        call(of(3, 5), bias=True),
        call(of(5), of(5), ddof=0),
    ],
)
def cov(z, m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    rows = together(m, y)
    off = centered(rows)
    less = (0 if bias else 1) if ddof is None else ddof
    n = length(m, -1) - less if less else length(m, -1)
    n = np.nan if known_value(n) is not None and known_value(n) <= 0 else n
    g = full(bar[z], z)
    if ndim(off) == 1:
        bar[m] += 2.0 * g / n * off
        dot[z] = 2.0 * (dot[m] @ off) / n
        return
    shared_out((g + g.T) @ off / n if g is not ZERO else ZERO, m, y)
    t = tangent_of(m, y)
    if t is not ZERO:
        half = t @ off.T / n
        dot[z] = half + np.transpose(half)


def together(m, y):
    """All variables as the rows of one matrix; one variable as it is."""
    return m if y is None else apply(np.vstack, [m, y])


def tangent_of(m, y):
    """The tangents of all variables as the rows of one matrix."""
    return dot[m] if y is None else join_tangents(np.vstack, pack([m, y]))


def centered(rows):
    """The deviations from the means of the rows."""
    if ndim(rows) == 1:
        return rows - np.mean(rows)
    return rows - np.mean(rows, axis=1, keepdims=True)


def shared_out(g, m, y):
    """The cotangents of two sets of variables, which are rows of one matrix."""
    if g is ZERO:
        return
    if y is None:
        bar[m] += g
        return
    top = known_dims(m.kind)
    bar[m] += g[0] if len(top) == 1 else cut(g, 0, None, length(m, 0), top[0])
    low = known_dims(y.kind)
    first = 1 if len(top) == 1 else length(m, 0)
    bar[y] += g[-1] if len(low) == 1 else cut(g, 0, first, None, low[0])


def corrcoef_kind(x, y=None, rowvar=None):
    """The kind of a matrix of correlations."""
    kinds, shapes, counts, dtype = variables(x, y, rowvar)
    if len(kinds) == 1 and (len(shapes[0]) == 1 or not not_one(shapes[0][0])):
        raise Undecided("the correlation of one variable with itself")
    k = total_length(counts)
    return Array(dtype, (k, k))


@rule(np.corrcoef, kind=corrcoef_kind, samples=[*PAIRS, call(of(3, 5))])
def corrcoef(z, x, y=None, rowvar=True):
    off = centered(together(x, y))
    size = np.sqrt(np.sum(off**2, axis=1, keepdims=True))
    unit = off / size
    g = full(bar[z], z)
    if g is not ZERO:
        back = (g + g.T) @ unit
        shared_out((back - np.sum(back * unit, axis=1, keepdims=True) * unit) / size, x, y)
    t = tangent_of(x, y)
    if t is not ZERO:
        turn = centered(t) / size
        turn = turn - np.sum(turn * unit, axis=1, keepdims=True) * unit
        half = turn @ unit.T
        dot[z] = half + np.transpose(half)
