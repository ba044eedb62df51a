"""Arrays that are laid end to end: `np.concatenate` and its relatives."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Scalar
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Many,
    Undecided,
    bar,
    bare,
    call,
    cut,
    dot,
    full,
    helper,
    item_dims,
    join_tangents,
    joined_dtype,
    length,
    ndim,
    number,
    of,
    option,
    pieces,
    refuse,
    rule,
    sequence_kinds,
    shape,
    shaped,
    spread,
    spreading,
    total_length,
)

AT, ALL = "at", slice(None)
AS_IT_IS = {}
LONG = {0: (AT,)}
ROWS = {0: (AT, 0), 1: (AT, ALL)}
COLUMNS = {0: (0, AT), 1: (ALL, AT)}
DEEP = {0: (0, 0, AT), 1: (0, ALL, AT), 2: (ALL, ALL, AT)}


def lifted(found, places):
    """The dims that a part has in the result; `places` says, by rank, where lower ones lie."""
    if len(found) not in places:
        return found
    own = iter(found)
    return tuple(next(own) if p is ALL else 1 for p in places[len(found)])


def repeated_length(many, d):
    """The length of several pieces of one length."""
    if isinstance(many, int) and isinstance(d, int):
        return many * d
    return many if d == 1 else d if many == 1 else UNKNOWN


def joined_kind(seq, places, axis_of, dtype=None):
    """The kind of parts laid end to end; `axis_of` gives the axis from the rank of the first."""
    kinds, many = sequence_kinds(seq)
    shapes = [lifted(item_dims(k), places) for k in kinds]
    if not shapes[0]:
        raise Undecided("numbers without axes cannot be concatenated")
    if any(len(s) != len(shapes[0]) for s in shapes):
        raise Undecided("parts of different or unknown rank")
    i = axis_of(len(shapes[0]))
    lengths = [s[i] for s in shapes]
    whole = total_length(lengths) if many is None else repeated_length(many, lengths[0])
    found = shapes[0]
    return Array(joined_dtype(kinds, dtype), (*found[:i], whole, *found[i + 1 :]))


def laid_end_to_end(z, seq, i, places):
    """The adjoints of parts that lie end to end along axis `i`."""
    g = bar[z]
    if g is ZERO:
        return
    if isinstance(seq.kind, Array):
        bar[seq] += g if not isinstance(g.kind, Array) else of_rows(full(g, z), seq, i, places)
        return
    if pieces(seq) is None:
        bar[seq] += of_list(full(g, z), seq, i, places)
        return
    g = spreading(g, z, seq)
    start = None
    for position, part in enumerate(seq.args):
        found = item_dims(part.kind)
        size = 1 if len(found) in places else size_of(part, i)
        stop = size if start is None else start + size
        end = None if position == len(seq.args) - 1 else bare(stop)
        if not isinstance(g.kind, Array):
            spread(part, g)
        elif len(found) in places:
            at = 0 if start is None else bare(start)
            spread(part, line(g, places[len(found)], at, found))
        else:
            spread(part, cut(g, i, start, end, found[i]))
        start = stop


def of_rows(g, seq, i, places):
    """The cotangent of an array whose rows lie end to end."""
    at = places.get(ndim(seq) - 1)
    if at is None and i > 0:
        raise Undecided("layers of an array side by side")
    if at is None or at.index(AT) == 0:
        return g.reshape(shape(seq))
    kept = g[0] if at[0] == 0 else g
    before = at[: at.index(AT)].count(ALL)
    if not before:
        return kept.reshape(shape(seq))
    return kept.T if ndim(kept) == 2 else np.moveaxis(kept, before, 0)


def of_list(g, seq, i, places):
    """The cotangent of a list of arrays, or of numbers, that lie end to end."""
    found = item_dims(seq.kind.item)
    if isinstance(seq.kind.item, List):
        raise Undecided("a list of lists")
    if len(found) not in places:
        return helper(runtime.split_like, seq.kind, g, seq, i)
    at = places[len(found)]
    index = tuple(p if p == 0 else ALL for p in at)
    while index and index[-1] is ALL:
        index = index[:-1]
    if index:
        g = g[index if len(index) > 1 else index[0]]
    return helper(runtime.unstack, seq.kind, g, at[: at.index(AT)].count(ALL))


def size_of(part, i):
    """The length of a part along an axis."""
    d = item_dims(part.kind)[i]
    if isinstance(d, int):
        return d
    if part.op == "pack" or (isinstance(part.kind, List) and i > 0):
        raise Undecided("parts of unknown length in a display")
    return (
        helper(len, Scalar(np.dtype(int), True, d), part)
        if isinstance(part.kind, List)
        else length(part, i)
    )


def line(g, places, at, found):
    """The row or column `at`, or the entry, of an array."""
    index = tuple(at if p is AT else p for p in places)
    while index[-1] is ALL:
        index = index[:-1]
    index = index if len(index) > 1 else index[0]
    return Expr("index", g[index].args, shaped(number(g.kind).dtype, found), index)


def concatenate_kind(arrays, axis=None, out=None, dtype=None):
    """The kind of `np.concatenate`."""
    refuse(out, "out")
    i = option(axis, 0)
    return joined_kind(arrays, AS_IT_IS, lambda rank: i % rank, dtype)


@rule(
    np.concatenate,
    kind=concatenate_kind,
    samples=[
        call([of(2), of(3)]),
        call((of(2), of(1), of(3))),
        call([of(2, 3), of(1, 3)]),
        call([of(2, 3), of(2, 2)], axis=1),
        call([of(0), of(2)]),
        call([of(2, 3), of(2, 3)], -1),
        call(([of(), 1.0], of(2))),
        call([of(2, 3), [of(3)]]),
        call(of(2, 3)),
        call(Many(of(2), 3)),
        call(Many(of(2, 3), 3), axis=1),
    ],
)
def concatenate(z, arrays, axis=0, out=None, dtype=None):
    laid_end_to_end(z, arrays, axis % ndim(z), AS_IT_IS)
    dot[z] = join_tangents(np.concatenate, arrays, **({"axis": axis} if axis else {}))


def hstack_axis(rank):
    """The axis of `np.hstack`."""
    return 0 if rank == 1 else 1


def hstack_kind(tup, dtype=None):
    """The kind of `np.hstack`."""
    return joined_kind(tup, LONG, hstack_axis, dtype)


@rule(
    np.hstack,
    kind=hstack_kind,
    samples=[
        call([of(2), of(3)]),
        call([of(2, 3), of(2, 1)]),
        call((of(2), of(), 1.5)),
        call((of(), of(2), [of(), of()])),
        call(of(3)),
        call(of(2, 3)),
        call(Many(of(2, 2), 2)),
        call(Many(of(), 2)),
    ],
)
def hstack(z, tup, dtype=None):
    laid_end_to_end(z, tup, hstack_axis(ndim(z)), LONG)
    dot[z] = join_tangents(np.hstack, tup)


LINES = [
    call([of(3), of(3)]),
    call((of(3), of(3), of(3))),
    call((of(), of(), 1.0)),
    call((of(), of(1))),
    call([[of(), of()], of(2)]),
    call(of(3)),
    call(of(2, 3)),
    call(Many(of(3), 2)),
    call(Many(of(), 2)),
]


def vstack_kind(tup, dtype=None):
    """The kind of `np.vstack`: vectors are rows, matrices blocks."""
    return joined_kind(tup, ROWS, lambda _: 0, dtype)


@rule(np.vstack, kind=vstack_kind, samples=[*LINES, call([of(3), of(2, 3)])])
def vstack(z, tup, dtype=None):
    laid_end_to_end(z, tup, 0, ROWS)
    dot[z] = join_tangents(np.vstack, tup)


def column_stack_kind(tup):
    """The kind of `np.column_stack`: vectors are columns, matrices blocks."""
    return joined_kind(tup, COLUMNS, lambda _: 1)


@rule(np.column_stack, kind=column_stack_kind, samples=[*LINES, call([of(3), of(3, 2)])])
def column_stack(z, tup):
    laid_end_to_end(z, tup, 1, COLUMNS)
    dot[z] = join_tangents(np.column_stack, tup)


def dstack_kind(tup):
    """The kind of `np.dstack`: numbers and vectors lie along the third axis."""
    return joined_kind(tup, DEEP, lambda _: 2)


@rule(
    np.dstack,
    kind=dstack_kind,
    samples=[*LINES, call([of(2, 3), of(2, 3)]), call([of(2, 3, 2), of(2, 3)]), call(of(2, 3, 2))],
)
def dstack(z, tup):
    laid_end_to_end(z, tup, 2, DEEP)
    dot[z] = join_tangents(np.dstack, tup)
