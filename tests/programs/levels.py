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


def fourier(re, im):
    n = len(re)
    if n == 1:
        return re, im
    er, ei = fourier(re[::2], im[::2])
    dr, di = fourier(re[1::2], im[1::2])
    angle = -2.0 * np.pi * np.arange(n // 2) / n
    c, s = np.cos(angle), np.sin(angle)
    tr, ti = c * dr - s * di, c * di + s * dr
    return np.concatenate((er + tr, er - tr)), np.concatenate((ei + ti, ei - ti))


@program(normal(4), normal(4))
def fast_fourier_transform(x, y):
    re, im = fourier(x, y)
    return np.sum(re[1:] ** 3 * im[1:])


def block_product(a, b):
    n = a.shape[0]
    if n <= 1:
        return a * b
    h = n // 2
    c = np.zeros((n, n))
    for i in (0, h):
        for j in (0, h):
            c[i : i + h, j : j + h] = block_product(
                a[i : i + h, :h], b[:h, j : j + h]
            ) + block_product(a[i : i + h, h:], b[h:, j : j + h])
    return c


@program(normal(4, 4), normal(4, 4))
def product_by_blocks(a, b):
    return np.sum(block_product(a, b) ** 2)


def sine_chain(xs):
    return 0.0 if not xs else xs[0] * xs[0] + math.sin(sine_chain(xs[1:]))


@program(0.7, 0.2)
def display_that_shrinks(x, y):
    return sine_chain([x, y, x * y, x + y])


@program(0.7, 3)
def none_until_bound(x, n, before=None):
    if before is None:
        before = x
    if n == 0:
        return before * x
    return none_until_bound(x * 1.1, n - 1, before * x)


@program(0.7, 3)
def keyword_only_levels(x, n, *, k=2.0, z=None):
    if z is None:
        z = x * x
    if n == 0:
        return z * k
    return keyword_only_levels(x, n - 1, k=k * x, z=z + x) + keyword_only_levels(x, n - 1)


def three_results(x, n):
    if n == 0:
        return x, x * x, [x]
    a, b, rest = three_results(x * 1.1, n - 1)
    return a * b, b + x, rest + [a]


@program(0.7, 3)
def list_among_results(x, n):
    a, b, rest = three_results(x, n)
    return a * b * rest[-1] + sum(rest)


@program(0.4, 3)
def comprehension_of_levels(x, n):
    return x if n == 0 else sum([comprehension_of_levels(x * (i + 1), n - 1) for i in range(2)]) * x


@program(normal(3))
def written_before_each_level(x):
    y = x.copy()
    if len(x) > 1:
        y[: len(x) // 2] += x[0] * y[-1]
        y *= 2.0
        return written_before_each_level(y[:-1]) + written_before_each_level(y[1:]) * y[0]
    return y[0] ** 2
