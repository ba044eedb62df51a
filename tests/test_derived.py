"""Derivatives that functions call: what their texts rely on, and what is printed."""

import importlib.util

import numpy as np
import pytest

from srcgrad import grad, jvp

X = np.array([0.3, -0.7, 1.1])
W = np.array([0.5, 0.4, -0.2])
SCALE = 2.0


class Model:
    def __init__(self, w):
        self.w = w

    def energy(self, x, power=2):
        return np.sum(np.tanh(x * self.w)) * SCALE + np.sum(x**power)

    def force(self, x):
        return -grad(self.energy)(x)


def helper(x):
    return np.sin(x)


def other(x):
    return np.cos(x) * x


def energy(x, w):
    return SCALE * np.sum(helper(x * w) ** 2)


def stiff(x, w):
    return SCALE * np.sum((x * w) ** 4)


model = Model(W)
slope = grad(energy)
force = grad(model.energy)


def by_gradient_outside(x, w):
    return np.sum(slope(x, w) ** 2)


def by_gradient_inside(x, w):
    return np.sum(grad(energy)(x, w) ** 2)


def by_lambda(x, w):
    return np.sum(grad(lambda z: energy(z, w))(x) ** 2)


def by_tangent(x, w):
    return jvp(energy, (x, w), (w, x))[1] ** 2


def by_model(x, w):
    return np.sum(force(x) * w) + np.sum(grad(model.energy)(x, 3))


EVERY = (by_gradient_outside, by_gradient_inside, by_lambda, by_tangent, by_model)


def differences(f, x, w):
    h = 1e-6
    steps = h * np.eye(len(x))
    return np.array([(f(x + s, w) - f(x - s, w)) / (2 * h) for s in steps])


def close(f, df):
    np.testing.assert_allclose(df(X, W), differences(f, X, W), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("f", EVERY)
def test_what_an_inner_function_relies_on_is_seen(f, monkeypatch):
    df = grad(f)
    close(f, df)
    for name, value in [
        ("SCALE", 3.0),
        ("SCALE", np.array(2.5)),
        ("helper", other),
        ("energy", stiff),
        ("slope", grad(stiff, wrt="w")),
        ("model", Model(X * W)),
        ("force", grad(Model(2.0 * W).energy)),
    ]:
        monkeypatch.setitem(globals(), name, value)
        close(f, df)


@pytest.mark.parametrize("f", EVERY)
def test_new_code_of_an_inner_function_is_seen(f, monkeypatch):
    df = grad(f)
    close(f, df)
    monkeypatch.setattr(helper, "__code__", (lambda x: np.tanh(x) * x).__code__)
    close(f, df)
    monkeypatch.setattr(energy, "__code__", (lambda x, w: np.sum(np.exp(x * w))).__code__)
    close(f, df)


def test_an_attribute_of_the_object_of_a_method_is_read_live(monkeypatch):
    df = grad(by_model)
    close(by_model, df)
    monkeypatch.setattr(model, "w", X)
    close(by_model, df)
    monkeypatch.setattr(model, "w", 2.0)
    close(by_model, df)


@pytest.mark.parametrize("f", EVERY)
def test_lengths_of_one_are_told_from_others(f, monkeypatch):
    df = grad(f)
    monkeypatch.setattr(model, "w", 0.5)
    for x, w in [(X, W), (X[:1], W[:1]), (X, W[:1]), (X[:2], W[:2])]:
        if f is by_tangent and len(x) != len(w):
            continue
        found = df(x, w)
        np.testing.assert_allclose(found, differences(f, x, w), rtol=1e-6, atol=1e-8)


def test_an_inner_gradient_is_a_function_of_the_module():
    text = grad(by_gradient_outside).source_for(X, W)
    assert "def energy_grad_fwd(x, w):" in text
    assert "def energy_grad_bwd(w, " in text
    assert "# adjoint of: return np.sum(slope(x, w) ** 2)" in text


def by_hessian(x, w):
    return np.sum(grad(lambda z: np.dot(grad(stiff)(z, w), w))(x) * x)


@pytest.mark.parametrize("f", [by_gradient_inside, by_lambda, by_hessian])
def test_a_gradient_with_inner_ones_is_exported_whole(f, tmp_path):
    file = tmp_path / "exported.py"
    grad(f).export(file, example=((X, W), {}))
    assert "srcgrad import" not in file.read_text()
    spec = importlib.util.spec_from_file_location("exported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    np.testing.assert_array_equal(getattr(module, f"{f.__name__}_grad")(X, W), grad(f)(X, W))


def well_fwd(x):
    return np.sum((x**2 - 1.0) ** 2)


def well_grad(x, w):
    return np.sum(np.sin(x) * w)


def of_like_names(x, w):
    a = grad(lambda z: well_fwd(z) * well_grad(z, w))
    return np.sum(a(x) * grad(well_grad)(x, w)) + well_fwd(x) * well_grad(x, w)


def test_functions_of_the_user_may_have_the_names_of_generated_ones():
    close(of_like_names, grad(of_like_names))
    close(lambda x, w: grad(of_like_names)(x, w)[0], first_of_hessian)


def first_of_hessian(x, w):
    rows = [jvp(grad(of_like_names), (x, w), (e, 0.0 * w))[1][0] for e in np.eye(len(x))]
    return np.array(rows)
