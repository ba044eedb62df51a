"""Pseudo-inverses and least squares.

The rank is taken to stay what it is: where it jumps there is no derivative. Source: G. H. Golub and
V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
variables separate", 1973.
"""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Record, Scalar, Static
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    helper,
    known_dims,
    length,
    ndim,
    number,
    of,
    one_length,
    one_matrix,
    pack,
    refuse,
    rule,
    same_length,
    solved_dtype,
    with_dims,
)
from srcgrad.rules import (
    full as filled,
)


def pinv_kind(a, rcond=None, hermitian=None):
    """The kind of a pseudo-inverse."""
    refuse(rcond, "rcond")
    refuse(hermitian, "hermitian", False)
    m, n = one_matrix(a)
    return Array(solved_dtype(a), (n, m))


TALL, WIDE = (of(*s, low=-9.0, high=9.0) for s in ((4, 2), (2, 4)))
SQUARE = of(3, 3, diagonal=5.0)


@rule(np.linalg.pinv, kind=pinv_kind, samples=[call(TALL), call(WIDE), call(SQUARE)])
def pinv(z, a, rcond=None, hermitian=False):
    g = filled(bar[z], z).T
    back, t = z @ g, dot[a].T
    bar[a] += (g - a @ back) @ z @ z.T + z.T @ z @ (g - g @ z @ a) - z.T @ g.T @ z.T
    dot[z] = z @ z.T @ (t - t @ a @ z) + (t - z @ a @ t) @ z.T @ z - z @ dot[a] @ z


def lstsq_kind(a, b, rcond=None):
    """The kinds of a solution, its sums of squared residuals, the rank and the singular values."""
    refuse(rcond, "rcond", -1)
    (m, n), known, dtype = one_matrix(a), known_dims(b), solved_dtype(a, b)
    if len(known) not in (1, 2):
        raise Undecided("the right side must be an array of rank 1 or 2")
    k = min(m, n) if isinstance(m, int) and isinstance(n, int) else UNKNOWN
    parts = (
        Array(dtype, (n, *known[1:])),
        Array(dtype, (UNKNOWN,)),
        Scalar(np.dtype(np.int32), False),
        Array(dtype, (n if same_length(m, n) else k,)),
    )
    return Record(tuple, (0, 1, 2, 3), parts)


@rule(
    np.linalg.lstsq,
    kind=lstsq_kind,
    samples=[
        call(TALL, of(4)),
        call(TALL, of(4), rcond=None),
        call(WIDE, of(2)),
        call(TALL, of(4, 3)),
        call(WIDE, of(2, 3)),
        call(SQUARE, of(3)),
    ],
)
def lstsq(z, a, b, rcond=None):
    x, squares, s = z[0], z[1], z[3]
    p = apply(np.linalg.pinv, a)
    left = b - a @ x
    g = filled(bar[x], x)
    if g is not ZERO:
        by_b = p.T @ g
        bar[b] += by_b
        bar[a] += outer(left, p @ by_b) - outer(by_b, x) + outer(p.T @ x, g - a.T @ by_b)
    if bar[squares] is not ZERO:
        twice = 2.0 * left * weights(filled(bar[squares], squares), b)
        bar[b] += twice
        bar[a] -= outer(twice, x)
    bar[a] += helper(runtime.svdvals_bar, number(a.kind), filled(bar[s], s), a)
    if dot[a] is not ZERO or dot[b] is not ZERO:
        off, t = dot[b] - dot[a] @ x, dot[a].T
        x_dot = p @ off + p @ (p.T @ (t @ left)) + null_part(t @ (p.T @ x), p, a)
        squares_dot = 2.0 * np.sum(left * off, axis=0)
        if ndim(b) == 1:
            squares_dot = np.full_like(squares, squares_dot)
        else:
            squares_dot = cut(squares_dot, 0, None, length(squares), UNKNOWN)
        factors = apply(np.linalg.svd, a, full_matrices=False)
        s_dot = np.zeros_like(s) if t is ZERO else along(factors[0], factors[2], dot[a])
        dot[z] = pack((x_dot, squares_dot, 0, s_dot))


def weights(g, b):
    """A cotangent of the sums of squares, which are left out where there is nothing to sum."""
    if ndim(b) == 1:
        return np.sum(g)
    dtype = number(g.kind).dtype
    options = {} if dtype == np.float64 else {"dtype": dtype}
    rest = apply(np.zeros, length(b, 1) - length(g), **options)
    out = apply(np.concatenate, [g, rest])
    return with_dims(out, dims(b)[1:])


def null_part(v, p, a):
    """What is left of a vector without what the rows of a matrix span."""
    return v - p @ (a @ v)


def along(u, vh, t):
    """The tangents of singular values."""
    return np.sum(u * (t @ vh.T), axis=0)


def outer(u, v):
    """The sum of products of the columns of two matrices, or of two vectors."""
    if u is ZERO or v is ZERO:
        return ZERO
    return np.outer(u, v) if ndim(u) == 1 else u @ v.T


def polyfit_kind(x, y, deg, rcond=None, full=None, w=None, cov=None):
    """The kind of the coefficients of a polynomial."""
    for value, label in ((rcond, "rcond"), (w, "w")):
        refuse(value, label)
    refuse(full, "full", False)
    refuse(cov, "cov", False)
    if len(known_dims(x)) != 1 or len(known_dims(y)) != 1:
        raise Undecided("np.polyfit wants arrays of rank 1")
    if not isinstance(deg, Static):
        raise Undecided("the degree of np.polyfit must be a constant")
    return Array(np.result_type(solved_dtype(x, y), float), (one_length(deg) + 1,))


@rule(np.polyfit, kind=polyfit_kind, samples=[call(of(5, ascending=True), of(5), 2)])
def polyfit(z, x, y, deg, rcond=None, full=False, w=None, cov=False):
    table = apply(np.vander, x, deg + 1)
    p = apply(np.linalg.pinv, table)
    left = y - table @ z
    powers = apply(np.arange, deg, 0, -1)
    g = filled(bar[z], z)
    if g is not ZERO:
        by_y = p.T @ g
        bar[y] += by_y
        by_table = np.outer(left, p @ by_y) - np.outer(by_y, z)
        slopes = powers * cut(table, 1, 1, None, dims(z)[0] - 1)
        bar[x] += np.sum(cut(by_table, 1, None, -1, dims(z)[0] - 1) * slopes, axis=1)
    by_x = ZERO
    if dot[x] is not ZERO:
        slope = dot[x][:, None] * (powers * cut(table, 1, 1, None, dims(z)[0] - 1))
        table_dot = apply(np.pad, slope, ((0, 0), (0, 1)))
        by_x = p @ (p.T @ (table_dot.T @ left)) - p @ (table_dot @ z)
    dot[z] = p @ dot[y] + by_x
