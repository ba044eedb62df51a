"""Calls of helpers that change an argument, or return a view of one: their code in place.

A call that is a statement, or the whole right-hand side of one, becomes the helper's statements
with locals of their own, so that all writes to one memory stand in one function.
"""

from __future__ import annotations

import builtins
import copy
import itertools
import types
from collections.abc import Set
from typing import Any

import gast

from srcgrad.errors import SrcgradError
from srcgrad.kinds import Array, List, Static
from srcgrad.lower.base.program import Function, Typed, World, load
from srcgrad.lower.base.rearranged import CHANGING
from srcgrad.lower.base.trees import placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.inference.instances import calls_itself
from srcgrad.lower.memory.aliases import sources, summarise
from srcgrad.lower.memory.outer import changed_outside
from srcgrad.lower.respell.desugar import desugar
from srcgrad.lower.respell.imports import with_imports
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import (
    BAR,
    INLINED,
    RESULT,
    is_flagged,
    made,
    unused_name,
    user_name,
)
from srcgrad.syntax.quote import assign, constant
from srcgrad.syntax.walk import change_blocks, walk

ELSEWHERE = (gast.FunctionDef, gast.Lambda, gast.Global, gast.Nonlocal)


class Inlining(Expansion):
    """Writes helpers in place that change what the function holds."""

    def needed(self) -> bool:
        """Whether the function calls functions of the user's."""
        return "user" in self.typed.tags

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Write one call in place."""
        node = whole_call(s)
        callee = self.typed.callees.get(node) if node is not None else None
        if node is None or callee is None or callee.tag != "user" or not self.shares(node):
            return super().statement(s)
        function: Function = callee.target.function
        self.check_once(node, callee.target)
        by_name = {p for p, k in callee.target.parameters.items() if isinstance(k, (Array, List))}
        new = body_of(load(function.object), self.function, s, node, by_name, self.new, self.world)
        if new is None:
            return [s]
        self.changed = True
        return new

    def check_once(self, node: gast.Call, typed: Typed) -> None:
        """Refuse a function that calls itself: its code cannot stand in the place of each call."""
        if calls_itself(typed):
            f = typed.function.object.__name__
            refused = self.function.refuse(
                node,
                f"`{f}` calls itself and changes an argument, or returns one that is changed",
                f"Let `{f}` return new values.",
            )
            refused.recursive = typed.function.object
            raise refused

    def shares(self, node: gast.Call) -> bool:
        """Whether a call changes an argument, or its result shares memory that is written."""
        callee = self.typed.callees[node]
        inner = summarise(callee.target)
        if changed_outside(callee.target):
            return True
        if inner.tangled and not writes_its_own(callee.target):
            if any(map(self.aliases.is_written, sources(self.typed, node))):
                return True
        for p, o in callee.operands:
            if not isinstance(o, gast.AST) or p not in inner.parent:
                continue
            if inner.is_written(p):
                return True
            if p in inner.returned and any(
                self.aliases.is_written(n) for n in sources(self.typed, o)
            ):
                return True
        return False


def writes_its_own(typed: Typed) -> bool:
    """Whether a function is a generated one that calls itself: these write their own memory only.

    An adjoint is written in place where nothing else refers to it, so it does not matter to them
    that parts of a result may be one array.
    """
    return typed.function.generated and calls_itself(typed)


class Procedures:
    """Writes helpers in place that are called for their effect on a list; needs no kinds."""

    def __init__(self, function: Function, node: gast.FunctionDef, world: World) -> None:
        self.function = function
        self.world = world
        self.names = {n.id for n in walk(node) if isinstance(n, gast.Name)}
        self.bound = stores(node) | set(function.parameters)
        self.open: list[types.FunctionType] = []

    def new(self, hint: str) -> str:
        """A name that nothing has."""
        return unused_name(hint, INLINED, self.names)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        for s in body:
            change_blocks(s, self.block)
            out += self.statement(s)
        return out

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Write one call in place."""
        node = whole_call(s)
        if node is None or not isinstance(s, gast.Expr):
            return [s]
        callee = self.helper(node.func)
        if callee is None or not extended_parameters(callee):
            return [s]
        new = body_of(
            callee, self.function, s, node, extended_parameters(callee), self.new, self.world
        )
        if new is None:
            return [s]
        self.note(node.func.id, callee)
        self.open.append(callee.object)
        out = self.block(new)
        self.open.pop()
        return out

    def helper(self, function: gast.expr) -> Function | None:
        """The user's function that a name stands for; None where it is none, or open already."""
        if (
            not isinstance(function, gast.Name)
            or function.id in self.bound
            or not self.function.binds(function.id)
        ):
            return None
        value = self.function.lookup(function.id)
        if not isinstance(value, types.FunctionType) or value in (*self.open, self.function.object):
            return None
        own = (value.__module__ or "").startswith(("numpy", "srcgrad"))
        if own and not (value.__module__ or "").startswith("srcgrad.nn"):
            return None
        try:
            return load(value)
        except SrcgradError:
            return None

    def note(self, label: str, callee: Function) -> None:
        """Note that the text depends on a helper's code, and on what its name stands for."""
        self.world.functions.setdefault(callee.object, callee)
        key = (id(self.function.object), label)
        self.world.reads.setdefault(key, (self.function, label, Static(callee.object)))


