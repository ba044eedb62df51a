"""The functions of the `math` module, on Python floats.

A partial never raises where the function itself does not: what it divides by is numpy's.
"""

import math

import numpy as np

from srcgrad.kinds import BOOL, FLOAT, INT, Array, Record, Scalar, numeric
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    dot,
    elementwise,
    known_dims,
    known_value,
    of,
    packed,
    parts_kinds,
    pieces,
    rule,
    safe,
    squared,
    zero,
)


def scalar(*_):
    """The kind of every result: a Python float."""
    return FLOAT


def scalar_rule(*functions, domain=(-2.0, 2.0)):
    """Declare functions of the `math` module."""
    return elementwise(*functions, kind=scalar, domain=domain)


@scalar_rule(math.exp)
def exp(y, x):
    return y


@scalar_rule(math.exp2)
def exp2(y, x):
    return math.log(2.0) * y


@scalar_rule(math.expm1)
def expm1(y, x):
    return apply(math.exp, x)


@elementwise(math.log, kind=scalar, domain=(0.1, 3.0))
def log(y, x):
    return 1.0 / x


@scalar_rule(math.log2, domain=(0.1, 3.0))
def log2(y, x):
    return 1.0 / math.log(2.0) / x


@scalar_rule(math.log10, domain=(0.1, 3.0))
def log10(y, x):
    return 1.0 / math.log(10.0) / x


@scalar_rule(math.log1p, domain=(-0.9, 3.0))
def log1p(y, x):
    return 1.0 / (1.0 + x)


@scalar_rule(math.sqrt, domain=(0.1, 3.0))
def sqrt(y, x):
    return 0.5 / safe(y)


@scalar_rule(math.cbrt, domain=(0.1, 3.0))
def cbrt(y, x):
    return 1.0 / (3.0 * safe(y) ** 2)


@scalar_rule(math.sin)
def sin(y, x):
    return apply(math.cos, x)


@scalar_rule(math.cos)
def cos(y, x):
    return -apply(math.sin, x)


@scalar_rule(math.tan, domain=(-1.2, 1.2))
def tan(y, x):
    return 1.0 + squared(y)


@scalar_rule(math.asin, domain=(-0.7, 0.7))
def asin(y, x):
    return 1.0 / np.sqrt(1.0 - squared(x))


@scalar_rule(math.acos, domain=(-0.7, 0.7))
def acos(y, x):
    return -1.0 / np.sqrt(1.0 - squared(x))


@scalar_rule(math.atan)
def atan(y, x):
    return 1.0 / (1.0 + squared(x))


@scalar_rule(math.atan2, domain=(0.2, 2.0))
def atan2(z, y, x):
    if safe(x) is not x:
        norm = safe(x) ** 2 + squared(y)
    else:
        norm = squared(x) + (y**2 if safe(y) is y else safe(y) ** 2)
    return x / norm, -y / norm


@scalar_rule(math.sinh)
def sinh(y, x):
    return apply(math.cosh, x)


@scalar_rule(math.cosh)
def cosh(y, x):
    return apply(math.sinh, x)


@scalar_rule(math.tanh)
def tanh(y, x):
    return 1.0 - squared(y)


@scalar_rule(math.asinh)
def asinh(y, x):
    return 1.0 / np.sqrt(squared(x) + 1.0)


@scalar_rule(math.acosh, domain=(1.2, 3.0))
def acosh(y, x):
    return 1.0 / np.sqrt(squared(x) - 1.0)


@scalar_rule(math.atanh, domain=(-0.8, 0.8))
def atanh(y, x):
    return 1.0 / (1.0 - squared(x))


@elementwise(
    math.pow,
    kind=scalar,
    domain=(0.2, 2.0),
    samples=[call(of(), 2), call(of(), 0.5), call(of(), 3.0), call(2.0, of())],
)
def pow(z, x, y):
    value = known_value(y)
    if value is not None and value in (0, 1):
        by_x = None if value == 0 else 1.0
    elif value == 2:
        by_x = 2.0 * x
    else:
        by_x = y * safe(x) ** (y - 1.0)
    return by_x, z * apply(np.log, x + (x == 0) if known_value(x) is None else x or 1.0)


@elementwise(
    math.hypot,
    kind=scalar,
    domain=(0.2, 2.0),
    samples=[call(of(), of()), call(of(), of(), of()), call(of())],
)
def hypot(z, x, y=None, a=None, b=None, c=None, d=None):
    norm = z + (z == 0)
    return tuple(None if v is None else v / norm for v in (x, y, a, b, c, d))


@scalar_rule(math.fmod, domain=(0.3, 2.0))
def fmod(z, x, y):
    return 1.0, -np.trunc(safe(x) / y)


@scalar_rule(math.fabs)
def fabs(y, x):
    return np.sign(x)


@scalar_rule(math.degrees)
def degrees(y, x):
    return 180.0 / math.pi


@scalar_rule(math.radians)
def radians(y, x):
    return math.pi / 180.0


@scalar_rule(math.erf)
def erf(y, x):
    return 2.0 / math.sqrt(math.pi) * apply(math.exp, -squared(x))


@scalar_rule(math.erfc)
def erfc(y, x):
    return -2.0 / math.sqrt(math.pi) * apply(math.exp, -squared(x))


def whole(*_):
    """The kind of a count: a Python int."""
    return INT


def truth(*_, **__):
    """The kind of a test: a Python bool."""
    return BOOL


ONE = [call(of())]
zero(math.floor, math.ceil, math.trunc, kind=whole, samples=ONE)
zero(math.isnan, math.isinf, math.isfinite, kind=truth, samples=ONE)
zero(math.isclose, kind=truth, samples=[call(of(), of())])


def dist_kind(p, q):
    """The kind of the distance of two points."""
    arrays = [isinstance(k, Array) for k in (p, q)]
    if all(arrays):
        if any(len(known_dims(k)) != 1 for k in (p, q)):
            raise Undecided("math.dist wants vectors")
        return FLOAT
    if any(arrays) or not all(isinstance(k, Record) for k in (p, q)):
        raise Undecided("math.dist wants two arrays, or two points whose parts are known")
    if any(not isinstance(numeric(k), Scalar) for k in (*parts_kinds(p), *parts_kinds(q))):
        raise Undecided("math.dist wants numbers")
    return FLOAT


@rule(
    math.dist,
    kind=dist_kind,
    samples=[
        call([of(), of()], [of(), 1.0]),
        call((of(), of(), of()), (0, 0, 0)),
        call(of(3), of(3)),
    ],
)
def dist(z, p, q):
    norm = z + (z == 0)
    if isinstance(p, Expr) and p.op != "pack":
        bar[p] += bar[z] / norm * (p - q)
        bar[q] -= bar[z] / norm * (p - q)
        dot[z] = ZERO
        tangent = dot[p] - dot[q]
        if tangent is not ZERO:
            dot[z] = np.sum(tangent * (p - q)) / norm
        return
    total = ZERO
    for a, b in zip(*(pieces(packed(v)) for v in (p, q)), strict=True):
        bar[a] += bar[z] * (a - b) / norm
        bar[b] -= bar[z] * (a - b) / norm
        total = total + (dot[a] - dot[b]) * (a - b)
    dot[z] = total / norm
