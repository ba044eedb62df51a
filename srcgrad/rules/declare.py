"""How a rule is declared: decorators for template files, and the markers `bar` and `dot`."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from srcgrad.kinds import Kind
from srcgrad.rules.expr import Expr
from srcgrad.rules.shapes import KINDS


@dataclass(frozen=True)
class Of:
    """An operand of a sample: a number or an array that the rule tests fill at random."""

    shape: tuple[int, ...]
    low: float
    high: float
    diagonal: float = field(default=0.0, repr=False)
    ascending: bool = field(default=False, repr=False)
    below: int = field(default=0, repr=False)
    flags: bool = field(default=False, repr=False)


@dataclass(frozen=True)
class Length:
    """An operand of a sample: a length, known at run time only."""

    value: int


@dataclass(frozen=True)
class Many:
    """An operand of a sample: a list of unknown length, of operands like one."""

    item: Of
    count: int


@dataclass(frozen=True)
class Sample:
    """A call for the rule tests."""

    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]


def of(
    *shape: int,
    low: float = -2.0,
    high: float = 2.0,
    diagonal: float = 0.0,
    ascending: bool = False,
    below: int = 0,
    flags: bool = False,
) -> Of:
    """An operand of a sample: an array of this shape, or a Python float, from an interval.

    `diagonal` is added to the diagonal of a matrix, so that it can be made definite; `ascending`
    entries are in order, and apart; those `below` a number are ints from 0; `flags` are bools.
    """
    return Of(shape, low, high, diagonal, ascending, below, flags)


def call(*args: Any, **kwargs: Any) -> Sample:
    """A call for the rule tests: operands from `of`, `Length` and `Many`, constants as they are."""
    return Sample(args, tuple(kwargs.items()))


@dataclass(frozen=True, eq=False)
class Rule:
    """The derivative of one function.

    Attributes:
        name: the name of the template.
        body: the template; its first parameter is the output, the others are numpy's own.
        parameters: names and defaults of the others.
        elementwise: whether the body returns local partials.
        zero: whether the derivative is zero or there is none.
        kind: gives the kind of the result from the kinds of the arguments.
        domain: where an elementwise function may be sampled.
        samples: calls for the rule tests.
    """

    name: str
    body: Callable | None
    parameters: tuple[tuple[str, Any], ...] = ()
    elementwise: bool = False
    zero: bool = False
    kind: Callable[..., Kind] | None = None
    domain: tuple[float, float] = (-2.0, 2.0)
    samples: tuple[Any, ...] = ()
    functions: tuple[Any, ...] = ()


RULES: dict[Any, Rule] = {}


def elementwise(
    *functions: Any,
    kind: Callable[..., Kind] | None = None,
    domain: tuple[float, float] = (-2.0, 2.0),
    samples: Sequence[Sample] = (),
) -> Callable:
    """Declare an elementwise function by its local partials.

    Args:
        functions: the functions and operator classes of `ast` that the rule is for.
        kind: gives the kind of the result; by default that of broadcasting the operands.
        domain: the interval that the rule tests draw operands from.
        samples: calls for the rule tests, beyond those of all shapes.

    Returns:
        A decorator for a template `(y, x, ...)` that returns the partial by each operand; None
        stands for a partial of zero.
    """

    def register(body: Callable) -> Callable:
        entry = Rule(
            body.__name__,
            body,
            parameters_of(body),
            elementwise=True,
            kind=kind,
            domain=domain,
            samples=tuple(samples),
            functions=functions,
        )
        return add(entry)

    return register


def rule(
    *functions: Any, kind: Callable[..., Kind] | None = None, samples: Sequence[Sample] = ()
) -> Callable:
    """Declare a function by statements on `bar` (adjoint) and `dot` (tangent).

    Args:
        functions: the functions and operator classes of `ast` that the rule is for.
        kind: gives the kind of the result from the kinds of the arguments.
        samples: calls for the rule tests.

    Returns:
        A decorator for a template `(z, x, ...)`.
    """

    def register(body: Callable) -> Callable:
        entry = Rule(
            body.__name__,
            body,
            parameters_of(body),
            kind=kind,
            samples=tuple(samples),
            functions=functions,
        )
        return add(entry)

    return register


def zero(
    *functions: Any, kind: Callable[..., Kind] | None = None, samples: Sequence[Sample] = ()
) -> None:
    """Declare functions whose derivative is zero wherever it exists."""
    for function in functions:
        name = getattr(function, "__name__", "zero")
        RULES[function] = Rule(
            name, None, zero=True, kind=kind, samples=tuple(samples), functions=(function,)
        )
        if kind is not None and callable(function):
            KINDS[function] = kind


def add(entry: Rule) -> Callable:
    """Put a rule into the registry; the template itself stays what it was."""
    for function in entry.functions:
        RULES[function] = entry
        if entry.kind is not None and callable(function):
            KINDS[function] = entry.kind
    assert entry.body is not None
    return entry.body


def parameters_of(body: Callable) -> tuple[tuple[str, Any], ...]:
    """Names and defaults of a template's parameters after the output."""
    found = list(inspect.signature(body).parameters.values())[1:]
    return tuple((p.name, p.default) for p in found)


class Marker(threading.local):
    """`bar[x]` and `dot[x]`: the adjoint and the tangent of an operand inside a template."""

    table: Any = None

    def __getitem__(self, operand: Expr) -> Any:
        return self.table.read(operand)

    def __setitem__(self, operand: Expr, value: Any) -> None:
        self.table.write(operand, value)


bar = Marker()
dot = Marker()
