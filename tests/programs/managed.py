"""Jumps out of blocks of context managers of the user's own, and objects that are replaced."""

from typing import NamedTuple

import numpy as np

from .registry import normal, program


class Count:
    def __init__(self, log):
        self.total = 1.0
        self.log = log

    def __enter__(self):
        self.total = self.total * 1.5
        return self.total * self.log[0]

    def __exit__(self, *error):
        self.total = self.total + self.log[1]
        self.log[2] *= self.total


@program(normal(3), normal(3))
def return_in_a_managed_block(x, y):
    c = Count(y)
    with c as k:
        if x[0] * 0.0 + k < 90.0:
            return np.sum(c.log * x) * c.total
        y[0] = k
    return y[0]


@program(normal(3), normal(3))
def return_in_a_managed_block_that_is_not_made(x, y):
    c = Count(y)
    with c as k:
        if k > 90.0:
            return np.sum(c.log * x)
        y[0] *= k
    return y[0] * c.total + np.sum(c.log * x)


@program(normal(4), normal(3))
def jumps_out_of_a_managed_block(x, y):
    z = 1.0
    c = Count(y)
    for i in range(4):
        with c as k:
            if i == 1:
                continue
            z = z * k + x[i]
            if i == 2:
                break
        z = z * 0.5
    return z * c.total * 0.1 + np.sum(c.log)


@program(normal(4), normal(3))
def jumps_in_a_loop_of_a_managed_block(x, y):
    c = Count(y)
    with c as k:
        for i in range(3):
            if x[i] > 90.0:
                return x[i]
            if i == 1:
                continue
            y[i] += k * x[i]
            if x[i] < -90.0:
                break
    return c.total * np.sum(c.log)


class Scaled(NamedTuple):
    w: np.ndarray
    b: float = 0.5

    def scaled(self, k):
        self.w[0] *= k
        return self._replace(b=self.b * k)

    @property
    def total(self):
        return np.sum(self.w) * self.b


@program(normal(3), normal(2))
def method_replaces_an_item_of_its_named_tuple(x, y):
    m = Scaled(x)
    m = m.scaled(y[0]).scaled(y[1])
    m.w[1] *= m.total
    return m.total + np.sum(x)
