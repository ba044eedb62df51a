"""Functions that repeat entries: tile and repeat."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Record, Scalar, Static
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Length,
    Undecided,
    apply,
    bar,
    call,
    dot,
    flat_length,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    length,
    lengths,
    ndim,
    number,
    of,
    one_length,
    option,
    pack,
    parts_kinds,
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
    old = known_dims(a)
    if option(axis) is None:
        old, i = (flat_length(a),), 0
    else:
        i = static(axis) % len(old)
    if not isinstance(repeats, (Static, Scalar)):
        many = total_of(repeats)
        return Array(number(a).dtype, (*old[:i], many, *old[i + 1 :]))
    count = one_length(repeats)
    return Array(number(a).dtype, (*old[:i], times_length(old[i], count), *old[i + 1 :]))


def total_of(repeats):
    """The sum of several counts."""
    if joined_dtype((repeats,)).kind not in "iu" or len(item_dims(repeats)) != 1:
        raise Undecided("the counts of np.repeat must be ints, one for each entry")
    found = parts_kinds(repeats) if isinstance(repeats, Record) else ()
    if len(found) > 1 and all(isinstance(k, Static) for k in found):
        return sum(k.value for k in found)
    return UNKNOWN


@rule(
    np.repeat,
    kind=repeat_kind,
    samples=[
        call(of(3), 2),
        call(of(2, 3), 2),
        call(of(2, 3), 2, axis=0),
        call(of(2, 3), Length(3), axis=1),
        call(of(), 3),
        call(of(3), [1, 2, 0]),
        call(of(3), (0, 2, 2)),
        call(of(4), of(4, below=3)),
        call(of(2, 2), [1, 2, 0, 3]),
        call(of(2, 3), [2, 1], axis=0),
        call(of(2, 3), of(3, below=3), axis=-1),
    ],
)
def repeat(z, a, repeats, axis=None):
    g = full(bar[z], z)
    if isinstance(repeats, (list, tuple)):
        repeats = pack(list(repeats))
    if isinstance(repeats, Expr) and not isinstance(repeats.kind, (Static, Scalar)):
        n = size(a) if axis is None else length(a, axis % ndim(a))
        places = apply(np.repeat, apply(np.arange, n), repeats)
        bar[a] += helper(runtime.untake, number(a.kind), g, a, places, axis)
        dot[z] = apply(np.repeat, dot[a], repeats, **({} if axis is None else {"axis": axis}))
    elif axis is None:
        bar[a] += back_sum(np.sum(g.reshape((size(a), repeats)), axis=1), a)
        dot[z] = apply(np.repeat, dot[a], repeats)
    else:
        i = axis % ndim(a)
        sizes = [length(a, j) for j in range(ndim(a))]
        outer = (*sizes[: i + 1], repeats, *sizes[i + 1 :])
        bar[a] += np.sum(g.reshape(outer), axis=i + 1)
        dot[z] = apply(np.repeat, dot[a], repeats, axis=axis)


def resize_kind(a, new_shape):
    """The kind of an array made of as many entries, over and over, as a shape takes."""
    known_dims(a)
    return Array(number(a).dtype, lengths(new_shape))


@rule(
    np.resize,
    kind=resize_kind,
    samples=[call(of(3), 5), call(of(2, 3), (2, 2)), call(of(3), (Length(2), 4))],
)
def resize(z, a, new_shape):
    places = apply(np.resize, apply(np.arange, size(a)), new_shape)
    bar[a] += helper(runtime.untake, number(a.kind), full(bar[z], z), a, places, None)
    dot[z] = apply(np.resize, dot[a], new_shape)
