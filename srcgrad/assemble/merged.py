"""Functions of a module that came out equal: one of them is kept, and called instead of others."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import gast

from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.names import mentioned
from srcgrad.optimize.naming import rename
from srcgrad.syntax.walk import clone

ITSELF = "|itself"
PLAIN = (bool, int, float, complex, str, bytes)


def merge(module: Module, main: Half) -> None:
    """Drop functions that are equal to others; callers that thereby get equal are merged too."""
    while len(module.halves) > 1:
        called = {n for h in module.halves for n in mentioned(h.node.body).read - {h.name}}
        order = sorted(module.halves, key=lambda h: h is not main and h.name in called)
        kept: dict[Hashable, Half] = {}
        gone: dict[str, str] = {}
        for half in order:
            first = kept.setdefault(text_of(half), half)
            if first is not half and half is not main and half.name in called:
                gone[half.name] = first.name
        if not gone:
            return
        module.halves[:] = [h for h in module.halves if h.name not in gone]
        for half in module.halves:
            rename(half.node.body, gone)


def text_of(half: Half) -> Hashable:
    """What a function does, whatever its name: the names that it reads are those of the module."""
    node = clone(half.node)
    node.name = ITSELF
    rename(node.body, {half.name: ITSELF})
    return structure(node)


def structure(node: Any) -> Hashable:
    """A tree as nested tuples; constants that cannot be written down stand for themselves."""
    match node:
        case gast.Constant(value=value):
            plain = value is None or isinstance(value, PLAIN)
            return "constant", type(value), repr(value) if plain else id(value)
        case gast.AST():
            return type(node), *(structure(value) for _, value in gast.iter_fields(node))
        case list():
            return tuple(map(structure, node))
    return node
