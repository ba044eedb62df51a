"""Last touches on the text: copies to itself, `x = x + e`, zeros in a row, empty blocks."""

from __future__ import annotations

from collections.abc import Callable

import gast

from srcgrad.optimize.eliminate import is_comment
from srcgrad.optimize.shared import Groups
from srcgrad.syntax.quote import negated, target
from srcgrad.syntax.walk import blocks_in, change_blocks, clone, names

WIDEST = 64
Places = frozenset[tuple[int, int]]
Spelled = dict[tuple[int, int], tuple[gast.stmt, gast.stmt]]
Inner = Callable[[list[gast.stmt]], list[gast.stmt]]


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


def polish(body: list[gast.stmt], augmented: Places, spelled: Spelled) -> list[gast.stmt]:
    """Drop `x = x`, restore the user's `x += e` and `f(e, out=x)`, chain zeros in a row."""
    out: list[gast.stmt] = []

    def inner(block: list[gast.stmt]) -> list[gast.stmt]:
        return polish(block, augmented, spelled)

    for s in body:
        s = as_written(s, spelled)
        match s:
            case gast.With() | gast.Try():
                new = polished_guard(s, inner)
            case gast.If() | gast.For() | gast.While():
                new = polished_block(s, inner)
            case _:
                new = polished_statement(s, augmented)
        for n in new:
            if out and blocks_in(n):
                say_once(out[-1], n)
            if out and chains(out[-1], n):
                out[-1].targets += n.targets
            else:
                out.append(n)
    return trimmed(out)


def say_once(above: gast.stmt, s: gast.stmt) -> None:
    """Drop the comment that a block begins with where it repeats the one above the block."""
    for block in blocks_in(s):
        if is_comment(above) and len(block) > 1 and is_comment(block[0]):
            if block[0].value.value == above.value.value:
                del block[0]


def from_zero(body: list[gast.stmt], groups: Groups) -> list[gast.stmt]:
    """`t[i] = 0.0` and `t[i] += e` in a row as `t[i] = e`.

    Args:
        body: the statements.
        groups: for names that may share memory all of them.
    """
    out: list[gast.stmt] = []
    for s in body:
        change_blocks(s, lambda block: from_zero(block, groups))
        if out and adds_to_zero(out[-1], s, groups):
            out[-1].value = s.value
        else:
            out.append(s)
    return out


def adds_to_zero(a: gast.stmt, b: gast.stmt, groups: Groups) -> bool:
    """Whether a generated `t = 0.0` comes before `t += e`, where `e` reads nothing of `t`."""
    match a, b:
        case (
            gast.Assign(targets=[gast.Subscript() as t], value=gast.Constant(value=float(v))),
            gast.AugAssign(op=gast.Add(), target=to, value=value),
        ) if v == 0.0:
            own = all(getattr(s, "end_lineno", None) is None for s in (a, b))
            base = names(t.value)[0]
            base = base.union(*(groups.get(n, ()) for n in base))
            return own and not base & names(value)[0] and strip(t) == strip(to)
    return False


def polished_guard(s: gast.With | gast.Try, inner: Inner) -> list[gast.stmt]:
    """A `with` or `try`; nothing where it holds nothing, its body where it catches nothing."""
    change_blocks(s, lambda block: inner(block) or [gast.Pass()])
    if idle(s):
        return []
    if isinstance(s, gast.Try) and all(isinstance(t, gast.Pass) for t in s.orelse):
        s.orelse = []
    if isinstance(s, gast.Try) and all(isinstance(t, gast.Pass) for t in s.finalbody):
        s.finalbody = []
    if isinstance(s, gast.Try) and not s.handlers and not s.finalbody:
        return [*s.body, *s.orelse]
    if isinstance(s, gast.Try) and s.finalbody and isinstance(s.body[0], gast.Try):
        merge_finally(s)
    return [s]


def polished_block(s: gast.If | gast.For | gast.While, inner: Inner) -> list[gast.stmt]:
    """A branch or loop; nothing where it holds nothing, and no `else` behind what leaves."""
    s.body, s.orelse = inner(s.body), inner(s.orelse)
    own = getattr(s, "end_lineno", None) is None
    if isinstance(s, gast.If) and not s.body and s.orelse:
        s.test, s.body, s.orelse, s.end_lineno = negated(s.test), s.orelse, [], None
        own = True
    if not s.body and own:
        return []
    if isinstance(s, gast.If) and own:
        merge_tests(s)
    s.body = s.body or [gast.Pass()]
    if isinstance(s, gast.If) and s.orelse and (ends(s.body) or only_raises(s)):
        rest, s.orelse = s.orelse, []
        return [s, *rest]
    return [s]


def polished_statement(s: gast.stmt, augmented: Places) -> list[gast.stmt]:
    """A simple statement in its shortest form."""
    if isinstance(s, gast.Assign) and getattr(s, "end_lineno", None) is None:
        s.value = difference(s.value)
    match s:
        case gast.Expr(
            value=gast.Call(
                func=gast.Name(id="setattr"), args=[module, gast.Constant(value=attr), value]
            )
        ):
            to = gast.Attribute(value=module, attr=attr, ctx=gast.Store())
            new = gast.Assign(targets=[to], value=value, type_comment=None)
            gast.copy_location(new, s).end_lineno = None
            return [new]
        case gast.Assign(targets=[gast.Name(id=a)], value=gast.Name(id=b)) if a == b:
            return []
        case gast.Assign(targets=[gast.Tuple()], value=gast.Tuple()) if moves_itself(s):
            return [without_itself(s)]
        case gast.Assign(targets=[t], value=gast.BinOp(left=left, op=op, right=right)):
            place = (getattr(s, "lineno", 0), getattr(s, "col_offset", 0))
            if place in augmented and same(t, left) and s.end_lineno:
                new = gast.AugAssign(target=plain(t), op=op, value=right)
                for a in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
                    setattr(new, a, getattr(s, a, None))
                return [new]
    return [s]


def difference(e: gast.expr) -> gast.expr:
    """`a + -b` as `a - b`, which is the same number."""
    match e:
        case gast.BinOp(op=gast.Add(), right=gast.UnaryOp(op=gast.USub(), operand=b)):
            return gast.BinOp(left=e.left, op=gast.Sub(), right=b)
    return e


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
        return target(t.value.id)
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
