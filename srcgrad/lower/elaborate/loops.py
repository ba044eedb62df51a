"""Loops: over what is followed once for each item, over code as loops."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import gast

from srcgrad.kinds import INT, Array, List, Record, Static
from srcgrad.lower.elaborate.containers import sequence
from srcgrad.lower.elaborate.context import Context, Snapshot
from srcgrad.lower.elaborate.decide import static
from srcgrad.lower.elaborate.merging import Copies, Meeting, copy_all, same, shared
from srcgrad.lower.elaborate.names import home, steady
from srcgrad.lower.elaborate.nature import holds_exotic
from srcgrad.lower.elaborate.targets import assign_to
from srcgrad.lower.elaborate.values import (
    Conflict,
    Generating,
    Holder,
    Instance,
    Items,
    Known,
    Plain,
    Value,
)
from srcgrad.lower.expand import jumps_out
from srcgrad.lower.sugar import placed
from srcgrad.lower.unroll import nested
from srcgrad.rules.shapes import shaped
from srcgrad.syntax.quote import assign, constant, name, subscript
from srcgrad.syntax.walk import clone, nodes

ROUNDS = 8
LONGEST = 32
Key = tuple[Holder, object]


@dataclass(eq=False)
class Loop:
    """A loop at work: where it is left, or begins anew, in the middle of its body."""

    breaks: list[tuple[Snapshot, gast.stmt]] = field(default_factory=list)
    continues: list[tuple[Snapshot, gast.stmt]] = field(default_factory=list)


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
    if items is None and known is not None and follows(s):
        items = known
    if items is not None:
        return unrolled(e, s, items)
    code = e.code(over, s)
    kind = item_kind(over)

    def enter() -> None:
        assign_quietly(e, s.target, kind, code)

    before, mark, depth = e.snapshot(), len(e.out), len(e.loops)
    try:
        return running(e, s, (code, enter))
    except Growing as growing:
        if known is None:
            raise growing.error from None
        e.restore(before)
        del e.out[mark:]
        del e.loops[depth:]
    return unrolled(e, s, known)


class Growing(Exception):
    """A loop in which a list of functions or objects grows.

    Args:
        error: what to tell the user if the loop cannot be written out.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def iterated(e: Context, over: Instance, s: gast.For) -> Value:
    """What the `__iter__` of an object gives."""
    from srcgrad.lower.elaborate.operators import method

    return e.apply(method(e, over, "__iter__", s.iter), [], {}, s.iter)


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


def item_kind(over: Value) -> object:
    """What is known of the items of a value."""
    if isinstance(over, Plain):
        match over.kind:
            case List(item=item):
                return item
            case Array(dims=dims) if dims:
                return shaped(over.kind.dtype, dims[1:])
        if isinstance(over.expr, gast.Call) and getattr(over.expr.func, "id", "") == "range":
            return INT
    return None


def assign_quietly(e: Context, t: gast.expr, kind: object, code: gast.expr) -> None:
    """Note that a loop binds its target."""
    for n in nodes(t):
        if isinstance(n, gast.Name):
            scope = home(e.scope, n.id) or e.scope
            label = scope.names.setdefault(n.id, n.id)
            scope.cells[n.id] = Plain(name(label), kind if n is t else None)  # type: ignore[arg-type]


def target_code(e: Context, t: gast.expr) -> gast.expr:
    """A loop's target, by the names that variables have in the remaining code."""
    new = copy.deepcopy(t)
    changed = False
    for n in nodes(new):
        if isinstance(n, gast.Name) and not isinstance(n.ctx, gast.Load):
            scope = home(e.scope, n.id) or e.scope
            label = scope.names.setdefault(n.id, n.id)
            changed = changed or label != n.id
            n.id = label
        elif isinstance(n, (gast.Subscript, gast.Attribute)):
            raise e.refuse(t, "a loop whose target is no name", "Assign in the body.")
    return new if changed else t


