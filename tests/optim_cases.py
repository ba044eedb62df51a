"""Optimizers and schedules that are compared with optax, and the problem they run on.

tests/oracles/test_optax.py holds optax's side under the same names; tests/data/optim.json its
numbers.
"""

import json
from pathlib import Path

import numpy as np

from srcgrad import optim

FILE = Path(__file__).parent / "data" / "optim.json"
KEPT = (1, 2, 10, 100)
COUNTS = (0, 1, 2, 5, 9, 10, 11, 25, 50, 99, 100, 101, 150, 250)


def decays(_, leaf):
    return np.ndim(leaf) > 1


def start():
    """Parameters of several shapes: a matrix, a vector, a cube, a number."""
    rng = np.random.default_rng(0)
    return {
        "w": rng.normal(size=(3, 2)),
        "b": rng.normal(size=2),
        "layers": [rng.normal(size=(2, 2, 3)), np.array(0.7)],
    }


def leaves_of(tree):
    return [tree["w"], tree["b"], *tree["layers"]]


def flat(tree):
    return np.concatenate([np.ravel(x) for x in leaves_of(tree)])


def loss_at(tree):
    """A chain of Rosenbrock's valleys."""
    x = flat(tree)
    return float(np.sum(4.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))


def slopes_at(tree):
    """The gradient of this loss."""
    x = flat(tree)
    g = np.zeros_like(x)
    g[1:] += 8.0 * (x[1:] - x[:-1] ** 2)
    g[:-1] -= 16.0 * x[:-1] * (x[1:] - x[:-1] ** 2) + 2.0 * (1.0 - x[:-1])
    return like(tree, g)


def gradient_at(tree, count=0):
    """A gradient towards 0.3 with other curvatures, and a part that changes from step to step."""
    x = flat(tree)
    g = np.linspace(0.5, 8.0, x.size) * (x - 0.3) - 0.2 * np.sin(2.0 * x)
    return like(tree, g + 0.5 * np.sin(1.7 * count + np.arange(x.size)))


def like(tree, vector):
    parts, at = [], 0
    for leaf in leaves_of(tree):
        parts.append(vector[at : at + np.size(leaf)].reshape(np.shape(leaf)).copy())
        at += np.size(leaf)
    return {"w": parts[0], "b": parts[1], "layers": parts[2:]}


def function(tree):
    return loss_at(tree), slopes_at(tree)


SCHEDULES = {
    "constant": optim.constant(0.3),
    "polynomial": optim.polynomial(1.0, 0.1, 2.5, 100),
    "polynomial later": optim.polynomial(0.1, 1.0, 1.0, 50, begin=20),
    "linear": optim.linear(1.0, 0.25, 60),
    "exponential": optim.exponential(1.0, 20, 0.7),
    "exponential staircase": optim.exponential(1.0, 20, 0.7, 5, staircase=True, end=0.2),
    "exponential growth": optim.exponential(0.1, 20, 1.5, end=0.9),
    "step": optim.step_decay(1.0, 30, 0.5),
    "cosine": optim.cosine(1.0, 100, 0.1, 1.5),
    "cosine with restarts": optim.cosine_restarts(1.0, 25, 2, 0.8, 0.1),
    "warm-up": optim.warm_up(0.5, 40, 0.1),
    "warm-up, cosine": optim.warm_up_cosine(0.1, 1.0, 30, 120, 0.05, 1.2),
    "warm-up, exponential": optim.warm_up(optim.exponential(1.0, 20, 0.7), 10),
    "one-cycle, cosine": optim.one_cycle(1.0, 100),
    "one-cycle, linear": optim.one_cycle(1.0, 100, curve="linear"),
    "piecewise": optim.piecewise(1.0, {10: 0.1, 50: 5.0, 100: 0.2}),
    "piecewise linear": optim.piecewise(1.0, {10: 0.1, 50: 5.0, 100: 0.2}, "linear"),
    "piecewise cosine": optim.piecewise(1.0, {10: 0.1, 50: 5.0, 100: 0.2}, "cosine"),
    "joined": optim.join(
        [optim.constant(0.1), optim.linear(1.0, 0.0, 50), optim.constant(0.2)], [10, 100]
    ),
}
COSINE = SCHEDULES["cosine"]

