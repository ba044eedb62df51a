"""Lists and tuples of numbers where numpy makes arrays of them."""

import numpy as np

from .registry import normal, positive, program


@program(normal(3))
def list_times_array(x):
    return np.sum(x * [1.0, x[0], 3.0]) + np.sum([0.5, 2.0, x[1]] * x)


@program(normal(3), normal(2, 3))
def tuple_plus_matrix(x, y):
    return np.sum((y + (x[0], 2.0, x[2])) ** 2)


@program(positive(3))
def power_of_a_list(x):
    return np.sum(x ** [1, 2, 3]) - np.sum([2.0, x[0], 3.0] / x)


@program(normal(3))
def product_with_a_list(x):
    w = [x[1], -1.0, 2.0]
    return (x @ w) ** 2 + np.dot([1.0, x[0], 0.5], x)


@program(normal(2), np.array([[0.5, -1.0], [2.0, 0.3]]), wrt=("v",))
def matrix_compared_with_a_list(v, a):
    return np.sum((a > [0.0, 1.0]) * v)


@program(normal(3))
def list_added_in_place(x):
    y = x * 2.0
    y += [x[0], 1.0, x[2] * x[1]]
    y[1:] *= (x[1], 2.0)
    return np.sum(y * y)


@program(normal(3))
def list_written_into_a_part(x):
    y = x * 2.0
    y[:2] = [3 * x[1] * x[0], x[0]]
    return np.sum(y * y)


@program(normal(3))
def pairs_written_into_rows(x):
    y = np.zeros((3, 2))
    for i in range(3):
        y[i] = x[i], x[i] ** 2
    y[:2, 1] = [0.5 * x[0], 3]
    return np.sum(y * y)


@program(normal(3))
def comprehension_written_into_an_array(x):
    y = np.zeros((3, 2))
    y[...] = [[x[i], x[0] * x[i]] for i in range(3)]
    return np.sum(y**3)


@program(normal(3))
def list_that_has_grown_written_into_a_column(x):
    y = np.zeros((3, 2))
    entries = [x[0], x[1]]
    entries.append(x[2])
    y[:, 0] = entries
    y[1:, 1] = [0, 1]
    return np.sum(y**3)


@program(normal(3))
def state_written_as_a_pair(x):
    s = np.zeros(2)
    pos, vel = x[0], x[1]
    for _ in range(3):
        pos, vel = pos + 0.1 * vel, vel - 0.1 * pos * x[2]
        s[:] = pos, vel
    return s[0] * s[1]


@program(normal(3))
def flags_in_a_list(x):
    return np.sum(np.where([True, False, True], x, [1.0, x[0] ** 2, 2.0]))
