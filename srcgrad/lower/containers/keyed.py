"""Dicts whose keys are known at run time only, in a few statements.

What is left are displays without items, `d[k] = v`, `d[k]`, `d.get(k, 0.0)`, `del d[k]`, loops over
keys, and what asks for keys.
"""

from __future__ import annotations

from functools import cached_property

import gast

from srcgrad.kinds import Dict, Record
from srcgrad.lower.base.trees import clean, placed
from srcgrad.lower.containers.walks import Swapped, Walks, contains, deletion, loop
from srcgrad.lower.inference.mappings import Keyed
from srcgrad.lower.inference.marking import placed_at
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import heads, nodes, walk


class KeyedDicts(Walks):
    """Rewrites statements on dicts whose keys are known at run time only."""

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        self.filled_in(s)
        match s:
            case gast.AugAssign(target=gast.Subscript(value=gast.Name() as d) as t) if (
                self.missing(d) is not None
            ):
                return self.added(s, t)
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
        if isinstance(s, gast.Return) and s.value is not None and self.may_miss(s.value):
            s.value = placed_at(name(self.named(s.value, "out", s)), s.value)
            return [s]
        if isinstance(s, (gast.Assign, gast.Expr, gast.Return)) and s.value is not None:
            if self.filled(s.value) and not isinstance(s, gast.Assign):
                s.value = placed_at(name(self.named(s.value, "table", s)), s.value)
        return super().statement(s)

    def missing(self, d: gast.expr) -> float | None:
        """What reading puts at a key that is not there; None where that raises."""
        kind = self.kind(d)
        return kind.missing if isinstance(kind, Dict) else None

    def added(self, s: gast.AugAssign, t: gast.Subscript) -> list[gast.stmt]:
        """`d[k] += v` of a dict in which reading puts a value."""
        self.check_base(list(nodes(heads(s))), t.value.id, t)
        key = t.slice
        if not isinstance(key, (gast.Name, gast.Constant)):
            key = name(self.named(key, "key", s))
        old = call(attribute(clean(t.value), "get"), clean(key), constant(self.missing(t.value)))
        value = gast.BinOp(left=old, op=s.op, right=s.value)
        return self.replaced(s, [self.put(t.value, key, value)])

    @cached_property
    def fills(self) -> bool:
        """Whether there is a dict in which reading puts a value."""
        return any(isinstance(k, Dict) and k.missing is not None for k in self.typed.kinds.values())

    def filled_in(self, s: gast.stmt) -> None:
        """Put values at keys before they are read, of a dict in which reading does that."""
        if not self.fills:
            return
        here = list(nodes(heads(s)))
        found = [
            n
            for n in here
            if isinstance(n, gast.Subscript)
            and isinstance(n.ctx, gast.Load)
            and isinstance(n.value, gast.Name)
            and self.missing(n.value) is not None
        ]
        for n in found:
            d = n.value
            chosen = any(isinstance(m, (gast.IfExp, gast.BoolOp)) for m in here)
            if isinstance(s, gast.While) or chosen or not self.simple_key(n.slice):
                raise self.put_by_reading(n)
            self.check_base(here, d.id, n)
            got = call(attribute(clean(d), "get"), clean(n.slice), constant(self.missing(d)))
            test = contains(n.slice, d, gast.NotIn())
            new = self.put(d, n.slice, constant(self.missing(d)))
            self.before.append(placed(gast.If(test=test, body=[new], orelse=[]), s))
            Swapped(n, placed_at(got, n)).visit(s)
            self.changed = True

    def put_by_reading(self, n: gast.expr) -> Exception:
        """The error for an item that is put into a dict by reading it, and when matters."""
        what = "this reads an item of a defaultdict that may be put there by reading it"
        return self.function.refuse(n, what, "Use d.get(k, 0.0).")

    def check_base(self, here: list[gast.AST], d: str, n: gast.expr) -> None:
        """Refuse a statement that uses a dict otherwise than for its items."""
        bases = {id(m.value) for m in here if isinstance(m, gast.Subscript)}
        for m in here:
            if isinstance(m, gast.Name) and m.id == d and id(m) not in bases:
                raise self.put_by_reading(n)

    def simple_key(self, key: gast.expr) -> bool:
        """Whether a key can be read before its statement, and again."""
        plain = (gast.Name, gast.Constant, gast.Tuple, gast.BinOp, gast.UnaryOp)
        return all(isinstance(n, plain) for n in walk(key) if isinstance(n, gast.expr))

    def may_miss(self, node: gast.expr) -> bool:
        """Whether an expression reads items, of which there may be none."""
        return any(self.is_item(n) for n in walk(node) if isinstance(n, gast.expr))

    def filled(self, node: gast.expr) -> bool:
        """Whether an expression is a display with items."""
        return isinstance(node, gast.Dict) and self.is_dict(node) and bool(node.keys)

    def filled_display(self, s: gast.Assign, n: str, d: gast.Dict) -> list[gast.stmt]:
        """`d = {k: v}` as an empty dict that gets its items."""
        pairs = list(zip(d.keys, d.values, strict=True))
        several = any(isinstance(m, gast.Call) for m in walk(d)) or n in loads(d)
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
            t.elts[i] = target(label)
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
            gast.If(
                test=contains(key, d, gast.NotIn()), body=[self.put(d, key, default)], orelse=[]
            )
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
