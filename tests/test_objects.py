"""Objects as arguments: the structure of gradients, paths, guards, exports, and what is refused."""

import dataclasses
import functools
import importlib.util
from dataclasses import InitVar, dataclass, field
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from srcgrad import check_grad, grad, jvp, value_and_grad, vjp
from srcgrad.errors import BadArgument, BadValue, SrcgradError, Unsupported


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Layer:
    w: np.ndarray
    b: np.ndarray
    act: object = None


@dataclass(frozen=True, slots=True)
class Model:
    layers: list
    scale: float
    name: str = "net"


calls = []


@dataclass
class Loud:
    w: float
    twice: float = field(init=False)
    hint: InitVar[int] = 0

    def __post_init__(self, hint):
        calls.append(hint)
        self.twice = 2.0 * self.w


class Plain:
    def __init__(self, w):
        self.w = w
        self.count = 0


def layer(seed=0):
    rng = np.random.default_rng(seed)
    return Layer(rng.normal(size=(2, 2)), rng.normal(size=2))


def forward(model, x):
    h = x
    for part in model.layers:
        h = np.tanh(h @ part.w + part.b)
    return np.sum(h) * model.scale


def total(model, x):
    return np.sum(model.w * x)


def loud(model):
    return model.w * model.twice


def written(model, x):
    model.w = model.w * x
    model.count += 1
    return model.w * model.w


def corner(p, q):
    return p.x * q["at"].y


def test_gradient_has_the_class_of_a_dataclass():
    model = Model([layer(1), layer(2)], 0.5)
    found = grad(forward)(model, np.ones((3, 2)))
    assert type(found) is Model
    assert [type(part) for part in found.layers] == [Layer, Layer]
    assert found.name is None
    assert found.layers[0].act is None
    assert found.layers[0].w.shape == (2, 2)
    assert isinstance(found.scale, float)


def test_gradient_of_a_namedtuple_and_of_a_plain_object():
    assert grad(corner)(Point(1.0, 2.0), {"at": Point(3.0, 4.0)}) == Point(4.0, 0.0)
    by_q = grad(corner, wrt="q")(Point(1.0, 2.0), {"at": Point(3.0, 4.0)})
    assert by_q == {"at": Point(0.0, 1.0)}
    found = grad(total)(Plain(np.ones(2)), 3.0)
    assert type(found) is SimpleNamespace
    np.testing.assert_array_equal(found.w, [3.0, 3.0])
    assert found.count is None


def test_no_code_of_the_user_makes_a_gradient():
    model = Loud(1.5)
    calls.clear()
    found = grad(loud)(model)
    assert type(found) is Loud
    assert (found.w, found.twice) == (3.0, 1.5)
    _, pull = vjp(loud, model)
    assert pull(1.0)[0] == found
    assert not calls


def test_callables_and_strings_in_a_tree_have_no_gradient():
    model = Layer(np.ones(2), np.ones(2), np.tanh)
    found = grad(lambda m: np.sum(m.w * m.b))(model)
    assert found.act is None


def test_tangents_are_objects_or_records():
    model = Model([layer(1)], 0.5)
    x = np.ones((3, 2))
    step = Model([layer(3)], 2.0)
    same = SimpleNamespace(
        layers=[SimpleNamespace(w=step.layers[0].w, b=step.layers[0].b, act=None)],
        scale=2.0,
        name=None,
    )
    value, tangent = jvp(forward, (model, x), (step, None))
    assert jvp(forward, (model, x), (same, None)) == (value, tangent)
    found = grad(forward)(model, x)
    want = np.sum(found.layers[0].w * step.layers[0].w) + found.scale * 2.0
    assert tangent == pytest.approx(want + np.sum(found.layers[0].b * step.layers[0].b))


def test_a_tangent_of_another_structure_is_refused():
    with pytest.raises(BadArgument, match="an object with the attributes w, b, act"):
        jvp(total, (layer(), 1.0), (SimpleNamespace(w=np.ones((2, 2))), None))


def test_cotangents_of_objects():
    def moved(p, h):
        return Point(p.x + h * p.y, p.y)

    value, pull = vjp(moved, Point(1.0, 2.0), 0.5)
    assert value == Point(2.0, 2.0)
    assert pull(Point(1.0, 3.0)) == (Point(1.0, 3.5), 2.0)
    assert pull(Point(1.0, 3.0)) == (Point(1.0, 3.5), 2.0)


PATHS = ["model.scale", "model.layers[0].w", "model.layers[1].b", "model.layers[-1]"]


