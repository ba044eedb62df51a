"""Where paths meet: one value that covers two, with the copies that the two paths need for it."""

from __future__ import annotations

from collections.abc import Callable

import gast

from srcgrad.kinds import Kind, Opaque, Record, Static
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context, Snapshot
from srcgrad.lower.elaborate.defaults import completed
from srcgrad.lower.elaborate.values import (
    FUNCTIONS,
    Bound,
    Choice,
    Closure,
    Conflict,
    Derived,
    Instance,
    Items,
    Known,
    Partial,
    Plain,
    Value,
)
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import assign, constant, name

Copies = list[tuple[str, gast.expr]]


def same(a: Value, b: Value) -> bool:
    """Whether two values are one."""
    if a is b:
        return True
    match a, b:
        case Plain(), Plain():
            return same_code(a.expr, b.expr) and a.kind == b.kind
        case Known(), Known():
            return a.value is b.value
        case Closure(), Closure():
            alike = a.node is b.node and a.scope is b.scope
            return alike and all(same(v, b.defaults[k]) for k, v in a.defaults.items())
        case Bound(), Bound():
            return same(a.function, b.function) and same(a.self, b.self)
        case Derived(), Derived():
            alike = a.make is b.make and a.wrt == b.wrt
            return alike and same(a.function, b.function)
        case Partial(), Partial():
            return (
                same(a.function, b.function)
                and len(a.args) == len(b.args)
                and all(map(same, a.args, b.args))
                and a.keywords.keys() == b.keywords.keys()
                and all(same(v, b.keywords[k]) for k, v in a.keywords.items())
            )
        case Items(), Items():
            return (
                a.type is tuple
                and b.type is tuple
                and a.cells.keys() == b.cells.keys()
                and all(same(v, b.cells[k]) for k, v in a.cells.items())
            )
        case Conflict(), Conflict():
            return same(a.one, b.one) and same(a.other, b.other)
    return False


def same_code(a: gast.expr, b: gast.expr) -> bool:
    """Whether two expressions are one name or one constant."""
    match a, b:
        case gast.Name(), gast.Name():
            return a.id == b.id
        case gast.Constant(), gast.Constant():
            return type(a.value) is type(b.value) and a.value == b.value
    return a is b


def selectable(value: Value) -> bool:
    """Whether a value may be one of two that a flag chooses from: a function, an object, None."""
    return isinstance(value, (*FUNCTIONS, Instance)) or is_none(value)


def is_none(value: Value) -> bool:
    """Whether a value is None."""
    return isinstance(value, Plain) and value.kind == Static(None)


