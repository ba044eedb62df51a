"""Slices of either direction, integer division, masks and builtins on numbers."""

import numpy as np

from .registry import normal, positive, program


@program(normal(7))
def slices_of_either_direction(x):
    s = np.sum(x[::2]) + np.sum(x[5:1:-2] ** 2) + np.sum(x[-3:]) * x[-1] + x[::-1][0]
    return s + np.sum(x[2:100] ** 2) + np.sum(x[-100:3] ** 2) + np.sum(x[4:2]) + np.sum(x[7:])


@program(normal(7))
def slices_of_either_direction_written(x):
    y = x.copy()
    y[::-2] = x[:4] * 2.0
    y[5:1:-1] *= x[1:5]
    y[-100:2] += x[0]
    y[10:] = 5.0
    y[3:1] = 7.0
    z = np.zeros(7)
    z[-1::-1] = y
    z[::3], z[1] = x[::3] * 2.0, x[2]
    return np.sum(y * y * z)


@program(normal(6), 2)
def slices_by_variables(x, k):
    return np.sum(x[-k:] * x[:k]) + x[-k] * x[1 - k] + np.sum(x[slice(1, 6, k)] ** 2)


@program(normal(7))
def whole_division_of_lengths(x):
    n = len(x) // 2
    q, r = divmod(len(x), 3)
    return np.sum(x[n : n + len(x) % 3] ** 2) + x[q] * r * (-7 // 2)


@program(np.array([0.7, 1.1, 0.4]))
def quotients_and_remainders(x):
    q, r = divmod(x[0], 0.3)
    rest = np.divmod(x, 0.25)[1] + x % 0.3 + x // 0.3
    return q * x[1] + r * x[2] + np.sum(rest * x) + x[0] % -0.3


@program(positive(3), np.array([0.23, 0.31, 0.37]), smooth=False)
def remainder_by_what_varies(x, y):
    q, r = np.divmod(x, y)
    return np.sum(q * x + r * y) + divmod(x[0], y[1])[1]


@program(normal(7))
def masks_with_operators(x):
    m = (x > 0) & (x < 1) | ~(x > -1) ^ (x > 2)
    w = x > 0
    w &= x < 2
    w |= x < -1
    w ^= x > 100
    return np.sum(x[m] ** 2) + np.sum(x[w] ** 3)


@program(normal(4))
def signs_and_chains(x):
    inside = -5.0 < x[0] < 5.0 < 7
    return +(x[0] ** 2) - -x[1] + inside * x[2] + x[3] * (not x[0] > 9) + np.sum((-x) ** 2)


@program(positive(4), None)
def identity_with_none(x, weights):
    y = x if weights is None else x * weights
    return np.sum(y**2) if y is not None else 0.0


@program(normal(5))
def builtins_on_numbers(x):
    s = abs(x[0]) + pow(x[1], 2) + float(x[2]) ** 2 + x[3] * int(3.7) + x[4] * round(2.6)
    return s + pow(x[0], 3) + abs(complex(x[0], x[1])) + x[np.int64(2)] * bool(3)


@program(normal(3))
def products_with_at(x):
    a = x.reshape(3, 1)
    return (x @ x) * (a.T @ a)[0, 0] + np.sum(x @ np.outer(x, x) @ x)


@program(normal(5), 3)
def shifted_counters(x, n):
    return x[n >> 1] * (1 << n) + x[n ^ 1] * (n & 2) + x[n | 4 if n > 9 else 4]
