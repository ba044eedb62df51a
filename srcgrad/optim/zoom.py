"""A line search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from srcgrad.optim.sizes import quotient


@dataclass
class Point:
    """A step length with the loss and its slope there."""

    rate: float
    value: float
    slope: float


@dataclass
class Found:
    """The end of a search.

    Attributes:
        rate: the step length.
        value: the loss there.
        evaluations: how often loss and gradient were evaluated.
        decrease_error: by how much the first condition is missed; 0 if it holds.
        curvature_error: by how much the second condition is missed.
    """

    rate: float
    value: float
    evaluations: int
    decrease_error: float
    curvature_error: float


@dataclass(frozen=True)
class Search:
    """Settings of the search; Nocedal and Wright 2006, Numerical Optimization, algorithms 3.5, 3.6.

    Attributes:
        most: evaluations at most.
        longest: the longest step; None for any.
        growth: by which steps grow until an interval is found.
        slope_rtol: c1 of the sufficient decrease.
        curvature_rtol: c2 of the curvature.
        approximate_rtol: of the approximate decrease near a minimum (Hager and Zhang 2006, equation
            27); None to do without.
        narrow: a safe step is taken when the interval is so narrow.
    """

    most: int = 20
    longest: float | None = None
    growth: float = 2.0
    slope_rtol: float = 1e-4
    curvature_rtol: float = 0.9
    approximate_rtol: float | None = 1e-6
    narrow: float = 1e-5

    def errors(self, at: Point, start: Point) -> tuple[float, float]:
        """By how much the two conditions are missed; infinite where the loss is no number."""
        decrease = at.value - start.value - self.slope_rtol * at.rate * start.slope
        if self.approximate_rtol is not None:
            slack = at.slope - (2.0 * self.slope_rtol - 1.0) * start.slope
            rise = at.value - start.value - self.approximate_rtol * abs(start.value)
            decrease = smaller(larger(slack, rise), decrease)
        curvature = abs(at.slope) - self.curvature_rtol * abs(start.slope)
        return missed(decrease), missed(curvature)

    def run(self, line: Callable[[float], Point], start: Point, guess: float = 1.0) -> Found:
        """Search along a line.

        Args:
            line: loss and slope at a step length.
            start: those at 0.
            guess: the first length to try.
        """
        safe, previous = Point(0.0, start.value, start.slope), start
        for count in range(self.most):
            rate = guess if count == 0 else self.growth * previous.rate
            at_end = self.longest is not None and rate >= self.longest
            now = line(min(rate, self.longest) if self.longest is not None else rate)
            errors = self.errors(now, start)
            if errors[0] <= 0.0:
                safe = now
            rising = errors[0] > 0.0 or (now.value >= previous.value and count > 0)
            if max(errors) <= 0.0 or (at_end and not rising and now.slope < 0.0):
                return Found(now.rate, now.value, count + 1, *errors)
            if count + 1 >= self.most:
                break
            if rising or now.slope >= 0.0:
                low, high = (previous, now) if rising else (now, previous)
                return self.zoom(line, start, low, high, safe, count + 1)
            previous = now
        return self.settled(now, safe, self.most, errors)

    def zoom(
        self,
        line: Callable[[float], Point],
        start: Point,
        low: Point,
        high: Point,
        safe: Point,
        count: int,
    ) -> Found:
        """Narrow an interval that holds a good step."""
        reference = low
        while True:
            width = abs(high.rate - low.rate)
            now = line(between(low, high, reference))
            errors = self.errors(now, start)
            count += 1
            if errors[0] <= 0.0 and now.value < safe.value:
                safe = now
            if max(errors) <= 0.0:
                return Found(now.rate, now.value, count, *errors)
            if count >= self.most or (width <= self.narrow and safe.rate > 0.0):
                return self.settled(now, safe, count, errors)
            if errors[0] > 0.0 or now.value >= low.value:
                reference, high = high, now
            elif now.slope * (high.rate - low.rate) >= 0.0:
                reference, high, low = high, low, now
            else:
                reference, low = low, now

    def settled(self, now: Point, safe: Point, count: int, errors: tuple[float, float]) -> Found:
        """The best of a search that did not succeed."""
        taken = safe if safe.rate > 0.0 or math.isinf(errors[0]) else now
        return Found(taken.rate, taken.value, count, *errors)


def larger(a: float, b: float) -> float:
    """The maximum, nan if one is."""
    return float(np.maximum(a, b))


def smaller(a: float, b: float) -> float:
    """The minimum, nan if one is."""
    return float(np.minimum(a, b))


def missed(error: float) -> float:
    """An error, 0 if negative, infinite if it is no number."""
    return math.inf if math.isnan(error) else max(error, 0.0)


def between(low: Point, high: Point, reference: Point) -> float:
    """A step length inside of an interval: the minimum of a cubic, of a parabola, or the middle."""
    width = abs(high.rate - low.rate)
    left, right = min(low.rate, high.rate), max(low.rate, high.rate)
    cubic = cubic_minimum(low, high, reference)
    if left + 0.2 * width < cubic < right - 0.2 * width:
        return cubic
    parabola = parabola_minimum(low, high)
    if left + 0.1 * width < parabola < right - 0.1 * width:
        return parabola
    return (low.rate + high.rate) / 2.0


def cubic_minimum(a: Point, b: Point, c: Point) -> float:
    """The minimum of the cubic through three points with the slope of the first; nan if none.

    Nocedal and Wright 2006, section 3.5.
    """
    db, dc = b.rate - a.rate, c.rate - a.rate
    bottom = (db * dc) ** 2 * (db - dc)
    rise_b, rise_c = b.value - a.value - a.slope * db, c.value - a.value - a.slope * dc
    third = quotient(dc**2 * rise_b - db**2 * rise_c, bottom)
    second = quotient(-(dc**3) * rise_b + db**3 * rise_c, bottom)
    radical = second * second - 3.0 * third * a.slope
    if not radical >= 0.0:
        return math.nan
    if second > 0.0:  # the other form of the root: it stays exact where the cubic is a parabola
        return a.rate - quotient(a.slope, second + math.sqrt(radical))
    return a.rate + quotient(-second + math.sqrt(radical), 3.0 * third)


def parabola_minimum(a: Point, b: Point) -> float:
    """The minimum of the parabola through two points with the slope of the first; nan if none."""
    db = b.rate - a.rate
    bend = quotient(b.value - a.value - a.slope * db, db**2)
    return a.rate - quotient(a.slope, 2.0 * bend)
