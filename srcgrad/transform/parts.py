"""Contributions to whole places and to parts of them: of arrays, lists and records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.analysis.activity import Activity
from srcgrad.kinds import Array, Kind, List, Record, Static, numeric
from srcgrad.lower.aliases import is_copy
from srcgrad.lower.program import Callee
from srcgrad.rules.expr import Expr, const, helper, leaf
from srcgrad.rules.project import cast
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

    after: str | None

    ops: list[Temporary | BackwardCall]

    found: list[Contribution]

    def contribute(self, place: Place, part: gast.Subscript | None, g: Expr) -> None:
        """Note a contribution."""
        kind = self.place_kind(place)
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
                    return (*base, at)
        return None

    def subscript_step(self, n: gast.Subscript, g: Expr) -> list[tuple[gast.expr, Any]]:
        """A subscript of a record, a list or an array."""
        place = self.place_of(n)
        if place is not None:
            self.contribute(place, None, g)
            return []
        if isinstance(self.kind(n.value), List):
            return self.list_item(n, g)
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

    def list_item(self, n: gast.Subscript, g: Any) -> list[tuple[gast.expr, Any]]:
        """An item of a list."""
        place = self.place_of(n.value)
        if place is None:
            raise self.function.refuse(
                n, "this part of a list is not supported", "Assign the list to a name first."
            )
        self.found.append(Contribution(place, n, self.packed_tree(g, self.kind(n))))
        return []

    def joined_lists(self, n: gast.BinOp, g: Expr) -> list[tuple[gast.expr, Any]]:
        """`a + b` of lists: the first items of the cotangent belong to a, the others to b."""
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
        return Expr("pack", parts, kind, kind.keys if kind.type is dict else kind.type)

    def display_step(self, n: gast.List | gast.Tuple, g: Expr) -> list[tuple[gast.expr, Any]]:
        """A list display that becomes a list: item by item."""
        out = []
        for i, e in enumerate(n.elts):
            kind = self.kind(e)
            out.append((e, self.unpacked(Expr("item", (g,), kind, i), kind)))
        return out

    def unpacked(self, e: Expr, kind: Kind) -> Any:
        """An expression of a record as the tree of its parts."""
        if not isinstance(kind, Record):
            return e
        return {
            k: self.unpacked(Expr("item", (e,), item, k), item)
            for k, item in zip(kind.keys, kind.items, strict=True)
        }
