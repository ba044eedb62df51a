"""Arrays that are made longer: `np.append`."""

import numpy as np

from srcgrad.kinds import Array, dims_of, numeric
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    flat_length,
    full,
    known_dims,
    length,
    ndim,
    number,
    of,
    option,
    pack,
    rule,
    shape,
    size,
    tangents,
    total_length,
)


def append_kind(arr, values, axis=None):
    """The kind of an array with others behind it."""
    kinds = [number(arr), number(values)]
    dtype = np.result_type(*(k.dtype for k in kinds))
    if option(axis) is None:
        return Array(dtype, (total_length(map(flat_length, kinds)),))
    known, more = map(known_dims, kinds)
    if not known or len(known) != len(more):
        raise Undecided("np.append along an axis of arrays of different ranks")
    i = option(axis) % len(known)
    return Array(dtype, (*known[:i], total_length((known[i], more[i])), *known[i + 1 :]))


@rule(
    np.append,
    kind=append_kind,
    samples=[
        call(of(3), of(2)),
        call(of(3), of()),
        call(of(3), 1.5),
        call(of(), of(2)),
        call(of(), of()),
        call(of(2, 3), of(2, 2)),
        call(of(0), of(2)),
        call(of(2, 3), of(1, 3), axis=0),
        call(of(2, 3), of(2, 2), 1),
        call(of(2, 3), of(2, 2), axis=-1),
        call(of(3), of(2), 0),
    ],
)
def append(z, arr, values, axis=None):
    if axis is None:
        behind = size(arr) if isinstance(arr, Expr) else 1
        bar[arr] += flat_part(bar[z], z, arr, None, behind)
        bar[values] += flat_part(bar[z], z, values, behind, None)
    else:
        i = axis % ndim(z)
        bar[arr] += part(bar[z], z, arr, i, None, length(arr, i))
        bar[values] += part(bar[z], z, values, i, length(arr, i), None)
    both = tangents(pack((arr, values)))
    if both is not ZERO:
        dot[z] = apply(np.append, *both, **({} if axis is None else {"axis": axis}))


def part(g, z, x, i, start, stop):
    """The cotangent of one of two parts along an axis."""
    if g is ZERO or not isinstance(x, Expr) or not isinstance(g.kind, Array):
        return g
    return cut(full(g, z), i, start, stop, dims(x)[i])


def flat_part(g, z, x, start, stop):
    """The cotangent of one of two parts that lie end to end, in the shape of the part."""
    if g is ZERO or not isinstance(x, Expr):
        return ZERO
    found = dims_of(numeric(x.kind))
    if found == ():
        g = full(g, z)
        return g[0] if start is None else g[-1]
    if not isinstance(g.kind, Array):
        return g
    piece = cut(full(g, z), 0, start, stop, flat_length(x.kind))
    return piece if len(found) == 1 else piece.reshape(shape(x))
