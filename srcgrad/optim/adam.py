"""Adam and its family: rates for every entry from the first two moments of its gradient.

Throughout, `g` is the gradient, `mean` and `square` are moving averages of it and of its square,
t counts steps from 1, and moving averages that start from 0 are divided by 1 - b^t.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import brief
from srcgrad.optim.base import Optimizer
from srcgrad.optim.moments import blend, moments, nesterov, ratio, unbiased
from srcgrad.optim.parts import Selector, by_mask
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate


@brief
def adam(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    eps_root: float = 0.0,
) -> Optimizer:
    """Adam: the mean of the gradient over the root of the mean of its square.

    Kingma and Ba 2015, Adam: A Method for Stochastic Optimization, algorithm 1.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root, against division by 0.
        eps_root: added below the root.

    Returns:
        An optimizer with the slots "mean" and "square".

    Raises:
        BadArgument: if `rate` is neither a number nor a schedule.
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> optimizer = adam(0.1)
        >>> params = {"w": np.array([1.0, -1.0])}
        >>> updates, state = optimizer.update({"w": np.array([2.0, 4.0])}, optimizer.init(params),
        ...                                   params)
        >>> updates["w"].round(6)
        array([-0.1, -0.1])
    """
    return adam_with(rate, b1, b2, eps, eps_root, 0.0)


@brief
def adamw(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    weight_decay: Rate = 1e-4,
    mask: Selector | None = None,
) -> Optimizer:
    """Adam with weight decay that is no part of the gradient.

    Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, algorithm 2 (the decay is
    multiplied by the rate, as in optax and PyTorch).

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root.
        eps_root: added below the root.
        weight_decay: what fraction of the parameter is taken off for each unit of rate; a float
            or a schedule.
        mask: the parameters that decay: a path or several, a function of path and leaf, or a tree
            of bools; None means all.

    Returns:
        An optimizer with the slots "mean" and "square"; with a mask, the dict of two such states.

    Raises:
        BadArgument: if a rate is neither a number nor a schedule.
        BadValue: if a rate is negative, or a decay of a mean is not in [0, 1).

    Example:
        >>> optimizer = adamw(0.1, weight_decay=0.5, mask=lambda path, leaf: np.ndim(leaf) > 0)
        >>> params = {"w": np.ones(2), "b": np.array(1.0)}
        >>> optimizer.update(params, optimizer.init(params), params)[0]
        {'w': array([-0.15, -0.15]), 'b': array(-0.1)}
    """
    check_rate(weight_decay, "weight_decay")
    return by_mask(
        mask, lambda meant: adam_with(rate, b1, b2, eps, eps_root, weight_decay if meant else 0.0)
    )


def adam_with(
    rate: Rate, b1: float, b2: float, eps: float, eps_root: float, weight_decay: Rate
) -> Optimizer:
    """Adam with weight decay, maybe of 0."""
    check_rate(rate)
    check_decays(b1=b1, b2=b2)

    def scalars(count: int) -> tuple[float, ...]:
        t, step = count + 1, rate_at(rate, count)
        shrink = -step * rate_at(weight_decay, count)
        return *unbiased(-step / (1.0 - b1**t), b2, t, eps, eps_root), shrink

    def rule(
        g: Any, p: Any, mean: Any, square: Any, b1: Any, c1: Any, b2: Any, c2: Any,
        scale: Any, eps: Any, eps_root: Any, shrink: Any,
    ) -> Any:  # fmt: skip
        blend(g, mean, square, b1, c1, b2, c2)
        out = ratio(mean, square, scale, eps, eps_root)
        if shrink:
            out += shrink * p
        return out

    constants = (b1, 1.0 - b1, b2, 1.0 - b2)
    return elementwise(rule, {"mean": 0.0, "square": 0.0}, scalars, constants)


@brief
def nadam(
    rate: Rate,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    weight_decay: Rate = 0.0,
    mask: Selector | None = None,
) -> Optimizer:
    """Adam with Nesterov's momentum.

    Dozat 2016, Incorporating Nesterov Momentum into Adam, algorithm 8; without its further factor
    b2 below the root, as in optax.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root.
        eps_root: added below the root.
        weight_decay: as in `adamw` (which makes this NAdamW).
        mask: the parameters that decay; None means all.

    Returns:
        An optimizer with the slots "mean" and "square".

    Raises:
        BadValue: if a rate is negative, or a decay of a mean is not in [0, 1).

    Example:
        >>> round(nadam(0.1).update(1.0, nadam(0.1).init(0.0), 0.0)[0], 6)
        -0.147368
    """
    check_rate(rate)
    check_rate(weight_decay, "weight_decay")
    check_decays(b1=b1, b2=b2)

    def build(meant: bool) -> Optimizer:
        def scalars(count: int) -> tuple[float, ...]:
            t, step = count + 1, rate_at(rate, count)
            shrink = -step * rate_at(weight_decay if meant else 0.0, count)
            return *nesterov(b1, t), *unbiased(-step, b2, t, eps, eps_root), shrink

        def rule(
            g: Any, p: Any, mean: Any, square: Any, of_mean: Any, of_g: Any,
            scale: Any, eps: Any, eps_root: Any, shrink: Any,
        ) -> Any:  # fmt: skip
            moments(g, mean, square, b1, b2)
            out = ratio(of_mean * mean + of_g * g, square, scale, eps, eps_root)
            if shrink:
                out += shrink * p
            return out

        return elementwise(rule, {"mean": 0.0, "square": 0.0}, scalars)

    return by_mask(mask, build)


@brief
def amsgrad(
    rate: Rate, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, eps_root: float = 0.0
) -> Optimizer:
    """Adam with the greatest mean of squares so far, so that rates never grow.

    Reddi, Kale and Kumar 2018, On the Convergence of Adam and Beyond, algorithm 2; the means are
    divided by 1 - b^t before the maximum is taken, as in optax.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squares.
        eps: added to the root.
        eps_root: added below the root.

    Returns:
        An optimizer with the slots "mean", "square" and "greatest".

    Raises:
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> optimizer = amsgrad(0.1)
        >>> updates, state = optimizer.update([1.0], optimizer.init([0.0]), [0.0])
        >>> state["greatest"]
        [array(1.)]
    """
    check_rate(rate)
    check_decays(b1=b1, b2=b2)

    def scalars(count: int) -> tuple[float, ...]:
        t = count + 1
        return -rate_at(rate, count) / (1.0 - b1**t), 1.0 - b2**t

    def rule(
        g: Any, p: Any, mean: Any, square: Any, greatest: Any, scale: float, debias: float
    ) -> Any:
        moments(g, mean, square, b1, b2)
        np.maximum(greatest, square / debias, out=greatest)
        return ratio(mean, greatest, scale, eps, eps_root)

    return elementwise(rule, {"mean": 0.0, "square": 0.0, "greatest": 0.0}, scalars)


@brief
def adamax(rate: Rate, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with a decaying maximum of the gradient's magnitude for the root.

    Kingma and Ba 2015, section 7.1 and algorithm 2.

    Args:
        rate: step size, a float or a schedule.
        b1: decay of the mean of gradients.
        b2: decay of the maximum.
        eps: added to each magnitude.

    Returns:
        An optimizer with the slots "mean" and "greatest".

    Raises:
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> round(adamax(0.1).update(2.0, adamax(0.1).init(0.0), 0.0)[0], 6)
        -0.1
    """
    check_rate(rate)
    check_decays(b1=b1, b2=b2)

    def scalars(count: int) -> tuple[float, ...]:
        return (-rate_at(rate, count) / (1.0 - b1 ** (count + 1)),)

    def rule(g: Any, p: Any, mean: Any, greatest: Any, scale: float) -> Any:
        mean *= b1
        mean += (1.0 - b1) * g
        greatest *= b2
        np.maximum(np.abs(g) + eps, greatest, out=greatest)
        return scale * mean / greatest

    return elementwise(rule, {"mean": 0.0, "greatest": 0.0}, scalars)
