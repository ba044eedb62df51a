"""Lists and tuples of numbers where numpy makes arrays of them: beside arrays, as arguments."""

from __future__ import annotations

import copy
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, List, Record, Static, may_be_active
from srcgrad.lower.base.dotted import numpy_call
from srcgrad.lower.base.join import holds_numbers
from srcgrad.lower.inference.displays import Displays
from srcgrad.syntax.quote import attribute, call


class Arrays(Displays):
    """Lets arrays stand for lists."""

    def like_arrays(self, a: gast.expr, b: gast.expr, left: Kind, right: Kind) -> tuple[Kind, Kind]:
        """The kinds of two operands; a list beside an array becomes one, as numpy makes it."""
        if isinstance(left, Array) and left.dims is not None and holds_numbers(right):
            right = self.as_array(b)
        elif isinstance(right, Array) and right.dims is not None and holds_numbers(left):
            left = self.as_array(a)
        return left, right

    def as_array(self, node: gast.expr) -> Kind:
        """The kind of a list of numbers that numpy makes an array of."""
        return self.stands(node, numpy_call(self.function, node, "array", node))

    def as_arrays(self, node: gast.Call, value: Any) -> Kind | None:
        """A function of numpy's on a list of numbers, which is made an array first."""
        f = node.func
        if value is np.array or not isinstance(f, gast.Attribute) or not is_numpy(value):
            return None
        base = f.value
        while isinstance(base, gast.Attribute):
            base = base.value
        found = self.typed.kinds.get(base)
        if not isinstance(found, Static) or found.value is not np:
            return None
        args = []
        for a in node.args:
            kind = self.typed.kinds.get(a)
            listed = isinstance(kind, (List, Record)) and (may_be_active(kind) or is_list(kind))
            args.append(call(attribute(copy.deepcopy(base), "array"), a) if listed else a)
        if all(a is b for a, b in zip(args, node.args, strict=True)):
            return None
        return self.stands(node, gast.Call(func=f, args=args, keywords=node.keywords))


def is_list(kind: List | Record) -> bool:
    """Whether a value is a list of numbers: tuples of ints may be axes or shapes."""
    return kind.type is list and holds_numbers(kind)


def is_numpy(value: Any) -> bool:
    """Whether a function is one of numpy's."""
    return isinstance(value, np.ufunc) or (getattr(value, "__module__", "") or "").startswith(
        "numpy"
    )
