"""Arguments that are changed: bound to other names, in containers, by calls inside expressions."""

import math

import numpy as np

from .registry import positive, program


def squared_first(a):
    a[0] = a[1] * a[1]
    return np.sum(a)


def scaled_at(a, k):
    a[k] *= a[1] + 0.5
    return a


def doubled_in_place(a):
    a[0] = a[0] * 2.0
    return math.sqrt(a[0])


def rest(a):
    return a[1:]


@program(positive(6), 3)
def argument_becomes_its_own_view(x, n):
    for i in range(n):
        v = x[1:]
        v *= x[0]
        if n > 2 and i != 1:
            x = v
    return np.sum(x * x) + x[0]


@program(positive(6), 0)
def argument_becomes_its_own_view_never(x, n):
    for _ in range(n):
        v = x[1:]
        v *= x[0]
        x = v
    return np.sum(x * x) + x[0]


@program(positive(6), 3)
def argument_and_alias_part_ways(x, n):
    y = x
    for _ in range(n):
        y[1] += x[0] * x[2]
        x = x + y * 0.1
        y = x[::-1]
        y[0] *= 1.5
    return np.sum(x**2) + np.sum(y**3)


@program(positive(6), positive(6), 3)
def arguments_trade_places(x, w, n):
    for _ in range(n):
        w, x = x, w
        v = w[1:]
        v *= x[0]
    return np.sum(x**2 * w)


@program(positive(6), 1)
def argument_bound_again_before_an_early_return(x, n):
    if n > 2:
        x = x[::-1]
        x[0] = x[1] ** 2
        return np.sum(x**2)
    y = x
    y *= 2.0
    if n > 0:
        x = y[1:]
    x[0] = 3.0
    return np.sum(x * y[0])


@program(positive(6), 2)
def argument_cut_by_a_function(x, n):
    for _ in range(n):
        x = rest(x)
        x[0] *= x[1]
    return np.sum(x**2)


@program(positive(6), 4)
def alias_changed_in_an_attempt(x, n):
    v = x
    s = 0.0
    for i in range(n):
        try:
            v[i + 3] *= x[0]
            v = x[1:]
        except IndexError:
            v[0] += x[2] * x[0]
            v = x
        s += v[0] * v[1]
    return np.sum(x**2) + np.sum(v**3) + s


@program(positive(6), 2)
def alias_changed_inside_of_a_with(x, n):
    v = x
    for i in range(n):
        with np.errstate(all="ignore"):
            v = v[1:]
            v *= x[0]
            x = v if i else x
    return np.sum(x**2) + np.sum(v**3)


@program({"a": positive(4), "b": positive(2), "s": 2.0, "k": 1}, 2)
def arrays_of_a_dict_changed(p, n):
    v = p["a"]
    for i in range(n):
        p["b"][0] *= p["a"][i] * p["s"]
        p["b"] *= 3
        v[i] += p["b"][p["k"]]
    return np.sum(p["b"] ** 2) + v[0] + p["s"]


@program([positive(3), positive(2)], 2)
def arrays_of_a_list_changed(p, n):
    p[0][0] *= p[1][0]
    for v in p:
        v *= p[0][1]
    for i in range(n):
        w = p[i]
        w[1] *= p[1 - i][0]
    return np.sum(p[0] ** 2) + np.sum(p[1] ** 3)


@program([[positive(3)], [positive(3), positive(3)]], 2)
def arrays_of_nested_lists_changed(p, n):
    for row in p:
        for v in row:
            v[0] *= v[1]
        row[0][n] += p[1][0][1]
    p[-1][-1][:] = p[0][0] * 2
    return np.sum(p[0][0] ** 2) + sum([np.sum(v**2) for v in p[1]])


@program((positive(3), (2.0, positive(3))), 2)
def arrays_of_nested_tuples_changed(p, n):
    p[0][0] *= p[1][0]
    p[1][1][n] = p[0][1] * p[1][0]
    c = p[1]
    c[1][0] *= 2
    return np.sum(p[0] * p[1][1]) * p[1][0]


@program({"w": [positive(3), positive(3)], "b": [1.0, 2.0]})
def arrays_of_a_list_in_a_dict_changed(p):
    for i, w in enumerate(p["w"]):
        w *= p["b"][i]
        w[0] = p["b"][1 - i]
    return np.sum(p["w"][0] * p["w"][1])


