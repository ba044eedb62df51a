"""Functions of a sequence of arrays or numbers: joining them, and adding them up."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, List, Record, numeric
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Expr,
    Many,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dot,
    dtype_option,
    full,
    helper,
    length,
    ndim,
    number,
    of,
    option,
    parts_kinds,
    pieces,
    refuse,
    rule,
    tangents,
)


def item_dims(kind):
    """The dims of a part."""
    k = number(kind)
    found = k.dims if isinstance(k, Array) else ()
    if found is None:
        raise Undecided("a part of unknown rank")
    return found


def joined_dtype(kinds, dtype):
    """The dtype of parts that are joined."""
    if option(dtype) is not None:
        return dtype_option(dtype)
    return np.result_type(*(number(k).dtype for k in kinds))


def added_length(lengths):
    """The length of pieces that are laid end to end."""
    whole = 0
    for d in lengths:
        if isinstance(whole, int) and isinstance(d, int):
            whole = whole + d
        elif isinstance(whole, int) and d != UNKNOWN:
            whole = d.plus(whole)
        elif isinstance(d, int) and whole != UNKNOWN:
            whole = whole.plus(d)
        else:
            return UNKNOWN
    return whole


def join_tangents(function, seq, **options):
    """`function` of the tangents of the parts."""
    t = tangents(seq)
    return ZERO if t is ZERO else apply(function, t, **options)


def joined_kind(axis_of):
    """The kind of arrays laid end to end; `axis_of` gives the axis from the rank of the first."""

    def kind(arrays, axis=None, out=None, dtype=None):
        refuse(out, "out")
        kinds = parts_kinds(arrays)
        shapes = [item_dims(k) for k in kinds]
        i = axis_of(len(shapes[0]), option(axis, 0))
        if not shapes[0]:
            raise Undecided("numbers without axes cannot be concatenated")
        whole = UNKNOWN if isinstance(arrays, List) else added_length([s[i] for s in shapes])
        found = shapes[0]
        return Array(joined_dtype(kinds, dtype), (*found[:i], whole, *found[i + 1 :]))

    return kind


def laid_end_to_end(z, seq, i):
    """The adjoints of parts that lie end to end along axis `i`."""
    g = bar[z]
    if g is ZERO:
        return
    if pieces(seq) is None:
        bar[seq] += helper(runtime.split_like, seq.kind, full(g, z), seq, i)
        return
    uniform = not isinstance(g.kind, Array)
    g = g if uniform else full(g, z)
    start = None
    for position, part in enumerate(seq.args):
        size = length(part, i)
        stop = size if start is None else start + size
        end = None if position == len(seq.args) - 1 else bound(stop)
        along = item_dims(part.kind)[i]
        bar[part] += g if uniform else cut(g, i, bound(start), end, along)
        start = stop


def line(g, at, i, along):
    """Row or column `at` of a matrix, which has `along` entries."""
    index = at if i == 0 else (slice(None), at)
    return Expr("index", g[index].args, Array(number(g.kind).dtype, (along,)), index)


def bound(e):
    """A bound of a slice: a constant as it is."""
    return e.data if isinstance(e, Expr) and e.op == "const" else e


@rule(
    np.concatenate,
    kind=joined_kind(lambda rank, axis: axis % rank if rank else 0),
    samples=[
        call([of(2), of(3)]),
        call((of(2), of(1), of(3))),
        call([of(2, 3), of(1, 3)]),
        call([of(2, 3), of(2, 2)], axis=1),
        call([of(0), of(2)]),
        call([of(2, 3), of(2, 3)], -1),
        call(Many(of(2), 3)),
        call(Many(of(2, 3), 3), axis=1),
    ],
)
def concatenate(z, arrays, axis=0, out=None, dtype=None):
    rank = ndim(arrays.args[0]) if arrays.op == "pack" else ndim(z)
    laid_end_to_end(z, arrays, axis % rank)
    dot[z] = join_tangents(np.concatenate, arrays, **({"axis": axis} if axis else {}))


def hstack_axis(rank, axis):
    """The axis of `np.hstack`."""
    return 0 if rank == 1 else 1


def hstack_kind(tup, dtype=None):
    """The kind of `np.hstack`."""
    return joined_kind(hstack_axis)(tup, dtype=dtype)


@rule(
    np.hstack,
    kind=hstack_kind,
    samples=[call([of(2), of(3)]), call([of(2, 3), of(2, 1)]), call(Many(of(2, 2), 2))],
)
def hstack(z, tup, dtype=None):
    laid_end_to_end(z, tup, hstack_axis(ndim(z), 0))
    dot[z] = join_tangents(np.hstack, tup)


def lines_kind(rows):
    """The kind of `np.vstack` (rows) or `np.column_stack`: vectors are lines, matrices blocks."""

    def kind(tup, dtype=None):
        kinds = parts_kinds(tup)
        shapes = [item_dims(k) for k in kinds]
        if any(len(s) not in (1, 2) for s in shapes):
            raise Undecided("the parts must be vectors or matrices")
        i = 0 if rows else 1
        across = shapes[0][0] if len(shapes[0]) == 1 else shapes[0][1 - i]
        along = added_length([1 if len(s) == 1 else s[i] for s in shapes])
        along = UNKNOWN if isinstance(tup, List) else along
        dims = (along, across) if rows else (across, along)
        return Array(joined_dtype(kinds, dtype), dims)

    return kind


def lines(z, seq, i):
    """The adjoints of vectors and matrices that lie along axis `i` of a matrix."""
    g = bar[z]
    if g is ZERO:
        return
    g = g if not isinstance(g.kind, Array) else full(g, z)
    if pieces(seq) is None:
        if len(item_dims(seq.kind.item)) == 1:
            bar[seq] += helper(runtime.unstack, seq.kind, full(bar[z], z), i)
        else:
            bar[seq] += helper(runtime.split_like, seq.kind, full(bar[z], z), seq, i)
        return
    start = None
    for position, part in enumerate(seq.args):
        vector = ndim(part) == 1
        size = 1 if vector else length(part, i)
        stop = size if start is None else start + size
        if not isinstance(g.kind, Array):
            bar[part] += g
        elif vector:
            at = 0 if start is None else bound(start)
            bar[part] += line(g, at, i, item_dims(part.kind)[0])
        else:
            end = None if position == len(seq.args) - 1 else bound(stop)
            bar[part] += cut(g, i, bound(start), end, item_dims(part.kind)[i])
        start = stop


LINES = [
    call([of(3), of(3)]),
    call((of(3), of(3), of(3))),
    call(Many(of(3), 2)),
]


@rule(np.vstack, kind=lines_kind(True), samples=[*LINES, call([of(3), of(2, 3)])])
def vstack(z, tup, dtype=None):
    lines(z, tup, 0)
    dot[z] = join_tangents(np.vstack, tup)


def column_stack_kind(tup):
    """The kind of `np.column_stack`."""
    return lines_kind(False)(tup)


@rule(np.column_stack, kind=column_stack_kind, samples=[*LINES, call([of(3), of(3, 2)])])
def column_stack(z, tup):
    lines(z, tup, 1)
    dot[z] = join_tangents(np.column_stack, tup)


def stack_kind(arrays, axis=None, out=None, dtype=None):
    """The kind of arrays of one shape along a new axis."""
    refuse(out, "out")
    kinds = parts_kinds(arrays)
    found = item_dims(kinds[0])
    i = option(axis, 0) % (len(found) + 1)
    many = len(kinds) if isinstance(arrays, Record) else (arrays.length or UNKNOWN)
    return Array(joined_dtype(kinds, dtype), (*found[:i], many, *found[i:]))


@rule(
    np.stack,
    kind=stack_kind,
    samples=[
        call([of(3), of(3)]),
        call((of(2, 3), of(2, 3)), axis=1),
        call([of(3), of(3)], -1),
        call([of(), of()]),
        call(Many(of(3), 2)),
        call(Many(of(3), 2), axis=1),
    ],
)
def stack(z, arrays, axis=0, out=None, dtype=None):
    i = axis % ndim(z)
    layers(z, bar[z], arrays, i)
    dot[z] = join_tangents(np.stack, arrays, **({"axis": axis} if axis else {}))


def layers(z, g, seq, i):
    """The adjoints of parts that are layers along axis `i` of z."""
    if g is ZERO:
        return
    if seq.op != "pack" and pieces(seq) is None:
        bar[seq] += helper(runtime.unstack, seq.kind, full(g, z), i)
        return
    uniform = not isinstance(g.kind, Array)
    g = g if uniform else full(g, z)
    for position, part in enumerate(seq.args):
        layer = g if uniform else g[(slice(None),) * i + (position,)] if i else g[position]
        if part.op == "pack":
            layers(layer, layer, part, 0)
        else:
            bar[part] += layer


def array_kind(object, dtype=None, copy=None, order=None, subok=None, ndmin=None):
    """The kind of an array made of a number, an array, or (nested) sequences of them."""
    refuse(copy, "copy", True)
    refuse(ndmin, "ndmin", 0)
    found = dtype_option(dtype) if option(dtype) is not None else None
    k = numeric(object)
    if k is not None:
        return Array(found or k.dtype, k.dims if isinstance(k, Array) else ())
    inner = [array_kind(p, dtype) for p in parts_kinds(object)]
    many = len(inner) if isinstance(object, Record) else (object.length or UNKNOWN)
    dims = inner[0].dims
    if dims is None or any(k.dims is None or len(k.dims) != len(dims) for k in inner):
        raise Undecided("parts of different or unknown rank")
    return Array(np.result_type(*(k.dtype for k in inner)), (many, *dims))


def asarray_kind(a, dtype=None, order=None, device=None, copy=None):
    """The kind of `np.asarray`."""
    return array_kind(a, dtype)


ARRAYS = [
    call(of(3)),
    call(of()),
    call([of(), of(), of()]),
    call([of(), 1.0]),
    call([of(3), of(3)]),
    call([[of(), of()], [of(), of()]]),
    call(Many(of(), 3)),
    call(Many(of(2), 3)),
    call(of(3), dtype=np.float64),
]


@rule(np.array, kind=array_kind, samples=ARRAYS)
def array(z, object, dtype=None, copy=True, order="K", subok=False, ndmin=0):
    made_of(z, object, np.array)


@rule(np.asarray, kind=asarray_kind, samples=ARRAYS)
def asarray(z, a, dtype=None, order=None, device=None, copy=None):
    made_of(z, a, np.asarray)


def made_of(z, x, function):
    """Both parts of the rule of an array made of something; numbers that are known give none."""
    if isinstance(x, (list, tuple)):
        return
    if numeric(x.kind) is not None:
        bar[x] += bar[z]
        dot[z] = apply(function, dot[x])
    else:
        layers(z, bar[z], x, 0)
        dot[z] = join_tangents(np.array, x)
