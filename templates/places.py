"""Functions that count or find places: their results do not vary, piece by piece."""

import numpy as np

from srcgrad.kinds import Array, Record
from srcgrad.rules import (
    UNKNOWN,
    Undecided,
    call,
    known_dims,
    number,
    of,
    option,
    refuse,
    shaped,
    zero,
)

PLACE = np.dtype(np.intp)


def searchsorted_kind(a, v, side=None, sorter=None):
    """The kind of the places at which values would be put into a vector."""
    refuse(sorter, "sorter")
    known_dims(a)
    return shaped(PLACE, known_dims(v))


def digitize_kind(x, bins, right=None):
    """The kind of the numbers of bins."""
    known_dims(bins)
    return shaped(PLACE, known_dims(x))


def bincount_kind(x, weights=None, minlength=None):
    """The kind of counts of ints."""
    refuse(weights, "weights")
    known_dims(x)
    return Array(PLACE, (UNKNOWN,))


def found_kind(a):
    """The kind of the places, in the flat array, of the entries that are not zero."""
    number(a)
    return Array(PLACE, (UNKNOWN,))


def argwhere_kind(a):
    """The kind of the indices, a row for each, of the entries that are not zero."""
    return Array(PLACE, (UNKNOWN, len(known_dims(a))))


def nonzero_kind(a):
    """The kind of the indices, a vector for each axis, of the entries that are not zero."""
    rank = len(known_dims(a))
    if not rank:
        raise Undecided("np.nonzero of a number")
    return Record(tuple, tuple(range(rank)), (Array(PLACE, (UNKNOWN,)),) * rank)


def argpartition_kind(a, kth, axis=None, kind=None, order=None):
    """The kind of the places of a partition."""
    if axis is not None and option(axis) is None:
        raise Undecided("axis=None")
    return Array(PLACE, known_dims(a))


SORTED = of(4, ascending=True)
zero(
    np.searchsorted,
    kind=searchsorted_kind,
    samples=[call(SORTED, of()), call(SORTED, of(2, 3)), call(SORTED, of(3), side="right")],
)
zero(np.digitize, kind=digitize_kind, samples=[call(of(3), SORTED), call(of(2, 3), SORTED)])
zero(np.bincount, kind=bincount_kind)
zero(np.flatnonzero, kind=found_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.argwhere, kind=argwhere_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.nonzero, kind=nonzero_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.argpartition, kind=argpartition_kind, samples=[call(of(4), 1), call(of(2, 3), 1, axis=0)])
