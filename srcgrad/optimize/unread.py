"""What nothing reads: targets are called `_`, a call whose value nothing reads stands alone."""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import UNUSED, is_tape, role
from srcgrad.syntax.quote import target
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import change_blocks, nodes


def without_unread(body: list[gast.stmt], parameters: list[str]) -> list[gast.stmt]:
    """A body without the names that nothing reads.

    Example:
        >>> from srcgrad.syntax.quote import statements
        >>> body = statements("a = f(x); b = x[0]; c = g(x); return c")
        >>> [type(s).__name__ for s in without_unread(body, ["x"])]
        ['Expr', 'Assign', 'Assign', 'Return']
    """
    graph = Graph(body, tuple(parameters))
    bit, out = graph.live_out()
    unread: dict[gast.stmt, set[str]] = {}
    for s in statements_in(body):
        at = s.target if isinstance(s, gast.For) else s
        if isinstance(s, (gast.Assign, gast.For)) and at in graph.at:
            i = graph.at[at]
            dead = {n for n in graph.points[i].defs if not out[i] & bit[n]}
            if dead:
                unread[s] = dead
    if not unread:
        return body
    for s, dead in unread.items():
        dead_targets(s, dead)
    return without_names(body, unread, captured(body))


def dead_targets(s: gast.stmt, dead: set[str]) -> None:
    """Call targets that nothing reads `_`; a range whose target is not read needs no reversing."""
    if isinstance(s, gast.Assign):
        for t in s.targets:
            for e in nodes(t) if isinstance(t, (gast.Tuple, gast.List)) else ():
                if isinstance(e, gast.Name) and isinstance(e.ctx, gast.Store) and e.id in dead:
                    e.id = UNUSED
    elif getattr(s, "end_lineno", None) is None and isinstance(s.target, gast.Name):
        s.target = target(UNUSED)
        match s.iter:
            case gast.Call(
                func=gast.Name(id="reversed"), args=[gast.Call(func=gast.Name(id="range")) as inner]
            ):
                s.iter = inner


def without_names(
    body: list[gast.stmt], unread: dict[gast.stmt, set[str]], kept: set[str]
) -> list[gast.stmt]:
    """The statements of a block; those that stay because they may raise lose their names."""
    new: list[gast.stmt] = []
    for s in body:
        change_blocks(s, lambda block: without_names(block, unread, kept))
        match s:
            case gast.Assign(targets=[gast.Name(id=n)]) if n in unread.get(s, ()):
                if n not in kept and not is_tape(n):
                    if isinstance(s.value, gast.Name) and role(s.value.id):
                        continue
                    s = unnamed(s)
        new.append(s)
    return new or [gast.Pass()]


def unnamed(s: gast.Assign) -> gast.stmt:
    """An assignment whose target nothing reads."""
    s.end_lineno = None
    if isinstance(s.value, gast.Call):
        alone = gast.copy_location(gast.Expr(value=s.value), s)
        alone.end_lineno = None
        return alone
    s.targets = [target(UNUSED)]
    return s


def captured(body: list[gast.stmt]) -> set[str]:
    """The names that inner functions mention."""
    inner = (gast.FunctionDef, gast.Lambda, gast.ClassDef)
    found = [n for n in nodes(body) if isinstance(n, inner)]
    return {n.id for n in nodes(found) if isinstance(n, gast.Name)}
