"""The module that a specialisation generates: its functions, and what their names stand for."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad.assemble.names import (
    arguments_of,
    bound_names,
    changed_names,
    copy_body,
    defaults_of,
    function_names,
    is_builtin,
    is_docstring,
    live_at_start,
    private_names,
    read_names,
    seed_tree,
    store,
    with_tapes,
    without_copies,
)
from srcgrad.kinds import Array, Kind, List, Record, Scalar
from srcgrad.lower.prepare import prepare
from srcgrad.lower.program import Function, Typed, World, load
from srcgrad.optimize.eliminate import eliminate
from srcgrad.optimize.inline import inline
from srcgrad.optimize.naming import choose_names, rename
from srcgrad.optimize.tidy import count_by_tape, dead_targets, polish
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import RESULT, is_internal, is_tape, made, user_name
from srcgrad.syntax.quote import assign, constant, name
from srcgrad.syntax.walk import nodes
from srcgrad.transform.forward import Forward
from srcgrad.transform.function import Reverse
from srcgrad.transform.generated import Generated, Pair
from srcgrad.transform.saves import UNSAVED

RECORDED = made("recorded", RESULT)


@dataclass(eq=False)
class Half:
    """A finished function of the generated module."""

    name: str
    node: gast.FunctionDef
    function: Function


@dataclass(eq=False)
class Module:
    """The module that one specialisation generates.

    Attributes:
        world: what is known of the user's functions.
        globals: names that the text reads, with their values.
        origins: names that stand for globals or cells of the user's, which are read live.
        halves: the finished functions, callees first.
        pairs: the halves of callees that were made.
        tangents: the forward-mode functions of callees that were made.
        used: names of generated functions.
        single: whether one gradient is wanted, not a tuple of them.
        optimise: whether temporaries are put where they are read.
        repeatable: whether backward halves run more than once on what was recorded.
    """

    world: World
    globals: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, tuple[Function, str]] = field(default_factory=dict)
    halves: list[Half] = field(default_factory=list)
    pairs: dict[Any, Pair] = field(default_factory=dict)
    tangents: dict[Any, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    single: bool = True
    optimise: bool = True
    repeatable: bool = False

    def pack_results(self, found: list[gast.expr]) -> gast.expr:
        """One gradient alone, several as a tuple."""
        return found[0] if self.single else gast.Tuple(elts=found, ctx=gast.Load())

    def free_name(self, wanted: str) -> str:
        """A name for a generated function."""
        label, n = wanted, 2
        while label in self.used or label in self.globals:
            label, n = f"{wanted}_{n}", n + 1
        self.used.add(label)
        return label

    def pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """The forward and backward halves of a callee, for the cotangents that are at hand."""
        k = (typed, wanted, cotangent)
        if k not in self.pairs:
            self.pairs[k] = self.make_pair(typed, wanted, cotangent)
        return self.pairs[k]

    def make_pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """Make the halves of a callee."""
        single = typed.single or prepare(
            load(typed.function.object), typed.parameters, self.world, single_exit=True
        )
        typed.single = single
        reverse = Reverse(single, self.world, list(wanted), self)
        seeds, seed_ids = seed_tree(single, cotangent)
        body, boundary, places = reverse.halves(seeds)
        plain = user_name(typed.function.object.__name__).strip("<>")
        names = set(typed.function.parameters)
        visible = self.visible(typed, body)
        without_value = copy_body(body, reverse.pinned)
        without_value[0][-1].value = gast.Tuple(
            elts=without_value[0][-1].value.elts[1:], ctx=gast.Load()
        )
        lean = eliminate(without_value[0], [*names, *seed_ids], without_value[1], visible)
        self.check_saved(lean, reverse)
        cut = next(i for i, s in enumerate(lean) if isinstance(s, gast.Pass))
        backward = lean[cut + 1 :]
        bound = bound_names(body[: body.index(boundary)])
        reads = live_at_start(backward)
        recorded = [n for n in reads if n in bound or is_tape(n)]
        arguments = [p for p in single.function.parameters if p in reads and p not in bound]
        forward = None
        if recorded:
            half = body[: body.index(boundary)]
            value = body[-1].value.elts[0]
            packed: list[gast.expr] = [name(n) for n in recorded]
            if len(recorded) > 1:
                packed = [gast.Tuple(elts=packed, ctx=gast.Load())]
            half.append(gast.Return(value=gast.Tuple(elts=[value, *packed], ctx=gast.Load())))
            half = [*self.unassigned(half, recorded, single), *half]
            forward = self.free_name(f"{plain}_fwd")
            self.finish(
                Generated(forward, list(single.function.parameters), half, reverse.pinned), single
            )
        backward_name = self.free_name(f"{plain}_bwd")
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
        self.finish(
            Generated(backward_name, [*arguments, *given, *seed_ids], backward, without_value[1]),
            single,
        )
        return Pair(forward, backward_name, arguments, given, places)

    def unassigned(
        self, half: list[gast.stmt], recorded: list[str], typed: Typed
    ) -> list[gast.stmt]:
        """`x = None` for what is recorded but not bound on every path (then nothing reads it)."""
        graph = Graph(half, typed.function.parameters)
        bit, missing_bits = graph.unassigned()
        end = missing_bits[graph.at[half[-1]]]
        missing = [n for n in recorded if end & bit.get(n, 0) and not is_tape(n)]
        return [assign(n, constant(blank(typed.variables.get(n)))) for n in missing]

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

    def tangent(self, typed: Typed, wanted: tuple[str, ...]) -> str:
        """The forward-mode function of a callee."""
        k = (typed, wanted)
        if k not in self.tangents:
            plain = typed.function.object.__name__.strip("<>")
            self.tangents[k] = self.free_name(f"{plain}_jvp")
            made = Forward(typed, self.world, list(wanted), self).joint()
            made.name = self.tangents[k]
            self.finish(made, typed)
        return self.tangents[k]

    def visible(self, typed: Typed, body: list[gast.stmt]) -> frozenset[str]:
        """Names whose memory is seen from outside: parameters that can be changed, and globals."""
        bound = bound_names(body)
        outside = {n for n in read_names(body) if n not in bound and not is_internal(n)}
        changeable = {
            p for p, k in typed.parameters.items() if isinstance(k, (Array, List, Record))
        }
        return frozenset(outside | changeable)

    def finish(self, made: Generated, typed: Typed, docstring: str = "") -> Half:
        """From a correct function to a lean one, with final names; it joins the module."""
        body = made.body
        visible = self.visible(typed, body) | frozenset(
            p for p in made.parameters if is_internal(p) and not is_tape(p)
        )
        body = eliminate(body, made.parameters, made.pinned, visible - private_names(body))
        self.check_saved(body, typed)
        body = without_copies(body)
        if self.optimise and inline(body):
            body = eliminate(body, made.parameters, made.pinned, visible)
        dead_targets(body, made.parameters)
        if not any(is_tape(p) for p in made.parameters):
            count_by_tape(body)
        body = with_tapes(body, made.parameters)
        self.bind_globals(typed.function, body, made.parameters)
        reserved = self.reserved(body, made.parameters)
        final = choose_names(body, made.parameters, reserved)
        rename(body, final)
        body = polish(body, typed.function.augmented)
        if docstring:
            if body and is_docstring(body[0]):
                first, _, rest = docstring.partition("\n\n")
                own = inspect.cleandoc(body[0].value.value)
                docstring = f"{first}\n\n{own}\n\n{rest}" if rest else f"{first}\n\n{own}\n"
                body = body[1:]
            text = gast.Expr(value=gast.Constant(value=docstring, kind=None))
            body = [text, *body]
        node = copy.copy(typed.function.node)
        node.name = made.name
        node.body = body
        defaults = defaults_of(typed.function) if docstring else None
        node.args = arguments_of(made.parameters, final, defaults)
        for a in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            setattr(node, a, None)
        half = Half(made.name, node, typed.function)
        self.halves.append(half)
        return half

    def check_saved(self, body: list[gast.stmt], where: Any) -> None:
        """Refuse a function whose derivative needs a value that could not be saved."""
        function: Function = where.function
        for s in body:
            for n in nodes(s):
                if isinstance(n, gast.Assign) and getattr(n.value, "id", "") == UNSAVED:
                    variable = user_name(n.targets[0].id)
                    raise function.refuse(
                        n,
                        f"the derivative needs the value that `{variable}` has before this line, "
                        "where it may be unbound",
                        f"Give `{variable}` a value before the loop.",
                    )

    def bind_globals(
        self, function: Function, body: list[gast.stmt], parameters: list[str]
    ) -> None:
        """Tie global names of the user's function to names of the generated module."""
        bound = bound_names(body) | set(parameters)
        table: dict[str, str] = {}
        for n in sorted(read_names(body)):
            if n in bound or is_internal(n) or n in self.used:
                continue
            if n in self.globals and n not in function_names(function):
                continue
            if not function.binds(n) or is_builtin(function, n):
                continue
            value = function.lookup(n)
            label, k = n, 2
            while label in self.used or (
                label in self.globals and self.globals[label] is not value
            ):
                stem = function.object.__module__.rpartition(".")[2]
                label = f"{stem}_{n}" if k == 2 else f"{stem}_{n}_{k}"
                k += 1
            self.globals[label] = value
            self.origins[label] = (function, n)
            if label != n:
                table[n] = label
        if table:
            rename(body, table)

    def reserved(self, body: list[gast.stmt], parameters: list[str]) -> set[str]:
        """Names that locals must not take: globals, builtins and functions that the text reads."""
        bound = bound_names(body) | set(parameters)
        return {n for n in read_names(body) if n not in bound and not is_internal(n)} | self.used


def blank(kind: Kind | None) -> object:
    """A value for what is never read: of the kind where that is a number, so that kinds agree."""
    if isinstance(kind, Scalar):
        return kind.dtype.type(0).item()
    return None
