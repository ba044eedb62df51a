"""Adjoints on their way back: where they belong, what they are, and who owns their memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, List, Record, Scalar
from srcgrad.lower.base.viewing import VIEWING
from srcgrad.rules.algebra import key
from srcgrad.rules.expr import Expr
from srcgrad.syntax.lives import is_adjoint_name
from srcgrad.syntax.walk import nodes

Place = tuple[Any, ...]

NOT_FRESH = (*VIEWING, np.broadcast_to, runtime.broadcast_to, runtime.unbroadcast, list)


@dataclass(frozen=True)
class Cotangent:
    """The adjoint of a place so far.

    Attributes:
        expr: a name, a constant, or minus a name; its dims may be lower than the place's.
        owned: whether it is an array (or list) that nothing else refers to.
    """

    expr: Expr
    owned: bool

    def same(self, other: Cotangent | None) -> bool:
        """Whether two adjoints are the same expression."""
        return other is not None and (other is self or key(self.expr) == key(other.expr))


Bars = dict[Place, Cotangent]


def fresh(e: Expr) -> bool:
    """Whether evaluating an expression makes memory of its own."""
    if isinstance(e.kind, Scalar):
        return True
    match e.op:
        case "leaf" | "index" | "item" | "attr":
            return False
        case "call":
            return e.data[0] not in NOT_FRESH
    return True


def trivial(e: Expr) -> bool:
    """Whether an expression needs no name: a name of an adjoint, a constant, minus one of them."""
    if e.op == "neg":
        return trivial(e.args[0])
    return e.op == "const" or (e.op == "leaf" and is_adjoint(e))


def is_adjoint(e: Expr) -> bool:
    """Whether a leaf is a name that the reverse sweep made."""
    return is_adjoint_name(getattr(e.data, "id", ""))


def names_of(e: Expr) -> Iterator[str]:
    """The names of whose memory an expression may be a part: those at the roots of its paths."""
    for node in values_in(e):
        while hasattr(node, "value") and not hasattr(node, "id"):
            node = node.value
        yield getattr(node, "id", "")


def names_read(e: Expr) -> set[str]:
    """All names that an expression reads, those that values of the primal are made of too."""
    trees = [n for n in values_in(e) if isinstance(n, gast.AST)]
    return {n.id for n in nodes(trees) if isinstance(n, gast.Name)}


def values_in(e: Expr) -> Iterator[Any]:
    """The values of the primal, and the adjoints, that an expression is made of."""
    stack = [e]
    while stack:
        x = stack.pop()
        if x.op == "leaf":
            yield x.data
        stack.extend(x.args)


def leaf_places(place: Place, kind: Kind) -> Iterator[tuple[Place, Kind]]:
    """The places of the numbers and lists in a value of this kind."""
    if isinstance(kind, Record):
        for k, item in zip(kind.keys, kind.items, strict=True):
            yield from leaf_places((*place, k), item)
    else:
        yield place, kind


def is_buffer(kind: Kind | None) -> bool:
    """Whether adjoints of this kind can be added to in place."""
    return isinstance(kind, List) or (isinstance(kind, Array) and kind.dims is not None)
