"""Functions that move entries about: reshapes, transposes, copies, bands of matrices."""

import numpy as np

from srcgrad.kinds import Array, Record, Scalar, Static, dims_of
from srcgrad.rules import (
    UNKNOWN,
    Length,
    Undecided,
    apply,
    array_like,
    bar,
    call,
    dot,
    filling_length,
    fit,
    full,
    known_dims,
    lengths,
    normal_axes,
    number,
    of,
    option,
    rule,
    shape,
    static,
)


def plain(order, allowed=("C",)):
    """Refuse another order of entries than numpy's usual one."""
    if option(order, "C") not in allowed:
        raise Undecided("only order='C' is supported")


def reshape_kind(a, shape, order=None, copy=None):
    """The kind of a reshaped array; one length of -1 is worked out where that is possible."""
    plain(order)
    k = number(a)
    new = lengths(shape)
    if -1 not in new:
        return Array(k.dtype, new)
    old = k.dims if isinstance(k, Array) else ()
    i = new.index(-1)
    rest = filling_length(old, [d for d in new if d != -1]) if old is not None else UNKNOWN
    return Array(k.dtype, (*new[:i], rest, *new[i + 1 :]))


def back(g, z, a):
    """A cotangent of rearranged entries in the shape of `a`; one number for all stays so."""
    k = number(a.kind)
    if isinstance(k, Scalar):
        return np.sum(full(g, z))
    return g if uniform(g) else full(g, z).reshape(shape(a))


def uniform(g):
    """Whether a cotangent is one number for all entries."""
    return not isinstance(g.kind, Array) if hasattr(g, "kind") else True


@rule(
    np.reshape,
    kind=reshape_kind,
    samples=[
        call(of(2, 3), (3, 2)),
        call(of(2, 3), -1),
        call(of(6), (2, -1)),
        call(of(4), (-1, 1)),
        call(of(2, 3), (6,)),
        call(of(2, 3), (1, Length(6))),
        call(of(0), (0, 3)),
        call(of(), (1, 1)),
        call(of(1), ()),
    ],
)
def reshape(z, a, shape, order="C", copy=None):
    bar[a] += back(bar[z], z, a)
    dot[z] = dot[a].reshape(shape)


def ravel_kind(a, order=None):
    """The kind of a flat array."""
    plain(order)
    return reshape_kind(a, Static(-1))


@rule(np.ravel, kind=ravel_kind, samples=[call(of(2, 3)), call(of(4)), call(of(0, 2)), call(of())])
def ravel(z, a, order="C"):
    bar[a] += back(bar[z], z, a)
    dot[z] = np.ravel(dot[a])


def transpose_kind(a, axes=None):
    """The kind of a transpose."""
    k = number(a)
    if option(axes) is None and isinstance(k, Array) and k.dims is None:
        return k
    old = known_dims(a)
    order = option(axes)
    order = range(len(old))[::-1] if order is None else [i % len(old) for i in order]
    return Array(k.dtype, tuple(old[i] for i in order))


@rule(
    np.transpose,
    kind=transpose_kind,
    samples=[
        call(of(2, 3)),
        call(of(4)),
        call(of(2, 3, 4)),
        call(of(2, 3), (1, 0)),
        call(of(2, 3, 4), (1, 2, 0)),
        call(of(2, 3, 4), axes=(-1, 0, 1)),
        call(of(0, 2)),
    ],
)
def transpose(z, a, axes=None):
    g = full(bar[z], z)
    if axes is None:
        bar[a] += g.T
        dot[z] = dot[a].T
    else:
        order = [i % len(axes) for i in axes]
        bar[a] += np.transpose(g, tuple(order.index(i) for i in range(len(order))))
        dot[z] = np.transpose(dot[a], axes)


def swapaxes_kind(a, axis1, axis2):
    """The kind of an array with two axes swapped."""
    out = list(known_dims(a))
    i, j = static(axis1), static(axis2)
    out[i], out[j] = out[j], out[i]
    return Array(number(a).dtype, tuple(out))


@rule(
    np.swapaxes,
    kind=swapaxes_kind,
    samples=[call(of(2, 3), 0, 1), call(of(2, 3, 4), 0, -1), call(of(2, 3, 4), axis1=1, axis2=2)],
)
def swapaxes(z, a, axis1, axis2):
    bar[a] += np.swapaxes(full(bar[z], z), axis1, axis2)
    dot[z] = np.swapaxes(dot[a], axis1, axis2)


