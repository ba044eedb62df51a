"""Optimizers around optimizers: micro-batches, averages of the parameters, lookahead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim.base import Optimizer, State, apply_updates, public
from srcgrad.optim.leaves import (
    BLOCK,
    Work,
    blocks,
    copied,
    filled_like,
    finished,
    gather,
    restore,
    updates_of,
)
from srcgrad.optim.rules import check_decays
from srcgrad.optim.schedules import positive
from srcgrad.tree import has_derivative, mapped


def over_blocks(change: Callable[..., None], leaf: list[Any], *numbers: float) -> None:
    """Call `change(*arrays, *numbers)` on the blocks of some arrays of one shape."""
    if leaf[0].size <= BLOCK:
        change(*leaf, *numbers)
        return
    for cut in blocks(leaf[0].shape):
        change(*[a[cut] for a in leaf], *numbers)


def check_optimizer(optimizer: Any) -> None:
    """Refuse what is no optimizer.

    Raises:
        BadArgument: if it is something else.
    """
    if not isinstance(optimizer, Optimizer):
        raise BadArgument(
            f"an optimizer was expected, not {optimizer!r}", hint="Such as adam(1e-3)."
        )


def same(params: Any) -> Any:
    """A copy of the parameters in the structure of the gradient, floats as arrays."""
    return mapped(lambda p: np.array(p) if has_derivative(p) else None, params, (), "", plain=True)


@brief
def accumulate(optimizer: Optimizer, every: int) -> Optimizer:
    """An optimizer that takes one step for the mean gradient of several micro-batches.

    Args:
        optimizer: what takes the steps.
        every: how many gradients make one step.

    Returns:
        An optimizer with the state `{"count": gradients since the last step, "mean": tree,
        "inner": the optimizer's}`. Between steps its updates are 0.

    Raises:
        BadValue: if `every` is not positive.

    Example:
        >>> from srcgrad.optim import sgd
        >>> optimizer = accumulate(sgd(1.0), every=2)
        >>> state = optimizer.init([0.0])
        >>> updates, state = optimizer.update([1.0], state, [0.0])
        >>> updates, optimizer.update([3.0], state, [0.0])[0]
        ([0.0], [-2.0])
    """
    check_optimizer(optimizer)
    positive(every=every)

    def add(p: Any, g: Any, mean: Any, count: int) -> None:
        mean += (g - mean) / (count + 1)

    def collected(grads: Any, state: State, params: Any) -> tuple[Work, bool]:
        work = gather(params, grads, [state["mean"]])
        for leaf in work.leaves:
            over_blocks(add, leaf, int(state["count"]))
        state["count"] = (state["count"] + 1) % every
        return work, state["count"] == 0

    def emptied(work: Work) -> None:
        for leaf in work.leaves:
            leaf[2][...] = 0.0

    def init(params: Any) -> State:
        return {"count": 0, "mean": filled_like(params, 0.0), "inner": optimizer.init(params)}

    def rewrite(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        work, due = collected(grads, state, params)
        if not due:
            return updates_of(
                params, grads, work, [np.zeros_like(x[0]) for x in work.leaves]
            ), state
        means = updates_of(params, grads, work, [x[2] for x in work.leaves])
        means, state["inner"] = optimizer.rewrite(copied(means), state["inner"], params, **extra)
        emptied(work)
        return means, state

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return rewrite(grads, copied(state), params, **extra)

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        work, due = collected(grads, state, params)
        if due:
            means = updates_of(params, grads, work, [x[2] for x in work.leaves])
            state["inner"] = optimizer.step(means, state["inner"], params, **extra)
            emptied(work)
        return state

    return public(init, update, step, rewrite)


@brief
def averaged(optimizer: Optimizer, decay: float = 0.999) -> Optimizer:
    """An optimizer that keeps the exponential moving average of the parameters as well.

    Polyak and Juditsky 1992, Acceleration of Stochastic Approximation by Averaging, with weights
    that fall.

    Args:
        optimizer: what takes the steps.
        decay: what part of the average remains at each step.

    Returns:
        An optimizer with the state `{"count": steps, "decay": decay, "average": tree, "inner": the
        optimizer's}`; `average_of(state, params)` gives the averaged parameters.

    Raises:
        BadValue: if `decay` is not in [0, 1).

    Example:
        >>> from srcgrad.optim import sgd
        >>> optimizer = averaged(sgd(1.0), decay=0.5)
        >>> params = {"w": np.array([0.0])}
        >>> state = optimizer.init(params)
        >>> for _ in range(2):
        ...     state = optimizer.step({"w": np.array([-3.0])}, state, params)
        >>> params["w"], average_of(state, params)["w"]
        (array([6.]), array([5.]))
    """
    check_optimizer(optimizer)
    check_decays(decay=decay)

    def follow(p: Any, mean: Any) -> None:
        mean *= decay
        mean += (1.0 - decay) * p

    def init(params: Any) -> State:
        mean, inner = filled_like(params, 0.0), optimizer.init(params)
        return {"count": 0, "decay": decay, "average": mean, "inner": inner}

    def reached(params: Any, state: State) -> None:
        for leaf in gather(params, state["average"]).leaves:
            over_blocks(follow, leaf)
        state["count"] += 1

    def rewrite(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        updates, state["inner"] = optimizer.rewrite(grads, state["inner"], params, **extra)
        reached(apply_updates(params, updates), state)
        return updates, state

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return rewrite(copied(grads), copied(state), params, **extra)

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        state["inner"] = optimizer.step(grads, state["inner"], params, **extra)
        reached(params, state)
        return state

    return public(init, update, step, rewrite)


@brief
def average_of(state: State, params: Any) -> Any:
    """The averaged parameters of `averaged`, divided by 1 - decay^t since they start from 0.

    Args:
        state: of `averaged`, after one step at least.
        params: the parameters; what was not trained is taken from here.

    Returns:
        A new tree of the structure, types and dtypes of `params`.

    Raises:
        BadArgument: if no step was taken yet.
    """
    if not state["count"]:
        raise BadArgument("there is no average before the first step")
    weight = 1.0 - float(state["decay"]) ** int(state["count"])

    def mean_of(p: Any, mean: Any) -> Any:
        return mean / weight if isinstance(p, np.ndarray) else type(p)(mean / weight)

    return mapped(mean_of, params, (state["average"],), "", plain=False)


@brief
def lookahead(optimizer: Optimizer, period: int = 6, rate: float = 0.5) -> Optimizer:
    """An optimizer that explores, and slow parameters that follow it now and then.

    Zhang et al. 2019, Lookahead Optimizer: k steps forward, 1 step back, algorithm 1.

    Args:
        optimizer: what takes the fast steps.
        period: how many of them there are until the slow parameters follow.
        rate: what part of the way they follow; then the fast ones start from there.

    Returns:
        An optimizer with the state `{"count": fast steps since, "slow": tree, "inner": the
        optimizer's}`.

    Raises:
        BadValue: if `period` is not positive, or `rate` is not above 0 and at most 1.

    Example:
        >>> from srcgrad.optim import sgd
        >>> optimizer = lookahead(sgd(1.0), period=2, rate=0.5)
        >>> params = {"w": np.array([0.0])}
        >>> state = optimizer.init(params)
        >>> for _ in range(2):
        ...     state = optimizer.step({"w": np.array([-3.0])}, state, params)
        >>> params["w"]
        array([3.])
    """
    check_optimizer(optimizer)
    positive(period=period)
    if not 0.0 < rate <= 1.0:
        raise BadValue(f"`rate` must be above 0 and at most 1, not {rate!r}")

    def back(p: Any, u: Any, slow: Any) -> None:
        slow += rate * (p + u - slow)
        u[...] = slow - p

    def back_in_place(p: Any, _: Any, slow: Any) -> None:
        slow += rate * (p - slow)
        p[...] = slow

    def init(params: Any) -> State:
        return {"count": 0, "slow": same(params), "inner": optimizer.init(params)}

    def due(state: State) -> bool:
        state["count"] = (state["count"] + 1) % period
        return state["count"] == 0

    def rewrite(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        updates, state["inner"] = optimizer.rewrite(grads, state["inner"], params, **extra)
        if due(state):
            work = gather(params, updates, [state["slow"]])
            for leaf in work.leaves:
                over_blocks(back, leaf)
            updates = finished(params, updates, work)
        return updates, state

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return rewrite(copied(grads), copied(state), params, **extra)

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        state["inner"] = optimizer.step(grads, state["inner"], params, **extra)
        if due(state):
            work = gather(params, grads, [state["slow"]])
            for leaf in work.leaves:
                over_blocks(back_in_place, leaf)
            restore(work)
        return state

    return public(init, update, step, rewrite)
