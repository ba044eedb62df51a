"""Matrices made of blocks: `np.block` of a row of arrays, or of rows of them."""

import numpy as np

from srcgrad.kinds import Array, Record
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    bar,
    bare,
    call,
    cut,
    dot,
    full,
    join_tangents,
    joined_dtype,
    known_dims,
    length,
    ndim,
    number,
    of,
    packed,
    parts_kinds,
    pieces,
    rule,
    shaped,
    total_length,
)


def rows_of(arrays):
    """The rows of kinds of blocks, and the rank of the whole."""
    if not isinstance(arrays, Record):
        raise Undecided("the blocks of np.block must be known one by one")
    first = parts_kinds(arrays)
    nested = [isinstance(k, Record) for k in first]
    if not first or any(nested) != all(nested):
        raise Undecided("np.block wants a row of arrays, or rows of them")
    rows = [parts_kinds(k) for k in first] if nested[0] else [first]
    if any(isinstance(k, Record) for row in rows for k in row):
        raise Undecided("np.block of more than two levels is not supported")
    rank = 2 if nested[0] else 1
    if any(len(known_dims(k)) > rank for row in rows for k in row) or not all(rows):
        raise Undecided(f"np.block of arrays of more than {rank} axes is not supported")
    return rows, rank


def lifted(kind, rank):
    """The dims of a block, with axes of length 1 before its own."""
    known = known_dims(kind)
    return (1,) * (rank - len(known)) + known


def block_kind(arrays):
    """The kind of a matrix made of blocks."""
    rows, rank = rows_of(arrays)
    width = total_length([lifted(k, rank)[-1] for k in rows[0]])
    dtype = joined_dtype([k for row in rows for k in row])
    if rank == 1:
        return Array(dtype, (width,))
    return Array(dtype, (total_length([lifted(row[0], 2)[0] for row in rows]), width))


@rule(
    np.block,
    kind=block_kind,
    samples=[
        call([of(2), of(), 1.0, of(3)]),
        call([[of(2, 3), of(2, 1)]]),
        call([[of(2, 3), of(2, 1)], [of(3), of()]]),
        call([[of(2, 2)], [of(1, 2)], [[1.0, 2.0][0], of()]]),
        call([[of(2), 0.0], [of(2, 3)]]),
        call([[of(2), of()], [1.0, 2.0, 3.0]]),
    ],
)
def block(z, arrays):
    g = full(bar[z], z)
    rank = ndim(z)
    top = 0
    for row in [arrays] if rank == 1 else pieces(packed(arrays)):
        parts = pieces(packed(row))
        start = 0
        for part in parts:
            if g is not ZERO:
                bar[part] += piece(g, part, rank, top, start)
            start = moved(start, extent(part, rank, -1))
        top = moved(top, extent(parts[0], rank, 0))
    dot[z] = join_tangents(np.block, arrays)


def extent(part, rank, axis):
    """The length of a block along an axis of the whole."""
    own = len(known_dims(part.kind))
    if own == 0 or (axis == 0 and own < rank):
        return 1
    return bare(length(part, axis))


def piece(g, part, rank, top, start):
    """The cotangent of one block."""
    known = known_dims(part.kind)
    if not known:
        index = start if rank == 1 else (top, start)
        return taken(g, index, ())
    stop = moved(start, extent(part, rank, -1))
    if len(known) == rank == 1:
        return cut(g, 0, begin(start), stop, known[0])
    if len(known) == 1:
        return taken(g, (top, slice(begin(start), stop)), known)
    low = moved(top, extent(part, rank, 0))
    return taken(g, (slice(begin(top), low), slice(begin(start), stop)), known)


def moved(place, more):
    """A place, further on."""
    if isinstance(place, int) and place == 0:
        return more
    return bare(place + more)


def begin(place):
    """The start of a slice, which is left out at 0."""
    return None if isinstance(place, int) and place == 0 else place


def taken(g, index, found):
    """A part of a cotangent, by an index that may be known at run time only."""
    dtype = number(g.kind).dtype
    kind = shaped(dtype, found)
    items = index if isinstance(index, tuple) else (index,)
    inner = [p for i in items for p in ((i.start, i.stop) if isinstance(i, slice) else (i,))]
    return Expr("index", (g, *(p for p in inner if isinstance(p, Expr))), kind, index)
