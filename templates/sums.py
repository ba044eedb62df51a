"""Python's own `sum`."""

import builtins
import math

from srcgrad import runtime
from srcgrad.kinds import FLOAT, Array, Scalar, Static
from srcgrad.rules import (
    ZERO,
    Expr,
    Many,
    Undecided,
    apply,
    arithmetic_kind,
    bar,
    call,
    dot,
    fit,
    full,
    helper,
    of,
    parts_kinds,
    pieces,
    rule,
    settle,
    tangents,
)


def sum_kind(iterable, start=None):
    """The kind of Python's `sum`."""
    kinds = [Static(0) if start is None else start]
    if isinstance(iterable, Array):
        if iterable.dims is None or len(iterable.dims) == 0:
            raise Undecided("a sum over a value of unknown rank")
        rest = iterable.dims[1:]
        kinds.append(Array(iterable.dtype, rest) if rest else Scalar(iterable.dtype, False))
    else:
        kinds += parts_kinds(iterable)
    out = kinds[0]
    for k in kinds[1:]:
        out = arithmetic_kind(lambda a, b: a + b, out, k)
    return FLOAT if isinstance(out, Scalar) and out.python and out.dtype.kind == "f" else out


def exact_kind(seq):
    """The kind of `math.fsum`."""
    parts_kinds(seq)
    return FLOAT


@rule(math.fsum, kind=exact_kind, samples=[call([of(), of()]), call(Many(of(), 3))])
def fsum(z, seq):
    if pieces(seq) is None:
        bar[seq] += helper(runtime.repeat_for, seq.kind, full(bar[z], z), seq)
    else:
        for part in seq.args:
            bar[part] += bar[z]
    t = tangents(seq)
    dot[z] = t if t is ZERO else apply(math.fsum, t)


@rule(
    builtins.sum,
    kind=sum_kind,
    samples=[
        call([of(), of()]),
        call([of(3), of(3)]),
        call([of(3), of()], 1.0),
        call(of(4)),
        call(of(2, 3)),
        call(Many(of(), 3)),
        call(Many(of(2), 3)),
        call([of(), of()], of()),
    ],
)
def sum(z, iterable, start=0):
    bar[start] += fit(bar[z], start, z) if isinstance(start, Expr) else bar[z]
    if isinstance(iterable.kind, Array):
        bar[iterable] += bar[z]
    elif pieces(iterable) is None:
        g = full(bar[z], z)
        bar[iterable] += helper(runtime.repeat_for, iterable.kind, g, iterable)
    else:
        for part in iterable.args:
            bar[part] += fit(settle(bar[z], z), part, z)
    t = tangents(iterable)
    dot[z] = dot[start] + (t if t is ZERO else apply(builtins.sum, t))
