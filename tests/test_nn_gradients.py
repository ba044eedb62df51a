"""Gradients of layers and losses: against differences, forward against reverse, float32."""

import copy

import numpy as np
import pytest

from srcgrad import jvp, vjp
from tests.checks import check_structure, dot
from tests.differences import gradient, leaves
from tests.nn_cases import CASES
from tests.trees import random_like

each_case = pytest.mark.parametrize("name", CASES)


def single(tree):
    """The same tree in float32."""
    if isinstance(tree, dict):
        return {k: single(v) for k, v in tree.items()}
    if isinstance(tree, tuple):
        return tuple(map(single, tree))
    return tree.astype(np.float32) if tree.dtype.kind == "f" else tree


@each_case
def test_gradient(name):
    case, rng = CASES[name], np.random.default_rng(1)
    untouched = copy.deepcopy(case.arguments)
    value, pullback = vjp(case.function, *case.arguments)
    seed = random_like(value, rng)
    found = pullback(seed)
    for position, have in enumerate(found):
        table = dict(leaves(have))
        for path, want, error in gradient(case.function, case.arguments, position, seed):
            gap = np.abs(table[path] - want)
            assert np.all(gap <= error + 1e-8 * (1.0 + np.abs(want))), (position, path)
        if have is not None:
            check_structure(have, case.arguments[position])

    tangents = random_like(case.arguments, rng)
    _, tangent = jvp(case.function, case.arguments, tangents)
    want, size = dot(found, tangents)
    have, other_size = dot(seed, tangent)
    assert abs(have - want) <= 1e-12 * (size + other_size)
    for (_, a), (_, b) in zip(leaves(case.arguments), leaves(untouched), strict=True):
        assert a.tobytes() == b.tobytes()


@each_case
def test_float32_stays(name):
    case = CASES[name]
    exact = case.function(*case.arguments)
    value = case.function(*single(case.arguments))
    for (_, have), (_, want) in zip(leaves(value), leaves(exact), strict=True):
        assert have.dtype == np.float32
        np.testing.assert_allclose(have, want, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "name",
    [
        *("elu", "softmax", "huber", "cross_entropy", "one_hot_cross_entropy", "cosine"),
        *("conv2d_wide", "max_pool2d_wide", "batch_norm_training", "layer_norm", "lstm", "heads"),
    ],
)
def test_gradients_of_float32_are_float32(name):
    case = CASES[name]
    arguments = single(case.arguments)
    value, pullback = vjp(case.function, *arguments)
    for have, argument in zip(pullback(value), arguments, strict=True):
        if have is not None:
            check_structure(have, argument)
