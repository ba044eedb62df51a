"""Kinds of results: how dims and dtypes go through broadcasting, indexing and numpy functions."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from srcgrad.kinds import (
    Array,
    Dim,
    Kind,
    Length,
    List,
    Record,
    Scalar,
    Static,
    is_tuple,
    not_one,
    numeric,
    result_dtype,
)

KINDS: dict[Callable, Callable[..., Kind]] = {}

UNKNOWN = Dim("?")


def vague(d: Length) -> bool:
    """Whether nothing is known of a length: two that are vague may differ, and be one."""
    return isinstance(d, Dim) and d.base == UNKNOWN.base and not not_one(d)


class Undecided(Exception):
    """A question about a kind that the kind does not answer."""


class Mismatch(Exception):
    """Two axes that numpy would refuse to broadcast."""


def same_length(a: Length, b: Length) -> bool:
    """Whether two axes are known to have the same length."""
    return a == b and getattr(a, "base", "") != UNKNOWN.base


def broadcast_dim(a: Length, b: Length) -> Length:
    """The length of an axis that results from two."""
    if a == b:
        return a
    if a == 1:
        return b
    if b == 1:
        return a
    if not_one(a) and not_one(b):
        if isinstance(a, int) and isinstance(b, int):
            raise Mismatch(f"{a} and {b}")
        return a if isinstance(a, int) or not isinstance(b, int) else b
    if not_one(a):
        return a
    return b if not_one(b) else UNKNOWN


def broadcast_dims(*shapes: tuple[Length, ...] | None) -> tuple[Length, ...] | None:
    """The dims of an elementwise result; None when a rank is unknown."""
    out: tuple[Length, ...] = ()
    for dims in shapes:
        if dims is None:
            return None
        rank = max(len(out), len(dims))
        left = (1,) * (rank - len(out)) + out
        right = (1,) * (rank - len(dims)) + dims
        out = tuple(map(broadcast_dim, left, right))
    return out


def number(kind: Kind) -> Scalar | Array:
    """The kind as a number, or Undecided."""
    found = numeric(kind)
    if found is None:
        raise Undecided(f"a number or an array was expected, not a {type(kind).__name__.lower()}")
    return found


def elementwise_kind(function: Callable, kinds: Sequence[Kind]) -> Scalar | Array:
    """The kind of a ufunc's result: broadcast dims, and the dtype that numpy itself gives."""
    numbers = [number(k) for k in kinds]
    dims = broadcast_dims(*(k.dims if isinstance(k, Array) else () for k in numbers))
    dtype = probe_dtype(function, numbers)
    if dims == () and not any(isinstance(k, Array) and k.dims is None for k in numbers):
        return Scalar(dtype, False)
    return Array(dtype, dims)


def probe_dtype(function: Callable, numbers: Sequence[Scalar | Array]) -> np.dtype:
    """The dtype of function(*numbers), asked of numpy with ones."""
    plain = tuple((k.dtype, isinstance(k, Scalar) and k.python) for k in numbers)
    return probed(function, plain)


@functools.lru_cache(maxsize=1024)
def probed(function: Callable, operands: tuple[tuple[np.dtype, bool], ...]) -> np.dtype:
    """The dtype of a function of arrays and Python numbers.

    Args:
        function: the function.
        operands: their dtypes, and whether they are Python numbers.
    """
    probes = [d.type(1).item() if python else np.ones(1, d) for d, python in operands]
    with np.errstate(all="ignore"):
        return np.asarray(function(*probes)).dtype


def arithmetic_kind(function: Callable, left: Kind, right: Kind) -> Scalar | Array:
    """The kind of `left op right`: like a ufunc, but two Python numbers give a Python number."""
    a, b = number(left), number(right)
    if isinstance(a, Scalar) and isinstance(b, Scalar) and a.python and b.python:
        return Scalar(probed_number(function, a.dtype, b.dtype))
    dims = broadcast_dims(*(k.dims if isinstance(k, Array) else () for k in (a, b)))
    dtype = probe_dtype(function, (a, b))
    if dims == () and isinstance(a, Scalar) and isinstance(b, Scalar):
        return Scalar(dtype, False)
    return Array(dtype, dims) if dims != () else Scalar(dtype, False)


@functools.lru_cache(maxsize=1024)
def probed_number(function: Callable, left: np.dtype, right: np.dtype) -> np.dtype:
    """The dtype of a function of two Python numbers."""
    with np.errstate(all="ignore"):
        return np.dtype(type(function(left.type(1).item(), right.type(1).item())))


def broadcast_kind(*kinds: Kind) -> Scalar | Array:
    """The kind of an elementwise result of these operands."""
    numbers = [number(k) for k in kinds]
    dims = broadcast_dims(*(k.dims if isinstance(k, Array) else () for k in numbers))
    dtype = result_dtype(*numbers)
    return Scalar(dtype, False) if dims == () else Array(dtype, dims)


def static(kind: Kind) -> object:
    """The value of a static kind: a constant, or a tuple of constants."""
    if isinstance(kind, Static):
        return kind.value
    if isinstance(kind, Record) and is_tuple(kind):
        return tuple(static(item) for item in kind.items)
    if isinstance(kind, Scalar) and isinstance(kind.value, int):
        return kind.value
    what = "an array" if isinstance(kind, Array) else "a value that is known at run time only"
    raise Undecided(f"a constant was expected, not {what}")


def option(kind: Kind | None, default: object = None) -> Any:
    """The value of an optional static argument; the default where it is not given."""
    return default if kind is None else static(kind)


