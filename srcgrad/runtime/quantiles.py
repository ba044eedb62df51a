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
    low = np.clip(np.floor(at).astype(int), 0, max(n - 2, 0))
    return low, np.minimum(low + 1, n - 1), at - low


def two_each(q: Any, n: int, low: Any, high: Any, below: Any, above: Any) -> Any:
    """A row of n zeros for each quantile, with the two numbers that belong to its places.

    Args:
        q: what part of the entries is below; only its shape counts.
        n: how many entries there are.
        low: the lower place of each quantile.
        high: the upper one; where both are the same, the number of the lower one counts.
        below: the numbers of the lower places.
        above: those of the upper ones.

    Example:
        >>> two_each(0.25, 3, np.array(0), np.array(1), 5.0, 7.0)
        array([5., 7., 0.])
    """
    out = np.zeros((*np.shape(q), n))
    for place, value in ((high, above), (low, below)):
        np.put_along_axis(out, place[..., None], np.asarray(value)[..., None], -1)
    return out


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
    return two_each(q, n, low, high, 1.0 - along, along)


def quantile_slopes(q: Any, n: int, whole: float) -> Any:
    """The derivative of `quantile_shares` by q: from above at an entry, from below at the last.

    Args:
        q: what part of the entries is below, from 0 to `whole`: a number or an array.
        n: how many entries there are.
        whole: 1.0, or 100.0 for percentages.

    Example:
        >>> quantile_slopes(0.25, 3, 1.0)
        array([-2.,  2.,  0.])
    """
    low, high, _ = quantile_places(np.asarray(q, dtype=float) / whole, n)
    rise = np.full(np.shape(q), (n - 1) / whole)
    return two_each(q, n, low, high, -rise, rise)


def quantile_rise(ordered: Any, q: Any, axis: int, whole: float) -> Any:
    """The derivative of quantiles by q; that by several comes first.

    Args:
        ordered: entries that are sorted along an axis.
        q: what part of the entries is below, from 0 to `whole`: a number or a vector.
        axis: the axis.
        whole: 1.0, or 100.0 for percentages.

    Example:
        >>> quantile_rise(np.array([1.0, 2.0, np.inf]), np.array([0.25]), 0, 1.0)
        array([2.])
    """
    n = ordered.shape[axis]
    low, high, _ = quantile_places(np.asarray(q, dtype=float) / whole, n)
    rise = (np.take(ordered, high, axis) - np.take(ordered, low, axis)) * ((n - 1) / whole)
    return np.moveaxis(rise, axis, 0) if np.ndim(q) else rise
