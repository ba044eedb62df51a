"""Strings and sets: values that never vary, which are handed on as they are."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import BOOL, INT, Iteration, Kind, List, Opaque, Record, Static, may_be_active
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.dictmethods import DictMethods

STRING, SET = "a string", "a set"
LISTS = ("split", "rsplit", "splitlines", "partition", "rpartition")
COUNTS = ("find", "rfind", "index", "rindex", "count")
CHANGING_SETS = (
    "add",
    "discard",
    "remove",
    "pop",
    "clear",
    "update",
    "intersection_update",
    "difference_update",
    "symmetric_difference_update",
)
SET_TESTS = ("issubset", "issuperset", "isdisjoint")
OPERATORS = (gast.BitOr, gast.BitAnd, gast.Sub, gast.BitXor)


class Inert(DictMethods):
    """Types strings and sets."""

    def message(self, node: gast.expr) -> None:
        """An expression whose value is only shown."""
        raise NotImplementedError

    def inert_method(self, node: gast.Call, base: Kind, label: str) -> Kind | None:
        """The kind of a method of a string or a set; None for other values."""
        string = isinstance(base, Static) and isinstance(base.value, str)
        if string or base == Opaque(STRING):
            return self.string_method(node, label)
        return self.set_method(node, label) if base == Opaque(SET) else None

    def string_method(self, node: gast.Call, label: str) -> Kind:
        """The kind of a method of a string."""
        if not hasattr(str, label):
            what = f"the method `{label}` of a string is not supported"
            raise self.function.refuse(node, what)
        for a in (*node.args, *(k.value for k in node.keywords)):
            self.message(a)
        kind: Kind = Opaque(STRING)
        if label in LISTS:
            kind = List(Opaque(STRING))
        elif label in COUNTS:
            kind = INT
        elif label.startswith("is") or label in ("startswith", "endswith"):
            kind = BOOL
        return self.callee(node, Callee("unknown", getattr(str, label)), kind)

    def set_method(self, node: gast.Call, label: str) -> Kind:
        """The kind of a method of a set."""
        for a in node.args:
            self.check_member(a, self.eval(a))
        if not hasattr(set, label) or node.keywords:
            raise self.function.refuse(node, f"the method `{label}` of a set is not supported")
        if label in CHANGING_SETS:
            kept = Callee("method", label, (("set", node.func.value),))
            return self.callee(node, kept, Opaque() if label == "pop" else Static(None))
        kind = BOOL if label in SET_TESTS else Opaque(SET)
        return self.callee(node, Callee("unknown", getattr(set, label)), kind)

    def check_member(self, node: gast.expr, kind: Kind | None) -> None:
        """Refuse values that may vary in a set."""
        if isinstance(kind, (List, Record, Iteration)) and not may_be_active(kind):
            return
        if kind is not None and kind != List(None) and may_be_active(kind):
            if not isinstance(kind, Static):
                what = "a set of values that may vary is not supported"
                raise self.function.refuse(node, what, "Use a list or a tuple.")

    def set_made(self, node: gast.Call, value: Any) -> Kind | None:
        """The kind of `set(xs)`; None for another call."""
        if value not in (set, frozenset) or len(node.args) > 1 or node.keywords:
            return None
        for a in node.args:
            self.check_member(a, self.eval(a))
        return self.callee(node, Callee("builtin", value), Opaque(SET))

    def set_display(self, node: gast.Set) -> Kind:
        """The kind of `{a, b}`."""
        for e in node.elts:
            self.check_member(e, self.eval(e))
        return Opaque(SET)

    def set_operator(self, op: gast.AST, left: Kind, right: Kind) -> Kind | None:
        """The kind of an operator on sets."""
        if isinstance(op, OPERATORS) and left == right == Opaque(SET):
            return Opaque(SET)
        return None
