"""Functions that count or find places, which do not vary piece by piece, and that read at some."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Record
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    broadcast_dim,
    call,
    dot,
    full,
    helper,
    item_dims,
    join_tangents,
    joined_dtype,
    known_dims,
    layers,
    left_out,
    ndim,
    number,
    of,
    option,
    refuse,
    rule,
    shaped,
    zero,
)

PLACE = np.dtype(np.intp)


def searchsorted_kind(a, v, side=None, sorter=None):
    """The kind of the places at which values would be put into a vector."""
    refuse(sorter, "sorter")
    known_dims(a)
    return shaped(PLACE, known_dims(v))


def digitize_kind(x, bins, right=None):
    """The kind of the numbers of bins."""
    known_dims(bins)
    return shaped(PLACE, known_dims(x))


def bincount_kind(x, weights=None, minlength=None):
    """The kind of counts of ints."""
    if joined_dtype((x,)).kind not in "iu" or len(item_dims(x)) != 1:
        raise Undecided("np.bincount wants an array of ints, of rank 1")
    if left_out(weights):
        return Array(PLACE, (UNKNOWN,))
    if joined_dtype((weights,)).kind == "c" or len(item_dims(weights)) != 1:
        raise Undecided("weights= of np.bincount must be an array of rank 1 of real numbers")
    return Array(np.dtype(float), (UNKNOWN,))


def found_kind(a):
    """The kind of the places, in the flat array, of the entries that are not zero."""
    number(a)
    return Array(PLACE, (UNKNOWN,))


def argwhere_kind(a):
    """The kind of the indices, a row for each, of the entries that are not zero."""
    return Array(PLACE, (UNKNOWN, len(known_dims(a))))


def nonzero_kind(a):
    """The kind of the indices, a vector for each axis, of the entries that are not zero."""
    rank = len(known_dims(a))
    if not rank:
        raise Undecided("np.nonzero of a number")
    return Record(tuple, tuple(range(rank)), (Array(PLACE, (UNKNOWN,)),) * rank)


def argpartition_kind(a, kth, axis=None, kind=None, order=None):
    """The kind of the places of a partition."""
    if axis is not None and option(axis) is None:
        raise Undecided("axis=None")
    return Array(PLACE, known_dims(a))


SORTED = of(4, ascending=True)
zero(
    np.searchsorted,
    kind=searchsorted_kind,
    samples=[call(SORTED, of()), call(SORTED, of(2, 3)), call(SORTED, of(3), side="right")],
)
zero(np.digitize, kind=digitize_kind, samples=[call(of(3), SORTED), call(of(2, 3), SORTED)])


@rule(
    np.bincount,
    kind=bincount_kind,
    samples=[
        call(of(5, below=3), of(5)),
        call([0, 1, 1], of(3), minlength=4),
        call(of(5, below=3), weights=of(5)),
        call(of(3, below=3), weights=[of(), 1.0, of()]),
    ],
)
def bincount(z, x, weights=None, minlength=0):
    if isinstance(weights, Expr) and weights.op == "pack":
        g = full(bar[z], z)
        taken = g if g is ZERO else apply(np.take, g, x)
        layers(apply(np.array, weights), taken, weights, 0)
        t = join_tangents(np.array, weights)
        dot[z] = apply(np.bincount, x, t, **({"minlength": minlength} if minlength else {}))
    elif isinstance(weights, Expr):
        bar[weights] += apply(np.take, full(bar[z], z), x)
        options = {"minlength": minlength} if minlength else {}
        dot[z] = apply(np.bincount, x, dot[weights], **options)


zero(np.flatnonzero, kind=found_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.argwhere, kind=argwhere_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.nonzero, kind=nonzero_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.argpartition, kind=argpartition_kind, samples=[call(of(4), 1), call(of(2, 3), 1, axis=0)])


def take_along_kind(arr, indices, axis=None):
    """The kind of entries that are taken along an axis."""
    old, places = known_dims(arr), known_dims(indices)
    if number(indices).dtype.kind not in "iu":
        raise Undecided("np.take_along_axis wants ints for indices")
    if option(axis, -1) is None or len(old) != len(places):
        raise Undecided("np.take_along_axis of the flat array is not supported")
    i = option(axis, -1) % len(old)
    found = [
        p if j == i else broadcast_dim(d, p)
        for j, (d, p) in enumerate(zip(old, places, strict=True))
    ]
    return Array(number(arr).dtype, tuple(found))


@rule(
    np.take_along_axis,
    kind=take_along_kind,
    samples=[
        call(of(4), of(3, below=4), 0),
        call(of(2, 3), of(2, 2, below=3), axis=1),
        call(of(2, 3), of(1, 3, below=2), 0),
        call(of(1, 3), of(2, 2, below=3), axis=-1),
    ],
)
def take_along_axis(z, arr, indices, axis=-1):
    i = axis % ndim(arr)
    kind = number(arr.kind)
    bar[arr] += helper(runtime.untake_along, kind, full(bar[z], z), arr, indices, i)
    dot[z] = apply(np.take_along_axis, dot[arr], indices, axis)


def untake_along_kind(g, a, indices, axis):
    """The kind of a cotangent put back into its places."""
    return Array(number(a).dtype, known_dims(a))


@rule(runtime.untake_along, kind=untake_along_kind)
def untake_along(z, g, a, indices, axis):
    bar[g] += apply(np.take_along_axis, full(bar[z], z), indices, axis)
    dot[z] = helper(runtime.untake_along, z.kind, dot[g], a, indices, axis)
