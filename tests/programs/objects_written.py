"""Named tuples and objects that hold arrays which are written, through them or beside them."""

from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .registry import normal, positive, program

Pair = namedtuple("Pair", ["w", "b"])
Alone = namedtuple("Alone", ["w"])


class Deep(NamedTuple):
    pair: Pair
    scale: float
    label: str = "none"


@dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    b: float = 0.5


def grow(a, b):
    a[-1] *= b + a[0]
    return a


def read(pair, k):
    return np.sum(pair.w * pair.w) * k + pair.b


@program(normal(4), normal(4))
def named_tuple_of_a_slice_is_written(x, y):
    m = Pair(w=y[:3], b=np.sum(x))
    m.w[np.array([-1, 0])] += np.minimum(np.flip(x[:2]), m.b)
    return np.mean(np.sin(m.w)) + np.sum(y * x) * m.b


@program(normal(3), 0.7)
def named_tuple_of_an_argument_is_written(x, s):
    m = Pair(x, s * 2.0)
    m.w[0] *= m.b
    x[1] -= m.w[2] * s
    return np.sum(m.w * x) + m.b


@program(normal(3, 3))
def named_tuple_of_a_column_is_written(A):
    o = Pair(w=A[1, 1], b=A[:, -1])
    o.b[-3] -= o.b[-2] * o.w
    A[-2, -2] += np.sin(A[1, 2])
    return np.sum(A * A) * o.w + np.sum(o.b)


@program(normal(3))
def two_named_tuples_hold_one_array(x):
    z = x * 1.5
    m = Pair(w=z, b=z)
    n = Pair(w=z[::-1], b=x)
    m.w[0] += np.sin(n.w[0])
    n.w[1:] *= m.b[:2]
    n.b[2] = m.w[1]
    return np.sum(m.b * n.w * x)


@program(normal(3))
def frozen_object_is_written(x):
    m = Frozen(x)
    m.w[...] *= m.b + x[0]
    return np.sum(m.w**3)


@program(normal(4), 1.1)
def named_tuple_inside_of_another(x, s):
    d = Deep(Pair(x[1:], s), s * s)
    d.pair.w[0] += d.pair.b * x[0]
    inner = d.pair
    inner.w[-1] *= d.scale
    return np.sum(x * x) + inner.w[0] * d.scale


@program(normal(4), 1.1)
def named_tuple_takes_part_of_another(x, s):
    m = Pair(x, s)
    n = Pair(m.w[::2], m.b * x[1])
    n.w[1] -= n.b
    m = Pair(n.w, m.b)
    m.w[0] *= m.b
    return np.sum(x**3) + n.b


@program(normal(3), 0.5)
def named_tuple_is_chosen_by_a_branch(x, s):
    y = np.sin(x)
    if s > 0.2:
        m = Pair(x, s)
    else:
        m = Pair(y, 2.0 * s)
    m.w[0] *= m.b
    y[1] += m.w[0]
    return np.sum(x * x * y) * m.b


@program(normal(3), -0.5)
def named_tuple_is_chosen_by_an_expression(x, s):
    y = np.sin(x)
    m = Pair(x, s) if s > 0.2 else Pair(y, 2.0 * s)
    m.w[0] *= m.b
    return np.sum(x * x * y) * m.b


@program(normal(4), 0.5)
def named_tuple_is_rebuilt_in_a_loop(x, s):
    m = Pair(x, s)
    for k in range(3):
        m.w[k] += np.sin(m.w[k + 1]) * m.b
        m = Pair(m.w, m.b * 0.5 + x[0])
    return np.sum(x * m.w) + m.b


@program(normal(4), 0.5)
def named_tuple_moves_between_arrays(x, s):
    y = x * s
    m = Alone(x)
    n = Alone(y)
    for k in range(3):
        m.w[k] += np.sin(n.w[k + 1])
        m, n = n, m
    return np.sum(x * y) + m.w[0] * n.w[2]


