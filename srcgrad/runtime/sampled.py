"""Derivatives of functions that are given by samples."""

from typing import Any

import numpy as np


def interp_places(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The interval that each x is in, its width, and 1.0 inside of the samples, else 0.0.

    Args:
        x: where the function is read.
        xp: where its samples are, in order.

    Example:
        >>> interp_places(0.5, np.array([0.0, 2.0]))
        (np.int64(0), np.float64(2.0), np.float64(1.0))
    """
    i = np.clip(np.searchsorted(xp, x) - 1, 0, np.size(xp) - 2)
    inside = np.asarray((x >= xp[0]) & (x <= xp[-1]), dtype=float)[()]
    return i, xp[i + 1] - xp[i], inside


def interp_slope(x: Any, xp: Any, fp: Any) -> Any:
    """The derivative of `np.interp(x, xp, fp)` by x: 0 outside of the samples.

    Args:
        x: where the function is read.
        xp: where its samples are, in order.
        fp: the samples.

    Example:
        >>> interp_slope(np.array([0.5, 3.0]), np.array([0.0, 2.0]), np.array([1.0, 5.0]))
        array([2., 0.])
    """
    i, width, inside = interp_places(x, xp)
    return inside * (fp[i + 1] - fp[i]) / width


def uninterp(g: Any, x: Any, xp: Any) -> Any:
    """The cotangent of the samples `fp` in `np.interp(x, xp, fp)`.

    Args:
        g: cotangent of the values.
        x: where they were read.
        xp: where the samples are, in order.

    Example:
        >>> uninterp(1.0, 0.5, np.array([0.0, 2.0]))
        array([0.75, 0.25])
    """
    i, width, _ = interp_places(x, xp)
    share = np.clip((x - xp[i]) / width, 0.0, 1.0)
    out = np.zeros(np.size(xp))
    np.add.at(out, i, g * (1.0 - share))
    np.add.at(out, i + 1, g * share)
    return out


def uninterp_slope(g: Any, x: Any, xp: Any) -> Any:
    """The cotangent of the samples `fp` in `interp_slope(x, xp, fp)`.

    Args:
        g: cotangent of the slopes.
        x: where they were read.
        xp: where the samples are, in order.

    Example:
        >>> uninterp_slope(1.0, 0.5, np.array([0.0, 2.0]))
        array([-0.5,  0.5])
    """
    i, width, inside = interp_places(x, xp)
    out = np.zeros(np.size(xp))
    np.add.at(out, i, -g * inside / width)
    np.add.at(out, i + 1, g * inside / width)
    return out
