"""What a value is, as far as the text of a gradient depends on it.

Kinds form a lattice of finite height. A kind says the type, dtype and dims of a value, never its
contents, except for `Static` ones (strings, flags, modules, functions), which are known outright.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Dim:
    """The length of an axis: the value of `base` plus `offset`, and never below zero.

    `base` is an expression over the arguments (`x.shape[0]`), or starts with `?` when it cannot
    be stated over them. `many` says that the base is known to be at least 2.
    """

    base: str
    offset: int = 0
    many: bool = False

    @property
    def stated(self) -> bool:
        """Whether the length can be computed from the arguments."""
        return not self.base.startswith("?")

    def plus(self, offset: int) -> Dim:
        """This length and `offset` more."""
        return Dim(self.base, self.offset + offset, self.many)


Length = int | Dim


def not_one(d: Length) -> bool:
    """Whether an axis is known to be no broadcast axis."""
    if isinstance(d, int):
        return d != 1
    return d.many and d.offset >= 0


def not_zero(d: Length) -> bool:
    """Whether an axis is known to have entries."""
    if isinstance(d, int):
        return d != 0
    return d.many and d.offset >= -1


@dataclass(frozen=True, slots=True)
class Scalar:
    """A Python number (`python`), or a numpy scalar. `value` is its value where it is a length."""

    dtype: np.dtype
    python: bool = True
    value: Length | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """An `ndarray`. With dims None: a number or an array of any rank (the kind *numeric*)."""

    dtype: np.dtype
    dims: tuple[Length, ...] | None


@dataclass(frozen=True, slots=True)
class Static:
    """A value that is known: a string, None, a flag, a module, a function, a dtype."""

    value: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static) or type(self.value) is not type(other.value):
            return False
        return self.value is other.value or (
            isinstance(self.value, (str, bytes, int, float, complex, np.dtype))
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash(type(self.value))


class Field(str):
    """The name of an attribute, as the key by which a record of an object holds it.

    A subscript by it (`model["w"]`) stands for the attribute, and is printed as `model.w`.

    Attributes:
        owner: the class of the object.
        given: on the first key of a display, how many arguments stand by position.

    Example:
        >>> Field("w", dict), Field("w", dict).owner
        ('w', <class 'dict'>)
    """

    __slots__ = ("given", "owner")
    owner: type
    given: int

    def __new__(cls, name: str, owner: type) -> Field:
        """The name of an attribute of a class."""
        made = super().__new__(cls, name)
        made.owner, made.given = owner, 0
        return made

    def __deepcopy__(self, _: dict[int, Any]) -> Field:
        return self

    @property
    def label(self) -> str:
        """The name of the attribute."""
        return str(self)


class Position(int):
    """The position of an item of a namedtuple, which knows the item's name.

    Attributes:
        label: the name of the item: a subscript by this key is printed as `point.label`.
        owner: the namedtuple.
        given: on the first key of a display, how many arguments stand by position.

    Example:
        >>> Position(0, "x", tuple), Position(0, "x", tuple).label
        (0, 'x')
    """

    label: str
    owner: type
    given: int = 0

    def __new__(cls, at: int, label: str, owner: type) -> Position:
        """The position of an item of a class."""
        made = super().__new__(cls, at)
        made.label, made.owner = label, owner
        return made

    def __deepcopy__(self, _: dict[int, Any]) -> Position:
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """A tuple, a dict whose keys are known, or an object with its attributes, item by item.

    The keys of an object are `Field`s, those of a namedtuple `Position`s.
    """

    type: type
    keys: tuple[Any, ...]
    items: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of several kinds, told apart at run time: what guards test for."""

    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class List:
    """A list (or a tuple of unknown length) of values of one kind; None while it is empty.

    `type` tells whether it is known to be a list, as all are that the function makes. `seen` tells
    what the items of an argument are where their kinds differ: guards ask for it, and texts do not
    depend on it.
    """

    item: Kind | None
    length: Length | None = None
    seen: Kind | None = field(default=None, compare=False, kw_only=True)
    type: type = field(default=list, kw_only=True)


@dataclass(frozen=True, slots=True)
class Dict(List):
    """A dict whose keys are known at run time only: its values are of one kind, so are its keys.

    `missing` is what reading at any other key puts there; None where that raises.
    """

    key: Kind | None = None
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class Iteration:
    """What `range`, `enumerate`, `zip`, `reversed` and `d.items()` return."""

    name: str
    parts: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Any other value: it may be handed on, but not be active."""

    why: str = ""


Kind = Scalar | Array | Static | Record | List | Iteration | Opaque | Either

FLOAT = Scalar(np.dtype(np.float64))
INT = Scalar(np.dtype(np.int64))
BOOL = Scalar(np.dtype(np.bool_))


def is_number(kind: Kind | None) -> bool:
    """Whether arithmetic applies to the value."""
    return isinstance(kind, (Scalar, Array)) or (
        isinstance(kind, Static) and isinstance(kind.value, (bool, int, float, complex))
    )


def numeric(kind: Kind) -> Scalar | Array | None:
    """The kind as a number: constants lose their value; None for what is no number."""
    if isinstance(kind, Static) and isinstance(kind.value, (bool, int, float, complex)):
        value = kind.value
        length = int(value) if type(value) is int else None
        return Scalar(np.dtype(type(value)), True, length)
    return kind if isinstance(kind, (Scalar, Array)) else None


def dims_of(kind: Kind) -> tuple[Length, ...] | None:
    """The dims of a number; () for scalars, None when the rank is unknown."""
    return kind.dims if isinstance(kind, Array) else ()


def is_float(kind: Kind | None) -> bool:
    """Whether a derivative by this value makes sense."""
    number = numeric(kind) if kind is not None else None
    return number is not None and number.dtype.kind in "fc"


def may_be_active(kind: Kind | None) -> bool:
    """Whether a value of this kind can carry a derivative: a number, or a container of some."""
    match kind:
        case Record(items=items):
            return any(map(may_be_active, items))
        case List(item=item):
            return item is None or may_be_active(item)
        case Iteration(parts=parts):
            return any(map(may_be_active, parts))
        case _:
            return is_float(kind)


def is_tuple(kind: Kind | None) -> bool:
    """Whether a record is a tuple, or a namedtuple."""
    return isinstance(kind, Record) and issubclass(kind.type, tuple)


def is_object(kind: Kind | None) -> bool:
    """Whether a record is an object with attributes."""
    return isinstance(kind, Record) and kind.type not in (dict, list) and not is_tuple(kind)


def mutable(kind: Kind | None) -> bool:
    """Whether the value can change in place."""
    match kind:
        case Array() | List() | Opaque(why="a set"):
            return True
        case Record():
            return not is_tuple(kind) or any(map(mutable, kind.items))
        case _:
            return False


def result_dtype(*kinds: Scalar | Array) -> np.dtype:
    """The dtype of arithmetic between numbers, Python's own being weak (NEP 50)."""
    weak = {"b": np.True_, "i": 0, "u": 0, "f": 0.0, "c": 0j}
    parts = [weak[k.dtype.kind] if _weak(k) else k.dtype for k in kinds]
    if all(map(_weak, kinds)):
        return np.result_type(*(k.dtype for k in kinds))
    return np.result_type(*parts)  # type: ignore[arg-type]


def _weak(kind: Scalar | Array) -> bool:
    return isinstance(kind, Scalar) and kind.python and kind.dtype.kind != "b"
