"""The module that a specialisation generates: its functions, and what their names stand for."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.assemble.names import (
    Mentioned,
    arguments_of,
    copies_in,
    defaults_of,
    function_names,
    is_builtin,
    is_docstring,
    mentioned,
    with_tapes,
    without_copies,
)
from srcgrad.assemble.objects import spell
from srcgrad.assemble.pairs import Pairs
from srcgrad.assemble.shadowed import unshadow
from srcgrad.errors import Unsupported
from srcgrad.kinds import Array, List, Record, mutable
from srcgrad.lower.base.program import Function, Typed, World
from srcgrad.lower.memory.sharing import sharing
from srcgrad.lower.respell.imports import Imported
from srcgrad.optimize.eliminate import eliminate
from srcgrad.optimize.inline import inline
from srcgrad.optimize.items import by_items
from srcgrad.optimize.lists import plain_lists
from srcgrad.optimize.naming import choose_names, rename
from srcgrad.optimize.shaped import Shaped
from srcgrad.optimize.shared import Groups, groups_of
from srcgrad.optimize.stated import with_stated
from srcgrad.optimize.tapes import count_by_tape
from srcgrad.optimize.tidy import from_zero, polish
from srcgrad.optimize.unread import without_unread
from srcgrad.syntax.flow import Graph, stores
from srcgrad.syntax.lives import is_internal, is_tape, user_name
from srcgrad.syntax.statements import statements_in
from srcgrad.transform.forward import Forward
from srcgrad.transform.generated import Generated, Pair
from srcgrad.transform.saves import UNSAVED


@dataclass(eq=False)
class Half:
    """A finished function of the generated module."""

    name: str
    node: gast.FunctionDef
    function: Function


@dataclass(eq=False)
class Module(Pairs):
    """The module that one specialisation generates.

    Attributes:
        world: what is known of the user's functions.
        globals: names that the text reads, with their values.
        origins: names that stand for globals or cells of the user's, which are read live.
        imported: names that imports inside the user's functions bind.
        halves: the finished functions, callees first.
        pairs: the halves of callees that were made.
        tangents: the forward-mode functions of callees that were made.
        used: names of generated functions.
        single: whether one gradient is wanted, not a tuple of them.
        repeatable: whether backward halves run more than once on what was recorded.
        again: whether backward halves run the primal statements anew, and nothing is recorded.
        expected: the halves that are being made, as calls from inside see them.
    """

    world: World
    globals: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, tuple[Function, str]] = field(default_factory=dict)
    imported: dict[str, Imported] = field(default_factory=dict)
    halves: list[Half] = field(default_factory=list)
    pairs: dict[Any, Pair] = field(default_factory=dict)
    tangents: dict[Any, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    single: bool = True
    repeatable: bool = False
    again: bool = False
    expected: dict[Any, Pair] = field(default_factory=dict)

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

    def visible(self, typed: Typed, found: Mentioned) -> frozenset[str]:
        """Names whose memory is seen from outside: parameters that can be changed, and globals."""
        changeable = {
            p for p, k in typed.parameters.items() if isinstance(k, (Array, List, Record))
        }
        return frozenset(found.outside | changeable)

    def shaped(self, typed: Typed, found: Mentioned) -> Shaped:
        """The names of a body by which shapes are read, and those that have some."""
        values = {n: self.globals.get(n, value_of(typed.function, n)) for n in found.outside}
        return Shaped(
            frozenset(v for v, k in typed.variables.items() if isinstance(k, Array)),
            frozenset(n for n, v in values.items() if is_numpy(v)),
            frozenset(n for n, v in values.items() if v is runtime.unbroadcast),
        )

    def groups(
        self,
        typed: Typed,
        body: list[gast.stmt],
        found: Mentioned,
        plain: frozenset[str] = frozenset(),
        known: Groups | None = None,
    ) -> Groups:
        """For names of a body that may share memory which is written, all of them.

        Args:
            typed: the function.
            body: its statements.
            found: the names that the body mentions.
            plain: names of recorded values that share no memory.
            known: groups of names that the function had, of which the body is a part.
        """
        modules = self.shaped(typed, found).modules
        classes = [*sharing(typed).classes, *(known or {}).values()]
        plain |= {v for v, k in typed.variables.items() if not mutable(k)}
        return groups_of(body, classes, modules, plain)

    def finish(self, made: Generated, typed: Typed, docstring: str | None = None) -> Half:
        """From a correct function to a lean one, with final names; it joins the module.

        Args:
            made: the function.
            typed: the user's function that it comes from, whose docstring it keeps.
            docstring: what stands around that docstring; empty for none at all.
        """
        own, body = taken_docstring(made.body, typed.function)
        found = mentioned(body)
        visible = self.visible(typed, found) | frozenset(
            p for p in made.parameters if is_internal(p) and not is_tape(p)
        )
        groups = self.groups(typed, body, found, made.plain, made.groups)
        switches, seen = self.world.switches, visible - copies_in(found.bound)
        shaped = self.shaped(typed, found)
        body = eliminate(body, made.parameters, made.pinned, seen, groups, switches, shaped)
        self.check_saved(body, typed)
        body = without_copies(body)
        if switches.inlining and inline(body, groups):
            body = eliminate(body, made.parameters, made.pinned, visible, groups, switches, shaped)
        body = plain_lists(by_items(from_zero(body, groups)), made.parameters)
        body = without_unread(body, made.parameters)
        if not any(is_tape(p) for p in made.parameters):
            count_by_tape(body)
        body = with_tapes(body, made.parameters)
        names = {*mentioned(body).bound, *made.parameters}
        spell(body, self.globals, names | self.used)
        unshadow(body, names, typed.variables, self.globals)
        found = self.bind_globals(typed.function, body, made.parameters)
        reserved = (found.outside - set(made.parameters)) | self.used
        final = choose_names(body, made.parameters, reserved)
        rename(body, final)
        body = with_stated(body)
        body = polish(body, typed.function.augmented, typed.function.spelled)
        shown = own if docstring is None else docstring and around(own, docstring)
        if shown:
            body = [gast.Expr(value=gast.Constant(value=shown, kind=None)), *body]
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
        for s in statements_in(body):
            if isinstance(s, gast.Assign) and getattr(s.value, "id", "") == UNSAVED:
                raise unsaved(where, s, s.targets[0].id)
        typed = getattr(where, "typed", where)
        for s, variable in zeros_like_unbound(body, typed):
            if (typed, variable) not in self.world.bound_first:
                raise unsaved(where, s, variable)

    def bind_globals(
        self, function: Function, body: list[gast.stmt], parameters: list[str]
    ) -> Mentioned:
        """Tie global names of the user's function to names of the generated module.

        Returns:
            The names that the body mentions from then on.
        """
        found = mentioned(body)
        bound = found.bound | set(parameters)
        table: dict[str, str] = {}
        for n in sorted(found.read):
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
                stem = (function.object.__module__ or "module").rpartition(".")[2]
                label = f"{stem}_{n}" if k == 2 else f"{stem}_{n}_{k}"
                k += 1
            self.globals[label] = value
            if n in function.imports:
                self.imported[label] = function.imports[n]
            else:
                self.origins[label] = function.origin(n)
            if label != n:
                table[n] = label
        rename(body, table)
        return replace(found, read=frozenset(table.get(n, n) for n in found.read))


def taken_docstring(body: list[gast.stmt], function: Function) -> tuple[str, list[gast.stmt]]:
    """The docstring of the user's function, and the body without it."""
    at = next((i for i, s in enumerate(body) if is_docstring(s)), None)
    if at is None or function.object.__doc__ is None:
        return "", body
    return inspect.cleandoc(body[at].value.value), [*body[:at], *body[at + 1 :]]


