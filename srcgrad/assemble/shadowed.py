"""Builtins that a gradient calls in a function whose variables have their names."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import gast

from srcgrad.kinds import Kind, Opaque, Static
from srcgrad.syntax.quote import attribute, name
from srcgrad.syntax.walk import change_children


def unshadow(
    body: list[gast.stmt], bound: set[str], variables: Mapping[str, Kind], names: dict[str, Any]
) -> None:
    """Write `builtins.range(n)` for `range(n)` where `range` is a number of the user's, in place.

    Args:
        body: the statements of a function.
        bound: the names that it binds, parameters included.
        variables: the kinds of variables.
        names: the globals of the generated module; the module `builtins` is added.

    Example:
        >>> from srcgrad.kinds import FLOAT
        >>> from srcgrad.syntax.quote import statements
        >>> body, names = statements("y = len(x) * len"), {}
        >>> unshadow(body, {"len", "x"}, {"len": FLOAT}, names)
        >>> gast.dump(body[0].value.left.func)[:34], sorted(names)
        ("Attribute(value=Name(id='builtins'", ['builtins'])
    """
    hidden = {n for n in bound if hasattr(builtins, n) and is_plain(variables.get(n))}
    if not hidden:
        return
    label = "builtins"
    while label in bound or names.get(label, builtins) is not builtins:
        label += "_"

    def change(node: gast.AST) -> gast.AST:
        change_children(node, change)
        match node:
            case gast.Call(func=gast.Name(id=n)) if n in hidden:
                names[label] = builtins
                node.func = attribute(name(label), n)
            case gast.keyword(arg="dtype", value=gast.Name(id=n)) if n in hidden:
                names[label] = builtins
                node.value = attribute(name(label), n)
        return node

    for s in body:
        change(s)


def is_plain(kind: Kind | None) -> bool:
    """Whether a variable holds what cannot be called."""
    if isinstance(kind, Static):
        return not callable(kind.value)
    return kind is not None and not isinstance(kind, Opaque)
