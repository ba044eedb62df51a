"""Reverse mode: statements walked backwards, each giving the group of its adjoint."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.rearranged import MOVING
from srcgrad.rules.expr import Expr, leaf
from srcgrad.syntax.emit import Comment
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import name
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import clone
from srcgrad.transform.blocks import Block, Item
from srcgrad.transform.cotangents import Bars
from srcgrad.transform.lists import Lists


class Statements(Lists):
    """Adjoints of simple statements."""

    def block(self, block: Block, bars: Bars) -> list[gast.stmt]:
        """The reverse of a block; `bars` goes from what holds after it to what holds before it."""
        out: list[gast.stmt] = [clone(s) for s in self.starts.get(block, ())]
        for item in reversed(block.items):
            out += self.item(item, bars)
        return out

    starts: dict[Block, list[gast.stmt]]

    def item(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of one item."""
        self.bars = bars
        self.statement = item.node
        match item.node:
            case gast.Assign():
                return self.commented(item.node, self.assign(item.node))
            case gast.AugAssign():
                return self.commented(item.node, self.augmented(item.node))
            case gast.Expr(value=gast.Call() as node):
                return self.commented(item.node, self.expression(item.node, node))
            case gast.Delete():
                return self.deletion(item.node)
            case gast.If():
                return self.branch(item, bars)
            case gast.For() | gast.While():
                return self.loop(item, bars)
            case gast.With() | gast.Try():
                return self.guarded(item, bars)
        return []

    def branch(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of an `if`."""
        raise NotImplementedError

    def loop(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a loop."""
        raise NotImplementedError

    def guarded(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a `with` or `try`."""
        raise NotImplementedError

    def commented(
        self, s: gast.stmt, group: list[gast.stmt], text: str | None = None
    ) -> list[gast.stmt]:
        """A group below a comment that names the user's statement."""
        if not group:
            return []
        for n in statements_in(group):
            if getattr(n, "lineno", None) is None:
                n.lineno, n.col_offset, n.end_lineno = s.lineno, s.col_offset, None
        words = text if text is not None else self.words(s)
        note = gast.Expr(value=gast.Constant(value=Comment(f"adjoint of: {words}"), kind=None))
        note.lineno, note.col_offset, note.end_lineno = s.lineno, s.col_offset, None
        end = gast.Expr(value=gast.Constant(value=None, kind=None))
        return [note, *group, end]

    def words(self, s: gast.stmt) -> str:
        """A statement (or the header of a compound one) as the user wrote it, on one line."""
        if getattr(s, "end_lineno", None) is None:
            line = self.function.source.lines[s.lineno - 1] if getattr(s, "lineno", None) else ""
            return line.partition("  #")[0].strip().removesuffix(":")
        text = self.function.source.segment(s)
        lines = [line.strip() for line in text.splitlines()]
        if isinstance(s, (gast.For, gast.While, gast.If, gast.With, gast.Try)):
            first = s.body[0].lineno - s.lineno
            lines = lines[:first] if first else [header_of(lines[0])]
            lines = [
                line.partition("#")[0].strip() if i == len(lines) - 1 else line
                for i, line in enumerate(lines)
            ]
            return " ".join(lines).rstrip().removesuffix(":")
        return " ".join(line.partition("  #")[0].rstrip() for line in lines)

    def assign(self, s: gast.Assign) -> list[gast.stmt]:
        """The group of an assignment."""
        self.begin()
        self.opening = []
        self.after = None
        restore: list[gast.stmt] = []
        resets: list[gast.Subscript] = []
        pairs: list[tuple[gast.expr, Any, Expr | None]] = []
        self.handed = set()
        for t in reversed(s.targets):
            self.assign_target(t, s, restore, resets, pairs)
        for node, g, output in pairs:
            self.push(node, g, output)
        return self.opening + self.emit(restore, resets)

    def augmented(self, s: gast.AugAssign) -> list[gast.stmt]:
        """The group of `+=` or `-=` on an array or a part of one; the others are assignments."""
        self.begin()
        self.handed, self.after = set(), None
        t = s.target
        if self.is_together(t):
            self.opening = []
            return self.added_backwards(s)
        whole = isinstance(t, gast.Name)
        if not isinstance(self.kind(t if whole else t.value), Array):
            raise self.function.refuse(
                s, "an in-place operator on this value is not supported", "Write an assignment."
            )
        place = (t.id,) if whole else self.written_place(t)
        restore = self.restore_whole(s, t.id) if whole else self.restore_part(s, t)
        self.check_written(s, s.value, place)
        if place not in self.bars or not self.activity.depends(s.value):
            return restore
        self.after = place
        like = None
        opening: list[gast.stmt] = []
        if whole:
            g, like = self.bars[place].expr, leaf(name(t.id), self.kind(t))
        else:
            buffer, opening = self.buffer_into(place)
            g = self.written_part(t, buffer)
        value = self.fitted(g, s.value, like)
        self.push(s.value, value if isinstance(s.op, gast.Add) else -value)
        return opening + self.emit(restore)

    def expression(self, s: gast.Expr, node: gast.Call) -> list[gast.stmt]:
        """The group of a call that stands alone: `append` and the like."""
        callee = self.typed.callees.get(node)
        if callee is not None and callee.tag == "scatter":
            return self.scatter(s, node, callee)
        if callee is None or callee.tag != "method":
            return []
        if callee.target in MOVING and self.is_together(node.func.value):
            self.begin()
            self.opening, self.handed, self.after = [], set(), None
            return self.moved_backwards(s, node)
        return self.list_change(s, node, callee)

    def scatter(self, s: gast.Expr, node: gast.Call, callee: Callee) -> list[gast.stmt]:
        """The group of `np.add.at(a, indices, b)`: every entry of `b` reaches its place in `a`."""
        self.begin()
        self.handed, self.after = set(), None
        part: gast.Subscript = dict(callee.operands)["part"]
        value = node.args[2]
        place = self.written_place(part)
        restore = self.restore_part(s, part)
        self.check_written(s, value, place)
        shadowed = self.is_shadowed(place)
        if (place not in self.bars and not shadowed) or not self.activity.depends(value):
            return restore
        self.after = place
        self.opening = []
        if shadowed:
            read = self.part_of(part, self.shadow_id(place[0]), store=False)
            taken = self.held(Expr("leaf", (), self.kind(part), read), self.kind(part))
        else:
            buffer, self.opening = self.buffer_into(place)
            read = self.part_of(part, buffer, store=False)
            taken = Expr("leaf", (), self.kind(part), read)
            if place[0] in loads(value):
                taken = self.held(taken, self.kind(part))
        g = self.fitted(taken, value)
        self.push(value, g if callee.target is np.add else -g)
        return self.opening + self.emit(restore)


def header_of(line: str) -> str:
    """The header of a compound statement on one line: what stands before its colon.

    >>> header_of("for a in xs[1:]: total += a")
    'for a in xs[1:]'
    """
    depth = 0
    for i, c in enumerate(line):
        depth += (c in "([{") - (c in ")]}")
        if c == ":" and depth == 0:
            return line[:i]
    return line
