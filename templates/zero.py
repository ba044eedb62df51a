"""Functions whose derivative is zero, or that make arrays of nothing but their shape."""

import ast
import builtins

import numpy as np

from srcgrad.kinds import BOOL, INT, Array, List, Record, Scalar, Static
from srcgrad.rules import (
    UNKNOWN,
    Expr,
    Length,
    Undecided,
    apply,
    bar,
    call,
    dot,
    dtype_option,
    elementwise_kind,
    fit,
    full,
    known_dims,
    left_out,
    lengths,
    number,
    of,
    one_length,
    option,
    refuse,
    rule,
    shaped,
    size,
    static,
    zero,
)

zero(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
zero(ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.Not, ast.Invert)
zero(ast.FloorDiv, ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
zero(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
zero(np.logical_and, np.logical_or, np.logical_not, np.logical_xor)
zero(np.isfinite, np.isnan, np.isinf, np.signbit)
zero(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.heaviside)


def rounded_kind(a, decimals=None, out=None):
    """The kind of a rounded number."""
    refuse(out, "out")
    k = number(a)
    dtype = np.round(np.ones(1, k.dtype)).dtype
    return shaped(dtype, k.dims if isinstance(k, Array) else ())


zero(np.round, np.around, kind=rounded_kind, samples=[call(of(3)), call(of(2, 3), 1)])


def cut_kind(x, out=None):
    """The kind of a number without its fraction."""
    refuse(out, "out")
    k = number(x)
    return shaped(np.fix(np.ones(1, k.dtype)).dtype, k.dims if isinstance(k, Array) else ())


zero(np.fix, kind=cut_kind, samples=[call(of(3)), call(of(2, 3))])


def made_kind(shape, dtype=None, order=None):
    """The kind of a new array."""
    return Array(dtype_option(dtype), lengths(shape))


def like_kind(a, dtype=None, order=None, subok=None, shape=None):
    """The kind of a new array that is like another."""
    k = number(a)
    dims = (k.dims if isinstance(k, Array) else ()) if shape is None else lengths(shape)
    return Array(dtype_option(dtype, k.dtype), dims)


SHAPES = [call(3), call((2, 3)), call((Length(2), 3)), call(Length(3)), call(2, dtype=np.float32)]
LIKES = [call(of(3)), call(of(2, 3), dtype=np.float64), call(of())]
zero(np.zeros, np.ones, np.empty, kind=made_kind, samples=SHAPES)
zero(np.zeros_like, np.ones_like, np.empty_like, kind=like_kind, samples=LIKES)


def full_kind(shape, fill_value, dtype=None, order=None):
    """The kind of an array filled with one value."""
    return Array(dtype_option(dtype, number(fill_value).dtype), lengths(shape))


@rule(
    np.full,
    kind=full_kind,
    samples=[call(3, of()), call((2, Length(3)), of()), call((2, 3), of(3))],
)
def full_(z, shape, fill_value, dtype=None, order="C"):
    if isinstance(fill_value, Expr):
        bar[fill_value] += fit(bar[z], fill_value, z)
    dot[z] = apply(np.full, shape, dot[fill_value])


def full_like_kind(a, fill_value, dtype=None, order=None, subok=None, shape=None):
    """The kind of an array like another, filled with one value."""
    return like_kind(a, dtype, order, subok, shape)


@rule(np.full_like, kind=full_like_kind, samples=[call(of(2, 3), of()), call(of(2, 3), of(3))])
def full_like(z, a, fill_value, dtype=None, order="K", subok=True, shape=None):
    if isinstance(fill_value, Expr):
        bar[fill_value] += fit(bar[z], fill_value, z)
    dot[z] = apply(np.full_like, z, dot[fill_value])


def eye_kind(N, M=None, k=None, dtype=None, order=None):
    """The kind of a unit matrix."""
    rows = one_length(N)
    columns = rows if left_out(M) else one_length(M)
    return Array(dtype_option(dtype), (rows, columns))


def identity_kind(n, dtype=None):
    """The kind of a square unit matrix."""
    return eye_kind(n, dtype=dtype)


zero(np.eye, kind=eye_kind, samples=[call(3), call(2, 3), call(3, Length(2), k=1), call(Length(3))])
zero(np.identity, kind=identity_kind, samples=[call(3), call(Length(2))])


def arange_kind(start, stop=None, step=None, dtype=None):
    """The kind of a range of numbers."""
    ends = [k for k in (start, stop, step) if not left_out(k)]
    kinds = [number(k) for k in ends]
    found = option(dtype)
    found = (
        np.result_type(np.int64, *(k.dtype for k in kinds)) if found is None else np.dtype(found)
    )
    return Array(found, (range_length(start, stop, step),))


def range_length(start, stop, step):
    """The length of a range, as far as it can be stated."""
    try:
        ends = [static(k) for k in (start, stop, step) if k is not None]
        return len(np.arange(*ends))
    except Undecided:
        pass
    if left_out(stop):
        return counted(start)
    if step is None and start == Static(0):
        return counted(stop)
    return UNKNOWN


def counted(kind):
    """The length that an end of a range stands for; numbers that are no ints count up too."""
    return one_length(kind) if number(kind).dtype.kind in "iu" else UNKNOWN


@rule(
    np.arange,
    kind=arange_kind,
    samples=[
        call(4),
        call(Length(3)),
        call(1, 4),
        call(0, Length(3)),
        call(0.0, 1.0, 0.25),
        call(of(low=0.0, high=0.1), 3.5, 1.0),
        call(1, Length(4)),
    ],
)
def arange(z, start, stop=None, step=1, dtype=None):
    if stop is not None:
        bar[start] += fit(full(bar[z], z), start, z) if isinstance(start, Expr) else bar[z]
        dot[z] = apply(np.full_like, z, dot[start])
        if isinstance(step, Expr):
            steps = apply(np.arange, size(z))
            bar[step] += np.sum(full(bar[z], z) * steps)
            dot[z] = dot[z] + dot[step] * steps


def linspace_kind(start, stop, num=None, endpoint=None, retstep=None, dtype=None, axis=None):
    """The kind of evenly spaced numbers."""
    if option(retstep, False) or known_dims(start) or known_dims(stop):
        raise Undecided("only np.linspace of numbers, without retstep=, is supported")
    ends = [k.dtype.type(0) for k in (number(start), number(stop))]
    weak = [
        e.item() if isinstance(number(k), Scalar) and number(k).python else e
        for e, k in zip(ends, (start, stop), strict=True)
    ]
    found = np.linspace(*weak, 2, dtype=option(dtype)).dtype
    return Array(found, (50 if num is None else one_length(num),))


@rule(
    np.linspace,
    kind=linspace_kind,
    samples=[
        call(of(), of(), 5),
        call(0.0, of(), num=Length(4)),
        call(of(), 1.0, 4, endpoint=False),
    ],
)
def linspace(z, start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    options = {} if endpoint else {"endpoint": False}
    t = apply(np.linspace, 0.0, 1.0, num, **options)
    g = full(bar[z], z)
    bar[start] += np.sum(g * (1.0 - t))
    bar[stop] += np.sum(g * t)
    dot[z] = dot[start] * (1.0 - t) + dot[stop] * t


def length_kind(a):
    """The kind of `len(a)`."""
    if isinstance(a, Array):
        known = known_dims(a)
        return count(known[0]) if known else INT
    if isinstance(a, Record):
        return Static(len(a.items))
    return count(a.length) if isinstance(a, List) and a.length is not None else INT


def count(d):
    """The kind of a length."""
    return Scalar(np.dtype(int), True, None if d == UNKNOWN else d)


def shape_kind(a):
    """The kind of `np.shape(a)`."""
    k = number(a)
    if isinstance(k, Array) and k.dims is None:
        return List(INT)
    items = tuple(map(count, known_dims(a)))
    return Record(tuple, tuple(range(len(items))), items)


def size_kind(a, axis=None):
    """The kind of `np.size(a)`."""
    k = number(a)
    if isinstance(k, Array) and k.dims is None:
        return INT
    old = known_dims(a)
    if option(axis) is not None:
        return count(old[option(axis)])
    return count(old[0]) if len(old) == 1 else INT


def ndim_kind(a):
    """The kind of `np.ndim(a)`."""
    k = number(a)
    return INT if isinstance(k, Array) and k.dims is None else Static(len(known_dims(a)))


zero(builtins.len, kind=length_kind, samples=[call(of(3)), call(of(2, 3))])
zero(np.shape, kind=shape_kind, samples=[call(of(3)), call(of(2, 3)), call(of())])
zero(np.size, kind=size_kind, samples=[call(of(3)), call(of(2, 3)), call(of(2, 3), 1)])
zero(np.ndim, kind=ndim_kind, samples=[call(of(3)), call(of())])


def argsort_kind(a, axis=None, kind=None, order=None):
    """The kind of `np.argsort`."""
    old = known_dims(a)
    if axis is not None and option(axis) is None:
        raise Undecided("axis=None")
    return Array(np.dtype(np.intp), old)


def count_kind(a, axis=None):
    """The kind of a count of entries that are not zero."""
    known = known_dims(a)
    if option(axis) is None:
        return Scalar(np.dtype(np.intp), type(np.count_nonzero(np.ones(1))) is int)
    i = option(axis) % len(known)
    return shaped(np.dtype(np.intp), known[:i] + known[i + 1 :])


zero(np.argsort, kind=argsort_kind, samples=[call(of(4)), call(of(2, 3), axis=0)])
zero(np.count_nonzero, kind=count_kind, samples=[call(of(4)), call(of(2, 3), 0)])


def truth(*_, **__):
    """The kind of a test: a Python bool."""
    return BOOL


def whole(*_, **__):
    """The kind of `int(x)`."""
    return INT


def round_kind(number_, ndigits=None):
    """The kind of Python's `round`."""
    k = number(number_)
    if not isinstance(k, Scalar):
        raise Undecided("`round` of an array: use np.round")
    return INT if option(ndigits) is None else Scalar(k.dtype, k.python)


zero(builtins.bool, builtins.isinstance, builtins.callable, kind=truth)


def close_kind(a, b, rtol=None, atol=None, equal_nan=None):
    """The kind of an elementwise test of closeness."""
    k = elementwise_kind(np.equal, (a, b))
    return shaped(np.dtype(bool), k.dims if isinstance(k, Array) else ())


zero(np.isclose, kind=close_kind, samples=[call(of(3), of(3)), call(of(2, 3), 0.5, atol=0.1)])
zero(np.allclose, np.array_equal, kind=truth, samples=[call(of(3), of(3))])
zero(builtins.int, kind=whole, samples=[call(of())])
zero(builtins.round, kind=round_kind, samples=[call(of()), call(of(), 1)])


def whole_kind(dtype):
    """The kind that a numpy type of ints or flags, used as a function, gives."""

    def kind(value=None):
        k = number(value) if value is not None else INT
        return shaped(np.dtype(dtype), k.dims if isinstance(k, Array) else ())

    return kind


for made in (np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32):
    zero(made, kind=whole_kind(made), samples=[call(of()), call(of(3))])
zero(np.uint64, kind=whole_kind(np.uint64), samples=[call(of(low=0.0)), call(of(3, low=0.0))])
