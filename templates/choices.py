"""Entries chosen by tests and by numbers: select, choose, compress, extract."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    broadcast_dims,
    call,
    dot,
    fit,
    full,
    helper,
    item_dims,
    joined_dtype,
    known_dims,
    number,
    of,
    option,
    pack,
    packed,
    parts_kinds,
    pieces,
    refuse,
    rule,
    settle,
    with_zeros,
)


def parts(kind, label):
    """The kinds of the items of a list that is known item by item."""
    if isinstance(kind, List):
        raise Undecided(f"the {label} must be known one by one")
    return parts_kinds(kind)


def chosen_kind(tests, options):
    """The kind of what is chosen among several values."""
    numbers = [number(k) for k in options]
    dims = broadcast_dims(*(item_dims(k) for k in (*tests, *options)))
    strong = [np.zeros((), k.dtype) if isinstance(k, Array) else k for k in numbers]
    probes = [
        v
        if isinstance(v, np.ndarray)
        else (v.dtype.type(0).item() if v.python else v.dtype.type(0))
        for v in strong
    ]
    return Array(np.result_type(*probes), dims)


def select_kind(condlist, choicelist, default=None):
    """The kind of the first choice whose test holds."""
    tests, choices = parts(condlist, "tests"), parts(choicelist, "choices")
    if len(tests) != len(choices) or not tests:
        raise Undecided("np.select wants a choice for each test")
    if any(number(t).dtype != bool for t in tests):
        raise Undecided("the tests of np.select must be arrays of bool")
    last = () if default is None else (default,)
    if not last:
        out = chosen_kind(tests, choices)
        return Array(np.result_type(out.dtype, 0), out.dims)
    return chosen_kind(tests, (*choices, *last))


FLAGS = of(4, flags=True)


@rule(
    np.select,
    kind=select_kind,
    samples=[
        call([FLAGS, FLAGS], [of(4), of(4)]),
        call([FLAGS], [of(4)], of(4)),
        call([FLAGS, FLAGS], [of(4), 1.0], default=of()),
        call([of(2, 3, flags=True), of(3, flags=True)], [of(3), of(2, 1)], of(2, 3)),
        call([of(2, 3, flags=True), of(3, flags=True)], [of(), of(2, 1)]),
    ],
)
def select(z, condlist, choicelist, default=0):
    tests, choices = pieces(packed(condlist)), pieces(packed(choicelist))
    g = settle(bar[z], z)
    if g is not ZERO:
        for k, choice in enumerate(choices):
            taken = apply(np.select, pack(list(tests[: k + 1])), pack([0.0] * k + [g]), 0.0)
            bar[choice] += fit(taken, choice, z)
        if isinstance(default, Expr):
            rest = apply(np.select, pack(list(tests)), pack([0.0] * len(tests)), g)
            bar[default] += fit(rest, default, z)
    tangents = [dot[c] if c.op != "const" else ZERO for c in choices]
    last = dot[default] if isinstance(default, Expr) else ZERO
    if any(t is not ZERO for t in (*tangents, last)):
        given = pack([0.0 if t is ZERO else t for t in tangents])
        dot[z] = apply(np.select, pack(list(tests)), given, 0.0 if last is ZERO else last)


def choose_kind(a, choices, out=None, mode=None):
    """The kind of entries of several arrays, chosen by their numbers."""
    refuse(out, "out")
    refuse(mode, "mode", "raise")
    if joined_dtype((a,)).kind not in "iu":
        raise Undecided("np.choose wants an array of ints")
    found = chosen_kind((a,), parts(choices, "choices"))
    if any(number(k).dtype != found.dtype for k in parts_kinds(choices)) or not found.dims:
        raise Undecided("np.choose of numbers, or of arrays of different dtypes")
    return found


@rule(
    np.choose,
    kind=choose_kind,
    samples=[
        call(of(4, below=2), [of(4), of(4)]),
        call([1, 0, 1], [of(3), of(3)]),
        call(of(2, 3, below=3), [of(3), of(2, 1), of(2, 3)]),
    ],
)
def choose(z, a, choices, out=None, mode="raise"):
    g = settle(bar[z], z)
    options = pieces(packed(choices))
    numbers = as_array(a)
    for k, choice in enumerate(options):
        bar[choice] += fit(ZERO if g is ZERO else apply(np.where, numbers == k, g, 0.0), choice, z)
    tangents = with_zeros([dot[c] for c in options], options)
    if tangents is not ZERO:
        dot[z] = apply(np.choose, a, pack(tangents))


def places_of(condition):
    """The places, in the flat array, where a test holds."""
    return apply(np.flatnonzero, as_array(condition))


def as_array(v):
    """A list of constants as an array."""
    v = packed(v)
    return apply(np.array, v) if v.op == "pack" else v


def compress_kind(condition, a, axis=None, out=None):
    """The kind of the slices along an axis for which a test holds."""
    refuse(out, "out")
    if len(item_dims(condition)) != 1:
        raise Undecided("the condition of np.compress must be an array of rank 1")
    old = known_dims(a)
    if option(axis) is None:
        return Array(number(a).dtype, (UNKNOWN,))
    i = option(axis) % len(old)
    return Array(number(a).dtype, (*old[:i], UNKNOWN, *old[i + 1 :]))


@rule(
    np.compress,
    kind=compress_kind,
    samples=[
        call(FLAGS, of(4)),
        call([True, False, True], of(4)),
        call(of(2, flags=True), of(2, 3), axis=0),
        call(of(2, below=2), of(2, 3), 1),
    ],
)
def compress(z, condition, a, axis=None, out=None):
    places = places_of(condition)
    bar[a] += helper(runtime.untake, number(a.kind), full(bar[z], z), a, places, axis)
    dot[z] = apply(np.compress, condition, dot[a], **({} if axis is None else {"axis": axis}))


def extract_kind(condition, arr):
    """The kind of the entries, in the flat array, for which a test holds."""
    item_dims(condition), known_dims(arr)
    return Array(number(arr).dtype, (UNKNOWN,))


@rule(
    np.extract,
    kind=extract_kind,
    samples=[call(FLAGS, of(4)), call(of(2, 3, below=2), of(2, 3))],
)
def extract(z, condition, arr):
    places = places_of(condition)
    bar[arr] += helper(runtime.untake, number(arr.kind), full(bar[z], z), arr, places, None)
    dot[z] = apply(np.extract, condition, dot[arr])
