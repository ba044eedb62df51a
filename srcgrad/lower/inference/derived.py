"""Calls of derivatives: of the functions that are generated for the kinds of their arguments.

In `g = energy_grad(x, w)`, with `energy_grad = grad(energy)` outside, the call becomes one of the
generated function, whose text is then followed like that of any function.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gast

from srcgrad.errors import InternalError, NoRule, SrcgradError, Unsupported
from srcgrad.kinds import Array, Kind, List, Record, mutable
from srcgrad.lower.base.derived import DEEPEST, Derivative
from srcgrad.lower.base.facts import Facts
from srcgrad.lower.base.program import Function, World
from srcgrad.lower.memory.aliases import summarise
from srcgrad.syntax.quote import name
from srcgrad.syntax.walk import walk


def derived(
    typer: Any, node: gast.Call, value: Derivative, of_default: Callable[[Any, str], Kind]
) -> Kind:
    """The kind of a call of a derivative; the call of its text is noted instead.

    Args:
        typer: what types the function at work.
        node: the call.
        value: what it calls.
        of_default: gives the kind of a default of a parameter.
    """
    held = [held_by(typer, node, b) for b in value.bound()]
    given = arguments(typer, node, value, held)
    kinds: dict[str, Kind] = {}
    for p, parameter in value.parameters_of().parameters.items():
        if p in given:
            kinds[p] = typer.argument_kind(given[p])
        else:
            kinds[p] = of_default(parameter.default, p)
    function = generated(typer, node, value, kinds)
    label = label_of(typer.function, function, value.called_as)
    new = gast.Call(func=name(label), args=[*held, *node.args], keywords=node.keywords)
    found: Kind = typer.stands(node, new)
    callee = typer.typed.callees[new]
    inner = summarise(callee.target)
    kept = [p for p, o in callee.operands if p in value.directions() and p in inner.returned]
    if kept and mutable(found):
        what = f"{value.called_as}() returns `{kept[0]}` itself here, or a part of it"
        raise typer.function.refuse(node, what, "Let the function return a new value.")
    return found


def held_by(typer: Any, node: gast.Call, value: Any) -> gast.expr:
    """An object that is bound to a derivative, by a name of its own."""
    wanted = type(value).__name__.lower()
    return gast.copy_location(name(label_of(typer.function, value, wanted)), node)


def arguments(
    typer: Any, node: gast.Call, value: Derivative, held: list[gast.expr]
) -> dict[str, gast.expr]:
    """The argument of each parameter that is given one."""
    function = typer.function
    signature = value.parameters_of()
    variadic = [
        p for p in signature.parameters.values() if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    if variadic:
        what = f"a derivative of a function with `*{variadic[0].name}` is called here"
        raise function.refuse(node, what, "Differentiate a function whose parameters have names.")
    try:
        bound = signature.bind(*held, *node.args, **{k.arg: k.value for k in node.keywords})
    except TypeError as e:
        what = f"{value.called_as}() cannot be called so: {e}"
        raise function.refuse(node, what, f"Its signature is {signature}.") from None
    return dict(bound.arguments)


def generated(
    typer: Any, node: gast.Call, value: Derivative, kinds: dict[str, Kind]
) -> types.FunctionType:
    """The text of a derivative for arguments of these kinds, made once."""
    world, function = typer.world, typer.function
    key = key_of(value, kinds, world)
    if key in world.derived:
        found: types.FunctionType = world.derived[key]
        return found
    if world.depth >= DEEPEST:
        what = f"derivatives call each other here, more than {DEEPEST} deep"
        raise function.refuse(node, what, "A derivative cannot be a part of its own function.")
    try:
        made = value.generated(kinds, world)
    except InternalError:
        raise
    except SrcgradError as e:
        kind = NoRule if isinstance(e, NoRule) else Unsupported
        raise kind(e.message, e.location or function.location(node), e.hint) from None
    world.derived[key] = world.derived[key_of(value, kinds, world)] = made
    return made


def key_of(value: Derivative, kinds: dict[str, Kind], world: World) -> Any:
    """What tells one text of a derivative from another: lengths that are equal do not."""
    return value, tuple((p, settled(k, world.facts)) for p, k in kinds.items())


def settled(kind: Kind, facts: Facts) -> Kind:
    """A kind in which lengths that are known to be equal are the same."""
    match kind:
        case Array(dims=[*dims]):
            return Array(kind.dtype, tuple(map(facts.representative, dims)))
        case Record():
            return replace(kind, items=tuple(settled(i, facts) for i in kind.items))
        case List(item=item) if item is not None:
            return replace(kind, item=settled(item, facts))
    return kind


def label_of(function: Function, value: Any, wanted: str) -> str:
    """A name for the text of a derivative, or what is bound to one, in the function at work."""
    taken = {n.id for n in walk(function.node) if isinstance(n, gast.Name)} | {*function.parameters}
    label, n = wanted, 2
    while function.inner.get(label) is not value and (
        label in function.inner or label in taken or function.binds(label)
    ):
        label, n = f"{wanted}_{n}", n + 1
    function.inner[label] = value
    return label
