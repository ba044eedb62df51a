"""Elementwise functions of arrays, broadcasting, selection, precision."""

import numpy as np

from .registry import distinct, normal, positive, program, single


@program(normal(5))
def sum_of_squares(x):
    return np.sum(x**2)


@program(normal(3, 4), normal(4))
def broadcast_row(a, b):
    return np.sum((a + b) * (a - b) * b)


@program(normal(3, 4), positive(3, 1))
def broadcast_column(a, b):
    return np.sum(a * b + a / b - b / (a * a + 1.0))


@program(normal(3), positive(1))
def broadcast_one_element(a, b):
    return np.sum(a * b - b**2 / (a + 5.0) + a)


@program(normal(2, 3), 1.7)
def broadcast_float(a, s):
    return np.sum(s * a + a / s - s + (s - a) ** 2)


@program(normal(2, 3), positive())
def broadcast_no_dims(a, s):
    return np.sum(a * s - s / (a**2 + s))


@program(normal(3, 1), normal(4))
def outer_by_broadcast(a, b):
    return np.sum(np.sin(a * b) + a - b)


@program(normal(2, 1, 3), normal(4, 1))
def broadcast_both_sides(a, b):
    return np.sum((a + b) ** 2 * a)


@program(positive(3, 4), positive(4))
def broadcast_divide(a, b):
    return np.sum(a / b) + np.sum(b / a)


@program(positive(3, 4), positive(4), positive(3, 1))
def broadcast_power(a, b, c):
    return np.sum(a**b) + np.sum(b**c) + np.sum(c**a)


@program(positive(4), 1.3)
def power_of_array_and_float(a, p):
    return np.sum(a**p + p**a + a**2 - a**0.5 + a**-1 + 2.0**a)


@program(positive(4), np.array([0, 1, 2, 3]))
def power_of_integer_array(a, n):
    return np.sum(a**n)


@program(np.array([0.0, -1.5, 2.0]))
def powers_of_zero_and_negative(a):
    return np.sum(a**2 + a**3 + a**1 + a**0)


@program(positive(5))
def elementwise_exponentials(x):
    y = np.exp(x) - np.log(x) * np.sqrt(x)
    return np.sum(y + np.expm1(x) * np.log1p(x) + np.log2(x) - np.log10(x) + np.exp2(x))


@program(normal(5))
def elementwise_trigonometry(x):
    return np.sum(np.sin(x) * np.cos(x) + np.tanh(x) - np.arctan(x) * np.sinh(x) / np.cosh(x))


@program(np.array([-0.6, 0.2, 0.5]))
def elementwise_inverses(x):
    return np.sum(np.arcsin(x) * np.arccos(x) + np.tan(x) + np.arcsinh(x) - np.arctanh(x))


@program(normal(4))
def squares_and_signs(x):
    return np.sum(np.square(x) * np.sign(x) + np.abs(x) - np.negative(x) + np.reciprocal(x + 9.0))


@program(normal(3, 2), normal(2))
def maximum_and_minimum(a, b):
    return np.sum(np.maximum(a, b) * a) + np.sum(np.minimum(a, 0.0) ** 2)


@program(distinct(6))
def clipped(x):
    return np.sum(np.clip(x, -0.5, 0.5) * x) + np.sum(x.clip(0.0, 2.0) ** 2)


@program(normal(3, 2), normal(2), 0.7)
def where_broadcast(a, b, s):
    return np.sum(np.where(a > 0, a * b, s) * b) + np.sum(np.where(b > 0.1, s, a))


@program(normal(6))
def where_inactive_branches(x):
    return np.sum(np.where(x > 0.0, x, 0.0) * x) + np.sum(np.where(x < 0, 1.0, x * x))


@program(normal(5))
def relu_by_mask(x):
    return np.sum((x > 0) * x**2 - 0.1 * (x <= 0) * x)


@program(normal(4), normal(4))
def hypot_and_arctan2(x, y):
    return np.sum(np.hypot(x, y) * np.arctan2(x, y))


@program(positive(4), positive(4))
def functions_for_operators(x, y):
    a = np.multiply(np.add(x, y), np.subtract(x, y))
    return np.sum(np.divide(a, np.true_divide(x, y)) + np.power(x, y))


@program(normal(4), normal(4))
def logaddexp(x, y):
    return np.sum(np.logaddexp(x, y) * x)


@program(normal(4), 2)
def like_functions(x, n):
    y = np.zeros_like(x) + np.ones_like(x) * n
    return np.sum(y * x) + np.sum(np.full(4, 2.5) * x) + np.sum(np.ones(4) * x * np.arange(4))


@program(normal(4), 1.5)
def scalars_into_arrays(x, s):
    y = np.array([s, s * s, 1.0, x[0]])
    return np.sum(y * x)


@program(1.5, -0.7)
def array_of_nested_lists(a, b):
    m = np.array([[a, b], [-b, a * b]])
    return np.sum(m @ m)


@program(normal(2, 3))
def operations_of_an_array_with_itself(a):
    return np.sum(a * a + a / (a * a + 1.0) - (a - a) * a)


@program(single(4), single(4), order=1)
def single_precision(x, y):
    return np.sum(x * y + np.sin(x) / y)


@program(single(3), positive(3), order=1)
def mixed_precision(x, y):
    return np.sum(x * y) + np.mean(x * x)


@program(single(2, 3), 1.5, order=1)
def single_precision_with_a_float(x, s):
    return np.sum(np.exp(x * s)) / x.size


@program(normal(4), np.array([1, 2, 3, 4]), np.array([True, False, True, True]))
def integer_and_boolean_arrays(x, n, keep):
    return np.sum(x * n / (n + 1) + keep * x * x)


@program(normal(0), normal(2, 0))
def empty_arrays(x, y):
    return np.sum(x * x) + np.sum(np.sin(y)) + 3.0


@program(lambda rng: rng.normal(size=(4, 6))[::2, ::3])
def strided_argument(a):
    return np.sum(a * a.T)


@program(lambda rng: np.asfortranarray(rng.normal(size=(2, 3))))
def fortran_order_argument(a):
    return np.sum(np.sin(a) * a)


@program(normal(3), normal(3))
def returns_an_array(x, y):
    return x * y + np.sin(x)


@program(normal(2, 3), 1.4)
def returns_a_tuple(a, s):
    return a * s, np.sum(a, axis=0), s * s


@program(normal(3))
def returns_its_array_argument(x):
    return x


@program(normal(3))
def returns_a_view_of_its_argument(x):
    return x[1:]


@program(normal(3))
def zero_gradient_of_an_array(x):
    return np.sum(np.floor(x)) + 2.0


@program(normal(3))
def values_without_slope(x):
    n = len(x) + x.shape[0] + x.ndim + x.size + np.argmax(x)
    return n * np.sum(x) + np.sum(np.round(x) * x) + np.sum(np.sign(x) * x)


@program(normal(3), normal(3))
def stop_by_comparison(x, y):
    return np.sum(np.float64(np.sum(x > y)) * x * y)


@program(np.array([2.0, 2.0, 1.0]), smooth=False, gradient=np.array([0.5, 0.5, 0.0]))
def tie_in_max(x):
    return np.max(x)
