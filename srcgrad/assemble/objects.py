"""Displays of objects, as calls of what makes them."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import gast

from srcgrad.kinds import Field, Position
from srcgrad.lower.base.constructors import fields_of
from srcgrad.runtime import instance
from srcgrad.syntax.quote import attribute, call, name
from srcgrad.syntax.walk import change_children, nodes


def spell(body: list[gast.stmt], names: dict[str, Any], taken: set[str]) -> None:
    """Write displays of objects as calls, in place.

    Args:
        body: the statements of a function.
        names: the globals of the generated module; classes are added.
        taken: names that mean something else.
    """

    def label(value: Any) -> str:
        stem = found = value.__name__
        n = 2
        while found in taken or names.get(found, value) is not value:
            found, n = f"{stem}_{n}", n + 1
        names[found] = value
        return found

    def change(node: gast.AST) -> gast.AST:
        change_children(node, change)
        if isinstance(node, gast.Dict):
            keys = [getattr(k, "value", None) for k in node.keys]
            if keys and all(isinstance(k, (Field, Position)) for k in keys):
                return gast.copy_location(made(keys, node.values, label), node)
        return node

    for s in body:
        if any(isinstance(n, gast.Dict) for n in nodes(s)):
            change(s)


def made(keys: list[Any], values: list[gast.expr], label: Callable[[Any], str]) -> gast.Call:
    """The call that makes an object with these attributes, without running code of the user's."""
    cls = keys[0].owner
    given = {k.label: v for k, v in zip(keys, values, strict=True)}
    if cls is types.SimpleNamespace:
        return call(attribute(name(label(types)), "SimpleNamespace"), **given)
    if fields_of(cls) != tuple(given):
        return call(name(label(instance)), name(label(cls)), **given)
    first = keys[0].given
    rest = dict(list(given.items())[first:])
    return call(name(label(cls)), *values[:first], **rest)
