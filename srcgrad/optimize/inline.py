"""Putting temporaries that are read once where they are read.

Only values without a name of the user's, with no write to what they read in between, below the
line width, and never as the base of a subscript or an attribute.
"""

from __future__ import annotations

import gast

from srcgrad.optimize.eliminate import changes, is_comment
from srcgrad.syntax.flow import stores

WIDEST = 34


def inline(body: list[gast.stmt]) -> list[gast.stmt]:
    """Inline temporaries, in place, until nothing changes."""
    while True:
        uses, defs = count(body)
        once = {n for n, k in uses.items() if k == 1 and defs.get(n) == 1 and "|" in n}
        ready = {n for n in once if is_temporary(n) or n.partition("|")[2].startswith("b")}
        if not ready or not in_block(body, ready):
            return body


def is_temporary(name: str) -> bool:
    """Whether a name stands for a value that the user gave no name."""
    mark = name.partition("|")[2]
    return mark.startswith(("h", "bt"))


def count(body: list[gast.stmt]) -> tuple[dict[str, int], dict[str, int]]:
    """How often each name is read and bound."""
    uses: dict[str, int] = {}
    defs: dict[str, int] = {}
    stack: list[gast.AST] = list(body)
    while stack:
        n = stack.pop()
        if isinstance(n, gast.Name):
            table = uses if isinstance(n.ctx, gast.Load) else defs
            table[n.id] = table.get(n.id, 0) + 1
        elif isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name):
            uses[n.target.id] = uses.get(n.target.id, 0) + 1
            stack += [n.target, n.value]
        else:
            stack += list(gast.iter_child_nodes(n))
    return uses, defs


def in_block(body: list[gast.stmt], ready: set[str]) -> bool:
    """Inline within one block and the blocks below it."""
    changed = False
    i = 0
    while i < len(body):
        s = body[i]
        for field in ("body", "orelse"):
            if isinstance(s, (gast.If, gast.For, gast.While)):
                changed |= in_block(getattr(s, field), ready)
        name = bound_temporary(s, ready)
        if name is not None and move(body, i, name):
            del body[i]
            changed = True
            continue
        i += 1
    return changed


def bound_temporary(s: gast.stmt, ready: set[str]) -> str | None:
    """The temporary that a statement binds."""
    match s:
        case gast.Assign(targets=[gast.Name(id=name)], value=value) if name in ready:
            return name if is_temporary(name) or is_atom(value) else None
    return None


def is_atom(value: gast.expr) -> bool:
    """Whether a value is a name, a constant, or minus one of them."""
    if isinstance(value, gast.UnaryOp):
        value = value.operand
    return isinstance(value, (gast.Name, gast.Constant))


def move(body: list[gast.stmt], i: int, name: str) -> bool:
    """Put the value bound by statement i where it is read, if that is safe."""
    value = body[i].value
    reads = {n.id for n in gast.walk(value) if isinstance(n, gast.Name)}
    takes = any(isinstance(n, gast.Call) and isinstance(n.func, gast.Attribute) and n.func.attr == "pop" for n in gast.walk(value))
    for j in range(i + 1, len(body)):
        s = body[j]
        if is_comment(s):
            continue
        if reads_name(s, name):
            return place(s, name, value, takes=takes)
        if takes and any(isinstance(n, gast.Name) and n.id in reads for n in gast.walk(s)):
            return False
        if reads & written(s):
            return False
    return False


def written(s: gast.stmt) -> set[str]:
    """Names that a statement, or one below it, binds or changes."""
    out: set[str] = set()
    for n in gast.walk(s):
        if isinstance(n, gast.stmt):
            out |= changes(n)
            match n:
                case gast.Assign(targets=targets):
                    out |= stores(*targets)
                case gast.AugAssign(target=t) | gast.For(target=t):
                    out |= stores(t)
        elif isinstance(n, gast.Call) and isinstance(n.func, gast.Attribute) and n.func.attr == "pop":
            out |= {m.id for m in gast.walk(n.func.value) if isinstance(m, gast.Name)}
    return out


def reads_name(s: gast.stmt, name: str) -> bool:
    """Whether a name occurs in a statement."""
    return any(isinstance(n, gast.Name) and n.id == name for n in gast.walk(s))


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
    size = sum(1 for h in heads for _ in gast.walk(h)) + sum(1 for _ in gast.walk(value))
    atom = isinstance(value, (gast.Name, gast.Constant))
    for h in heads:
        for parent in gast.walk(h):
            for field, child in gast.iter_fields(parent):
                children = child if isinstance(child, list) else [child]
                for k, c in enumerate(children):
                    if not (isinstance(c, gast.Name) and c.id == name):
                        continue
                    based = isinstance(parent, (gast.Subscript, gast.Attribute)) and field == "value"
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
