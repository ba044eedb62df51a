"""Arrays written by mask, by index array, in loops and branches, and arguments written."""

import numpy as np

from .registry import normal, positive, program


@program(normal(4), 3)
def written_in_a_branch(x, k):
    y = x.copy()
    if x[0] > -10.0:
        y[k] = x[0] * x[1]
    else:
        y[0] = 5.0
    if k > 5:
        y *= 2.0
    return np.sum(y * y)


@program(normal(3, 4))
def written_in_nested_loops(a):
    b = a.copy()
    for i in range(1, 3):
        for j in range(1, 4):
            b[i, j] = b[i - 1, j] * b[i, j - 1] + b[i, j]
    return np.sum(b)


@program(normal(4), 3)
def written_under_a_branch_in_a_loop(x, n):
    y = x.copy()
    for i in range(n):
        if y[i] > 0:
            y[i + 1] *= y[i]
        else:
            y[i] = y[i + 1] * x[0]
    return np.sum(y * y)


@program(positive(5))
def written_before_a_break(x):
    y = x.copy()
    s = 0.0
    for i in range(4):
        y[i] *= y[i + 1]
        s = s + y[i]
        if s > 1.5:
            break
        y[i + 1] += s
    return s * np.sum(y)


@program(normal(7), 0.1, 3)
def heat(u0, k, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


@program(normal(7), 0.05, 3)
def burgers(u0, dt, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] -= dt * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u**2)


@program(normal(6), 4)
def jacobi_with_two_buffers(x, n):
    a = x.copy()
    b = x.copy()
    for _ in range(n):
        b[1:-1] = a[1:-1] * a[2:] + 0.5 * a[:-2]
        a, b = b, a
    return np.sum(a * a) + b[1]


@program(normal(4), 3)
def copied_in_every_trip(x, n):
    y = x
    for i in range(n):
        y = y.copy()
        y[i] = y[i] * y[i + 1]
    return np.sum(y * x)


@program(normal(3), 3)
def new_array_in_every_trip(x, n):
    s = 0.0
    for i in range(n):
        t = np.zeros(3)
        t[0] = x[i]
        t[1:] = x[:2] * s
        s = s + np.sum(t * t)
    return s


@program(normal(6))
def mask_augmented(x):
    y = x * x[::-1]
    y[y > 0] *= 2.0
    y[y < 0] += x[0]
    return np.sum(y * x)


@program(normal(6))
def mask_assigned(x):
    y = x * 2.0
    mask = y > 0.2
    y *= -1.0
    y[mask] = y[mask] * x[mask]
    y[~mask] = 0.0
    return np.sum(y * x)


@program(normal(2, 3), 0.7)
def mask_assigned_a_float(a, s):
    b = a * a
    b[a > 0] = s
    b[a[:, 0] < 0, 1] = s * s
    return np.sum(b * a)


@program(normal(5), normal(3), np.array([4, 0, 2]))
def index_array_assigned(x, v, index):
    y = x * x
    y[index] = v * v
    y[index] += y[[0, 1, 2]]
    return np.sum(y * x)


@program(normal(4), normal(3))
def repeated_index_array_assigned(x, v):
    y = x * x
    y[[1, 1, 2]] = v
    return np.sum(y * x)


@program(normal(4), normal(3), np.array([3, 0, 3]))
def repeated_index_array_augmented(x, v, index):
    y = x * x
    y[index] += v
    y[index] *= 2.0 * v
    return np.sum(y * x)


@program(normal(3, 4), normal(3), np.array([1, 0, 3]))
def pairs_assigned(a, v, labels):
    b = a * a
    b[np.arange(3), labels] -= 1.0
    b[np.arange(3), labels] *= v
    return np.sum(b * a)


@program(normal(4), np.array([2, 0]))
def index_array_changed_after_use(x, index):
    i = index.copy()
    y = x[i] * x[:2]
    i[0] = 3
    return np.sum(y * x[i])


@program(normal(3), normal(3), wrt=("x",))
def coefficient_changed_after_use(x, k):
    c = k.copy()
    s = np.sum(c * x * x)
    c[0] = 5.0
    c *= 2.0
    return s * np.sum(c * x)


@program(normal(4), wrt=("x",))
def mask_changed_after_use(x):
    mask = x > 0
    y = np.where(mask, x * x, x)
    mask[:] = False
    return np.sum(y * x) + np.sum(mask)


@program(normal(4), normal(4))
def argument_mutated(x, y):
    s = np.sum(x * y)
    x *= 2.0
    x[1] = s
    return np.sum(x * x * y)


@program(normal(4))
def argument_mutated_through_a_name(x):
    y = x
    y += 1.0
    z = y
    z[0] = x[1] * y[2]
    return np.sum(x * x)


@program(normal(4))
def argument_rebound_not_mutated(x):
    y = x
    y = y + 1.0
    y *= x
    return np.sum(x * y)


