"""Checking gradients against differences: for users' functions, and for the tests of the rules."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.api import grad, primal_of, promoted
from srcgrad.arguments import Wrt, names_of
from srcgrad.errors import BadArgument, GradientMismatch, brief
from srcgrad.runtime.objects import attributes, instance
from srcgrad.structure import like_sequence


@brief
def check_grad(
    function: Callable[..., Any],
    *args: Any,
    wrt: Wrt | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    directions: int = 3,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Check the gradient of a function against differences of fourth order.

    Args:
        function: a plain Python function that returns one float.
        args: where to check it.
        wrt: the arguments to check; by default all that hold floats, else the first if it is an
            int or an array of ints.
        rtol: allowed difference, relative to the derivative.
        atol: allowed difference besides, in the unit of the derivative.
        directions: along how many random directions it is checked.
        seed: seed of the directions.
        kwargs: arguments by keyword; those called as a parameter here is must go by position.

    Raises:
        GradientMismatch: if the two differ; the message gives both numbers.

    Example:
        >>> def cube(x):
        ...     return x * x * x
        >>> check_grad(cube, 2.0)
    """
    plain, full, first = primal_of(function, args, kwargs)
    names = tuple(inspect.signature(plain).parameters)
    values = dict(zip(names, full, strict=True))
    if wrt is None:
        wanted = [n for n in names if any(True for _ in floats(values[n]))]
        wanted = wanted or [
            n for n in names[first : first + 1] if any(True for _ in floats(promoted(values[n])))
        ]
    else:
        wanted = names_of(wrt, names, plain)[0]
    values |= {n: promoted(values[n]) for n in wanted}
    call = inspect.BoundArguments(
        inspect.signature(plain),
        copy.deepcopy(values),
    )
    if not wanted:
        raise BadArgument(
            f"no argument of `{plain.__name__}` holds a float",
            hint="Pass floats, or name what to check with `wrt`.",
        )
    gradient = grad(plain, wrt=tuple(wanted))
    found = dict(zip(wanted, gradient(*call.args, **call.kwargs), strict=True))
    rng = np.random.default_rng(seed)
    for _ in range(directions):
        direction = {n: drawn(values[n], rng) for n in wanted}
        analytic = sum(dot(found[n], direction[n]) for n in wanted)
        numeric = difference(plain, names, values, direction)
        if not abs(analytic - numeric) <= atol + rtol * max(abs(analytic), abs(numeric)):
            raise GradientMismatch(
                f"the gradient of `{plain.__name__}` along a random direction is {analytic!r}, "
                f"differences give {numeric!r}",
                hint="Is the function smooth at these arguments, and of order one?",
            )


def floats(value: Any) -> Iterator[Any]:
    """The floats and float arrays in a value."""
    if isinstance(value, dict):
        for v in value.values():
            yield from floats(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from floats(v)
    elif (held := attributes(value)) is not None:
        yield from floats(held)
    elif isinstance(value, (float, complex, np.inexact)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    ):
        yield value


def drawn(value: Any, rng: np.random.Generator) -> Any:
    """A random direction in the structure of a value; None where there is nothing to vary."""
    if isinstance(value, dict):
        return {k: drawn(v, rng) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [drawn(v, rng) for v in value]
    if (held := attributes(value)) is not None:
        return drawn(held, rng)
    if not any(True for _ in floats(value)):
        return None
    real = rng.normal(size=np.shape(value))
    return real + 1j * rng.normal(size=np.shape(value)) if np.iscomplexobj(value) else real


def moved(value: Any, direction: Any, step: float) -> Any:
    """A value moved along a direction."""
    if isinstance(value, dict):
        return {k: moved(v, direction[k], step) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [moved(v, d, step) for v, d in zip(value, direction, strict=True)]
        return like_sequence(value, parts)
    if (held := attributes(value)) is not None:
        return instance(type(value), **moved(held, direction, step))
    if direction is None:
        return copy.deepcopy(value)
    out = value + step * direction
    return out if isinstance(value, (np.ndarray, np.generic)) else type(value)(out)


def dot(a: Any, b: Any) -> float:
    """The inner product of two values of one structure."""
    if isinstance(a, dict):
        return sum(dot(v, b[k]) for k, v in a.items())
    if isinstance(a, (list, tuple)):
        return sum(dot(v, w) for v, w in zip(a, b, strict=True))
    if (held := attributes(a)) is not None:
        return dot(held, b)
    return float(np.sum(np.real(np.asarray(a) * b))) if b is not None and a is not None else 0.0


def difference(
    function: Callable[..., Any],
    names: tuple[str, ...],
    values: dict[str, Any],
    direction: dict[str, Any],
    step: float = 1e-3,
) -> float:
    """The derivative along a direction: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h."""
    signature = inspect.signature(function)

    def at(h: float) -> float:
        point = {
            n: moved(values[n], direction[n], h) if n in direction else copy.deepcopy(values[n])
            for n in names
        }
        bound = inspect.BoundArguments(signature, point)
        return float(function(*bound.args, **bound.kwargs))

    once, again = at(0.0), at(0.0)
    if once != again and not np.isnan(once):
        raise BadArgument(
            f"`{function.__name__}` gives another value at each call with the same arguments",
            hint="If it draws random numbers, let it make its generator inside: "
            "rng = np.random.default_rng(0).",
        )
    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)
