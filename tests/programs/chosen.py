"""Items, functions and lengths that are chosen while a function runs."""

import math

import numpy as np

from .registry import normal, positive, program


@program(normal(4), 1, wrt=("x",))
def item_of_a_tuple(x, n):
    pair = (x, np.sin(x))
    return np.sum(pair[n] ** 2) + pair[1 - n][2] * x[0]


@program(normal(4), 0, wrt=("x",))
def item_of_a_list_in_a_dict(x, n):
    rows = {"a": [x, x * 2.0], "b": x[0]}
    return rows["a"][n][-3] * np.sum(rows["a"][n % 2]) + rows["b"]


@program(normal(4), 1, wrt=("x",))
def items_chosen_in_a_loop(x, n):
    s = 0.1
    while n < 7:
        pair = (x * (1.0 + s), np.cos(x), x * x)
        s = s + pair[n % 3][n % 4] * pair[-1][1] * pair[n % 2 - 2][2]
        n += 2
    return s * s


@program(normal(4), 1, wrt=("x",))
def item_of_a_pair_of_tuples(x, n):
    both = ((x, x[0]), (x * x, 2.0 * x[1]))
    a, b = both[n]
    c, d = both[1 - n % 2]
    return np.sum(a * b) + np.sum(c) * d


@program(normal(4), 1, wrt=("x",))
def item_written_before_it_is_chosen(x, n):
    pair = (x * 1.0, x * 2.0)
    first = pair[0]
    first[0] = 5 * x[1]
    pair[n][1:] *= x[0]
    return pair[n][0] * pair[1 - n][1] + np.sum(pair[n])


@program(0.7)
def name_imported_twice(x):
    from numpy import tanh as f  # noqa: PLC0415

    y = f(x)
    from math import sin as f  # noqa: PLC0415

    return y * f(x)


@program(0.7)
def name_imported_and_assigned(x):
    from math import sin  # noqa: PLC0415

    y = sin(x)
    sin = y
    return sin * x


@program(0.7, 5, wrt=("x",))
def function_imported_in_branches(x, n):
    s = 0.0
    for k in range(n):
        if k % 2:
            from math import sin as f  # noqa: PLC0415
        else:
            from math import cos as f  # noqa: PLC0415
        s = s + f(x * k) * s + f(x)
    return s


@program(0.7)
def function_assigned_in_branches(x):
    if x > 0.5:
        f = math.sin
    else:
        f = np.exp
    return f(x) * f(2 * x)


@program(normal(4), 2, wrt=("x",))
def einsum_of_a_slice(x, n):
    return np.sum(np.einsum("ij,j->i", np.full((3, 2), x[0]), x[-n:]) ** 2)


@program(normal(4), 3, 4, wrt=("x",))
def einsum_of_one_entry(x, n, m):
    long = np.einsum("i,i->i", x[n:], x[1:m])
    return np.sum(long**2) + np.einsum("i,i->", x[1:m], x[n:]) * np.einsum("i,ij->", x, x[n:, None])


@program(normal(3, 3), 2, 0, wrt=("a",))
def einsum_of_blocks(a, n, m):
    left = np.einsum("ii,ij->ij", a[n:, n:], a[m:, m:])
    return np.sum(left**2) + np.sum(np.einsum("ij,jk->ik", a[m:, m:], a[n:, n:]) ** 2)


@program(normal(2, 1), normal(3))
def einsum_of_a_column(a, x):
    return np.sum(np.einsum("ij,j->ij", a, x) ** 2)


@program(positive(3))
def finally_returns(x):
    try:
        y = math.log(x[0] - 10.0) * x[1]
    finally:
        return x[1] * x[2]


@program(1.7, 6, wrt=("x",))
def finally_continues(x, n):
    s = x
    for k in range(n):
        try:
            s = s * math.sqrt(k - 3.0 + x)
        finally:
            s = s * 0.7 + x
            if k < 4:
                continue
        s = s * 1.3
    return s


@program(2.0, 8, wrt=("x",))
def finally_breaks_instead_of_a_return(x, n):
    s = x
    for k in range(n):
        try:
            if s > 5.0:
                return s * 7.0
            s = s * 1.5
            if k == 2:
                continue
            s = s + 1.0
        finally:
            s = s + x
            if s > 8.0:
                break
        s = s * 1.1
    return s


def summed_at_last(a, v):
    try:
        a[0] = a[1] * v
        a[1] = math.log(v)
    finally:
        if v > 0:
            return a[1] * a[0]
        a[1] = 3.0 * a[0]
    return 5.0 * v


@program(-0.7)
def finally_lets_an_error_pass(x):
    z = x * np.array([1.0, 2.0])
    try:
        r = summed_at_last(z, -x)
        r = r * summed_at_last(z, x)
    except ValueError:
        r = 2.0 * x * r
    return r * z[0] * z[1]
