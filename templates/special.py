"""The gamma function, distances, and functions of numpy's that only move or cut entries."""

import math

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import FLOAT, Array, Record, Scalar, numeric
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    array_like,
    bar,
    call,
    dot,
    elementwise,
    full,
    helper,
    known_dims,
    number,
    of,
    option,
    pack,
    parts_kinds,
    refuse,
    rule,
    shaped,
    zero,
)


def float_kind(*_):
    """The kind of a Python float."""
    return FLOAT


def polygamma(n, x):
    """A derivative of the logarithm of the gamma function."""
    return helper(runtime.polygamma, FLOAT, n, x)


@elementwise(math.gamma, kind=float_kind, domain=(0.5, 3.0))
def gamma(y, x):
    return y * polygamma(0, x)


@elementwise(math.lgamma, kind=float_kind, domain=(0.5, 3.0))
def lgamma(y, x):
    return polygamma(0, x)


@rule(runtime.polygamma, kind=float_kind)
def polygamma_(z, n, x):
    slope = polygamma(n + 1 if isinstance(n, int) else n.data + 1, x)
    bar[x] += bar[z] * slope
    dot[z] = dot[x] * slope


def dist_kind(p, q):
    """The kind of the distance of two points."""
    arrays = [isinstance(k, Array) for k in (p, q)]
    if all(arrays):
        if any(len(known_dims(k)) != 1 for k in (p, q)):
            raise Undecided("math.dist wants vectors")
        return FLOAT
    if any(arrays) or not all(isinstance(k, Record) for k in (p, q)):
        raise Undecided("math.dist wants two arrays, or two points whose parts are known")
    if any(not isinstance(numeric(k), Scalar) for k in (*parts_kinds(p), *parts_kinds(q))):
        raise Undecided("math.dist wants numbers")
    return FLOAT


@rule(
    math.dist,
    kind=dist_kind,
    samples=[
        call([of(), of()], [of(), 1.0]),
        call((of(), of(), of()), (0, 0, 0)),
        call(of(3), of(3)),
    ],
)
def dist(z, p, q):
    norm = z + (z == 0)
    if isinstance(p, Expr) and p.op != "pack":
        bar[p] += bar[z] / norm * (p - q)
        bar[q] -= bar[z] / norm * (p - q)
        dot[z] = ZERO
        moved = dot[p] - dot[q]
        if moved is not ZERO:
            dot[z] = np.sum(moved * (p - q)) / norm
        return
    left, right = (pack(v) if isinstance(v, (list, tuple)) else v for v in (p, q))
    total = ZERO
    for a, b in zip(left.args, right.args, strict=True):
        bar[a] += bar[z] * (a - b) / norm
        bar[b] -= bar[z] * (a - b) / norm
        total = total + (dot[a] - dot[b]) * (a - b)
    dot[z] = total / norm


def rounded_kind(a, decimals=None, out=None):
    """The kind of a rounded number."""
    refuse(out, "out")
    k = number(a)
    return shaped(np.round(np.ones(1, k.dtype)).dtype, k.dims if isinstance(k, Array) else ())


def cut_kind(x, out=None):
    """The kind of a number without its fraction."""
    refuse(out, "out")
    k = number(x)
    return shaped(np.fix(np.ones(1, k.dtype)).dtype, k.dims if isinstance(k, Array) else ())


def rank_kind(A, tol=None, hermitian=None, *, rtol=None):
    """The kind of the rank of a matrix."""
    if len(known_dims(A)) != 2:
        raise Undecided("the rank of a stack of matrices")
    return shaped(np.dtype(np.intp), ())


zero(np.around, kind=rounded_kind, samples=[call(of(3)), call(of(2, 3), 1)])
zero(np.fix, kind=cut_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.linalg.matrix_rank, kind=rank_kind, samples=[call(of(2, 3))])


def turned_kind(rank):
    """The kind of an array that is turned over, of so many axes at least."""

    def kind(m):
        if len(known_dims(m)) < rank:
            raise Undecided("an array of more axes was expected")
        return array_like(m)

    return kind


@rule(np.flipud, kind=turned_kind(1), samples=[call(of(3)), call(of(2, 3))])
def flipud(z, m):
    bar[m] += turned(full(bar[z], z), 0)
    dot[z] = turned(dot[m], 0)


@rule(np.fliplr, kind=turned_kind(2), samples=[call(of(2, 3)), call(of(2, 3, 2))])
def fliplr(z, m):
    bar[m] += turned(full(bar[z], z), 1)
    dot[z] = turned(dot[m], 1)


def turned(v, axis):
    """A value turned over along an axis."""
    if v is ZERO:
        return ZERO
    return v[::-1] if axis == 0 else np.flip(v, axis=axis)


def unwrapped_kind(p, discont=None, axis=None, *, period=None):
    """The kind of angles without jumps."""
    refuse(discont, "discont")
    refuse(period, "period")
    option(axis, -1)
    k = array_like(p)
    if not k.dims or k.dtype.kind != "f":
        raise Undecided("np.unwrap wants an array of floats")
    return k


@rule(np.unwrap, kind=unwrapped_kind, samples=[call(of(4)), call(of(2, 3), axis=0)])
def unwrap(z, p, discont=None, axis=-1):
    bar[p] += bar[z]
    dot[z] = dot[p]
