"""Calls that change an argument, inside of expressions: as assignments before the statement.

`y = 2.0 * step(x)` becomes `step_out = step(x)` and `y = 2.0 * step_out`, so that the call can be
written in place. What is evaluated before such a call gets a name before it.
"""

from __future__ import annotations

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.expansions.inlining import Inlining, whole_call
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.inference.instances import calls_itself
from srcgrad.lower.respell.evaluation import head_nodes
from srcgrad.lower.respell.walrus import Walrus, operands
from srcgrad.syntax.quote import target
from srcgrad.syntax.walk import walk

INDIRECT = (gast.Starred, gast.keyword, gast.Slice, gast.FormattedValue)


class Apart(Expansion):
    """Takes calls that change an argument out of expressions."""

    def needed(self) -> bool:
        """Whether the function calls functions of the user's."""
        return "user" in self.typed.tags

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Take the calls out of one statement."""
        out = super().statement(s)
        found = [n for n in self.calls_in(s) if n is not whole_call(s)]
        if not found or not can_leave(s, found):
            return out
        table = {n: self.new(f"{n.func.id}_out") for n in found}
        new = Binding(table).visit(s)
        self.changed = True
        return [placed(n, s) for n in Ordered(self.function, self.function.node).statement(new)]

    def calls_in(self, s: gast.stmt) -> list[gast.Call]:
        """Calls by name in the head of a statement that change what they are given."""
        inlining = Inlining(self.typed, self.world)
        return [
            n
            for n in head_nodes(s)
            if isinstance(n, gast.Call)
            and isinstance(n.func, gast.Name)
            and n in self.typed.callees
            and self.typed.callees[n].tag == "user"
            and not calls_itself(self.typed.callees[n].target)
            and inlining.shares(n)
        ]


class Binding(gast.NodeTransformer):
    """Binds the values of calls to names where they stand."""

    def __init__(self, table: dict[gast.Call, str]) -> None:
        self.table = table

    def visit_Call(self, node: gast.Call) -> gast.expr:
        """Bind the value of one call."""
        self.generic_visit(node)
        if node not in self.table:
            return node
        to = target(self.table[node])
        return gast.copy_location(gast.NamedExpr(target=to, value=node), node)


class Ordered(Walrus):
    """Takes the bindings out; all that is evaluated before one has a name before it."""

    def must_stay(self, above: gast.AST, e: gast.expr, bound: set[str], calls: bool) -> bool:
        """Whether an operand has to be evaluated before what comes out of a later one."""
        if isinstance(e, (gast.Name, gast.Constant, *INDIRECT)):
            return False
        called = isinstance(above, gast.Call) and e is above.func
        return not called or super().must_stay(above, e, bound, calls)


def can_leave(s: gast.stmt, found: list[gast.Call]) -> bool:
    """Whether the order of evaluation stays when calls are taken out of a statement."""
    if isinstance(s, gast.AugAssign) and not isinstance(s.target, gast.Name):
        return False
    if isinstance(s, gast.With):
        return False
    targets = s.targets if isinstance(s, gast.Assign) else [getattr(s, "target", None)]
    inside = {m for t in targets if t is not None for m in walk(t)}
    if inside & set(found):
        return False
    holders = {n for n in head_nodes(s) if not set(found).isdisjoint(walk(n))}
    return all(keeps_order(n, holders) for n in holders)


def keeps_order(node: gast.AST, holders: set[gast.AST]) -> bool:
    """Whether all operands before a call that is taken out can have names."""
    if isinstance(node, gast.Compare) and holders & set(node.comparators[1:]):
        return False
    if isinstance(node, gast.Call) and not is_path(node.func):
        return False
    parts = [e for _, _, _, e in operands(node)]
    last = max((k for k, e in enumerate(parts) if e in holders), default=-1)
    return not any(isinstance(e, INDIRECT) and not plain(e) for e in parts[:last])


def plain(e: gast.AST) -> bool:
    """Whether an indirect operand holds names and constants alone."""
    kinds = (gast.Name, gast.Constant, gast.expr_context, *INDIRECT)
    return all(isinstance(n, kinds) for n in walk(e))


def is_path(f: gast.expr) -> bool:
    """Whether a function is a name, or an attribute of one."""
    while isinstance(f, gast.Attribute):
        f = f.value
    return isinstance(f, gast.Name)
