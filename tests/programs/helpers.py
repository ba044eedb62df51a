"""Helpers: parameters and defaults of all kinds, calls in all places, results of all kinds."""

import functools
import math

import numpy as np

from . import calls
from .registry import normal, program

WEIGHTS = np.array([0.5, 1.5, -2.0])


def square(x):
    """Another helper than that of the same name in `calls`."""
    return x * x * 0.5 + x


@program(0.7)
def helpers_of_one_name(x):
    return square(x) * calls.square(x)


@functools.cache
def kept_cube(x, scale=1.0):
    return scale * x**3


@functools.cache
def kept_sine(x):
    return math.sin(kept_cube(x))


@program(0.7)
def kept_results_of_helpers(x):
    return kept_sine(x) * kept_cube(x, scale=2.0) + kept_cube(x)


@functools.cache
def kept_power(x, n):
    return 1.0 if n == 0 else x * kept_power(x, n - 1)


@program(0.7, 4)
def kept_recursion(x, n):
    return kept_power(x, n)


def doubled(f):
    @functools.wraps(f)
    def wrapper(x, y):
        return 2.0 * f(x, y) + y

    return wrapper


@doubled
def decorated_product(x, y):
    return x * y * y


@program(0.7, 1.2)
def wrapped_helper(x, y):
    return decorated_product(x, y) + decorated_product(y=x, x=y)


def mixed(a, /, b, *, c=2.0, d):
    return a * b * c + d * d


@program(0.7, 1.3)
def parameters_of_all_sorts(x, y):
    return mixed(x, b=y, d=x * 2.0) + mixed(y, x, d=1.0, c=x)


def weighted(x, weights=WEIGHTS * 2.0, *, offset=np.float64(0.5), labels=("a", "b")):
    return np.sum(x * weights) + offset * len(labels)


@program(normal(3))
def array_as_default(x):
    return weighted(x) ** 2 + weighted(x * x, WEIGHTS)


def scaled_by(x, factors=[1.5, 2.5], table={"k": 3.0}):
    return x * factors[1] * table["k"] + x * x * factors[0]


@program(0.7)
def list_and_dict_as_defaults(x):
    return scaled_by(x) * scaled_by(x, [x, 2.0])


def none_by_default(x, y=None, scale=None):
    if y is None:
        y = x * 2.0
    return y * x if scale is None else y * x * scale


@program(0.7)
def none_as_default(x):
    return none_by_default(x) + none_by_default(x, x * x) + none_by_default(x, scale=x)


@program(0.3)
def call_in_a_while_test(x):
    while calls.square(x) < 0.5:
        x = x * 1.2
    return calls.square(x)


@program(0.7, 1.3)
def calls_in_tests(x, y):
    if calls.square(x) > 1.0 or not calls.square(y) > 1.0:
        return calls.square(x)
    return calls.square(y) * x if calls.square(y) > calls.square(x) else y


@program(0.7, 1.3)
def calls_in_conditional_expressions(x, y):
    a = square(x) if calls.square(y) > 1.0 else square(y)
    b = (x > 0.0 and square(x)) or square(y)
    return a * b


def middle(n):
    return n // 2


@program(normal(5))
def call_in_a_subscript(x):
    y = x * 2.0
    y[middle(len(x))] = square(x[middle(4)])
    return np.sum(y * y) + x[middle(2)]


@program(normal(4))
def calls_in_comprehensions(x):
    squares = [square(t) for t in x]
    return sum(squares) * sum([calls.square(s) for s in squares if s > square(-0.1)])


@program(0.7)
def calls_of_calls(x):
    return square(square(x) + calls.square(square(x) * x))


@program(normal(3), 2)
def calls_in_a_loop_header(x, n):
    total = 0.0
    for i in range(middle(2 * n)):
        total = total + square(x[i])
    return total


def remember(x):
    x * x


@program(0.7)
def helper_without_result(x):
    remember(x)
    y = remember(x)
    return x * x if y is None else x


def one_or_other(x, flag):
    return None if flag else x * x


@program(0.7)
def result_by_a_flag(x):
    a, b = one_or_other(x, True), one_or_other(x, False)
    return b * x if a is None else x


def float_or_array(x):
    return x * x if x[0] > 5.0 else 0.5


@program(normal(3))
def result_of_two_ranks(x):
    return np.sum(float_or_array(x) * x)


def structured(x):
    return {"pair": (x, [x * x, 2.0 * x]), "sum": np.sum(x)}


@program(normal(3))
def nested_result(x):
    found = structured(x)
    first, (second, third) = found["pair"]
    return np.sum(first * second * third) * found["sum"]


@program(normal(3))
def part_of_a_nested_result(x):
    return np.sum(structured(x * 2.0)["pair"][1][0] ** 2)
