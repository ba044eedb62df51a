"""Shadows: adjoints of arrays that are written and have several names at once.

In the forward sweep every buffer of such arrays gets a buffer of zeros, its shadow, and every
statement that moves references moves those of shadows likewise: `v = a[1:]` comes with
`v_bar = a_bar[1:]`. In the reverse sweep adjoints are added to and taken from shadows in place, so
that names of one memory share one adjoint, whatever path the function took.
"""

from __future__ import annotations

import functools

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, Record, Scalar, is_float, is_tuple, may_be_active, numeric
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.base.rearranged import MOVING
from srcgrad.lower.memory.aliases import sources
from srcgrad.lower.memory.layouts import pairs_of, terms_of
from srcgrad.lower.memory.settled import viewing_call
from srcgrad.lower.memory.sharing import Sharing
from srcgrad.rules.expr import Expr
from srcgrad.syntax.lives import BAR, SHADOW, STEP, made, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import walk
from srcgrad.transform.cotangents import Place
from srcgrad.transform.push import Push
from srcgrad.transform.terms import signed
from srcgrad.transform.text import copied


class Shadows(Push):
    """Shadows of one function: their names, and what is added to them.

    Attributes:
        together: names of arrays with several names at once, and of what holds them.
        shadowed: those of them that vary.
    """

    sharing: Sharing
    out: list[gast.stmt]

    def prepare_shadows(self) -> None:
        """Find the names that have shadows."""
        classes = self.sharing.paired
        self.together = frozenset[str]().union(*classes)
        self.shadowed = frozenset(
            n
            for n in self.together
            if n in self.activity.varied and may_be_active(self.typed.variables.get(n))
        )

    def shadow_classes(self) -> list[frozenset[str]]:
        """The names of shadows that may share memory."""
        return [
            frozenset(self.shadow_id(n) for n in c if n in self.shadowed)
            for c in self.sharing.paired
        ]

    def shadow_id(self, variable: str) -> str:
        """The name of a variable's shadow."""
        return made(f"{user_name(variable)}_bar", SHADOW, variable.partition(BAR)[2])

    def is_shadowed(self, place: Place) -> bool:
        """Whether the adjoint of a place lives in a shadow: not that of a number in a tuple."""
        if place[0] not in self.shadowed:
            return False
        kind: Kind | None = self.typed.variables.get(place[0])
        for k in place[1:]:
            if not isinstance(kind, Record):
                return True
            if not unchanging(kind.type):
                return True
            kind = kind.items[kind.keys.index(k)]
        return not is_float(kind) or isinstance(kind, Array)

    def shares(self, e: gast.expr) -> bool:
        """Whether a value may be, or hold, memory that has a shadow already."""
        if viewing_call(e) in self.sharing.settled:
            return False
        return bool(self.together & set(sources(self.typed, e)))

    def mirrored(self, e: gast.expr) -> gast.expr:
        """A reference to the primal as that of the shadow."""
        match e:
            case gast.Name(id=n):
                return name(self.shadow_id(n)) if n in self.shadowed else copied(e)
            case gast.Subscript():
                return subscript(self.mirrored(e.value), self.index_text(e.slice))
            case gast.Attribute(attr="T"):
                return attribute(self.mirrored(e.value), "T")
            case gast.Tuple() | gast.List():
                return type(e)(elts=[self.mirrored(v) for v in e.elts], ctx=gast.Load())
            case gast.BinOp(op=gast.Add()):
                return gast.BinOp(left=self.mirrored(e.left), op=e.op, right=self.mirrored(e.right))
            case gast.BinOp():
                right = self.node_text(e.right)
                return gast.BinOp(left=self.mirrored(e.left), op=e.op, right=right)
            case gast.Call(func=gast.Attribute(value=base) as f) if self.shares(base):
                new = attribute(self.mirrored(base), f.attr)
                rest = [self.node_text(a) for a in e.args]
                return gast.Call(func=new, args=rest, keywords=copied(e).keywords)
            case gast.Call():
                new = copied(e)
                new.args[0] = self.mirrored(e.args[0])
                return new
        raise self.function.refuse(e, "this value cannot be followed", "Use a name of its own.")

    def index_text(self, node: gast.expr) -> gast.expr:
        """The text of a subscript's index."""
        tree = isinstance(node, (gast.Tuple, gast.Slice))
        return self.rebuilt(node) if tree else self.node_text(node)

    def shadow(self, e: gast.expr, at: gast.expr) -> gast.expr:
        """The shadow of a value that a statement binds or stores.

        Args:
            e: the value.
            at: where the statement puts it.
        """
        kind = self.kind(e)
        match e:
            case gast.Tuple() | gast.List():
                parts = [self.shadow(v, subscript(at, constant(k))) for k, v in enumerate(e.elts)]
                return type(e)(elts=parts, ctx=gast.Load())
            case gast.Dict():
                parts = [
                    self.shadow(v, subscript(at, copied(k)))
                    for k, v in zip(e.keys, e.values, strict=True)
                ]
                return gast.Dict(keys=[copied(k) for k in e.keys], values=parts)
            case gast.BinOp() if self.extends(e):
                terms = [
                    self.mirrored(t) if first is None else self.shadow_items(t, at, first)
                    for t, first in terms_of(e)
                ]
                return functools.reduce(added, terms)
        if not may_be_active(kind):
            return constant(None)
        if isinstance(numeric(kind), Scalar):
            return constant(0.0)
        return self.mirrored(e) if self.shares(e) else self.zeros_of(at, kind)

    def extends(self, e: gast.BinOp) -> bool:
        """Whether a value is a sum of lists, some displayed, others with shadows."""
        if not isinstance(e.op, gast.Add) or isinstance(self.kind(e), Array):
            return False
        return self.shares(e) and any(at is not None for _, at in terms_of(e))

    def shadow_items(self, e: gast.List, at: gast.expr, first: int) -> gast.expr:
        """The shadows of items that stand in a longer list, as a list."""
        items = [self.shadow(v, item) for v, item in items_at(e, first, at)]
        return type(e)(elts=items, ctx=gast.Load())

    def zeros_of(self, node: gast.expr, kind: Kind | None) -> gast.expr:
        """A zero of the kind of a value."""
        raise NotImplementedError

    def shadow_statements(self, s: gast.stmt) -> list[gast.stmt]:
        """What moves shadows as a statement moves references."""
        match s:
            case gast.Assign(targets=[t], value=value):
                moved = [p for to, v in pairs_of(t, value) for p in self.shadows_of(to, v)]
                if not moved:
                    return []
                to, values = [to for to, _ in moved], [v for _, v in moved]
                if len(moved) == 1:
                    return [assign(to[0], values[0])]
                both = gast.Tuple(elts=to, ctx=gast.Store())
                return [assign(both, gast.Tuple(elts=values, ctx=gast.Load()))]
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base, attr=attr)) as n):
                if attr in MOVING and self.root_of(base) in self.shadowed:
                    return [gast.Expr(value=self.moved_items(n, base, attr))]
            case gast.Delete(targets=[gast.Subscript() as t]) if self.has_shadow(t):
                to = self.mirrored(loaded(t))
                to.ctx = gast.Del()
                return [gast.Delete(targets=[to])]
        return []

    def shadows_of(self, t: gast.expr, value: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
        """The shadows of what a statement binds, with what each of them is bound to."""
        if isinstance(t, (gast.Tuple, gast.List)) and not self.shares(value):
            names = [(e, self.zeros_of(loaded(e), self.kind(e))) for e in self.shown(t)]
        else:
            names = [(t, self.shadow(value, loaded(t)))] if self.has_shadow(t) else []
        return [(self.shadow_target(e), new) for e, new in names]

    def shown(self, t: gast.Tuple | gast.List) -> list[gast.Name]:
        """The names in a target that have shadows."""
        return [e for e in t.elts if isinstance(e, gast.Name) and e.id in self.shadowed]

    def moved_items(self, n: gast.Call, base: gast.expr, attr: str) -> gast.expr:
        """The call that does to the shadow of a list what a call does to the list."""
        args = [self.index_text(a) for a in (n.args[:1] if attr in ("insert", "pop") else [])]
        if attr in ("append", "insert"):
            at = subscript(copied(base), copied(args[0]) if args else constant(-1))
            args.append(self.shadow(n.args[-1], at))
        return call(attribute(self.mirrored(base), attr), *args)

    def has_shadow(self, t: gast.expr) -> bool:
        """Whether a target is a name with a shadow, or an item of something that has one."""
        match t:
            case gast.Name(id=n):
                return n in self.shadowed
            case gast.Subscript() if not isinstance(self.kind(t.value), Array):
                return bool(self.shadowed & {n.id for n in walk(t.value) if is_name(n)})
            case gast.Tuple() | gast.List():
                return len(self.shown(t)) == len(t.elts)
        return False

    def shadow_target(self, t: gast.expr) -> gast.expr:
        """The shadow of a target."""
        if isinstance(t, gast.Name):
            return target(self.shadow_id(t.id))
        if isinstance(t, (gast.Tuple, gast.List)):
            elts = [target(self.shadow_id(e.id)) for e in t.elts]
            return gast.Tuple(elts=elts, ctx=gast.Store())
        new = self.mirrored(t)
        new.ctx = gast.Store()
        return new

    def shadow_of(self, place: Place) -> gast.expr:
        """The shadow of a place."""
        node: gast.expr = name(self.shadow_id(place[0]))
        for k in place[1:]:
            node = subscript(node, constant(k))
        return node

    def add_shadow(self, place: Place, e: Expr) -> None:
        """Add to the shadow of a whole place."""
        kind = self.place_kind(place)
        node: gast.expr = name(self.shadow_id(place[0]))
        holder: Kind | None = self.typed.variables.get(place[0])
        fixed = False
        for k in place[1:]:
            node = subscript(node, constant(k))
            fixed = isinstance(holder, Record) and unchanging(holder.type)
            holder = holder.items[holder.keys.index(k)] if isinstance(holder, Record) else None
        self.accumulate(node, kind, e, fixed=fixed)

    def accumulate(
        self, node: gast.expr, kind: Kind | None, e: Expr, *, fixed: bool = False
    ) -> None:
        """Add to a shadow in place.

        Args:
            node: its text.
            kind: the kind of what it is the adjoint of.
            e: what is added.
            fixed: whether it stands in a tuple.
        """
        if kind is None or numeric(kind) is None:
            function = self.text.function(runtime.accumulate)
            part = None
            if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Slice):
                part = name(self.new_bar("part_bar", STEP))  # a slice of a list is another list
                self.out.append(assign(part.id, node))
            self.out.append(gast.Expr(value=call(function, part or node, self.text(e))))
            if part is not None and not is_tuple(kind):
                back = copied(node)
                back.ctx = gast.Store()
                self.out.append(assign(back, part))
            return
        if fixed:
            node = subscript(node, gast.Constant(value=Ellipsis, kind=None))
        node.ctx = gast.Store()
        op, rest = signed(e)
        value = self.text(rest)
        have = numeric(e.kind)
        if isinstance(kind, Scalar) and have is not None and have.dtype != kind.dtype:
            value = self.of_type(kind, value)
        self.out.append(gast.AugAssign(target=node, op=op, value=value))

    def of_type(self, kind: Scalar, value: gast.expr) -> gast.expr:
        """A number in the type of the one that it is the adjoint of."""
        if kind.dtype.kind not in "fc":
            return value
        if kind.python:
            return call(name("complex" if kind.dtype.kind == "c" else "float"), value)
        return call(attribute(self.text.module(np), kind.dtype.type.__name__), value)


def items_at(e: gast.List, first: int, base: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
    """The items of a display, each with its place in a longer list."""
    return [(v, subscript(copied(base), constant(first + k))) for k, v in enumerate(e.elts)]


def added(a: gast.expr, b: gast.expr) -> gast.expr:
    """The sum of two lists."""
    return gast.BinOp(left=a, op=gast.Add(), right=b)


def loaded(t: gast.expr) -> gast.expr:
    """A target as it is read."""
    new = copied(t)
    new.ctx = gast.Load()
    return new


def covers_all(t: gast.Subscript) -> bool:
    """Whether a subscript is `x[...]` or `x[:]` of a name."""
    if not isinstance(t.value, gast.Name):
        return False
    match t.slice:
        case gast.Constant(value=v):
            return v is Ellipsis
        case gast.Slice(lower=None, upper=None, step=None):
            return True
    return False


def is_name(node: gast.AST) -> bool:
    """Whether a node is a name."""
    return isinstance(node, gast.Name)
