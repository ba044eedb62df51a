"""Memory that is written under several names: reshaped, returned twice, chosen from outside."""

import numpy as np

from .registry import normal, positive, program

TABLE = np.array([0.4, -1.2, 0.8, 0.3])


def strided(rng):
    """Return arguments of which the first is every other entry of a larger array."""
    return (np.abs(rng.normal(size=8)[::2]) + 0.5,)


@program(positive(2, 3))
def argument_reshaped_and_written(a):
    h = a.reshape(3, 2)
    for i in range(2):
        h[i] *= 1.5
        a[0] += h[1, 1]
    flat = a.ravel()
    flat[1:] *= flat[:-1]
    return np.sum(a**2) * h[0, 1]


@program(positive(4, 4), positive(4))
def arithmetic_reshaped_and_written(a, v):
    b = np.sqrt(a * a + v) + a[1:2, ::-1]
    rows = b.reshape(2, 8)
    while rows[0, 0] < 20.0:
        rows[0] *= rows[1, 0] + 1.0
        b[1] += rows[1, -1]
    return np.sum(b * a)


@program(positive(3, 4))
def reshaped_in_a_branch(a):
    w = a if a[0, 0] > 0.1 else a * 2.0
    part = w[1:].reshape(-1)
    part[2:] += part[:-2] * w[0, 1]
    with np.errstate(all="ignore"):
        try:
            again = part.reshape(4, 2)
        finally:
            w *= 1.1
    again[0] *= w[2, 0]
    return np.sum(w**2)


@program(positive(4, 3))
def copy_of_the_transpose_reshaped(a):
    b = a.T.copy()
    lines = b.reshape(2, 6)
    lines[0] *= lines[1]
    b[2] += lines[0, 0]
    return np.sum(b * a.T)


@program(positive(4, 4))
def product_reshaped(a):
    b = a @ a.T
    for k in range(3):
        lines = b.reshape(8, 2)
        lines[k] *= 0.5
        b = b + lines[k, 1]
    return np.sum(b * a)


@program(together=strided)
def strided_vector_reshaped(x):
    m = x.reshape(2, 2)
    m[0] *= m[1]
    x[3] += m[0, 1]
    return np.sum(x * m[1, 0])


@program(positive(2, 4), 2)
def list_of_reshaped_views(a, n):
    parts = [a.reshape(8), a.ravel(), a[0]]
    parts[n][1:3] *= 2.0
    parts[1][0] += parts[0][-1]
    return np.sum(parts[0] ** 2)


def twice(a):
    t = a * a
    return t, t


def overlapping(a):
    t = np.sin(a)
    return {"low": t[:-1], "high": t[1:]}


def grown(a):
    out = [a * 2.0]
    for _ in range(2):
        out.append(out[0])
    return out


def scaled(a, factor):
    if factor > 1.0:
        return a * factor, np.sum(a)
    return np.exp(a), factor


@program(positive(3))
def returned_twice_and_written(x):
    u, v = twice(x)
    u *= x
    return np.sum(u * v * v)


@program(positive(4))
def overlapping_parts_returned(x):
    parts = overlapping(x)
    parts["low"][1:] *= x[:-2]
    for _ in range(2):
        parts["high"][:] += parts["low"][0]
    return np.sum(parts["low"] * parts["high"])


@program(positive(3))
def items_returned_that_are_one_array(x):
    first, *rest = grown(x)
    total = 0.0
    for item in rest:
        item *= x
        total += np.sum(item * first)
    return total


@program(positive(3))
def loop_over_what_is_returned(x):
    total = 0.0
    for item in twice(x):
        item += x * total
        total = total + np.sum(item)
    return total


@program(positive(3))
def new_items_unpacked(x):
    u = x
    s = 0.5
    for i in range(3):
        v = u
        u, s = scaled(u, s + i)
        u *= x[0]
        v[i] += s * 0.1
    return np.sum(v * u) * s


@program(positive(3))
def new_items_unpacked_in_a_branch(x):
    w = x * 2.0
    total = 0.0
    for i in range(3):
        u, y = w, 1.0
        if x[i] > 0.8:
            u, y = scaled(w, x[i] * 1.5)
        u += 0.1 * u[0]
        total += np.sum(u) * y
        w = u
    return np.sum(w * w) + total


@program(positive(4))
def chosen_from_outside(x):
    u = TABLE if x[0] > 9.0 else x
    for i in range(3):
        x[i] *= u[i + 1]
        u = TABLE if u[0] > x[1] else x
    return np.sum(u * x)


@program(positive(4), positive(4))
def array_from_outside_in_a_tuple(x, y):
    for a in (x, TABLE, y):
        x[0] += a[1]
        y *= a[2] + 1.0
    return np.sum(x * y) + np.sum(TABLE * x)


@program(normal(3, 2), refused="may share")
def order_of_memory_is_not_known(a):
    b = np.sin(a.T)
    flat = b.reshape(-1)
    flat[1:] *= flat[:-1]
    return np.sum(b * a.T)


@program(positive(3), refused="may share")
def repeated_items_written(x):
    pair = [x * 2.0] * 2
    pair[0] *= x
    return np.sum(pair[0] * pair[1])


@program(positive(4), refused="may share")
def array_from_outside_perhaps_written(x):
    u = TABLE if x[0] > 99.0 else x
    u[1] *= 2.0
    return np.sum(u * x)


def checked(a, k):
    if a[k] < 0.6:
        raise ValueError("small")
    return a * 1.5


@program(positive(3))
def view_bound_in_an_attempt(x):
    u = x * 1.0
    w = u
    for i in range(3):
        try:
            u = checked(u, i)
            u[0] += w[1]
        except ValueError:
            w = u
            w *= 0.5
        w[1] += u[2] * 0.1
        u *= 0.9
    return np.sum(u * w)


@program(positive(3))
def item_read_in_an_attempt(x):
    s = [x, x * 2.0]
    for i in range(4):
        try:
            b = s[i]
        except IndexError:
            b = s[0]
        b *= s[1][0]
    return np.sum(s[0] * s[1])


@program(np.array([0.5, 1.5, 0.7]), 0)
def nothing_bound_where_an_attempt_failed(x, n):
    u = x
    try:
        u, k = x[1:], checked(x, n)
        u *= k[0]
    except ValueError:
        u[0] += 5.0 * u[1]
    return np.sum(u * u) * np.sum(x)


@program(positive(3))
def two_lists_side_by_side_written(x):
    q = [x * 1.0]
    for i in range(3):
        q.append(x * i)
    for a, e in zip(q, q[2:]):
        a[0] *= e[1]
        e += a[0] * 0.1
    return np.sum(q[0] * q[1]) + np.sum(q[3])
