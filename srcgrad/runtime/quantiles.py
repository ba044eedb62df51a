"""Quantiles: which entries of a sorted array they are made of."""

from typing import Any

import numpy as np


def quantile_places(q: Any, n: int) -> tuple[Any, Any, Any]:
    """The two places that each quantile of n sorted entries lies between, and how far along.

    Args:
        q: what part of the entries is below, from 0 to 1.
        n: how many entries there are.

    Example:
        >>> quantile_places(np.array([0.25]), 3)
        (array([0]), array([1]), array([0.5]))
    """
    at = np.asarray(q, dtype=float) * (n - 1)
    low = np.floor(at).astype(int)
    return low, np.minimum(low + 1, n - 1), at - low


def quantile_shares(q: Any, n: int, whole: float) -> Any:
    """The share that each of n sorted entries has in a quantile; the last axis is the entries.

    Args:
        q: what part of the entries is below, from 0 to `whole`: a number or an array.
        n: how many entries there are.
        whole: 1.0, or 100.0 for percentages.

    Example:
        >>> quantile_shares(25.0, 3, 100.0)
        array([0.5, 0.5, 0. ])
    """
    low, high, along = quantile_places(np.asarray(q, dtype=float) / whole, n)
    unit = np.eye(n)
    along = along[..., None]
    return (1.0 - along) * unit[low] + along * unit[high]


def quantile_slopes(q: Any, n: int, whole: float) -> Any:
    """The derivative of `quantile_shares` by q.

    Args:
        q: what part of the entries is below, from 0 to `whole`: a number or an array.
        n: how many entries there are.
        whole: 1.0, or 100.0 for percentages.

    Example:
        >>> quantile_slopes(0.25, 3, 1.0)
        array([-2.,  2.,  0.])
    """
    low, high, _ = quantile_places(np.asarray(q, dtype=float) / whole, n)
    unit = np.eye(n)
    return (unit[high] - unit[low]) * ((n - 1) / whole)
