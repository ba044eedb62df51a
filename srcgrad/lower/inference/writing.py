"""Kinds of calls that write into an array: `out=`, `y.fill(v)`, `np.copyto(y, v)` and the like.

What they write is spelled out afterwards, by the pass in `expansions.outputs`.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Iteration, Kind, Length, Record, Static, numeric
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.writers import WRITERS, WRITING_METHODS
from srcgrad.lower.inference.ruled import Ruled, parameters_of
from srcgrad.rules.declare import Rule
from srcgrad.syntax.walk import walk

DUNDERS = ("__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__setattr__")


class Writing(Ruled):
    """Types calls that write into an array they are given."""

    def with_rule(
        self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]
    ) -> Kind:
        """A call of a function with a rule or a kind; one with `out=` writes."""
        at = output_position(value, len(args))
        named = {k.arg: k.value for k in node.keywords}
        out = args[at] if at is not None else named.get("out")
        where = named.get("where") if isinstance(value, np.ufunc) else None
        nothing = at is not None and not isinstance(value, np.ufunc) and self.is_none(args[at])
        if (out is None or nothing) and where is None:
            return self.plain_rule(node, value, rule, args)
        if at is not None and at < len(args) - 1:
            what = f"arguments of `{value.__name__}` behind `out` are not supported"
            raise self.function.refuse(node, what, "Give `out=` by name.")
        plain = gast.Call(
            func=node.func,
            args=[a for a in node.args if at is None or a is not out],
            keywords=[k for k in node.keywords if k.value is not out and k.value is not where],
        )
        gast.copy_location(plain, node)
        kind = self.plain_rule(plain, value, rule, [a for a in args if at is None or a is not out])
        operands: list[tuple[str, Any]] = []
        if at is not None:
            operands.append(("at", at - len(args) + len(node.args)))
        if where is not None and not is_true(self.eval(where)):
            operands.append(("where", where))
        if isinstance(out, gast.Tuple) and len(out.elts) == 1:
            self.eval(out)
            out = out.elts[0]
        if out is None or self.is_none(out):
            if "where" in dict(operands):
                what = f"`where=` of `np.{value.__name__}` without `out=` leaves gaps in the result"
                raise self.function.refuse(node, what, "Give `out=`, or use np.where.")
            return self.callee(
                node, Callee("output", value, tuple(operands)), self.record(node, kind)
            )
        place = self.output_kind(node, value, out, kind)
        operands.append(("out", out))
        return self.callee(node, Callee("output", value, tuple(operands)), place)

    def method(self, node: gast.Call, base: Kind) -> Kind:
        """A method of an array, a list, a dict or a string."""
        name = node.func.attr
        if isinstance(base, Array) and name in WRITING_METHODS:
            return self.writing_method(node, name)
        if isinstance(base, Array) and name in DUNDERS:
            what = f"a call of the method `{name}` is not supported"
            raise self.function.refuse(node, what, "Write the statement that it stands for.")
        return super().method(node, base)

    def is_none(self, node: gast.expr) -> bool:
        """Whether an argument is known to be None."""
        kind = self.eval(node)
        return isinstance(kind, Static) and kind.value is None

    def output_kind(self, node: gast.Call, value: Any, out: gast.expr, kind: Kind) -> Kind:
        """The kind of what `out=` is given; refused where numpy would not take it."""
        place, result = self.eval(out), numeric(kind)
        label = f"`out=` of `{getattr(value, '__name__', value)}`"
        if not isinstance(place, Array) or place.dims is None or result is None:
            what = f"{label} is {describe(place)}"
            raise self.function.refuse(node, what, "Give it an array.")
        dims = result.dims if isinstance(result, Array) else ()
        spread = (isinstance(value, np.ufunc) and value.signature is None) or value is np.clip
        fitting = dims is not None and (
            len(dims) <= len(place.dims) if spread else alike(dims, place.dims)
        )
        if not fitting:
            what = f"{label} is {describe(place)}, and the result {describe(kind)}"
            raise self.function.refuse(node, what, "Give it an array of the result's shape.")
        if not spread and not all(map(self.world.facts.equal, dims or (), place.dims)):
            self.typed.unproven.add(node)
        same = result.dtype == place.dtype
        if not (same or (spread and np.can_cast(result.dtype, place.dtype, "same_kind"))):
            what = f"{label} is an array of {place.dtype}, and the result one of {result.dtype}"
            raise self.function.refuse(node, what, "Give it an array of the result's dtype.")
        self.fits(node, place, kind)
        return place

    def writer(self, node: gast.Call, value: Any) -> Kind:
        """A call of a numpy function that writes into its first argument."""
        return self.noted(node, value, WRITERS[value], list(node.args), f"np.{value.__name__}")

    def writing_method(self, node: gast.Call, name: str) -> Kind:
        """A method of an array that writes into it."""
        names = ("a", *WRITING_METHODS[name])
        return self.noted(node, name, names, [node.func.value, *node.args], name)

    def noted(
        self, node: gast.Call, target: Any, names: tuple[str, ...], args: list[Any], label: str
    ) -> Kind:
        """Note a call that writes, with its arguments by name."""
        found = dict(zip(names, args, strict=False))
        found |= {k.arg: k.value for k in node.keywords}
        if len(args) > len(names) or not set(found) <= set(names):
            raise self.function.refuse(
                node, f"these arguments of `{label}` are not supported", "Leave them out."
            )
        kinds = {n: self.eval(v) for n, v in found.items()}
        first = kinds[names[0]]
        if not isinstance(first, Array) or first.dims is None:
            raise self.function.refuse(node, f"`{label}` of {describe(first)} is not supported")
        return self.callee(node, Callee("write", target, tuple(found.items())), Static(None))

    def indices_of(self, node: gast.Call, value: Any) -> Kind:
        """`np.ndindex(...)` and `np.ndenumerate(x)`, which loops go through."""
        parts = [a.value if isinstance(a, gast.Starred) else a for a in node.args]
        kinds = tuple(self.eval(a) for a in parts)
        self.callee(node, Callee("builtin", value), Static(None))
        if value is np.ndenumerate and len(kinds) == 1 and isinstance(kinds[0], Array):
            return Iteration("ndenumerate", kinds)
        if value is np.ndindex and kinds and not node.keywords:
            starred = any(isinstance(a, gast.Starred) for a in node.args)
            if len(kinds) == 1 and isinstance(kinds[0], Record):
                return Iteration("ndindex", kinds[0].items)
            if not starred:
                return Iteration("ndindex", kinds)
        raise self.function.refuse(
            node,
            f"`np.{value.__name__}` of these arguments is not supported",
            "Use loops over range.",
        )

    def check_part(self, t: gast.Subscript) -> None:
        """Refuse writes into the real or imaginary part of an array."""
        for n in walk(t.value):
            if isinstance(n, gast.Attribute) and n.attr in ("real", "imag"):
                if isinstance(self.typed.kinds.get(n.value), Array):
                    what = f"a write into the `{n.attr}` part of an array is not supported"
                    raise self.function.refuse(t, what, "Write whole complex numbers.")


def output_position(value: Any, count: int) -> int | None:
    """Where among the positional arguments of a call `out` stands; None if it does not."""
    if isinstance(value, np.ufunc):
        return value.nin if count > value.nin else None
    if not (getattr(value, "__module__", "") or "").startswith("numpy") or isinstance(value, type):
        return None
    try:
        found = parameters_of(value)
    except (TypeError, ValueError):
        return None
    for i, p in enumerate(found):
        if p.name == "out" and p.kind is not p.KEYWORD_ONLY:
            return i if count > i else None
    return None


def is_true(kind: Kind) -> bool:
    """Whether a condition is known to hold."""
    return isinstance(kind, Static) and kind.value is True


def alike(dims: tuple[Length, ...], place: tuple[Length, ...]) -> bool:
    """Whether two shapes have one rank, and axes of length 1 at the same places."""
    ones = [tuple(d == 1 for d in shape) for shape in (dims, place)]
    return ones[0] == ones[1]
