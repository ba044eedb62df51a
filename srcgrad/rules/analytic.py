"""Which functions have derivatives for complex numbers.

The adjoint of z = x + iy is dL/dx - i dL/dy (the convention of autograd: see "Complex numbers" in
its tutorial). With it, a rule that is analytic, or linear, is the same for real and for complex
numbers, without any conjugate. All other functions are refused where a complex number varies.
"""

from __future__ import annotations

import ast
import builtins
import cmath
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Kind, List, Record, numeric

__all__ = ["any_complex", "handles_complex", "is_complex_kind"]

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.USub, ast.UAdd)
ANALYTIC = (
    *(np.add, np.subtract, np.multiply, np.true_divide, np.power, np.float_power, np.negative),
    *(np.positive, np.square, np.reciprocal, np.sqrt, np.exp, np.exp2, np.expm1),
    *(np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh),
    *(np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh, builtins.pow),
    *(cmath.exp, cmath.log, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan),
    *(cmath.sinh, cmath.cosh, cmath.tanh, cmath.rect),
)
PARTS = (
    *(np.real, np.imag, np.conjugate, np.angle, np.absolute, builtins.abs, cmath.phase),
    *(builtins.complex, np.complex128, np.complex64),
)
LINEAR = (
    *(np.sum, np.mean, np.cumsum, np.diff, np.trace, np.where, np.take, builtins.sum),
    *(np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze),
    *(np.broadcast_to, np.flip, np.roll, np.copy, np.ascontiguousarray, np.atleast_1d),
    *(np.atleast_2d, np.array, np.asarray, np.concatenate, np.hstack, np.vstack, np.stack),
    *(np.column_stack, np.tile, np.repeat, np.tril, np.triu, np.diag, np.pad),
    *(np.full, np.full_like, np.linspace),
    *(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.fft2, np.fft.ifft2),
    *(np.fft.fftn, np.fft.ifftn, np.fft.fftshift, np.fft.ifftshift),
)
MULTILINEAR = (
    *(np.matmul, np.dot, np.inner, np.outer, np.tensordot, np.einsum, np.prod, np.cumprod),
    *(np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.norm, np.vdot, np.var, np.std),
)
HELPERS = (
    *(runtime.padded, runtime.cropped, runtime.doubled, runtime.unbroadcast),
    *(runtime.broadcast_to, runtime.matmul_bar_x, runtime.matmul_bar_y, runtime.prod_others),
    *(runtime.embed_diagonal, runtime.cofactors, runtime.untake),
)
KNOWN: frozenset[Any] = frozenset((*OPERATORS, *ANALYTIC, *PARTS, *LINEAR, *MULTILINEAR, *HELPERS))


def handles_complex(function: Callable[..., Any] | type) -> bool:
    """Whether the rule of a function holds for complex numbers.

    Example:
        >>> handles_complex(np.exp), handles_complex(np.maximum)
        (True, False)
    """
    return function in KNOWN


def is_complex_kind(kind: Kind | None) -> bool:
    """Whether a value is a complex number or an array of some, or holds one."""
    match kind:
        case None:
            return False
        case Record(items=items):
            return any_complex(items)
        case List(item=item):
            return is_complex_kind(item)
    number = numeric(kind)
    return number is not None and number.dtype.kind == "c"


def any_complex(kinds: Iterable[Kind | None]) -> bool:
    """Whether one of several values is complex."""
    return any(map(is_complex_kind, kinds))
