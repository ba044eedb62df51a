"""Functions of samples, places and middles: interp, convolve, searchsorted, median and the like."""

import numpy as np

from .registry import normal, positive, program

XS = np.array([0.0, 0.7, 1.6, 3.1])
YS = np.array([1.0, 3.0, -2.0, 0.5])


@program(positive(3), wrt=("x",))
def read_between_samples(x):
    return np.sum(np.interp(x, XS, YS) ** 2) * np.interp(x[0], XS, YS)


@program(positive(4), positive(4))
def samples_that_vary(a, y):
    xp = np.cumsum(a)
    return np.sum(np.interp(a * 1.5, xp, np.sin(y)) ** 2)


@program(normal(5), normal(3))
def convolutions(x, k):
    full = np.convolve(x, k)
    same = np.convolve(x, k, mode="same")
    return np.sum(full**2) * np.sum(np.convolve(x, k, "valid")) + np.sum(same**3)


@program(normal(5), wrt=("x",))
def places_that_do_not_vary(x):
    i = np.searchsorted(XS, 1.0)
    (j,) = np.nonzero(x > 0.0)
    count = np.bincount(np.digitize(x, XS))
    return x[i] * np.median(XS) * np.sum(x[j] ** 2) + np.sum(count) * x[0] ** 3


@program(normal(2, 4), wrt=("x",))
def middles(x):
    rows = np.median(x, axis=1)
    return np.median(x) * np.sum(rows**2) * np.ptp(x) + np.nansum(x**3)


@program(normal(3), normal(3))
def products_of_vectors(u, v):
    c = np.cross(u, v)
    return np.sum(np.kron(c, u) ** 2) + np.polyval(v, u[0]) * np.trapezoid(v, u)


@program(normal(3, 4), wrt=("x",))
def taken_along_an_axis(x):
    order = np.argsort(x, axis=1)
    first = np.take_along_axis(x, order[:, ::2], axis=1)
    again = np.take_along_axis(x, np.zeros((3, 2), dtype=int), axis=1)
    return np.sum(first**2 * again)


@program(normal(2, 3), wrt=("x",))
def turned_and_signed(x):
    return np.sum(np.rot90(x) ** 2 * np.copysign(x, -1.0).T) + np.sum(x[np.argwhere(x > 0)[:, 0]])
