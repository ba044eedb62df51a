"""`grad(f).source` before any call: the text runs for numbers of Python and for arrays alike."""

import numpy as np
import pytest

from srcgrad import grad, value_and_grad


def product(x, y):
    return x * y


def total(x, y):
    z = x + y
    return z


def itself(x, y):
    return x if y is not None else y


def waves(x, y):
    z = np.sin(x) * y
    return z / (1.0 + x * x)


def chosen(x, y):
    z = x if np.sum(y) > 0.0 else x * y
    return z + x


FUNCTIONS = (product, total, itself, waves, chosen)
ARGUMENTS = ((0.3, 0.7), (np.float64(0.3), 0.7), (np.array([0.3, 0.7]), np.array([1.1, 0.4])))


def ran(text, name, args):
    made = {}
    exec(compile(text, name, "exec"), made)
    return made[name](*args)


@pytest.mark.parametrize("args", ARGUMENTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_source_runs_for_numbers_and_arrays(function, args):
    text = grad(function, wrt=("x", "y")).source
    found = ran(text, f"{function.__name__}_grad", args)
    for position, have in enumerate(found):
        h = 1e-6
        up, down = list(args), list(args)
        up[position], down[position] = args[position] + h, args[position] - h
        want = (function(*up) - function(*down)) / (2.0 * h)
        np.testing.assert_allclose(have, np.broadcast_to(want, np.shape(have)), atol=1e-8)
        assert isinstance(have, float | np.floating) != isinstance(args[position], np.ndarray)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_results_share_no_memory(function):
    args = (np.array([0.3, 0.7]), np.array([1.1, 0.4]))
    text = value_and_grad(function, wrt=("x", "y")).source
    _, (a, b) = ran(text, f"{function.__name__}_value_and_grad", args)
    assert not any(np.may_share_memory(g, v) for g in (a, b) for v in args)
    assert not np.may_share_memory(a, b)
    assert a.flags.writeable
    assert b.flags.writeable
