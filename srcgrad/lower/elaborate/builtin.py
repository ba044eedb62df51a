"""Python's own functions on what is followed: functions, objects, containers of them."""

from __future__ import annotations

import builtins
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member, read_attribute
from srcgrad.lower.elaborate.classes import write_attribute
from srcgrad.lower.elaborate.containers import constant_key, sequence
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.growing import add, start_list
from srcgrad.lower.elaborate.names import bind, plain_constant, read_name, set_slot, steady
from srcgrad.lower.elaborate.ordering import by_key
from srcgrad.lower.elaborate.values import (
    Generating,
    Instance,
    Items,
    Known,
    Plain,
    Value,
)
from srcgrad.syntax.quote import name

Handler = Callable[[Context, list[Value], dict[str, Value], gast.expr], Value | None]


def followed(values: list[Value]) -> bool:
    """Whether a value is no code."""
    return any(not isinstance(v, (Plain, Known)) for v in values)


def of_length(e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr) -> Any:
    """`len(xs)`."""
    if len(args) == 1 and isinstance(args[0], Instance) and issubclass(args[0].cls.value, tuple):
        return plain_constant(len(args[0].cells))
    if len(args) == 1 and isinstance(args[0], Instance):
        return e.apply(member(e, args[0], "__len__", node), [], {}, node)
    found = sequence(args[0]) if len(args) == 1 and not isinstance(args[0], Plain) else None
    return None if found is None else plain_constant(len(found))


