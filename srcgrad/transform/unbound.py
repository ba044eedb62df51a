"""Names that are bound on some paths only, bound before them: so what they hold can be saved.

Where a name may be unbound when a statement binds it, there is no old value to save; and a loop
whose iterations may end early cannot save it at their ends instead. If the reverse sweep needs the
old value on the paths on which there is one, the name is bound first. Nothing ever reads what it
is bound to: a name that the function may read while it is unbound stays as it is, since there the
function raises. What a `return` gives out of a block is read behind a test of the flag that was set
with it, so it is never read unbound.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import gast
import numpy as np

from srcgrad.errors import Unsupported
from srcgrad.kinds import Array, Kind, Scalar
from srcgrad.lower.base.program import World
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import is_flagged
from srcgrad.syntax.quote import assign, attribute, call, constant
from srcgrad.transform.blocks import block_of
from srcgrad.transform.saves import occurs

P = ParamSpec("P")
T = TypeVar("T")


def binding_first(make: Callable[P, T]) -> Callable[P, T]:
    """What makes a gradient, run again with each name bound first of which a value is not saved.

    Args:
        make: takes a world, as one of its arguments.
    """

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        world = next(a for a in (*args, *kwargs.values()) if isinstance(a, World))
        while True:
            try:
                return make(*args, **kwargs)
            except Unsupported as refused:
                if refused.unsaved is None or refused.unsaved in world.bound_first:
                    raise
                world.bound_first.add(refused.unsaved)

    return made


def bind_first(reverse: Any) -> None:
    """Bind the names of a function of which a value could not be saved otherwise.

    Args:
        reverse: the function in reverse mode, before its first statement is reversed.
    """
    items = block_of(reverse.function.node.body).items
    for variable, kind in reverse.typed.variables.items():
        held = {variable, reverse.shadow_id(variable)}
        if not any((reverse.typed, n) in reverse.world.bound_first for n in held):
            continue
        if not can_be_blank(kind) or read_unbound(reverse, variable):
            continue
        bit = reverse.name_bit[variable]
        reverse.missing = [m & ~bit for m in reverse.missing]
        reverse.blank.add(variable)
        reverse.bindings[variable] = reverse.bindings.get(variable, 0) + 1
        first = next(item.node for item in items if occurs(item, variable))
        for n in sorted(held) if variable in reverse.shadowed else [variable]:
            reverse.insert(first, "before", assign(n, blank_text(reverse, kind)))


def read_unbound(reverse: Any, variable: str) -> bool:
    """Whether a statement may read a variable that is unbound, or take it away.

    Generated texts do not: a test stands before each read that would.
    """
    if is_flagged(variable) or reverse.function.generated:
        return False
    bit = reverse.name_bit[variable]
    both = zip(reverse.graph.points, reverse.missing, strict=True)
    if any(variable in p.uses and m & bit for p, m in both):
        return True
    deleted = (s for s in gast.walk(reverse.function.node) if isinstance(s, gast.Delete))
    return any(variable in stores(*s.targets) for s in deleted)


def can_be_blank(kind: Kind) -> bool:
    """Whether there is a value of a kind that stands for none."""
    return isinstance(kind, Scalar) or (isinstance(kind, Array) and kind.dims is not None)


def blank_text(reverse: Any, kind: Kind) -> gast.expr:
    """A value of a kind, which nothing reads."""
    if isinstance(kind, Scalar):
        return constant(kind.dtype.type(0).item())
    assert isinstance(kind, Array)
    assert kind.dims is not None
    axes = [constant(0) for _ in kind.dims]
    shape = axes[0] if len(axes) == 1 else gast.Tuple(elts=axes, ctx=gast.Load())
    given = [constant(kind.dtype.str)] if kind.dtype != np.float64 else []
    return call(attribute(reverse.text.module(np), "empty"), shape, *given)