@program(normal(4))
def named_tuple_of_views_is_made_in_a_loop(x):
    for k in range(3):
        m = Pair(w=x[k:], b=x[k] * 2.0)
        m.w[0] = np.sin(m.w[1]) * m.b
    return np.sum(x * x)


@program(normal(4))
def named_tuple_in_a_loop_that_may_not_run(x):
    m = Pair(x, 1.0)
    for k in range(int(x[0] > 90.0)):
        m = Pair(x[::-1], m.b + x[k])
    m.w[0] *= 2.0 + m.w[1]
    return np.sum(x**2) * m.b


@program(normal(3), 0.5)
def named_tuple_is_given_to_helpers(x, s):
    m = Pair(x, s)
    q = grow(m.w, m.b)
    r = read(m, x[0])
    x[1] = r
    return np.sum(q * q) + read(m, s)


@program(normal(3), 0.5)
def named_tuple_of_written_memory_is_returned(x, s):
    y = x * s
    m = Pair(y[::-1], s)
    y[0] += m.w[0]
    return m


@program(normal(3))
def tuple_of_a_tuple_and_a_text_is_written(x):
    t = ("name", (x, [1.0, 2.0]))
    t[1][0][0] *= x[1]
    return np.sum(t[-1][0] ** 2)


@program(normal(3), positive())
def named_tuple_unpacked_and_written(x, s):
    m = Pair(x, s)
    w, b = m
    w[0] -= b * w[1]
    return np.sum(m.w * w) * m.b


@program(normal(3), positive())
def named_tuple_replaced_and_written(x, s):
    m = Pair(x, s)
    n = m._replace(b=s * s)
    n.w[0] -= n.b * m.w[1]
    k = n._replace(w=n.w[::-1])
    k.w[0] *= m.b
    return np.sum(m.w**2) * k.b


@program(normal(3), normal(3))
def array_written_while_a_named_tuple_holds_it(x, y):
    m = Alone(w=y)
    for g in x:
        y[0:] += y[1] * g
        x = m.w * g
    return np.mean(np.sin(m.w)) + np.sum(x)


@program(normal(3))
def named_tuple_in_a_try(x):
    m = Pair(x * 1.0, 0.5)
    try:
        m = Pair(x, float("0.25") * x[0])
        n = Pair(x[::-1], x[5])
        m = n
    except IndexError:
        m.w[0] *= m.b
    return np.sum(x * m.w)


@dataclass
class Data:
    w: np.ndarray
    b: float = 0.5

    def step(self, a):
        self.w += np.cos(a)
        return np.sum(self.w)

    def scaled(self, a):
        self.w[0] *= a * self.b
        return self


class Model:
    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.label = "model"

    def call(self, a):
        self.w *= a
        self.b[0] += self.w[1] * a
        return np.sum(self.w * self.b)


class Slotted:
    __slots__ = ("parts", "rate")

    def __init__(self, parts, rate):
        self.parts = parts
        self.rate = rate


def fill(target, k):
    target.w[0] = k * target.w[1]


@program(normal(3), Pair(normal(3), 0.7))
def array_of_a_given_named_tuple_is_written(x, p):
    p.w[0] += x[1] * p.b
    return np.sum(p.w * p.w * x) + p.b


@program(normal(3), Pair(normal(3), 0.7))
def array_of_a_given_named_tuple_has_other_names(x, p):
    w = p.w
    w[0] += x[1] * p.b
    q = Pair(w[::-1], p.b * 2.0)
    q.w[0] *= p.w[0] * q.b
    return np.sum(p.w * w * x) + q.b


@program(normal(3), Data(normal(3), 0.7))
def array_of_a_given_object_has_other_names(x, p):
    w = p.w
    w[0] += x[1] * p.b
    p.w[1] *= w[0]
    return np.sum(p.w * w * x) + p.b


@program(normal(3), Frozen(normal(3), 0.7))
def array_of_a_given_frozen_object_is_written(x, p):
    p.w[...] *= x * p.b
    x[0] = p.w[1]
    return np.sum(p.w * p.w * x) + p.b


