"""The adjoint of a loop's target goes to the item that it was."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import INT, Array, Dict, Iteration, Kind, List, Record
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import attribute, call, constant, name
from srcgrad.transform.blocks import jumps
from srcgrad.transform.cotangents import Bars, Place
from srcgrad.transform.headers import Headers
from srcgrad.transform.shapes import display


class Items(Headers):
    """Adjoints of what a loop goes through."""

    copy_number = 0

    collected: dict[gast.stmt, Place | None]

    def collectable(self, s: gast.stmt, before: Bars) -> Place | None:
        """The list that a loop visits item by item, if nothing else contributes to its adjoint."""
        if (
            not isinstance(s, gast.For)
            or not isinstance(s.iter, gast.Name)
            or not self.activity.depends(s.iter)
        ):
            return None
        place = (s.iter.id,)
        if self.is_shadowed(place):
            return None
        whole_run = not any(jumps(t, (gast.Break, gast.Return)) for t in s.body)
        if type(self.kind(s.iter)) is not List or place in before or not whole_run:
            return None
        return place if self.kept(s.iter.id, s) else None

    def collection(self, s: gast.stmt, place: Place) -> str:
        """The name of the list that a reversed loop appends the adjoints of items to."""
        k = ("items", s, place, self.copy_number)
        if k not in self.slots:
            self.slots[k] = self.bar_id(place)
        return self.slots[k]

    def collect(self, s: gast.For, place: Place, state: Bars) -> list[gast.stmt]:
        """Append the adjoint of an item to the list of them."""
        self.bars, self.out = state, []
        kind = self.typed.kinds[s.target]
        item = self.item_value(s.target, kind, state)
        push = call(attribute(name(self.collection(s, place)), "append"), item)
        return [*self.out, gast.Expr(value=push)]

    def item_value(self, t: gast.expr, kind: Kind, state: Bars) -> gast.expr:
        """The adjoint of a target in its structure, zeros where nothing was added."""
        if isinstance(t, gast.Name):
            return self.result((t.id,), kind)
        if isinstance(kind, List) and isinstance(t, gast.Tuple) and kind.item is not None:
            rows = [self.item_value(e, kind.item, state) for e in t.elts]
            return gast.List(elts=rows, ctx=gast.Load())
        assert isinstance(kind, Record)
        parts = [self.item_value(e, i, state) for e, i in zip(t.elts, kind.items, strict=True)]
        return display(kind, parts)

    def result(self, place: Place, kind: Kind) -> gast.expr:
        """The adjoint of a place in its structure, in memory of its own."""
        raise NotImplementedError

    def item_adjoint(self, s: gast.stmt, state: Bars) -> list[gast.stmt]:
        """The adjoint of a loop's target goes to the item that it was."""
        if not isinstance(s, gast.For):
            return []
        if not self.activity.depends(s.iter) or isinstance(keys_of(self.kind(s.iter)), Dict):
            for n in stores(s.target):
                for p in [p for p in state if p[0] == n]:
                    state.pop(p)
            return []
        place = self.collected.get(s)
        if place is not None and collects(s.target):
            return self.collect(s, place, state)
        self.collected[s] = None
        return self.send(s, s.target, s.iter, self.kind(s.iter), None, state)

    def send(
        self,
        s: gast.For,
        t: gast.expr,
        node: gast.expr,
        kind: Kind,
        index: gast.expr | None,
        state: Bars,
    ) -> list[gast.stmt]:
        """Send the adjoint of a target to the iterable that it came from.

        Args:
            s: the loop.
            t: the target.
            node: what it goes through.
            kind: the kind of that.
            index: what tells the number of the round, if the user's own header does.
            state: the adjoints at this point.
        """
        callee = self.typed.callees.get(node) if isinstance(node, gast.Call) else None
        if callee is not None and callee.target is enumerate and isinstance(t, gast.Tuple):
            if not (len(node.args) > 1 or node.keywords):
                if not isinstance(t.elts[0], gast.Name):
                    raise self.function.refuse(
                        t, "this target of a loop is not supported", "Use names."
                    )
                index = name(t.elts[0].id)
            return self.send(s, t.elts[1], node.args[0], self.kind(node.args[0]), index, state)
        if callee is not None and callee.target is zip and isinstance(t, gast.Tuple):
            out: list[gast.stmt] = []
            for e, a in zip(t.elts, node.args, strict=True):
                if self.activity.depends(a):
                    out += self.send(s, e, a, self.kind(a), index, state)
            return out
        if callee is not None:
            raise self.unknown_items(node)
        return self.send_items(s, t, node, kind, index, state)

    def unknown_items(self, node: gast.expr) -> Exception:
        """The error for a loop over what is no array or list with a place."""
        return self.function.refuse(
            node,
            "a loop over this value that varies is not supported",
            "Loop over a range and index.",
        )

    def send_items(
        self,
        s: gast.For,
        t: gast.expr,
        node: gast.expr,
        kind: Kind,
        index: gast.expr | None,
        state: Bars,
    ) -> list[gast.stmt]:
        """Send the adjoint of a target to the items of an array or list, as `send` does."""
        if isinstance(t, (gast.Tuple, gast.List)) and isinstance(self.typed.kinds[t], Array):
            pairs: list[tuple[gast.expr, tuple[gast.expr, ...]]] = [
                (e, (constant(j),)) for j, e in enumerate(t.elts)
            ]
        else:
            pairs = [(t, ())]
        found = [(e, rest, g) for e, rest in pairs if (g := self.tree_of(e, state)) is not None]
        if not found:
            return []
        if not isinstance(kind, (Array, List)) or (
            self.place_of(node) is None and not isinstance(kind, Array)
        ):
            raise self.unknown_items(node)
        if index is None:
            index = name(self.indexed.setdefault(s, self.new("i")))
        self.begin()
        self.opening = []
        self.handed, self.after = set(), None
        self.bars = state
        for e, rest, g in found:
            self.push(self.item_part(s, node, (index, *rest), self.typed.kinds[e]), self.plain(g))
        return self.emit([])

    def item_part(
        self, s: gast.For, node: gast.expr, index: tuple[gast.expr, ...], kind: Kind
    ) -> gast.Subscript:
        """The part of an iterable that one item is."""
        at = index[0] if len(index) == 1 else gast.Tuple(elts=list(index), ctx=gast.Load())
        part = gast.Subscript(value=node, slice=at, ctx=gast.Load())
        self.typed.kinds[part] = kind
        self.typed.kinds[at] = INT
        for i in index:
            self.typed.kinds[i] = INT
        self.owner[part] = s
        return part

    def tree_of(self, t: gast.expr, state: Bars) -> Any:
        """The adjoints of a target, taken out of a state."""
        self.bars = state
        return self.target_tree(t, self.typed.kinds[t])


def keys_of(kind: Kind) -> Kind:
    """What a loop goes through, forwards or backwards."""
    while isinstance(kind, Iteration) and kind.name == "reversed":
        kind = kind.parts[0]
    return kind


def collects(t: gast.expr) -> bool:
    """Whether the adjoints of a loop's target can be put together again: names and tuples."""
    match t:
        case gast.Name():
            return True
        case gast.Tuple(elts=elts):
            return all(map(collects, elts))
    return False
