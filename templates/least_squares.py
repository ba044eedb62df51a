"""Pseudo-inverses and least squares; chains and powers of matrices.

The rank is taken to stay what it is: where it jumps there is no derivative. Source: G. H. Golub and
V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
variables separate", 1973.
"""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Record, Scalar, Static
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    length,
    ndim,
    number,
    of,
    one_length,
    pack,
    parts_kinds,
    pieces,
    refuse,
    rule,
    same_length,
    shaped,
)


def solved_dtype(*kinds):
    """The dtype that `np.linalg` computes in, for real numbers."""
    dtype = np.result_type(*(number(k).dtype for k in kinds))
    if dtype.kind == "c":
        raise Undecided("complex numbers are not supported here")
    return np.linalg.inv(np.ones((1, 1), dtype)).dtype


def one_matrix(a):
    """The dims of one matrix."""
    known = known_dims(a)
    if len(known) != 2:
        raise Undecided("a stack of matrices")
    return known


def pinv_kind(a, rcond=None, hermitian=None):
    """The kind of a pseudo-inverse."""
    refuse(rcond, "rcond")
    refuse(hermitian, "hermitian", False)
    m, n = one_matrix(a)
    return Array(solved_dtype(a), (n, m))


whole = full  # np.polyfit has a parameter of that name
TALL, WIDE = (of(*s, low=-9.0, high=9.0) for s in ((4, 2), (2, 4)))
SQUARE = of(3, 3, diagonal=5.0)


@rule(np.linalg.pinv, kind=pinv_kind, samples=[call(TALL), call(WIDE), call(SQUARE)])
def pinv(z, a, rcond=None, hermitian=False):
    g = full(bar[z], z).T
    if same_length(*dims(a)):
        bar[a] -= z.T @ g.T @ z.T
        dot[z] = -(z @ dot[a] @ z)
        return
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
    g = full(bar[x], x)
    if g is not ZERO:
        by_b = p.T @ g
        bar[b] += by_b
        bar[a] += outer(left, p @ by_b) - outer(by_b, x) + outer(p.T @ x, g - a.T @ by_b)
    if bar[squares] is not ZERO:
        twice = 2.0 * left * weights(full(bar[squares], squares), b)
        bar[b] += twice
        bar[a] -= outer(twice, x)
    bar[a] += helper(runtime.svdvals_bar, number(a.kind), full(bar[s], s), a)
    if dot[a] is not ZERO or dot[b] is not ZERO:
        off, t = dot[b] - dot[a] @ x, dot[a].T
        moved = p @ off + p @ (p.T @ (t @ left)) + null_part(t @ (p.T @ x), p, a)
        more = 2.0 * np.sum(left * off, axis=0)
        if ndim(b) == 1:
            more = np.full_like(squares, more)
        else:
            more = cut(more, 0, None, length(squares), UNKNOWN)
        factors = apply(np.linalg.svd, a, full_matrices=False)
        by_s = np.zeros_like(s) if t is ZERO else along(factors[0], factors[2], dot[a])
        dot[z] = pack((moved, more, 0, by_s))


def weights(g, b):
    """A cotangent of the sums of squares, which are left out where there is nothing to sum."""
    if ndim(b) == 1:
        return np.sum(g)
    dtype = number(g.kind).dtype
    options = {} if dtype == np.float64 else {"dtype": dtype}
    rest = apply(np.zeros, length(b, 1) - length(g), **options)
    out = apply(np.concatenate, [g, rest])
    return Expr(out.op, out.args, Array(dtype, dims(b)[1:]), out.data)


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
    g = whole(bar[z], z)
    if g is not ZERO:
        by_y = p.T @ g
        bar[y] += by_y
        by_table = np.outer(left, p @ by_y) - np.outer(by_y, z)
        slopes = powers * cut(table, 1, 1, None, dims(z)[0] - 1)
        bar[x] += np.sum(cut(by_table, 1, None, -1, dims(z)[0] - 1) * slopes, axis=1)
    t = ZERO
    if dot[x] is not ZERO:
        slope = dot[x][:, None] * (powers * cut(table, 1, 1, None, dims(z)[0] - 1))
        moved = apply(np.pad, slope, ((0, 0), (0, 1)))
        t = p @ (p.T @ (moved.T @ left)) - p @ (moved @ z)
    dot[z] = p @ dot[y] + t


