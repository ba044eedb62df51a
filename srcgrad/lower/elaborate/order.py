"""Several expressions one after the other, and nodes made of them."""

from __future__ import annotations

from collections.abc import Sequence

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.values import Plain, Value
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, name
from srcgrad.syntax.walk import bare


def several(e: Context, items: Sequence[gast.expr], *, raw: bool = False) -> list[Value]:
    """The values of expressions, in order; those before statements that one needs get names.

    Args:
        e: the elaboration.
        items: the expressions.
        raw: whether streams of values are not yet taken.
    """
    values: list[Value] = []
    for node in items:
        mark = len(e.out)
        value = e.raw(node) if raw else e.expr(node)
        if len(e.out) > mark:
            spill(e, values, mark)
        values.append(value)
    return values


def spill(e: Context, values: list[Value], mark: int) -> None:
    """Name values before the statements from `mark` on, which might change them."""
    bound = stores(*e.out[mark:])
    for i, v in enumerate(values):
        if not isinstance(v, Plain) or isinstance(v.expr, gast.Constant):
            continue
        new, mark = spilled(e, v.expr, bound, mark)
        if new is not v.expr:
            values[i] = Plain(new, v.kind)


def spilled(
    e: Context, node: gast.expr, bound: frozenset[str] | set[str], mark: int
) -> tuple[gast.expr, int]:
    """What an expression is after it got a name, and where the next name is to be bound."""
    if isinstance(node, gast.Constant) or (isinstance(node, gast.Name) and node.id not in bound):
        return node, mark
    if isinstance(node, gast.Slice):
        bounds = []
        for part in (node.lower, node.upper, node.step):
            if part is not None and loads(part):
                part, mark = spilled(e, part, bound, mark)
            bounds.append(part)
        return placed(gast.Slice(*bounds), node), mark
    if isinstance(node, gast.Tuple) and any(isinstance(n, gast.Slice) for n in node.elts):
        items = []
        for part in node.elts:
            item, mark = spilled(e, part, bound, mark)
            items.append(item)
        return placed(gast.Tuple(elts=items, ctx=gast.Load()), node), mark
    label = e.fresh("value")
    e.out.insert(mark, placed(assign(label, node), e.at))
    return name(label), mark + 1


def parts_of(node: gast.expr) -> list[gast.expr]:
    """The expressions that a node holds, in the order in which they are evaluated."""
    if isinstance(node, gast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [x for pair in pairs for x in pair if x is not None]
    if isinstance(node, gast.IfExp):
        return [node.test, node.body, node.orelse]
    out: list[gast.expr] = []
    for _, value in gast.iter_fields(node):
        for v in value if isinstance(value, list) else [value]:
            if isinstance(v, gast.keyword):
                out.append(v.value)
            elif isinstance(v, (gast.expr, gast.Slice)):
                out.append(v)
    return out


def rebuilt(e: Context, node: gast.expr, values: list[Value] | None = None) -> Plain:
    """A node over the code of its parts; the node itself if they are unchanged."""
    parts = parts_of(node)
    if values is None:
        values = several(e, parts)
    codes = [e.code(v, p) for v, p in zip(values, parts, strict=True)]
    return Plain(with_parts(node, parts, codes))


def with_parts(
    node: gast.expr, parts: Sequence[gast.expr], codes: Sequence[gast.expr]
) -> gast.expr:
    """A node with other expressions in the place of those that it holds."""
    if all(a is b for a, b in zip(parts, codes, strict=True)):
        return node
    table = {id(p): c for p, c in zip(parts, codes, strict=True)}
    new = bare(node)
    new.end_lineno = None
    for field, value in gast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, field, [replaced(v, table) for v in value])
        else:
            setattr(new, field, replaced(value, table))
    return new


def replaced(value: object, table: dict[int, gast.expr]) -> object:
    """A part of a node, or what stands for it."""
    if isinstance(value, gast.keyword):
        return gast.keyword(arg=value.arg, value=table.get(id(value.value), value.value))
    return table.get(id(value), value)


def same(e: Context, old: gast.stmt, new: gast.stmt, unchanged: bool) -> None:
    """Emit a statement: the old one where nothing changed."""
    if unchanged:
        e.out.append(old)
        return
    e.emit(placed(new, old))
