"""The gamma function, its logarithm, and the derivatives of this."""

import math

from srcgrad import runtime
from srcgrad.kinds import FLOAT
from srcgrad.rules import bar, dot, elementwise, helper, rule


def float_kind(*_):
    """The kind of a Python float."""
    return FLOAT


def polygamma(n, x):
    """A derivative of the logarithm of the gamma function."""
    return helper(runtime.polygamma, FLOAT, n, x)


@elementwise(math.gamma, kind=float_kind, domain=(0.5, 3.0))
def gamma(y, x):
    return y * polygamma(0, x)


@elementwise(math.lgamma, kind=float_kind, domain=(0.5, 3.0))
def lgamma(y, x):
    return polygamma(0, x)


@rule(runtime.polygamma, kind=float_kind)
def polygamma_(z, n, x):
    slope = polygamma(n + 1 if isinstance(n, int) else n.data + 1, x)
    bar[x] += bar[z] * slope
    dot[z] = dot[x] * slope
