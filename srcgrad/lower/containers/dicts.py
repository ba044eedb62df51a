"""Changes of dicts whose keys are known, as assignments to items and deletions of them."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.trees import clean, is_path
from srcgrad.lower.inference.dictmethods import stored_in
from srcgrad.lower.inference.displays import dict_display
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import assign, constant, name, subscript

CHANGES = ("pop", "popitem", "setdefault", "update", "clear")


class Dicts(Expansion):
    """Rewrites statements that change dicts."""

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.Assign(targets=[t], value=gast.Call() as node) if self.is_change(node):
                return self.changed_by(s, t, node) or [s]
            case gast.Expr(value=gast.Call() as node) if self.is_change(node):
                return self.changed_by(s, None, node) or [s]
            case gast.AugAssign(target=gast.Name() as t, op=gast.BitOr()) if self.is_dict(t):
                kind = self.kind(s.value)
                if isinstance(kind, Record) and kind.type is dict:
                    value = s.value if is_path(s.value) else name(self.named(s.value, "items", s))
                    items = {k: subscript(clean(value), constant(k)) for k in kind.keys}
                    return self.assigned(s, name(t.id), items) or [s]
            case gast.Delete(targets=[gast.Subscript(value=gast.Name(id=d)) as t]):
                kind = self.kind(t.value)
                key = self.kind(t.slice)
                if isinstance(kind, Record) and kind.type is dict and isinstance(key, Static):
                    if self.alone(d):
                        rest = {
                            k: subscript(name(d), constant(k)) for k in kind.keys if k != key.value
                        }
                        return self.replaced(s, [assign(d, dict_display(rest))])
            case gast.Assign(targets=[gast.Subscript() as t]) if changes_structure(self.typed, s):
                return self.rebuilt(s, t) or [s]
        return super().statement(s)

    def rebuilt(self, s: gast.Assign, t: gast.Subscript) -> list[gast.stmt] | None:
        """`d[k] = v` as `d = {..., k: v}`, where `v` is built otherwise than what `d[k]` was."""
        base: gast.expr = t.value
        while isinstance(base, gast.Subscript) and self.is_dict(base):
            base = base.value
        if not isinstance(base, gast.Name) or not self.is_dict(base) or not self.alone(base.id):
            return None
        value = s.value
        if not isinstance(value, (gast.Name, gast.Constant)):
            value = name(self.named(value, "item", s))
        place: gast.expr = t
        while isinstance(place, gast.Subscript):
            kind, key = self.kind(place.value), self.kind(place.slice)
            assert isinstance(kind, Record)
            assert isinstance(key, Static)
            items = {k: subscript(clean(place.value), constant(k)) for k in kind.keys}
            value = dict_display(items | {key.value: value})
            place = place.value
        return self.replaced(s, [assign(base.id, value)])

    def private(self, d: str) -> bool:
        """Whether a dict has one name only, which stands for no argument of the function."""
        root = self.aliases.container(d)
        alone = sum(self.aliases.container(n) == root for n in self.aliases.parent) <= 1
        return alone and d not in self.function.parameters

    def alone(self, d: str) -> bool:
        """Whether a dict, and each dict in it, has no other name and is no argument's."""
        root = self.aliases.container(d)
        others = [n for n in self.aliases.parent if n != d and self.aliases.container(n) == root]
        given = self.function.parameters
        kinds = self.typed.variables
        return d not in given and not any(n in given or holds_dict(kinds.get(n)) for n in others)

    def is_dict(self, node: gast.expr) -> bool:
        """Whether an expression is a dict whose keys are known."""
        kind = self.kind(node)
        return isinstance(kind, Record) and kind.type is dict

    def is_change(self, node: gast.Call) -> bool:
        """Whether a call is one of a method that changes a dict."""
        f = node.func
        if not isinstance(f, gast.Attribute) or f.attr not in CHANGES:
            return False
        return self.is_dict(f.value) and is_path(f.value)

    def changed_by(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call
    ) -> list[gast.stmt] | None:
        """Statements for a method that changes a dict."""
        d = node.func.value
        kind = self.kind(d)
        assert isinstance(kind, Record)
        match node.func.attr:
            case "pop":
                return self.popped(s, t, node, kind)
            case "setdefault":
                return self.defaulted(s, t, node, kind)
            case "popitem" if t is not None:
                last = kind.keys[-1]
                pair = gast.Tuple(
                    elts=[constant(last), subscript(clean(d), constant(last))], ctx=gast.Load()
                )
                return self.replaced(s, [self.bound(t, pair), deletion(d, last)])
            case "clear":
                return self.replaced(s, [deletion(d, k) for k in kind.keys] or [gast.Pass()])
            case "update":
                found = self.updates(s, node)
                return None if found is None else self.assigned(s, d, found)
        return None

    def bound(self, t: gast.expr, value: gast.expr) -> gast.stmt:
        """`t = value`."""
        return gast.Assign(targets=[t], value=value, type_comment=None)

    def popped(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call, kind: Record
    ) -> list[gast.stmt]:
        """`v = d.pop(k, default)`."""
        d, key = node.func.value, self.kind(node.args[0])
        assert isinstance(key, Static)
        if key.value not in kind.keys:
            out = [self.bound(t, node.args[1])] if t is not None else []
            return self.replaced(s, out or [gast.Pass()])
        default = node.args[1] if len(node.args) > 1 else None
        if default is not None and not isinstance(default, (gast.Name, gast.Constant)):
            self.named(default, "default", s)
        item = subscript(clean(d), constant(key.value))
        out = [deletion(d, key.value)]
        if t is not None and loads(t) | stored_in(t) & loads(d):
            label = self.named(item, "item", s)
            return self.replaced(s, [*out, self.bound(t, name(label))])
        return self.replaced(s, [self.bound(t, item), *out] if t is not None else out)

    def defaulted(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call, kind: Record
    ) -> list[gast.stmt]:
        """`v = d.setdefault(k, default)`."""
        d, key = node.func.value, self.kind(node.args[0])
        assert isinstance(key, Static)
        default = node.args[1] if len(node.args) > 1 else constant(None)
        item = subscript(clean(d), constant(key.value))
        out: list[gast.stmt] = []
        if key.value not in kind.keys:
            to = subscript(clean(d), constant(key.value), store=True)
            out.append(self.bound(to, default))
        elif not isinstance(default, (gast.Name, gast.Constant)):
            self.named(default, "default", s)
        if t is not None:
            out.append(self.bound(t, item))
        return self.replaced(s, out or [gast.Pass()])

    def updates(self, s: gast.stmt, node: gast.Call) -> dict[Any, gast.expr] | None:
        """The items that `d.update(...)` assigns, by key."""
        out: dict[Any, gast.expr] = {}
        for a in node.args:
            kind = self.kind(a)
            if not isinstance(kind, Record) or kind.type is not dict:
                return None
            if isinstance(a, gast.Dict):
                out |= dict(zip(kind.keys, a.values, strict=True))
                continue
            value = a if is_path(a) else name(self.named(a, "items", s))
            out |= {k: subscript(clean(value), constant(k)) for k in kind.keys}
        return out | {k.arg: k.value for k in node.keywords}

    def assigned(self, s: gast.stmt, d: gast.expr, items: dict[Any, gast.expr]) -> list[gast.stmt]:
        """Items of a dict that get new values, all of which are computed first."""
        values = list(items.values())
        if len(values) > 1 and any(loads(v) & loads(d) for v in values[1:]):
            values = [name(self.named(v, "item", s)) for v in values]
        out = [
            self.bound(subscript(clean(d), constant(k), store=True), v)
            for k, v in zip(items, values, strict=True)
        ]
        return self.replaced(s, out or [gast.Pass()])


