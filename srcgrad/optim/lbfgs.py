"""L-BFGS: curvature from the last few differences of parameters and gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, brief
from srcgrad.optim.base import Optimizer, State, from_rewrite
from srcgrad.optim.leaves import filled_like, finished, gather, updates_of
from srcgrad.optim.rules import check_rate, rate_at
from srcgrad.optim.schedules import Rate, positive
from srcgrad.optim.sizes import add_scaled, dot, quotient, sum_of_dots
from srcgrad.optim.zoom import Point, Search
from srcgrad.tree import has_derivative, mapped


@brief
def lbfgs(
    rate: Rate | None = None,
    memory: int = 10,
    *,
    scale_first: bool = True,
    search: Search | None = Search(),  # noqa: B008
) -> Optimizer:
    """Limited-memory BFGS with a line search; for whole batches.

    Liu and Nocedal 1989, On the limited memory BFGS method for large scale optimization; Nocedal
    and Wright 2006, Numerical Optimization, algorithm 7.4.

    `update` and `step` need the loss at the parameters and, for the line search, `value_and_grad`
    of it as a function of the parameters alone:
    `optimizer.step(grads, state, params, value=loss, function=loss_and_grad)`.

    Args:
        rate: what the direction is multiplied by before the search, a float or a schedule; None
            for 1.
        memory: how many differences are kept.
        scale_first: whether the first estimate is scaled by the latest curvature.
        search: settings of the line search; None for none, with `rate` as the step.

    Returns:
        An optimizer with the state `{"count", "params", "grads", "params_memory", "grads_memory",
        "weights", "search"}`.

    Raises:
        BadValue: if `memory` is not positive.
        BadArgument: when it is used, if `value` or `function` is missing.

    Example:
        >>> from srcgrad import value_and_grad
        >>> def bowl(p):
        ...     return np.sum((p - 3.0) ** 2)
        >>> f, params = value_and_grad(bowl), np.zeros(2)
        >>> optimizer = lbfgs()
        >>> state = optimizer.init(params)
        >>> for _ in range(5):
        ...     value, grads = f(params)
        ...     state = optimizer.step(grads, state, params, value=value, function=f)
        >>> params
        array([3., 3.])
    """
    positive(memory=memory)
    if rate is not None:
        check_rate(rate)

    def init(params: Any) -> State:
        found = {"rate": 1.0, "value": math.inf, "evaluations": 0}
        return {
            "count": 0,
            "params": filled_like(params, 0.0),
            "grads": filled_like(params, 0.0),
            "params_memory": stacked(params, memory),
            "grads_memory": stacked(params, memory),
            "weights": np.zeros(memory),
            "search": found | {"decrease_error": math.inf, "curvature_error": math.inf},
        }

    def rewrite(
        grads: Any, state: State, params: Any, *, value: Any = None, function: Any = None, **_: Any
    ) -> tuple[Any, State]:
        slots = [state[n] for n in ("params", "grads", "params_memory", "grads_memory")]
        work = gather(params, grads, slots, alike=False)
        remember(work.leaves, state, memory)
        first = first_scale(work.leaves, state) if scale_first else 1.0
        raw = [leaf[3] for leaf in work.leaves]  # now a copy of the gradient
        direction = [leaf[1] for leaf in work.leaves]
        precondition(direction, work.leaves, state, memory, first)
        length = -1.0 if rate is None else -rate_at(rate, int(state["count"]))
        for g in direction:
            g *= length
        state["count"] += 1
        if search is not None:
            line, start = along(params, grads, work, raw, value, function)
            found = search.run(line, start)
            for g in direction:
                g *= found.rate
            state["search"] = vars(found).copy()
        return finished(params, grads, work), state

    return from_rewrite(init, rewrite)


def stacked(params: Any, memory: int) -> Any:
    """Zeros in the structure of the gradient, with one more axis in front."""

    def zeros(p: Any) -> Any:
        if not has_derivative(p):
            return None
        return np.zeros((memory, *np.shape(p)), np.asarray(p).dtype)

    return mapped(zeros, params, (), "", plain=True)


def remember(leaves: list[Any], state: State, memory: int) -> None:
    """Store the latest differences, and the parameters and gradients for the next ones."""
    at = (state["count"] - 1) % memory
    for p, g, old_p, old_g, s, y in leaves:
        if state["count"]:
            np.subtract(p, old_p, out=s[at, ...])
            np.subtract(g, old_g, out=y[at, ...])
        old_p[...] = p
        old_g[...] = g
    if state["count"]:
        curvature = sum_of_dots([x[5][at] for x in leaves], [x[4][at] for x in leaves])
        state["weights"][at] = quotient(1.0, curvature) if curvature != 0.0 else 0.0


def first_scale(leaves: list[Any], state: State) -> float:
    """The scale of the first inverse Hessian (Nocedal and Wright 2006, equation 7.20)."""
    if not state["count"]:
        size = math.sqrt(math.fsum(dot(x[1], x[1]) for x in leaves))
        return min(1.0, quotient(1.0, size))
    at = (state["count"] - 1) % len(state["weights"])
    top = sum_of_dots([x[5][at] for x in leaves], [x[4][at] for x in leaves])
    bottom = sum_of_dots([x[5][at] for x in leaves], [x[5][at] for x in leaves])
    return quotient(top, bottom) if bottom > 0.0 else 1.0


def precondition(
    direction: list[Any], leaves: list[Any], state: State, memory: int, first: float
) -> None:
    """Multiply gradients by the estimate of the inverse Hessian, in place (two loops)."""
    order = [(state["count"] + i) % memory for i in range(memory)]
    used = [i for i in order if state["weights"][i] != 0.0]
    alphas = {}
    for i in reversed(used):
        s, y = [x[4][i] for x in leaves], [x[5][i] for x in leaves]
        alphas[i] = float(state["weights"][i]) * sum_of_dots(s, direction)
        for vector, change in zip(direction, y, strict=True):
            add_scaled(vector, -alphas[i], change)
    for vector in direction:
        vector *= first
    for i in used:
        s, y = [x[4][i] for x in leaves], [x[5][i] for x in leaves]
        beta = float(state["weights"][i]) * sum_of_dots(y, direction)
        for vector, change in zip(direction, s, strict=True):
            add_scaled(vector, alphas[i] - beta, change)


def along(
    params: Any, grads: Any, work: Any, raw: list[Any], value: Any, function: Any
) -> tuple[Callable[[float], Point], Point]:
    """The loss and its slope along the direction, and both at its beginning."""
    if value is None or not callable(function):
        raise BadArgument(
            "the line search of lbfgs needs the loss and its function",
            hint="Write optimizer.step(grads, state, params, value=loss, function=loss_and_grad),"
            "\nwhere loss_and_grad(params) gives both; or lbfgs(0.1, search=None).",
        )
    direction = [leaf[1] for leaf in work.leaves]

    def line(rate: float) -> Point:
        moved = [p + rate * u for (p, *_), u in zip(work.leaves, direction, strict=True)]
        tree = updates_of(params, grads, work, moved)
        there = mapped(lambda p, new: new, params, (tree,), "", plain=False)
        found, slopes = function(there)
        ahead = [leaf[1] for leaf in gather(params, slopes).leaves]
        return Point(rate, float(found), sum_of_dots(ahead, direction))

    return line, Point(0.0, float(value), sum_of_dots(raw, direction))
