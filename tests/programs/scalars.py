"""Arithmetic on floats: operators, the math module, casts, straight-line assignment."""

import math

import numpy as np

from .registry import program


@program(1.3)
def cube(x):
    return x * x * x


@program(0.7, -1.2, 2.5)
def four_operators(x, y, z):
    return x * y - y / z + x - (z + y) * x


@program(0.8)
def reassigned_in_a_line(x):
    y = x * 2.0
    y = y * x + 1.0
    y = np.sin(y) * y
    x = y - x
    return x * y


@program(0.8, 1.7)
def augmented_floats(x, y):
    a = x
    a += y * x
    b = a
    a *= b
    a -= x / b
    a /= y
    a **= 2
    return a + b


@program(1.1)
def one_name_used_often(x):
    return x * x + x / (x + 1.0) - x * (x - x * x) + x


@program(0.6)
def x_over_x(x):
    return x / x + x


@program(1.4)
def x_to_the_x(x):
    return x**x


@program(1.7)
def constant_powers(x):
    return x**2 + x**0.5 - x**-1 + x**3.5 + x**1 + x**0


@program(1.2)
def constant_to_the_x(x):
    return 2.0**x - 0.5 ** (x * x) + 3**x


@program(-1.3, 3)
def negative_base_integer_exponent(x, n):
    return x**n + x**2 - (-x) ** 3


@program(0.0)
def powers_at_zero(x):
    return x**2 + 3.0 * x**1 + x**3


@program(1.2, 2)
def negated_power(x, n):
    return -(x**2) + (-x) ** 2 + 2.0**-x - x**-n


@program(0.9, 1.8)
def power_of_two_floats(x, y):
    return x**y * pow(y, x)


@program(0.4)
def math_trigonometry(x):
    return math.sin(x) * math.cos(x) + math.tan(x) - math.asin(x) * math.acos(x) + math.atan(x)


@program(0.7)
def math_exponentials(x):
    a = math.exp(x) - math.log(x) + math.sqrt(x)
    return a * math.expm1(x) + math.log1p(x) + math.log2(x) * math.log10(x)


@program(0.6)
def math_hyperbolic(x):
    return math.sinh(x) + math.cosh(x) * math.tanh(x)


@program(0.4)
def math_inverse_hyperbolic(x):
    return math.asinh(x) + math.acosh(x + 2.0) * math.atanh(x)


@program(1.6, 0.7)
def math_of_two(x, y):
    return math.pow(x, y) + math.hypot(x, y) * math.atan2(y, x)


@program(0.3)
def math_erf(x):
    return math.erf(x * x + 0.2)


@program(1.3)
def math_constants_and_fabs(x):
    return math.pi * x + math.e ** math.fabs(-x) + math.tau


@program(2.7)
def math_floor_has_no_slope(x):
    return x * math.floor(x) + math.ceil(x) * 2.0


@program(-1.3, 2.4)
def builtin_abs_min_max(x, y):
    return abs(x) * y * x + max(x, y) * min(x, y)


@program(0.3, 1.4, -0.8)
def min_max_of_three(x, y, z):
    return max(x, y, z) * x + min(x, y, z) ** 2 + max(x * y, 0.0)


@program(1.25)
def float_of_a_float(x):
    y = float(x)
    return float(y * x) + float(3) * x


@program(1.3, "2.5", 7)
def casts_of_constants(x, text, n):
    return x * float(text) + int(2.9) * x + float(n) / x


@program(7.3, 2.2)
def floor_division_and_modulo(x, y):
    return (x // y) * x + x % y * y


@program(1.7, 3)
def ints_among_floats(x, n):
    k = n // 2 + 1
    return 2 * x + x * n - k / x + x**k + 7 % n * x


@program(-0.6)
def booleans_as_numbers(x):
    return (x > 0) * x + (x < 0) * x * x + True * x


@program(0.9, 1.6)
def signs(x, y):
    return -x * +y - (-y) / -x + -(-x)


@program(0.9, 1.6)
def swap(a, b):
    a, b = b, a + b
    a, b = b * a, a
    return a - b * b


@program(0.9, 1.6, 2.3)
def rotate_three(a, b, c):
    a, b, c = c * a, a, b * a
    c, a = a, c
    return a * b + c


@program(0.9, 1.6, 2.3)
def nested_tuple_targets(a, b, c):
    (p, q), r = (a * b, c), b
    [s, (t, u)] = r, (p, q * p)
    return s * t + u


@program(0.9, 1.6, 2.3)
def starred_targets(a, b, c):
    first, *rest = a, b * a, c
    *start, last = rest
    return first * rest[1] + start[0] * last


@program(1.6)
def chained_assignment(x):
    a = b = x * x
    b = b + x
    c = d = a * b
    return a * b + c * d


@program(0.7)
def name_bound_from_itself(x):
    x = x * x
    x = x + x * np.cos(x)
    return x


@program(0.7, 2.0)
def unused_argument(x, y):
    return x * x


@program(0.7, 2.0)
def constant_result(x, y):
    z = x * y
    z = 4.0
    return z


@program(0.7)
def returns_its_argument(x):
    return x


@program(0.7)
def dead_code(x):
    y = np.exp(x)
    z = y * x
    y = z + 1.0
    y = x * 3.0
    return y * x


@program(4, 0.5, wrt=("n", "x"))
def integer_under_wrt(n, x):
    return n * x + n * n / (x + n)


@program(np.float64(1.3))
def numpy_scalar(x):
    return x * np.exp(x) + x.sum()


@program(np.float32(1.25), order=1)
def single_precision_scalar(x):
    return x * x + np.float32(2.0) * x


@program(np.array(1.3))
def array_of_no_dims(x):
    return np.sin(x) * x + 2.0 * x


@program(np.array([1.3, 0.4]))
def elements_are_floats(v):
    a = v[0] * v[1]
    b = a / v[-1] + v[0]
    return a * b


@program(0.4, 1.6)
def numpy_functions_of_floats(x, y):
    return np.sin(x) * np.exp(y) + np.sqrt(y) * np.log(y) - np.tanh(x * y) + np.arctan2(x, y)


@program(0.4, 1.6)
def numpy_operators_of_floats(x, y):
    return np.add(x, y) * np.subtract(x, y) + np.divide(x, np.power(y, x)) + np.negative(x)


@program(0.0, smooth=False, gradient=0.0)
def abs_at_zero(x):
    return abs(x) + np.abs(x)


@program(1.5, 1.5, smooth=False, gradient=0.5, order=0)
def tie_of_floats(x, y):
    return np.maximum(x, y)