# Each with a rate at which 100 steps go somewhere.
OPTIMIZERS = {
    "sgd": optim.sgd(0.02),
    "sgd schedule": optim.sgd(optim.cosine(0.05, 80)),
    "sgd momentum": optim.sgd(0.02, 0.9),
    "sgd nesterov": optim.sgd(0.02, 0.9, nesterov=True),
    "adagrad": optim.adagrad(0.1),
    "adagrad from 0": optim.adagrad(0.1, 0.0, 1e-10),
    "adadelta": optim.adadelta(1.0),
    "adadelta decay": optim.adadelta(0.5, 0.95, 1e-5, 0.01, decays),
    "rmsprop": optim.rmsprop(0.01),
    "rmsprop centered": optim.rmsprop(0.01, centered=True, initial=1.0),
    "rmsprop momentum": optim.rmsprop(0.01, momentum=0.9, eps_in_sqrt=False, initial=1.0),
    "rmsprop nesterov": optim.rmsprop(
        0.01, centered=True, momentum=0.8, nesterov=True, bias_correction=True, initial=1.0
    ),
    "adam": optim.adam(0.05),
    "adam eps_root": optim.adam(0.05, 0.8, 0.99, 1e-6, 1e-5),
    "adam schedule": optim.adam(optim.warm_up_cosine(0.0, 0.1, 10, 90)),
    "amsgrad": optim.amsgrad(0.05),
    "adamw": optim.adamw(0.05, weight_decay=0.1),
    "adamw mask": optim.adamw(0.05, weight_decay=0.1, mask=decays),
    "adamw schedule": optim.adamw(0.05, weight_decay=optim.linear(0.1, 0.0, 50)),
    "adamax": optim.adamax(0.05),
    "nadam": optim.nadam(0.05),
    "nadamw": optim.nadam(0.05, weight_decay=0.1, mask=decays),
    "radam": optim.radam(0.05),
    "lion": optim.lion(0.01),
    "lion mask": optim.lion(0.01, 0.8, 0.95, 0.1, decays),
    "lamb": optim.lamb(0.02),
    "lamb mask": optim.lamb(0.02, weight_decay_rate=0.1, mask=decays),
    "lars": optim.lars(1.0, 0.01),
    "lars masks": optim.lars(0.02, 0.01, decays, 0.5, 1e-6, decays, momentum=0.8, nesterov=True),
    "adafactor": optim.adafactor(0.1),
    "adafactor factored": optim.adafactor(0.1, 2),
    "adafactor everything": optim.adafactor(
        0.1, 2, momentum=0.9, weight_decay_rate=1e-3, mask=decays, clipping=0.5
    ),
    "adafactor bare": optim.adafactor(0.01, 2, clipping=None, multiply_by_scale=False),
    "adabelief": optim.adabelief(0.05),
    "yogi": optim.yogi(0.05),
    "sign_sgd": optim.sign_sgd(0.01),
    "signum": optim.sign_sgd(0.01, 0.9),
    "lbfgs": optim.lbfgs(),
    "lbfgs short memory": optim.lbfgs(0.5, 2, scale_first=False),
    "lbfgs without search": optim.lbfgs(0.01, search=None),
    "clip": optim.chain(optim.clip(0.3), optim.sgd(0.05)),
    "clip_by_rms": optim.chain(optim.clip_by_rms(0.3), optim.sgd(0.05)),
    "clip_by_global_norm": optim.chain(optim.clip_by_global_norm(2.0), optim.adam(0.05)),
    "adaptive_clip": optim.chain(optim.adaptive_clip(0.1), optim.sgd(0.05)),
    "weight_decay": optim.chain(optim.weight_decay(0.1, decays), optim.sgd(0.05)),
    "ema": optim.chain(optim.ema(0.9), optim.sgd(0.05)),
    "ema biased": optim.chain(optim.ema(0.9, debias=False), optim.sgd(0.05)),
    "trace": optim.chain(optim.trace(0.8, nesterov=True), optim.scale(-0.02)),
    "accumulate": optim.accumulate(optim.adam(0.05), 3),
    "freeze": optim.freeze(optim.adam(0.05), ["['layers'][1]", "['b']"]),
    "separate": optim.separate(
        {"matrices": optim.adam(0.05), "others": optim.sgd(0.02, 0.9)},
        lambda _, leaf: "matrices" if np.ndim(leaf) > 1 else "others",
    ),
    "lookahead": optim.lookahead(optim.adam(0.1), 5, 0.4),
    "reduce_on_plateau": optim.chain(
        optim.sgd(0.02), optim.reduce_on_plateau(0.5, 3, rtol=0.05, cooldown=2, window=2)
    ),
}
SEARCHED = {"lbfgs", "lbfgs short memory", "lbfgs without search"}


def extra_of(name, params):
    """The keywords that an optimizer gets besides."""
    if name in SEARCHED:
        return {"value": loss_at(params), "function": function}
    return {"value": loss_at(params)}


def run(name, steps, *, in_place=False):
    """The parameters after each of some steps, as vectors; the first entry is the start."""
    optimizer = OPTIMIZERS[name]
    params = start()
    state = optimizer.init(params)
    seen = [flat(params)]
    for count in range(steps):
        grads = slopes_at(params) if name in SEARCHED else gradient_at(params, count)
        extra = extra_of(name, params)
        if in_place:
            state = optimizer.step(grads, state, params, **extra)
        else:
            updates, state = optimizer.update(grads, state, params, **extra)
            params = optim.apply_updates(params, updates)
        seen.append(flat(params))
    return seen


def read():
    return json.loads(FILE.read_text(encoding="utf-8"))
