"""Choices between values: where, clip, the larger and the smaller, sorting."""

import builtins

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import FLOAT, Array, Scalar, Static
from srcgrad.rules import (
    ZERO,
    Undecided,
    apply,
    arithmetic_kind,
    bar,
    call,
    dot,
    elementwise,
    elementwise_kind,
    fit,
    full,
    helper,
    left_out,
    ndim,
    number,
    of,
    option,
    rule,
    settle,
)


def where_kind(condition, x, y):
    """The kind of a choice: always an array."""
    numbers = [number(k) for k in (condition, x, y)]
    k = elementwise_kind(np.where, numbers)
    return Array(k.dtype, k.dims if isinstance(k, Array) else ())


@rule(
    np.where,
    kind=where_kind,
    samples=[
        call(of(3), of(3), of(3)),
        call(of(2, 3), of(3), of(2, 1)),
        call(of(2, 1), of(3), of()),
        call(of(3), of(3), 0.0),
        call(of(), of(3), of(3)),
        call(of(), of(), of()),
        call(of(0), of(0), of()),
    ],
)
def where(z, condition, x, y):
    g = settle(bar[z], z)
    if number(z.kind).dims == ():
        flag = hasattr(condition, "kind") and number(condition.kind).dtype.kind == "b"
        bar[x] += g * (condition if flag else condition != 0)
        bar[y] += g * (condition == 0)
    else:
        bar[x] += fit(chosen(condition, g, 0.0), x, z)
        bar[y] += fit(chosen(condition, 0.0, g), y, z)
    if dot[x] is not ZERO or dot[y] is not ZERO:
        dot[z] = apply(np.where, condition, or_zero(dot[x]), or_zero(dot[y]))


def chosen(condition, x, y):
    """`np.where`; a cotangent that does not vary stays so."""
    return ZERO if x is ZERO or y is ZERO else apply(np.where, condition, x, y)


def or_zero(t):
    """A tangent as a number."""
    return 0.0 if t is ZERO else t


def clip_kind(a, a_min=None, a_max=None, out=None, min=None, max=None):
    """The kind of a clipped number."""
    bounds = [k for k in (a_min, a_max, min, max) if not left_out(k)]
    if not left_out(out):
        raise Undecided("out= is not supported")
    return elementwise_kind(
        lambda v, *b: np.clip(v, b[0], b[-1]), [number(k) for k in (a, *bounds)]
    )


@elementwise(
    np.clip,
    kind=clip_kind,
    samples=[
        call(of(5), -1.0, 1.0),
        call(of(2, 3), of(3, low=-1.5, high=-0.5), of(2, 1, low=0.5, high=1.5)),
        call(of(5), None, 0.5),
        call(of(5), a_min=-0.5, a_max=None),
        call(of(5), min=-0.5, max=of()),
        call(of(), -1.0, 1.0),
        call(of(5), a_max=of(), a_min=-1.9),
    ],
)
def clip(z, a, a_min=None, a_max=None, out=None, min=None, max=None):
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    if low is None and high is None:
        return 1.0
    if low is None:
        by_a, by_low, by_high = a <= high, None, a > high
    elif high is None:
        by_a, by_low, by_high = a >= low, a < low, None
    else:
        by_a = (a >= low) & (a <= high)
        by_low, by_high = (a < low) & (low <= high), (a > high) | (low > high)
    return by_a, by_low, by_high, None, by_low, by_high


@elementwise(np.maximum, np.fmax, samples=[call(of(4), 0.0), call(0.0, of(4))])
def maximum(z, x, y):
    return (x > y) + 0.5 * (x == y), (y > x) + 0.5 * (x == y)


@elementwise(np.minimum, np.fmin, samples=[call(of(4), 0.0), call(0.0, of(4))])
def minimum(z, x, y):
    return (x < y) + 0.5 * (x == y), (y < x) + 0.5 * (x == y)


def extreme_kind(*kinds):
    """The kind of Python's `max` and `min` of numbers without axes."""
    numbers = [number(k) for k in kinds]
    if not all(isinstance(k, Scalar) for k in numbers):
        raise Undecided("`max` and `min` of Python apply to numbers: use np.maximum, np.minimum")
    out = numbers[0]
    for k in numbers[1:]:
        out = arithmetic_kind(lambda a, b: a + b, out, k)
    return Scalar(out.dtype, all(k.python for k in numbers))


def shares(z, values):
    """The share of each of several values in the one among them that was chosen."""
    given = [v for v in values if v is not None]
    ties = 1.0 * (given[0] == z)
    for v in given[1:]:
        ties = ties + 1.0 * (v == z)
    return tuple(None if v is None else (v == z) / ties for v in values)


@elementwise(
    builtins.max,
    kind=extreme_kind,
    samples=[call(of(), of()), call(of(), of(), of()), call(of(), 0.0)],
)
def larger(z, a, b, c=None, d=None, e=None, f=None, g=None, h=None):
    if c is None:
        return maximum(z, a, b)
    return shares(z, (a, b, c, d, e, f, g, h))


@elementwise(
    builtins.min,
    kind=extreme_kind,
    samples=[call(of(), of()), call(of(), of(), of()), call(of(), 0.0)],
)
def smaller(z, a, b, c=None, d=None, e=None, f=None, g=None, h=None):
    if c is None:
        return minimum(z, a, b)
    return shares(z, (a, b, c, d, e, f, g, h))


def float_kind(x=None):
    """The kind of `float(x)`, of a number or of text that is known."""
    if isinstance(x, Static) and isinstance(x.value, str):
        return FLOAT
    if x is not None and isinstance(number(x), Array) and number(x).dims != ():
        raise Undecided("`float` of an array: take an entry of it")
    return FLOAT


@elementwise(builtins.float, kind=float_kind, samples=[call(of())])
def float(y, x=0.0):
    return 1.0


def sort_kind(a, axis=None, kind=None, order=None):
    """The kind of a sorted array."""
    k = number(a)
    if not isinstance(k, Array) or not k.dims or (axis is not None and option(axis) is None):
        raise Undecided("a sort of a value of unknown rank, or with axis=None")
    return k


@rule(
    np.sort,
    kind=sort_kind,
    samples=[call(of(5)), call(of(2, 4)), call(of(3, 2), axis=0), call(of(0)), call(of(1))],
)
def sort(z, a, axis=-1, kind=None, order=None):
    i = axis % ndim(a)
    k = number(a.kind)
    bar[a] += helper(runtime.unsort, k, full(bar[z], z), a, i)
    dot[z] = helper(runtime.sort_like, k, dot[a], a, i)
