"""Statements that bind or write memory with shadows, backwards."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, Record, Scalar, is_float, numeric
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.memory.layouts import pairs_of, terms_of
from srcgrad.lower.memory.sharing import holds_other, is_rotation
from srcgrad.lower.memory.views import HINT
from srcgrad.rules.expr import Expr, leaf
from srcgrad.syntax.lives import output_of, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.syntax.walk import walk
from srcgrad.transform.cotangents import Cotangent, Place
from srcgrad.transform.saves import Saves, once
from srcgrad.transform.shadows import covers_all, items_at, loaded


class Paired(Saves):
    """Takes adjoints out of shadows, and puts references back."""

    opening: list[gast.stmt]

    def check_shared(self) -> None:
        """Refuse memory whose names neither stay apart nor can have shadows."""
        known = self.sharing.moved | self.together
        for c, writes in zip(self.sharing.classes, self.sharing.writes, strict=True):
            several = len(c) > 1 or holds_other(self.typed, c)
            if several and not c <= known:
                a, b = (f"`{user_name(n)}`" for n in (sorted(c) * 2)[:2])
                both = f"{a} and {b}" if a != b else f"{a} and earlier values of it"
                what = (
                    f"this changes memory that {both} may share, in a way that cannot be followed"
                )
                raise self.function.refuse(writes[0], what, HINT)

    def make_shadows(self) -> None:
        """Put statements that make and move shadows into the forward sweep."""
        first = self.function.node.body[0]
        for p in self.function.parameters:
            if p in self.shadowed:
                zero = self.zeros_of(name(p), self.typed.parameters[p])
                if holds_typed(self.typed.parameters[p]):
                    zero = call(self.text.function(runtime.zeros_like), name(p))
                self.insert(first, "before", assign(self.shadow_id(p), zero))
        for s in list(self.loops_of) if self.shadowed else ():
            for new in self.shadow_statements(s):
                self.insert(s, "after", new)

    def bind_backwards(
        self, t: gast.expr, s: gast.Assign, restore: list[gast.stmt], pairs: list[Any]
    ) -> bool:
        """Take the adjoints of targets of which one is part of a class with shadows.

        Returns:
            Whether the statement is one of those.
        """
        moved = pairs_of(t, s.value)
        if not any(self.is_together(to) for to, _ in moved):
            return False
        if is_rotation(s):
            restore += self.restore_rotation(s)
            if all(to.id in self.shadowed for to, _ in moved):
                restore.append(self.shadow_rotation(s))
                return True
        for to, value in reversed(moved):
            match to:
                case gast.Name(id=n):
                    self.bound_backwards(n, value, s, restore, pairs)
                case gast.Subscript() if isinstance(self.kind(to.value), Array):
                    self.part_backwards(to, value, s, restore, pairs)
                case gast.Subscript():
                    self.item_backwards(to, value, s, restore, pairs)
                case gast.Tuple() | gast.List() if self.has_shadow(to) and self.shares(value):
                    for e in to.elts:
                        restore += self.restore_name(s, e.id)
                        restore += self.restore_shadow(s, e.id)
                case gast.Tuple() | gast.List() if not self.shares(value):
                    self.unpacked_backwards(to, value, s, restore, pairs)
                case _:
                    raise self.function.refuse(s, "this mixture of targets is not supported")
        return True

    def is_together(self, t: gast.expr) -> bool:
        """Whether a target is, or is part of, something that may have several names."""
        if isinstance(t, (gast.Tuple, gast.List)):
            return any(isinstance(e, gast.Name) and e.id in self.together for e in t.elts)
        while isinstance(t, (gast.Subscript, gast.Attribute)):
            t = t.value
        return isinstance(t, gast.Name) and t.id in self.together

    def shadow_rotation(self, s: gast.Assign) -> gast.stmt:
        """The shadows of names that were given to each other get back what they had."""
        new = self.restore_rotation(s)[0]
        for n in walk(new):
            if isinstance(n, gast.Name):
                n.id = self.shadow_id(n.id)
        return new

    def bound_backwards(
        self,
        n: str,
        value: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """A name that got a value: what is new in the value gets its adjoint."""
        kind = self.typed.variables[n]
        if not is_rotation(s):
            restore += self.restore_name(s, n)
        if n not in self.shadowed:
            g = self.bars.pop((n,), None)
            if isinstance(g, Cotangent):
                pairs.append((value, g.expr, None))
            return
        if self.bindings.get(n, 0) > 1:
            self.after = (n,)
        output = leaf(name(output_of(n)), self.kind(value)) if len(s.targets) == 1 else None
        if not isinstance(s.targets[0], gast.Name):
            output = None
        self.flow(value, name(self.shadow_id(n)), (n,), kind, pairs, output)
        if not is_rotation(s):
            restore += self.restore_shadow(s, n)
        else:
            raise self.function.refuse(s, "these names do not all vary", "Use several statements.")

    def restore_shadow(self, s: gast.stmt, n: str) -> list[gast.stmt]:
        """What puts back the shadow that a name had before a statement."""
        if not self.may_be_assigned(s, n):
            return []
        identifier = self.shadow_id(n)
        if not self.is_assigned(s, n):
            return [self.unsaved(s, identifier)]
        saved = self.save(s, identifier, name(identifier), "name", "before")
        return [assign(identifier, saved)]

    def flow(
        self,
        e: gast.expr,
        shadow: gast.expr,
        place: Place | None,
        kind: Kind | None,
        pairs: list[Any],
        output: Expr | None = None,
    ) -> None:
        """Send adjoints in a shadow to what is new in a value; references share their shadows.

        Args:
            e: the value.
            shadow: the text of its shadow.
            place: where the value is, if numbers in it have adjoints of their own.
            kind: the kind of the place.
            pairs: gets values with their adjoints.
            output: the value after the statement.
        """
        found = self.kind(e)
        if isinstance(numeric(found), Scalar):
            self.number_backwards(e, shadow, place, pairs)
            return
        if isinstance(e, (gast.Tuple, gast.List, gast.Dict)):
            keys = [k.value for k in e.keys] if isinstance(e, gast.Dict) else range(len(e.elts))
            values = e.values if isinstance(e, gast.Dict) else e.elts
            fixed = isinstance(kind, Record) and unchanging(kind.type)
            for i, (k, v) in enumerate(zip(keys, values, strict=True)):
                inner = (*place, k) if place is not None and fixed else None
                item = kind.items[i] if fixed and isinstance(kind, Record) else None
                self.flow(v, subscript(shadow, constant(k)), inner, item, pairs)
            return
        if isinstance(e, gast.BinOp) and self.extends(e):
            for t, first in terms_of(e):
                for v, item in items_at(t, first, shadow) if first is not None else ():
                    self.flow(v, item, None, None, pairs)
            return
        if self.shares(e):
            if place is not None and isinstance(kind, Record) and unchanging(kind.type):
                tree = self.numbers_of(place, kind)
                if tree is not None:
                    pairs.append((e, tree, None))
            return
        if not self.activity.depends(e):
            return
        if isinstance(found, Record):
            if not all(isinstance(k, Array) for k in found.items):
                what = "what this returns is changed under several names"
                raise self.function.refuse(e, what, "Take it apart first.")
            base = self.held_by(shadow, found)
            pairs.append((e, self.unpacked(base, found), None))
            return
        pairs.append((e, self.held_by(shadow, found), output))

    def held_by(self, shadow: gast.expr, kind: Kind) -> Expr:
        """What a shadow holds now, under a name of its own."""
        base: gast.expr = shadow
        while isinstance(base, gast.Subscript):
            base = base.value
        hint = base.id if isinstance(base, gast.Name) else "part_bar"
        identifier = self.new_bar(hint)
        self.opening.append(assign(identifier, shadow))
        return leaf(name(identifier), kind)

    def number_backwards(
        self, e: gast.expr, shadow: gast.expr, place: Place | None, pairs: list[Any]
    ) -> None:
        """A number that a container got."""
        if place is not None and len(place) > 1:
            g = self.bars.pop(place, None)
            if isinstance(g, Cotangent):
                pairs.append((e, g.expr, None))
        elif self.activity.depends(e):
            pairs.append((e, self.held_by(shadow, self.kind(e)), None))

    def numbers_of(self, place: Place, kind: Record) -> Any:
        """The adjoints of the numbers in a tuple."""
        tree: dict[Any, Any] = {}
        for k, item in zip(kind.keys, kind.items, strict=True):
            if isinstance(item, Record) and unchanging(item.type):
                tree[k] = self.numbers_of((*place, k), item)
            elif is_float(item) and not isinstance(item, Array):
                g = self.bars.pop((*place, k), None)
                tree[k] = g.expr if isinstance(g, Cotangent) else None
            else:
                tree[k] = None
        return tree if any(v is not None for v in tree.values()) else None

    def part_backwards(
        self,
        t: gast.Subscript,
        value: gast.expr,
        s: gast.stmt,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """A part of an array that was overwritten: its adjoint is taken, and cleared, at once."""
        root, whole = self.root_name(t), covers_all(t)
        new = self.restore_whole(s, root) if whole else self.restore_part(s, t)
        restore += once(restore, new)
        self.check_written(s, value, (root,))
        if root not in self.shadowed or not is_float(self.kind(t.value)):
            return
        kind = self.kind(t)
        if self.activity.depends(value):
            identifier = self.shadow_id(root)
            g = leaf(name(identifier), kind) if whole else self.written_part(t, identifier)
            pairs.append((value, self.fitted(self.held(g, kind), value), None))
        clear = gast.Assign(
            targets=[self.part_of(t, self.shadow_id(root))], value=constant(0.0), type_comment=None
        )
        self.opening.append(clear)

    def held(self, g: Expr, kind: Kind) -> Expr:
        """A copy of a part of a shadow, which is written next."""
        identifier = self.new_bar("part_bar")
        text = self.text(g)
        if isinstance(kind, Array):
            text = call(attribute(text, "copy"))
        self.opening.append(assign(identifier, text))
        return leaf(name(identifier), kind)

    def item_backwards(
        self,
        t: gast.Subscript,
        value: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """An item of a list or dict that was replaced."""
        self.unstable_index(s, t)
        root = self.root_name(t)
        if self.is_new_key(t):
            self.key_backwards(t, value, restore, pairs)
            return
        tag = ("item", gast.dump(loaded(t)))
        saved = self.save(s, root, loaded(self.primal_part(t)), tag, "before")
        restore.append(gast.Assign(targets=[self.primal_part(t)], value=saved, type_comment=None))
        if root not in self.shadowed:
            return
        shadow = self.mirrored(loaded(t))
        self.flow(value, shadow, None, None, pairs)
        to = self.shadow_target(t)
        if isinstance(numeric(self.kind(t)), Scalar):
            self.opening.append(assign(to, constant(0.0)))
            return
        identifier = self.shadow_id(root)
        back = self.save(s, identifier, self.mirrored(loaded(t)), tag, "before")
        restore.append(assign(to, back))

    def unpacked_backwards(
        self,
        t: gast.Tuple | gast.List,
        value: gast.expr,
        s: gast.Assign,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """Names that got the items of a tuple, all of which are new."""
        raise NotImplementedError

    def is_new_key(self, t: gast.Subscript) -> bool:
        """Whether a target puts an item into a dict that was not there before."""
        raise NotImplementedError

    def key_backwards(
        self, t: gast.Subscript, value: gast.expr, restore: list[gast.stmt], pairs: list[Any]
    ) -> None:
        """An item that a dict got: it goes again."""
        raise NotImplementedError

    def added_backwards(self, s: gast.AugAssign) -> list[gast.stmt]:
        """The group of `+=` or `-=` on an array, or a part of one, with a shadow."""
        t = s.target
        whole = isinstance(t, gast.Name)
        root = t.id if whole else self.root_name(t)
        restore = self.restore_whole(s, t.id) if whole else self.restore_part(s, t)
        self.check_written(s, s.value, (root,))
        if root not in self.shadowed or not self.activity.depends(s.value):
            return restore
        identifier = self.shadow_id(root)
        kind = self.kind(t)
        g = leaf(name(identifier), kind) if whole else self.written_part(t, identifier)
        value = self.fitted(self.held(g, kind), s.value)
        self.push(s.value, value if isinstance(s.op, gast.Add) else -value)
        return self.opening + self.emit(restore)

    def check_written(self, s: gast.stmt, value: gast.expr, place: Place) -> None:
        """Refuse writes that would lose a derivative."""
        raise NotImplementedError

    def written_part(self, t: gast.Subscript, buffer: str) -> Expr:
        """The cotangent of what was written to a part."""
        raise NotImplementedError

    def fitted(self, g: Expr, value: gast.expr, place: Expr | None = None) -> Expr:
        """The cotangent of a value from that of the place it was written to."""
        raise NotImplementedError


def holds_typed(kind: Kind) -> bool:
    """Whether there are numbers of numpy's own in a list, tuple or dict."""
    if not isinstance(kind, Record):
        return False
    return any(
        holds_typed(k) or (isinstance(k, Scalar) and is_float(k) and not k.python)
        for k in kind.items
    )
