"""What a gradient is where a function has a kink, a pole or an edge; it never raises there."""

import itertools
import math
import warnings

import numpy as np
import pytest

from srcgrad import grad, runtime


def maximum_of_two(x):
    return np.sum(np.maximum(x, 0.0))


def maximum_of_entries(x):
    return np.max(x)


def rows_of_maxima(x):
    return np.sum(np.max(x.reshape(2, 2), axis=1))


def minimum_of_entries(x):
    return np.min(x)


def sorted_weights(x):
    return np.sum(np.sort(x) * np.arange(1.0, 5.0))


def absolute(x):
    return np.sum(np.abs(x))


def norm(x):
    return np.linalg.norm(x)


def norm_of_1(x):
    return np.linalg.norm(x, 1)


def deviation(x):
    return np.std(x)


def clipped(x):
    return np.sum(np.clip(x, 0.0, 1.0))


def product(x):
    return np.prod(x)


def running_product(x):
    return np.sum(np.cumprod(x))


def power_0(x):
    return np.sum(x**0)


def power_1(x):
    return np.sum(x**1)


def power_2(x):
    return np.sum(x**2)


def power_of_zero(x):
    return np.sum(np.array([0.0, 0.0, 2.0, 1.0]) ** x)


def sinc(x):
    return np.sum(np.sinc(x))


def hypot(x):
    return np.sum(np.hypot(x, 0.0))


def hinge(x):
    return np.sum(np.where(x > 0.0, x, 0.0))


def log_or_nothing(x):
    return np.sum(np.where(x > 0.0, np.log(x), 0.0))


def log_of_safe(x):
    return np.sum(np.where(x > 0.0, np.log(np.where(x > 0.0, x, 1.0)), 0.0))


NAN = math.nan
TABLE = [
    (maximum_of_two, [-1.0, 0.0, 0.0, 1.0], [0.0, 0.5, 0.5, 1.0]),
    (maximum_of_entries, [1.0, 3.0, 3.0, 2.0], [0.0, 0.5, 0.5, 0.0]),
    (rows_of_maxima, [1.0, 1.0, 3.0, 2.0], [0.5, 0.5, 1.0, 0.0]),
    (minimum_of_entries, [1.0, 1.0, 1.0, 2.0], [1 / 3, 1 / 3, 1 / 3, 0.0]),
    (sorted_weights, [2.0, 1.0, 2.0, 3.0], [2.5, 1.0, 2.5, 4.0]),
    (absolute, [-1.0, 0.0, -0.0, 1.0], [-1.0, 0.0, 0.0, 1.0]),
    (norm, [0.0] * 4, [0.0] * 4),
    (norm_of_1, [0.0, -1.0, 2.0, 0.0], [0.0, -1.0, 1.0, 0.0]),
    (deviation, [2.0] * 4, [0.0] * 4),
    (clipped, [-0.1, 0.0, 1.0, 1.1], [0.0, 1.0, 1.0, 0.0]),
    (product, [0.0, 2.0, 3.0, 4.0], [24.0, 0.0, 0.0, 0.0]),
    (product, [0.0, 2.0, 0.0, 4.0], [0.0] * 4),
    (running_product, [2.0, 0.0, 3.0, 4.0], [1.0, 32.0, 0.0, 0.0]),
    (power_0, [-1.0, 0.0, 1.0, 2.0], [0.0] * 4),
    (power_1, [-1.0, 0.0, 1.0, 2.0], [1.0] * 4),
    (power_2, [-1.0, 0.0, 1.0, 2.0], [-2.0, 0.0, 2.0, 4.0]),
    (power_of_zero, [2.0, 1.0, 3.0, 0.5], [0.0, 0.0, 8.0 * math.log(2.0), 0.0]),
    (sinc, [0.0, 0.0, 1.0, -1.0], [0.0, 0.0, -1.0, 1.0]),
    (hypot, [0.0, -2.0, 2.0, 0.0], [0.0, -1.0, 1.0, 0.0]),
    (hinge, [-1.0, 0.0, 1.0, NAN], [0.0, 0.0, 1.0, 0.0]),
    (log_or_nothing, [-1.0, 0.0, 1.0, 2.0], [0.0, NAN, 1.0, 0.5]),
    (log_of_safe, [-1.0, 0.0, 1.0, 2.0], [0.0, 0.0, 1.0, 0.5]),
]


@pytest.mark.parametrize(("function", "x", "want"), TABLE)
def test_convention(function, x, want):
    with np.errstate(all="ignore"):
        got = grad(function)(np.array(x))
    np.testing.assert_allclose(got, want, atol=1e-15)


