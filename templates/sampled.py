"""Functions given by samples or coefficients: interp, trapezoid, polyval, convolve."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array
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
    full,
    helper,
    is_python,
    known_dims,
    length,
    longer,
    ndim,
    number,
    of,
    option,
    refuse,
    rule,
    shaped,
    size,
)


def vector(kind, label):
    """The length of a vector."""
    known = known_dims(kind)
    if not isinstance(number(kind), Array) or len(known) != 1:
        raise Undecided(f"`{label}` must be an array of rank 1")
    if number(kind).dtype.kind == "c":
        raise Undecided("complex numbers are not supported here")
    return known[0]


def interp_kind(x, xp, fp, left=None, right=None, period=None):
    """The kind of interpolated values."""
    for value, label in ((left, "left"), (right, "right"), (period, "period")):
        refuse(value, label)
    vector(xp, "xp")
    vector(fp, "fp")
    return shaped(np.dtype(float), known_dims(x))


POINTS = of(4, ascending=True)


@rule(
    np.interp,
    kind=interp_kind,
    samples=[
        call(of(), POINTS, of(4)),
        call(of(5, low=-4.0, high=4.0), POINTS, of(4)),
        call(of(2, 3), of(2, ascending=True), of(2)),
    ],
)
def interp(z, x, xp, fp, left=None, right=None, period=None):
    slope = helper(runtime.interp_slope, z.kind, x, xp, fp)
    bar[x] += bar[z] * slope
    g = full(bar[z], z)
    bar[xp] += helper(runtime.uninterp, floats(xp), -g * slope, x, xp)
    bar[fp] += helper(runtime.uninterp, floats(fp), g, x, xp)
    dot[z] = slope * (dot[x] - apply(np.interp, x, xp, dot[xp])) + apply(np.interp, x, xp, dot[fp])


def floats(v):
    """The kind of a cotangent of samples."""
    return Array(np.dtype(float), number(v.kind).dims)


def uninterp_kind(g, x, xp):
    """The kind of a cotangent of samples."""
    return Array(np.dtype(float), known_dims(xp))


@rule(runtime.uninterp, kind=uninterp_kind)
def uninterp(z, g, x, xp):
    v = full(bar[z], z)
    slope = helper(runtime.interp_slope, number(g.kind), x, xp, v)
    bar[g] += apply(np.interp, x, xp, v)
    bar[x] += g * slope
    bar[xp] += helper(runtime.uninterp, floats(xp), -g * slope, x, xp)
    dot[z] = helper(runtime.uninterp, z.kind, dot[g], x, xp) + helper(
        runtime.uninterp_slope, z.kind, g * (dot[x] - apply(np.interp, x, xp, dot[xp])), x, xp
    )


def interp_slope_kind(x, xp, fp):
    """The kind of the slopes of interpolated values."""
    return shaped(np.dtype(float), known_dims(x))


@rule(runtime.interp_slope, kind=interp_slope_kind)
def interp_slope(z, x, xp, fp):
    g = full(bar[z], z)
    bar[fp] += helper(runtime.uninterp_slope, floats(fp), g, x, xp)
    bar[xp] += helper(runtime.uninterp_slope, floats(xp), -g * z, x, xp)
    dot[z] = helper(runtime.interp_slope, z.kind, x, xp, dot[fp]) - z * helper(
        runtime.interp_slope, z.kind, x, xp, dot[xp]
    )


@rule(runtime.uninterp_slope, kind=uninterp_kind)
def uninterp_slope(z, g, x, xp):
    v = full(bar[z], z)
    slope = helper(runtime.interp_slope, number(g.kind), x, xp, v)
    bar[g] += slope
    bar[xp] += helper(runtime.uninterp_slope, floats(xp), -g * slope, x, xp)
    tangent = helper(runtime.interp_slope, number(g.kind), x, xp, dot[xp])
    dot[z] = helper(runtime.uninterp_slope, z.kind, dot[g] - g * tangent, x, xp)


def trapezoid_kind(y, x=None, dx=None, axis=None):
    """The kind of an integral along the last axis."""
    known = known_dims(y)
    if not known or option(axis, -1) not in (-1, len(known) - 1):
        raise Undecided("np.trapezoid along the last axis only is supported")
    dtypes = [number(y).dtype]
    if x is not None and getattr(x, "value", x) is not None:
        vector(x, "x")
        dtypes.append(number(x).dtype)
    elif dx is not None and not is_python(dx):
        dtypes.append(number(dx).dtype)
    dtype = (np.ones(1, np.result_type(*dtypes)) / 2.0).dtype
    return shaped(dtype, known[:-1])


@rule(
    np.trapezoid,
    kind=trapezoid_kind,
    samples=[
        call(of(4)),
        call(of(4), of(4)),
        call(of(4), dx=of()),
        call(of(2, 3), of(3)),
        call(of(2, 3), dx=0.5),
    ],
)
def trapezoid(z, y, x=None, dx=1.0, axis=-1):
    steps = apply(np.full, length(y, -1) - 1, dx) if x is None else apply(np.diff, x)
    before = (slice(None),) * (ndim(y) - 1)
    pairs = 0.5 * (shorter(y, 1, None) + shorter(y, None, -1))
    g = full(bar[z], z)
    if before:
        g = g[(*before, None)]
    half = 0.5 * g * steps
    bar[y] += bordered(half, 0, 1) + bordered(half, 1, 0)
    by_step = g * pairs
    if x is not None:
        options = {"x": x}
        for _ in before:
            by_step = np.sum(by_step, axis=0)
        bar[x] += bordered(by_step, 1, 0) - bordered(by_step, 0, 1)
        tangent = np.sum(pairs * apply(np.diff, dot[x]), axis=-1)
    else:
        options = {"dx": dx}
        tangent = ZERO
        if isinstance(dx, Expr):
            bar[dx] += np.sum(by_step)
            tangent = np.sum(pairs, axis=-1) * dot[dx]
    dot[z] = apply(np.trapezoid, dot[y], **options) + tangent


def shorter(v, start, stop):
    """An array without the first or the last entry of its last axis."""
    return cut(v, ndim(v) - 1, start, stop, longer(dims(v)[-1], -1))


def bordered(v, before, after):
    """An array with zeros before and after its last axis."""
    if v is ZERO:
        return ZERO
    sides = ((0, 0),) * (ndim(v) - 1) + ((before, after),)
    return apply(np.pad, v, sides if len(sides) > 1 else sides[0])


def polyval_kind(p, x):
    """The kind of the values of a polynomial."""
    vector(p, "p")
    k = number(x)
    dtype = np.result_type(number(p).dtype, k.dtype)
    return shaped(dtype, k.dims if isinstance(k, Array) else ())


@rule(
    np.polyval,
    kind=polyval_kind,
    samples=[call(of(3), of()), call(of(3), of(4)), call(of(1), of(2)), call(of(4), of(2, 3))],
)
def polyval(z, p, x):
    g = full(bar[z], z)
    powers = apply(np.flip, apply(np.arange, size(p)))
    derived = shorter(p * powers, None, -1)
    bar[x] += bar[z] * apply(np.polyval, derived, x)
    if isinstance(number(z.kind), Array):
        ones = (slice(None),) * ndim(z) + (None,)
        bar[p] += summed(g[ones] * x[ones] ** powers)
    else:
        bar[p] += g * x**powers
    dot[z] = apply(np.polyval, dot[p], x) + dot[x] * apply(np.polyval, derived, x)


def summed(v):
    """An array without all axes but the last."""
    return v if v is ZERO or ndim(v) == 1 else np.sum(v, axis=tuple(range(ndim(v) - 1)))


def convolve_kind(a, v, mode=None):
    """The kind of a convolution."""
    n, m = vector(a, "a"), vector(v, "v")
    known = isinstance(n, int) and isinstance(m, int)
    way = option(mode, "full")
    if way not in ("full", "same", "valid"):
        raise Undecided("the mode of np.convolve must be 'full', 'same' or 'valid'")
    out = UNKNOWN
    if known:
        out = {"full": n + m - 1, "same": max(n, m), "valid": abs(n - m) + 1}[way]
    return Array(np.result_type(number(a).dtype, number(v).dtype), (out,))


@rule(
    np.convolve,
    kind=convolve_kind,
    samples=[
        call(of(5), of(3)),
        call(of(3), of(5), "valid"),
        call(of(5), of(3), mode="valid"),
        call(of(5), of(3), "same"),
        call(of(4), of(3), "same"),
        call(of(3), of(4), "same"),
        call(of(5), of(4), "same"),
        call(of(3), of(1)),
    ],
)
def convolve(z, a, v, mode="full"):
    g = full(bar[z], z)
    if mode != "full" and g is not ZERO:
        more = size(a) + size(v) - size(z) - 1
        ends = [apply(np.zeros, more // 2), apply(np.zeros, more - more // 2)]
        g = apply(np.concatenate, [ends[0], g, ends[1]])
    bar[a] += like(apply(np.convolve, g, v[::-1], mode="valid"), a)
    bar[v] += like(apply(np.convolve, g, a[::-1], mode="valid"), v)
    options = {} if mode == "full" else {"mode": mode}
    dot[z] = apply(np.convolve, dot[a], v, **options) + apply(np.convolve, a, dot[v], **options)


def like(e, operand):
    """An expression that is known to have the dims of an operand."""
    if e is ZERO:
        return ZERO
    return Expr(e.op, e.args, Array(number(e.kind).dtype, number(operand.kind).dims), e.data)
