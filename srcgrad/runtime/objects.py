"""Objects by their attributes: what they have, and new ones made without code of the user's."""

from __future__ import annotations

import dataclasses
import enum
import functools
import numbers
import types
from typing import Any

import numpy as np


def attributes(x: Any) -> dict[str, Any] | None:
    """The attributes that an object of a class written in Python holds; None for other values.

    Example:
        >>> attributes(types.SimpleNamespace(w=1.0)), attributes(1.0)
        ({'w': 1.0}, None)
    """
    cls = type(x)
    if cls is types.SimpleNamespace:
        return dict(vars(x))
    if not cls.__flags__ & (1 << 9) or is_value(x):
        return None
    found = {n: slot.__get__(x, cls) for n, slot in slots(cls).items() if is_set(slot, x)}
    try:
        return found | object.__getattribute__(x, "__dict__")
    except AttributeError:
        return found or None


def is_value(x: Any) -> bool:
    """Whether something is a value, a container or a class, whose attributes are its own affair."""
    numeric = (numbers.Number, np.ndarray, np.generic, enum.Enum)
    nested = (str, bytes, tuple, list, dict, set, frozenset)
    others = (type, BaseException, functools.partial)
    return isinstance(x, numeric + nested + others)


def slots(cls: type) -> dict[str, Any]:
    """The descriptors of the slots of a class, those of its bases first."""
    found: dict[str, Any] = {}
    for c in reversed(cls.__mro__):
        given = c.__dict__.get("__slots__", ())
        for name in (given,) if isinstance(given, str) else given:
            private = name.startswith("__") and not name.endswith("__")
            label = f"_{c.__name__.lstrip('_')}{name}" if private else name
            if isinstance(c.__dict__.get(label), types.MemberDescriptorType):
                found[label] = c.__dict__[label]
    return found


def is_set(slot: Any, x: Any) -> bool:
    """Whether an object has a value in a slot."""
    try:
        slot.__get__(x, type(x))
    except AttributeError:
        return False
    return True


def instance(cls: type, /, **values: Any) -> Any:
    """An object of a class with these attributes, made without `__init__`.

    Example:
        >>> instance(types.SimpleNamespace, w=1.0)
        namespace(w=1.0)
    """
    if issubclass(cls, tuple):
        return tuple.__new__(cls, values.values())
    base = types.SimpleNamespace if issubclass(cls, types.SimpleNamespace) else object
    made, own = base.__new__(cls), slots(cls)
    for name, value in values.items():
        if name in own:
            own[name].__set__(made, value)
        else:
            object.__getattribute__(made, "__dict__")[name] = value
    return made


def give(x: Any, values: dict[str, Any]) -> None:
    """Give an object these attributes, and no others.

    Example:
        >>> x = types.SimpleNamespace(w=1.0, b=2.0)
        >>> give(x, {"w": 3.0})
        >>> x
        namespace(w=3.0)
    """
    own = slots(type(x))
    for name in (attributes(x) or {}).keys() - values.keys():
        object.__delattr__(x, name)
    for name, value in values.items():
        if name in own:
            own[name].__set__(x, value)
        else:
            object.__getattribute__(x, "__dict__")[name] = value


def made_of(cls: type, values: dict[str, Any]) -> Any:
    """A gradient for an object: of its class for a dataclass, else a plain namespace."""
    same = issubclass(cls, tuple) or dataclasses.is_dataclass(cls)
    return instance(cls if same else types.SimpleNamespace, **values)


def shallow(x: Any) -> Any:
    """An object of the same class with the same attributes.

    Example:
        >>> shallow(types.SimpleNamespace(w=1.0))
        namespace(w=1.0)
    """
    return instance(type(x), **(attributes(x) or {}))
