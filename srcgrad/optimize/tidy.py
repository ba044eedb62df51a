"""Last touches on the text: copies to itself, `x = x + e`, zeros in a row, counters, `_`."""

from __future__ import annotations

import gast

from srcgrad.optimize.eliminate import is_comment
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import UNUSED, is_tape
from srcgrad.syntax.quote import name, negated
from srcgrad.syntax.walk import blocks_in, change_blocks, clone, nodes

WIDEST = 64


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
                    targets=[
                        gast.Name(id=tape, ctx=gast.Store(), annotation=None, type_comment=None)
                    ],
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
    for k, n in enumerate(in_order(s)):
        if isinstance(n, gast.Name) and n.id == tape:
            return k
    return -1


def in_order(s: gast.AST) -> list[gast.AST]:
    """The nodes of a tree, in the order of the text."""
    out: list[gast.AST] = []
    stack = [s]
    while stack:
        n = stack.pop()
        out.append(n)
        stack += reversed(list(gast.iter_child_nodes(n)))
    return out


def merge_finally(s: gast.Try) -> None:
    """`try: try: ... except: ...` with a `finally` as one statement, in place."""
    inner = s.body[0]
    if len(s.body) == 1 and not s.handlers and not inner.finalbody:
        s.body, s.handlers, s.orelse = inner.body, inner.handlers, inner.orelse


def idle(s: gast.stmt) -> bool:
    """Whether a generated `with` holds nothing."""
    return getattr(s, "end_lineno", None) is None and all(
        isinstance(t, gast.Pass) for block in blocks_in(s) for t in block
    )


def polish(
    body: list[gast.stmt],
    augmented: frozenset[tuple[int, int]],
    spelled: dict[tuple[int, int], tuple[gast.stmt, gast.stmt]],
) -> list[gast.stmt]:
    """Drop `x = x`, restore the user's `x += e` and `f(e, out=x)`, chain zeros in a row."""
    out: list[gast.stmt] = []
    for s in body:
        s = as_written(s, spelled)
        if isinstance(s, (gast.With, gast.Try)):
            change_blocks(s, lambda block: polish(block, augmented, spelled) or [gast.Pass()])
            if idle(s):
                continue
            if isinstance(s, gast.Try) and not s.handlers and not s.finalbody:
                out += [*s.body, *s.orelse]
                continue
            if isinstance(s, gast.Try) and s.finalbody and isinstance(s.body[0], gast.Try):
                merge_finally(s)
        if isinstance(s, (gast.If, gast.For, gast.While)):
            s.body, s.orelse = (
                polish(s.body, augmented, spelled),
                polish(s.orelse, augmented, spelled),
            )
            if isinstance(s, gast.If) and not s.body and s.orelse:
                s.test, s.body, s.orelse, s.end_lineno = negated(s.test), s.orelse, [], None
            if not s.body and getattr(s, "end_lineno", None) is None:
                continue
            if isinstance(s, gast.If) and getattr(s, "end_lineno", None) is None:
                merge_tests(s)
            s.body = s.body or [gast.Pass()]
        match s:
            case gast.Expr(
                value=gast.Call(
                    func=gast.Name(id="setattr"), args=[module, gast.Constant(value=attr), value]
                )
            ):
                to = gast.Attribute(value=module, attr=attr, ctx=gast.Store())
                new = gast.Assign(targets=[to], value=value, type_comment=None)
                out.append(gast.copy_location(new, s))
                new.end_lineno = None
                continue
            case gast.Assign(targets=[gast.Name(id=a)], value=gast.Name(id=b)) if a == b:
                continue
            case gast.Assign(targets=[gast.Tuple()], value=gast.Tuple()) if moves_itself(s):
                s = without_itself(s)
            case gast.Assign(targets=[t], value=gast.BinOp(left=left, op=op, right=right)):
                if (
                    (getattr(s, "lineno", 0), getattr(s, "col_offset", 0)) in augmented
                    and same(t, left)
                    and s.end_lineno
                ):
                    new = gast.AugAssign(target=plain(t), op=op, value=right)
                    for a in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
                        setattr(new, a, getattr(s, a, None))
                    s = new
        if isinstance(s, gast.If) and s.orelse and (ends(s.body) or only_raises(s)):
            out += [s, *s.orelse]
            s.orelse = []
            continue
        if out and chains(out[-1], s):
            out[-1].targets += s.targets
            continue
        out.append(s)
    return trimmed(out)


