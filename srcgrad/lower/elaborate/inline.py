"""The statements of a function in the place of a call of it."""

from __future__ import annotations

import copy
import types
from typing import Any

import gast

from srcgrad.kinds import Static
from srcgrad.lower.base.dotted import followed
from srcgrad.lower.base.program import Function, load
from srcgrad.lower.elaborate.binding import bound
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.lifting import lifted
from srcgrad.lower.elaborate.names import bind, is_steady, local_names, plain_constant
from srcgrad.lower.elaborate.nature import exotic
from srcgrad.lower.elaborate.values import Closure, Generating, Known, Plain, Scope, Value
from srcgrad.lower.respell.desugar import ReturnsInLoops, one_return, plain_statements
from srcgrad.lower.respell.exits import without_jumps
from srcgrad.lower.respell.imports import with_imports
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import RESULT, made
from srcgrad.syntax.parse import lambda_as_function
from srcgrad.syntax.quote import constant, name
from srcgrad.syntax.walk import children, clone, nodes

DEEPEST = 40
MOST_OPEN = 8


def call_closure(
    e: Context, function: Closure, args: list[Value], keywords: dict[str, Value], at: gast.expr
) -> Value:
    """A call of a function that was defined inside."""
    found = lifted(e, function, args, keywords, at)
    if found is not None:
        return found
    node = as_function(function.node)
    values = bound(e, node, function.defaults, args, keywords, at)
    scope = Scope(owner=function.scope.owner, parent=function.scope)
    return run(e, function.node, node, scope, values, at)


def call_function(
    e: Context,
    function: Known,
    args: list[Value],
    keywords: dict[str, Value],
    at: gast.expr,
    found_in: type | None = None,
) -> Value:
    """A call of a function of a module, or of a method."""
    value: types.FunctionType = function.value
    e.world.inlined.setdefault(value, None)
    owner = load(value, variadic=True)
    owner, node = with_imports(owner, owner.node)
    positional = [a.id for a in (*node.args.posonlyargs, *node.args.args)]
    given = value.__defaults__ or ()
    defaults = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    defaults |= value.__kwdefaults__ or {}
    found = {p: default(owner, p, v, at) for p, v in defaults.items()}
    values = bound(e, node, found, args, keywords, at)
    first = positional[0] if positional else ""
    scope = Scope(owner=owner, self_class=found_in, first=first)
    with followed(e.scope.owner, at, value):
        return run(e, value, node, scope, values, at)


def default(owner: Function, parameter: str, value: Any, at: gast.AST) -> Value:
    """The value of a default."""
    if value is None or type(value) in (bool, int, float, str):
        return plain_constant(value)
    if exotic(value) or callable(value):
        return Known(value)
    if isinstance(value, tuple) and not value:
        return plain_constant(())
    return Plain(constant(None), Static(Unnamed(owner, parameter, at)))


class Unnamed:
    """A default that no name leads to: an error where it is needed."""

    def __init__(self, owner: Function, parameter: str, at: gast.AST) -> None:
        self.owner = owner
        self.parameter = parameter
        self.at = at


def as_function(node: gast.FunctionDef | gast.Lambda) -> gast.FunctionDef:
    """A function's definition; that of a lambda has one `return`."""
    if isinstance(node, gast.FunctionDef):
        return node
    new = lambda_as_function(node)
    new.body[0].end_lineno = None
    return new


def run(
    e: Context,
    key: Any,
    node: gast.FunctionDef,
    scope: Scope,
    values: dict[str, Value],
    at: gast.expr,
) -> Value:
    """Write the statements of a function, and give its result."""
    for p, v in values.items():
        if (
            isinstance(v, Plain)
            and isinstance(v.kind, Static)
            and isinstance(v.kind.value, Unnamed)
        ):
            raise e.refuse(
                at, f"the default of `{p}` is an object that has no name", "Pass it as an argument."
            )
    if e.open.count(key) > MOST_OPEN or len(e.open) > DEEPEST:
        refused = e.refuse(
            at,
            f"`{node.name}` calls itself: recursion of a function that is defined inside of "
            "another one, or handles functions and objects, is not supported",
            "Define it at module level, and pass it numbers and arrays.",
        )
        refused.recursive = False
        raise refused
    body = statements_of(e, node, scope.owner)
    scope.names = dict.fromkeys(local_names(with_body(node, body)), "")
    scope.outer = frozenset(
        n for s in node.body for m in own_nodes(s) if isinstance(m, gast.Nonlocal) for n in m.names
    )
    if is_generator(node):
        enter(e, scope, values, body)
        return e.held(Generating({"spent": Known(False)}, node=with_body(node, body), scope=scope))
    caller, where = e.scope, e.at
    e.open.append(key)
    enter(e, scope, values, body)
    e.scope = scope
    comes_out = e.block(body[:-1])
    last = body[-1]
    result: Value = plain_constant(None)
    if comes_out and isinstance(last, gast.Return):
        e.at = last if getattr(last, "lineno", None) else where
        if last.value is not None:
            result = e.raw(last.value)
    elif comes_out:
        e.block([last])
    e.scope, e.at = caller, where
    e.open.pop()
    return result


