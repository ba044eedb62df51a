"""Statements that raise for certain: in a `try`, around a call, on a path not taken."""

# ruff: noqa: PLE0643

import math

import numpy as np

from .registry import normal, positive, program


@program(positive(3), 1.4, wrt=("x", "y"))
def missing_key_in_a_try(x, y):
    r = 2.0
    try:
        r = {"a": x[0]}["b"]
        r = r * 100.0
    except (KeyError, IndexError):
        r = np.prod(x) * r
    return r * y


@program(positive(3), 1.4, wrt=("x", "y"))
def index_past_the_end_behind_changes(x, y):
    q = y * x[1]
    try:
        q *= y
        q = [q][1]
        q = q * 100.0
    except Exception:  # noqa: BLE001
        q = q + x[0] * q
    else:
        q *= x[2]
    return q * y


@program(positive(4), 1.4, wrt=("x", "y"))
def certain_and_possible_in_one_try(x, y):
    s = 0.0
    for i in range(4):
        try:
            s = s + x[i]
            if x[i] > 1.0:
                s = [s][i + 1]
            s = (s, y)[2]
        except IndexError:
            s = s * x[0] + y
    return s


@program(positive(3), 1.4, wrt=("x", "y"))
def certain_in_a_while(x, y):
    s, n = y, 0
    while n < 3:
        n += 1
        try:
            s = s * x[n - 1]
            s = (s, s)[5]
        except IndexError:
            continue
        s = s * 1000.0
    return s


@program(positive(3), 1.4, wrt=("x", "y"))
def finally_between(x, y):
    r = y
    try:
        try:
            r = r * x[0]
            r = {"a": r}["b"]
        finally:
            r = r * x[1]
    except KeyError:
        r = r * x[2]
    return r


def third(x, y):
    if y > 100.0:
        return x[0]
    return (x[0], y)[2]


def never(x):
    return [x[0]][3] * x[1]


@program(positive(3), 1.4, wrt=("x", "y"))
def raised_in_a_helper(x, y):
    r = 0.0
    for i in range(3):
        try:
            r = r + third(x, y)
        except IndexError:
            r = r + x[i] * y
    return r


@program(positive(3), 1.4, wrt=("x", "y"))
def helper_that_never_returns(x, y):
    try:
        r = never(x) * y
    except IndexError:
        r = x[0] * y
    return r * y


@program(positive(3), 1.4, wrt=("x", "y"))
def on_a_path_not_taken(x, y):
    if x[0] > 0.0:
        return x[0] * y * x[1]
    r = {"a": y}["b"]
    return r * x[0]


@program(positive(3), 1.4, wrt=("x", "y"))
def on_one_side_of_a_choice(x, y):
    r = x[0] * y if y < 5.0 else {"a": y}["b"]
    try:
        r = r * (x[0], x[1])[2] if y > 1.0 else r
    except IndexError:
        r = r * x[2]
    return r * y


@program(positive(3), 1.4, wrt=("x", "y"))
def empty_list_popped(x, y):
    q = []
    try:
        r = q.pop()
    except IndexError:
        r = y
    q.append(r * x[0])
    return q[0]


@program(positive(3), 1.4, wrt=("x", "y"))
def key_that_is_not_there_deleted(x, y):
    d = {"a": y}
    try:
        del d["b"]
        y = y * 100.0
    except KeyError:
        y = y * x[0]
    return d["a"] * y


@program(positive(3), 1.4, wrt=("x", "y"))
def tuple_written(x, y):
    q = (x[0], y)
    try:
        q[1] = 5.0
        y = 100.0 * y
    except TypeError:
        y = y * q[0]
    return q[1] * y


@program(positive(3), 1.4, wrt=("x", "y"))
def values_and_shapes_that_do_not_fit(x, y):
    try:
        a, b = (x[0], y, x[1])
    except ValueError:
        a, b = x[0], y
    try:
        c = np.ones(2) * np.ones(3) * x[0]
    except ValueError:
        c = np.ones(3) * x[1]
    return a * b * np.sum(c)


@program(positive(3), 1.4, wrt=("x", "y"))
def tests_and_loops_that_raise(x, y):
    try:
        if {"a": y}["b"] > 0:
            y = 100.0 * y
        y = y * 200.0
    except KeyError:
        y = y * x[0]
    try:
        for k in [[1, 2]][2]:
            y = k * y
        y = y * 200.0
    except IndexError:
        y = y * x[1]
    return y


@program(positive(3), 1.4, wrt=("x", "y"))
def in_place_with_a_value_that_raises(x, y):
    x = x * 1.0
    try:
        x[1:] *= {"a": y}["b"]
        y = y * 200.0
    except KeyError:
        y = y * x[0]
    try:
        y += [y][2]
    except IndexError:
        x[0] = y
    return y * x[1] * x[0]


@program(positive(3), 1.4, wrt=("x", "y"))
def raised_again_as_another(x, y):
    r = 1.0
    try:
        try:
            r = {"a": x[0]}["b"]
        except KeyError:
            r = x[1]
            raise ValueError("again") from None
    except ValueError:
        r = r * y
    return r


@program(normal(4), 1.3)
def written_into_a_view_that_cannot_be(x, s):
    z = np.diag(np.outer(x, x))
    w = z[1:]
    try:
        s = 1.5 * x[1]
        w[-3] = np.min(x)
        s = 2.5
    except ValueError:
        s = 0.3 * x[2] * s
    return s * np.sum(x) * np.sum(z)


@program(np.array([-0.5, 1.2, -1.5, 1.3]))
def list_that_does_not_grow_where_its_item_raises(x):
    d = [x[1] * x[2], 1.0]
    try:
        d.append(math.log(x[0]))
        d.append(2.0)
    except ValueError:
        d.insert(0, x[3])
    return d[-1] ** 2 + d[0] * d[1]


@program(-0.7)
def goes_on_after_an_inner_attempt(x):
    h = x
    try:
        try:
            h = math.log(x)
        except ValueError:
            h = x * 3.0
        h = h * 2.0
        h = h * x
    except ZeroDivisionError:
        h = 0.5 * x
    return h


@program(-0.7)
def goes_on_after_an_inner_attempt_and_may_fail(x):
    h = x
    try:
        h = math.sqrt(x + 2.0)
        try:
            h = math.log(x)
        except ValueError:
            h = h * 3.0
        h = h * 2.0
        h = h / x
    except (ValueError, ZeroDivisionError):
        h = 0.5 * x
    return h


@program(0.7)
def inner_attempts_in_a_loop(x):
    t = 0.0
    for i in range(3):
        try:
            try:
                t = t + math.log(x - i)
            except ValueError:
                t = t + x * x
            else:
                t = t * 2
            t = t + x
        except ZeroDivisionError:
            t = 1.0
        t = t + 1
    return t


@program(0.4, 0.9)
def inner_attempt_that_takes_all_and_an_else(a, b):
    t = a
    try:
        try:
            a = math.sqrt(a - b)
        except ValueError:
            b = a + 0.3
    except LookupError:
        a = np.sin(a) + b
    else:
        t = t * b
        a = a * t + b
    return a * b * t
