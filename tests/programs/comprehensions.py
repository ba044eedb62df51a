"""Comprehensions and generator expressions, `map`, `filter` and `reduce`, `itertools`."""

import functools
import itertools
import math
import operator

import numpy as np

from .registry import normal, positive, program


def squared(v):
    return v * v


def is_large(v):
    return v > 1.0


def blend(a, b):
    return 0.5 * a + b * b


@program(positive(5))
def generator_in_a_sum(x):
    return sum(v * v for v in x)


@program([0.3, 1.4, 0.9], 1.3)
def generator_with_a_condition(xs, s):
    return sum(v * s for v in xs if v * s > 0.5) * s


@program([0.3, 1.4, 0.9])
def generator_with_two_conditions(xs):
    return sum(v**3 for v in xs if v > 0.5 if v < 1.0) + xs[0]


@program([0.3, 1.4], [0.8, 1.1, 0.2])
def generator_with_two_loops(xs, ys):
    return sum(a * b * b for a in xs for b in ys)


@program([0.3, 1.4, 0.2, 0.8])
def generator_over_pairs(xs):
    return sum(xs[i] * xs[j] for i in range(len(xs)) for j in range(i + 1, len(xs)))


@program([0.3, 1.4, 0.8])
def generators_nested(xs):
    return sum(sum(a * b for b in xs if b != a) * a for a in xs)


@program(normal(3, 2))
def matrix_by_comprehensions(a):
    b = np.array([[a[i, j] * (i + j) for j in range(2)] for i in range(3)])
    return np.sum(b * b * a)


@program(normal(3, 2))
def list_of_lists_by_comprehension(a):
    m = [[v * v for v in row] for row in a]
    return m[0][1] * m[2][0] + sum(m[1])


@program(normal(3, 2))
def flattened_by_comprehension(a):
    flat = [v for row in a for v in row]
    return sum(v * w for v, w in zip(flat, flat[1:]))  # noqa: RUF007


@program(0.7, 4)
def comprehension_over_a_range(x, n):
    terms = [x**k / math.factorial(k) for k in range(n)]
    return sum(terms) * terms[-1]


@program([0.3, 1.4, 0.9], [1.0, 2.0, 0.5])
def comprehension_over_zip(xs, ws):
    return sum([w * math.sin(x) for x, w in zip(xs, ws)])


@program([0.3, 1.4, 0.9])
def comprehension_over_enumerate(xs):
    return sum([i * x * x for i, x in enumerate(xs, start=1)])


@program([0.3, 1.4, 0.9])
def comprehension_over_reversed(xs):
    back = [x * x for x in reversed(xs)]
    return back[0] * xs[0] + back[-1]


@program({"a": 0.7, "b": 1.2})
def comprehension_over_items(p):
    return sum([v * v * len(k) for k, v in p.items()]) * sum(p[k] for k in p)


@program({"a": 0.7, "b": 1.2})
def generator_over_values(p):
    return sum(v**3 for v in p.values())


@program([0.3, 1.4, 0.9])
def comprehension_with_a_choice(xs):
    return sum([x * x if x > 0.5 else 3.0 * x for x in xs])


@program([0.3, 1.4, 0.9], True)
def comprehension_in_a_branch(xs, flag):
    total = sum(v * v for v in xs) if flag else xs[0]
    return total * xs[1]


@program([0.3, 1.4, 0.9])
def comprehension_in_both_branches(xs):
    return sum([v * v for v in xs]) if xs[0] > 0.1 else sum([v for v in xs])


@program([0.3, 1.4, 0.9])
def comprehension_behind_and(xs):
    ok = len(xs) > 2 and all(v > 0.1 for v in xs)
    return sum(v**2 for v in xs) if ok else xs[0]


@program([0.3, 1.4, 0.9])
def any_in_a_test(xs):
    if any(v > 1.0 for v in xs):
        return xs[0] * xs[1]
    return xs[2] * xs[2]


@program([0.3, 1.4, 0.9])
def any_stops_early(xs):
    i = [0.5, 2.0]
    if any(xs[k] * i[k] > 2.0 for k in range(len(xs))):
        return xs[0] ** 2
    return xs[1] * xs[0]


@program([0.3, 1.4, 0.0])
def all_stops_early(xs):
    if all(1.0 / v > 1.0 for v in xs):
        return xs[0] ** 2
    return xs[1] * xs[0] ** 3


@program([0.3, 1.4, 0.9])
def generator_in_a_while_test(xs):
    ys = [x * 1.5 for x in xs]
    while any(y > 0.8 for y in ys):
        ys = [y * y * 0.3 for y in ys]
    return sum(ys)


@program([0.3, 1.4, 0.9])
def largest_of_a_generator(xs):
    return max(v * v for v in xs) * min(math.sin(v) for v in xs)


@program([0.3, 1.4, 0.9])
def sorted_generator(xs):
    ys = sorted(v * v - v for v in xs)
    return ys[0] * 3.0 + ys[1] * ys[2]


@program([0.3, 1.4, 0.9])
def tuple_of_a_generator(xs):
    t = tuple(math.exp(v) for v in xs)
    return t[0] * t[1] + t[-1]


