"""Complex numbers: their parts, conjugates and angles, and functions of the `cmath` module.

The adjoint of z = x + iy is dL/dx - i dL/dy, the convention of autograd: a function that is
analytic has the same rule as for real numbers, and the adjoint of a real operand is the real part.
"""

import builtins
import cmath

import numpy as np

from srcgrad.kinds import FLOAT, Array, Scalar
from srcgrad.rules import (
    Undecided,
    apply,
    array_like,
    bar,
    call,
    dot,
    elementwise,
    is_complex,
    known_value,
    number,
    of,
    option,
    refuse,
    rule,
    shaped,
)

COMPLEX = Scalar(np.dtype(complex))


def part_kind(val):
    """The kind of the real or imaginary part of a number."""
    k = number(val)
    dtype = k.dtype.type(1).real.dtype if k.dtype.kind == "c" else k.dtype
    return Array(dtype, k.dims) if isinstance(k, Array) else Scalar(dtype, k.python)


@elementwise(np.real, kind=part_kind)
def real(y, val):
    return 1.0


@elementwise(np.imag, kind=part_kind)
def imag(y, val):
    return -1j if is_complex(val) else None


@rule(np.conjugate, samples=[call(of(3)), call(of())])
def conjugate(y, x):
    bar[x] += np.conjugate(bar[y]) if is_complex(x) else bar[y]
    dot[y] = np.conjugate(dot[x]) if is_complex(x) else dot[x]


def angle_kind(z, deg=None):
    """The kind of the angle of a complex number."""
    k = number(z)
    dtype = np.angle(np.ones(1, k.dtype)).dtype
    return shaped(dtype, k.dims if isinstance(k, Array) else ())


@elementwise(np.angle, kind=angle_kind, samples=[call(of(3)), call(of(2, 3), deg=True)])
def angle(y, z, deg=False):
    if not is_complex(z):
        return None
    return -180.0j / np.pi / z if known_value(deg) else -1j / z


def complex_kind(real=None, imag=None):
    """The kind of `complex(x, y)`."""
    for k in (real, imag):
        if k is not None and isinstance(number(k), Array) and number(k).dims != ():
            raise TypeError("only arrays of one entry can be converted to Python numbers")
    return COMPLEX


@elementwise(builtins.complex, kind=complex_kind, samples=[call(of()), call(of(), of())])
def complex(z, real=0.0, imag=0.0):
    return 1.0, 1j


def to_complex(dtype):
    """The kind that a numpy scalar type of complex numbers, used as a function, gives."""

    def kind(value=None):
        k = number(value) if value is not None else Scalar(np.dtype(float))
        return shaped(np.dtype(dtype), k.dims if isinstance(k, Array) else ())

    return kind


@elementwise(np.complex128, kind=to_complex(np.complex128))
def complex128(y, value=0):
    return 1.0


@elementwise(np.complex64, kind=to_complex(np.complex64))
def complex64(y, value=0):
    return 1.0


def scalar(*_):
    """The kind of what functions of `cmath` return."""
    return COMPLEX


def scalar_rule(*functions):
    """Declare functions of the `cmath` module."""
    return elementwise(*functions, kind=scalar, samples=[call(of(low=0.2, high=0.7))])


@scalar_rule(cmath.exp)
def exp(y, x):
    return y


@scalar_rule(cmath.log)
def log(y, x):
    return 1.0 / x


@scalar_rule(cmath.sqrt)
def sqrt(y, x):
    return 0.5 / y


@scalar_rule(cmath.sin)
def sin(y, x):
    return apply(cmath.cos, x)


@scalar_rule(cmath.cos)
def cos(y, x):
    return -apply(cmath.sin, x)


@scalar_rule(cmath.tan)
def tan(y, x):
    return 1.0 + y * y


@scalar_rule(cmath.sinh)
def sinh(y, x):
    return apply(cmath.cosh, x)


@scalar_rule(cmath.cosh)
def cosh(y, x):
    return apply(cmath.sinh, x)


@scalar_rule(cmath.tanh)
def tanh(y, x):
    return 1.0 - y * y


@elementwise(cmath.phase, kind=lambda _: FLOAT, samples=[call(of(low=0.2))])
def phase(y, x):
    return -1j / x if is_complex(x) else None


def rect_kind(r, phi):
    """The kind of a number given by its size and angle."""
    return COMPLEX


@elementwise(cmath.rect, kind=rect_kind, samples=[call(of(), of())])
def rect(z, r, phi):
    return apply(cmath.rect, 1.0, phi), 1j * z


def unwrapped_kind(p, discont=None, axis=None, *, period=None):
    """The kind of angles without jumps."""
    refuse(discont, "discont")
    refuse(period, "period")
    option(axis, -1)
    k = array_like(p)
    if not k.dims or k.dtype.kind != "f":
        raise Undecided("np.unwrap wants an array of floats")
    return k


@rule(np.unwrap, kind=unwrapped_kind, samples=[call(of(4)), call(of(2, 3), axis=0)])
def unwrap(z, p, discont=None, axis=-1):
    bar[p] += bar[z]
    dot[z] = dot[p]
