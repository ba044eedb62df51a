"""Crossings that were met by chance: jumps out of blocks, joined parts, calls met again."""

import numpy as np

from .registry import normal, positive, program


def spoiled(p, y):
    try:
        y = p[0] * y
    finally:
        p[1] = 0.0
    return 2.0 * y


@program((0.5, 1.4), wrt=("p",))
def raised_at_the_end_of_a_block(p):
    s = p[0] * p[1]
    try:
        s += spoiled(p, s)
    except TypeError:
        s *= 2.0
    if s < 5.0:
        return s * p[1]
    try:
        s = s * s
    finally:
        p[1] = s
    return s * s * p[0]


@program((0.5, 1.4), wrt=("p",))
def raised_at_the_end_of_a_branch(p):
    s = p[0] * p[1]
    for _ in range(3):
        if s > 1e3:
            with np.errstate(all="ignore"):
                p[1] = 0.0
            s = s * s * s
        s = s * p[1]
    return s


def both_ways(a):
    r = np.array([1.0, 0.5, a]) * np.sin(a)
    return np.sum(r**2), r


@program(0.7, 0.3)
def result_that_matters_from_the_second_round_on(s, p):
    for _ in range(3):
        u, z = both_ways(s)
        p = p * u
        s = z @ z * 0.3
    return p


@program(positive(3), 1, wrt=("x",))
def else_of_a_loop_that_leaves_a_try(x, n):
    try:
        w = x * 2.0
        for _ in range(2):
            x = x * w
        else:
            if n > 1:
                return w[-1] * w[0]
    finally:
        x = x * x
    return np.sum(w * x)


@program(positive(3), 2, wrt=("x",), name="else_of_a_loop_that_leaves_a_try_for_good")
def else_of_a_loop_that_leaves(x, n):
    return else_of_a_loop_that_leaves_a_try(x, n) * x[0]


@program(positive(3), 2, wrt=("x",))
def else_of_a_loop_with_breaks_that_leaves_a_try(x, n):
    for i in range(3):
        w = x[0]
        try:
            for v in x:
                w = w * v
                if v > 10.0 * n:
                    break
            else:
                if i > 0:
                    return x[i] * w
        finally:
            x = x * x[0]
    return x[0]


@program(positive(2))
def every_path_returns_in_a_loop(y):
    for i in range(2):
        z = y * y[i]
        if y[i] > 100.0:
            return z.max()
        return y[i] * 2.0 * z[1]
    return 1.0


@program(normal(2, 2))
def every_path_returns_in_a_while_loop(a):
    while a[0, 0] < 100.0:
        a = a * a
        if a[1, 1] < 50.0:
            return a[1, 0]
        return a[0, 1]
    return 1.0


@program(normal(3), 0.4)
def numbers_and_vectors_side_by_side(x, s):
    y = np.hstack((x[1:], s, 2.0, [s, x[0]], x))
    z = np.hstack((s, x)) * np.hstack([s, x[0], s * s, 1.0])
    return np.sum(y * y) * np.sum(z) * np.sum(np.hstack((x, s)))


@program(normal(3), 0.4)
def numbers_and_vectors_on_each_other(x, s):
    y = np.vstack((s, x[:1], 2.0)) * np.column_stack((s, [x[2]], s * s))
    z = np.column_stack((x, [s, s * s, 1.0])) @ np.vstack(([s, s], x[:2]))
    w = np.dstack((x, [s, 1.0, s])) * np.dstack((x, x))
    return np.sum(y * y) + np.sum(z * z) * np.sum(w * w)


@program(normal(3, 2), normal(2), 0.4)
def rows_of_a_matrix_side_by_side(a, y, s):
    r = np.hstack(a) * np.concatenate(a * a)
    b = np.vstack(a) @ np.column_stack(y).T + np.column_stack(a).T @ y[:, None]
    c = np.stack(a, axis=1) * np.stack(y)[:, None] * np.dstack(y)[0, 0, 0]
    return np.sum(r) * np.sum(b * b) + np.sum(c * s)


@program(normal(3), 0.4)
def lists_side_by_side(x, s):
    v = []
    for i in range(3):
        v.append(x[i] * s)
    w = [s, x[0]]
    y = np.concatenate([v, w, v])
    z = np.hstack((x, v, s)) * np.append(v, w + [s, s])
    return np.sum(y * y) * np.sum(z) + np.sum(np.array([w, w]) ** 2) + np.sum(np.hstack(v))


@program(normal(2, 4), 0.4)
def parts_as_keywords(a, s):
    def scaled(v, c=0.5):
        return np.sum(v) * c

    q = scaled(a[0], c=a.item(1)) * scaled(a[1], c=np.array_split(a[0], 3)[1][0])
    return q * np.clip(s, a_min=a.item(2) - 9.0, a_max=a.flat[4] + 9.0)


@program(normal(5), normal(7))
def parts_of_nearly_equal_length(x, y):
    u, v = np.array_split(x, 2)
    p, q, r = np.array_split(y, 3)
    return np.sum(u) * np.sum(v * v) + np.sum(p * p) * q[0] * np.sum(r)


def moved_with_an_import(a, b):
    from math import tanh as squeezed  # noqa: PLC0415  (an import inside is what is tried)

    b -= squeezed(0.3) * np.sum(a)
    return a * b


@program(normal(3), normal(2, 3))
def helper_with_an_import_changes_its_argument(x, b):
    squeezed = x[0] * 2.0
    for i in range(2):
        x = moved_with_an_import(x, b[i])
    return np.sum(b) * x[0] * squeezed
