"""Small tools for trees that a pass owns: copies without positions, positions, names replaced."""

from __future__ import annotations

from typing import TypeVar

import gast

from srcgrad.syntax.walk import walk

Node = TypeVar("Node", bound=gast.AST)


def placed(node: Node, like: gast.AST) -> Node:
    """Give a new node, and what is below it, the position of an old one, as generated code."""
    for n in walk(node):
        if isinstance(n, (gast.stmt, gast.expr)) and getattr(n, "lineno", None) is None:
            n.lineno = getattr(like, "lineno", None)
            n.col_offset = getattr(like, "col_offset", 0)
            n.end_lineno = n.end_col_offset = None
    return node


def placed_at(new: gast.stmt, node: gast.AST, s: gast.stmt) -> None:
    """Give a generated statement the position of an expression, else that of its statement."""
    at = node if getattr(node, "lineno", None) is not None else s
    new.lineno, new.col_offset, new.end_lineno = at.lineno, at.col_offset, None


def clean(node: gast.expr) -> gast.expr:
    """A copy of an expression without positions."""
    new = type(node)()
    for field, value in gast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, field, [clean(v) if isinstance(v, gast.AST) else v for v in value])
        else:
            setattr(new, field, clean(value) if isinstance(value, gast.AST) else value)
    return new


def is_path(node: gast.expr) -> bool:
    """Whether an expression is a name, or a part of one named by constants."""
    while isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant):
        node = node.value
    return isinstance(node, gast.Name)


def jumps_out(body: list[gast.stmt]) -> bool:
    """Whether a block contains a `break` or `continue` of the loop that it is the body of."""
    for s in body:
        match s:
            case gast.Break() | gast.Continue():
                return True
            case gast.If() if jumps_out(s.body) or jumps_out(s.orelse):
                return True
    return False


class Substitution(gast.NodeTransformer):
    """Puts expressions in the place of names that are read; each time a tree of its own.

    Args:
        table: what stands for each name.
    """

    def __init__(self, table: dict[str, gast.expr]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.expr:
        """Replace one name."""
        if node.id not in self.table or not isinstance(node.ctx, gast.Load):
            return node
        return gast.copy_location(clean(self.table[node.id]), node)