def moved_order(rank, source, destination):
    """The order of axes after `np.moveaxis`."""
    sources = normal_order(source, rank)
    targets = normal_order(destination, rank)
    order = [i for i in range(rank) if i not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return order


def normal_order(axes, rank):
    """Axes in the order given, none negative."""
    return [i % rank for i in (axes if isinstance(axes, tuple) else (axes,))]


def moveaxis_kind(a, source, destination):
    """The kind of an array with moved axes."""
    old = known_dims(a)
    order = moved_order(len(old), static(source), static(destination))
    return Array(number(a).dtype, tuple(old[i] for i in order))


@rule(
    np.moveaxis,
    kind=moveaxis_kind,
    samples=[call(of(2, 3, 4), 0, -1), call(of(2, 3, 4), (0, 1), (2, 0)), call(of(2, 3), 1, 0)],
)
def moveaxis(z, a, source, destination):
    bar[a] += np.moveaxis(full(bar[z], z), destination, source)
    dot[z] = np.moveaxis(dot[a], source, destination)


def expand_dims_kind(a, axis):
    """The kind of an array with new axes of length 1."""
    k = number(a)
    if isinstance(k, Array) and k.dims is None:
        return k
    old = list(known_dims(a))
    axes = static(axis)
    axes = axes if isinstance(axes, tuple) else (axes,)
    rank = len(old) + len(axes)
    for i in sorted(i % rank for i in axes):
        old.insert(i, 1)
    return Array(k.dtype, tuple(old))


@rule(
    np.expand_dims,
    kind=expand_dims_kind,
    samples=[call(of(3), 0), call(of(3), -1), call(of(2, 3), (0, 2)), call(of(), 0)],
)
def expand_dims(z, a, axis):
    axes = axis if isinstance(axis, tuple) else (axis,)
    old = number(a.kind)
    known = isinstance(old, Array) and old.dims is not None
    rank = len(old.dims) + len(axes) if known else 0
    leading = known and sorted(i % rank for i in axes) == list(range(len(axes)))
    lower = leading and hasattr(bar[z], "kind") and len(dims_of(bar[z].kind) or ()) <= len(old.dims)
    bar[a] += bar[z] if lower and dims_of(bar[z].kind) is not None else back(bar[z], z, a)
    dot[z] = np.expand_dims(dot[a], axis)


def squeeze_kind(a, axis=None):
    """The kind of an array without axes of length 1."""
    old = known_dims(a)
    chosen = option(axis)
    if chosen is None:
        if not all(isinstance(d, int) or (d.many and d.offset >= 0) for d in old):
            raise Undecided("whether an axis has length 1 is known at run time only: name the axis")
        return Array(number(a).dtype, tuple(d for d in old if d != 1))
    axes = normal_axes(chosen, len(old))
    return Array(number(a).dtype, tuple(d for i, d in enumerate(old) if i not in axes))


@rule(
    np.squeeze,
    kind=squeeze_kind,
    samples=[call(of(1, 3)), call(of(3, 1), axis=1), call(of(1, 3, 1), (0, 2)), call(of(1))],
)
def squeeze(z, a, axis=None):
    bar[a] += back(bar[z], z, a)
    dot[z] = dot[a].reshape(shape(z))


def broadcast_kind_of(array, shape, subok=None):
    """The kind of an array broadcast to a shape."""
    dtype = number(array).dtype
    if isinstance(shape, (Record, Static, Scalar)):
        return Array(dtype, lengths(shape))
    return Array(dtype, None)


@rule(
    np.broadcast_to,
    kind=broadcast_kind_of,
    samples=[
        call(of(3), (2, 3)),
        call(of(2, 1), (2, 3)),
        call(of(), (2, 3)),
        call(of(1), 4),
        call(of(3), (Length(2), Length(3))),
    ],
)
def broadcast_to(z, array, shape, subok=False):
    bar[array] += fit(bar[z], array, z)
    dot[z] = np.broadcast_to(dot[array], shape)


@rule(
    np.roll,
    kind=array_like,
    samples=[
        call(of(4), 1),
        call(of(4), Length(3)),
        call(of(2, 3), -1, axis=1),
        call(of(2, 3), 2),
        call(of(2, 3), (1, 2), axis=(0, 1)),
    ],
)
def roll(z, a, shift, axis=None):
    counter = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    if axis is None:
        bar[a] += np.roll(full(bar[z], z), counter)
        dot[z] = apply(np.roll, dot[a], shift)
    else:
        bar[a] += np.roll(full(bar[z], z), counter, axis=axis)
        dot[z] = apply(np.roll, dot[a], shift, axis=axis)


def copied_kind(a, dtype=None, **_):
    """The kind of a copy: an array, in another dtype where one is asked for."""
    k = number(a)
    value = option(dtype)
    found = k.dtype if value is None else np.dtype(value)
    return Array(found, k.dims if isinstance(k, Array) else ())


def plain_copy_kind(a, order=None, subok=None):
    """The kind of a plain copy."""
    return copied_kind(a)


@rule(np.copy, kind=plain_copy_kind, samples=[call(of(2, 3)), call(of())])
def copy(z, a, order="K", subok=False):
    bar[a] += bar[z]
    dot[z] = np.copy(dot[a])


def contiguous_kind(a, dtype=None, like=None):
    """The kind of a contiguous array: it has an axis at least."""
    k = copied_kind(a, dtype)
    return Array(k.dtype, (1,)) if k.dims == () else k


@rule(np.ascontiguousarray, kind=contiguous_kind, samples=[call(of(2, 3)), call(of())])
def ascontiguousarray(z, a, dtype=None, like=None):
    bar[a] += back(bar[z], z, a)
    dot[z] = apply(np.ascontiguousarray, dot[a])


def atleast_kind(rank):
    """The kind of an array of one axis at least, or two."""

    def kind(a):
        old = known_dims(a)
        return Array(number(a).dtype, (1,) * (rank - len(old)) + old)

    return kind


@rule(np.atleast_1d, kind=atleast_kind(1), samples=[call(of(3)), call(of()), call(of(2, 3))])
def atleast_1d(z, a):
    bar[a] += back(bar[z], z, a)
    dot[z] = np.atleast_1d(dot[a])


@rule(np.atleast_2d, kind=atleast_kind(2), samples=[call(of(3)), call(of()), call(of(2, 3))])
def atleast_2d(z, a):
    bar[a] += back(bar[z], z, a)
    dot[z] = np.atleast_2d(dot[a])
