"""Derivatives of the logarithm of the gamma function."""

import math

import numpy as np


def polygamma(n: int, x: float) -> float:
    """The derivative of order n + 1 of `math.lgamma` at x.

    Negative numbers are reflected, small ones are moved up by the recurrence, large ones go
    through the asymptotic series (Abramowitz and Stegun, "Handbook of mathematical functions",
    6.3.7, 6.3.18, 6.4.7 and 6.4.11).

    Args:
        n: 0 for the digamma function, 1 for its derivative, and so on.
        x: a number that is no pole (0, -1, -2 and so on).

    Returns:
        The value; nan at a pole and at nan.

    Example:
        >>> round(polygamma(0, 1.0), 12), round(polygamma(1, 1.0) * 6.0 / math.pi**2, 12)
        (-0.577215664902, 1.0)
    """
    x = np.float64(x)
    if np.isnan(x) or (x <= 0.0 and x == np.floor(x)):
        return math.nan
    if x < 0.0:
        return (-1.0) ** n * polygamma(n, 1.0 - x) - math.pi * cotangent(n, float(x))
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    sign = -1.0 if n % 2 == 0 else 1.0
    moved = []
    while x < 18.0 + n:
        moved.append(x ** -(n + 1.0))
        x += 1.0
    if n == 0:
        out = np.log(x) - 0.5 / x
    else:
        out = sign * math.factorial(n - 1) * x ** -float(n)
        out += sign * 0.5 * math.factorial(n) * x ** -(n + 1.0)
    for k, b in enumerate(bernoulli, 1):
        rise = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        out += sign * b * rise * x ** -(2.0 * k + n)
    return float(out + sign * math.factorial(n) * math.fsum(moved))


def cotangent(n: int, x: float) -> float:
    """The derivative of order n of `cot(pi * x)`: a polynomial in the value itself.

    Args:
        n: 0 for the value, 1 for its derivative, and so on.
        x: a number that is no whole one.

    Example:
        >>> round(cotangent(0, 0.25), 12), round(cotangent(1, 0.25) / math.pi, 12)
        (1.0, -2.0)
    """
    value = 1.0 / math.tan(math.pi * (x - round(x)))
    p = np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(n):
        p = p.deriv() * np.polynomial.Polynomial([-math.pi, 0.0, -math.pi])
    *lower, out = p.coef.tolist()
    for c in reversed(lower):
        out = out * value + c
    return float(out)
