"""Expressions that rules write: numbers with kinds, printed later as Python.

A rule is run once with `Expr` operands; its operators and numpy calls build a tree. Leaves are
the user's own sub-expressions, so what an adjoint reads of the primal can be read off the tree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, Length, List, Record, Scalar, Static, numeric
from srcgrad.rules.operators import OPERATORS, ZERO, Zero
from srcgrad.rules.shapes import (
    KINDS,
    Undecided,
    arithmetic_kind,
    elementwise_kind,
    indexed_dims,
    shaped,
)

__all__ = [
    "OPERATORS",
    "ZERO",
    "Expr",
    "Undecided",
    "Zero",
    "apply",
    "bare",
    "call",
    "const",
    "dims",
    "helper",
    "leaf",
    "ndim",
    "shape",
    "size",
]


@dataclass(frozen=True, eq=False, slots=True)
class Expr:
    """A node of an expression: an operation, its operands, and the kind of its value.

    `data` is what the operation needs besides: the gast node of a leaf, the value of a constant,
    the function and static arguments of a call, the name of an attribute, a subscript.
    """

    op: str
    args: tuple[Expr, ...]
    kind: Kind
    data: Any = field(default=None)

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Expr:
        return binary("add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return binary("add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return binary("sub", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return binary("sub", other, self)

    def __mul__(self, other: Any) -> Expr:
        return binary("mul", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return binary("mul", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return binary("div", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return binary("div", other, self)

    def __pow__(self, other: Any) -> Expr:
        return binary("pow", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return binary("pow", other, self)

    def __matmul__(self, other: Any) -> Expr:
        return binary("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Expr:
        return binary("matmul", other, self)

    def __floordiv__(self, other: Any) -> Expr:
        return binary("floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Expr:
        return binary("floordiv", other, self)

    def __mod__(self, other: Any) -> Expr:
        return binary("mod", self, other)

    def __and__(self, other: Any) -> Expr:
        return binary("and", self, other)

    def __or__(self, other: Any) -> Expr:
        return binary("or", self, other)

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: Any) -> Expr:  # type: ignore[override]
        return binary("eq", self, other)

    def __ne__(self, other: Any) -> Expr:  # type: ignore[override]
        return binary("ne", self, other)

    def __lt__(self, other: Any) -> Expr:
        return binary("lt", self, other)

    def __le__(self, other: Any) -> Expr:
        return binary("le", self, other)

    def __gt__(self, other: Any) -> Expr:
        return binary("gt", self, other)

    def __ge__(self, other: Any) -> Expr:
        return binary("ge", self, other)

    def __neg__(self) -> Expr:
        return negate(self)

    def __abs__(self) -> Expr:
        return call(np.abs, self)

    def __bool__(self) -> bool:
        raise Undecided("a template asked for the truth of a value that is known at run time only")

    def __getitem__(self, index: Any) -> Expr:
        return subscript(self, index)

    def __array_ufunc__(self, ufunc: Callable, method: str, *inputs: Any, **kwargs: Any) -> Expr:
        if method != "__call__":
            raise Undecided(f"a template uses {ufunc}.{method}")
        return call(ufunc, *inputs, **kwargs)

    def __array_function__(self, function: Callable, types: Any, args: Any, kwargs: Any) -> Expr:
        return call(function, *args, **kwargs)

    @property
    def T(self) -> Expr:
        """The transpose; that of a transpose is what was transposed."""
        k = number_of(self)
        flipped = k.dims[::-1] if isinstance(k, Array) and k.dims is not None else None
        if self.op == "attr" and self.data == "T":
            return self.args[0]
        if self.op == "leaf" and isinstance(self.data, gast.Attribute) and self.data.attr == "T":
            return leaf(self.data.value, Array(k.dtype, flipped))
        if self.op == "matmul" and all(len(dims(a)) == 2 for a in self.args):
            return self.args[1].T @ self.args[0].T
        return Expr("attr", (self,), Array(k.dtype, flipped), "T")

    @property
    def dtype(self) -> Expr:
        """The dtype, read from the value."""
        return Expr("attr", (self,), Static(number_of(self).dtype), "dtype")

    def reshape(self, new_shape: Any) -> Expr:
        """The same entries in another shape (an `Expr` of a shape, or a tuple of lengths)."""
        return call(np.reshape, self, new_shape)

    def astype(self, dtype: np.dtype) -> Expr:
        """The same entries in another dtype."""
        k = number_of(self)
        kind = Array(dtype, k.dims) if isinstance(k, Array) else Scalar(dtype, False)
        return Expr("astype", (self,), kind, dtype)


def number_of(e: Expr) -> Scalar | Array:
    """The kind of an expression that is a number."""
    k = numeric(e.kind)
    if k is None:
        raise Undecided(f"a number was expected, not {e.kind}")
    return k


def const(value: Any) -> Expr:
    """A constant."""
    return Expr("const", (), Static(value), value)


def bare(e: Any) -> Any:
    """An operand, or the value of a constant, as an index has it."""
    return e.data if isinstance(e, Expr) and e.op == "const" else e


def leaf(node: Any, kind: Kind) -> Expr:
    """A value of the primal: `node` is the gast expression that gives it."""
    return Expr("leaf", (), kind, node)


def wrap(value: Any) -> Expr:
    """A value of a template, as an expression."""
    return value if isinstance(value, Expr) else const(value)


def is_const(e: Expr, value: float | None = None) -> bool:
    """Whether the expression is a number that is known (and equal to `value`)."""
    known = e.op == "const" and isinstance(e.data, (int, float)) and not isinstance(e.data, bool)
    return known and (value is None or e.data == value)


def negate(e: Expr) -> Expr:
    """Minus an expression."""
    if e.op == "const":
        return const(-e.data)
    if e.op == "neg":
        return e.args[0]
    return Expr("neg", (e,), e.kind)


def binary(name: str, left: Any, right: Any) -> Any:
    """An operator applied to two expressions; units of `*`, `/`, `+` and `**` vanish."""
    if left is ZERO or right is ZERO:
        return without_zero(name, left, right)
    a, b = wrap(left), wrap(right)
    if is_const(a) and is_const(b) and name in ("add", "sub", "mul"):
        return const(OPERATORS[name](a.data, b.data))
    if name == "pow" and is_const(b, 1):
        return a
    if name == "matmul":
        return Expr(name, (a, b), KINDS[np.matmul](a.kind, b.kind))
    kind = arithmetic_kind(OPERATORS[name], a.kind, b.kind)
    if name == "mul" and is_const(a) and abs(a.data) == 1 and kind.dtype == number_of(b).dtype:
        return b if a.data == 1 else negate(b)
    if (
        name in ("mul", "div")
        and is_const(b)
        and abs(b.data) == 1
        and kind.dtype == number_of(a).dtype
    ):
        return a if b.data == 1 else negate(a)
    return Expr(name, (a, b), kind)


def without_zero(name: str, left: Any, right: Any) -> Any:
    """What is left of an operation one of whose operands does not vary."""
    if name not in ("add", "sub"):
        return ZERO
    if left is not ZERO:
        return left
    return right if name == "add" else ZERO - right


def call(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """A call of a numpy function; arguments that are constants stay as they are."""
    if any(a is ZERO for a in args):
        return ZERO
    parts = [wrap(a) if not isinstance(a, (list, tuple)) else pack(a) for a in args]
    options = {k: v for k, v in kwargs.items() if not isinstance(v, Expr)}
    dynamic = {k: v for k, v in kwargs.items() if isinstance(v, Expr)}
    static_kinds = {k: constant_kind(v) for k, v in options.items()}
    kinds = [p.kind for p in parts]
    dynamic_kinds = {k: v.kind for k, v in dynamic.items()}
    if function in KINDS:
        kind = KINDS[function](*kinds, **static_kinds, **dynamic_kinds)
    elif isinstance(function, np.ufunc):
        kind = elementwise_kind(function, kinds)
    else:
        raise Undecided(f"{function} has no kind: a template may call only functions with a rule")
    data = (function, len(parts), tuple(options.items()), tuple(dynamic))
    return Expr("call", (*parts, *dynamic.values()), kind, data)


def pack(values: Any) -> Expr:
    """A tuple or list of expressions."""
    parts = tuple(wrap(v) if not isinstance(v, (list, tuple)) else pack(v) for v in values)
    kind = Record(type(values), tuple(range(len(parts))), tuple(p.kind for p in parts))
    return Expr("pack", parts, kind, type(values))


def constant_kind(value: Any) -> Kind:
    """The kind of a constant, tuples included."""
    if isinstance(value, tuple):
        return Record(tuple, tuple(range(len(value))), tuple(map(constant_kind, value)))
    return Static(value)


def helper(function: Callable, kind: Kind, *args: Any) -> Any:
    """A call of a function of `srcgrad.runtime`, for what numpy has no name for."""
    if any(a is ZERO for a in args):
        return ZERO
    parts = tuple(pack(a) if isinstance(a, (list, tuple)) else wrap(a) for a in args)
    return Expr("call", parts, kind, (function, len(parts), (), ()))


def subscript(base: Expr, index: Any) -> Expr:
    """`base[index]`, for an index of constants, slices, None and expressions.

    Expressions in the index, those within slices included, are operands of the node, in order.
    """
    if isinstance(base.kind, (Record, List)):
        return Expr("item", (base,), item_kind(base.kind, index), index)
    items = index if isinstance(index, tuple) else (index,)
    k = number_of(base)
    known = k.dims if isinstance(k, Array) else ()
    out: tuple[Length, ...] | None = None
    if known is not None and not any(isinstance(i, Expr) for i in items):
        out = tuple(indexed_dims(known, items))
    kind = shaped(k.dtype, out) if all(isinstance(i, int) for i in items) else Array(k.dtype, out)
    return Expr("index", (base, *index_operands(items)), kind, index)


def item_kind(kind: Record | List, index: Any) -> Kind:
    """The kind of an item of a tuple, a dict or a list."""
    if isinstance(kind, Record):
        return kind.items[kind.keys.index(index)]
    if kind.item is None:
        raise Undecided("an item of an empty list")
    return kind.item


def index_operands(items: tuple) -> tuple[Expr, ...]:
    """The expressions of an index, in order."""
    out: list[Expr] = []
    for item in items:
        parts = (item.start, item.stop, item.step) if isinstance(item, slice) else (item,)
        out += [p for p in parts if isinstance(p, Expr)]
    return tuple(out)


def cut(base: Expr, axis: int, start: Any, stop: Any, length: Length) -> Expr:
    """`base[start:stop]` along one axis, where it is known to have `length` entries."""
    k = number_of(base)
    assert isinstance(k, Array)
    if k.dims is None:
        raise Undecided("a slice of a value of unknown rank")
    out = (*k.dims[:axis], length, *k.dims[axis + 1 :])
    items = (*(slice(None),) * axis, slice(bare(start), bare(stop)))
    index = items if axis else items[0]
    return Expr("index", (base, *index_operands(items)), Array(k.dtype, out), index)


def apply(function: Callable, *args: Any, **kwargs: Any) -> Expr:
    """A call of a numpy function that numpy would not hand to its operands (`np.arange`)."""
    return call(function, *args, **kwargs)


def dims(e: Expr) -> tuple[Length, ...]:
    """The dims of a number, decided at generation."""
    found = number_of(e)
    known = found.dims if isinstance(found, Array) else ()
    if known is None:
        raise Undecided("the rank is known at run time only")
    return known


def ndim(e: Expr) -> int:
    """The rank of a number, decided at generation."""
    return len(dims(e))


def shape(e: Expr) -> Expr:
    """The shape of a value, at run time."""
    k = number_of(e)
    known = k.dims if isinstance(k, Array) else ()
    if known is None:
        return Expr("call", (e,), List(Scalar(np.dtype(int))), (np.shape, 1, (), ()))
    if known == ():
        return pack(())
    items = tuple(Scalar(np.dtype(int), True, d) for d in known)
    return Expr("attr", (e,), Record(tuple, tuple(range(len(items))), items), "shape")


def size(e: Expr) -> Expr:
    """The number of entries of a value, at run time."""
    k = number_of(e)
    known = k.dims if isinstance(k, Array) else ()
    if known is None:
        return Expr("call", (e,), Scalar(np.dtype(int)), (np.size, 1, (), ()))
    if all(isinstance(d, int) for d in known):
        return const(math.prod(known))
    value = known[0] if len(known) == 1 else None
    return Expr("attr", (e,), Scalar(np.dtype(int), True, value), "size")


def length(e: Expr, axis: int = 0) -> Expr:
    """The length of an axis of a value, as a number."""
    d = dims(e)[axis]
    kind = Scalar(np.dtype(int), True, d)
    return const(d) if isinstance(d, int) else Expr("length", (e,), kind, axis)
