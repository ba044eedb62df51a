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
        # Those that no other calls come first and are kept: callers know them by name.
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


def structure(root: gast.AST) -> tuple[Any, ...]:
    """A tree as a flat sequence; constants that cannot be written down stand for themselves."""
    out: list[Any] = []
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            out.append(len(node))
            stack += node[::-1]
        elif isinstance(node, gast.Constant):
            plain = node.value is None or isinstance(node.value, PLAIN)
            out += [type(node.value), repr(node.value) if plain else id(node.value)]
        elif isinstance(node, gast.AST):
            out.append(type(node))
            stack += [value for _, value in gast.iter_fields(node)][::-1]
        else:
            out.append(node)
    return tuple(out)
