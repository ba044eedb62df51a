"""Elaboration: functions as values, and objects that a function makes, before anything is typed.

The function is run on values of which only the structure is known. Calls of inner functions and
of methods are written in place, attributes of objects become variables, loops over lists of
functions are written out; everything else is left as it is.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import replace

import gast

from srcgrad.kinds import Array, Kind, Record, Scalar, Static
from srcgrad.lower.base.program import Function, World
from srcgrad.lower.elaborate.calls import apply, spread, spread_keywords
from srcgrad.lower.elaborate.choosing import on_each
from srcgrad.lower.elaborate.context import Context, Growing
from srcgrad.lower.elaborate.copying import copies, holds_object
from srcgrad.lower.elaborate.expressions import evaluate
from srcgrad.lower.elaborate.generators import collected
from srcgrad.lower.elaborate.loops import loop_over
from srcgrad.lower.elaborate.names import local_names
from srcgrad.lower.elaborate.nature import exotic, exotic_body, holds_exotic
from srcgrad.lower.elaborate.statements import run_block
from srcgrad.lower.elaborate.values import Choice, Generating, Known, Plain, Value
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import name
from srcgrad.syntax.walk import clone, nodes


class Elaborator(Context):
    """Elaborates one function."""

    def expr(self, node: gast.expr) -> Value:
        """The value of an expression; statements that it needs are emitted."""
        return self.take(evaluate(self, node), node)

    def raw(self, node: gast.expr) -> Value:
        """The value of an expression, a stream of values not yet taken."""
        return evaluate(self, node)

    def block(self, body: list[gast.stmt]) -> bool:
        """Elaborate statements; whether control comes out at the end."""
        return run_block(self, body)

    def apply(
        self, function: Value, args: list[Value], keywords: dict[str, Value], node: gast.expr
    ) -> Value:
        """The value of a call."""
        return apply(self, function, args, keywords, node)

    def each_of(self, over: Value, each: Callable[[Value], None], node: gast.expr) -> None:
        """Do something for each item of a value."""
        loop_over(self, over, each, node)

    def of_choice(self, choice: Choice, make: Callable[[Value], Value], node: gast.expr) -> Value:
        """What becomes of one of two values."""
        return on_each(self, choice, make, node)

    def collect(self, over: Generating, node: gast.expr) -> Value:
        """The list of what a generator gives."""
        return collected(self, over, node)


def needed(function: Function, parameters: dict[str, Kind]) -> bool:
    """Whether a function has anything to elaborate; generated code has nothing left."""
    if function.generated:
        return False
    if any(map(holds_object, parameters.values())) and copies(function.node):
        return True
    return any(map(holds_exotic, parameters.values())) or exotic_body(function.node, function)


def elaborate(function: Function, parameters: dict[str, Kind], world: World) -> Function:
    """A function without inner functions, and without objects of its own.

    Args:
        function: as it was parsed; its tree is not changed.
        parameters: the kind of each parameter.
        world: what the specialisation knows; functions that were written in place are noted.

    Returns:
        The function, and where the names of other modules lead that it now reads.
    """
    wanted = variadic(function, parameters) or needed(function, parameters)
    if not wanted and not world.unrolled:
        return function
    if variadic(function, parameters):
        return called(function, parameters, world)
    node = clone(function.node)
    e = Elaborator(function, world, {n.id for n in nodes(node) if isinstance(n, gast.Name)})
    local = local_names(node)
    e.scope.names = {n: n for n in local}
    e.scope_names = local
    e.constant_names = set(parameters) - stores(node)
    e.note_nonlocals(node.body, e.scope)
    for p, kind in parameters.items():
        e.scope.cells[p] = e.given[p] = parameter(p, kind)
    try:
        e.block(node.body)
    except Growing as growing:
        raise growing.error from None
    new = copy.copy(node)
    new.body = e.out or [gast.Pass()]
    return replace(function, node=new, foreign=function.foreign | e.foreign, inner=e.inner)


def variadic(function: Function, parameters: dict[str, Kind]) -> bool:
    """Whether arguments do not go to parameters one by one, as those of a wrapper's `*args`."""
    args = function.node.args
    return bool(args.vararg or args.kwarg) or set(parameters) != set(function.parameters)


def called(function: Function, parameters: dict[str, Kind], world: World) -> Function:
    """A function of plain parameters that calls one with `*args` or `**kwargs`."""
    e = Elaborator(function, world, set(parameters))
    e.scope.names = {p: p for p in parameters}
    e.scope_names = e.constant_names = set(parameters)
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    at = gast.copy_location(name(function.object.__name__), function.node)
    for p, spec in inspect.signature(function.object).parameters.items():
        value = parameter(p, parameters[p])
        if spec.kind is spec.VAR_POSITIONAL:
            args += spread(e, [value], [True], at)
        elif spec.kind is spec.VAR_KEYWORD:
            keywords |= spread_keywords(e, value, at)
        elif spec.kind is spec.KEYWORD_ONLY:
            keywords[p] = value
        else:
            args.append(value)
    try:
        result = e.apply(Known(function.object), args, keywords, at)
    except Growing as growing:
        raise growing.error from None
    e.emit(gast.Return(value=e.code(result, at)))
    new = copy.copy(function.node)
    new.body = e.out
    new.args = gast.arguments(
        args=[gast.Name(p, gast.Param(), None, None) for p in parameters],
        posonlyargs=[],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )
    return replace(
        function, node=new, foreign=e.foreign, inner=e.inner, parameters=tuple(parameters)
    )


def parameter(label: str, kind: Kind) -> Value:
    """The value of a parameter of the function itself."""
    if isinstance(kind, Static) and (callable(kind.value) or exotic(kind.value)):
        return Known(kind.value, name(label))
    known = isinstance(kind, (Static, Record, Array, Scalar)) or holds_object(kind)
    known = known or holds_exotic(kind)
    return Plain(name(label), kind if known else None)
