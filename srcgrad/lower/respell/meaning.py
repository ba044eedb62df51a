"""What a name means before anything is typed: a builtin, or a function of a module."""

from __future__ import annotations

import builtins
import types
from typing import Any

import gast

from srcgrad.kinds import Static
from srcgrad.lower.base.program import Function, World
from srcgrad.syntax.flow import stores

BUILTINS = vars(builtins)


class Meaning:
    """Looks up what the names of one function stand for.

    Args:
        function: the function.
        node: its tree, or that of the function that it is written into.
        world: where is noted what the text depends on.
    """

    def __init__(self, function: Function, node: gast.FunctionDef, world: World) -> None:
        self.function = function
        self.world = world
        self.bound = stores(node) | set(function.parameters)

    def of(self, node: gast.expr) -> Any:
        """The builtin or the function of a module that an expression names; None for others."""
        match node:
            case gast.Name(id=n) if n not in self.bound and self.function.binds(n):
                value = self.function.lookup(n)
                if value is BUILTINS.get(n) or is_function(value):
                    return self.noted(n, value)
            case gast.Attribute(value=gast.Name(id=n), attr=attr) if n not in self.bound:
                if self.function.binds(n):
                    module = self.function.lookup(n)
                    if isinstance(module, type) and attr == "from_iterable":
                        return getattr(module, attr, None)
                    if isinstance(module, types.ModuleType):
                        self.noted(n, module)
                        return getattr(module, attr, None)
        return None

    def noted(self, n: str, value: Any) -> Any:
        """Note that the text depends on what a name stands for."""
        self.world.reads.setdefault(
            (id(self.function.object), n), (self.function, n, Static(value))
        )
        return value


def is_function(value: Any) -> bool:
    """Whether a value is a function or class of a library: it does not change."""
    return callable(value) and not isinstance(value, types.FunctionType)
