"""Programs that were wrong or crashed once; random programs showed it, and they were made small."""

import numpy as np

from .registry import normal, program


@program(normal(3), 1)
def one_element_written_twice_at_once(x, n):
    x[n], x[1] = x[1] * 2.0, x[2]
    return x[1] * x[2] * x[0]


@program(normal(3), 2)
def swap_of_an_element_with_itself(x, n):
    x[-1], x[n] = x[n], x[-1]
    return np.sum(x * x[0])


@program([0.3, 0.7, 1.1], 2)
def swap_of_items_that_may_be_one(p, n):
    q = [v * v for v in p]
    q[n], q[2] = q[2], q[n]
    return q[0] * q[2] + q[1]


@program(normal(3))
def minimum_that_is_subtracted(x):
    return 1.0 - min(x[2] * x[0], 50.0)


@program(normal(3))
def least_of_three_that_is_subtracted(x):
    return 1.0 - min(50.0, 40.0, x[2] * x[0])


@program(normal(3), normal(3, 3))
def argument_written_and_bound_again_in_a_loop(x, A):
    for _ in range(2):
        x += 1.0
        x = np.sum(A * x, axis=0)
    return np.sum(x * x)


@program(normal(3))
def argument_written_before_it_is_bound_in_a_loop(x):
    x[2] *= 0.5
    for _ in range(2):
        x = x**2
    return np.sum(x) * x[2]


@program(normal(3))
def tapes_before_and_inside_a_branch(x):
    v = 0.3
    for _ in range(3):
        x = x * np.sin(x)
    if x[0] < 50.0:
        while True:
            if v > 1.0:
                break
            v *= 1.7
            x[2] += v * x[1]
            x[1] *= x[2]
        return v * x[2]
    return x[1]


def views(a):
    return 1.5, a[1::2]


@program(normal(4))
def helper_that_returns_a_view_in_a_tuple(x):
    w, y = views(x * x)
    return np.sum(y) * w


@program(normal(4))
def tuples_of_a_helper_in_a_loop(x):
    t = 0.1
    for _ in range(3):
        w, y = views(x * t)
        t += np.sum(y) * w
    return t


@program(normal(3))
def alias_on_one_path_read_before_a_write(x):
    c = x if x[0] < 50.0 else x * 2.0
    s = np.sum(c**2)
    x[2] += 1.0
    return s * x[0]


@program(normal(3))
def array_unpacked_before_it_is_written(x):
    for _ in range(2):
        q, r, p = x
        p += np.sum(x)
    x[-2] *= q * r
    return np.sum(x) * p


@program([[0.3, 0.7], [1.1, -0.4]])
def list_taken_from_an_argument(p):
    y = p.pop(0)
    return y[0] * p[0][1]
