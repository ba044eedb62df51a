"""Ten small numerical programs whose printed gradients are kept in `tests/golden`.

Each of them is a plain numpy function as a user would write it, and each shows one thing that a
gradient has to get right: a broadcast, a tape, an overlapping update, an early return.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Golden:
    """A program, what it is differentiated by, and arguments to do it with."""

    f: Callable[..., Any]
    wrt: tuple[str, ...]
    example: Callable[[np.random.Generator], dict[str, Any]]
    callees: tuple[Callable[..., Any], ...] = ()

    def arguments(self) -> dict[str, Any]:
        """The example, the same numbers every time."""
        return self.example(np.random.default_rng(0))


# A line fitted by least squares: one broadcast, one mean.


def mse(w, b, x, y):
    pred = x @ w + b  # one prediction per row
    err = pred - y
    return np.mean(err**2)


def mse_example(rng):
    return {
        "w": rng.normal(size=3),
        "b": 0.5,
        "x": rng.normal(size=(20, 3)),
        "y": rng.normal(size=20),
    }


# Softmax regression on a batch: a reduction with ties, and a scatter through unique index pairs.


def cross_entropy(w, b, x, labels):
    logits = x @ w + b
    top = np.max(logits, axis=1, keepdims=True)
    shifted = logits - top
    log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    rows = np.arange(len(labels))
    picked = shifted[rows, labels]
    return np.mean(log_norm - picked)


def cross_entropy_example(rng):
    return {
        "w": rng.normal(size=(64, 10)) * 0.1,
        "b": rng.normal(size=10) * 0.1,
        "x": rng.normal(size=(32, 64)),
        "labels": rng.integers(0, 10, size=32),
    }


# A two-layer network whose parameters are a dict, with a helper function.


def dense(x, w, b):
    return x @ w + b


def loss(params, x, y):
    h = np.tanh(dense(x, params["w1"], params["b1"]))
    out = dense(h, params["w2"], params["b2"])
    return np.sum((out - y) ** 2)


def loss_example(rng):
    return {
        "params": {
            "w1": rng.normal(size=(5, 8)),
            "b1": rng.normal(size=8),
            "w2": rng.normal(size=(8, 2)),
            "b2": rng.normal(size=2),
        },
        "x": rng.normal(size=(16, 5)),
        "y": rng.normal(size=(16, 2)),
    }


# A loop over a list of layers: the gradient is a list of the same structure.


def net(layers, x):
    h = x
    for w, b in layers:
        h = np.tanh(h @ w + b)
    return np.sum(h**2)


def net_example(rng):
    sizes = [6, 12, 12, 3]
    layers = [(rng.normal(size=(m, n)) / m**0.5, rng.normal(size=n)) for m, n in pairwise(sizes)]
    return {"layers": layers, "x": rng.normal(size=(16, 6))}


# A recurrent network: a loop whose state is overwritten at every step.


def rnn(w, u, xs):
    h = np.zeros((xs.shape[1], w.shape[0]))
    for x in xs:
        h = np.tanh(h @ w + x @ u)
    return np.sum(h**2)


def rnn_example(rng):
    return {
        "w": rng.normal(size=(6, 6)) * 0.3,
        "u": rng.normal(size=(4, 6)),
        "xs": rng.normal(size=(50, 8, 4)),
    }


# A branch with an early return.


def huber(r, delta):
    size = abs(r)
    if size <= delta:
        return 0.5 * r * r
    return delta * (size - 0.5 * delta)


def huber_example(rng):
    return {"r": -2.5, "delta": 1.0}


# A while loop that runs until it has converged, with an early exit.


def cube_root(a, tol):
    x = a
    n = 0
    while abs(x * x * x - a) > tol:
        if n > 50:
            break
        x = x - (x * x * x - a) / (3.0 * x * x)
        n += 1
    return x


def cube_root_example(rng):
    return {"a": 7.3, "tol": 1e-12}


# A scalar simulation: many cheap operations on Python floats.


def simulate(theta, steps):
    a, b, c, d = theta[0], theta[1], theta[2], theta[3]
    u = 1.0
    v = 0.5
    dt = 0.001
    cost = 0.0
    for _ in range(steps):
        du = a * u - b * u * v
        dv = c * u * v - d * v
        u = u + dt * du
        v = v + dt * dv
        cost = cost + dt * (u - 1.2) ** 2
    return cost


def simulate_example(rng):
    return {"theta": np.array([1.1, 0.4, 0.3, 0.9]), "steps": 200}


# A buffer updated in place, through slices that overlap.


def heat(u0, k, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def heat_example(rng):
    return {"u0": rng.normal(size=40), "k": 0.1, "steps": 25}


# An in-place update that reads what it overwrites.


def burgers(u0, dt, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] -= dt * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u**2)


def burgers_example(rng):
    return {"u0": rng.normal(size=40), "dt": 0.01, "steps": 25}


PROGRAMS = {
    "linear_regression": Golden(mse, ("w", "b"), mse_example),
    "softmax_regression": Golden(cross_entropy, ("w", "b"), cross_entropy_example),
    "mlp": Golden(loss, ("params",), loss_example, callees=(dense,)),
    "layers": Golden(net, ("layers",), net_example),
    "rnn": Golden(rnn, ("w", "u"), rnn_example),
    "huber": Golden(huber, ("r",), huber_example),
    "newton": Golden(cube_root, ("a",), cube_root_example),
    "lotka_volterra": Golden(simulate, ("theta",), simulate_example),
    "heat": Golden(heat, ("u0", "k"), heat_example),
    "burgers": Golden(burgers, ("u0",), burgers_example),
}