def left_out(kind: Kind | None) -> bool:
    """Whether an optional argument is not given, or is None."""
    return kind is None or (isinstance(kind, Static) and kind.value is None)


def refuse(kind: Kind | None, name: str, *allowed: object) -> None:
    """Refuse an option with another value than None and those that are allowed."""
    if kind is not None and not (isinstance(kind, Static) and kind.value in (None, *allowed)):
        raise Undecided(f"{name}= is not supported")


def dtype_option(kind: Kind | None, default: object = float) -> np.dtype:
    """The dtype that a `dtype=` argument stands for."""
    value = option(kind)
    return np.dtype(default if value is None else value)  # type: ignore[arg-type]


def known_dims(kind: Kind) -> tuple[Length, ...]:
    """The dims of an operand, which must be known."""
    k = number(kind)
    found = k.dims if isinstance(k, Array) else ()
    if found is None:
        raise Undecided("the rank is known at run time only")
    return found


def one_matrix(kind: Kind) -> tuple[Length, ...]:
    """The dims of one matrix."""
    known = known_dims(kind)
    if len(known) != 2:
        raise Undecided("a stack of matrices")
    return known


def solved_dtype(*kinds: Kind) -> np.dtype:
    """The dtype that `np.linalg` computes in, for real numbers."""
    dtype = np.result_type(*(number(k).dtype for k in kinds))
    if dtype.kind == "c":
        raise Undecided("complex numbers are not supported here")
    return np.linalg.inv(np.ones((1, 1), dtype)).dtype


def array_like(kind: Kind, *_: Any, **__: Any) -> Array:
    """The kind of an array of the same shape and dtype."""
    k = number(kind)
    return k if isinstance(k, Array) else Array(k.dtype, ())


def lengths(kind: Kind) -> tuple[Length, ...]:
    """The dims that a shape argument stands for: an int, or a tuple of ints."""
    if isinstance(kind, List):
        raise Undecided("a shape of unknown rank")
    return tuple(map(one_length, kind.items)) if isinstance(kind, Record) else (one_length(kind),)


def one_length(kind: Kind) -> Length:
    """The length that an int stands for."""
    if isinstance(kind, Static) and isinstance(kind.value, (int, np.integer)):
        return int(kind.value)
    if isinstance(kind, Scalar) and kind.dtype.kind in "iu":
        return UNKNOWN if kind.value is None else kind.value
    raise Undecided(f"a length was expected, not {kind}")


def filling_length(old: Sequence[Length], new: Sequence[Length]) -> Length:
    """The length that -1 stands for beside the lengths `new`, in a reshape of dims `old`."""
    left = [d for d in old if not isinstance(d, int)]
    for d in new:
        if not isinstance(d, int):
            if d not in left or d.base == UNKNOWN.base:
                return UNKNOWN
            left.remove(d)
    whole = math.prod(d for d in old if isinstance(d, int))
    part = math.prod(d for d in new if isinstance(d, int))
    if not left:
        return whole // part if part else UNKNOWN
    return left[0] if len(left) == 1 and whole == part else UNKNOWN


def flat_length(kind: Kind) -> Length:
    """How many entries a number or an array has."""
    return filling_length(known_dims(kind), ())


def longer(d: Length, more: int) -> Length:
    """A length and some more; less where that is negative."""
    if isinstance(d, int):
        return max(d + more, 0)
    if d.base != UNKNOWN.base:
        return d.plus(more)
    return d if more >= 0 and not_one(d) else UNKNOWN


def total_length(found: Iterable[Length]) -> Length:
    """The length of what lies end to end."""
    parts = list(found)
    named = [d for d in parts if not isinstance(d, int)]
    whole = sum(d for d in parts if isinstance(d, int))
    if not named:
        return whole
    return longer(named[0], whole) if len(named) == 1 else UNKNOWN


def reduced_dims(kind: Kind, axis: object, keepdims: object) -> tuple[Length, ...] | None:
    """Dims after a reduction over `axis` (None, an int or a tuple of ints)."""
    k = number(kind)
    dims = k.dims if isinstance(k, Array) else ()
    if dims is None:
        return () if axis is None and not keepdims else None
    axes = normal_axes(axis, len(dims))
    if keepdims:
        return tuple(1 if i in axes else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in axes)


def normal_axes(axis: object, rank: int) -> tuple[int, ...]:
    """The axes that a reduction runs over, none negative."""
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(a, int) and -rank <= a < rank for a in axes):
        raise Undecided(f"axis {axis} of an array of rank {rank}")
    return tuple(sorted(a % rank for a in axes))


def shaped(dtype: np.dtype, dims: tuple[Length, ...] | None) -> Scalar | Array:
    """The kind of a result that numpy gives as a scalar when it has no axes."""
    return Scalar(dtype, False) if dims == () else Array(dtype, dims)


def indexed_dims(known: tuple[Length, ...], items: tuple) -> list[Length]:
    """Dims of a basic subscript of ints, None, `...` and full slices."""
    out: list[Length] = []
    rest = list(known)
    for position, item in enumerate(items):
        if item is None:
            out.append(1)
        elif item is Ellipsis:
            after = sum(i is not None for i in items[position + 1 :])
            while len(rest) > after:
                out.append(rest.pop(0))
        elif isinstance(item, int):
            rest.pop(0)
        elif item == slice(None) or item == slice(None, None, -1):
            out.append(rest.pop(0))
        else:
            raise Undecided(f"a template may not index with {item}")
    return out + rest
