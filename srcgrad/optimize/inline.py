"""Putting temporaries that are read once where they are read.

Only values without a name of the user's, with no write to what they read in between, below the
line width, and never as the base of a subscript or an attribute.
"""

from __future__ import annotations

import bisect

import gast

from srcgrad.lower.inference.draws import DRAWS
from srcgrad.optimize.eliminate import changes
from srcgrad.optimize.shared import Groups
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import HOISTED, STEP, is_adjoint_name, is_internal, role
from srcgrad.syntax.walk import blocks_in, nodes

WIDEST = 34


def inline(body: list[gast.stmt], groups: Groups) -> bool:
    """Inline temporaries, in place, until nothing changes; tells whether anything did.

    Args:
        body: the statements.
        groups: for names that may share memory all of them.
    """
    changed = False
    while True:
        uses, defs = count(body)
        once = {n for n, k in uses.items() if k == 1 and defs.get(n) == 1 and is_internal(n)}
        ready = {n for n in once if is_temporary(n) or is_adjoint_name(n)}
        if not ready or not in_block(body, ready, groups):
            return changed
        changed = True


def is_temporary(name: str) -> bool:
    """Whether a name stands for a value that the user gave no name."""
    return role(name) in (HOISTED, STEP)


def count(body: list[gast.stmt]) -> tuple[dict[str, int], dict[str, int]]:
    """How often each name is read and bound."""
    uses: dict[str, int] = {}
    defs: dict[str, int] = {}
    for n in nodes(body):
        if n.__class__ is gast.Name:
            table = uses if n.ctx.__class__ is gast.Load else defs
            table[n.id] = table.get(n.id, 0) + 1
        elif n.__class__ is gast.AugAssign and isinstance(n.target, gast.Name):
            uses[n.target.id] = uses.get(n.target.id, 0) + 1
    return uses, defs


class Positions:
    """Where in a block names are read and written."""

    def __init__(self, body: list[gast.stmt], groups: Groups) -> None:
        self.reads: dict[str, list[int]] = {}
        self.writes: dict[str, list[int]] = {}
        for i, s in enumerate(body):
            for n in {n.id for n in nodes(s) if isinstance(n, gast.Name)}:
                self.reads.setdefault(n, []).append(i)
            found = written(s)
            for n in found.union(*(groups[n] for n in found if n in groups)):
                self.writes.setdefault(n, []).append(i)

    def between(self, table: dict[str, list[int]], names: set[str], i: int, j: int) -> bool:
        """Whether one of the names occurs strictly between two positions."""
        for n in names:
            places = table.get(n, [])
            k = bisect.bisect_right(places, i)
            if k < len(places) and places[k] < j:
                return True
        return False


def in_block(body: list[gast.stmt], ready: set[str], groups: Groups) -> bool:
    """Inline within one block and the blocks below it."""
    changed = False
    for s in body:
        for block in blocks_in(s):
            changed |= in_block(block, ready, groups)
    if not any(bound_temporary(s, ready) for s in body):
        return changed
    positions = Positions(body, groups)
    gone: set[int] = set()
    for i in range(len(body) - 1, -1, -1):
        name = bound_temporary(body[i], ready)
        if name is not None and move(body, i, name, positions):
            gone.add(i)
            for n in {n.id for n in nodes(body[i].value) if isinstance(n, gast.Name)}:
                at = positions.reads[name][-1]
                bisect.insort(positions.reads[n], at)
                if n in positions.writes and i in positions.writes[n]:
                    bisect.insort(positions.writes[n], at)
    if gone:
        body[:] = [s for i, s in enumerate(body) if i not in gone]
    return changed or bool(gone)


def bound_temporary(s: gast.stmt, ready: set[str]) -> str | None:
    """The temporary that a statement binds."""
    match s:
        case gast.Assign(targets=[gast.Name(id=name)], value=value) if name in ready:
            movable = is_temporary(name) and not draws(value)
            return name if movable or is_atom(value) else None
    return None


def draws(value: gast.expr) -> bool:
    """Whether a value looks as if it is drawn from a random generator, whose state it changes."""
    return any(isinstance(n, gast.Attribute) and n.attr in DRAWS for n in nodes(value))


def is_atom(value: gast.expr) -> bool:
    """Whether a value is a name, a constant, or minus one of them."""
    if isinstance(value, gast.UnaryOp):
        value = value.operand
    return isinstance(value, (gast.Name, gast.Constant))


def move(body: list[gast.stmt], i: int, name: str, positions: Positions) -> bool:
    """Put the value bound by statement i where it is read, if that is safe."""
    value = body[i].value
    later = [j for j in positions.reads.get(name, []) if j > i]
    if len(later) != 1:
        return False
    (j,) = later
    reads = {n.id for n in nodes(value) if isinstance(n, gast.Name)}
    takes = any(isinstance(n, gast.Attribute) and n.attr == "pop" for n in nodes(value))
    if positions.between(positions.writes, reads, i, j):
        return False
    if takes and positions.between(positions.reads, reads, i, j):
        return False
    return place(body[j], name, value, takes=takes)


def written(s: gast.stmt) -> set[str]:
    """Names that a statement, or one below it, binds or changes."""
    out: set[str] = set()
    for n in nodes(s):
        if isinstance(n, gast.stmt):
            out |= changes(n)
            match n:
                case gast.Assign(targets=targets):
                    out |= stores(*targets)
                case gast.AugAssign(target=t) | gast.For(target=t):
                    out |= stores(t)
        elif (
            isinstance(n, gast.Call) and isinstance(n.func, gast.Attribute) and n.func.attr == "pop"
        ):
            out |= {m.id for m in nodes(n.func.value) if isinstance(m, gast.Name)}
    return out


def place(s: gast.stmt, name: str, value: gast.expr, *, takes: bool) -> bool:
    """Replace the one read of a name in a simple statement (or the test of an `if`)."""
    heads: list[gast.AST]
    match s:
        case gast.If():
            heads = [s.test]
        case gast.Assign() | gast.AugAssign() | gast.Return() | gast.Expr() | gast.Assert():
            heads = [s]
        case gast.For() if not takes:
            heads = [s.iter]
        case _:
            return False
    size = sum(1 for h in heads for _ in nodes(h)) + sum(1 for _ in nodes(value))
    atom = isinstance(value, (gast.Name, gast.Constant))
    for h in heads:
        for parent in nodes(h):
            for field, child in gast.iter_fields(parent):
                children = child if isinstance(child, list) else [child]
                for k, c in enumerate(children):
                    if not (isinstance(c, gast.Name) and c.id == name):
                        continue
                    based = (
                        isinstance(parent, (gast.Subscript, gast.Attribute)) and field == "value"
                    )
                    if isinstance(c.ctx, gast.Store) or ((based or size > 2 * WIDEST) and not atom):
                        original = getattr(s, "end_lineno", None) is not None
                        if not (original and based and not isinstance(c.ctx, gast.Store)):
                            return False
                    if isinstance(child, list):
                        child[k] = value
                    else:
                        setattr(parent, field, value)
                    return True
            if parent is s and isinstance(s, gast.If):
                break
    if isinstance(s, gast.If) and isinstance(s.test, gast.Name) and s.test.id == name:
        s.test = value
        return True
    if isinstance(s, gast.For) and isinstance(s.iter, gast.Name) and s.iter.id == name:
        s.iter = value
        return True
    return False
