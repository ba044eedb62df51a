"""Entries taken from arrays by their places, and borders put around arrays."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Record
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    call,
    dims,
    dot,
    full,
    helper,
    known_dims,
    longer,
    number,
    of,
    option,
    refuse,
    rule,
    shape,
    shaped,
    size,
    static,
)


def places_dims(indices):
    """The dims of an argument that names places: an int, an array or a list of ints."""
    if isinstance(indices, Record):
        return (len(indices.items),)
    if isinstance(indices, List):
        return (UNKNOWN if indices.length is None else indices.length,)
    if number(indices).dtype.kind not in "iu":
        raise Undecided("np.take wants ints for indices")
    return known_dims(indices)


def take_kind(a, indices, axis=None, out=None, mode=None):
    """The kind of the entries that were taken."""
    refuse(out, "out")
    refuse(mode, "mode", "raise")
    old, taken = known_dims(a), places_dims(indices)
    if option(axis) is None:
        return shaped(number(a).dtype, taken)
    i = option(axis) % len(old)
    return shaped(number(a).dtype, (*old[:i], *taken, *old[i + 1 :]))


@rule(
    np.take,
    kind=take_kind,
    samples=[
        call(of(4), [2, 0, 2]),
        call(of(4), (1, 1)),
        call(of(4), 3),
        call(of(2, 3), [0, 5, 5]),
        call(of(2, 3), 4),
        call(of(2, 3), [2, 0, 0, 1], axis=1),
        call(of(2, 3), 1, 0),
        call(of(2, 3, 2), [0, 0], axis=-2),
        call(of(3), [], mode="raise"),
    ],
)
def take(z, a, indices, axis=None, out=None, mode="raise"):
    options = {} if axis is None else {"axis": axis}
    bar[a] += helper(runtime.untake, number(a.kind), bar[z], a, indices, axis)
    dot[z] = apply(np.take, dot[a], indices, **options)


def widths(value, rank):
    """How many entries `np.pad` puts before and after each axis."""
    if isinstance(value, int):
        return [(value, value)] * rank
    pairs = list(value)
    if all(isinstance(p, int) for p in pairs):
        return [tuple(pairs) if len(pairs) == 2 else (pairs[0], pairs[0])] * rank
    pairs = [(p[0], p[-1]) for p in pairs]
    return pairs * rank if len(pairs) == 1 else pairs


def listed(kind):
    """A constant, or nested tuples and lists of constants."""
    return tuple(map(listed, kind.items)) if isinstance(kind, Record) else static(kind)


TAKEN = ("edge", "reflect", "symmetric", "wrap")


def pad_kind(array, pad_width, mode=None, constant_values=None):
    """The kind of an array with a border of constants."""
    if option(mode, "constant") not in ("constant", *TAKEN):
        raise Undecided(f"np.pad supports the modes constant, {', '.join(TAKEN)}")
    if constant_values is not None:
        listed(constant_values)
    old = known_dims(array)
    out = []
    for d, (before, after) in zip(old, widths(listed(pad_width), len(old)), strict=True):
        out.append(longer(d, before + after))
    return Array(number(array).dtype, tuple(out))


@rule(
    np.pad,
    kind=pad_kind,
    samples=[
        call(of(3), 1),
        call(of(3), (1, 2)),
        call(of(3), (0, 2), "constant"),
        call(of(2, 3), 1, mode="constant", constant_values=2.0),
        call(of(2, 3), ((0, 0), (1, 2))),
        call(of(2, 3), ((1, 0), (0, 2))),
        call(of(2, 3), ((1, 2),)),
        call(of(0), 1),
        call(of(3), (1, 2), mode="edge"),
        call(of(3), 2, "reflect"),
        call(of(4), (3, 1), "wrap"),
        call(of(2, 3), ((1, 0), (0, 2)), "symmetric"),
        call(of(2, 3), ((1, 0), (0, 2)), "edge"),
    ],
)
def pad(z, array, pad_width, mode="constant", constant_values=0):
    if mode != "constant":
        whole = apply(np.arange, size(array))
        whole = whole if len(dims(array)) == 1 else whole.reshape(shape(array))
        places = apply(np.pad, whole, pad_width, mode=mode)
        bar[array] += helper(
            runtime.untake, number(array.kind), full(bar[z], z), array, places, None
        )
        dot[z] = apply(np.pad, dot[array], pad_width, mode=mode)
        return
    sides = widths(pad_width, len(dims(array)))
    bar[array] += within(full(bar[z], z), sides, array)
    zeros = tuple(sides) if len(sides) > 1 else sides[0]
    dot[z] = apply(np.pad, dot[array], zeros if len(set(sides)) > 1 else pad_width)


def within(g, sides, array):
    """What lies within the border of a cotangent, which may be lower than the array."""
    if g is ZERO:
        return ZERO
    index = tuple(slice(before or None, -after if after else None) for before, after in sides)
    while len(index) > 1 and index[-1] == slice(None):
        index = index[:-1]
    index = index if len(index) > 1 else index[0]
    return Expr("index", (g,), Array(number(g.kind).dtype, dims(array)), index)