@program({"w": normal(3), "b": normal(3)})
def leaf_of_an_argument_mutated(p):
    p["w"] *= 2.0
    p["b"][0] = p["w"][1]
    return np.sum(p["w"] * p["w"] * p["b"])


@program(normal(4), 3)
def argument_mutated_in_a_loop(x, n):
    for i in range(n):
        x[i + 1] += x[i] * x[i]
    return np.sum(x)


@program(normal(4))
def elements_swapped(x):
    y = x * x
    y[0], y[1] = y[1], y[0]
    y[2], y[3] = y[3] * y[0], y[2] + y[1]
    return np.sum(y * x)


@program(normal(5))
def bubble_sort(x):
    y = x * x
    for i in range(len(y)):
        for j in range(len(y) - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return np.sum(y * np.arange(5.0)) + y[0] * x[0]


@program(normal(2, 3))
def rows_swapped_as_views(a):
    b = a * a
    b[0], b[1] = b[1], b[0]
    return np.sum(b * a)


@program(normal(2, 3))
def rows_swapped_by_an_index(a):
    b = a * a
    b[[0, 1]] = b[[1, 0]]
    return np.sum(b * a)


@program(normal(3, 3))
def lower_triangle_eliminated(a):
    b = a + 4.0 * np.eye(3)
    for k in range(3):
        for i in range(k + 1, 3):
            factor = b[i, k] / b[k, k]
            b[i] = b[i] - factor * b[k]
    return b[0, 0] * b[1, 1] * b[2, 2]


@program(normal(4), wrt=("x",))
def inactive_array_written_by_loop_index(x):
    w = np.zeros(4)
    for i in range(4):
        w[i] = i * 0.5
        w[0] += 1.0
    return np.sum(w * x * x)


@program(normal(3))
def scalar_index_expressions(x):
    y = np.zeros(6)
    for i in range(3):
        y[2 * i] = x[i]
        y[2 * i + 1] = x[-i - 1] * y[2 * i]
        y[(i + 4) % 6] += x[i] * 0.5
    return np.sum(y * y)


@program(normal(4))
def index_variable_changes(x):
    y = x * x
    i = 0
    y[i] = x[1]
    i += 1
    y[i] *= y[i - 1]
    i, y[i] = 2, y[0] * x[3]
    y[i], i = y[i] * x[0], 0
    return np.sum(y * x) * y[i]


@program(positive(3))
def written_in_a_while_loop(x):
    y = x.copy()
    i = 0
    while y[0] < 4.0:
        i += 1
        if i % 2 == 0:
            y[1:] *= y[0]
            continue
        y[0] = y[0] * 1.5 + y[1] * 0.1
    return np.sum(y * x)


@program(normal(5))
def added_at_repeated_indices(x):
    y = x * x
    np.add.at(y, np.array([0, 2, 2, 1, 0]), x * x)
    np.subtract.at(y, [1, 1], x[:2] * y[3])
    np.add.at(y, 4, x[0])
    return np.sum(y * y)


@program(normal(5))
def added_at_parts_and_in_loops(x):
    y = np.outer(x, x)
    np.add.at(y[1], [0, 0, 2], x[:3])
    for i in range(2):
        np.add.at(y, (np.array([i, i]), np.array([1, 1])), x[3:] * y[2, 2])
        if x[i] > 0.0:
            np.subtract.at(y.T, [0, 0], x)
    return np.sum(y * y)


def scattered(out, where, value):
    np.add.at(out, where, value)
    return out


@program(normal(4))
def added_at_by_a_helper(x):
    y = x * x
    scattered(y, [0, 0, 1], x[:3])
    z = scattered(y, [2], y[0:1] * 2.0)
    return np.sum(y * y) + z[0]


@program(normal(3, 4))
def arange_that_is_written(a):
    i = np.arange(3)
    i[2] = 0
    j = np.arange(3)
    k = j
    k //= 2
    b = np.zeros(3)
    b[i] = a[0, :3]
    b[j] += a[2, :3]
    return np.sum(b * a[1, :3]) + np.sum(a[1][i] ** 2) * np.sum(a[2][j] ** 2)


@program(normal(3, 4))
def arange_that_meets_itself(a):
    i = np.arange(-3, 3)
    one = np.arange(1)
    b = np.zeros(3)
    b[i] = np.concatenate([a[0, :3], a[1, :3]])
    b[i] += a[0, 0]
    c = a[one, np.array([1, 1])]
    d = a[np.arange(2), [[0, 0], [1, 1]]]
    return np.sum(b * b) + np.sum(a[i] ** 2) + np.sum(c * c) * np.sum(d * d)


@program(normal(4), 0)
def loop_that_runs_zero_times(x, n):
    s = x[0]
    for i in range(n):
        s = s + x[i] ** 2
    return s * s


@program(normal(5), np.array([1, -4]))
def added_at_indices_that_name_one_element(x, i):
    y = x * 2.0
    y[i] += x[0]
    return np.sum(y**2)
