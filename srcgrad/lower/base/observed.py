"""Kinds of objects and namedtuples that are at hand: their attributes, one by one."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from typing import Any

from srcgrad.kinds import Field, Kind, Opaque, Position, Record, Static
from srcgrad.runtime.objects import attributes

DEEPEST = 16
MOST_ATTRIBUTES = 1000


Part = Callable[[Any, str, str], Kind]


class Observer:
    """Finds the kinds of objects, and of what they hold.

    Its methods are given a value, the path and the name that it has, and what gives the kind of
    a part by the same three.
    """

    def __init__(self) -> None:
        self.open: list[int] = []
        self.count = 0

    def record(self, value: Any, path: str, name: str, part: Part) -> Kind | None:
        """The kind of an object; None for any other value."""
        held = attributes(value)
        if held is None or overrides(type(value), "__getattr__"):
            return None
        if overrides(type(value), "__getattribute__"):
            return Opaque(f"{a(type(value))}, whose attributes its own __getattribute__ gives")
        if id(value) in self.open:
            return Opaque(f"{a(type(value))} that holds itself")
        self.count += len(held)
        if len(self.open) >= DEEPEST or self.count > MOST_ATTRIBUTES:
            return Opaque(f"{a(type(value))}, which is too deep or too large")
        if not held:
            return Static(value)
        self.open.append(id(value))
        try:
            items = tuple(self.item(value, k, v, path, name, part) for k, v in held.items())
        finally:
            self.open.pop()
        return Record(type(value), tuple(Field(k, type(value)) for k in held), items)

    def item(self, value: Any, key: str, item: Any, path: str, name: str, part: Part) -> Kind:
        """The kind of one attribute of an object."""
        if computed(type(value), key):
            return Opaque(f"the property `{key}` of {type(value).__name__}")
        return part(item, f"{path}.{key}" if path else "", f"{name}.{key}")

    def named_items(self, value: tuple[Any, ...], path: str, name: str, part: Part) -> Kind | None:
        """The kind of a namedtuple; None for other subclasses of tuple."""
        cls = type(value)
        fields = getattr(cls, "_fields", None)
        special = ("__getitem__", "__iter__", "__len__", "__getattribute__")
        plain = all(getattr(cls, m) is getattr(tuple, m) for m in special)
        if not isinstance(fields, tuple) or len(fields) != len(value) or not plain:
            return None
        items = tuple(
            part(v, f"{path}.{f}" if path else "", f"{name}.{f}")
            for f, v in zip(fields, value, strict=True)
        )
        return Record(cls, tuple(Position(i, f, cls) for i, f in enumerate(fields)), items)


def a(cls: type) -> str:
    """The name of a class with its article."""
    return f"{'an' if cls.__name__[0] in 'AEIOUaeiou' else 'a'} {cls.__name__}"


def overrides(cls: type, method: str) -> bool:
    """Whether a class has a special method that is written in Python."""
    return isinstance(getattr(cls, method, None), types.FunctionType)


def computed(cls: type, key: str) -> bool:
    """Whether reading an attribute runs code of the class, or gives what such code left behind."""
    found = next((c.__dict__[key] for c in cls.__mro__ if key in c.__dict__), None)
    if found is None or isinstance(found, types.MemberDescriptorType):
        return False
    descriptor = type(found)
    return hasattr(descriptor, "__set__") or (
        hasattr(descriptor, "__get__") and not callable(found)
    )


def unwritable(cls: type, attr: str) -> str | None:
    """Why assigning to an attribute of an object does more than to store a value, in words."""
    if dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return "is frozen"
    if overrides(cls, "__setattr__"):
        return "has a __setattr__ of its own"
    return "computes it" if computed(cls, attr) else None
