"""Functions that call derivatives of other functions: `grad(energy)(x, w)` and its kin."""

import functools

import numpy as np

import srcgrad
from srcgrad import grad, jvp, value_and_grad

from .registry import normal, positive, program

STIFF = 1.5


def energy(x, w):
    return np.sum(np.tanh(x * w) ** 2) + STIFF * np.sum(x**2)


def scalar_energy(x, k):
    return k * np.sin(x) * x


def looped(x, w):
    s = 0.0
    for i in range(len(x)):
        s = s * 0.5 + np.sin(x[i] * w[i]) * x[i]
    return s * s


def predict(params, x):
    return np.sum(np.tanh(x @ params["w"] + params["b"]))


def well(x):
    return np.sum((x**2 - 1.0) ** 2)


d_energy = grad(energy)
by_weights = grad(energy, wrt="w")
by_both = grad(energy, wrt=("x", "w"))
d_scalar = grad(scalar_energy)
d_looped = grad(looped)
with_value = value_and_grad(energy)
forces = {"well": grad(well), "energy": grad(energy)}


@program(normal(3), normal(3))
def gradient_made_outside(w, x):
    g = d_energy(x, w)
    return np.sum((g - 1.0) ** 2)


@program(normal(3), normal(3))
def gradient_made_inside(w, x):
    g = grad(energy)(x, w)
    return np.sum(g**2) + np.sum(w)


@program(normal(3), normal(3))
def gradient_by_attribute(w, x):
    return np.sum(srcgrad.grad(energy, wrt="w")(x, w) ** 2)


@program(normal(3), normal(3))
def gradient_by_name(w, x):
    return np.sum(by_weights(x=x, w=w) * x)


@program(normal(3), normal(3))
def gradient_by_two(w, x):
    gx, gw = by_both(x, w)
    return np.dot(gx, gw)


@program(normal(3), normal(3))
def gradient_with_value(w, x):
    v, g = with_value(x, w)
    return v * np.sum(g * w)


@program(0.7, 1.2)
def gradient_of_scalar(x, k):
    return d_scalar(x, k) * x + d_scalar(x * k, 2.0)


@program(normal(3), normal(3))
def gradient_of_lambda(w, x):
    g = grad(lambda z: np.sum(np.tanh(z * w) ** 2))(x)
    return np.sum((g - 1.0) ** 2)


@program(normal(3), normal(3))
def gradient_of_inner_function(w, x):
    scale = np.sum(w) * 0.3

    def inner(z, power=2):
        return scale * np.sum(np.sin(z * w) ** power)

    slope = grad(inner)
    return np.sum(slope(x) * x) + np.sum(slope(x, 3))


@program(normal(3), normal(3))
def gradient_by_decorator(w, x):
    @grad
    def slope(z):
        return np.sum(z**3 * w)

    return np.sum(slope(x) ** 2)


@program(normal(3), normal(3))
def gradient_of_inner_that_calls_inner(w, x):
    def squash(z):
        return np.tanh(z * w)

    twice = lambda z: squash(squash(z))  # noqa: E731
    return np.sum(grad(lambda z: np.sum(twice(z)))(x) ** 2)


@program(normal(3), normal(3))
def gradient_of_inner_by_last(w, x):
    by_last = grad(lambda a, b: np.sum(a * b * b * w), wrt=-1)
    return np.sum(by_last(x, w))


@program(normal(3), normal(3))
def product_with_hessian(x, v):
    return np.sum(grad(lambda z: np.dot(grad(well)(z), v))(x) * x)


@program(normal(3), normal(3))
def product_with_hessian_of_lambda(x, w):
    def cost(z):
        return np.sum(np.tanh(z * w) ** 2)

    return np.sum(grad(lambda z: np.dot(grad(cost)(z), w))(x) ** 2)


@program(0.7)
def second_derivative_inside(x):
    return grad(grad(lambda z: np.sin(z) * z**3))(x) * x


@program(0.7, 1.2)
def newton_step(x, k):
    slope = grad(lambda z: scalar_energy(z, k))
    return x - slope(x) / (grad(slope)(x) + 5.0)


@program(normal(3), normal(3))
def inner_steps(w, x):
    for _ in range(3):
        w = w - 0.1 * grad(energy, wrt="w")(x, w)
    return energy(x, w)


def adapted(w, x, rate):
    return w - rate * grad(energy, wrt="w")(x, w)


@program(normal(3), normal(3), 0.1)
def step_in_a_helper(w, x, rate):
    fast = adapted(w, x, rate)
    return energy(x, adapted(fast, x, rate))


@program(normal(4), normal(4))
def gradient_of_a_loop(x, w):
    return np.sum(d_looped(x, w) * w)


@program({"w": normal(3), "b": 0.3}, normal(2, 3))
def gradient_by_parameters(params, x):
    g = grad(predict)(params, x)
    return np.sum(g["w"] ** 2) + g["b"]


@program({"w": normal(3), "b": 0.3}, normal(2, 3))
def penalty_on_gradient_by_input(params, x):
    by_input = grad(predict, wrt="x")(params, x)
    return np.mean(np.sqrt(np.sum(by_input**2, axis=1) + 1e-3))


def with_penalty(model, strength):
    slope = grad(model, wrt="x")

    def loss(x, w):
        return model(x, w) + strength * np.sum(slope(x, w) ** 2)

    return loss


