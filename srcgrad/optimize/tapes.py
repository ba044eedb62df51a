"""Tapes as one would write them: made before the loop that records, counting what they hold."""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import UNUSED, is_tape
from srcgrad.syntax.quote import name, target
from srcgrad.syntax.walk import blocks_in, change_blocks, nodes


def count_by_tape(body: list[gast.stmt]) -> None:
    """`while tape:` instead of a counter, where a tape holds one record for each iteration."""
    for i, s in enumerate(body):
        match s:
            case gast.For(
                target=gast.Name(id=unused),
                iter=gast.Call(func=gast.Name(id="range"), args=[gast.Name(id=counter)]),
            ) if unused == UNUSED:
                tape = counting_tape(body, s, counter)
                if tape is not None:
                    new = gast.While(test=name(tape), body=s.body, orelse=[])
                    for a in ("lineno", "col_offset", "end_lineno"):
                        setattr(new, a, getattr(s, a, None))
                    body[i] = new
                    body[:] = without(body, counter)
                    count_by_tape(body)
                    return


def counting_tape(body: list[gast.stmt], loop: gast.For, counter: str) -> str | None:
    """A tape pushed once where the counter is raised, and popped once in the reversed loop."""
    uses = [n for b in body for n in nodes(b) if isinstance(n, gast.Name) and n.id == counter]
    if len(uses) != 3:
        return None
    block = next(
        (found for b in blocks_of(body) if (found := b) and any(raises(t, counter) for t in b)),
        None,
    )
    if block is None:
        return None
    start = next(k for k, t in enumerate(block) if raises(t, counter))
    for t in block[start:]:
        if isinstance(t, (gast.If, gast.While, gast.For)) and any(
            isinstance(n, (gast.Break, gast.Continue, gast.Return)) for n in nodes(t)
        ):
            break
        match t:
            case gast.Expr(
                value=gast.Call(func=gast.Attribute(value=gast.Name(id=tape), attr="append"))
            ) if is_tape(tape):
                found = [
                    n for b in body for n in nodes(b) if isinstance(n, gast.Name) and n.id == tape
                ]
                pops = sum(is_pop(u, tape) for u in loop.body)
                if len(found) == 2 and pops == 1:
                    return tape
    return None


def is_pop(s: gast.stmt, tape: str) -> bool:
    """Whether a simple statement takes from a tape."""
    if blocks_in(s):
        return False
    return any(isinstance(n, gast.Name) and n.id == tape for n in nodes(s))


def blocks_of(body: list[gast.stmt]) -> list[list[gast.stmt]]:
    """All blocks of a function."""
    out = [body]
    for s in body:
        for block in blocks_in(s):
            out += blocks_of(block)
    return out


def raises(s: gast.stmt, counter: str) -> bool:
    """Whether a statement raises a counter."""
    return (
        isinstance(s, gast.AugAssign) and isinstance(s.target, gast.Name) and s.target.id == counter
    )


def without(body: list[gast.stmt], counter: str) -> list[gast.stmt]:
    """A block without the statements of a counter."""
    out = []
    for s in body:
        match s:
            case (
                gast.Assign(targets=[gast.Name(id=n)]) | gast.AugAssign(target=gast.Name(id=n))
            ) if n == counter:
                continue
        change_blocks(s, lambda block: without(block, counter))
        out.append(s)
    return out


def declare_tapes(body: list[gast.stmt], known: frozenset[str] = frozenset()) -> list[gast.stmt]:
    """Make an empty list for every tape, before the outermost loop that records.

    Args:
        body: the statements.
        known: tapes that are there already.
    """
    out: list[gast.stmt] = []
    made = set(known)
    for s in body:
        made |= unpacked_tapes(s)
        found: dict[str, None] = {}
        for n in nodes(s):
            if isinstance(n, gast.Name) and is_tape(n.id) and n.id not in made:
                found[n.id] = None
        if isinstance(s, gast.Assign):
            bound = {t for t in found if t in stores(*s.targets)}
            made |= bound
            found = {t: None for t in found if t not in bound}
        loops = isinstance(s, (gast.For, gast.While))
        if isinstance(s, gast.If) and found:
            if not any(is_tape(getattr(n, "id", "")) for n in nodes(s.test)):
                local = tapes_of(s.body) ^ tapes_of(s.orelse)
                if set(found) <= local and not later(body, s, set(found)):
                    there = frozenset(made)
                    s.body = declare_tapes(s.body, there)
                    s.orelse = declare_tapes(s.orelse, there)
                    out.append(s)
                    continue
            loops = True
        if loops or found:
            for tape in sorted(found, key=lambda t: order_of(s, t)):
                new = gast.Assign(
                    targets=[target(tape)],
                    value=gast.List(elts=[], ctx=gast.Load()),
                    type_comment=None,
                )
                new.lineno, new.col_offset, new.end_lineno = getattr(s, "lineno", None), 0, None
                out.append(new)
                made.add(tape)
        out.append(s)
    return out


def unpacked_tapes(s: gast.stmt) -> set[str]:
    """The tapes that a statement takes out of what was recorded."""
    match s:
        case gast.Assign(targets=[gast.Tuple(elts=elts)], value=gast.Name()):
            return {e.id for e in elts if isinstance(e, gast.Name) and is_tape(e.id)}
    return set()


def tapes_of(body: list[gast.stmt]) -> set[str]:
    """The tapes that a block mentions."""
    return {n.id for s in body for n in nodes(s) if isinstance(n, gast.Name) and is_tape(n.id)}


def later(body: list[gast.stmt], s: gast.stmt, tapes: set[str]) -> bool:
    """Whether tapes are used in a block after a statement."""
    return bool(tapes & tapes_of(body[body.index(s) + 1 :]))


def order_of(s: gast.stmt, tape: str) -> int:
    """Where in a statement a tape is used first."""
    for k, n in enumerate(nodes(s)):
        if isinstance(n, gast.Name) and n.id == tape:
            return k
    return -1
