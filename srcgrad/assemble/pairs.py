"""The halves of callees: a forward one that records, and a backward one that takes it from there.

What the halves of a function that calls itself look like is known only when they are made, so they
are made again with what was found, until the calls in them fit.
"""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.assemble.names import (
    bound_names,
    changed_names,
    copy_body,
    live_at_start,
    seed_tree,
    store,
)
from srcgrad.kinds import Array, Kind, List, Record, Scalar
from srcgrad.lower.aliases import has_container
from srcgrad.lower.instances import reopened
from srcgrad.lower.prepare import prepare
from srcgrad.lower.program import Typed, World, load
from srcgrad.optimize.eliminate import eliminate
from srcgrad.optimize.shared import Groups
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import RESULT, SHADOW, is_tape, made, role, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.transform.function import Reverse, active_places
from srcgrad.transform.generated import Generated, Pair

RECORDED = made("recorded", RESULT)
MOST_ROUNDS = 8
GROWING = ("globals", "origins", "imported", "halves", "pairs", "tangents", "used")


class Pairs:
    """Makes the halves of callees, for the module that they go into."""

    world: World
    globals: dict[str, Any]
    pairs: dict[Any, Pair]
    expected: dict[Any, Pair]
    used: set[str]
    optimise: bool
    repeatable: bool
    again: bool

    def free_name(self, wanted: str) -> str:
        """A name for a generated function."""
        raise NotImplementedError

    def visible(self, typed: Typed, body: list[gast.stmt]) -> frozenset[str]:
        """Names whose memory is seen from outside."""
        raise NotImplementedError

    def groups(
        self,
        typed: Typed,
        body: list[gast.stmt],
        plain: frozenset[str] = frozenset(),
        known: Groups | None = None,
    ) -> Groups:
        """For names of a body that may share memory which is written, all of them."""
        raise NotImplementedError

    def finish(self, made: Generated, typed: Typed, docstring: str = "") -> Any:
        """From a correct function to a lean one."""
        raise NotImplementedError

    def check_saved(self, body: list[gast.stmt], where: Any) -> None:
        """Refuse a function whose derivative needs a value that could not be saved."""
        raise NotImplementedError

    def pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """The forward and backward halves of a callee, for the cotangents that are at hand."""
        k = (typed, wanted, cotangent)
        if k in self.expected:
            return self.called(k)
        if k not in self.pairs:
            self.pairs[k] = self.make_pair(typed, wanted, cotangent)
        return self.pairs[k]

    def make_pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """Make the halves of a callee; those of one that calls itself again until they fit."""
        k = (typed, wanted, cotangent)
        kept = {n: copy.copy(getattr(self, n)) for n in GROWING}
        expected, anew = Pair(None, "", [], [], []), self.again
        for _ in range(MOST_ROUNDS):
            self.expected[k] = expected
            try:
                found = self.halves_of(typed, wanted, cotangent, expected, anew=anew)
            finally:
                del self.expected[k]
            if not expected.called or expected.fits(found):
                self.world.vague |= expected.called and found.forward is not None
                return found
            self.forget(kept)
            anew |= found.anew
            forward = None if found.forward is None else ""
            expected = Pair(forward, "", found.arguments, found.recorded, [])
        f = typed.function
        what = f"the derivative of `{f.object.__name__}`, which calls itself, does not settle"
        raise f.refuse(f.node, what, "Write it as a loop.")

    def forget(self, kept: dict[str, Any]) -> None:
        """Go back to what there was; names that calls were written with stay taken."""
        for n, was in kept.items():
            now = getattr(self, n)
            now.clear()
            if isinstance(now, list):
                now += was
            else:
                now.update(was)
        for other in self.expected.values():
            self.used |= {n for n in (other.forward, other.backward) if n}

    def called(self, k: tuple[Typed, tuple[str, ...], Any]) -> Pair:
        """The halves of a function that are being made, as calls from inside see them."""
        typed, wanted, _ = k
        expected = self.expected[k]
        if not expected.called:
            plain = user_name(typed.function.object.__name__).strip("<>")
            if expected.forward is not None:
                expected.forward = self.free_name(f"{plain}_fwd")
                expected.recorded = [RECORDED]
            expected.backward = self.free_name(f"{plain}_bwd")
            expected.results = [p for p, _ in active_places(typed, wanted)]
            expected.called = True
        return expected

    def halves_of(
        self,
        typed: Typed,
        wanted: tuple[str, ...],
        cotangent: Any,
        expected: Pair,
        *,
        anew: bool = False,
    ) -> Pair:
        """Make the halves of a callee, which calls itself by what is expected of them.

        Args:
            typed: the callee.
            wanted: its parameters that have cotangents.
            cotangent: the structure of the cotangent of its result.
            expected: the halves that it calls where it calls itself.
            anew: whether the backward half computes the value anew, and nothing is recorded.
        """
        if typed.single is None:
            with reopened(typed, self.world):
                typed.single = prepare(
                    load(typed.function.object, variadic=True),
                    typed.parameters,
                    self.world,
                    single_exit=True,
                )
            typed.single.returns = typed.returns
        single = typed.single
        reverse = Reverse(single, self.world, list(wanted), self)
        seeds, seed_ids = seed_tree(single, cotangent)
        body, boundary, places = reverse.halves(seeds, anew=anew)
        plain = user_name(typed.function.object.__name__).strip("<>")
        names = set(typed.function.parameters)
        visible = self.visible(typed, body)
        without_value = copy_body(body, reverse.pinned)
        without_value[0][-1].value = gast.Tuple(
            elts=without_value[0][-1].value.elts[1:], ctx=gast.Load()
        )
        shadows = {n: c for c in reverse.shadow_classes() for n in c}
        groups = self.groups(single, body, reverse.plain_names(), shadows)
        lean = eliminate(
            without_value[0],
            [*names, *seed_ids],
            without_value[1],
            visible,
            groups,
            self.world.switches,
        )
        self.check_saved(lean, reverse)
        cut = next(i for i, s in enumerate(lean) if isinstance(s, gast.Pass))
        backward = lean[cut + 1 :]
        bound = bound_names(body[: body.index(boundary)])
        reads = live_at_start(backward)
        recorded = [n for n in reads if n in bound or is_tape(n)]
        if anew:
            recorded = [n for n in reads if n in reverse.renewed]
        result = body[-1].value.elts[0].id
        seen = bool(groups.get(result, frozenset()) & (changed_names(backward) & set(recorded)))
        copied = seen and isinstance(single.returns, Array)
        lost = {n for n in changed_names(backward) & set(recorded) if not is_tape(n)}
        unbound = self.unbound(body[: body.index(boundary)], recorded, single)
        if self.repeatable and lost & set(unbound):
            seen, copied = True, False
        if not anew and (
            (self.repeatable and used_up(single, recorded, backward, groups, reverse.together))
            or (seen and not copied)
        ):
            reverse.check_again()
            return self.halves_of(typed, wanted, cotangent, expected, anew=True)
        arguments = [
            p
            for p in single.function.parameters
            if (p in reads and p not in bound) or p in expected.arguments
        ]
        forward = None
        if recorded or (expected.forward is not None and not anew):
            half = body[: body.index(boundary)]
            value = body[-1].value.elts[0]
            if copied:
                value = call(attribute(value, "copy"))
            packed: list[gast.expr] = [name(n) for n in recorded]
            if len(recorded) != 1:
                packed = [gast.Tuple(elts=packed, ctx=gast.Load())]
            half.append(gast.Return(value=gast.Tuple(elts=[value, *packed], ctx=gast.Load())))
            half = [*self.unassigned(half, recorded, single), *half]
            forward = expected.forward or self.free_name(f"{plain}_fwd")
            made = Generated(forward, list(single.function.parameters), half, reverse.pinned)
            made.groups, made.plain = groups, reverse.plain_names()
            self.finish(made, single)
        backward_name = expected.backward or self.free_name(f"{plain}_bwd")
        tail = backward[-1].value.elts
        backward[-1].value = tail[0] if len(tail) == 1 else gast.Tuple(elts=tail, ctx=gast.Load())
        if self.repeatable:
            backward = [*self.own_copies(recorded, backward), *backward]
        given = recorded
        if len(recorded) > 1:
            given = [RECORDED]
            to = gast.Tuple(elts=[store(n) for n in recorded], ctx=gast.Store())
            backward = [
                gast.Assign(targets=[to], value=name(RECORDED), type_comment=None),
                *backward,
            ]
        made = Generated(backward_name, [*arguments, *given, *seed_ids], backward, without_value[1])
        made.groups, made.plain = groups, reverse.plain_names()
        self.finish(made, single)
        return Pair(forward, backward_name, arguments, given, places, anew=anew)

    def unassigned(
        self, half: list[gast.stmt], recorded: list[str], typed: Typed
    ) -> list[gast.stmt]:
        """`x = None` for what is recorded but not bound on every path (then nothing reads it)."""
        missing = self.unbound(half, recorded, typed)
        values = {n: blank(typed.variables.get(n)) for n in missing}
        self.world.vague |= None in values.values()
        return [assign(n, constant(v)) for n, v in values.items()]

    def unbound(self, half: list[gast.stmt], recorded: list[str], typed: Typed) -> dict[str, None]:
        """Names that are recorded but not bound on every path through a forward half."""
        if not half or not isinstance(half[-1], gast.Return):
            half = [*half, gast.Pass()]
        graph = Graph(half, typed.function.parameters)
        bit, missing_bits = graph.unassigned()
        missing = missing_bits[graph.at[half[-1]]]
        return {n: None for n in recorded if missing & bit.get(n, 0) and not is_tape(n)}

    def own_copies(self, recorded: list[str], body: list[gast.stmt]) -> list[gast.stmt]:
        """Copies of what a backward half uses up, so that it can run again."""
        out = []
        changed = changed_names(body)
        for n in recorded:
            if n in changed or is_tape(n):
                make = "list" if is_tape(n) else None
                value = (
                    gast.Call(func=name("list"), args=[name(n)], keywords=[])
                    if make
                    else gast.Call(
                        func=gast.Attribute(value=name(n), attr="copy", ctx=gast.Load()),
                        args=[],
                        keywords=[],
                    )
                )
                to = gast.Name(id=n, ctx=gast.Store(), annotation=None, type_comment=None)
                out.append(gast.Assign(targets=[to], value=value, type_comment=None))
        return out


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


def used_up(
    typed: Typed,
    recorded: list[str],
    backward: list[gast.stmt],
    groups: Groups,
    together: frozenset[str],
) -> bool:
    """Whether a backward half changes memory that is recorded under more than one name."""
    if any(n in together or role(n) == SHADOW for n in recorded):
        return True
    changed = changed_names(backward)
    if any(p in changed and set(recorded) & groups.get(p, frozenset()) for p in typed.parameters):
        return True
    if any(holds_containers(typed.variables.get(n)) for n in recorded if n in changed):
        return True
    lists = {n for n in changed if has_container(typed.variables.get(n)) and n not in recorded}
    if lists - set(typed.parameters) and any(map(is_tape, recorded)):
        return True
    return any(
        n in changed and not is_tape(n) and m in groups.get(n, ())
        for n in recorded
        for m in recorded
        if m != n
    ) or any(t in groups for t in recorded if is_tape(t))
