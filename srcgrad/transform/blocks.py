"""Blocks whose jumps are at their ends: what follows a branch that jumps is part of its branches.

The forward sweep keeps the user's statements; the reverse sweep walks these blocks, in which every
path through an iteration is a path down the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import gast

from srcgrad.syntax.walk import blocks_in

LEAVING = (gast.Break, gast.Continue, gast.Return)
JUMPS = (*LEAVING, gast.Raise)


@dataclass(eq=False)
class Block:
    """Statements that run one after the other."""

    items: list[Item] = field(default_factory=list)


@dataclass(eq=False)
class Item:
    """A statement with the blocks below it: none, the two of an `if`, or the body of a loop.

    A `with`, and a `try` that has a `finally`, have one that is run through; any other `try` has
    one for its success and one for each handler.
    """

    node: gast.stmt
    blocks: tuple[Block, ...] = ()


def jumps(s: gast.stmt, kinds: tuple[type, ...] = JUMPS) -> bool:
    """Whether a statement may leave the block around it."""
    match s:
        case gast.If():
            return any(jumps(t, kinds) for t in s.body + s.orelse)
        case gast.For() | gast.While():
            inner = tuple(k for k in kinds if k not in (gast.Break, gast.Continue))
            return any(jumps(t, inner) for t in s.body)
        case gast.Try():
            inner = tuple(k for k in kinds if k in (gast.Break, gast.Continue))
            return any(jumps(t, inner) for block in blocks_in(s) for t in block)
    return isinstance(s, kinds)


def parts(s: gast.If) -> bool:
    """Whether what follows an `if` is part of its branches: one leaves, or none comes to its end.

    Nothing that raised is walked backwards, so a branch that only raises leaves the rest where it
    stands.
    """
    return jumps(s, LEAVING) or (raises(s.body) and raises(s.orelse))


def raises(body: list[gast.stmt]) -> bool:
    """Whether a block always ends by raising."""
    for s in body:
        match s:
            case gast.Raise():
                return True
            case gast.If() if raises(s.body) and raises(s.orelse):
                return True
            case gast.With() if raises(s.body):
                return True
            case gast.Try(finalbody=[_, *_]) if raises([*s.body, *s.finalbody]):
                return True
    return False


def block_of(body: list[gast.stmt]) -> Block:
    """The block of a list of statements."""
    out = Block()
    for i, s in enumerate(body):
        match s:
            case gast.If() if parts(s):
                rest = body[i + 1 :]
                out.items.append(Item(s, (block_of(s.body + rest), block_of(s.orelse + rest))))
                return out
            case gast.If():
                out.items.append(Item(s, (block_of(s.body), block_of(s.orelse))))
            case gast.For() | gast.While():
                out.items.append(Item(s, (block_of(s.body),)))
            case gast.With():
                out.items.append(Item(s, (block_of(s.body),)))
            case gast.Try(finalbody=[_, *_]):
                out.items.append(Item(s, (block_of([*s.body, *s.finalbody]),)))
            case gast.Try() if jumps(s):
                sides = [[*s.body, *s.orelse], *(h.body for h in s.handlers)]
                rest = body[i + 1 :]
                out.items.append(Item(s, tuple(block_of([*side, *rest]) for side in sides)))
                return out
            case gast.Try():
                sides = [[*s.body, *s.orelse], *(h.body for h in s.handlers)]
                out.items.append(Item(s, tuple(map(block_of, sides))))
            case _:
                out.items.append(Item(s))
        if isinstance(s, JUMPS) or raises([s]):
            return out
    return out
