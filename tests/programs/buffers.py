"""Buffers that are swapped, and new arrays that take a name."""

import numpy as np

from .registry import positive, program


@program(positive(6), 3)
def two_buffers_swapped(u0, n):
    u = u0.copy()
    u_new = u0.copy()
    for t in range(n):
        u_new[1:-1] = u[1:-1] + 0.1 * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u, u_new = u_new, u
    return np.sum(u * u)


@program(positive(6), 0)
def two_buffers_never_swapped(u0, n):
    u = u0.copy()
    u_new = u0.copy()
    for t in range(n):
        u_new[1:-1] = u[1:-1] + 0.1 * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u, u_new = u_new, u
    return np.sum(u * u)


@program(positive(6), 3)
def buffers_swapped_by_a_third_name(u0, n):
    u = u0.copy()
    u_new = u0.copy()
    for t in range(n):
        u_new[1:-1] = u[1:-1] + 0.1 * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        tmp = u
        u = u_new
        u_new = tmp
    return np.sum(u * u)


@program(positive(6), 3)
def new_array_takes_the_name(u0, n):
    u = u0.copy()
    for t in range(n):
        new = np.zeros_like(u)
        new[1:-1] = u[1:-1] + 0.1 * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u = new
    return np.sum(u * u)


@program(positive(6), 3)
def old_and_new_by_element(x, n):
    old = x.copy()
    new = np.zeros_like(x)
    for i in range(n):
        for j in range(1, 5):
            new[j] = old[j] * old[j - 1] + 0.3 * new[j]
        old, new = new, old
    return np.sum(old * old) + new[1]


@program(positive(6), 3)
def swapped_in_a_branch(x, n):
    a = x * x
    b = x + 1.0
    for i in range(n):
        if a[0] > 0.5:
            a, b = b, a
        a[1:] *= b[:-1]
        b[0] = a[1] * b[0]
    return np.sum(a * b * b)


@program(positive(6), 3)
def name_moved_away_and_back(x, n):
    s = 0.0
    u = x * x
    for i in range(n):
        v = u
        s = s + np.sum(v * v * v)
        u = v
        u[i] = s * u[i]
    return np.sum(u) * s


@program(positive(6), 4)
def three_buffers_and_a_third_name(x, n):
    a = x.copy()
    b = x * 2
    c = x * x
    for i in range(n):
        c[1:-1] = a[1:-1] * b[:-2]
        t = a
        a = b
        b = c
        c = t
    return np.sum(a * b) + c[2]


@program(positive(6), 3)
def swapped_twice_in_a_trip(x, n):
    a = x.copy()
    b = x * x
    for i in range(n):
        b[1:] = a[1:] * a[:-1]
        a, b = b, a
        b[2] = a[2] * a[3]
        a, b = b, a
        a[0] = b[0] * a[0]
    return np.sum(a * b)


@program(positive(6), 5)
def swapped_until_a_break(x, n):
    a = x.copy()
    b = x.copy()
    for i in range(n):
        b[1:-1] = a[1:-1] * a[2:] * 0.9
        a, b = b, a
        if np.sum(a) < 1.0:
            break
    return np.sum(a * a) + b[1]


@program(positive(6), 4)
def swapped_in_a_while_loop(x, n):
    a = x.copy()
    b = x.copy()
    i = 0
    while i < n and a[1] < 100:
        b[1:-1] = a[1:-1] * a[2:] + 0.9 * b[1:-1]
        a, b = b, a
        i += 1
    return np.sum(a * a) + b[1]


@program(positive(6), 5)
def swapped_until_a_return(x, n):
    a = x.copy()
    b = x.copy()
    for i in range(n):
        b[1:-1] = a[1:-1] * a[2:] * 0.9
        a, b = b, a
        if i == 2:
            return np.sum(a * b)
    return np.sum(a * a) + b[1]


@program(positive(6), 3)
def new_array_written_further(x, n):
    u = x.copy()
    for i in range(n):
        new = np.tanh(u)
        new[0] = u[0] * u[1]
        new[1] *= new[2]
        u = new
    return np.sum(u**2)


@program(positive(6), 3)
def new_array_read_before_it_is_full(x, n):
    u = x.copy()
    for i in range(n):
        new = np.zeros(6)
        s = np.sum(new[:2] * u[:2])
        new[1:] = u[1:] * u[:-1]
        s = s + np.sum(new * u)
        new[1:] = new[1:] * s
        u = new
    return np.sum(u**2)


@program(positive(6), 4)
def swapped_in_an_inner_loop(x, n):
    a = x.copy()
    b = x.copy()
    for i in range(n):
        for j in range(i):
            b[1:-1] = a[1:-1] * a[2:]
            a, b = b, a
        a[0] = b[0] * b[1]
    return np.sum(a * b)


@program(positive(6), 3)
def matrices_swapped(x, n):
    a = np.outer(x, x)
    b = np.zeros((6, 6))
    for i in range(n):
        b[1:-1, 1:-1] = 0.25 * (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] * a[1:-1, 2:])
        b[0] = a[-1]
        a, b = b, a
    return np.sum(a * a)


@program(positive(6), 3)
def swapped_with_one_that_is_constant(x, n):
    m = np.arange(6.0)
    k = x * x
    for i in range(n):
        m[1:] = m[1:] * 0.5 + k[0]
        m, k = k, m
    return np.sum(m * k)


@program(positive(6), 3)
def elements_of_two_arrays_at_once(x, n):
    a = x * x
    b = x + 1.0
    for i in range(n):
        a[i], b[i] = b[i], a[i + 1] * b[i]
        a, b = b, a
    return np.sum(a * b * b)


@program(positive(6), 3)
def argument_gives_its_name_to_a_new_array(u, n):
    for i in range(n):
        new = np.empty_like(u)
        new[0] = u[0]
        new[-1] = u[-1]
        new[1:-1] = u[1:-1] * u[2:]
        u = new
    return np.sum(u**2)


@program(positive(6), positive(6), 3)
def argument_used_as_a_buffer(x, buf, n):
    a = x.copy()
    b = buf
    for i in range(n):
        b[1:-1] = a[1:-1] * a[2:]
        a, b = b, a
    return np.sum(a * b)


@program(positive(6), 2)
def alias_read_and_then_dead(x, n):
    u = x * x
    v = u
    s = np.sum(v * v)
    u[0] = 3.0
    u *= u
    return np.sum(u) * s
