"""Linear algebra: products, traces, systems of equations, inverses, determinants."""

import ast

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Scalar, result_dtype
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    bar,
    broadcast_dims,
    call,
    dot,
    fit,
    full,
    helper,
    is_complex,
    length,
    ndim,
    number,
    of,
    option,
    refuse,
    rule,
    shaped,
)


def product_dtype(x, y):
    """The dtype of a product."""
    one = [k.dtype.type(1) for k in (x, y)]
    weak = [
        v.item() if isinstance(k, Scalar) and k.python else np.ones(1, k.dtype)
        for k, v in zip((x, y), one, strict=True)
    ]
    return np.asarray(np.multiply(*weak)).dtype


def rank_of(k):
    """The rank of a number; None where it is not known."""
    if isinstance(k, Scalar):
        return 0
    return None if k.dims is None else len(k.dims)


def matmul_kind(x, y):
    """The kind of `x @ y`."""
    a, b = number(x), number(y)
    dtype = product_dtype(a, b)
    m, n = rank_of(a), rank_of(b)
    if m is None or n is None:
        return Array(dtype, None)
    if m == 0 or n == 0:
        raise Undecided("`@` does not apply to numbers without axes")
    batch = broadcast_dims(a.dims[:-2], b.dims[:-2])
    rows = a.dims[-2:-1] if m > 1 else ()
    columns = b.dims[-1:] if n > 1 else ()
    return shaped(dtype, (*batch, *rows, *columns))


PRODUCTS = [
    call(of(3), of(3)),
    call(of(2, 3), of(3)),
    call(of(3), of(3, 2)),
    call(of(2, 3), of(3, 4)),
    call(of(1, 3), of(3, 1)),
    call(of(2, 0), of(0, 3)),
]


@rule(
    ast.MatMult,
    np.matmul,
    kind=matmul_kind,
    samples=[
        *PRODUCTS,
        call(of(2, 3, 4), of(2, 4, 2)),
        call(of(2, 3, 4), of(4, 2)),
        call(of(3, 4), of(2, 4, 2)),
        call(of(1, 3, 4), of(5, 4, 2)),
        call(of(2, 3, 4), of(4)),
        call(of(4), of(2, 4, 3)),
    ],
)
def matmul(z, x, y):
    products(z, x, y)
    dot[z] = dot[x] @ y + x @ dot[y]


def products(z, x, y):
    """The adjoints of a matrix product."""
    m, n = rank_of(number(x.kind)), rank_of(number(y.kind))
    if uniform(bar[z]) and m and n and m < 3 and n < 3:
        sums_of_factors(bar[z], x, y)
        return
    g = full(bar[z], z)
    if m == 2 and n == 1:
        bar[x] += np.outer(g, y)
        bar[y] += x.T @ g
    elif m == 1 and n == 2:
        bar[x] += y @ g
        bar[y] += np.outer(x, g)
    elif m == 2 and n == 2:
        bar[x] += g @ y.T
        bar[y] += x.T @ g
    elif m and n and m > 1 and n > 1:
        x_bar = g @ np.swapaxes(y, -1, -2)
        y_bar = np.swapaxes(x, -1, -2) @ g
        bar[x] += fit(x_bar, x, x_bar)
        bar[y] += fit(y_bar, y, y_bar)
    else:
        bar[x] += helper(runtime.matmul_bar_x, like(x, g, y), g, x, y)
        bar[y] += helper(runtime.matmul_bar_y, like(y, g, x), g, x, y)


def uniform(g):
    """Whether a cotangent is one number for all entries."""
    return g is not ZERO and isinstance(number(g.kind), Scalar)


def sums_of_factors(g, x, y):
    """The adjoints of a product of vectors and matrices whose cotangent is one number."""
    bar[x] += g * (y if ndim(y) == 1 else np.sum(y, axis=1))
    rows = x if ndim(x) == 1 else np.sum(x, axis=0)
    bar[y] += g * (rows if ndim(y) == 1 else rows[:, None])


