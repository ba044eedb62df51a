"""What generated code may call where numpy has no name for it; imports numpy only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum a cotangent over the axes along which `x` was broadcast.

    Args:
        g: cotangent of a broadcast result, a number or an array of any rank.
        x: the operand, a number or an array whose shape broadcasts to that of g.

    Returns:
        An array of the shape of x, or a number where x is one; g itself if shapes agree.

    Example:
        >>> unbroadcast(np.ones((3, 2)), np.zeros(2))
        array([3., 3.])
        >>> float(unbroadcast(np.ones(3), 1.5))
        3.0
    """
    want, have = np.shape(x), np.shape(g)
    if want == have:
        return g
    lead = len(have) - len(want)
    if lead < 0:
        return np.broadcast_to(g, want)
    g = np.sum(g, axis=tuple(range(lead))) if lead else g
    ones = tuple(i for i, n in enumerate(want) if n == 1 and g.shape[i] != 1)
    return np.sum(g, axis=ones, keepdims=True) if ones else g


def broadcast_to(g: Any, shape: tuple[int, ...]) -> Any:
    """A cotangent at the full shape of its value; a number stays one where the shape is ().

    Example:
        >>> broadcast_to(2.0, (2,))
        array([2., 2.])
    """
    return g if np.shape(g) == shape else np.broadcast_to(g, shape)


def matmul_bar_x(g: Any, x: Any, y: Any) -> Any:
    """The cotangent of `x` in `x @ y`, for operands of any rank.

    Args:
        g: cotangent of the product.
        x: left operand, at least one axis.
        y: right operand, at least one axis.

    Example:
        >>> matmul_bar_x(2.0, np.ones(2), np.array([1.0, 3.0]))
        array([2., 6.])
    """
    if np.ndim(x) == 1 and np.ndim(y) == 1:
        return g * y
    if np.ndim(y) == 1:
        return unbroadcast(np.asarray(g)[..., None] * y, x)
    if np.ndim(x) == 1:
        return unbroadcast(np.sum(np.asarray(g)[..., None, :] * y, axis=-1), x)
    return unbroadcast(g @ np.swapaxes(y, -1, -2), x)


def matmul_bar_y(g: Any, x: Any, y: Any) -> Any:
    """The cotangent of `y` in `x @ y`, for operands of any rank.

    Args:
        g: cotangent of the product.
        x: left operand, at least one axis.
        y: right operand, at least one axis.

    Example:
        >>> matmul_bar_y(2.0, np.array([1.0, 3.0]), np.ones(2))
        array([2., 6.])
    """
    if np.ndim(x) == 1 and np.ndim(y) == 1:
        return g * x
    if np.ndim(y) == 1:
        return unbroadcast(np.sum(np.asarray(g)[..., None] * x, axis=-2), y)
    if np.ndim(x) == 1:
        return unbroadcast(np.asarray(x)[:, None] * np.asarray(g)[..., None, :], y)
    return unbroadcast(np.swapaxes(x, -1, -2) @ g, y)


def zeros_like(x: Any) -> Any:
    """Zeros in the structure of `x`: numbers, arrays, and nested lists, tuples and dicts.

    Example:
        >>> zeros_like({"w": np.ones(2), "b": (1.0, "name")})
        {'w': array([0., 0.]), 'b': (0.0, None)}
    """
    if isinstance(x, dict):
        return {k: zeros_like(v) for k, v in x.items()}
    if isinstance(x, list):
        return [zeros_like(v) for v in x]
    if isinstance(x, tuple):
        parts = [zeros_like(v) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, np.ndarray):
        return np.zeros_like(x, dtype=x.dtype if x.dtype.kind == "f" else float)
    if isinstance(x, (float, np.floating)):
        return type(x)(0.0)
    return None


