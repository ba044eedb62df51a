"""Optimizers from rules: the mathematics of one leaf, run over all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue
from srcgrad.optim.base import Optimizer, State, public
from srcgrad.optim.leaves import (
    BLOCK,
    blocks,
    check_changeable,
    copied,
    filled_like,
    finished,
    gather,
    restore,
    updates_of,
)
from srcgrad.optim.schedules import Rate

Scalars = Callable[[int], tuple[float, ...]]


def no_scalars(_: int) -> tuple[float, ...]:
    """The scalars of a rule that needs none."""
    return ()


def elementwise(
    rule: Callable[..., Any],
    slots: Mapping[str, float],
    scalars: Scalars = no_scalars,
    constants: tuple[float, ...] = (),
) -> Optimizer:
    """An optimizer whose rule treats every entry for itself.

    Args:
        rule: `rule(g, p, *slots, *constants, *scalars) -> update` over arrays of one shape. It
            overwrites its slots, leaves `g` and `p` as they are, and returns a new array. The
            numbers come as arrays of no dimension of the parameter's dtype: numpy takes twice the
            time to multiply a small array by a Python float.
        slots: the arrays it keeps for each parameter, and what they are at first.
        scalars: from the number of steps taken before to the floats of this step.
        constants: floats that are the same at every step.

    Returns:
        An optimizer with the state `{"count": steps taken, slot: tree, ...}`.
    """
    names = tuple(slots)

    fixed: dict[np.dtype, tuple[np.ndarray, ...]] = {}

    def numbers_at(state: State) -> Callable[[np.dtype], tuple[np.ndarray, ...]]:
        now = scalars(int(state["count"]))
        made: dict[np.dtype, tuple[np.ndarray, ...]] = {}

        def numbers(dtype: np.dtype) -> tuple[np.ndarray, ...]:
            if dtype not in made:
                if dtype not in fixed:
                    fixed[dtype] = typed(constants, dtype)
                made[dtype] = fixed[dtype] + typed(now, dtype)
            return made[dtype]

        return numbers

    def init(params: Any) -> State:
        return {"count": 0, **{name: filled_like(params, slots[name]) for name in names}}

    def update(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        new = copied(state)
        work = gather(params, grads, taken(new, names))
        numbers = numbers_at(new)
        found = [whole(rule, leaf, numbers(leaf[0].dtype)) for leaf in work.leaves]
        new["count"] += 1
        return updates_of(params, grads, work, found), new

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        work = gather(params, grads, taken(state, names))
        numbers = numbers_at(state)
        for leaf in work.leaves:
            g, now = leaf[1], numbers(leaf[0].dtype)
            if g.size <= BLOCK:
                g[...] = rule(g, leaf[0], *leaf[2:], *now)
                continue
            for cut in blocks(g.shape):
                p_cut, g_cut, *cuts = [a[cut] for a in leaf]
                g_cut[...] = rule(g_cut, p_cut, *cuts, *now)
        state["count"] += 1
        return finished(params, grads, work), state

    def step(grads: Any, state: State, params: Any, **_: Any) -> State:
        work = gather(params, grads, taken(state, names))
        check_changeable(work)
        numbers = numbers_at(state)
        for p, g, *rest in work.leaves:
            now = numbers(p.dtype)
            if p.size <= BLOCK:
                p += rule(g, p, *rest, *now)
                continue
            for cut in blocks(p.shape):
                p_cut = p[cut]
                p_cut += rule(g[cut], p_cut, *[a[cut] for a in rest], *now)
        if work.floats:
            restore(work)
        state["count"] += 1
        return state

    return public(init, update, step, rewrite)


def typed(values: tuple[float, ...], dtype: np.dtype) -> tuple[np.ndarray, ...]:
    """Numbers as arrays of no dimension."""
    return tuple([np.array(value, dtype) for value in values])


def taken(state: State, names: tuple[str, ...]) -> list[Any]:
    """The slots of a state.

    Raises:
        BadArgument: if it is the state of another optimizer.
    """
    try:
        state["count"]
        return [state[name] for name in names]
    except (KeyError, TypeError, IndexError):
        wanted = ", ".join(["count", *names])
        raise BadArgument(
            f"this is not the state of this optimizer: it has to be a dict with {wanted}",
            hint="Make it with `init(params)` of the same optimizer.",
        ) from None


def whole(rule: Callable[..., Any], leaf: list[Any], now: tuple[np.ndarray, ...]) -> np.ndarray:
    """The update of one leaf in new memory."""
    p, g, *rest = leaf
    found = np.empty_like(p)
    if p.size <= BLOCK:
        found[...] = rule(g, p, *rest, *now)
        return found
    for cut in blocks(p.shape):
        found[cut] = rule(g[cut], p[cut], *[a[cut] for a in rest], *now)
    return found


def rate_at(rate: Rate, count: int) -> float:
    """A learning rate at a step.

    Args:
        rate: a float, or a function of the number of steps taken before.
        count: that number.
    """
    return float(rate(count)) if callable(rate) else rate


def check_rate(rate: Any, name: str = "rate") -> None:
    """Refuse what is neither a number nor a schedule.

    Raises:
        BadArgument: if it is something else.
        BadValue: if it is negative or not finite.
    """
    if callable(rate):
        return
    if isinstance(rate, bool) or not isinstance(rate, (int, float, np.floating, np.integer)):
        raise BadArgument(
            f"`{name}` is a float or a schedule, not {rate!r}", hint="Write adam(1e-3)."
        )
    if not 0.0 <= rate < float("inf"):
        raise BadValue(f"`{name}` must be finite and not negative, not {rate!r}")


def check_decays(**decays: float) -> None:
    """Refuse decay rates outside of [0, 1).

    Raises:
        BadValue: if one is outside; the message names it.
    """
    for name, value in decays.items():
        if not 0.0 <= value < 1.0:
            raise BadValue(f"`{name}` must be at least 0 and below 1, not {value!r}")
