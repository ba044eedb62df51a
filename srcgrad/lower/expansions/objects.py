"""Objects and namedtuples as values of a program: their kinds, attributes, and constructors.

An attribute that an object holds becomes a subscript by a `Field`, and so a place like an item of
a dict: `model.w` and `params["w"]` go the same way through all passes, and print as they were.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Field, Record, is_object
from srcgrad.lower.base.constructors import key_of, keys_of
from srcgrad.lower.base.program import Typed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.quote import constant
from srcgrad.syntax.walk import change_children


def record_of(node: gast.Call, typed: Typed) -> gast.Dict | None:
    """The display of what a constructor makes; None for other calls."""
    callee = typed.callees.get(node)
    if callee is None or callee.tag != "construct":
        return None
    kind = typed.kinds[node]
    assert isinstance(kind, Record)
    values = dict(callee.operands)
    keys = keys_of(kind.type, values)
    if len(node.args) + len(node.keywords) == len(values):
        keys[0].given = len(node.args)
    return gast.Dict(keys=[constant(k) for k in keys], values=list(values.values()))


class Attributes(Expansion):
    """Rewrites attributes that objects hold, and calls of plain constructors."""

    def needed(self) -> bool:
        """Whether an object is made, or an attribute read that it holds."""
        attributes = self.typed.contents.get(gast.Attribute, ())
        return "construct" in self.typed.tags or any(map(self.attribute, attributes))

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite the expressions of one statement."""
        change_children(s, self.expr, gast.expr)
        return super().statement(s)

    def expr(self, node: gast.expr) -> gast.expr:
        """Rewrite one expression."""
        kind = self.kind(node)
        change_children(node, self.part)
        new: gast.expr | None = None
        if isinstance(node, gast.Attribute):
            new = self.attribute(node)
        elif isinstance(node, gast.Call):
            new = record_of(node, self.typed)
        if new is None:
            return node
        self.changed = True
        if kind is not None:
            self.typed.kinds[new] = kind
        return gast.copy_location(new, node)

    def part(self, node: gast.AST) -> gast.AST:
        """Rewrite one part of an expression: another expression, or a keyword."""
        if isinstance(node, gast.expr):
            return self.expr(node)
        change_children(node, self.part)
        return node

    def attribute(self, node: gast.Attribute) -> gast.Subscript | None:
        """`model.w` as a subscript; None for what the object does not hold."""
        base = self.kind(node.value)
        key = key_of(base, node.attr)
        if key is None and isinstance(node.ctx, gast.Store) and is_object(base):
            assert isinstance(base, Record)
            key = Field(node.attr, base.type)
        if key is None:
            return None
        return gast.Subscript(value=node.value, slice=constant(key), ctx=node.ctx)
