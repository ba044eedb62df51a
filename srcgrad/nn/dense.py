"""Fully connected layers, embeddings and dropout.

Of a net of such layers the gradient has one function for each of them:

    >>> from srcgrad import grad
    >>> def loss(params, x):
    ...     h = np.tanh(dense(params["hidden"], x))
    ...     return np.sum(dense(params["out"], h) ** 2)
    >>> rng = np.random.default_rng(0)
    >>> params = {"hidden": init_dense(rng, 3, 4), "out": init_dense(rng, 4, 2)}
    >>> text = grad(loss).source_for(params, np.zeros((5, 3)))
    >>> print(text[text.index("def dense_bwd") : text.index("def dense_bwd_2")].rstrip())
    def dense_bwd(params, x, out_bar):
        # adjoint of: return x @ params["w"] + params["b"]
        x_bar = out_bar @ params["w"].T
        w_bar = x.T @ out_bar
        b_bar = np.sum(out_bar, axis=0)
        return w_bar, b_bar, x_bar
    >>> print(text[text.index("    h =") :].rstrip())
        h = np.tanh(dense(params["hidden"], x))
    <BLANKLINE>
        # adjoint of: return np.sum(dense(params["out"], h) ** 2)
        w_bar, b_bar, h_bar = dense_bwd(params["out"], h, 2.0 * dense(params["out"], h))
        # adjoint of: h = np.tanh(dense(params["hidden"], x))
        w_bar_2, b_bar_2 = dense_bwd_2(x, h_bar * (1.0 - h**2))
        return {"hidden": {"w": w_bar_2, "b": b_bar_2}, "out": {"w": w_bar, "b": b_bar}}
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.nn.initialisers import Initialiser, glorot_uniform, normal, zeros

Params = dict[str, np.ndarray]


def init_dense(
    rng: np.random.Generator,
    n_in: int,
    n_out: int,
    *,
    weight: Initialiser = glorot_uniform,
    bias: Initialiser = zeros,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `dense`.

    Args:
        rng: source of the random numbers.
        n_in: how many features go in.
        n_out: how many come out.
        weight: initialiser of "w".
        bias: initialiser of "b".
        dtype: of both.

    Returns:
        {"w": shape (n_in, n_out), "b": shape (n_out,)}.

    Example:
        >>> init_dense(np.random.default_rng(0), 64, 10)["w"].shape
        (64, 10)
    """
    return {"w": weight(rng, (n_in, n_out), dtype), "b": bias(rng, (n_out,), dtype)}


def dense(params: Params, x: np.ndarray) -> np.ndarray:
    """A fully connected layer.

    Args:
        params: {"w": shape (n_in, n_out), "b": shape (n_out,)}.
        x: shape (..., n_in).

    Returns:
        `x @ w + b`, of shape (..., n_out).

    Raises:
        ValueError: by numpy, if the shapes do not fit.

    Example:
        >>> dense({"w": np.eye(2), "b": np.ones(2)}, np.array([[1.0, 2.0]]))
        array([[2., 3.]])
    """
    return x @ params["w"] + params["b"]


def init_embedding(
    rng: np.random.Generator,
    count: int,
    n_out: int,
    *,
    weight: Initialiser = normal,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `embedding`.

    Args:
        rng: source of the random numbers.
        count: how many things are embedded.
        n_out: length of their vectors.
        weight: initialiser of "w".
        dtype: of "w".

    Returns:
        {"w": shape (count, n_out)}.

    Example:
        >>> init_embedding(np.random.default_rng(0), 128, 16)["w"].shape
        (128, 16)
    """
    return {"w": weight(rng, (count, n_out), dtype)}


def embedding(params: Params, ids: np.ndarray) -> np.ndarray:
    """A vector for each of some whole numbers.

    Args:
        params: {"w": shape (count, n_out)}.
        ids: whole numbers from 0 to count - 1, of any shape.

    Returns:
        Row `i` of "w" for each `i`, of shape (*ids.shape, n_out).

    Raises:
        IndexError: if an id is `count` or more.

    Example:
        >>> embedding({"w": np.array([[1.0, 2.0], [3.0, 4.0]])}, np.array([1, 1, 0]))
        array([[3., 4.],
               [3., 4.],
               [1., 2.]])
    """
    return params["w"][ids]


def dropout(
    rng: np.random.Generator, x: np.ndarray, rate: float, training: bool = True
) -> np.ndarray:
    """Set random entries to 0 and scale the others up, so that their mean stays.

    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent
    neural networks from overfitting (2014), in the inverted form.

    Args:
        rng: source of the random numbers; it advances when training.
        x: of any shape.
        rate: the probability of 0, below 1.
        training: whether to do anything.

    Example:
        >>> dropout(np.random.default_rng(0), np.ones(6), 0.5)
        array([2., 0., 0., 0., 2., 2.])
        >>> dropout(np.random.default_rng(0), np.ones(3), 0.5, training=False)
        array([1., 1., 1.])
    """
    if not training:
        return x
    kept = rng.random(x.shape) >= rate
    return x * kept / (1.0 - rate)
