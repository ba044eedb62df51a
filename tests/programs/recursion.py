"""Functions that call themselves, directly or through others: levels and results of all kinds."""

import math

import numpy as np

from .registry import normal, program


@program(1.3, 5)
def power_by_recursion(x, n):
    return 1.0 if n == 0 else x * power_by_recursion(x, n - 1)


@program(1.3, 5)
def power_by_statements(x, n):
    if n == 0:
        return 1.0
    return x * power_by_statements(x, n - 1)


def fast_power(x, n):
    if n == 0:
        return 1.0
    half = fast_power(x, n // 2)
    if n % 2 == 0:
        return half * half
    return half * half * x


@program(1.1, 13)
def power_by_squaring(x, n):
    return fast_power(x, n) + fast_power(x * x, 3)


@program(0.7, 0.4, 7)
def fibonacci(a, b, n):
    if n == 0:
        return a
    if n == 1:
        return b
    return fibonacci(a, b, n - 1) * 0.9 + fibonacci(a, b, n - 2) * a


@program(normal(7))
def sum_of_halves(x):
    if len(x) == 1:
        return x[0] ** 2
    m = len(x) // 2
    return sum_of_halves(x[:m]) + np.sin(sum_of_halves(x[m:]))


@program(normal(5))
def linear_halves(x):
    if len(x) == 1:
        return x[0]
    m = len(x) // 2
    return linear_halves(x[:m]) + 2.0 * linear_halves(x[m:])


@program(normal(8))
def array_of_halves(x):
    if len(x) < 2:
        return x * x
    m = len(x) // 2
    left, right = array_of_halves(x[:m]), array_of_halves(x[m:])
    return np.concatenate((left + np.sum(right), left * right))


@program(normal(6))
def prefix_products(x):
    if len(x) == 1:
        return x
    rest = prefix_products(x[:-1])
    return np.concatenate((rest, rest[-1:] * x[-1:]))


@program(normal(4))
def transformed(x):
    y = haar(x, 2)
    return np.sum(y**3)


def haar(x, depth):
    if depth == 0:
        return x
    return np.concatenate((haar(x[::2] + x[1::2], depth - 1), x[::2] * x[1::2]))


@program(((0.5, (1.5, 0.25)), (2.0, (0.75, (1.25, 0.3)))))
def nested_sum(tree):
    if isinstance(tree, float):
        return tree * tree
    left, right = tree
    return nested_sum(left) * 1.5 + np.sin(nested_sum(right))


@program(normal(4), 0.6)
def horner_by_recursion(coefficients, x):
    if len(coefficients) == 1:
        return coefficients[0]
    return coefficients[0] + x * horner_by_recursion(coefficients[1:], x)


@program(0.6, [0.5, 1.5, 2.5, -0.5])
def horner_of_list(x, coefficients):
    if len(coefficients) == 0:
        return 0.0
    return coefficients[0] + x * horner_of_list(x, coefficients[1:])


@program(0.7, 1, 6)
def continued_fraction(x, k, n):
    return k + x / continued_fraction(x, k + 1, n) if k < n else x + k


@program(2.0, 1.2)
def newton_root(a, x, tolerance=1e-13):
    step = (x * x * x - a) / (3.0 * x * x)
    if abs(step) < tolerance:
        return x - step
    return newton_root(a, x - step, tolerance)


def simpson(f, a, fa, b, fb):
    m = 0.5 * (a + b)
    fm = f(m)
    return m, fm, abs(b - a) / 6.0 * (fa + 4.0 * fm + fb)


def integrand(x, k):
    return math.exp(-x * k) * math.sin(3.0 * x)


def refined(k, a, fa, b, fb, m, fm, whole, tolerance):
    p, q = 0.5 * (a + m), 0.5 * (m + b)
    fp, fq = integrand(p, k), integrand(q, k)
    left = (m - a) / 6.0 * (fa + 4.0 * fp + fm)
    right = (b - m) / 6.0 * (fm + 4.0 * fq + fb)
    delta = left + right - whole
    if abs(delta) <= 15.0 * tolerance:
        return left + right + delta / 15.0
    return refined(k, a, fa, m, fm, p, fp, left, tolerance / 2.0) + refined(
        k, m, fm, b, fb, q, fq, right, tolerance / 2.0
    )


@program(0.8, 0.1, 2.0)
def adaptive_simpson(k, a, b):
    fa, fb, m = integrand(a, k), integrand(b, k), 0.5 * (a + b)
    fm = integrand(m, k)
    whole = (b - a) / 6.0 * (fa + 4.0 * fm + fb)
    return refined(k, a, fa, b, fb, m, fm, whole, 1e-4)


def even_term(x, n):
    return 1.0 if n == 0 else x * odd_term(x, n - 1)


def odd_term(x, n):
    return math.sin(x) if n == 0 else x + even_term(x, n - 1) ** 2


@program(0.6, 4)
def even_and_odd(x, n):
    return even_term(x, n) * odd_term(x, n)


@program(0.6, 5)
def mutual_entry(x, n):
    if n == 0:
        return x
    return math.cos(mutual_partner(x * x, n - 1))


def mutual_partner(y, n):
    if n <= 0:
        return y * 3.0
    return y * mutual_entry(y, n - 1)


def three_a(x, n):
    return x if n <= 0 else three_b(x * 1.1, n - 1)


def three_b(x, n):
    return x * x if n <= 0 else three_c(x, n - 1) + three_a(x, n - 2)


def three_c(x, n):
    return math.sin(x) if n <= 0 else three_a(x, n - 1) * three_b(x, n - 1)


@program(0.8, 6)
def three_in_a_ring(x, n):
    return three_a(x, n)


@program(0.7, 4)
def default_at_each_level(x, n, scale=0.5):
    if n == 0:
        return scale
    return x * scale + default_at_each_level(x * 1.1, n - 1)


@program(0.7, 4)
def accumulator(x, n, total=1.0):
    return total if n == 0 else accumulator(x, n - 1, total * x + n)


@program(0.7, 4)
def whole_accumulator(x, n, total=0):
    return total if n == 0 else whole_accumulator(x, n - 1, total + x**n)


@program(0.7, 1.2, 4)
def one_unchanged(x, rate, n):
    if n == 0:
        return x
    return one_unchanged(x - rate * math.sin(x), rate, n - 1)


@program(0.7, 1.2, 4)
def swapped_arguments(x, y, n):
    return x - y * y if n == 0 else swapped_arguments(y, x * 0.9, n - 1) * x


@program(0.7, 4)
def late_activity(x, n):
    return spread(x, 1.0, n)


def spread(x, weight, n):
    if n == 0:
        return weight
    return spread(x, weight * x + 0.5, n - 1) + math.sin(weight)


def sine_and_cosine(x, n):
    if n == 0:
        return x, 1.0 - 0.5 * x * x
    s, c = sine_and_cosine(x / 2.0, n - 1)
    return 2.0 * s * c, c * c - s * s


@program(0.9, 3)
def pair_of_results(x, n):
    s, c = sine_and_cosine(x, n)
    return s * s + 2.0 * c


@program(0.9, 3)
def one_of_two_results(x, n):
    return sine_and_cosine(x, n)[1] * x


@program(0.9, 3)
def tuple_returned(x, n):
    return sine_and_cosine(x, n)


@program(normal(3), 3)
def dict_returned(x, n):
    if n == 0:
        return {"low": x * 2.0, "high": np.sum(x)}
    inner = dict_returned(x * x, n - 1)
    return {"low": inner["low"] * x, "high": inner["high"] + np.sum(inner["low"])}


def deep(x, n):
    if n == 0:
        return x
    return 0.5 * math.sin(deep(x, n - 1)) + x


@program(0.4, 200, order=1)
def deep_recursion(x, n):
    return deep(x, n)


@program(normal(5, 5))
def laplace_determinant(a):
    return determinant(a[:3, :3]) + determinant(a[3:, 3:])


def determinant(a):
    n = len(a)
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.concatenate((a[1:, :j], a[1:, j + 1 :]), axis=1)
        total += (-1.0) ** j * a[0, j] * determinant(minor)
    return total


@program(0.6, 3, 2)
def loop_of_calls(x, depth, width):
    if depth == 0:
        return math.sin(x)
    total = x
    for k in range(width):
        total = total * 0.5 + loop_of_calls(x * (k + 1), depth - 1, width)
    return total


@program(0.6, 3)
def loop_of_no_calls(x, depth):
    total = x
    for k in range(depth):
        total = total + loop_of_no_calls(x * total, k)
    return total


@program(0.4)
def decided_by_the_value(x):
    return x if x > 2.0 else decided_by_the_value(x * 1.7 + 0.1) * x


def factorial(x, n):
    return x if n == 0 else x * factorial(x, n - 1)


@program(0.7, 3)
def recursion(x, n):
    return factorial(x, n)


def even(x, n):
    return x if n <= 0 else odd(x * x, n - 1)


def odd(x, n):
    return x if n <= 0 else even(x + x, n - 1)


@program(0.7, 3)
def mutual_recursion(x, n):
    return even(x, n)


def powers(a, k, b):
    if k <= 0:
        return a
    return powers(a * b, k - 1, b) * 0.5 + a * a


def halved(a, k):
    if k == 0:
        return a[::-1]
    if k % 2 == 0:
        a[0] *= 1.5
        return halved(a, k - 2)
    return halved(a[1:], k - 1)


@program(normal(3), 0.7)
def recursion_of_known_depth_returns_its_argument(x, b):
    n = powers(x, 0, b)
    m = powers(x, 3, b)
    x[0] *= m[1]
    m[2] += n[0] * b
    return np.sum(n * m)


@program(normal(4))
def recursion_of_known_depth_writes_its_argument(x):
    y = halved(x, 5)
    y[0] += x[-2] * y[1]
    halved(x, 4)
    return np.sum(x**2 * x[0]) + y[2]


@program(normal(3), 0.7)
def recursion_of_known_depth_in_a_loop(x, b):
    y = x
    for k in range(3):
        y = powers(y, 1, b)
        y[k] *= x[0]
        x[1] += y[k] * 0.1
    return np.sum(x * y)


def tail_of(x, n):
    return x if n == 0 else tail_of(x[1:], n - 1)


@program(normal(4))
def recursion_of_known_depth_returns_a_view(x):
    y = x * 2.0
    v = tail_of(y, 2)
    v[0] = 5.0 * x[1]
    return np.sum(y * y) * v[1]
