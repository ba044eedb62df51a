"""Proximal gradient descent: penalties and constraints that have no gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim.base import Optimizer, State, from_rewrite
from srcgrad.optim.leaves import BLOCK, blocks, finished, gather
from srcgrad.optim.parts import Selector, by_mask
from srcgrad.optim.rules import check_rate, rate_at
from srcgrad.optim.schedules import Rate
from srcgrad.optim.sizes import norm


@dataclass(frozen=True)
class Prox:
    """A proximal operator: argmin over u of rate * penalty(u) + |u - v|^2 / 2.

    Attributes:
        name: of the penalty.
        apply: `apply(v, rate, size) -> u`, entry by entry.
        by_size: whether it needs `size`, the norm of the whole leaf `v` (else 0 is passed).
    """

    name: str
    apply: Callable[[Any, float, float], Any]
    by_size: bool = False

    def __call__(self, v: Any, rate: float = 1.0) -> Any:
        """The operator on an array or a float."""
        v = np.asarray(v)
        return self.apply(v, rate, norm(v) if self.by_size else 0.0)


def not_negative(**weights: float) -> None:
    """Refuse negative weights.

    Raises:
        BadValue: if one is negative; the message names it.
    """
    for name, value in weights.items():
        if not value >= 0:
            raise BadValue(f"`{name}` must not be negative, and is {value!r}")


@brief
def l1(weight: float) -> Prox:
    """The penalty weight * sum(|p|): entries shrink by rate * weight, and become exactly 0.

    Parikh and Boyd 2014, Proximal Algorithms, section 6.5.2.

    Args:
        weight: of the penalty.

    Example:
        >>> l1(1.0)(np.array([3.0, -0.5]))
        array([ 2., -0.])
    """
    not_negative(weight=weight)
    return Prox("l1", lambda v, rate, _: np.sign(v) * np.maximum(np.abs(v) - rate * weight, 0.0))


@brief
def l2(weight: float) -> Prox:
    """The penalty weight / 2 * sum(p^2): entries shrink by the factor 1 / (1 + rate * weight).

    Parikh and Boyd 2014, Proximal Algorithms, section 6.1.1.

    Args:
        weight: of the penalty.

    Example:
        >>> l2(1.0)(np.array([3.0, -1.0]))
        array([ 1.5, -0.5])
    """
    not_negative(weight=weight)
    return Prox("l2", lambda v, rate, _: v / (1.0 + rate * weight))


@brief
def elastic_net(weight: float, square: float) -> Prox:
    """The penalty weight * sum(|p|) + square / 2 * sum(p^2).

    Parikh and Boyd 2014, Proximal Algorithms, section 6.5.3.

    Args:
        weight: of the sum of magnitudes.
        square: of half the sum of squares.

    Example:
        >>> elastic_net(1.0, 1.0)(np.array([3.0, -0.5]))
        array([ 1., -0.])
    """
    first, second = l1(weight), l2(square)
    return Prox(
        "elastic net", lambda v, rate, _: second.apply(first.apply(v, rate, 0.0), rate, 0.0)
    )


@brief
def group(weight: float) -> Prox:
    """The penalty weight * norm(p) of each leaf as a whole: leaves shrink, and become exactly 0.

    Parikh and Boyd 2014, Proximal Algorithms, section 6.5.1.

    Args:
        weight: of the penalty.

    Example:
        >>> group(1.0)(np.array([3.0, 4.0]))
        array([2.4, 3.2])
    """
    not_negative(weight=weight)

    def apply(v: Any, rate: float, size: float) -> Any:
        return v * (1.0 - rate * weight / size if size > rate * weight else 0.0)

    return Prox("group", apply, by_size=True)


@brief
def box(low: float = -np.inf, high: float = np.inf) -> Prox:
    """Entries between two bounds.

    Args:
        low: the least value.
        high: the greatest.

    Raises:
        BadValue: if `low` is greater than `high`.

    Example:
        >>> box(0.0, 1.0)(np.array([3.0, -0.5]))
        array([1., 0.])
    """
    if not low <= high:
        raise BadValue(f"the bounds of a box must increase, unlike {low!r} and {high!r}")
    return Prox("box", lambda v, rate, _: np.clip(v, low, high))


@brief
def ball(radius: float) -> Prox:
    """Leaves with a norm of at most `radius`.

    Args:
        radius: the greatest norm of a leaf.

    Example:
        >>> ball(1.0)(np.array([3.0, 4.0]))
        array([0.6, 0.8])
    """
    not_negative(radius=radius)

    def apply(v: Any, rate: float, size: float) -> Any:
        return v * (radius / size if size > radius else 1.0)

    return Prox("ball", apply, by_size=True)


@brief
def proximal(rate: Rate, prox: Prox, mask: Selector | None = None) -> Optimizer:
    """Proximal gradient descent: p becomes prox(p - rate * g).

    Parikh and Boyd 2014, Proximal Algorithms, section 4.2.

    Args:
        rate: step size, a float or a schedule.
        prox: the penalty or constraint: `l1`, `l2`, `elastic_net`, `group`, `box`, `ball`.
        mask: the parameters that it is for; the others descend plainly. None means all.

    Returns:
        An optimizer with the state `{"count": steps}`.

    Raises:
        BadArgument: if `prox` is something else.
        BadValue: if `rate` is negative.

    Example:
        >>> optimizer = proximal(0.5, l1(1.0))
        >>> params = np.array([2.0, 0.1])
        >>> optimizer.update(np.array([1.0, 0.0]), optimizer.init(params), params)[0]
        array([-1. , -0.1])
    """
    check_rate(rate)
    if not isinstance(prox, Prox):
        raise BadArgument(f"`prox` is one of l1(...), box(...), and so on, not {prox!r}")
    plain = Prox("none", lambda v, rate, _: v)
    return by_mask(mask, lambda meant: proximal_descent(rate, prox if meant else plain))


def proximal_descent(rate: Rate, prox: Prox) -> Optimizer:
    """Proximal gradient descent for all leaves."""

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        work = gather(params, grads)
        now = rate_at(rate, int(state["count"]))
        for p, g in work.leaves:
            descend(g, p, now, prox)
        state["count"] += 1
        return finished(params, grads, work), state

    return from_rewrite(lambda _: {"count": 0}, rewrite)


def descend(g: np.ndarray, p: np.ndarray, rate: float, prox: Prox) -> None:
    """Overwrite a gradient by the update of its parameter."""
    cuts = list(blocks(g.shape)) if g.size > BLOCK else [()]
    for cut in cuts:
        part = g[(*cut, ...)]
        part *= -rate
        part += p[(*cut, ...)]
    size = norm(g) if prox.by_size else 0.0
    for cut in cuts:
        part, old = g[(*cut, ...)], p[(*cut, ...)]
        new = prox.apply(part, rate, size)
        np.subtract(new, old, out=part)
        part -= (old + part) - new  # what rounding would carry past a bound
