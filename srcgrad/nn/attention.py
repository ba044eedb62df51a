"""Attention: weighted means of values, by how well their keys fit a query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.nn.activations import softmax
from srcgrad.nn.checks import features
from srcgrad.nn.dense import dense, init_dense
from srcgrad.nn.initialisers import Initialiser, glorot_uniform

# A score that leaves nothing behind exp, and no nan where a query may see no key at all.
LOWEST = -1e30


def attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: np.ndarray | None = None
) -> np.ndarray:
    """The mean of the values, weighted by `softmax(query @ key.T / sqrt(d))`.

    Vaswani et al., Attention is all you need (2017), equation 1.

    Args:
        query: shape (..., t, d).
        key: shape (..., s, d).
        value: shape (..., s, e).
        mask: True where a query may see a key, of a shape that broadcasts to (..., t, s). A
            query that may see nothing gets the mean of all values.

    Returns:
        An array of shape (..., t, e).

    Raises:
        ValueError: by numpy, if the shapes do not fit.

    Example:
        >>> key = np.array([[5.0, 0.0], [0.0, 5.0]])
        >>> attention(10.0 * key, key, np.array([[1.0], [2.0]]))
        array([[1.],
               [2.]])
    """
    scores = query @ np.swapaxes(key, -1, -2) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, LOWEST)
    return softmax(scores) @ value


def init_multi_head_attention(
    rng: np.random.Generator,
    n: int,
    *,
    weight: Initialiser = glorot_uniform,
    dtype: Any = np.float64,
) -> dict[str, dict[str, np.ndarray]]:
    """Parameters of `multi_head_attention`: four dense layers of n features in and out.

    Args:
        rng: source of the random numbers.
        n: how many features.
        weight: initialiser of each "w".
        dtype: of all arrays.

    Returns:
        {"query": ..., "key": ..., "value": ..., "out": ...}, each {"w": shape (n, n),
        "b": zeros (n,)}.

    Example:
        >>> sorted(init_multi_head_attention(np.random.default_rng(0), 8))
        ['key', 'out', 'query', 'value']
    """
    parts = ("query", "key", "value", "out")
    return {part: init_dense(rng, n, n, weight=weight, dtype=dtype) for part in parts}


def multi_head_attention(
    params: dict[str, dict[str, np.ndarray]],
    x: np.ndarray,
    memory: np.ndarray,
    heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Attention of several heads, each over a part of the features.

    Vaswani et al., Attention is all you need (2017), section 3.2.2.

    Args:
        params: what `init_multi_head_attention` makes.
        x: what asks, shape (n, t, features).
        memory: what is asked, shape (n, s, features); `x` itself for self-attention.
        heads: how many heads; it divides the number of features.
        mask: True where an entry of `x` may see one of `memory`, of a shape that broadcasts to
            (n, heads, t, s): `causal_mask(t)`, or a mask of padding of shape (n, 1, 1, s).

    Returns:
        An array of shape (n, t, features).

    Raises:
        ValueError: if the shapes do not fit.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> params, x = init_multi_head_attention(rng, 8), rng.normal(size=(2, 5, 8))
        >>> multi_head_attention(params, x, x, heads=4, mask=causal_mask(5)).shape
        (2, 5, 8)
    """
    features("multi_head_attention", x, 3, params["query"]["w"].shape[0])
    query = apart(dense(params["query"], x), heads)
    key = apart(dense(params["key"], memory), heads)
    value = apart(dense(params["value"], memory), heads)
    found = attention(query, key, value, mask)
    return dense(params["out"], np.swapaxes(found, 1, 2).reshape(x.shape))


def apart(x: np.ndarray, heads: int) -> np.ndarray:
    """The features of each head apart: from (n, t, features) to (n, heads, t, features / heads)."""
    n, t, features = x.shape
    if features % heads:
        raise ValueError(f"multi_head_attention: {heads} heads do not divide {features} features")
    return np.swapaxes(x.reshape(n, t, heads, features // heads), 1, 2)


def causal_mask(t: int) -> np.ndarray:
    """True where an entry is not behind the one that asks: shape (t, t).

    Args:
        t: length of the sequence.

    Example:
        >>> causal_mask(3).astype(int)
        array([[1, 0, 0],
               [1, 1, 0],
               [1, 1, 1]])
    """
    place = np.arange(t)
    return place[:, None] >= place
