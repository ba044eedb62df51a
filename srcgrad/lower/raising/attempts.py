"""`try` as attempts: each statement that may raise alone in a `try`, the others outside of any.

What follows an attempt stands in its `else`, so that what has run is what the flag of the `try`
says. A `try` with one attempt keeps its handlers; with several, they set the flag, and the user's
handlers stand behind them under a test of it.
"""

from __future__ import annotations

from collections import Counter

import gast

from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.raising.making import Making
from srcgrad.lower.raising.splitting import Block, Split
from srcgrad.syntax.lives import is_internal
from srcgrad.syntax.walk import change_blocks, nodes, walk


class Attempts(Making):
    """Rewrites the `try` statements of one typed function, in place.

    Attributes:
        changed: whether anything was rewritten.
    """

    changed = False

    def block(self, body: Block) -> Block:
        """Rewrite a block, inner statements first."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            if isinstance(s, gast.Try) and s.handlers and s not in self.done:
                self.changed = True
                out += [placed(n, s) for n in Split(self, s).run()]
            else:
                out.append(s)
        return out


def with_attempts(typed: Typed, world: World) -> bool:
    """Split the `try` statements of a function, in place; whether there were any."""
    node = typed.function.node
    if not any(isinstance(n, gast.Try) and n.handlers for n in walk(node)):
        return False
    made = Attempts(typed, world)
    node.body = made.block(node.body)
    if made.changed:
        node.body = without_idle_flags(node)
    return made.changed


def without_idle_flags(node: gast.FunctionDef) -> Block:
    """The statements of a function without tests of flags that nothing puts up any more."""
    names = [n for n in nodes(node) if isinstance(n, gast.Name) and is_internal(n.id)]
    bound = Counter(n.id for n in names if not isinstance(n.ctx, gast.Load))
    down = Counter(
        t.id
        for s in nodes(node)
        if isinstance(s, gast.Assign) and getattr(s.value, "value", None) is False
        for t in s.targets
        if isinstance(t, gast.Name)
    )
    idle = {n for n, k in down.items() if bound[n] == k}

    def block(body: Block) -> Block:
        out: Block = []
        for s in body:
            change_blocks(s, block)
            match s:
                case gast.If(test=gast.Name(id=n)) if n in idle:
                    out += s.orelse
                case gast.If(test=gast.UnaryOp(op=gast.Not(), operand=gast.Name(id=n))) if (
                    n in idle
                ):
                    out += s.body
                case _:
                    out.append(s)
        return out or [placed(gast.Pass(), body[0])]

    return block(node.body)