def with_penalty_inside(model, strength):
    def loss(x, w):
        return model(x, w) + strength * np.sum(grad(lambda z: model(z, w))(x) ** 2)

    return loss


program(normal(3), normal(3), name="penalty_from_a_factory")(with_penalty(energy, 0.1))
program(normal(3), normal(3), name="penalty_made_in_a_factory")(with_penalty_inside(looped, 0.1))


@program(normal(3), True)
def one_of_two_gradients(x, first):
    slope = grad(well) if first else grad(lambda z: np.sum(z**3))
    return np.sum(slope(x) ** 2)


@program(normal(3))
def gradient_out_of_a_table(x):
    return np.sum(forces["well"](x) * forces["energy"](x, x * x))


@program(normal(3), normal(3))
def gradient_in_a_branch(x, w):
    if np.sum(x) > 100.0:
        g = grad(energy)(x, w)
    else:
        g = grad(lambda z: np.sum(z**3 * w))(x)
    return np.sum(g * w)


@program(positive(3), normal(3))
def gradient_by_partial(x, w):
    slope = functools.partial(grad(energy), w=w)
    return np.sum(slope(x) ** 2)


@program(normal(2, 3), normal(3))
def gradient_of_each_row(x, w):
    total = 0.0
    for row in x:
        total = total + np.sum(grad(energy)(row, w) ** 2)
    return total


@program(normal(3))
def gradient_that_does_not_vary(x):
    fixed = grad(well)(np.array([0.3, 0.5, 0.7]))
    return np.sum(x * fixed)


@program(normal(3), normal(3), normal(3))
def tangent_of_a_function(x, w, v):
    value, slope = jvp(energy, (x, w), (v, w * x))
    return value * slope


@program(normal(3), normal(3), normal(3))
def tangent_along_one(x, w, v):
    _, slope = jvp(energy, (x, w), (v, None))
    return slope * np.sum(v)


@program(normal(3), normal(3))
def product_by_tangent_of_gradient(x, v):
    return np.sum(jvp(grad(well), (x,), (v,))[1] * x)


@program(normal(3), normal(3), normal(3))
def tangent_of_an_inner_function(x, w, v):
    _, slope = jvp(lambda z: np.tanh(z * w) * np.sum(z), (x,), (v,))
    return np.sum(slope**2)


@program(normal(3), normal(3))
def tangent_of_inner_gradient(x, w):
    def cost(z):
        return np.sum(np.tanh(z * w) ** 2)

    return np.sum(jvp(grad(cost), (x,), (w,))[1])


class Oscillator:
    def __init__(self, stiffness, drag):
        self.stiffness, self.drag = stiffness, drag

    def energy(self, x):
        return np.sum(np.tanh(x * self.stiffness) + self.drag * x**4)

    def force(self, x):
        return -grad(self.energy)(x)


oscillator = Oscillator(np.array([0.4, -0.7, 1.1]), 0.2)
d_oscillator = grad(oscillator.energy)


@program(normal(3), normal(3), 0.3)
def gradient_of_a_method(x, stiffness, drag):
    made = Oscillator(stiffness, drag)
    return np.sum(made.force(x) ** 2) + np.sum(grad(made.energy)(x * 2.0))


@program(normal(3))
def gradient_of_a_method_of_a_global(x):
    return np.sum(d_oscillator(x) * grad(oscillator.energy)(x * x))


def descended(cost, x, rate):
    for _ in range(2):
        x = x - rate * grad(cost)(x)
    return x


@program(normal(3), normal(3), 0.1)
def descent_on_two_costs(x, w, rate):
    y = descended(lambda z: np.sum((z - w) ** 2), x, rate)
    y = descended(lambda z: np.sum((z * w) ** 2), y, rate)
    return np.sum(y**3)


@program(normal(3), normal(3))
def costs_in_a_loop(x, w):
    total = 0.0
    for cost in (lambda z: np.sum(z**2 * w), lambda z: np.sum(np.sin(z) * w)):
        total = total + np.sum(grad(lambda z: cost(z) * 2.0)(x) ** 2)
    return total


@program(normal(3), normal(3))
def variable_bound_after_the_lambda(x, w):
    scale = 1.0
    slope = grad(lambda z: scale * np.sum(z * z * w))
    first = slope(x)
    scale = x[0]
    return np.sum(first * slope(w))


@program(normal(3), normal(3))
def array_changed_between_gradients(x, w):
    y = x * 2.0
    slope = grad(lambda z: np.sum(z * z * y))
    first = slope(x)
    y[1] = w[0] * 3.0
    return np.sum(first * slope(w))


@program(normal(3), normal(3))
def gradient_changed_in_place(x, w):
    g = grad(energy)(x, w)
    g[0] = g[0] * w[1]
    g += x
    return np.sum(g**2)


@program(normal(3), normal(3))
def gradient_at_equal_arguments(x, w):
    a, b = by_both(x, x)
    return np.dot(a, b * w)


@program({"w": normal(3), "b": 0.3}, normal(3))
def tangent_along_parameters(params, x):
    value, slope = jvp(
        lambda p: np.sum(np.tanh(x * p["w"] + p["b"])), (params,), ({"w": x, "b": 1.0},)
    )
    return value * slope


@program(normal(3), normal(3))
def steps_until_flat(x, w):
    for _ in range(20):
        g = grad(lambda z: np.sum((z - w) ** 2))(x)
        if np.sum(g**2) < 0.5:
            break
        x = x - 0.2 * g
    return np.sum(x * w)
