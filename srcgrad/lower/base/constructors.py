"""Constructors that only store what they are given: namedtuples, plain dataclasses, namespaces."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable
from typing import Any

import gast

from srcgrad.kinds import Field, Kind, Position, Record, is_object
from srcgrad.lower.base.observed import computed
from srcgrad.lower.base.program import Callee
from srcgrad.runtime import instance, shallow
from srcgrad.syntax.quote import attribute, constant
from srcgrad.syntax.walk import clone


def key_of(kind: Kind | None, attr: str) -> Field | Position | None:
    """The key by which a record holds an attribute; None if it does not."""
    if not isinstance(kind, Record):
        return None
    for k in kind.keys:
        if isinstance(k, (Field, Position)) and k.label == attr:
            return k
    return None


def keys_of(cls: type, labels: Iterable[str]) -> list[Field | Position]:
    """The keys of a record of an object with these attributes."""
    if issubclass(cls, tuple):
        return [Position(i, k, cls) for i, k in enumerate(labels)]
    return [Field(k, cls) for k in labels]


def display_kind(keys: list[Any], values: tuple[Kind, ...]) -> Record | None:
    """The kind of a display of an object, which is a dict display with `Field`s for keys."""
    if keys and all(isinstance(k, (Field, Position)) for k in keys):
        return Record(keys[0].owner, tuple(keys), values)
    return None


def constructed(typer: Any, node: gast.Call, cls: Any) -> Kind | None:
    """The kind of what a constructor makes; None for a call that runs code of the user's.

    Args:
        typer: what types expressions.
        node: the call, of a namedtuple, a dataclass, a namespace, or of `instance` with the class.
        cls: what is called.
    """
    args = list(node.args)
    if cls is dataclasses.replace and len(args) == 1:
        base = typer.eval(args[0])
        plain = is_object(base) and fields_of(base.type)
        return replaced(typer, node, base, args[0]) if plain else None
    if cls is shallow and len(args) == 1 and is_object(base := typer.eval(args[0])):
        bare = not dataclasses.is_dataclass(base.type)
        made: type = types.SimpleNamespace if bare else base.type
        return replaced(typer, node, base, args[0], made)
    fields = fields_of(cls)
    if cls is instance and args:
        first = typer.eval(args.pop(0))
        cls, fields = getattr(first, "value", None), ()
    if fields is None or not isinstance(cls, type):
        return None
    found = dict(zip(fields, args, strict=False)) | {k.arg: k.value for k in node.keywords}
    if len(found) != len(args) + len(node.keywords) or not found:
        return None
    if fields:
        found = defaults_of(cls) | found
        if set(found) != set(fields):
            return None
    return noted(typer, node, cls, {f: found[f] for f in fields or found})


def defaults_of(cls: type) -> dict[str, gast.expr]:
    """The defaults of a constructor that are constants."""
    found = getattr(cls, "_field_defaults", None)
    if found is None:
        found = {f.name: f.default for f in dataclasses.fields(cls)}
    plain = (bool, int, float, str, types.NoneType)
    return {k: constant(v) for k, v in found.items() if type(v) in plain}


def noted(typer: Any, node: gast.Call, cls: type, values: dict[str, Any]) -> Kind:
    """Note what a call puts together, and give its kind."""
    items = tuple(typer.eval(v) for v in values.values())
    callee = Callee("construct", cls, tuple(values.items()))
    return typer.callee(node, callee, Record(cls, tuple(keys_of(cls, values)), items))


def replaced(
    typer: Any, node: gast.Call, base: Record, of: gast.expr, cls: type | None = None
) -> Kind:
    """The kind of `p._replace(x=1.0)` or `dataclasses.replace(p, x=1.0)`: the rest is read from p.

    The attributes that stay are read again, so p must be a name.
    """
    given = {k.arg: k.value for k in node.keywords}
    labels = [k.label for k in base.keys]
    if not isinstance(of, gast.Name) or not set(given) <= set(labels):
        raise typer.function.refuse(
            node, "this way to replace attributes is not supported", "Assign the object to a name."
        )
    values = {k: given.get(k) or gast.copy_location(attribute(clone(of), k), of) for k in labels}
    return noted(typer, node, cls or base.type, values)


def fields_of(cls: Any) -> tuple[str, ...] | None:
    """The arguments of a constructor that only stores them; () for those of any name."""
    if cls is types.SimpleNamespace:
        return ()
    if not isinstance(cls, type):
        return None
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return tuple(cls._fields) if generated(cls, "__new__") and plain_init(cls) else None
    if not dataclasses.is_dataclass(cls) or hasattr(cls, "__post_init__"):
        return None
    fields = dataclasses.fields(cls)
    stores = generated(cls, "__init__") and cls.__new__ is object.__new__
    slots = not any(computed(cls, f.name) for f in fields)
    variables = "__dataclass_fields__" in cls.__dict__ and len(cls.__dataclass_fields__)
    if not stores or not slots or not all(f.init for f in fields) or variables != len(fields):
        return None
    return tuple(f.name for f in fields)


def generated(cls: type, method: str) -> bool:
    """Whether a method was written by the class decorator, and not by a person."""
    code = getattr(getattr(cls, method, None), "__code__", None)
    return code is not None and code.co_filename.startswith("<string>")


def unchanging(cls: type) -> bool:
    """Whether objects of a class cannot change: named tuples and frozen dataclasses."""
    if issubclass(cls, tuple):
        return True
    return dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen  # type: ignore[attr-defined]


def plain_init(cls: type) -> bool:
    """Whether a class has no `__init__` of its own."""
    return cls.__init__ is object.__init__  # type: ignore[misc]
