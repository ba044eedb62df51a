"""Arrays of layers: `np.stack`, and `np.array` of nested sequences."""

import numpy as np

from srcgrad.kinds import Array, Record, numeric
from srcgrad.rules import (
    UNKNOWN,
    Many,
    Undecided,
    apply,
    bar,
    call,
    dot,
    dtype_option,
    item_dims,
    join_tangents,
    joined_dtype,
    layers,
    ndim,
    of,
    option,
    parts_kinds,
    refuse,
    rule,
    sequence_kinds,
)


def stack_kind(arrays, axis=None, out=None, dtype=None):
    """The kind of arrays of one shape along a new axis."""
    refuse(out, "out")
    kinds, many = sequence_kinds(arrays)
    found = item_dims(kinds[0])
    if any(len(item_dims(k)) != len(found) for k in kinds):
        raise Undecided("parts of different or unknown rank")
    i = option(axis, 0) % (len(found) + 1)
    many = len(kinds) if many is None else many
    return Array(joined_dtype(kinds, dtype), (*found[:i], many, *found[i:]))


@rule(
    np.stack,
    kind=stack_kind,
    samples=[
        call([of(3), of(3)]),
        call((of(2, 3), of(2, 3)), axis=1),
        call([of(3), of(3)], -1),
        call([of(), of()]),
        call(([of(), 1.0], of(2))),
        call(of(2, 3)),
        call(of(2, 3), axis=1),
        call(of(3)),
        call(Many(of(3), 2)),
        call(Many(of(3), 2), axis=1),
    ],
)
def stack(z, arrays, axis=0, out=None, dtype=None):
    i = axis % ndim(z)
    layers(z, bar[z], arrays, i)
    dot[z] = join_tangents(np.stack, arrays, **({"axis": axis} if axis else {}))


def array_kind(object, dtype=None, copy=None, order=None, subok=None, ndmin=None):
    """The kind of an array made of a number, an array, or (nested) sequences of them."""
    refuse(copy, "copy", True)
    refuse(ndmin, "ndmin", 0)
    found = dtype_option(dtype) if option(dtype) is not None else None
    k = numeric(object)
    if k is not None:
        return Array(found or k.dtype, k.dims if isinstance(k, Array) else ())
    inner = [array_kind(p, dtype) for p in parts_kinds(object)]
    many = len(inner) if isinstance(object, Record) else (object.length or UNKNOWN)
    dims = inner[0].dims
    if dims is None or any(k.dims is None or len(k.dims) != len(dims) for k in inner):
        raise Undecided("parts of different or unknown rank")
    return Array(np.result_type(*(k.dtype for k in inner)), (many, *dims))


def asarray_kind(a, dtype=None, order=None, device=None, copy=None):
    """The kind of `np.asarray`."""
    return array_kind(a, dtype)


ARRAYS = [
    call(of(3)),
    call(of()),
    call([of(), of(), of()]),
    call([of(), 1.0]),
    call([of(3), of(3)]),
    call([[of(), of()], [of(), of()]]),
    call(Many(of(), 3)),
    call(Many(of(2), 3)),
    call(of(3), dtype=np.float64),
]


@rule(np.array, kind=array_kind, samples=ARRAYS)
def array(z, object, dtype=None, copy=True, order="K", subok=False, ndmin=0):
    made_of(z, object, np.array)


@rule(np.asarray, kind=asarray_kind, samples=ARRAYS)
def asarray(z, a, dtype=None, order=None, device=None, copy=None):
    made_of(z, a, np.asarray)


def made_of(z, x, function):
    """Both parts of the rule of an array made of something; numbers that are known give none."""
    if isinstance(x, (list, tuple)):
        return
    if numeric(x.kind) is not None:
        bar[x] += bar[z]
        dot[z] = apply(function, dot[x])
    else:
        layers(z, bar[z], x, 0)
        dot[z] = join_tangents(np.array, x)
