"""Variables bound again to functions of themselves, whose derivative reads value and operand."""

import math

import numpy as np

from .registry import normal, program


@program(0.7, 1.3)
def hypotenuse_of_itself(x, p):
    for _ in range(3):
        x = np.hypot(x + 1.0, p)
    return x


@program(0.3, 1.1)
def power_of_itself(x, p):
    for _ in range(3):
        x = (x + 1.0) ** p
    return x


@program(0.7, 1.3)
def exponents_of_itself(x, p):
    for _ in range(2):
        x = np.logaddexp(0.5 * x, p - x)
    return x


@program(-0.7)
def size_of_itself(x):
    for _ in range(2):
        x = np.abs(x + 1j)
    return x


@program(0.7, 1.3)
def norm_of_itself(x, p):
    for _ in range(3):
        x = max(x * 0.5 - 1.0, p * x)
        x = np.linalg.norm(np.array([x + 1.0, p]))
        x = math.sqrt(x + p) / (x + 2.0)
    return x


@program(normal(3), 1.3)
def items_of_themselves(y, p):
    y = y.copy()
    for i in range(3):
        y[i] = np.hypot(y[i] + 1.0, p)
        y[0] = np.logaddexp(y[0] + 1.0, y[i])
        y = np.hypot(y + 1.0, p)
    return np.sum(y)


@program(0.7, 1.3)
def key_of_itself(x, p):
    table = {"a": x, "b": p}
    for _ in range(3):
        table["a"] = np.hypot(table["a"] + 1.0, table["b"])
        table["b"], table["a"] = table["a"] ** table["b"], np.hypot(table["b"] - 1.0, p)
    return table["a"] + table["b"]


@program(0.7, 1.3)
def two_of_each_other(x, p):
    for _ in range(3):
        x, p = np.hypot(x + 1.0, p), np.logaddexp(p + 2.0, x)
        x = np.hypot(x + p, p) if x > p else np.hypot(p - x, x)
    return x * p


@program(normal(3))
def size_in_a_handler(x):
    y = x[2]
    try:
        y = y[1]
    except IndexError:
        y = np.abs(y + 1j)
    finally:
        y += y
    return y
