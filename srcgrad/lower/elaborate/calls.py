"""Calls: left as code where later passes know the function, else written in place."""

from __future__ import annotations

import functools
import types
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import List, Record, Static
from srcgrad.lower.base.constructors import fields_of, unchanging
from srcgrad.lower.base.derived import Derivative, is_operator
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member, read_attribute
from srcgrad.lower.elaborate.builtin import BUILTINS
from srcgrad.lower.elaborate.captured import note_read, unchanged
from srcgrad.lower.elaborate.choosing import on_each
from srcgrad.lower.elaborate.classes import construct, construct_plain, construct_stored
from srcgrad.lower.elaborate.containers import change, opened
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.copying import COPYING, to_follow
from srcgrad.lower.elaborate.derived import apply_derived, labelled, operator
from srcgrad.lower.elaborate.inline import call_closure, call_function
from srcgrad.lower.elaborate.names import home, steady
from srcgrad.lower.elaborate.nature import (
    exotic,
    generator_manager,
    has_methods,
    is_object,
    user_class,
)
from srcgrad.lower.elaborate.operators import is_object_value
from srcgrad.lower.elaborate.order import parts_of, several, with_parts
from srcgrad.lower.elaborate.passing import result_kind
from srcgrad.lower.elaborate.values import (
    Bound,
    Choice,
    Closure,
    Derived,
    Instance,
    Items,
    Known,
    Partial,
    Plain,
    Super,
    Value,
)
from srcgrad.syntax.quote import constant, subscript

OPENED = (zip, enumerate, reversed, list, tuple, map, filter, functools.reduce)
ALWAYS = (functools.partial, functools.wraps, functools.lru_cache, functools.cache, getattr)


def call(e: Context, node: gast.Call) -> Value:
    """The value of a call."""
    if is_super(e, node):
        return parent_of(e, node)
    if isinstance(node.func, gast.Attribute):
        base = e.expr(node.func.value)
        if isinstance(base, Items):
            found = change(e, base, node)
            if found is not None:
                return found
        if isinstance(base, Instance) and is_replacing(base, node):
            new = several(e, [k.value for k in node.keywords])
            replaced = {k.arg: v for k, v in zip(node.keywords, new, strict=True)}
            return construct_plain(e, base.cls, [], dict(base.cells) | replaced, node)
        function = read_attribute(e, base, node.func)
    else:
        function = e.expr(node.func)
    if isinstance(function, Plain) and isinstance(function.kind, Static):
        function = Known(function.kind.value, function.expr)
    starred = [isinstance(a, gast.Starred) for a in node.args]
    given = [a.value if s else a for a, s in zip(node.args, starred, strict=True)]
    values = several(e, [*given, *(k.value for k in node.keywords)], raw=True)
    if not opens(function):
        values = [e.take(v, node) for v in values]
    if isinstance(function, Known) and hashable(function.value) and function.value in OPENED:
        values = [opened(e, v) for v in values]
    if stays(function, values) and not unrolled(e, function):
        return left(e, node, function, values)
    args = spread(e, values[: len(given)], starred, node)
    keywords: dict[str, Value] = {}
    for k, v in zip(node.keywords, values[len(given) :], strict=True):
        keywords |= {k.arg: v} if k.arg is not None else spread_keywords(e, v, node)
    return e.apply(function, args, keywords, node)


def is_replacing(base: Instance, node: gast.Call) -> bool:
    """Whether a call is `p._replace(x=1.0)` of a named tuple that the function made."""
    cls, given = base.cls.value, [k.arg for k in node.keywords]
    own = getattr(getattr(cls, "_replace", None), "__module__", "") == "collections"
    return own and node.func.attr == "_replace" and not node.args and set(given) <= set(base.cells)


def opens(function: Value) -> bool:
    """Whether a call is one of a function of the user's, whose statements take its arguments."""
    if isinstance(function, Known):
        value = function.value
        return isinstance(value, (types.FunctionType, types.MethodType)) or user_class(value)
    return not isinstance(function, Plain)


def stays(function: Value, values: list[Value]) -> bool:
    """Whether a call is one that later passes know."""
    if isinstance(function, Plain):
        return not is_object_value(function)
    if isinstance(function, Known) and function.expr is not None and only_stores(function.value):
        return all(isinstance(v, Plain) for v in values)
    if not isinstance(function, Known) or exotic(function.value) or function.expr is None:
        return False
    if hashable(function.value) and function.value in COPYING and to_follow(function, values):
        return False
    if hashable(function.value) and function.value in ALWAYS:
        return False
    if isinstance(function.value, Derivative) and not isinstance(function.expr, gast.Name):
        return False
    return all(
        isinstance(v, Plain)
        or (isinstance(v, Known) and v.expr is not None and not exotic(v.value))
        for v in values
    )


