"""Changes of lists backwards: the adjoint of a list goes through them in the opposite order."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Dict, Kind, List, Record, Static
from srcgrad.lower.base.program import Callee
from srcgrad.rules.expr import leaf
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.cotangents import Place
from srcgrad.transform.mappings import Mappings
from srcgrad.transform.moved import method
from srcgrad.transform.text import copied

READING = ("items", "keys", "values", "copy", "index", "count", "get")


class Lists(Mappings):
    """Adjoints of calls of methods that change a list."""

    def list_change(self, s: gast.Expr, node: gast.Call, callee: Callee) -> list[gast.stmt]:
        """The group of `append`, `pop`, `insert(0, v)` and `reverse`."""
        if callee.target in READING:
            return []
        base = node.func.value
        if not isinstance(self.kind(base), List):
            return [self.unsaved(s, self.root_name(base))]
        place = self.list_place(base)
        first = node.args[0] if node.args else None
        front = first is not None and is_zero(self.typed.kinds.get(first))
        match callee.target:
            case "append":
                return self.taken_out(place, base, node.args[0], None)
            case "insert" if front:
                return self.taken_out(place, base, node.args[1], constant(0))
            case "pop":
                return self.put_back_in(s, place, base, first)
            case "reverse":
                out = [method(self.path_text(base), "reverse")]
                if place in self.bars:
                    buffer, opening = self.buffer_into(place)
                    return [*opening, *out, method(self.list_text(base, buffer), "reverse")]
                return out
        if place[0] in self.activity.varied:
            what = f"`{callee.target}` of a list that varies is not supported"
            raise self.function.refuse(s, what, "Use append.")
        return [self.unsaved(s, place[0])]

    def deletion(self, s: gast.Delete) -> list[gast.stmt]:
        """The group of `del d[k]`: the item comes back, with an adjoint of zero."""
        (t,) = s.targets
        if self.is_together(t):
            return self.deleted_backwards(s, t)
        kind = self.kind(t.value)
        if isinstance(kind, Dict):
            return self.item_deleted(s, t)
        place = self.place_of(t.value)
        if place is None or not isinstance(kind, Record) or len(place) != 1:
            raise self.function.refuse(
                s, "`del` of a part of this value is not supported", "Leave the statement out."
            )
        at = copied(t)
        at.ctx = gast.Store()
        read = copied(t)
        read.ctx = gast.Load()
        saved = self.save(s, place[0], read, f"deleted {gast.dump(read)}", "before")
        return [gast.Assign(targets=[at], value=saved, type_comment=None)]

    def list_place(self, node: gast.expr) -> Place:
        """The place of the adjoint that the adjoint of a list is, or is a part of."""
        while self.place_of(node) is None and isinstance(node, gast.Subscript):
            node = node.value
        place = self.place_of(node)
        if place is None or not isinstance(self.kind(node), List):
            raise self.function.refuse(
                node, "a list inside another value is changed", "Give it a name of its own."
            )
        return place

    def list_text(self, node: gast.expr, buffer: str) -> gast.expr:
        """The adjoint of a list, in a buffer or a part of it."""
        return self.part_tree(node, buffer)

    def path_text(self, node: gast.expr) -> gast.expr:
        """A list of the primal, to be changed."""
        return copied(node)

    def taken_out(
        self, place: Place, base: gast.expr, value: gast.expr, at: Any
    ) -> list[gast.stmt]:
        """The group of `append(v)` or `insert(0, v)`."""
        args = [] if at is None else [at]
        restore: list[gast.stmt] = [method(self.path_text(base), "pop", *args)]
        if place not in self.bars:
            return restore
        self.begin()
        self.handed, self.after = set(), None
        buffer, opening = self.buffer_into(place)
        if not self.activity.depends(value):
            return [*opening, *restore, method(self.list_text(base, buffer), "pop", *args)]
        kind = self.kind(value)
        identifier = self.new_bar(f"{self.label(value)}_bar")
        popped = call(attribute(self.list_text(base, buffer), "pop"), *args)
        item = leaf(name(identifier), kind)
        self.push(value, self.unpacked(item, kind))
        return [*opening, assign(identifier, popped), *self.emit(restore)]

    def put_back_in(
        self, s: gast.Expr, place: Place, base: gast.expr, at: gast.expr | None
    ) -> list[gast.stmt]:
        """The group of `pop()` or `pop(i)`, whose item nothing reads from the call itself."""
        part = subscript(copied(base), copied(at) if at is not None else constant(-1))
        saved = self.save(s, place[0], part, f"item {gast.dump(part)}", "before")
        out = self.put_in(self.path_text(base), at, saved)
        if place not in self.bars:
            return [out]
        buffer, opening = self.buffer_into(place)
        kind = self.kind(base)
        item = kind.item if isinstance(kind, List) else None
        zero = self.zeros_of(self.restored_item(base, at), item)
        return [*opening, out, self.put_in(self.list_text(base, buffer), at, zero)]

    def put_in(self, items: gast.expr, at: gast.expr | None, value: gast.expr) -> gast.stmt:
        """Puts an item where `pop(at)` has taken it."""
        index = self.whole_index(at)
        if index == -1:
            return method(items, "append", value)
        if index is not None and index >= 0:
            return method(items, "insert", constant(index), value)
        count: gast.expr = call(name("len"), copied(items))
        if index is not None:
            if index < -2:
                count = gast.BinOp(left=count, op=gast.Sub(), right=constant(-index - 1))
            elif index == -2:
                count = gast.BinOp(left=count, op=gast.Sub(), right=constant(1))
            return method(items, "insert", count, value)
        more = gast.BinOp(left=count, op=gast.Add(), right=constant(1))
        assert at is not None
        return method(
            items, "insert", gast.BinOp(left=copied(at), op=gast.Mod(), right=more), value
        )

    def restored_item(self, base: gast.expr, at: gast.expr | None) -> gast.expr:
        """The item that is back in its place."""
        return subscript(copied(base), copied(at) if at is not None else constant(-1))

    def whole_index(self, at: gast.expr | None) -> int | None:
        """The index of a `pop`, where it is known."""
        if at is None:
            return -1
        kind = self.typed.kinds.get(at)
        return kind.value if isinstance(kind, Static) and type(kind.value) is int else None


def is_zero(kind: Kind | None) -> bool:
    """Whether a value is known to be the int 0."""
    return isinstance(kind, Static) and type(kind.value) is int and kind.value == 0
