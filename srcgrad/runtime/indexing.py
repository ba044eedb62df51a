"""Order and places: sorts, diagonals, items taken and written by index."""

from __future__ import annotations

from typing import Any

import numpy as np


def untake(g: Any, a: Any, indices: Any, axis: int | None) -> Any:
    """The cotangent of `a` in `np.take(a, indices, axis)`; places that repeat add up.

    Args:
        g: cotangent of the entries that were taken.
        a: the array that they were taken from.
        indices: an int, or ints in an array or a list.
        axis: the axis along which they count, or None for the flat array.

    Example:
        >>> untake(np.array([1.0, 2.0]), np.zeros(3), [2, 2], None)
        array([0., 0., 3.])
    """
    places = np.asarray(indices, dtype=int)
    if axis is None:
        out = np.zeros(np.size(a), np.result_type(g, a))
        np.add.at(out, places, g)
        return out.reshape(np.shape(a))
    out = np.zeros(np.shape(a), np.result_type(g, a))
    index: Any = (slice(None),) * (axis % out.ndim) + (places,)
    np.add.at(out, index, g)
    return out


def untake_along(g: Any, a: Any, indices: Any, axis: int) -> Any:
    """The cotangent of `a` in `np.take_along_axis(a, indices, axis)`; places that repeat add up.

    Args:
        g: cotangent of the entries that were taken.
        a: the array that they were taken from.
        indices: ints, in an array of the same rank.
        axis: the axis along which they count.

    Example:
        >>> untake_along(np.ones((1, 2)), np.zeros((1, 3)), np.array([[2, 2]]), 1)
        array([[0., 0., 2.]])
    """
    out = np.zeros(np.shape(a), np.result_type(g, a))
    shape = np.broadcast_shapes(np.shape(g), np.shape(indices))
    places = list(np.ogrid[tuple(slice(n) for n in shape)])
    places = [p if n > 1 else 0 * p for p, n in zip(places, out.shape, strict=True)]
    places[axis % out.ndim] = np.asarray(indices)
    np.add.at(out, tuple(places), g)
    return out


def unsort(g: Any, a: Any, axis: int) -> Any:
    """The cotangent of `a` in `np.sort(a, axis)`; entries that tie share evenly.

    Args:
        g: cotangent of the sorted array.
        a: the array that was sorted.
        axis: the axis along which it was sorted.

    Example:
        >>> unsort(np.array([1.0, 2.0, 4.0]), np.array([5.0, 3.0, 5.0]), 0)
        array([3., 1., 3.])
    """
    order = np.argsort(a, axis=axis, kind="stable")
    out = np.empty_like(g)
    np.put_along_axis(out, order, _share_ties(g, np.take_along_axis(a, order, axis), axis), axis)
    return out


def sort_like(t: Any, a: Any, axis: int) -> Any:
    """The tangent of `np.sort(a, axis)`; entries that tie share evenly.

    Args:
        t: tangent of a.
        a: the array that is sorted.
        axis: the axis along which it is sorted.

    Example:
        >>> sort_like(np.array([1.0, 2.0, 4.0]), np.array([5.0, 3.0, 5.0]), 0)
        array([2. , 2.5, 2.5])
    """
    order = np.argsort(a, axis=axis, kind="stable")
    moved = np.take_along_axis(np.asarray(t), order, axis)
    return _share_ties(moved, np.take_along_axis(a, order, axis), axis)


def _share_ties(v: Any, ordered: Any, axis: int) -> Any:
    """The mean of `v` over each run of equal entries of a sorted array."""
    values = np.moveaxis(np.array(v, dtype=float), axis, -1)
    keys = np.moveaxis(ordered, axis, -1)
    same = keys[..., 1:] == keys[..., :-1]
    if np.any(same):
        for i in np.ndindex(keys.shape[:-1]):
            runs = np.concatenate([[0], np.cumsum(~same[i])])
            means = np.bincount(runs, values[i]) / np.bincount(runs)
            values[i] = means[runs]
    return np.moveaxis(values, -1, axis).astype(np.asarray(v).dtype, copy=False)


def embed_diagonal(g: Any, a: Any, k: int) -> Any:
    """The cotangent of a matrix `a` in `np.diag(a, k)`.

    Args:
        g: cotangent of the diagonal.
        a: the matrix.
        k: which diagonal.

    Example:
        >>> embed_diagonal(np.array([1.0]), np.zeros((2, 2)), 1)
        array([[0., 1.],
               [0., 0.]])
    """
    out = np.zeros_like(a)
    i = np.arange(len(g))
    out[i + max(-k, 0), i + max(k, 0)] = g
    return out


def last_written(g: Any, index: Any) -> Any:
    """The cotangent of `v` in `y[index] = v`, where of values for one entry the last one stays.

    Args:
        g: cotangent of y.
        index: the index, in which entries may repeat.

    Returns:
        `g[index]`, with zeros for values that were overwritten by later ones.

    Example:
        >>> last_written(np.array([5.0, 6.0]), [0, 0, 1])
        array([0., 5., 6.])
    """
    taken = g[index]
    order = np.arange(taken.size).reshape(taken.shape)
    winner = np.zeros(g.shape, dtype=int)
    winner[index] = order
    return np.where(winner[index] == order, taken, np.zeros_like(taken))
