"""Adjoints of dicts whose keys are known at run time only: dicts too, in which no item is a zero.

An item that is written takes its adjoint out of the dict. What a dict held before is never put
back: values that an adjoint reads after the dict has changed get names when they are read.
"""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import INT, Dict, Kind
from srcgrad.lower.containers.walks import later, writes_of
from srcgrad.rules.expr import leaf
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import nodes
from srcgrad.transform.targets import Targets


class Mappings(Targets):
    """Adjoints of items of dicts that are read and written at keys which are not constant."""

    def free(self, node: gast.expr) -> bool:
        """Whether an expression may be read again later: not if a dict in it changes meanwhile."""
        return super().free(node) and not self.outdated(node)

    def node_text(self, node: gast.expr) -> gast.expr:
        """The text by which an adjoint reads a node: of a dict that changes, that of a copy."""
        if isinstance(node, gast.Name) and node in self.owner and node not in self.hoisted:
            if isinstance(self.typed.kinds.get(node), Dict) and self.outdated(node):
                self.hoisted[node] = self.new(f"{user_name(node.id)}_kept")
        if isinstance(node, gast.Name) and node in self.hoisted:
            return name(self.hoisted[node])
        return super().node_text(node)

    def outdated(self, node: gast.expr) -> bool:
        """Whether an expression reads a dict that may change after its statement."""
        s = self.owner.get(node)
        if s is None or s not in self.graph.at:
            return False
        names = {n.id for n in nodes(node) if isinstance(n, gast.Name)}
        dicts = [n for n in sorted(names) if isinstance(self.typed.variables.get(n), Dict)]
        if not dicts:
            return False
        after = later(self.graph, self.graph.at[s]) | {s}
        for around in self.loops_of[s]:
            after |= set(nodes(around))
        return any(after & writes_of(self.typed, d, self.aliases) for d in dicts)

    def write_keyed(
        self,
        t: gast.Subscript,
        s: gast.stmt,
        value: gast.expr,
        restore: list[gast.stmt],
        pairs: list[Any],
    ) -> None:
        """Take the adjoint of an item that is written."""
        place = self.written_place(t)
        self.unstable_index(s, t)
        restore.append(self.unsaved(s, place[0]))
        if place not in self.bars:
            return
        self.after = place
        buffer, opening = self.buffer_into(place)
        self.opening += opening
        if not self.activity.depends(value):
            self.opening.append(gast.Expr(value=self.taken(t, buffer, constant(None))))
            return
        identifier = self.new_bar(f"{self.base_hint(place)}_item_bar")
        self.opening.append(assign(identifier, self.taken(t, buffer, constant(0.0))))
        pairs.append((value, self.fitted(leaf(name(identifier), self.kind(t)), value), None))

    def taken(self, t: gast.Subscript, buffer: str, default: gast.expr) -> gast.expr:
        """`d_bar.pop(k, default)`."""
        part = self.part_of(t, buffer, store=False)
        return call(attribute(part.value, "pop"), part.slice, default)

    def item_deleted(self, s: gast.Delete, t: gast.Subscript) -> list[gast.stmt]:
        """The group of `del d[k]`: what was added to an item before it came counts for nothing."""
        place = self.written_place(t)
        self.unstable_index(s, t)
        out = [self.unsaved(s, place[0])]
        if place not in self.bars:
            return out
        buffer, opening = self.buffer_into(place)
        return [*opening, gast.Expr(value=self.taken(t, buffer, constant(None))), *out]

    def got(self, n: gast.Call, g: Any) -> list[tuple[gast.expr, Any]]:
        """`d.get(k, 0.0)` gives its cotangent to the item."""
        part = gast.Subscript(value=n.func.value, slice=n.args[0], ctx=gast.Load())
        item: Kind = self.kind(n)
        self.typed.kinds[part] = item
        self.typed.kinds.setdefault(part.slice, INT)
        self.owner[part] = self.owner[n]
        return self.list_item(part, g)
