"""Reshapes of memory that is written: views for some orders of entries in memory, copies else."""

import numpy as np
import pytest

from srcgrad import grad, jvp, vjp
from srcgrad.errors import Unsupported

A = np.random.default_rng(5).normal(size=(4, 4))
DIRECTION = np.random.default_rng(6).normal(size=(4, 4))


def argument(a):
    h = a.reshape(-1)
    h[1:] *= h[:-1]
    a[0] += h[5]
    return np.sum(a**2)


def copied(a):
    b = a.T.copy()
    h = b.reshape(2, -1)
    h[1] *= h[0]
    return np.sum(b * b[0])


def summed(a):
    b = np.sin(a[::2, 1:]) + a[0, 1:]
    h = b.ravel()
    h[1:] *= h[:-1]
    return np.sum(b**2)


def strided(a):
    wide = np.zeros((4, 8))
    wide[:, ::2] = a
    return wide[:, ::2]


def differences(function, a, order):
    """Return the gradient by central differences at an argument that lies in memory like it."""
    out = np.zeros_like(A)
    for at in np.ndindex(*A.shape):
        step = np.zeros_like(A)
        step[at] = 1e-6
        out[at] = (function(order(a + step)) - function(order(a - step))) / 2e-6
    return out


@pytest.mark.parametrize("function", [argument, copied, summed])
@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray, strided])
def test_gradients_are_right_or_refused(function, order):
    if function is not copied and order is not np.ascontiguousarray:
        with pytest.raises(Unsupported, match="may share"):
            grad(function)(order(A.copy()))
        return
    want = differences(function, A, order)
    assert np.allclose(grad(function)(order(A.copy())), want, rtol=1e-6)
    assert np.allclose(vjp(function, order(A.copy()))[1](1.0)[0], want, rtol=1e-6)


@pytest.mark.parametrize("function", [argument, copied, summed])
@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray, strided])
def test_tangents_may_lie_in_any_order(function, order):
    want = np.sum(differences(function, A, np.array) * DIRECTION)
    assert np.isclose(jvp(function, (A.copy(),), (order(DIRECTION),))[1], want, rtol=1e-6)
    first = jvp(grad(function), (A.copy(),), (DIRECTION,))[1]
    assert np.allclose(jvp(grad(function), (A.copy(),), (order(DIRECTION),))[1], first)


def test_a_bare_gradient_says_that_it_needs_another_order():
    bare = grad(argument).specialise(A.copy())
    assert np.allclose(bare(A.copy()), differences(argument, A, np.array), rtol=1e-6)
    with pytest.raises(ValueError, match="a must be contiguous"):
        bare(np.asfortranarray(A))


def test_other_orders_get_a_text_of_their_own():
    gradient = grad(summed)
    gradient(A.copy())
    with pytest.raises(Unsupported):
        gradient(np.asfortranarray(A))
    assert np.allclose(gradient(A.copy()), differences(summed, A, np.array), rtol=1e-6)
