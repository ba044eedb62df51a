"""Subscripts that may name an element more than once, into which an adjoint is scattered."""

from __future__ import annotations

import gast
import numpy as np

from srcgrad.kinds import Array, Dim, Length, Record, Scalar, not_one, numeric
from srcgrad.lower.memory.aliases import Aliases
from srcgrad.transform.shadows import Shadows
from srcgrad.transform.shapes import counts_up, distinct, is_indices


class Repeats(Shadows):
    """Tells which subscripts may name an element more than once.

    Attributes:
        aliases: which variables may share memory.
        bindings: how many statements bind a variable.
    """

    aliases: Aliases
    bindings: dict[str, int]

    def repeats(self, part: gast.Subscript) -> bool:
        """Whether a subscript may name an element more than once."""
        items = part.slice.elts if isinstance(part.slice, gast.Tuple) else [part.slice]
        arrays = [i for i in items if not isinstance(i, gast.Slice) and is_indices(self.kind(i))]
        if not arrays:
            return False
        arrays = [i for i in arrays if self.index_dims(i)]
        shapes = [self.index_dims(i) for i in arrays]
        if any(len(d) > 1 for d in shapes):
            return True
        lengths = [d[0] for d in shapes]
        for i, m in zip(arrays, lengths, strict=True):
            if self.world.switches.indices and (self.is_arange(i) or distinct(i)):
                others = [n for j, n in zip(arrays, lengths, strict=True) if j is not i]
                if not_one(m) or all(self.world.facts.equal(m, n) for n in others):
                    return False
        return True

    def index_dims(self, node: gast.expr) -> tuple[Length, ...]:
        """The dims of an index that is an array or a display."""
        kind = self.kind(node)
        if isinstance(kind, Array) and kind.dims is not None:
            return kind.dims
        items = kind.items if isinstance(kind, Record) else (getattr(kind, "item", None),)
        deep = not all(k is not None and isinstance(numeric(k), Scalar) for k in items)
        return (Dim("?"),) * 2 if deep else (len(items) if isinstance(kind, Record) else Dim("?"),)

    def is_arange(self, node: gast.expr) -> bool:
        """Whether a value is known to be an `arange`."""
        if isinstance(node, gast.Name):
            found = [
                s
                for s in self.owner_statements()
                if isinstance(s, gast.Assign)
                and any(isinstance(t, gast.Name) and t.id == node.id for t in s.targets)
            ]
            bound = self.bindings.get(node.id, 0)
            once = len(found) == 1 and bound == 1 and not self.aliases.is_written(node.id)
            return once and self.is_arange(found[0].value)
        callee = self.typed.callees.get(node)
        return callee is not None and callee.target is np.arange and counts_up(node)

    def owner_statements(self) -> list[gast.stmt]:
        """All statements of the function."""
        return list(self.loops_of)
