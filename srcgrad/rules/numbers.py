"""What templates ask of numbers: is it known, is it Python's own, may it raise."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.kinds import Array, Length, Scalar, Static
from srcgrad.rules.expr import Expr, call, number_of

__all__ = ["is_complex", "is_python", "known_value", "safe", "squared", "with_dims"]


def known_value(x: Any) -> Any:
    """The value of an operand that is known at generation, else None."""
    if isinstance(x, Expr):
        return x.kind.value if isinstance(x.kind, Static) else None
    return x


def is_python(x: Any) -> bool:
    """Whether an operand is a number of Python's own, whose operators raise."""
    if not isinstance(x, Expr):
        return True
    k = number_of(x)
    return isinstance(k, Scalar) and k.python


def is_complex(x: Any) -> bool:
    """Whether an operand is a complex number, or an array of some."""
    return number_of(x).dtype.kind == "c" if isinstance(x, Expr) else isinstance(x, complex)


def safe(x: Any) -> Any:
    """The operand as a number that may be divided by, and raised to a power, without raising."""
    raises = is_python(x) if isinstance(x, Expr) else x == 0
    return call(np.float64, x) if raises else x


def squared(x: Any) -> Any:
    """The square, in the form that never raises."""
    return x * x if is_python(x) else x**2


def with_dims(e: Expr, dims: tuple[Length, ...]) -> Expr:
    """An array of which more is known than can be told from its parts: these dims."""
    return Expr(e.op, e.args, Array(number_of(e).dtype, dims), e.data)
