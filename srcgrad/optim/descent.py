"""Plain descent, and descent by signs."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import BadValue, brief
from srcgrad.optim.base import Optimizer
from srcgrad.optim.parts import Selector, by_mask
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate, positive


@brief
def sgd(rate: Rate, momentum: float | None = None, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent, with momentum if asked for: trace = g + momentum * trace.

    Polyak 1964, Some methods of speeding up the convergence of iteration methods; Sutskever et al.
    2013, On the importance of initialization and momentum in deep learning, section 2.

    Args:
        rate: step size, a float or a schedule.
        momentum: decay of the trace; None for none.
        nesterov: whether to look one step ahead: g + momentum * trace.

    Returns:
        An optimizer with the slot "trace" if there is momentum.

    Raises:
        BadArgument: if `rate` is neither a number nor a schedule.
        BadValue: if `rate` is negative, `momentum` is not in [0, 1), or missing for Nesterov's.

    Example:
        >>> optimizer = sgd(0.1)
        >>> optimizer.update({"w": np.array([1.0, 2.0])}, optimizer.init({"w": np.zeros(2)}),
        ...                  {"w": np.zeros(2)})[0]
        {'w': array([-0.1, -0.2])}
    """
    check_rate(rate)

    def scalars(count: int) -> tuple[float, ...]:
        return (-rate_at(rate, count),)

    if momentum is None:
        if nesterov:
            raise BadValue(
                "`nesterov` needs a momentum", hint="Write sgd(0.1, 0.9, nesterov=True)."
            )
        return elementwise(lambda g, p, scale: scale * g, {}, scalars)
    check_decays(momentum=momentum)

    def rule(g: Any, p: Any, trace: Any, scale: float) -> Any:
        trace *= momentum
        trace += g
        return scale * (g + momentum * trace) if nesterov else scale * trace

    return elementwise(rule, {"trace": 0.0}, scalars)


@brief
def sign_sgd(rate: Rate, momentum: float | None = None) -> Optimizer:
    """Descent by the sign of the gradient, or of its moving average (Signum).

    Bernstein et al. 2018, signSGD: Compressed Optimisation for Non-Convex Problems, algorithms 1
    and 2.

    Args:
        rate: step size, a float or a schedule.
        momentum: decay of the moving average; None for none.

    Returns:
        An optimizer with the slot "mean" if there is momentum.

    Raises:
        BadValue: if `rate` is negative, or `momentum` is not in [0, 1).

    Example:
        >>> sign_sgd(0.5).update([3.0, -4.0], sign_sgd(0.5).init([0.0, 0.0]), [0.0, 0.0])[0]
        [-0.5, 0.5]
    """
    check_rate(rate)

    def scalars(count: int) -> tuple[float, ...]:
        return (-rate_at(rate, count),)

    if momentum is None:
        return elementwise(lambda g, p, scale: scale * np.sign(g), {}, scalars)
    check_decays(momentum=momentum)

    def rule(g: Any, p: Any, mean: Any, scale: float) -> Any:
        mean *= momentum
        mean += (1.0 - momentum) * g
        return scale * np.sign(mean)

    return elementwise(rule, {"mean": 0.0}, scalars)


@brief
def lion(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.99,
    weight_decay: Rate = 1e-3,
    mask: Selector | None = None,
) -> Optimizer:
    """Descent by the sign of the gradient and its moving average together.

    Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, algorithm 2.

    Args:
        rate: step size, a float or a schedule; some 3 to 10 times less than that of `adam`.
        b1: weight of the moving average in the direction.
        b2: decay of the moving average.
        weight_decay: as in `adamw`.
        mask: the parameters that decay; None means all.

    Returns:
        An optimizer with the slot "mean".

    Raises:
        BadValue: if a rate is negative, or a decay of a mean is not in [0, 1).

    Example:
        >>> lion(0.1, weight_decay=0.0).update(3.0, lion(0.1).init(1.0), 1.0)[0]
        -0.1
    """
    check_rate(rate)
    check_rate(weight_decay, "weight_decay")
    check_decays(b1=b1, b2=b2)

    def build(meant: bool) -> Optimizer:
        def scalars(count: int) -> tuple[float, ...]:
            step = rate_at(rate, count)
            return -step, -step * rate_at(weight_decay if meant else 0.0, count)

        def rule(g: Any, p: Any, mean: Any, scale: float, shrink: float) -> Any:
            out = scale * np.sign((1.0 - b1) * g + b1 * mean)
            mean *= b2
            mean += (1.0 - b2) * g
            if shrink:
                out += shrink * p
            return out

        return elementwise(rule, {"mean": 0.0}, scalars)

    return by_mask(mask, build)


@brief
def rprop(
    rate: float,
    eta_minus: float = 0.5,
    eta_plus: float = 1.2,
    least: float = 1e-6,
    greatest: float = 50.0,
) -> Optimizer:
    """A step for each entry, longer while the gradient keeps its sign; for whole batches.

    Riedmiller and Braun 1993, A Direct Adaptive Method for Faster Backpropagation Learning, in the
    form iRprop- of Igel and Huesken 2000: after a change of sign the entry rests once.

    Args:
        rate: the first step of every entry.
        eta_minus: what a step is multiplied by when the sign changes.
        eta_plus: what it is multiplied by when the sign stays.
        least: the shortest step.
        greatest: the longest step.

    Returns:
        An optimizer with the slots "rate" and "previous".

    Raises:
        BadValue: if a number is not positive.

    Example:
        >>> rprop(0.1).update([3.0, -4.0], rprop(0.1).init([0.0, 0.0]), [0.0, 0.0])[0]
        [-0.1, 0.1]
    """
    positive(rate=rate, eta_minus=eta_minus, eta_plus=eta_plus, least=least, greatest=greatest)

    def rule(g: Any, p: Any, step: Any, previous: Any) -> Any:
        turn = g * previous
        grown = np.clip(np.where(turn > 0, eta_plus, eta_minus) * step, least, greatest)
        np.copyto(step, grown, where=turn != 0)
        np.multiply(step, np.sign(g), out=previous)
        previous[turn < 0] = 0.0
        return -previous

    return elementwise(rule, {"rate": rate, "previous": 0.0})
