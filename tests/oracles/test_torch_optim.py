"""Optimizers against PyTorch, in float64, at every one of 100 steps."""

import numpy as np
import pytest
import torch

from srcgrad import optim
from tests.optim_cases import flat, gradient_at, leaves_of, start

# PyTorch's defaults are not those of optax, so everything is given.
PAIRS = {
    "sgd": (optim.sgd(0.02), lambda p: torch.optim.SGD(p, 0.02)),
    "momentum": (optim.sgd(0.02, 0.9), lambda p: torch.optim.SGD(p, 0.02, 0.9)),
    "nesterov": (
        optim.sgd(0.02, 0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.02, 0.9, nesterov=True),
    ),
    "weight decay": (
        optim.chain(optim.weight_decay(0.1), optim.sgd(0.02)),
        lambda p: torch.optim.SGD(p, 0.02, weight_decay=0.1),
    ),
    "adam": (optim.adam(0.05), lambda p: torch.optim.Adam(p, 0.05)),
    "adamw": (
        optim.adamw(0.05, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.1),
    ),
    "radam": (optim.radam(0.05, eps=1e-16), lambda p: torch.optim.RAdam(p, 0.05, eps=1e-16)),
    "adadelta": (
        optim.adadelta(0.7, 0.9, 1e-6),
        lambda p: torch.optim.Adadelta(p, 0.7, rho=0.9, eps=1e-6),
    ),
    "rprop": (
        optim.rprop(0.02, 0.5, 1.2, 1e-4, 0.5),
        lambda p: torch.optim.Rprop(p, 0.02, etas=(0.5, 1.2), step_sizes=(1e-4, 0.5)),
    ),
    "rmsprop": (
        optim.rmsprop(0.01, 0.9, 1e-8, eps_in_sqrt=False),
        lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=1e-8),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_optimizer(name):
    ours, make = PAIRS[name]
    params = start()
    state = ours.init(params)
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves_of(params)]
    other = make(theirs)
    for count in range(100):
        for t, g in zip(theirs, leaves_of(gradient_at(params, count)), strict=True):
            t.grad = torch.tensor(g, dtype=torch.float64)
        other.step()
        state = ours.step(gradient_at(params, count), state, params)
        wanted = np.concatenate([t.detach().numpy().ravel() for t in theirs])
        assert np.max(np.abs(flat(params) - wanted)) <= 1e-12
