"""Arrays that are written and have several names at once: whether shadows can follow them.

A shadow adjoint is one buffer for each buffer of the primal, and every statement that moves a
reference moves that of the shadow in the same manner. So each such statement must be of a form
that means the same for shadows: names, parts, displays, views that are views for sure.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast
import numpy as np

from srcgrad.kinds import Array, Dict, Kind, List, Record, Scalar, Static, is_float, mutable
from srcgrad.lower.aliases import is_copy, sources, summarise
from srcgrad.lower.program import Typed
from srcgrad.lower.rearranged import ASKING, rearranges
from srcgrad.syntax.flow import stores

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
MADE = (np.zeros, np.empty, np.ones, np.full, np.arange, np.linspace, np.eye)
MOST = {"full": 3, "full_like": 2, "zeros_like": 1, "empty_like": 1, "ones_like": 1, "ravel": 1}
LIKE = (np.zeros_like, np.empty_like, np.ones_like, np.full_like)
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

    def possible(self) -> bool:
        """Whether the names stand for values of kinds that shadows can have."""
        for m in self.members:
            kind = self.typed.variables.get(m)
            if kind is None or not fits(kind):
                return False
            if m in self.typed.parameters and not isinstance(kind, Array):
                if m in stores(self.typed.function.node) or rearranges(self):
                    return False
        return True

    def holds(self) -> bool:
        """Whether shadows can follow the names."""
        if not self.possible():
            return False
        for n in gast.walk(self.typed.function.node):
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
        """Whether a `with`, or what a `try` attempts, binds none of the names."""
        if isinstance(s, gast.With):
            return not self.members & stores(*s.items)
        for n in (m for t in s.body if s.handlers for m in gast.walk(t)):
            match n:
                case gast.Name(ctx=gast.Store()):
                    moved = n.id in self.members
                case gast.Subscript(ctx=gast.Store()):
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
        for n in gast.walk(self.typed.function.node):
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
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=base), args=[item]) as n):
                callee = self.typed.callees.get(n)
                if callee is not None and callee.target == "append" and self.shares(base):
                    return isinstance(base, gast.Name) and self.reference(item)
        return True

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
                plain = not isinstance(to.slice, gast.Slice) and self.path(to.value)
                return plain and self.known_key(base, to) and self.reference(value)
        bases = {b.id for b in written_bases(to)}
        return not self.members & (stores(to) | bases)

    def known_key(self, base: Kind | None, t: gast.Subscript) -> bool:
        """Whether an item that is replaced was there before."""
        if isinstance(base, List):
            return True
        key = self.typed.kinds.get(t.slice)
        if not isinstance(base, Record) or base.type not in (list, dict):
            return False
        return isinstance(key, Static) and key.value in base.keys

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

    def call(self, n: gast.Call) -> bool:
        """Whether a call leaves references where they are, or is one that statements follow."""
        callee = self.typed.callees.get(n)
        if callee is None:
            return not any(map(self.shares, n.args))
        if callee.tag == "method" and isinstance(n.func, gast.Attribute):
            return callee.target in (*ASKING, "append") or not self.shares(n.func.value)
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
        return self.followed(e)

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
        return False

    def same_view(self, e: gast.Call) -> bool:
        """Whether a call of a function with a rule returns a view for sure."""
        callee = self.typed.callees[e]
        if callee.target in SAME:
            return True
        reshapes = callee.target in (np.reshape, np.ravel)
        return reshapes and not ordered(e) and self.contiguous(callee.operands[0][1], frozenset())

    def contiguous(self, e: gast.expr, seen: frozenset[str]) -> bool:
        """Whether an array is known to be contiguous, so that it can be reshaped in place."""
        match e:
            case gast.Name(id=n):
                values = self.values_of(n)
                inner = seen | {n}
                return n in seen or (
                    values is not None and all(self.contiguous(v, inner) for v in values)
                )
            case gast.BinOp() | gast.UnaryOp():
                kind = self.typed.kinds.get(e)
                return isinstance(kind, Array) and kind.dims is not None and len(kind.dims) == 1
            case gast.Call():
                callee = self.typed.callees.get(e)
                if callee is None or ordered(e):
                    return False
                if callee.target is np.copy:
                    return (
                        isinstance(e.func, gast.Attribute)
                        and e.func.value is (callee.operands[0][1])
                    )
                if callee.target in LIKE or callee.target in (np.reshape, np.ravel):
                    first = callee.operands[0][1] if callee.operands else None
                    return isinstance(first, gast.AST) and self.contiguous(first, seen)
                return callee.target in MADE
        return False

    def values_of(self, n: str) -> list[gast.expr] | None:
        """What a name is bound to, everywhere; None where that cannot be told."""
        if n in self.typed.function.parameters:
            return None
        values: list[gast.expr] = []
        for s in gast.walk(self.typed.function.node):
            if not isinstance(s, gast.stmt) or isinstance(s, (gast.AugAssign, gast.FunctionDef)):
                continue
            if isinstance(s, gast.Assign) and len(s.targets) == 1 and is_name(s.targets[0], n):
                values.append(s.value)
            elif n in stores(*heads(s)):
                return None
        return values or None

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
        case Record(type=made, items=items) if made is tuple:
            return all(fits(i, inside=inside, fixed=inside) for i in items)
        case Record(type=made, items=items) if made in (list, dict):
            return all(fits(i, inside=True) for i in items)
        case Scalar() | Static():
            return not (fixed and is_float(kind))
    return False


def ordered(e: gast.Call) -> bool:
    """Whether a call may say in which order entries lie."""
    if any(k.arg not in ("dtype", "shape", "newshape") for k in e.keywords):
        return True
    called = e.func.attr if isinstance(e.func, gast.Attribute) else getattr(e.func, "id", "")
    texts = any(isinstance(getattr(a, "value", None), str) for a in e.args)
    return texts or len(e.args) > MOST.get(called, 2 if called != "reshape" else len(e.args))


def is_name(node: gast.AST, n: str) -> bool:
    """Whether a node is one name."""
    return isinstance(node, gast.Name) and node.id == n


def heads(s: gast.stmt) -> list[gast.AST]:
    """The parts of a statement that are not blocks."""
    fields = [v for k, v in gast.iter_fields(s) if k not in ("body", "orelse")]
    return [n for v in fields for n in (v if isinstance(v, list) else [v]) if is_tree(n)]


def is_tree(node: object) -> bool:
    """Whether a value is a node."""
    return isinstance(node, gast.AST)


def written_bases(t: gast.AST) -> Iterator[gast.Name]:
    """The names of what a target is part of."""
    for n in gast.walk(t):
        if isinstance(n, gast.Subscript) and isinstance(n.ctx, gast.Store):
            base: gast.AST = n
            while isinstance(base, (gast.Subscript, gast.Attribute)):
                base = base.value
            if isinstance(base, gast.Call):
                base = base.args[0] if base.args else base
            for m in gast.walk(base):
                if isinstance(m, gast.Name):
                    yield m


def mentioned(node: gast.AST) -> set[str]:
    """All names in a tree."""
    return {n.id for n in gast.walk(node) if isinstance(n, gast.Name)}


def pairs_of(t: gast.expr, value: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
    """The targets of an assignment with the values that they get."""
    sequences = (gast.Tuple, gast.List)
    if isinstance(t, sequences) and isinstance(value, sequences):
        starred = any(isinstance(e, gast.Starred) for e in (*t.elts, *value.elts))
        if len(t.elts) == len(value.elts) and not starred:
            return [p for e, v in zip(t.elts, value.elts, strict=True) for p in pairs_of(e, v)]
    return [(t, value)]