@pytest.mark.parametrize("path", PATHS)
def test_paths(path):
    model, x = Model([layer(1), layer(2)], 0.5), np.ones((3, 2))
    whole = grad(forward)(model, x)
    want = eval(path, {"model": whole})
    found = grad(forward, wrt=path)(model, x)
    if isinstance(want, Layer):
        found, want = found.w, want.w
    np.testing.assert_array_equal(found, want)
    assert f"with respect to {path}." in grad(forward, wrt=path).source_for(model, x)


def test_several_paths():
    model, x = Model([layer(1), layer(2)], 0.5), np.ones((3, 2))
    value, (w, by_x) = value_and_grad(forward, wrt=("model.layers[0].w", "x"))(model, x)
    assert value == forward(model, x)
    np.testing.assert_array_equal(w, grad(forward)(model, x).layers[0].w)
    np.testing.assert_array_equal(by_x, grad(forward, wrt="x")(model, x))


def test_paths_into_dicts_and_tuples():
    def f(params, x):
        return params["w"][0] * x + params["p"].y

    params = {"w": (2.0, 3.0), "p": Point(1.0, 2.0)}
    assert grad(f, wrt="params['w'][0]")(params, 5.0) == 5.0
    assert grad(f, wrt=("params['p'].y", "params['p'][0]"))(params, 5.0) == (1.0, 0.0)


WRONG_PATHS = {
    "model.gone": "has no part `model.gone`",
    "model.layers[7].w": "has no part",
    "model.name": "which is the str 'net'",
    "other.w": "has no parameter 'other.w'",
    "model[": "has no parameter",
    "x[0]": "has no part",
    ("model", "model.scale"): "names a parameter twice",
    ("model.layers[0]", "model.layers[-1].w"): "names a parameter twice",
}


@pytest.mark.parametrize("wrt", WRONG_PATHS, ids=str)
def test_wrong_paths(wrt):
    with pytest.raises(BadArgument) as caught:
        grad(forward, wrt=wrt)(Model([layer()], 0.5), np.ones((3, 2)))
    assert WRONG_PATHS[wrt] in str(caught.value)


def test_guard_sees_attributes():
    g = grad(total)
    assert g(Plain(2.0), 3.0).w == 3.0
    np.testing.assert_array_equal(g(Plain(np.ones(2)), 3.0).w, [3.0, 3.0])
    assert g(SimpleNamespace(w=2.0), 3.0) == SimpleNamespace(w=3.0)
    more = Plain(2.0)
    more.extra = 1.0
    assert g(more, 3.0).extra == 0.0
    assert not hasattr(g(Plain(2.0), 3.0), "extra")
    assert g(Plain(2.0), 3.0).w == 3.0


def test_guard_sees_flags():
    def f(options, x):
        return x * x if options.square else 3.0 * x

    g = grad(f, wrt="x")
    assert g(SimpleNamespace(square=True), 2.0) == 4.0
    assert g(SimpleNamespace(square=False), 2.0) == 3.0
    assert g(SimpleNamespace(square=True), 2.0) == 4.0


def test_guard_of_slots():
    class Slots:
        __slots__ = ("more", "w")

    def f(s, x):
        return s.w * x

    one, two = Slots(), Slots()
    one.w, two.w, two.more = 1.0, np.ones(2)[0], 3.0
    g = grad(f)
    assert g(one, 2.0) == SimpleNamespace(w=2.0)
    assert g(two, 2.0).w == 2.0
    del one.w
    with pytest.raises((AttributeError, SrcgradError)):
        g(one, 2.0)


def test_an_effect_is_left_in_the_object():
    model = Plain(1.5)
    found = grad(written)(model, 2.0)
    assert (model.w, model.count) == (3.0, 1)
    assert found.w == 2.0 * 3.0 * 2.0
    value, pull = vjp(written, model, 2.0)
    assert (value, model.w, model.count) == (36.0, 6.0, 2)
    assert pull(1.0)[1] == pull(1.0)[1] == 2.0 * 6.0 * 3.0
    assert (model.w, model.count) == (6.0, 2)


def test_a_written_object_must_not_be_another_argument():
    def f(m, p):
        m.w = 2.0 * p.w
        return m.w * p.w

    g = grad(f)
    assert g(Plain(1.0), Plain(2.0)).w == 0.0
    same = Plain(1.0)
    with pytest.raises(BadValue, match="shares memory"):
        g(same, same)
    with pytest.raises(BadValue, match="shares memory"):
        grad(f)(same, same)