def holds_dict(kind: Kind | None) -> bool:
    """Whether a value may be a dict, or hold one."""
    match kind:
        case Record(type=made, items=items):
            return made is dict or any(map(holds_dict, items))
        case List(item=item):
            return isinstance(kind, Dict) or (item is not None and holds_dict(item))
        case Scalar() | Array() | Static():
            return False
    return True


def changes_structure(typed: Typed, s: gast.AST) -> Kind | None:
    """What a statement replaces at a key of a dict by a value of another structure, if it does."""
    match s:
        case gast.Assign(targets=[gast.Subscript(value=base, slice=at)], value=value):
            kind, key, new = (typed.kinds.get(n) for n in (base, at, value))
            if isinstance(kind, Record) and kind.type is dict and isinstance(key, Static):
                if key.value in kind.keys and new is not None:
                    old = kind.items[kind.keys.index(key.value)]
                    return old if may_be_active(old) and not alike(old, new) else None
    return None


def alike(a: Kind, b: Kind) -> bool:
    """Whether values of two kinds have the same structure."""
    if isinstance(a, Record) and isinstance(b, Record):
        same = a.type is b.type and a.keys == b.keys
        return same and all(map(alike, a.items, b.items))
    if numeric(a) is not None or numeric(b) is not None:
        return numeric(a) is not None and numeric(b) is not None
    return type(a) is type(b)


def deletion(d: gast.expr, key: Any) -> gast.stmt:
    """`del d[key]`."""
    part = gast.Subscript(value=clean(d), slice=constant(key), ctx=gast.Del())
    return gast.Delete(targets=[part])