def unrolled(e: Context, function: Value) -> bool:
    """Whether a function calls itself and is written in place, level by level."""
    value = function.value if isinstance(function, Known) else None
    return isinstance(value, types.FunctionType) and value in e.world.unrolled


def only_stores(cls: Any) -> bool:
    """Whether a class is a fixed record without methods, whose constructor stores its arguments."""
    if not isinstance(cls, type) or not user_class(cls) or has_methods(cls):
        return False
    return unchanging(cls) and fields_of(cls) is not None


def left(e: Context, node: gast.Call, function: Value, values: list[Value]) -> Value:
    """A call as code."""
    parts = [a.value if isinstance(a, gast.Starred) else a for a in node.args]
    parts += [k.value for k in node.keywords]
    codes = [e.code(v, p) for v, p in zip(values, parts, strict=True)]
    table = {id(p): c for p, c in zip(parts, codes, strict=True)}
    args = [
        a
        if not isinstance(a, gast.Starred)
        else a
        if table[id(a.value)] is a.value
        else gast.Starred(value=table[id(a.value)], ctx=gast.Load())
        for a in node.args
    ]
    old = [node.func, *node.args, *(k.value for k in node.keywords)]
    new = [e.code(function, node.func)]
    new += [a if isinstance(a, gast.Starred) else table[id(a)] for a in args]
    new += [table[id(k.value)] for k in node.keywords]
    assert len(parts_of(node)) == len(old)
    return Plain(with_parts(node, old, new), result_kind(function, values, node))


def spread(e: Context, values: list[Value], starred: list[bool], node: gast.Call) -> list[Value]:
    """The arguments of a call, those behind `*` one by one."""
    out: list[Value] = []
    for v, s in zip(values, starred, strict=True):
        if not s:
            out.append(v)
        elif isinstance(v, Items):
            out += v.cells.values() if v.type is not dict else [Plain(constant(k)) for k in v.cells]
        elif isinstance(v, Plain) and isinstance(v.expr, (gast.Tuple, gast.List)):
            out += [Plain(x) for x in v.expr.elts]
        elif isinstance(v, Plain) and isinstance(v.kind, Record) and v.kind.type is not dict:
            for k, kind in zip(v.kind.keys, v.kind.items, strict=True):
                out.append(Plain(placed(subscript(v.expr, constant(k)), node), kind))
        else:
            raise e.refuse(
                node, "`*` in a call of a value of unknown length", "Write the arguments out."
            )
    return out


def spread_keywords(e: Context, v: Value, node: gast.Call) -> dict[str, Value]:
    """The arguments behind `**`."""
    match v:
        case Items(type=made) if made is dict:
            return dict(v.cells)
        case Plain(expr=gast.Dict() as d) if all(isinstance(k, gast.Constant) for k in d.keys):
            return {k.value: Plain(x) for k, x in zip(d.keys, d.values, strict=True)}
        case Plain(kind=Record(type=made) as kind) if made is dict:
            return {
                k: Plain(placed(subscript(v.expr, constant(k)), node), inner)
                for k, inner in zip(kind.keys, kind.items, strict=True)
            }
    raise e.refuse(node, "`**` in a call of a value whose keys are unknown", "Write them out.")


