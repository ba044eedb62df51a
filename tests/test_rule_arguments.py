"""Keywords and methods of numpy's functions: each is right, or refused; none is ignored."""

import numpy as np
import pytest

from srcgrad import errors, grad
from srcgrad.kinds import Array, Static
from srcgrad.rules.shapes import KINDS, Undecided

X = np.array([0.3, -1.2, 0.8, 2.1])


def clipped_from_above(x):
    return np.sum(np.clip(x, a_max=1.0, a_min=None) * x)


def clipped_by_new_names(x):
    return np.sum(np.clip(x, min=0.0, max=x[3]) * x)


def clipped_by_method(x):
    return np.sum(x.clip(max=0.5) * x)


def sum_of_method(x):
    return x.sum(0) * x[1]


def mean_of_method(x):
    return x.mean(axis=-1) ** 2


def sums_kept(x):
    return np.sum(np.sum(x, keepdims=True) * x) + x.max(keepdims=True)[0]


def sum_in_double(x):
    return np.sum(x, dtype=float) * np.sum(x, 0, None, None)


def deviations(x):
    return np.var(x, ddof=1) + np.std(x, 0, None, None, 1) * x.std()


def made_of_keywords(x):
    table = np.ones(shape=(4,)) * x + np.full(4, fill_value=x[0]) + np.zeros_like(a=x)
    return np.sum(table**2) + np.sum(np.tile(A=x, reps=2) ** 2)


def sums_of_others(x):
    return sum(x, start=2.0) * np.cumsum(a=x)[1] + np.cumprod(x, axis=-1)[2]


def joined_by_keywords(x):
    return np.sum(np.stack([x, x * x], axis=-1)[:, 1] * np.concatenate((x, x), axis=0)[2:6])


def shaped_by_methods(x):
    y = x.reshape((2, -1)).T.reshape(4, order="C")
    return np.sum(y.ravel("C") * x.flatten() * x.copy(order="K"))


def differences_of_keywords(x):
    return np.sum(np.diff(x, n=2, axis=0) * x[:2]) + np.sum(np.roll(x, shift=1) * x)


def norms(x):
    return np.linalg.norm(x, axis=0) + np.linalg.norm(x, ord=1) * np.linalg.norm(x, 2)


def entries(x):
    return np.sum(x.take([0, 3, 3]) ** 2) + np.sum(np.pad(x, (0, 2), constant_values=9.0)[2:] ** 2)


def weighted(x):
    return np.average(x, weights=x**2) + np.average(x)


def cast_by_keyword(x):
    return np.sum(x.astype(dtype=np.float64) * x)


def sum_where(x):
    return np.sum(x**2, where=x > 0) * np.sum(x, where=np.array(True)) ** 2


def sum_initial(x):
    return np.sum(x, initial=3.0) ** 2 + np.sum(np.sum([x, x], axis=0, initial=x[1]) * x)


def pad_mode(x):
    return np.sum(np.pad(x, 1, mode="edge") ** 2) * np.sum(np.pad(x, (3, 2), "wrap")[:4] ** 2)


RIGHT = [
    clipped_from_above, clipped_by_new_names, clipped_by_method, sum_of_method, mean_of_method,
    sums_kept, sum_in_double, deviations, made_of_keywords, sums_of_others, joined_by_keywords,
    shaped_by_methods, differences_of_keywords, norms, entries, weighted, cast_by_keyword,
    sum_where, sum_initial, pad_mode,
]  # fmt: skip


@pytest.mark.parametrize("function", RIGHT)
def test_right(function):
    got = grad(function)(X.copy())
    want = np.empty_like(X)
    h = 1e-4
    for i in range(X.size):
        e = np.zeros_like(X)
        e[i] = h
        near = function(X + e) - function(X - e)
        want[i] = (8.0 * near - (function(X + 2 * e) - function(X - 2 * e))) / (12.0 * h)
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8)


def test_a_sum_in_single_precision():
    def rounded(x):
        return np.sum(x, dtype=np.float32) * 2.0

    got = grad(rounded)(X.copy())
    np.testing.assert_array_equal(got, np.full(4, 2.0))
    assert got.dtype == X.dtype


def sum_where_not(x):
    return np.sum(x, where=False) * x[0]


def sum_initial_whole(x):
    return np.sum([1, 2], initial=x[0]) * x[1]


def pad_mode_of_means(x):
    return np.sum(np.pad(x, 1, mode="mean") ** 2)


def sum_out(x):
    y = np.zeros(())
    np.sum(x, out=y)
    return np.sum(x) * y


def max_initial(x):
    return np.max(x, initial=3.0)


def max_where(x):
    return np.max(x, where=x > 0, initial=0.0)


def mean_where(x):
    return np.mean(x, where=x > 0)


def std_of_mean(x):
    return np.std(x, mean=np.mean(x))


def var_correction(x):
    return np.var(x, correction=1)


