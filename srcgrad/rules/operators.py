"""The operators of expressions, and the zero that they absorb."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

__all__ = ["OPERATORS", "ZERO", "Zero"]

OPERATORS: dict[str, Callable] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "lshift": operator.lshift,
    "rshift": operator.rshift,
}


class Zero:
    """The adjoint or tangent of what does not vary: absorbed by every linear operation."""

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __rsub__ = __add__

    def __sub__(self, other: Any) -> Any:
        return -other

    def _absorb(self, *_: Any, **__: Any) -> Zero:
        return self

    __mul__ = __rmul__ = __truediv__ = __matmul__ = __rmatmul__ = __getitem__ = _absorb
    __neg__ = __array_ufunc__ = __array_function__ = reshape = astype = _absorb

    @property
    def T(self) -> Zero:
        """Zero again."""
        return self


ZERO = Zero()
