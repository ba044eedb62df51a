"""`np.split(x, 3)` and the like as the list of slices that they return."""

from __future__ import annotations

import itertools

import gast
import numpy as np

from srcgrad.kinds import Array, Record, Static
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.trees import clean, placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.quote import attribute, call, constant, name, subscript
from srcgrad.syntax.walk import change_children

MOST = 64
UNEQUAL = "array split does not result in an equal division"


class Splits(Expansion):
    """Rewrites calls that split an array into a number of parts that is known."""

    def needed(self) -> bool:
        """Whether the function splits an array."""
        return "split" in self.typed.tags

    def run(self) -> bool:
        """Rewrite the function; what cannot be rewritten is refused."""
        changed = super().run()
        for node, callee in self.typed.callees.items():
            if callee.tag == "split" and not changed:
                raise self.function.refuse(
                    node,
                    f"`np.{callee.target.__name__}` into parts of unknown lengths is not supported",
                    "Take the parts by slices.",
                )
        return changed

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite the expressions of one statement."""
        for field, value in gast.iter_fields(s):
            if isinstance(value, gast.expr) and not isinstance(s, gast.While):
                setattr(s, field, self.expr(value, s))
        return super().statement(s)

    def expr(self, node: gast.expr, s: gast.stmt) -> gast.expr:
        """Rewrite one expression."""
        if isinstance(node, (gast.IfExp, gast.BoolOp, gast.Lambda)):
            return node
        change_children(node, lambda n: self.expr(n, s), gast.expr)
        if not isinstance(node, gast.Call):
            return node
        callee = self.typed.callees.get(node)
        new = None if callee is None or callee.tag != "split" else self.parts(callee, s)
        if new is None:
            return node
        self.changed = True
        return placed(new, node)

    def parts(self, callee: Callee, s: gast.stmt) -> gast.expr | None:
        """The slices that a call returns."""
        table = dict(callee.operands)
        array, where = table["ary"], table["indices_or_sections"]
        kind, cuts = self.kind(array), self.kind(where)
        if not isinstance(kind, Array) or not kind.dims or cuts is None:
            return None
        axis = axis_of(callee, self.kind(table["axis"]) if "axis" in table else None, kind)
        if axis is None:
            return None
        counted = isinstance(cuts, Static) and type(cuts.value) is int and 0 < cuts.value <= MOST
        listed = isinstance(cuts, Record) and all(isinstance(k, Static) for k in cuts.items)
        if not counted and not listed:
            return None
        base = array.id if isinstance(array, gast.Name) else self.named(array, "array", s)
        if isinstance(cuts, Record):
            bounds = [None, *(constant(k.value) for k in cuts.items), None]  # type: ignore[union-attr]
        else:
            assert isinstance(cuts, Static)
            count: int = cuts.value
            unequal = callee.target is np.array_split and not self.divides(kind, axis, count)
            bounds = (self.unequal if unequal else self.equal)(base, axis, count, s)
        pairs = itertools.pairwise(bounds)
        cut = [piece(base, axis, low, high) for low, high in pairs]
        return gast.List(elts=cut, ctx=gast.Load())

    def divides(self, kind: Array, axis: int, count: int) -> bool:
        """Whether an axis is known to fall into equal parts."""
        assert kind.dims is not None
        length = kind.dims[axis]
        return isinstance(length, int) and length % count == 0

    def equal(self, base: str, axis: int, count: int, s: gast.stmt) -> list[gast.expr | None]:
        """The bounds of parts of equal length, with the error where there are none."""
        length = subscript(attribute(name(base), "shape"), constant(axis))
        step = gast.BinOp(left=length, op=gast.FloorDiv(), right=constant(count))
        size = self.named(step, "size", s)
        rest = gast.BinOp(left=clean(length), op=gast.Mod(), right=constant(count))
        error = gast.Raise(exc=call(name("ValueError"), constant(UNEQUAL)), cause=None)
        test = gast.Compare(left=rest, ops=[gast.NotEq()], comparators=[constant(0)])
        self.before += self.replaced(s, [gast.If(test=test, body=[error], orelse=[])])
        inner = [
            gast.BinOp(left=constant(i), op=gast.Mult(), right=name(size)) if i > 1 else name(size)
            for i in range(1, count)
        ]
        return [None, *inner, None]

    def unequal(self, base: str, axis: int, count: int, s: gast.stmt) -> list[gast.expr | None]:
        """The bounds of parts of nearly equal length: the first ones have one entry more."""
        length = subscript(attribute(name(base), "shape"), constant(axis))
        size = self.named(
            gast.BinOp(left=length, op=gast.FloorDiv(), right=constant(count)), "size", s
        )
        rest = gast.BinOp(left=clean(length), op=gast.Mod(), right=constant(count))
        longer = self.named(rest, "longer", s)
        inner = []
        for i in range(1, count):
            before = gast.BinOp(left=constant(i), op=gast.Mult(), right=name(size))
            more = call(name("min"), constant(i), name(longer))
            stop = gast.BinOp(left=before if i > 1 else name(size), op=gast.Add(), right=more)
            inner.append(name(self.named(stop, "stop", s)))
        return [None, *inner, None]


def axis_of(callee: Callee, given: object, kind: Array) -> int | None:
    """The axis that is split; None where it is not known."""
    assert kind.dims is not None
    if callee.target is np.vsplit:
        return 0
    if callee.target is np.hsplit:
        return 0 if len(kind.dims) == 1 else 1
    if given is None:
        return 0
    if isinstance(given, Static) and type(given.value) is int:
        return given.value % len(kind.dims)
    return None


def piece(base: str, axis: int, low: gast.expr | None, high: gast.expr | None) -> gast.Subscript:
    """A slice of an array along an axis."""
    low, high = (None if b is None else clean(b) for b in (low, high))
    cut: gast.expr = gast.Slice(lower=low, upper=high, step=None)
    if axis:
        whole = [gast.Slice(lower=None, upper=None, step=None) for _ in range(axis)]
        cut = gast.Tuple(elts=[*whole, cut], ctx=gast.Load())
    return subscript(name(base), cut)
