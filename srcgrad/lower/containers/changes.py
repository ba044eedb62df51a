"""Changes of lists in a few forms: items appended, taken out, put in front, all items replaced.

`v = xs.pop(i)` becomes `v = xs[i]; xs.pop(i)`. `insert`, `clear`, `sort` and slices that are
assigned make a new list, which takes the name where no other name may stand for the old one, and
else its contents.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Kind, List, Record, Static
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import clean
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.holding import Holding
from srcgrad.lower.respell.generators import order_of
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import walk


class Changes(Expansion):
    """Rewrites statements that change lists."""

    def __init__(self, typed: Typed, world: World) -> None:
        super().__init__(typed, world)
        self.around: list[gast.For | gast.While] = []

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        if isinstance(s, (gast.If, gast.While)):
            s.test = self.truth(s.test)
        match s:
            case gast.Assign(targets=[t], value=gast.Call() as node) if self.is_pop(node):
                return self.popped(s, t, node)
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base)) as node):
                if self.is_list(base) and self.stable(base):
                    return self.method(s, node, base) or [s]
            case gast.Delete(targets=[gast.Subscript(value=base) as t]) if self.is_list(base):
                if self.stable(base):
                    return self.deleted(s, t) or [s]
            case gast.Assign(targets=[gast.Subscript(value=base, slice=gast.Slice()) as t]):
                if self.is_list(base) and self.stable(base):
                    return self.slice_assigned(s, t) or [s]
            case gast.AugAssign(target=gast.Name() as t, op=gast.Mult()) if self.is_list(t):
                value = gast.BinOp(left=name(t.id), op=gast.Mult(), right=s.value)
                return self.renewed(s, t, value)
        if isinstance(s, gast.For) and self.renewed_around(s):
            label = self.named(call(name("list"), s.iter), "items", s)
            s.iter = name(label)
        if isinstance(s, (gast.For, gast.While)):
            self.around.append(s)
            out = super().statement(s)
            self.around.pop()
            return out
        return super().statement(s)

    def renewed_around(self, s: gast.For) -> bool:
        """Whether a list that a loop goes through is changed, or bound anew, in loops around it."""
        n = s.iter
        if not isinstance(n, gast.Name) or not isinstance(self.kind(n), List):
            return False
        if not self.is_changed(n.id) or self.changed_while(n.id, s.body) or n.id in stores(*s.body):
            return False
        return any(
            n.id in self.bound_in(loop.body) or self.changed_in(n.id, loop.body)
            for loop in self.around
        )

    def truth(self, test: gast.expr) -> gast.expr:
        """A test whose value is no list that changes: whether that is empty is a test by itself."""
        match test:
            case gast.BoolOp():
                test.values = [self.truth(v) for v in test.values]
            case gast.Name(id=n) if isinstance(self.kind(test), List) and self.is_changed(n):
                self.changed = True
                count = gast.Compare(
                    left=call(name("len"), clean(test)), ops=[gast.Gt()], comparators=[constant(0)]
                )
                return gast.copy_location(count, test)
        return test

    def is_changed(self, n: str) -> bool:
        """Whether a list may be changed in place."""
        return bool(self.writes(n))

    def writes(self, n: str) -> list[gast.stmt]:
        """The statements that may change a list in place."""
        root = self.aliases.container(n)
        held = self.aliases.written.items()
        found = [w for m, ws in held if self.aliases.container(m) == root for w in ws]
        return [w for w in found if not self.is_below(w)]

    def is_below(self, s: gast.stmt) -> bool:
        """Whether a statement sets items of dicts and attributes alone, which changes no list."""
        if not isinstance(s, gast.Assign):
            return False
        return all(
            isinstance(t, gast.Subscript) and isinstance(self.kind(t.value), Record)
            for t in s.targets
        )

    def changed_while(self, n: str, body: list[gast.stmt]) -> bool:
        """Whether a block may change a list through a name that stands for it at that time."""
        if not self.changed_in(n, body):
            return False
        holding = Holding(self.typed, self.aliases)
        root = self.aliases.container(n)
        for s in (m for t in body for m in walk(t)):
            for a, depth in holding.changed(s):
                if self.aliases.container(a) == root and (
                    a == n or depth > 1 or not holding.private(s, a)
                ):
                    return True
        return False

    def changed_in(self, n: str, body: list[gast.stmt]) -> bool:
        """Whether a block may change a list in place."""
        inside = {id(m) for s in body for m in walk(s)}
        return any(
            id(w) in inside or id(getattr(w, "value", None)) in inside for w in self.writes(n)
        )

    def is_list(self, node: gast.expr) -> bool:
        """Whether an expression is a list."""
        kind = self.kind(node)
        return type(kind) is List or (isinstance(kind, Record) and kind.type is list)

    def stable(self, base: gast.expr) -> bool:
        """Whether an expression is a path that can be read again."""
        while isinstance(base, gast.Subscript):
            if not atomic(base.slice):
                return False
            base = base.value
        return isinstance(base, gast.Name)

    def is_pop(self, node: gast.Call) -> bool:
        """Whether a call is `xs.pop(i)` of a list."""
        f = node.func
        if not isinstance(f, gast.Attribute) or f.attr != "pop" or node.keywords:
            return False
        return self.is_list(f.value) and self.stable(f.value) and len(node.args) < 2

    def popped(self, s: gast.Assign, t: gast.expr, node: gast.Call) -> list[gast.stmt]:
        """`v = xs.pop(i)` as `v = xs[i]; xs.pop(i)`."""
        base = node.func.value
        at = self.index_of(s, node.args[0]) if node.args else constant(-1)
        item = subscript(clean(base), clean(at))
        taken = gast.Expr(value=call(attribute(clean(base), "pop"), *([at] if node.args else [])))
        if isinstance(t, gast.Name) and t.id not in loads(base) | loads(at):
            return self.replaced(s, [assign(t.id, item), taken])
        label = self.new("item")
        to = gast.Assign(targets=[t], value=name(label), type_comment=None)
        return self.replaced(s, [assign(label, item), taken, to])

    def index_of(self, s: gast.stmt, node: gast.expr) -> gast.expr:
        """An index that can be read again."""
        return node if atomic(node) else name(self.named(node, "index", s))

    def method(self, s: gast.stmt, node: gast.Call, base: gast.expr) -> list[gast.stmt] | None:
        """A method of a list that stands alone."""
        match node.func.attr, node.args:
            case "insert", [at, value]:
                if zero(self.kind(at)):
                    return None
                at = self.index_of(s, at)
                if not isinstance(value, gast.Name):
                    value = name(self.named(value, "item", s))
                first = subscript(clean(base), gast.Slice(lower=None, upper=at, step=None))
                last = subscript(clean(base), gast.Slice(lower=clean(at), upper=None, step=None))
                item = gast.List(elts=[value], ctx=gast.Load())
                return self.renewed(s, base, joined(joined(first, item), last))
            case "clear", []:
                return self.renewed(s, base, gast.List(elts=[], ctx=gast.Load()))
            case "remove", [value]:
                index = call(attribute(clean(base), "index"), value)
                at = name(self.named(index, "index", s))
                taken = call(attribute(clean(base), "pop"), at)
                return self.replaced(s, [gast.Expr(value=taken)])
            case "sort", []:
                return self.sorted(s, node, base)
            case "pop", [at] if not atomic(at):
                node.args = [name(self.named(at, "index", s))]
                return [s]
        return None

    def sorted(self, s: gast.stmt, node: gast.Call, base: gast.expr) -> list[gast.stmt] | None:
        """`xs.sort(reverse=r)`: the items in the order of their values."""
        options = {k.arg: k.value for k in node.keywords}
        reverse = options.pop("reverse", None)
        if options:
            return None
        items = self.named(call(name("list"), clean(base)), "items", s)
        order = self.named(order_of(items, reverse), "order", s)
        made, i = self.new("items"), self.new("i")
        push = call(attribute(name(made), "append"), subscript(name(items), name(i)))
        to = target(i)
        loop = gast.For(
            target=to,
            iter=name(order),
            body=[gast.Expr(value=push)],
            orelse=[],
            type_comment=None,
        )
        start = assign(made, gast.List(elts=[], ctx=gast.Load()))
        return [*self.replaced(s, [start, loop]), *self.renewed(s, base, name(made))]

    def deleted(self, s: gast.stmt, t: gast.Subscript) -> list[gast.stmt] | None:
        """`del xs[i]` and `del xs[a:b]`."""
        if not isinstance(t.slice, gast.Slice):
            at = self.index_of(s, t.slice)
            taken = call(attribute(clean(t.value), "pop"), at)
            return self.replaced(s, [gast.Expr(value=taken)])
        return self.spliced(s, t, None)

    def slice_assigned(self, s: gast.Assign, t: gast.Subscript) -> list[gast.stmt] | None:
        """`xs[a:b] = ys`."""
        if t.slice.lower is None and t.slice.upper is None and t.slice.step is None:
            if not self.private(t.value):
                return None
            return self.renewed(s, t.value, self.as_list(s.value))
        return self.spliced(s, t, s.value)

    def spliced(
        self, s: gast.stmt, t: gast.Subscript, value: gast.expr | None
    ) -> list[gast.stmt] | None:
        """A slice of a list as another list, or nothing."""
        cut = t.slice
        if cut.step is not None or not self.in_order(cut.lower, cut.upper):
            return None
        new: gast.expr | None = None
        if value is not None and not isinstance(value, gast.Name):
            value = name(self.named(self.as_list(value), "items", s))
        if cut.lower is not None:
            new = subscript(clean(t.value), gast.Slice(lower=None, upper=cut.lower, step=None))
        if value is not None:
            value = self.as_list(value)
            new = value if new is None else joined(new, value)
        if cut.upper is not None:
            last = subscript(clean(t.value), gast.Slice(lower=cut.upper, upper=None, step=None))
            new = last if new is None else joined(new, last)
        return self.renewed(s, t.value, new or gast.List(elts=[], ctx=gast.Load()))

    def in_order(self, lower: gast.expr | None, upper: gast.expr | None) -> bool:
        """Whether the bounds of a slice are known not to cross."""
        if lower is None or upper is None:
            return all(b is None or atomic(b) for b in (lower, upper))
        a, b = self.kind(lower), self.kind(upper)
        if not isinstance(a, Static) or not isinstance(b, Static):
            return False
        whole = type(a.value) is int and type(b.value) is int
        return whole and a.value <= b.value and (a.value < 0) == (b.value < 0)

    def as_list(self, node: gast.expr) -> gast.expr:
        """An iterable as a list."""
        return node if self.is_list(node) else call(name("list"), node)

    def private(self, base: gast.expr) -> bool:
        """Whether a list has one name only, and that is a variable other than an argument."""
        if not isinstance(base, gast.Name) or base.id in self.function.parameters:
            return False
        if base.id not in stores(self.function.node):
            return False
        root = self.aliases.container(base.id)
        return sum(self.aliases.container(n) == root for n in self.aliases.parent) <= 1

    def renewed(self, s: gast.stmt, base: gast.expr, value: gast.expr) -> list[gast.stmt]:
        """A list with other items."""
        if self.private(base):
            return self.replaced(s, [assign(base.id, value)])
        whole = gast.Slice(lower=None, upper=None, step=None)
        to = subscript(clean(base), whole, store=True)
        return self.replaced(s, [gast.Assign(targets=[to], value=value, type_comment=None)])


def atomic(node: gast.expr) -> bool:
    """Whether an index is a name or a constant."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        node = node.operand
    return isinstance(node, (gast.Name, gast.Constant))


def joined(a: gast.expr, b: gast.expr) -> gast.expr:
    """`a + b`."""
    return gast.BinOp(left=a, op=gast.Add(), right=b)


def zero(kind: Kind | None) -> bool:
    """Whether a value is known to be 0."""
    return isinstance(kind, Static) and type(kind.value) is int and kind.value == 0
