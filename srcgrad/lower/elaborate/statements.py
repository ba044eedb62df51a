"""Statements: left as they are where all they hold is code, else rewritten or resolved."""

from __future__ import annotations

import gast

from srcgrad.kinds import List, Record
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attempts import attempt
from srcgrad.lower.elaborate.augmented import augmented
from srcgrad.lower.elaborate.containers import empty_list
from srcgrad.lower.elaborate.context import Context, Hook
from srcgrad.lower.elaborate.decide import decided
from srcgrad.lower.elaborate.expressions import closure
from srcgrad.lower.elaborate.loops import for_loop, while_loop
from srcgrad.lower.elaborate.managers import with_block
from srcgrad.lower.elaborate.merging import branch
from srcgrad.lower.elaborate.names import bind, home, read_name
from srcgrad.lower.elaborate.order import same, several
from srcgrad.lower.elaborate.targets import assign_to, remove
from srcgrad.lower.elaborate.values import Items, Known, Plain, Value
from srcgrad.syntax.quote import name
from srcgrad.syntax.walk import bare, nodes

JUMPS = (gast.Break, gast.Continue)


def run_block(e: Context, body: list[gast.stmt]) -> bool:
    """Elaborate statements; whether control comes out at the end."""
    for s in body:
        kept, e.at = e.at, s if getattr(s, "lineno", None) else e.at
        going = statement(e, s)
        e.at = kept
        if not going:
            return False
    return True


def statement(e: Context, s: gast.stmt) -> bool:
    """Elaborate one statement; whether control comes out at its end."""
    match s:
        case gast.Assign():
            assignment(e, s)
        case gast.AnnAssign():
            if s.value is not None:
                assign_to(e, s.target, e.expr(s.value))
        case gast.AugAssign():
            augmented(e, s)
        case gast.Expr(value=gast.Constant(value=Hook() as hook)):
            hook.each(read_name(e, name(hook.label)))
        case gast.Expr(value=gast.Constant()):
            e.out.append(s)
        case gast.Expr():
            expression(e, s)
        case gast.If():
            return choice(e, s)
        case gast.For():
            return for_loop(e, s)
        case gast.While():
            return while_loop(e, s)
        case gast.Return():
            code = e.code(e.expr(s.value), s) if s.value is not None else None
            same(e, s, gast.Return(value=code), code is s.value)
            return False
        case gast.Break() | gast.Continue():
            jump(e, s)
            return False
        case gast.FunctionDef():
            definition(e, s)
        case gast.With():
            return with_block(e, s)
        case gast.Try():
            return attempt(e, s)
        case gast.Delete():
            rest = [t for t in s.targets if not remove(e, t)]
            if rest:
                same(e, s, gast.Delete(targets=rest), len(rest) == len(s.targets))
        case gast.Nonlocal():
            pass
        case gast.Raise():
            left = rebuilt_statement(e, s)
            e.out.append(left)
            return False
        case gast.ClassDef():
            raise e.refuse(
                s, f"the inner class `{s.name}` is not supported", "Define it at module level."
            )
        case _:
            e.out.append(rebuilt_statement(e, s))
    return True


def rebuilt_statement(e: Context, s: gast.stmt) -> gast.stmt:
    """A simple statement over the code of its expressions."""
    parts = [v for _, v in gast.iter_fields(s) if isinstance(v, gast.expr)]
    codes = [e.code(v, s) for v in several(e, parts)]
    if all(a is b for a, b in zip(parts, codes, strict=True)):
        return s
    new = bare(s)
    new.end_lineno = None
    table = {id(p): c for p, c in zip(parts, codes, strict=True)}
    for field, value in gast.iter_fields(s):
        if id(value) in table:
            setattr(new, field, table[id(value)])
    return new


def assignment(e: Context, s: gast.Assign) -> None:
    """`a = b = value`."""
    mark = len(e.out)
    value = e.raw(s.value)
    if len(s.targets) > 1 and isinstance(value, Plain):
        value = e.named(value, "value") if not plain_targets(e, s) else value
    if isinstance(value, Plain) and len(e.out) == mark and plain_targets(e, s):
        verbatim(e, s, value)
        return
    for t in s.targets:
        assign_to(e, t, value)
    note_empty(e, s)


def plain_targets(e: Context, s: gast.Assign) -> bool:
    """Whether all targets are variables that keep their names."""
    for t in s.targets:
        if not isinstance(t, gast.Name):
            return False
        scope = home(e.scope, t.id)
        if scope is None or scope.names.get(t.id) != t.id:
            return False
    return True


