"""Arrays turned over: flip, flipud, fliplr."""

import numpy as np

from srcgrad.rules import (
    ZERO,
    Undecided,
    array_like,
    bar,
    call,
    dot,
    full,
    known_dims,
    of,
    rule,
)


@rule(
    np.flip,
    kind=array_like,
    samples=[call(of(3)), call(of(2, 3)), call(of(2, 3), axis=0), call(of(2, 3, 4), axis=(0, 2))],
)
def flip(z, m, axis=None):
    g = full(bar[z], z)
    bar[m] += np.flip(g) if axis is None else np.flip(g, axis=axis)
    dot[z] = np.flip(dot[m]) if axis is None else np.flip(dot[m], axis=axis)


def turned_kind(rank):
    """The kind of an array that is turned over, of so many axes at least."""

    def kind(m):
        if len(known_dims(m)) < rank:
            raise Undecided("an array of more axes was expected")
        return array_like(m)

    return kind


@rule(np.flipud, kind=turned_kind(1), samples=[call(of(3)), call(of(2, 3))])
def flipud(z, m):
    bar[m] += turned(full(bar[z], z), 0)
    dot[z] = turned(dot[m], 0)


@rule(np.fliplr, kind=turned_kind(2), samples=[call(of(2, 3)), call(of(2, 3, 2))])
def fliplr(z, m):
    bar[m] += turned(full(bar[z], z), 1)
    dot[z] = turned(dot[m], 1)


def turned(v, axis):
    """A value turned over along an axis."""
    if v is ZERO:
        return ZERO
    return v[::-1] if axis == 0 else np.flip(v, axis=axis)