def get_attribute(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`getattr(thing, "name")`."""
    label = constant_key(args[1]) if len(args) in (2, 3) else None
    if label is None or not isinstance(label[0], str):
        raise e.refuse(node, "`getattr` with a name that varies is not supported", "Use `if`.")
    if len(args) == 3 and isinstance(args[0], Instance):
        if label[0] not in args[0].cells and not hasattr(args[0].cls.value, label[0]):
            e.absent.add((args[0], label[0]))
            return args[2]
        if (args[0], label[0]) in e.unsure:
            what = f"`{label[0]}` is set on one path that leads here, and not on another"
            raise e.refuse(node, what, "Set it on all paths.")
    code = node.args[0] if isinstance(node, gast.Call) else node
    found = gast.Attribute(value=code, attr=label[0], ctx=gast.Load())
    return read_attribute(e, args[0], gast.copy_location(found, node))


def set_attribute(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`setattr(thing, "name", value)`."""
    label = constant_key(args[1]) if len(args) == 3 else None
    if label is None or not isinstance(label[0], str):
        raise e.refuse(node, "`setattr` with a name that varies is not supported", "Use `if`.")
    to = gast.copy_location(
        gast.Attribute(value=node.args[0], attr=label[0], ctx=gast.Store()), node
    )
    write_attribute(e, args[0], to, args[2])
    return plain_constant(None)


def set_frozen(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`object.__setattr__(thing, "name", value)`, as constructors of frozen classes do it."""
    label = constant_key(args[1]) if len(args) == 3 else None
    if label is None or not isinstance(args[0], Instance) or args[0].frozen:
        raise e.refuse(
            node,
            "this use of `object.__setattr__` is not supported",
            "Use it in `__post_init__`, with a constant name.",
        )
    set_slot(e, args[0], label[0], args[2])
    return plain_constant(None)


def magnitude(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`abs(thing)`."""
    if len(args) == 1 and isinstance(args[0], Instance):
        return e.apply(member(e, args[0], "__abs__", node), [], {}, node)
    return None


def replaced(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`dataclasses.replace(thing, x=...)`."""
    if len(args) != 1 or not isinstance(args[0], Instance):
        return None
    fields = [f.name for f in dataclasses.fields(args[0].cls.value) if f.init]
    given = {n: keywords.get(n, args[0].cells[n]) for n in fields}
    return e.apply(args[0].cls, [], given | keywords, node)


def class_itself(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`type(thing)`."""
    return args[0].cls if len(args) == 1 and isinstance(args[0], Instance) else None


def listed(kind: type) -> Handler:
    """`list(xs)` or `tuple(xs)`."""

    def make(
        e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr
    ) -> Value | None:
        """The list of what a value goes through."""
        if len(args) != 1:
            return None
        if isinstance(args[0], Generating):
            made = e.collect(args[0], node)
            if isinstance(made, Items):
                return e.held(Items(dict(made.cells), type=kind))
            if kind is list:
                return made
            return Plain(called(kind.__name__, [Plain(e.code(made, node))], node))
        found = sequence(args[0]) if followed(args) else None
        return None if found is None else e.held(Items(dict(enumerate(found)), type=kind))

    return make


def called(label: str, args: list[Plain], node: gast.AST) -> gast.expr:
    """A call of a builtin as code."""
    new = gast.Call(func=name(label), args=[a.expr for a in args], keywords=[])
    return placed(new, node)


def dictionary(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`dict(a=f)`, `dict(d)`."""
    cells: dict[Any, Value] = {}
    if args and not (isinstance(args[0], Items) and args[0].type is dict):
        return None
    if not followed([*args, *keywords.values()]):
        return None
    for a in args:
        assert isinstance(a, Items)
        cells |= a.cells
    cells |= {k: steady(e, v, k) if isinstance(v, Plain) else v for k, v in keywords.items()}
    return e.held(Items(cells, type=dict))


def zipped(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`zip(fs, xs)` with functions or objects."""
    strict = keywords.get("strict", plain_constant(False))
    exact = constant_key(strict)
    if not followed(args) or keywords.keys() - {"strict"} or exact is None or exact[0]:
        return None
    columns = [sequence(a) if not isinstance(a, Plain) else None for a in args]
    shortest = min(len(c) for c in columns if c is not None)
    full = [
        c if c is not None else parts(e, a, shortest) for c, a in zip(columns, args, strict=True)
    ]
    rows = [e.held(Items(dict(enumerate(row)), type=tuple)) for row in zip(*full, strict=False)]
    return e.fresh_stream(e.held(Items(dict(enumerate(rows)), type=tuple)))


def parts(e: Context, value: Value, count: int) -> list[Value]:
    """The first items of a value that is code."""
    whole = steady(e, value, "items") if isinstance(value, Plain) else value
    code = e.code(whole, e.at)
    return [
        e.expr(
            placed(gast.Subscript(value=code, slice=gast.Constant(i, None), ctx=gast.Load()), e.at)
        )
        for i in range(count)
    ]


def numbered(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`enumerate(fs)`."""
    found = sequence(args[0]) if followed(args[:1]) else None
    if found is None:
        return None
    start = keywords.get("start", args[1] if len(args) > 1 else plain_constant(0))
    first = constant_key(start)
    if first is None:
        raise e.refuse(
            node,
            "`enumerate` from a number that varies is not supported",
            "Add the number in the loop.",
        )
    rows = [
        e.held(Items({0: plain_constant(i), 1: v}, type=tuple))
        for i, v in enumerate(found, first[0])
    ]
    return e.fresh_stream(e.held(Items(dict(enumerate(rows)), type=tuple)))


def backwards(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`reversed(fs)`."""
    found = sequence(args[0]) if len(args) == 1 and followed(args) else None
    if found is None:
        return None
    return e.fresh_stream(e.held(Items(dict(enumerate(found[::-1])), type=tuple)))


def mapped(e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr) -> Any:
    """`map(f, xs)`: a list of the results."""
    function, *rest = args
    if stays_code(function, rest):
        return None
    over = rest[0] if len(rest) == 1 else zipped_code(e, rest, node)
    out = start_list(e)

    def each(value: Value) -> None:
        given = [value] if len(rest) == 1 else sequence(value) or parts(e, value, len(rest))
        add(e, out, e.apply(function, given, {}, node))

    e.each_of(over, each, node)
    return e.fresh_stream(read_name(e, placed(name(out), node)))


def zipped_code(e: Context, args: list[Value], node: gast.expr) -> Value:
    """`zip` of several values."""
    found = zipped(e, args, {}, node)
    if found is not None:
        return e.take(found, node)
    return Plain(called("zip", [Plain(e.code(a, node)) for a in args], node))


def stays_code(function: Value, rest: list[Value]) -> bool:
    """Whether a function that is handed to `map` and the like can stay code."""
    if followed(rest):
        return False
    return isinstance(function, Known) and function.expr is not None


def filtered(e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr) -> Any:
    """`filter(f, xs)`: a list of the items for which it is true."""
    function, over = args
    if stays_code(function, [over]):
        return None
    out = start_list(e)

    def each(value: Value) -> None:
        kept = steady(e, value, "item") if isinstance(value, Plain) else value
        test = e.apply(function, [kept], {}, node)
        with e.into([]) as body:
            add(e, out, kept)
        e.emit(gast.If(test=e.code(test, node), body=body, orelse=[]))

    e.each_of(over, each, node)
    return e.fresh_stream(read_name(e, placed(name(out), node)))


def reduced(e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr) -> Any:
    """`functools.reduce(f, xs, start)`."""
    function, over, *start = args
    if stays_code(function, args[1:]):
        return None
    result = e.fresh("total")
    e.scope.names[result] = result
    if start:
        bind(e, result, start[0])
    else:
        found = sequence(over)
        if found is None:
            over = steady(e, over, "items") if isinstance(over, Plain) else over
            first, rest = parts_of_code(e, over, node)
            bind(e, result, first)
            over = rest
        else:
            bind(e, result, found[0])
            over = e.held(Items(dict(enumerate(found[1:])), type=tuple))

    def each(value: Value) -> None:
        so_far = read_name(e, placed(name(result), node))
        bind(e, result, e.apply(function, [so_far, value], {}, node))

    e.each_of(over, each, node)
    return read_name(e, placed(name(result), node))


def parts_of_code(e: Context, over: Value, node: gast.expr) -> tuple[Value, Value]:
    """The first item of a value, and the others."""
    code = e.code(over, node)
    first = gast.Subscript(value=code, slice=gast.Constant(0, None), ctx=gast.Load())
    cut = gast.Slice(lower=gast.Constant(1, None), upper=None, step=None)
    code = e.code(over, node)
    rest = gast.Subscript(value=code, slice=cut, ctx=gast.Load())
    return Plain(placed(first, node)), Plain(placed(rest, node))


def gathered(label: str) -> Handler:
    """`sum`, `max` and the like of what a generator gives."""

    def make(
        e: Context, args: list[Value], keywords: dict[str, Value], node: gast.expr
    ) -> Value | None:
        """The call, of a list."""
        if len(args) == 1 and "key" in keywords:
            found = by_key(e, label, args[0], keywords, node)
            if found is not None:
                return found
        if not args or not isinstance(args[0], Generating):
            return None
        items = e.collect(args[0], node)
        rest = [Plain(e.code(a, node)) for a in (items, *args[1:])]
        new = called(label, rest, node)
        new.keywords = [gast.keyword(arg=k, value=e.code(v, node)) for k, v in keywords.items()]
        return Plain(new)

    return make


def same_function(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """A decorator that changes nothing of what a function computes."""
    return args[0] if len(args) == 1 else None


def wrapping(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`functools.wraps(f)`: a decorator that changes nothing but names."""
    return Known(functools.update_wrapper)


def wrapped(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """What `functools.wraps(f)` makes of a function: the function."""
    return args[0]


def caching(e: Context, args: list[Value], keywords: dict[str, Value], node: Any) -> Any:
    """`functools.lru_cache(maxsize=...)` and `functools.lru_cache(f)`."""
    if args and not isinstance(args[0], Plain):
        return args[0]
    return Known(functools.update_wrapper)


BUILTINS: dict[Any, Handler] = {
    len: of_length,
    abs: magnitude,
    dataclasses.replace: replaced,
    getattr: get_attribute,
    setattr: set_attribute,
    object.__setattr__: set_frozen,
    type: class_itself,
    list: listed(list),
    tuple: listed(tuple),
    dict: dictionary,
    zip: zipped,
    enumerate: numbered,
    reversed: backwards,
    map: mapped,
    filter: filtered,
    functools.reduce: reduced,
    functools.wraps: wrapping,
    functools.update_wrapper: wrapped,
    functools.lru_cache: caching,
    functools.cache: same_function,
} | {getattr(builtins, n): gathered(n) for n in ("sum", "max", "min", "any", "all", "sorted")}