@program(normal(3), Data(normal(3), 0.7))
def methods_write_into_a_given_object(x, p):
    s = p.step(x)
    q = p.scaled(s)
    return np.sum(p.w * q.w * x) + p.b


@program(0.7, Model(normal(3), normal(3)))
def method_writes_into_two_arrays_of_a_given_object(k, m):
    s = 0.0
    for _ in range(2):
        s = s + m.call(k) * m.w[0]
    return s


@program(normal(3), Slotted([normal(3), normal(2)], 0.7))
def arrays_in_a_list_of_a_given_object_are_written(x, m):
    for k in range(2):
        part = m.parts[k]
        part[0] += m.rate * x[k]
        x[k] *= m.parts[0][0]
    return np.sum(m.parts[0] * x) * np.sum(m.parts[1])


@program(0.5, Deep(Pair(normal(3), 0.7), 1.5))
def array_deep_in_a_given_named_tuple_is_written(k, d):
    inner = d.pair
    inner.w[0] *= d.scale * inner.b
    d.pair.w[1] -= k * inner.w[0]
    return np.sum(d.pair.w**2) * inner.b


@program(0.5, Data(normal(3), 0.7))
def helper_writes_into_a_given_object(k, p):
    fill(p, k)
    fill(p, p.b)
    return np.sum(p.w**2)


@program([Alone(normal(3)), Alone(normal(3))], 0.4)
def named_tuples_in_a_given_list_are_written(ms, k):
    for m in ms:
        m.w[0] += k * m.w[1]
    ms[0].w[1] *= ms[1].w[0]
    return np.sum(ms[0].w * ms[1].w)


@program(normal(4), normal(4))
def named_tuples_in_a_list_are_written(x, y):
    ms = [Alone(x), Alone(y), Alone(x[::-1])]
    for k in range(3):
        ms[k].w[0] += np.sin(ms[(k + 1) % 3].w[k])
    return np.sum(x * y)


@program(normal(3), Pair(normal(3), 0.7))
def given_named_tuple_is_read_by_a_helper_and_written(x, p):
    p.w[0] *= read(p, 2.0) * x[0]
    x[1] = read(p, x[0])
    return np.sum(p.w * x) * p.b


@program(normal(3), Frozen(normal(3), 0.7))
def given_frozen_object_is_read_by_a_helper_and_written(x, p):
    p.w[0] *= read(p, 2.0) * x[0]
    return np.sum(p.w * x) * read(p, 1.0)


@program(normal(3), Data(normal(3), 0.7))
def given_object_is_read_by_a_helper_and_written(x, p):
    p.w[0] *= read(p, 2.0) * x[0]
    return np.sum(p.w * x) * read(p, 1.0)


@program(normal(3), Model(normal(3), [0.5, 1.5]), order=1)
def given_object_with_a_list_is_read_by_a_helper(x, p):
    w = p.w
    w[1] *= x[0]
    for k in range(2):
        w[k] += p.b[k] * totals(p)
    return np.sum(p.w * x)


def totals(p):
    return np.sum(p.w) + sum(p.b)


@program([Data(normal(3), 0.7), Data(normal(3), 1.2)], normal(3), order=1)
def objects_in_a_given_list_are_written(ps, x):
    for p in ps:
        p.w[0] *= x[1] * p.b
    ps[0].w += ps[1].w * ps[0].b
    return np.sum(ps[0].w * ps[1].w * x)


@program(Model(normal(3), normal(3)), normal(3))
def array_of_a_given_object_is_chosen(p, x):
    for k in range(3):
        w = p.w if k % 2 else p.b
        w[k] += x[k] * p.b[1]
    return np.sum(p.w * p.b * x)


@program(Data(normal(3), 0.7), normal(3))
def given_object_and_one_made_share_arrays(p, x):
    q = p
    q.w[0] *= x[1]
    r = Data(q.w, x)
    r.w += x * p.b
    r.b[1] *= p.w[0]
    return np.sum(p.w * x)
