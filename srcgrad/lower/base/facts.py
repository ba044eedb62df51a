"""What a specialisation takes for granted about its arguments, and asks the guard to check."""

from __future__ import annotations

import numbers
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument
from srcgrad.kinds import (
    Array,
    Dim,
    Kind,
    Length,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_object,
)
from srcgrad.lower.base.join import holds_mixed, join
from srcgrad.lower.base.observed import Observer
from srcgrad.lower.base.seen import seen

LONGEST_RECORD = 32
# Random generators are known by their class alone: what they draw is no constant.
GENERATORS: dict[type, str] = {
    np.random.Generator: "a numpy Generator",
    np.random.RandomState: "a numpy RandomState",
}


@dataclass
class Facts:
    """Lengths of the example at hand, and the answers that were used.

    Attributes:
        sizes: the value of each base (`x.shape[0]`, `n`) in the example.
        packed: the arguments that are contiguous in the example.
        clauses: answers that the text depends on, as tests over the arguments, in order of use.
        asks: whether the example answers where the lengths alone do not.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    packed: set[str] = field(default_factory=set)
    clauses: dict[str, None] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    named: dict[str, Length] = field(default_factory=dict)
    asks: bool = True

    def canonical(self, d: Length) -> str:
        """One text for all lengths that are known to be equal."""
        text = text_of(d)
        while text in self.parent:
            text = self.parent[text]
        return text

    def representative(self, d: Length) -> Length:
        """One length for all that are known to be equal."""
        return self.named.get(self.canonical(d), d) if isinstance(d, Dim) else d

    def same(self, a: Length, b: Length) -> bool:
        """Whether two lengths are known to be equal, without asking the example."""
        if any(isinstance(d, Dim) and d.base == "?" for d in (a, b)):
            return False
        return self.canonical(a) == self.canonical(b)

    def equal(self, a: Length, b: Length) -> bool:
        """Whether two lengths are equal; the guard will check it."""
        if a == b:
            return not isinstance(a, Dim) or a.base != "?"
        left, right = self.value(a), self.value(b)
        if left is None or left != right or not (self.asks or a == right):
            return False
        if self.canonical(a) != self.canonical(b):
            self.clauses[f"{text_of(a)} == {text_of(b)}"] = None
            self.named.setdefault(self.canonical(b), b)
            self.parent[self.canonical(a)] = self.canonical(b)
        return True

    def compatible(self, a: Length, b: Length) -> bool:
        """Whether two axes are known to broadcast."""
        return a == 1 or b == 1 or self.equal(a, b)

    def value(self, d: Length) -> int | None:
        """The example's length of an axis, or value of an int argument."""
        if isinstance(d, int):
            return d
        if d.base not in self.sizes:
            return None
        found = self.sizes[d.base] + d.offset
        return max(0, found) if d.base.endswith("]") else found

    def pinned(self, d: Length) -> int | None:
        """The value of an int argument where the text depends on it; the guard will check it."""
        found = self.value(d)
        if found is not None and not isinstance(d, int):
            self.clauses[f"{text_of(d)} == {found}"] = None
        return found

    def is_packed(self, path: str) -> bool:
        """Whether an argument is contiguous; the guard will check it."""
        if not self.asks or path not in self.packed:
            return False
        self.clauses[packed_clause(path)] = None
        return True

    def relied_on(self) -> list[str]:
        """The arguments that have to be contiguous."""
        return [p for p in sorted(self.packed) if packed_clause(p) in self.clauses]

    def at_least(self, d: Length, least: int) -> bool:
        """Whether an axis has at least so many entries; the guard will check it."""
        found = self.value(d)
        if found is None or found < least or not (self.asks or isinstance(d, int)):
            return False
        if not isinstance(d, int) and not (d.many and least <= 2 + d.offset):
            self.clauses[f"{text_of(d)} >= {least}"] = None
        return True


def packed_clause(path: str) -> str:
    """The test that an argument is contiguous."""
    return f"{path}.flags.c_contiguous"


def text_of(d: Length) -> str:
    """A length as source text over the arguments."""
    if isinstance(d, int):
        return str(d)
    if d.offset == 0:
        return d.base
    return f"{d.base} {'+' if d.offset > 0 else '-'} {abs(d.offset)}"


def observe_argument(value: Any, path: str, facts: Facts | None, *, name: str = "") -> Kind:
    """The kind of an argument: like `observe`, and objects are records of their attributes."""
    return observe(value, path, facts, name=name, objects=Observer())


