"""Gradients cut down to a bound: by value, by norm, by the norm of all of them together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import brief
from srcgrad.optim.base import Optimizer
from srcgrad.optim.leafwise import leafwise
from srcgrad.optim.rules import elementwise
from srcgrad.optim.schedules import positive
from srcgrad.optim.sizes import dot, norm, rms


@brief
def clip(bound: float) -> Optimizer:
    """Every entry between -bound and bound.

    Args:
        bound: the greatest magnitude.

    Raises:
        BadValue: if `bound` is not positive.

    Example:
        >>> clip(1.0).update([3.0, -0.5], clip(1.0).init([0.0, 0.0]), [0.0, 0.0])[0]
        [1.0, -0.5]
    """
    positive(bound=bound)
    return elementwise(lambda g, p: np.clip(g, -bound, bound), {})


@brief
def clip_by_norm(bound: float) -> Optimizer:
    """Every leaf with a norm of at most `bound`; longer ones are scaled down.

    Args:
        bound: the greatest Euclidean norm of one leaf.

    Raises:
        BadValue: if `bound` is not positive.

    Example:
        >>> optimizer = clip_by_norm(1.0)
        >>> params = {"w": np.zeros(2), "b": 0.0}
        >>> optimizer.update({"w": np.array([3.0, 4.0]), "b": 0.5}, {}, params)[0]
        {'w': array([0.6, 0.8]), 'b': 0.5}
    """
    positive(bound=bound)

    def change(g: Any, p: Any) -> None:
        length = norm(g)
        if length > bound:
            g *= bound / length

    return leafwise(change)


@brief
def clip_by_rms(bound: float) -> Optimizer:
    """Every leaf with a root mean square of at most `bound`.

    Shazeer and Stern 2018, Adafactor, section 6.

    Args:
        bound: the greatest root mean square of one leaf.

    Raises:
        BadValue: if `bound` is not positive.

    Example:
        >>> clip_by_rms(1.0).update(np.array([4.0, -4.0]), {}, np.zeros(2))[0]
        array([ 1., -1.])
    """
    positive(bound=bound)

    def change(g: Any, p: Any) -> None:
        g /= max(1.0, rms(g) / bound)

    return leafwise(change)


@brief
def clip_by_global_norm(bound: float) -> Optimizer:
    """All leaves together with a norm of at most `bound`; they keep their direction.

    Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks,
    algorithm 1.

    Args:
        bound: the greatest norm of all gradients as one vector.

    Raises:
        BadValue: if `bound` is not positive.

    Example:
        >>> clip_by_global_norm(1.0).update([3.0, 4.0], {}, [0.0, 0.0])[0]
        [0.6, 0.8]
    """
    positive(bound=bound)

    def together(leaves: list[Any]) -> tuple[float, ...]:
        return (math.sqrt(math.fsum(dot(leaf[1], leaf[1]) for leaf in leaves)),)

    def change(g: Any, p: Any, length: float) -> None:
        if not length < bound:
            g /= length
            g *= bound

    return leafwise(change, together)


@brief
def adaptive_clip(bound: float, eps: float = 1e-3) -> Optimizer:
    """Every unit's gradient with a norm of at most `bound` times that of its weights.

    Brock et al. 2021, High-Performance Large-Scale Image Recognition Without Normalization,
    equation 3. A unit is a column of a matrix, or a filter: the last axis of an array; a vector is
    one unit.

    Args:
        bound: the greatest ratio of the norms.
        eps: the least norm of weights that counts.

    Raises:
        BadValue: if `bound` is not positive.

    Example:
        >>> adaptive_clip(0.5).update(np.array([3.0, 4.0]), {}, np.array([0.0, 2.0]))[0]
        array([0.6, 0.8])
    """
    positive(bound=bound, eps=eps)

    def change(g: Any, p: Any) -> None:
        most = bound * np.maximum(unit_norms(p), eps)
        length = unit_norms(g)
        g *= np.where(length < most, 1.0, most / np.maximum(length, 1e-6)).astype(g.dtype)

    return leafwise(change)


def unit_norms(a: np.ndarray) -> np.ndarray:
    """The norms of the units of an array, of a shape that broadcasts against it."""
    if sum(n != 1 for n in a.shape) <= 1:
        return np.full((1,) * a.ndim, norm(a))
    kept = 3 if a.ndim == 3 else a.ndim
    axes = (0,) if kept == 3 else tuple(range(a.ndim - 1))
    labels = list(range(a.ndim))
    found = np.einsum(a, labels, a, labels, [i for i in labels if i not in axes])
    return np.sqrt(np.expand_dims(found, axes))
