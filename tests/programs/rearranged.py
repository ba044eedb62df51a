"""Entries chosen, put in and taken out; grids and differences; quantiles; what is not nan."""

import math

import numpy as np

from .registry import distinct, normal, positive, program

KNOTS = np.array([0.0, 1.0, 2.5])
GAPS = np.array([False, True, False, False])


@program(normal(4))
def first_test_that_holds(x):
    return np.sum(np.select([x > 1.0, x > 0.0, x > -9.0], [x**2, np.sin(x), 3.0], x) * x)


@program(normal(2, 3), normal(3))
def selected_rows(a, b):
    return np.sum(np.select([b > 0.0, a > 0.0], [b**2, a * b], default=b[0]) ** 2)


@program(normal(3), normal(3))
def chosen_by_number(x, y):
    y = np.choose([0, 1, 0], [x * y, y**2])
    return np.sum(np.compress([True, False, True], y) ** 2) + np.sum(np.extract(x > 0.0, y))


@program(normal(4), normal(2))
def put_in_and_taken_out(x, v):
    for k in range(3):
        x = np.delete(np.insert(x, 1, x[k] * v[0]), -1)
    y = np.insert(x, -1, v)
    return np.sum(y**3) * np.sum(np.delete(y, [0, 2]) ** 2)


@program(normal(2, 3), normal(3))
def rows_put_in(a, v):
    b = np.insert(a, 1, v, axis=0)
    return np.sum(np.delete(b, 0, axis=1) ** 2 * np.insert(a, 0, 2.0, axis=0)[:, 1:])


@program(normal(3), normal(2))
def points_of_a_grid(x, y):
    a, b = np.meshgrid(x, y)
    c, _ = np.meshgrid(y, x, indexing="ij")
    return np.sum(np.sin(a * b)) + np.sum(c**2 * a.T[0, 0])


@program(normal(4), normal(1))
def slopes_of_samples(f, h):
    step = h[0] ** 2 + 0.5
    return np.sum(np.gradient(f, step) ** 2) + np.sum(np.gradient(f**2))


@program(normal(4), positive(4))
def slopes_at_coordinates(f, steps):
    x = np.cumsum(steps)
    return np.sum(np.gradient(f, x) ** 2 * x)


@program(normal(3, 4))
def slopes_along_axes(f):
    across, along = np.gradient(f, 0.5, 2.0)
    return np.sum(across**2 * along) + np.sum(np.gradient(f, axis=1)[0] ** 2)


@program(distinct(5), distinct(3, 4))
def quantiles(x, a):
    low, high = np.quantile(x, [0.2, 0.7])
    rows = np.percentile(a, 30, axis=1)
    return low * high + np.sum(rows**2) + np.percentile(a, [40, 60], axis=0)[1, 2] ** 2


@program(distinct(5), positive(2))
def quantile_that_varies(x, q):
    return np.quantile(x, 0.3 + 0.01 * q[0]) ** 2 * np.sum(np.quantile(x, 0.4 + 0.01 * q))


@program(distinct(3, 4), 30.0)
def percentile_of_rows_that_varies(a, p):
    return np.sum(np.percentile(a, p, axis=1) ** 2) + np.percentile(a, p + 1.0) ** 3


@program(positive(1), distinct(3))
def quantile_beside_what_is_infinite(q, x):
    y = np.concatenate([x, [np.inf, np.inf]])
    return np.quantile(y, 0.3 + 0.01 * q[0]) ** 2


@program(normal(3, 3), normal(2, 4))
def diagonal_of_one_of_two(a, b):
    y = a if a[0, 0] > 99.0 else b
    return np.sum(np.diag(y) ** 2)


@program(normal(2, 2, 2, 2, 2), refused="more than four axes")
def slopes_along_too_many_axes(f):
    return np.sum(np.gradient(f)[4])


@program(normal(4), wrt=("x",))
def without_what_is_nan(x):
    y = np.where(GAPS, np.nan, x)
    spread = np.nanstd(y, ddof=1) * np.nanvar(y) + np.nanmax(y) * np.nanmin(y)
    return spread + np.nanmean(y) ** 2 * np.nanprod(y) * x[1] + np.nancumsum(y)[1] ** 2


@program(normal(2, 4), wrt=("x",))
def rows_without_what_is_nan(x):
    y = np.where(GAPS, np.nan, x)
    kept = np.nanmean(y, axis=1, keepdims=True) * x
    return np.sum(np.nanvar(y, axis=1) * np.nanprod(y, axis=1)) + np.sum(kept**2)


@program(normal(4))
def borders(x):
    y = np.pad(x, (1, 2), mode="reflect") * np.pad(x, (2, 1), mode="edge")
    return np.sum(y**2) + np.sum(np.pad(x, 1, "wrap")[:2] ** 3)


@program(normal(3))
def repeated_unevenly(x):
    y = np.repeat(x, [1, 0, 3])
    return np.sum(y**3) * np.sum(np.resize(x, 5)[2:] ** 2) + np.sum(np.vander(x, 4)[:, 1] ** 2)


@program(normal(3), normal(3))
def counted_with_weights(x, w):
    bins = np.digitize(x, KNOTS)
    counts = np.bincount(bins, weights=w * x, minlength=5)
    return np.sum(counts**2) + np.average(x, weights=[w[0] ** 2 + 1.0, 2.0, 3.0]) ** 2


@program(normal(3, 3))
def entries_of_a_mesh(a):
    return np.sum(a[np.ix_([0, 2], [1, 1, 0])] ** 2) + np.sum(np.tri(3, k=-1) * a**2)


@program(0.7, 2.3)
def gamma_functions(a, b):
    return math.gamma(a + b) / math.gamma(b) + math.lgamma(a * b) * math.dist((a, b), (1.0, a * b))


@program(positive(3), normal(3))
def distances_of_points(x, y):
    return math.dist(x, y) ** 3 + np.sum(np.ediff1d(x * y) ** 2) + np.flipud(x)[0] * x[1]


@program(normal(2, 2), normal(2))
def blocks_of_a_matrix(a, b):
    whole = np.block([[a @ a, b[:, None]], [b * 2.0, 1.0]])
    return np.sum(np.linalg.inv(whole + 9.0 * np.eye(3))) + np.sum(np.block([b, 2.0, a[0]]) ** 3)
