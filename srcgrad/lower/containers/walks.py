"""Loops over dicts whose keys are known at run time only, as loops over their keys."""

from __future__ import annotations

import gast

from srcgrad.kinds import Dict, Iteration
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.trees import clean, placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.inference.marking import placed_at
from srcgrad.lower.memory.aliases import Aliases
from srcgrad.syntax.flow import Graph, stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import call, constant, name, subscript, target
from srcgrad.syntax.walk import walk


class Walks(Expansion):
    """Rewrites loops over dicts."""

    def is_dict(self, node: gast.expr) -> bool:
        """Whether an expression is such a dict."""
        return isinstance(self.kind(node), Dict)

    def is_item(self, node: gast.expr) -> bool:
        """Whether an expression is an item of such a dict."""
        return isinstance(node, gast.Subscript) and self.is_dict(node.value)

    def view_of(self, node: gast.expr) -> gast.Call | None:
        """`d.items()` or `d.values()` of such a dict."""
        kind = self.kind(node)
        if not isinstance(kind, Iteration) or kind.name not in ("items", "values"):
            return None
        if not isinstance(kind.parts[0], Dict):
            return None
        if not isinstance(node, gast.Call):
            what = "a view of a dict whose keys are not constant is kept"
            raise self.function.refuse(node, what, "Loop over d.items() itself, or list it.")
        return node

    def is_pairs(self, node: gast.expr) -> bool:
        """Whether an expression is `d.items()`."""
        kind = self.kind(node)
        return isinstance(kind, Iteration) and kind.name == "items"

    def changes(self, node: gast.Call) -> bool:
        """Whether a call changes such a dict."""
        f = node.func
        callee = self.typed.callees.get(node)
        if not isinstance(f, gast.Attribute) or not self.is_dict(f.value) or callee is None:
            return False
        return callee.target in ("pop", "setdefault", "update", "clear")

    def within(self, s: gast.For) -> list[gast.stmt] | None:
        """A loop over something that goes through a dict; None if there is none."""
        for n in walk(s.iter):
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is None or callee.tag != "builtin":
                continue
            for i, a in enumerate(n.args):
                view = self.view_of(a)
                if view is not None and callee.target in (enumerate, zip):
                    if isinstance(view.func.value, gast.Name):
                        self.check_untouched(s, view.func.value.id)
                    n.args[i] = name(self.named(call(name("list"), clean(a)), "items", s))
                    placed_at(s.iter, a)
                    return [s]
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

    def check_untouched(self, s: gast.For, d: str) -> None:
        """Refuse a loop over a view of a dict of which items are written meanwhile."""
        inside = {m for t in s.body for m in walk(t)}
        if inside & writes_of(self.typed, d, self.aliases):
            what = f"`{user_name(d)}` changes while a view of it is looped over"
            raise self.function.refuse(s, what, f"Loop over list({user_name(d)}).")

    def check_steady(self, s: gast.For, d: str) -> None:
        """Refuse a loop over a dict that may get or lose items meanwhile."""
        root = self.aliases.container(d)
        own: set[str] = set()
        if isinstance(s.target, gast.Name) and self.is_dict(s.iter):
            own = {s.target.id}
        elif isinstance(s.target, gast.Tuple) and self.is_pairs(s.iter):
            own = {e.id for e in s.target.elts[:1] if isinstance(e, gast.Name)}
        own -= stores(*s.body)
        for n in (m for t in s.body for m in walk(t)):
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
            if self.is_pairs(view) and isinstance(s.target, gast.Tuple):
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
                body = [bound(s.target, pair if self.is_pairs(view) else item)]
            new = loop(key, clean(d), [])
            new.body = [*(placed(b, s) for b in body), *s.body]
            return [placed(new, s)]
        if self.changes_later(s, d.id):
            keys = self.named(call(name("list"), clean(d)), "keys", s)
            s.iter = placed_at(name(keys), d)
            return [s]
        return super().statement(s)

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


def writes_of(typed: Typed, d: str, aliases: Aliases) -> set[gast.AST]:
    """The statements that put items into a dict, or take them out, or bind the name again."""
    root = aliases.container(d)
    out: set[gast.AST] = set()
    for s in walk(typed.function.node):
        match s:
            case gast.Assign(targets=targets) | gast.Delete(targets=targets):
                changed = targets
            case gast.AugAssign(target=t):
                changed = [t]
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base))):
                changed = [subscript(base, constant(0), store=True)]
            case _:
                continue
        for t in (n for c in changed for n in walk(c)):
            if isinstance(t, gast.Subscript) and isinstance(t.value, gast.Name):
                if not isinstance(t.ctx, gast.Load) and aliases.container(t.value.id) == root:
                    out.add(s)
            elif isinstance(t, gast.Name) and t.id == d and not isinstance(t.ctx, gast.Load):
                out.add(s)
    return out


def bound(t: gast.expr, value: gast.expr) -> gast.stmt:
    """`t = value`."""
    return gast.Assign(targets=[t], value=value, type_comment=None)


def loop(key: str, over: gast.expr, body: list[gast.stmt]) -> gast.For:
    """`for key in over:`."""
    to = target(key)
    return gast.For(target=to, iter=over, body=body, orelse=[], type_comment=None)


def contains(key: gast.expr, d: gast.expr, op: gast.AST) -> gast.expr:
    """`key in d`."""
    return gast.Compare(left=clean(key), ops=[op], comparators=[clean(d)])


def deletion(d: gast.expr, key: gast.expr) -> gast.stmt:
    """`del d[key]`."""
    part = gast.Subscript(value=clean(d), slice=clean(key), ctx=gast.Del())
    return gast.Delete(targets=[part])
