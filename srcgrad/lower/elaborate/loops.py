"""Loops: over what is followed once for each item, over code as loops."""

from __future__ import annotations

import copy
from collections.abc import Callable

import gast

from srcgrad.kinds import Kind, Record, Static
from srcgrad.lower.base.trees import jumps_out, placed
from srcgrad.lower.elaborate.attributes import member
from srcgrad.lower.elaborate.carried import running
from srcgrad.lower.elaborate.containers import sequence
from srcgrad.lower.elaborate.context import Context, Growing, Hook
from srcgrad.lower.elaborate.decide import static
from srcgrad.lower.elaborate.generators import collectable, endless, has_several, produce
from srcgrad.lower.elaborate.lengths import LONGEST, rounds
from srcgrad.lower.elaborate.names import home
from srcgrad.lower.elaborate.nature import holds_exotic
from srcgrad.lower.elaborate.passing import item_kind, parts_of_target
from srcgrad.lower.elaborate.targets import assign_to
from srcgrad.lower.elaborate.values import (
    Generating,
    Instance,
    Plain,
    Value,
)
from srcgrad.lower.loops.unroll import nested
from srcgrad.syntax.quote import assign, constant, name, subscript, target
from srcgrad.syntax.walk import clone, nodes


def for_loop(e: Context, s: gast.For) -> bool:
    """A `for` loop; whether control comes out at its end."""
    over = e.expr(s.iter)
    if isinstance(over, Generating):
        return over_generator(e, s, over)
    if isinstance(over, Instance) and not issubclass(over.cls.value, tuple):
        over = iterated(e, over, s)
        if isinstance(over, Generating):
            return over_generator(e, s, over)
    items = sequence(over) if not isinstance(over, Plain) else parts_of_argument(over, s)
    known = counted(e, over, s.iter) if items is None else None
    if items is None and follows(s):
        items = known if known is not None else sequence(over)
    if items is not None:
        return unrolled(e, s, items)
    code = e.code(over, s)
    kind = item_kind(over)

    def enter() -> None:
        assign_quietly(e, s.target, kind)

    before, mark, depth = e.snapshot(), len(e.out), len(e.loops)
    scope, at, opened = e.scope, e.at, len(e.open)
    try:
        return running(e, s, (code, enter))
    except Growing:
        e.restore(before)
        e.scope, e.at = scope, at
        del e.out[mark:], e.loops[depth:], e.open[opened:]
        known = rounds(e, over, s.iter) if known is None else known
        if known is None:
            raise
    return unrolled(e, s, known)


def iterated(e: Context, over: Instance, s: gast.For) -> Value:
    """What the `__iter__` of an object gives."""
    return e.apply(member(e, over, "__iter__", s.iter), [], {}, s.iter)


def follows(s: gast.For) -> bool:
    """Whether a loop's body makes functions or objects that may outlive a round."""
    return any(isinstance(n, (gast.Lambda, gast.FunctionDef)) for n in nodes(s.body))


def counted(e: Context, over: Value, node: gast.expr) -> list[Value] | None:
    """The items of a `range` whose bounds are known."""
    match over, node:
        case Plain(expr=gast.Call(func=gast.Name(id="range"))), gast.Call(args=args):
            bounds = [bound_of(e, a) for a in args]
            if all(isinstance(b, int) for b in bounds):
                numbers = range(*bounds)  # type: ignore[arg-type]
                if len(numbers) <= LONGEST:
                    return [Plain(constant(i), Static(i)) for i in numbers]
    return None


def parts_of_argument(over: Plain, s: gast.For) -> list[Value] | None:
    """The items of a tuple or list of objects that an argument holds."""
    kind = over.kind
    if not isinstance(kind, Record) or kind.type is dict or not any(map(holds_exotic, kind.items)):
        return None
    return [
        Plain(placed(subscript(clone(over.expr), constant(k)), s), inner)
        for k, inner in zip(kind.keys, kind.items, strict=True)
    ]


def bound_of(e: Context, node: gast.expr) -> int | None:
    """The value of an int, if it is known."""
    found = static(e, node)
    return found[0] if found is not None and type(found[0]) is int else None


