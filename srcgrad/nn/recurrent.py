"""Recurrent layers over a sequence: a plain one, gated units, and long short-term memory.

Sequences have the steps first, (steps, n, features), so that `for x in xs` is one step of the whole
batch. What the inputs contribute is computed for all steps at once, in one product.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.nn.activations import sigmoid
from srcgrad.nn.checks import features
from srcgrad.nn.dense import Params
from srcgrad.nn.initialisers import Initialiser, glorot_uniform, orthogonal, zeros


def init_rnn(
    rng: np.random.Generator,
    n_in: int,
    n_hidden: int,
    *,
    weight: Initialiser = glorot_uniform,
    recurrent: Initialiser = orthogonal,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `rnn`.

    Args:
        rng: source of the random numbers.
        n_in: how many features go in.
        n_hidden: how many come out of each step, and go into the next.
        weight: initialiser of "w".
        recurrent: initialiser of "u".
        dtype: of all arrays.

    Returns:
        {"w": shape (n_in, n_hidden), "u": shape (n_hidden, n_hidden), "b": zeros (n_hidden,)}.

    Example:
        >>> init_rnn(np.random.default_rng(0), 3, 8)["u"].shape
        (8, 8)
    """
    return {
        "w": weight(rng, (n_in, n_hidden), dtype),
        "u": recurrent(rng, (n_hidden, n_hidden), dtype),
        "b": zeros(rng, (n_hidden,), dtype),
    }


