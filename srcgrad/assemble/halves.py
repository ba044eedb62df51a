"""The halves of one callee: what the forward one records is what the backward one reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast

from srcgrad.assemble.names import (
    bound_names,
    changed_names,
    copy_body,
    live_at_start,
    mentioned,
    seed_tree,
)
from srcgrad.kinds import Array, Kind, List, Record, Scalar
from srcgrad.lower.base.program import Typed, World, load
from srcgrad.lower.inference.instances import reopened
from srcgrad.lower.memory.aliases import has_container, summarise
from srcgrad.lower.prepare import prepare
from srcgrad.optimize.eliminate import eliminate
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import COPY, RESULT, SHADOW, is_tape, made, role, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, target
from srcgrad.syntax.walk import nodes
from srcgrad.transform.function import Reverse
from srcgrad.transform.generated import Generated, Pair

RECORDED = made("recorded", RESULT)


class Halves:
    """The making of the halves of one callee.

    Args:
        module: what the halves go into.
        key: the callee, its parameters that have cotangents, and the structure of the cotangent
            of its result.
        expected: the halves that it calls where it calls itself.
        anew: whether the backward half computes the value anew, and nothing is recorded.
    """

    def __init__(
        self, module: Any, key: tuple[Typed, tuple[str, ...], Any], expected: Pair, *, anew: bool
    ) -> None:
        self.module, self.key, self.expected, self.anew = module, key, expected, anew
        typed, wanted, cotangent = key
        self.typed = typed
        self.single = single_exit(typed, module.world)
        self.reverse = Reverse(self.single, module.world, list(wanted), module)
        seeds, self.seeds = seed_tree(self.single, cotangent)
        body, boundary, self.places = self.reverse.halves(seeds, anew=anew)
        self.forward = body[: body.index(boundary)]
        self.value = body[-1].value.elts[0]
        shadows = {n: c for c in self.reverse.shadow_classes() for n in c}
        self.plain = self.reverse.plain_names()
        found = mentioned(body)
        self.visible = module.visible(self.typed, found)
        self.groups = module.groups(self.single, body, found, self.plain, shadows)
        self.shaped = module.shaped(self.single, found)
        self.backward, self.pinned = self.lean(body)
        self.reads = live_at_start(self.backward)
        self.bound = bound_names(self.forward)
        kept = self.reverse.renewed if anew else self.bound
        self.recorded = [n for n in self.reads if n in kept or (is_tape(n) and not anew)]

    def made(self) -> Pair:
        """Make the halves; they join the module."""
        if self.anew:
            self.reverse.check_draws()
        again, copied = self.needs_value()
        if again and not self.anew:
            self.reverse.check_again()
            return Halves(self.module, self.key, self.expected, anew=True).made()
        arguments = [
            p
            for p in self.single.function.parameters
            if (p in self.reads and p not in self.bound) or p in self.expected.arguments
        ]
        forward = None
        if self.recorded or (self.expected.forward is not None and not self.anew):
            forward = self.expected.forward or self.module.free_name(f"{self.label}_fwd")
            self.finish_forward(forward, copied=copied)
        backward = self.expected.backward or self.module.free_name(f"{self.label}_bwd")
        given = self.finish_backward(backward, arguments)
        return Pair(forward, backward, arguments, given, self.places, anew=self.anew)

    @property
    def label(self) -> str:
        """What the names of the halves begin with."""
        return user_name(self.typed.function.object.__name__).strip("<>")

    def lean(self, body: list[gast.stmt]) -> tuple[list[gast.stmt], set[gast.stmt]]:
        """The backward half without what nothing reads, and its statements that stay."""
        body, pinned = copy_body(body, self.reverse.pinned)
        body[-1].value = gast.Tuple(elts=body[-1].value.elts[1:], ctx=gast.Load())
        names = {*self.typed.function.parameters}
        switches = self.module.world.switches
        given, groups = [*names, *self.seeds], self.groups
        body = eliminate(body, given, pinned, self.visible, groups, switches, self.shaped)
        self.module.check_saved(body, self.reverse)
        cut = next(i for i, s in enumerate(body) if isinstance(s, gast.Pass))
        return body[cut + 1 :], pinned

    def needs_value(self) -> tuple[bool, bool]:
        """Whether the value has to be computed anew backwards, and whether a copy is returned.

        What is recorded must neither be the caller's to change, nor used up where the backward
        half runs more than once.
        """
        changed = changed_names(self.backward) & set(self.recorded)
        seen = bool(self.groups.get(self.value.id, frozenset()) & changed)
        copied = seen and isinstance(self.single.returns, Array)
        lost = {n for n in changed if not is_tape(n)}
        if self.module.repeatable and lost & set(self.unbound()):
            seen, copied = True, False
        return (self.module.repeatable and self.used_up()) or (seen and not copied), copied

    def finish_forward(self, label: str, *, copied: bool) -> None:
        """Finish the forward half: it returns the value and what it recorded."""
        value = call(attribute(self.value, "copy")) if copied else self.value
        packed: list[gast.expr] = [name(n) for n in self.recorded]
        if len(self.recorded) != 1:
            packed = [gast.Tuple(elts=packed, ctx=gast.Load())]
        end = gast.Return(value=gast.Tuple(elts=[value, *packed], ctx=gast.Load()))
        body = [*self.unassigned(), *self.forward, end]
        self.finish(label, list(self.single.function.parameters), body, self.reverse.pinned)

    def finish_backward(self, label: str, arguments: list[str]) -> list[str]:
        """Finish the backward half; returns the names of what it gets beside arguments."""
        body, given = self.backward, self.recorded
        tail = body[-1].value.elts
        body[-1].value = tail[0] if len(tail) == 1 else gast.Tuple(elts=tail, ctx=gast.Load())
        if self.module.repeatable:
            self.own_items(body)
            body = [*self.own_copies(), *body]
        if len(given) > 1:
            to = gast.Tuple(elts=[target(n) for n in given], ctx=gast.Store())
            opening = gast.Assign(targets=[to], value=name(RECORDED), type_comment=None)
            body, given = [opening, *body], [RECORDED]
        self.finish(label, [*arguments, *given, *self.seeds], body, self.pinned)
        return given

    def finish(
        self, label: str, parameters: list[str], body: list[gast.stmt], pinned: set[gast.stmt]
    ) -> None:
        """Let a half join the module."""
        half = Generated(label, parameters, body, pinned)
        half.groups, half.plain = self.groups, self.plain
        self.module.finish(half, self.single, docstring="")

    def unassigned(self) -> list[gast.stmt]:
        """`x = None` for what is recorded but not bound on every path (then nothing reads it)."""
        values = {n: blank(self.single.variables.get(n)) for n in self.unbound()}
        self.module.world.vague |= None in values.values()
        return [assign(n, constant(v)) for n, v in values.items()]

    def unbound(self) -> list[str]:
        """Names that are recorded but not bound on every path through the forward half."""
        body = [*self.forward, gast.Pass()]
        graph = Graph(body, self.single.function.parameters)
        bit, missing = graph.unassigned()
        at_end = missing[graph.at[body[-1]]]
        return [n for n in self.recorded if at_end & bit.get(n, 0) and not is_tape(n)]

    def own_copies(self) -> list[gast.stmt]:
        """Copies of what the backward half uses up, so that it can run again."""
        changed = changed_names(self.backward)
        out: list[gast.stmt] = []
        for n in self.recorded:
            if is_tape(n):
                out.append(assign(n, call(name("list"), name(n))))
            elif n in changed:
                out.append(assign(n, call(attribute(name(n), "copy"))))
        return out

    def own_items(self, body: list[gast.stmt]) -> None:
        """Copy, in place, the arrays that are taken from a tape and changed afterwards."""
        for s in self.changed_items(body):
            s.value = call(attribute(s.value, "copy"))

    def changed_items(self, body: list[gast.stmt]) -> list[gast.Assign]:
        """Statements that bind an array from a tape, or a recorded one, which is then changed."""
        changed = changed_names(body)
        recorded = set(self.recorded)
        return [
            s
            for s in nodes(body)
            if isinstance(s, gast.Assign)
            and is_recorded(s.value, recorded)
            and isinstance(n := s.targets[0], gast.Name)
            and changed & {n.id, *self.groups.get(n.id, ())}
            and isinstance(self.kind_of(n.id), Array)
        ]

    def taken(self, body: list[gast.stmt]) -> set[str]:
        """Variables that are bound to what comes from a tape."""
        tapes = set(filter(is_tape, self.recorded))
        return {
            t.id
            for s in nodes(body)
            if isinstance(s, gast.Assign) and is_recorded(s.value, tapes)
            for t in s.targets
            if isinstance(t, gast.Name)
        }

    def kind_of(self, variable: str) -> Kind | None:
        """The kind of a variable; of a copy that reverse mode made that of what it is of."""
        variables = self.single.variables
        if role(variable) != COPY:
            return variables.get(variable)
        kinds = [k for n, k in variables.items() if user_name(n) == user_name(variable)]
        arrays = all(isinstance(k, Array) for k in kinds)
        return min(kinds, key=lambda k: getattr(k, "dims", None) is not None) if arrays else None

    def used_up(self) -> bool:
        """Whether the backward half changes memory that is recorded under more than one name."""
        recorded, groups, typed = self.recorded, self.groups, self.single
        if any(n in self.reverse.together or role(n) == SHADOW for n in recorded):
            return True
        changed = changed_names(self.backward)
        items = [self.kind_of(s.targets[0].id) for s in self.changed_items(self.backward)]
        if any(isinstance(k, Array) and k.dims is None for k in items):
            return True
        if any(
            p in changed and set(recorded) & groups.get(p, frozenset()) for p in typed.parameters
        ):
            return True
        if any(holds_containers(typed.variables.get(n)) for n in recorded if n in changed):
            return True
        held = summarise(typed)
        read = [n for n in (*recorded, *typed.parameters) if n in self.reads]
        if any(
            n in changed and n in recorded and m != n and held.container(m) == held.container(n)
            for n in read
            for m in read
        ):
            return True
        lists = {n for n in changed if has_container(typed.variables.get(n))}
        given = {*recorded, *typed.parameters} - self.taken(self.backward)
        if lists - given and any(map(is_tape, recorded)):
            return True
        return any(
            n in changed and not is_tape(n) and m in groups.get(n, ())
            for n in recorded
            for m in recorded
            if m != n
        ) or any(t in groups for t in recorded if is_tape(t))


def single_exit(typed: Typed, world: World) -> Typed:
    """A callee with one return at its end, where the backward half begins."""
    if typed.single is None:
        function = load(typed.function.object, variadic=True)
        function = replace(function, guarded=typed.function.guarded)
        with reopened(typed, world):
            typed.single = prepare(function, typed.parameters, world, single_exit=True)
        typed.single.returns = typed.returns
    return typed.single


def is_recorded(value: gast.expr, recorded: set[str]) -> bool:
    """Whether an expression is something recorded, or taken from a tape."""
    match value:
        case gast.Name(id=n) | gast.Call(func=gast.Attribute(value=gast.Name(id=n), attr="pop")):
            return n in recorded
    return False


def blank(kind: Kind | None) -> object:
    """A value for what is never read: of the kind where that is a number, so that kinds agree."""
    if isinstance(kind, Scalar):
        return kind.dtype.type(0).item()
    return None


def holds_containers(kind: Kind | None) -> bool:
    """Whether a list or dict has lists or dicts in it, which a copy of it would share."""
    match kind:
        case List(item=item):
            return has_container(item)
        case Record(items=items):
            return any(map(has_container, items))
    return False
