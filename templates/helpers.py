"""The functions of `srcgrad.runtime`, for derivatives of generated code."""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Scalar
from srcgrad.rules import ZERO, apply, bar, dot, full, helper, number, rule, shape


def like(kind):
    """A kind of the same dims."""
    k = number(kind)
    return Array(k.dtype, k.dims) if isinstance(k, Array) else k


def shaped_like(kind, *of):
    """The kind of a cotangent: the dims of an operand, and the dtype of what it is made of."""
    dtype = np.result_type(*(number(k).dtype for k in of))
    k = number(kind)
    return Array(dtype, k.dims) if isinstance(k, Array) else Scalar(dtype, False)


def is_open(kind):
    """Whether the rank of a number is known at run time only."""
    k = number(kind)
    return isinstance(k, Array) and k.dims is None


def numeric_of(*kinds):
    """The kind of a value of unknown rank."""
    return Array(np.result_type(*(number(k).dtype for k in kinds)), None)


def unbroadcast_kind(g, x):
    """The kind of a cotangent of x."""
    return like(x) if number(x).dtype == number(g).dtype else shaped_like(x, g)


@rule(runtime.unbroadcast, kind=unbroadcast_kind)
def unbroadcast(z, g, x):
    if is_open(g.kind) or is_open(x.kind):  # either may be the smaller one
        bar[g] += helper(runtime.unbroadcast, like(g.kind), full(bar[z], z), g)
    else:
        bar[g] += helper(runtime.broadcast_to, like(g.kind), full(bar[z], z), shape(g))
    if dot[g] is not ZERO:
        dot[z] = helper(runtime.unbroadcast, z.kind, dot[g], x)


def broadcast_to_kind(g, shape):
    """The kind of a value at a shape."""
    return numeric_of(g)


@rule(runtime.broadcast_to, kind=broadcast_to_kind)
def broadcast_to(z, g, shape):
    bar[g] += helper(runtime.unbroadcast, like(g.kind), full(bar[z], z), g)
    if dot[g] is not ZERO:
        dot[z] = helper(runtime.broadcast_to, z.kind, dot[g], shape)


def matmul_bar_x_kind(g, x, y):
    """The kind of the cotangent of a left operand."""
    return shaped_like(x, g, y)


def matmul_bar_y_kind(g, x, y):
    """The kind of the cotangent of a right operand."""
    return shaped_like(y, g, x)


@rule(runtime.matmul_bar_x, kind=matmul_bar_x_kind)
def matmul_bar_x(z, g, x, y):
    v = full(bar[z], z)
    bar[g] += v @ y
    bar[y] += helper(runtime.matmul_bar_y, like(y.kind), g, v, y)
    dot[z] = helper(runtime.matmul_bar_x, z.kind, dot[g], x, y) + helper(
        runtime.matmul_bar_x, z.kind, g, x, dot[y]
    )


@rule(runtime.matmul_bar_y, kind=matmul_bar_y_kind)
def matmul_bar_y(z, g, x, y):
    v = full(bar[z], z)
    bar[g] += x @ v
    bar[x] += helper(runtime.matmul_bar_x, like(x.kind), g, x, v)
    dot[z] = helper(runtime.matmul_bar_y, z.kind, dot[g], x, y) + helper(
        runtime.matmul_bar_y, z.kind, g, dot[x], y
    )


def prod_others_kind(a, axis):
    """The kind of the products of all other entries."""
    return like(a)


@rule(runtime.prod_others, kind=prod_others_kind)
def prod_others(z, a, axis):
    bar[a] += helper(runtime.prod_pairs, like(a.kind), full(bar[z], z), a, axis)
    dot[z] = helper(runtime.prod_pairs, like(a.kind), dot[a], a, axis)


def sorted_kind(g, a, axis):
    """The kind of a rearranged cotangent."""
    return shaped_like(a, g, a)


@rule(runtime.unsort, kind=sorted_kind)
def unsort(z, g, a, axis):
    bar[g] += helper(runtime.sort_like, like(a.kind), full(bar[z], z), a, axis)
    dot[z] = helper(runtime.unsort, z.kind, dot[g], a, axis)


@rule(runtime.sort_like, kind=sorted_kind)
def sort_like(z, t, a, axis):
    bar[t] += helper(runtime.unsort, like(a.kind), full(bar[z], z), a, axis)
    dot[z] = helper(runtime.sort_like, z.kind, dot[t], a, axis)


def embedded_kind(g, a, k):
    """The kind of a matrix with a diagonal put into it."""
    return shaped_like(a, g, a)


@rule(runtime.embed_diagonal, kind=embedded_kind)
def embed_diagonal(z, g, a, k):
    bar[g] += np.diag(full(bar[z], z), k)
    dot[z] = helper(runtime.embed_diagonal, z.kind, dot[g], a, k)


def cofactors_kind(a):
    """The kind of a matrix of cofactors."""
    return like(a)


@rule(runtime.cofactors, kind=cofactors_kind)
def cofactors(z, a):
    v = full(bar[z], z)
    back = np.linalg.inv(a).T
    bar[a] += np.sum(v * z) * back - z @ v.T @ back
    dot[z] = np.sum(back * dot[a]) * z - z @ dot[a].T @ back


def untake_kind(g, a, indices, axis):
    """The kind of a cotangent put back into its places."""
    return shaped_like(a, g, a)


@rule(runtime.untake, kind=untake_kind)
def untake(z, g, a, indices, axis):
    options = {} if axis is None else {"axis": axis}
    bar[g] += apply(np.take, full(bar[z], z), indices, **options)
    dot[z] = helper(runtime.untake, z.kind, dot[g], a, indices, axis)
