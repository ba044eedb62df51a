"""Reverse mode: statements walked backwards, each giving the group of its adjoint."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, List, Record, may_be_active, numeric
from srcgrad.lower.aliases import sources
from srcgrad.rules.expr import Expr, const, helper, leaf
from srcgrad.rules.project import cast, unbroadcast
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, target
from srcgrad.transform.blocks import Block, Item
from srcgrad.transform.buffers import without_slices
from srcgrad.transform.cotangents import Bars, Cotangent, Place, is_buffer, names_of
from srcgrad.transform.saves import Saves
from srcgrad.transform.values import OUTPUT


class Statements(Saves):
    """Adjoints of simple statements."""

    def block(self, block: Block, bars: Bars) -> list[gast.stmt]:
        """The reverse of a block; `bars` goes from what holds after it to what holds before it."""
        out: list[gast.stmt] = copy.deepcopy(self.starts.get(block, []))
        for item in reversed(block.items):
            out += self.item(item, bars)
        return out

    starts: dict[Block, list[gast.stmt]]

    def item(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of one item."""
        self.bars = bars
        self.statement = item.node
        match item.node:
            case gast.Assign():
                return self.commented(item.node, self.assign(item.node))
            case gast.AugAssign():
                return self.commented(item.node, self.augmented(item.node))
            case gast.Expr(value=gast.Call() as node):
                return self.commented(item.node, self.expression(item.node, node))
            case gast.If():
                return self.branch(item, bars)
            case gast.For() | gast.While():
                return self.loop(item, bars)
        return []

    def branch(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of an `if`."""
        raise NotImplementedError

    def loop(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a loop."""
        raise NotImplementedError

    def commented(
        self, s: gast.stmt, group: list[gast.stmt], text: str | None = None
    ) -> list[gast.stmt]:
        """A group below a comment that names the user's statement."""
        if not group:
            return []
        for new in group:
            for n in gast.walk(new):
                if isinstance(n, gast.stmt) and getattr(n, "lineno", None) is None:
                    n.lineno, n.col_offset, n.end_lineno = s.lineno, s.col_offset, None
        words = text if text is not None else self.words(s)
        note = gast.Expr(value=gast.Constant(value=Comment(f"adjoint of: {words}"), kind=None))
        note.lineno, note.col_offset, note.end_lineno = s.lineno, s.col_offset, None
        end = gast.Expr(value=gast.Constant(value=None, kind=None))
        return [note, *group, end]

    def words(self, s: gast.stmt) -> str:
        """A statement (or the header of a compound one) as the user wrote it, on one line."""
        if getattr(s, "end_lineno", None) is None:
            line = self.function.source.lines[s.lineno - 1] if getattr(s, "lineno", None) else ""
            return line.partition("  #")[0].strip().removesuffix(":")
        text = self.function.source.segment(s)
        lines = [line.strip() for line in text.splitlines()]
        if isinstance(s, (gast.For, gast.While, gast.If)):
            first = s.body[0].lineno - s.lineno
            lines = lines[:first] if first else [lines[0].partition(":")[0]]
            lines = [
                line.partition("#")[0].strip() if i == len(lines) - 1 else line
                for i, line in enumerate(lines)
            ]
            return " ".join(lines).rstrip().removesuffix(":")
        return " ".join(line.partition("  #")[0].rstrip() for line in lines)

    def take(self, place: Place, kind: Kind | None) -> Any:
        """Take the adjoint of a place, a tree for a record; None if it is zero."""
        if isinstance(kind, Record):
            tree = {
                k: self.take((*place, k), i) for k, i in zip(kind.keys, kind.items, strict=True)
            }
            return tree if any(v is not None for v in tree.values()) else None
        found = self.bars.pop(place, None)
        return None if found is None else found

    def plain(self, g: Any) -> Any:
        """A tree of adjoints as expressions."""
        if isinstance(g, dict):
            return {k: self.plain(v) for k, v in g.items()}
        return g.expr if isinstance(g, Cotangent) else g

    def assign(self, s: gast.Assign) -> list[gast.stmt]:
        """The group of an assignment."""
        self.begin()
        self.opening = []
        self.after = None
        restore: list[gast.stmt] = []
        resets: list[gast.Subscript] = []
        pairs: list[tuple[gast.expr, Any, Expr | None]] = []
        self.handed = set()
        for t in reversed(s.targets):
            self.assign_target(t, s, restore, resets, pairs)
        for node, g, output in pairs:
            self.push(node, g, output)
        return self.opening + self.emit(restore, resets)

    def assign_target(
        self,
        t: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        resets: list[gast.Subscript],
        pairs: list[Any],
    ) -> None:
        """Take the adjoint of one target of an assignment."""
        match t:
            case gast.Name(id=identifier):
                kind = self.typed.variables[identifier]
                g = self.take((identifier,), kind)
                restore += self.restore_name(s, identifier)
                if restore or self.bindings.get(identifier, 0) > 1:
                    self.after = identifier
                if isinstance(g, Cotangent):
                    if len(s.targets) == 1 and g.owned and g.expr.op == "leaf":
                        self.handed = {g.expr.data.id}
                    whole = g.expr
                    if isinstance(kind, Array) and numeric(self.kind(s.value)) is not None:
                        whole = self.at_kind(whole, s.value)
                    pairs.append(
                        (s.value, whole, leaf(name(f"{identifier}{OUTPUT}"), self.kind(s.value)))
                    )
                elif g is not None:
                    pairs.append((s.value, self.plain(g), None))
            case gast.Tuple() | gast.List():
                self.unpack_target(t, s, restore, resets, pairs)
            case gast.Subscript():
                self.write_target(t, s, restore, resets, pairs)

    def at_kind(self, e: Expr, node: gast.expr) -> Expr:
        """A cotangent of a variable as one of the value assigned to it (whose kind may be narrower)."""
        kind, mine = numeric(self.kind(node)), numeric(e.kind)
        if isinstance(mine, Array) and mine.dims is None and kind is not None and mine != kind:
            return Expr(
                e.op,
                e.args,
                kind if not (isinstance(kind, Array) and kind.dims is None) else mine,
                e.data,
            )
        return e

    def unpack_target(
        self,
        t: gast.Tuple | gast.List,
        s: gast.Assign,
        restore: list[gast.stmt],
        resets: list[gast.Subscript],
        pairs: list[Any],
    ) -> None:
        """Take the adjoints of the names of a tuple."""
        kind = self.kind(s.value)
        for n in sorted(stores(t)):
            restore += self.restore_name(s, n)
            if self.bindings.get(n, 0) > 1:
                self.after = n
        if any(isinstance(e, gast.Subscript) for e in gast.walk(t)):
            return self.unpack_writes(t, s, restore, resets, pairs)
        if isinstance(kind, Record):
            g = self.target_tree(t, kind)
            if g is not None:
                pairs.append((s.value, self.plain(g), None))
            return None
        for i, e in enumerate(t.elts):
            if not isinstance(e, gast.Name):
                raise self.function.refuse(
                    s, "unpacking an array into nested targets is not supported", "Use names."
                )
            g = self.take((e.id,), self.typed.variables[e.id])
            if g is None:
                continue
            item_kind = self.typed.kinds[e]
            place = self.place_of(s.value)
            if place is None or not is_buffer(kind):
                raise self.function.refuse(
                    s, "unpacking this value is not supported", "Assign it to a name first."
                )
            part = gast.Subscript(value=s.value, slice=constant(i), ctx=gast.Load())
            self.typed.kinds[part], self.typed.kinds[part.slice] = item_kind, kind_of_int(i)
            self.push(part, self.plain(g))
        return None

    def unpack_writes(
        self,
        t: gast.Tuple | gast.List,
        s: gast.Assign,
        restore: list[gast.stmt],
        resets: list[gast.Subscript],
        pairs: list[Any],
    ) -> None:
        """`a[i], a[j] = a[j], a[i]`: parts are taken in reverse order."""
        if not isinstance(s.value, (gast.Tuple, gast.List)) or len(s.value.elts) != len(t.elts):
            raise self.function.refuse(
                s, "unpacking into parts of arrays needs as many values written out", "Use names."
            )
        roots = {self.root_name(e) for e in t.elts if isinstance(e, gast.Subscript)}
        for v in s.value.elts:
            if isinstance(self.kind(v), Array) and roots & set(sources(self.typed, v)):
                raise self.function.refuse(
                    s, "views are read after this statement has written to them", "Copy them first."
                )
        for e, v in reversed(list(zip(t.elts, s.value.elts, strict=True))):
            match e:
                case gast.Subscript():
                    self.write_target(e, s, restore, resets, pairs, value=v)
                case gast.Name(id=n):
                    g = self.take((n,), self.typed.variables[n])
                    if g is not None:
                        pairs.append((v, self.plain(g), None))
                case _:
                    raise self.function.refuse(
                        s, "this mixture of targets is not supported", "Use several statements."
                    )

    def target_tree(self, t: gast.expr, kind: Kind) -> Any:
        """The adjoints of a target, in the structure of the value."""
        match t:
            case gast.Name(id=n):
                return self.take((n,), self.typed.variables[n])
            case gast.Tuple() | gast.List() if isinstance(kind, Record):
                star = next((i for i, e in enumerate(t.elts) if isinstance(e, gast.Starred)), None)
                out: dict[Any, Any] = {}
                n, m = len(t.elts), len(kind.keys)
                for i, e in enumerate(t.elts):
                    if star is not None and i == star:
                        tree = self.target_tree(e.value, self.kind(e.value))
                        for j in range(m - n + 1):
                            out[i + j] = tree.get(j) if isinstance(tree, dict) else None
                    else:
                        at = i if star is None or i < star else i + m - n
                        out[at] = self.target_tree(e, kind.items[at])
                return out if any(v is not None for v in out.values()) else None
        return None

    def write_target(
        self,
        t: gast.Subscript,
        s: gast.stmt,
        restore: list[gast.stmt],
        resets: list[gast.Subscript],
        pairs: list[Any],
        value: gast.expr | None = None,
    ) -> None:
        """Take the adjoint of the part of an array, list or dict that is overwritten."""
        base_kind = self.kind(t.value)
        value = value if value is not None else s.value
        if isinstance(base_kind, Record):
            place = self.place_of(t)
            if place is None:
                raise self.function.refuse(
                    t, "this part of a record cannot be written", "Use a name of its own."
                )
            g = self.take(place, self.kind(t))
            restore += self.restore_item(s, t, base_kind)
            if g is not None:
                pairs.append((value, self.plain(g), None))
            return
        place = (self.root_name(t),)
        whole = covers_all(t)
        restore += self.restore_whole(s, place[0]) if whole else self.restore_part(s, t)
        self.check_written(s, value, place)
        if place not in self.bars:
            return
        self.after = place[0]
        if whole:
            taken = self.plain(self.take(place, self.typed.variables[place[0]]))
            if taken is not None:
                whole_kind = self.typed.variables[place[0]]
                pairs.append(
                    (value, self.fitted(taken, value, leaf(name(place[0]), whole_kind)), None)
                )
            return
        buffer, opening = self.buffer_into(place)
        self.opening += opening
        kind = self.kind(t)
        if self.activity.depends(value):
            g = self.written_part(t, buffer)
            tree = self.unpacked(g, kind)
            pairs.append((value, tree if isinstance(tree, dict) else self.fitted(g, value), None))
        resets.append(t)

    def reset(self, t: gast.Subscript) -> gast.stmt:
        """Clears the adjoint of a part that was overwritten."""
        buffer = self.bars[(self.root_name(t),)].expr.data.id
        zero: gast.expr = constant(0.0)
        if isinstance(self.kind(t.value), List):
            zero = self.zeros_of(self.part_of(t, buffer, store=False), self.kind(t))
        return gast.Assign(targets=[self.part_of(t, buffer)], value=zero, type_comment=None)

    opening: list[gast.stmt]

    def buffer_into(self, place: Place) -> tuple[str, list[gast.stmt]]:
        """The buffer of a place, and the statements that make it."""
        kept, self.out = getattr(self, "out", []), []
        buffer = self.buffer(place)
        opening, self.out = self.out, kept
        return buffer, opening

    def fitted(self, g: Expr, value: gast.expr, place: Expr | None = None) -> Expr:
        """The cotangent of a value from that of the place it was written to."""
        number = numeric(self.kind(value))
        if number is None:
            return g
        return cast(
            unbroadcast(g, leaf(value, self.kind(value)), g if place is None else place), number
        )

    def augmented(self, s: gast.AugAssign) -> list[gast.stmt]:
        """The group of `+=` or `-=` on an array or on a part of one (other operators are assignments)."""
        self.begin()
        self.handed, self.after = set(), None
        t = s.target
        whole = isinstance(t, gast.Name)
        if not isinstance(self.kind(t if whole else t.value), Array):
            raise self.function.refuse(
                s, "an in-place operator on this value is not supported", "Write an assignment."
            )
        place = (t.id,) if whole else (self.root_name(t),)
        restore = self.restore_whole(s, t.id) if whole else self.restore_part(s, t)
        self.check_written(s, s.value, place)
        if place not in self.bars or not self.activity.depends(s.value):
            return restore
        self.after = place[0]
        like = None
        if whole:
            g, opening, like = self.bars[place].expr, [], leaf(name(t.id), self.kind(t))
        else:
            buffer, opening = self.buffer_into(place)
            g = self.written_part(t, buffer)
        value = self.fitted(g, s.value, like)
        self.push(s.value, value if isinstance(s.op, gast.Add) else -value)
        return opening + self.emit(restore)

    def written_part(self, t: gast.Subscript, buffer: str) -> Expr:
        """The cotangent of what was written to a part: of several values for one entry the last one stayed."""
        part = self.part_of(t, buffer, store=False)
        kind = self.kind(t)
        if not isinstance(self.kind(t.value), Array) or not self.repeats(t):
            return Expr("leaf", (), kind, part)
        index = leaf(without_slices(part.slice), self.kind(t.slice))
        return helper(runtime.last_written, kind, leaf(part.value, self.kind(t.value)), index)

    def check_written(self, s: gast.stmt, value: gast.expr, place: Place) -> None:
        """Refuse writes that would lose a derivative."""
        if not self.activity.depends(value):
            return
        base = self.typed.variables.get(place[0])
        if isinstance(base, Array) and base.dtype.kind != "f":
            raise self.function.refuse(
                s,
                f"a value that varies is written into an array of {base.dtype}",
                "Make the array one of floats.",
            )

    def expression(self, s: gast.Expr, node: gast.Call) -> list[gast.stmt]:
        """The group of a call that stands alone: `append` and the like."""
        callee = self.typed.callees.get(node)
        if callee is None or callee.tag != "method":
            return []
        place = self.place_of(node.func.value)
        if callee.target in ("items", "keys", "values", "copy", "index", "count"):
            return []
        if place is None or len(place) != 1:
            raise self.function.refuse(
                s, "a list inside another value is changed", "Give it a name of its own."
            )
        if callee.target != "append":
            active = place[0] in self.activity.varied
            if active:
                raise self.function.refuse(
                    s, f"`{callee.target}` of a list that varies is not supported", "Use append."
                )
            return [self.unsaved(s, place[0])]
        restore = self.restore_append(place[0])
        if place not in self.bars:
            return restore
        self.begin()
        self.handed, self.after = set(), None
        buffer, opening = self.buffer_into(place)
        kind = self.kind(node.args[0])
        identifier = self.new_bar(f"{self.values_hint(node.args[0])}_bar")
        popped = assign(identifier, call(attribute(name(buffer), "pop")))
        item = leaf(name(identifier), kind)
        self.push(node.args[0], self.unpacked(item, kind))
        return [*opening, popped, *self.emit(restore)]

    def values_hint(self, node: gast.expr) -> str:
        """What the adjoint of an appended value is called."""
        return self.label(node)


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


def kind_of_int(i: int) -> Kind:
    """The kind of a constant index."""
    return const(i).kind


__all__ = ["Statements", "may_be_active", "names_of", "target"]
