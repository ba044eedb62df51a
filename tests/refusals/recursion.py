"""Functions that call themselves in a way that is refused."""

import functools

import numpy as np

from .registry import refused


def forever(x):
    return forever(x * 0.5) + x


@refused(0.7, says="calls itself without end", code="forever(x * 0.5)")
def endless(x):
    return forever(x) if x < 0.0 else x


def ping(x):
    return pong(x * 0.5)


def pong(x):
    return ping(x) * 2.0


@refused(0.7, says="calls itself without end", code="ping(x)")
def endless_pair(x):
    return ping(x) if x < 0.0 else x


def squared_from(x, i):
    if i == len(x):
        return 0.0
    x[i] = x[i] ** 2
    return x[i] + squared_from(x, i + 1)


@refused(np.ones(3), says="calls itself and changes an argument", code="squared_from(y, 0)")
def argument_written(x):
    y = x * 2.0
    return squared_from(y, 0)


@refused(np.ones(3), 0, says="change", code="squared_after(x, i + 1)")
def squared_after(x, i):
    if i == len(x):
        return 0.0
    x[i] = x[i] ** 2
    rest = squared_after(x, i + 1)
    return x[i] + rest


def tail_of(x, n):
    return x if n == 0 else tail_of(x[1:], n - 1)


@refused(np.ones(4), 2, says="returns one that is changed", code="tail_of(y, n)")
def returned_view_written(x, n):
    y = x * 2.0
    v = tail_of(y, n)
    v[0] = 5.0
    return np.sum(y * y)


def growing(x, n):
    return (x,) if n == 0 else (growing(x * x, n - 1),)


@refused(1.1, 3, says="grows with each call", code="growing(x * x, n - 1)")
def result_that_grows(x, n):
    return growing(x, n)[0]


def chained(x, seen, n):
    return x if n == 0 else chained(x * 1.1, (seen, x), n - 1)


@refused(1.1, 3, says="ever new kinds", code="chained(x * 1.1")
def argument_that_grows(x, n):
    return chained(x, None, n)


@functools.cache
def kept(x, n):
    return x if n < 2 else kept(x, n - 1) + x * kept(x, n - 2)


@refused(0.5, 6, says="keeps its results and calls itself", code="kept(x, n - 1)")
def kept_results(x, n):
    return kept(x, n)


def collects(x, seen=[]):  # noqa: B006
    seen.append(x)
    return x * x


@refused(0.5, says="changes the default of its parameter `seen`", code="collects(x)")
def default_changed(x):
    return collects(x)
