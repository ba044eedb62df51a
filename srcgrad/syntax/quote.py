"""Building trees from text."""

from __future__ import annotations

import ast
import copy
from functools import lru_cache

import gast

from srcgrad.syntax.walk import walk


@lru_cache(maxsize=4096)
def _parsed(text: str) -> gast.Module:
    return gast.ast_to_gast(ast.parse(text))


def statements(text: str) -> list[gast.stmt]:
    """The statements of a text, as a tree of their own, without positions.

    >>> [type(s).__name__ for s in statements("x = 1; y = 2")]
    ['Assign', 'Assign']
    """
    body = copy.deepcopy(_parsed(text).body)
    for s in body:
        for n in walk(s):
            for attribute in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
                if hasattr(n, attribute):
                    delattr(n, attribute)
    return body


def expression(text: str) -> gast.expr:
    """The tree of one expression.

    >>> expression("x.shape[0]").slice.value
    0
    """
    return statements(text)[0].value


def function(text: str) -> gast.FunctionDef:
    """The tree of one function.

    >>> function("def f(x): return x").name
    'f'
    """
    return statements(text)[0]


def name(identifier: str) -> gast.Name:
    """A name that is read."""
    return gast.Name(id=identifier, ctx=gast.Load(), annotation=None, type_comment=None)


def target(identifier: str) -> gast.Name:
    """A name that is bound."""
    return gast.Name(id=identifier, ctx=gast.Store(), annotation=None, type_comment=None)


def assign(to: gast.expr | str, value: gast.expr) -> gast.Assign:
    """`to = value`."""
    return gast.Assign(
        targets=[target(to) if isinstance(to, str) else to], value=value, type_comment=None
    )


def constant(value: object) -> gast.expr:
    """A constant; negative numbers are a minus on a positive one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=-value, kind=None))
    if isinstance(value, complex) and (value.real or value.imag < 0):
        part = constant(complex(0.0, abs(value.imag)))
        if not value.real:
            return gast.UnaryOp(op=gast.USub(), operand=part)
        op = gast.Sub() if value.imag < 0 else gast.Add()
        return gast.BinOp(left=constant(value.real), op=op, right=part)
    if isinstance(value, tuple):
        return gast.Tuple(elts=[constant(v) for v in value], ctx=gast.Load())
    return gast.Constant(value=value, kind=None)


def attribute(base: gast.expr, attr: str) -> gast.Attribute:
    """`base.attr`."""
    return gast.Attribute(value=base, attr=attr, ctx=gast.Load())


def call(function: gast.expr, *args: gast.expr, **kwargs: gast.expr) -> gast.Call:
    """`function(*args, **kwargs)`."""
    keywords = [gast.keyword(arg=k, value=v) for k, v in kwargs.items()]
    return gast.Call(func=function, args=list(args), keywords=keywords)


def subscript(base: gast.expr, index: gast.expr, *, store: bool = False) -> gast.Subscript:
    """`base[index]`."""
    return gast.Subscript(value=base, slice=index, ctx=gast.Store() if store else gast.Load())


OPPOSITES = {gast.Eq: gast.NotEq, gast.NotEq: gast.Eq, gast.Is: gast.IsNot, gast.IsNot: gast.Is}


def negated(test: gast.expr) -> gast.expr:
    """`not test`, in the shortest form.

    >>> type(negated(expression("a == b")).ops[0]).__name__
    'NotEq'
    """
    match test:
        case gast.UnaryOp(op=gast.Not(), operand=inner):
            return inner
        case gast.Compare(ops=[op]) if type(op) in OPPOSITES:
            return gast.Compare(
                left=test.left, ops=[OPPOSITES[type(op)]()], comparators=test.comparators
            )
    return gast.UnaryOp(op=gast.Not(), operand=test)
