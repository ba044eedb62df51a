"""Aliases that are chosen at run time, by branches, loops and helpers."""

import numpy as np

from .registry import positive, program


@program(positive(6), positive(6), 1)
def view_of_one_of_two_written(x, y, k):
    a = x * x
    b = y * y
    if k > 0:
        c = a[1:]
    else:
        c = b[:-1]
    c *= 2.0
    c[0] = c[1] * a[1]
    return np.sum(a * y) + np.sum(b * c[0])


@program(positive(6), positive(6), -1)
def view_of_the_other_written(x, y, k):
    a = x * x
    b = y * y
    if k > 0:
        c = a[1:]
    else:
        c = b[:-1]
    c *= 2.0
    c[0] = c[1] * a[1]
    return np.sum(a * y) + np.sum(b * c[0])


@program(positive(6), 4)
def alias_rebound_in_a_branch(x, n):
    a = x * x
    v = a
    for i in range(n):
        if i == 1:
            v = a[1:]
        v[0] = v[1] * v[0]
        if i == 2:
            a = a * 2.0
            v = a
    return np.sum(a * x) + v[0]


@program(positive(6), 3)
def alias_of_a_loop_that_does_not_run(x, n):
    a = x * x
    v = x * 3.0
    for i in range(n - 10):
        v = a
        v[0] = 1.0
    v[1] = v[0] * a[2]
    return np.sum(v * a)


@program(positive(6), 12)
def alias_of_a_loop_that_runs(x, n):
    a = x * x
    v = x * 3.0
    for i in range(n - 10):
        v = a
        v[0] = 1.0
    v[1] = v[0] * a[2]
    return np.sum(v * a)


@program(positive(6), 4)
def alias_chosen_in_a_while_loop(x, n):
    a = x * x
    b = x + 1.0
    cur = a
    i = 0
    while i < n:
        cur[i] = cur[i + 1] * b[i]
        if cur[i] > 0.5:
            cur = b
        else:
            cur = a
        i += 1
    return np.sum(a * b * cur)


@program(positive(6), 3)
def alias_and_two_returns(x, n):
    a = x * x
    b = x + 1.0
    cur = a if n > 2 else b
    cur[0] = b[1] * a[1]
    if n > 3:
        return np.sum(cur * a)
    cur = b
    cur *= a
    return np.sum(a * b)


@program(positive(6), 4)
def alias_and_the_other_return(x, n):
    a = x * x
    b = x + 1.0
    cur = a if n > 2 else b
    cur[0] = b[1] * a[1]
    if n > 3:
        return np.sum(cur * a)
    cur = b
    cur *= a
    return np.sum(a * b)


@program(positive(6), 1)
def overlapping_alias_of_itself(x, n):
    u = x * x
    v = u[1:] if n > 0 else u[:-1]
    v[:] = u[:5] * v
    v += u[1:]
    u[1:] = v * 2
    return np.sum(u * x)


@program(positive(6), 1)
def alias_written_by_indices(x, n):
    u = x * x
    v = u if n > 0 else x * 2.0
    v[[0, 2]] = v[[1, 2]] * u[[3, 4]]
    np.add.at(v, [1, 1, 2], u[[0, 1, 2]])
    v[u > 0.5] *= x[0]
    return np.sum(u * x * v)


@program(positive(6), 1)
def aliases_augmented_whole(x, n):
    a = x * x
    b = a if n > 0 else x
    a += b * b
    a -= b * a
    b *= a
    return np.sum(a * b)


@program(positive(6), positive(6), 1)
def alias_of_one_of_two_arguments(x, y, n):
    v = x if n > 0 else y
    v[0] = v[1] * v[2]
    v *= y
    return np.sum(v * x * y)


@program(positive(6), 4)
def alias_or_copy_in_every_trip(x, n):
    s = 0.0
    a = x * x
    for i in range(n):
        v = a if i % 2 else x * 1.0
        s = s + np.sum(v * v * v)
        a[i] = s
        v[1] = a[0] * s
        s = s + v[1] * a[1] ** 2
    return s


@program(positive(6), 3)
def view_of_a_swapped_buffer(x, n):
    u = x.copy()
    v = x * x
    for i in range(n):
        inner = v[1:-1]
        inner[:] = u[1:-1] * u[2:]
        inner *= 0.9
        u, v = v, u
    return np.sum(u * v)


def exchanged(a, b):
    b[1:-1] = a[1:-1] * a[2:]
    return b, a


@program(positive(6), 3)
def swapped_by_a_exchanged(x, n):
    a = x.copy()
    b = x.copy()
    for i in range(n):
        a, b = exchanged(a, b)
    return np.sum(a * a)


def stepped(x, n):
    a = x.copy()
    b = x * 2.0
    for i in range(n):
        b[1:-1] = a[1:-1] * a[2:]
        a, b = b, a
    return a


@program(positive(6), 2)
def swapped_in_a_helper(x, n):
    y = stepped(x, n)
    y[0] = y[1] * y[2]
    z = stepped(y * y, n)
    return np.sum(y * z)


def tail(a, k):
    return a[k:]


@program(positive(6), 2)
def view_by_a_helper_written(x, n):
    a = x * x
    v = tail(a, 1)
    if n > 1:
        v = a
    v[1] = a[2] * a[3]
    return np.sum(a * v[0])


def first_changed(c, x):
    c[1] = c[0] * x[1]


@program(positive(6), 3)
def alias_given_to_a_helper(x, n):
    a = x * x
    b = x * 2.0
    c = a
    for i in range(n):
        first_changed(c, x)
        c = b
    return np.sum(a * b)


def one_of_two(x, k):
    a = x * x
    b = x * 3.0
    c = a if k > 0 else b
    c[0] = a[1] * b[2]
    c *= x
    return c


@program(positive(6), 2)
def helper_returns_an_alias(x, n):
    s = 0.0
    for i in range(n):
        z = one_of_two(x * (i + 1.0), i)
        z[1] = z[0] * x[2]
        s = s + np.sum(z * z * x)
    return s


def both_of_two(x, k):
    a = x * x
    b = x * 3.0
    c = a if k > 0 else b
    c[0] = a[1] * b[2]
    return a, b


@program(positive(6), 2)
def helper_returns_what_it_wrote(x, n):
    s = 0.0
    for i in range(n):
        p, q = both_of_two(x * (i + 1.0), i)
        p[1] = q[0] * x[2]
        s = s + np.sum(p * q * x)
    return s


def product_of_one(a, b, k):
    v = a if k else b
    return np.sum(v * v * a)


@program(positive(6), 1)
def helper_reads_aliases(x, n):
    a = x * x
    b = x * 2.0
    v = a if n > 0 else b
    v[0] = product_of_one(v, b, n)
    s = product_of_one(a, v, 1 - n)
    b[1] = s * v[2]
    return np.sum(a * b)
