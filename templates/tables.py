"""Tables of powers and places, grids: vander, tri, meshgrid, ix_."""

import numpy as np

from srcgrad.kinds import Array, Record
from srcgrad.rules import (
    ZERO,
    Length,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    dtype_option,
    full,
    item_dims,
    joined_dtype,
    known_dims,
    left_out,
    length,
    longer,
    number,
    of,
    one_length,
    option,
    refuse,
    rule,
    with_zeros,
    zero,
)


def vander_kind(x, N=None, increasing=None):
    """The kind of a table of powers of the entries of a vector."""
    known = known_dims(x)
    if len(known) != 1:
        raise Undecided("np.vander wants an array of rank 1")
    option(increasing, False)
    columns = known[0] if left_out(N) else one_length(N)
    return Array(np.vander(np.ones(2, number(x).dtype)).dtype, (known[0], columns))


@rule(
    np.vander,
    kind=vander_kind,
    samples=[
        call(of(4), 3),
        call(of(3)),
        call(of(4), 3, increasing=True),
        call(of(3), N=4),
        call(of(3), 1),
        call(of(3), None, True),
    ],
)
def vander(z, x, N=None, increasing=False):
    count = length(z, 1)
    g = full(bar[z], z)
    if increasing:
        slopes = apply(np.arange, 1, count) * less(z, None, -1)
        bar[x] += np.sum(less(g, 1, None) * slopes, axis=1)
        sides = ((0, 0), (1, 0))
    else:
        slopes = apply(np.arange, count - 1, 0, -1) * less(z, 1, None)
        bar[x] += np.sum(less(g, None, -1) * slopes, axis=1)
        sides = ((0, 0), (0, 1))
    if dot[x] is not ZERO:
        dot[z] = apply(np.pad, dot[x][:, None] * slopes, sides)


def less(v, start, stop):
    """A table without its first or its last column."""
    if v is ZERO:
        return ZERO
    return cut(v, 1, start, stop, longer(dims(v)[1], -1))


def tri_kind(N, M=None, k=None, dtype=None, like=None):
    """The kind of a triangle of ones."""
    rows = one_length(N)
    return Array(dtype_option(dtype), (rows, rows if left_out(M) else one_length(M)))


zero(np.tri, kind=tri_kind, samples=[call(3), call(2, 3), call(3, Length(2), k=1), call(Length(3))])


def open_kind(*args):
    """The kinds of indices that open up to a mesh."""
    rank = len(args)
    parts = []
    for i, k in enumerate(args):
        known = item_dims(k)
        dtype = joined_dtype((k,))
        if len(known) != 1 or dtype.kind not in "iu" or isinstance(k, Array):
            raise Undecided("np.ix_ wants lists of ints here")
        found = (1,) * i + known + (1,) * (rank - 1 - i)
        parts.append(Array(dtype, found))
    return Record(tuple, tuple(range(rank)), tuple(parts))


zero(
    np.ix_,
    kind=open_kind,
    samples=[call([0, 1], [1, 2]), call([2, 0, 0], [0]), call([1, 2, 0])],
)


def meshgrid_kind(*xi, copy=None, sparse=None, indexing=None):
    """The kinds of the coordinates of the points of a grid."""
    refuse(copy, "copy", True)
    refuse(sparse, "sparse", False)
    if not 0 < len(xi) < 5 or any(len(known_dims(k)) != 1 for k in xi):
        raise Undecided("np.meshgrid wants one to four arrays of rank 1")
    lengths = tuple(known_dims(k)[0] for k in xi)
    if option(indexing, "xy") == "xy":
        lengths = lengths[:2][::-1] + lengths[2:]
    parts = tuple(Array(number(k).dtype, lengths) for k in xi)
    return Record(tuple, tuple(range(len(xi))), parts)


@rule(
    np.meshgrid,
    kind=meshgrid_kind,
    samples=[
        call(of(3)),
        call(of(3), of(2)),
        call(of(3), of(2), indexing="ij"),
        call(of(3), of(2), of(4)),
        call(of(3), of(1), of(4), of(2), indexing="ij"),
    ],
)
def meshgrid(z, a, b=None, c=None, d=None, copy=True, sparse=False, indexing="xy"):
    vectors = [x for x in (a, b, c, d) if x is not None]
    rank = len(vectors)
    for i, x in enumerate(vectors):
        own = 1 - i if indexing == "xy" and rank > 1 and i < 2 else i
        others = tuple(j for j in range(rank) if j != own)
        part = bar[z[i]]
        if part is not ZERO:
            g = full(part, z[i])
            bar[x] += np.sum(g, axis=others if len(others) > 1 else others[0]) if others else g
    tangents = with_zeros([dot[x] for x in vectors], vectors)
    if tangents is not ZERO:
        options = {} if indexing == "xy" else {"indexing": indexing}
        dot[z] = apply(np.meshgrid, *tangents, **options)
