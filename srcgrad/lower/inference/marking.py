"""Finds dicts whose keys are known at run time only, and marks the displays that they start as."""

from __future__ import annotations

import gast

from srcgrad.kinds import Opaque, Record, Static
from srcgrad.lower.base.program import Typed
from srcgrad.lower.inference.mappings import Keyed
from srcgrad.syntax.quote import constant
from srcgrad.syntax.walk import walk

Values = dict[str, list[tuple[gast.AST, str, int | None]]]


def with_keyed(typed: Typed) -> bool:
    """Mark displays of dicts that are changed at keys which are not constant; whether there are."""
    wanted = {n for node in walk(typed.function.node) for n in changed_at(typed, node)}
    for node, _ in typed.deferred:
        match node:
            case (
                gast.Subscript(value=gast.Name(id=n))
                | gast.Call(func=gast.Attribute(value=gast.Name(id=n)))
            ):
                wanted.add(n)
    values: Values = {}
    for s in walk(typed.function.node):
        if isinstance(s, gast.Assign):
            for t in s.targets:
                note_values(values, t, s, "value", None)
    return mark_all(values, wanted)


def with_given(typed: Typed) -> bool:
    """Mark displays of dicts that are given to functions; whether there are."""
    values: Values = {}
    wanted: set[str] = set()
    for node in walk(typed.function.node):
        if isinstance(node, gast.Assign):
            for t in node.targets:
                note_values(values, t, node, "value", None)
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            wanted |= {a.id for a in node.args if isinstance(a, gast.Name) and is_record(typed, a)}
    return mark_all(values, wanted)


def with_vague(typed: Typed) -> bool:
    """Mark displays of dicts that get items at keys which differ from path to path."""
    nodes = list(walk(typed.function.node))
    vague = {
        n.id for n in nodes if isinstance(n, gast.Name) and isinstance(typed.kinds.get(n), Opaque)
    }
    wanted = {
        n.value.id
        for n in nodes
        if isinstance(n, gast.Subscript)
        and isinstance(n.value, gast.Name)
        and isinstance(n.ctx, gast.Store)
    }
    values: Values = {}
    for s in nodes:
        if isinstance(s, gast.Assign):
            for t in s.targets:
                note_values(values, t, s, "value", None)
    return mark_all(values, wanted & vague)


def changes_keys(typed: Typed) -> bool:
    """Whether a function changes a dict with known keys at one that is not constant."""
    return any(changed_at(typed, node) for node in walk(typed.function.node))


def mark_all(values: Values, wanted: set[str]) -> bool:
    """Mark the displays that some names stand for; whether there is any."""
    seen: set[str] = set()
    marked = False
    while wanted:
        n = wanted.pop()
        seen.add(n)
        for holder, field, at in values.get(n, []):
            whole = getattr(holder, field)
            new, more, found = marked_in(whole if at is None else whole[at])
            if at is None:
                setattr(holder, field, new)
            else:
                whole[at] = new
            marked |= found
            wanted |= more - seen
    return marked


def note_values(values: Values, t: gast.expr, holder: gast.AST, field: str, at: int | None) -> None:
    """Note the places of the expressions that names are bound to by one assignment."""
    value = getattr(holder, field) if at is None else getattr(holder, field)[at]
    if isinstance(t, gast.Name):
        values.setdefault(t.id, []).append((holder, field, at))
    elif isinstance(t, (gast.Tuple, gast.List)) and isinstance(value, (gast.Tuple, gast.List)):
        if len(t.elts) == len(value.elts):
            for i, e in enumerate(t.elts):
                note_values(values, e, value, "elts", i)


def changed_at(typed: Typed, node: gast.AST) -> list[str]:
    """The name of a dict with known keys that a node changes at one that is not."""
    match node:
        case gast.Subscript(value=gast.Name(id=n) as d, slice=key, ctx=gast.Store() | gast.Del()):
            pass
        case gast.Call(
            func=gast.Attribute(value=gast.Name(id=n) as d, attr="setdefault" | "pop" | "get"),
            args=[key, *_],
        ):
            pass
        case gast.Call(
            func=gast.Attribute(value=gast.Name(id=n) as d, attr="update"), args=[key, *_]
        ):
            kind = typed.kinds.get(key)
            known = isinstance(kind, Record) and kind.type is dict
            return [] if known or not is_record(typed, d) else [n]
        case _:
            return []
    kind = typed.kinds.get(key)
    if kind is None or isinstance(kind, Static) or not is_record(typed, d):
        return []
    return [n]


def is_record(typed: Typed, d: gast.expr) -> bool:
    """Whether an expression is a dict whose keys are known."""
    kind = typed.kinds.get(d)
    return isinstance(kind, Record) and kind.type is dict


def marked_in(node: gast.expr) -> tuple[gast.expr, set[str], bool]:
    """A value with its displays marked, names of dicts that it may be, whether any was marked."""
    match node:
        case Keyed():
            return node, set(), False
        case gast.Dict(keys=keys) if None not in keys:
            return gast.copy_location(Keyed(keys=keys, values=node.values), node), set(), True
        case gast.Call(func=gast.Name(id="dict"), args=[], keywords=keywords) if all(
            k.arg for k in keywords
        ):
            new = Keyed(
                keys=[constant(k.arg) for k in keywords], values=[k.value for k in keywords]
            )
            return placed_at(new, node), set(), True
        case gast.Call(func=gast.Name(id="dict"), args=[gast.Name(id=n)], keywords=[]):
            return node, {n}, False
        case gast.Call(func=gast.Attribute(value=gast.Name(id=n), attr="copy")):
            return node, {n}, False
        case gast.Name(id=n):
            return node, {n}, False
        case gast.IfExp():
            node.body, first, a = marked_in(node.body)
            node.orelse, second, b = marked_in(node.orelse)
            return node, first | second, a or b
    return node, set(), False


def placed_at(new: gast.expr, like: gast.expr) -> gast.expr:
    """A new expression at the place of another."""
    for n in walk(new):
        if isinstance(n, gast.expr) and getattr(n, "lineno", None) is None:
            gast.copy_location(n, like)
    return new
