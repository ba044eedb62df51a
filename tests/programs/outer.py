"""Lists and dicts from outside of a function that it changes: the caller sees each change once."""

import numpy as np

from .registry import normal, positive, program

HISTORY = [1.0]
COUNTS = {"calls": 1.0, "sums": [0.5]}
ROWS = [[1.0], [2.0]]


@program(normal(3))
def items_appended_to_a_global_list(x):
    HISTORY.clear()
    HISTORY.append(2.0)
    s = np.sum(x**2) * len(HISTORY)
    HISTORY.append(1.0)
    return s * x[0] * len(HISTORY)


@program(normal(3))
def numbers_that_vary_in_a_global_list(x):
    HISTORY.clear()
    for v in x:
        HISTORY.append(v * v)
    return sum(HISTORY) * HISTORY[-1]


@program(normal(3))
def items_of_a_global_dict_replaced(x):
    COUNTS["calls"] = 1.0
    COUNTS["sums"][:] = [0.5]
    COUNTS["calls"] += 1.0
    COUNTS["sums"].append(COUNTS["calls"])
    return np.sum(x**2) * COUNTS["calls"] * sum(COUNTS["sums"])


@program(normal(3), order=1)
def lists_in_a_global_list_changed(x):
    ROWS[0] = [1.0]
    ROWS[1] = [2.0]
    ROWS[0].append(2.0)
    s = np.sum(x**2) * len(ROWS[0])
    ROWS[1][0] = 5.0
    ROWS[0].append(1.0)
    return s * ROWS[1][0] * np.sum(x)


def noted(v):
    HISTORY.append(2.0)
    return v * v * len(HISTORY)


@program(normal(3))
def helper_that_appends_to_a_global(x):
    HISTORY.clear()
    s = 0.0
    for v in x:
        s = s + noted(v)
    return s * len(HISTORY)


@program(positive(3))
def helpers_that_append_to_a_global_in_one_expression(x):
    HISTORY.clear()
    return noted(x[0]) * noted(noted(x[1])) + x[2]


@program(normal(3))
def global_list_cleared_and_filled(x):
    HISTORY.clear()
    HISTORY.extend([2.0, 1.0, 3.0])
    last = HISTORY.pop()
    HISTORY.sort()
    return np.sum(x**2) * HISTORY[0] * last


@program(positive(3))
def list_of_a_cell_that_an_inner_function_fills(x):
    seen = [1.0]

    def add(v):
        seen.append(v)
        return v * len(seen)

    return sum(add(v) for v in x) * seen[1]
