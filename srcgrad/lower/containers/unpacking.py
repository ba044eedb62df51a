"""Tuple targets in simpler statements, where parts of arrays are read or written by them."""

from __future__ import annotations

from functools import cached_property

import gast

from srcgrad.kinds import Array, List, Record, may_be_active, mutable
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import sources
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import call, constant, name, subscript
from srcgrad.syntax.walk import walk

SEVERAL = (gast.Tuple, gast.List)


class Unpacking(Expansion):
    """Takes assignments to several targets apart."""

    def needed(self) -> bool:
        """Whether there are assignments to several targets."""
        made = self.typed.contents.get(gast.Assign, ())
        return any(len(s.targets) > 1 or isinstance(s.targets[0], SEVERAL) for s in made)

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.Assign(targets=[gast.Tuple() | gast.List() as t], value=value):
                kind = self.kind(value)
                if isinstance(kind, Array) and may_be_active(kind):
                    return self.array(s, t, value, kind)
                if isinstance(kind, List) and any(isinstance(e, gast.Starred) for e in t.elts):
                    return self.listed(s, t, value)
                if isinstance(kind, Record) and any(map(self.nested, t.elts)):
                    return self.by_parts(s, t, value, kind)
                if isinstance(value, gast.Tuple) and self.reads_views(t, value):
                    return self.one_by_one(s, t, value)
                if isinstance(value, gast.Tuple) and self.names_views(t, value):
                    if self.attempts:
                        return self.one_by_one(s, t, value)
                    pairs = zip(t.elts, value.elts, strict=True)
                    return self.replaced(
                        s, [gast.Assign(targets=[e], value=v, type_comment=None) for e, v in pairs]
                    )
            case gast.Assign(targets=[_, _, *_]) if self.shared(s):
                return self.chain(s)
        return super().statement(s)

    def nested(self, t: gast.expr) -> bool:
        """Whether a target is an item of a dict or object that another one holds."""
        return isinstance(t, gast.Subscript) and (
            isinstance(t.value, gast.Subscript) and isinstance(self.kind(t.value), Record)
        )

    def by_parts(
        self, s: gast.Assign, t: gast.Tuple | gast.List, value: gast.expr, kind: Record
    ) -> list[gast.stmt]:
        """The whole value first, then one target after the other."""
        if len(t.elts) != len(kind.keys) or any(isinstance(e, gast.Starred) for e in t.elts):
            raise self.function.refuse(
                s, "this assignment to several targets is not supported", "Assign one by one."
            )
        if isinstance(value, gast.Tuple):
            return self.one_by_one(s, t, value)
        label = self.named(value, "value", s)
        parts = [subscript(name(label), constant(i)) for i in range(len(t.elts))]
        pairs = zip(t.elts, parts, strict=True)
        return self.replaced(
            s, [gast.Assign(targets=[e], value=v, type_comment=None) for e, v in pairs]
        )

    @cached_property
    def attempts(self) -> bool:
        """Whether a `try` may be left where some values are there and no target has one."""
        tries = (s for s in walk(self.function.node) if isinstance(s, gast.Try))
        return any(s.handlers for s in tries)

    def shared(self, s: gast.Assign) -> bool:
        """Whether the targets of `a = b = value` share memory that is written."""
        names = [t.id for t in s.targets if isinstance(t, gast.Name)]
        return mutable(self.kind(s.value)) and any(map(self.aliases.is_written, names))

    def chain(self, s: gast.Assign) -> list[gast.stmt]:
        """`a = value; b = a` for `a = b = value`."""
        first = next(t for t in s.targets if isinstance(t, gast.Name))
        rest = [t for t in s.targets if t is not first]
        if first.id in loads(*rest) | stores(*rest):
            return [s]
        pairs = [(first, s.value), *((t, name(first.id)) for t in rest)]
        return self.replaced(
            s, [gast.Assign(targets=[t], value=v, type_comment=None) for t, v in pairs]
        )

    def array(
        self, s: gast.Assign, t: gast.Tuple | gast.List, value: gast.expr, kind: Array
    ) -> list[gast.stmt]:
        """`a, (b, c), *d = x` of an array: items by their indices where a target is no name."""
        plain = all(isinstance(e, gast.Name) for e in t.elts)
        if plain and isinstance(value, gast.Name):
            return [s]
        label = value.id if isinstance(value, gast.Name) else self.named(value, "items", s)
        if plain:
            s.value = gast.copy_location(name(label), value)
            return [s]
        star = next((i for i, e in enumerate(t.elts) if isinstance(e, gast.Starred)), None)
        starred = None if star is None else self.kind(t.elts[star].value)
        if isinstance(starred, List):
            return self.listed(s, t, name(label), copied=True)
        count = self.world.facts.value(kind.dims[0]) if kind.dims else None
        if count is None or not (
            count == len(t.elts) if star is None else count >= len(t.elts) - 1
        ):
            return [s]
        out: list[gast.stmt] = []
        rest = count - len(t.elts) + 1
        for i, e in enumerate(t.elts):
            at = i if star is None or i <= star else i + rest - 1
            item: gast.expr = subscript(name(label), constant(at))
            if isinstance(e, gast.Starred):
                items = [subscript(name(label), constant(at + j)) for j in range(rest)]
                item, e = gast.List(elts=items, ctx=gast.Load()), e.value
            out.append(gast.Assign(targets=[e], value=item, type_comment=None))
        return self.replaced(s, out)

    def listed(
        self,
        s: gast.Assign,
        t: gast.Tuple | gast.List,
        value: gast.expr,
        *,
        copied: bool = False,
    ) -> list[gast.stmt]:
        """`a, *b, c = xs` of a list, or of an array (`copied`), by items and a slice."""
        label = value.id if isinstance(value, gast.Name) else self.named(value, "items", s)
        if label in stores(t):
            label = self.named(name(label), "items", s)
        star = next(i for i, e in enumerate(t.elts) if isinstance(e, gast.Starred))
        out: list[gast.stmt] = []
        for i, e in enumerate(t.elts):
            at = i if i < star else i - len(t.elts)
            item = subscript(name(label), constant(at))
            if isinstance(e, gast.Starred):
                upper = i + 1 - len(t.elts)
                cut = gast.Slice(
                    lower=constant(i) if i else None,
                    upper=constant(upper) if upper else None,
                    step=None,
                )
                item, e = subscript(name(label), cut), e.value
                item = call(name("list"), item) if copied else item
            out.append(gast.Assign(targets=[e], value=item, type_comment=None))
        return self.replaced(s, out)

    def reads_views(self, t: gast.Tuple | gast.List, value: gast.Tuple) -> bool:
        """Whether a value is a view of an array that an earlier target writes to."""
        written: set[str] = set()
        for e in t.elts:
            base: gast.expr = e
            while isinstance(base, (gast.Subscript, gast.Attribute)):
                base = base.value
            if base is not e and isinstance(base, gast.Name):
                written.add(base.id)
        views = {
            n for v in value.elts if isinstance(self.kind(v), Array) for n in sources(self.typed, v)
        }
        starred = any(isinstance(e, gast.Starred) for e in t.elts)
        return bool(written & views) and len(t.elts) == len(value.elts) and not starred

    def names_views(self, t: gast.Tuple | gast.List, value: gast.Tuple) -> bool:
        """Whether views of written arrays get names, none of which a value reads."""
        if len(t.elts) != len(value.elts) or not all(isinstance(e, gast.Name) for e in t.elts):
            return False
        views = {
            n for v in value.elts if isinstance(self.kind(v), Array) for n in sources(self.typed, v)
        }
        return any(self.aliases.is_written(n) for n in views) and not stores(t) & loads(value)

    def one_by_one(
        self, s: gast.Assign, t: gast.Tuple | gast.List, value: gast.Tuple
    ) -> list[gast.stmt]:
        """All values first, then one target after the other."""
        labels = [self.named(v, "value", s) for v in value.elts]
        return self.replaced(
            s,
            [
                gast.Assign(targets=[e], value=name(n), type_comment=None)
                for e, n in zip(t.elts, labels, strict=True)
            ],
        )
