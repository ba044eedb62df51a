"""What paths bring together: ranks, classes of numbers, attributes that one path sets."""

import numpy as np

from .registry import normal, positive, program, single


@program(normal(4), normal(3, 4))
def rank_rises_in_a_loop(x, y):
    z = x
    for _ in range(3):
        z = np.sin(z) * y + x
    return np.sum(z)


@program([positive(2), positive(1), positive(3, 1)])
def sum_of_items_that_broadcast(v):
    s = 0.0
    for a in v:
        s = s + a * a
    return np.sum(s)


def squares_of(v):
    s = 0.0
    for a in v:
        s = s + a * a
    return s


@program([positive(2), positive(1)], order=1)
def mean_of_what_a_helper_adds_up(v):
    return np.mean(squares_of(v))


@program([positive(2), 1.5])
def numbers_and_arrays_multiplied(v):
    out = []
    s = 1.0
    for a in v:
        s = s * a
        out.append(s)
    return np.sum(out[-1]) + np.sum(out[0])


@program([positive(3), positive(3)])
def builtin_sum_of_arrays(v):
    return np.sum(sum(v))


@program(single(3), 1.5)
def float_beside_single_precision(x, scale):
    z = 0.0
    for _ in range(2):
        z = z + x * scale
    return np.sum(z * z)


@program(0.7)
def class_of_a_number_that_changes(x):
    s = 0
    for _ in range(3):
        if isinstance(s, int):
            s = s + 2 * x
        else:
            s = s * x
    return s


def grown(s, x):
    return s * 2 * x if isinstance(s, int) else s * x


@program(0.7)
def class_of_an_argument_that_changes(x):
    s = 1
    for _ in range(2):
        s = grown(s, x)
    return s


@program(0.7, order=1)
def class_of_items_of_a_list(x):
    t = 0.0
    for v in [1, x, 2]:
        t += v * x if isinstance(v, int) else v * v
    return t


class Counter:
    total = 0.0
    count = 0

    def add(self, value):
        self.total += value
        self.count += 1
        return self


@program(positive(3), 0.7)
def attribute_of_the_class_until_a_loop_sets_it(x, y):
    counter = Counter()
    for v in x:
        counter.add(v * y)
    return counter.total * counter.count + y


@program(positive(0), 0.7)
def attribute_of_the_class_that_no_round_sets(x, y):
    counter = Counter()
    for v in x:
        counter.add(v * y)
    return (counter.total + y) * y


@program(-0.7)
def attribute_of_the_class_that_no_branch_sets(y):
    counter = Counter()
    if y > 0.0:
        counter.total = y
    return counter.total * y + y**2


@program(0.7)
def attribute_of_the_class_set_in_a_try(y):
    counter = Counter()
    try:
        if y > 0.0:
            counter.total = y
            raise ValueError
    except ValueError:
        pass
    return counter.total * y + y


@program(0.7, order=1)
def slice_of_a_list_with_two_names(y):
    a = [y, 2.0 * y, y]
    a[0] = y * y
    c = a[1:]
    d = [a] * 2
    d[0].append(y)
    c[0] = c[1] * y
    return sum(a) + sum(c) * y


@program(positive(3), 0)
def repeated_not_once(x, n):
    return np.sum(np.repeat(x, n) ** 2) + np.sum(x)


@program(positive(2, 3, 4), positive(4, 3))
def axes_of_a_tensordot_in_lists(x, y):
    return np.sum(np.tensordot(x, y, axes=([1, 2], [1, 0])) ** 2)


@program(positive(1), positive(3))
def item_of_a_dict_that_broadcasts_in_a_loop(x, y):
    d = {"z": x}
    for k in range(2):
        d["z"] = d["z"] * y + k
    return np.sum(d["z"])


@program(0.7, positive(3))
def float_chosen_beside_arrays(x, y):
    z = x
    for _ in range(2):
        z = np.where(z > 0.0, z, y)
    return np.sum(z)
