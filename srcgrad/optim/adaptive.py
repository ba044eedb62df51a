"""Rates for every entry from the squares of its gradients: Adagrad, Adadelta, RMSProp, FTRL."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import BadValue, brief
from srcgrad.optim.base import Optimizer
from srcgrad.optim.parts import Selector, by_mask
from srcgrad.optim.rules import check_decays, check_rate, elementwise, rate_at
from srcgrad.optim.schedules import Rate, positive


@brief
def adagrad(rate: Rate, initial: float = 0.1, eps: float = 1e-7) -> Optimizer:
    """The gradient over the root of the sum of its squares.

    Duchi, Hazan and Singer 2011, Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization, figure 1, with a diagonal matrix.

    Args:
        rate: step size, a float or a schedule.
        initial: what the sum is at first.
        eps: added to the sum below the root.

    Returns:
        An optimizer with the slot "square_sum".

    Raises:
        BadValue: if `rate` or `initial` is negative.

    Example:
        >>> adagrad(0.5, initial=0.0, eps=0.0).update(4.0, adagrad(0.5, 0.0).init(0.0), 0.0)[0]
        -0.5
    """
    check_rate(rate)
    if initial < 0:
        raise BadValue(f"`initial` must not be negative, and is {initial!r}")

    def scalars(count: int) -> tuple[float, ...]:
        return (-rate_at(rate, count),)

    def rule(g: Any, p: Any, square_sum: Any, scale: float) -> Any:
        square_sum += g * g
        out = np.zeros_like(g)
        np.divide(g, np.sqrt(square_sum + eps), out=out, where=square_sum > 0)
        out *= scale
        return out

    return elementwise(rule, {"square_sum": initial}, scalars)


@brief
def adadelta(
    rate: Rate = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: Rate = 0.0,
    mask: Selector | None = None,
) -> Optimizer:
    """The gradient times the root of mean squared updates over that of mean squared gradients.

    Zeiler 2012, ADADELTA: An Adaptive Learning Rate Method, algorithm 1.

    Args:
        rate: step size, a float or a schedule.
        rho: decay of both means.
        eps: added to both below the roots.
        weight_decay: what part of the parameter is added to the gradient.
        mask: the parameters that decay; None means all.

    Returns:
        An optimizer with the slots "square" and "square_update".

    Raises:
        BadValue: if a rate is negative, or `rho` is not in [0, 1).

    Example:
        >>> round(adadelta().update(4.0, adadelta().init(0.0), 0.0)[0], 9)
        -0.003162277
    """
    check_rate(rate)
    check_rate(weight_decay, "weight_decay")
    check_decays(rho=rho)

    def build(meant: bool) -> Optimizer:
        def scalars(count: int) -> tuple[float, ...]:
            return -rate_at(rate, count), rate_at(weight_decay if meant else 0.0, count)

        def rule(
            g: Any, p: Any, square: Any, square_update: Any, scale: float, decay: float
        ) -> Any:
            if decay:
                g = g + decay * p
            square *= rho
            square += (1.0 - rho) * (g * g)
            out = np.sqrt(square_update + eps) / np.sqrt(square + eps) * g
            square_update *= rho
            square_update += (1.0 - rho) * (out * out)
            return scale * out

        return elementwise(rule, {"square": 0.0, "square_update": 0.0}, scalars)

    return by_mask(mask, build)


@brief
def rmsprop(
    rate: Rate,
    decay: float = 0.9,
    eps: float = 1e-8,
    initial: float = 0.0,
    *,
    eps_in_sqrt: bool = True,
    centered: bool = False,
    momentum: float | None = None,
    nesterov: bool = False,
    bias_correction: bool = False,
) -> Optimizer:
    """The gradient over the root of the mean of its square, or of its variance.

    Hinton 2012, Neural Networks for Machine Learning, lecture 6; centered as in Graves 2013,
    Generating Sequences With Recurrent Neural Networks, equations 38 to 45.

    Args:
        rate: step size, a float or a schedule.
        decay: of the means.
        eps: added to the denominator.
        initial: what the mean of squares is at first.
        eps_in_sqrt: whether `eps` is added below the root.
        centered: whether the square of the mean is taken off.
        momentum: decay of a trace of the updates; None for none.
        nesterov: whether the trace looks one step ahead.
        bias_correction: whether the means are divided by 1 - decay^t.

    Returns:
        An optimizer with the slots "square", "mean" if centered, "trace" if there is momentum.

    Raises:
        BadValue: if `rate` is negative, or a decay is not in [0, 1).

    Example:
        >>> round(rmsprop(0.1).update(4.0, rmsprop(0.1).init(0.0), 0.0)[0], 6)
        -0.316228
    """
    check_rate(rate)
    check_decays(decay=decay, momentum=momentum or 0.0)

    def scalars(count: int) -> tuple[float, ...]:
        debias = 1.0 - decay ** (count + 1) if bias_correction else 1.0
        return -rate_at(rate, count), debias

    def rule(g: Any, p: Any, square: Any, *rest: Any) -> Any:
        *slots, scale, debias = rest
        square *= decay
        square += (1.0 - decay) * (g * g)
        spread = square / debias
        if centered:
            mean = slots[0]
            mean *= decay
            mean += (1.0 - decay) * g
            centre = mean / debias
            spread = spread - centre * centre
        root = np.sqrt(spread + eps) if eps_in_sqrt else np.sqrt(spread) + eps
        out = scale * (g / root)
        if momentum is None:
            return out
        trace = slots[-1]
        trace *= momentum
        trace += out
        return out + momentum * trace if nesterov else trace.copy()

    names = {"square": initial}
    if centered:
        names["mean"] = 0.0
    if momentum is not None:
        names["trace"] = 0.0
    return elementwise(rule, names, scalars)


@brief
def ftrl(
    rate: float, l1: float = 0.0, l2: float = 0.0, beta: float = 1.0, initial: float = 0.0
) -> Optimizer:
    """Follow the regularised leader: rates as in Adagrad, and weights that are exactly 0.

    McMahan et al. 2013, Ad Click Prediction: a View from the Trenches, algorithm 1.

    Args:
        rate: alpha in the paper.
        l1: weight of the sum of magnitudes.
        l2: weight of half the sum of squares.
        beta: added to the root of the sum of squares.
        initial: what the sum of squares is at first.

    Returns:
        An optimizer with the slots "z" and "square_sum". The first value of a parameter counts as
        if it were 0 in `z`: from the first step on it is what the gradients say.

    Raises:
        BadValue: if `rate` is not positive, or another number is negative.

    Example:
        >>> optimizer = ftrl(0.5, l1=1.0)
        >>> params = np.zeros(2)
        >>> updates, state = optimizer.update(np.array([0.5, 3.0]), optimizer.init(params), params)
        >>> updates
        array([ 0.  , -0.25])
    """
    positive(rate=rate)
    for name, value in {"l1": l1, "l2": l2, "beta": beta, "initial": initial}.items():
        if value < 0 or not math.isfinite(value):
            raise BadValue(f"`{name}` must be finite and not negative, and is {value!r}")

    def rule(g: Any, p: Any, z: Any, square_sum: Any) -> Any:
        root = np.sqrt(square_sum)
        square_sum += g * g
        new_root = np.sqrt(square_sum)
        z += g - (new_root - root) / rate * p
        shrunk = np.sign(z) * np.maximum(np.abs(z) - l1, 0.0)
        bottom = (beta + new_root) / rate + l2
        target = np.zeros_like(p)
        np.divide(-shrunk, bottom, out=target, where=shrunk != 0)
        return target - p

    return elementwise(rule, {"z": 0.0, "square_sum": initial})