def power_kind(a, n):
    """The kind of a power of a matrix."""
    if not isinstance(n, Static) or type(n.value) is not int or n.value == 1:
        raise Undecided("the exponent of np.linalg.matrix_power must be a constant, and not 1")
    dtype = number(a).dtype
    return Array(solved_dtype(a) if n.value < 0 else dtype, one_matrix(a))


@rule(
    np.linalg.matrix_power,
    kind=power_kind,
    samples=[call(SQUARE, n) for n in (2, 3, 4, 7, 0, -1, -2, -3)],
)
def matrix_power(z, a, n):
    if n == 0:
        return
    if n == -1:
        bar[a] -= z.T @ full(bar[z], z) @ z.T
        dot[z] = -(z @ dot[a] @ z)
    elif n == 2:
        g = full(bar[z], z)
        bar[a] += g @ a.T + a.T @ g
        dot[z] = dot[a] @ a + a @ dot[a]
    else:
        bar[a] += helper(runtime.power_terms, number(a.kind), full(bar[z], z), a.T, n)
        dot[z] = helper(runtime.power_terms, number(a.kind), dot[a], a, n)


def terms_kind(t, a, n):
    """The kind of the tangent of a power."""
    return number(a)


@rule(runtime.power_terms, kind=terms_kind)
def power_terms(z, t, a, n):
    g = full(bar[z], z)
    bar[t] += helper(runtime.power_terms, number(t.kind), g, a.T, n)
    bar[a] += helper(runtime.power_pairs, number(a.kind), g, t, a, n)
    by_t = helper(runtime.power_terms, z.kind, dot[t], a, n)
    dot[z] = by_t + helper(runtime.power_pairs, z.kind, dot[a], t.T, a.T, n)


def multi_dot_kind(arrays, out=None):
    """The kind of a product of matrices; the first and the last one may be vectors."""
    refuse(out, "out")
    if isinstance(arrays, (List, Array)):
        raise Undecided("the factors of np.linalg.multi_dot must be known one by one")
    kinds = parts_kinds(arrays)
    found = [item_dims(k) for k in kinds]
    if any(len(d) != 2 for d in found[1:-1]) or any(len(d) not in (1, 2) for d in found):
        raise Undecided("np.linalg.multi_dot wants matrices, and vectors at the ends")
    if len(found) < 2:
        raise Undecided("np.linalg.multi_dot wants two factors or more")
    last = found[-1][1:]
    return shaped(joined_dtype(kinds), (*found[0][:-1], *last))


@rule(
    np.linalg.multi_dot,
    kind=multi_dot_kind,
    samples=[
        call([of(2, 3), of(3, 4)]),
        call([of(2, 3), of(3, 4), of(4, 2)]),
        call([of(3), of(3, 4), of(4, 2), of(2)]),
        call([of(3), of(3, 2)]),
        call([of(3), of(3)]),
        call([of(2, 3), of(3, 2), of(2)]),
    ],
)
def multi_dot(z, arrays, out=None):
    factors = pieces(arrays)
    g = full(bar[z], z)
    for i, x in enumerate(factors):
        before, after = chain(factors[:i]), chain(factors[i + 1 :])
        bar[x] += between(before, g, after, x, factors)
    total = ZERO
    for i, x in enumerate(factors):
        if dot[x] is not ZERO:
            parts = [*factors[:i], dot[x], *factors[i + 1 :]]
            total = total + apply(np.linalg.multi_dot, pack(parts))
    dot[z] = total


def chain(factors):
    """The product of some factors; None for none."""
    if not factors:
        return None
    if len(factors) == 1:
        return factors[0]
    return apply(np.linalg.multi_dot, pack(list(factors)))


def between(before, g, after, x, factors):
    """The cotangent of one factor between others."""
    if g is ZERO:
        return ZERO
    row, column = ndim(factors[0]) == 1, ndim(factors[-1]) == 1
    if before is None:
        if row:
            return g * after if column else after @ g
        return np.outer(g, after) if column else g @ after.T
    if after is None:
        if column:
            return g * before if row else before.T @ g
        return np.outer(before, g) if row else before.T @ g
    if row and column:
        return g * np.outer(before, after)
    if row:
        return np.outer(before, after @ g)
    return np.outer(before.T @ g, after) if column else before.T @ g @ after.T
