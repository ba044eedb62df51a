"""Products: adjoints of matrix products of any rank, of `prod` and `cumprod`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.runtime.broadcast import unbroadcast


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
    return sign * (u.conj() * prod_others(s, None)) @ vt.conj()


def power_terms(t: Any, a: Any, n: int) -> Any:
    """The tangent of `np.linalg.matrix_power(a, n)`.

    Args:
        t: tangent of a.
        a: a square matrix.
        n: the exponent.

    Example:
        >>> power_terms(np.eye(2), np.diag([2.0, 3.0]), 3)
        array([[12.,  0.],
               [ 0., 27.]])
    """
    if n < 0:
        inverse = np.linalg.inv(a)
        return power_terms(-(inverse @ t @ inverse), inverse, -n)
    power, out = np.eye(len(a), dtype=np.result_type(a, t)), np.zeros_like(t)
    for _ in range(n):
        out = t @ power + a @ out
        power = a @ power
    return out


def power_pairs(g: Any, t: Any, a: Any, n: int) -> Any:
    """The cotangent of `a` in `power_terms(t, a, n)`.

    Args:
        g: cotangent of the terms.
        t: tangent of a.
        a: a square matrix.
        n: the exponent.

    Example:
        >>> power_pairs(np.array([[1.0]]), np.array([[1.0]]), np.array([[2.0]]), 3)
        array([[12.]])
    """
    if n < 0:
        inverse = np.linalg.inv(a)
        moved = -(inverse @ t @ inverse)
        moved_bar = power_terms(g, inverse.T, -n)
        inverse_bar = power_pairs(g, moved, inverse, -n)
        inverse_bar = inverse_bar - moved_bar @ (t @ inverse).T - (inverse @ t).T @ moved_bar
        return -(inverse.T @ inverse_bar @ inverse.T)
    powers = [np.eye(len(a), dtype=np.result_type(a, t))]
    for _ in range(n):
        powers.append(powers[-1] @ a)
    out = np.zeros_like(powers[0])
    for i in range(n - 1):
        for j in range(n - 1 - i):
            left, middle, right = powers[i], powers[j], powers[n - 2 - i - j]
            out += left.T @ g @ (middle @ t @ right).T + (left @ t @ middle).T @ g @ right.T
    return out
