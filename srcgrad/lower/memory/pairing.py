"""Arrays that are written and have several names at once: whether shadows can follow them.

A shadow adjoint is one buffer for each buffer of the primal, and every statement that moves a
reference moves that of the shadow in the same manner. So each such statement must be of a form
that means the same for shadows: names, parts, displays, views that are views for sure.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import gast
import numpy as np

from srcgrad.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    is_float,
    is_object,
    mutable,
)
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.rearranged import ASKING, MOVING, rearranges
from srcgrad.lower.memory.aliases import is_copy, sources, summarise
from srcgrad.lower.memory.layouts import Layouts, pairs_of, terms_of
from srcgrad.lower.memory.outdated import outdated
from srcgrad.lower.memory.settled import Settled, viewing_call
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk

SAME = (
    np.transpose,
    np.swapaxes,
    np.moveaxis,
    np.expand_dims,
    np.squeeze,
    np.flip,
    np.fliplr,
    np.flipud,
)
SIMPLE = (
    gast.FunctionDef,
    gast.Assign,
    gast.AugAssign,
    gast.For,
    gast.While,
    gast.If,
    gast.Expr,
    gast.Return,
    gast.Pass,
    gast.Delete,
    gast.Break,
    gast.Continue,
    gast.Raise,
    gast.Assert,
)
SCOPES = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp, gast.Lambda)


class Pairing:
    """Looks at the names of one class.

    Args:
        typed: the function.
        members: the names of the class.
    """

    def __init__(self, typed: Typed, members: frozenset[str]) -> None:
        self.typed = typed
        self.members = members

    @cached_property
    def whole(self) -> frozenset[gast.expr]:
        """The expressions that are statements by themselves."""
        statements = (s for s in walk(self.typed.function.node) if isinstance(s, gast.Expr))
        return frozenset(s.value for s in statements)

    @cached_property
    def settled(self) -> frozenset[gast.AST]:
        """The views that are as good as copies."""
        return Settled(self.typed, self.members, self.followed).views()

    def possible(self) -> bool:
        """Whether the names stand for values of kinds that shadows can have."""
        for m in self.members:
            kind = self.typed.variables.get(m)
            if kind is None or not fits(kind):
                return False
            if m in self.typed.parameters and is_object(kind) and rearranges(self):
                return False
        return True

    def holds(self) -> bool:
        """Whether shadows can follow the names."""
        if not self.possible() or outdated(self):
            return False
        for n in walk(self.typed.function.node):
            if isinstance(n, (gast.Try, gast.With)):
                if not self.guarded(n):
                    return False
            elif isinstance(n, gast.stmt):
                if not isinstance(n, SIMPLE) or not self.statement(n):
                    return False
            elif (isinstance(n, gast.Call) and not self.call(n)) or (
                isinstance(n, (*SCOPES, gast.NamedExpr)) and self.members & mentioned(n)
            ):
                return False
        return True

    def guarded(self, s: gast.Try | gast.With) -> bool:
        """Whether a `with`, or what a `try` attempts, binds no name but as its only statement."""
        if isinstance(s, gast.With):
            return not self.members & stores(*s.items)
        match s.body:
            case [gast.Assign(targets=[gast.Name()])] if s.handlers:
                return True
        for n in (m for t in s.body if s.handlers for m in walk(t)):
            match n:
                case gast.Name(ctx=gast.Store()):
                    moved = n.id in self.members
                case gast.Subscript(ctx=gast.Store() | gast.Del()):
                    moved = self.touches(n) and not self.is_array(n.value)
                case gast.Call(func=gast.Attribute(value=base)):
                    moved = self.shares(base) and not self.is_array(base)
                case _:
                    moved = False
            if moved:
                return False
        return True

    def is_simple(self) -> bool:
        """Whether the function has no statements that move references in ways of their own."""
        for n in walk(self.typed.function.node):
            if isinstance(n, gast.stmt) and not isinstance(n, SIMPLE):
                return False
            if isinstance(n, (*SCOPES, gast.NamedExpr)) and self.members & mentioned(n):
                return False
        return True

    def shares(self, e: gast.expr) -> bool:
        """Whether the value of an expression may share memory of the class."""
        return bool(set(sources(self.typed, e)) & self.members)

    def statement(self, s: gast.stmt) -> bool:
        """Whether a statement moves references in a manner that shadows can follow."""
        match s:
            case gast.Assign(targets=[t], value=value):
                return all(self.binding(to, v) for to, v in pairs_of(t, value))
            case gast.Assign(targets=targets):
                bases = {b.id for t in targets for b in written_bases(t)}
                return not self.members & (stores(*targets) | bases)
            case gast.AugAssign(target=gast.Name(id=n)):
                return n not in self.members or isinstance(self.typed.kinds[s.target], Array)
            case gast.AugAssign(target=t):
                return not self.touches(t) or isinstance(self.typed.kinds[t.value], Array)
            case gast.For(target=t):
                return not self.members & stores(t)
            case gast.Expr(value=gast.Call() as n) if self.moves(n):
                return self.followed_change(n)
            case gast.Delete(targets=[gast.Subscript() as t]) if self.touches(t):
                known = self.known_key(self.typed.kinds.get(t.value), t)
                return known and isinstance(t.value, gast.Name)
        return True

    def moves(self, n: gast.Call) -> bool:
        """Whether a call adds items to a list of the class, takes them away or turns it round."""
        callee = self.typed.callees.get(n)
        if callee is None or callee.tag != "method" or callee.target not in MOVING:
            return False
        return isinstance(n.func, gast.Attribute) and self.shares(n.func.value)

    def followed_change(self, n: gast.Call) -> bool:
        """Whether a call that moves items of a list does the same to the list's shadow."""
        if not isinstance(self.typed.kinds.get(n.func.value), List):
            return False
        if not self.steady(n.func.value) or n.keywords:
            return False
        match self.typed.callees[n].target, n.args:
            case "append", [item]:
                return self.reference(item)
            case "insert", [at, item]:
                kind = self.typed.kinds.get(at)
                front = isinstance(kind, Static) and type(kind.value) is int and kind.value == 0
                return front and self.reference(item)
            case "pop", [at]:
                return not self.members & mentioned(at)
        return not n.args

    def binding(self, to: gast.expr, value: gast.expr) -> bool:
        """Whether a target gets a value in a manner that shadows can follow."""
        match to:
            case gast.Name(id=n):
                return n not in self.members or self.reference(value)
            case gast.Subscript():
                if not self.touches(to):
                    return True
                base = self.typed.kinds.get(to.value)
                if isinstance(base, Array):
                    return self.path(to)
                plain = not isinstance(to.slice, gast.Slice) and self.steady(to.value)
                known = self.known_key(base, to) or self.new_key(base, to)
                return plain and known and self.reference(value)
            case gast.Tuple() | gast.List() if self.unpacks_references(to, value):
                return True
            case gast.Tuple() | gast.List() if self.unpacks_new(to, value):
                return True
        bases = {b.id for b in written_bases(to)}
        return not self.members & (stores(to) | bases)

    def unpacks_references(self, to: gast.Tuple | gast.List, value: gast.expr) -> bool:
        """Whether names get the items of a list, all of which are references."""
        names = all(isinstance(e, gast.Name) for e in to.elts)
        plain = names and isinstance(self.typed.kinds.get(value), List)
        return plain and self.shares(value) and self.followed(value) and self.of_references(value)

    def unpacks_new(self, to: gast.Tuple | gast.List, value: gast.expr) -> bool:
        """Whether names get the items of a tuple, all of which are new."""
        kind = self.typed.kinds.get(value)
        if not isinstance(kind, Record) or len(kind.items) != len(to.elts) or self.shares(value):
            return False
        return len(stores(to)) == len(to.elts) and all(
            isinstance(e, gast.Name) and (e.id not in self.members or isinstance(k, Array))
            for e, k in zip(to.elts, kind.items, strict=True)
        )

    def known_key(self, base: Kind | None, t: gast.Subscript) -> bool:
        """Whether an item that is replaced was there before."""
        if isinstance(base, List):
            return True
        key = self.typed.kinds.get(t.slice)
        if not isinstance(base, Record) or unchanging(base.type):
            return False
        return isinstance(key, Static) and key.value in base.keys

    def new_key(self, base: Kind | None, t: gast.Subscript) -> bool:
        """Whether an item that is put into a dict was not there before."""
        key = self.typed.kinds.get(t.slice)
        if not isinstance(base, Record) or base.type is not dict or not isinstance(key, Static):
            return False
        return key.value not in base.keys and isinstance(t.value, gast.Name)

    def touches(self, t: gast.expr) -> bool:
        """Whether a target is part of something of the class."""
        return any(b.id in self.members for b in written_bases(t))

    def path(self, node: gast.expr) -> bool:
        """Whether an expression is a path of parts that starts with a name."""
        match node:
            case gast.Name():
                return True
            case gast.Attribute(attr="T"):
                return self.path(node.value)
            case gast.Subscript():
                inner = node.value
                copied = isinstance(inner, gast.Subscript) and is_copy(self.typed, inner)
                return not copied and self.path(inner)
        return False

    def steady(self, node: gast.expr) -> bool:
        """Whether an expression is a path of parts whose indices are not read from the class."""
        slices = [n.slice for n in walk(node) if isinstance(n, gast.Subscript)]
        return self.path(node) and not any(self.members & mentioned(i) for i in slices)

    def call(self, n: gast.Call) -> bool:
        """Whether a call leaves references where they are, or is one that statements follow."""
        callee = self.typed.callees.get(n)
        if callee is None:
            return not any(map(self.shares, n.args))
        if callee.tag == "method" and isinstance(n.func, gast.Attribute):
            if n in self.whole and callee.target in MOVING:
                return True
            return callee.target in ASKING or not self.shares(n.func.value)
        if callee.tag != "user":
            return True
        inner = summarise(callee.target)
        for p, o in callee.operands:
            if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p):
                if self.shares(o):
                    return False
        return True

    def reference(self, e: gast.expr) -> bool:
        """Whether the shadow of a value is known: it is new, or a reference that is followed."""
        if isinstance(e, (gast.Tuple, gast.List)):
            return all(map(self.reference, e.elts))
        if isinstance(e, gast.Dict):
            return all(map(self.reference, e.values))
        if not self.shares(e):
            return not isinstance(e, (gast.Starred, gast.IfExp, gast.BoolOp))
        return self.followed(e) or viewing_call(e) in self.settled or self.extends(e)

    def extends(self, e: gast.expr) -> bool:
        """Whether a value is a sum of lists, some of which are displayed: they may be new."""
        if not isinstance(e, gast.BinOp) or not isinstance(e.op, gast.Add) or self.is_array(e):
            return False
        return self.of_references(e) and all(
            self.reference(t) if first is not None else self.shares(t) and self.followed(t)
            for t, first in terms_of(e)
        )

    def followed(self, e: gast.expr) -> bool:
        """Whether an expression is a reference, and nothing new, that is the same for shadows."""
        match e:
            case gast.Name():
                return True
            case gast.Attribute(attr="T"):
                return self.followed(e.value)
            case gast.Subscript(slice=gast.Slice()) if not self.is_array(e.value):
                return self.followed(e.value) and self.of_references(e)
            case gast.Subscript():
                return self.followed(e.value)
            case gast.BinOp(op=gast.Add()) if not self.is_array(e):
                return self.of_references(e) and self.followed(e.left) and self.followed(e.right)
            case gast.BinOp(op=gast.Mult()) if not self.is_array(e):
                return self.of_references(e) and self.followed(e.left)
            case gast.Tuple(elts=elts) | gast.List(elts=elts):
                return all(self.shares(v) and self.followed(v) for v in elts)
            case gast.Call():
                callee = self.typed.callees.get(e)
                if callee is None:
                    return False
                if callee.tag == "rule" and self.same_view(e):
                    return self.followed(callee.operands[0][1])
                if callee.tag == "builtin" and callee.target in (list, tuple) and e.args:
                    return self.of_references(e) and self.followed(e.args[0])
                if callee.tag == "method" and callee.target == "copy" and not self.is_array(e):
                    return self.of_references(e) and self.followed(e.func.value)
        return False

    def same_view(self, e: gast.Call) -> bool:
        """Whether a call of a function with a rule returns a view for sure."""
        callee = self.typed.callees[e]
        return callee.target in SAME or Layouts(self.typed).reshapes_in_place(e)

    def is_array(self, e: gast.expr) -> bool:
        """Whether an expression is an array."""
        return isinstance(self.typed.kinds.get(e), Array)

    def of_references(self, e: gast.expr) -> bool:
        """Whether all items of a new list or tuple are references."""
        match self.typed.kinds.get(e):
            case List(item=item):
                return mutable(item)
            case Record(items=items):
                return all(map(mutable, items))
        return False


