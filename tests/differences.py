"""Fourth-order central differences over nested arguments, each with an estimate of its error."""

import copy
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Path = tuple[Any, ...]


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the path and value of every leaf of nested dicts, lists and tuples."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from leaves(item, (*path, key))
    elif isinstance(tree, list | tuple):
        for index, item in enumerate(tree):
            yield from leaves(item, (*path, index))
    elif is_record(tree):
        yield from leaves(held_by(tree), path)
    else:
        yield path, tree


def replaced(tree: Any, path: Path, leaf: Any) -> Any:
    """Return the tree with another leaf at the path; everything else is shared."""
    if not path:
        return leaf
    if isinstance(tree, dict):
        return {**tree, path[0]: replaced(tree[path[0]], path[1:], leaf)}
    if is_record(tree):
        new = copy.copy(tree)
        held = held_by(tree)
        object.__setattr__(new, path[0], replaced(held[path[0]], path[1:], leaf))
        return new
    items = list(tree)
    items[path[0]] = replaced(items[path[0]], path[1:], leaf)
    return rebuilt(tree, items)


def is_record(value: Any) -> bool:
    """Tell whether a value is an object with attributes of its own."""
    plain = np.ndarray | np.generic | type | types.FunctionType | int | float
    nested = dict | list | tuple
    return not isinstance(value, plain | nested) and (
        hasattr(value, "__dict__") or hasattr(type(value), "__slots__")
    )


def held_by(value: Any) -> dict[str, Any]:
    """Return the attributes of an object by their names."""
    slots = [s for c in type(value).__mro__[::-1] for s in getattr(c, "__slots__", ())]
    found = {s: getattr(value, s) for s in slots if hasattr(value, s)}
    return found | getattr(value, "__dict__", {})


def rebuilt(value: Any, items: list[Any]) -> Any:
    """Return a list, tuple or namedtuple of the class of `value` with other items."""
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def is_float(leaf: Any) -> bool:
    """Tell whether a leaf is a float or an array of floats."""
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind == "f"
    return isinstance(leaf, float)


def moved(leaf: Any, direction: Any, step: float) -> Any:
    """Return `leaf + step * direction`, of the type of the leaf; an int becomes a float."""
    if isinstance(leaf, np.ndarray):
        return (leaf + step * np.asarray(direction)).astype(leaf.dtype)
    value = leaf + step * float(direction)
    return type(leaf)(value) if isinstance(leaf, np.generic) else float(value)


def total(output: Any, weights: Any) -> float:
    """Return the sum of all float leaves of an output, each times its weight."""
    pairs = zip(leaves(output), leaves(weights), strict=True)
    return float(sum(np.sum(np.asarray(a, float) * w) for (_, a), (_, w) in pairs if is_float(a)))


def step_of(values: list[Any]) -> tuple[float, float]:
    """Return the step, and the rounding of one evaluation, for the coarsest dtype among values."""
    single = any(getattr(value, "dtype", None) == np.float32 for value in values)
    return (2.0**-5, 2.0**-23) if single else (2.0**-10, 2.0**-52)


def slope(line: Callable[[float], Any], step: float, rounding: float) -> tuple[Any, Any]:
    """Return the derivative of `line` at 0, and a bound of its error.

    The formula `(f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12 h` is evaluated at two steps; how far
    they lie apart bounds the truncation of the smaller one about fifteen times over.

    Args:
        line: A function of one float that returns a float or an array.
        step: The larger of the two steps.
        rounding: The relative rounding error of one evaluation.
    """
    results = []
    size = 0.0
    for h in (step, step / 2.0):
        left2, left, right, right2 = (np.asarray(line(k * h), float) for k in (-2, -1, 1, 2))
        results.append((left2 - 8.0 * left + 8.0 * right - right2) / (12.0 * h))
        size = np.maximum(size, np.abs(right))
    error = np.abs(results[0] - results[1]) + 64.0 * rounding * (1.0 + size) / step
    return results[1], error


def gradient(
    function: Callable[..., Any], args: tuple[Any, ...], position: int, weights: Any = 1.0
) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
    """Yield path, derivative and error bound for every float leaf of one argument.

    The function is evaluated on deep copies, so it may change its arguments.

    Args:
        function: The function itself.
        args: Its arguments; an int at `position` is moved as a float.
        position: Which argument to differentiate by.
        weights: One weight, or array of them, for each leaf of what the function returns.
    """
    outputs = [leaf for _, leaf in leaves(function(*copy.deepcopy(args)))]
    for path, leaf in leaves(args[position]):
        if not is_float(leaf) and (path or not isinstance(leaf, int)):
            continue
        step, rounding = step_of([leaf, *outputs])
        values = np.zeros(np.shape(leaf))
        errors = np.zeros(np.shape(leaf))
        for index in np.ndindex(np.shape(leaf)):
            unit = np.zeros(np.shape(leaf))
            unit[index] = 1.0

            def line(t: float, path: Path = path, leaf: Any = leaf, unit: Any = unit) -> float:
                others = copy.deepcopy(args)
                changed = replaced(others[position], path, moved(leaf, unit, t))
                called = (*others[:position], changed, *others[position + 1 :])
                return total(function(*called), weights)

            values[index], errors[index] = slope(line, step, rounding)
        yield path, values, errors


def directional(
    function: Callable[..., Any], args: tuple[Any, ...], tangents: tuple[Any, ...]
) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
    """Yield path, derivative along the tangents and error bound for every leaf of the result.

    Args:
        function: The function itself, of a nested result.
        args: Its arguments.
        tangents: A tangent for every leaf of the arguments; those of leaves that are no floats
            are not read.
    """
    directions = dict(leaves(tangents))

    def line(t: float) -> Any:
        called: Any = copy.deepcopy(args)
        for path, leaf in leaves(args):
            if is_float(leaf):
                called = replaced(called, path, moved(leaf, directions[path], t))
        return function(*called)

    result = line(0.0)
    floats = [leaf for _, leaf in leaves(args) if is_float(leaf)]
    step, rounding = step_of(floats)
    table = {k * h: dict(leaves(line(k * h))) for h in (step, step / 2) for k in (-2, -1, 1, 2)}
    for path, leaf in leaves(result):
        if is_float(leaf):
            value, error = slope(lambda t, path=path: table[t][path], step, rounding)
            yield path, value, error
