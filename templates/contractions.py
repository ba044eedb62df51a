"""Sums of products over chosen axes: einsum, tensordot."""

import string

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, not_one
from srcgrad.rules import (
    ZERO,
    Expr,
    Undecided,
    apply,
    bar,
    broadcast_dim,
    call,
    dims,
    dot,
    full,
    helper,
    known_dims,
    length,
    ndim,
    number,
    of,
    option,
    rule,
    same_length,
    shaped,
    static,
)


def parsed(subscripts):
    """The labels of the operands of an einsum, and those of its result."""
    text = subscripts.replace(" ", "")
    if "." in text:
        raise Undecided("`...` in the subscripts of np.einsum: write all axes out")
    left, arrow, right = text.partition("->")
    if not arrow:
        right = "".join(sorted(c for c in set(left) - {","} if left.count(c) == 1))
    return left.split(","), right


def einsum_kind(subscripts, *operands, optimize=None):
    """The kind of an einsum; axes with one label have one length, or are of length 1."""
    text = static(subscripts)
    if not isinstance(text, str):
        raise Undecided("np.einsum wants its subscripts as a string first")
    inputs, output = parsed(text)
    sizes = {}
    for labels, k in zip(inputs, operands, strict=True):
        dims = known_dims(k)
        if len(labels) != len(dims):
            raise Undecided(f"the subscripts {labels!r} for an operand of rank {len(dims)}")
        for c, d in zip(labels, dims, strict=True):
            other = sizes.setdefault(c, d)
            sizes[c] = other if not_one(other) and not_one(d) else broadcast_dim(other, d)
    if len(operands) == 1 and len(output) == len(set(inputs[0])):
        raise Undecided("an np.einsum that sums nothing is a view: use np.transpose or np.diagonal")
    dtype = np.result_type(*(number(k).dtype for k in operands))
    dims = tuple(sizes[c] for c in output)
    return Array(dtype, dims) if option(optimize, False) else shaped(dtype, dims)


@rule(
    np.einsum,
    kind=einsum_kind,
    samples=[
        call("ij,jk->ik", of(2, 3), of(3, 4)),
        call("ij,jk", of(2, 3), of(3, 4)),
        call("ij,ji", of(2, 3), of(3, 2)),
        call("i, i ->", of(3), of(3)),
        call("i,j->ij", of(2), of(3)),
        call("ij->i", of(2, 3)),
        call("ij->j", of(2, 3)),
        call("ij->", of(2, 3)),
        call("ii", of(3, 3)),
        call("ii,i->i", of(3, 3), of(3)),
        call("iji->j", of(2, 3, 2)),
        call("bij,bjk->bik", of(2, 3, 4), of(2, 4, 2)),
        call("ij,kl->i", of(2, 3), of(4, 2)),
        call("i,ij,j", of(2), of(2, 3), of(3)),
        call("i,ij,j->", of(2), of(2, 3), of(3), optimize=True),
        call("ij,jk,kl->il", of(2, 3), of(3, 2), of(2, 3), optimize=True),
        call("i,->i", of(3), of()),
        call("ij,jk->ik", of(2, 0), of(0, 3)),
        call("ij,j->i", of(2, 1), of(3)),
        call("ij,j->ij", of(2, 3), of(1)),
        call("ii,i->i", of(1, 1), of(3)),
    ],
)
def einsum(z, subscripts, a, b=None, c=None, d=None, e=None, f=None, optimize=False):
    inputs, output = parsed(subscripts)
    operands = [x for x in (a, b, c, d, e, f) if x is not None]
    options = {"optimize": optimize} if optimize else {}
    g = full(bar[z], z)
    dot[z] = ZERO
    for i, x in enumerate(operands):
        if isinstance(x, Expr):
            rest = [p for j, p in enumerate(zip(inputs, operands, strict=True)) if j != i]
            bar[x] += fitted(contracted([(output, g), *rest], inputs[i], x, options), x)
            moved = [*operands[:i], dot[x], *operands[i + 1 :]]
            dot[z] = dot[z] + apply(np.einsum, subscripts, *moved, **options)


def contracted(factors, wanted, x, options):
    """The product of labelled factors with the labels of an operand `x`.

    A label that `x` has twice stands on the diagonal of a unit matrix, and one that no factor has
    becomes an axis of length 1.
    """
    if factors[0][1] is ZERO:
        return ZERO
    spare = iter(
        c for c in string.ascii_letters if c not in wanted + "".join(f[0] for f in factors)
    )
    target = ""
    for axis, label in enumerate(wanted):
        if label in target:
            other = next(spare)
            factors = [*factors, (label + other, apply(np.eye, length(x, axis)))]
            label = other
        target += label
    found = [c for c in target if any(c in labels for labels, _ in factors)]
    outer = [v for labels, v in factors if not labels]
    inner = [(labels, v) for labels, v in factors if labels]
    out = product(inner, "".join(found), options) if inner else None
    for v in outer:
        out = v if out is None else v * out
    index = tuple(slice(None) if c in found else None for c in target)
    while index and index[0] is None:
        index = index[1:]
    return out[index] if None in index else out


