"""Imports inside functions: the names are bound to what is imported, once and for all.

A name that means several things is a variable: `from math import tanh as f` becomes
`f = math_tanh`, and `math_tanh` is what is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, replace
from typing import Any

import gast

from srcgrad.lower.base.program import Function
from srcgrad.lower.base.trees import placed
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, name
from srcgrad.syntax.walk import change_blocks, walk

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
    """Takes the imports out of one function, whose tree is the pass's own.

    Attributes:
        found: what the names stand for.
        taken: all names of the function.
        variables: names that mean something else elsewhere.
    """

    def __init__(self, function: Function, node: gast.FunctionDef) -> None:
        self.function = function
        self.found: dict[str, Imported] = {}
        self.taken = {n.id for n in walk(node) if isinstance(n, gast.Name)}
        self.variables = set(function.parameters) | stores(*node.body) | declared(node)

    def run(self, node: gast.FunctionDef) -> None:
        """Rewrite the function."""
        imports = [n for n in walk(node) if isinstance(n, (gast.Import, gast.ImportFrom))]
        first: dict[str, Imported] = {}
        for s in imports:
            for label, new in self.bindings(s):
                if first.setdefault(label, new).value is not new.value:
                    self.variables.add(label)
        node.body = self.block(node.body)

    def block(self, body: Block) -> Block:
        """A block without imports."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            if isinstance(s, (gast.Import, gast.ImportFrom)):
                for label, new in self.bindings(s):
                    out += self.bind(s, label, new)
            else:
                out.append(s)
        return out or [placed(gast.Pass(), s) for s in body[:1]]

    def bindings(self, s: gast.Import | gast.ImportFrom) -> list[tuple[str, Imported]]:
        """The names that an import binds, and to what."""
        make = self.whole if isinstance(s, gast.Import) else self.part
        return [make(s, a) for a in s.names]

    def whole(self, s: gast.Import, a: gast.alias) -> tuple[str, Imported]:
        """`import a.b`, or `import a.b as c`."""
        module = self.load(s, a.name)
        if a.asname:
            return a.asname, Imported(module, a.name)
        first = a.name.partition(".")[0]
        return first, Imported(self.load(s, first), first)

    def part(self, s: gast.ImportFrom, a: gast.alias) -> tuple[str, Imported]:
        """`from a import b`, or `from a import b as c`."""
        package = self.function.object.__globals__.get("__package__")
        home = "." * (s.level or 0) + (s.module or "")
        home = importlib.util.resolve_name(home, package) if s.level else home
        module = self.load(s, home)
        if not hasattr(module, a.name):
            value = self.load(s, f"{home}.{a.name}")
        else:
            value = getattr(module, a.name)
        return a.asname or a.name, Imported(value, home, a.name)

    def load(self, s: gast.stmt, label: str) -> Any:
        """A module by its name."""
        try:
            return importlib.import_module(label)
        except ImportError as error:
            what = f"this import fails: {error}"
            raise self.function.refuse(s, what, "Import it at the top of the module.") from None

    def bind(self, s: gast.stmt, label: str, new: Imported) -> Block:
        """Bind a name; what is left of the import is an assignment if the name is a variable."""
        if label not in self.variables:
            self.found[label] = new
            return []
        return [placed(assign(label, name(self.constant(new))), s)]

    def constant(self, new: Imported) -> str:
        """A name of its own for what an import finds."""
        for label, old in self.found.items():
            if label not in self.variables and label not in self.taken and old.value is new.value:
                return label
        stem = "_".join(p for p in (new.module.rpartition(".")[2], new.attribute) if p)
        label, k = stem, 2
        while label in self.taken or label in self.found or self.function.binds(label):
            label, k = f"{stem}_{k}", k + 1
        self.found[label] = new
        return label


def declared(node: gast.FunctionDef) -> set[str]:
    """Names that a function declares to be those of a scope around it."""
    found = (n for n in walk(node) if isinstance(n, (gast.Global, gast.Nonlocal)))
    return {label for n in found for label in n.names}


def with_imports(function: Function, node: gast.FunctionDef) -> tuple[Function, gast.FunctionDef]:
    """A function without imports, rewritten in place, that knows what they bind."""
    if not any(isinstance(n, (gast.Import, gast.ImportFrom)) for n in walk(node)):
        return function, node
    pass_ = Imports(function, node)
    pass_.run(node)
    return replace(function, imports=pass_.found), node
