"""Differences that stand for derivatives: `np.gradient`."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Record, Scalar
from srcgrad.rules import (
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
    known_dims,
    longer,
    ndim,
    normal_axes,
    number,
    of,
    option,
    pack,
    refuse,
    rule,
    with_dims,
    with_zeros,
)


def gradient_kind(f, *varargs, axis=None, edge_order=None):
    """The kind of differences along an axis, or of those along several."""
    refuse(edge_order, "edge_order", 1)
    known = known_dims(f)
    if not known or number(f).dtype.kind == "c":
        raise Undecided("np.gradient wants an array of real numbers")
    axes = axes_of(option(axis), len(known))
    if len(axes) > 4:
        raise Undecided("np.gradient along more than four axes: name them with axis=")
    if len(varargs) > 1 and len(varargs) != len(axes):
        raise Undecided("np.gradient wants a spacing for each axis")
    for k in varargs:
        check_spacing(k, known, axes)
    dtype = np.gradient(np.ones(2, number(f).dtype)).dtype
    part = Array(np.result_type(dtype, *(strong(k) for k in varargs)), known)
    if len(axes) == 1:
        return part
    return Record(tuple, tuple(range(len(axes))), (part,) * len(axes))


def strong(kind):
    """The dtype of a spacing, as far as it decides that of a result."""
    k = number(kind)
    return k.dtype if isinstance(k, Array) or not k.python else np.float16


def check_spacing(kind, known, axes):
    """Refuse coordinates other than those of a vector."""
    k = number(kind)
    if isinstance(k, Scalar) or k.dims == ():
        return
    if len(known) != 1 or len(axes) != 1 or k.dims is None or len(k.dims) != 1:
        raise Undecided("np.gradient takes coordinates of a vector only")


def axes_of(axis, rank):
    """The axes along which differences are wanted, in the order given."""
    if axis is None:
        return tuple(range(rank))
    normal_axes(axis, rank)
    return tuple(i % rank for i in axis) if isinstance(axis, tuple) else (axis % rank,)


@rule(
    np.gradient,
    kind=gradient_kind,
    samples=[
        call(of(5)),
        call(of(2)),
        call(of(5), 0.5),
        call(of(5), of(low=0.5, high=2.0)),
        call(of(3, 4)),
        call(of(3, 4), 2.0, of(low=0.5, high=2.0)),
        call(of(3, 4), of(low=0.5, high=2.0)),
        call(of(3, 4), axis=1),
        call(of(3, 4), 0.5, axis=-2),
        call(of(2, 3, 4), axis=(2, 0)),
        call(of(5), of(5, ascending=True)),
    ],
)
def gradient(z, f, h=None, k=None, m=None, n=None, axis=None, edge_order=1):
    axes = axes_of(axis, ndim(f))
    spacings = [v for v in (h, k, m, n) if v is not None]
    if len(spacings) == 1 and isinstance(spacings[0], Expr) and is_vector(spacings[0]):
        by_coordinates(z, f, spacings[0])
        return
    if not spacings:
        spacings = [1.0] * len(axes)
    if len(spacings) == 1:
        spacings = spacings * len(axes)
    parts = [z] if len(axes) == 1 else [z[i] for i in range(len(axes))]
    tangents = []
    for part, i, step in zip(parts, axes, spacings, strict=True):
        g = bar[part]
        if g is not ZERO:
            g = full(g, part)
            bar[f] += helper(runtime.ungradient, number(part.kind), divided(g, step), i)
            if isinstance(step, Expr):
                bar[step] -= np.sum(g * part) / step
        options = {} if ndim(f) == 1 else {"axis": i}
        t = ZERO if dot[f] is ZERO else divided(apply(np.gradient, dot[f], **options), step)
        if isinstance(step, Expr) and dot[step] is not ZERO:
            t = t - part * dot[step] / step
        tangents.append(t)
    tangents = with_zeros(tangents, parts)
    if tangents is not ZERO:
        dot[z] = tangents[0] if len(axes) == 1 else pack(tuple(tangents))


def is_vector(v):
    """Whether a spacing is an array of coordinates."""
    k = number(v.kind)
    return isinstance(k, Array) and k.dims != ()


def divided(v, step):
    """A value over a spacing."""
    return v if isinstance(step, float) and step == 1.0 else v / step


def by_coordinates(z, f, x):
    """Adjoint and tangent for given coordinates: a mean of the slopes on both sides."""
    h = apply(np.diff, x)
    s = apply(np.diff, f) / h
    both = front(h) + back(h)
    share = front(h) / both
    middle = front(back(z))
    g = full(bar[z], z)
    if g is not ZERO:
        inner = front(back(g))
        s_bar = joined(part(g, None, 1), inner * share) + joined(
            inner * (1.0 - share), part(g, -1, None)
        )
        bar[f] += with_dims(undiff(s_bar / h), dims(f))
        w = inner / both
        by_width = apply(np.pad, w * (back(s) - middle), (0, 1)) + apply(
            np.pad, w * (front(s) - middle), (1, 0)
        )
        bar[x] += with_dims(undiff(by_width - s_bar * s / h), dims(x))
    out = apply(np.gradient, dot[f], x)
    if dot[x] is not ZERO:
        wider = apply(np.diff, dot[x])
        s_dot = -(s * wider / h)
        bent = front(wider) * (back(s) - middle) + back(wider) * (front(s) - middle)
        inner = share * back(s_dot) + (1.0 - share) * front(s_dot) + bent / both
        ends = [part(s_dot, None, 1), inner, part(s_dot, -1, None)]
        out = out + with_dims(apply(np.concatenate, ends), dims(z))
    dot[z] = out


def joined(a, b):
    """Two vectors end to end."""
    return apply(np.concatenate, [a, b])


def part(v, start, stop):
    """The first or the last entry of a vector, in a vector."""
    return cut(v, 0, start, stop, 1)


def front(v):
    """A vector without its last entry."""
    return cut(v, 0, None, -1, longer(dims(v)[0], -1))


def back(v):
    """A vector without its first entry."""
    return cut(v, 0, 1, None, longer(dims(v)[0], -1))


def undiff(v):
    """The cotangent of a vector, from one of its differences."""
    return apply(np.pad, v, (1, 0)) - apply(np.pad, v, (0, 1))


def ungradient_kind(g, axis):
    """The kind of a cotangent like another."""
    return number(g)


@rule(runtime.ungradient, kind=ungradient_kind)
def ungradient(z, g, axis):
    options = {} if ndim(g) == 1 else {"axis": axis}
    bar[g] += apply(np.gradient, full(bar[z], z), **options)
    dot[z] = helper(runtime.ungradient, z.kind, dot[g], axis)
