"""Calls that write into arrays and are refused: casts, gaps, repeated values, hidden writes."""

import numpy as np

from srcgrad.errors import NoRule

from .registry import refused


@refused(np.ones(3), says="array of int64", code="np.multiply(")
def out_of_another_dtype(x):
    y = np.zeros(3, dtype=int)
    np.multiply(x, x, out=y)
    return np.sum(y)


@refused(np.ones(3, np.float32), says="array of float64", code="np.sum(")
def sum_out_of_another_dtype(x):
    y = np.zeros(())
    np.sum(x, out=y)
    return y * x[0]


@refused(np.ones((2, 3)), says="array of rank 1", code="np.add(")
def out_of_a_lower_rank(a):
    y = np.zeros(3)
    np.add(a, a, out=y)
    return np.sum(y)


@refused(np.ones(3), says="is 1.0", code="np.add(")
def out_is_a_number(x):
    y = 1.0
    np.add(x, x, out=y)
    return np.sum(x)


@refused(np.ones(3), says="where", code="np.add(")
def where_without_out(x):
    return np.sum(np.add(x, 1.0, where=x > 0))


@refused(np.ones(3), says="dtype", code="np.add(")
def dtype_of_a_ufunc(x):
    return np.sum(np.add(x, 1.0, dtype=np.float32))


@refused(np.ones(3), says="test of a loop", code="np.add(")
def out_in_the_test_of_a_loop(x):
    y = x.copy()
    while np.add(y, y, out=y)[0] < 5.0:
        y[0] += 1.0
    return np.sum(y)


@refused(np.ones(3), says="a part of this", code="y[0] > 0 and")
def out_behind_and(x):
    y = x.copy()
    if y[0] > 0 and np.add(y, x, out=y)[0] > 1.0:
        y[0] = 1.0
    return np.sum(y)


@refused(np.ones(3), error=NoRule, says="multiply.at", code="np.multiply.at(")
def multiply_at(x):
    y = x * x
    np.multiply.at(y, [0], 2.0)
    return np.sum(y)


@refused(np.ones(3), says="__setitem__", code="y.__setitem__(")
def setitem_called(x):
    y = x * x
    y.__setitem__(0, x[1])
    return np.sum(y)


@refused(np.ones(4), says="put", code="np.put(")
def put_repeats_values(x):
    y = x * x
    np.put(y, [0, 1, 2], x[:2])
    return np.sum(y)


@refused(np.ones(4), says="place", code="np.place(")
def place_of_several_values(x):
    y = x * x
    np.place(y, y > 0, x[:2])
    return np.sum(y)


@refused(np.ones(4), says="mode", code="np.put(")
def put_with_a_mode(x):
    y = x * x
    np.put(y, [7], 1.0, mode="wrap")
    return np.sum(y)


@refused(np.ones(4), says="cannot cast", code="np.copyto(")
def copyto_that_casts(x):
    y = np.zeros(4, dtype=int)
    np.copyto(y, x)
    return np.sum(y * x)


@refused(np.ones((3, 3)), says="wrap", code="np.fill_diagonal(")
def fill_diagonal_wraps(a):
    b = a * a
    np.fill_diagonal(b, 1.0, wrap=True)
    return np.sum(b)


@refused(np.ones((2, 3)), says="flat", code="a.flat")
def flat_with_a_name(a):
    entries = a.flat
    return entries[0]


@refused(np.ones((2, 3)), says="flat", code="b.flat")
def flat_assigned(a):
    b = a * a
    b.flat = a[0, 0]
    return np.sum(b)


@refused(np.ones((2, 3)), says="break", code="for i, j in")
def break_among_indices(a):
    s = 0.0
    for i, j in np.ndindex(a.shape):
        if a[i, j] > 2.0:
            break
        s += a[i, j]
    return s


@refused(np.ones((2, 3)), error=NoRule, says="nditer", code="np.nditer(")
def iterator_of_numpy(a):
    s = 0.0
    for v in np.nditer(a):
        s += v
    return s


@refused(np.array([2.0, 1.0]), error=NoRule, says="itemset", code="y.itemset(")
def itemset(x):
    y = x * x
    y.itemset(0, 3.0)
    return np.sum(y)


@refused(np.array([2.0, 1.0]), error=NoRule, says="partition", code="y.partition(")
def partition_in_place(x):
    y = x * x
    y.partition(1)
    return y[0]


@refused(np.ones(3), says="a list of 2 takes the place of a float64 in a list", code="d[0]")
def list_item_of_another_structure(a):
    d = [a[0]]
    d[0] = [a[1], a[2]]
    return d[0][0] * d[0][1]


@refused(
    np.ones(3), says="writes into a view that cannot be written", code="np.add.at(d, [0], 1.0)"
)
def add_at_of_a_diagonal(x):
    d = np.diag(np.outer(x, x))
    np.add.at(d, [0], 1.0)
    return np.sum(d)
