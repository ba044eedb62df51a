"""Recursion over layers, matrices, functions and flags; levels that write into their own arrays."""

import math

import numpy as np

from .registry import normal, positive, program


@program(normal(4), normal(4, 4), 3)
def repeated_layer(x, w, depth):
    if depth == 0:
        return np.sum(x * x)
    return repeated_layer(np.tanh(w @ x), w, depth - 1)


@program(normal(3), [normal(3, 3), normal(3, 3)])
def layers_of_list(x, ws):
    if not ws:
        return np.sum(x)
    return layers_of_list(np.tanh(ws[0] @ x), ws[1:])


@program(normal(3), (normal(4, 3), normal(2, 4)))
def layers_of_tuple(x, ws):
    if len(ws) == 0:
        return np.sum(x * x)
    return layers_of_tuple(np.tanh(ws[0] @ x), ws[1:])


@program(normal(3), (normal(4, 3), normal(2, 4)))
def layers_by_number(x, ws):
    return layer_from(0, x, ws)


def layer_from(i, x, ws):
    if i == len(ws):
        return np.sum(x * x)
    return layer_from(i + 1, np.tanh(ws[i] @ x), ws)


@program(normal(3, 3), 5)
def matrix_power(a, n):
    if n == 0:
        return np.eye(3)
    if n % 2:
        return a @ matrix_power(a, n - 1)
    b = matrix_power(a, n // 2)
    return b @ b


@program(positive(5), 3)
def binomial_sum(x, k):
    if k == 0:
        return 1.0
    if len(x) < k:
        return 0.0
    return x[0] * binomial_sum(x[1:], k - 1) + binomial_sum(x[1:], k)


@program(0.3, 0.8, "sum")
def flag_at_each_level(x, y, mode):
    return alternating(x, y, mode, 3)


def alternating(x, y, mode, n):
    if n == 0:
        return x * y
    if mode == "sum":
        return x + alternating(x, y * x, "product", n - 1)
    return x * alternating(x * y, y, "sum", n - 1)


@program(normal(6))
def written_locals(x):
    y = x.copy()
    y[0] = y[1] * 2.0
    if len(x) > 2:
        y[1:3] += written_locals(x[2:]) * y[0]
    return np.sum(y * y)


def integral_of(f, a, b, depth):
    if depth == 0:
        return (b - a) * f(0.5 * (a + b))
    m = 0.5 * (a + b)
    return integral_of(f, a, m, depth - 1) + integral_of(f, m, b, depth - 1)


def bump(t):
    return math.exp(-t * t)


@program(0.2, 1.4)
def function_handed_down(a, b):
    return integral_of(bump, a, b, 3)


@program(2.5, 1.7)
def ackermann_like(x, y):
    if x < 1.0:
        return y * 1.5
    if y < 1.0:
        return ackermann_like(x - 1.0, x * 0.5)
    return ackermann_like(x - 1.0, ackermann_like(x, y - 1.0) * 0.7)
