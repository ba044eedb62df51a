"""Factorisations of matrices, and what is computed by them: cholesky, slogdet, ranks."""

import numpy as np

from srcgrad.kinds import Array, Record, Scalar
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    dot,
    full,
    known_dims,
    length,
    number,
    of,
    option,
    pack,
    rule,
    shaped,
    zero,
)

DEFINITE = of(3, 3, diagonal=6.0)


def matrix_kind(a):
    """The kind of a factor of one matrix."""
    if len(known_dims(a)) != 2:
        raise Undecided("a stack of matrices")
    return Array(np.linalg.inv(np.ones((1, 1), number(a).dtype)).dtype, known_dims(a))


def cholesky_kind(a, upper=None):
    """The kind of the lower factor."""
    if option(upper, False):
        raise Undecided("upper= of np.linalg.cholesky: transpose the lower factor")
    return matrix_kind(a)


def slogdet_kind(a):
    """The kinds of the sign and of the logarithm of the absolute value of a determinant."""
    part = Scalar(matrix_kind(a).dtype, False)
    return Record(tuple, (0, 1), (part, part))


@rule(np.linalg.slogdet, kind=slogdet_kind, samples=[call(of(3, 3)), call(of(1, 1))])
def slogdet(z, a):
    bar[a] += bar[z[1]] * np.linalg.inv(a).T
    if dot[a] is not ZERO:
        dot[z] = pack((0.0, np.trace(np.linalg.solve(a, dot[a]))))


def halved(x, n):
    """The lower triangle of a matrix with half of its diagonal."""
    return np.tril(x) * (1.0 - 0.5 * apply(np.eye, n))


@rule(np.linalg.cholesky, kind=cholesky_kind, samples=[call(DEFINITE), call(of(1, 1, low=0.5))])
def cholesky(z, a, upper=False):
    """Only the lower triangle of `a` is read, so that its adjoint is a lower triangle too."""
    n = length(a, 0)
    p = halved(z.T @ full(bar[z], z), n)
    inverse = np.linalg.inv(z)
    bar[a] += halved(inverse.T @ (p + p.T) @ inverse, n)
    t = np.tril(dot[a], -1)
    dot[z] = z @ halved(inverse @ (np.tril(dot[a]) + t.T) @ inverse.T, n)


def rank_kind(A, tol=None, hermitian=None, *, rtol=None):
    """The kind of the rank of a matrix."""
    if len(known_dims(A)) != 2:
        raise Undecided("the rank of a stack of matrices")
    return shaped(np.dtype(np.intp), ())


zero(np.linalg.matrix_rank, kind=rank_kind, samples=[call(of(2, 3))])