def apply(
    e: Context, function: Value, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """The value of a call of a function with arguments that were evaluated."""
    match function:
        case Closure():
            return call_closure(e, function, args, keywords, node)
        case Partial():
            return apply(
                e, function.function, [*function.args, *args], function.keywords | keywords, node
            )
        case Bound():
            return apply_bound(e, function, args, keywords, node)
        case Choice():
            args = [e.named(v, "value") if isinstance(v, Plain) else v for v in args]
            return on_each(
                e, function, lambda f: apply(e, f, list(args), dict(keywords), node), node
            )
        case Instance():
            found = member(e, function, "__call__", node)
            return apply(e, found, args, keywords, node)
        case Derived():
            return apply_derived(e, function, args, keywords, node)
        case Known():
            return apply_known(e, function, args, keywords, node)
        case Plain(kind=Record(type=made)) if user_class(made):
            return apply(e, member(e, function, "__call__", node), args, keywords, node)
        case Plain():
            return Plain(code_call(e, function.expr, args, keywords, node))
    raise e.refuse(node, f"a call of {described(function)} is not supported", "Call a function.")


def apply_bound(
    e: Context, function: Bound, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """A call of a method."""
    inner = function.function
    if isinstance(inner, Known) and isinstance(inner.value, types.FunctionType):
        given = [function.self, *args]
        return call_function(e, inner, given, keywords, node, function.found_in)
    return apply(e, inner, [function.self, *args], keywords, node)


def apply_known(
    e: Context, function: Known, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """A call of an object that is there before the function runs."""
    value = function.value
    if is_operator(value):
        return operator(e, value, args, keywords, node)
    if isinstance(value, Derivative):
        note_read(e, function.expr)
        function = labelled(e, value, node)
    make = (BUILTINS.get(value) or COPYING.get(value)) if hashable(value) else None
    if make is not None:
        found = make(e, args, keywords, node)
        if found is not None:
            return found
    if value is unchanged and isinstance(args[0], (Known, Items)):
        held = construct_stored(e, args[0], keywords) if isinstance(args[0], Known) else args[0]
        held.frozen = True
        return held
    if value is runtime.instance and args and isinstance(args[0], Known):
        return construct_stored(e, args[0], keywords)
    if (getattr(value, "__module__", None) or "").startswith("srcgrad.runtime"):
        return Plain(code_call(e, e.code(function, node), args, keywords, node))
    if value is functools.partial and args:
        rest = tuple(stored(e, v, "given") for v in args[1:])
        return Partial(args[0], rest, {k: stored(e, v, k) for k, v in keywords.items()})
    inner = generator_manager(value)
    if inner is not None:
        return call_function(e, Known(inner), args, keywords, node)
    match value:
        case functools.partial():
            given = [of_argument(e, v, node) for v in value.args]
            named = {k: of_argument(e, v, node) for k, v in value.keywords.items()}
            return apply(e, Known(value.func), [*given, *args], named | keywords, node)
        case functools._lru_cache_wrapper():
            return apply(e, Known(value.__wrapped__), args, keywords, node)
        case types.MethodType():
            first = Known(value.__self__, None)
            return apply(e, Bound(Known(value.__func__), first), args, keywords, node)
        case types.FunctionType() if (
            exotic(value) or not plain(args, keywords) or unrolled(e, function)
        ):
            return call_function(e, function, args, keywords, node)
        case types.FunctionType() if function.expr is None:
            return call_function(e, function, args, keywords, node)
        case type() if user_class(value):
            return construct(e, function, args, keywords, node)
        case type() if issubclass(value, tuple) and hasattr(value, "_fields"):
            return construct_plain(e, function, args, keywords, node)
    if is_object(value):
        return apply(e, member(e, function, "__call__", node), args, keywords, node)
    code = e.code(function, node)
    return Plain(code_call(e, code, args, keywords, node))


def stored(e: Context, value: Value, hint: str) -> Value:
    """An argument that is kept until a call: what its variables stand for later does not count."""
    return steady(e, value, hint) if isinstance(value, Plain) else value


def hashable(value: Any) -> bool:
    """Whether an object can be looked up in a table."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def plain(args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether all arguments are code of which nothing special is known."""
    for v in (*args, *keywords.values()):
        if isinstance(v, Plain) and not isinstance(v.kind, (Record, List)):
            continue
        if isinstance(v, Known) and v.expr is not None and not exotic(v.value):
            continue
        return False
    return True


def of_argument(e: Context, value: Any, node: gast.AST) -> Value:
    """An argument that a `functools.partial` holds."""
    if value is None or type(value) in (bool, int, float, str):
        return Plain(placed(constant(value), node), Static(value))
    if callable(value):
        return Known(value)
    raise e.refuse(
        node,
        f"a `partial` that holds a {type(value).__name__} is not supported",
        "Pass it as an argument of the call.",
    )


def code_call(
    e: Context, function: gast.expr, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> gast.expr:
    """A call as code, of arguments that were evaluated."""
    new = gast.Call(
        func=function,
        args=[e.code(v, node) for v in args],
        keywords=[gast.keyword(arg=k, value=e.code(v, node)) for k, v in keywords.items()],
    )
    return placed(new, node)


def is_super(e: Context, node: gast.Call) -> bool:
    """Whether a call is `super()`."""
    return (
        isinstance(node.func, gast.Name)
        and node.func.id == "super"
        and home(e.scope, "super") is None
    )


def parent_of(e: Context, node: gast.Call) -> Value:
    """`super()` of the method that runs, or `super(Class, self)`."""
    if node.args:
        cls, thing = several(e, node.args)
        if isinstance(cls, Known) and isinstance(cls.value, type):
            return Super(cls.value, thing)
    scope = e.scope
    if scope.self_class is None or scope.first not in scope.cells:
        raise e.refuse(node, "`super()` outside of a method is not supported", "Name the class.")
    return Super(scope.self_class, scope.cells[scope.first])
