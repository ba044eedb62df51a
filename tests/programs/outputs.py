"""Calls that write into arrays: `out=`, `where=`, fill, copyto, put, and entries by number."""

import numpy as np

from .registry import distinct, normal, positive, program


@program(normal(4))
def out_of_ufuncs(x):
    y = np.zeros(4)
    np.multiply(x, x, out=y)
    np.add(y, 1.0, y)
    np.sqrt(y, out=(y,))
    return np.sum(y * x)


@program(normal(4))
def out_is_the_value(x):
    t = np.empty_like(x)
    return np.sum(np.add(np.multiply(x, x, out=t), x, out=t) * t)


@program(normal(4))
def out_is_bound_again(x):
    y = x * x
    y = np.exp(y, out=y)
    z = np.subtract(y, x, out=y)
    z[0] = 1.0
    return np.sum(y * z)


@program(normal(5))
def out_is_a_view(x):
    y = np.empty(5)
    np.add(x[:-1], x[1:], out=y[1:])
    y[0] = x[0]
    np.subtract(y[1:], y[:-1], out=y[1:])
    np.multiply(y, x, out=y[::-1])
    return np.sum(y * y)


@program(normal(3, 3))
def out_of_products(a):
    b = np.empty((3, 3))
    np.matmul(a, a, out=b)
    np.dot(b, a, out=b)
    c = np.empty(3)
    b[0].dot(a, out=c)
    return np.sum(b) + np.sum(c * c)


@program(normal(2, 3))
def out_of_reductions(a):
    rows, columns, everything = np.empty(2), np.empty(3), np.zeros(())
    np.sum(a * a, axis=1, out=rows)
    a.mean(axis=0, out=columns)
    np.sum(a, out=everything)
    total = np.cumsum(columns, out=np.empty(3))
    return np.sum(rows) * everything + np.sum(total * columns)


@program(distinct(5))
def out_of_choices(x):
    y = np.sin(x)
    np.clip(y, -0.5, 0.6, out=y)
    y.clip(-0.3, 0.5, out=y)
    np.maximum(y, x, out=y)
    picked = np.take(y, [0, 2, 0], out=np.empty(3))
    return np.sum(y * x) + np.sum(picked**2)


@program(normal(3))
def out_in_a_loop(x):
    s = 0.0
    buffer = np.empty(3)
    for k in range(3):
        np.multiply(x, s + k, out=buffer)  # the buffer is used again
        np.sin(buffer, out=buffer)
        s = s + np.sum(buffer * x)
    return s


@program(normal(3))
def out_with_two_buffers(x):
    a, b = np.empty(3), np.empty(3)
    np.copyto(a, x)
    for _ in range(4):
        np.sin(a, out=b)
        np.multiply(b, x, out=a)
    return np.sum(a)


@program(normal(3))
def out_in_branches(x):
    y = np.zeros(3)
    if x[0] > 5.0:
        np.exp(x, out=y)
    elif np.add(x, x, out=y)[0] > -20.0:
        y[0] = x[1]
    return np.sum(y) if x[1] > 9.0 else np.sum(np.multiply(y, x, out=y))


def squared_into(x, out):
    np.multiply(x, x, out=out)


@program(normal(3))
def out_of_a_helper(x):
    y = np.empty(3)
    squared_into(x, y)
    squared_into(y, out=y)
    return np.sum(y)


@program(normal(3), None)
def out_is_none(x, out):
    return np.sum(np.multiply(x, x, out=out))


@program(normal(3))
def read_before_out(x):
    y = np.zeros(3)
    s = y[0] + np.sum(np.add(x, x, out=y)) + y[1]
    return s * y[2]


@program(np.array([0.7, 0.0, -1.2, 0.4]), smooth=False)
def quotient_where(x):
    y = np.zeros(4)
    np.divide(1.0, x, out=y, where=x != 0)  # the entry for 0 is never computed
    return np.sum(y * x[::-1])


@program(normal(3, 4))
def ufunc_where_shapes_differ(a):
    y = np.ones((3, 4))
    positive_columns = a[0] > 0
    np.multiply(a, a[:, :1], out=y, where=positive_columns)
    np.subtract(y, a[1], out=y, where=y < 1.5)
    return np.sum(y * y)


@program(normal(4), positive(4))
def copyto_and_fill(x, v):
    y = x * x
    np.copyto(y, v, where=x > 0)
    z = np.empty_like(x)
    z.fill(v[0])
    np.copyto(z[1:], y[:-1])
    return np.sum(y * z)


@program(normal(4))
def put_and_place(x):
    y = x * x
    np.put(y, [0, -1], x[1])
    y.put(1, 3.0 * x[0])
    np.place(y, y > 4.0, x[2])
    np.putmask(y, x < 0, x * x[0])
    return np.sum(y * x)


@program(normal(3, 4))
def put_into_a_matrix(a):
    b = a * a
    np.put(b, 6, a[0, 0] ** 2)
    np.put(b, [0, -1], a[0, 1])
    np.put_along_axis(b, np.array([[0], [2], [1]]), a[:, :1] * 2.0, axis=1)
    return np.sum(b * a)


@program(normal(3, 3), normal(2, 3))
def fill_the_diagonal(a, c):
    b = a * a
    np.fill_diagonal(b, a[0, 1])
    d = c * c
    np.fill_diagonal(d, 2.0)
    return np.sum(b * a) + np.sum(d * c)


@program(distinct(5), distinct(2, 3))
def sorted_in_place(x, a):
    y = x * 2.0
    y.sort()
    b = a * a
    b.sort(axis=0)
    return np.sum(y * np.arange(5.0)) + np.sum(b[0] * a[1])


@program(normal(5))
def subtract_at(x):
    y = x * x
    np.add.at(y, [0, 0, 1], x[:3])
    np.subtract.at(y, [4, 0], x[1] * x[2])
    return np.sum(y * y)


@program(normal(3, 4))
def entries_by_number(a):
    s = 0.0
    for k in range(a.size):
        s += a.flat[k] ** 2 * k
    b = a * a
    b.flat[5] = a.flat[0] * a.flat[-1]
    b.flat[-1] *= 2.0
    return s + np.sum(b.flat) + np.sum(a.flat[1:4] ** 2)


@program(normal(2, 3))
def loop_over_flat(a):
    s = 0.0
    for v in a.flat:
        s = 0.5 * s + v * v
    return s


@program(normal(2, 3))
def loop_over_all_indices(a):
    b = np.zeros(a.shape)
    for index in np.ndindex(a.shape):
        b[index] = a[index] ** 2
    for i, j in np.ndindex(*b.shape):
        b[i, j] += a[1 - i, j] * b[i, 0]
    return np.sum(b * a)


@program(normal(2, 3))
def loop_over_entries_and_indices(a):
    s = 0.0
    for (i, j), v in np.ndenumerate(a):
        if v < -2.0:
            continue
        s += v**2 * (i - j)
    for index, v in np.ndenumerate(a):
        s += v * a[index]
    return s


@program(normal(2, 3))
def index_with_a_name(a):
    where = (1, 2)
    other = 0, 1
    b = a * a
    b[where] = a[other] * b[where]
    return np.sum(b)
