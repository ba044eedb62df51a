"""Loops: for over everything, while, break and continue, carried and local values."""

import math

import numpy as np

from .registry import normal, positive, program


@program(0.8, 4)
def integer_trip_count(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x + 0.1
    return y


@program(0.8, 0)
def zero_trips(x, n):
    y = x * x
    for i in range(n):
        y = y * x * i
    return y * x


@program(0.8)
def range_with_step(x):
    y = x
    for i in range(1, 9, 3):
        y = y + x**i
    for i in range(4, 0, -2):
        y = y * x + i
    return y


@program(0.8, 4)
def reversed_range(x, n):
    y = 0.3
    for i in reversed(range(n)):
        y = y * (x + i)
    return y


@program(0.9, 3)
def loop_variable_read_afterwards(x, n):
    y = x
    for i in range(n):
        y = y * x
    return y * i


@program(0.9, 5)
def index_in_a_test(x, n):
    y = x
    for i in range(n):
        if i % 2 == 0:
            y = y * x
        else:
            y = math.sin(y)
    return y


@program(0.9, 3)
def bound_in_the_loop_read_afterwards(x, n):
    y = x
    for i in range(n):
        t = y * x
        y = t * t + i
    return y * t


@program(normal(3))
def loop_variable_reuses_a_name(x):
    s = np.sum(x)
    r = s * s
    for s in x:
        r = r + s * s * r
    return r * s


@program(0.6, 3)
def temporary_of_the_loop(x, n):
    s = 0.0
    for i in range(n):
        e = math.exp(x * i)
        r = e / (1.0 + e)
        s += r * r
    return s


@program(0.6, 0.4, 4)
def two_carried_values(x, y, n):
    for _ in range(n):
        x, y = y * 0.9, x * y + 0.1
    return x * y


@program(0.6, 3)
def carried_under_a_branch(x, n):
    y = x
    z = 1.0
    for i in range(n):
        if y < 0.7:
            z = z * y
            y = y + z * 0.2
        y = y * 1.1
    return y * z


@program(0.5, 3, 2)
def nested_loops(x, n, m):
    y = x
    for i in range(n):
        z = y
        for j in range(m):
            z = z * x + 0.1 * j
            y = y + z * z * 0.1
        y = y * z + i
    return y


@program(0.5, 3)
def triangular_loops(x, n):
    y = 1.0
    for i in range(n):
        for j in range(i):
            y = y * (x + j) + 0.1
    return y * x


@program(0.6, 3)
def inner_loop_bound_changes(x, n):
    y = x
    k = n
    for _ in range(n):
        for _ in range(k):
            y = y * x + 0.2
        k -= 1
    return y


@program(normal(4))
def over_an_array(x):
    p = 1.0
    for v in x:
        p = p * v + v * v
    return p


@program(normal(3, 2))
def over_rows(a):
    h = np.zeros(2)
    for row in a:
        h = np.tanh(h + row)
    return np.sum(h * h)


@program(normal(3, 2), normal(3))
def zip_rows_and_elements(a, b):
    s = 0.0
    for row, v in zip(a, b):
        s = s + np.sum(row * v) ** 2
    return s


@program(normal(4), normal(3))
def zip_of_unequal_lengths(x, y):
    s = 0.0
    for u, v in zip(x, y):
        s = s * u + v
    return s


@program(normal(4))
def enumerated(x):
    s = 0.0
    for i, v in enumerate(x):
        s += (i + 1) * v * v * s + v
    return s


@program(normal(2, 3), 2)
def enumerated_from_a_start(a, k):
    s = 0.0
    for i, (p, q, r) in enumerate(a, start=k):
        s += i * p * q * r
    return s


@program(normal(4))
def reversed_array(x):
    s = 0.5
    for v in reversed(x):
        s = s * v + 1.0
    return s


@program([0.4, 1.3, -0.7])
def over_a_list(xs):
    s = 1.0
    for v in xs:
        s = s * v + v
    return s


@program((0.4, 1.3, -0.7))
def over_a_tuple_backwards(xs):
    s = 1.0
    for v in reversed(xs):
        s = s * v + v
    return s


@program(0.7, 1.3)
def over_a_display(x, y):
    s = 0.0
    for v in (x, y, x * y):
        s = s + v * v * s + v
    for w in [y, 2.0]:
        s = s * w
    return s


@program({"a": normal(2), "b": normal(3)})
def over_dict_items(p):
    s = 0.0
    for name, v in p.items():
        s = s + np.sum(v * v) * (2.0 if name == "a" else 1.0)
    return s


@program({"a": 0.4, "b": 1.4, "c": 0.3})
def over_dict_keys_and_values(p):
    s = 1.0
    for name in p:
        s = s * p[name] + 1.0
    for v in p.values():
        s = s + v * s
    return s


@program(0.8, [2, 1, 3])
def over_inactive_list(x, powers):
    s = 0.0
    for k in powers:
        s += x**k * k
    return s


@program(0.7)
def over_strings(x):
    for name in ("sin", "cos", "sin"):
        x = math.sin(x) * x if name == "sin" else math.cos(x)
    return x


@program(normal(4))
def accumulate_by_index(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] * x[i] * (i + 1)
    return np.sum(y * x)


@program(normal(2, 3), positive(3))
def double_index_loop(a, x):
    y = np.zeros(2)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            y[i] += a[i, j] * x[j]
    return np.sum(y**2)


@program(0.8, 3)
def loop_invariant_expression(x, n):
    scale = math.exp(x)
    y = 1.0
    for _ in range(n):
        y = y + math.sin(scale * x) * y
    return y


@program(0.8, 3)
def constant_after_the_first_trip(x, n):
    y = x
    z = x * x
    for i in range(n):
        y = z
        z = 3.0
    return y + z * x


@program(0.8, 3)
def overwritten_without_use(x, n):
    y = x * x
    for i in range(n):
        y = x * i
    return y


@program(normal(3), 3)
def float_becomes_an_array(x, n):
    y = 0.0
    for i in range(n):
        y = y * x + x
    return np.sum(y)


@program(0.7, 3, 2)
def two_loops_share_names(x, n, m):
    y = x
    for i in range(n):
        t = y * x
        y = y + t
    for i in range(m):
        t = y * y
        y = t * 0.5
    return y


@program(0.9)
def loop_with_floor(x):
    y = x
    for i in range(int(3.7)):
        y = y + x * y
    return y


@program(positive(3), 3)
def normalised_every_step(x, n):
    for _ in range(n):
        x = x * x + 1.0
        x = x / np.sum(x)
    return x[0] * x[1]


@program(normal(5), 3)
def array_shrinks_in_a_loop(x, n):
    for _ in range(n):
        x = x[1:] * x[:-1]
    return np.sum(x)


@program(normal(2), 2)
def array_grows_in_a_loop(x, n):
    y = x
    for _ in range(n):
        y = np.concatenate([y, y[1:] * y[0]])
    return np.sum(y * y)


@program(0.7, 3)
def loop_bound_rebound(x, n):
    y = x
    for i in range(n):
        n = n - 1
        i = i * 2
        y = y * x + i
    return y * (n + 1)