def moves_itself(s: gast.Assign) -> bool:
    """Whether a generated `a, b = a, c` assigns a name to itself."""
    if getattr(s, "end_lineno", None) is not None:
        return False
    to, of = s.targets[0].elts, s.value.elts
    names = all(isinstance(n, gast.Name) for n in (*to, *of)) and len(to) == len(of)
    return names and 0 < sum(t.id == v.id for t, v in zip(to, of, strict=True)) < len(to)


def without_itself(s: gast.Assign) -> gast.Assign:
    """`a, b = a, c` as `b = c`."""
    pairs = zip(s.targets[0].elts, s.value.elts, strict=True)
    to, of = map(list, zip(*((t, v) for t, v in pairs if t.id != v.id), strict=True))
    alone = len(to) == 1
    target = to[0] if alone else gast.Tuple(elts=to, ctx=gast.Store())
    value = of[0] if alone else gast.Tuple(elts=of, ctx=gast.Load())
    new = gast.Assign(targets=[target], value=value, type_comment=None)
    new = gast.copy_location(new, s)
    new.end_lineno = None
    return new


def as_written(
    s: gast.stmt, spelled: dict[tuple[int, int], tuple[gast.stmt, gast.stmt]]
) -> gast.stmt:
    """The user's own call that writes, where its assignment has not changed."""
    if not isinstance(s, gast.Assign) or not getattr(s, "end_lineno", None):
        return s
    assignment, call = spelled.get((s.lineno, s.col_offset), (None, s))
    return clone(call) if assignment is not None and same(s, assignment) else s


def ends(body: list[gast.stmt]) -> bool:
    """Whether control never comes out at the end of a block."""
    return (
        bool(body)
        and isinstance(body[-1], (gast.Return, gast.Raise))
        and getattr(body[-1], "end_lineno", None) is None
    )


def only_raises(s: gast.If) -> bool:
    """Whether an `if` that the user wrote without `else` raises at its end."""
    last = s.body[-1] if s.body else None
    end = getattr(last, "end_lineno", None)
    return isinstance(last, gast.Raise) and end is not None and end == s.end_lineno


def merge_tests(s: gast.If) -> None:
    """`if a: if b: ...` as `if a and b: ...`, and `if a: X` `elif b: X` as `if a or b: X`."""
    match s:
        case gast.If(body=[gast.If(orelse=[]) as inner], orelse=[]):
            s.test = gast.BoolOp(op=gast.And(), values=[s.test, inner.test])
            s.body = inner.body
        case gast.If(orelse=[gast.If() as other]) if text(s.body) == text(other.body):
            s.test = gast.BoolOp(op=gast.Or(), values=[s.test, other.test])
            s.orelse = other.orelse


def text(body: list[gast.stmt]) -> list[str]:
    """The structure of a block."""
    return [gast.dump(s) for s in body]


def trimmed(body: list[gast.stmt]) -> list[gast.stmt]:
    """A block without an empty line at its start, or two in a row."""
    out: list[gast.stmt] = []
    for s in body:
        blank = is_comment(s) and s.value.value == ""
        if blank and (not out or (is_comment(out[-1]) and out[-1].value.value == "")):
            continue
        out.append(s)
    return out


def same(t: gast.expr, left: gast.expr) -> bool:
    """Whether a target and an operand are one place."""
    if isinstance(t, gast.Subscript) and is_whole(t) and isinstance(left, gast.Name):
        return t.value.id == left.id
    return strip(t) == strip(left)


def is_whole(t: gast.Subscript) -> bool:
    """Whether a target is `x[...]`."""
    return (
        isinstance(t.slice, gast.Constant)
        and t.slice.value is Ellipsis
        and isinstance(t.value, gast.Name)
    )


def plain(t: gast.expr) -> gast.expr:
    """A target of an assignment as one of an in-place operator."""
    if isinstance(t, gast.Subscript) and is_whole(t):
        return gast.Name(id=t.value.id, ctx=gast.Store(), annotation=None, type_comment=None)
    return t


def strip(n: gast.AST) -> str:
    """The structure of a tree without contexts."""
    return gast.dump(n).replace("ctx=Store()", "ctx=Load()")


def chains(a: gast.stmt, b: gast.stmt) -> bool:
    """Whether two statements set names to 0.0 one after the other, in a line that is not long."""
    for s in (a, b):
        match s:
            case gast.Assign(value=gast.Constant(value=float(v))) if v == 0.0:
                if getattr(s, "end_lineno", None) is not None or not all(
                    isinstance(t, gast.Name) for t in s.targets
                ):
                    return False
            case _:
                return False
    width = sum(len(t.id) + len(" = ") for s in (a, b) for t in s.targets)
    return width <= WIDEST
