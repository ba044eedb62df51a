"""Tables of powers and places, grids: vander, tri, meshgrid, ix_, and differences end to end."""

import numpy as np

from srcgrad.kinds import Array, Record, Static
from srcgrad.rules import (
    UNKNOWN,
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
    filling_length,
    full,
    item_dims,
    joined_dtype,
    known_dims,
    length,
    ndim,
    number,
    of,
    one_length,
    option,
    refuse,
    rule,
    shape,
    zero,
)


def vander_kind(x, N=None, increasing=None):
    """The kind of a table of powers of the entries of a vector."""
    known = known_dims(x)
    if len(known) != 1:
        raise Undecided("np.vander wants an array of rank 1")
    option(increasing, False)
    columns = known[0] if N is None or Static(None) == N else one_length(N)
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
    n = dims(v)[1]
    fewer = n - 1 if isinstance(n, int) else UNKNOWN if n == UNKNOWN else n.plus(-1)
    return cut(v, 1, start, stop, fewer)


def tri_kind(N, M=None, k=None, dtype=None, like=None):
    """The kind of a triangle of ones."""
    rows = one_length(N)
    return Array(dtype_option(dtype), (rows, rows if is_none(M) else one_length(M)))


def is_none(kind):
    """Whether an optional argument was left out."""
    return kind is None or Static(None) == kind


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
    moved = [dot[x] for x in vectors]
    if any(t is not ZERO for t in moved):
        still = [np.zeros_like(x) if t is ZERO else t for t, x in zip(moved, vectors, strict=True)]
        options = {} if indexing == "xy" else {"indexing": indexing}
        dot[z] = apply(np.meshgrid, *still, **options)


def ends_kind(ary, to_end=None, to_begin=None):
    """The kind of differences of the entries of the flat array."""
    refuse(to_end, "to_end")
    refuse(to_begin, "to_begin")
    n = filling_length(known_dims(ary), []) if known_dims(ary) else 1
    if isinstance(n, int):
        return Array(number(ary).dtype, (max(n - 1, 0),))
    return Array(number(ary).dtype, (n.plus(-1) if n.many else UNKNOWN,))


@rule(np.ediff1d, kind=ends_kind, samples=[call(of(4)), call(of(2, 3)), call(of(2))])
def ediff1d(z, ary, to_end=None, to_begin=None):
    g = full(bar[z], z)
    if g is not ZERO:
        back = apply(np.pad, g, (1, 0)) - apply(np.pad, g, (0, 1))
        bar[ary] += back if ndim(ary) == 1 else back.reshape(shape(ary))
    dot[z] = apply(np.ediff1d, dot[ary])
