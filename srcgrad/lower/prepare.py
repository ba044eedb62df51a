"""From a parsed function to its normal form with kinds: the passes of `lower`, in order."""

from __future__ import annotations

import copy
from dataclasses import replace

from srcgrad.kinds import Kind
from srcgrad.lower.desugar import desugar
from srcgrad.lower.interpret import interpret
from srcgrad.lower.program import Function, Typed, World
from srcgrad.lower.rewrite import rewrite
from srcgrad.lower.views import Views
from srcgrad.lower.webs import split


def prepare(
    function: Function, parameters: dict[str, Kind], world: World, *, single_exit: bool = False
) -> Typed:
    """Bring a function into normal form for the kinds of its parameters.

    Args:
        function: as it was parsed.
        parameters: the kind of each parameter.
        world: what the specialisation knows; callees are added to it.
        single_exit: whether returns are brought together in one at the end.

    Returns:
        The function, its lives split, its views named, with the kinds of all expressions.
    """
    function = replace(function, node=split(desugar(copy.deepcopy(function.node), single_exit=single_exit)))
    typed = interpret(function, parameters, world)
    views = Views(typed)
    views.resolve()
    function = replace(function, node=split(rewrite(typed, views.found, views.gone)))
    return interpret(function, parameters, world)
