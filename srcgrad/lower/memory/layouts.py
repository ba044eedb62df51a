"""In which order the entries of arrays lie in memory: whether a reshape is a view for sure.

Two things are found out about expressions. An array is *packed* if it is contiguous in C order,
so that any reshape of it is a view. It is *ordered* if its strides do not grow from left to right,
as those of a slice of a packed array: arithmetic on such arrays gives packed ones.
"""

from __future__ import annotations

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Static, is_number
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import is_copy
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk

MADE = (np.zeros, np.empty, np.ones, np.full, np.arange, np.linspace, np.eye)
LIKE = (np.zeros_like, np.empty_like, np.ones_like, np.full_like, runtime.zeros_like)
PRODUCTS = (np.matmul, np.dot, np.outer, np.linalg.solve, np.linalg.inv)
ENTRYWISE = (np.where, np.clip, np.tril, np.triu, np.sort, np.roll, np.cumsum, np.repeat)
ORDERLY = (*ENTRYWISE, np.concatenate, np.stack, np.vstack, np.hstack)
MOST = {"full": 3, "full_like": 2, "zeros_like": 1, "empty_like": 1, "ones_like": 1, "ravel": 1}
FULLEST = 2


class Layouts:
    """Looks at the memory of the arrays of one function.

    Args:
        typed: the function.
    """

    def __init__(self, typed: Typed) -> None:
        self.typed = typed

    def reshapes_in_place(self, e: gast.Call) -> bool:
        """Whether a call of `reshape` or `ravel` gives a view, for its operand and its adjoint."""
        callee = self.typed.callees[e]
        if callee.target not in (np.reshape, np.ravel) or ordered_by_name(e):
            return False
        base = callee.operands[0][1]
        one = callee.target is np.reshape and self.rank(base) == 1
        return one or self.packed(base, frozenset())

    def packed(self, e: gast.expr, seen: frozenset[str]) -> bool:
        """Whether an array is contiguous.

        Args:
            e: the array.
            seen: names that are taken to be, as long as nothing speaks against it.
        """
        match e:
            case gast.Name(id=n):
                return n in seen or self.all_values(n, seen)
            case gast.BinOp() | gast.UnaryOp() | gast.Compare():
                return self.rank(e) == 1 or self.computed(e, seen)
            case gast.IfExp():
                return self.packed(e.body, seen) and self.packed(e.orelse, seen)
            case gast.Attribute(attr="T"):
                return self.rank(e) == 1 and self.packed(e.value, seen)
            case gast.Subscript() if is_copy(self.typed, e):
                return self.rank(e) == 1
            case gast.Subscript(value=gast.Name(id=n)) if self.rank(e.value) == 0:
                return self.items(n, seen)
            case gast.Subscript():
                return self.leading(e.slice) and self.packed(e.value, seen)
            case gast.Call():
                return self.packed_call(e, seen)
        return False

    def computed(self, e: gast.expr, seen: frozenset[str]) -> bool:
        """Whether arithmetic gives an array that is contiguous."""
        if isinstance(e, gast.UnaryOp):
            return self.ordered(e.operand, seen)
        if isinstance(e, gast.Compare):
            return all(self.ordered(v, seen) for v in (e.left, *e.comparators))
        assert isinstance(e, gast.BinOp)
        if isinstance(e.op, gast.MatMult):
            return 0 < self.rank(e.left) <= FULLEST and 0 < self.rank(e.right) <= FULLEST
        return self.ordered(e.left, seen) and self.ordered(e.right, seen)

    def packed_call(self, e: gast.Call, seen: frozenset[str]) -> bool:
        """Whether a call gives an array that is contiguous."""
        callee = self.typed.callees.get(e)
        if callee is None or callee.tag == "user":
            return False
        operands = [o for _, o in callee.operands if isinstance(o, gast.AST)]
        target = callee.target
        if (isinstance(target, np.ufunc) and target.signature is None) or target in ORDERLY:
            axis = {k.arg for k in e.keywords} <= {"axis"}
            return axis and all(self.ordered(o, seen) for o in operands)
        if ordered_by_name(e):
            return False
        if target is np.copy and isinstance(e.func, gast.Attribute) and e.func.value in operands:
            return True
        if target in LIKE or target is np.copy:
            return bool(operands) and self.ordered(operands[0], seen)
        if target is np.ravel:
            return True
        if target is np.array:
            return bool(operands) and self.rank(operands[0]) == 0
        if target is np.reshape:
            return self.packed(operands[0], seen)
        if target in PRODUCTS:
            return all(0 < self.rank(o) <= FULLEST for o in operands)
        return target in MADE

    def ordered(self, e: gast.expr, seen: frozenset[str]) -> bool:
        """Whether the strides of an array do not grow from left to right; true of numbers."""
        if isinstance(e, (gast.Tuple, gast.List)):
            return all(self.ordered(v, seen) for v in e.elts)
        kind = self.typed.kinds.get(e)
        if not isinstance(kind, Array):
            return is_number(kind) or (isinstance(kind, Static) and kind.value is None)
        if isinstance(e, gast.Subscript) and not is_copy(self.typed, e):
            return self.ordered(e.value, seen)
        return self.rank(e) == 1 or self.packed(e, seen)

    def all_values(self, n: str, seen: frozenset[str]) -> bool:
        """Whether all arrays that a name ever stands for are contiguous."""
        values = self.values_of(n)
        inner = seen | {n}
        if values is None or not all(self.packed(v, inner) for v in values):
            return False
        if n not in self.typed.function.parameters:
            return bool(values)
        facts = self.typed.facts
        return facts is not None and facts.is_packed(n)

    def items(self, n: str, seen: frozenset[str]) -> bool:
        """Whether all arrays that a list is given are contiguous; it has no other name."""
        if n in seen:
            return True
        values = self.values_of(n)
        if values is None or n in self.typed.function.parameters:
            return False
        items = [i for v in values if isinstance(v, gast.List) for i in v.elts]
        known = [v for v in values if isinstance(v, gast.List)]
        uses = 0
        for s in walk(self.typed.function.node):
            match s:
                case gast.Call(func=gast.Attribute(value=gast.Name(id=m), attr="append" | "pop")):
                    uses += m == n
                    items += s.args if m == n and s.func.attr == "append" else []
                case gast.Subscript(value=gast.Name(id=m), ctx=gast.Load()):
                    uses += m == n
                case gast.Name(id=m, ctx=gast.Load()) if m == n:
                    uses -= 1
        return uses == 0 and known == values and all(self.packed(i, seen | {n}) for i in items)

    def values_of(self, n: str) -> list[gast.expr] | None:
        """What a name is bound to, everywhere; None where that cannot be told."""
        values: list[gast.expr] = []
        for s in walk(self.typed.function.node):
            if not isinstance(s, gast.stmt) or isinstance(s, (gast.AugAssign, gast.FunctionDef)):
                continue
            pairs = pairs_of(s.targets[0], s.value) if is_simple(s) else []
            if any(is_name(t, n) for t, _ in pairs):
                values += [v for t, v in pairs if is_name(t, n)]
                pairs = [(t, v) for t, v in pairs if not is_name(t, n)]
                if n in stores(*(t for t, _ in pairs)):
                    return None
            elif n in stores(*heads(s)):
                return None
        return values

    def rank(self, e: gast.expr) -> int:
        """The number of axes of an array; 0 for numbers, -1 where it is not known."""
        kind = self.typed.kinds.get(e)
        if not isinstance(kind, Array):
            return 0
        return -1 if kind.dims is None else len(kind.dims)

    def leading(self, index: gast.expr) -> bool:
        """Whether a subscript takes an item of the first axis, or some that follow each other."""
        if isinstance(index, gast.Slice):
            return index.step is None
        return is_number(self.typed.kinds.get(index))


