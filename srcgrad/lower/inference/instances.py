"""Functions typed for the kinds of their arguments: once for each, recursive ones to a fixed point.

While a function is being typed it is open. A call of it from inside takes the kind of result that
is known so far (at first none: control does not come back from that call), and the function is
typed again until that kind is stable. Arguments of such a call forget lengths and values, so that
the levels of a recursion share one instance; those of other kinds get an instance of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.errors import SrcgradError
from srcgrad.kinds import INT, Array, Kind, List, Record, Scalar, Static
from srcgrad.lower.base.facts import join_all
from srcgrad.lower.base.join import join_length
from srcgrad.lower.base.program import Callee, Function, Typed, World
from srcgrad.lower.memory.aliases import summarise
from srcgrad.syntax.stated import stated_by
from srcgrad.syntax.walk import walk

DEEPEST = 12
ROUNDS = 12


class Unreturned(Exception):
    """A call of an open function of which no result is known yet: nothing comes after it."""


class Empty(Unreturned):
    """An item of a list that is empty, as far as is known: nothing comes after it.

    Args:
        node: what reads the item.
        what: what is read, in words.
    """

    def __init__(self, node: gast.AST, what: str) -> None:
        super().__init__(what)
        self.node, self.what, self.hint = node, f"this reads {what}", ""

    def refusal(self, function: Function) -> Any:
        """The error for it."""
        return function.refuse(self.node, self.what, self.hint)


class Failing(Empty):
    """An expression that raises for certain, or a target of which the assignment does.

    Args:
        node: what raises.
        what: what it does, in words.
        error: the class of the exception; None for any.
        hint: what to write instead.
        base: the container that is read or written, if the kind of one tells that this raises.
    """

    def __init__(
        self,
        node: gast.AST,
        what: str,
        error: type[Exception] | None,
        hint: str = "",
        base: gast.expr | None = None,
    ) -> None:
        super().__init__(node, what)
        self.what, self.error, self.hint, self.base = what, error, hint, base
        self.said: SrcgradError | None = None

    def refusal(self, function: Function) -> Any:
        """The error for it; for a call that never returns, the one for what raises there."""
        return self.said or super().refusal(function)


@dataclass(eq=False)
class Opened:
    """A function that is being typed.

    Attributes:
        typed: what calls of it refer to; it shows the function as the passes so far have left it.
        before: the instances that there were when it was opened.
        used: whether it was called from inside.
        settled: whether it is finished, and only looked at once more.
        call: the last call from inside, with the function that it stands in.
        wider: the instance for all further levels, if the kinds of their arguments are wider.
    """

    typed: Typed
    before: frozenset[Any] = frozenset()
    used: bool = False
    settled: bool = False
    call: tuple[Function, gast.AST] | None = None
    wider: Typed | None = None

    def show(self, typed: Typed) -> None:
        """Let calls from inside see a function as it is now."""
        returns = self.typed.returns
        self.typed.__dict__.update(typed.__dict__)
        self.typed.returns = returns
        self.typed.summary = None


def instance_of(
    callee: Function, kinds: dict[str, Kind], world: World, caller: Function, node: gast.AST
) -> Typed:
    """A function typed for kinds of arguments; made once for each.

    Args:
        callee: the function.
        kinds: the kind of each parameter.
        world: what the specialisation knows.
        caller: the function that calls it.
        node: the call.

    Raises:
        Unsupported: where the kinds of a recursion do not settle.
    """
    inside = [o for o in world.open if o.typed.function.object is callee.object]
    if not inside:
        typed = typed_for(callee, kinds, world)
        wider = typed.wider
        known = wider is None or wider.waits or wider.returns != typed.returns
        return typed if known or wider is None else wider
    given = {p: constant_of(k) for p, k in kinds.items()}
    kinds = {p: unmeasured(k) for p, k in kinds.items()}
    for o in reversed(inside):
        if covers(o.typed.parameters, kinds):
            o.used, o.call = True, (caller, node)
            return o.typed
    if len(inside) > DEEPEST:
        label = callee.object.__name__
        what = f"`{label}` calls itself with arguments of ever new kinds"
        world.failed[callee.object] = caller.refuse(node, what, "Write it as a loop.")
        raise world.failed[callee.object]
    failed = None
    for o in reversed(inside):
        wide = widened(o.typed.parameters, kinds)
        if wide is None:
            continue
        key = key_of(callee, wide)
        failed = world.failed.get(key)
        if failed is None:
            try:
                found = typed_for(callee, wide, world)
                check_items(found)
                o.wider = found
                return found
            except SrcgradError as e:
                if getattr(e, "recursive", None) is callee.object:
                    raise
                failed = world.failed[key] = e
        break
    try:
        return typed_for(callee, kinds if failed is None else given, world)
    except SrcgradError as e:
        if failed is None or e is not world.failed.get(callee.object):
            raise
        raise failed from None


def check_items(typed: Typed) -> None:
    """Refuse an item of a tuple whose number is not known: each level needs its own instance."""
    for n in walk(typed.function.node):
        if not isinstance(n, gast.Subscript) or isinstance(n.slice, gast.Slice):
            continue
        if isinstance(typed.kinds.get(n.value), Record) and n.slice in typed.kinds:
            if not isinstance(typed.kinds[n.slice], Static):
                what = "this item of a tuple or dict is another one at each level of the recursion"
                raise typed.function.refuse(n, what, "Use a list.")


def key_of(callee: Function, kinds: dict[str, Kind]) -> Any:
    """What tells one instance from another."""
    return callee.object, tuple(kinds.items())


def typed_for(callee: Function, kinds: dict[str, Kind], world: World) -> Typed:
    """The instance for exactly these kinds."""
    key = key_of(callee, kinds)
    if key in world.instances:
        return world.instances[key]
    opened = Opened(Typed(callee, kinds, switches=world.switches), frozenset(world.instances))
    around = tuple(world.open)
    world.open.append(opened)
    try:
        typed = world.prepare(callee, kinds, world)
    except SrcgradError:
        forget(opened, world)
        raise
    finally:
        world.open.pop()
    if opened.used:
        opened.show(typed)
        typed = opened.typed
    typed.around, typed.wider = around, opened.wider
    if not typed.waits:
        world.instances[key] = typed
    return typed


@contextmanager
def reopened(typed: Typed, world: World) -> Iterator[None]:
    """Calls find a function itself, and those that were open when it was typed."""
    kept = world.open
    world.open = [Opened(t, settled=True) for t in (*(o.typed for o in typed.around), typed)]
    try:
        yield
    finally:
        world.open = kept


def waiting(typed: Typed, world: World) -> set[Typed]:
    """The open functions whose result has to be known before that of a function is."""
    if typed.returns is None and any(o.typed is typed and not o.settled for o in world.open):
        return {typed}
    return typed.waits


def settle(opened: Opened, found: Typed, world: World) -> bool:
    """Whether the result that was taken for a function called from inside is what came out.

    Where it is not, the wider kind is taken from now on, and what was made with the other one is
    forgotten.
    """
    before = opened.typed.returns
    kinds = [k for k in (before, found.returns) if k is not None]
    after = join_all(kinds)
    if after == before:
        return True
    opened.typed.returns = after
    forget(opened, world)
    world.failed.clear()
    return False


def forget(opened: Opened, world: World) -> None:
    """Drop the instances that were made while a function was open: they may refer to it."""
    for key in [k for k in world.instances if k not in opened.before]:
        del world.instances[key]


def open_for(function: Function, world: World) -> Opened | None:
    """What is noted of a function that is being typed; None for one that is only looked at."""
    if not world.open or world.open[-1].settled:
        return None
    last: Opened = world.open[-1]
    return last if last.typed.function.object is function.object else None


def finished(opened: Opened, typed: Typed) -> Typed:
    """A function with the kind of its result, which calls from inside now see.

    Raises:
        Unsupported: if control never comes back from it.
    """
    typed.returns = opened.typed.returns
    typed.waits.discard(opened.typed)
    if typed.waits:
        return typed
    if typed.doubt is not None:
        raise typed.doubt
    if typed.returns is None and opened.call is not None:
        caller, node = opened.call
        what = f"`{opened.typed.function.object.__name__}` calls itself without end"
        raise caller.refuse(node, what, "Return a value on a path that does not call it.")
    opened.show(typed)
    return typed


def covers(have: dict[str, Kind], kinds: dict[str, Kind]) -> bool:
    """Whether arguments of some kinds can be handed to an instance for others."""
    return widened(have, kinds) == have


def widened(a: dict[str, Kind], b: dict[str, Kind]) -> dict[str, Kind] | None:
    """The kinds that cover both, where they differ in lengths and values alone."""
    out: dict[str, Kind] = {}
    for p, k in a.items():
        found = wide(k, b[p])
        if found is None:
            return None
        out[p] = found
    return out


def wide(a: Kind, b: Kind) -> Kind | None:
    """The kind that covers both; None if they differ in more than lengths and values."""
    if a == b:
        return a
    match a, b:
        case ((Scalar() | Static()), (Scalar() | Static())):
            left, right = counted(a), counted(b)
            if (
                left is None
                or right is None
                or (left.dtype, left.python) != (right.dtype, right.python)
            ):
                return None
            return Scalar(left.dtype, left.python)
        case Array(), Array() if a.dims is not None and b.dims is not None:
            if a.dtype != b.dtype or len(a.dims) != len(b.dims):
                return None
            return Array(a.dtype, tuple(map(join_length, a.dims, b.dims)))
        case Record(), Record() if a.type is b.type and a.keys == b.keys:
            items = [wide(i, j) for i, j in zip(a.items, b.items, strict=True)]
            if any(i is None for i in items):
                return None
            return Record(a.type, a.keys, tuple(i for i in items if i is not None))
        case List(), List():
            if a.item is None or b.item is None:
                return List(a.item or b.item)
            item = wide(a.item, b.item)
            return None if item is None else List(item)
    return None


def counted(kind: Kind) -> Scalar | None:
    """A Python int or a number; None for flags, strings and the like."""
    if isinstance(kind, Static) and type(kind.value) is int:
        return INT
    return kind if isinstance(kind, Scalar) else None


def constant_of(kind: Kind) -> Kind:
    """The kind of an int that is known outright, where each level has an instance of its own."""
    if kind == INT or not isinstance(kind, Scalar):
        return kind
    known = kind.python and kind.dtype == INT.dtype and type(kind.value) is int
    return Static(kind.value) if known else unmeasured(kind)


def unmeasured(kind: Kind) -> Kind:
    """The kind of an argument of a call of a function by itself: ints forget what they count."""
    return Scalar(kind.dtype, kind.python) if isinstance(kind, Scalar) else kind


def written_defaults(callee: Callee) -> list[str]:
    """The parameters whose default a call of the user's function changes, for all calls to come."""
    inner, given = summarise(callee.target), {p for p, _ in callee.operands}
    return [
        p
        for p in callee.target.parameters
        if p not in given and p in inner.parent and inner.is_written(p)
    ]


def calls_itself(typed: Typed) -> bool:
    """Whether a function calls itself, directly or through others."""
    stack, seen = [typed], set()
    while stack:
        for callee in stack.pop().callees.values():
            if callee.tag != "user" or callee.target in seen:
                continue
            if callee.target is typed:
                return True
            seen.add(callee.target)
            stack.append(callee.target)
    return False


def never_returns(node: gast.Call, typed: Typed) -> Failing:
    """What a call of a function does that never returns."""
    label = typed.function.object.__name__
    new = Failing(node, f"this calls `{label}`, which never returns", None)
    for n in walk(typed.function.node):
        stated = stated_by(n)
        if stated is not None:
            new.said = stated.refused
    return new
