"""Puts in place what stands for an expression, and gives names to operands that are read twice."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Array, Static
from srcgrad.lower.base.program import Typed
from srcgrad.lower.containers.acting import acting
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import summarise
from srcgrad.lower.respell.comprehend import harmless
from srcgrad.lower.respell.generators import is_taking
from srcgrad.lower.respell.sugar import Sugar
from srcgrad.syntax.flow import loads
from srcgrad.syntax.lives import NAMED, unused_name
from srcgrad.syntax.walk import walk


class Replacing(Expansion):
    """Rewrites the expressions that `inference.instead` has noted."""

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        self.typed.lifted |= acting(self.typed)
        if not self.typed.instead and not self.typed.lifted:
            return False
        node = self.function.node
        swap = Swap(self.typed)
        node.body = [swap.visit(s) for s in node.body]
        node.body = Naming(self.names, self.typed).block(node.body)
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
        return any(n in self.typed.lifted for n in walk(node))


class Naming(Sugar):
    """Takes operands that get names, and comprehensions, out of statements."""

    def __init__(self, taken: set[str], typed: Typed) -> None:
        super().__init__(None)
        self.taken = taken
        self.typed = typed
        self.lifted = typed.lifted

    def new(self, hint: str, role: str = NAMED) -> str:
        """A name that nothing has."""
        return unused_name(hint, role, self.taken)

    def wild(self, node: gast.AST) -> bool:
        """Whether evaluating an expression may act on something."""
        calls = (n for n in walk(node) if isinstance(n, gast.Call))
        return any(not self.tame(n) for n in calls)

    def tame(self, node: gast.Call) -> bool:
        """Whether a call only gives a value."""
        callee = self.typed.callees.get(node)
        if callee is not None and callee.tag == "rule" and not node.keywords:
            return harmless(callee.target)
        if callee is not None and callee.tag == "method":
            return callee.target in ("index", "count")
        kind = self.typed.kinds.get(node.func)
        return isinstance(kind, Static) and harmless(kind.value)

    def takes(self, node: gast.expr) -> bool:
        """Whether something in an expression gets a name."""
        return any(n in self.lifted for n in walk(node))

    def apart(self, s: gast.AugAssign) -> bool:
        """Whether the calls on the right are known not to change the element on the left."""
        calls = [n for n in walk(s.value) if isinstance(n, gast.Call) and not self.tame(n)]
        callees = self.typed.callees
        others = [n for n in calls if n not in callees or callees[n].tag != "draw"]
        if not others:
            return True
        if not all(is_taking(n) for n in others):
            return False
        if isinstance(s.target.slice, gast.Tuple):
            read: gast.expr = s.target
        else:
            if not isinstance(s.target.slice, gast.Constant):
                s.target.slice = self.called_value(s.target.slice)
            read = s.target.value
        if isinstance(read, gast.Name) and isinstance(self.typed.kinds.get(read), Array):
            return True
        aliases = summarise(self.typed)
        taken = {aliases.container(m) for n in others for m in loads(n.func.value)}
        return taken.isdisjoint(aliases.container(m) for m in loads(read))

    def stuck(self, s: gast.stmt) -> None:
        """Refuse a change of an element by what may change it too."""
        what = "a call on the right may change the element that is changed here"
        raise self.typed.function.refuse(s, what, "Give the right side a name in a line before.")

    def converts(self, _: gast.Call) -> bool:
        """Calls stay as they are."""
        return False

    def work(self, *nodes: gast.AST | None) -> bool:
        """Whether there is something to take out of expressions."""
        return any(
            isinstance(n, gast.ListComp) or n in self.lifted
            for root in nodes
            if root is not None
            for n in walk(root)
        )

    def flat(self, node: gast.expr) -> gast.expr:
        """An expression whose operands have names."""
        if isinstance(node, gast.Compare) and self.work(*node.comparators[1:]):
            what = "a call that acts on something in a chain of comparisons"
            raise self.typed.function.refuse(node, what, "Give it a name in a line before.")
        if node in self.lifted:
            self.lifted.discard(node)
            return self.called_value(super().flat(node))
        return super().flat(node)