def with_body(node: gast.FunctionDef, body: list[gast.stmt]) -> gast.FunctionDef:
    """A definition with other statements."""
    new = copy.copy(node)
    new.body = body
    return new


def statements_of(e: Context, node: gast.FunctionDef, owner: Function) -> list[gast.stmt]:
    """The statements of a function, which return at their end only."""
    body = plain_statements(owner, clone(node)).body
    inside = owner.source.file == e.function.source.file
    if not is_generator(node):
        result = made("out", RESULT)
        body = without_jumps(owner, ReturnsInLoops().block(body, None))
        body = one_return(body, result)
        own = (n for s in body for n in own_nodes(s))
        if left := next((n for n in own if isinstance(n, gast.Return)), None):
            hint = "Bind the result to a variable, and return at the end."
            raise owner.refuse(
                left, "a `return` here is not supported in a function in place", hint
            )
        body.append(gast.Return(value=name(result)))
    for n in nodes(body):
        for a in (
            ("end_lineno", "end_col_offset")
            if inside
            else ("lineno", "end_lineno", "end_col_offset")
        ):
            if hasattr(n, a):
                setattr(n, a, None)
    return without_docstring(body)


def without_docstring(body: list[gast.stmt]) -> list[gast.stmt]:
    """Statements without a docstring."""
    first = body[0]
    text = isinstance(first, gast.Expr) and isinstance(first.value, gast.Constant)
    return body[1:] or [gast.Pass()] if text else body


def is_generator(node: gast.FunctionDef) -> bool:
    """Whether a function yields."""
    return any(isinstance(n, (gast.Yield, gast.YieldFrom)) for s in node.body for n in own_nodes(s))


def own_nodes(node: gast.AST) -> list[gast.AST]:
    """The nodes of a statement, without those of inner functions."""
    if isinstance(node, (gast.FunctionDef, gast.Lambda, gast.ClassDef)):
        return []
    return [node, *(m for c in children(node) for m in own_nodes(c))]


def enter(e: Context, scope: Scope, values: dict[str, Value], body: list[gast.stmt]) -> None:
    """Bind the parameters of a function."""
    e.held(scope)
    rebound = stores(*body)
    for n in scope.names:
        scope.names[n] = e.fresh(n)
    e.note_nonlocals(body, scope)
    caller, e.scope = e.scope, scope
    later = read_later(scope, body)
    for p, v in values.items():
        simple = isinstance(v, Plain) and isinstance(v.expr, (gast.Name, gast.Constant))
        lasts = p not in later or (isinstance(v, Plain) and is_steady(e, v))
        if simple and lasts and p not in rebound and not shared(e, v):
            scope.cells[p] = v
        else:
            bind(e, p, v)
    e.scope = caller


def read_later(scope: Scope, body: list[gast.stmt]) -> set[str]:
    """Names that a function may read when the variables of its caller have got other values.

    A function that it makes reads them when that is called, a generator when it goes on.
    """
    if any(isinstance(n, (gast.Yield, gast.YieldFrom)) for s in body for n in own_nodes(s)):
        return set(scope.names)
    inner = (
        n for n in nodes(body) if isinstance(n, (gast.FunctionDef, gast.Lambda, gast.ClassDef))
    )
    return {m.id for n in inner for m in nodes(n) if isinstance(m, gast.Name)}


def shared(e: Context, value: Value) -> bool:
    """Whether a function that runs meanwhile may bind a variable anew."""
    return isinstance(value, Plain) and getattr(value.expr, "id", "") in e.rebound_inside
