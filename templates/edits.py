"""Entries put into arrays and taken out: `np.insert` and `np.delete`."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Scalar, Static, dims_of, numeric
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    filling_length,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    length,
    ndim,
    number,
    of,
    option,
    rule,
    shape,
    size,
)


def longer(d, more):
    """A length and some more; less where it is negative."""
    if isinstance(d, int):
        return d + more
    return UNKNOWN if d == UNKNOWN else d.plus(more)


def flat_dims(arr, axis):
    """The dims of an array, flat unless an axis is given, and that axis."""
    known = known_dims(arr)
    if option(axis) is None:
        return (filling_length(known, []) if known else 1,), 0
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
        call(of(2, 3), 1, of(3), axis=0),
        call(of(2, 3), -1, of(2), axis=1),
        call(of(2, 3), 0, of(), 1),
    ],
)
def insert(z, arr, obj, values, axis=None):
    i = 0 if axis is None else axis % ndim(arr)
    flat = axis is None and ndim(arr) != 1
    several = isinstance(values, Expr) and dims_of(numeric(values.kind)) and ndim(z) == ndim(values)
    many = size(values) if several else 1
    many = many.data if isinstance(many, Expr) and many.op == "const" else many
    start = obj
    if obj < 0:
        start = (size(arr) if axis is None else length(arr, i)) + obj
        start = start.data if isinstance(start, Expr) and start.op == "const" else start
    g = full(bar[z], z)
    if g is not ZERO:
        old = dims(arr)[i] if not flat else dims(z)[0]
        if several:
            pieces = [cut(g, i, None, start, UNKNOWN), cut(g, i, start + many, None, UNKNOWN)]
            rest = apply(np.concatenate, pieces)
            rest = Expr(rest.op, rest.args, Array(number(g.kind).dtype, (old,)), rest.data)
        else:
            rest = apply(np.delete, g, start, **({} if axis is None and not flat else {"axis": i}))
        bar[arr] += rest.reshape(shape(arr)) if flat else rest
        if isinstance(values, Expr):
            if several:
                bar[values] += cut(g, i, start, start + many, dims(values)[0])
            else:
                one = slice_at(g, i, start)
                whole = isinstance(numeric(values.kind), Scalar) and ndim(z) > 1
                bar[values] += np.sum(one) if whole else one
    found = [dot[x] if isinstance(x, Expr) else ZERO for x in (arr, values)]
    if any(t is not ZERO for t in found):
        t, v = (at_rest(x) if t is ZERO else t for x, t in zip((arr, values), found, strict=True))
        dot[z] = apply(np.insert, t, obj, v, **({} if axis is None else {"axis": axis}))


def at_rest(x):
    """The tangent of an operand that does not vary."""
    if not isinstance(x, Expr) or isinstance(number(x.kind), Scalar):
        return 0.0
    return np.zeros_like(x)


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
    rest = longer(known[i], -1) if not item_dims(obj) else UNKNOWN
    if not isinstance(rest, int) and rest != UNKNOWN and not known[i].many:
        rest = UNKNOWN
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
