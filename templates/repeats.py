"""Functions that repeat entries: tile and repeat."""

import numpy as np

from srcgrad.kinds import Array, Scalar, Static
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Length,
    Undecided,
    apply,
    bar,
    call,
    dot,
    filling_length,
    full,
    known_dims,
    length,
    lengths,
    ndim,
    number,
    of,
    one_length,
    option,
    rule,
    shape,
    size,
    static,
)


def times_length(d, n):
    """A length, several times."""
    if isinstance(d, int) and isinstance(n, int):
        return d * n
    if n == 1:
        return d
    return n if d == 1 else UNKNOWN


def tile_kind(A, reps):
    """The kind of a tiled array."""
    old, counts = known_dims(A), lengths(reps)
    rank = max(len(old), len(counts))
    old = (1,) * (rank - len(old)) + old
    counts = (1,) * (rank - len(counts)) + counts
    return Array(number(A).dtype, tuple(map(times_length, old, counts)))


@rule(
    np.tile,
    kind=tile_kind,
    samples=[
        call(of(3), 2),
        call(of(2, 3), 2),
        call(of(3), (2, 2)),
        call(of(2, 3), (2, 1)),
        call(of(2, 3), (3, 1, 2)),
        call(of(3), Length(2)),
        call(of(), 3),
    ],
)
def tile(z, A, reps):
    counts = reps if isinstance(reps, tuple) else parts_of_shape(reps)
    rank = max(len(counts), ndim(A))
    counts = (1,) * (rank - len(counts)) + tuple(counts)
    inner = [1] * (rank - ndim(A)) + [length(A, i) for i in range(ndim(A))]
    outer = tuple(v for pair in zip(counts, inner, strict=True) for v in pair)
    blocks = full(bar[z], z).reshape(outer)
    bar[A] += back_sum(np.sum(blocks, axis=tuple(range(0, 2 * rank, 2))), A)
    dot[z] = apply(np.tile, dot[A], reps)


def parts_of_shape(reps):
    """The lengths in a shape argument that is an expression."""
    return reps.args if hasattr(reps, "op") and reps.op == "pack" else (reps,)


def back_sum(g, a):
    """A cotangent without the leading axes of length 1 that `a` lacks."""
    if isinstance(number(a.kind), Scalar):
        return np.sum(g)
    return g if g is ZERO or ndim(g) == ndim(a) else g.reshape(shape(a))


def repeat_kind(a, repeats, axis=None):
    """The kind of an array whose entries are repeated."""
    if not isinstance(repeats, (Static, Scalar)):
        raise Undecided("repeats of different lengths")
    old = known_dims(a)
    if option(axis) is None:
        old, i = lengths_flat(old), 0
    else:
        i = static(axis) % len(old)
    count = one_length(repeats)
    return Array(number(a).dtype, (*old[:i], times_length(old[i], count), *old[i + 1 :]))


def lengths_flat(old):
    """The dims of a flat array."""
    return (filling_length(old, []),)


@rule(
    np.repeat,
    kind=repeat_kind,
    samples=[
        call(of(3), 2),
        call(of(2, 3), 2),
        call(of(2, 3), 2, axis=0),
        call(of(2, 3), Length(3), axis=1),
        call(of(), 3),
    ],
)
def repeat(z, a, repeats, axis=None):
    g = full(bar[z], z)
    if axis is None:
        bar[a] += back_sum(np.sum(g.reshape((size(a), repeats)), axis=1), a)
        dot[z] = apply(np.repeat, dot[a], repeats)
    else:
        i = axis % ndim(a)
        sizes = [length(a, j) for j in range(ndim(a))]
        outer = (*sizes[: i + 1], repeats, *sizes[i + 1 :])
        bar[a] += np.sum(g.reshape(outer), axis=i + 1)
        dot[z] = apply(np.repeat, dot[a], repeats, axis=axis)
