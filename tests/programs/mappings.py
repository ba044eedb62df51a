"""Dicts whose keys are known at run time only: read, written, walked through, emptied."""

# ruff: noqa: PLC0206  (items are read by key on purpose)

from collections import defaultdict

import numpy as np

from .registry import normal, program

WORDS = ["a", "b", "a", "c", "b", "a"]


@program(normal(5))
def keyed_squares(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i] * i
    total = 0.0
    for k in d:
        total += d[k] ** 2
    return total


@program(normal(6))
def keyed_by_words(x):
    d = {}
    for i, w in enumerate(WORDS):
        d[w] = d.get(w, 0.0) + x[i] ** 2
    return d["a"] * d["b"] + d["c"]


@program(normal(6))
def keyed_tested(x):
    d = {}
    for i in range(len(x)):
        if i % 2 in d:
            d[i % 2] += x[i] * d[i % 2]
        else:
            d[i % 2] = x[i]
    return d[0] * d[1]


@program(normal(6))
def keyed_overwritten(x):
    d = {0: x[0], 1: x[1] * x[1], 2: 1.0}
    for i in range(len(x)):
        d[i % 3] = d[(i + 1) % 3] * x[i] + np.sin(d[i % 3])
    return d[0] * d[1] * d[2]


@program(normal(6))
def keyed_memo(x):
    memo = {0: x[0], 1: x[1]}
    for i in range(2, len(x)):
        memo[i] = memo[i - 1] * memo[i - 2] + x[i]
    return memo[len(x) - 1]


@program(normal(6))
def keyed_setdefault(x):
    d = {}
    for i in range(len(x)):
        d.setdefault(i % 3, x[i])
        d[i % 3] = d[i % 3] * x[i]
    return d[0] + d[1] * d[2]


@program(normal(6))
def keyed_setdefault_value(x):
    d, total = {}, 0.0
    for i in range(len(x)):
        v = d.setdefault(i % 3, x[i] ** 2)
        total += v * x[i]
    return total


@program(normal(5))
def keyed_items(x):
    d = {}
    for i in range(len(x)):
        d[i] = np.exp(x[i])
    total = 0.0
    for k, v in d.items():
        total += k * v * v
    return total


@program(normal(5))
def keyed_values(x):
    d = {i: x[i] ** 2 for i in range(len(x))}
    total = 1.0
    for v in d.values():
        total *= v + 1.0
    return total + sum(d.values())


@program(normal(5))
def keyed_values_gathered(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i] * (i + 1)
    values = list(d.values())
    return max(d.values()) * min(d.values()) + values[0] * sum(v * v for v in d.values())


@program(normal(5))
def keyed_comprehension_of_items(x):
    d = {i: x[i] for i in range(len(x))}
    e = {k: v * v for k, v in d.items() if k != 2}
    return sum(e[k] * d[k] for k in e)


@program(normal(5))
def keyed_popped(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i] ** 2
    a = d.pop(2)
    b = d.pop(17, 3.0)
    del d[0]
    return a * b + sum(d.values()) * len(d)


@program(normal(5))
def keyed_emptied(x):
    d, total = {}, 0.0
    for i in range(len(x)):
        d[i % 2] = x[i]
        if i == 2:
            d.clear()
        total += d.get(0, 0.0) * d.get(1, 1.5)
    return total


@program(normal(3, 3))
def keyed_by_pairs(x):
    grid = {}
    for i in range(3):
        for j in range(len(x)):
            grid[i, j] = x[i, j] * (i + 2 * j)
    total = 0.0
    for i in range(3):
        for j in range(1, len(x)):
            total += grid[i, j] * grid[i, j - 1]
    return total


@program(normal(4), 0)
def keyed_never_filled(x, n):
    d = {}
    for i in range(n):
        d[i] = x[i]
    total = x[0] * x[1]
    for k in d:
        total += d[k]
    return total + d.get(1, 2.0) * x[2]


@program(normal(5))
def keyed_changed_while_looped(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i]
    for k in d:
        d[k] = d[k] * d[k] + x[0]
    for k, v in d.items():
        d[k] = v * d[0]
    return sum(d.values())


@program(normal(5))
def keyed_two_names(x):
    d = {}
    e = d
    for i in range(len(x)):
        e[i] = x[i] * 2.0
        d[0] = e[0] * x[i]
    return d[0] * e[len(x) - 1]


@program(normal(5))
def keyed_copied(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i]
    e = d.copy()
    f = dict(d)
    for i in range(len(x)):
        d[i] = d[i] * e[i]
        f[i] = f[i] * d[i]
    return sum(e.values()) + sum(f.values()) * sum(d.values())


