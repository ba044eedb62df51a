"""Nested values in tests: random ones, zeros, and their bits."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.differences import held_by, is_float, is_record, leaves, rebuilt


def random_like(tree: Any, rng: np.random.Generator) -> Any:
    """Return a random float for every float of a tree, and None for every other leaf."""
    if isinstance(tree, dict):
        return {key: random_like(item, rng) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return rebuilt(tree, [random_like(item, rng) for item in tree])
    if is_record(tree):
        return SimpleNamespace(**random_like(held_by(tree), rng))
    if not is_float(tree):
        return None
    values = rng.normal(size=np.shape(tree))
    return values.astype(tree.dtype) if isinstance(tree, np.ndarray) else type(tree)(values)


def zeros_like(tree: Any) -> Any:
    """Return a zero for every float of a tree, and None for every other leaf."""
    if isinstance(tree, dict):
        return {key: zeros_like(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return rebuilt(tree, [zeros_like(item) for item in tree])
    if is_record(tree):
        return SimpleNamespace(**zeros_like(held_by(tree)))
    return tree * 0 if is_float(tree) else None


def bits(tree: Any) -> list[tuple[Any, ...]]:
    """Return path, type, dtype, shape and bytes of every leaf; of a generator its state."""
    return [
        (path, type(leaf), leaf.dtype.str, leaf.shape, leaf.tobytes())
        if isinstance(leaf, np.ndarray | np.generic)
        else (path, type(leaf), str(leaf.bit_generator.state))
        if isinstance(leaf, np.random.Generator)
        else (path, type(leaf), leaf)
        for path, leaf in leaves(tree)
    ]
