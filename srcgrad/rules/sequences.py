"""What templates ask of sequences of numbers: their parts, and the tangents of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, Length, List, Record, Scalar, is_tuple
from srcgrad.rules.declare import bar, dot
from srcgrad.rules.expr import ZERO, Expr, apply, helper, number_of, pack
from srcgrad.rules.project import materialise
from srcgrad.rules.shapes import UNKNOWN, Undecided, dtype_option, number, option, shaped

__all__ = [
    "item_dims",
    "join_tangents",
    "joined_dtype",
    "layers",
    "packed",
    "parts_kinds",
    "pieces",
    "sequence_kinds",
    "spread",
    "spreading",
    "tangents",
    "with_zeros",
]


def parts_kinds(seq: Kind) -> tuple[Kind, ...]:
    """The kinds of the parts of a sequence; that of an item, alone, for a list."""
    if isinstance(seq, Record) and (is_tuple(seq) or seq.type is list):
        return seq.items
    if isinstance(seq, List) and seq.item is not None:
        return (seq.item,)
    raise Undecided(f"a sequence of arrays was expected, not {seq}")


def sequence_kinds(seq: Kind) -> tuple[tuple[Kind, ...], Length | None]:
    """The kinds of what a sequence or an array goes through, and how many there are of one kind."""
    if isinstance(seq, Array):
        if not seq.dims:
            raise Undecided("a sequence of arrays was expected, not an array of unknown rank")
        return (shaped(seq.dtype, seq.dims[1:]),), seq.dims[0]
    many = (seq.length or UNKNOWN) if isinstance(seq, List) else None
    return parts_kinds(seq), many


def item_dims(kind: Kind) -> tuple[Length, ...]:
    """The dims of a part: a number, an array, or a sequence of parts."""
    if isinstance(kind, (Record, List)):
        inner = [item_dims(p) for p in parts_kinds(kind)]
        if len(set(map(len, inner))) > 1:
            raise Undecided("parts of different or unknown rank")
        many = len(inner) if isinstance(kind, Record) else (kind.length or UNKNOWN)
        return (many, *inner[0]) if inner else (0,)
    k = number(kind)
    found = k.dims if isinstance(k, Array) else ()
    if found is None:
        raise Undecided("a part of unknown rank")
    return found


def joined_dtype(kinds: Iterable[Kind], dtype: Any = None) -> np.dtype:
    """The dtype of parts that are joined."""
    if option(dtype) is not None:
        return dtype_option(dtype)
    return np.result_type(*map(item_dtype, kinds))


def item_dtype(kind: Kind) -> np.dtype:
    """The dtype of a part."""
    if not isinstance(kind, (Record, List)):
        return number(kind).dtype
    inner = parts_kinds(kind)
    return joined_dtype(inner) if inner else np.dtype(float)


def join_tangents(function: Callable, seq: Expr, **options: Any) -> Any:
    """`function` of the tangents of the parts."""
    t = tangents(seq)
    return ZERO if t is ZERO else apply(function, t, **options)


def layers(z: Expr, g: Any, seq: Expr, i: int) -> None:
    """The adjoints of parts that are layers along axis `i` of z."""
    if g is ZERO:
        return
    if isinstance(seq.kind, Array):
        bar[seq] += np.moveaxis(materialise(g, z), i, 0) if i else g
        return
    if seq.op != "pack" and pieces(seq) is None:
        bar[seq] += helper(runtime.unstack, seq.kind, materialise(g, z), i)
        return
    g = spreading(g, z, seq)
    uniform = not isinstance(g.kind, Array)
    for position, part in enumerate(seq.args):
        spread(part, g if uniform else g[(slice(None),) * i + (position,)] if i else g[position])


def spreading(g: Expr, z: Expr, seq: Expr) -> Expr:
    """A cotangent whose parts can be taken: one number if it is one for all entries."""
    lists = any(isinstance(part.kind, List) for part in seq.args)
    return materialise(g, z) if lists or isinstance(g.kind, Array) else g


def spread(part: Expr, g: Expr) -> None:
    """The adjoint of a part: an array or a number, or a display of such."""
    if part.op == "pack":
        layers(g, g, part, 0)
    elif isinstance(part.kind, List):
        if not isinstance(g.kind, Array):
            raise Undecided("a list in a list")
        bar[part] += helper(runtime.unstack, part.kind, g, 0)
    else:
        bar[part] += g


def packed(v: Any) -> Any:
    """A list or tuple of constants as an expression; an expression as it is."""
    return pack(v) if isinstance(v, (list, tuple)) else v


def pieces(seq: Expr) -> tuple[Expr, ...] | None:
    """The parts of a sequence that is known item by item; None for a list."""
    if seq.op == "pack":
        return seq.args
    if isinstance(seq.kind, Record):
        raise Undecided("name the parts: unpack the tuple, or write them out in the call")
    return None


def tangents(seq: Expr) -> Any:
    """The tangents of the parts, with zeros for those that do not vary; ZERO if none does."""
    if seq.op != "pack":
        return dot[seq]
    return with_zeros([tangents(p) if p.op == "pack" else dot[p] for p in seq.args], seq.args)


def with_zeros(found: Sequence[Any], parts: Sequence[Expr]) -> Any:
    """The tangents of several values, with zeros for those that do not vary; ZERO if none does."""
    if all(t is ZERO for t in found):
        return ZERO
    return [zeros_of(p) if t is ZERO else t for t, p in zip(found, parts, strict=True)]


def zeros_of(part: Expr) -> Any:
    """The tangent of a part that does not vary."""
    if part.op == "pack":
        return [zeros_of(p) for p in part.args]
    if isinstance(part.kind, List):
        return np.zeros_like(part)
    k = number_of(part)
    return 0.0 if isinstance(k, Scalar) else np.zeros_like(part)
