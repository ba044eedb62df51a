"""Calls of other plain functions, with every kind of argument and result."""

import math

import numpy as np

from .registry import normal, positive, program

SCALE = 1.5


def square(x):
    return x * x


def dense(x, w, b=0.25):
    return x @ w + b


def power(base, exponent=2, *, scale=1.0):
    return scale * base**exponent


def quartic(x):
    return square(square(x)) * SCALE


def soft_step(x, width=1.0):
    if x > width:
        return x * x
    y = x
    for _ in range(2):
        y = y * x + width
        if y > 5.0:
            return y * width
    return y


def polar(x, y):
    return math.hypot(x, y), math.atan2(y, x)


def moments(x):
    centre = np.mean(x)
    return {"mean": centre, "var": np.mean((x - centre) ** 2)}


def double_in_place(x):
    x *= 2.0


def add_and_return(x, y):
    x += y
    return x


def interior(x):
    return x[1:-1]


def same(x):
    return x


def log_of_nothing(x):
    y = math.floor(x)
    return y + 1


def append_to(values, x):
    values.append(x * x)


def clean_up(x):
    x = x * 3.0
    x[0] = 0.5
    return x


@program(0.7, 1.3)
def helper_once(x, y):
    return square(x * y) + x


@program(normal(2), normal(2, 3), normal(3))
def helper_positional_keyword_default(x, w, b):
    a = dense(x, w, b)
    c = dense(w=w, x=x)
    return np.sum(a * dense(x, b=b, w=w) * c)


@program(0.7, 1.3)
def helper_keyword_only(x, y):
    return power(x) + power(y, scale=x) * power(x, 3, scale=y) + power(exponent=y, base=x)


@program(1.1)
def helper_calls_helper(x):
    return quartic(x) * square(x)


@program(normal(3), 0.7)
def helper_of_two_kinds(x, s):
    return np.sum(square(x)) * square(s) + np.sum(square(x @ x))


@program(0.7, 2.3)
def helper_with_branches_and_loops(x, y):
    return soft_step(x) * soft_step(y) + soft_step(x, width=y) + soft_step(y * 0.9, 2.1)


@program(0.7, 1.3)
def helper_returns_a_tuple(x, y):
    r, angle = polar(x, y)
    both = polar(y, r)
    return r * angle + both[0] * both[1]


@program(0.7, 1.3)
def helper_result_partly_used(x, y):
    r, _ = polar(x, y)
    return r * polar(x, r)[1]


@program(normal(4))
def helper_returns_a_dict(x):
    m = moments(x)
    return m["mean"] * m["var"]


@program(0.7, 3)
def helper_in_a_loop(x, n):
    y = x
    for _ in range(n):
        y = square(y) * 0.5 + soft_step(x * y)
    return y


@program(0.7)
def helper_with_a_loop_in_a_branch_of_a_loop(x):
    y = x
    for i in range(3):
        if i != 1:
            y = soft_step(y, 0.9) * x
    return y


@program(0.7)
def nested_calls_in_one_expression(x):
    return square(square(x) + square(x + square(2.0 * x))) * 0.1


@program(normal(3))
def helper_mutates_its_argument(x):
    y = x * x
    double_in_place(y)
    return np.sum(y * x)


@program(normal(3))
def helper_mutates_the_argument_of_the_caller(x):
    double_in_place(x)
    return np.sum(x * x)


@program(normal(3), normal(3))
def helper_mutates_and_returns(x, y):
    a = x * 1.0
    b = add_and_return(a, y)
    b *= y
    return np.sum(a * b * x)


@program(normal(5))
def helper_returns_a_view(x):
    y = x * x
    v = interior(y)
    v *= x[1:-1]
    return np.sum(y * x)


@program(normal(3))
def helper_returns_its_argument(x):
    y = x * x
    z = same(y)
    z += x
    return np.sum(y * z)


@program(normal(5))
def helper_mutates_a_view(x):
    y = x.copy()
    double_in_place(y[1:3])
    add_and_return(y[::2], y[0:3] * 1.0)
    return np.sum(y * y)


@program(normal(3), 2)
def helper_mutates_in_a_loop(x, n):
    y = x * x
    for _ in range(n):
        add_and_return(y, x * y)
    return np.sum(y)


@program(0.7, 3)
def helper_appends_to_a_list(x, n):
    values = []
    for i in range(n):
        append_to(values, x * i)
    return sum(values) * values[-1]


@program(normal(3))
def helper_overwrites_its_copy(x):
    y = clean_up(x)
    return np.sum(y * x)


@program(1.7)
def helper_without_slope(x):
    return x * log_of_nothing(x) + x


def unused(x, y):
    return x


@program(0.7, 1.3)
def helper_ignores_an_argument(x, y):
    return unused(x * x, y * y) + unused(2.0, x)


@program(0.7)
def helper_of_constants(x):
    return x * square(3.0) + power(2.0, 3)


def first_branch(x):
    return np.sin(x)


def second_branch(x):
    return np.cos(x) * x


@program(0.7, True)
def helper_chosen_by_a_branch(x, flag):
    f = first_branch if flag else second_branch
    return f(x) * x


def apply(f, x, *, times=1):
    for _ in range(times):
        x = f(x)
    return x


@program(0.7)
def helper_passed_as_an_argument(x):
    return apply(square, x) * apply(np.sin, x, times=2) + apply(f=second_branch, x=x)


@program(normal(2), {"w": normal(2, 3), "b": normal(3)})
def helper_takes_a_leaf(x, p):
    h = dense(x, p["w"], p["b"])
    return np.sum(np.tanh(h) ** 2)


def predict(p, x):
    h = x
    for w, b in p["layers"]:
        h = np.tanh(dense(h, w, b))
    return h * p["scale"]


@program(
    {"layers": [(normal(2, 3), normal(3)), (normal(3, 2), normal(2))], "scale": 1.2}, normal(2)
)
def helper_takes_a_tree(p, x):
    return np.sum((predict(p, x) - 1.0) ** 2)


def twice(rng):
    x = rng.normal(size=3)
    return (x, x)


@program(together=twice)
def same_array_twice(x, y):
    return np.sum(x * x * y) + np.sum(np.sin(y))


@program(positive(3))
def helper_named_like_an_adjoint(x):
    def_bar = square(x)
    x_bar = same(def_bar)
    return np.sum(x_bar * x)


@program(0.6, 0.2)
def default_argument_used(x, y=0.4):
    return x * y


@program(0.6)
def default_argument_left_out(x, y=0.4, *, power=2):
    return x**power * y


def raised_by_one(values):
    values += 1.0
    values[0] *= 2.0
    return values


@program(normal(2))
def read_before_the_call_that_writes(x):
    y = x * x
    return y[0] * 2.0 + np.sum(raised_by_one(y))
