"""The registry of the corpus: what a program is, and how its example arguments are made."""

import copy
import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.differences import held_by, is_record, rebuilt

PROGRAMS: dict[str, "Program"] = {}


@dataclass(frozen=True)
class Program:
    """One small function, with arguments to call it on.

    Attributes:
        name: The unique name, that of the function unless given.
        function: The function itself, untouched.
        examples: One entry for each argument: a value, a nesting of dicts, lists and tuples, or
            anywhere in it a maker, `rng -> value`. Or one maker, `rng -> arguments`.
        wrt: The names of the arguments to differentiate by.
        order: The highest derivative that is compared with differences.
        smooth: False where the example sits on a kink, so that no difference is compared.
        gradient: What the gradient by the first of `wrt` must be, for programs on a kink.
        refused: A fragment of the error that is expected instead of a gradient.
    """

    name: str
    function: Callable[..., Any]
    examples: tuple[Any, ...] | Callable[[np.random.Generator], tuple[Any, ...]]
    wrt: tuple[str, ...]
    order: int
    smooth: bool
    gradient: Any
    refused: str | None

    def arguments(self) -> tuple[Any, ...]:
        """Return fresh arguments, the same at every call."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        return made(rng, self.examples)

    def positions(self) -> tuple[int, ...]:
        """Return the positions of the arguments in `wrt`."""
        names = list(inspect.signature(self.function).parameters)
        return tuple(names.index(name) for name in self.wrt)


def program(
    *examples: Any,
    wrt: tuple[str, ...] | None = None,
    order: int = 2,
    smooth: bool = True,
    gradient: Any = None,
    refused: str | None = None,
    name: str | None = None,
    together: Callable[[np.random.Generator], tuple[Any, ...]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function and return it as it is.

    Args:
        *examples: See `Program`.
        wrt: By default every argument that holds a float.
        order: See `Program`.
        smooth: See `Program`.
        gradient: See `Program`.
        refused: See `Program`.
        name: See `Program`.
        together: A maker of all arguments at once, where they share memory.

    Raises:
        ValueError: Two programs have one name.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        key = name or function.__name__
        if key in PROGRAMS:
            raise ValueError(f"two programs are called {key!r}")
        names = tuple(inspect.signature(function).parameters)
        arguments = made(np.random.default_rng(0), together or examples)
        floats = tuple(n for n, value in zip(names, arguments) if holds_float(value))
        chosen = floats if wrt is None else wrt
        PROGRAMS[key] = Program(
            key, function, together or examples, chosen, order, smooth, gradient, refused
        )
        return function

    return register


def made(rng: np.random.Generator, example: Any) -> Any:
    """Return a fresh value for an example: makers are called, arrays copied."""
    if isinstance(example, dict):
        return {key: made(rng, item) for key, item in example.items()}
    if isinstance(example, list | tuple):
        return rebuilt(example, [made(rng, item) for item in example])
    if isinstance(example, np.ndarray):
        return example.copy()
    if is_record(example):
        new = copy.copy(example)
        for key, item in held_by(example).items():
            object.__setattr__(new, key, made(rng, item))
        return new
    return example(rng) if callable(example) else example


def holds_float(value: Any) -> bool:
    """Tell whether a float or an array of floats is somewhere in the value."""
    if isinstance(value, dict):
        return any(holds_float(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_float(item) for item in value)
    if is_record(value):
        return any(holds_float(item) for item in held_by(value).values())
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind == "f"
    return isinstance(value, float)


def normal(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of normally distributed floats, all at least 0.05 from zero."""

    def make(rng: np.random.Generator) -> np.ndarray:
        x = np.asarray(rng.normal(size=shape))
        return np.asarray(x + np.copysign(0.05, x))

    return make


def positive(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of floats between 0.5 and 2."""
    return lambda rng: np.asarray(rng.uniform(0.5, 2.0, size=shape))


def distinct(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of floats that lie 0.3 apart, in random order: no ties in a maximum."""
    size = int(np.prod(shape))
    return lambda rng: (0.3 * (rng.permutation(size) - size / 2.0) + 0.11).reshape(shape)


def single(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of float32 between 0.5 and 2."""
    return lambda rng: rng.uniform(0.5, 2.0, size=shape).astype(np.float32)


def invertible(n: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of well conditioned square matrices."""
    return lambda rng: 0.3 * rng.normal(size=(n, n)) + 2.0 * np.eye(n)


def definite(n: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a maker of symmetric matrices with eigenvalues of at least 1."""

    def make(rng: np.random.Generator) -> np.ndarray:
        a = rng.normal(size=(n, n))
        return 0.3 * a @ a.T + np.eye(n)

    return make