def add(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one structure; None stands for zero.

    Example:
        >>> add([1.0, None], [2.0, 3.0])
        [3.0, 3.0]
    """
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, dict):
        return {k: add(v, b[k]) for k, v in a.items()}
    if isinstance(a, (list, tuple)):
        parts = [add(v, w) for v, w in zip(a, b, strict=True)]
        return parts if isinstance(a, list) else tuple(parts)
    return a + b


def prod_others(a: Any, axis: int | tuple[int, ...] | None) -> Any:
    """For each entry the product of all others along `axis`, without a division.

    Args:
        a: a number or an array.
        axis: an axis, several, or None for all.

    Returns:
        An array of the shape of a.

    Example:
        >>> prod_others(np.array([2.0, 0.0, 3.0]), None)
        array([0., 6., 0.])
    """
    rows, back = _as_rows(a, axis)
    ones = np.ones_like(rows[:, :1])
    left = np.cumprod(np.concatenate([ones, rows[:, :-1]], axis=1), axis=1)
    right = np.cumprod(np.concatenate([ones, rows[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    return back(left[:, : rows.shape[1]] * right[:, : rows.shape[1]])


def prod_pairs(g: Any, a: Any, axis: int | tuple[int, ...] | None) -> Any:
    """The product of `g` with the derivative of `prod_others` by `a`, which is symmetric.

    Args:
        g: cotangent or tangent of the shape of a.
        a: a number or an array.
        axis: an axis, several, or None for all.

    Example:
        >>> prod_pairs(np.ones(3), np.array([2.0, 0.0, 3.0]), None)
        array([3., 5., 2.])
    """
    rows, back = _as_rows(a, axis)
    out = np.zeros_like(rows)
    weights, _ = _as_rows(np.broadcast_to(g, np.shape(a)), axis)
    for i in range(rows.shape[1]):
        rest = rows.copy()
        rest[:, i] = 1.0
        rest_others = prod_others(rest, 1)
        rest_others[:, i] = 0.0
        out += weights[:, i : i + 1] * rest_others
    return back(out)


def _as_rows(a: Any, axis: int | tuple[int, ...] | None) -> tuple[Any, Callable[[Any], Any]]:
    """The entries along `axis` as the rows of a matrix, and the way back."""
    x = np.asarray(a)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
    order = [i for i in range(x.ndim) if i not in axes] + sorted(int(i) for i in axes)
    moved = np.transpose(x, order)
    across = int(np.prod([x.shape[i] for i in axes], dtype=int))
    along = int(np.prod([x.shape[i] for i in range(x.ndim) if i not in axes], dtype=int))
    rows = moved.reshape(along, across)
    if x.ndim == 0:
        return rows, lambda r: r[0, 0]
    return rows, lambda r: np.transpose(r.reshape(moved.shape), np.argsort(order))


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


def cumprod_bar(g: Any, a: Any, axis: int) -> Any:
    """The cotangent of `a` in `np.cumprod(a, axis)`, without a division.

    Args:
        g: cotangent of the running products.
        a: an array.
        axis: the axis along which they run.

    Example:
        >>> cumprod_bar(np.ones(3), np.array([2.0, 0.0, 3.0]), 0)
        array([1., 8., 0.])
    """
    factors = np.moveaxis(np.asarray(a), axis, 0)
    out = np.moveaxis(np.array(np.broadcast_to(g, np.shape(a)), np.result_type(g, a)), axis, 0)
    before = np.cumprod(factors, axis=0)
    for i in range(len(factors) - 2, -1, -1):
        out[i] += out[i + 1] * factors[i + 1]
    out[1:] *= before[:-1]
    return np.moveaxis(out, 0, axis)


def cumprod_dot(t: Any, a: Any, axis: int) -> Any:
    """The tangent of `np.cumprod(a, axis)`, without a division.

    Args:
        t: tangent of a.
        a: an array.
        axis: the axis along which the products run.

    Example:
        >>> cumprod_dot(np.ones(3), np.array([2.0, 0.0, 3.0]), 0)
        array([1., 2., 6.])
    """
    factors = np.moveaxis(np.asarray(a), axis, 0)
    out = np.moveaxis(np.array(np.broadcast_to(t, np.shape(a)), np.result_type(t, a)), axis, 0)
    out[1:] *= np.cumprod(factors, axis=0)[:-1]
    for i in range(1, len(factors)):
        out[i] += out[i - 1] * factors[i]
    return np.moveaxis(out, 0, axis)


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


def cofactors(a: Any) -> Any:
    """The matrix of cofactors, right for singular matrices too: the derivative of the determinant.

    Args:
        a: a square matrix.

    Example:
        >>> cofactors(np.array([[1.0, 2.0], [3.0, 4.0]])).round(9)
        array([[ 4., -3.],
               [-2.,  1.]])
    """
    u, s, vt = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return sign * (u * prod_others(s, None)) @ vt


def unstack(g: Any, axis: int) -> list[Any]:
    """The parts of an array along an axis, as a list: the cotangent of a list that was stacked.

    Args:
        g: an array.
        axis: the axis along which the parts lie.

    Example:
        >>> unstack(np.ones((2, 2)), 0)
        [array([1., 1.]), array([1., 1.])]
    """
    return list(np.moveaxis(np.asarray(g), axis, 0))


def split_like(g: Any, parts: list[Any], axis: int) -> list[Any]:
    """An array cut into pieces as long as those in a list: the cotangent of a concatenation.

    Args:
        g: an array.
        parts: the arrays that were concatenated.
        axis: the axis along which they lie.

    Example:
        >>> split_like(np.array([1.0, 2.0, 3.0]), [np.zeros(1), np.zeros(2)], 0)
        [array([1.]), array([2., 3.])]
    """
    ends = np.cumsum([p.shape[axis] for p in parts[:-1]], dtype=int)
    return np.split(np.asarray(g), ends, axis=axis)


def first_items(g: list[Any], parts: list[Any]) -> list[Any]:
    """As many first items of a list as another has: the cotangent of `a` in `a + b`.

    Args:
        g: cotangent of the joined list.
        parts: the list a.

    Example:
        >>> first_items([1.0, 2.0, 3.0], [0.0, 0.0])
        [1.0, 2.0]
    """
    return g[: len(parts)]


def last_items(g: list[Any], parts: list[Any]) -> list[Any]:
    """As many last items of a list as another has: the cotangent of `b` in `a + b`.

    Args:
        g: cotangent of the joined list.
        parts: the list b.

    Example:
        >>> last_items([1.0, 2.0, 3.0], [0.0, 0.0])
        [2.0, 3.0]
    """
    return g[len(g) - len(parts) :]


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


def repeat_for(g: Any, parts: list[Any]) -> list[Any]:
    """One cotangent for each item of a list: that of a list which was summed.

    Args:
        g: cotangent of the sum.
        parts: the items.

    Example:
        >>> repeat_for(1.0, [2.0, 3.0])
        [1.0, 1.0]
    """
    return [unbroadcast(g, p) for p in parts]
