"""Targets of assignments backwards: the adjoint of each is taken, and goes to the value."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Dict, Kind, List, Record, numeric
from srcgrad.lower.memory.aliases import sources
from srcgrad.lower.memory.sharing import is_rotation
from srcgrad.rules.expr import Expr, const, helper, leaf
from srcgrad.rules.project import cast, unbroadcast
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import output_of
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import walk
from srcgrad.transform.cotangents import Cotangent, Place, is_buffer
from srcgrad.transform.moved import Moved
from srcgrad.transform.saves import once
from srcgrad.transform.shadows import covers_all
from srcgrad.transform.shapes import loses, without_slices


class Targets(Moved):
    """Takes the adjoints of what a statement binds or writes."""

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

    def assign_target(
        self,
        t: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        resets: list[gast.Subscript],
        pairs: list[Any],
    ) -> None:
        """Take the adjoint of one target of an assignment."""
        if self.together and self.bind_backwards(t, s, restore, pairs):
            return
        match t:
            case gast.Name(id=identifier):
                kind = self.typed.variables[identifier]
                g = self.take((identifier,), kind)
                restore += self.restore_name(s, identifier)
                if restore or self.bindings.get(identifier, 0) > 1:
                    self.after = (identifier,)
                if isinstance(g, Cotangent):
                    if len(s.targets) == 1 and g.owned and g.expr.op == "leaf":
                        self.handed = {g.expr.data.id}
                    whole = g.expr
                    if isinstance(kind, Array) and numeric(self.kind(s.value)) is not None:
                        whole = self.at_kind(whole, s.value)
                    output = None
                    if len(s.targets) == 1:
                        output = leaf(name(output_of(identifier)), self.kind(s.value))
                    pairs.append((s.value, whole, output))
                elif g is not None:
                    pairs.append((s.value, self.plain(g), None))
            case gast.Tuple() | gast.List():
                self.unpack_target(t, s, restore, resets, pairs)
            case gast.Subscript():
                self.write_target(t, s, restore, resets, pairs)

    def at_kind(self, e: Expr, node: gast.expr) -> Expr:
        """A cotangent of a variable as one of the value assigned to it, of a narrower kind."""
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
        if is_rotation(s) and not restore:
            restore += self.restore_rotation(s)
        for n in sorted(stores(t)):
            if not is_rotation(s):
                restore += self.restore_name(s, n)
            if self.bindings.get(n, 0) > 1:
                self.after = (n,)
        if any(isinstance(e, gast.Subscript) for e in walk(t)):
            return self.unpack_writes(t, s, restore, resets, pairs)
        if is_rotation(s) and self.rotates_arrays(s):
            return self.rotate(s)
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

    def unpacked_backwards(
        self,
        t: gast.Tuple | gast.List,
        value: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """Names that got the items of a tuple, all of which are new."""
        tree: dict[int, Any] = {}
        for i, e in enumerate(t.elts):
            restore += self.restore_name(s, e.id)
            if self.bindings.get(e.id, 0) > 1:
                self.after = (e.id,)
            if e.id not in self.shadowed:
                tree[i] = self.plain(self.take((e.id,), self.typed.variables[e.id]))
            else:
                if self.activity.depends(value):
                    tree[i] = self.held_by(name(self.shadow_id(e.id)), self.kind(e))
                restore += self.restore_shadow(s, e.id)
        if any(g is not None for g in tree.values()):
            pairs.append((value, tree, None))

    def rotates_arrays(self, s: gast.Assign) -> bool:
        """Whether names that are given to each other stand for arrays of one kind."""
        kinds = {self.typed.variables[e.id] for e in s.targets[0].elts}
        return len(kinds) == 1 and is_buffer(kinds.pop())

    def rotate(self, s: gast.Assign) -> None:
        """Give adjoints of arrays back to the names that the arrays had before."""
        taken = [self.bars.pop((e.id,), None) for e in s.targets[0].elts]
        for value, g in zip(s.value.elts, taken, strict=True):
            if g is not None and self.activity.depends(value):
                self.bars[value.id,] = g

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
                case gast.Subscript() if len(roots) > 1 or not are_apart(t):
                    self.write_at_once(e, s, v, restore, pairs)
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
        if isinstance(base_kind, Dict):
            self.write_keyed(t, s, value, restore, pairs)
            return
        place = self.written_place(t)
        whole = covers_all(t)
        restore += self.restore_whole(s, place[0]) if whole else self.restore_part(s, t)
        self.check_written(s, value, place)
        if place not in self.bars:
            return
        self.after = place
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

    def write_keyed(
        self,
        t: gast.Subscript,
        s: gast.stmt,
        value: gast.expr,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """Take the adjoint of an item of a dict whose keys are known at run time only."""
        raise NotImplementedError

    def write_at_once(
        self,
        t: gast.Subscript,
        s: gast.Assign,
        value: gast.expr,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """Take the adjoint of a part and clear it before anything is added to any array."""
        kind, place = self.kind(t), self.written_place(t)
        in_array = isinstance(self.kind(t.value), Array)
        if numeric(kind) is None or (in_array and self.repeats(t)):
            raise self.function.refuse(
                t,
                "parts like this of several values are written at once",
                "Use several statements.",
            )
        restore += once(restore, self.restore_part(s, t))
        self.check_written(s, value, place)
        if place not in self.bars:
            return
        buffer, opening = self.buffer_into(place)
        self.opening += opening
        if self.activity.depends(value):
            taken: gast.expr = self.part_of(t, buffer, store=False)
            if isinstance(kind, Array):
                taken = call(attribute(taken, "copy"))
            identifier = self.new_bar(f"{self.base_hint(place)}_part_bar")
            self.opening.append(assign(identifier, taken))
            pairs.append((value, self.fitted(leaf(name(identifier), kind), value), None))
        self.opening.append(self.reset(t))

    def reset(self, t: gast.Subscript) -> gast.stmt:
        """Clears the adjoint of a part that was overwritten."""
        buffer = self.bars[self.written_place(t)].expr.data.id
        zero: gast.expr = constant(0.0)
        if isinstance(self.kind(t.value), List):
            old = self.primal_part(t) if isinstance(t.slice, gast.Slice) else None
            item = self.kind(t.value) if old is not None else self.kind(t)
            zero = self.zeros_of(old or self.part_of(t, buffer, store=False), item)
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

    def written_part(self, t: gast.Subscript, buffer: str) -> Expr:
        """The cotangent of what was written to a part: for an entry the last value stayed."""
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
        base = self.place_kind(place)
        if isinstance(base, Array) and loses(base, self.kind(value)):
            raise self.function.refuse(
                s,
                f"a value that varies is written into an array of {base.dtype}",
                "Make the array one of floats.",
            )


def kind_of_int(i: int) -> Kind:
    """The kind of a constant index."""
    return const(i).kind


def are_apart(t: gast.Tuple | gast.List) -> bool:
    """Whether the parts that a tuple of targets writes are certainly not the same.

    Example:
        >>> from srcgrad.syntax.quote import statements
        >>> are_apart(statements("x[0], x[1] = y")[0].targets[0])
        True
        >>> are_apart(statements("x[i], x[1] = y")[0].targets[0])
        False
    """
    parts = [e for e in t.elts if isinstance(e, gast.Subscript)]
    places = [e.slice.value for e in parts if isinstance(e.slice, gast.Constant)]
    plain = len(places) == len(parts) and all(isinstance(p, (int, str)) for p in places)
    return len(parts) < 2 or (
        plain
        and len(set(places)) == len(places)
        and len({gast.dump(e.value) for e in parts}) == 1
        and not any(isinstance(p, int) and p < 0 for p in places)
    )