def running(e: Context, s: gast.For | gast.While, header: tuple) -> bool:
    """A loop that stays one: its body is elaborated until nothing new is carried around."""
    code, enter = header
    carried: dict[Key, Value] = {}
    start: Copies = []
    before = e.snapshot()
    for _ in range(ROUNDS):
        loop = Loop()
        e.loops.append(loop)
        head = e.snapshot()
        with e.into([]) as body:
            test = enter()
            comes_out = e.block(s.body)
        e.loops.pop()
        ends: list[tuple[Snapshot, gast.stmt | None]] = [*loop.continues]
        if comes_out:
            ends.append((e.snapshot(), None))
        changed = differing(head, [st for st, _ in ends], carried)
        if not changed:
            break
        e.restore(before)
        meeting = Meeting(e, None)
        for (holder, key), value in changed.items():
            old = head[holder][key]
            if isinstance(holder, Items) or grows(old, value):
                raise Growing(grown(e, s))
            if (holder, key) in carried:
                carried[holder, key] = Conflict(old, value)
            else:
                carried[holder, key] = meeting.meet(fresh_copy(old), value, str(key))
        start += meeting.first
        for (holder, key), value in carried.items():
            holder.cells[key] = value
            if isinstance(holder, Instance) and isinstance(value, Plain):
                holder.slots[key] = value.expr.id
    else:
        raise e.refuse(s, "the functions and objects of this loop do not settle")
    copy_all(start, e.out, e)
    for state, jump in [*ends, *loop.breaks]:
        copies: Copies = []
        for (holder, key), value in carried.items():
            transfer(e, value, state.get(holder, {}).get(key), copies)
        new_copies: list[gast.stmt] = []
        copy_all(copies, new_copies, e)
        if jump is None:
            body += new_copies
        elif new_copies and not put_before(body, jump, new_copies):
            raise e.refuse(s, "the functions and objects of this loop cannot be followed")
    after_loop(e, s, head, ends, loop)
    otherwise: list[gast.stmt] = []
    if s.orelse:
        with e.into(otherwise):
            e.block(s.orelse)
    if isinstance(s, gast.For):
        new: gast.stmt = gast.For(
            target=target_code(e, s.target),
            iter=code,
            body=body or [gast.Pass()],
            orelse=otherwise,
            type_comment=None,
        )
    else:
        new = gast.While(test=test, body=body or [gast.Pass()], orelse=otherwise)
    e.emit(new)
    gast.copy_location(new, s)
    new.end_lineno = None
    return True


def grows(old: Value, new: Value) -> bool:
    """Whether a list of functions or objects is longer at the end of a round."""
    return isinstance(new, Items) and (
        not isinstance(old, Items) or old.cells.keys() != new.cells.keys()
    )


def grown(e: Context, s: gast.stmt) -> Exception:
    """The error for a loop whose number of rounds is unknown, and that makes objects to keep."""
    return e.refuse(
        s,
        "a list of functions or objects grows in a loop whose number of rounds is not known here",
        "Loop over a constant range, or keep numbers and arrays in lists.",
    )


def fresh_copy(value: Value) -> Value:
    """A value that is told from itself, so that it is carried in variables of its own."""
    return Plain(value.expr, None) if isinstance(value, Plain) else value


def put_before(body: list[gast.stmt], at: gast.stmt, new: list[gast.stmt]) -> bool:
    """Put statements before one that is somewhere in a block; whether it is there."""
    for i, s in enumerate(body):
        if s is at:
            body[i:i] = new
            return True
        if any(put_before(inner, at, new) for inner in blocks_of(s)):
            return True
    return False


def blocks_of(s: gast.stmt) -> list[list[gast.stmt]]:
    """The blocks of a compound statement."""
    found = [getattr(s, f, None) for f in ("body", "orelse", "finalbody")]
    handlers = [h.body for h in getattr(s, "handlers", None) or []]
    return [b for b in (*found, *handlers) if isinstance(b, list)]


def differing(head: Snapshot, ends: list[Snapshot], carried: dict[Key, Value]) -> dict[Key, Value]:
    """The cells that a round of a loop changes, and that no variable carries yet."""
    out: dict[Key, Value] = {}
    for state in ends:
        for h, cells in head.items():
            for k, old in cells.items():
                new = state.get(h, {}).get(k, old)
                if same(old, new) or isinstance(old, Conflict):
                    continue
                if (h, k) in carried and (
                    fits(carried[h, k], new) or written_out(carried[h, k], new, state)
                ):
                    continue
                out[h, k] = new
            for k in state.get(h, {}).keys() - cells.keys():
                if isinstance(h, Items):
                    out.update({(h, j): Conflict(v, v) for j, v in cells.items()})
    return out


def written_out(carried: Value, new: Value, state: Snapshot) -> bool:
    """Whether an object that the function makes can be put into the variable of another one."""
    return isinstance(carried, Plain) and isinstance(new, Instance) and not shared(new, state)


