"""The middle, the spread and the sum without gaps of an array; products of vectors, turns."""

import numpy as np

from srcgrad.kinds import Array
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Undecided,
    apply,
    bar,
    broadcast_dims,
    call,
    dot,
    elementwise,
    fit,
    full,
    known_dims,
    length,
    ndim,
    normal_axes,
    number,
    of,
    option,
    reduced_dims,
    refuse,
    rule,
    shaped,
    size,
)


def one_axis(a, axis):
    """Refuse a reduction of something else than all entries or one axis."""
    if not known_dims(a):
        raise Undecided("a number has no axes")
    if isinstance(option(axis), tuple):
        raise Undecided("only one axis, or None, is supported")


def median_kind(a, axis=None, out=None, overwrite_input=None, keepdims=None):
    """The kind of a median."""
    refuse(out, "out")
    refuse(overwrite_input, "overwrite_input", False)
    one_axis(a, axis)
    if number(a).dtype.kind == "c":
        raise Undecided("complex numbers are not supported here")
    dtype = np.median(np.ones(1, number(a).dtype)).dtype
    return shaped(dtype, reduced_dims(a, option(axis), bool(option(keepdims, False))))


@rule(
    np.median,
    kind=median_kind,
    samples=[
        call(of(5)),
        call(of(4)),
        call(of(2, 3)),
        call(of(2, 3), axis=1),
        call(of(4, 2), 0),
        call(of(2, 4), axis=-1, keepdims=True),
    ],
)
def median(z, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    i = None if axis is None else axis % ndim(a)
    n = size(a) if i is None else length(a, i)
    ordered = apply(np.sort, flat(a) if i is None else a, **({} if i is None else {"axis": i}))
    low = a == lined(apply(np.take, ordered, (n - 1) // 2, **at(i)), i)
    high = a == lined(apply(np.take, ordered, n // 2, **at(i)), i)
    share = 0.5 * (low / total(low, i) + high / total(high, i))
    spread_back(z, a, share, i, keepdims)


def ptp_kind(a, axis=None, out=None, keepdims=None):
    """The kind of a range of values."""
    refuse(out, "out")
    one_axis(a, axis)
    if number(a).dtype.kind not in "fiu":
        raise Undecided("np.ptp wants real numbers")
    return shaped(number(a).dtype, reduced_dims(a, option(axis), bool(option(keepdims, False))))


@rule(
    np.ptp,
    kind=ptp_kind,
    samples=[call(of(5)), call(of(2, 3)), call(of(2, 3), 1), call(of(2, 3), axis=0, keepdims=True)],
)
def ptp(z, a, axis=None, out=None, keepdims=False):
    i = None if axis is None else axis % ndim(a)
    kept = {} if i is None else {"axis": i, "keepdims": True}
    high, low = a == np.max(a, **kept), a == np.min(a, **kept)
    spread_back(z, a, high / total(high, i) - low / total(low, i), i, keepdims)


def spread_back(z, a, share, i, keepdims):
    """Adjoint and tangent of a reduction in which each entry has a share."""
    g = full(bar[z], z)
    bar[a] += (g if keepdims and i is not None else lined(g, i)) * share
    options = at(i) | ({"keepdims": True} if keepdims else {})
    dot[z] = ZERO if dot[a] is ZERO else np.sum(share * dot[a], **options)


def flat(a):
    """An array as a vector."""
    return a if ndim(a) == 1 else apply(np.ravel, a)


def at(i):
    """The option that names an axis."""
    return {} if i is None else {"axis": i}


def total(mask, i):
    """How many entries of a mask hold, along an axis that stays."""
    return np.sum(mask) if i is None else np.sum(mask, axis=i, keepdims=True)


def lined(v, i):
    """A reduced value with an axis of length 1 where the reduction was."""
    return (
        v
        if v is ZERO or not i or not isinstance(number(v.kind), Array)
        else (v[(*(slice(None),) * i, None)])
    )


def nansum_kind(a, axis=None, dtype=None, out=None, keepdims=None):
    """The kind of a sum without what is nan."""
    refuse(out, "out")
    refuse(dtype, "dtype")
    k = number(a)
    found = np.nansum(np.ones(1, k.dtype)).dtype
    return shaped(found, reduced_dims(a, option(axis), bool(option(keepdims, False))))


@rule(
    np.nansum,
    kind=nansum_kind,
    samples=[call(of(5)), call(of(2, 3), 1), call(of(2, 3), axis=0, keepdims=True)],
)
def nansum(z, a, axis=None, dtype=None, out=None, keepdims=False):
    axes = normal_axes(axis, ndim(a))
    g = full(bar[z], z)
    if axis is not None and not keepdims:
        g = g[tuple(None if i in axes else slice(None) for i in range(ndim(a)))]
    there = apply(np.logical_not, apply(np.isnan, a))
    bar[a] += g * there
    options = ({} if axis is None else {"axis": axis}) | ({"keepdims": True} if keepdims else {})
    dot[z] = ZERO if dot[a] is ZERO else np.sum(there * dot[a], **options)


def cross_kind(a, b, axisa=None, axisb=None, axisc=None, axis=None):
    """The kind of a cross product of vectors in space."""
    for value, label in ((axisa, "axisa"), (axisb, "axisb"), (axisc, "axisc")):
        refuse(value, label, -1)
    refuse(axis, "axis")
    left, right = known_dims(a), known_dims(b)
    if not left or not right or any(isinstance(d[-1], int) and d[-1] != 3 for d in (left, right)):
        raise Undecided("np.cross of vectors that do not have 3 entries is not supported")
    dims = (*broadcast_dims(left[:-1], right[:-1]), 3)
    return Array(np.result_type(number(a).dtype, number(b).dtype), dims)


@rule(
    np.cross,
    kind=cross_kind,
    samples=[call(of(3), of(3)), call(of(2, 3), of(3)), call(of(2, 3), of(2, 3))],
)
def cross(z, a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    g = full(bar[z], z)
    bar[a] += fit(apply(np.cross, b, g), a, z)
    bar[b] += fit(apply(np.cross, g, a), b, z)
    dot[z] = apply(np.cross, dot[a], b) + apply(np.cross, a, dot[b])


def product_of(d, e):
    """The length of an axis of a Kronecker product."""
    if isinstance(d, int) and isinstance(e, int):
        return d * e
    return e if d == 1 else d if e == 1 else UNKNOWN


def kron_kind(a, b):
    """The kind of a Kronecker product of two vectors or two matrices."""
    left, right = known_dims(a), known_dims(b)
    if len(left) != len(right) or len(left) not in (1, 2):
        raise Undecided("np.kron of others than two vectors or two matrices is not supported")
    dtype = np.result_type(number(a).dtype, number(b).dtype)
    return Array(dtype, tuple(map(product_of, left, right)))


@rule(np.kron, kind=kron_kind, samples=[call(of(2), of(3)), call(of(2, 3), of(3, 2))])
def kron(z, a, b):
    g = full(bar[z], z)
    if ndim(a) == 1:
        blocks = g if g is ZERO else g.reshape((size(a), size(b)))
        bar[a] += blocks @ b
        bar[b] += a @ blocks
    else:
        sizes = (length(a, 0), length(b, 0), length(a, 1), length(b, 1))
        blocks = g if g is ZERO else g.reshape(sizes)
        bar[a] += np.sum(blocks * b[:, None], axis=(1, 3)) if g is not ZERO else ZERO
        bar[b] += np.sum(blocks * a[:, None, :, None], axis=(0, 2)) if g is not ZERO else ZERO
    dot[z] = apply(np.kron, dot[a], b) + apply(np.kron, a, dot[b])


def rot90_kind(m, k=None, axes=None):
    """The kind of a turned array."""
    known = list(known_dims(m))
    i, j = (v % len(known) for v in option(axes, (0, 1)))
    if option(k, 1) % 2:
        known[i], known[j] = known[j], known[i]
    return Array(number(m).dtype, tuple(known))


@rule(
    np.rot90,
    kind=rot90_kind,
    samples=[call(of(2, 3)), call(of(2, 3), 2), call(of(2, 3, 2), k=-1, axes=(1, 2))],
)
def rot90(z, m, k=1, axes=(0, 1)):
    options = {} if axes == (0, 1) else {"axes": axes}
    bar[m] += apply(np.rot90, full(bar[z], z), -k, **options)
    dot[z] = apply(np.rot90, dot[m], k, **options)


@elementwise(np.copysign)
def copysign(y, x1, x2):
    return np.sign(x1) * apply(np.copysign, 1.0, x2), None
