"""Entries put into arrays and taken out: `np.insert` and `np.delete`."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Scalar, Static, dims_of, not_zero, numeric
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    bare,
    call,
    cut,
    dims,
    dot,
    flat_length,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    length,
    longer,
    ndim,
    number,
    of,
    option,
    pack,
    rule,
    shape,
    size,
    tangents,
    with_dims,
)


def flat_dims(arr, axis):
    """The dims of an array, flat unless an axis is given, and that axis."""
    known = known_dims(arr)
    if option(axis) is None:
        return (flat_length(arr),), 0
    return known, option(axis) % len(known)


def insert_kind(arr, obj, values, axis=None):
    """The kind of an array with entries put in before one place."""
    known, i = flat_dims(arr, axis)
    if not isinstance(obj, Static) or type(obj.value) is not int:
        raise Undecided("the place of np.insert must be a constant int")
    if number(arr).dtype.kind != "f" and number(values).dtype.kind == "f":
        raise Undecided("np.insert would cut the values to ints: make an array of floats first")
    new = known_dims(values)
    if len(new) == len(known) == 1:
        if isinstance(new[0], int):
            return Array(number(arr).dtype, (longer(known[0], new[0]),))
        return Array(number(arr).dtype, (UNKNOWN,))
    if len(new) not in (0, len(known) - 1):
        raise Undecided("np.insert wants a number, or one slice along the axis")
    return Array(number(arr).dtype, (*known[:i], longer(known[i], 1), *known[i + 1 :]))


@rule(
    np.insert,
    kind=insert_kind,
    samples=[
        call(of(4), 1, of()),
        call(of(4), 0, 2.0),
        call(of(4), -1, of()),
        call(of(4), 4, of()),
        call(of(4), 2, of(3)),
        call(of(4), -2, of(3)),
        call(of(2, 3), 1, of()),
        call(of(2, 3), 1, of(2)),
        call(of(2, 3), -2, of(4)),
        call(of(2, 3), 1, of(3), axis=0),
        call(of(2, 3), -1, of(2), axis=1),
        call(of(2, 3), 0, of(), 1),
    ],
)
def insert(z, arr, obj, values, axis=None):
    i = 0 if axis is None else axis % ndim(arr)
    flat = axis is None and ndim(arr) != 1
    several = isinstance(values, Expr) and dims_of(numeric(values.kind)) and ndim(z) == ndim(values)
    many = bare(size(values)) if several else 1
    start = obj
    if obj < 0:
        start = bare((size(arr) if axis is None else length(arr, i)) + obj)
    g = full(bar[z], z)
    if g is not ZERO:
        if several:
            pieces = [cut(g, i, None, start, UNKNOWN), cut(g, i, start + many, None, UNKNOWN)]
            rest = with_dims(apply(np.concatenate, pieces), (flat_length(arr.kind),))
        else:
            rest = apply(np.delete, g, start, **({} if axis is None else {"axis": i}))
        bar[arr] += rest.reshape(shape(arr)) if flat else rest
        if isinstance(values, Expr):
            if several:
                bar[values] += cut(g, i, start, start + many, dims(values)[0])
            else:
                one = slice_at(g, i, start)
                whole = isinstance(numeric(values.kind), Scalar) and ndim(z) > 1
                bar[values] += np.sum(one) if whole else one
    both = tangents(pack((arr, values)))
    if both is not ZERO:
        options = {} if axis is None else {"axis": axis}
        dot[z] = apply(np.insert, both[0], obj, both[1], **options)


def slice_at(g, i, place):
    """One slice along an axis, at a place that may be known at run time only."""
    known = dims(g)
    found = known[:i] + known[i + 1 :]
    dtype = number(g.kind).dtype
    index = (*(slice(None),) * i, place) if i else place
    kind = Array(dtype, found) if found else Scalar(dtype, False)
    args = (g, place) if isinstance(place, Expr) else (g,)
    return Expr("index", args, kind, index)


def delete_kind(arr, obj, axis=None):
    """The kind of an array without some entries."""
    known, i = flat_dims(arr, axis)
    if joined_dtype((obj,)).kind not in "iub":
        raise Undecided("np.delete wants ints or bools")
    rest = longer(known[i], -1) if not item_dims(obj) and not_zero(known[i]) else UNKNOWN
    return Array(number(arr).dtype, (*known[:i], rest, *known[i + 1 :]))


@rule(
    np.delete,
    kind=delete_kind,
    samples=[
        call(of(4), 1),
        call(of(4), -1),
        call(of(4), [0, 2]),
        call(of(4), of(2, below=4)),
        call(of(4), of(4, flags=True)),
        call(of(2, 3), 4),
        call(of(2, 3), 1, axis=0),
        call(of(2, 3), [0, 2], axis=-1),
    ],
)
def delete(z, arr, obj, axis=None):
    n = size(arr) if axis is None else length(arr, axis % ndim(arr))
    places = apply(np.delete, apply(np.arange, n), obj)
    bar[arr] += helper(runtime.untake, number(arr.kind), full(bar[z], z), arr, places, axis)
    dot[z] = apply(np.delete, dot[arr], obj, **({} if axis is None else {"axis": axis}))
