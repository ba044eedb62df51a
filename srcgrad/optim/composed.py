"""Learning rates that are composed: one after another, in pieces, up and down again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from srcgrad.errors import BadValue, brief
from srcgrad.optim.schedules import Rate, Schedule, constant, cosine, linear, positive


@brief
def join(schedules: Sequence[Callable[[int], float]], boundaries: Sequence[int]) -> Schedule:
    """One schedule after another, each counting from its own beginning.

    Args:
        schedules: the schedules.
        boundaries: at which step each but the first begins, increasing.

    Raises:
        BadValue: if there is not one boundary less than schedules, or they do not increase.

    Example:
        >>> join([constant(1.0), linear(1.0, 0.0, steps=10)], [5])(10)
        0.5
    """
    if len(boundaries) != len(schedules) - 1:
        raise BadValue(
            f"{len(schedules)} schedules need {len(schedules) - 1} boundaries,"
            f" and {len(boundaries)} were given"
        )
    if list(boundaries) != sorted(boundaries):
        raise BadValue(f"boundaries must increase, unlike {list(boundaries)}")

    def rate(count: int) -> float:
        now = sum(count >= b for b in boundaries)
        return schedules[now](count - (boundaries[now - 1] if now else 0))

    last = getattr(schedules[-1], "steps", 100)
    return Schedule("joined", rate, (boundaries[-1] if boundaries else 0) + last)


@brief
def warm_up(then: Rate, steps: int, init: float = 0.0) -> Schedule:
    """A straight line up from `init`, and then a rate or another schedule.

    Args:
        then: what follows, a float or a schedule, which counts from the end of the line.
        steps: how long the line is.
        init: where it begins.

    Raises:
        BadValue: if `steps` is not positive.

    Example:
        >>> warm_up(0.1, steps=10)(5), warm_up(0.1, steps=10)(50)
        (0.05, 0.1)
    """
    after = then if callable(then) else constant(then)
    joined = join([linear(init, after(0), steps), after], [steps])
    return Schedule(f"warm-up, {getattr(after, 'name', 'schedule')}", joined.function, joined.steps)


@brief
def warm_up_cosine(
    init: float, peak: float, warmup: int, steps: int, end: float = 0.0, exponent: float = 1.0
) -> Schedule:
    """A straight line up to `peak`, then a cosine down to `end`.

    Args:
        init: the first rate.
        peak: the highest one.
        warmup: steps of the line.
        steps: steps of both together.
        end: the last rate.
        exponent: power of the wave.

    Raises:
        BadValue: if `warmup` is not positive, or `steps` is not greater.

    Example:
        >>> schedule = warm_up_cosine(0.0, 1.0, warmup=10, steps=30)
        >>> schedule(5), schedule(10), round(schedule(20), 12), schedule(30)
        (0.5, 1.0, 0.5, 0.0)
    """
    alpha = 0.0 if peak == 0.0 else end / peak
    return warm_up(cosine(peak, steps - warmup, alpha, exponent), warmup, init)


@brief
def piecewise(init: float, scales: Mapping[int, float], interpolate: str | None = None) -> Schedule:
    """Constant pieces, or curves through the same points.

    Args:
        init: the first rate.
        scales: from a step to the factor by which the rate is multiplied there.
        interpolate: None for steps, "linear" or "cosine" for curves between the points.

    Raises:
        BadValue: if a factor is negative, a step is, or `interpolate` is something else.

    Example:
        >>> schedule = piecewise(1.0, {10: 0.1, 20: 0.5})
        >>> schedule(9), schedule(10), schedule(20)
        (1.0, 0.1, 0.05)
        >>> piecewise(1.0, {10: 0.1}, "linear")(5)
        0.55
    """
    if any(s < 0 for s in scales.values()) or any(b < 0 for b in scales):
        raise BadValue(f"steps and factors must not be negative, unlike those of {dict(scales)}")
    if interpolate not in (None, "linear", "cosine"):
        raise BadValue(f'`interpolate` is None, "linear" or "cosine", not {interpolate!r}')
    points = [(0, init)]
    for boundary, scale in sorted(scales.items()):
        points.append((boundary, points[-1][1] * scale))

    def rate(count: int) -> float:
        now = sum(count >= b for b, _ in points[1:])
        start, value = points[now]
        if interpolate is None or now == len(points) - 1:
            return value
        end, goal = points[now + 1]
        part = (count - start) / (end - start)
        if interpolate == "linear":
            return (goal - value) * part + value
        return goal + (value - goal) / 2.0 * (math.cos(math.pi * part) + 1.0)

    return Schedule("piecewise", rate, points[-1][0] * 5 // 4 + 1)


@brief
def one_cycle(
    peak: float,
    steps: int,
    start: float = 0.3,
    div: float = 25.0,
    final_div: float = 1e4,
    *,
    curve: str = "cosine",
    final: float = 0.85,
) -> Schedule:
    """Up to a peak and down to almost nothing within one run.

    Smith and Topin 2018, Super-Convergence, section 3; the numbers are those of optax.

    Args:
        peak: the highest rate.
        steps: the whole run.
        start: the fraction of it that goes up.
        div: the first rate is the peak divided by it.
        final_div: the last rate is the first one divided by it.
        curve: "cosine", or "linear", which comes down to the first rate at `final`.
        final: the fraction of the run where the line is down at the first rate again.

    Raises:
        BadValue: if `steps` is not positive, or `curve` is something else.

    Example:
        >>> schedule = one_cycle(1.0, steps=100)
        >>> round(schedule(0), 12), schedule(30), schedule(100)
        (0.04, 1.0, 4e-06)
    """
    positive(steps=steps)
    scales = {int(start * steps): div, steps: 1.0 / (div * final_div)}
    if curve == "linear":
        scales[int(final * steps)] = 1.0 / div
        scales[steps] = 1.0 / final_div
    elif curve != "cosine":
        raise BadValue(f'`curve` is "cosine" or "linear", not {curve!r}')
    made = piecewise(peak / div, scales, curve)
    return Schedule("one-cycle", made.function, steps + 1)
