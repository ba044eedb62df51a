"""Multi-layer perceptrons: dense layers with tanh between them, their parameters in a tuple."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from srcgrad.nn.dense import Params, dense, init_dense


def init_mlp(rng: np.random.Generator, sizes: Sequence[int]) -> tuple[Params, ...]:
    """Parameters of `mlp`.

    Args:
        rng: source of the random numbers.
        sizes: how many features go in, the neurons of each hidden layer, and how many come out.

    Returns:
        For each layer what `init_dense` gives.

    Example:
        >>> [layer["w"].shape for layer in init_mlp(np.random.default_rng(0), [64, 32, 10])]
        [(64, 32), (32, 10)]
    """
    return tuple(init_dense(rng, a, b) for a, b in itertools.pairwise(sizes))


def mlp(layers: tuple[Params, ...], x: np.ndarray) -> np.ndarray:
    """Dense layers with tanh after each but the last.

    Args:
        layers: parameters of each, as for `dense`.
        x: shape (..., n_in).

    Returns:
        Shape (..., n_out).

    Example:
        >>> mlp(({"w": np.eye(2), "b": np.ones(2)},), np.array([[1.0, 2.0]]))
        array([[2., 3.]])
    """
    for layer in layers[:-1]:
        x = np.tanh(dense(layer, x))
    return dense(layers[-1], x)
