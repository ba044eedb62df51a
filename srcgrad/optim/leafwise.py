"""Optimizers from rules that see a leaf as a whole, and change its gradient in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.optim.base import Optimizer, State, from_rewrite
from srcgrad.optim.leaves import finished, gather


def leafwise(
    change: Callable[..., None],
    together: Callable[[list[Any]], tuple[float, ...]] = lambda _: (),
) -> Optimizer:
    """A transformation without state whose rule sees a leaf, and numbers about all of them.

    Args:
        change: `change(g, p, *numbers)` overwrites the array `g`.
        together: the numbers, from the list of all `[p, g]`.
    """

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        work = gather(params, grads)
        numbers = together(work.leaves)
        for p, g in work.leaves:
            change(g, p, *numbers)
        return finished(params, grads, work), state

    return from_rewrite(lambda _: {}, rewrite)
