"""Reductions without the entries that are nan: products, means, deviations, running sums."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    dot,
    full,
    helper,
    known_dims,
    ndim,
    normal_axes,
    number,
    of,
    option,
    reduced_dims,
    refuse,
    rule,
    shaped,
)

CASES = [
    call(of(5)),
    call(of(2, 3)),
    call(of(2, 3), 1),
    call(of(2, 3), axis=0, keepdims=True),
    call(of(2, 3, 2), axis=(0, 2)),
]


def reduced_kind(function):
    """The kind of a reduction of real numbers whose dtype is asked of numpy."""

    def kind(a, axis=None, dtype=None, out=None, keepdims=None):
        refuse(out, "out")
        refuse(dtype, "dtype")
        known_dims(a)
        k = number(a)
        if k.dtype.kind == "c":
            raise Undecided("complex numbers are not supported here")
        found = function(np.ones(2, k.dtype)).dtype
        return shaped(found, reduced_dims(a, option(axis), bool(option(keepdims, False))))

    return kind


def there(a):
    """Which entries are not nan."""
    return apply(np.logical_not, apply(np.isnan, a))


def along(axis, keepdims=False):
    """The options of a reduction."""
    return ({} if axis is None else {"axis": axis}) | ({"keepdims": True} if keepdims else {})


def kept(axis):
    """The options of a reduction whose result broadcasts to what was reduced."""
    return along(axis, axis is not None)


def lined(v, a, axis, keepdims):
    """A reduced value with axes of length 1 where `a` was reduced."""
    if v is ZERO or keepdims or axis is None or not isinstance(number(v.kind), Array):
        return v
    axes = normal_axes(axis, ndim(a))
    index = tuple(None if i in axes else slice(None) for i in range(ndim(a)))
    while index and index[0] is None:
        index = index[1:]
    return v[index] if None in index else v


@rule(np.nanmean, kind=reduced_kind(np.nanmean), samples=CASES)
def nanmean(z, a, axis=None, dtype=None, out=None, keepdims=False):
    mask = there(a)
    bar[a] += lined(full(bar[z], z), a, axis, keepdims) / np.sum(mask, **kept(axis)) * mask
    options = along(axis, keepdims)
    dot[z] = np.sum(mask * dot[a], **options) / np.sum(mask, **options)


@rule(np.nanprod, kind=reduced_kind(np.nanprod), samples=CASES)
def nanprod(z, a, axis=None, dtype=None, out=None, keepdims=False):
    mask = there(a)
    factors = apply(np.where, mask, a, 1.0)
    others = mask * helper(runtime.prod_others, number(a.kind), factors, axis)
    bar[a] += lined(full(bar[z], z), a, axis, keepdims) * others
    dot[z] = np.sum(others * dot[a], **along(axis, keepdims))


def deviation_kind(a, axis=None, dtype=None, out=None, ddof=None, keepdims=None):
    """The kind of a variance."""
    return reduced_kind(np.nanvar)(a, axis, dtype, out, keepdims)


def centered(a, axis):
    """The deviations from the mean, 0 for what is nan."""
    return apply(np.where, there(a), a - apply(np.nanmean, a, **kept(axis)), 0.0)


def degrees(a, ddof, options):
    """How many entries a deviation counts."""
    n = np.sum(there(a), **options)
    return n - ddof if ddof else n


DEVIATIONS = [*CASES, call(of(5), ddof=1), call(of(2, 4), 1, ddof=1)]


@rule(np.nanvar, kind=deviation_kind, samples=DEVIATIONS)
def nanvar(z, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    off = centered(a, axis)
    g = lined(full(bar[z], z), a, axis, keepdims)
    bar[a] += 2.0 * g / degrees(a, ddof, kept(axis)) * off
    options = along(axis, keepdims)
    dot[z] = 2.0 * np.sum(off * dot[a], **options) / degrees(a, ddof, options)


@rule(np.nanstd, kind=deviation_kind, samples=DEVIATIONS)
def nanstd(z, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    off = centered(a, axis)
    options = along(axis, keepdims)
    scale = degrees(a, ddof, options) * (z + (z == 0))
    bar[a] += lined(full(bar[z], z) / scale, a, axis, keepdims) * off
    dot[z] = np.sum(off * dot[a], **options) / scale


def running_kind(a, axis=None, dtype=None, out=None):
    """The kind of a running sum: along an axis, which a vector need not name."""
    refuse(out, "out")
    refuse(dtype, "dtype")
    known = known_dims(a)
    if number(a).dtype.kind == "c":
        raise Undecided("complex numbers are not supported here")
    if not known or (option(axis) is None and len(known) != 1):
        raise Undecided("np.nancumsum of a matrix needs axis=")
    return Array(np.nancumsum(np.ones(1, number(a).dtype)).dtype, known)


@rule(
    np.nancumsum,
    kind=running_kind,
    samples=[call(of(4)), call(of(2, 3), axis=1), call(of(2, 3), 0), call(of(0))],
)
def nancumsum(z, a, axis=None, dtype=None, out=None):
    i = 0 if axis is None else axis % ndim(a)
    options = {} if ndim(a) == 1 else {"axis": i}
    back = (slice(None),) * i + (slice(None, None, -1),)
    back = back if i else back[0]
    mask = there(a)
    bar[a] += np.cumsum(full(bar[z], z)[back], **options)[back] * mask
    dot[z] = np.cumsum(mask * dot[a], **options)
