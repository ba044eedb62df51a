"""Reductions over axes: sums, means, products, extremes, deviations, norms, running sums."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Scalar, not_one
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    bar,
    call,
    const,
    dims,
    dot,
    flat_length,
    full,
    helper,
    is_complex,
    known_dims,
    known_value,
    length,
    ndim,
    normal_axes,
    number,
    of,
    option,
    reduced_dims,
    refuse,
    rule,
    shape,
    shaped,
    size,
    zero,
)

AXES = [
    call(of()),
    call(of(4)),
    call(of(1)),
    call(of(4), 0),
    call(of(4), axis=-1, keepdims=True),
    call(of(2, 3)),
    call(of(2, 3), axis=0),
    call(of(2, 3), axis=1),
    call(of(2, 3), axis=-1, keepdims=True),
    call(of(1, 3), axis=0),
    call(of(2, 3), keepdims=True),
    call(of(2, 3, 4), axis=(0, 2)),
    call(of(2, 3, 4), axis=(1, 2)),
    call(of(2, 3, 4), axis=1, keepdims=True),
]
EMPTY = [call(of(0)), call(of(2, 0), axis=0), call(of(2, 0), axis=1)]


def reduced_like(function):
    """The kind of a reduction whose dtype is asked of numpy."""

    def kind(a, axis=None, dtype=None, out=None, keepdims=None):
        k = number(a)
        refuse(out, "out")
        found = function(np.ones(1, k.dtype), dtype=option(dtype)).dtype
        kept = bool(option(keepdims, False))
        return shaped(found, reduced_dims(a, option(axis), kept))

    return kind


def unknown_rank(a):
    """Whether the rank is known at run time only."""
    k = number(a.kind)
    return isinstance(k, Array) and k.dims is None


def spread(v, a, axis, keepdims):
    """A value with the dims of a reduction of `a`, broadcastable to those of `a`."""
    if v is ZERO or (axis is None and not keepdims):
        return v
    k = number(v.kind)
    if not isinstance(k, Array) or k.dims == ():
        return v
    if unknown_rank(a):
        v = v if keepdims else np.expand_dims(v, axis)
        return helper(runtime.broadcast_to, Array(k.dtype, None), v, shape(a))
    if keepdims:
        return v
    axes = normal_axes(axis, ndim(a))
    missing = ndim(a) - len(axes) - ndim(v)
    index = []
    for i in range(ndim(a)):
        if i in axes:
            index.append(None)
        elif missing:
            missing -= 1
            index.append(None)
        else:
            index.append(slice(None))
    while index and index[0] is None:
        index.pop(0)
    return v if None not in index else v[tuple(index)]


def count(a, axis):
    """The number of entries that each entry of a reduction is made of."""
    if axis is None:
        return size(a)
    out = const(1)
    for i in normal_axes(axis, ndim(a)):
        out = out * length(a, i)
    return out


def kept(function, a, axis):
    """`function` over axes, broadcastable to `a`: leading axes need not be kept for that."""
    axes = normal_axes(axis, ndim(a)) if axis is not None and not unknown_rank(a) else None
    leading = axes is not None and axes == tuple(range(len(axes)))
    return again(function, a, axis, axis is not None and not leading)


def again(function, a, axis, keepdims):
    """`function(a, axis=axis, keepdims=keepdims)`, without what is a default."""
    options = {}
    if axis is not None:
        options["axis"] = axis
    if keepdims:
        options["keepdims"] = True
    return function(a, **options)


def covers(known, where):
    """Whether an array that broadcasts to a test keeps its dims."""
    other = known_dims(where)
    pairs = zip(known[::-1], other[::-1], strict=False)
    return len(other) <= len(known) and all(w == 1 or w == d or not_one(d) for d, w in pairs)


def sum_kind(a, axis=None, dtype=None, out=None, keepdims=None, initial=None, where=None):
    """The kind of a sum, of those entries for which a test holds."""
    if where is not None:
        known = known_dims(a)
        if not isinstance(where, Array) or where.dtype != bool or not covers(known, where):
            raise Undecided("where= of np.sum must be an array of bool no larger than the other")
    k = reduced_like(np.sum)(a, axis, dtype, out, keepdims)
    if initial is None:
        return k
    if not isinstance(number(initial), Scalar) or number(initial).dtype.kind == "c":
        raise Undecided("initial= of np.sum must be a number")
    if k.dtype.kind not in "fc" and number(initial).dtype.kind == "f":
        raise Undecided("initial= of np.sum of ints must be an int")
    return k


@rule(
    np.sum,
    kind=sum_kind,
    samples=[
        *AXES,
        *EMPTY,
        call(of(2, 3), axis=1, where=of(2, 3, flags=True)),
        call(of(2, 3), where=of(3, flags=True), initial=of()),
        call(of(2, 3), 0, initial=of(), keepdims=True),
        call(of(4), initial=2.0),
    ],
)
def sum(z, a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True):
    g = spread(bar[z], a, axis, keepdims)
    if isinstance(where, Expr):
        g = spread(full(bar[z], z), a, axis, keepdims) * where
        dot[z] = again(np.sum, dot[a] * where, axis, keepdims)
    else:
        dot[z] = again(np.sum, dot[a], axis, keepdims)
    bar[a] += g
    if isinstance(initial, Expr):
        bar[initial] += np.sum(full(bar[z], z)) if isinstance(z.kind, Array) else bar[z]
        dot[z] = dot[z] + dot[initial]


@rule(np.mean, kind=reduced_like(np.mean), samples=AXES)
def mean(z, a, axis=None, dtype=None, out=None, keepdims=False):
    bar[a] += spread(bar[z], a, axis, keepdims) / degrees(a, axis, 0)
    dot[z] = again(np.mean, dot[a], axis, keepdims)


@rule(np.prod, kind=reduced_like(np.prod), samples=AXES + EMPTY)
def prod(z, a, axis=None, dtype=None, out=None, keepdims=False):
    others = helper(runtime.prod_others, number(a.kind), a, axis)
    bar[a] += spread(bar[z], a, axis, keepdims) * others
    dot[z] = again(np.sum, dot[a] * others, axis, keepdims)


def extreme_kind(a, axis=None, out=None, keepdims=None):
    """The kind of a maximum or minimum: the dtype stays."""
    refuse(out, "out")
    k = number(a)
    return shaped(k.dtype, reduced_dims(a, option(axis), bool(option(keepdims, False))))


@rule(np.max, np.min, np.nanmax, np.nanmin, kind=extreme_kind, samples=AXES)
def max(z, a, axis=None, out=None, keepdims=False):
    ties = a == spread(z, a, axis, keepdims)
    if axis is None:
        bar[a] += bar[z] / np.sum(ties) * ties
    else:
        shared = kept(np.sum, ties, axis)
        bar[a] += spread(bar[z], a, axis, keepdims) / shared * ties
    dot[z] = again(np.sum, dot[a] * ties, axis, keepdims) / again(np.sum, ties, axis, keepdims)


def deviation_kind(a, axis=None, dtype=None, out=None, ddof=None, keepdims=None):
    """The kind of a variance."""
    return reduced_like(np.var)(a, axis, dtype, out, keepdims)


def centered(a, axis):
    """The deviations from the mean."""
    return a - kept(np.mean, a, axis)


def conjugated(a, axis):
    """The deviations from the mean, conjugated."""
    return np.conjugate(centered(a, axis)) if is_complex(a) else centered(a, axis)


def degrees(a, axis, ddof):
    """How many entries a deviation counts; none leave it undefined."""
    n = count(a, axis) - ddof if ddof else count(a, axis)
    return np.nan if known_value(n) is not None and known_value(n) <= 0 else n


@rule(np.var, kind=deviation_kind, samples=[*AXES, call(of(5), ddof=1), call(of(3, 4), 1, ddof=1)])
def var(z, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    n = degrees(a, axis, ddof)
    bar[a] += 2.0 * spread(bar[z], a, axis, keepdims) / n * conjugated(a, axis)
    dot[z] = 2.0 * again(np.sum, conjugated(a, axis) * dot[a], axis, keepdims) / n


@rule(np.std, kind=deviation_kind, samples=[call(of(5), ddof=1), *AXES[1:2], *AXES[5:8]])
def std(z, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    n = degrees(a, axis, ddof)
    scale = n * (z + (z == 0))
    g = bar[z] / scale
    bar[a] += spread(g, a, axis, keepdims) * conjugated(a, axis)
    dot[z] = again(np.sum, conjugated(a, axis) * dot[a], axis, keepdims) / scale


def norm_kind(x, ord=None, axis=None, keepdims=None):
    """The kind of a norm."""
    k = number(x)
    dtype = np.linalg.norm(np.ones(1, k.dtype)).dtype
    return shaped(dtype, reduced_dims(x, option(axis), bool(option(keepdims, False))))


@rule(
    np.linalg.norm,
    kind=norm_kind,
    samples=[
        call(of(4)),
        call(of(4), 2),
        call(of(4), 1),
        call(of(4), np.inf),
        call(of(2, 3)),
        call(of(2, 3), "fro"),
        call(of(2, 3), axis=1),
        call(of(2, 3), 1, 0),
        call(of(2, 3), axis=0, keepdims=True),
        call(of(2, 3, 4)),
    ],
)
def norm(z, x, ord=None, axis=None, keepdims=False):
    ord = known_value(ord) if isinstance(ord, Expr) and known_value(ord) is not None else ord
    top = spread(z, x, axis, keepdims)
    g = spread(bar[z], x, axis, keepdims)
    if euclidean(x, ord, axis):
        conjugate = np.conjugate(x) if is_complex(x) else x
        bar[x] += g / spread(z + (z == 0), x, axis, keepdims) * conjugate
        dot[z] = again(np.sum, conjugate * dot[x], axis, keepdims) / (z + (z == 0))
    elif is_complex(x):
        raise Undecided(f"the norm of complex numbers with ord={ord} has no rule")
    elif ord == 1:
        bar[x] += g * np.sign(x)
        dot[z] = again(np.sum, np.sign(x) * dot[x], axis, keepdims)
    else:
        ties = np.abs(x) == top
        many = kept(np.sum, ties, axis)
        bar[x] += g / many * (ties * np.sign(x))
        many = again(np.sum, ties, axis, keepdims)
        dot[z] = again(np.sum, ties * np.sign(x) * dot[x], axis, keepdims) / many


def euclidean(x, ord, axis):
    """Whether a norm is the root of the sum of squares; Undecided for those without a rule."""
    if ord is None:
        return True
    if isinstance(ord, Expr):
        raise Undecided("write the ord= of np.linalg.norm as a constant")
    rank = ndim(x) if axis is None else len(normal_axes(axis, ndim(x)))
    if (rank == 1 and ord == 2) or (rank == 2 and ord == "fro"):
        return True
    if rank == 1 and ord in (1, np.inf):
        return False
    raise Undecided(f"the norm with ord={ord} has no rule")


def running_kind(a, axis=None, dtype=None, out=None):
    """The kind of a running sum."""
    k = number(a)
    found = np.cumsum(np.ones(1, k.dtype), dtype=option(dtype)).dtype
    refuse(out, "out")
    known = k.dims if isinstance(k, Array) else ()
    if known is None:
        raise Undecided("a running sum of a value of unknown rank")
    if option(axis) is None and len(known) != 1:
        return Array(found, (flat_length(a),))
    return Array(found, known)


@rule(
    np.cumsum,
    kind=running_kind,
    samples=[call(of(4)), call(of(0)), call(of(2, 3)), call(of(2, 3), axis=1), call(of(2, 3), 0)],
)
def cumsum(z, a, axis=None, dtype=None, out=None):
    g = full(bar[z], z)
    if axis is None and ndim(a) != 1:
        bar[a] += np.cumsum(g[::-1])[::-1].reshape(shape(a))
        dot[z] = np.cumsum(dot[a])
    else:
        i = 0 if axis is None else axis % len(dims(a))
        back = (slice(None),) * i + (slice(None, None, -1),)
        options = {} if ndim(a) == 1 else {"axis": i}
        back = back if i else back[0]
        bar[a] += np.cumsum(g[back], **options)[back]
        dot[z] = np.cumsum(dot[a], **options)


def index_kind(a, axis=None, out=None, keepdims=None):
    """The kind of `argmax`."""
    refuse(out, "out")
    return shaped(np.dtype(np.intp), reduced_dims(a, option(axis), bool(option(keepdims, False))))


def truth_kind(a, axis=None, out=None, keepdims=None):
    """The kind of `all`."""
    refuse(out, "out")
    return shaped(np.dtype(bool), reduced_dims(a, option(axis), bool(option(keepdims, False))))


ARGUMENTS = [call(of(4)), call(of(2, 3), axis=1), call(of(2, 3), 0, keepdims=True)]
zero(np.argmax, np.argmin, kind=index_kind, samples=ARGUMENTS)
zero(np.any, np.all, kind=truth_kind, samples=ARGUMENTS)
