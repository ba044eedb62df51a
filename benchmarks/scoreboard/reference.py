"""What the gradient of a program is: central differences of the untouched function."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.differences import Path, gradient, is_float, leaves, replaced
from tests.programs import PROGRAMS, Program

Place = tuple[int, Path]


@dataclass(frozen=True)
class Reference:
    """The truth about one program.

    Attributes:
        value: The sum of all floats that the program returns.
        slopes: For each float under `wrt`, the derivative of that sum, and a bound of its error.
        single: Whether single precision takes part.
        symmetric: Where symmetric matrices are.
    """

    value: float
    slopes: dict[Place, tuple[np.ndarray, np.ndarray]]
    single: bool
    symmetric: frozenset[Place] = frozenset()


def scored() -> list[str]:
    """Return the names of the programs that have one gradient, those that sit on no kink."""
    return [name for name, program in PROGRAMS.items() if program.smooth]


def ones_like(tree: Any) -> Any:
    """Return 1.0 for every float of a tree, and None for every other leaf."""
    out = tree
    for path, leaf in leaves(tree):
        out = replaced(out, path, leaf * 0 + 1 if is_float(leaf) else None)
    return out


def sum_of_floats(tree: Any) -> float:
    """Return the sum of all floats of a tree."""
    return float(sum(np.sum(np.asarray(x, float)) for _, x in leaves(tree) if is_float(x)))


def places(program: Program, args: tuple[Any, ...]) -> Iterator[tuple[Place, Any]]:
    """Yield where the floats are that a program is differentiated by, and the floats.

    An int that `wrt` itself names counts as a float.
    """
    for position in program.positions():
        for path, leaf in leaves(args[position]):
            if is_float(leaf):
                yield (position, path), leaf
            elif not path and isinstance(leaf, int):
                yield (position, path), float(leaf)


def reference(program: Program) -> Reference:
    """Return value and gradient of a program, from calls of the function alone."""
    result = program.function(*program.arguments())
    weights = ones_like(result)
    slopes = {
        (position, path): (want, error)
        for position in program.positions()
        for path, want, error in gradient(program.function, program.arguments(), position, weights)
    }
    every = [leaf for tree in (program.arguments(), result) for _, leaf in leaves(tree)]
    single = any(getattr(leaf, "dtype", None) == np.float32 for leaf in every)
    symmetric = {
        place for place, leaf in places(program, program.arguments()) if is_symmetric(leaf)
    }
    return Reference(sum_of_floats(result), slopes, single, frozenset(symmetric))


def is_symmetric(leaf: Any) -> bool:
    """Tell whether a leaf is a symmetric matrix."""
    return np.ndim(leaf) == 2 and leaf.shape[0] == leaf.shape[1] and np.allclose(leaf, leaf.T)
