"""`try` statements: their blocks, between which nothing that is followed may change."""

from __future__ import annotations

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.defaults import with_defaults
from srcgrad.lower.elaborate.merging import same as alike
from srcgrad.lower.elaborate.values import Plain
from srcgrad.syntax.walk import bare


def attempt(e: Context, s: gast.Try) -> bool:
    """`try`: its blocks, between which nothing that is followed may change."""
    return with_defaults(e, s, lambda: attempted(e, s))


def attempted(e: Context, s: gast.Try) -> bool:
    """The blocks of a `try`, one after the other."""
    before = e.snapshot()
    blocks: list[list[gast.stmt]] = []
    going = []
    for body in (s.body, s.orelse, *(h.body for h in s.handlers), s.finalbody):
        with e.into([]) as out:
            going.append(e.block(body))
        blocks.append(out)
        settled(e, before, s)
    first, otherwise, *rest = blocks
    handlers = []
    for h, body in zip(s.handlers, rest, strict=False):
        new = bare(h)
        new.body = body or [placed(gast.Pass(), s)]
        handlers.append(new)
    e.emit(
        placed(
            gast.Try(
                body=first or [placed(gast.Pass(), s)],
                handlers=handlers,
                orelse=otherwise,
                finalbody=rest[-1],
            ),
            s,
        )
    )
    return going[-1] and ((going[0] and going[1]) or any(going[2:-1]))


def settled(e: Context, before: dict, s: gast.stmt) -> None:
    """Refuse a `try` in which functions or objects change."""
    for h, cells in before.items():
        for k, old in cells.items():
            new = h.cells.get(k)
            if new is None or alike(old, new):
                continue
            if isinstance(old, Plain) and isinstance(new, Plain):
                h.cells[k] = Plain(new.expr, None)
                if alike(Plain(old.expr), Plain(new.expr)):
                    continue
            raise e.refuse(
                s,
                f"`{k}` changes inside of this `try`, and is a function or an object",
                "Change it behind the `try`.",
            )
