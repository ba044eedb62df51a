"""What templates ask of sequences of numbers: their parts, and the tangents of these."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.kinds import Kind, List, Record, Scalar, is_tuple
from srcgrad.rules.declare import dot
from srcgrad.rules.expr import ZERO, Expr, number_of
from srcgrad.rules.shapes import Undecided

__all__ = ["parts_kinds", "pieces", "tangents"]


def parts_kinds(seq: Kind) -> tuple[Kind, ...]:
    """The kinds of the parts of a sequence; that of an item, alone, for a list."""
    if isinstance(seq, Record) and (is_tuple(seq) or seq.type is list):
        return seq.items
    if isinstance(seq, List) and seq.item is not None:
        return (seq.item,)
    raise Undecided(f"a sequence of arrays was expected, not {seq}")


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
    found = [tangents(p) if p.op == "pack" else dot[p] for p in seq.args]
    if all(t is ZERO for t in found):
        return ZERO
    return [zeros_of(p) if t is ZERO else t for t, p in zip(found, seq.args, strict=True)]


def zeros_of(part: Expr) -> Any:
    """The tangent of a part that does not vary."""
    if part.op == "pack":
        return [zeros_of(p) for p in part.args]
    k = number_of(part)
    return 0.0 if isinstance(k, Scalar) else np.zeros_like(part)
