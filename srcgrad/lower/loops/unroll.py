"""Loops over tuples, displays and dicts that vary: each item becomes a copy of the body.

Where the body leaves the loop early, the items are put into a list instead, which is looped over.
"""

from __future__ import annotations

import copy

import gast

from srcgrad.kinds import Iteration, Kind, Record, Static, is_object, may_be_active
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.trees import Substitution, clean, is_path, jumps_out, placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, call, constant, name, subscript
from srcgrad.syntax.walk import walk

LARGEST = 40


class Unroll(Expansion):
    """Writes loops over records out."""

    inside: gast.AST | None = None

    def around(self, node: gast.AST) -> bool:
        """Write out the loops around one node; whether there is any."""
        self.inside = node
        return self.run()

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Write one loop out, innermost ones first."""
        super().statement(s)
        if not isinstance(s, gast.For) or not self.worthwhile(s):
            return [s]
        if self.inside is not None and not any(n is self.inside for n in walk(s)):
            return [s]
        count, changed = len(self.before), self.changed
        items = self.items(s.iter, s)
        leaves = jumps_out(s.body)
        keyed = self.keyed(s)
        if items is not None and fits(s.target, items) and (keyed or not leaves):
            body = nested(copy.deepcopy(s.body), flag := self.new("left")) if leaves else s.body
            if len(items) * size(body) <= LARGEST:
                return self.written_out(s, items, body, flag if leaves else None)
        self.before, self.changed = self.before[:count], changed
        listed = self.listed(s.iter, s)
        if listed is not None and len(self.before) > count:
            self.changed = True
            s.iter = placed(listed, s)
        return [s]

    def worthwhile(self, s: gast.For) -> bool:
        """Whether a loop over a record varies, or its body takes items by the keys looped over."""
        kind = self.kind(s.iter)
        if kind is None or not self.over_record(kind):
            return False
        if isinstance(kind, Iteration) and kind.name == "range":
            return self.keyed(s)
        if isinstance(kind, Record) and kind.type is dict:
            return may_be_active(kind) and self.keyed(s)
        return may_be_active(kind) or self.keyed(s)

    def keyed(self, s: gast.For) -> bool:
        """Whether the body of a loop takes items of a record that varies by what is looped over."""
        names = stores(s.target)
        return any(
            isinstance(n, gast.Subscript)
            and isinstance(kind := self.kind(n.value), Record)
            and (may_be_active(kind) or not isinstance(n.ctx, gast.Load))
            and loads(n.slice) & names
            for t in s.body
            for n in walk(t)
        )

    def over_record(self, kind: Kind) -> bool:
        """Whether a value that is looped over has records in it."""
        match kind:
            case Record():
                return not is_object(kind)
            case Iteration(name="range"):
                return True
            case Iteration(parts=parts):
                return any(map(self.over_record, parts))
        return False

    def items(self, node: gast.expr, s: gast.For) -> list[gast.expr] | None:
        """Expressions for the items that a loop goes through; None where they cannot be listed."""
        kind = self.kind(node)
        match node:
            case gast.Tuple() | gast.List():
                return [self.steady(e, f"item_{i}", s) for i, e in enumerate(node.elts)]
            case gast.Call():
                return self.items_of_call(node, s)
        if not isinstance(kind, Record) or not is_path(node):
            return None
        if kind.type is dict:
            return [constant(k) for k in kind.keys]
        return self.parts(node, kind, s)

    def parts(self, node: gast.expr, kind: Record, s: gast.For) -> list[gast.expr]:
        """The values of a record, as subscripts of its path."""
        root = node
        while isinstance(root, gast.Subscript):
            root = root.value
        assert isinstance(root, gast.Name)
        steady = root.id not in self.bound_in(s.body) | stores(s.target) and not self.items_written(
            root.id, s.body
        )
        out: list[gast.expr] = [subscript(clean(node), constant(k)) for k in kind.keys]
        return out if steady else [name(self.named(e, f"item_{i}", s)) for i, e in enumerate(out)]

    def items_written(self, root: str, body: list[gast.stmt]) -> bool:
        """Whether a block binds items of a dict or list."""
        return self.written_in(root, body) or any(
            isinstance(n, gast.Subscript)
            and isinstance(n.ctx, gast.Store)
            and root in loads(n.value)
            for s in body
            for n in walk(s)
        )

    def items_of_call(self, node: gast.Call, s: gast.For) -> list[gast.expr] | None:
        """The items of `zip`, `enumerate`, `reversed`, of `d.items()` and the like."""
        callee: Callee | None = self.typed.callees.get(node)
        if callee is None or node.keywords:
            return None
        if (
            callee.tag == "method"
            and isinstance(node.func, gast.Attribute)
            and is_path(node.func.value)
        ):
            kind = self.kind(node.func.value)
            if not isinstance(kind, Record) or kind.type is not dict:
                return None
            keys: list[gast.expr] = [constant(k) for k in kind.keys]
            if callee.target == "keys":
                return keys
            values = self.parts(node.func.value, kind, s)
            return values if callee.target == "values" else list(map(pair, keys, values))
        if callee.tag != "builtin" or not node.args:
            return None
        if callee.target is range:
            bounds = [self.count(a) for a in node.args]
            known = [b for b in bounds if b is not None]
            return [constant(i) for i in range(*known)] if len(known) == len(bounds) else None
        if callee.target not in (enumerate, zip, reversed, list, tuple):
            return None
        found = [self.items(a, s) for a in (node.args if callee.target is zip else node.args[:1])]
        if any(f is None for f in found):
            return None
        first = found[0] or []
        if callee.target is reversed:
            return first[::-1]
        if callee.target is zip:
            return [
                gast.Tuple(elts=list(row), ctx=gast.Load()) for row in zip(*found, strict=False)
            ]
        if callee.target is enumerate:
            start = whole(node.args[1]) if len(node.args) > 1 else 0
            return (
                None
                if start is None
                else [pair(constant(i), e) for i, e in enumerate(first, start)]
            )
        return first

    def count(self, node: gast.expr) -> int | None:
        """The value of an int that is known."""
        kind = self.kind(node)
        return kind.value if isinstance(kind, Static) and type(kind.value) is int else None

    def steady(self, node: gast.expr, hint: str, s: gast.For) -> gast.expr:
        """An item of a display that the loop's body does not change; named if it is computed."""
        if isinstance(node, gast.Constant):
            return node
        if isinstance(node, gast.Name) and node.id not in self.bound_in(s.body) | stores(s.target):
            return node
        if isinstance(node, gast.Tuple):
            return gast.Tuple(
                elts=[self.steady(e, f"{hint}_{i}", s) for i, e in enumerate(node.elts)],
                ctx=gast.Load(),
            )
        return name(self.named(node, hint, s))

    def written_out(
        self, s: gast.For, items: list[gast.expr], body: list[gast.stmt], flag: str | None
    ) -> list[gast.stmt]:
        """The body once for each item; those behind a `break` run only if its flag is not set."""
        out: list[gast.stmt] = [assign(flag, constant(False))] if flag else []
        last = self.read_outside(s)
        for item in items:
            table: dict[str, gast.expr] = {}
            new = self.bound(s.target, item, s, table, last)
            new += [Substitution(table).visit(t) for t in copy.deepcopy(body)]
            if flag and item is not items[0]:
                test = gast.UnaryOp(op=gast.Not(), operand=name(flag))
                new = [gast.If(test=test, body=new, orelse=[])]
            out += new
        return self.replaced(s, out)

    def read_outside(self, s: gast.For) -> frozenset[str]:
        """Names that are read somewhere outside of a loop's body."""
        inside = {id(n) for t in s.body for n in walk(t)}
        return frozenset(
            n.id
            for n in walk(self.function.node)
            if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Load) and id(n) not in inside
        )

    def bound(
        self,
        t: gast.expr,
        item: gast.expr,
        s: gast.For,
        table: dict[str, gast.expr],
        last: frozenset[str],
    ) -> list[gast.stmt]:
        """Statements that bind a target to an item; constants take the place of the name itself."""
        match t:
            case gast.Name(id=n) if isinstance(
                item, gast.Constant
            ) and n not in last | self.bound_in(s.body):
                table[n] = item
                return []
            case gast.Name(id=n):
                return [assign(n, clean(item))]
            case gast.Tuple(elts=elts) if isinstance(item, gast.Tuple):
                return [
                    new
                    for e, i in zip(elts, item.elts, strict=True)
                    for new in self.bound(e, i, s, table, last)
                ]
        to = copy.deepcopy(t)
        return [gast.Assign(targets=[to], value=clean(item), type_comment=None)]

    def listed(self, node: gast.expr, s: gast.For) -> gast.expr | None:
        """What is looped over, with lists in the place of records; None where that cannot be."""
        kind = self.kind(node)
        if (
            isinstance(node, gast.Call)
            and isinstance(kind, Iteration)
            and kind.name in ("zip", "enumerate")
        ):
            args = [self.listed(a, s) for a in node.args]
            if any(a is None for a in args):
                return None
            return call(clean(node.func), *(a for a in args if a is not None))
        if not self.over_record(kind) if kind is not None else True:
            return node
        items = self.items(node, s)
        if items is None or not items:
            return None
        if all(isinstance(i, gast.Tuple) for i in items):
            columns = list(zip(*(i.elts for i in items if isinstance(i, gast.Tuple)), strict=True))
            return call(name("zip"), *(self.as_list(list(c), s) for c in columns))
        return self.as_list(items, s)

    def as_list(self, items: list[gast.expr], s: gast.For) -> gast.expr:
        """The name of a list that is made of items before the loop."""
        if all(isinstance(i, gast.Constant) for i in items):
            return gast.Tuple(elts=items, ctx=gast.Load())
        display = gast.Tuple(elts=[clean(i) for i in items], ctx=gast.Load())
        return name(self.named(call(name("list"), display), "items", s))