class Meeting:
    """Finds values that cover those of two paths.

    Args:
        e: the elaboration.
        flag: gives a test that is true behind the first path; None where there is none (loops).
    """

    def __init__(self, e: Context, flag: Callable[[], gast.expr] | None) -> None:
        self.e = e
        self.flag = flag
        self.ends: tuple[Snapshot, ...] = ()
        self.first: Copies = []
        self.second: Copies = []
        self.pairs: dict[tuple[int, int], Value] = {}

    def meet(self, a: Value, b: Value, hint: str) -> Value:
        """A value that covers two; the copies that it needs are noted."""
        if same(a, b):
            return a
        key = (id(a), id(b))
        if key not in self.pairs:
            self.pairs[key] = self.covering(a, b, hint)
        return self.pairs[key]

    def covering(self, a: Value, b: Value, hint: str) -> Value:
        """A value that covers two different ones."""
        match a, b:
            case Plain(), Plain():
                if same_code(a.expr, b.expr):
                    return Plain(a.expr, None)
                return self.variable(a, b, hint)
            case Plain(), Instance() if not shared(b, *self.ends):
                return self.variable(a, Plain(self.e.moved(b, self.e.at), record_kind(a, b)), hint)
            case Instance(), Plain() if not shared(a, *self.ends):
                return self.variable(Plain(self.e.moved(a, self.e.at), record_kind(b, a)), b, hint)
            case Instance(), Instance() if (
                a.cls.value is b.cls.value and a.cells.keys() == b.cells.keys()
            ):
                a.frozen = b.frozen = True
                new = self.e.held(Instance(cls=a.cls, label=a.label, frozen=True))
                new.cells = {k: self.meet(v, b.cells[k], k) for k, v in a.cells.items()}
                return new
            case Items(), Items() if a.type is b.type and a.cells.keys() == b.cells.keys():
                a.frozen = b.frozen = True
                made = self.e.held(Items(type=a.type, frozen=True))
                made.cells = {
                    k: self.meet(v, b.cells[k], f"{hint}_{k}") for k, v in a.cells.items()
                }
                return made
        if self.flag is not None and selectable(a) and selectable(b):
            for v in (a, b):
                if isinstance(v, Instance):
                    v.frozen = True
            return Choice(self.flag(), a, b)
        return Conflict(a, b)

    def variable(self, a: Plain, b: Plain, hint: str) -> Plain:
        """A variable that is set on both paths."""
        label = self.e.fresh(str(hint))
        self.first.append((label, a.expr))
        self.second.append((label, b.expr))
        return Plain(name(label), a.kind if a.kind == b.kind else shape_of(a.kind, b.kind))

    def states(self, a: Snapshot, b: Snapshot) -> Snapshot:
        """The cells of everything behind two paths."""
        out: Snapshot = {}
        self.ends = (a, b)
        for h in {**a, **b}:
            if h not in a or h not in b:
                out[h] = dict((a if h in a else b)[h])
                continue
            one, other = a[h], b[h]
            if isinstance(h, Items) and one.keys() != other.keys():
                out[h] = {k: Conflict(v, v) for k, v in (one | other).items()}
                continue
            if isinstance(h, Instance):
                both = completed(self.e, h, one, other), completed(self.e, h, other, one)
                one, other = both
            out[h] = {
                k: self.meet(one[k], other[k], str(k)) if k in one and k in other else v
                for k, v in (other | one).items()
            }
        return out


def record_kind(record: Plain, made: Instance) -> Kind | None:
    """What is known of an object that the function makes where it meets one that it was given."""
    kind = record.kind
    if not isinstance(kind, Record) or kind.type is not made.cls.value:
        return None
    return kind if set(kind.keys) == set(made.cells) else None


def shared(value: Instance, *states: Snapshot) -> bool:
    """Whether an object that can change has two names in one of several states."""
    if unchanging(value.cls.value):
        return False
    return any(
        sum(v is value for cells in state.values() for v in cells.values()) > 1 for state in states
    )


def shape_of(a: Kind | None, b: Kind | None) -> Kind | None:
    """The class and the attributes that two objects share, nothing being known of their values."""
    if isinstance(a, Record) and isinstance(b, Record) and a.type is b.type and a.keys == b.keys:
        return Record(a.type, a.keys, tuple(Opaque() for _ in a.keys))
    return None


def copy_all(copies: Copies, out: list[gast.stmt], e: Context) -> None:
    """Emit copies that happen at once: none reads what another one has set."""
    targets = {t for t, _ in copies}
    ready: Copies = []
    for to, value in copies:
        if loads(value) & (targets - {to}):
            label = e.fresh(to)
            out.append(placed(assign(label, value), e.at))
            value = name(label)
        ready.append((to, value))
    out += [placed(assign(t, v), e.at) for t, v in ready]


def branch(
    e: Context,
    first: tuple[Snapshot, list[gast.stmt]] | None,
    second: tuple[Snapshot, list[gast.stmt]] | None,
) -> bool:
    """Go on behind two branches, None for one that does not come out; whether any does.

    Args:
        e: the elaboration, which goes on with what covers both.
        first: the cells at the end of the first branch, and its statements.
        second: the same for the second.
    """
    if first is None or second is None:
        found = first or second
        if found is not None:
            e.restore(found[0])
        return found is not None
    flags: list[str] = []

    def flag() -> gast.expr:
        if not flags:
            flags.append(e.fresh("chosen"))
        return name(flags[0])

    e.holders = list({**first[0], **second[0]})
    meeting = Meeting(e, flag)
    state = meeting.states(first[0], second[0])
    for h in e.holders:
        state.setdefault(h, dict(h.cells))
    e.restore(state)
    copy_all(meeting.first, first[1], e)
    copy_all(meeting.second, second[1], e)
    for label in flags:
        first[1].append(placed(assign(label, constant(True)), e.at))
        second[1].append(placed(assign(label, constant(False)), e.at))
    return True