def extended_parameters(callee: Function) -> set[str]:
    """Parameters whose methods that change a list are called."""
    return {
        n.func.value.id
        for n in walk(callee.node)
        if isinstance(n, gast.Call)
        and isinstance(n.func, gast.Attribute)
        and n.func.attr in CHANGING
        and isinstance(n.func.value, gast.Name)
        and n.func.value.id in callee.parameters
    }


def whole_call(s: gast.stmt) -> gast.Call | None:
    """The call that a statement consists of, or whose value it binds or returns."""
    match s:
        case (
            gast.Expr(value=gast.Call() as node)
            | gast.Assign(value=gast.Call() as node)
            | gast.Return(value=gast.Call() as node)
        ):
            return node
    return None


def body_of(
    callee: Function,
    caller: Function,
    s: gast.stmt,
    node: gast.Call,
    by_name: set[str],
    new: Any,
    world: World,
) -> list[gast.stmt] | None:
    """The statements of a helper in the place of a call.

    Args:
        callee: the helper.
        caller: the function that calls it.
        s: the statement of the call.
        node: the call.
        by_name: parameters that hold memory: the name of an argument stands for them.
        new: gives a fresh name.
        world: what the specialisation knows.

    Returns:
        The statements; None where the helper's names would mean something else.
    """
    operands = bound_operands(callee, node)
    if operands is None:
        return None
    callee, tree = with_imports(callee, copy.deepcopy(callee.node))
    body = desugar(callee, tree, world, single_exit=True).body
    bound = stores(*body)
    local = set(callee.parameters) | bound
    if any(isinstance(n, ELSEWHERE) for t in body for n in walk(t)):
        return None
    mine = stores(caller.node) | set(caller.parameters)
    outer = loads(*body) - local
    if any(n in outer and not callee.binds(n) for n in map(user_name, mine)):
        return None
    table = outer_names(callee, caller, outer)
    rebound = rebinding(body)
    opening: list[gast.stmt] = []
    for p in callee.parameters:
        o = operands[p]
        steady = p not in rebound if p in by_name else p not in bound
        if isinstance(o, gast.Name) and steady and (o.id in mine or p not in bound):
            table[p] = o.id
            continue
        table[p] = new(p)
        opening.append(assign(table[p], o))
    for n in sorted(local - set(callee.parameters)):
        own = new(n)
        table[n] = made(n, RESULT, own.partition(BAR)[2]) if is_flagged(n) else own
    rename(body, table)
    *rest, last = body
    if isinstance(last, gast.Return):
        rest += ending(s, last.value if last.value is not None else constant(None))
    else:
        rest += [last, *ending(s, constant(None))]
    return [placed(t, s) for t in [*opening, *rest]] or [placed(gast.Pass(), s)]


