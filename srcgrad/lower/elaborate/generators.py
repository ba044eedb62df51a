"""Generators: their bodies run where they are looped over."""

from __future__ import annotations

import copy
from collections.abc import Callable

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context, Hook
from srcgrad.lower.elaborate.growing import add, start_list
from srcgrad.lower.elaborate.names import read_name
from srcgrad.lower.elaborate.values import Generating, Scope, Value
from srcgrad.syntax.quote import name
from srcgrad.syntax.walk import nodes

FINITE = (
    *("range", "enumerate", "zip", "reversed", "len", "list", "tuple", "sorted", "map", "filter"),
    *("items", "keys", "values", "min", "max", "int", "abs", "product", "combinations"),
)


def produce(e: Context, over: Generating, each: Callable[[Value], None], node: gast.expr) -> None:
    """Run a generator, and do something with each value that it gives."""
    e.spend(over, node)
    body = over.node.body if isinstance(over.node, gast.FunctionDef) else expression(over.node)
    caller, e.scope = e.scope, over.scope
    if isinstance(over.node, gast.GeneratorExp):
        own = {n.id for g in over.node.generators for n in nodes(g.target) if hasattr(n, "id")}
        names = {n: e.fresh(n) for n in sorted(own)}
        e.scope = e.held(Scope(owner=over.scope.owner, names=names, parent=over.scope))
    if any(isinstance(n, gast.Return) for s in body for n in nodes(s)):
        raise e.refuse(node, "a generator that returns early is not supported", "Use `break`.")
    hooked = [Yields(e, each).visit(s) for s in copy.deepcopy(body)]
    e.block(hooked)
    e.scope = caller


def expression(node: gast.GeneratorExp) -> list[gast.stmt]:
    """The loops that a generator expression is short for."""
    out: list[gast.stmt] = [gast.Expr(value=gast.Yield(value=node.elt))]
    for g in reversed(node.generators):
        for test in reversed(g.ifs):
            out = [gast.If(test=test, body=out, orelse=[])]
        out = [gast.For(target=g.target, iter=g.iter, body=out, orelse=[], type_comment=None)]
    return [placed(s, node) for s in out]


def collectable(over: Generating) -> bool:
    """Whether a generator is known to come to an end by itself."""
    for n in nodes(over.node):
        if isinstance(n, gast.While):
            return False
        if isinstance(n, gast.For) and any(map(endless_call, nodes(n.iter))):
            return False
    return True


def endless_call(n: gast.AST) -> bool:
    """Whether a call in a loop's header may give values for ever."""
    if not isinstance(n, gast.Call):
        return False
    return (getattr(n.func, "id", None) or getattr(n.func, "attr", "")) not in FINITE


def endless(over: Generating) -> bool:
    """Whether a generator yields once, in a loop without end that it ends with."""
    if not isinstance(over.node, gast.FunctionDef):
        return False
    last = over.node.body[-1]
    count = sum(isinstance(n, (gast.Yield, gast.YieldFrom)) for n in nodes(over.node.body))
    inner = [n for n in nodes(last) if isinstance(n, (gast.For, gast.While))]
    return (
        count == 1
        and inner == [last]
        and any(isinstance(n, gast.Yield) for n in nodes(last))
        and not last.orelse
    )


class Yields(gast.NodeTransformer):
    """Puts what is done with a value in the place of `yield`."""

    def __init__(self, e: Context, each: Callable[[Value], None]) -> None:
        self.e = e
        self.each = each

    def visit_Expr(self, node: gast.Expr) -> gast.stmt:
        """`yield value` and `yield from values`."""
        e, each = self.e, self.each
        match node.value:
            case gast.Yield(value=value):
                given = value if value is not None else gast.Constant(value=None, kind=None)

                def once(_: Value) -> None:
                    each(e.expr(copy.deepcopy(given)))

                return hook(once, node)
            case gast.YieldFrom(value=value):

                def all_of(_: Value) -> None:
                    e.each_of(e.expr(copy.deepcopy(value)), each, value)

                return hook(all_of, node)
        return node

    def visit_FunctionDef(self, node: gast.FunctionDef) -> gast.FunctionDef:
        """Inner functions yield for themselves."""
        return node


def hook(each: Callable[[Value], None], node: gast.stmt) -> gast.stmt:
    """A statement that does something while it is elaborated."""
    new = gast.Expr(value=gast.Constant(value=Hook(each, ""), kind=None))
    return gast.copy_location(new, node)


def has_several(over: Generating) -> bool:
    """Whether a generator yields in many places."""
    count = sum(isinstance(n, (gast.Yield, gast.YieldFrom)) for n in nodes(over.node))
    return count > 3


def collected(e: Context, over: Generating, node: gast.expr) -> Value:
    """The list of what a generator gives."""
    scope = e.scope
    out = start_list(e)

    def each(value: Value) -> None:
        inner, e.scope = e.scope, scope
        add(e, out, value)
        e.scope = inner

    produce(e, over, each, node)
    return read_name(e, placed(name(out), node))