def total_of(d):
    """The sum of squares of the values of a dict."""
    total = 0.0
    for k in d:
        total += d[k] * d[k]
    return total


def fill(d, x):
    """Put items into a dict."""
    for i in range(len(x)):
        d[i] = d.get(i, 1.0) * x[i]


@program(normal(5))
def keyed_given_to_helpers(x):
    d = {}
    fill(d, x)
    first = total_of(d)
    fill(d, x)
    return first * total_of(d)


def table_of(x):
    """A dict that is made by a function."""
    out = {}
    for i in range(len(x)):
        out[i] = np.tanh(x[i])
    return out


@program(normal(5))
def keyed_made_by_helper(x):
    d = table_of(x)
    e = table_of(2.0 * x)
    for k in d:
        e[k] = e[k] * d[k]
    return sum(e.values()) + d[1]


@program(normal(5))
def keyed_updated(x):
    d, e = {}, {}
    for i in range(len(x)):
        d[i] = x[i]
        e[i + 2] = x[i] ** 2
    d.update(e)
    d |= {0: x[1]}
    return sum(d.values()) * d[0] * d[3]


@program(normal(5), True)
def keyed_on_a_branch(x, flag):
    d = {}
    for i in range(len(x)):
        if x[i] > 0.0:
            d[i] = x[i] ** 3
        elif flag:
            d[0] = x[i] ** 2
    if 0 in d:
        return d[0] * len(d) + x[1] * sum(d.values())
    return sum(d.values())


@program(normal(5))
def keyed_left_early(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i]
    total = 0.0
    for k in d:
        if k == 3:
            break
        total += d[k] * x[0]
        d[k] = total
    return total + d[1] * d[4]


@program(normal(5))
def keyed_swapped(x):
    d = {i: v for i, v in enumerate(x)}
    for i in range(4):
        d[i], d[i + 1] = d[i + 1] * x[0], d[i]
    return d[0] * d[1] + d[4]


@program(normal(6), [3, 1, 2, 3, 3, 1])
def keyed_by_argument(x, keys):
    d = {}
    for k, v in zip(keys, x):
        d[k] = d.get(k, v) * v
    return sum(d[k] for k in sorted(d))


@program(normal(4))
def keyed_nested_loops(x):
    total = 0.0
    for i in range(len(x)):
        d = {}
        for j in range(len(x)):
            d[j % 2] = d.get(j % 2, 0.0) + x[j] * x[i]
        for k, v in d.items():
            total += v * v * (k + 1)
    return total


@program(normal(4))
def keyed_constants_only(x):
    weights = {}
    for i in range(len(x)):
        weights[i] = 0.5 * i
    return sum(weights[i] * x[i] ** 2 for i in weights)


@program(normal(5))
def keyed_backwards(x):
    d = {}
    for i in range(len(x)):
        d[f"k{i}"] = x[i]
    total = 0.0
    for k in reversed(d):
        total = total * d[k] + d["k0"]
    return total


@program(normal(6))
def keyed_default_floats(x):
    d = defaultdict(float)
    for i in range(len(x)):
        d[i % 3] += x[i] ** 2
    total = d[7] * x[0]
    for k in list(d):
        total += d[k] * d[0]
    return total * len(d)


@program(normal(6))
def keyed_default_ints(x):
    counts = defaultdict(int)
    sums = defaultdict(float)
    for i, w in enumerate(WORDS):
        counts[w] += 1
        sums[w] += x[i] * x[0]
    return sum(sums[w] / counts[w] for w in counts)


@program(normal(5))
def keyed_while(x):
    d = {0: x[0]}
    k = 0
    while k < len(x) - 1:
        d[k + 1] = d[k] * x[k + 1] + d.get(k - 1, 0.5)
        k += 1
    return d[k] * d[0]


@program(normal(5))
def keyed_returned_in_loop(x):
    d = {}
    for i in range(len(x)):
        d[i % 2] = d.get(i % 2, 1.0) * x[i]
        if i == 3:
            return d[0] * d[1]
    return d[0]


@program(normal(5))
def keyed_zipped(x):
    d = {5 - i: x[i] ** 2 for i in range(len(x))}
    total = sum(a * b for a, b in zip(d.values(), x))
    for j, (k, v) in enumerate(d.items()):
        total = total * v + k * j * v
    return total


@program(normal(5))
def keyed_default_varies(x):
    d, total = {}, 0.0
    for i in range(len(x)):
        total += d.get(i % 3, x[0] * x[i]) ** 2
        d[i % 3] = total * x[i]
    return total


@program([0.4, 1.3, -0.6])
def keyed_from_comprehension(xs):
    d = {i: v * v for i, v in enumerate(xs)}
    return d[0] * d[1]
