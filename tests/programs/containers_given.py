"""Lists and dicts of the caller's whose items are written, replaced, added and taken away."""

import numpy as np

from .registry import positive, program

ROWS = [[0.7, 1.3], [1.1, 0.4]]
ARRAYS = [positive(3), positive(3)]
NAMED = {"a": positive(3), "b": positive(3)}


def doubled(a, b):
    a[0] *= 2.0 * b
    return a


@program(ROWS)
def number_in_a_given_list_of_lists_written(p):
    p[0][0] += 2.0 * p[1][1]
    return p[0][0] ** 2 * p[0][1]


@program(ROWS, 0.7)
def given_inner_lists_get_items(p, x):
    p[0].append(x * p[1][0])
    p[1].insert(0, x * p[0][0])
    p[0].extend([sum(p[1]), p[0][2] ** 2])
    p[1] += p[0]
    return sum(v * v for v in p[0]) * p[0][2] + p[1][0] * p[1][-1]


@program(ROWS, 0.7)
def given_inner_lists_lose_items(p, x):
    p[0].pop()
    p[1].clear()
    p[1].append(x)
    return p[0][0] ** 2 * p[1][0]


@program(ROWS, 0.7)
def given_inner_list_sorted(p, x):
    p[0].sort()
    return p[0][0] * x + p[0][1] ** 2


@program(ROWS, 0.7)
def name_of_a_given_inner_list_gets_items(p, x):
    z = p[0]
    z.append(x * z[0])
    z[1] *= x
    return z[2] * p[0][1] + p[1][0] ** 2 * p[0][2]


@program(ROWS, 0.7)
def given_list_popped_and_the_item_written(p, x):
    z = p.pop()
    z[0] = z[0] * x
    p.append([x, z[1]])
    return z[0] * z[1] + p[0][0] * p[1][1]


@program(ROWS, 0.7)
def rows_of_a_given_list_get_items_in_a_loop(p, x):
    for row in p:
        row.append(x * row[0])
        for k in range(len(row)):
            row[k] *= x
    return p[0][2] * p[1][2] * p[0][1]


@program(ROWS, 0.7)
def given_list_taken_apart_by_a_while(p, x):
    while len(p) > 1:
        q = p.pop(0)
        x = x * q[0]
        p[0].insert(0, x)
    return p[0][0] * p[0][1]


@program(ROWS, 0.7)
def given_rows_change_places(p, x):
    p[0], p[1] = p[1], p[0]
    a, b = p
    a[0] *= x
    b.append(a[0])
    p.reverse()
    return p[0][2] * p[1][1] ** 2


@program(ROWS, 0.7)
def given_row_stands_in_two_places(p, x):
    q = [p[0], p[0]]
    q[0].append(x * q[1][0])
    p[1] = q[1]
    p[1][0] *= x
    return q[1][2] * p[0][0] * p[1][1]


@program(ROWS, 0.7)
def copy_of_a_given_list_shares_its_rows(p, x):
    p = p.copy()
    p.append([x, x])
    p[0].append(x)
    return p[0][2] * p[2][1] * p[1][0] * p[0][0]


@program(ROWS, 0.7)
def given_list_changed_on_one_path(p, x):
    if x > 0.0:
        p[0] = [x * x, p[1][0]]
    else:
        p.pop()
    return p[0][0] * p[0][1] * p[-1][0]


@program(ARRAYS, 0.7)
def array_of_a_given_list_popped_and_written(p, x):
    y = p.pop()
    y[0] = x * y[1]
    p[0][1] *= y[0]
    return np.sum(p[0] ** 2) * np.sum(y)


@program(ARRAYS, 0.7)
def arrays_of_a_given_list_replaced_in_a_loop(p, x):
    for k in range(2):
        p[k][0] = x * np.sin(p[k][1])
        p[0] = p[0] * p[1]
    doubled(p[0], x)
    return np.sum(p[0] ** 2) + np.sum(p[1])


@program([ARRAYS, ARRAYS], 0.7)
def arrays_of_given_rows_replaced_and_written(p, x):
    q = p.pop(-1)
    q[0] += x * p[0][1]
    p[0][1][2] *= q[0][0]
    p[0][-1] = x * p[0][1]
    p[0][0][1] *= p[0][1][2]
    return np.sum(q[0] ** 2) + np.sum(p[0][1] ** 3) + np.sum(p[0][0] * q[1])


@program(NAMED, 0.7)
def arrays_of_a_given_dict_replaced(p, x):
    s = p["a"][1:]
    s[0] *= x
    p["a"] = p["a"] * p["b"]
    p["a"][1] = x
    p["a"] = p["a"][[0, 0, 1]]
    return np.sum(p["a"] ** 2) + np.sum(s**3)


@program(NAMED, 0.7)
def given_dict_gets_another_item(p, x):
    p.update(a=x * p["a"], c=p["b"])
    p["c"][0] *= x
    return np.sum(p["a"] * p["b"]) + np.sum(p["c"] ** 2)


@program(NAMED, 0.7)
def given_dict_loses_an_item(p, x):
    y = p.pop("a")
    y[0] = x
    p["d"] = y
    p["b"][1:] *= y[1:]
    return np.sum(p["d"] ** 2) * np.sum(p["b"])


@program(NAMED, 0.7)
def arrays_of_a_given_dict_change_places(p, x):
    p["a"], p["b"] = p["b"], p["a"]
    p["a"][0] *= x
    for v in p.values():
        v[1] += x
    return np.sum(p["a"] ** 2) + p["b"][0] * p["b"][1]


@program({"a": 1.2, "b": positive(3)}, 0.7)
def number_beside_an_array_in_a_given_dict(p, x):
    p["a"] *= p["b"][0] * x
    w = p["b"][::-1]
    w[0] = p["a"]
    return p["a"] ** 2 + np.sum(p["b"] ** 2 * w)


@program(NAMED, 0.3)
def given_dict_grows_until_it_is_large(p, x):
    while np.sum(p["a"]) < 20.0:
        p["a"] = p["a"] * (1.0 + x)
        p["a"][0] += x * x
    return np.sum(p["a"] * p["b"])


@program(positive(3))
def dicts_in_a_list_written(x):
    y = [{"a": x * 2.0, "b": x[0]}, {"a": x, "b": x[1]}]
    y[0]["b"] += x[2]
    y[1]["a"] = x * x
    y[1]["a"][0] *= y[0]["b"]
    return y[0]["b"] ** 2 + np.sum(y[1]["a"] * x)