def fits(carried: Value, new: Value) -> bool:
    """Whether the variables that carry a value can take another one."""
    match carried, new:
        case Conflict(), _:
            return True
        case Plain(), Plain():
            return True
        case Instance(), Instance():
            return (
                carried.cls.value is new.cls.value
                and carried.cells.keys() == new.cells.keys()
                and all(fits(v, new.cells[k]) for k, v in carried.cells.items())
            )
        case Items(), Items():
            return (
                carried.type is new.type
                and carried.cells.keys() == new.cells.keys()
                and all(fits(v, new.cells[k]) for k, v in carried.cells.items())
            )
    return same(carried, new)


def transfer(e: Context, carried: Value, new: Value | None, copies: Copies) -> None:
    """Note the copies that give the variables of a carried value its new parts."""
    match carried, new:
        case Plain(expr=gast.Name(id=label)), Plain():
            if not (isinstance(new.expr, gast.Name) and new.expr.id == label):
                copies.append((label, new.expr))
        case Plain(expr=gast.Name(id=label)), Instance():
            copies.append((label, e.moved(new, e.at)))
        case (Instance(), Instance()) | (Items(), Items()):
            if carried is not new:
                new.frozen = True
                for k, v in carried.cells.items():
                    transfer(e, v, new.cells[k], copies)


def after_loop(
    e: Context, s: gast.For | gast.While, head: Snapshot, ends: list, loop: Loop
) -> None:
    """The cells behind a loop: those of its head, and what its body was the first to bind."""
    end = ends[-1][0] if ends else {}
    state = {h: dict(c) for h, c in head.items()}
    for h, cells in end.items():
        for k, v in cells.items():
            state.setdefault(h, {}).setdefault(k, v)
    for left, _ in loop.breaks:
        for h, cells in left.items():
            for k, v in cells.items():
                old = state.setdefault(h, {}).setdefault(k, v)
                if not same(old, v) and not (isinstance(old, Conflict) or fits(old, v)):
                    state[h][k] = Conflict(old, v)
                elif not same(old, v) and isinstance(old, Plain) and isinstance(v, Plain):
                    state[h][k] = Plain(old.expr, None)
    e.restore(state)


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
            assign_to(e, name_store(label), v)
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


def name_store(label: str) -> gast.Name:
    """A name that is bound."""
    return gast.Name(id=label, ctx=gast.Store(), annotation=None, type_comment=None)


def loop_over(e: Context, over: Value, each: Callable[[Value], None], node: gast.expr) -> None:
    """Do something for each item of a value."""
    if isinstance(over, Generating):
        from srcgrad.lower.elaborate.generators import produce

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
        target=name_store(label),
        iter=e.code(over, node),
        body=[hook],
        orelse=[],
        type_comment=None,
    )
    running(
        e,
        placed(loop, node),
        (loop.iter, lambda: assign_quietly(e, loop.target, item_kind(over), loop.iter)),
    )


class Hook:
    """Something to do in the place of a statement."""

    def __init__(self, each: Callable[[Value], None], label: str) -> None:
        self.each = each
        self.label = label


def over_generator(e: Context, s: gast.For, over: Generating) -> bool:
    """A loop over what a generator gives: its body where the generator yields."""
    from srcgrad.lower.elaborate.generators import collectable, endless

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
        made = collected(e, over, s.iter)
        new = copy.copy(s)
        label = e.fresh("items")
        e.scope.names[label] = label
        assign_to(e, name_store(label), made)
        new.iter = placed(name(label), s.iter)
        return for_loop(e, new)
    run_body(e, s, over, None)
    return True


def run_body(e: Context, s: gast.For, over: Generating, flag: str | None) -> None:
    """The body of a loop where a generator yields; it leaves the generator's loop by a flag."""
    from srcgrad.lower.elaborate.generators import produce

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


def has_several(over: Generating) -> bool:
    """Whether a generator yields in many places."""
    count = sum(isinstance(n, (gast.Yield, gast.YieldFrom)) for n in nodes(over.node))
    return count > 3


def collected(e: Context, over: Generating, node: gast.expr) -> Value:
    """The list of what a generator gives."""
    from srcgrad.lower.elaborate.builtin import add, start_list
    from srcgrad.lower.elaborate.generators import produce
    from srcgrad.lower.elaborate.names import read_name

    scope = e.scope
    out = start_list(e)

    def each(value: Value) -> None:
        inner, e.scope = e.scope, scope
        add(e, out, value)
        e.scope = inner

    produce(e, over, each, node)
    return read_name(e, placed(name(out), node))
