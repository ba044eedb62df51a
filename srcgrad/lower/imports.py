"""Imports inside functions: the names are bound to what is imported, once and for all."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, replace
from typing import Any

import gast

from srcgrad.lower.program import Function
from srcgrad.lower.sugar import placed
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import change_blocks

Block = list[gast.stmt]


@dataclass(frozen=True)
class Imported:
    """What an import inside a function binds a name to.

    Attributes:
        value: the object.
        module: where it comes from.
        attribute: what it is called there; empty for the module itself.
        home: whether it is the module of the function, whose globals the function writes.
    """

    value: Any
    module: str
    attribute: str = ""
    home: bool = False


class Imports:
    """Takes the imports out of one function, whose tree is the pass's own."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.found: dict[str, Imported] = {}

    def block(self, body: Block) -> Block:
        """A block without imports."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            if isinstance(s, gast.Import):
                for a in s.names:
                    self.whole(s, a)
            elif isinstance(s, gast.ImportFrom):
                for a in s.names:
                    self.part(s, a)
            else:
                out.append(s)
        return out or [placed(gast.Pass(), s) for s in body[:1]]

    def whole(self, s: gast.Import, a: gast.alias) -> None:
        """`import a.b`, or `import a.b as c`."""
        module = self.load(s, a.name)
        if a.asname:
            self.bind(s, a.asname, Imported(module, a.name))
        else:
            first = a.name.partition(".")[0]
            self.bind(s, first, Imported(self.load(s, first), first))

    def part(self, s: gast.ImportFrom, a: gast.alias) -> None:
        """`from a import b`, or `from a import b as c`."""
        package = self.function.object.__globals__.get("__package__")
        name = "." * (s.level or 0) + (s.module or "")
        name = importlib.util.resolve_name(name, package) if s.level else name
        module = self.load(s, name)
        if not hasattr(module, a.name):
            value = self.load(s, f"{name}.{a.name}")
        else:
            value = getattr(module, a.name)
        self.bind(s, a.asname or a.name, Imported(value, name, a.name))

    def load(self, s: gast.stmt, name: str) -> Any:
        """A module by its name."""
        try:
            return importlib.import_module(name)
        except ImportError as error:
            what = f"this import fails: {error}"
            raise self.function.refuse(s, what, "Import it at the top of the module.") from None

    def bind(self, s: gast.stmt, name: str, new: Imported) -> None:
        """Bind a name, which means one thing only."""
        old = self.found.setdefault(name, new)
        if old.value is not new.value or name in self.function.parameters:
            what = f"`{name}` is imported here, and means something else elsewhere"
            raise self.function.refuse(s, what, "Import it at the top of the module.")


def with_imports(function: Function, node: gast.FunctionDef) -> tuple[Function, gast.FunctionDef]:
    """A function without imports, rewritten in place, that knows what they bind."""
    found = [n for n in gast.walk(node) if isinstance(n, (gast.Import, gast.ImportFrom))]
    if not found:
        return function, node
    pass_ = Imports(function)
    node.body = pass_.block(node.body)
    clash = sorted(stores(*node.body) & pass_.found.keys())
    if clash:
        what = f"`{clash[0]}` is imported here and assigned elsewhere"
        raise function.refuse(found[0], what, "Import it at the top of the module.")
    return replace(function, imports=pass_.found), node
