"""Derivatives inside of functions that cannot be followed."""

import numpy as np

from srcgrad import grad, jvp, vjp

from .registry import refused

X = np.array([0.3, 0.5])


def energy(x, w):
    return np.sum(np.sin(x * w))


def changing(x):
    x[0] = 2.0 * x[0]
    return np.sum(x**2)


d_energy = grad(energy)
d_changing = grad(changing)


@refused(X, says="`changing` changes its argument `x`", code="d_changing(x)")
def gradient_of_what_changes_its_argument(x):
    return np.sum(d_changing(x))


@refused(X, says="missing a required argument: 'w'", code="d_energy(x)")
def gradient_without_an_argument(x):
    return np.sum(d_energy(x))


@refused(X, says="has no parameter 'k'", code='grad(energy, wrt="k")')
def gradient_by_no_parameter(x):
    return np.sum(grad(energy, wrt="k")(x, x))


@refused(X, 2, says="`wrt` varies here", code="grad(energy, wrt=n - 1)")
def gradient_by_what_varies(x, n):
    return np.sum(grad(energy, wrt=n - 1)(x, x))


@refused(X, 2, says="differentiated by `k`, which is an int", code="grad(lambda k: k * k)(n)")
def gradient_by_an_int(x, n):
    return np.sum(x) * grad(lambda k: k * k)(n)


@refused(X, says="returns an array of shape (2,)", code="z * x")
def gradient_of_an_array(x):
    return np.sum(grad(lambda z: z * x)(x))


@refused(X, says="derivatives call each other here", code="grad(gradient_of_itself)(x)")
def gradient_of_itself(x):
    return np.sum(grad(gradient_of_itself)(x))


@refused(X, says="binds names outside of it", code="grad(counted)(x)")
def gradient_of_what_binds_outside(x):
    count = 0.0

    def counted(z):
        nonlocal count
        count = count + 1.0
        return np.sum(z**2)

    return np.sum(grad(counted)(x)) * count


@refused(X, says="with `*args` or `**kwargs`", code="grad(total)(x, x)")
def gradient_of_what_takes_any(x):
    def total(*parts):
        return np.sum(parts[0] * parts[1])

    return np.sum(grad(total)(x, x))


@refused(X, says="`grad` of `sin` is not supported", code="grad(np.sin)")
def gradient_of_a_library_function(x):
    return grad(np.sin)(x[0])


@refused(X, says="`vjp` in a function that is differentiated", code="vjp(energy, x, x)")
def pullback_inside(x):
    return np.sum(vjp(energy, x, x)[1](1.0)[0])


@refused(X, says="returns `z_dot` itself", code="jvp(lambda z: z, (x,), (x,))")
def tangent_that_is_the_direction(x):
    _, slope = jvp(lambda z: z, (x,), (x,))
    slope[0] = 1.0
    return np.sum(slope)


@refused(X, says="the tangent of `z` is not of the kind", code="jvp(lambda z: np.sum(z**2)")
def tangent_of_another_shape(x):
    return jvp(lambda z: np.sum(z**2), (x,), (x[0],))[1]
