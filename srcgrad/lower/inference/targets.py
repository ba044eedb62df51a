"""Kinds of targets: what an assignment, or an in-place operator, makes of a variable or an item."""

from __future__ import annotations

import gast

from srcgrad.kinds import (
    Array,
    Dict,
    Field,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    is_object,
    is_tuple,
    numeric,
)
from srcgrad.lower.base.facts import LONGEST_RECORD
from srcgrad.lower.base.join import as_list, describe, is_mixed, join, join_lists, listlike
from srcgrad.lower.base.observed import unwritable
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.instances import Failing
from srcgrad.lower.inference.members import deep_lists
from srcgrad.lower.inference.tries import Tries
from srcgrad.lower.memory.stores import put_item, store_attribute
from srcgrad.rules.shapes import shaped
from srcgrad.syntax.flow import loads, stores


def opened(kind: Kind | None, met: Kind) -> bool:
    """Whether a list of known length is one of unknown length where it meets others."""
    if not isinstance(kind, Record):
        return False
    if isinstance(met, Record):
        return any(map(opened, kind.items, met.items))
    return kind.type is list and isinstance(met, List)


class Targets(Tries):
    """Binds targets in an environment of kinds."""

    def bind(self, t: gast.expr, kind: Kind) -> None:
        """Assign to a target."""
        match t:
            case gast.Name():
                self.env[t.id] = kind
                self.record(t, kind)
                old = self.typed.variables.get(t.id)
                self.typed.variables[t.id] = met = kind if old is None else self.meet(old, kind)
                if opened(old, met) or opened(kind, met):
                    self.mixed.add(t.id)
            case gast.Tuple() | gast.List():
                self.unpack(t, kind)
            case gast.Subscript():
                base = self.eval(t.value)
                self.store(t, base, kind)
            case gast.Attribute() if is_object(base := self.eval(t.value)):
                store_attribute(self, t, t.attr, base, kind)
            case _:
                raise self.attribute_written(t)

    def fresh_list(self, to: gast.expr, value: gast.expr, kind: Kind) -> Kind:
        """A list display whose name is changed later is a list, not a record."""
        if isinstance(to, gast.Name) and to.id in self.deep:
            return deep_lists(kind)
        if isinstance(to, gast.Name) and isinstance(kind, Record) and kind.type is list:
            if to.id in self.changed or not isinstance(value, gast.List):
                return as_list(kind)
        return kind

    def meet(self, a: Kind, b: Kind) -> Kind:
        """The join of two kinds; lengths that are equal in the example are taken to be equal."""
        if (
            isinstance(a, Array)
            and isinstance(b, Array)
            and a.dims
            and b.dims
            and len(a.dims) == len(b.dims)
        ):
            for m, n in zip(a.dims, b.dims, strict=True):
                if m != n:
                    self.world.facts.equal(m, n)
            return join(self.canonical(a), self.canonical(b))
        return join(a, b)

    def stays(self, old: Kind, new: Kind) -> bool:
        """Whether a value of one kind may take the place of another without being noted."""
        met = self.meet(old, new)
        return met == old or met == self.canonical(old)

    def attribute_written(self, t: gast.expr) -> Exception:
        """The error for an assignment to an attribute."""
        attr = getattr(t, "attr", "?")
        hint = "Use np.reshape." if attr == "shape" else "Assign to a name, and return it."
        return self.function.refuse(
            t, f"assigning to the attribute `{attr}` is not supported", hint
        )

    def unpack(self, t: gast.Tuple | gast.List, kind: Kind) -> None:
        """Assign to the names of a tuple."""
        self.record(t, kind)
        self.check_order(t)
        star = next((i for i, e in enumerate(t.elts) if isinstance(e, gast.Starred)), None)
        if isinstance(kind, Record) and (is_tuple(kind) or kind.type is list):
            parts = list(kind.items)
        elif isinstance(kind, Array) and kind.dims:
            n = kind.dims[0]
            row = shaped(kind.dtype, kind.dims[1:])
            count = len(t.elts)
            if star is not None:
                found = self.world.facts.pinned(n)
                if count == 2 and (found is None or found > LONGEST_RECORD):
                    self.typed.unproven.add(t)
                    for e in t.elts:
                        whole = isinstance(e, gast.Starred)
                        self.bind(e.value if whole else e, List(row) if whole else row)
                    return
                if found is None or not count - 1 <= found <= LONGEST_RECORD:
                    raise self.function.refuse(
                        t, "unpacking this array with `*` is not supported", "Use slices."
                    )
                count = found
            elif not self.world.facts.equal(n, count):
                self.typed.unproven.add(t)
            parts = [row] * count
        elif isinstance(kind, List) and kind.item is not None and star is not None:
            self.typed.unproven.add(t)
            for e in t.elts:
                whole = isinstance(e, gast.Starred)
                self.bind(e.value if whole else e, List(kind.item) if whole else kind.item)
            return
        elif isinstance(kind, List) and kind.item is not None and star is None:
            self.typed.unproven.add(t)
            parts = [kind.item] * len(t.elts)
        elif isinstance(kind, Scalar):
            raise Failing(t, f"{describe(kind)} cannot be unpacked here", TypeError)
        else:
            raise self.function.refuse(t, f"{describe(kind)} cannot be unpacked here")
        if star is not None:
            after = len(t.elts) - star - 1
            middle = parts[star : len(parts) - after]
            rest = Record(list, tuple(range(len(middle))), tuple(middle))
            parts = [*parts[:star], rest, *parts[len(parts) - after :]]
        if len(parts) != len(t.elts):
            raise Failing(t, f"{len(parts)} values for {len(t.elts)} names", ValueError)
        for e, k in zip(t.elts, parts, strict=True):
            self.bind(e.value if isinstance(e, gast.Starred) else e, k)

    def check_order(self, t: gast.Tuple | gast.List) -> None:
        """Refuse `i, y[i] = ...`, whose subscript is evaluated after its index was bound."""
        bound: set[str] = set()
        for e in t.elts:
            if isinstance(e, gast.Subscript) and bound & loads(e):
                raise self.function.refuse(
                    t, "a target reads a name that the same statement binds", "Use two statements."
                )
            bound |= stores(e)

    def store(self, t: gast.Subscript, base: Kind, kind: Kind) -> None:
        """Assign to an item of an array, a list or a dict."""
        if isinstance(base, Array) and base.dims is not None:
            self.check_part(t)
            self.note_read_only(t)
            place = self.index(t, base)
            self.record(t, place)
            if numeric(kind) is None:
                what = f"{describe(kind)} is written into an array"
                refused = self.function.refuse(t, what, "Write np.array(...) of it.")
                if not isinstance(kind, (List, Record)) or not listlike(kind):
                    raise refused
                self.typed.deferred.append((t, refused))
                return
            self.fits(t, place, kind)
        elif isinstance(base, Dict):
            mappings.store(self, t, base, kind)
        elif isinstance(base, List):
            self.eval(t.slice)
            self.record(t, kind)
            self.typed.unproven.add(t)
            if isinstance(t.slice, gast.Slice):
                if not isinstance(kind, (List, Record)) or not listlike(kind):
                    raise self.function.refuse(
                        t, f"{describe(kind)} is written into a part of a list"
                    )
                item = join_lists(base, as_list(kind)).item
            else:
                item = kind if base.item is None else join(base.item, kind)
                if base.item is not None and is_mixed(item) and not is_mixed(base.item):
                    held = describe(base.item)
                    what = f"{describe(kind)} takes the place of {held} in a list"
                    hint = "Make a new list, or keep the two in a dict, at keys of their own."
                    raise self.function.refuse(t, what, hint)
            self.change(t.value, List(item))
        elif isinstance(base, Record) and base.type is dict and isinstance(t.value, gast.Name):
            key = self.eval(t.slice)
            if not isinstance(key, Static):
                what = "a dict is written at a key that is not constant"
                self.typed.deferred.append((t, self.function.refuse(t, what, "Use constant keys.")))
                self.record(t, kind)
                return
            put_item(self, t, key.value, base, kind)
        elif isinstance(base, Record) and base.type is dict:
            key = self.eval(t.slice)
            if not isinstance(key, Static):
                what = "a dict is written at a key that is not constant"
                raise self.function.refuse(t, what, "Use constant keys.")
            self.record(t, kind)
            items = dict(zip(base.keys, base.items, strict=True)) | {key.value: kind}
            self.put_record(t.value, Record(dict, tuple(items), tuple(items.values())))
        elif is_object(base) and isinstance(getattr(t.slice, "value", None), Field):
            self.eval(t.slice)
            store_attribute(self, t, t.slice.value, base, kind)
        else:
            what = f"writing into {describe(base)} is not supported here"
            hint = "Assign it to a name of its own first."
            if isinstance(base, Record) and is_tuple(base):
                raise Failing(t, what, TypeError, hint, t.value)
            raise self.function.refuse(t, what, hint)

    def augmented(self, s: gast.AugAssign) -> None:
        """An in-place operator: a new value for numbers, a write for arrays and lists."""
        value = self.eval(s.value)
        if isinstance(s.target, gast.Name):
            old = self.name_kind(s.target)
            old, value = self.like_arrays(s.target, s.value, old, value)
            new = self.operator(s, s.op, old, value)
            self.record(s.target, old)
            if isinstance(old, Array) and old.dims is None:
                raise self.function.refuse(
                    s,
                    f"`{s.target.id}` may be a number, which this line rebinds, "
                    "or an array, which it changes in place",
                    "Specialise first: source_for(...), or write it as an assignment.",
                )
            if isinstance(old, Array):
                self.fits(s, old, value)
                return
            if isinstance(new, Record) and new.type is dict:
                self.put_record(s.target, new)
                return
            self.env[s.target.id] = new
            joined = self.typed.variables.get(s.target.id)
            self.typed.variables[s.target.id] = new if joined is None else join(joined, new)
            return
        base = self.eval(s.target.value)
        if isinstance(s.target, gast.Attribute) and is_object(base):
            old = self.record(s.target, self.attribute(s.target, base))
            new = self.operator(s, s.op, old, value)
            assert isinstance(base, Record)
            if in_place(old) and unwritable(base.type, s.target.attr) is None:
                self.fits(s, old, value)
                return
            store_attribute(self, s.target, s.target.attr, base, new)
            return
        if not isinstance(s.target, gast.Subscript):
            raise self.attribute_written(s.target)
        old = self.subscript(s.target, base)
        if isinstance(base, Array):
            self.note_read_only(s.target)
        old, value = self.like_arrays(s.target, s.value, old, value)
        self.record(s.target, old)
        new = self.operator(s, s.op, old, value)
        if isinstance(base, Record) and is_tuple(base):
            what = f"writing into {describe(base)} is not supported here"
            hint = "Assign it to a name of its own first."
            raise Failing(s.target, what, TypeError, hint, s.target.value)
        known = isinstance(self.typed.kinds.get(s.target.slice), Static)
        if in_place(old) and (isinstance(base, List) or (isinstance(base, Record) and known)):
            self.fits(s, old, value)
            return
        self.store(s.target, base, new)
        if isinstance(base, Array):
            self.record(s.target, old)


def in_place(kind: Kind) -> bool:
    """Whether an in-place operator on a value changes it, and puts nothing else in its place."""
    return isinstance(kind, Array) and bool(kind.dims)
