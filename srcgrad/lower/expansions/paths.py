"""Views of written arrays that calls make, as the subscripts and transposes that they are."""

from __future__ import annotations

import gast
import numpy as np

from srcgrad.kinds import Array, Static
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import sources
from srcgrad.syntax.quote import attribute, constant, subscript
from srcgrad.syntax.walk import change_children


class Paths(Expansion):
    """Rewrites `np.transpose(x)`, `np.asarray(x)` and the like where x is written."""

    def needed(self) -> bool:
        """Whether anything that is written is a view that a call makes."""
        return bool(self.aliases.written) and any(
            map(self.path, self.typed.contents.get(gast.Call, ()))
        )

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite the expressions of one statement."""
        for field, value in gast.iter_fields(s):
            if isinstance(value, gast.expr):
                setattr(s, field, self.expr(value))
            elif isinstance(value, list) and field not in ("body", "orelse"):
                setattr(s, field, [self.expr(v) if isinstance(v, gast.expr) else v for v in value])
        return super().statement(s)

    def expr(self, node: gast.expr) -> gast.expr:
        """Rewrite one expression."""
        change_children(node, self.expr, gast.expr)
        new = self.path(node) if isinstance(node, gast.Call) else None
        if new is None:
            return node
        self.changed = True
        return gast.copy_location(new, node)

    def path(self, node: gast.Call) -> gast.expr | None:
        """The view that a call makes, as a subscript or transpose; None for any other call."""
        callee = self.typed.callees.get(node)
        if callee is None or callee.tag != "rule" or not callee.operands:
            return None
        (_, base), *options = callee.operands
        kind = self.kind(base) if isinstance(base, gast.AST) else None
        if not isinstance(kind, Array) or kind.dims is None:
            return None
        if not any(self.aliases.is_written(n) for n in sources(self.typed, base)):
            return None
        axes = [
            k.value if isinstance(k := self.kind(o), Static) else None
            for _, o in options
            if isinstance(o, gast.AST)
        ]
        match callee.target:
            case np.transpose if not options:
                return attribute(base, "T")
            case np.swapaxes if len(kind.dims) == 2 and axes in ([0, 1], [1, 0]):
                return attribute(base, "T")
            case np.asarray if not options:
                return base
            case np.expand_dims if axes == [0]:
                return subscript(base, constant(None))
        return None
