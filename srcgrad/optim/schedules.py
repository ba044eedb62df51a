"""Learning rates that change: functions of the number of steps taken before, 0 at the first one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from srcgrad.errors import BadValue, brief
from srcgrad.optim.plotting import draw

Rate = float | Callable[[int], float]


@dataclass(frozen=True)
class Schedule:
    """A learning rate as a function of the step count, which can be drawn.

    Attributes:
        name: what it is called in plots.
        function: from the number of steps taken before to the rate.
        steps: how many steps show all of it; what `plot` draws by default.

    Example:
        >>> linear(0.0, 1.0, steps=4)(1)
        0.25
    """

    name: str
    function: Callable[[int], float]
    steps: int

    def __call__(self, count: int) -> float:
        """The rate after `count` steps."""
        return float(self.function(count))

    def plot(self, steps: int | None = None, *, file: Any = None, axes: Any = None) -> Any:
        """Draw the rate over the steps.

        Args:
            steps: how many; by default those that show all of it.
            file: where to save the picture, if anywhere.
            axes: matplotlib axes to draw on; by default those of a new figure.

        Returns:
            The axes.

        Raises:
            MissingExtra: if matplotlib is not installed (`pip install 'srcgrad[plot]'`).
        """
        count = self.steps if steps is None else steps
        return draw(range(count), [self(i) for i in range(count)], self.name, file=file, axes=axes)


def positive(**values: float) -> None:
    """Refuse numbers that are not positive.

    Raises:
        BadValue: if one is not; the message names it.
    """
    for name, value in values.items():
        if not value > 0:
            raise BadValue(f"`{name}` must be positive, not {value!r}")


def constant(rate: float) -> Schedule:
    """The same rate always.

    Args:
        rate: the rate.

    Example:
        >>> constant(0.1)(1000)
        0.1
    """
    return Schedule("constant", lambda _: rate, 100)


@brief
def polynomial(init: float, end: float, power: float, steps: int, begin: int = 0) -> Schedule:
    """From `init` to `end` along a power of the remaining time: (init - end) (1 - t/steps)^power.

    Args:
        init: the rate until `begin`.
        end: the rate from `begin + steps` on.
        power: 1 is a straight line.
        steps: how long it takes.
        begin: when it begins.

    Raises:
        BadValue: if `steps` is not positive.

    Example:
        >>> polynomial(1.0, 0.0, 2.0, steps=4)(2)
        0.25
    """
    positive(steps=steps)

    def rate(count: int) -> float:
        done = min(max(count - begin, 0), steps) / steps
        return (init - end) * (1.0 - done) ** power + end

    return Schedule("polynomial", rate, begin + steps + 1)


def linear(init: float, end: float, steps: int, begin: int = 0) -> Schedule:
    """A straight line from `init` to `end`.

    Args:
        init: the rate until `begin`.
        end: the rate from `begin + steps` on.
        steps: how long it takes.
        begin: when it begins.

    Raises:
        BadValue: if `steps` is not positive.

    Example:
        >>> linear(1.0, 0.0, steps=10)(5)
        0.5
    """
    return polynomial(init, end, 1.0, steps, begin)


@brief
def exponential(
    init: float,
    steps: int,
    decay: float,
    begin: int = 0,
    *,
    staircase: bool = False,
    end: float | None = None,
) -> Schedule:
    """The rate is multiplied by `decay` every `steps` steps: init * decay^(t/steps).

    Args:
        init: the rate until `begin`.
        steps: after how many steps it is `decay` times what it was.
        decay: a positive factor.
        begin: when it begins.
        staircase: whether it stays the same in between.
        end: a bound that it does not pass: the least rate of a decay, the greatest of a growth.

    Raises:
        BadValue: if `steps` or `decay` is not positive.

    Example:
        >>> exponential(1.0, steps=10, decay=0.25)(5)
        0.5
    """
    positive(steps=steps, decay=decay)

    def rate(count: int) -> float:
        past = count - begin
        turns = past // steps if staircase else past / steps
        value = init * decay**turns if past > 0 else init
        if end is None:
            return value
        return max(value, end) if decay < 1.0 else min(value, end)

    return Schedule("exponential", rate, begin + 5 * steps)


@brief
def step_decay(init: float, steps: int, factor: float = 0.1, begin: int = 0) -> Schedule:
    """The rate is multiplied by `factor` at every `steps`-th step.

    Args:
        init: the first rate.
        steps: how long each stays.
        factor: what it is multiplied by.
        begin: when it begins.

    Raises:
        BadValue: if `steps` or `factor` is not positive.

    Example:
        >>> step_decay(1.0, steps=10, factor=0.5)(25)
        0.25
    """
    made = exponential(init, steps, factor, begin, staircase=True)
    return Schedule("step", made.function, made.steps)


@brief
def cosine(init: float, steps: int, alpha: float = 0.0, exponent: float = 1.0) -> Schedule:
    """Half a wave down: init * ((1 - alpha) * ((1 + cos(pi t/steps)) / 2)^exponent + alpha).

    Loshchilov and Hutter 2017, SGDR, equation 5.

    Args:
        init: the first rate.
        steps: how long it takes.
        alpha: the last rate as a fraction of the first.
        exponent: power of the wave.

    Raises:
        BadValue: if `steps` is not positive.

    Example:
        >>> round(cosine(1.0, steps=10)(5), 12)
        0.5
    """
    positive(steps=steps)

    def rate(count: int) -> float:
        wave = 0.5 * (1.0 + math.cos(math.pi * min(count, steps) / steps))
        return init * ((1.0 - alpha) * wave**exponent + alpha)

    return Schedule("cosine", rate, steps + 1)


@brief
def cosine_restarts(
    init: float, period: int, growth: int = 1, shrink: float = 1.0, alpha: float = 0.0
) -> Schedule:
    """Cosine decays one after another, each started anew at its height.

    Loshchilov and Hutter 2017, SGDR, section 3; `growth` is its T_mult.

    Args:
        init: the first rate.
        period: steps of the first decay.
        growth: by which each period is longer than the one before, a whole number.
        shrink: by which each first rate is multiplied.
        alpha: the last rate of a period as a fraction of its first.

    Raises:
        BadValue: if `period` or `growth` is not positive.

    Example:
        >>> cosine_restarts(1.0, period=10, growth=2, shrink=0.5)(10)
        0.5
    """
    positive(period=period, growth=growth)

    def rate(count: int) -> float:
        length, height = period, init
        if growth == 1:
            turns, count = divmod(count, period)
            height *= shrink**turns
        while count >= length:
            count, length, height = count - length, length * growth, height * shrink
        wave = 0.5 * (1.0 + math.cos(math.pi * count / length))
        return height * ((1.0 - alpha) * wave + alpha)

    return Schedule("cosine with restarts", rate, period * (1 + growth + growth**2))


@brief
def inverse_sqrt(rate: float, warmup: int = 1) -> Schedule:
    """A straight line up to `rate`, then rate * sqrt(warmup / t), where t counts from 1.

    Vaswani et al. 2017, Attention Is All You Need, equation 3, with `rate` for its greatest value.

    Args:
        rate: the highest rate, at step `warmup`.
        warmup: how long the line is.

    Raises:
        BadValue: if `warmup` is not positive.

    Example:
        >>> schedule = inverse_sqrt(1.0, warmup=4)
        >>> schedule(0), schedule(3), schedule(15)
        (0.25, 1.0, 0.5)
    """
    positive(warmup=warmup)

    def at(count: int) -> float:
        t = count + 1
        return rate * min(t / warmup, math.sqrt(warmup / t))

    return Schedule("inverse square root", at, 10 * warmup)
