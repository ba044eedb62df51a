"""Lists that are made item by item: of code, or of functions and objects."""

from __future__ import annotations

import gast

from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import bind
from srcgrad.lower.elaborate.values import Items, Plain, Value
from srcgrad.syntax.quote import name


def start_list(e: Context) -> str:
    """A variable that holds an empty list."""
    out = e.fresh("items")
    e.scope.names[out] = out
    bind(e, out, Plain(gast.List(elts=[], ctx=gast.Load())))
    return out


def add(e: Context, out: str, value: Value) -> None:
    """Append a value to such a list."""
    cell = e.scope.cells.get(out)
    if isinstance(cell, Items) or not isinstance(value, Plain):
        if not isinstance(cell, Items):
            cell = e.scope.cells[out] = e.held(Items(type=list))
        cell.cells[len(cell.cells)] = value
        return
    append = gast.Attribute(value=name(out), attr="append", ctx=gast.Load())
    e.emit(gast.Expr(value=gast.Call(func=append, args=[value.expr], keywords=[])))
    e.scope.cells[out] = Plain(name(out))
