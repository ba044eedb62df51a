"""Pullbacks that live on: what the caller changes after the function ran does not reach them."""

import types

import numpy as np
import pytest

from srcgrad import jvp, vjp
from srcgrad.errors import BadValue
from tests.trees import bits

SCALE = 2.0


def scaled(x, y):
    return np.tanh(x) * y * SCALE


def recorded(x, y):
    z = np.tanh(x * y)
    return z, [z[1:], y]


def in_place(x, y):
    x[0] = x[1] * y[0]
    for k in range(2):
        x[k + 1] *= np.exp(x[k])
    return x * y


def of_a_dict(p, y):
    return {"out": np.exp(p["w"] * y), "same": p["w"]}


def of_an_object(model, y):
    return np.exp(model.layers[0].w * y) * model.factor


def arguments(function):
    """Fresh arguments of one of the functions above."""
    x, y = np.array([0.5, -0.25, 0.75]), np.array([1.5, 0.5, 2.0])
    if function is of_a_dict:
        return {"w": x}, y
    if function is of_an_object:
        layer = types.SimpleNamespace(w=x)
        return types.SimpleNamespace(layers=[layer], factor=2.0), y
    return x, y


def ones(value):
    """A cotangent of ones."""
    if isinstance(value, dict):
        return {k: ones(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(ones(v) for v in value)
    return np.ones_like(value)


def scramble(*values):
    """Write to all that can be written to, and put other things into containers and objects."""
    for v in values:
        if isinstance(v, np.ndarray) and v.flags.writeable:
            v[...] = 99.0
        elif isinstance(v, dict):
            scramble(*v.values())
            v.update({k: 3 * a for k, a in v.items()})
        elif isinstance(v, (list, tuple)):
            scramble(*v)
        elif isinstance(v, types.SimpleNamespace):
            scramble(*vars(v).values())
            v.factor = 7.0


FUNCTIONS = [scaled, recorded, in_place, of_a_dict, of_an_object]
each = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)


@each
def test_what_the_caller_changes(function):
    value, pull = vjp(function, *arguments(function))
    want = bits(pull(ones(value)))
    args = arguments(function)
    value, pull = vjp(function, *args)
    seed = ones(value)
    scramble(value, *args)
    found = pull(seed)
    assert bits(found) == want
    scramble(*found)
    assert bits(pull(seed)) == want
    assert bits(seed) == bits(ones(value))


def test_globals_and_cells_that_are_bound_anew(monkeypatch):
    x, y = arguments(scaled)
    _, before = vjp(scaled, x, y)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    _, after = vjp(scaled, x, y)
    ratio = [a / b for a, b in zip(after(x), before(x), strict=True)]
    assert np.allclose(ratio, 1.5)

    factor = 0.0
    weights = np.ones(3)

    def inner(x):
        return x * weights * factor

    pulls = []
    for k in range(3):
        factor = k + 1.0
        pulls.append(vjp(inner, x)[1])
        weights *= 2.0
    assert [pull(np.ones(3))[0][0] for pull in pulls] == [1.0, 4.0, 12.0]


class Model:
    """A class with a constant that gradients read."""

    weight = 2.0


def of_a_class(x):
    return x * x * Model.weight


def test_an_attribute_of_a_class_that_changes_is_refused(monkeypatch):
    _, pull = vjp(of_a_class, 3.0)
    assert pull(1.0) == (12.0,)
    monkeypatch.setattr(Model, "weight", 5.0)
    with pytest.raises(BadValue, match=r"`Model.weight`, which the pullback reads, has changed"):
        pull(1.0)
    assert vjp(of_a_class, 3.0)[1](1.0) == (30.0,)


def test_what_cannot_be_written_to_is_not_copied():
    x, y = arguments(scaled)
    y.flags.writeable = False
    _, pull = vjp(scaled, x, y)
    assert np.allclose(pull(np.ones(3))[1], np.tanh(x) * SCALE)


def first_from_second(x):
    x = x.copy()
    x[0] = x[1] * 0.5
    return x


@pytest.mark.parametrize("dtype", [int, np.float32, bool])
def test_cotangents_and_tangents_take_the_type_of_their_value(dtype):
    x = np.array([1.0, 2.0])
    t = np.array([1, 1], dtype)
    assert bits(jvp(first_from_second, (x,), (t,))[1]) == bits(np.array([0.5, 1.0]))
    assert bits(vjp(first_from_second, x)[1](t)[0]) == bits(np.array([0.0, 1.5]))
    assert bits(vjp(lambda x: x, 2.0)[1](dtype(1))) == bits((1.0,))
    single = jvp(first_from_second, (x.astype(np.float32),), (np.ones(2),))[1]
    assert single.dtype == np.float32
