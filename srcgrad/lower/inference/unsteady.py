"""Numbers in the displays of dicts that may change under another name: they are no facts."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Kind, Scalar, numeric
from srcgrad.syntax.flow import stores
from srcgrad.syntax.walk import walk


def unsteady(typer: Any, keys: list[Kind], values: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """The kinds of a display's items, without the values of numbers that may change.

    Args:
        typer: what types the function.
        keys: the kinds of the display's keys.
        values: the kinds of its values.
    """
    if typer.rewritten is None:
        typer.rewritten = rewritten(typer)
    out = []
    for key, value in zip(keys, values, strict=True):
        number = numeric(value) if getattr(key, "value", None) in typer.rewritten else None
        if isinstance(number, Scalar):
            value = Scalar(number.dtype, number.python)
        out.append(value)
    return tuple(out)


def rewritten(typer: Any) -> set[Any]:
    """The keys that a function writes to, if a dict that it makes has several names."""
    node = typer.function.node
    made = [s for s in walk(node) if isinstance(s, gast.Assign)]
    dicts = {n for s in made if isinstance(s.value, gast.Dict) for n in stores(*s.targets)}
    if not dicts & typer.shared_names():
        return set()
    parts = [n for n in walk(node) if isinstance(n, gast.Subscript)]
    return {getattr(n.slice, "value", None) for n in parts if isinstance(n.ctx, gast.Store)}
