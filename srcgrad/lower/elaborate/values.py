"""What an expression stands for while a function is elaborated: code that is left, or structure.

Numbers, arrays and plain containers stay code (`Plain`). Functions, and objects that the function
makes itself, are followed as values; they leave no code of their own behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad.kinds import Kind
from srcgrad.lower.base.program import Function


@dataclass(eq=False)
class Plain:
    """A value that the remaining code computes.

    Attributes:
        expr: the expression that gives it.
        kind: what is known of it; None for nothing.
    """

    expr: gast.expr
    kind: Kind | None = None


@dataclass(eq=False)
class Known:
    """An object that is known before the function runs: a function, a class, a module.

    Attributes:
        value: the object itself.
        expr: an expression that gives it; None if no name leads to it.
    """

    value: Any
    expr: gast.expr | None = None


@dataclass(eq=False)
class Holder:
    """Something that changes while a function runs: its cells are compared where paths meet.

    Attributes:
        cells: what the names, attributes or items stand for now.
    """

    cells: dict[Any, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Scope(Holder):
    """One run of a function: its variables.

    Attributes:
        owner: the function of a module whose globals are read.
        names: the local variables, with their names in the remaining code.
        parent: the run in which the function was defined.
        outer: names that are declared `nonlocal`.
        self_class: the class of a method, for `super()`.
        first: the first parameter of a method, for `super()`.
    """

    owner: Function = None  # type: ignore[assignment]
    names: dict[str, str] = field(default_factory=dict)
    parent: Scope | None = None
    outer: frozenset[str] = frozenset()
    self_class: type | None = None
    first: str = ""


@dataclass(eq=False)
class Closure:
    """A function that was defined inside of another one.

    Attributes:
        node: its definition.
        scope: the run in which it was defined.
        defaults: the values of parameters that have one.
    """

    node: gast.FunctionDef | gast.Lambda
    scope: Scope
    defaults: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Bound:
    """A method of an object, with the class where it was found."""

    function: Value
    self: Value
    found_in: type | None = None


@dataclass(eq=False)
class Partial:
    """A function with some arguments given: `functools.partial`."""

    function: Value
    args: tuple[Value, ...]
    keywords: dict[str, Value]


@dataclass(eq=False)
class Derived:
    """A derivative of a function that was defined inside.

    Attributes:
        make: the operator, such as `grad`.
        function: the function, or a derivative of it.
        wrt: what to differentiate by.
    """

    make: Any
    function: Value
    wrt: Any


@dataclass(eq=False)
class Choice:
    """One of two functions or objects, by a flag that the remaining code computes."""

    test: gast.expr
    yes: Value
    no: Value


@dataclass(eq=False)
class Items(Holder):
    """A tuple, list or dict of known length that holds a value which is no code.

    Attributes:
        type: tuple, list, dict, or the class of a named tuple.
        frozen: whether it stands for one of several objects, so that it must not change.
    """

    type: type = tuple
    frozen: bool = False


@dataclass(eq=False)
class Instance(Holder):
    """An object that the function makes.

    Attributes:
        cls: its class.
        label: what its attributes are called after.
        frozen: whether it stands for one of several objects, so that it must not change.
        slots: names of the variables that hold attributes.
    """

    cls: Known = None  # type: ignore[assignment]
    label: str = ""
    frozen: bool = False
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Stream(Holder):
    """Values that are given once: what `map`, `zip` and the like return.

    The cell `spent` says whether they have been given.

    Attributes:
        values: the values, as a list or tuple.
    """

    values: Value = None  # type: ignore[assignment]


@dataclass(eq=False)
class Generating(Holder):
    """What a generator function returned: its body runs where it is looped over, once.

    The cell `spent` says whether it has run.
    """

    node: gast.FunctionDef | gast.GeneratorExp = None
    scope: Scope = None  # type: ignore[assignment]


@dataclass(eq=False)
class Super:
    """`super()`: methods of the classes behind one in the order of another one's bases."""

    cls: type
    self: Value


@dataclass(eq=False)
class Conflict:
    """What two paths leave under one name, where nothing covers both; only its use is an error."""

    one: Value
    other: Value


Value = (
    Plain
    | Known
    | Closure
    | Bound
    | Partial
    | Derived
    | Choice
    | Items
    | Instance
    | Stream
    | Generating
    | Super
    | Conflict
)

FUNCTIONS = (Known, Closure, Bound, Partial, Derived, Choice)
