"""Builtins over containers: sums, extremes, order, `zip`, `enumerate`, stars, numpy on lists."""

import math

import numpy as np

from .registry import normal, positive, program


@program([0.7, 1.3, 0.4], 2.0)
def sum_with_a_start(xs, s):
    return sum(xs, s) * sum([x * x for x in xs], start=1.0)


@program([normal(3), normal(3)])
def sum_of_arrays(xs):
    return np.sum(sum(x * x for x in xs) ** 2)


@program([[0.7], [1.3, 0.4]])
def sum_of_lists_as_start(xs):
    flat = sum(xs, [])  # noqa: RUF017
    return flat[0] * flat[2]


@program([0.7, 1.3, 0.4])
def extremes_of_a_list(xs):
    ys = [x * x for x in xs]
    return max(ys) * min(xs) + max(xs)


@program(0.7, 1.3, 0.9)
def extremes_of_arguments(x, y, z):
    return max(x, y, z) * min(x * y, z, 2.0) + max(0.0, x)


@program([0.7, 1.3, 0.4], [3, 1, 2])
def extreme_by_key(xs, order):
    i = max(range(len(xs)), key=lambda k: order[k])
    pair = min(zip(order, xs), key=lambda p: p[0])
    return xs[i] * pair[1]


@program([0.7, -1.3, 0.4])
def extreme_by_active_key(xs):
    return max(xs, key=abs) ** 2


@program([0.7, 1.3, 0.4])
def extreme_with_default(xs):
    none = [x for x in xs if x > 5.0]
    return max(none, default=xs[0] * 2.0) * max(xs, default=0.0)


@program([0.7, 1.3, 0.4])
def sorted_list(xs):
    ys = sorted(xs)
    zs = sorted([x * x for x in xs], reverse=True)
    return ys[0] * zs[0] + ys[1] * zs[2]


@program([0.7, -1.3, 0.4])
def sorted_by_active_key(xs):
    ys = sorted(xs, key=abs)
    return ys[0] + 2.0 * ys[1] * ys[2] ** 2


@program([0.7, 1.3, 0.4])
def product_of_a_list(xs):
    return math.prod(xs) * math.prod([x + 1.0 for x in xs], start=2.0)


@program([0.7, 1.3, 0.4])
def exact_sum_of_a_list(xs):
    return math.fsum(xs) * math.fsum(x * x for x in xs)


@program((0.7, 1.3), (0.4, 0.9))
def distances(p, q):
    return math.hypot(*p) * math.hypot(p[0], p[1], q[0])


@program(0.7, 1.3)
def hypot_of_a_tuple(x, y):
    p = (x, y * y)
    return np.hypot(*p) * math.hypot(x, y)


@program([0.7, 1.3, 0.4])
def extreme_of_a_starred_list(xs):
    return max(*xs) * min(*xs, 5.0)


@program((0.7, 1.3))
def starred_call_of_a_function(p):
    return math.atan2(*p) * p[0]


@program((0.7, 1.3), 0.5)
def stars_in_displays(p, x):
    a = (*p, x)
    b = [*a, *(x, 2.0)]
    return a[0] * b[2] + b[1] * b[4] * len(b)


@program([0.7, 1.3, 0.4], 0.5)
def stars_of_lists(xs, x):
    a = [*xs, x]
    b = [x, *a, *xs]
    return sum(v * w for v, w in zip(a, b)) * len(b)


@program([0.7, 1.3, 0.4], 0.5)
def star_of_a_comprehension(xs, x):
    return sum([x, *[v * v for v in xs], *(v for v in xs)])


@program([0.7, 1.3, 0.4], [0.2, 0.5])
def zip_of_unequal_lists(xs, ys):
    total = 0.0
    for x, y in zip(xs, ys):
        total += x * y * y
    return total


@program([0.7, 1.3, 0.4], [0.2, 0.5, 0.6])
def zip_strict(xs, ys):
    total = 1.0
    for x, y in zip(xs, ys, strict=True):
        total = total * x + y * y
    return total


@program([0.7, 1.3, 0.4], normal(4), (0.3, 0.2, 0.6))
def zip_of_many(xs, a, t):
    total = 1.0
    for i, (x, v, w) in enumerate(zip(xs, a, t)):
        total = total * x + v * w * i
    return total


@program([0.7, 1.3, 0.4])
def zip_with_itself(xs):
    return sum((b - a) * a for a, b in zip(xs, xs[1:]))  # noqa: RUF007


@program([0.7, 1.3, 0.4])
def enumerate_from_one(xs):
    total = 0.0
    for i, x in enumerate(xs, 1):
        total += x**i
    return total


@program([0.7, 1.3, 0.4])
def reversed_list(xs):
    total = 0.0
    for x in reversed(xs):
        total = total * 0.5 + x * x
    for i, x in enumerate(reversed(xs)):
        total += i * x
    return total * list(reversed(xs))[0]


@program([0.7, 1.3, 0.4])
def list_backwards_by_slice(xs):
    ys = xs[::-1]
    return ys[0] * xs[0] + ys[1] + xs[::2][1]


@program([(0.7, 1.3), (0.4, 0.9)])
def unzipped(pairs):
    a, b = zip(*pairs)
    return sum(a) * b[0] + b[1]


@program([0.7, 1.3, 0.4])
def arrays_of_lists(xs):
    a = np.array(xs) * 2.0
    b = np.array([x * x for x in xs])
    return np.sum(a * b) + np.dot(np.asarray(xs), a)


@program([0.7, 1.3, 0.4])
def numpy_functions_of_lists(xs):
    return np.sum(xs) * np.mean([x * x for x in xs]) + np.dot(xs, xs) + np.max(xs)


@program(normal(2), normal(2))
def joined_in_many_ways(x, y):
    a = np.stack([x, y])
    b = np.vstack([x, y * y])
    c = np.hstack([x, y])
    d = np.column_stack([x, x * y])
    e = np.concatenate([x, y, x])
    return np.sum(a * b) + np.sum(a @ d) + np.sum(c * c) * np.sum(e**2)


@program([normal(2), normal(2), normal(2)])
def joined_lists_of_arrays(xs):
    a = np.vstack(xs)
    b = np.column_stack(xs)
    c = np.hstack([x * x for x in xs])
    return np.sum(a @ b) + np.sum(c)


@program([0.7, 1.3, 0.4])
def any_and_all_of_lists(xs):
    big = [x > 0.5 for x in xs]
    factor = 2.0 if any(big) and not all(big) else 3.0
    return sum(xs) * xs[0] * factor


@program([0.7, 1.3, 0.4])
def membership_of_numbers(xs):
    total = 0.0
    for i, x in enumerate(xs):
        if i in (0, 2) and i not in [5, 6]:
            total += x * x
    return total


@program(positive(4))
def list_of_an_array(x):
    ys = list(x)
    a, b, *rest = ys
    return a * b + sum(rest) * ys[-1]


@program([0.7, 1.3], [0.2, 0.5])
def lists_compared(xs, ys):
    return xs[0] * ys[1] if len(xs) == len(ys) and xs != ys else xs[1]


@program(normal(4))
def map_on_the_right_of_a_part_that_changes(x):
    y = x * 2.0
    y[y > 0.0] += sum(map(np.sin, y[::-1]))
    y[0] += sum(map(lambda c: c * y[1], x))
    return np.sum(y * x)
