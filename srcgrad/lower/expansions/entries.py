"""Entries of arrays by number or by index: `x.flat`, `np.ndindex` and `np.ndenumerate`.

`x.flat[k]` of a matrix becomes `x[k // x.shape[1], k % x.shape[1]]`, and a loop over all indices
becomes one loop for each axis.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Iteration, Kind, Record, dims_of, numeric
from srcgrad.lower.base.trees import Substitution, clean, placed
from srcgrad.lower.base.viewing import VIEWING
from srcgrad.lower.expansions.writers import Writers, part
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import change_children, nodes, walk

COUNTERS = "ijklmn"
OVER_ALL = ("ndindex", "ndenumerate")


class Entries(Writers):
    """Spells out which entries of an array are meant."""

    def needed(self) -> bool:
        """Whether the function reads entries by number, by a tuple, or in a loop over all."""
        found = self.typed.contents
        loops = (self.kind(s.iter) for s in found.get(gast.For, ()))
        return (
            any(map(self.is_flat, found.get(gast.Attribute, ())))
            or any(map(self.by_tuple, found.get(gast.Subscript, ())))
            or any(isinstance(k, Iteration) and k.name in OVER_ALL for k in loops)
        )

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        kind = self.kind(s.iter) if isinstance(s, gast.For) else None
        if isinstance(kind, Iteration) and kind.name in OVER_ALL:
            return self.loops(s, kind)
        if isinstance(s, gast.For) and self.is_flat(s.iter) and self.in_order(s):
            return self.changed_loop(s)
        super().statement(s)
        for t in s.targets if isinstance(s, gast.Assign) else [getattr(s, "target", None)]:
            if isinstance(t, gast.Subscript) and self.is_flat(t.value):
                self.written_entry(s, t)
        for field, value in gast.iter_fields(s):
            if isinstance(value, gast.expr):
                setattr(s, field, self.expr(value, s))
            elif isinstance(value, list) and field == "targets":
                setattr(s, field, [self.expr(v, s) for v in value])
        return [s]

    def in_order(self, s: gast.For) -> bool:
        """Whether a loop over `x.flat` can be one over indices."""
        return isinstance(s.target, gast.Name) and not breaks(s.body)

    def changed_loop(self, s: gast.For) -> list[gast.stmt]:
        """A loop over `x.flat` as one over all indices; of a vector as one over itself."""
        base: gast.expr = s.iter.value
        kind = self.kind(base)
        assert isinstance(kind, Array)
        self.changed = True
        if len(kind.dims or ()) == 1:
            s.iter = base
            return [s]
        index = target(self.new("i"))
        s.target = placed(gast.Tuple(elts=[index, s.target], ctx=gast.Store()), s)
        s.iter = placed(call(name("enumerate"), base), s)
        return self.loops(s, Iteration("ndenumerate", (kind,)))

    def is_flat(self, node: gast.AST) -> bool:
        """Whether a node is `x.flat` of an array."""
        return (
            isinstance(node, gast.Attribute)
            and node.attr == "flat"
            and isinstance(self.kind(node.value), Array)
        )

    def expr(self, node: gast.expr, s: gast.stmt) -> gast.expr:
        """An expression without `flat`."""
        if not any(self.is_flat(n) or self.by_tuple(n) for n in nodes(node)):
            return node
        if self.by_tuple(node):
            self.itemised(node, s)
        if isinstance(node, gast.Subscript) and self.is_flat(node.value):
            return self.item(node, s)
        if self.is_flat(node):
            loop = isinstance(s, gast.For) and node is s.iter
            if not loop:
                raise self.function.refuse(
                    node, "`flat` is supported in subscripts, calls and loops only", "Use np.ravel."
                )
            self.changed = True
            return placed(self.numpy(node, "ravel", self.expr(node.value, s)), node)
        if isinstance(node, gast.Call):
            node.args = [self.argument(node, a) for a in node.args]
        change_children(node, lambda n: self.expr(n, s), gast.expr)
        return node

    def by_tuple(self, node: gast.AST) -> bool:
        """Whether a node is an entry or part of an array whose index is a tuple with a name."""
        if not isinstance(node, gast.Subscript) or not isinstance(self.kind(node.value), Array):
            return False
        kind = self.kind(node.slice)
        return isinstance(kind, Record) and kind.type is tuple and not is_display(node.slice)

    def itemised(self, node: gast.Subscript, s: gast.stmt) -> None:
        """`x[p]` as `x[p[0], p[1]]`, in place."""
        kind = self.kind(node.slice)
        assert isinstance(kind, Record)
        base = node.slice
        if not isinstance(base, gast.Name):
            base = name(self.named(base, "index", s))
        items = [subscript(clean(base), constant(i)) for i in range(len(kind.items))]
        node.slice = placed(gast.Tuple(elts=items, ctx=gast.Load()), node)
        self.changed = True

    def argument(self, node: gast.Call, a: gast.expr) -> gast.expr:
        """An argument of a call: `x.flat` as `np.ravel(x)` where the call only reads it."""
        callee = self.typed.callees.get(node)
        if not self.is_flat(a) or callee is None:
            return a
        plainly = callee.tag == "rule" and callee.target not in VIEWING
        if not plainly and not (callee.tag == "builtin" and callee.target is not slice):
            raise self.function.refuse(a, "`flat` in this call is not supported", "Use np.ravel.")
        self.changed = True
        return placed(self.numpy(node, "ravel", a.value), node)

    def item(self, node: gast.Subscript, s: gast.stmt) -> gast.expr:
        """What is read of `x.flat[k]`."""
        base: gast.Attribute = node.value
        index = self.kind(node.slice)
        number = numeric(index) if index is not None else None
        if not isinstance(node.slice, gast.Slice) and number is not None and dims_of(number) == ():
            new = self.one(base.value, node.slice, s)
            new.ctx = node.ctx
            self.changed = True
            return placed(new, node)
        if isinstance(node.ctx, gast.Store):
            return node
        self.changed = True
        if len(dims_of(self.kind(base.value)) or ()) > 1:  # type: ignore[arg-type]
            count = self.numpy(node, "arange", attribute(clean(base.value), "size"))
            at = name(self.named(subscript(count, node.slice), "index", s))
            new = self.entry(base.value, at, s)
            new.ctx = gast.Load()
            return placed(new, node)
        new = subscript(base.value, node.slice)
        if isinstance(node.slice, gast.Slice):
            new = call(attribute(new, "copy"))
        return placed(new, node)

    def one(self, y: gast.expr, at: gast.expr, s: gast.stmt) -> gast.Subscript:
        """The entry with a number."""
        rank = len(dims_of(self.kind(y)) or ())  # type: ignore[arg-type]
        match at:
            case gast.Constant(value=0):
                return part(y, constant((0,) * rank) if rank > 1 else at)
            case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=1)):
                return part(y, constant((-1,) * rank) if rank > 1 else at)
        return self.entry(y, at, s)

    def written_entry(self, s: gast.stmt, t: gast.Subscript) -> None:
        """Make `x.flat[k] = v` a write into the array, where one number is written."""
        base: gast.Attribute = t.value
        index, value = self.kind(t.slice), self.kind(s.value)
        scalar = value is not None and (n := numeric(value)) is not None and dims_of(n) == ()
        if isinstance(t.slice, gast.Slice):
            everything = t.slice.lower is t.slice.upper is t.slice.step is None
            rank = len(dims_of(self.kind(base.value)) or ())  # type: ignore[arg-type]
            if scalar and (rank == 1 or everything):
                t.value, self.changed = base.value, True
                if everything:
                    t.slice = constant(Ellipsis)
                return
        elif index is not None:
            k = numeric(index)
            several = isinstance(k, Array) or (isinstance(index, Record) and index.type is list)
            if (k is not None and dims_of(k) == ()) or (scalar and several):
                self.changed = True
                new = placed(self.one(base.value, t.slice, s), t)
                t.value, t.slice = new.value, new.slice
                return
        raise self.function.refuse(
            t, "this write through `flat` is not supported", "Write y[indices] = values."
        )

    def loops(self, s: gast.For, kind: Iteration) -> list[gast.stmt]:
        """A loop over all indices as one loop for each axis."""
        node: gast.Call = s.iter
        if kind.name == "ndenumerate":
            x = self.destination(node.args[0], s)
            rank = len(dims_of(kind.parts[0]) or ())
            counts = [subscript(attribute(clean(x), "shape"), constant(i)) for i in range(rank)]
        else:
            counts = self.lengths(node, kind, s)
        if not counts:
            raise self.function.refuse(s, "a loop over the indices of a number is not supported")
        if len(counts) > 1 and breaks(s.body):
            raise self.function.refuse(
                s, f"`break` in a loop over `np.{kind.name}` is not supported", "Use nested loops."
            )
        labels, opening = self.counters(s, kind, len(counts))
        body = [*self.replaced(s, opening), *s.body]
        for label, count in reversed(list(zip(labels, counts, strict=True))):
            loop = gast.For(
                target=target(label),
                iter=call(name("range"), count),
                body=body,
                orelse=[],
                type_comment=None,
            )
            body = self.replaced(s, [loop])
        return body

    def lengths(self, node: gast.Call, kind: Iteration, s: gast.stmt) -> list[gast.expr]:
        """The number of indices along each axis."""
        args = [a.value if isinstance(a, gast.Starred) else a for a in node.args]
        if (len(args) == 1 and len(kind.parts) != 1) or isinstance(node.args[0], gast.Starred):
            return self.items_of(args[0], len(kind.parts), s)
        first: Kind | None = self.kind(args[0]) if args else None
        if len(args) == 1 and first is not None and numeric(first) is None:
            return self.items_of(args[0], len(kind.parts), s)
        return [
            a if isinstance(a, (gast.Constant, gast.Name)) else name(self.named(a, "count", s))
            for a in args
        ]

    def items_of(self, node: gast.expr, count: int, s: gast.stmt) -> list[gast.expr]:
        """The items of a tuple, one by one."""
        if isinstance(node, gast.Tuple):
            return node.elts
        if not (isinstance(node, gast.Attribute) and isinstance(node.value, gast.Name)):
            node = name(self.named(node, "shape", s))
        return [subscript(clean(node), constant(i)) for i in range(count)]

    def counters(
        self, s: gast.For, kind: Iteration, rank: int
    ) -> tuple[list[str], list[gast.stmt]]:
        """The names of the counters, and what the body begins with."""
        to, opening = s.target, []
        value: gast.expr | None = None
        if kind.name == "ndenumerate":
            if not isinstance(to, gast.Tuple) or len(to.elts) != 2:
                raise self.function.refuse(to, "a loop over `np.ndenumerate` needs two targets")
            to, value = to.elts
        if isinstance(to, gast.Tuple) and all(isinstance(e, gast.Name) for e in to.elts):
            labels = [e.id for e in to.elts]
            if len(set(labels)) != rank:
                raise self.function.refuse(to, f"{rank} indices for {len(labels)} names")
        elif isinstance(to, gast.Name):
            labels = [self.new(COUNTERS[k % len(COUNTERS)]) for k in range(rank)]
            whole = gast.Tuple(elts=[name(n) for n in labels], ctx=gast.Load())
            if to.id in stores(*s.body) or self.read_elsewhere(to.id, s):
                opening.append(assign(to.id, whole))
            else:
                s.body = [Substitution({to.id: whole}).visit(b) for b in s.body]
        else:
            raise self.function.refuse(to, "these targets of a loop over indices are not supported")
        if bound := set(labels) & (stores(*s.body) | loads(s.iter)):
            raise self.function.refuse(
                s, f"`{min(bound)}` counts in this loop, and its body binds it", "Use another name."
            )
        if value is not None:
            item = subscript(clean(s.iter.args[0]), clean(index_of(labels)))
            opening.append(gast.Assign(targets=[value], value=item, type_comment=None))
        return labels, opening

    def read_elsewhere(self, label: str, s: gast.For) -> bool:
        """Whether a name is read outside of a loop."""
        inside = {id(n) for b in s.body for n in walk(b)}
        return any(
            isinstance(n, gast.Name)
            and n.id == label
            and isinstance(n.ctx, gast.Load)
            and id(n) not in inside
            for n in walk(self.function.node)
        )


def is_display(node: gast.expr) -> bool:
    """Whether an index is written out."""
    return isinstance(node, (gast.Tuple, gast.Slice))


def index_of(labels: list[str]) -> gast.expr:
    """The index that counters make up."""
    if len(labels) == 1:
        return name(labels[0])
    return gast.Tuple(elts=[name(n) for n in labels], ctx=gast.Load())


def breaks(body: list[gast.stmt]) -> bool:
    """Whether a block contains a `break` of the loop that it is the body of."""
    return any(
        isinstance(s, gast.Break)
        or (isinstance(s, gast.If) and (breaks(s.body) or breaks(s.orelse)))
        for s in body
    )
