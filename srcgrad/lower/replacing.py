"""Puts in place what stands for an expression, and gives names to operands that are read twice."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.lower.expand import Expansion
from srcgrad.lower.sugar import Sugar
from srcgrad.syntax.lives import NAMED, unused_name


class Replacing(Expansion):
    """Rewrites the expressions that `lower.instead` has noted."""

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        if not self.typed.instead and not self.typed.lifted:
            return False
        node = self.function.node
        swap = Swap(self.typed)
        node.body = [swap.visit(s) for s in node.body]
        node.body = Naming(self.names, self.typed.lifted).block(node.body)
        return True


class Swap(gast.NodeTransformer):
    """Puts what stands for expressions in their place; operands that get names wait for them."""

    def __init__(self, typed: Any) -> None:
        self.typed = typed

    def visit(self, node: gast.AST) -> gast.AST:
        """Replace one node."""
        new = self.typed.instead.get(node)
        if new is not None and not self.waits(node):
            return gast.copy_location(new, node)
        return super().visit(node)

    def waits(self, node: gast.AST) -> bool:
        """Whether a part of an expression gets a name first."""
        return any(n in self.typed.lifted for n in gast.walk(node))


class Naming(Sugar):
    """Takes operands that get names, and comprehensions, out of statements."""

    def __init__(self, taken: set[str], lifted: set[gast.AST]) -> None:
        super().__init__(None)
        self.taken = taken
        self.lifted = lifted

    def new(self, hint: str, role: str = NAMED) -> str:
        """A name that nothing has."""
        return unused_name(hint, role, self.taken)

    def converts(self, _: gast.Call) -> bool:
        """Calls stay as they are."""
        return False

    def work(self, *nodes: gast.AST | None) -> bool:
        """Whether there is something to take out of expressions."""
        return any(
            isinstance(n, gast.ListComp) or n in self.lifted
            for root in nodes
            if root is not None
            for n in gast.walk(root)
        )

    def flat(self, node: gast.expr) -> gast.expr:
        """An expression whose operands have names."""
        if node in self.lifted:
            self.lifted.discard(node)
            return self.called_value(super().flat(node))
        return super().flat(node)
