"""Functions as values and objects, where only the run can tell which they are."""

import types
from fractions import Fraction

import numpy as np

from .registry import refused


class Dynamic:
    def __init__(self, x):
        self.x = x

    def __getattr__(self, name):
        return self.x


class Numbers(list):
    pass


class Made:
    def __new__(cls, x):
        made = super().__new__(cls)
        made.x = x
        return made


class Switch:
    def __init__(self, x):
        self.x = x

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.x = 0.0


def endless(x):
    while True:
        yield x
        x = x * 1.5
        yield -x


def early(x):
    yield x
    if x > 0.0:
        return
    yield x * x


def with_default(x, scale=Fraction(1, 2)):
    f = lambda v: v * x  # noqa: E731
    return f(float(scale))


@refused(0.7, says="inner class `Local`", code="class Local")
def class_inside(x):
    class Local:
        scale = 2.0

    return x * Local.scale


@refused(1.7, says="one of two things here", code="f(x)")
def function_or_number(x):
    if x > 1.0:
        f = lambda v: v * x  # noqa: E731
    else:
        f = 3.0
    return f(x)


@refused(1.7, says="that a branch or loop chose is assigned", code="r.x = x")
def chosen_object_written(x):
    p = types.SimpleNamespace(x=x)
    q = types.SimpleNamespace(x=2.0 * x)
    r = p if x > 1.0 else q
    r.x = x
    return p.x * q.x


@refused(1.7, says="that a branch or loop chose is assigned", code="p.x = 3.0")
def object_written_behind_a_choice(x):
    p = types.SimpleNamespace(x=x)
    q = types.SimpleNamespace(x=2.0 * x)
    r = p if x > 1.0 else q
    p.x = 3.0
    return r.x


@refused(0.7, 40, says="grows in a loop whose number of rounds is not known", code="for i in range")
def objects_in_a_loop_of_unknown_length(x, n):
    made = []
    for i in range(n):
        made.append(types.SimpleNamespace(x=x * i))
    return made[0].x + made[1].x


@refused(0.7, 1, says="at a key that varies", code="fs[i]")
def function_or_number_at_a_varying_index(x, i):
    fs = [lambda v: v * x, 2.0]
    return fs[i](x) if i < 1 else x


@refused(0.7, 1, says="`getattr` with a name that varies", code="getattr(")
def attribute_by_a_varying_name(x, n):
    p = types.SimpleNamespace(x1=x)
    return getattr(p, f"x{n}") * x


@refused(0.7, says="decides itself what its attributes are", code="Dynamic(")
def class_with_getattr(x):
    p = Dynamic(x)
    return p.anything * x


@refused(0.7, says="derived from `list`", code="Numbers(")
def class_derived_from_a_list(x):
    xs = Numbers([x, x])
    return xs[0] * x


@refused(0.7, says="`__new__` of the class `Made`", code="Made(")
def class_with_new(x):
    return Made(x).x * x


@refused(0.7, says="a block of a context manager that you wrote", code="with Switch(")
def return_in_two_blocks_of_ones_own(x):
    with Switch(x) as s, Switch(s.x * x) as t:
        return s.x * t.x


@refused(0.7, says="a generator which does not end by itself", code="for v in endless(")
def endless_generator(x):
    total = 0.0
    for v in endless(x):
        if v > 3.0:
            break
        total = total + v
    return total


@refused(0.7, says="a generator that returns early", code="early(")
def generator_with_return(x):
    return sum(early(x))


@refused(0.7, says="calls itself", code="twice(")
def recursion_over_functions(x):
    def twice(f, n):
        if f(x) > 100.0 or n > 20:
            return f(x)
        return twice(lambda v: f(v) * 2.0, n + 1)

    return twice(lambda v: v * x, 0)


@refused(0.7, says="the inner function `f` is used as a value", code="np.vectorize(f)")
def function_given_to_numpy(x):
    def f(v):
        return v * x

    return np.sum(np.vectorize(f)(np.ones(3)))


@refused(0.7, says="`y` of an object of `Switch` is not known here", code="s.y")
def attribute_that_is_missing_at_times(x):
    s = Switch(x)
    return s.x if x > 0.0 else s.y


class Plain:
    pass


@refused([0.5, 0.7], 0.3, says="whether an object has `last` depends", code="for v in x:")
def attribute_that_a_round_sets(x, y):
    thing = Plain()
    s = y
    for v in x:
        if hasattr(thing, "last"):
            s = s + thing.last * v
        thing.last = v * y
    return s


@refused(0.3, says="`z` is set on one path that leads here", code="getattr(")
def attribute_that_a_branch_sets(y):
    thing = Plain()
    if y > 0.0:
        thing.z = y
    return getattr(thing, "z", y * y) * y
