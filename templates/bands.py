"""Triangles and diagonals of matrices, and differences of neighbours."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Static, not_zero
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Undecided,
    apply,
    array_like,
    bar,
    call,
    dims,
    dot,
    flat_length,
    full,
    helper,
    known_dims,
    longer,
    ndim,
    number,
    of,
    option,
    refuse,
    rule,
    same_length,
    shape,
)


def band_kind(m, k=None):
    """The kind of a triangle of a matrix."""
    if len(known_dims(m)) < 2:
        raise Undecided("a triangle of a vector")
    return array_like(m)


@rule(np.tril, kind=band_kind, samples=[call(of(3, 3)), call(of(2, 4), 1), call(of(4, 2), k=-1)])
def tril(z, m, k=0):
    options = {"k": k} if k else {}
    bar[m] += np.tril(full(bar[z], z), **options)
    dot[z] = np.tril(dot[m], **options)


@rule(np.triu, kind=band_kind, samples=[call(of(3, 3)), call(of(2, 4), 1), call(of(4, 2), k=-1)])
def triu(z, m, k=0):
    options = {"k": k} if k else {}
    bar[m] += np.triu(full(bar[z], z), **options)
    dot[z] = np.triu(dot[m], **options)


def diag_kind(v, k=None):
    """The kind of a diagonal, or of a diagonal matrix."""
    old, offset = known_dims(v), option(k, 0)
    dtype = number(v).dtype
    if len(old) == 1:
        n = longer(old[0], abs(offset))
        return Array(dtype, (n, n))
    m, n = old
    if isinstance(m, int) and isinstance(n, int):
        return Array(dtype, (max(min(m + min(offset, 0), n - max(offset, 0)), 0),))
    return Array(dtype, (m if same_length(m, n) and offset == 0 else UNKNOWN,))


@rule(
    np.diag,
    kind=diag_kind,
    samples=[
        call(of(3)),
        call(of(3), 1),
        call(of(3, 3)),
        call(of(3, 3), k=-1),
        call(of(2, 4), 1),
        call(of(4, 2)),
    ],
)
def diag(z, v, k=0):
    options = {"k": k} if k else {}
    if ndim(v) == 1:
        bar[v] += np.diag(full(bar[z], z), **options)
    elif k == 0 and same_length(*dims(v)):
        bar[v] += np.diag(full(bar[z], z))
    else:
        bar[v] += helper(runtime.embed_diagonal, number(v.kind), full(bar[z], z), v, k)
    dot[z] = np.diag(dot[v], **options)


def diff_kind(a, n=None, axis=None, prepend=None, append=None):
    """The kind of differences."""
    old, i, times = list(known_dims(a)), option(axis, -1), option(n, 1)
    step = sum(isinstance(e, Static) for e in (prepend, append)) - times
    if any(e is not None and not isinstance(e, Static) for e in (prepend, append)):
        raise Undecided("prepend= and append= must be constants")
    old[i] = longer(old[i], step)
    ends = [np.asarray(e.value).dtype for e in (prepend, append) if e is not None]
    return Array(np.result_type(number(a).dtype, *ends), tuple(old))


@rule(
    np.diff,
    kind=diff_kind,
    samples=[
        call(of(4)),
        call(of(5), 2),
        call(of(3, 4)),
        call(of(3, 4), axis=0),
        call(of(4), prepend=0.0),
        call(of(4), prepend=0.0, append=0.0),
    ],
)
def diff(z, a, n=1, axis=-1, prepend=None, append=None):
    if n != 1 and not (prepend is None and append is None):
        raise Undecided("prepend= and append= with n above 1")
    options = {} if axis in (-1, ndim(a) - 1) else {"axis": axis}
    ends = {} if prepend is not None else {"prepend": 0.0}
    ends |= {} if append is not None else {"append": 0.0}
    g, t = full(bar[z], z), dot[a]
    given = {} if prepend is None else {"prepend": 0.0}
    given |= {} if append is None else {"append": 0.0}
    for _ in range(n):
        g = -np.diff(g, **options, **ends)
        t = np.diff(t, **options, **given)
    bar[a] += g
    dot[z] = t


def ends_kind(ary, to_end=None, to_begin=None):
    """The kind of differences of the entries of the flat array."""
    refuse(to_end, "to_end")
    refuse(to_begin, "to_begin")
    n = flat_length(ary)
    return Array(number(ary).dtype, (longer(n, -1) if n == 0 or not_zero(n) else UNKNOWN,))


@rule(np.ediff1d, kind=ends_kind, samples=[call(of(4)), call(of(2, 3)), call(of(2))])
def ediff1d(z, ary, to_end=None, to_begin=None):
    g = full(bar[z], z)
    if g is not ZERO:
        back = apply(np.pad, g, (1, 0)) - apply(np.pad, g, (0, 1))
        bar[ary] += back if ndim(ary) == 1 else back.reshape(shape(ary))
    dot[z] = apply(np.ediff1d, dot[ary])
