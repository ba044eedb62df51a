"""All statements of a body, at any depth."""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad.syntax.walk import blocks_in


def statements_in(body: list[gast.stmt]) -> Iterator[gast.stmt]:
    """The statements of a body and of the blocks in them, in the order of the text.

    >>> from srcgrad.syntax.quote import statements
    >>> body = statements("for v in x: a = v; b = v") + statements("return a")
    >>> [type(s).__name__ for s in statements_in(body)]
    ['For', 'Assign', 'Assign', 'Return']
    """
    stack = list(reversed(body))
    while stack:
        s = stack.pop()
        yield s
        for block in reversed(blocks_in(s)):
            stack += reversed(block)
