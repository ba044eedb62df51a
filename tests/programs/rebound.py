"""Variables bound again to functions of themselves, whose derivative reads value and operand."""

import functools
import math

import numpy as np

from .registry import normal, positive, program


@program(0.7, 1.3)
def hypotenuse_of_itself(x, p):
    for _ in range(3):
        x = np.hypot(x + 1.0, p)
    return x


@program(0.3, 1.1)
def power_of_itself(x, p):
    for _ in range(3):
        x = (x + 1.0) ** p
    return x


@program(0.7, 1.3)
def exponents_of_itself(x, p):
    for _ in range(2):
        x = np.logaddexp(0.5 * x, p - x)
    return x


@program(-0.7)
def size_of_itself(x):
    for _ in range(2):
        x = np.abs(x + 1j)
    return x


@program(0.7, 1.3)
def norm_of_itself(x, p):
    for _ in range(3):
        x = max(x * 0.5 - 1.0, p * x)
        x = np.linalg.norm(np.array([x + 1.0, p]))
        x = math.sqrt(x + p) / (x + 2.0)
    return x


@program(normal(3), 1.3)
def items_of_themselves(y, p):
    y = y.copy()
    for i in range(3):
        y[i] = np.hypot(y[i] + 1.0, p)
        y[0] = np.logaddexp(y[0] + 1.0, y[i])
        y = np.hypot(y + 1.0, p)
    return np.sum(y)


@program(0.7, 1.3)
def key_of_itself(x, p):
    table = {"a": x, "b": p}
    for _ in range(3):
        table["a"] = np.hypot(table["a"] + 1.0, table["b"])
        table["b"], table["a"] = table["a"] ** table["b"], np.hypot(table["b"] - 1.0, p)
    return table["a"] + table["b"]


@program(0.7, 1.3)
def two_of_each_other(x, p):
    for _ in range(3):
        x, p = np.hypot(x + 1.0, p), np.logaddexp(p + 2.0, x)
        x = np.hypot(x + p, p) if x > p else np.hypot(p - x, x)
    return x * p


@program(normal(3))
def size_in_a_handler(x):
    y = x[2]
    try:
        y = y[1]
    except IndexError:
        y = np.abs(y + 1j)
    finally:
        y += y
    return y


def pick(a, low):
    for v in a:
        if v < low:
            break
    else:
        made = functools.partial(np.multiply, 2.0)
        return made(a[0])
    return a[1]


def picked_twice(a, low):
    for _ in range(2):
        for i in range(3):
            if a[i] > 5.0:
                return a[i]
        else:
            if low > 0.0:
                return pick(a, low) * 3.0
    return a[2]


@program(np.array([0.5, 0.7, 1.2]))
def returns_in_the_else_of_a_loop(x):
    first = functools.partial(picked_twice, low=0.6)
    second = functools.partial(picked_twice, low=0.1)
    third = functools.partial(picked_twice, low=-0.1)
    fourth = functools.partial(picked_twice, 6.0 * x, 0.2)
    return first(x) + second(x) * first(x) + third(x) + fourth() + np.sum(x * x)


def changes(a):
    a[1] *= a[0]
    return a * a


@program(normal(3), 2.0)
def recorded_array_changed_in_a_helper(x, n):
    s = changes(x)
    s[1] = s[0] * n + s[1]
    for _ in range(2):
        x = s - 0.5 * s
        x[[0, 2]] *= n * s[1]
    return s[-1] * s[1] - x[0] * x[2]


def roots(a):
    return np.sqrt(np.full(3, a))


@program(normal(3), 0.9, 1)
def argument_becomes_a_result_that_is_written(x, s, n):
    if s > 0.5:
        x = roots(s)
    x[:] *= 2.0 + s
    for _ in range(n):
        x = roots(s * x[1])
    x[1:] *= x[0]
    return x[2] * x[1]


@program(normal(3), 0.9, 0)
def argument_stays_and_is_written(x, s, n):
    if s < 0.5:
        x = roots(s)
    x[:] *= 2.0 + s
    for _ in range(n):
        x = roots(s * x[1])
    x[1:] *= x[0]
    return x[2] * x[1]


@program(normal(3), np.array([0, 2, 0]))
def items_between_repeated_ones(x, i):
    first = x[2] * np.sum(x[[0, 0]]) + x[0]
    second = x[1] * np.sum(x[i]) * x[2] + x[0] * x[1]
    return first * second


