"""Powers of a matrix, and products of chains of matrices."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Static
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    dot,
    full,
    helper,
    item_dims,
    joined_dtype,
    ndim,
    number,
    of,
    one_matrix,
    pack,
    parts_kinds,
    pieces,
    refuse,
    rule,
    shaped,
    solved_dtype,
)

SQUARE = of(3, 3, diagonal=5.0)


def power_kind(a, n):
    """The kind of a power of a matrix."""
    if not isinstance(n, Static) or type(n.value) is not int or n.value == 1:
        raise Undecided(
            "np.linalg.matrix_power wants a constant exponent that is not 1: write a.copy() for 1, "
            "and a loop of products for an exponent known at run time only"
        )
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
