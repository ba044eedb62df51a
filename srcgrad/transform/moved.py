"""Items that lists and dicts with shadows get and lose, backwards."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Record, Static
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.paired import Paired
from srcgrad.transform.shadows import loaded
from srcgrad.transform.text import copied


class Moved(Paired):
    """Does the opposite to a list or dict and to its shadow."""

    def is_new_key(self, t: gast.Subscript) -> bool:
        """Whether a target puts an item into a dict that was not there before."""
        base, key = self.kind(t.value), self.kind(t.slice)
        if not isinstance(base, Record) or base.type is not dict:
            return False
        return isinstance(key, Static) and key.value not in base.keys

    def key_backwards(
        self, t: gast.Subscript, value: gast.expr, restore: list[gast.stmt], pairs: list[Any]
    ) -> None:
        """An item that a dict got: it goes again."""
        paths = [self.primal_part(t)]
        if self.root_name(t) in self.shadowed:
            self.flow(value, self.mirrored(loaded(t)), None, None, pairs)
            paths.append(self.mirrored(loaded(t)))
        for path in paths:
            path.ctx = gast.Del()
            restore.append(gast.Delete(targets=[path]))

    def moved_backwards(self, s: gast.Expr, node: gast.Call) -> list[gast.stmt]:
        """The group of a call that moves items of a list that holds memory with several names."""
        base, change = node.func.value, node.func.attr
        shadowed = self.root_name(base) in self.shadowed
        if change == "pop":
            return self.pop_backwards(s, base, node.args[0] if node.args else None)
        if change == "reverse":
            lists = [self.path_text(base), *([self.mirrored(base)] if shadowed else [])]
            return [method(items, "reverse") for items in lists]
        args = [constant(0)] if change == "insert" else []
        restore = [method(self.path_text(base), "pop", *args)]
        if not shadowed:
            return restore
        value = node.args[-1]
        popped = call(attribute(self.mirrored(base), "pop"), *map(copied, args))
        identifier = self.new_bar(f"{self.label(value)}_bar")
        pairs: list[Any] = []
        self.flow(value, name(identifier), None, None, pairs)
        opening = [assign(identifier, popped)] if pairs else [gast.Expr(value=popped)]
        for e, g, _ in pairs:
            self.push(e, g)
        return [*opening, *self.opening, *self.emit(restore)]

    def pop_backwards(self, s: gast.Expr, base: gast.expr, at: gast.expr | None) -> list[gast.stmt]:
        """The group of `pop()`: the item comes back, and so does its shadow."""
        root = self.root_name(base)
        items = [(root, self.path_text(base))]
        if root in self.shadowed:
            items.append((self.shadow_id(root), self.mirrored(base)))
        out = []
        for identifier, path in items:
            part = subscript(path, copied(at) if at is not None else constant(-1))
            saved = self.save(s, identifier, part, ("item", gast.dump(part)), "before")
            out.append(self.put_in(copied(path), at, saved))
        return out

    def deleted_backwards(self, s: gast.Delete, t: gast.Subscript) -> list[gast.stmt]:
        """The group of `del d[k]`, whose item comes back with its shadow."""
        root = self.root_name(t)
        parts = [(root, loaded(self.primal_part(t)))]
        if root in self.shadowed:
            parts.append((self.shadow_id(root), self.mirrored(loaded(t))))
        out: list[gast.stmt] = []
        for identifier, part in parts:
            saved = self.save(s, identifier, part, ("item", gast.dump(part)), "before")
            to = copied(part)
            to.ctx = gast.Store()
            out.append(gast.Assign(targets=[to], value=saved, type_comment=None))
        return out

    def path_text(self, node: gast.expr) -> gast.expr:
        """A list of the primal, to be changed."""
        raise NotImplementedError

    def put_in(self, items: gast.expr, at: gast.expr | None, value: gast.expr) -> gast.stmt:
        """Puts an item where `pop(at)` has taken it."""
        raise NotImplementedError


def method(items: gast.expr, label: str, *args: gast.expr) -> gast.stmt:
    """`items.label(*args)`."""
    return gast.Expr(value=call(attribute(items, label), *args))