def around(own: str, docstring: str) -> str:
    """A docstring with the user's own behind its first paragraph."""
    if not own:
        return docstring
    first, _, rest = docstring.partition("\n\n")
    return f"{first}\n\n{own}\n\n{rest}" if rest else f"{first}\n\n{own}\n"


def value_of(function: Function, n: str) -> object:
    """What a name stands for that the function does not bind; None if that is not known."""
    return function.lookup(n) if function.binds(n) else None


def is_numpy(value: object) -> bool:
    """Whether a value is numpy, or a module of it."""
    return inspect.ismodule(value) and value.__name__.partition(".")[0] == "numpy"


def unsaved(where: Any, s: gast.stmt, variable: str) -> Unsupported:
    """The error for a value that is needed where it may be unbound, and so could not be saved."""
    label = user_name(variable)
    what = f"the derivative needs the value that `{label}` has before this line"
    hint = f"Give `{label}` a value before the loop."
    refused: Unsupported = where.function.refuse(s, f"{what}, where it may be unbound", hint)
    refused.unsaved = (getattr(where, "typed", where), variable)
    return refused


def zeros_like_unbound(body: list[gast.stmt], typed: Typed) -> Iterator[tuple[gast.stmt, str]]:
    """Statements that make zeros like a variable of the function which may be unbound there."""
    parameters = typed.function.parameters
    always = {*parameters, *stores(*(s for s in body if isinstance(s, gast.Assign)))}
    found: list[tuple[gast.stmt, str]] = []
    for s in statements_in(body):
        match s:
            case gast.Assign(
                value=gast.Call(func=gast.Attribute(attr="zeros_like"), args=[gast.Name(id=n)])
            ) if n in typed.variables and n not in always and not s.__dict__.get("end_lineno"):
                found.append((s, n))
    if found:
        graph = Graph(body, tuple(parameters))
        bound = frozenset().union(*(p.defs for p in graph.points))
        bit, missing = graph.unassigned()
        yield from (
            (s, n)
            for s, n in found
            if n in bound and s in graph.at and missing[graph.at[s]] & bit[n]
        )