def raised(a):
    a[-1] += 1.0


def bent(b):
    return np.tanh(b)


def last_of_many(a, b):
    raised(a)
    for _, v in zip(a, a):
        a = bent(b * v)
    return a


@program(normal(3), normal(3))
def name_bound_in_a_loop_to_a_result(x, y):
    w = last_of_many(x, y)
    w[0] *= w[1]
    return np.sum(w * w)


def kept_or_new(a):
    with np.errstate(over="ignore"):
        if a[2] < 0.8:
            return np.sin(a)
        a += 1.0
    return np.ones(3)


@program(np.array([0.5, 0.7, 1.2]), np.array([0.5, 0.7, 0.2]))
def unpacked_result_of_two_paths(x, y):
    a, b, c = kept_or_new(x)
    d, e, g = kept_or_new(y)
    return a * b + c + np.sum(x) + d * e + g * np.sum(y)


@program(normal(3), 2)
def list_copied_as_a_whole_after_its_item_is_read(x, k):
    s = [x[2] * x[1], x[0] ** 2]
    t = 1.0
    for _ in range(3):
        t = t * x[0] + s[0]
    while k:
        s = s[:]
        k -= 1
    return t * s[1] + s[0]


@program(normal(3), 2)
def list_of_dicts_copied_after_an_entry_is_read(x, k):
    s = [{"b": x[2] * x[1]}, {"b": x[0]}]
    t = 1.0
    for _ in range(3):
        t = t * x[0] + s[0]["b"]
    while k:
        s = s[:1] + s[1:]
        k -= 1
    return t * s[1]["b"]


@program(1.5)
def two_names_for_a_root_of_itself(x):
    for _ in range(3):
        w = x = np.sqrt(x + 1.0)
    return x * w


@program(0.7)
def two_names_for_a_power_in_a_branch(a):
    t, x = 0.0, 1.0
    if a > 0:
        w = x = np.exp(a)
        t = t + w * x
    return t + x


@program(normal(2, 3), 0.7)
def two_names_for_a_root_that_a_number_varies(x, a):
    w = x
    for i in range(3):
        w = x = np.sqrt(a * np.ones((2, 3)) + np.sum(x * x))
        a = a + x[0, 0] if i else a
    return np.sum(x) * np.sum(w)


@program(positive(2), 1.3)
def power_put_into_a_list_and_under_a_name(x, p):
    held = [1.0, 2.0]
    t = 0.0
    for i in range(3):
        if i != 1:
            held[0] = x = (x * x + 1.0) ** p
        t = t + np.sum(x)
    return np.sum(x) + t + np.sum(held[0])


@program(positive(3))
def two_names_for_what_a_branch_makes(x):
    b = np.cumsum(x)
    s = x[0]
    for k in range(2):
        if k:
            z = b
            b += z
            w = v = np.sqrt(s * np.ones((2, 3)))
            b = v[:2, 1] - z[-2:] * w[0, 0]
        s = s + b[-1]
    return s * np.sum(b)


def times(a):
    def inner(b):
        return a * b

    return inner


def times_later(a):
    return lambda c: lambda b: a * b * c


def twice_given(a):
    yield a
    yield a * 2.0


@program(0.7)
def function_keeps_the_argument_it_was_made_with(x):
    r = x * 2.0
    f = times(r)
    r = r * 2.0
    return r + f(1.0)


@program(0.7)
def functions_made_in_a_loop_keep_their_arguments(x):
    r = x * 2.0
    f = times(r)
    for _ in range(2):
        g = times_later(r)(x)
        r *= 2.0
        r = r + f(x) * g(1.0)
    return r + f(1.0)


@program(0.7)
def function_keeps_what_a_loop_binds_later(x):
    f = times(x)
    for x in (1.0, 2.0):
        pass
    return {"a": [f(1.0)]}["a"][0] + x


@program(0.7)
def generator_keeps_its_argument(x):
    r = x * 2.0
    found = twice_given(r)
    r = np.sin(r)
    return r * sum(found)


@program(normal(3))
def function_sees_what_is_written_into_its_argument(x):
    y = x * 2.0
    f = times(y)
    y[0] *= x[1]
    return np.sum(f(x))
