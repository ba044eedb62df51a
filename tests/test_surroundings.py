"""What a gradient relies on besides its arguments: a change of it is seen at the next call."""

import enum
import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest

from srcgrad import grad, jvp

X = np.array([0.3, -0.7, 1.1])
WIDE = np.linspace(0.2, 1.2, 6).reshape(2, 3)

SCALE = 2.0
CHOICE = True
WEIGHTS = [2.0, 3.0]
OPTIONS = {"mode": "a", "weight": 2.0}
MODEL = SimpleNamespace(w=np.ones(3), square=False)
CONFIG = sys.modules["config_of_a_test"] = types.ModuleType("config_of_a_test")
CONFIG.weight = 2.0
CONFIG.call = np.exp


def helper(x, power=2, *, factor=2.0):
    return x**power * factor


def other(x, power=2, *, factor=2.0):
    return np.sin(x) * factor + 0.0 * power


def by_global(x):
    return np.sum(x * x) * SCALE if CHOICE else np.sum(x**3)


def by_helper(x):
    return np.sum(helper(x))


def by_containers(x):
    s = np.sum(x * OPTIONS["weight"])
    if OPTIONS["mode"] == "b":
        s = s * s
    for w in WEIGHTS:
        s = s + np.sum(x * w)
    return s


def by_attributes(x):
    y = x * MODEL.w * CONFIG.weight
    return np.sum(y * y) if MODEL.square else np.sum(CONFIG.call(y))


def by_builtin(x):
    return max(x[0], x[1]) * abs(x[2])


def with_default(x, weights=WEIGHTS):
    return np.sum(x * x) * weights[0]


def difference(function, x, step=1e-6):
    out = np.zeros_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        out[i] = (function(up) - function(down)) / (2.0 * step)
    return out


def product(a, b):
    return a * b


CHANGES = [
    (by_global, "SCALE", 5.0),
    (by_global, "SCALE", 3),
    (by_global, "CHOICE", False),
    (by_helper, "helper", other),
    (by_helper, "helper.__code__", other.__code__),
    (by_helper, "helper.__defaults__", (3,)),
    (by_helper, "helper.__kwdefaults__", {"factor": 5.0}),
    (by_containers, "OPTIONS", {"mode": "b", "weight": 1.0}),
    (by_containers, "OPTIONS['mode']", "b"),
    (by_containers, "OPTIONS['weight']", WIDE),
    (by_containers, "WEIGHTS[0]", WIDE),
    (by_containers, "WEIGHTS", [1.0]),
    (by_attributes, "MODEL.w", WIDE),
    (by_attributes, "MODEL.w", 2.0),
    (by_attributes, "MODEL.square", True),
    (by_attributes, "CONFIG.weight", WIDE),
    (by_attributes, "CONFIG.call", np.sin),
    (by_builtin, "max", product),
    (with_default, "with_default.__defaults__", ([7.0],)),
    (with_default, "WEIGHTS[0]", 7.0),
]


@pytest.mark.parametrize(("function", "place", "value"), CHANGES)
def test_a_change_is_seen(function, place, value):
    df = grad(function)
    ones = np.ones(3)
    names = globals()
    np.testing.assert_allclose(df(X), difference(function, X), rtol=1e-5, atol=1e-7)
    jvp(function, (X,), (ones,))
    absent = object()
    old = eval(place, names) if place.split("[")[0].split(".")[0] in names else absent
    names["_value"] = value
    try:
        exec(f"{place} = _value", names)
        want = difference(function, X)
        np.testing.assert_allclose(df(X), want, rtol=1e-5, atol=1e-7)
        tangent = jvp(function, (X,), (ones,))[1]
        np.testing.assert_allclose(tangent, np.sum(want), rtol=1e-5, atol=1e-6)
    finally:
        names["_value"] = old
        exec(f"del {place}" if old is absent else f"{place} = _value", names)
    np.testing.assert_allclose(df(X), difference(function, X), rtol=1e-5, atol=1e-7)


def cubic(x):
    return helper(x, 3) * SCALE * MODEL.w[0]


@pytest.mark.parametrize(
    ("place", "value"),
    [("SCALE", 5.0), ("helper", other), ("MODEL.w", np.full(3, 3.0)), ("SCALE", 3)],
)
def test_a_change_is_seen_by_a_tower(place, value):
    second = grad(grad(cubic))
    first = grad(cubic)
    names = globals()
    old = eval(place, names)
    assert abs(second(0.7) - 12.0 * 0.7 * SCALE) < 1e-9
    names["_value"] = value
    try:
        exec(f"{place} = _value", names)
        want = (first(0.7 + 1e-6) - first(0.7 - 1e-6)) / 2e-6
        assert abs(second(0.7) - want) < 1e-6
    finally:
        names["_value"] = old
        exec(f"{place} = _value", names)
    assert abs(second(0.7) - 12.0 * 0.7 * SCALE) < 1e-9


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_an_int_argument_may_be_negative(axis):
    def f(x, axis):
        return np.sum(np.sum(x, axis=axis) ** 2 * np.array([1.0, 2.0, 3.0]))

    a = np.arange(9.0).reshape(3, 3)
    want = difference(lambda v: f(v.reshape(3, 3), axis), a.ravel()).reshape(3, 3)
    df = grad(f)
    df(a, 0)
    np.testing.assert_allclose(df(a, axis), want, rtol=1e-5)


def by_order(d):
    s = 0.0
    for i, v in enumerate(d.values()):
        s = s + (i + 1) * v * v
    return s


def by_class(x, items):
    return sum(x * x if isinstance(v, int) else v * x for v in items)


class Mode(enum.StrEnum):
    SQUARE = "square"
    CUBE = "cube"


def by_member(x, mode):
    return x * x if mode == "square" else x**3


def test_the_order_of_keys():
    df = grad(by_order)
    assert df({"a": 2.0, "b": 3.0}) == {"a": 4.0, "b": 12.0}
    assert df({"b": 2.0, "a": 3.0}) == {"b": 4.0, "a": 12.0}


def test_the_classes_of_items():
    df = grad(by_class)
    assert df(2.0, [3.0, 1]) == 7.0
    assert df(2.0, [3.0, 1.0]) == 4.0
    assert df(2.0, [3, 1]) == 8.0


def test_the_ranks_of_items():
    df = grad(lambda v: np.sum(v[0]) * np.sum(v[1]))
    assert type(df([np.ones(2), 2.0])[1]) in (float, np.float64)
    assert [type(g) for g in df([1.0, 2.0])] != [np.ndarray, np.ndarray]


def test_the_member_of_an_enumeration():
    df = grad(by_member)
    assert df(2.0, Mode.SQUARE) == 4.0
    assert df(2.0, Mode.CUBE) == 12.0
    assert df(2.0, "square") == 4.0


def test_an_int_among_floats_does_not_vary():
    value, tangent = jvp(lambda v: v[0] * v[1], ([2.0, 3],), ([1.0, None],))
    assert (value, tangent) == (6.0, 3.0)