def while_loop(e: Context, s: gast.While) -> bool:
    """A `while` loop; whether control comes out at its end."""
    endless = isinstance(s.test, gast.Constant) and bool(s.test.value)

    def enter() -> gast.expr:
        mark = len(e.out)
        test = e.code(e.expr(s.test), s.test)
        if len(e.out) == mark:
            return test
        if s.orelse:
            raise e.refuse(s, "`else` of a loop whose test calls an inner function", "Use a flag.")
        stop = gast.UnaryOp(op=gast.Not(), operand=test)
        leave = gast.Break()
        e.loops[-1].breaks.append((e.snapshot(), leave))
        e.emit(gast.If(test=stop, body=[leave], orelse=[]))
        return constant(True)

    running(e, s, (None, enter))
    return not endless or any(isinstance(n, gast.Break) for n in nodes(s.body))


def unrolled(e: Context, s: gast.For, items: list[Value]) -> bool:
    """A loop over what is followed: its body once for each item."""
    body, flag = s.body, None
    if jumps_out(s.body):
        flag = e.fresh("left")
        e.scope.names[flag] = flag
        body = nested(copy.deepcopy(s.body), flag)
        e.block([placed(assign(flag, constant(False)), s)])
    for v in items:
        step: list[gast.stmt] = copy.deepcopy(body)
        if flag is not None:
            label = e.fresh("item")
            e.scope.names[label] = label
            assign_to(e, target(label), v)
            bound = gast.Assign(targets=[s.target], value=name(label), type_comment=None)
            test = gast.UnaryOp(op=gast.Not(), operand=name(flag))
            e.block([placed(gast.If(test=test, body=[bound, *step], orelse=[]), s)])
            continue
        assign_to(e, s.target, v)
        if not e.block(step):
            return False
    if s.orelse:
        rest = s.orelse
        if flag is not None:
            test = gast.UnaryOp(op=gast.Not(), operand=name(flag))
            rest = [placed(gast.If(test=test, body=rest, orelse=[]), s)]
        return e.block(rest)
    return True


def loop_over(e: Context, over: Value, each: Callable[[Value], None], node: gast.expr) -> None:
    """Do something for each item of a value."""
    if isinstance(over, Generating):
        produce(e, over, each, node)
        return
    items = sequence(over) if not isinstance(over, Plain) else None
    if items is not None:
        for v in items:
            each(v)
        return
    label = e.fresh("item")
    e.scope.names[label] = label
    hook = gast.Expr(value=gast.Constant(value=Hook(each, label), kind=None))
    loop = gast.For(
        target=target(label),
        iter=e.code(over, node),
        body=[hook],
        orelse=[],
        type_comment=None,
    )
    running(
        e,
        placed(loop, node),
        (loop.iter, lambda: assign_quietly(e, loop.target, item_kind(over))),
    )


def over_generator(e: Context, s: gast.For, over: Generating) -> bool:
    """A loop over what a generator gives: its body where the generator yields."""
    if jumps_out(s.body) and not s.orelse and endless(over):
        flag = e.fresh("left")
        e.scope.names[flag] = flag
        e.block([placed(assign(flag, constant(False)), s)])
        run_body(e, s, over, flag)
        return True
    if jumps_out(s.body) or s.orelse or has_several(over):
        if not collectable(over):
            raise e.refuse(
                s,
                "a loop that leaves a generator which does not end by itself is not supported",
                "Write the loop of the generator here.",
            )
        made = e.collect(over, s.iter)
        new = copy.copy(s)
        label = e.fresh("items")
        e.scope.names[label] = label
        assign_to(e, target(label), made)
        new.iter = placed(name(label), s.iter)
        return for_loop(e, new)
    run_body(e, s, over, None)
    return True


def run_body(e: Context, s: gast.For, over: Generating, flag: str | None) -> None:
    """The body of a loop where a generator yields; it leaves the generator's loop by a flag."""
    scope = e.scope
    body = s.body if flag is None else nested(copy.deepcopy(s.body), flag)

    def each(value: Value) -> None:
        inner, e.scope = e.scope, scope
        assign_to(e, s.target, value)
        e.block(copy.deepcopy(body))
        if flag is not None:
            e.block([placed(gast.If(test=name(flag), body=[gast.Break()], orelse=[]), s)])
        e.scope = inner

    produce(e, over, each, s.iter)


def assign_quietly(e: Context, t: gast.expr, kind: Kind | None) -> None:
    """Note that a loop binds its target."""
    known = parts_of_target(t, kind)
    for n in nodes(t):
        if isinstance(n, gast.Name):
            scope = home(e.scope, n.id) or e.scope
            label = scope.names.setdefault(n.id, n.id)
            scope.cells[n.id] = Plain(name(label), known.get(n.id))
