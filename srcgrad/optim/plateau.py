"""A learning rate that falls when the loss does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim.base import Optimizer, State, from_rewrite
from srcgrad.optim.leaves import finished, gather
from srcgrad.optim.plotting import draw
from srcgrad.optim.schedules import positive


@brief
def reduce_on_plateau(
    factor: float = 0.1,
    patience: int = 10,
    rtol: float = 1e-4,
    atol: float = 0.0,
    cooldown: int = 0,
    window: int = 1,
    least: float = 0.0,
) -> Optimizer:
    """Updates scaled down whenever the loss has not improved for a while.

    To be chained after an optimizer: `chain(adam(1e-3), reduce_on_plateau())`. Its `update` and
    `step` need the loss: `optimizer.step(grads, state, params, value=loss)`. The numbers are those
    of optax; PyTorch's ReduceLROnPlateau waits for one bad value more.

    Args:
        factor: what the scale is multiplied by.
        patience: how many values without improvement are waited for.
        rtol: relative decrease that counts as improvement.
        atol: absolute decrease that counts as improvement besides.
        cooldown: how many values are ignored after each reduction.
        window: how many losses are averaged to one value.
        least: the least scale.

    Returns:
        A transformation with the state `{"scale", "best", "waited", "cooldown", "count", "mean"}`.

    Raises:
        BadValue: if `factor` is not between 0 and 1, or the tolerances cannot be used.
        BadArgument: when it is used, if no `value=` is given.

    Example:
        >>> optimizer = reduce_on_plateau(factor=0.5, patience=2)
        >>> state = optimizer.init([0.0])
        >>> for loss in [1.0, 1.0, 1.0]:
        ...     updates, state = optimizer.update([1.0], state, [0.0], value=loss)
        >>> updates
        [0.5]
    """
    if not 0.0 < factor < 1.0:
        raise BadValue(f"`factor` must be between 0 and 1, and is {factor!r}")
    if rtol < 0.0 or atol < 0.0 or rtol > 1.0 or rtol == atol == 0.0:
        raise BadValue(
            f"`rtol` and `atol` must not be negative, one of them positive, and `rtol` at most 1;"
            f" they are {rtol!r} and {atol!r}"
        )
    positive(patience=patience, window=window)

    def init(_: Any) -> State:
        best = float("inf")
        return {"scale": 1.0, "best": best, "waited": 0, "cooldown": 0, "count": 0, "mean": 0.0}

    def reduced(state: State) -> None:
        better = state["mean"] < (1.0 - rtol) * state["best"] - atol
        waited = 0 if better else state["waited"] + 1
        if better:
            state["best"] = state["mean"]
        if state["cooldown"] > 0:
            state["cooldown"] -= 1
            waited = 0
        elif waited == patience:
            state["scale"] = max(state["scale"] * factor, least)
            state["cooldown"] = cooldown
            waited = 0
        else:
            state["scale"] = max(state["scale"], least)
        state["waited"], state["count"], state["mean"] = waited, 0, 0.0

    def rewrite(
        grads: Any, state: State, params: Any, *, value: Any = None, **_: Any
    ) -> tuple[Any, State]:
        if value is None:
            raise BadArgument(
                "reduce_on_plateau needs the loss",
                hint="Write optimizer.step(grads, state, params, value=loss).",
            )
        work = gather(params, grads)
        count = state["count"]
        state["mean"] = (count * state["mean"] + float(value)) / (count + 1)
        state["count"] = count + 1
        if state["count"] == window:
            reduced(state)
        for _p, g in work.leaves:
            g *= float(state["scale"])
        return finished(params, grads, work), state

    return from_rewrite(init, rewrite)


@brief
def plot_plateau(
    optimizer: Optimizer, losses: Iterable[float], *, file: Any = None, axes: Any = None
) -> Any:
    """Draw the scale that `reduce_on_plateau` gives for a course of losses.

    Args:
        optimizer: made by `reduce_on_plateau`.
        losses: the loss at each step.
        file: where to save the picture, if anywhere.
        axes: matplotlib axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        MissingExtra: if matplotlib is not installed (`pip install 'srcgrad[plot]'`).
    """
    scales, state = [], optimizer.init([])
    for loss in losses:
        _, state = optimizer.update([], state, [], value=loss)
        scales.append(state["scale"])
    return draw(range(len(scales)), scales, "reduce on plateau", file=file, axes=axes)
