"""Adafactor: second moments of matrices as an outer product of two vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import brief
from srcgrad.optim.base import Optimizer, State, chain, from_rewrite
from srcgrad.optim.clipping import clip_by_rms
from srcgrad.optim.layerwise import scale_by_rms
from srcgrad.optim.leaves import BLOCK, blocks, finished, gather
from srcgrad.optim.parts import Selector
from srcgrad.optim.pieces import ema, scale, weight_decay
from srcgrad.optim.rules import check_decays, check_rate
from srcgrad.optim.schedules import Rate
from srcgrad.tree import has_derivative, mapped


@brief
def adafactor(
    rate: Rate | None = None,
    least_factored: int = 128,
    decay_rate: float = 0.8,
    decay_offset: int = 0,
    *,
    multiply_by_scale: bool = True,
    clipping: float | None = 1.0,
    momentum: float | None = None,
    weight_decay_rate: Rate | None = None,
    eps: float = 1e-30,
    factored: bool = True,
    mask: Selector | None = None,
) -> Optimizer:
    """Adam without the memory: the squares of a matrix are kept as means of rows and columns.

    Shazeer and Stern 2018, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost,
    algorithms 4 and 5.

    Args:
        rate: step size relative to the parameter's size, a float or a schedule; None for 1.
        least_factored: arrays are factored whose two longest axes are at least so long.
        decay_rate: the decay at step t is 1 - t^(-decay_rate).
        decay_offset: taken off the step, to continue a training anew.
        multiply_by_scale: whether steps are in proportion to the parameter's root mean square.
        clipping: bound on the root mean square of an update; None for none.
        momentum: decay of a mean of updates; None for none.
        weight_decay_rate: what part of the parameter is taken off at each step, whatever the rate.
        eps: added to the squares.
        factored: whether anything is factored.
        mask: the parameters that decay; None means all.

    Returns:
        A chain whose first part has the slots "row", "column" (for what is factored) and "full".

    Raises:
        BadValue: if a rate is negative, or `momentum` is not in [0, 1).

    Example:
        >>> optimizer = adafactor(0.1, least_factored=2)
        >>> params = np.ones((3, 2))
        >>> state = optimizer.init(params)
        >>> state[0]["row"].shape, state[0]["column"].shape, state[0]["full"]
        ((2,), (3,), None)
        >>> optimizer.update(np.full((3, 2), 5.0), state, params)[0][0]
        array([-0.1, -0.1])
    """
    parts = [factored_rms(decay_rate, decay_offset, least_factored if factored else None, eps)]
    if clipping is not None:
        parts.append(clip_by_rms(clipping))
    if rate is not None:
        check_rate(rate)
        parts.append(scale(rate))
    if multiply_by_scale:
        parts.append(scale_by_rms())
    if momentum is not None:
        check_decays(momentum=momentum)
        parts.append(ema(momentum, debias=False))
    if weight_decay_rate is not None:
        parts.append(weight_decay(weight_decay_rate, mask))
    return chain(*parts, scale(-1.0))


def factored_axes(shape: tuple[int, ...], least: int | None) -> tuple[int, int] | None:
    """The second longest and the longest axis, or None if an array is not factored.

    Example:
        >>> factored_axes((3, 200, 300), 128), factored_axes((3, 4), 128)
        ((1, 2), None)
    """
    if least is None or len(shape) < 2:
        return None
    order = np.argsort(shape)
    if shape[order[-2]] < least:
        return None
    return int(order[-2]), int(order[-1])


def factored_rms(decay_rate: float, offset: int, least: int | None, eps: float) -> Optimizer:
    """Gradients over the root of their mean squares, factored where arrays are large.

    Args:
        decay_rate: the decay at step t is 1 - t^(-decay_rate).
        offset: taken off the step.
        least: the least length of the two longest axes of what is factored; None for nothing.
        eps: added to the squares.
    """

    def slot(p: Any, name: str) -> Any:
        if not has_derivative(p):
            return None
        axes = factored_axes(np.shape(p), least)
        if axes is None:
            return np.zeros_like(p, subok=False) if name == "full" else None
        if name == "full":
            return None
        gone = axes[1] if name == "row" else axes[0]
        return np.zeros([n for i, n in enumerate(p.shape) if i != gone], p.dtype)

    def init(params: Any) -> State:
        slots = {
            name: mapped(lambda p, name=name: slot(p, name), params, (), "", plain=True)
            for name in ("row", "column", "full")
        }
        return {"count": 0, **slots}

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        slots = [state["row"], state["column"], state["full"]]
        work = gather(params, grads, slots, alike=False)
        decay = 1.0 - max(int(state["count"]) + 1 - offset, 1) ** -decay_rate
        for p, g, row, column, full in work.leaves:
            axes = factored_axes(p.shape, least)
            if axes is None:
                plain_rms(g, full, decay, eps)
            elif g.size:
                outer_rms(g, row, column, decay, eps, axes)
        state["count"] += 1
        return finished(params, grads, work), state

    return from_rewrite(init, rewrite)


def plain_rms(g: Any, full: Any, decay: float, eps: float) -> None:
    """Divide a gradient by the root of its mean squares, in place."""
    for cut in blocks(g.shape) if g.size > BLOCK else ((),):
        part, squares = g[(*cut, ...)], full[(*cut, ...)]
        squares *= decay
        squares += (1.0 - decay) * (part * part + eps)
        part /= np.sqrt(squares)


def outer_rms(
    g: Any, row: Any, column: Any, decay: float, eps: float, axes: tuple[int, int]
) -> None:
    """Divide a gradient by the root of row * column / mean(row), in place.

    Args:
        g: the gradient.
        row: mean squares over the longest axis.
        column: mean squares over the second longest.
        decay: of both.
        eps: added to the squares.
        axes: the second longest and the longest axis.
    """
    short, long = axes
    labels = list(range(g.ndim))
    for kept, gone in ((row, long), (column, short)):
        squares = np.einsum(g, labels, g, labels, [i for i in labels if i != gone])
        kept *= decay
        kept += (1.0 - decay) * (squares / g.shape[gone] + eps)
    centre = np.mean(row, axis=short - 1 if short > long else short, keepdims=True)
    g /= np.expand_dims(np.sqrt(row / centre), long)
    g /= np.expand_dims(np.sqrt(column), short)
