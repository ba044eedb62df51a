"""Reductions with axes, tuples of axes and keepdims; cumulative sums; statistics."""

import numpy as np

from .registry import distinct, normal, positive, program


@program(normal(3, 4))
def sum_axis_0(a):
    return np.sum(np.sum(a * a, axis=0) ** 2)


@program(normal(3, 4))
def sum_axis_last_keepdims(a):
    return np.sum(np.sum(a, axis=-1, keepdims=True) * a)


@program(normal(2, 3, 2))
def sum_axes_tuple(a):
    return np.sum(np.sum(a, axis=(0, 2)) ** 3) + np.sum(np.sum(a, (1, -1), keepdims=True) * a)


@program(normal(2, 3))
def sum_methods(a):
    return a.sum() * a.sum(axis=0)[1] + (a.sum(1) ** 2).sum() + a.sum(axis=1, keepdims=True)[0, 0]


@program(normal(3, 4))
def mean_everywhere(a):
    b = a - np.mean(a, axis=0)
    c = b * a.mean(axis=1, keepdims=True)
    return np.mean(c * c) + a.mean()


@program(normal(2, 3, 2))
def mean_axes_tuple(a):
    return np.sum(np.mean(a, axis=(0, 1)) ** 2 * np.mean(a, axis=(0, 1), keepdims=True))


@program(distinct(3, 4))
def max_everywhere(a):
    rows = np.max(a, axis=1, keepdims=True)
    return np.sum(np.exp(a - rows)) * np.max(a) + np.sum(a.max(axis=0) ** 2)


@program(distinct(2, 3, 2))
def min_everywhere(a):
    return np.min(a) ** 2 + np.sum(np.min(a, axis=(0, 2)) ** 2) + np.sum(a.min(1) * a.max(1))


@program(positive(2, 3))
def prod_everywhere(a):
    return np.prod(a) + np.sum(np.prod(a, axis=1) ** 2) + np.sum(a.prod(axis=0, keepdims=True) * a)


@program(np.array([1.5, 0.0, 2.0, -1.0]))
def prod_with_a_zero(x):
    return np.prod(x) * 2.0 + np.sum(x)


@program(np.array([[1.5, 0.0, 2.0], [0.0, 0.5, 0.0]]))
def prod_with_zeros_by_axis(a):
    return np.sum(np.prod(a, axis=1) * 3.0) + np.sum(np.prod(a, axis=0))


@program(normal(3, 4))
def std_everywhere(a):
    return np.std(a) * np.sum(np.std(a, axis=0)) + np.sum(a.std(axis=1, keepdims=True) * a)


@program(normal(3, 4))
def var_everywhere(a):
    return np.var(a) + np.sum(np.var(a, axis=0) ** 2) + np.sum(a.var(axis=1, keepdims=True) * a)


@program(normal(3, 4))
def var_ddof(a):
    return np.var(a, ddof=1) + np.sum(np.std(a, axis=1, ddof=1))


@program(normal(5))
def norm_of_a_vector(x):
    return np.linalg.norm(x) * x[0]


@program(normal(3, 4))
def norm_by_axis(a):
    return np.sum(a / np.linalg.norm(a, axis=1, keepdims=True)) + np.linalg.norm(a)


@program(normal(3, 4))
def norm_axis_0(a):
    return np.sum(np.linalg.norm(a, axis=0) ** 3)


@program(normal(5))
def cumulative_sum(x):
    return np.sum(np.cumsum(x) ** 2)


@program(normal(3, 4))
def cumulative_sum_by_axis(a):
    return np.sum(np.cumsum(a, axis=1) * a) + np.sum(a.cumsum(axis=0) ** 2) + np.cumsum(a)[3] ** 2


@program(normal(4))
def builtin_sum_of_an_array(x):
    return sum(x * x) + sum([x[0], x[1] * 2.0])


@program(normal(2, 3))
def builtin_sum_of_rows(a):
    return np.sum(sum(a) ** 2)


@program(normal(3, 2))
def statistics_together(a):
    z = (a - a.mean(axis=0)) / (a.std(axis=0) + 0.1)
    return np.sum(z**3) + z.max()


@program(normal(3), -1, True)
def axis_and_keepdims_in_arguments(x, axis, keep):
    return np.sum(np.sum(x * x, axis=axis, keepdims=keep) * x)


@program(np.zeros(3), smooth=False, gradient=np.zeros(3))
def norm_at_zero(x):
    return np.linalg.norm(x)


@program(np.full(3, 2.0), smooth=False, gradient=np.zeros(3))
def std_of_a_constant(x):
    return np.std(x)


@program(normal(3, 2))
def average_by_hand(a):
    return np.sum(np.sum(a, axis=0) / a.shape[0] * np.sum(a) / a.size) + len(a) * a[0, 0]


@program(normal(4))
def differences_by_slices(x):
    return np.sum((x[1:] - x[:-1]) ** 2) + np.sum(np.diff(x) ** 3)


@program(normal(5), np.array([0.1, 0.2, 0.4, 0.2, 0.1]))
def weighted_variance(x, w):
    centre = np.sum(w * x)
    return np.sum(w * (x - centre) ** 2)