@pytest.mark.parametrize("function", [power_0, power_1, power_2, absolute, norm, deviation, hypot])
def test_nothing_warns_at_zero(function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grad(function)(np.zeros(4))


@pytest.mark.parametrize("function", [power_0, power_1, power_2])
def test_whole_powers_call_no_logarithm(function):
    assert "log" not in grad(function).source_for(np.ones(4))


def test_deviation_of_one_entry_is_undefined_and_does_not_raise():
    def spread(x):
        return np.var(x, ddof=1)

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(grad(spread)(np.ones(1))).all()


def test_running_product_with_zeros_is_that_of_differences():
    a = np.array([[2.0, 0.0, 3.0], [0.0, 4.0, 0.0]])
    g = np.array([[1.0, -2.0, 0.5], [3.0, 1.0, -1.0]])
    t = np.array([[0.3, 1.0, -0.7], [2.0, -1.0, 0.1]])
    h = 1e-4
    for axis in (0, 1):
        want = (np.cumprod(a + h * t, axis) - np.cumprod(a - h * t, axis)) / (2.0 * h)
        tangent = runtime.cumprod_dot(t, a, axis)
        np.testing.assert_allclose(tangent, want, atol=1e-6)
        adjoint = runtime.cumprod_bar(g, a, axis)
        np.testing.assert_allclose(np.sum(g * tangent), np.sum(adjoint * t), atol=1e-14)


# Python's own floats raise where numpy's do not: an adjoint may not, if its function does not.


def reciprocal(x):
    return 1.0 / x


def reciprocal_by_power(x):
    return x**-1


def inverse_square(x):
    return x**-2


def inverse_of_square(x):
    return 1.0 / (x * x)


def divided_twice(x):
    return 1.0 / x / x


def root_by_power(x):
    return x**0.5


def square(x):
    return x**2


def fourth_power(x):
    return x**4


def no_power(x):
    return x**0


def root(x):
    return math.sqrt(x)


def inverse_root(x):
    return 1.0 / math.sqrt(x)


def cube_root(x):
    return math.cbrt(x)


def logarithm(x):
    return math.log(x)


def numpy_logarithm(x):
    return np.log(x)


def numpy_logarithm_plus_1(x):
    return np.log1p(x)


def numpy_arctanh(x):
    return np.arctanh(x)


def arcsine(x):
    return math.asin(x)


def arctangent(x):
    return math.atan(x)


def lorentzian(x):
    return 1.0 / (1.0 + x * x)


def softened(x):
    return x / (1.0 + abs(x))


def mobius(x):
    return (x + 1.0) / (x - 1.0)


def gauss_error(x):
    return math.erf(x)


def power_of_math(x):
    return math.pow(x, 0.5)


def power_by_zero_base(x):
    return 0.0**x


def array_over_float(x):
    return np.sum(np.ones(2) / x)


ONE = [
    reciprocal, reciprocal_by_power, inverse_square, inverse_of_square, divided_twice,
    root_by_power, square, fourth_power, no_power, root, inverse_root, cube_root, logarithm,
    numpy_logarithm, numpy_logarithm_plus_1, numpy_arctanh, arcsine, arctangent, lorentzian,
    softened, mobius, gauss_error, power_of_math, power_by_zero_base, array_over_float,
]  # fmt: skip


def quotient(x, y):
    return x / y


def chain_of_quotients(x, y):
    return x / y / y


def power(x, y):
    return x**y


def arctangent_2(x, y):
    return math.atan2(x, y)


def numpy_arctangent_2(x, y):
    return np.arctan2(x, y)


def hypotenuse(x, y):
    return math.hypot(x, y)


def modulus(x, y):
    return x % y


def float_modulus(x, y):
    return math.fmod(x, y)


def numpy_quotient(x, y):
    return np.divide(x, y)


def numpy_modulus(x, y):
    return np.fmod(x, y) + np.remainder(x, y)


def larger(x, y):
    return max(x, y) - min(x, 0.0)


def array_over_square(x, y):
    return np.sum(np.array([x, 1.0]) / y)


TWO = [
    quotient, chain_of_quotients, power, arctangent_2, numpy_arctangent_2, hypotenuse, modulus,
    float_modulus, numpy_quotient, numpy_modulus, larger, array_over_square,
]  # fmt: skip
VALUES = [0.0, -0.0, 1.0, -1.0, 2.5, 1e-200, -1e-200, 1e200, 1e155, 1e-310, math.inf, math.nan]


def defined(function, *args):
    """Whether a function has a real value, without raising."""
    try:
        return not isinstance(function(*args), complex)
    except (ArithmeticError, ValueError):
        return False


@pytest.mark.parametrize("function", ONE + TWO)
def test_an_adjoint_does_not_raise_where_its_function_does_not(function):
    count = 1 if function in ONE else 2
    gradient = grad(function, wrt=tuple(range(count)))
    with np.errstate(all="ignore"):
        for args in itertools.product(VALUES, repeat=count):
            if defined(function, *args):
                assert all(isinstance(g, float) for g in gradient(*args)), args


def test_no_square_of_a_divisor_overflows():
    np.testing.assert_allclose(grad(quotient, wrt=1)(1e-200, 1e-200), -1e200)
    np.testing.assert_allclose(grad(quotient, wrt=1)(1e200, 1e200), -1e-200)
