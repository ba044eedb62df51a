"""Statements and expressions that are refused, and names that Python reads by itself."""

import math

import numpy as np

from .registry import refused

counter = 0.0
VECTOR = np.array([0.5, 1.5, -1.0])


@refused(0.7, says="async", code="async def")
async def async_function(x):
    return x * x


@refused(0.7, says="generator", code="yield")
def generator(x):
    yield x * x


@refused(0.7, says="generator", code="yield from")
def delegating_generator(x):
    yield from [x]


def with_cell():
    cell = 0.0

    @refused(0.7, says="nonlocal", code="nonlocal cell")
    def nonlocal_statement(x):
        nonlocal cell
        cell = x * x
        return cell

    return nonlocal_statement


with_cell()


@refused(0.7, says="eval", code="eval(")
def eval_call(x):
    return eval("x * x") * x


@refused(0.7, says="exec", code="exec(")
def exec_call(x):
    exec("y = 1.0")
    return x * x


@refused(0.7, says="locals", code="locals(")
def locals_call(x):
    y = x * x
    return locals()["y"]


@refused(0.7, says="globals", code="globals(")
def globals_call(x):
    return globals()["VECTOR"][1] * x


@refused(0.7, says="vars", code="vars(")
def vars_call(x):
    y = x * x  # noqa: F841
    return vars()["y"]


@refused([0.7, 1.2], says="*", code="math.hypot(")
def starred_call(p):
    return math.hypot(*p)


@refused([0.7, 1.2], says="a set of values", code="v * v for")
def set_comprehension(xs):
    return sum({v * v for v in xs})


@refused([1.0, 2.0], says="a list of 0 is held by a dict", code="d[i % 2] = []")
def dict_of_lists(xs):
    d = {}
    for i in range(len(xs)):
        if i % 2 not in d:
            d[i % 2] = []
        d[i % 2].append(xs[i])
    return sum(d[0]) * sum(d[1])


@refused([1.0, 2.0], says="is the key of a dict", code="d[v]")
def dict_with_float_keys(xs):
    d = {}
    for v in xs:
        d[v] = v * v
    return sum(k * v for k, v in d.items())


@refused([1.0, 2.0], says="may get or lose items", code="for k, v in d.items():")
def dict_grown_while_looped(xs):
    d = {i: v * v for i, v in enumerate(xs)}
    total = 0.0
    for k, v in d.items():
        total += v
        d[k + 10] = total
    return total


@refused([1.0, 2.0], says="a view of a dict", code="sum(values)")
def dict_view_kept(xs):
    d = {0: xs[0]}
    values = d.values()
    for i in range(len(xs)):
        d[i] = xs[i]
    return sum(values)


@refused(0.7, says="set", code="{x, 2.0}")
def set_display(x):
    return sum({x, 2.0})
