"""Programs that were wrong or crashed once; random programs showed it, and they were made small."""

import numpy as np

from .registry import normal, positive, program


@program(normal(3), 1)
def one_element_written_twice_at_once(x, n):
    x[n], x[1] = x[1] * 2.0, x[2]
    return x[1] * x[2] * x[0]


@program(normal(3), 2)
def swap_of_an_element_with_itself(x, n):
    x[-1], x[n] = x[n], x[-1]
    return np.sum(x * x[0])


@program([0.3, 0.7, 1.1], 2)
def swap_of_items_that_may_be_one(p, n):
    q = [v * v for v in p]
    q[n], q[2] = q[2], q[n]
    return q[0] * q[2] + q[1]


@program(normal(3))
def minimum_that_is_subtracted(x):
    return 1.0 - min(x[2] * x[0], 50.0)


@program(normal(3))
def least_of_three_that_is_subtracted(x):
    return 1.0 - min(50.0, 40.0, x[2] * x[0])


@program(normal(3), normal(3, 3))
def argument_written_and_bound_again_in_a_loop(x, A):
    for _ in range(2):
        x += 1.0
        x = np.sum(A * x, axis=0)
    return np.sum(x * x)


@program(normal(3))
def argument_written_before_it_is_bound_in_a_loop(x):
    x[2] *= 0.5
    for _ in range(2):
        x = x**2
    return np.sum(x) * x[2]


@program(normal(3))
def tapes_before_and_inside_a_branch(x):
    v = 0.3
    for _ in range(3):
        x = x * np.sin(x)
    if x[0] < 50.0:
        while True:
            if v > 1.0:
                break
            v *= 1.7
            x[2] += v * x[1]
            x[1] *= x[2]
        return v * x[2]
    return x[1]


def views(a):
    return 1.5, a[1::2]


@program(normal(4))
def helper_that_returns_a_view_in_a_tuple(x):
    w, y = views(x * x)
    return np.sum(y) * w


@program(normal(4))
def tuples_of_a_helper_in_a_loop(x):
    t = 0.1
    for _ in range(3):
        w, y = views(x * t)
        t += np.sum(y) * w
    return t


@program(normal(3))
def alias_on_one_path_read_before_a_write(x):
    c = x if x[0] < 50.0 else x * 2.0
    s = np.sum(c**2)
    x[2] += 1.0
    return s * x[0]


@program(normal(3))
def array_unpacked_before_it_is_written(x):
    for _ in range(2):
        q, r, p = x
        p += np.sum(x)
    x[-2] *= q * r
    return np.sum(x) * p


@program([[0.3, 0.7], [1.1, -0.4]])
def list_taken_from_an_argument(p):
    y = p.pop(0)
    return y[0] * p[0][1]


@program(normal(3))
def division_by_a_known_zero_that_is_caught(x):
    s = float(x[0])
    try:
        s = s / len([])
    except ZeroDivisionError:
        s = s * x[1]
    return s * s * x[2]


@program(normal(3))
def division_of_numpy_by_a_known_zero_that_is_not_used(x):
    s = x[0] / len([]) if x[1] > 50.0 else x[0] * x[2]
    return s * s


@program(normal(3))
def one_name_twice_in_a_target(x):
    z = 1.0
    for k in range(3):
        z, z = x[k] * z, np.sin(x[k]) * z + x[0]
    [z, z] = x[:2] * z
    z, y, z = z * z, x[0] * z, z * z * z
    return z * y


@program(normal(3))
def one_name_twice_in_nested_targets(x):
    z = x[2]
    for k in range(2):
        (z, y), z = (x[k] * z, z * z), x[1] * z
        z, *z = x[1] * z, z * y, 2.0
        z = z[0] * z[1]
    return z


@program(normal(3))
def one_name_twice_in_the_target_of_a_loop(x):
    s = 1.0
    for z, z in zip(x, x * x):
        s = s * z + np.sin(z)
    for z, z in np.outer(x, x)[:, :2]:
        s = s * z
    return s * z + sum([z * z for z, z in zip(x, x * s)])


@program(normal(3))
def name_bound_twice_and_read_in_between(x):
    z = 1
    z, x[z], z = 2, x[0] * x[1], 0
    return x[0] * x[1] * x[2] * x[z]


def second_of_two(a):
    a, b, a = a * a, np.sin(a), a * 2.0
    return a * b


@program(normal(3))
def helper_that_binds_its_parameter_twice(x):
    s = 0.0
    for k in range(2):
        s = s + second_of_two(x[k]) * second_of_two(x[2])
    return s * s