def rename(body: list[gast.stmt], table: dict[str, str]) -> None:
    """Give the names of statements other names, in place; they lose their positions."""
    for t in body:
        for n in walk(t):
            if isinstance(n, gast.Name):
                n.id = table.get(n.id, n.id)
            for a in ("lineno", "end_lineno", "end_col_offset"):
                if hasattr(n, a):
                    setattr(n, a, None)


def outer_names(callee: Function, caller: Function, labels: Set[str]) -> dict[str, str]:
    """Names for what a helper finds around it, where they mean something else in the caller."""
    seen = {n.id for n in walk(caller.node) if isinstance(n, gast.Name)} | set(caller.parameters)
    taken = {user_name(n) for n in seen}
    mine = {user_name(n) for n in stores(caller.node) | set(caller.parameters)}
    out: dict[str, str] = {}
    for label in sorted(labels):
        if not callee.binds(label) or (label not in mine and same_outside(callee, caller, label)):
            continue
        owner, there = callee.origin(label)
        known = [
            n for n, (f, at) in caller.foreign.items() if (f.object, at) == (owner.object, there)
        ]
        stem = (callee.object.__module__ or "module").rpartition(".")[2]
        longer = (f"{stem}_{label}_{k}" if k else f"{stem}_{label}" for k in itertools.count())
        tries = itertools.chain([label], longer)
        free = (n for n in tries if n not in taken and not caller.binds(n))
        out[label] = known[0] if known else next(free)
        caller.foreign[out[label]] = (owner, there)
    return out


def same_outside(callee: Function, caller: Function, label: str) -> bool:
    """Whether a name that neither function binds means the same to both."""
    if not caller.binds(label) or caller.lookup(label) is not callee.lookup(label):
        return False
    return all(
        label not in (*f.imports, *f.foreign, *f.inner, *f.object.__code__.co_freevars)
        for f in (callee, caller)
    ) and (
        callee.object.__globals__ is caller.object.__globals__
        or isinstance(callee.lookup(label), (types.ModuleType, types.FunctionType, type))
        or getattr(builtins, label, None) is callee.lookup(label)
    )


def ending(s: gast.stmt, value: gast.expr) -> list[gast.stmt]:
    """What becomes of a helper's result."""
    match s:
        case gast.Assign():
            return [gast.Assign(targets=s.targets, value=value, type_comment=None)]
        case gast.Return():
            return [gast.Return(value=value)]
    return [gast.Expr(value=value)] if isinstance(value, gast.Call) else []


def rebinding(body: list[gast.stmt]) -> set[str]:
    """Names that a block binds anew; an in-place operator on an array or list does not."""
    out: set[str] = set()
    for s in body:
        for n in walk(s):
            match n:
                case gast.Assign(targets=targets):
                    out |= stores(*targets)
                case gast.For(target=t):
                    out |= stores(t)
    return out


def bound_operands(callee: Function, node: gast.Call) -> dict[str, gast.expr] | None:
    """The argument of each parameter; None where the call does not fit, or a default is unknown."""
    arguments = callee.node.args
    positional = [a.id for a in (*arguments.posonlyargs, *arguments.args)]
    if len(node.args) > len(positional) or any(isinstance(a, gast.Starred) for a in node.args):
        return None
    out: dict[str, gast.expr] = dict(zip(positional, node.args, strict=False))
    for k in node.keywords:
        if k.arg not in callee.parameters or k.arg in out:
            return None
        out[k.arg] = k.value
    function = callee.object
    defaults = dict(zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False))
    defaults |= function.__kwdefaults__ or {}
    for p in callee.parameters:
        if p not in out:
            if p not in defaults or not isinstance(defaults[p], (int, float, str, type(None))):
                return None
            out[p] = constant(defaults[p])
    return out