def nested(body: list[gast.stmt], flag: str) -> list[gast.stmt]:
    """A loop's body whose `continue` and `break` are branches; a `break` sets a flag."""
    out: list[gast.stmt] = []
    for i, s in enumerate(body):
        match s:
            case gast.Continue():
                return out
            case gast.Break():
                return [*out, placed(assign(flag, constant(True)), s)]
            case gast.If() if jumps_out([s]):
                rest = body[i + 1 :]
                s.body = nested([*s.body, *copy.deepcopy(rest)], flag) or [placed(gast.Pass(), s)]
                s.orelse = nested([*s.orelse, *rest], flag)
                return [*out, s]
        out.append(s)
    return out


def pair(a: gast.expr, b: gast.expr) -> gast.expr:
    """`(a, b)`."""
    return gast.Tuple(elts=[a, b], ctx=gast.Load())


def whole(node: gast.expr) -> int | None:
    """The value of a constant int."""
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None


def fits(t: gast.expr, items: list[gast.expr]) -> bool:
    """Whether a target has as many names as each item has parts."""
    match t:
        case gast.Tuple(elts=elts):
            rows = [i.elts for i in items if isinstance(i, gast.Tuple)]
            if not rows:
                return True
            whole_rows = len(rows) == len(items) and all(len(r) == len(elts) for r in rows)
            starred = any(isinstance(e, gast.Starred) for e in elts)
            return (
                whole_rows
                and not starred
                and all(fits(e, [r[i] for r in rows]) for i, e in enumerate(elts))
            )
    return True


def size(body: list[gast.stmt]) -> int:
    """How many statements a block has, those below others included."""
    return sum(isinstance(n, gast.stmt) for s in body for n in walk(s))