def fits(kind: Kind, *, inside: bool = False, fixed: bool = False) -> bool:
    """Whether a kind of value can have a shadow.

    Args:
        kind: the kind.
        inside: whether the value is held by something that can change.
        fixed: whether it is held by a tuple that is.
    """
    match kind:
        case Array(dims=dims):
            return bool(dims) and kind.dtype.kind in "fiub"
        case Dict():
            return False
        case List(item=item):
            return item is None or fits(item, inside=True)
        case Record(type=made, items=items) if unchanging(made):
            return all(fits(i, inside=inside, fixed=inside) for i in items)
        case Record(items=items):
            return all(fits(i, inside=True) for i in items)
        case Scalar() | Static():
            return not (fixed and is_float(kind))
    return False


def written_bases(t: gast.AST) -> Iterator[gast.Name]:
    """The names of what a target is part of."""
    for n in walk(t):
        if isinstance(n, gast.Subscript) and isinstance(n.ctx, (gast.Store, gast.Del)):
            base: gast.AST = n
            while isinstance(base, (gast.Subscript, gast.Attribute)):
                base = base.value
            if isinstance(base, gast.Call):
                base = base.args[0] if base.args else base
            for m in walk(base):
                if isinstance(m, gast.Name):
                    yield m


def mentioned(node: gast.AST) -> set[str]:
    """All names in a tree."""
    return {n.id for n in walk(node) if isinstance(n, gast.Name)}
