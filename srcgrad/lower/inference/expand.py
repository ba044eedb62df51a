"""A walk over typed statements that rewrites them in place: the base of passes that need kinds.

The function is typed again after each pass that changed something, so that a pass sees true kinds.
"""

from __future__ import annotations

from functools import cached_property

import gast

from srcgrad.kinds import Kind
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.memory.aliases import Aliases, summarise
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import EXPANDED, unused_name
from srcgrad.syntax.quote import target
from srcgrad.syntax.walk import change_blocks, nodes, walk


class Expansion:
    """Rewrites the statements of one typed function, whose tree is the pass's own.

    Attributes:
        changed: whether anything was rewritten.
        before: statements that the present one needs before it.
    """

    def __init__(self, typed: Typed, world: World) -> None:
        self.typed = typed
        self.world = world
        self.function = typed.function
        self.changed = False
        self.before: list[gast.stmt] = []
        self.aliases: Aliases = summarise(typed)

    @cached_property
    def names(self) -> set[str]:
        """All names of the function, those that `new` has given too."""
        return {n.id for n in nodes(self.function.node) if isinstance(n, gast.Name)}

    def needed(self) -> bool:
        """Whether the function has anything for the pass, as far as its contents tell."""
        return True

    def has(self, *of: type[gast.AST]) -> bool:
        """Whether the function has nodes of one of some classes."""
        return not self.typed.contents.keys().isdisjoint(of)

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        if not self.needed():
            return False
        node = self.function.node
        node.body = self.block(node.body) or [placed(gast.Pass(), node)]
        return self.changed

    def new(self, hint: str) -> str:
        """A name that nothing has."""
        return unused_name(hint, EXPANDED, self.names)

    def kind(self, node: gast.AST) -> Kind | None:
        """The kind of an expression; None where control does not come."""
        return self.typed.kinds.get(node)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        for s in body:
            kept, self.before = self.before, []
            new = self.statement(s)
            out += self.before + new
            self.before = kept
        return out

    def inner(self, body: list[gast.stmt], like: gast.stmt) -> list[gast.stmt]:
        """Rewrite the block of a compound statement, which must not be empty."""
        return self.block(body) or [placed(gast.Pass(), like)]

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement; by default what is below it."""
        match s:
            case gast.If():
                s.body = self.inner(s.body, s)
                s.orelse = self.block(s.orelse)
            case gast.For() | gast.While():
                s.body = self.inner(s.body, s)
            case gast.With() | gast.Try():
                change_blocks(s, lambda body: self.inner(body, s))
        return [s]

    def replaced(self, s: gast.stmt, new: list[gast.stmt]) -> list[gast.stmt]:
        """Note a change: new statements, at the place of an old one."""
        self.changed = True
        return [placed(n, s) for n in new]

    def named(self, value: gast.expr, hint: str, s: gast.stmt) -> str:
        """Give a value a name before the present statement."""
        label = self.new(hint)
        to = target(label)
        self.before.append(placed(gast.Assign(targets=[to], value=value, type_comment=None), s))
        self.changed = True
        return label

    def bound_in(self, body: list[gast.stmt]) -> frozenset[str]:
        """Names that a block binds."""
        return stores(*body)

    def written_in(self, variable: str, body: list[gast.stmt]) -> bool:
        """Whether a block may change in place what a variable refers to."""
        if variable not in self.aliases.parent:
            return False
        root = self.aliases.find(variable)
        inside = {id(m) for s in body for m in walk(s)}
        return any(
            self.aliases.find(n) == root
            and any(id(w) in inside or id(getattr(w, "value", None)) in inside for w in writes)
            for n, writes in self.aliases.written.items()
        )