def like(x, *factors):
    """A kind with the dims of `x`, for a product of other values."""
    if factors[0] is ZERO:
        return x.kind
    k = number(x.kind)
    return Array(result_dtype(*(number(f.kind) for f in factors)), k.dims)


def dot_kind(a, b, out=None):
    """The kind of `np.dot(a, b)`."""
    x, y = number(a), number(b)
    m, n = rank_of(x), rank_of(y)
    refuse(out, "out")
    if m is None or n is None:
        raise Undecided("`np.dot` of values of unknown rank: use `@`")
    if m and n > 2:
        return Array(product_dtype(x, y), (*x.dims[:-1], *y.dims[:-2], y.dims[-1]))
    if m and n:
        return matmul_kind(a, b)
    return shaped(np.result_type(x.dtype, y.dtype), x.dims if m else y.dims if n else ())


@rule(
    np.dot,
    kind=dot_kind,
    samples=[
        *PRODUCTS,
        call(of(2, 3, 4), of(4, 2)),
        call(of(2, 4), of(3, 4, 2)),
        call(of(4), of(3, 4, 2)),
        call(of(2, 3, 4), of(5, 3, 4, 2)),
        call(of(), of()),
        call(of(), of(3)),
        call(of(2, 3), of()),
    ],
)
def dot_(z, a, b, out=None):
    if rank_of(number_kind(a)) == 0 or rank_of(number_kind(b)) == 0:
        bar[a] += fit(bar[z] * b, a, z)
        bar[b] += fit(bar[z] * a, b, z)
        dot[z] = dot[a] * b + a * dot[b]
    else:
        m, n = ndim(a), ndim(b)
        if n > 2:
            g = full(bar[z], z)
            free = (*range(m - 1, m + n - 3), m + n - 3)
            rows = tuple(range(m - 1))
            bar[a] += np.tensordot(g, b, axes=(free, (*range(n - 2), n - 1)))
            bar[b] += np.moveaxis(apply(np.tensordot, a, g, axes=(rows, rows)), 0, -2)
        else:
            products(z, a, b)
        dot[z] = apply(np.dot, dot[a], b) + apply(np.dot, a, dot[b])


def number_kind(x):
    """The kind of an operand that may be a constant."""
    return number(x.kind) if hasattr(x, "kind") else Scalar(np.dtype(float))


def inner_kind(a, b):
    """The kind of an inner product of vectors, or of the rows of matrices."""
    x, y = number(a), number(b)
    if rank_of(x) not in (1, 2) or rank_of(y) not in (1, 2):
        raise Undecided("`np.inner` of these ranks: use `@`")
    return shaped(product_dtype(x, y), (*x.dims[:-1], *y.dims[:-1]))


@rule(
    np.inner,
    kind=inner_kind,
    samples=[call(of(3), of(3)), call(of(2, 3), of(4, 3)), call(of(2, 3), of(3))],
)
def inner(z, a, b):
    dot[z] = np.inner(dot[a], b) + np.inner(a, dot[b])
    if uniform(bar[z]):
        bar[a] += bar[z] * (b if ndim(b) == 1 else np.sum(b, axis=0))
        bar[b] += bar[z] * (a if ndim(a) == 1 else np.sum(a, axis=0))
        return
    g = full(bar[z], z)
    if ndim(a) == 1 and ndim(b) == 1:
        bar[a] += g * b
        bar[b] += g * a
    elif ndim(a) == 2 and ndim(b) == 2:
        bar[a] += g @ b
        bar[b] += g.T @ a
    elif ndim(a) == 2:
        bar[a] += np.outer(g, b)
        bar[b] += a.T @ g
    else:
        bar[a] += b.T @ g
        bar[b] += np.outer(g, a)


def vdot_kind(a, b):
    """The kind of the inner product of vectors."""
    x, y = number(a), number(b)
    if rank_of(x) != 1 or rank_of(y) != 1:
        raise Undecided("`np.vdot` of other ranks than 1: use `np.sum(a * b)`")
    return shaped(product_dtype(x, y), ())


