"""Names and surroundings: globals, closures, defaults, methods, unusual variable names."""

import functools
import math
import math as m
from math import exp, pi
from math import sin as sine

import numpy
import numpy as npy
from numpy import linalg, tanh

from .registry import normal, positive, program

GRAVITY = 9.81
WEIGHTS = npy.array([0.5, -1.0, 2.0])
LABEL = "scaled"
BUFFER = npy.zeros(2)


@program(0.7)
def global_constants(x):
    return x * GRAVITY * pi if LABEL == "scaled" else x


@program(normal(3))
def global_array(x):
    return npy.sum(WEIGHTS * x * x) + WEIGHTS[0] * x[1]


@program(0.7, refused="may share")
def global_array_written(x):
    BUFFER[0] = x
    BUFFER[1] = BUFFER[0] * x
    return BUFFER[1] * x


@program(normal(3))
def other_import_names(x):
    y = tanh(x) * numpy.sin(x) + sine(0.3) * m.cos(0.2)
    return npy.sum(y) * linalg.norm(x) * exp(x[0])


@program(normal(3))
def adjoint_like_names(x):
    x_bar = x * x
    bar = npy.sum(x_bar)
    tape = [bar, x[0]]
    x_tape = tape[0] * tape[1]
    return x_tape * bar


@program(0.7, 1.3)
def tangent_like_names(x, x_dot):
    x_bar = x * x_dot
    dot = x_bar * x
    y_bar, y = dot, x_bar
    return y_bar * y * x_dot


@program(normal(3))
def numpy_like_names(np_):
    np = np_ * 2.0
    y_1 = npy.sum(np * np_)
    y = y_1 * np[0]
    return y * y_1


@program(0.7)
def shadowed_builtins(x):
    sum = x * x
    len = sum * x
    range = len + sum
    return range * x


@program(0.7)
def names_of_runtime_helpers(x):
    unbroadcast = x * x
    grad = unbroadcast * x
    out_bar = grad + unbroadcast
    seed = out_bar * grad
    return seed


@program(0.7, 2)
def underscores(x, _n):
    _ = x * x
    __y = _ * x
    for _ in range(_n):
        __y = __y * x
    return __y * _


@program(0.8)
def unicode_names(θ):
    Δ = θ * θ
    return Δ * numpy.sin(θ)


@program(0.7)
def docstring_and_comments(x):
    """Return a number.

    With an "odd" docstring: it\'s got quotes.
    """
    # a comment of its own
    y = x * x  # a comment at the end

    # another one
    return y * x


@program(0.7)
def strings_and_prints(x):
    y = x * x
    name = f"value {y:.3f} of {int(2.5)!r}"
    print(name, "and", x, end="")
    assert y > 0, f"not positive: {y}"
    return y * len(name) * x


@program(normal(3))
def asserted_shapes(x):
    assert x.ndim == 1 and x.shape == (3,), "a vector"
    n = x.shape[0]
    assert n
    return npy.sum(x * x) / n


@program(0.7, 1.3)
def annotated_names(x: float, y: "float") -> float:
    z: float = x * y
    w: "float"
    w = z * x
    return w


# fmt: off
@program(0.5)
def several_statements_on_a_line(x):
    y = x * x; z = y * x  # noqa: E702
    if z > 0: z = z * y  # noqa: E701
    return z
# fmt: on


@program(normal(3), 2.0)
def long_expression_over_lines(x, s):
    return (
        npy.sum(
            x * x * s,
        )
        + s**2
        - x[0]  # the first
    )


def scaled_by(k, w):
    def scaled(x):
        return npy.sum(k * w * x * x)

    return scaled


program(normal(3), name="closure_over_float_and_array")(scaled_by(1.7, npy.array([1.0, 2.0, 0.5])))


def counted(n, names):
    def repeated(x):
        y = x
        for _ in range(n):
            y = y * x + len(names)
        return y

    return repeated


program(0.7, name="closure_over_an_int_and_a_list")(counted(2, ["a", "b"]))


def composed(f, g):
    def both(x):
        return f(g(x)) * x

    return both


program(0.7, name="closure_over_functions")(composed(lambda u: u * u, m.sin))

program(0.7, name="a_lambda")(lambda x: x * x * sine(x))
first, second = (lambda x: x * x), (lambda x: x * x * x)
program(0.7, name="first_lambda_of_a_line")(first)
program(0.7, name="second_lambda_of_a_line")(second)


def doubled(function):
    @functools.wraps(function)
    def wrapper(x):
        return 2.0 * function(x) + x

    return wrapper


@program(0.7)
@doubled
def decorated(x):
    return x * x


class Spring:
    """A spring with a stiffness, for the methods of the corpus."""

    def __init__(self, stiffness):
        self.stiffness = stiffness

    def energy(self, x):
        return 0.5 * self.stiffness * npy.sum(x * x)

    @staticmethod
    def cube(x):
        return x * x * x


program(normal(3), name="bound_method")(Spring(1.7).energy)
program(0.7, name="static_method")(Spring.cube)


@program(positive(3), normal(3))
def positional_only(x, /, y):
    return npy.sum(x * y * y)


@program(normal(3))
def attribute_chains(x):
    n = x.T.shape[-1]
    return numpy.linalg.norm(x) * n + x.T.sum() * x.copy().mean() + x.astype(float)[0] ** 2


@program(0.7)
def name_like_a_numbered_life(x):
    x_2 = math.sin(x) + 1.0
    y = x * 2.0
    for _ in range(2):
        x = x * y
    z = x
    x = x * x
    return x * x_2 * z * y


@program(normal(4))
def loop_binds_what_it_goes_through(x):
    s = 0.0
    for v in x:
        x = x * v
        s += v
    for i, v in enumerate(x[1:]):
        x = x + v * i
    return s + npy.sum(x)


@program(normal(4))
def loop_binds_both_of_a_zip(x):
    s = 0.0
    y = x * 2.0
    for u, v in zip(x, y):
        y = y * u
        x = x + v
        s += u * v
    return s + npy.sum(x * y)


@program(normal(4))
def loop_target_of_the_same_name(x):
    s = 1.0
    for x in x:
        s += s * x * x
    return s * x


@program([1.0, 2.0, 3.0])
def loop_binds_its_list(xs):
    s = 1.0
    for v in xs:
        s = s * v
        xs = [s, v]
    return s + xs[0] * xs[1]