def is_simple(s: gast.stmt) -> bool:
    """Whether a statement is an assignment to one target."""
    return isinstance(s, gast.Assign) and len(s.targets) == 1


def ordered_by_name(e: gast.Call) -> bool:
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
    blocks = ("body", "orelse", "finalbody", "handlers")
    fields = [v for k, v in gast.iter_fields(s) if k not in blocks]
    fields += [h.name for h in getattr(s, "handlers", ())]
    return [n for v in fields for n in (v if isinstance(v, list) else [v]) if is_tree(n)]


def is_tree(node: object) -> bool:
    """Whether a value is a node."""
    return isinstance(node, gast.AST)


def terms_of(e: gast.expr) -> list[tuple[gast.expr, int | None]]:
    """The lists that a sum adds up, each with the index of its first item if it is a display.

    An index counts from the front if all that stands before is displayed, and from the end if all
    that follows is; it is None where neither is so.
    """
    terms = [e]
    while isinstance(terms[0], gast.BinOp):
        terms[:1] = [terms[0].left, terms[0].right]
    counts = [len(t.elts) if is_display(t) else None for t in terms]
    out: list[tuple[gast.expr, int | None]] = []
    for i, t in enumerate(terms):
        front, back = counts[:i], counts[i:]
        at = sum(c or 0 for c in front) if None not in front else None
        if at is None and None not in back:
            at = -sum(c or 0 for c in back)
        out.append((t, at if is_display(t) else None))
    return out


def is_display(e: gast.expr) -> bool:
    """Whether an expression lists the items of a list or tuple."""
    display = isinstance(e, (gast.List, gast.Tuple))
    return display and not any(isinstance(i, gast.Starred) for i in e.elts)


def pairs_of(t: gast.expr, value: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
    """The targets of an assignment with the values that they get."""
    sequences = (gast.Tuple, gast.List)
    if isinstance(t, sequences) and isinstance(value, sequences):
        starred = any(isinstance(e, gast.Starred) for e in (*t.elts, *value.elts))
        if len(t.elts) == len(value.elts) and not starred:
            return [p for e, v in zip(t.elts, value.elts, strict=True) for p in pairs_of(e, v)]
    return [(t, value)]