@program([normal(3), normal(3)])
def stack_of_a_comprehension(xs):
    return np.sum(np.stack([np.tanh(x) for x in xs]) ** 2)


@program(normal(3))
def concatenate_of_a_comprehension(x):
    return np.sum(np.concatenate([x * k for k in range(1, 4)]) ** 2)


@program([0.3, 1.4, 0.9])
def loop_over_a_generator(xs):
    total = 1.0
    for y in (x * x for x in xs if x > 0.5):
        total = total * y + y
    return total


@program([0.3, 1.4, 0.9])
def loop_over_a_generator_left_early(xs):
    total = 1.0
    for y in (x * x for x in xs):
        if y > 1.0:
            break
        total = total * y + y
    return total


@program([0.3, 1.4, 0.9])
def comprehension_of_tuples(xs):
    pairs = [(x, x * x) for x in xs]
    total = 0.0
    for a, b in pairs:
        total = total + a * b
    return total * pairs[0][1]


@program([0.3, 1.4, 0.9])
def set_comprehension_of_ints(xs):
    odd = {i for i in range(len(xs)) if i % 2 == 1}
    return sum(x * x for i, x in enumerate(xs) if i in odd)


@program(0.7)
def same_name_inside_and_outside(x):
    v = x * 2.0
    ys = [v * v for v in (x, x + 1.0)]
    return v * ys[0] + ys[1]


@program([0.3, 1.4, 0.9])
def map_of_a_function(xs):
    return sum(map(squared, xs))


@program([0.3, 1.4, 0.9])
def map_of_a_lambda(xs):
    return sum(map(lambda v: v * math.sin(v), xs))


@program(positive(3))
def reduce_by_a_numpy_function(x):
    return functools.reduce(np.add, x) * functools.reduce(operator.mul, x)


@program([0.3, 1.4, 0.9], [1.5, 0.2, 0.7])
def map_of_two_lists(xs, ys):
    return sum(list(map(blend, xs, ys)))


@program([0.3, -1.4, 0.9])
def map_of_a_builtin(xs):
    return sum(map(abs, xs)) * max(map(math.sin, xs))


@program([0.3, 1.4, 0.9], [1.5, 0.2, 0.7])
def map_of_an_operator(xs, ys):
    return sum(map(operator.mul, xs, ys))


@program([0.3, 1.4, 1.9])
def filter_by_a_function(xs):
    return sum(v * v for v in filter(is_large, xs))


@program([0.3, 1.4, 1.9])
def filter_by_a_lambda(xs):
    return sum(list(filter(lambda v: v > 1.0, xs))) * xs[0]


@program([0.3, 1.4, 0.9])
def reduce_by_a_lambda(xs):
    return functools.reduce(lambda a, b: a * b + a, xs)


@program([0.3, 1.4, 0.9])
def reduce_with_a_start(xs):
    return functools.reduce(operator.mul, xs, 2.0) * xs[0]


@program([0.3, 1.4, 0.9])
def reduce_by_a_function(xs):
    return functools.reduce(blend, [x * x for x in xs], 0.5)


@program([normal(2, 2), normal(2, 2), normal(2, 2)])
def reduce_by_matmul(ms):
    return np.sum(functools.reduce(np.matmul, ms) ** 2)


@program([0.3, 1.4], [0.9])
def itertools_chain(xs, ys):
    return sum(v * v for v in itertools.chain(xs, ys))


@program([0.3, 1.4], [0.9, 0.2])
def itertools_product(xs, ys):
    return sum(a * b * b for a, b in itertools.product(xs, ys))


@program([0.3, 1.4, 0.9])
def itertools_accumulate(xs):
    totals = list(itertools.accumulate(xs))
    return sum(t * t for t in totals)


@program([0.3, 1.4, 0.9])
def itertools_accumulate_products(xs):
    total = 0.0
    for t in itertools.accumulate(xs, operator.mul):
        total += t * t
    return total


@program([0.3, 1.4, 0.9, 2.0])
def itertools_islice(xs):
    return sum(v * v for v in itertools.islice(xs, 1, 3))


@program(0.7)
def itertools_repeat(x):
    return sum(v * k for v, k in zip(itertools.repeat(x, 4), range(4))) * x


@program([0.3, 1.4, 0.9])
def itertools_pairwise(xs):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(xs))


@program([0.3, 1.4, 0.9, 0.5])
def itertools_combinations(xs):
    return sum(a * b for a, b in itertools.combinations(xs, 2))


@program([0.3, 1.4, 0.9])
def comprehension_calls_a_helper(xs):
    return sum([blend(x, y) for x in xs for y in xs if is_large(y)])


@program(normal(3))
def comprehension_over_constants(x):
    return sum([x[i] * c for i, c in ((0, 2.0), (1, 3.0), (2, -1.0))])


@program({"w": normal(2, 2), "b": normal(2)}, normal(2))
def comprehension_over_names_of_parameters(p, x):
    return sum([np.sum(p[k] ** 2) for k in ("w", "b")]) * np.sum(x)


@program([0.3, 1.4, 0.9])
def empty_comprehension(xs):
    none = [x for x in xs if x > 5.0]
    return sum(none) + xs[0] * len(none) + xs[1] ** 2
