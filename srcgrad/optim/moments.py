"""What the optimizers that keep moments share."""

from __future__ import annotations

from typing import Any

import numpy as np


def moments(g: Any, mean: Any, square: Any, b1: float, b2: float) -> None:
    """Bring the moving averages of a gradient and of its square up to date, in place."""
    mean *= b1
    mean += (1.0 - b1) * g
    square *= b2
    part = (1.0 - b2) * g
    part *= g
    square += part


def ratio(mean: Any, square: Any, scale: float, debias: float, eps: float, eps_root: float) -> Any:
    """The step scale * mean / (sqrt(square / debias^2 + eps_root) + eps), in new memory.

    The factor is drawn out of the root, as in section 2 of Kingma and Ba: one pass less.
    """
    root = np.sqrt(square + eps_root * debias**2) if eps_root else np.sqrt(square)
    root += eps * debias
    out = (scale * debias) * mean
    out /= root
    return out


def nesterov(b1: float, t: int) -> tuple[float, float]:
    """The weights of the mean and of the gradient in a mean that looks one step ahead.

    Args:
        b1: decay of the mean.
        t: the step, counted from 1.

    Returns:
        The factors of mean and gradient: each is divided by its own 1 - b1^t.
    """
    return b1 / (1.0 - b1 ** (t + 1)), (1.0 - b1) / (1.0 - b1**t)
