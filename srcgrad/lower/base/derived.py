"""Derivatives as values: what an operator such as `grad` makes of a function, and their text.

A function may call a derivative of another one. Its text is generated for the kinds of the
arguments at that call, and then it is a function like any other.
"""

from __future__ import annotations

import inspect
import types
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from srcgrad.kinds import Kind
from srcgrad.lower.base.program import Function, World, is_generated

DEEPEST = 6


class Derivative(ABC):
    """A function whose text is generated for the kinds of its arguments."""

    @property
    @abstractmethod
    def called_as(self) -> str:
        """The name that its text has."""

    @abstractmethod
    def parameters_of(self) -> inspect.Signature:
        """The arguments that its text takes."""

    def bound(self) -> tuple[Any, ...]:
        """What is bound to the first of the arguments: the object of a method."""
        return ()

    def directions(self) -> frozenset[str]:
        """Those of the arguments that are directions."""
        return frozenset()

    @abstractmethod
    def generated(self, kinds: dict[str, Kind], world: World) -> types.FunctionType:
        """Its text for arguments of these kinds, as a function.

        Args:
            kinds: those of the arguments, their lengths stated over the arguments of the function
                that is differentiated, as in any function that this one calls.
            world: what the specialisation knows of which this becomes a part.

        Raises:
            SrcgradError: if there is no such derivative.
        """


Operator = Callable[[Any, Any], Derivative]

# The operators that take a function and what to differentiate by, with what makes the derivative.
OPERATORS: dict[Any, Operator] = {}
# Those that are called with arguments and directions; with what makes the derivative by some names.
DIRECTED: dict[Any, Operator] = {}
# Those that are no part of a function that is differentiated, with what to write instead.
ELSEWHERE: dict[Any, str] = {}


def is_operator(value: Any) -> bool:
    """Whether an object is an operator that makes a derivative of a function."""
    known = (OPERATORS, DIRECTED, ELSEWHERE)
    return isinstance(value, types.FunctionType) and any(value in table for table in known)


def is_made(function: Function, label: str) -> bool:
    """Whether a name stands for a derivative that was made inside of a function, or its text."""
    value = function.inner.get(label)
    if isinstance(value, Derivative):
        return True
    return is_generated(value)
