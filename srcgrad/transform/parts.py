"""Contributions to whole places and to parts of them: of arrays, lists and records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.analysis.activity import Activity
from srcgrad.kinds import Array, Dict, Kind, List, Record, Static, may_be_active, numeric
from srcgrad.lower.base.join import as_list
from srcgrad.lower.base.program import Callee
from srcgrad.lower.memory.aliases import has_container, is_copy
from srcgrad.rules.expr import Expr, binary, const, helper, leaf
from srcgrad.rules.project import cast
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import call as call_node
from srcgrad.syntax.quote import name
from srcgrad.transform.cotangents import Place
from srcgrad.transform.values import Values


@dataclass
class Contribution:
    """Something to add to an adjoint: to a whole place, or to the part that a subscript names."""

    place: Place
    part: gast.Subscript | None
    expr: Expr


@dataclass
class Temporary:
    """A cotangent inside a statement; it gets a name if it is read twice."""

    id: str
    expr: Expr
    early: bool = False


@dataclass
class BackwardCall:
    """The adjoint of a call of the user's: names that it binds, and what it is given."""

    node: gast.Call
    callee: Callee
    cotangent: Any
    wanted: list[str] = field(default_factory=list)
    names: dict[Place, str] = field(default_factory=dict)


class Parts(Values):
    """Finds the places that expressions name."""

    activity: Activity

    after: Place | None

    ops: list[Temporary | BackwardCall]

    found: list[Contribution]

    def contribute(self, place: Place, part: gast.Subscript | None, g: Expr) -> None:
        """Note a contribution."""
        kind = self.place_kind(place)
        if isinstance(kind, Record) and part is None and isinstance(g, Expr):
            self.contribute_tree(place, self.unpacked(g, kind))
            return
        number = numeric(kind) if kind is not None else None
        if number is not None and part is None:
            g = cast(g, number)
        self.found.append(Contribution(place, part, g))

    def place_kind(self, place: Place) -> Kind | None:
        """The kind of what is at a place."""
        kind = self.typed.variables.get(place[0])
        for k in place[1:]:
            if not isinstance(kind, Record):
                return None
            kind = kind.items[kind.keys.index(k)]
        return kind

    def contribute_tree(self, place: Place, g: Any) -> None:
        """Note contributions to all parts of a record."""
        if isinstance(g, dict):
            for k, part in g.items():
                self.contribute_tree((*place, k), part)
        elif g is not None:
            self.contribute(place, None, g)

    def place_of(self, n: gast.expr) -> Place | None:
        """The place that an expression names, by constant keys."""
        match n:
            case gast.Name(id=identifier):
                return (identifier,)
            case gast.Subscript():
                base = self.place_of(n.value)
                kind = self.kind(n.value)
                key = self.kind(n.slice) if not isinstance(n.slice, gast.Slice) else None
                if base is not None and isinstance(kind, Record) and isinstance(key, Static):
                    at = key.value
                    if kind.type is not dict and isinstance(at, int) and at < 0:
                        at += len(kind.keys)
                    if at in kind.keys:
                        at = kind.keys[kind.keys.index(at)]
                    return (*base, at)
        return None

    def written_place(self, t: gast.Subscript) -> Place:
        """The place of the array, list or dict that a target is a part of."""
        base = t.value
        while (place := self.place_of(base)) is None:
            base = base.value
        return place

    def subscript_step(self, n: gast.Subscript, g: Expr) -> list[tuple[gast.expr, Any]]:
        """A subscript of a record, a list or an array."""
        place = self.place_of(n)
        if place is not None:
            self.contribute(place, None, g)
            return []
        if self.in_shadow(n):
            self.found.append(Contribution((self.root_of(n),), n, g))
            return []
        if isinstance(self.kind(n.value), List):
            return self.list_item(n, g)
        key = self.kind(n.slice) if not isinstance(n.slice, gast.Slice) else None
        if isinstance(record := self.kind(n.value), Record) and isinstance(key, Static):
            at = key.value
            if isinstance(at, int) and at < 0 and record.type is not dict:
                at += len(record.keys)
            return [(n.value, {at: g})]
        if isinstance(record, Record) and record.type is not dict and key is not None:
            return [(n.value, self.one_of(n, record, g))]
        base: gast.expr = n
        while isinstance(base, (gast.Subscript, gast.Attribute)) and self.place_of(base) is None:
            base = base.value
            if isinstance(base, gast.Subscript) and is_copy(self.typed, base):
                raise self.function.refuse(
                    n, "a part of a copy of this array", "Assign the copy to a name first."
                )
        place = self.place_of(base)
        if place is None or not isinstance(self.kind(base), Array):
            raise self.function.refuse(
                n, "a subscript of this value is not supported", "Assign the value to a name first."
            )
        g = cast(g, numeric(self.kind(n)))  # type: ignore[arg-type]
        self.found.append(Contribution(place, n, g))
        return []

    def in_shadow(self, n: gast.Subscript) -> bool:
        """Whether an expression is an item, not at a constant key, of something with a shadow."""
        held = isinstance(self.kind(n.value), (List, Record))
        return held and self.root_of(n) in self.shadowed

    shadowed: frozenset[str] = frozenset()

    def root_of(self, node: gast.expr) -> str:
        """The name that a path starts with; empty if there is none."""
        while isinstance(node, (gast.Subscript, gast.Attribute)):
            node = node.value
        return node.id if isinstance(node, gast.Name) else ""

    def list_item(self, n: gast.Subscript, g: Any) -> list[tuple[gast.expr, Any]]:
        """An item of a list, or of a list in a list."""
        base = n.value
        while self.place_of(base) is None and isinstance(base, gast.Subscript):
            if isinstance(base.slice, gast.Slice):
                break
            base = base.value
            if not isinstance(self.kind(base), List):
                break
        place = self.place_of(base)
        if place is None or not isinstance(self.kind(base), List):
            raise self.function.refuse(
                n, "this part of a list is not supported", "Assign the list to a name first."
            )
        self.found.append(Contribution(place, n, self.packed_tree(g, self.kind(n))))
        return []

    def one_of(self, n: gast.Subscript, record: Record, g: Any) -> Any:
        """The cotangents of the items of a record, of which one that is known later was read."""
        given = self.packed_tree(g, self.kind(n))
        parts = helper(
            runtime.one_item, as_list(record), given, self.factor(n.slice), leaf(n.value, record)
        )
        hint = self.root_of(n) or "items"
        return self.unpacked(self.bound(f"{user_name(hint)}_bar", parts), record)

    def bound(self, hint: str, g: Expr) -> Expr:
        """A cotangent under a name."""
        raise NotImplementedError

    def own_list(self, text: gast.expr, kind: Kind) -> gast.expr:
        """A list of its own, and lists in it that are their own too."""
        if isinstance(kind, Dict):
            return call_node(name("dict"), text)
        if isinstance(kind, List) and has_container(kind.item):
            return call_node(self.text.function(runtime.own_copy), text)
        return call_node(name("list"), text)

    def joined_lists(self, n: gast.BinOp, g: Expr) -> list[tuple[gast.expr, Any]]:
        """`a + b` of lists: the first items of the cotangent belong to a, the others to b."""
        if isinstance(n.op, gast.Mult):
            part = n.left if self.activity.depends(n.left) else n.right
            kind = self.kind(part)
            assert isinstance(kind, (List, Record))
            fold = helper(runtime.folded, as_list(kind), g, leaf(part, kind))
            return [(part, fold if isinstance(kind, List) else self.unpacked(fold, kind))]
        if not isinstance(n.op, gast.Add):
            raise self.function.refuse(
                n,
                "this operator on a list that varies is not supported",
                "Write a loop that appends.",
            )
        out: list[tuple[gast.expr, Any]] = []
        for part, take in ((n.left, runtime.first_items), (n.right, runtime.last_items)):
            kind = self.kind(part)
            cut = helper(
                take, List(kind.item if isinstance(kind, List) else None), g, leaf(part, kind)
            )
            out.append((part, cut if isinstance(kind, List) else self.unpacked(cut, kind)))
        return out

    def packed_tree(self, g: Any, kind: Kind) -> Expr:
        """A tree of cotangents as one expression; absent parts are None."""
        if not isinstance(g, dict):
            return const(None) if g is None else g
        assert isinstance(kind, Record)
        parts = tuple(
            self.packed_tree(g.get(k), item) for k, item in zip(kind.keys, kind.items, strict=True)
        )
        return Expr("pack", parts, kind, kind.type if kind.type in (tuple, list) else kind.keys)

    def display_step(self, n: gast.List | gast.Tuple, g: Expr) -> list[tuple[gast.expr, Any]]:
        """A list display that becomes a list: item by item."""
        out = []
        for i, e in enumerate(n.elts):
            kind = self.kind(e)
            out.append((e, self.unpacked(Expr("item", (g,), kind, i), kind)))
        return out

    def unpacked(self, e: Expr, kind: Kind) -> Any:
        """An expression of a record as the tree of its parts; None for those that cannot vary."""
        if not may_be_active(kind):
            return None
        if not isinstance(kind, Record):
            return e
        return {
            k: self.unpacked(Expr("item", (e,), item, k), item)
            for k, item in zip(kind.keys, kind.items, strict=True)
        }


def merged(a: Expr, b: Expr) -> Expr:
    """The sum of two packed cotangents, part by part; None stands for zero."""
    if is_none(a) or is_none(b):
        return b if is_none(a) else a
    if a.op == "pack" and b.op == "pack":
        return Expr("pack", tuple(map(merged, a.args, b.args)), a.kind, a.data)
    if numeric(a.kind) is not None and numeric(b.kind) is not None:
        return binary("add", a, b)
    return helper(runtime.add, a.kind, a, b)


def is_none(e: Expr) -> bool:
    """Whether a cotangent is absent."""
    return e.op == "const" and e.data is None
