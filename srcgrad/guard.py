"""The test of a specialisation, as text: are arguments of the kinds that it was made for."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.kinds import (
    Array,
    Either,
    Kind,
    List,
    Opaque,
    Position,
    Record,
    Scalar,
    Static,
    is_object,
)
from srcgrad.lower.base.facts import GENERATORS, LONGEST_RECORD
from srcgrad.runtime.objects import slots

NOTHING = object()
PRINTED = (str, bytes, int, bool)


def getter(value: Any, slot: str) -> Any:
    """What an object has in a slot; a value of no kind if that is empty."""
    return getattr(value, slot, NOTHING)


def is_real(value: Any) -> bool:
    """Whether a value is a float of Python's, or a number or array of numpy's of floats."""
    made = type(value)
    known = made is np.ndarray or isinstance(value, np.generic)
    return made is float or (known and value.dtype.kind == "f")


def is_data(value: Any) -> bool:
    """Whether a value is an array of no numbers: of strings, dates, objects or records."""
    return type(value) is np.ndarray and value.dtype.kind not in "fiubc"


class Guard:
    """Writes the test of one specialisation.

    Args:
        kinds: the kind of each parameter.
        clauses: further tests over the parameters.
        tag: a number that sets its names apart from other guards'.
    """

    def __init__(self, kinds: dict[str, Kind], clauses: list[str], tag: int = 0) -> None:
        self.tag = tag
        self.names: dict[str, Any] = {"ndarray": np.ndarray}
        self.helpers: list[str] = []
        self.count = 0
        self.tests: list[str] = []
        self.shapes: dict[str, str] = {}
        for p, k in kinds.items():
            self.tests += self.check(p, k, p)
        self.tests += [self.with_shapes(c) for c in clauses]

    def with_shapes(self, clause: str) -> str:
        """A clause that reads shapes from the names that they have already."""
        for path in sorted(self.shapes, key=len, reverse=True):
            clause = clause.replace(f"{path}.shape[", f"{self.shapes[path]}[")
        return clause

    def value(self, v: Any, hint: str) -> str:
        """A name for a value that the test compares with."""
        self.count += 1
        label = f"_{hint}{self.tag}_{self.count}"
        self.names[label] = v
        return label

    def temporary(self) -> str:
        """A name for a part of an argument."""
        self.count += 1
        return f"_v{self.tag}_{self.count}"

    def check(self, path: str, kind: Kind, origin: str = "") -> list[str]:
        """Tests that a value is of a kind; clauses know it as `origin`."""
        match kind:
            case Scalar(python=True):
                name = {"f": "float", "i": "int", "b": "bool", "c": "complex"}[kind.dtype.kind]
                return [f"type({path}) is {name}"]
            case Scalar():
                return [f"type({path}) is {self.value(kind.dtype.type, 'type')}"]
            case Array(dims=dims) if dims is not None:
                return self.check_array(path, kind, origin)
            case Static(value=None | bool() as v):
                return [f"{path} is {v}"]
            case Static(value=str() | bytes() as v):
                if type(v) not in PRINTED:
                    return [f"{path} is {self.value(v, 'object')}"]
                return [f"type({path}) is {type(v).__name__}", f"{path} == {v!r}"]
            case Static(value=v):
                return [f"{path} is {self.value(v, 'object')}"]
            case Opaque(why=why) if why in GENERATORS.values():
                cls = next(c for c, w in GENERATORS.items() if w == why)
                return [f"isinstance({path}, {self.value(cls, 'type')})"]
            case Opaque(why="a string"):
                return [f"type({path}) is str"]
            case Opaque(why=why) if why.startswith("an array of "):
                return [f"{self.value(is_data, 'is_data')}({path})"]
            case Either(kinds=kinds):
                tests = [" and ".join(self.check(path, k)) or "True" for k in kinds]
                return [f"({' or '.join(tests)})"]
            case Record():
                return self.check_record(path, kind, origin)
            case List():
                return self.check_list(path, kind)
            case Array() if kind.dtype.kind == "f":
                return [f"{self.value(is_real, 'is_real')}({path})"]
        return []

    def check_array(self, path: str, kind: Array, origin: str) -> list[str]:
        """Tests of an array: dtype, rank, and which axes are longer than one."""
        dtype = self.value(kind.dtype, "dtype")
        d, s = self.temporary(), self.temporary()
        assert kind.dims is not None
        if origin:
            self.shapes[origin] = s
        tests = [
            f"type({path}) is ndarray",
            f"(({d} := {path}.dtype) is {dtype} or {d} == {dtype})",
            f"len({s} := {path}.shape) == {len(kind.dims)}",
        ]
        if len(kind.dims) > 2 and not any(isinstance(n, int) for n in kind.dims):
            return [*tests, f"0 not in {s}", f"1 not in {s}"]
        for i, n in enumerate(kind.dims):
            tests.append(f"{s}[{i}] == {n}" if isinstance(n, int) else f"{s}[{i}] > 1")
        return tests

    def check_record(self, path: str, kind: Record, origin: str) -> list[str]:
        """Tests of a tuple, a dict or an object, item by item."""
        if is_object(kind):
            return self.check_object(path, kind, origin)
        if kind.type is not dict and kind.type is not tuple:
            tests = [f"type({path}) is {self.value(kind.type, 'class')}"]
        else:
            tests = [f"type({path}) is {kind.type.__name__}"]
        if kind.type is dict:
            tests += self.check_keys(path, kind.keys)
        else:
            tests += [f"len({path}) == {len(kind.keys)}"]
        for k, item in zip(kind.keys, kind.items, strict=True):
            part = self.temporary()
            key = self.key(k)
            step = f".{k.label}" if isinstance(k, Position) else f"[{key}]"
            inner = self.check(part, item, f"{origin}{step}" if origin else "")
            read = f"{path}[{key}]"
            if inner:
                tests += [inner[0].replace(part, f"({part} := {read})", 1), *inner[1:]]
        return tests

    def check_keys(self, path: str, keys: tuple[Any, ...]) -> list[str]:
        """Tests that a dict has these keys in this order, in which loops go through them."""
        tests = [f"[*{path}] == [{', '.join(map(self.key, keys))}]"]
        if any(type(k) is not str for k in keys):  # 1 == 1.0 == True
            types = [self.value(type(k), "type") for k in keys]
            tests.append(f"[*map(type, {path})] == [{', '.join(types)}]")
        return tests

    def key(self, key: Any) -> str:
        """A key of a container as text."""
        plain = type(key) in PRINTED or isinstance(key, Position)
        return repr(key) if plain else self.value(key, "key")

    def check_object(self, path: str, kind: Record, origin: str) -> list[str]:
        """Tests of an object: its class, and the attributes that it holds."""
        tests = [f"type({path}) is {self.value(kind.type, 'class')}"]
        own = slots(kind.type)
        count = sum(k not in own for k in kind.keys)
        held = self.temporary()
        if count or "__dict__" in dir(kind.type):
            tests.append(f"len({held} := {path}.__dict__) == {count}")
        for k, item in zip(kind.keys, kind.items, strict=True):
            part = self.temporary()
            inner = self.check(part, item, f"{origin}.{k}" if origin else "")
            read = f"{held}[{str(k)!r}]"
            if k in own:
                read = f"{self.value(getter, 'get')}({path}, {str(k)!r})"
            else:
                tests.append(f"{str(k)!r} in {held}")
            if inner:
                tests += [inner[0].replace(part, f"({part} := {read})", 1), *inner[1:]]
        return tests

    def check_list(self, path: str, kind: List) -> list[str]:
        """Tests of a list: its type, and all items; a tuple that is one item each is short."""
        tests = [f"type({path}) is {kind.type.__name__}", f"{self.list_helper(kind)}({path})"]
        if kind.type is tuple:
            tests.append(f"len({path}) > {LONGEST_RECORD}")
        return tests

    def list_helper(self, kind: List) -> str:
        """A function that tests all items of a list."""
        self.count += 1
        label = f"_list{self.tag}_{self.count}"
        item = kind.seen or kind.item
        if item is None:
            self.helpers.append(f"def {label}(items):\n    return not items\n")
            return label
        tests = " and ".join(self.check("item", item)) or "True"
        self.helpers.append(
            f"def {label}(items):\n    for item in items:\n"
            f"        if not ({tests}):\n            return False\n"
            f"    return len(items) > 0\n"
        )
        return label