@program(normal(3))
def element_changed_by_items_in_order(x):
    h = np.array([1.0, 0.8])
    x[2] *= sorted(h)[1]
    x[1] *= sorted(x * x)[1] + x.sum()
    return np.sum(x)


@program(normal(3))
def what_follows_a_raise_in_a_try(x):
    try:
        raise ValueError
        t = 2
    except ValueError:
        t = x.sum()
    return t * t


@program(normal(3))
def one_name_counts_two_loops(x):
    s = 1.0
    for k in range(3):
        s = s * x[k] + 1.0
        for k in range(2):
            s = s * x[k] + x[k] ** 2
        s = s * x[k] + np.sin(x[k])
    return s * x[k]


@program(normal(3), 2.0)
def view_read_by_an_assert_and_a_raise(x, s):
    y = x[1:]
    assert y[1] < 50.0 if len(y) else True, f"{y[0]}"
    x[2] *= x[0]
    try:
        assert y.sum() > 1e6, y
    except AssertionError:
        s = s * y[1]
    return s * x[2] ** 2


@program(normal(3))
def norm_of_joined_arrays_written_to_an_element(x):
    x[2] = np.linalg.norm(np.hstack((x, np.ones(1))))
    return np.sum(x * x)


@program(normal(4), 1.9)
def element_given_to_itself_twice_in_a_while(x, y):
    items = [x[::-1]]
    y = y * 1.0
    while abs(y) > 0.6:
        x[2], x[2] = (x[2], x[2])
        y *= 0.6
    for v in x:
        items.append(x * v)
    return np.sum(items[-1] * items[0]) * y


@program(np.array([0.0, 1.3, 0.0]), np.array([0.0, 1.0, 3.0]), wrt=("x",))
def exponent_of_zero_at_zero(x, p):
    return np.sum(x**p) + x[0] ** p[0] * x[1]


@program(np.array([0.3, -0.7, 1.1, 0.4]))
def function_from_the_end_of_a_list(x):
    fs = [lambda v: v * x[0], lambda v: v + x[1]]
    y = x.sum()
    for i in range(4):
        y = fs[-(i % 2) - 1](y)
    return y


@program(np.array([0.3, -0.7, 1.1, 0.4]))
def branch_that_raises_before_what_is_recorded(x):
    y = x.sum()
    for i in range(4):
        index = -(i % 2) - 1
        if index in (0, -2):
            value = y * x[0]
        else:
            if index in (1, -1):
                value = y + x[1]
            else:
                raise TypeError("no")
        y = value
    return y


@program(np.array([0.3, -0.7, 1.1, 0.4]))
def what_follows_a_continue_recorded_once(x):
    y = x.sum()
    for i in range(6):
        if i == 1:
            y = y + x[2]
            continue
        if i % 2:
            if i > 4:
                break
            value = y * x[0]
        else:
            value = y + x[1]
        y = value
    return y


@program(np.array([0.3, -0.7, 1.1, 0.4]))
def return_in_a_loop_whose_rest_is_recorded_once(x):
    y = x.sum()
    for i in range(6):
        if i % 2:
            if y > 40.0:
                return y * x[3]
            value = y * x[0]
        elif i == 4:
            raise ValueError(i) if y > 50.0 else KeyError(i)
        else:
            value = y + x[1]
        if i > 2:
            break
        y = value
    return y


@program(np.array([0.3, -0.7, 1.1]), np.array([0.9, 1.4, -0.2]), False, wrt=("x", "y"))
def rest_of_an_iteration_that_never_runs(x, y, flag):
    t = x * 2.0
    for _ in range(3):
        x, t = (t, x * y)
        if not flag:
            t -= x
            continue
        y += 1.0
    return np.sum(t * t) + np.sum(y) - np.sum(x)


@program(positive(4))
def item_of_a_list_in_a_dict_replaced(x):
    t = {"a": [x[0], x[1]], "b": x[2]}
    t["a"][0] = x[2] * 2.0
    return t["a"][0] * t["a"][1] * t["b"]


@program(positive(4))
def item_of_a_list_in_a_dict_augmented_in_a_loop(x):
    t = {"a": [x[0], x[1]], "b": x[2]}
    for i in range(2):
        t["a"][i] *= t["a"][1 - i] * t["b"]
    return t["a"][0] * t["a"][1] * t["b"]


@program(positive(4))
def items_of_lists_in_nested_containers_replaced(x):
    t = {"a": {"c": [x[0], x[1]]}, "b": [[x[2]], [x[1], x[0]]]}
    t["a"]["c"][0] = x[3] * t["a"]["c"][1]
    t["b"][1][0] = x[3] * t["b"][0][0]
    t["b"][0] = [x[3] ** 2]
    return t["a"]["c"][0] * t["b"][0][0] * t["b"][1][1] * t["b"][1][0]


