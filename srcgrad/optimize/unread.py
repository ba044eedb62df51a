"""What nothing reads: targets are called `_`, a call whose value nothing reads stands alone."""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import UNUSED, is_tape
from srcgrad.syntax.walk import change_blocks, nodes


def dead_targets(body: list[gast.stmt], parameters: list[str]) -> None:
    """Call targets that nothing reads `_`; a range whose target is not read needs no reversing."""
    graph = Graph(body, tuple(parameters))
    bit, out = graph.live_out()
    for s in [n for n in nodes(body) if isinstance(n, gast.Assign) and n in graph.at]:
        for t in s.targets:
            for e in nodes(t) if isinstance(t, (gast.Tuple, gast.List)) else ():
                bound = isinstance(e, gast.Name) and isinstance(e.ctx, gast.Store)
                if bound and not out[graph.at[s]] & bit.get(e.id, 0):
                    e.id = UNUSED
    for s in [n for b in body for n in nodes(b) if isinstance(n, gast.For)]:
        if getattr(s, "end_lineno", None) is not None:
            continue
        i = graph.at.get(s.target)
        if i is None or not isinstance(s.target, gast.Name) or out[i] & bit.get(s.target.id, 0):
            continue
        s.target = gast.Name(id=UNUSED, ctx=gast.Store(), annotation=None, type_comment=None)
        match s.iter:
            case gast.Call(
                func=gast.Name(id="reversed"), args=[gast.Call(func=gast.Name(id="range")) as inner]
            ):
                s.iter = inner


def dead_values(body: list[gast.stmt], parameters: list[str]) -> list[gast.stmt]:
    """Statements that stay because they may raise, without the names that nothing reads.

    Example:
        >>> from srcgrad.syntax.quote import statements
        >>> body = statements("a = f(x); b = x[0]; c = g(x); return c")
        >>> [type(s).__name__ for s in dead_values(body, ["x"])]
        ['Expr', 'Assign', 'Assign', 'Return']
    """
    graph = Graph(body, tuple(parameters))
    bit, out = graph.live_out()
    kept = captured(body)
    return without_names(body, graph, bit, out, kept)


def without_names(
    body: list[gast.stmt], graph: Graph, bit: dict[str, int], out: list[int], kept: set[str]
) -> list[gast.stmt]:
    """The statements of a block, without the names that nothing reads."""
    new: list[gast.stmt] = []
    for s in body:
        change_blocks(s, lambda block: without_names(block, graph, bit, out, kept))
        match s:
            case gast.Assign(targets=[gast.Name(id=n)]) if s in graph.at and n not in kept:
                if not is_tape(n) and not out[graph.at[s]] & bit.get(n, 0):
                    s = unnamed(s)
        new.append(s)
    return new


def unnamed(s: gast.Assign) -> gast.stmt:
    """An assignment whose target nothing reads."""
    s.end_lineno = None
    if isinstance(s.value, gast.Call):
        alone = gast.copy_location(gast.Expr(value=s.value), s)
        alone.end_lineno = None
        return alone
    s.targets = [gast.Name(id=UNUSED, ctx=gast.Store(), annotation=None, type_comment=None)]
    return s


def captured(body: list[gast.stmt]) -> set[str]:
    """The names that inner functions mention."""
    inner = (gast.FunctionDef, gast.Lambda, gast.ClassDef)
    found = [n for s in body for n in nodes(s) if isinstance(n, inner)]
    return {n.id for f in found for n in gast.walk(f) if isinstance(n, gast.Name)}
