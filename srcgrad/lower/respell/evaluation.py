"""In which order the parts of an expression are evaluated, and what comprehensions bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.lower.respell.walrus import SCOPES
from srcgrad.syntax.flow import loads
from srcgrad.syntax.walk import walk


class Renaming(gast.NodeTransformer):
    """Gives names other names, in place."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.Name:
        """Rename one name."""
        node.id = self.table.get(node.id, node.id)
        return node


def simple(node: gast.expr) -> bool:
    """Whether a comprehension is an ordinary one."""
    return not any(g.is_async for g in node.generators)


def leaves(body: list[gast.stmt]) -> bool:
    """Whether a block has a `break` or `continue` of the loop that it is the body of."""
    for s in body:
        match s:
            case gast.Break() | gast.Continue():
                return True
            case gast.If() if leaves(s.body) or leaves(s.orelse):
                return True
            case gast.With() | gast.Try():
                if any(isinstance(n, (gast.Break, gast.Continue)) for n in walk(s)):
                    return True
    return False


def binds(*nodes: gast.AST) -> bool:
    """Whether a later expression binds a name that an earlier one reads."""
    read: set[str] = set()
    for n in nodes:
        bound = {m.target.id for m in walk(n) if isinstance(m, gast.NamedExpr)}
        if bound & read:
            return True
        read |= loads(n)
    return False


def atomic(node: gast.AST) -> bool:
    """Whether the value of an expression is the same whenever it is read."""
    return isinstance(node, (gast.Name, gast.Constant, gast.operator, gast.Starred))


def children(node: gast.AST) -> list[tuple[str, int | None, gast.AST]]:
    """The expressions that a node holds, in the order of evaluation, with their places."""
    out: list[tuple[str, int | None, Any]] = []
    if isinstance(node, gast.Dict):
        for i, (k, v) in enumerate(zip(node.keys, node.values, strict=True)):
            out += [("keys", i, k)] if k is not None else []
            out.append(("values", i, v))
        return out
    for field, value in gast.iter_fields(node):
        if isinstance(value, list):
            out += [(field, i, v) for i, v in enumerate(value)]
        else:
            out.append((field, None, value))
    found: list[tuple[str, int | None, gast.AST]] = []
    for field, at, c in out:
        if isinstance(c, gast.keyword):
            found.append((f"{field}.value", at, c.value))
        elif isinstance(c, (gast.expr, gast.Slice)):
            found.append((field, at, c))
    return found


def put(node: gast.AST, field: str, at: int | None, new: gast.expr) -> None:
    """Put an expression at a place of a node."""
    if field == "keywords.value":
        node.keywords[at].value = new
    elif at is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[at] = new


def head_nodes(s: gast.stmt) -> Iterator[gast.AST]:
    """The nodes of a statement, without those in its blocks and in inner scopes."""
    stack: list[Any] = [
        v for k, v in gast.iter_fields(s) if k not in ("body", "orelse", "handlers", "finalbody")
    ]
    while stack:
        n = stack.pop()
        if isinstance(n, list):
            stack += n
        elif isinstance(n, gast.AST) and not isinstance(n, SCOPES):
            yield n
            stack += gast.iter_child_nodes(n)