def exp_out(x):
    y = np.zeros(4)
    return np.sum(np.exp(x, out=y))


def exp_out_by_position(x):
    y = np.zeros(4)
    return np.sum(np.exp(x, y))


def exp_where(x):
    return np.sum(np.exp(x, where=x > 0))


def add_dtype(x):
    return np.sum(np.add(x, 1.0, dtype=np.float32))


def sqrt_casting(x):
    return np.sum(np.sqrt(x**2, casting="unsafe"))


def floor_out(x):
    y = np.zeros(4)
    return np.sum(np.floor(x, out=y) * x)


def sign_out_by_position(x):
    y = np.zeros(4)
    return np.sum(np.sign(x, y) * x)


def round_out(x):
    y = np.zeros(4)
    return np.sum(np.round(x, 1, out=y) * x)


def greater_out(x):
    y = np.zeros(4)
    return np.sum(np.greater(x, 0, out=y) * x)


def any_where(x):
    return np.any(x > 0, where=x > 1) * x[0]


def count_keepdims(x):
    return np.sum(np.count_nonzero(x, keepdims=True) * x)


def cumsum_out(x):
    y = np.zeros(4)
    return np.sum(np.cumsum(x, out=y))


def matmul_out(x):
    y = np.zeros(())
    return np.matmul(x, x, out=y)


def concatenate_out(x):
    y = np.zeros(8)
    return np.sum(np.concatenate([x, x], out=y))


def clip_out(x):
    return np.sum(np.clip(x, 0.0, 1.0, out=x))


def reshape_order(x):
    return np.sum(x.reshape(2, 2, order="F")[0])


def ravel_order(x):
    return np.sum(x.ravel("F") ** 2)


def take_mode(x):
    return np.sum(np.take(x, [0, 9], mode="wrap"))


def pad_values_that_vary(x):
    return np.sum(np.pad(x, 1, constant_values=x[0]) ** 2)


def average_returned(x):
    return np.average(x, weights=x**2, returned=True)[0]


def einsum_dots(x):
    return np.sum(np.einsum("...,...->...", x, x))


def einsum_view(x):
    return np.sum(np.einsum("i->i", x) * x)


def einsum_out(x):
    y = np.zeros(4)
    return np.sum(np.einsum("i,i->i", x, x, out=y))


def trace_axes(x):
    return np.trace(np.outer(x, x), axis1=1, axis2=0)


def nan_to_num_in_place(x):
    return np.sum(np.nan_to_num(x, copy=False) * x)


def max_key(x):
    return max(x[0], x[1], key=abs)


def zeros_like_what(x):
    return np.sum(np.zeros(4, like=x) + x)


def sort_stable(x):
    return np.sum(np.sort(x, stable=True) * x)


def norm_of_order_3(x):
    return np.linalg.norm(x, ord=3)


def astype_without_copy(x):
    return np.sum(x.astype(float, copy=False) * x)


def reduce_of_a_ufunc(x):
    return np.add.reduce(x) * x[0]


REFUSED = [
    sum_where_not, sum_initial_whole, max_initial, max_where, mean_where, std_of_mean,
    var_correction, exp_where, add_dtype, sqrt_casting, any_where, count_keepdims,
    reshape_order, ravel_order,
    take_mode, pad_mode_of_means, pad_values_that_vary, average_returned, einsum_dots, einsum_view,
    trace_axes, nan_to_num_in_place, max_key, zeros_like_what, sort_stable, norm_of_order_3,
    astype_without_copy, reduce_of_a_ufunc,
]  # fmt: skip

WRITING = [
    sum_out, exp_out, exp_out_by_position, floor_out, sign_out_by_position, round_out,
    greater_out, cumsum_out, matmul_out, concatenate_out, clip_out, einsum_out,
]  # fmt: skip


@pytest.mark.parametrize("function", WRITING)
def test_written(function):
    test_right(function)


@pytest.mark.parametrize("function", REFUSED)
def test_refused(function):
    with pytest.raises(errors.SrcgradError) as caught:
        grad(function)(X.copy())
    assert not isinstance(caught.value, errors.InternalError)
    assert "test_rule_arguments.py" in str(caught.value)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (np.sum, {"out": 0.0}),
        (np.max, {"out": 0.0}),
        (np.argmax, {"out": 0.0}),
        (np.any, {"out": 0.0}),
        (np.cumsum, {"out": 0.0}),
        (np.round, {"out": 0.0}),
        (np.clip, {"out": 0.0}),
        (np.nan_to_num, {"copy": False}),
        (np.array, {"copy": False}),
        (np.array, {"ndmin": 2}),
        (np.reshape, {"shape": 3, "order": "F"}),
    ],
)
def test_an_option_that_changes_the_meaning_is_refused(function, options):
    x = Array(np.dtype(float), (3,))
    with pytest.raises(Undecided, match="support"):
        KINDS[function](x, **{k: Static(v) for k, v in options.items()})
