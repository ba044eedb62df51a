"""Quantiles and percentiles: shares of the entries of a sorted array; ties share evenly."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Record, Static
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    dims,
    dot,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    known_value,
    length,
    ndim,
    number,
    of,
    one_length,
    option,
    pack,
    parts_kinds,
    refuse,
    rule,
    shape,
    shaped,
    size,
    zero,
)

ONE, HUNDRED = 1.0, 100.0


def quantile_kind(
    a,
    q,
    axis=None,
    out=None,
    overwrite_input=None,
    method=None,
    keepdims=None,
):
    """The kind of quantiles, whose axis comes first where there are several."""
    refuse(out, "out")
    refuse(overwrite_input, "overwrite_input", False)
    refuse(method, "method", "linear")
    refuse(keepdims, "keepdims", False)
    known, wanted = known_dims(a), item_dims(q)
    if number(a).dtype.kind not in "fiu":
        raise Undecided("quantiles want real numbers")
    if len(wanted) > 1 or not known:
        raise Undecided("quantiles of a number, or a table of them, are not supported")
    if isinstance(option(axis), tuple):
        raise Undecided("only one axis, or None, is supported")
    if isinstance(q, (Record, List)) and not all(isinstance(k, Static) for k in parts_kinds(q)):
        raise Undecided("a list of quantiles must be made of constants")
    dtype = number(a).dtype
    weak = not wanted and not isinstance(number(q), Array) and number(q).python
    strong = dtype if weak else np.result_type(dtype, joined_dtype((q,)))
    dtype = np.result_type(strong, 1.0) if strong.kind == "f" else np.dtype(float)
    i = option(axis)
    rest = () if i is None else (*known[: i % len(known)], *known[i % len(known) + 1 :])
    return shaped(dtype, (*wanted, *rest))


CASES = [
    call(of(5), 0.3),
    call(of(5), 0.5),
    call(of(5), of(low=0.3, high=0.4)),
    call(of(5), [0.1, 0.7]),
    call(of(5), of(2, low=0.3, high=0.4)),
    call(of(2, 3), 0.3),
    call(of(2, 3), 0.3, axis=1),
    call(of(4, 2), [0.1, 0.4, 0.9], 0),
    call(of(2, 3, 4), 0.7, axis=-2),
    call(of(4), 1.0),
    call(of(4), 0.0),
]


@rule(np.quantile, kind=quantile_kind, samples=CASES)
def quantile(z, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    shares(z, a, q, axis, ONE)


@rule(
    np.percentile,
    kind=quantile_kind,
    samples=[call(of(5), 30), call(of(5), [25, 75]), call(of(3, 4), of(low=30.0, high=32.0), 1)],
)
def percentile(
    z, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False
):
    shares(z, a, q, axis, HUNDRED)


def shares(z, a, q, axis, whole):
    """Adjoint and tangent of quantiles, which are linear in the sorted entries."""
    flat = a if ndim(a) == 1 or axis is not None else apply(np.ravel, a)
    i = 0 if axis is None else axis % ndim(a)
    options = {} if ndim(flat) == i + 1 else {"axis": i}
    weights = weights_of(runtime.quantile_shares, q, flat, i, whole)
    several, g = ndim(weights) == 2, full(bar[z], z)
    if g is not ZERO:
        back = shared_out(g, weights, ndim(flat), i)
        kind = Array(number(back.kind).dtype, dims(flat))
        back = helper(runtime.unsort, kind, back, flat, i)
        bar[a] += back if flat is a else back.reshape(shape(a))
    t = dot[a] if flat is a or dot[a] is ZERO else np.ravel(dot[a])
    kind = number(flat.kind)
    tangent = helper(runtime.sort_like, kind, t, flat, i)
    out = combined(weights, tangent, i)
    if isinstance(q, Expr) and q.op != "pack":
        ordered = apply(np.sort, flat, **options)
        slope = helper(
            runtime.quantile_rise, rise_kind(flat.kind, q.kind, Static(i)), ordered, q, i, whole
        )
        by_q = g if g is ZERO else g * slope
        if several and by_q is not ZERO and ndim(z) > 1:
            by_q = np.sum(by_q, axis=tuple(range(1, ndim(z))))
        elif by_q is not ZERO and not several:
            by_q = np.sum(by_q)
        bar[q] += by_q
        if dot[q] is not ZERO:
            out = out + slope * after(dot[q], ndim(z) - 1 if several else 0)
    dot[z] = out


def weights_of(function, q, flat, i, whole):
    """The share of each sorted entry in each quantile."""
    q = pack(q) if isinstance(q, (list, tuple)) else q
    wanted = item_dims(q.kind) if isinstance(q, Expr) else ()
    n = size(flat) if ndim(flat) == 1 else length(flat, i)
    return helper(function, Array(np.dtype(float), (*wanted, dims(flat)[i])), q, n, whole)


def shared_out(g, weights, rank, i):
    """The cotangent of sorted entries along an axis, by their shares in quantiles."""
    several = ndim(weights) == 2
    if rank == 1:
        return g @ weights if several else g * weights
    if several:
        return np.moveaxis(np.tensordot(weights, g, axes=(0, 0)), 0, i)
    return lined(g, i) * after(weights, rank - 1 - i)


def combined(weights, ordered, i):
    """Sorted entries along an axis, summed with their shares."""
    if ordered is ZERO:
        return ZERO
    if ndim(ordered) == 1:
        return weights @ ordered
    return np.tensordot(weights, ordered, axes=(ndim(weights) - 1, i))


def lined(v, i):
    """A value with a new axis."""
    return v[(*(slice(None),) * i, None)]


def after(v, count):
    """A vector with axes of length 1 after it."""
    return v[(slice(None), *(None,) * count)] if count else v


def shares_kind(q, n, whole):
    """The kind of the shares of sorted entries."""
    return Array(np.dtype(float), (*item_dims(q), one_length(n)))


zero(runtime.quantile_slopes, kind=shares_kind)


@rule(runtime.quantile_shares, kind=shares_kind)
def quantile_shares(z, q, n, whole):
    if isinstance(q, Expr) and q.op != "pack":
        k = number(z.kind)
        slopes = helper(runtime.quantile_slopes, Array(k.dtype, k.dims), q, n, whole)
        g = full(bar[z], z)
        bar[q] += ZERO if g is ZERO else np.sum(g * slopes, axis=-1)
        t = dot[q]
        dot[z] = ZERO if t is ZERO else (t[:, None] if ndim(q) else t) * slopes


def rise_kind(ordered, q, axis, whole=None):
    """The kind of the derivative of quantiles by q."""
    known, i = known_dims(ordered), option(axis)
    dtype = np.result_type(number(ordered).dtype, 1.0)
    return shaped(dtype, (*item_dims(q), *known[:i], *known[i + 1 :]))


@rule(runtime.quantile_rise, kind=rise_kind)
def quantile_rise(z, ordered, q, axis, whole):
    g, i = full(bar[z], z), known_value(axis)
    slopes = weights_of(runtime.quantile_slopes, q, ordered, i, known_value(whole))
    bar[ordered] += ZERO if g is ZERO else shared_out(g, slopes, ndim(ordered), i)
    dot[z] = helper(runtime.quantile_rise, z.kind, dot[ordered], q, i, whole)
