"""Loops over arrays and lists that vary, in the forms that later passes know.

What is computed for a loop gets a name, `reversed(x)` of an array becomes `x[::-1]`, and a loop
over an array that its body writes to becomes one over indices.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Iteration, Kind, List, Record, Scalar, may_be_active, numeric
from srcgrad.lower.base.trees import clean
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import is_copy, sources
from srcgrad.lower.memory.holding import height
from srcgrad.lower.memory.sharing import sharing
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, call, constant, name, subscript, target
from srcgrad.syntax.walk import walk


class Sequences(Expansion):
    """Rewrites the headers of loops over arrays and lists."""

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one loop, innermost ones first."""
        super().statement(s)
        if not isinstance(s, gast.For):
            return [s]
        if stores(s.target) & self.bound_in(s.body):
            return [self.with_own_target(s)]
        kind = self.kind(s.iter)
        if kind is None or not may_be_active(kind):
            return [s]
        if self.needs_index(s):
            found = self.by_index(s)
            if found is not None:
                return found
        s.iter = self.header(s.iter, s)
        return [s]

    def with_own_target(self, s: gast.For) -> gast.For:
        """`for i in xs` whose body binds `i` again, with a target of its own."""
        opening: list[gast.stmt] = []
        for n in walk(s.target):
            if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store):
                own = self.new(n.id)
                opening.append(assign(n.id, name(own)))
                n.id = own
        s.body = [*self.replaced(s, opening), *s.body]
        return s

    def parts(self, node: gast.expr) -> list[gast.expr]:
        """The values that a loop goes through, below `zip`, `enumerate` and `reversed`."""
        if isinstance(node, gast.Call) and isinstance(self.kind(node), Iteration):
            callee = self.typed.callees[node]
            if callee.tag == "builtin" and callee.target is not range:
                return [p for a in node.args for p in self.parts(a)]
        return [node]

    def needs_index(self, s: gast.For) -> bool:
        """Whether what a loop goes through is written in its body, or is a list backwards."""
        if any(
            self.list_backwards(n)
            for n in [s.iter, *(s.iter.args if isinstance(s.iter, gast.Call) else [])]
        ):
            return True
        for part in self.parts(s.iter):
            if self.has_references(part) and self.is_shared(part):
                return True
            kind = self.kind(part)
            if not isinstance(kind, Array) and not self.is_rewritten(part, s.body):
                continue
            if any(self.written_in(n, s.body) for n in self.memory_of(part)):
                return True
        return False

    def memory_of(self, node: gast.expr) -> set[str]:
        """The names whose memory a value may share, once conditional expressions have names."""
        out = set(sources(self.typed, node))
        chosen = [
            set(sources(self.typed, n))
            for n in walk(self.function.node)
            if isinstance(n, gast.IfExp)
            and all(isinstance(self.typed.kinds.get(arm), Array) for arm in (n.body, n.orelse))
        ]
        size = -1
        while len(out) > size:
            size = len(out)
            roots = {self.aliases.find(n) for n in out}
            for names in chosen:
                if not roots.isdisjoint(map(self.aliases.find, names)):
                    out |= names
        return out

    def is_rewritten(self, node: gast.expr, body: list[gast.stmt]) -> bool:
        """Whether a block writes to a list of numbers, and leaves it as long as it is."""
        kind = self.kind(node)
        if not isinstance(node, gast.Name) or not isinstance(kind, List):
            return False
        if kind.item is None or numeric(kind.item) is None:
            return False
        if not self.written_in(node.id, body):
            return False
        root = self.aliases.find(node.id)
        inside = {id(m) for s in body for m in walk(s)}
        writes = [
            w
            for n, found in self.aliases.written.items()
            if self.aliases.find(n) == root
            for w in found
            if id(w) in inside or id(getattr(w, "value", None)) in inside
        ]
        return all(map(self.keeps_lengths, writes))

    def keeps_lengths(self, s: gast.stmt) -> bool:
        """Whether a statement that writes to lists leaves them as long as they are."""
        match s:
            case gast.Assign(targets=targets):
                held = [e for t in targets for e in (t.elts if is_unpacked(t) else [t])]
                parts = [t for t in held if isinstance(t, gast.Subscript)]
                whole = any(isinstance(n, gast.Slice) for t in parts for n in walk(t.slice))
                return len(parts) == len(held) and not whole
            case gast.AugAssign(target=gast.Subscript() as t):
                return isinstance(self.kind(t), Scalar)
            case gast.Expr(value=gast.Call(func=gast.Attribute(attr=method)) as node):
                callee = self.typed.callees.get(node)
                known = callee is not None and callee.tag == "method"
                return known and method == "reverse"
        return False

    def has_references(self, node: gast.expr) -> bool:
        """Whether items are references: those of a list, or rows of an array."""
        kind = self.kind(node)
        if isinstance(kind, Array):
            return kind.dims is not None and len(kind.dims) > 1
        return holds_items(kind)

    def is_shared(self, node: gast.expr) -> bool:
        """Whether a list holds arrays that are written, so that items are other names for them."""
        return bool(set(sources(self.typed, node)) & sharing(self.typed).possible)

    def resized_in(self, variable: str, body: list[gast.stmt]) -> bool:
        """Whether a block may change the length of a list."""
        root = self.aliases.find(variable)
        inside = {id(m) for s in body for m in walk(s)}
        return any(
            self.aliases.find(n) == root
            and isinstance(w, gast.Expr)
            and id(w.value) in inside
            and self.typed.callees[w.value].tag == "method"
            and height(self.kind(w.value.func.value)) >= height(self.typed.variables.get(variable))
            for n, writes in self.aliases.written.items()
            for w in writes
        )

    def list_backwards(self, node: gast.expr) -> bool:
        """Whether an expression is `reversed(xs)` of a list."""
        kind = self.kind(node)
        return (
            isinstance(kind, Iteration) and kind.name == "reversed" and type(kind.parts[0]) is List
        )

    def header(self, node: gast.expr, s: gast.For) -> gast.expr:
        """What a loop goes through, in a form that can be gone through backwards."""
        kind = self.kind(node)
        match node:
            case gast.Call() if isinstance(kind, Iteration):
                callee = self.typed.callees[node]
                if callee.tag != "builtin" or callee.target is range:
                    return node
                if callee.target is reversed and isinstance(kind.parts[0], Array):
                    self.changed = True
                    back = gast.Slice(lower=None, upper=None, step=constant(-1))
                    return gast.copy_location(subscript(self.header(node.args[0], s), back), node)
                if callee.target is reversed and type(kind.parts[0]) is List:
                    back = gast.Slice(lower=None, upper=None, step=constant(-1))
                    return gast.copy_location(
                        name(self.named(subscript(node.args[0], back), "items", s)), node
                    )
                node.args = [self.header(a, s) for a in node.args]
                return node
        if not may_be_active(kind) or not isinstance(kind, (Array, List)) or self.direct(node, s):
            return node
        return gast.copy_location(name(self.named(node, "items", s)), node)

    def direct(self, node: gast.expr, s: gast.For) -> bool:
        """Whether the adjoint of an item can go to what is looped over."""
        if isinstance(node, gast.Name):
            return True
        if not isinstance(self.kind(node), Array):
            return False
        return self.is_view(node) and not loads(node) & (self.bound_in(s.body) | stores(s.target))

    def is_view(self, node: gast.expr) -> bool:
        """Whether an expression is a basic subscript or transpose of a named array."""
        match node:
            case gast.Name():
                return isinstance(self.kind(node), Array)
            case gast.Attribute(attr="T"):
                return self.is_view(node.value)
            case gast.Subscript():
                simple = all(
                    isinstance(
                        n,
                        (
                            gast.Name,
                            gast.Constant,
                            gast.Slice,
                            gast.Tuple,
                            gast.UnaryOp,
                            gast.BinOp,
                        ),
                    )
                    for n in walk(node.slice)
                    if isinstance(n, gast.expr)
                )
                return simple and not is_copy(self.typed, node) and self.is_view(node.value)
        return False

    def by_index(self, s: gast.For) -> list[gast.stmt] | None:
        """A loop over indices; None where the number of items or the items are not steady."""
        if bound := (stores(s.target) | self.bound_in(s.body)) & loads(s.iter):
            return self.kept(s, bound)
        backwards = self.list_backwards(s.iter)
        over = s.iter.args[0] if backwards else s.iter
        lengths = self.parts(over)
        shortest = not self.one_length(lengths)
        if (shortest and not self.plain_zip(over)) or not all(self.path(p) for p in lengths):
            return None
        if any(
            holds_items(self.kind(p))
            and (self.resized_in if self.is_shared(p) else self.written_in)(n, s.body)
            and not self.is_rewritten(p, s.body)
            for p in lengths
            for n in sources(self.typed, p)
        ):
            return None
        index, inner = self.counter(s, over)
        item = self.item(over, index)
        if item is None:
            return None
        sizes = [call(name("len"), clean(p)) for p in (lengths if shortest else lengths[:1])]
        count = call(name("range"), call(name("min"), *sizes) if shortest else sizes[0])
        opening = self.bindings(inner, item)
        new = gast.For(
            target=target(index),
            iter=call(name("reversed"), count) if backwards else count,
            body=[*self.replaced(s, opening), *s.body],
            orelse=[],
            type_comment=None,
        )
        return self.replaced(s, [gast.copy_location(new, s)])

    def kept(self, s: gast.For, bound: frozenset[str]) -> list[gast.stmt] | None:
        """A loop over arrays whose names it binds again: they get names that stay."""
        parts = {p for p in self.parts(s.iter) if bound & loads(p)}
        if not all(isinstance(p, gast.Name) and isinstance(self.kind(p), Array) for p in parts):
            return None
        s.iter = Keeping({p: self.named(clean(p), "items", s) for p in parts}).visit(s.iter)
        return [s]

    def plain_zip(self, node: gast.expr) -> bool:
        """Whether a loop goes through sequences side by side, as far as the shortest goes."""
        if isinstance(node, gast.Call) and self.typed.callees[node].target is enumerate:
            node = node.args[0]
        return (
            isinstance(node, gast.Call)
            and self.typed.callees[node].target is zip
            and not node.keywords
            and all(isinstance(k, Array) or type(k) is List for k in map(self.kind, node.args))
        )

    def path(self, node: gast.expr) -> bool:
        """Whether items can be taken of an expression again and again."""
        return isinstance(node, gast.Name) or (
            isinstance(self.kind(node), Array) and self.is_view(node)
        )

    def one_length(self, nodes: list[gast.expr]) -> bool:
        """Whether all values have as many items as the first."""
        lengths = [
            k.dims[0] if isinstance(k := self.kind(n), Array) and k.dims else None for n in nodes
        ]
        first = lengths[0]
        if len(nodes) == 1:
            return True
        return all(
            d is not None and first is not None and self.world.facts.equal(d, first)
            for d in lengths
        )

    def counter(self, s: gast.For, over: gast.expr) -> tuple[str, gast.expr]:
        """The name of the index, and the target that is left (`enumerate` has a name for both)."""
        if self.enumerates(over) and isinstance(s.target, gast.Tuple):
            first, rest = s.target.elts
            if isinstance(first, gast.Name) and first.id not in self.bound_in(s.body):
                return first.id, gast.Tuple(elts=[first, rest], ctx=gast.Store())
        return self.new("i"), s.target

    def enumerates(self, node: gast.expr) -> bool:
        """Whether an expression is `enumerate(xs)`, counted from 0."""
        if not isinstance(node, gast.Call) or len(node.args) != 1 or node.keywords:
            return False
        callee = self.typed.callees.get(node)
        return callee is not None and callee.target is enumerate

    def item(self, node: gast.expr, index: str) -> gast.expr | None:
        """The item of a value at an index."""
        kind: Kind | None = self.kind(node)
        if isinstance(kind, Array) or holds_items(kind):
            return subscript(clean(node), name(index))
        if not isinstance(node, gast.Call):
            return None
        callee = self.typed.callees[node]
        if self.enumerates(node):
            item = self.item(node.args[0], index)
            return None if item is None else gast.Tuple(elts=[name(index), item], ctx=gast.Load())
        if callee.target is zip and not node.keywords:
            items = [self.item(a, index) for a in node.args]
            found = [i for i in items if i is not None]
            return gast.Tuple(elts=found, ctx=gast.Load()) if len(found) == len(items) else None
        return None

    def bindings(self, t: gast.expr, item: gast.expr) -> list[gast.stmt]:
        """Statements that bind a target to an item."""
        match t, item:
            case gast.Name(id=n), gast.Name(id=same) if n == same:
                return []
            case gast.Name(id=n), _:
                return [assign(n, item)]
            case gast.Tuple(elts=elts), gast.Tuple(elts=items) if len(elts) == len(items):
                return [
                    new for e, i in zip(elts, items, strict=True) for new in self.bindings(e, i)
                ]
        return [gast.Assign(targets=[clean(t)], value=item, type_comment=None)]


def is_unpacked(t: gast.expr) -> bool:
    """Whether a target takes several values."""
    return isinstance(t, (gast.Tuple, gast.List))


def holds_items(kind: Kind | None) -> bool:
    """Whether a kind is that of a list, or of a tuple."""
    return isinstance(kind, List) or (isinstance(kind, Record) and kind.type in (list, tuple))


class Keeping(gast.NodeTransformer):
    """Puts names in the places of parts of an expression."""

    def __init__(self, table: dict[gast.expr, str]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.Name:
        """Replace one part."""
        return gast.copy_location(name(self.table[node]), node) if node in self.table else node
