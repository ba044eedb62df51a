"""Loops over the keys of a dict that read its values, as loops over its items."""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import EXPANDED, unused_name, user_name
from srcgrad.syntax.quote import attribute, call, name, target
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import change_blocks, nodes


def by_items(body: list[gast.stmt]) -> list[gast.stmt]:
    """Generated loops `for k in d` that read `d[k]`, with `d.items()` or `d.values()`.

    Example:
        >>> from srcgrad.syntax.quote import statements
        >>> body = by_items(statements("d = {}; d[1] = x") + statements("for k in d: f(d[k])"))
        >>> body[-1].iter.func.attr
        'values'
    """
    if not any(isinstance(s, gast.For) and is_over_name(s) for s in statements_in(body)):
        return body
    dicts = sole_names(body)

    def block(inner: list[gast.stmt]) -> list[gast.stmt]:
        """A block with such loops."""
        for s in inner:
            change_blocks(s, block)
            match s:
                case gast.For(target=gast.Name(id=k), iter=gast.Name(id=d)) if d in dicts:
                    if is_over_name(s):
                        over_items(s, k, d, body)
        return inner

    return block(body)


def is_over_name(s: gast.For) -> bool:
    """Whether a loop is generated, and goes over what has a name."""
    named = isinstance(s.target, gast.Name) and isinstance(s.iter, gast.Name)
    return named and getattr(s, "end_lineno", None) is None


def sole_names(body: list[gast.stmt]) -> set[str]:
    """Names that are bound to dict displays, and that stand for no other name's dict."""
    made: set[str] = set()
    other: set[str] = set()
    for s in body:
        for n in nodes(s):
            match n:
                case gast.Assign(targets=[gast.Name(id=d)], value=gast.Dict()):
                    made.add(d)
                case gast.Assign(targets=[gast.Tuple(elts=to)], value=gast.Tuple(elts=values)):
                    pairs = zip(to, values, strict=False)
                    made |= {
                        t.id for t, v in pairs if isinstance(v, gast.Dict) and hasattr(t, "id")
                    }
                case gast.Assign(value=gast.Name(id=d)):
                    other.add(d)
                case gast.Tuple(ctx=gast.Load()) | gast.List(ctx=gast.Load()):
                    other |= {e.id for e in n.elts if isinstance(e, gast.Name)}
    return made - other


def over_items(s: gast.For, k: str, d: str, body: list[gast.stmt]) -> None:
    """Rewrite one loop, unless it changes the dict or its key."""
    reads = [n for t in s.body for n in nodes(t) if is_read(n, k, d)]
    inside = {id(n) for r in reads for n in nodes(r)}
    mentions = [n for t in s.body for n in nodes(t) if getattr(n, "id", "") == d]
    keys = [n for t in s.body for n in nodes(t) if getattr(n, "id", "") == k]
    if not reads or any(id(n) not in inside for n in mentions):
        return
    if any(not isinstance(n.ctx, gast.Load) for n in keys):
        return
    everywhere = {n.id for t in body for n in nodes(t) if isinstance(n, gast.Name)}
    value = unused_name(f"{user_name(d)}_value", EXPANDED, everywhere)
    for t in s.body:
        put(t, k, d, value)
    only = not any(id(n) not in inside for n in keys) and not read_outside(body, s, k)
    s.iter = call(attribute(name(d), "values" if only else "items"))
    to = target(value)
    s.target = to if only else gast.Tuple(elts=[s.target, to], ctx=gast.Store())


def is_read(n: gast.AST, k: str, d: str) -> bool:
    """Whether a node is `d[k]`."""
    match n:
        case gast.Subscript(value=gast.Name(id=a), slice=gast.Name(id=b), ctx=gast.Load()):
            return a == d and b == k
    return False


def put(t: gast.AST, k: str, d: str, value: str) -> None:
    """Put a name in the place of `d[k]`, in place."""
    for n in nodes(t):
        for field, part in gast.iter_fields(n):
            if isinstance(part, list):
                setattr(n, field, [name(value) if is_read(p, k, d) else p for p in part])
            elif is_read(part, k, d):
                setattr(n, field, name(value))


def read_outside(body: list[gast.stmt], s: gast.For, k: str) -> bool:
    """Whether a loop's key is read somewhere else, but in loops that bind it themselves."""
    inside = {id(n) for n in nodes(s)}
    for t in body:
        for loop in nodes(t):
            if isinstance(loop, gast.For) and k in stores(loop.target):
                inside |= {id(n) for inner in loop.body for n in nodes(inner)}
    return any(
        isinstance(n, gast.Name) and n.id == k and id(n) not in inside
        for t in body
        for n in nodes(t)
    )
