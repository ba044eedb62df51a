"""Small transformations, to be chained: scaling, traces, averages, decay, noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import BadValue, brief
from srcgrad.optim.base import Optimizer, State, from_rewrite
from srcgrad.optim.leaves import BLOCK, blocks, finished, gather
from srcgrad.optim.parts import Selector, by_mask
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate


@brief
def scale(factor: Rate) -> Optimizer:
    """Updates multiplied by a number.

    Args:
        factor: the number, of either sign, or a schedule of them.

    Example:
        >>> scale(-0.5).update([2.0], scale(-0.5).init([0.0]), [0.0])[0]
        [-1.0]
    """
    return elementwise(lambda g, p, s: s * g, {}, lambda count: (rate_at(factor, count),))


@brief
def trace(decay: float, *, nesterov: bool = False) -> Optimizer:
    """Momentum: trace = g + decay * trace.

    Args:
        decay: what part of the trace remains.
        nesterov: whether to look one step ahead: g + decay * trace.

    Raises:
        BadValue: if `decay` is not in [0, 1).

    Example:
        >>> optimizer = trace(0.5)
        >>> updates, state = optimizer.update([1.0], optimizer.init([0.0]), [0.0])
        >>> optimizer.update([1.0], state, [0.0])[0]
        [1.5]
    """
    check_decays(decay=decay)

    def rule(g: Any, p: Any, own: Any) -> Any:
        own *= decay
        own += g
        return g + decay * own if nesterov else own.copy()

    return elementwise(rule, {"trace": 0.0})


@brief
def ema(decay: float, *, debias: bool = True) -> Optimizer:
    """The exponential moving average of the updates: mean = decay * mean + (1 - decay) * g.

    For an average of the parameters see `averaged`.

    Args:
        decay: what part of the mean remains.
        debias: whether it is divided by 1 - decay^t, since it starts from 0.

    Raises:
        BadValue: if `decay` is not in [0, 1).

    Example:
        >>> ema(0.9).update([2.0], ema(0.9).init([0.0]), [0.0])[0]
        [2.0]
    """
    check_decays(decay=decay)

    def scalars(count: int) -> tuple[float, ...]:
        return (1.0 - decay ** (count + 1) if debias else 1.0,)

    def rule(g: Any, p: Any, mean: Any, weight: float) -> Any:
        mean *= decay
        mean += (1.0 - decay) * g
        return mean / weight

    return elementwise(rule, {"mean": 0.0}, scalars)


@brief
def weight_decay(decay: Rate, mask: Selector | None = None) -> Optimizer:
    """A part of the parameter added to its gradient.

    Before an optimizer this is the gradient of a quadratic penalty, decay/2 * sum(p^2).

    Args:
        decay: what part; a float or a schedule.
        mask: the parameters that decay: a path or several, a function of path and leaf, or a tree
            of bools; None means all.

    Raises:
        BadValue: if `decay` is negative.

    Example:
        >>> optimizer = weight_decay(0.5, mask="['w']")
        >>> params = {"w": 4.0, "b": 4.0}
        >>> optimizer.update({"w": 1.0, "b": 1.0}, optimizer.init(params), params)[0]
        {'w': 3.0, 'b': 1.0}
    """
    check_rate(decay, "decay")

    def build(meant: bool) -> Optimizer:
        now = decay if meant else 0.0
        return elementwise(
            lambda g, p, part: g + part * p, {}, lambda count: (rate_at(now, count),)
        )

    return by_mask(mask, build)


@brief
def noise(eta: float, gamma: float = 0.55, seed: int = 0) -> Optimizer:
    """Normal noise of variance eta / t^gamma added to the gradients; t counts from 1.

    Neelakantan et al. 2015, Adding Gradient Noise Improves Learning for Very Deep Networks,
    equation 1.

    Args:
        eta: variance at the first step.
        gamma: how fast it falls.
        seed: of the noise, which depends on it and on the step alone: a resumed run gets the same.

    Returns:
        An optimizer with the state `{"count": steps, "seed": seed}`.

    Raises:
        BadValue: if `eta` or `seed` is negative.

    Example:
        >>> optimizer = noise(0.01, seed=1)
        >>> updates, state = optimizer.update([1.0], optimizer.init([0.0]), [0.0])
        >>> round(updates[0], 6), state
        (1.034558, {'count': 1, 'seed': 1})
    """
    if eta < 0 or seed < 0:
        raise BadValue(f"`eta` and `seed` must not be negative, and are {eta!r} and {seed!r}")

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        work = gather(params, grads)
        count = int(state["count"])
        rng = np.random.default_rng([int(state["seed"]), count])
        spread = math.sqrt(eta / (count + 1) ** gamma)
        for _p, g in work.leaves:
            for cut in blocks(g.shape) if g.size > BLOCK else ((),):
                part = g[(*cut, ...)]
                part += spread * rng.standard_normal(part.shape)
        state["count"] += 1
        return finished(params, grads, work), state

    return from_rewrite(lambda _: {"count": 0, "seed": seed}, rewrite)
