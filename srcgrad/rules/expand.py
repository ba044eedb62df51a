"""Running a rule: from operands and a cotangent to contributions, or to a tangent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcgrad import runtime
from srcgrad.kinds import dims_of, numeric
from srcgrad.rules.algebra import total
from srcgrad.rules.declare import Rule, bar, dot
from srcgrad.rules.expr import ZERO, Expr, binary, helper, negate, shape, wrap
from srcgrad.rules.project import cast, materialise, settle, unbroadcast
from srcgrad.rules.shapes import vague

__all__ = ["ZERO", "adjoints", "tangent"]


class Contribution(tuple):
    """`bar[x] + expression`, on its way back into `bar[x]`."""

    __slots__ = ()


class Slot:
    """What `bar[x]` reads as where x is an operand: something to add to."""

    def __iadd__(self, value: Any) -> Contribution:
        return Contribution((value if value is ZERO else wrap(value),))

    def __isub__(self, value: Any) -> Contribution:
        return Contribution((value if value is ZERO else negate(wrap(value)),))


class Bars:
    """The table behind `bar` while one template runs: reads z's adjoint, collects the others'."""

    def __init__(self, output: Any, cotangent: Any) -> None:
        self.output = output
        self.cotangent = cotangent
        self.found: list[tuple[Expr, Expr]] = []

    def read(self, operand: Any) -> Any:
        part = operand.args[0] if isinstance(operand, Expr) and operand.op == "item" else None
        if part is not None and part is self.output:
            found = self.cotangent.get(operand.data) if isinstance(self.cotangent, dict) else None
            return ZERO if found is None else found
        return self.cotangent if operand is self.output else Slot()

    def write(self, operand: Any, value: Any) -> None:
        varies = isinstance(operand, Expr) and operand.op != "const"
        if varies and isinstance(value, Contribution) and value[0] is not ZERO:
            self.found.append((operand, value[0]))


class Dots:
    """The table behind `dot` while one template runs."""

    def __init__(self, tangents: Mapping[int, Any]) -> None:
        self.tangents = tangents
        self.found: dict[int, Any] = {}

    def read(self, operand: Any) -> Any:
        return self.found.get(id(operand), self.tangents.get(id(operand), ZERO))

    def write(self, operand: Expr, value: Any) -> None:
        self.found[id(operand)] = value


def run(rule: Rule, z: Any, operands: Mapping[str, Any], bars: Any, dots: Any) -> Any:
    """Run a template with its tables in place."""
    assert rule.body is not None
    saved = bar.table, dot.table
    bar.table, dot.table = bars, dots
    try:
        return rule.body(z, **operands)
    finally:
        bar.table, dot.table = saved


def adjoints(
    rule: Rule, z: Expr, operands: Mapping[str, Any], z_bar: Expr
) -> list[tuple[Expr, Expr]]:
    """The contribution of one call to the adjoint of each operand, projected on its kind."""
    if rule.zero:
        return []
    if rule.elementwise:
        found = spread(rule, z, operands, z_bar)
    else:
        bars = Bars(z, z_bar)
        run(rule, z, operands, bars, Dots({}))
        found = bars.found
    return [(x, cast(g, k) if (k := numeric(x.kind)) else g) for x, g in found]


def spread(
    rule: Rule, z: Expr, operands: Mapping[str, Any], z_bar: Expr
) -> list[tuple[Expr, Expr]]:
    """The contributions of an elementwise rule: cotangent times partial, un-broadcast."""
    arrays = array_operands(operands)
    out = []
    for operand, partial in partials(rule, z, operands):
        if len(arrays) == 1 and operand is arrays[0]:
            out.append((operand, binary("mul", z_bar, partial)))
        else:
            g = settle(z_bar, z) if arrays else z_bar
            out.append((operand, unbroadcast(binary("mul", g, partial), operand, z)))
    return out


def partials(rule: Rule, z: Expr, operands: Mapping[str, Any]) -> list[tuple[Expr, Any]]:
    """The operands of an elementwise rule that vary, each with its local partial."""
    found = run(rule, z, operands, None, None)
    found = found if isinstance(found, tuple) else (found,)
    out = []
    for (name, _), partial in zip(rule.parameters, found, strict=False):
        operand = operands.get(name)
        if isinstance(operand, Expr) and operand.op != "const" and partial is not None:
            out.append((operand, partial))
    return out


def array_operands(operands: Mapping[str, Any]) -> list[Expr]:
    """The operands that have axes, or may have."""
    numbers = [x for x in operands.values() if isinstance(x, Expr) and numeric(x.kind) is not None]
    return [x for x in numbers if dims_of(x.kind) != ()]


def tangent(rule: Rule, z: Expr, operands: Mapping[str, Any], tangents: Mapping[int, Any]) -> Any:
    """The tangent of a call's result, or ZERO; `tangents` is keyed by the id of the operand."""
    if rule.zero:
        return ZERO
    if not rule.elementwise:
        dots = Dots(tangents)
        run(rule, z, operands, Bars(z, ZERO), dots)
        return fitted(dots.found.get(id(z), ZERO), z)
    parts, given = [], []
    for operand, partial in partials(rule, z, operands):
        if id(operand) in tangents and tangents[id(operand)] is not ZERO:
            given.append(operand)
            parts.append(binary("mul", tangents[id(operand)], partial))
    if not parts:
        return ZERO
    out = fitted(total(parts), z)
    arrays = array_operands(operands)
    dims = dims_of(z.kind)
    unclear = dims is None or any(map(vague, dims))
    if unclear and any(all(x is not y for y in given) for x in arrays) and len(arrays) > 1:
        return helper(runtime.broadcast_to, out.kind, out, shape(z))
    return out


def fitted(t: Any, z: Expr) -> Any:
    """A tangent in the kind of its value: at its full shape and dtype."""
    k = numeric(z.kind)
    return t if t is ZERO or k is None else cast(materialise(wrap(t), z), k)
