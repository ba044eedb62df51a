"""Lists, tuples and dicts in simpler statements: `+=`, `+` of records, second names of a list."""

from __future__ import annotations

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, is_tuple, may_be_active
from srcgrad.lower.base.trees import clean, is_path
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import change_children, children, walk


class Containers(Expansion):
    """Rewrites statements on containers."""

    def run(self) -> bool:
        """Give up second names first: the other rewrites need to see one name only."""
        return self.one_name() or super().run()

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.Expr(value=gast.Call(args=[to, value]) as n) if self.accumulates(n):
                label = value if isinstance(value, gast.Name) else name(self.named(value, "g", s))
                added = self.accumulated(to, label, self.kind(value))
                return self.replaced(s, added or [gast.Pass()])
            case gast.AugAssign(target=t, op=gast.Add()) if self.extends(t):
                return self.extended(s, t, s.value) or [s]
            case gast.Expr(
                value=gast.Call(func=gast.Attribute(value=t, attr="extend"), args=[value])
            ) if self.extends(t):
                return self.extended(s, t, value) or [s]
            case gast.AugAssign(target=gast.Name(id=n) as t, op=gast.Add()) if isinstance(
                kind := self.kind(t), Record
            ):
                items = self.elements(s.value)
                if kind.type is tuple and items is not None:
                    old = [subscript(name(n), constant(k)) for k in kind.keys]
                    return self.replaced(
                        s, [assign(n, gast.Tuple(elts=[*old, *items], ctx=gast.Load()))]
                    )
            case gast.AugAssign(target=gast.Subscript() as t) if self.replaceable(t):
                return self.item_replaced(s, t)
        for field, value in gast.iter_fields(s):
            if isinstance(value, gast.expr) and isinstance(
                getattr(value, "ctx", gast.Load()), gast.Load
            ):
                setattr(s, field, self.expr(value))
        return super().statement(s)

    def accumulates(self, n: gast.Call) -> bool:
        """Whether a call adds a cotangent to another of the same structure, in place."""
        callee = self.typed.callees.get(n)
        return callee is not None and callee.target is runtime.accumulate

    def accumulated(self, to: gast.expr, g: gast.expr, kind: Kind | None) -> list[gast.stmt]:
        """The items of a cotangent, added to those of another one by one."""
        if isinstance(kind, List):
            at = self.new("k")
            both = subscript(clean(to), name(at)), subscript(clean(g), name(at))
            count = call(name("range"), call(name("len"), clean(g)))
            body = self.accumulated(*both, kind.item)
            loop = gast.For(target=target(at), iter=count, body=body, orelse=[], type_comment=None)
            return [loop] if body else []
        if isinstance(kind, Record):
            out: list[gast.stmt] = []
            for k, item in zip(kind.keys, kind.items, strict=True):
                both = subscript(clean(to), constant(k)), subscript(clean(g), constant(k))
                out += self.accumulated(*both, item)
            return out
        if not may_be_active(kind):
            return []
        place = clean(to)
        place.ctx = gast.Store()
        return [gast.AugAssign(target=place, op=gast.Add(), value=clean(g))]

    def extends(self, t: gast.expr) -> bool:
        """Whether adding to a target makes a list longer: a name, or a plain path."""
        if not is_list(self.kind(t)):
            return False
        while isinstance(t, gast.Subscript):
            plain = (gast.Name, gast.Constant, gast.UnaryOp)
            indices = [n for n in walk(t.slice) if isinstance(n, gast.expr)]
            if is_tuple(self.kind(t.value)) or not all(isinstance(n, plain) for n in indices):
                return False
            t = t.value
        return isinstance(t, gast.Name)

    def extended(self, s: gast.stmt, t: gast.expr, value: gast.expr) -> list[gast.stmt]:
        """`a += [b, c]` as calls of `append`, and `a += b` as a loop of them."""
        base = clean(t)
        base.ctx = gast.Load()
        append = attribute(base, "append")
        (variable,) = loads(base_of(base))
        if isinstance(value, (gast.List, gast.Tuple)) and not any(
            isinstance(e, gast.Starred) for e in value.elts
        ):
            items = value.elts
            if any(
                variable in loads(e) or any(isinstance(n, gast.Call) for n in walk(e))
                for e in items[1:]
            ):
                items = [name(self.named(e, "item", s)) for e in items]
            return self.replaced(
                s, [gast.Expr(value=call(clean(append), e)) for e in items] or [gast.Pass()]
            )
        kind = self.kind(value)
        if not isinstance(kind, (List, Record)):
            return []
        if variable in loads(value):
            if isinstance(t, gast.Name):
                return []
            value = name(self.named(call(name("list"), value), "items", s))
        item = self.new("item")
        to = target(item)
        body: list[gast.stmt] = [gast.Expr(value=call(append, name(item)))]
        return self.replaced(
            s, [gast.For(target=to, iter=value, body=body, orelse=[], type_comment=None)]
        )

    def replaceable(self, t: gast.Subscript) -> bool:
        """Whether an in-place operator on an item of a container only puts a new value there."""
        base, item = self.kind(t.value), self.kind(t)
        return isinstance(base, (List, Record)) and isinstance(item, (Scalar, Static))

    def item_replaced(self, s: gast.AugAssign, t: gast.Subscript) -> list[gast.stmt]:
        """`d[k] += v` as `d[k] = d[k] + v`, for items that cannot change in place."""
        if not all(
            isinstance(n, (gast.Name, gast.Constant, gast.UnaryOp))
            for n in walk(t.slice)
            if isinstance(n, gast.expr)
        ):
            t.slice = name(self.named(t.slice, "index", s))
        old = gast.copy_location(clean(t), t)
        old.ctx = gast.Load()
        value = gast.BinOp(left=old, op=s.op, right=s.value)
        gast.copy_location(value, s)
        new = gast.Assign(targets=[t], value=value, type_comment=None)
        self.changed = True
        return [gast.copy_location(new, s)]

    def expr(self, node: gast.expr) -> gast.expr:
        """An expression in which sums of records are displays."""
        kind = self.kind(node)
        sliced = isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Slice)
        if isinstance(node, gast.BinOp) or sliced:
            if isinstance(kind, Record) and may_be_active(kind):
                items = self.elements(node)
                if items is not None:
                    self.changed = True
                    make = gast.Tuple if kind.type is tuple else gast.List
                    return gast.copy_location(make(elts=items, ctx=gast.Load()), node)
            if isinstance(kind, (Scalar, Array, Static)):
                self.arguments(node)
                return node
        change_children(node, self.expr, gast.expr)
        return node

    def arguments(self, node: gast.expr) -> None:
        """Sums of records among the arguments of the calls in an operation on numbers."""
        stack: list[gast.AST] = [node]
        while stack:
            n = stack.pop()
            if isinstance(n, gast.Call):
                n.args = [self.expr(a) for a in n.args]
                stack += [n.func, *n.keywords]
            else:
                stack += children(n)

    def elements(self, node: gast.expr) -> list[gast.expr] | None:
        """The items of a tuple or list that is made of displays and paths."""
        kind = self.kind(node)
        if not isinstance(kind, Record) or kind.type is dict:
            return None
        match node:
            case gast.BinOp(op=gast.Add()):
                left, right = self.elements(node.left), self.elements(node.right)
                return None if left is None or right is None else left + right
            case gast.Tuple() | gast.List():
                return node.elts
            case gast.Subscript(slice=gast.Slice() as cut) if is_path(node.value):
                base = self.kind(node.value)
                parts = [
                    self.kind(p) if p is not None else Static(None)
                    for p in (cut.lower, cut.upper, cut.step)
                ]
                if not isinstance(base, Record) or not all(isinstance(p, Static) for p in parts):
                    return None
                keys = base.keys[slice(*(p.value for p in parts if isinstance(p, Static)))]
                return [subscript(clean(node.value), constant(k)) for k in keys]
        return [subscript(clean(node), constant(k)) for k in kind.keys] if is_path(node) else None

    def one_name(self) -> bool:
        """Drop `b = a` for a list or dict that changes, where both names mean the same for good."""
        node = self.function.node
        for s in node.body:
            match s:
                case gast.Assign(targets=[gast.Name(id=b)], value=gast.Name(id=a)) if a != b:
                    kind = self.kind(s.value)
                    changes = is_list(kind) or (isinstance(kind, Record) and not is_tuple(kind))
                    if (
                        changes
                        and a in self.aliases.parent
                        and self.aliases.is_written(a)
                        and self.once(a)
                        and self.once(b)
                    ):
                        node.body.remove(s)
                        self.changed = True
                        rename(node, b, a)
                        return True
        return False

    def once(self, variable: str) -> bool:
        """Whether a name is bound once in the function, its in-place operators aside."""
        count = int(variable in self.function.parameters)
        for n in walk(self.function.node):
            match n:
                case gast.AugAssign(target=gast.Name(id=i)) if i == variable:
                    if not is_list(self.kind(n.target)):
                        return False
                case gast.Assign(targets=targets) if variable in stores(*targets):
                    count += 1
                case gast.For(target=t) if variable in stores(t):
                    return False
        return count == 1


def is_list(kind: object) -> bool:
    """Whether a kind is that of a list."""
    return isinstance(kind, List) or (isinstance(kind, Record) and kind.type is list)


def rename(node: gast.AST, old: str, new: str) -> None:
    """Give all occurrences of a name another one, in place."""
    for n in walk(node):
        if isinstance(n, gast.Name) and n.id == old:
            n.id = new


def base_of(node: gast.expr) -> gast.expr:
    """What a path of subscripts starts with."""
    while isinstance(node, gast.Subscript):
        node = node.value
    return node