@rule(np.vdot, kind=vdot_kind, samples=[call(of(3), of(3)), call(of(0), of(0))])
def vdot(z, a, b):
    if is_complex(z):
        bar[a] += np.conjugate(bar[z] * b)
        bar[b] += bar[z] * np.conjugate(a)
    else:
        bar[a] += bar[z] * b
        bar[b] += bar[z] * a
    dot[z] = np.vdot(dot[a], b) + np.vdot(a, dot[b])


def outer_kind(a, b, out=None):
    """The kind of an outer product of vectors."""
    x, y = number(a), number(b)
    if rank_of(x) != 1 or rank_of(y) != 1 or option(out) is not None:
        raise Undecided("`np.outer` of other ranks than 1: use broadcasting")
    return Array(product_dtype(x, y), (x.dims[0], y.dims[0]))


@rule(
    np.outer, kind=outer_kind, samples=[call(of(2), of(3)), call(of(1), of(3)), call(of(0), of(3))]
)
def outer(z, a, b, out=None):
    if uniform(bar[z]):
        bar[a] += bar[z] * np.sum(b)
        bar[b] += bar[z] * np.sum(a)
    else:
        g = full(bar[z], z)
        bar[a] += g @ b
        bar[b] += a @ g
    dot[z] = np.outer(dot[a], b) + np.outer(a, dot[b])


def trace_kind(a, offset=None):
    """The kind of a trace of a matrix."""
    k = number(a)
    if rank_of(k) != 2:
        raise Undecided("a trace of another rank than 2")
    return shaped(np.trace(np.ones((1, 1), k.dtype)).dtype, ())


@rule(
    np.trace,
    kind=trace_kind,
    samples=[call(of(3, 3)), call(of(2, 3), 1), call(of(3, 2), offset=-1)],
)
def trace(z, a, offset=0):
    options = {"k": offset} if offset else {}
    bar[a] += bar[z] * apply(np.eye, length(a, 0), length(a, 1), **options)
    dot[z] = np.trace(dot[a], offset) if offset else np.trace(dot[a])


def real_dtype(*kinds):
    """The dtype that `np.linalg` computes in."""
    return np.linalg.inv(np.ones((1, 1), np.result_type(*(k.dtype for k in kinds)))).dtype


def solve_kind(a, b):
    """The kind of the solution of a system of equations."""
    x, y = number(a), number(b)
    if rank_of(x) != 2 or rank_of(y) not in (1, 2):
        raise Undecided("a stack of systems of equations")
    return Array(real_dtype(x, y), y.dims)


@rule(np.linalg.solve, kind=solve_kind, samples=[call(of(3, 3), of(3)), call(of(3, 3), of(3, 2))])
def solve(z, a, b):
    b_bar = np.linalg.solve(a.T, full(bar[z], z))
    bar[b] += b_bar
    bar[a] -= np.outer(b_bar, z) if ndim(b) == 1 else b_bar @ z.T
    dot[z] = np.linalg.solve(a, dot[b] - dot[a] @ z)


def square_kind(a):
    """The kind of an inverse."""
    k = number(a)
    if rank_of(k) != 2:
        raise Undecided("a stack of matrices")
    return Array(real_dtype(k), k.dims)


@rule(np.linalg.inv, kind=square_kind, samples=[call(of(3, 3)), call(of(1, 1))])
def inv(z, a):
    bar[a] -= z.T @ full(bar[z], z) @ z.T
    dot[z] = -(z @ dot[a] @ z)


def det_kind(a):
    """The kind of a determinant."""
    return shaped(square_kind(a).dtype, ())


@rule(np.linalg.det, kind=det_kind, samples=[call(of(3, 3)), call(of(1, 1))])
def det(z, a):
    minors = helper(runtime.cofactors, square_kind(a.kind), a)
    bar[a] += bar[z] * minors
    dot[z] = np.sum(minors * dot[a])
