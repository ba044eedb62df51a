"""Containers and entries named as a whole: sums of tuples, unpacked views, keys, `item`."""

from dataclasses import dataclass

import numpy as np

from .registry import program

X = np.array([0.7, -1.2, 1.4, 0.3])


@dataclass
class Scale:
    w: float

    def of(self, c):
        return c * c * self.w


@program(X)
def sum_of_a_named_list(x):
    h = [x[0] * x[1], x[2]]
    if x[3] > 0.0:
        h = [h[1], x[3] * h[0]]
    t = (x, x * x[1])
    return sum(h) ** 2 + np.sum(sum(t) * x)


@program(X)
def array_of_a_named_tuple_in_a_loop(x):
    s = 0.0
    for k in range(3):
        pair = (x[k] * s, x[k + 1], 2.0)
        s = s + np.sum(np.array(pair) ** 2) * 0.1
        d = {"a": [s * x[k], x[0]]}
        s = s + np.max(np.stack(d["a"])) + np.concatenate((x, x * s))[5]
    return s


@program(X)
def stacked_lists_by_name(x):
    rows = [x, x * x[0]]
    nested = ((x[0], x[1] * x[2]), (2.0, x[3]))
    return np.sum(np.stack(rows)[:, 1] ** 3) + np.sum(np.array(nested) @ np.array(nested))


@program(X)
def entries_by_item(x):
    a = np.outer(x, x + 1.0)
    s = 0.0
    for k in range(3):
        s += x.item(k) ** 2 * x.item(-1)
        x[k] = x.item(k) * a.item(k + 4)
    return s * a.item(1, 2) + a.item(-2) * (a * a).item((0, 3)) + np.sum(x)


@program(X)
def appended_to(x):
    y = np.diff(np.append(x, x[1]))
    z = np.append(y * x[0], [x[0], 2.0])
    m = np.append(x.reshape(2, 2), np.outer(x[:2], x[2:]), axis=1)
    for k in range(2):
        z = np.append(z, z[k] * z[-1])
    return np.sum(z**3) + np.sum(m[0] * m[1]) + np.sum(np.append(x, m) ** 2)


@program(X)
def values_unpacked(x):
    d = {"a": x[0], "b": x * 2.0}
    y, u = d.values()
    (k, v), (m, w) = d.items()
    a, b, c, _ = map(np.sin, x)
    i, j = range(2)
    return y * np.sum(u * u) + v * np.sum(w) * len(k + m) + a * b * c * x[i] * x[j]


@program(X)
def star_of_chosen_entries(x):
    y = x[x > -0.5]
    a, *t = y
    *b, c = np.append(y, y[y > 0.5])
    return a * sum(t) + np.sum(np.array(b) ** 2) * c


@program(X)
def keys_that_are_methods(x):
    o = Scale(x[0])
    a = max(x, key=lambda c: c * o.w)
    b = sorted(x, key=o.of, reverse=True)
    x[1:] += min((v * 2.0 for v in x), key=o.of)
    return a * b[1] * o.w + np.sum(x**3)


@program(X)
def largest_entry_of_a_written_array(x):
    x[1] = x[0] * 3.0
    a = max(x, key=lambda c: c * c)
    x[0] = a * x[1]
    return np.sum(x**2)


@program(X)
def rows_in_an_order_of_a_method(x):
    o = Scale(2.0)
    m = np.outer(x, x) + x
    s = 0.0
    for k in range(2):
        r = max(m, key=lambda r, k=k: np.sum(r) * o.w * (1 - 2 * k))
        s += np.sum(r * r) * x[k]
    return s


@program(X)
def table_of_known_keys(x):
    d = {i: x * 2.0 for i in "ab"}
    e = {k: {j: x[k] * x[j] for j in (0, 1)} for k in [0, 2]}
    d["a"][0] = x[1]
    f = {k: [x[0] * k for _ in range(2)] for k in (1, 2)}
    return e[2][1] * d["b"][1] * np.sum(d["a"] ** 2) + f[2][1]


@program(X)
def range_over_what_is_bound_again(x):
    y = x[:3] * x[0]
    for k in range(y.shape[0]):
        y[k] *= x[k]
    y = y[:2] * y[1:]
    for k in range(len(y)):
        y[k] += x[k] * y[0]
    return np.sum(y**2)