@program(positive(4), order=1)
def slice_of_a_list_in_a_dict_replaced(x):
    t = {"a": [x[0], x[1]], "b": x[2]}
    del t["a"][0]
    t["a"][0:1] = [x[3], x[2]]
    return t["a"][0] * t["a"][1]


class Held:
    def __init__(self, w):
        self.w = w

    def doubled_and_given_back(self, a):
        self.w *= 2.0
        return a

    def squared_and_given_back(self, a):
        self.w = self.w * self.w
        return a


@program(positive(4))
def attribute_given_to_a_method_that_binds_it_anew(x):
    n = Held(x[0])
    m = Held(2 + 1.0)
    s = n.doubled_and_given_back(n.w) * m.squared_and_given_back(m.w)
    return s * n.w * m.w


def number_or(a, b):
    return a * 1.5 or b


@program(positive(4))
def helper_that_returns_an_or(x):
    return number_or(x[0], x[1]) * x[2] + number_or(0.0 * x[0], x[3])


@program(normal(3, 3), 1)
def slice_of_one_row_times_all(b, n):
    return np.sum(b[1:2] * b) + np.mean(b[n : n + 1] * b) + np.sum(b[:, :1] * b)


@program(normal(5))
def solution_that_a_dict_holds_written(x):
    u = {"a": np.linalg.solve(x[0] + 4.0 * np.eye(5), x * 2.0)}
    u["a"][[0, 3, 4, -3]] = 1.0
    return np.mean(np.sin(u["a"]))


@program(normal(3), [[0.3, 1.2], [0.7]])
def list_popped_of_a_given_list(x, p):
    p.pop()
    return np.sum(x)


def halved_and_given_to_itself(a):
    for k in range(4, -1, -1):
        a /= 1.5 + a[2 % 4]
        a[k % 4], a[k % 4] = (k, a[k % 4])
    return a


@program(positive(4))
def element_given_to_itself_at_a_computed_index(x):
    v = halved_and_given_to_itself(x)
    x = halved_and_given_to_itself(x)
    return x[2] * x[1] + v[0]


def two_results(c, b):
    u = b[2::-2] @ np.ones(2) * c
    return np.log(np.array([0.5, c, b[-1]]) ** 2), u


@program(positive(3), True, wrt=("x",))
def results_that_paths_read_differently(x, flag):
    w, z = two_results(x[0] * 2.0, x)
    t = w[2]
    if x[1] > 50.0:
        return t
    if flag and x[1] > 40.0:
        return np.sum(w * w)
    return np.sum(z) - t * x[1]


def joined_with_itself(y):
    u = np.concatenate((y * 2.0, y))
    return u[1] * u[-1]


@program(normal(4), normal(2))
def helper_whose_argument_has_another_name(x, y):
    return joined_with_itself(x) * joined_with_itself(y) * joined_with_itself(x[1:])


@program(positive(3), 1.3)
def attempt_whose_print_fails(x, p):
    for i in range(2):
        try:
            print(f"{x[0]:.3f}", x[5 - 3 * i])
            x = x * 2.0
        except IndexError:
            x = x * p
    return np.sum(x * p)


@program(normal(4), (normal(4), 1.3), wrt=("x",))
def known_numbers_in_an_array_beside_what_varies(x, p):
    u = {"a": 0.1, "b": x.sum(), "c": p[0]}
    u["c"][2] = np.array([u["a"]]).max()
    return u["b"] * x[0] + np.sum(u["c"])


@program(normal(3, 3), 1)
def sizes_of_complex_numbers_with_a_broadcast_part(a, n):
    q = [np.abs(a[:, 2::-1] + 1j * (1.2 + (a[n, -n - 1] * np.ones((3, 3))) ** 2))]
    q.append(np.cumsum(np.fft.fft(a[[-3, 2, -1]]).real, axis=0))
    return np.sum(q[-1] ** 2) - np.min(q[0])


@program(normal(3), [[normal(3), normal(3)]])
def view_that_cannot_be_written_joins_a_list(x, p):
    p += [[p[0][0] * x, np.diag(np.eye(3))]]
    return np.sum(p[1][1] * p[0][1]) + np.sum(p[1][0] * x)


@program(normal(5), normal(2, 5))
def row_at_a_computed_index_written_by_its_second_name(x, a):
    for i in range(2):
        w = y = a[i % 2]
        y[2] += x[i] * w[1]
    w = y = a[2 % 2]
    y[2] += 1.0
    return np.mean(x) * np.sum(a * a) + w[2]
