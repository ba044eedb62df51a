"""Statements that are refused in some forms: `with`, `try`, `match`, `del`, `global`, imports."""

import contextlib
import math

import numpy as np

from .registry import refused

total = 0.0
seen = np.zeros(2)


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return True


def adds_to_total(x):
    global total  # noqa: PLW0603
    total = total + x
    return x


@refused(0.7, says="ExitStack", code="contextlib.ExitStack()")
def with_an_unknown_manager(x):
    with contextlib.ExitStack():
        y = x * x
    return y


@refused(0.7, says="target of a `with`", code="(a, b)")
def with_a_tuple(x):
    with open("/dev/null") as (a, b):  # noqa: RUF059
        y = x * x
    return y


@refused(0.7, says="try", code="try:")
def except_star(x):
    try:
        y = math.log(x)
    except* ValueError:
        y = x
    return y * x


@refused(0.7, says="else", code="try:")
def return_past_an_else(x):
    try:
        if x > 1:
            return x
        y = math.log(x)
    except ValueError:
        y = x
    else:
        y = y * y
    return y


@refused(np.array([0.7, 1.2]), says="in part", code="y += np.log(x)")
def try_in_place_with_errors_raised(x):
    y = x * x
    with np.errstate(all="raise"):
        try:
            y += np.log(x)
        except FloatingPointError:
            y = x
    return np.sum(y)


@refused(0.7, 2, says="may raise inside", code="for k in range(6 // n)")
def try_with_a_loop_that_may_raise(x, n):
    y = x
    try:
        for k in range(6 // n):
            y = y * x + k
    except ZeroDivisionError:
        y = x
    return y


@refused(0.7, says="no class of exceptions", code="error:")
def except_a_computed_class(x):
    error = ValueError if x > 1 else KeyError
    try:
        y = math.log(x)
    except error:
        y = x
    return y


@refused({"a": 0.7, "b": 1.2}, says="**", code='{"a": a, **rest}')
def match_the_rest_of_a_dict(p):
    match p:
        case {"a": a, **rest}:
            return a * rest["b"]
    return 0.0


@refused(0.7, says="chain", code="0 < x <")
def walrus_in_a_chain(x):
    if 0 < x < (y := x * 2.0):
        return y
    return x


@refused(0.7, says="after this `del`", code="del y")
def name_read_after_del(x):
    y = x * x
    if x > 1:
        del y
    return y * x


@refused(0.7, says="this import fails", code="import no_such_module")
def import_that_fails(x):
    import no_such_module  # noqa: F401, PLC0415

    return x * x


@refused(0.7, says="a function that is called", code="total = total + x")
def helper_that_writes_a_global(x):
    return adds_to_total(x) * x


@refused(0.7, says="is written here", code="global total")
def global_that_a_helper_reads(x):
    return scaled_by_total(x) * count_up()


def count_up():
    global total  # noqa: PLW0603
    total = 1
    return 2.0


def scaled_by_total(x):
    return x * total


@refused(np.array([0.7, 1.2]), says="changed in place", code="seen = y")
def global_changed_in_place(x):
    global seen  # noqa: PLW0603
    y = x * x
    seen = y
    y[0] = 3.0
    return np.sum(y * x)


@refused(np.ones(3), says="may change the element that is changed here", code="xs[-1] +=")
def item_taken_from_the_list_that_is_changed(x):
    xs = [x[0], x[1], x[2]]
    xs[-1] += xs.pop() * x[0]
    return sum(xs)
