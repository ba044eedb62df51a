"""Relatives of Adam with another second moment: RAdam, AdaBelief, Yogi."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import BadValue, brief
from srcgrad.optim.base import Optimizer
from srcgrad.optim.moments import moments, ratio, unbiased
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate


@brief
def radam(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    threshold: float = 5.0,
) -> Optimizer:
    """Rectified Adam: its rates are used as far as their variance is known, else plain momentum.

    Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond, algorithm 2.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root.
        eps_root: added below the root.
        threshold: from which length of the moving average on the variance counts as known.

    Returns:
        An optimizer with the slots "mean" and "square".

    Raises:
        BadValue: if `rate` is negative, a decay is not in [0, 1), or `threshold` is not above 4.

    Example:
        >>> radam(0.1).update(2.0, radam(0.1).init(0.0), 0.0)[0]
        -0.2
    """
    check_rate(rate)
    check_decays(b1=b1, b2=b2)
    if not threshold > 4.0:
        raise BadValue(
            f"`threshold` must be above 4, where the variance is finite, not {threshold!r}"
        )
    longest = 2.0 / (1.0 - b2) - 1.0

    def scalars(count: int) -> tuple[float, ...]:
        t = count + 1
        length = longest - 2.0 * t * b2**t / (1.0 - b2**t)
        known = 0.0
        if length >= threshold:
            known = math.sqrt(
                (length - 4.0) * (length - 2.0) * longest
                / ((longest - 4.0) * (longest - 2.0) * length)
            )  # fmt: skip
        scale = -rate_at(rate, count) / (1.0 - b1**t)
        return scale, *unbiased(scale * known, b2, t, eps, eps_root)

    def rule(
        g: Any, p: Any, mean: Any, square: Any, scale: Any, known: Any, eps: Any, eps_root: Any
    ) -> Any:
        moments(g, mean, square, b1, b2)
        return ratio(mean, square, known, eps, eps_root) if known else scale * mean

    return elementwise(rule, {"mean": 0.0, "square": 0.0}, scalars)


@brief
def adabelief(
    rate: Rate, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-16, eps_root: float = 1e-16
) -> Optimizer:
    """Adam with the mean square of what the mean did not foresee.

    Zhuang et al. 2020, AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
    Gradients, algorithm 2.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squared errors.
        eps: added to the root.
        eps_root: added to the mean of squared errors at every step.

    Returns:
        An optimizer with the slots "mean" and "square".

    Raises:
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> round(adabelief(0.1).update(2.0, adabelief(0.1).init(0.0), 0.0)[0], 6)
        -0.111111
    """
    check_rate(rate)
    check_decays(b1=b1, b2=b2)

    def scalars(count: int) -> tuple[float, ...]:
        t = count + 1
        return unbiased(-rate_at(rate, count) / (1.0 - b1**t), b2, t, eps, 0.0)

    def rule(g: Any, p: Any, mean: Any, square: Any, scale: Any, eps: Any, _: Any) -> Any:
        mean *= b1
        mean += (1.0 - b1) * g
        error = g - mean
        error *= error
        square *= b2
        square += (1.0 - b2) * error
        square += eps_root
        return ratio(mean, square, scale, eps, 0.0)

    return elementwise(rule, {"mean": 0.0, "square": 0.0}, scalars)


@brief
def yogi(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-3,
    eps_root: float = 0.0,
    initial: float = 1e-6,
) -> Optimizer:
    """Adam whose mean of squares moves by the square of the gradient, whatever the distance.

    Zaheer et al. 2018, Adaptive Methods for Nonconvex Optimization, algorithm 2; both moments
    start from `initial`, as in optax.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: one minus the part of a square that the mean of squares moves by.
        eps: added to the root.
        eps_root: added below the root.
        initial: what both slots are at first.

    Returns:
        An optimizer with the slots "mean" and "square".

    Raises:
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> round(yogi(0.1).update(2.0, yogi(0.1).init(0.0), 0.0)[0], 6)
        -0.099938
    """
    check_rate(rate)
    check_decays(b1=b1, b2=b2)

    def scalars(count: int) -> tuple[float, ...]:
        t = count + 1
        return unbiased(-rate_at(rate, count) / (1.0 - b1**t), b2, t, eps, eps_root)

    def rule(g: Any, p: Any, mean: Any, square: Any, scale: Any, eps: Any, eps_root: Any) -> Any:
        mean *= b1
        mean += (1.0 - b1) * g
        g_square = g * g
        square -= (1.0 - b2) * np.sign(square - g_square) * g_square
        return ratio(mean, square, scale, eps, eps_root)

    return elementwise(rule, {"mean": initial, "square": initial}, scalars)
