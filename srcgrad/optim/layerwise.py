"""Steps in proportion to the size of the parameters, leaf by leaf: LARS and LAMB."""

from __future__ import annotations

from typing import Any

from srcgrad.errors import brief
from srcgrad.optim.base import Optimizer, chain
from srcgrad.optim.leafwise import leafwise
from srcgrad.optim.moments import moments, ratio, unbiased
from srcgrad.optim.parts import Selector, by_mask, masked
from srcgrad.optim.pieces import scale, trace, weight_decay
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate
from srcgrad.optim.sizes import norm, rms


@brief
def trust_ratio(coefficient: float = 1.0, eps: float = 0.0) -> Optimizer:
    """Every leaf's update multiplied by the ratio of the norms of parameter and update.

    You, Gitman and Ginsburg 2017, Large Batch Training of Convolutional Networks, equation 6.

    Args:
        coefficient: what the ratio is multiplied by.
        eps: added to the norm of the update.

    Returns:
        A transformation; where one of the norms is 0 the update stays as it is.

    Example:
        >>> import numpy as np
        >>> trust_ratio().update(np.array([3.0, 4.0]), {}, np.array([0.0, 1.0]))[0]
        array([0.6, 0.8])
    """

    def change(g: Any, p: Any) -> None:
        of_p, of_g = norm(p), norm(g)
        if of_p != 0.0 and of_g != 0.0:
            g *= coefficient * of_p / (of_g + eps)

    return leafwise(change)


@brief
def scale_by_rms(least: float = 1e-3) -> Optimizer:
    """Every leaf's update multiplied by the root mean square of the parameter.

    Shazeer and Stern 2018, Adafactor, section 8.

    Args:
        least: the least factor.

    Example:
        >>> scale_by_rms().update([1.0], {}, [2.0])[0]
        [2.0]
    """

    def change(g: Any, p: Any) -> None:
        g *= max(rms(p), least)

    return leafwise(change)


def falling(rate: Rate) -> Rate:
    """A rate with the sign of descent."""
    return (lambda count: -rate(count)) if callable(rate) else -rate


@brief
def lars(
    rate: Rate,
    weight_decay_rate: Rate = 0.0,
    mask: Selector | None = None,
    coefficient: float = 0.001,
    eps: float = 0.0,
    trust_mask: Selector | None = None,
    momentum: float = 0.9,
    *,
    nesterov: bool = False,
) -> Optimizer:
    """Momentum with a rate for each leaf in proportion to its size.

    You, Gitman and Ginsburg 2017, Large Batch Training of Convolutional Networks, algorithm 1.

    Args:
        rate: step size, a float or a schedule.
        weight_decay_rate: what part of the parameter is added to the gradient.
        mask: the parameters that decay; None means all.
        coefficient: the trust coefficient.
        eps: added to the norm of the gradient.
        trust_mask: the parameters whose steps are in proportion to their size; None means all.
        momentum: decay of the trace.
        nesterov: whether to look one step ahead.

    Returns:
        A chain of weight decay, trust ratio, rate and trace.

    Raises:
        BadValue: if a rate is negative, or `momentum` is not in [0, 1).

    Example:
        >>> round(lars(1.0).update([3.0], lars(1.0).init([2.0]), [2.0])[0][0], 12)
        -0.002
    """
    check_rate(rate)
    return chain(
        weight_decay(weight_decay_rate, mask),
        masked(trust_ratio(coefficient, eps), trust_mask),
        scale(falling(rate)),
        trace(momentum, nesterov=nesterov),
    )


@brief
def lamb(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-6,
    eps_root: float = 0.0,
    weight_decay_rate: Rate = 0.0,
    mask: Selector | None = None,
) -> Optimizer:
    """Adam with a rate for each leaf in proportion to its size.

    You et al. 2020, Large Batch Optimization for Deep Learning: Training BERT in 76 minutes,
    algorithm 2.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root.
        eps_root: added below the root.
        weight_decay_rate: what part of the parameter is added to Adam's direction.
        mask: the parameters that decay; None means all.

    Returns:
        A chain of Adam's direction (slots "mean" and "square"), trust ratio and rate.

    Raises:
        BadValue: if a rate is negative, or a decay of a mean is not in [0, 1).

    Example:
        >>> round(lamb(0.1).update([3.0], lamb(0.1).init([2.0]), [2.0])[0][0], 9)
        -0.2
    """
    check_rate(rate)
    check_rate(weight_decay_rate, "weight_decay_rate")
    check_decays(b1=b1, b2=b2)

    def build(meant: bool) -> Optimizer:
        def scalars(count: int) -> tuple[float, ...]:
            t = count + 1
            part = rate_at(weight_decay_rate if meant else 0.0, count)
            return *unbiased(1.0 / (1.0 - b1**t), b2, t, eps, eps_root), part

        def rule(
            g: Any, p: Any, mean: Any, square: Any, up: Any, eps: Any, eps_root: Any, part: Any
        ) -> Any:
            moments(g, mean, square, b1, b2)
            out = ratio(mean, square, up, eps, eps_root)
            if part:
                out += part * p
            return out

        return elementwise(rule, {"mean": 0.0, "square": 0.0}, scalars)

    return chain(by_mask(mask, build), trust_ratio(), scale(falling(rate)))
