"""Questions about kinds of adjoints: do they fill their place, can an index repeat, displays."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import SimpleNamespace

import gast

from srcgrad.kinds import Array, Dim, Field, Kind, Length, List, Record, numeric
from srcgrad.rules.expr import Expr
from srcgrad.syntax.quote import call as call_node
from srcgrad.syntax.quote import constant, name


def fits(e: Expr, kind: Array, *, buffer: bool = False) -> bool:
    """Whether an expression has all the dims of a kind.

    Args:
        e: the expression.
        kind: the kind.
        buffer: whether the expression is a buffer that was made in the shape of its place.
    """
    have = numeric(e.kind)
    if not isinstance(have, Array):
        return kind.dims == ()
    return (
        have.dims is None
        or kind.dims is None
        or (
            len(have.dims) == len(kind.dims)
            and all(
                covers(a, b) or (buffer and getattr(a, "base", "") == "?")
                for a, b in zip(have.dims, kind.dims, strict=True)
            )
        )
    )


def covers(a: Length, b: Length) -> bool:
    """Whether an axis of a cotangent, which broadcasts to one of its place, has its length.

    Two lengths of which nothing is known are taken for one: a variable's and its adjoint's.
    """
    if isinstance(a, Dim):
        return a == b or a.many or b == 1
    return a != 1 or b == 1


def distinct(node: gast.expr) -> bool:
    """Whether an index is a display of different constants of one sign."""
    if not isinstance(node, gast.List):
        return False
    found = [e.value for e in node.elts if isinstance(e, gast.Constant) and type(e.value) is int]
    return len(set(found)) == len(node.elts)


def counts_up(node: gast.expr) -> bool:
    """Whether a call of `np.arange` gives no negative number, which may name an entry again."""
    assert isinstance(node, gast.Call)
    if any(k.arg != "dtype" for k in node.keywords) or len(node.args) > 2:
        return False
    first = node.args[0]
    return len(node.args) == 1 or (isinstance(first, gast.Constant) and first.value >= 0)


def is_indices(kind: Kind) -> bool:
    """Whether a kind is that of an array (or list) of ints that index."""
    if isinstance(kind, Array):
        return kind.dtype.kind in "iu"
    return isinstance(kind, List) or (isinstance(kind, Record) and kind.type is list)


def display(kind: Record, parts: list[gast.expr]) -> gast.expr:
    """A display of a record."""
    if kind.type not in (tuple, list):
        return gast.Dict(keys=list(map(gradient_key, kind.keys)), values=parts)
    make = gast.Tuple if kind.type is tuple else gast.List
    return make(elts=parts, ctx=gast.Load())


def gradient_key(key: object) -> gast.expr:
    """A key in a display of a gradient, which is a namespace for an object of a plain class."""
    plain = isinstance(key, Field) and not is_dataclass(key.owner)
    return constant(Field(str(key), SimpleNamespace) if plain else key)


def without_slices(index: gast.expr) -> gast.expr:
    """An index as an argument of a call: slices are made with `slice`."""
    match index:
        case gast.Tuple(elts=elts):
            return gast.Tuple(elts=[without_slices(e) for e in elts], ctx=gast.Load())
        case gast.Slice(lower=lower, upper=upper, step=step):
            parts = [p if p is not None else constant(None) for p in (lower, upper, step)]
            return call_node(name("slice"), *(parts if step is not None else parts[:2]))
    return index


def loses(base: Array, value: Kind) -> bool:
    """Whether an array cannot hold the derivative of a value that is written into it."""
    number = numeric(value)
    wide = number is not None and number.dtype.kind == "c"
    return base.dtype.kind not in ("c" if wide else "fc")
