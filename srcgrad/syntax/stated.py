"""A `raise` that stands for a statement of the user's which raises for certain.

It reads the names of that statement, and holds it as its cause: no text has such a `raise`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.errors import SrcgradError


@dataclass(frozen=True, eq=False)
class Stated:
    """What is known of a statement that raises.

    Attributes:
        statement: the statement, with placeholders for what the `raise` reads.
        error: the class of what it raises; None for any.
        refused: the error for a function that does nothing else.
    """

    statement: gast.stmt
    error: type[Exception] | None
    refused: SrcgradError

    def __deepcopy__(self, memo: dict[int, Any]) -> Stated:
        """It is never changed."""
        return self


def raising(stated: Stated, read: list[gast.expr]) -> gast.Raise:
    """The `raise` for a statement that reads some expressions."""
    none = [gast.Constant(value=None, kind=None) for _ in read]
    tests = [
        gast.Compare(left=left, ops=[gast.Is()], comparators=[n])
        for left, n in zip(none, read, strict=True)
    ]
    held = gast.Constant(value=stated, kind=None)
    return gast.Raise(exc=gast.Tuple(elts=tests, ctx=gast.Load()), cause=held)


def stated_by(s: gast.AST) -> Stated | None:
    """What a `raise` stands for; None for one of the user's, and for any other statement."""
    held = s.cause if isinstance(s, gast.Raise) else None
    found = held.value if isinstance(held, gast.Constant) else None
    return found if isinstance(found, Stated) else None


def read_by(s: gast.Raise) -> list[gast.expr]:
    """What such a `raise` reads."""
    return [test.comparators[0] for test in s.exc.elts]
