"""Where in the user's code a pass was when something unforeseen happened to it."""

from __future__ import annotations

import types
from collections.abc import Iterator

import gast

from srcgrad.errors import Location
from srcgrad.lower.base.program import Function


def place_of(error: BaseException) -> Location | None:
    """The user's line that was at work when an error arose; None if no frame knows one.

    Args:
        error: an error that was raised inside of a pass.
    """
    for frame in frames(error):
        found = list(frame.f_locals.values())
        functions = [f for v in found if (f := function_of(v)) is not None]
        places = [v for v in found if isinstance(v, gast.AST) and getattr(v, "lineno", None)]
        for function in functions:
            for node in places:
                where = function.location(node)
                if where is not None:
                    return where
    return None


def function_of(value: object) -> Function | None:
    """The user's function that a pass, or something it knows, is about."""
    if isinstance(value, Function):
        return value
    held = getattr(value, "__dict__", None) or {}
    found = held.get("function")
    return found if isinstance(found, Function) else None


def frames(error: BaseException) -> Iterator[types.FrameType]:
    """The frames that an error came through, innermost first."""
    trace = error.__traceback__
    out = []
    while trace is not None:
        out.append(trace.tb_frame)
        trace = trace.tb_next
    yield from reversed(out)
