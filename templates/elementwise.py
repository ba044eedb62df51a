"""numpy's elementwise functions, by their local partials."""

import math

import numpy as np

from srcgrad.kinds import Array, Scalar
from srcgrad.rules import (
    apply,
    call,
    elementwise,
    is_complex,
    number,
    of,
    refuse,
    safe,
    shaped,
    squared,
)


@elementwise(np.exp)
def exp(y, x):
    return y


@elementwise(np.exp2)
def exp2(y, x):
    return apply(np.log, 2.0) * y


@elementwise(np.expm1)
def expm1(y, x):
    return np.exp(x)


@elementwise(np.log, domain=(0.1, 3.0))
def log(y, x):
    return 1.0 / safe(x)


@elementwise(np.log2, domain=(0.1, 3.0))
def log2(y, x):
    return 1.0 / (apply(np.log, 2.0) * x)


@elementwise(np.log10, domain=(0.1, 3.0))
def log10(y, x):
    return 1.0 / (apply(np.log, 10.0) * x)


@elementwise(np.log1p, domain=(-0.9, 3.0))
def log1p(y, x):
    return 1.0 / (1.0 + safe(x))


@elementwise(np.sqrt, domain=(0.1, 3.0))
def sqrt(y, x):
    return 0.5 / y


@elementwise(np.cbrt, domain=(0.1, 3.0))
def cbrt(y, x):
    return 1.0 / (3.0 * y**2)


@elementwise(np.square)
def square(y, x):
    return 2.0 * x


@elementwise(np.reciprocal, domain=(0.2, 3.0))
def reciprocal(y, x):
    return -(y**2)


@elementwise(np.sin)
def sin(y, x):
    return np.cos(x)


@elementwise(np.cos)
def cos(y, x):
    return -np.sin(x)


@elementwise(np.tan, domain=(-1.2, 1.2))
def tan(y, x):
    return 1.0 + y**2


@elementwise(np.arcsin, domain=(-0.7, 0.7))
def arcsin(y, x):
    return 1.0 / np.sqrt(1.0 - squared(x))


@elementwise(np.arccos, domain=(-0.7, 0.7))
def arccos(y, x):
    return -1.0 / np.sqrt(1.0 - squared(x))


@elementwise(np.arctan)
def arctan(y, x):
    return 1.0 / (1.0 + squared(x))


@elementwise(np.arctan2, domain=(0.2, 2.0))
def arctan2(z, y, x):
    if safe(x) is not x:
        norm = safe(x) ** 2 + squared(y)
    else:
        norm = squared(x) + (y**2 if safe(y) is y else safe(y) ** 2)
    return x / norm, -y / norm


@elementwise(np.hypot, domain=(0.2, 2.0))
def hypot(z, x, y):
    norm = z + (z == 0)
    return x / norm, y / norm


@elementwise(np.sinh)
def sinh(y, x):
    return np.cosh(x)


@elementwise(np.cosh)
def cosh(y, x):
    return np.sinh(x)


@elementwise(np.tanh)
def tanh(y, x):
    return 1.0 - y**2


@elementwise(np.arcsinh)
def arcsinh(y, x):
    return 1.0 / np.sqrt(squared(x) + 1.0)


@elementwise(np.arccosh, domain=(1.2, 3.0))
def arccosh(y, x):
    if is_complex(x):
        return 1.0 / np.sqrt(x - 1.0) / np.sqrt(x + 1.0)
    return 1.0 / np.sqrt(squared(x) - 1.0)


@elementwise(np.arctanh, domain=(-0.8, 0.8))
def arctanh(y, x):
    return 1.0 / (1.0 - safe(x) ** 2)


@elementwise(np.logaddexp)
def logaddexp(z, x, y):
    return np.exp(x - z), np.exp(y - z)


@elementwise(np.logaddexp2)
def logaddexp2(z, x, y):
    return np.exp2(x - z), np.exp2(y - z)


@elementwise(np.deg2rad, np.radians)
def deg2rad(y, x):
    return math.pi / 180.0


@elementwise(np.rad2deg, np.degrees)
def rad2deg(y, x):
    return 180.0 / math.pi


def same_kind(x, *_, **__):
    """A number of the same dims: numpy's own if it has none."""
    k = number(x)
    dtype = k.dtype if k.dtype.kind in "fc" else np.dtype(float)
    return shaped(dtype, k.dims if isinstance(k, Array) else ())


@elementwise(np.sinc, kind=same_kind)
def sinc(y, x):
    return (np.cos(math.pi * x) - y) / (x + (x == 0))


def filled_kind(x, copy=None, nan=None, posinf=None, neginf=None):
    """The kind of a number whose nans are replaced, in a copy."""
    refuse(copy, "copy", True)
    return same_kind(x)


@elementwise(np.nan_to_num, kind=filled_kind, samples=[call(of(3)), call(of(2, 3), nan=1.0)])
def nan_to_num(y, x, copy=True, nan=0.0, posinf=None, neginf=None):
    return np.isfinite(x)


def cast_kind(dtype):
    """The kind that a numpy scalar type, used as a function, gives."""

    def kind(value=None):
        k = number(value) if value is not None else Scalar(np.dtype(float))
        return shaped(np.dtype(dtype), k.dims if isinstance(k, Array) else ())

    return kind


@elementwise(np.float64, kind=cast_kind(np.float64))
def float64(y, value=0):
    return 1.0


@elementwise(np.float16, kind=cast_kind(np.float16))
def float16(y, value=0):
    return 1.0


@elementwise(np.float32, kind=cast_kind(np.float32))
def float32(y, value=0):
    return 1.0


@elementwise(np.longdouble, kind=cast_kind(np.longdouble))
def longdouble(y, value=0):
    return 1.0
