"""Blocks whose jumps are at their ends: what follows a branch that jumps is part of its branches.

The forward sweep keeps the user's statements; the reverse sweep walks these blocks, in which every
path through an iteration is a path down the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import gast

JUMPS = (gast.Break, gast.Continue, gast.Return, gast.Raise)


@dataclass(eq=False)
class Block:
    """Statements that run one after the other."""

    items: list[Item] = field(default_factory=list)


@dataclass(eq=False)
class Item:
    """A statement with the blocks below it: none, the two of an `if`, or the body of a loop."""

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
    return isinstance(s, kinds)


def block_of(body: list[gast.stmt]) -> Block:
    """The block of a list of statements."""
    out = Block()
    for i, s in enumerate(body):
        match s:
            case gast.If() if jumps(s):
                rest = body[i + 1 :]
                out.items.append(Item(s, (block_of(s.body + rest), block_of(s.orelse + rest))))
                return out
            case gast.If():
                out.items.append(Item(s, (block_of(s.body), block_of(s.orelse))))
            case gast.For() | gast.While():
                out.items.append(Item(s, (block_of(s.body),)))
            case _:
                out.items.append(Item(s))
                if isinstance(s, JUMPS):
                    return out
    return out