def rnn(
    params: Params, xs: np.ndarray, h: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """`h = tanh(x @ w + h @ u + b)` over a sequence (Elman, Finding structure in time, 1990).

    Args:
        params: {"w": shape (n_in, n_hidden), "u": shape (n_hidden, n_hidden), "b": (n_hidden,)}.
        xs: shape (steps, n, n_in).
        h: the state before the first step, shape (n, n_hidden); zeros by default.

    Returns:
        The states after each step, of shape (steps, n, n_hidden), and the last of them.

    Raises:
        ValueError: if the shapes do not fit.

    Example:
        >>> params = {"w": np.ones((1, 1)), "u": np.ones((1, 1)), "b": np.zeros(1)}
        >>> hs, h = rnn(params, np.array([[[1.0]], [[0.0]]]))
        >>> hs.ravel(), h
        (array([0.76159416, 0.64201499]), array([[0.64201499]]))
    """
    features("rnn", xs, 3, params["w"].shape[0])
    u = params["u"]
    if h is None:
        h = np.zeros((xs.shape[1], u.shape[0]), xs.dtype)
    hs = []
    for x in np.tensordot(xs, params["w"], axes=1) + params["b"]:
        h = np.tanh(x + h @ u)
        hs.append(h)
    return np.stack(hs), h


def init_gru(
    rng: np.random.Generator,
    n_in: int,
    n_hidden: int,
    *,
    weight: Initialiser = glorot_uniform,
    recurrent: Initialiser = orthogonal,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `gru`; its gates stand side by side: reset, update, candidate.

    Args:
        rng: source of the random numbers.
        n_in: how many features go in.
        n_hidden: how many come out of each step, and go into the next.
        weight: initialiser of each gate of "w".
        recurrent: initialiser of each gate of "u".
        dtype: of all arrays.

    Returns:
        {"w": shape (n_in, 3 * n_hidden), "u": shape (n_hidden, 3 * n_hidden),
        "b": zeros (3 * n_hidden,), "c": zeros (n_hidden,)}.

    Example:
        >>> init_gru(np.random.default_rng(0), 3, 8)["u"].shape
        (8, 24)
    """
    return {
        "w": side_by_side(rng, weight, n_in, n_hidden, 3, dtype),
        "u": side_by_side(rng, recurrent, n_hidden, n_hidden, 3, dtype),
        "b": zeros(rng, (3 * n_hidden,), dtype),
        "c": zeros(rng, (n_hidden,), dtype),
    }


def gru(
    params: Params, xs: np.ndarray, h: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Gated recurrent units over a sequence.

    Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine
    translation (2014), equations 5 to 8, with the reset gate behind the product, as in cuDNN.

    Args:
        params: {"w": shape (n_in, 3 * n_hidden), "u": shape (n_hidden, 3 * n_hidden),
            "b": shape (3 * n_hidden,), "c": shape (n_hidden,)}: the gates are reset, update and
            candidate, and "c" is added to what the candidate gets from the state.
        xs: shape (steps, n, n_in).
        h: the state before the first step, shape (n, n_hidden); zeros by default.

    Returns:
        The states after each step, of shape (steps, n, n_hidden), and the last of them.

    Raises:
        ValueError: if the shapes do not fit.

    Example:
        >>> params = {"w": np.ones((1, 3)), "u": np.ones((1, 3)), "b": np.zeros(3), "c": np.ones(1)}
        >>> hs, h = gru(params, np.zeros((2, 1, 1)))
        >>> hs.ravel()
        array([0.23105858, 0.39237228])
    """
    features("gru", xs, 3, params["w"].shape[0])
    u, c = params["u"], params["c"]
    if h is None:
        h = np.zeros((xs.shape[1], u.shape[0]), xs.dtype)
    hs = []
    for x in np.tensordot(xs, params["w"], axes=1) + params["b"]:
        h = gru_step(u, c, x, h)
        hs.append(h)
    return np.stack(hs), h


def gru_step(u: np.ndarray, c: np.ndarray, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The next state of gated units, from what the input adds to each gate and the state."""
    n, k = h.shape
    of_x = x.reshape(n, 3, k)
    of_h = (h @ u).reshape(n, 3, k)
    gate = sigmoid(of_x[:, :2] + of_h[:, :2])
    new = np.tanh(of_x[:, 2] + gate[:, 0] * (of_h[:, 2] + c))
    return new + gate[:, 1] * (h - new)


def init_lstm(
    rng: np.random.Generator,
    n_in: int,
    n_hidden: int,
    *,
    weight: Initialiser = glorot_uniform,
    recurrent: Initialiser = orthogonal,
    forget: float = 1.0,
    dtype: Any = np.float64,
) -> Params:
    """Parameters of `lstm`; its gates stand side by side: input, forget, output, cell.

    Args:
        rng: source of the random numbers.
        n_in: how many features go in.
        n_hidden: how many come out of each step, and go into the next.
        weight: initialiser of each gate of "w".
        recurrent: initialiser of each gate of "u".
        forget: first bias of the forget gate; 1 keeps memories at first (Jozefowicz, Zaremba and
            Sutskever, An empirical exploration of recurrent network architectures, 2015).
        dtype: of all arrays.

    Returns:
        {"w": shape (n_in, 4 * n_hidden), "u": shape (n_hidden, 4 * n_hidden),
        "b": shape (4 * n_hidden,)}.

    Example:
        >>> init_lstm(np.random.default_rng(0), 3, 2)["b"]
        array([0., 0., 1., 1., 0., 0., 0., 0.])
    """
    b = zeros(rng, (4 * n_hidden,), dtype)
    b[n_hidden : 2 * n_hidden] = forget
    return {
        "w": side_by_side(rng, weight, n_in, n_hidden, 4, dtype),
        "u": side_by_side(rng, recurrent, n_hidden, n_hidden, 4, dtype),
        "b": b,
    }


def lstm(
    params: Params,
    xs: np.ndarray,
    state: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Long short-term memory over a sequence.

    Hochreiter and Schmidhuber, Long short-term memory (1997), with the forget gate of Gers,
    Schmidhuber and Cummins, Learning to forget (2000).

    Args:
        params: {"w": shape (n_in, 4 * n_hidden), "u": shape (n_hidden, 4 * n_hidden),
            "b": shape (4 * n_hidden,)}: the gates are input, forget, output and cell.
        xs: shape (steps, n, n_in).
        state: output and cell before the first step, each of shape (n, n_hidden); zeros by
            default.

    Returns:
        The outputs of each step, of shape (steps, n, n_hidden), and the last output and cell.

    Raises:
        ValueError: if the shapes do not fit.

    Example:
        >>> params = {"w": np.ones((1, 4)), "u": np.ones((1, 4)), "b": np.zeros(4)}
        >>> hs, (h, cell) = lstm(params, np.ones((2, 1, 1)))
        >>> hs.ravel()
        array([0.36960635, 0.65053522])
    """
    features("lstm", xs, 3, params["w"].shape[0])
    u = params["u"]
    if state is None:
        h = np.zeros((xs.shape[1], u.shape[0]), xs.dtype)
        cell = np.zeros_like(h)
    else:
        h, cell = state
    hs = []
    for x in np.tensordot(xs, params["w"], axes=1) + params["b"]:
        h, cell = lstm_step(u, x, h, cell)
        hs.append(h)
    return np.stack(hs), (h, cell)


def lstm_step(
    u: np.ndarray, x: np.ndarray, h: np.ndarray, cell: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The next output and cell, from what the input adds to each gate and the state."""
    n, k = h.shape
    gates = (x + h @ u).reshape(n, 4, k)
    gate = sigmoid(gates[:, :3])
    cell = gate[:, 0] * np.tanh(gates[:, 3]) + gate[:, 1] * cell
    return gate[:, 2] * np.tanh(cell), cell


def side_by_side(
    rng: np.random.Generator,
    initialiser: Initialiser,
    n_in: int,
    n_out: int,
    count: int,
    dtype: Any,
) -> np.ndarray:
    """The weights of several gates side by side, each drawn for itself."""
    return np.concatenate([initialiser(rng, (n_in, n_out), dtype) for _ in range(count)], axis=1)