def verbatim(e: Context, s: gast.Assign, value: Plain) -> None:
    """An assignment of code to variables that keep their names."""
    keep = len(e.out)
    for t in s.targets:
        bind(e, t.id, value)
    del e.out[keep:]
    new = gast.Assign(targets=s.targets, value=value.expr, type_comment=None)
    same(e, s, new, value.expr is s.value)
    note_empty(e, s)


def note_empty(e: Context, s: gast.Assign) -> None:
    """Note that a variable holds a new list or dict that is empty."""
    t = s.targets[0]
    if len(s.targets) > 1 or not isinstance(t, gast.Name):
        return
    scope = home(e.scope, t.id)
    cell = scope.cells.get(t.id) if scope is not None else None
    if isinstance(cell, Plain):
        match s.value:
            case gast.List(elts=[]):
                cell.kind = List(None)
            case gast.Dict(keys=[]):
                cell.kind = Record(dict, (), ())


def expression(e: Context, s: gast.Expr) -> None:
    """An expression as a statement: what has no effect is dropped."""
    if appended(e, s):
        return
    mark = len(e.out)
    value = e.expr(s.value)
    if isinstance(value, Plain) and not isinstance(value.expr, (gast.Name, gast.Constant)):
        same(e, s, gast.Expr(value=value.expr), value.expr is s.value and len(e.out) == mark)


def appended(e: Context, s: gast.Expr) -> bool:
    """Put a function or an object into a list that is still empty; whether this is what it is."""
    match s.value:
        case gast.Call(
            func=gast.Attribute(value=gast.Name(id=label), attr="append"), args=[item], keywords=[]
        ):
            scope = home(e.scope, label)
            cell = scope.cells.get(label) if scope is not None else None
            if scope is None or not empty_list(cell):
                return False
            value = e.expr(item)
            if isinstance(value, Plain):
                scope.cells[label] = Plain(cell.expr)  # type: ignore[union-attr]
                code = gast.Call(
                    func=gast.Attribute(
                        value=cell.expr,  # type: ignore[union-attr]
                        attr="append",
                        ctx=gast.Load(),
                    ),
                    args=[value.expr],
                    keywords=[],
                )
                unchanged = value.expr is item and getattr(cell.expr, "id", "") == label  # type: ignore[union-attr]
                same(e, s, gast.Expr(value=code), unchanged)
                return True
            scope.cells[label] = e.held(Items({0: value}, type=list))
            return True
    return False


def choice(e: Context, s: gast.If) -> bool:
    """`if`: one branch where the test is decided, else both."""
    found = decided(e, s.test)
    if found is not None and not plain_constant_test(s.test):
        return e.block(s.body if found else s.orelse)
    test = e.code(e.expr(s.test), s)
    before = e.snapshot()
    ends = []
    outs: list[list[gast.stmt]] = []
    for body in (s.body, s.orelse):
        e.restore(before)
        with e.into([]) as out:
            going = e.block(body)
        outs.append(out)
        ends.append((e.snapshot(), out) if going else None)
    going = branch(e, ends[0], ends[1])
    unchanged = test is s.test and outs[0] == s.body and outs[1] == s.orelse
    unchanged = unchanged and not any(isinstance(n, JUMPS) for o in outs for n in nodes(o))
    new = gast.If(test=test, body=outs[0] or [placed(gast.Pass(), s)], orelse=outs[1])
    same(e, s, gast.copy_location(new, s), unchanged)
    if not unchanged:
        new.end_lineno = None
    return going


def plain_constant_test(test: gast.expr) -> bool:
    """Whether a test is a constant, which other passes treat."""
    return isinstance(test, gast.Constant)


def jump(e: Context, s: gast.Break | gast.Continue) -> None:
    """`break` and `continue`: the loop may have to put copies before them."""
    if e.loops:
        loop = e.loops[-1]
        kept = loop.breaks if isinstance(s, gast.Break) else loop.continues
        kept.append((e.snapshot(), s))
    e.out.append(s)


def definition(e: Context, s: gast.FunctionDef) -> None:
    """An inner function, with its decorators."""
    decorators = [e.expr(d) for d in s.decorator_list]
    value: Value = closure(e, s)
    for d in reversed(decorators):
        if isinstance(d, Known) and d.value is staticmethod:
            continue
        value = e.apply(d, [value], {}, s.decorator_list[0])
    scope = home(e.scope, s.name)
    assert scope is not None
    scope.cells[s.name] = value
