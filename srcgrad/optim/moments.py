"""What the optimizers that keep moments share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def moments(g: Any, mean: Any, square: Any, b1: float, b2: float) -> None:
    """Bring the moving averages of a gradient and of its square up to date, in place."""
    blend(g, mean, square, b1, 1.0 - b1, b2, 1.0 - b2)


def blend(g: Any, mean: Any, square: Any, b1: Any, c1: Any, b2: Any, c2: Any) -> None:
    """`moments` with c1 = 1 - b1 and c2 = 1 - b2 given: arrays of no dimension are faster."""
    mean *= b1
    mean += c1 * g
    square *= b2
    part = c2 * g
    part *= g
    square += part


def ratio(mean: Any, square: Any, scale: Any, eps: Any, eps_root: Any) -> Any:
    """The step scale * mean / (sqrt(square + eps_root) + eps), in new memory."""
    root = np.sqrt(square + eps_root) if eps_root else np.sqrt(square)
    root += eps
    out = scale * mean
    out /= root
    return out


def unbiased(
    scale: float, b2: float, t: int, eps: float, eps_root: float
) -> tuple[float, float, float]:
    """The numbers for `ratio` that divide the mean of squares by 1 - b2^t.

    The factor is drawn out of the root, as in section 2 of Kingma and Ba: one pass less.

    Args:
        scale: of the step.
        b2: decay of the mean of squares.
        t: the step, counted from 1.
        eps: added to the root.
        eps_root: added below the root.
    """
    debias = math.sqrt(1.0 - b2**t)
    return scale * debias, eps * debias, eps_root * debias**2


def nesterov(b1: float, t: int) -> tuple[float, float]:
    """The weights of the mean and of the gradient in a mean that looks one step ahead.

    Args:
        b1: decay of the mean.
        t: the step, counted from 1.

    Returns:
        The factors of mean and gradient: each is divided by its own 1 - b1^t.
    """
    return b1 / (1.0 - b1 ** (t + 1)), (1.0 - b1) / (1.0 - b1**t)