def test_a_flag_that_a_call_sets():
    def unset(m):
        m.on = False
        return 1.0

    def f(m, x):
        y = unset(m)
        if m.on:
            return x * y
        return x * x * m.w * y

    assert grad(f, wrt="x")(SimpleNamespace(on=True, w=2.0), 3.0) == 12.0


class Lazy:
    def __getattr__(self, name):
        return 1.0


class Spying:
    def __init__(self):
        self.w = 1.0

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)


def ring():
    out = Plain(1.0)
    out.count = out
    return out


def chain(n):
    out = None
    for _ in range(n):
        out = SimpleNamespace(w=1.0, inner=out)
    return out


class Tagged(np.ndarray):
    pass


def view():
    return SimpleNamespace(w=np.ones(2).view(Tagged))


ODD = {
    "getattribute": (Spying, "its own __getattribute__"),
    "cycle": (ring, "`model.count`, which is a Plain that holds itself"),
    "depth": (lambda: chain(40), "too deep or too large"),
    "size": (lambda: SimpleNamespace(**{f"w{i}": 1.0 for i in range(2000)}), "too large"),
    "subclass": (view, "model.w is a Tagged"),
    "set": (lambda: SimpleNamespace(w={1.0}), "`model.w`, which is"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_objects_are_refused_by_name(name):
    make, words = ODD[name]
    with pytest.raises(BadArgument) as caught:
        grad(total)(make(), 1.0)
    assert words in str(caught.value)


def test_a_class_that_invents_attributes():
    odd = Lazy()
    odd.w = 2.0
    with pytest.raises(BadArgument, match="of the type Lazy"):
        grad(total)(odd, 1.0)
    assert grad(total, wrt="x")(odd, 1.0) == 2.0


def test_cached_values_are_no_fields():
    class Cached:
        def __init__(self):
            self.w = 2.0

    def f(m, x):
        return m.area * x

    Cached.area = functools.cached_property(lambda self: self.w**2)
    Cached.area.__set_name__(Cached, "area")
    thing = Cached()
    assert thing.area == 4.0
    with pytest.raises(SrcgradError, match="area"):
        grad(f)(thing, 1.0)


def test_frozen_objects_are_not_written():
    def f(m, x):
        m.scale = m.scale * x
        return m.scale

    with pytest.raises(Unsupported, match="which is frozen"):
        grad(f)(Model([], 1.0), 2.0)


def test_nested_writes_of_another_kind_are_refused():
    def f(m, x):
        m.inner.w = np.ones(3) * x
        return np.sum(m.inner.w)

    with pytest.raises(Unsupported, match="held by another object, and was of another kind"):
        grad(f)(SimpleNamespace(inner=Plain(1.0)), 2.0)


def test_export(tmp_path):
    path = tmp_path / "exported.py"
    model, x = Model([layer(1)], 0.5), np.ones((3, 2))
    g = grad(forward)
    g.export(path, example=((model, x), {}))
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    have, want = module.forward_grad(model, x), g(model, x)
    assert type(have) is Model
    np.testing.assert_array_equal(have.layers[0].w, want.layers[0].w)


def test_export_with_helpers(tmp_path):
    def f(models, i, x):
        return models[i].w * models[0].w * x

    path = tmp_path / "exported_helpers.py"
    args = ([Plain(1.0), Plain(2.0)], 1, 3.0)
    grad(f).export(path, example=(args, {}))
    assert "srcgrad" not in path.read_text().replace("Generated by srcgrad", "")
    namespace = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    assert [m.w for m in namespace["f_grad"](*args)] == [m.w for m in grad(f)(*args)] == [6.0, 3.0]


def test_check_grad_knows_objects():
    check_grad(forward, Model([layer(1), layer(2)], 0.5), np.ones((3, 2)))
    check_grad(corner, Point(1.0, 2.0), {"at": Point(3.0, 4.0)})
    check_grad(total, Plain(np.ones(2)), 3.0, wrt="model.w")


def test_methods_of_arguments():
    class Bowl:
        def __init__(self, w):
            self.w = w

        def loss(self, x):
            return np.sum(self.w * x**2)

    bowl = Bowl(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(grad(bowl.loss)(np.ones(2)), [2.0, 4.0])
    found = grad(Bowl.loss, wrt="self")(bowl, np.full(2, 3.0))
    np.testing.assert_array_equal(found.w, [9.0, 9.0])


def test_replace():
    def f(model, x):
        other = dataclasses.replace(model, scale=model.scale * x)
        return other.scale * model.scale

    assert grad(f)(Model([], 2.0), 3.0).scale == 12.0
