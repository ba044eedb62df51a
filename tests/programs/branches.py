"""Branches: if, conditional expressions, comparison chains, early and several returns."""

import math

import numpy as np

from .registry import normal, program


@program(-2.5, 1.0)
def huber(r, delta):
    size = abs(r)
    if size <= delta:
        return 0.5 * r * r
    return delta * (size - 0.5 * delta)


@program(0.7)
def branch_taken(x):
    y = x
    if x > 0.0:
        y = x * x
    return y * x


@program(-0.7)
def branch_not_taken(x):
    y = x
    if x > 0.0:
        y = x * x
    return y * x


@program(0.4, 0.9)
def if_elif_else(x, y):
    if x > y:
        z = x * y
    elif x > 0.0:
        z = x - y * y
    else:
        z = y / x
    return z * x


@program(1.4)
def test_variable_is_rebound(x):
    y = x * x
    if y > 1.0:
        y = math.sin(y)
        x = x * y
    else:
        y = math.cos(y)
    return x * y


@program(0.8)
def both_arms_overwrite(x):
    y = x * x
    if y > x:
        y = y * y
    else:
        y = y * x + 1.0
        y = math.exp(y)
    y = y * y
    return y


@program(0.8)
def nested_branches(x):
    y = x * 2.0
    if y > 1.0:
        if y > 2.0:
            y = y * x
        else:
            y = y * y
            if x > 0.5:
                y += x
    return y


@program(0.8, -0.6)
def conditional_expressions(x, y):
    z = x if x > y else y
    w = x * y if y > 0 else (x - y if x > 0.5 else y * y)
    return z * w + (x if y else 0.0) + (0.0 if x > 0 else x)


@program(0.8, -0.6)
def conditional_operand(x, y):
    return (x * x if y < 0 else y) * (y if x < 0 else x * y)


@program(0.8, -0.6, True, None)
def boolean_operators(x, y, flag, nothing):
    if x > 0 and y < 0 and flag:
        x = x * y
    if (x > 0 or y > 0) and not flag:
        x = x + 100.0
    if not (nothing is not None or x > y):
        x = x * x
    return x * y


@program(0.8, 0)
def or_and_of_values(x, y):
    a = y or x
    b = x and x * 2.0
    return a * b + (y and x)


@program(0.8, 1.6)
def comparison_chains(x, y):
    z = x
    if 0.0 < x < y < 2.0:
        z = x * y
    if 0.0 < x > y:
        z = z + 100.0
    return z * (1.0 if x != y == y else 2.0)


@program(0.8)
def bool_variable(x):
    positive = x > 0
    x = x - 2.0
    if positive:
        return x * x
    return x


@program(0.3)
def early_returns(x):
    if x > 2.0:
        return x
    y = x * x
    if y > 1.0:
        return y * x
    z = y + x
    if z < 1.0:
        w = z * y
        return w * w
    return z * z


@program(0.7, 1.3)
def returns_at_several_depths(x, y):
    if x > 0:
        z = x * y
        if z > 1.0:
            return z * z
        if y > 1.0:
            z = z * z
            if z > 0.5:
                return z * x
            z = z + y
    else:
        z = y
    return z * y


@program(0.7)
def return_in_both_arms(x):
    y = x * x
    if x > 1.0:
        return y
    else:
        y = y * x
        return y + x


@program(0.7)
def guard_clause_without_slope(x):
    if x < 0:
        return 0.0
    return x * x


@program(-0.7)
def constant_branch(x):
    if x < 0:
        return 0.0
    return x * x


@program(0.7, "cube")
def string_argument(x, kind):
    if kind == "square":
        return x * x
    elif kind in ("cube", "third"):
        return x * x * x
    return x


@program(normal(3), None, "mean")
def none_and_string_arguments(x, weights, reduction):
    y = x * x if weights is None else x * x * weights
    return np.mean(y) if reduction == "mean" else np.sum(y)


@program(normal(3), normal(3), "sum")
def given_weights(x, weights, reduction):
    y = x * x if weights is None else x * x * weights
    return np.mean(y) if reduction == "mean" else np.sum(y)


@program(0.7, 1.9, True)
def boolean_argument(x, y, flag):
    if flag:
        x, y = y, x
    return x * x - y


@program(0.7, 1.9)
def tuple_from_a_branch(x, y):
    if x < y:
        small, large = x, y * y
    else:
        small, large = y, x
    return small * large - small


@program(normal(3))
def branch_on_an_array(x):
    y = x * 2.0
    if np.sum(x) > 0:
        y = y * x
    elif np.any(x > 100.0) or np.all(x > 0):
        y = np.sin(y)
    else:
        y = y * x * x
    return np.sum(y * x)


@program(normal(3), 0.4)
def float_or_array(x, s):
    if s > 0:
        y = x * s
    else:
        y = s
    return np.sum(y * x)


@program(0.6)
def pass_and_ellipsis(x):
    if x > 0:
        pass
    else:
        x = 0.0
    ...
    return x * x


@program(0.6)
def variable_of_one_branch(x):
    if x > 0:
        t = x * x
    if x > 0.5:
        t = t * x
    return t


@program(1.2)
def branch_after_branch(x):
    a = x
    if x > 1:
        a = a * x
    b = a
    if a > 1.3:
        b = a * a
    if b < a:
        a = b
    return a * b * x


@program(0.5)
def return_of_a_conditional(x):
    return x * x if x > 0 else -x
