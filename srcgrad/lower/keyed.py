"""Dicts whose keys are known at run time only, in a few statements.

What is left are displays without items, `d[k] = v`, `d[k]`, `d.get(k, 0.0)`, `del d[k]`, loops over
keys, and what asks for keys.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Dict, Iteration, Record, Static
from srcgrad.lower.expand import Expansion, clean
from srcgrad.lower.mappings import Keyed
from srcgrad.lower.program import Typed
from srcgrad.lower.sugar import placed
from srcgrad.syntax.flow import Graph, loads, stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, call, constant, name, subscript

Values = dict[str, list[tuple[gast.AST, str, int | None]]]


def with_keyed(typed: Typed) -> bool:
    """Mark displays of dicts that are changed at keys which are not constant; whether there are."""
    wanted = {n for node in gast.walk(typed.function.node) for n in changed_at(typed, node)}
    for node, _ in typed.deferred:
        match node:
            case (
                gast.Subscript(value=gast.Name(id=n))
                | gast.Call(func=gast.Attribute(value=gast.Name(id=n)))
            ):
                wanted.add(n)
    values: Values = {}
    for s in gast.walk(typed.function.node):
        if isinstance(s, gast.Assign):
            for t in s.targets:
                note_values(values, t, s, "value", None)
    return mark_all(values, wanted)


def changes_keys(typed: Typed) -> bool:
    """Whether a function changes a dict with known keys at one that is not constant."""
    return any(changed_at(typed, node) for node in gast.walk(typed.function.node))


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


def note_values(
    values: Values, t: gast.expr, holder: gast.AST, field: str, at: int | None
) -> None:
    """Note the places of the expressions that names are bound to by one assignment."""
    value = getattr(holder, field) if at is None else getattr(holder, field)[at]
    if isinstance(t, gast.Name):
        values.setdefault(t.id, []).append((holder, field, at))
    elif isinstance(t, (gast.Tuple, gast.List)) and isinstance(value, (gast.Tuple, gast.List)):
        if len(t.elts) == len(value.elts):
            for i, e in enumerate(t.elts):
                note_values(values, e, value, "elts", i)


def with_given(typed: Typed) -> bool:
    """Mark displays of dicts that are given to functions; whether there are."""
    values: Values = {}
    wanted: set[str] = set()
    for node in gast.walk(typed.function.node):
        if isinstance(node, gast.Assign):
            for t in node.targets:
                note_values(values, t, node, "value", None)
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            wanted |= {
                a.id for a in node.args if isinstance(a, gast.Name) and is_record(typed, a)
            }
    return mark_all(values, wanted)


def changed_at(typed: Typed, node: gast.AST) -> list[str]:
    """The name of a dict with known keys that a node changes at one that is not."""
    match node:
        case gast.Subscript(value=gast.Name(id=n) as d, slice=key, ctx=gast.Store() | gast.Del()):
            pass
        case gast.Call(
            func=gast.Attribute(
                value=gast.Name(id=n) as d, attr="setdefault" | "pop" | "get" as attr
            ),
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
    """A value with its displays marked, the names of dicts that it may be, and if any was marked."""
    match node:
        case Keyed():
            return node, set(), False
        case gast.Dict(keys=keys) if None not in keys:
            return gast.copy_location(Keyed(keys=keys, values=node.values), node), set(), True
        case gast.Call(func=gast.Name(id="dict"), args=[], keywords=keywords) if all(
            k.arg for k in keywords
        ):
            new = Keyed(keys=[constant(k.arg) for k in keywords], values=[k.value for k in keywords])
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
    for n in gast.walk(new):
        if isinstance(n, gast.expr) and getattr(n, "lineno", None) is None:
            gast.copy_location(n, like)
    return new


class KeyedDicts(Expansion):
    """Rewrites statements on dicts whose keys are known at run time only."""

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.For() if self.view_of(s.iter) is not None or self.is_dict(s.iter):
                return self.loop(s)
            case gast.For() if (new := self.within(s)) is not None:
                return new
            case gast.Assign(targets=[gast.Name(id=n)], value=gast.Dict() as d) if self.filled(d):
                return self.filled_display(s, n, d)
            case gast.Assign(targets=[gast.Tuple() as t]) if any(map(self.is_item, t.elts)):
                return self.apart(s, t)
            case gast.Assign(targets=[t], value=gast.Call() as n) if self.changes(n):
                return self.called(s, t, n)
            case gast.Expr(value=gast.Call() as n) if self.changes(n):
                return self.called(s, None, n)
            case gast.AugAssign(target=gast.Name() as t, op=gast.BitOr()) if self.is_dict(t):
                return self.updated(s, name(t.id), s.value)
        if isinstance(s, (gast.Assign, gast.Expr, gast.Return)) and s.value is not None:
            if self.filled(s.value) and not isinstance(s, gast.Assign):
                s.value = placed_at(name(self.named(s.value, "table", s)), s.value)
        return super().statement(s)

    def is_dict(self, node: gast.expr) -> bool:
        """Whether an expression is such a dict."""
        return isinstance(self.kind(node), Dict)

    def is_item(self, node: gast.expr) -> bool:
        """Whether an expression is an item of such a dict."""
        return isinstance(node, gast.Subscript) and self.is_dict(node.value)

    def filled(self, node: gast.expr) -> bool:
        """Whether an expression is a display with items."""
        return isinstance(node, gast.Dict) and self.is_dict(node) and bool(node.keys)

    def changes(self, node: gast.Call) -> bool:
        """Whether a call changes such a dict."""
        f = node.func
        callee = self.typed.callees.get(node)
        if not isinstance(f, gast.Attribute) or not self.is_dict(f.value) or callee is None:
            return False
        return callee.target in ("pop", "setdefault", "update", "clear")

    def view_of(self, node: gast.expr) -> gast.Call | None:
        """`d.items()` or `d.values()` of such a dict."""
        kind = self.kind(node)
        viewed = isinstance(kind, Iteration) and kind.name in ("items", "values")
        return node if viewed and isinstance(kind.parts[0], Dict) else None

    def filled_display(self, s: gast.Assign, n: str, d: gast.Dict) -> list[gast.stmt]:
        """`d = {k: v}` as an empty dict that gets its items."""
        pairs = list(zip(d.keys, d.values, strict=True))
        several = any(isinstance(m, gast.Call) for m in gast.walk(d)) or n in loads(d)
        if several:
            pairs = [(self.kept(k, "key", s), self.kept(v, "item", s)) for k, v in pairs]
        empty = assign(n, Keyed(keys=[], values=[]))
        return self.replaced(s, [empty, *(self.put(name(n), k, v) for k, v in pairs)])

    def kept(self, node: gast.expr, hint: str, s: gast.stmt) -> gast.expr:
        """A value that gets a name before a statement, unless it is constant."""
        return node if isinstance(node, gast.Constant) else name(self.named(node, hint, s))

    def put(self, d: gast.expr, key: gast.expr, value: gast.expr) -> gast.stmt:
        """`d[key] = value`."""
        to = subscript(clean(d), clean(key), store=True)
        return gast.Assign(targets=[to], value=value, type_comment=None)

    def apart(self, s: gast.Assign, t: gast.Tuple) -> list[gast.stmt]:
        """`d[a], d[b] = v, w` by way of names."""
        behind: list[gast.stmt] = []
        for i, e in enumerate(t.elts):
            if not self.is_item(e):
                continue
            key = e.slice
            if loads(key) & stores(t):
                key = name(self.named(key, "key", s))
            label = self.new("item")
            behind.append(self.put(e.value, key, name(label)))
            t.elts[i] = gast.Name(id=label, ctx=gast.Store(), annotation=None, type_comment=None)
        self.changed = True
        return [s, *(placed(b, s) for b in behind)]

    def called(self, s: gast.stmt, t: gast.expr | None, n: gast.Call) -> list[gast.stmt]:
        """A method that changes a dict."""
        d = n.func.value
        if n.func.attr == "update":
            out: list[gast.stmt] = []
            for a in n.args:
                out += self.updated(s, d, a)
            for k in n.keywords:
                out += self.replaced(s, [self.put(d, constant(k.arg), k.value)])
            return out
        if n.func.attr == "clear":
            key = self.new("key")
            over = call(name("list"), clean(d))
            body = [deletion(d, name(key))]
            return self.replaced(s, [loop(key, over, body)])
        key = n.args[0]
        if not isinstance(key, (gast.Name, gast.Constant)) or (
            t is not None and stores(t) & loads(key, d)
        ):
            key = name(self.named(key, "key", s))
        default = n.args[1] if len(n.args) > 1 else None
        if n.func.attr == "pop":
            return self.popped(s, t, d, key, default)
        if default is None:
            default = constant(None)
        elif not isinstance(default, (gast.Name, gast.Constant)):
            default = name(self.named(default, "default", s))
        new: list[gast.stmt] = [
            gast.If(test=contains(key, d, gast.NotIn()), body=[self.put(d, key, default)], orelse=[])
        ]
        if t is not None:
            item = subscript(clean(d), clean(key))
            new.append(gast.Assign(targets=[t], value=item, type_comment=None))
        return self.replaced(s, new)

    def popped(
        self,
        s: gast.stmt,
        t: gast.expr | None,
        d: gast.expr,
        key: gast.expr,
        default: gast.expr | None,
    ) -> list[gast.stmt]:
        """`v = d.pop(k, default)`."""
        label = self.new("item")
        item = subscript(clean(d), clean(key))
        taken = [assign(label, item)] if t is not None else []
        bound: list[gast.stmt] = []
        if t is not None:
            bound = [gast.Assign(targets=[t], value=name(label), type_comment=None)]
        if default is None:
            return self.replaced(s, [*taken, deletion(d, key), *bound])
        if not isinstance(default, (gast.Name, gast.Constant)):
            default = name(self.named(default, "default", s))
        orelse = [assign(label, clean(default))] if t is not None else []
        test = contains(key, d, gast.In())
        return self.replaced(
            s, [gast.If(test=test, body=[*taken, deletion(d, key)], orelse=orelse), *bound]
        )

    def updated(self, s: gast.stmt, d: gast.expr, node: gast.expr) -> list[gast.stmt]:
        """`d.update(node)`."""
        kind = self.kind(node)
        base = node if isinstance(node, gast.Name) else name(self.named(node, "items", s))
        if isinstance(kind, Record):
            new = [self.put(d, constant(k), subscript(clean(base), constant(k))) for k in kind.keys]
            return self.replaced(s, new or [gast.Pass()])
        key = self.new("key")
        body = [self.put(d, name(key), subscript(clean(base), name(key)))]
        return self.replaced(s, [loop(key, call(name("list"), clean(base)), body)])

    def loop(self, s: gast.For) -> list[gast.stmt]:
        """A loop over a dict or a view of it as one over its keys."""
        view = self.view_of(s.iter)
        d = view.func.value if view is not None else s.iter
        if not isinstance(d, gast.Name):
            d = name(self.named(d, "table", s))
            if view is not None:
                view.func.value = d
            else:
                s.iter = d
            return [s]
        self.check_steady(s, d.id)
        if view is not None:
            self.changed = True
            item = subscript(name(d.id), name(""))
            if self.kind(view).name == "items" and isinstance(s.target, gast.Tuple):
                first, second = s.target.elts
                taken = first if isinstance(first, gast.Name) else None
                key = taken.id if taken is not None else self.new("key")
                unpack = [] if taken is not None else [bound(first, name(key))]
                item.slice = name(key)
                body = [*unpack, bound(second, item)]
            else:
                key = self.new("key")
                item.slice = name(key)
                pair = gast.Tuple(elts=[name(key), item], ctx=gast.Load())
                body = [bound(s.target, item if self.kind(view).name == "values" else pair)]
            new = loop(key, clean(d), [])
            new.body = [*(placed(b, s) for b in body), *s.body]
            return [placed(new, s)]
        if self.changes_later(s, d.id):
            keys = self.named(call(name("list"), clean(d)), "keys", s)
            s.iter = placed_at(name(keys), d)
            return [s]
        return super().statement(s)

    def within(self, s: gast.For) -> list[gast.stmt] | None:
        """A loop over something that goes through a dict; None if there is none."""
        for n in gast.walk(s.iter):
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is None or callee.tag != "builtin":
                continue
            for i, a in enumerate(n.args):
                if not isinstance(a, gast.Name) or not self.is_dict(a) or callee.target is len:
                    continue
                lazy = callee.target in (reversed, enumerate, zip)
                if lazy:
                    self.check_steady(s, a.id)
                if (lazy and not self.changes_later(s, a.id)) or (
                    not lazy and callee.target not in (list, tuple, sorted)
                ):
                    continue
                if lazy:
                    n.args[i] = name(self.named(call(name("list"), clean(a)), "keys", s))
                else:
                    label = self.named(clean(n), "keys", s)
                    s.iter = Swapped(n, name(label)).visit(s.iter)
                placed_at(s.iter, a)
                return [s]
        return None

    def check_steady(self, s: gast.For, d: str) -> None:
        """Refuse a loop over a dict that may get or lose items meanwhile."""
        root = self.aliases.container(d)
        own: set[str] = set()
        if isinstance(s.target, gast.Name) and self.is_dict(s.iter):
            own = {s.target.id}
        elif isinstance(s.target, gast.Tuple) and self.kind(s.iter).name == "items":
            own = {e.id for e in s.target.elts[:1] if isinstance(e, gast.Name)}
        own -= stores(*s.body)
        for n in (m for t in s.body for m in gast.walk(t)):
            where: gast.expr | None = None
            if isinstance(n, gast.Subscript) and not isinstance(n.ctx, gast.Load):
                inside = isinstance(n.ctx, gast.Store) and getattr(n.slice, "id", None) in own
                where = None if inside else n.value
            elif isinstance(n, gast.Call) and self.changes(n):
                where = n.func.value
            if isinstance(where, gast.Name) and self.is_dict(where):
                if self.aliases.container(where.id) == root:
                    what = f"`{user_name(d)}` may get or lose items while it is looped over"
                    raise self.function.refuse(s, what, f"Loop over list({user_name(d)}).")

    def changes_later(self, s: gast.For, d: str) -> bool:
        """Whether a dict may be changed after a loop has begun."""
        graph = Graph(self.function.node.body, tuple(self.function.parameters))
        return bool(later(graph, graph.at[s]) & writes_of(self.typed, d, self.aliases))


class Swapped(gast.NodeTransformer):
    """Puts an expression in the place of another."""

    def __init__(self, old: gast.expr, new: gast.expr) -> None:
        self.old = old
        self.new = new

    def visit(self, node: gast.AST) -> gast.AST:
        """Replace one node."""
        return self.new if node is self.old else super().visit(node)


def later(graph: Graph, start: int) -> set[gast.AST]:
    """The statements that control may get to from a point."""
    seen: set[int] = set()
    work = list(graph.points[start].after)
    while work:
        i = work.pop()
        if i not in seen:
            seen.add(i)
            work += graph.points[i].after
    return {graph.points[i].node for i in seen}


def writes_of(typed: Typed, d: str, aliases: object) -> set[gast.AST]:
    """The statements that put items into a dict, or take them out, or bind the name again."""
    root = aliases.container(d)  # type: ignore[attr-defined]
    out: set[gast.AST] = set()
    for s in gast.walk(typed.function.node):
        match s:
            case gast.Assign(targets=targets) | gast.Delete(targets=targets):
                changed = targets
            case gast.AugAssign(target=t):
                changed = [t]
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base))):
                changed = [subscript(base, constant(0), store=True)]
            case _:
                continue
        for t in (n for c in changed for n in gast.walk(c)):
            if isinstance(t, gast.Subscript) and isinstance(t.value, gast.Name):
                if not isinstance(t.ctx, gast.Load) and aliases.container(t.value.id) == root:  # type: ignore[attr-defined]
                    out.add(s)
            elif isinstance(t, gast.Name) and t.id == d and not isinstance(t.ctx, gast.Load):
                out.add(s)
    return out


def bound(t: gast.expr, value: gast.expr) -> gast.stmt:
    """`t = value`."""
    return gast.Assign(targets=[t], value=value, type_comment=None)


def loop(key: str, over: gast.expr, body: list[gast.stmt]) -> gast.For:
    """`for key in over:`."""
    to = gast.Name(id=key, ctx=gast.Store(), annotation=None, type_comment=None)
    return gast.For(target=to, iter=over, body=body, orelse=[], type_comment=None)


def contains(key: gast.expr, d: gast.expr, op: gast.AST) -> gast.expr:
    """`key in d`."""
    return gast.Compare(left=clean(key), ops=[op], comparators=[clean(d)])


def deletion(d: gast.expr, key: gast.expr) -> gast.stmt:
    """`del d[key]`."""
    part = gast.Subscript(value=clean(d), slice=clean(key), ctx=gast.Del())
    return gast.Delete(targets=[part])
