"""Statements that raise for certain, as the user wrote them again: the last of their passes.

`lower.raising.failing` has made each a `raise` that reads what the statement reads.
"""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import BAR
from srcgrad.syntax.quote import target
from srcgrad.syntax.stated import read_by, stated_by
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import change_blocks, change_children, clone


def with_stated(body: list[gast.stmt]) -> list[gast.stmt]:
    """Statements whose names are final, with those that raise put back; in place."""
    if not any(stated_by(s) for s in statements_in(body)):
        return body
    bound = stores(*body)

    def block(body: list[gast.stmt]) -> list[gast.stmt]:
        for s in body:
            change_blocks(s, block)
        return [put_back(s, bound) for s in body]

    return block(body)


def put_back(s: gast.stmt, bound: frozenset[str]) -> gast.stmt:
    """The statement that a `raise` stands for; any other as it is.

    Args:
        s: the statement.
        bound: the names that the function binds: a target that is none of them is left out.
    """
    stated = stated_by(s)
    if stated is None:
        return s
    read = read_by(s)

    def visit(n: gast.AST) -> gast.AST:
        if isinstance(n, gast.Name) and n.id.startswith(BAR):
            return read[int(n.id[1:])]
        change_children(n, visit)
        return n

    new = visit(clone(stated.statement))
    if isinstance(new, gast.Assign):
        targets = [t for t in new.targets if isinstance(t, gast.Name)]
        if any(t.id not in bound for t in targets):
            new = without_target(new.value)
    gast.copy_location(new, s)
    new.end_lineno = s.end_lineno
    return new


def without_target(value: gast.expr) -> gast.stmt:
    """An expression that is evaluated for what it raises; a comparison as `_`, as linters ask."""
    if not isinstance(value, gast.Compare):
        return gast.Expr(value=value)
    unused = target("_")
    return gast.Assign(targets=[unused], value=value, type_comment=None)
