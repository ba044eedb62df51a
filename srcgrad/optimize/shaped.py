"""Which statements read the shape of an array and none of its entries.

What is written into an array is live for those that read its entries alone: `np.zeros_like(y)` is
the same whatever `y` holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import gast

from srcgrad.syntax.walk import nodes

ATTRIBUTES = ("shape", "size", "ndim", "dtype")
FUNCTIONS = ("zeros_like", "ones_like", "empty_like", "full_like", "shape", "size", "ndim")


@dataclass(frozen=True)
class Shaped:
    """What the names of a function stand for, as far as reading shapes goes.

    Attributes:
        arrays: names of arrays and numbers.
        modules: names of numpy.
        helpers: names of `unbroadcast`, whose second argument gives a shape.
    """

    arrays: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()

    def read_by(self, s: gast.stmt, names: frozenset[str]) -> frozenset[str]:
        """Those of some names of which a simple statement reads the shape alone."""
        counts = dict.fromkeys(names & self.arrays, 0)
        for n in nodes(s) if counts else ():
            if isinstance(n, gast.Name) and n.id in counts:
                counts[n.id] += 1
            elif (label := self.shape_of(n)) in counts:
                counts[label] -= 1
        return frozenset(n for n, count in counts.items() if count == 0)

    def shape_of(self, node: gast.AST) -> str | None:
        """The name of which an expression reads the shape, itself and not in its parts."""
        match node:
            case gast.Attribute(value=gast.Name(id=n), attr=attr) if attr in ATTRIBUTES:
                return n
            case gast.Call(
                func=gast.Attribute(value=gast.Name(id=module), attr=attr),
                args=[gast.Name(id=n), *_],
            ) if attr in FUNCTIONS and module in self.modules:
                return n
            case gast.Call(func=gast.Name(id=helper), args=[_, gast.Name(id=n)]) if (
                helper in self.helpers
            ):
                return n
        return None
