"""Loops that stay loops: variables carry what a round changes, until nothing new is carried."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import gast

from srcgrad.lower.elaborate.context import Context, Growing, Snapshot
from srcgrad.lower.elaborate.defaults import with_defaults
from srcgrad.lower.elaborate.merging import Copies, Meeting, copy_all, same, shared
from srcgrad.lower.elaborate.names import home
from srcgrad.lower.elaborate.values import Conflict, Holder, Instance, Items, Plain, Value
from srcgrad.syntax.walk import nodes

ROUNDS = 8
HINT = "Keep numbers and arrays in the loop's variables."
Key = tuple[Holder, object]
Left = tuple[Snapshot, gast.stmt | None]
Header = tuple[gast.expr | None, Callable[[], gast.expr | None]]


@dataclass(eq=False)
class Loop:
    """A loop at work: where it is left, or begins anew, in the middle of its body."""

    breaks: list[Left] = field(default_factory=list)
    continues: list[Left] = field(default_factory=list)


def running(e: Context, s: gast.For | gast.While, header: Header) -> bool:
    """A loop that stays one, with the attributes that its rounds are the first to set."""
    return with_defaults(e, s, lambda: settled(e, s, header))


def settled(e: Context, s: gast.For | gast.While, header: Header) -> bool:
    """A loop whose body is elaborated until nothing new is carried around."""
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
        ends: list[Left] = [*loop.continues]
        if comes_out:
            ends.append((e.snapshot(), None))
        changed = differing(head, [st for st, _ in ends], carried)
        if not changed:
            break
        e.restore(before)
        start += carry(e, s, head, changed, carried)
    else:
        raise e.refuse(s, "the functions and objects of this loop do not settle", HINT)
    copy_all(start, e.out, e)
    for state, jump in [*ends, *loop.breaks]:
        hand_on(e, s, body, (state, jump), carried)
    after_loop(e, head, ends, loop)
    emit_loop(e, s, code if isinstance(s, gast.For) else test, body)
    return True


def carry(
    e: Context,
    s: gast.For | gast.While,
    head: Snapshot,
    changed: dict[Key, Value],
    carried: dict[Key, Value],
) -> Copies:
    """Give what a round changes variables of its own from now on.

    Args:
        e: the function at work, as it was before the loop.
        s: the loop.
        head: the cells at the head of the round.
        changed: the cells that the round changed, with their new values.
        carried: the cells that variables carry; what is changed is added.

    Returns:
        The copies that give new variables their first values.
    """
    meeting = Meeting(e, None)
    for (holder, key), value in changed.items():
        old = head[holder][key]
        if isinstance(holder, Items) or grows(old, value):
            raise Growing(grown(e, s))
        if (holder, key) in carried:
            carried[holder, key] = Conflict(old, value)
        else:
            carried[holder, key] = meeting.meet(fresh_copy(old), value, str(key))
    for (holder, key), value in carried.items():
        holder.cells[key] = value
        if isinstance(holder, Instance) and isinstance(value, Plain):
            holder.slots[str(key)] = value.expr.id
            e.rebound_inside.add(value.expr.id)
    return meeting.first


def hand_on(
    e: Context,
    s: gast.For | gast.While,
    body: list[gast.stmt],
    left: Left,
    carried: dict[Key, Value],
) -> None:
    """Put copies to the variables of a loop where a round of it ends, or is left."""
    state, jump = left
    copies: Copies = []
    for (holder, key), value in carried.items():
        transfer(e, value, state.get(holder, {}).get(key), copies)
    new: list[gast.stmt] = []
    copy_all(copies, new, e)
    if jump is None:
        body += new
    elif new and not put_before(body, jump, new):
        raise e.refuse(s, "the functions and objects of this loop cannot be followed", HINT)


def emit_loop(
    e: Context, s: gast.For | gast.While, over: gast.expr | None, body: list[gast.stmt]
) -> None:
    """Emit a loop over the code of its body.

    Args:
        e: the function at work.
        s: the loop as it was.
        over: what a `for` goes through, or the test of a `while`.
        body: the code of a round.
    """
    otherwise: list[gast.stmt] = []
    if s.orelse:
        with e.into(otherwise):
            e.block(s.orelse)
    inner = body or [gast.Pass()]
    if isinstance(s, gast.For):
        target = target_code(e, s.target)
        new = gast.For(target=target, iter=over, body=inner, orelse=otherwise, type_comment=None)
    else:
        new = gast.While(test=over, body=inner, orelse=otherwise)
    e.emit(new)
    gast.copy_location(new, s)
    new.end_lineno = None


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
        "Loop over a short argument or a constant range, or keep numbers and arrays in lists.",
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
            if isinstance(h, Items) and state.get(h, {}).keys() - cells.keys():
                out.update({(h, j): Conflict(v, v) for j, v in cells.items()})
    return out


def written_out(carried: Value, new: Value, state: Snapshot) -> bool:
    """Whether an object that the function makes can be put into the variable of another one."""
    return isinstance(carried, Plain) and isinstance(new, Instance) and not shared(new, state)


def fits(carried: Value, new: Value) -> bool:
    """Whether the variables that carry a value can take another one."""
    if isinstance(carried, Conflict):
        return True
    if isinstance(carried, Plain):
        return isinstance(new, Plain)
    if isinstance(carried, (Instance, Items)) and isinstance(new, (Instance, Items)):
        return alike(carried, new) and all(fits(v, new.cells[k]) for k, v in carried.cells.items())
    return same(carried, new)


def alike(a: Instance | Items, b: Instance | Items) -> bool:
    """Whether two objects or containers are of one type, with the same attributes or keys."""
    types = [v.cls.value if isinstance(v, Instance) else v.type for v in (a, b)]
    return types[0] is types[1] and a.cells.keys() == b.cells.keys()


def transfer(e: Context, carried: Value, new: Value | None, copies: Copies) -> None:
    """Note the copies that give the variables of a carried value its new parts."""
    if isinstance(carried, Plain) and isinstance(carried.expr, gast.Name):
        label = carried.expr.id
        if isinstance(new, Instance):
            copies.append((label, e.moved(new, e.at)))
        elif isinstance(new, Plain) and getattr(new.expr, "id", "") != label:
            copies.append((label, new.expr))
    elif isinstance(carried, (Instance, Items)) and carried is not new:
        assert isinstance(new, (Instance, Items))
        new.frozen = True
        for k, v in carried.cells.items():
            transfer(e, v, new.cells[k], copies)


def after_loop(e: Context, head: Snapshot, ends: list[Left], loop: Loop) -> None:
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
