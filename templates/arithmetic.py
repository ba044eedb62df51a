"""The operators of arithmetic, and the numpy functions that they stand for."""

import ast
import builtins
import operator

import numpy as np

from srcgrad.kinds import Record
from srcgrad.rules import (
    ZERO,
    Expr,
    apply,
    arithmetic_kind,
    bar,
    call,
    dot,
    elementwise,
    elementwise_kind,
    fit,
    full,
    is_complex,
    is_python,
    known_value,
    ndim,
    of,
    pack,
    rule,
    safe,
    settle,
)


@elementwise(ast.Add, np.add)
def add(z, x, y):
    return 1.0, 1.0


@elementwise(ast.Sub, np.subtract)
def subtract(z, x, y):
    return 1.0, -1.0


@elementwise(ast.Mult, np.multiply)
def multiply(z, x, y):
    return y, x


@elementwise(ast.Div, np.true_divide, domain=(0.2, 2.0))
def divide(z, x, y):
    if not is_python(y):
        return 1.0 / y, -x / y**2
    known = known_value(y)
    raises = is_python(z) and known != 0  # numpy's division does not, nor must a template's own
    d = y if raises or known else safe(y)
    return 1.0 / d, -x / d / d


@elementwise(ast.USub, np.negative)
def negative(z, x):
    return -1.0


@elementwise(ast.UAdd, np.positive)
def positive(z, x):
    return 1.0


@elementwise(
    ast.Pow,
    np.power,
    np.float_power,
    domain=(0.2, 2.0),
    samples=[call(of(3), p) for p in (-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.0, 3)]
    + [call(of(), -1), call(of(), 0.5), call(of(), 2), call(of(2, 3), 3.0), call(2.0, of(3))],
)
def power(z, x, p):
    if is_complex(z) and not is_complex(x):
        return power_of(z, x, known_value(p), p), z * apply(np.log, x + 0j)
    return power_of(z, x, known_value(p), p), z * logarithm(x)


def pow_kind(base, exp):
    """The kind of Python's `pow`, which is that of `**`."""
    return arithmetic_kind(operator.pow, base, exp)


@elementwise(
    builtins.pow, kind=pow_kind, domain=(0.2, 2.0), samples=[call(of(), of()), call(of(3), 2)]
)
def pow(z, base, exp):
    return power(z, base, exp)


def power_of(z, x, value, p):
    """The partial of `z = x**p` by x; `value` is p where it is known."""
    if value is None:
        return p * safe(x) ** (p - (p != 0))  # 0 where p is 0, also at x = 0
    if value in (0, 1):
        return float(value) or None
    if value == 2:
        return 2.0 * x
    if value < 0 and is_python(x):  # x is not 0, or z would have raised
        return -1.0 / x / x if value == -1 else value * z / x
    return value * (x if value > 2 else safe(x)) ** (value - 1)


def logarithm(x):
    """The logarithm of a base, which counts as 0 at 0: `0**p` does not vary with a positive p."""
    value = known_value(x)
    return apply(np.log, x if value else x + (x == 0))


@elementwise(
    ast.Mod, np.remainder, domain=(0.3, 2.0), samples=[call(of(3, low=4.0, high=4.9), 2.5)]
)
def remainder(z, x, y):
    return 1.0, -(x // unraised(z, x, y))


def divmod_kind(x, y):
    """The kinds of quotient and remainder."""
    parts = tuple(arithmetic_kind(f, x, y) for f in (operator.floordiv, operator.mod))
    return Record(tuple, (0, 1), parts)


def parts_kind(x1, x2):
    """The kinds of quotient and remainder, numpy's own."""
    parts = tuple(elementwise_kind(f, (x1, x2)) for f in (np.floor_divide, np.remainder))
    return Record(tuple, (0, 1), parts)


DIVISIONS = [
    call(of(low=4.0, high=4.9), 2.5),
    call(of(low=4.0, high=4.9), of(low=1.7, high=1.9)),
    call(of(3, low=4.0, high=4.9), of(2, 3, low=1.7, high=1.9)),
]


@rule(np.divmod, kind=parts_kind, samples=DIVISIONS)
@rule(builtins.divmod, kind=divmod_kind, samples=DIVISIONS)
def divmod(z, x, y):
    g = settle(bar[z[1]], z[1])
    bar[x] += fit(g, x, z[1]) if isinstance(x, Expr) else g
    bar[y] += fit(-g * z[0], y, z[1]) if isinstance(y, Expr) else g
    none = 0.0 if ndim(z[1]) == 0 else apply(np.zeros_like, z[0])
    t = full(dot[x] - z[0] * dot[y], z[1])
    if t is not ZERO:
        dot[z] = pack((none, t))


@elementwise(np.fmod, domain=(0.3, 2.0))
def fmod(z, x, y):
    return 1.0, -np.trunc(x / unraised(z, x, y))


def unraised(z, x, y):
    """The divisor of two numbers of Python's own that numpy divided."""
    return safe(y) if is_python(x) and is_python(y) and not is_python(z) else y


def abs_kind(x):
    """The kind of `abs(x)`: Python's own for a number of Python's own."""
    return arithmetic_kind(lambda a, _: builtins.abs(a), x, x)


@elementwise(np.absolute, np.fabs)
def absolute(y, x):
    return np.conjugate(x) / (y + (y == 0)) if is_complex(x) else np.sign(x)


@elementwise(builtins.abs, kind=abs_kind)
def abs(y, x):
    return absolute(y, x)
