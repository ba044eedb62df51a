"""Rewriting that needs kinds: `+=` on numbers, conditional expressions, subscripts of calls."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import gast

from srcgrad.kinds import Array, List, Record, Scalar, may_be_active
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.trees import placed
from srcgrad.lower.memory.aliases import is_copy
from srcgrad.lower.memory.sharing import sharing
from srcgrad.syntax.flow import loads
from srcgrad.syntax.lives import NAMED, made
from srcgrad.syntax.quote import assign, constant, name, subscript
from srcgrad.syntax.walk import change_blocks, walk


class Rewriter:
    """Rewrites the statements of one typed function into a new tree."""

    def __init__(self, typed: Typed, views: dict[str, gast.expr], gone: set[gast.stmt]) -> None:
        self.typed = typed
        self.views = views
        self.gone = gone
        self.count = 0
        self.before: list[gast.stmt] = []

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        for s in body:
            if s in self.gone:
                continue
            new = self.statement(s)
            out += self.before + new
            self.before = []
        return out or [placed(gast.Pass(), body[0])] if body else []

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement; what has to come before it is put into `before`."""
        for t in written(s):
            if isinstance(t, gast.Subscript) and self.own_index(t):
                self.index_named(t)
        match s:
            case gast.Assign(value=gast.BoolOp() as v) | gast.Return(value=gast.BoolOp() as v) if (
                self.active(v)
            ):
                s.value = self.as_conditional(v)
                before, self.before = self.before, []
                new = self.statement(s)
                self.before = before + self.before
                return new
            case gast.Assign(targets=[gast.Tuple() as t], value=gast.Name(id=view)) if (
                view in self.views and self.of_numbers(t, s.value)
            ):
                return self.unpacked(s, t)
            case gast.Assign(targets=[gast.Tuple() as t], value=gast.Name() as v) if (
                self.unpacks_memory(t, v)
            ):
                return self.unpacked(s, t)
            case gast.If() | gast.For() | gast.While():
                return [self.branching(s)]
            case gast.With() | gast.Try():
                return [self.guarded(s)]
            case gast.AugAssign():
                return [self.augmented(s)]
            case gast.Assign(value=gast.IfExp()) if self.active(s.value) and simple(s.targets):
                return self.conditional(
                    s, s.value, lambda v: assign(copy.deepcopy(s.targets[0]), v)
                )
            case gast.Return(value=gast.IfExp()) if self.active(s.value):
                return self.conditional(s, s.value, lambda v: gast.Return(value=v))
            case gast.Assert():
                return [self.plain(s)]
            case _:
                return [self.expr(s)]

    def unpacked(self, s: gast.Assign, t: gast.Tuple) -> list[gast.stmt]:
        """Names that get the items of a value, each in a statement of its own."""
        items = [subscript(self.expr(s.value), constant(i)) for i in range(len(t.elts))]
        return [
            placed(assign(copy.deepcopy(e), item), s) for e, item in zip(t.elts, items, strict=True)
        ]

    def branching(self, s: gast.If | gast.For | gast.While) -> gast.stmt:
        """A branch or loop whose blocks are rewritten."""
        over = self.expr(s.iter if isinstance(s, gast.For) else s.test, hoist=False)
        before, self.before = self.before, []
        body, orelse = self.block(s.body), self.block(s.orelse)
        self.before = before
        if isinstance(s, gast.If):
            return like(s, gast.If(test=over, body=body, orelse=orelse))
        if isinstance(s, gast.While):
            return like(s, gast.While(test=over, body=body, orelse=[]))
        target = copy.deepcopy(s.target)
        return like(s, gast.For(target=target, iter=over, body=body, orelse=[], type_comment=None))

    def plain(self, node: gast.AST) -> gast.AST:
        """A copy of what is no value of the program's, with the names that are left."""
        seen = loads(node) & set(self.views)
        return self.expr(node, hoist=False) if seen else copy.deepcopy(node)

    def guarded(self, s: gast.With | gast.Try) -> gast.stmt:
        """A `with` or `try` whose blocks are rewritten."""
        before, self.before = self.before, []
        new = like(s, type(s)(**dict(gast.iter_fields(s))))
        if isinstance(s, gast.Try):
            new.handlers = [
                like(h, gast.ExceptHandler(type=h.type, name=copy.deepcopy(h.name), body=h.body))
                for h in s.handlers
            ]
        else:
            new.items = [self.plain(i) for i in s.items]
        change_blocks(new, self.block)
        self.before = before
        return new

    def augmented(self, s: gast.AugAssign) -> gast.stmt:
        """An in-place operator as one that changes memory by `+=` or `-=`, or as an assignment."""
        match s.target:
            case gast.Name(id=target) if target in self.views:
                return self.through_view(s, target)
            case gast.Name(id=target) if not self.in_place(s):
                left = gast.Name(id=target, ctx=gast.Load(), annotation=None, type_comment=None)
                value = gast.BinOp(left=left, op=s.op, right=self.expr(s.value))
                for n in (left, value):
                    gast.copy_location(n, s)
                return like(s, assign(target, value))
        if self.held_array(s.target):
            return self.item_changed(s)
        if not isinstance(s.op, (gast.Add, gast.Sub)) and self.array(s.target):
            return self.write(s)
        return self.expr(s)

    def unpacks_memory(self, t: gast.Tuple, v: gast.Name) -> bool:
        """Whether a tuple or list is unpacked that holds arrays which are written elsewhere."""
        kind = self.typed.kinds.get(v)
        return (
            v.id in sharing(self.typed).possible
            and isinstance(kind, Record)
            and kind.type in (tuple, list)
            and all(isinstance(e, gast.Name) and e.id != v.id for e in t.elts)
        )

    def held_array(self, t: gast.expr) -> bool:
        """Whether a target is an array that a list, dict or object holds."""
        return (
            isinstance(t, gast.Subscript)
            and isinstance(self.typed.kinds.get(t), Array)
            and holds_items(self.typed.kinds.get(t.value))
        )

    def item_changed(self, s: gast.AugAssign) -> gast.stmt:
        """`ys[i] += e` as `ys[i][...] += e`: the array stays the same one."""
        path = self.expr(s.target)
        for n in walk(path):
            if hasattr(n, "ctx"):
                n.ctx = gast.Load()
        dots = gast.Constant(value=Ellipsis, kind=None)
        to = gast.Subscript(value=path, slice=dots, ctx=gast.Store())
        value = self.expr(s.value)
        if isinstance(s.op, (gast.Add, gast.Sub)):
            return like(s, gast.AugAssign(target=to, op=s.op, value=value))
        value = like(s, gast.BinOp(left=copy.deepcopy(path), op=s.op, right=value))
        return like(s, gast.Assign(targets=[to], value=value, type_comment=None))

    def through_view(self, s: gast.AugAssign, view: str) -> gast.stmt:
        """An in-place operator on the name of a view, as one on the view itself."""
        path = copy.deepcopy(self.views[view])
        if not isinstance(path, (gast.Name, gast.Subscript)):
            path = gast.Subscript(
                value=path, slice=gast.Constant(value=Ellipsis, kind=None), ctx=gast.Store()
            )
        value = self.expr(s.value)
        if isinstance(s.op, (gast.Add, gast.Sub)):
            path.ctx = gast.Store()
            return like(s, gast.AugAssign(target=path, op=s.op, value=value))
        path.ctx = gast.Load()
        return self.overwrite(s, path, value)

    def array(self, t: gast.expr) -> bool:
        """Whether a target is an array, or a part of one."""
        base = t if isinstance(t, gast.Name) else t.value
        return isinstance(self.typed.kinds[base], Array)

    def write(self, s: gast.AugAssign) -> gast.stmt:
        """`y *= e` as `y[...] = y * e`, and `y[i] *= e` as `y[i] = y[i] * e`."""
        left = self.expr(s.target)
        for n in walk(left):
            if hasattr(n, "ctx"):
                n.ctx = gast.Load()
        return self.overwrite(s, left, self.expr(s.value))

    def overwrite(self, s: gast.AugAssign, left: gast.expr, right: gast.expr) -> gast.stmt:
        """`left op= right` as an assignment to all of `left`."""
        value = gast.BinOp(left=left, op=s.op, right=right)
        like(s, value)
        to = copy.deepcopy(left)
        if isinstance(to, gast.Name):
            to = gast.Subscript(
                value=to, slice=gast.Constant(value=Ellipsis, kind=None), ctx=gast.Store()
            )
        to.ctx = gast.Store()
        return like(s, gast.Assign(targets=[to], value=value, type_comment=None))

    def conditional(self, s: gast.stmt, e: gast.IfExp, make: object) -> list[gast.stmt]:
        """`if test: ... else: ...` for a statement whose value is a conditional expression."""
        test = self.expr(e.test)
        kept, self.before = self.before, []
        branches = []
        for value in (e.body, e.orelse):
            inner = placed(make(value), s)  # type: ignore[operator]
            inner.lineno, inner.end_lineno = s.lineno, None
            branches.append(self.block([inner]))
        self.before = kept
        return [placed(gast.If(test=test, body=branches[0], orelse=branches[1]), s)]

    def in_place(self, s: gast.AugAssign) -> bool:
        """Whether an augmented assignment to a name changes the object."""
        kind = self.typed.kinds[s.target]
        return isinstance(kind, (Array, List)) or (isinstance(kind, Record) and kind.type is list)

    def active(self, node: gast.expr) -> bool:
        """Whether a value can carry a derivative."""
        kind = self.typed.kinds.get(node)
        return kind is not None and may_be_active(kind)

    def expr(self, node: gast.AST, *, hoist: bool = True) -> gast.AST:
        """A copy of an expression (or a simple statement) in normal form."""
        match node:
            case gast.Name(id=view) if view in self.views and isinstance(node.ctx, gast.Load):
                return like(node, copy.deepcopy(self.views[view]))
            case gast.IfExp() if hoist and self.active(node):
                temporary = self.temporary("cond")
                inner = placed(assign(temporary, node), node)
                self.typed.kinds[inner.targets[0]] = self.typed.kinds[node]
                self.before += self.statement(inner)
                return like(node, name(temporary))
            case gast.Subscript() if hoist and self.needs_name(node):
                temporary = self.temporary("base")
                self.before.append(placed(assign(temporary, self.expr(node.value)), node))
                new = gast.Subscript(
                    value=name(temporary), slice=self.expr(node.slice), ctx=node.ctx
                )
                return like(node, new)
            case gast.BoolOp() if hoist and self.active(node):
                return self.expr(self.as_conditional(node))
            case gast.BoolOp():
                hoist = False
        new = type(node)()
        for field, value in gast.iter_fields(node):
            if isinstance(value, list):
                setattr(
                    new,
                    field,
                    [self.expr(v, hoist=hoist) if isinstance(v, gast.AST) else v for v in value],
                )
            elif isinstance(value, gast.AST):
                setattr(new, field, self.expr(value, hoist=hoist))
            else:
                setattr(new, field, value)
        return like(node, new)

    def needs_name(self, node: gast.Subscript) -> bool:
        """Whether a subscript is one of a computed array that may be active."""
        base = node.value
        while isinstance(base, (gast.Subscript, gast.Attribute)):
            if isinstance(base, gast.Subscript) and is_copy(self.typed, base):
                return self.active(node)
            base = base.value
        if self.of_list(node):
            return True
        return not isinstance(base, gast.Name) and self.active(node) and self.active(node.value)

    def of_sequence(self, node: gast.Subscript) -> bool:
        """Whether a subscript is an item of a list, or one of a record known at run time only."""
        kind, key = (self.typed.kinds.get(n) for n in (node.value, node.slice))
        return isinstance(kind, List) or (isinstance(kind, Record) and isinstance(key, Scalar))

    def of_list(self, node: gast.Subscript) -> bool:
        """Whether a subscript is one of an item of a list, which may be active."""
        base = node.value
        if not isinstance(self.typed.kinds.get(base), Array):
            return False
        paths = (gast.Subscript, gast.Attribute)
        while isinstance(base, paths) and isinstance(self.typed.kinds.get(base), (Array, Record)):
            if isinstance(base, gast.Subscript) and self.of_sequence(base):
                return self.active(node)
            base = base.value
        return False

    def of_numbers(self, t: gast.Tuple, value: gast.expr) -> bool:
        """Whether an array is unpacked into names, its items being numbers."""
        kind = self.typed.kinds.get(value)
        plain = all(isinstance(e, gast.Name) for e in t.elts)
        return plain and isinstance(kind, Array) and kind.dims is not None and len(kind.dims) == 1

    def own_index(self, t: gast.Subscript) -> bool:
        """Whether the index of a part that is written is read from the same array."""
        base: gast.expr = t
        while isinstance(base, (gast.Subscript, gast.Attribute)):
            base = base.value
        return (
            isinstance(base, gast.Name)
            and bool(self.seen({base.id}) & self.seen(loads(t.slice)))
            and isinstance(self.typed.kinds.get(t.value), Array)
        )

    def seen(self, names: Iterable[str]) -> set[str]:
        """Names, with what views among them are views of in their place."""
        return {m for n in names for m in (loads(self.views[n]) if n in self.views else (n,))}

    def index_named(self, t: gast.Subscript) -> None:
        """Give the items of the index of a part that is written names, in place."""
        items = t.slice.elts if isinstance(t.slice, gast.Tuple) else [t.slice]
        new = []
        for i in items:
            if isinstance(i, (gast.Slice, gast.Constant)):
                new.append(i)
                continue
            label = self.temporary("index")
            self.before.append(placed(assign(label, self.expr(i)), i))
            new.append(like(i, name(label)))
        t.slice = (
            like(t.slice, gast.Tuple(elts=new, ctx=gast.Load()))
            if isinstance(t.slice, gast.Tuple)
            else new[0]
        )

    def as_conditional(self, node: gast.BoolOp) -> gast.expr:
        """`a or b` as `a if a else b`, and `a and b` as `b if a else a`, with a evaluated once."""
        first, *rest = node.values
        kind = self.typed.kinds[first]
        if not isinstance(first, (gast.Name, gast.Constant)):
            label = self.temporary("cond")
            self.before.append(placed(assign(label, self.expr(first)), first))
            first = like(first, name(label))
            self.typed.kinds[first] = kind
        other = rest[0]
        if len(rest) > 1:
            other = like(node, gast.BoolOp(op=node.op, values=rest))
            self.typed.kinds[other] = self.typed.kinds[node]
        body, orelse = (first, other) if isinstance(node.op, gast.Or) else (other, first)
        new = like(node, gast.IfExp(test=copy.deepcopy(first), body=body, orelse=orelse))
        self.typed.kinds[new.test] = kind
        self.typed.kinds[new] = self.typed.kinds[node]
        return new

    def temporary(self, hint: str) -> str:
        """A name for a value that has none."""
        self.count += 1
        return made(hint, NAMED, self.count)


def written(s: gast.stmt) -> list[gast.expr]:
    """The targets of a statement that assigns, or changes what is there."""
    if isinstance(s, gast.Assign):
        return s.targets
    return [s.target] if isinstance(s, gast.AugAssign) else []


def holds_items(kind: object) -> bool:
    """Whether a kind is that of a list, dict or object, whose items can be replaced."""
    return isinstance(kind, List) or (isinstance(kind, Record) and not unchanging(kind.type))


def simple(targets: list[gast.expr]) -> bool:
    """Whether an assignment has one target, a name."""
    return len(targets) == 1 and isinstance(targets[0], gast.Name)


def like(old: gast.AST, new: gast.AST) -> gast.AST:
    """The new node, at the place of the old one."""
    for attribute in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if hasattr(old, attribute):
            setattr(new, attribute, getattr(old, attribute))
    return new


def rewrite(typed: Typed, views: dict[str, gast.expr], gone: set[gast.stmt]) -> gast.FunctionDef:
    """The function in normal form."""
    old = typed.function.node
    new = copy.copy(old)
    new.body = Rewriter(typed, views, gone).block(old.body)
    return new
