"""Running products, and weighted means."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
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
    length,
    ndim,
    normal_axes,
    number,
    of,
    option,
    pack,
    reduced_dims,
    refuse,
    rule,
    shaped,
    size,
)


def products_kind(a, axis=None, dtype=None, out=None):
    """The kind of running products: along an axis, which a vector need not name."""
    refuse(out, "out")
    known = known_dims(a)
    if not known or (option(axis) is None and len(known) != 1):
        raise Undecided("np.cumprod of a matrix needs axis=")
    found = np.cumprod(np.ones(1, number(a).dtype), dtype=option(dtype)).dtype
    return Array(found, known)


@rule(
    np.cumprod,
    kind=products_kind,
    samples=[call(of(4)), call(of(0)), call(of(2, 3), axis=1), call(of(2, 3), 0), call(of(1))],
)
def cumprod(z, a, axis=None, dtype=None, out=None):
    i = 0 if axis is None else axis % ndim(a)
    bar[a] += helper(runtime.cumprod_bar, number(a.kind), bar[z], a, i)
    dot[z] = helper(runtime.cumprod_dot, number(a.kind), dot[a], a, i)


def average_kind(a, axis=None, weights=None, returned=None, keepdims=None):
    """The kind of a weighted mean."""
    if option(returned, False):
        raise Undecided("returned= of np.average is not supported")
    k = number(a)
    dtype = np.average(np.ones(1, k.dtype)).dtype
    if not left_out(weights):
        w, known = item_dims(weights), known_dims(a)
        axes = normal_axes(option(axis), len(known))
        if len(w) != len(known) and not (len(w) == 1 and len(axes) == 1):
            raise Undecided("weights= of np.average that are neither like a nor along one axis")
        dtype = np.result_type(dtype, joined_dtype((weights,)))
    return shaped(dtype, reduced_dims(a, option(axis), bool(option(keepdims, False))))


@rule(
    np.average,
    kind=average_kind,
    samples=[
        call(of(4)),
        call(of(2, 3), axis=1),
        call(of(4), weights=of(4, low=0.2)),
        call(of(2, 3), weights=of(2, 3, low=0.2)),
        call(of(2, 3), 1, of(2, 3, low=0.2)),
        call(of(2, 3), axis=0, weights=of(2, low=0.2)),
        call(of(3), weights=[1.0, 2.0, 3.0]),
        call(of(3), weights=[of(low=0.2), 2.0, of(low=0.2)]),
        call(of(2, 3), 0, [of(low=0.2), 2.0]),
        call(of(2, 3), 0, (1, 2)),
        call(of(2, 3, 2), axis=1, weights=of(3, low=0.2), keepdims=True),
    ],
)
def average(z, a, axis=None, weights=None, returned=False, keepdims=False):
    axes = normal_axes(axis, ndim(a))
    options = {} if axis is None else {"axis": axis}
    kept = options | ({"keepdims": True} if keepdims else {})
    g = along(bar[z], a, axes, keepdims)
    if weights is None:
        count = size(a)
        if axis is not None:
            count = 1
            for i in axes:
                count = count * length(a, i)
        bar[a] += g / count
        dot[z] = np.mean(dot[a], **kept)
        return
    listed = None
    if not isinstance(weights, Expr) or weights.op == "pack":
        listed = weights if isinstance(weights, Expr) else pack(list(weights))
        weights = apply(np.array, listed)
    lined = ndim(weights) != ndim(a)
    w = line(weights, axes, ndim(a)) if lined else weights
    whole = np.sum(weights) if lined or axis is None else np.sum(weights, **options, keepdims=True)
    bar[a] += g / whole * w
    if isinstance(weights, Expr):
        w_bar = g / whole * (a - along(z, a, axes, keepdims))
        if lined:
            others = tuple(i for i in range(ndim(a)) if i not in axes)
            w_bar = (
                np.sum(full(w_bar, a), axis=others[0] if len(others) == 1 else others)
                if others
                else w_bar
            )
        if listed is None:
            bar[weights] += w_bar
        else:
            layers(weights, w_bar, listed, 0)
    flat = np.sum(weights) if lined or axis is None else np.sum(weights, **kept)
    w_dot = dot[weights] if listed is None else join_tangents(np.array, listed)
    w_dot = w_dot if not lined or w_dot is ZERO else line(w_dot, axes, ndim(a))
    moved = w * dot[a] + w_dot * (a - along(z, a, axes, keepdims))
    dot[z] = ZERO if moved is ZERO else np.sum(moved, **kept) / flat


def line(w, axes, rank):
    """Weights along one axis, with axes of length 1 after them."""
    after = rank - 1 - axes[0]
    return w[(slice(None), *(None,) * after)] if after else w


def along(v, a, axes, keepdims):
    """A value with the dims of a mean, broadcastable to those of `a`."""
    if v is ZERO or keepdims or not isinstance(number(v.kind), Array):
        return v
    index = tuple(None if i in axes else slice(None) for i in range(ndim(a)))
    while index and index[0] is None:
        index = index[1:]
    return v[index] if None in index else v