def observe(
    value: Any,
    path: str,
    facts: Facts | None,
    *,
    name: str = "",
    objects: Observer | None = None,
) -> Kind:
    """The kind of a value that is at hand.

    Args:
        value: an argument, a global, a cell, or a part of one.
        path: the expression that gives it, for symbols; empty if there is none.
        facts: where lengths are noted.
        name: how errors call it.
        objects: where objects are taken apart; without one they are known outright.

    Raises:
        BadArgument: for subclasses of ndarray and dtypes without arithmetic.
    """
    name = name or path
    match value:
        case None | bool() | str() | bytes() | types.EllipsisType():
            return Static(value)
        case np.bool_() | np.generic() | float() | complex() | int():
            return observe_number(value, path, facts)
        case np.ndarray():
            return observe_array(value, path, facts, name)
        case np.random.Generator() | np.random.RandomState():
            return Opaque(next(w for c, w in GENERATORS.items() if isinstance(value, c)))
    found = observe_parts(value, path, facts, name, objects)
    return found if found is not None else Static(value)


def observe_number(value: Any, path: str, facts: Facts | None) -> Kind:
    """The kind of a number: whole ones may be lengths."""
    if isinstance(value, np.bool_):
        return Scalar(np.dtype(bool), False)
    if isinstance(value, np.generic):
        return Scalar(value.dtype, False)
    if not isinstance(value, int):
        return Scalar(np.dtype(type(value)))
    if facts is None or not path:
        return Scalar(np.dtype(np.int64))
    facts.sizes[path] = value
    return Scalar(np.dtype(np.int64), True, Dim(path))


def observe_parts(
    value: Any, path: str, facts: Facts | None, name: str, objects: Observer | None
) -> Kind | None:
    """The kind of a container or an object by those of its parts; None for anything else."""

    def part(v: Any, at: str, label: str) -> Kind:
        return observe(v, at, facts, name=label, objects=objects)

    def at(k: object) -> str:
        return f"{path}[{k!r}]" if path else ""

    match value:
        case tuple() if type(value) is not tuple:
            found = (objects or Observer()).named_items(value, path, name, part)
            return found if found is not None else Opaque(type(value).__name__)
        case tuple() if len(value) <= LONGEST_RECORD:
            parts = [part(v, at(i), f"{name}[{i}]") for i, v in enumerate(value)]
            return Record(tuple, tuple(range(len(parts))), tuple(parts))
        case list() | tuple():
            kinds = [
                observe(v, "", None, name=f"{name}[{i}]", objects=objects)
                for i, v in enumerate(value)
            ]
            joined = join_all(kinds)
            if facts is not None and path:
                facts.sizes[f"len({path})"] = len(value)
            if (
                objects
                and type(value) is list
                and holds_mixed(joined)
                and any(map(is_object, kinds))
            ):
                if len(value) <= LONGEST_RECORD:
                    parts = [part(v, at(i), f"{name}[{i}]") for i, v in enumerate(value)]
                    return Record(list, tuple(range(len(parts))), tuple(parts))
            return List(joined, seen=seen(kinds), type=type(value))
        case dict() if type(value) is dict and all(type(k) in (str, int, bool) for k in value):
            parts = [part(v, at(k), f"{name}[{k!r}]") for k, v in value.items()]
            return Record(dict, tuple(value), tuple(parts))
    return objects.record(value, path, name, part) if objects else None


def observe_array(value: np.ndarray, path: str, facts: Facts | None, name: str) -> Kind:
    """The kind of an array: axes of length 0 and 1 are told from longer ones."""
    if type(value) is not np.ndarray:
        raise BadArgument(
            f"{name or 'an array'} is a {type(value).__name__}, "
            "and only plain ndarrays are supported",
            hint="Pass np.asarray(...) of it.",
        )
    if value.dtype.kind not in "fiubc":
        return Opaque(f"an array of {'str' if value.dtype.kind == 'U' else value.dtype.name}")
    if path and facts is not None and value.flags.c_contiguous:
        facts.packed.add(path)
    dims: list[Length] = []
    for i, n in enumerate(value.shape):
        base = f"{path}.shape[{i}]" if path else "?"
        if n < 2:
            dims.append(n)
        else:
            dims.append(Dim(base, 0, True))
            if path and facts is not None:
                facts.sizes[base] = n
    return Array(value.dtype, tuple(dims))


def join_all(kinds: list[Kind]) -> Kind | None:
    """The join of all; None for none."""
    if not kinds:
        return None
    out = kinds[0]
    for k in kinds[1:]:
        out = join(out, k)
    return out


def is_number(value: object) -> bool:
    """Whether a value is a number or an array of some."""
    return isinstance(value, (numbers.Number, np.ndarray))


Example = Mapping[str, Any]