def fitted(g, x):
    """A cotangent of an operand `x`, whose axes of length 1 may meet longer ones, in its shape."""
    if g is ZERO:
        return ZERO
    have, want = dims(g), dims(x)
    have = (1,) * (len(want) - len(have)) + have
    pairs = [(h, w) for h, w in zip(have, want, strict=True) if not same_length(h, w)]
    shorter = [h for h, w in pairs if w != 1 and not not_one(h)]
    if any(h != 1 and not not_one(w) for h, w in pairs):
        whole = g * np.ones_like(x) if shorter else g
        return helper(runtime.unbroadcast, Array(number(g.kind).dtype, dims(x)), whole, x)
    return full(g, x) if any(h != 1 for h in shorter) else g


def product(factors, target, options):
    """An einsum of factors that all have axes; a single one is transposed at most."""
    if len(factors) == 1 and sorted(factors[0][0]) == sorted(target):
        labels, v = factors[0]
        if labels == target:
            return v
        if labels == target[::-1]:
            return v.T
        return np.transpose(v, tuple(labels.index(c) for c in target))
    text = ",".join(labels for labels, _ in factors) + "->" + target
    return apply(np.einsum, text, *(v for _, v in factors), **options)


def paired(axes, m, n):
    """The axes of both operands that a tensordot sums over."""
    if isinstance(axes, int):
        return list(range(m - axes, m)), list(range(axes))
    left, right = ([a] if isinstance(a, int) else list(a) for a in axes)
    return [i % m for i in left], [i % n for i in right]


def tensordot_axes(kind):
    """The `axes=` of a tensordot."""
    if kind is None:
        return 2
    if hasattr(kind, "items"):
        return tuple(tensordot_axes(k) for k in kind.items)
    return static(kind)


def tensordot_kind(a, b, axes=None):
    """The kind of a tensordot: always an array."""
    x, y = known_dims(a), known_dims(b)
    left, right = paired(tensordot_axes(axes), len(x), len(y))
    dims = [d for i, d in enumerate(x) if i not in left]
    dims += [d for i, d in enumerate(y) if i not in right]
    return Array(np.result_type(number(a).dtype, number(b).dtype), tuple(dims))


@rule(
    np.tensordot,
    kind=tensordot_kind,
    samples=[
        call(of(2, 3), of(3, 4), 1),
        call(of(2, 3), of(2, 3)),
        call(of(2), of(3), axes=0),
        call(of(2, 3, 4), of(4, 3), axes=((1, 2), (1, 0))),
        call(of(2, 3, 4), of(4, 3), axes=([2, 1], [0, 1])),
        call(of(2, 3), of(5, 3), axes=(1, 1)),
        call(of(2, 3), of(5, 3, 2), axes=(-1, 1)),
        call(of(0, 3), of(3, 2), 1),
    ],
)
def tensordot(z, a, b, axes=2):
    left, right = paired(axes, ndim(a), ndim(b))
    g = full(bar[z], z)
    bar[a] += summed_back(g, a, b, left, right, first=True)
    bar[b] += summed_back(g, b, a, right, left, first=False)
    if not isinstance(axes, int):
        axes = tuple(tuple(a) if isinstance(a, list) else a for a in axes)
    dot[z] = np.tensordot(dot[a], b, axes=axes) + apply(np.tensordot, a, dot[b], axes=axes)


def summed_back(g, x, other, mine, theirs, *, first):
    """The cotangent of one operand of a tensordot, whose axes `mine` meet the axes `theirs`."""
    if g is ZERO:
        return ZERO
    kept = [i for i in range(ndim(x)) if i not in mine]
    free = [i for i in range(ndim(other)) if i not in theirs]
    start = len(kept) if first else 0
    shared = tuple(range(start, start + len(free)))
    met = [theirs[j] for j in np.argsort(theirs)] if theirs else []
    order_met = [mine[theirs.index(i)] for i in met]
    pair = (shared, tuple(free))
    axes = tuple(p[0] for p in pair) if len(free) == 1 else pair if free else 0
    if first:
        out = np.tensordot(g, other, axes=axes)
        order = kept + order_met
    else:
        out = np.tensordot(other, g, axes=axes[::-1] if free else 0)
        order = order_met + kept
    back = tuple(order.index(i) for i in range(len(order)))
    return out if back == tuple(range(len(back))) else np.transpose(out, back)