@program({"a": positive(3), "b": positive(3)}, 2)
def array_of_a_dict_chosen_and_changed(p, n):
    v = p["a"] if n > 1 else p["b"]
    v[0] *= v[1]
    w = p["a"] if n > 5 else p["b"]
    w += v
    if n == 2:
        return np.sum(p["a"] * p["b"])
    return np.sum(v)


@program(positive(4), 2)
def calls_that_change_in_expressions(x, n):
    s = x[0] + squared_first(x) * 2.0 + x[0] * squared_first(x) + x[0]
    for i in range(n):
        x = rest(x)
        s += x[0] - squared_first(x) if i else squared_first(x[1:]) * x[2]
    return np.sum(x**2) * s


@program(positive(4), 3)
def calls_that_change_in_tests(x, n):
    s = 0.0
    while n > 0 and squared_first(x) < 100:
        n -= 1
        s = s + (squared_first(x) if n > 1 else scaled_at(x, 2)[0])
    if x[0] > 100 or squared_first(x) > 0.1:
        s += np.exp(-squared_first(x[1:]))
    return np.sum(x**2) * s


@program(positive(4), 1)
def calls_that_change_beside_each_other(x, n):
    s = x[0:2] * squared_first(x) + (x[0:2] * 1.0) * squared_first(x)
    t = [x[0], squared_first(x), x[0]]
    d = {"a": x[0], "b": squared_first(x[n:]), "c": x[1]}
    y = scaled_at(scaled_at(x, 1) * 2.0, 1) * scaled_at(scaled_at(x, 1), 1)
    return s[0] * s[1] + t[0] * t[1] + t[2] ** 2 + d["a"] * d["b"] + d["c"] + np.sum(y)


@program(positive(3), [positive(3), positive(3)], 2, wrt=("x",))
def written_in_a_list_that_does_not_vary_yet(x, w, n):
    v = w[0]
    v[:] = 0.0
    w[1][n] = x[0]
    return np.sum(x * w[1]) + np.sum(w[0])


@program(positive(3), [positive(3), positive(3)], 2)
def arrays_of_a_list_read_and_changed(x, w, n):
    s = 0.0
    for i in range(n):
        s += np.sum(x * w[i])
        w[0][i] = x[0] * s
        s += np.sum(w[1][:2] @ x[:2])
        w[1] *= 0.5
    return s


@program(positive(3), positive(3), 2)
def item_is_the_adjoint_before_a_restore(x, w, n):
    ys = [w * 1.0, w * 2.0]
    v = ys[0]
    v[:] = 0.0
    ys[1][n] = x[0]
    return np.sum(x * ys[1]) + np.sum(ys[0])


@program(positive(3), 2)
def calls_that_change_and_operands_before_them(x, n):
    z = np.dot(x, x * squared_first(x)) + x[n] ** squared_first(x)
    return z + (-x[1] if squared_first(x) > 0 else x[0])


@program(positive(2, 2), 1)
def rows_under_two_names(x, n):
    s = 0.0
    for r in x:
        for c in x:
            r[0] *= c[1]
            s += r[1] * c[0]
        x = x + 1 if n > 1 else x
    return s + np.sum(x)


@program(positive(3, 2))
def rows_beside_the_next_ones(x):
    for c, r in zip(x[1:], x):
        r[0] *= c[1]
        if r[0] > 0.5:
            continue
        c += r
        x[0] += c
    return np.sum(x**2)


@program(positive(4), positive(3))
def looped_over_and_bound_again(x, w):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, w)):
        x[i + 1] *= b
        s += a
        if i == 1:
            x = x * w[0]
            w = w[::-1]
            w[0] *= x[1]
    return s + np.sum(x) * w[0]


@program(np.array([0.7, 1.2]))
@program(np.array([-0.7, 1.2]), name="call_that_changes_and_fails_in_an_attempt")
def call_that_changes_in_an_attempt(x):
    a = x * 1.0
    try:
        y = a[0] * doubled_in_place(a) * x[0]
    except ValueError:
        y = a[0] * a[1]
    return y
