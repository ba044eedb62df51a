"""Calls that are refused: functions without rule, keywords, hidden writes, casts."""

import math

import numpy as np

from srcgrad.errors import NoRule

from .registry import refused


def fourier_by_hand(x):
    return np.sum(np.abs(np.fft.hfft(x)))


@refused(np.ones(3), says="where", code="np.mean(")
def where_keyword(x):
    return np.mean(x, where=x > 0)


@refused(np.ones(3), error=NoRule, says="hfft", code="np.fft.hfft(")
def function_without_rule(x):
    return np.sum(np.abs(np.fft.hfft(x)))


@refused(np.ones(3), error=NoRule, says="hfft", code="np.fft.hfft(")
def function_without_rule_in_a_helper(x):
    return fourier_by_hand(x * x)


@refused(0.7, error=NoRule, says="remainder", code="math.remainder(")
def math_function_without_rule(x):
    return math.remainder(x, 2.0) * x


@refused(np.ones(3), error=NoRule, says="accumulate", code="np.multiply.accumulate(")
def ufunc_method(x):
    return np.sum(np.multiply.accumulate(x))


@refused(np.ones(3), error=NoRule, says="i0", code="np.i0(")
def numpy_function_without_rule(x):
    return np.sum(np.i0(x))


@refused(np.ones(3), says="int", code="y[0] = x[0]")
def active_float_into_an_integer_array(x):
    y = np.zeros(3, dtype=int)
    y[0] = x[0]
    return np.sum(y * x)


@refused(2.7, says="array(dtype=int", code="np.array(")
def array_of_ints(x):
    return np.sum(np.array([x, 2.0 * x], dtype=int)) * x


@refused(2.7, says="full(dtype=int", code="np.full(")
def full_of_ints(x):
    return np.sum(np.full(3, x, dtype=int)) * x


@refused(np.ones(3), says="sum(dtype=int", code="np.sum(")
def sum_of_ints(x):
    return np.sum(x, dtype=int) * x[0]


@refused(np.ones(3), says="int", code="x.astype(")
def cast_to_an_integer_array(x):
    return np.sum(x.astype(int) * x)


@refused(np.array([2.0, 1.0]), error=NoRule, says="shuffle", code="np.random.shuffle(")
def shuffle(x):
    y = x * x
    np.random.shuffle(y)  # noqa: NPY002
    return y[0]


@refused(np.array([2.0, 1.0]), says="shape", code="y.shape = ")
def shape_assigned(x):
    y = x * x
    y.shape = (2, 1)
    return np.sum(y)


@refused(0.7, says="is", code="x is y")
def identity_of_floats(x):
    y = x
    return x * x if x is y else x


@refused(np.ones(3), error=NoRule, says="id", code="id(x)")
def id_of_an_array(x):
    return np.sum(x) * (id(x) % 2)


@refused(0.7, error=NoRule, says="hash", code="hash(x)")
def hash_of_an_active_value(x):
    return x * hash(x)


@refused(0.7, error=NoRule, says="str", code="str(x)")
def through_a_string(x):
    return float(str(x)) * x


@refused(0.7, says="setattr", code="setattr(")
def set_attribute(x):
    setattr(np, "srcgrad_test", x)  # noqa: B010
    return x * x


@refused(0.7, says="attribute", code="fourier_by_hand.scale = x")
def attribute_assigned(x):
    fourier_by_hand.scale = x
    return fourier_by_hand.scale * x


@refused(np.ones(3), says="unknown rank", code="np.array(")
def array_of_numbers_and_perhaps_an_array(x):
    v = x[0] * x[1] if x[2] > 5.0 else np.sin(x)
    return np.sum(np.array([v, x[0]]))
