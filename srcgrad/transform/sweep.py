"""The forward sweep: the user's own statements, with what has to be recorded around them."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Array, Dict
from srcgrad.lower.base.trees import placed_at
from srcgrad.lower.base.viewing import VIEWING
from srcgrad.lower.memory.aliases import sources
from srcgrad.lower.raising.raises import may_raise
from srcgrad.syntax.lives import is_tape, retaken, tape_for
from srcgrad.syntax.quote import assign, attribute, call, name, target
from srcgrad.syntax.walk import change_blocks, clone, nodes
from srcgrad.transform.calls import Calls


class Sweep(Calls):
    """Puts the forward sweep and the groups of adjoints together.

    Attributes:
        marks: for statements that stand for them, those at which recorded values are taken back.
        pinned: statements that stay, whether or not anything reads what they do.
        silent: statements that print, where all has run before.
    """

    marks: dict[gast.stmt, gast.stmt]
    pinned: set[gast.stmt]
    silent: frozenset[gast.stmt] = frozenset()

    def assembled(self, out: list[Any]) -> list[gast.stmt]:
        """The body of a function from statements of the user's, groups and marks."""
        body: list[gast.stmt] = []
        self.recorded_names()
        for part in out:
            match part:
                case (gast.If() as s, a, b):
                    test = self.replaced(s.test)
                    new = gast.If(test=test, body=self.assembled(a), orelse=self.assembled(b))
                    body += [
                        *self.inserted.get((s, "before"), ()),
                        *self.hoists(s),
                        gast.copy_location(new, s),
                    ]
                case ("value", s, identifier):
                    new = assign(identifier, self.replaced(s.value))
                    new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
                    body += [*self.hoists(s), new]
                case ("hoists", s):
                    body += self.hoists(s)
                case gast.stmt() if part in self.loops_of:
                    body += self.forward(part)
                case _:
                    body += self.unmarked([part])
        return body

    def recorded_names(self) -> None:
        """Note the names of values recorded in loops: taken back, they have another name."""
        owners = {self.owner[n]: None for n in self.hoisted}
        self.looped = {n for s in owners if self.loops_of.get(s) for n in self.recorded_at(s)}

    def unmarked(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Reverse statements with marks replaced by what takes recorded values back."""
        for n in nodes(body) if self.looped else ():
            if isinstance(n, gast.Name) and n.id in self.looped:
                n.id = retaken(n.id)
        return self.without_marks(body)

    def without_marks(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """A block of reverse statements whose marks are replaced."""
        out: list[gast.stmt] = []
        for s in body:
            if s in self.marks:
                out += self.taken_back(self.marks[s])
                continue
            change_blocks(s, self.without_marks)
            out.append(s)
        return out

    def taken_back(self, s: gast.stmt) -> list[gast.stmt]:
        """Values that were recorded at a statement in a loop, last one first."""
        if not self.loops_of.get(s):
            return []
        out = []
        for identifier in reversed(self.recorded_at(s)):
            new = assign(retaken(identifier), call(attribute(name(tape_for(identifier)), "pop")))
            new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
            out.append(new)
        return out

    def recorded_at(self, s: gast.stmt) -> list[str]:
        """The names that the forward sweep gives at a statement."""
        out: list[str] = []
        for n in self.before(s):
            out.append(self.hoisted[n])
            out += self.paired.get(n, ("", []))[1]
        return out

    def is_recorded_apart(self, n: gast.expr) -> bool:
        """Whether a value may change after it was recorded, so that a copy of it is."""
        if isinstance(n, gast.Name) and isinstance(self.kind(n), Dict):
            return True
        changed = map(self.is_changed, sources(self.typed, n))
        return isinstance(self.kind(n), Array) and any(changed)

    def is_read_anew(self, _node: gast.expr) -> bool:
        """Whether a statement reads a view itself: products of its copy may round otherwise."""
        callee = self.typed.callees.get(_node) if isinstance(_node, gast.Call) else None
        viewed = callee is not None and any(callee.target is f for f in VIEWING)
        return (viewed or is_strided(_node)) and self.is_recorded_apart(_node)

    def hoists(self, s: gast.stmt) -> list[gast.stmt]:
        """Names for values of a statement that adjoints read, recorded inside loops."""
        out: list[gast.stmt] = []
        raising = s in self.attempted or may_raise(self.typed, self.world, s)
        for n in self.before(s):
            value = self.replaced(n, top=True)
            if n in self.paired:
                forward, recorded = self.paired[n]
                value = self.forward_call(n, forward)
                elts = [target(self.hoisted[n]), *map(target, recorded)]
                new = gast.Assign(
                    targets=[gast.Tuple(elts=elts, ctx=gast.Store())],
                    value=value,
                    type_comment=None,
                )
            else:
                if self.is_recorded_apart(n):
                    value = call(attribute(value, "copy"))
                new = assign(self.hoisted[n], value)
            placed_at(new, n, s)
            out.append(new)
            if raising:
                self.pinned.add(new)
            if self.loops_of.get(s):
                for identifier in (self.hoisted[n], *self.paired.get(n, ("", []))[1]):
                    push = call(attribute(name(tape_for(identifier)), "append"), name(identifier))
                    out.append(gast.Expr(value=push))
        return out

    def forward(self, s: gast.stmt) -> list[gast.stmt]:
        """A statement of the user's in the forward sweep, with what is saved around it."""
        new = self.forward_alone(s)
        gast.copy_location(new, s)
        if hasattr(s, "end_lineno") and s not in self.silent:
            new.end_lineno = s.end_lineno
        self.pin(s, new)
        self.last_forward = new
        start = [clone(x) for x in self.inserted.get((s, "start"), ())]
        before = [clone(x) for x in self.inserted.get((s, "before"), ())]
        after = [clone(x) for x in self.inserted.get((s, "after"), ())]
        return [*start, *self.hoists(s), *before, new, *after]

    def forward_alone(self, s: gast.stmt) -> gast.stmt:
        """A statement of the user's over recorded values and blocks of the forward sweep."""
        match s:
            case gast.If():
                return gast.If(
                    test=self.replaced(s.test),
                    body=self.forward_block(s.body),
                    orelse=self.forward_block(s.orelse),
                )
            case gast.For():
                return gast.For(
                    target=clone(s.target),
                    iter=self.replaced(s.iter),
                    body=self.forward_block(s.body),
                    orelse=[],
                    type_comment=None,
                )
            case gast.While():
                test = self.replaced(s.test)
                return gast.While(test=test, body=self.forward_block(s.body), orelse=[])
            case gast.With():
                items = self.replaced(s.items)
                return gast.With(items=items, body=self.forward_block(s.body), type_comment=None)
            case gast.Try(handlers=[_, *_]):
                return self.attempt(s)
            case gast.Try():
                return gast.Try(
                    body=self.forward_block(s.body),
                    handlers=[],
                    orelse=[],
                    finalbody=self.forward_block(s.finalbody),
                )
            case gast.Return():
                raise self.function.refuse(
                    s, "a return out of this block is not supported", "Return behind the block."
                )
        return gast.Pass() if s in self.silent else self.replaced(s)

    def pin(self, s: gast.stmt, new: gast.stmt) -> None:
        """Keep a statement that may raise, or what has checked before that it does not.

        Args:
            s: the user's statement.
            new: what stands for it in the forward sweep.
        """
        if s not in self.silent and may_raise(self.typed, self.world, s):
            again = [self.checked[n] for n in nodes(s) if n in self.checked]
            again = again if self.copy_number <= 1 and s not in self.attempted else []
            checked = self.checked if again else ()
            if may_raise(self.typed, self.world, s, checked, self.hoisted):
                self.pinned.add(new)
            else:
                self.pinned |= set(again)
        if s in self.attempted:
            self.pinned.add(new)

    def attempt(self, s: gast.Try) -> gast.Try:
        """A `try` of one statement; what is recorded at it is recorded when it has succeeded."""
        inside: list[gast.stmt] = []
        behind: list[gast.stmt] = []
        done = False
        for new in self.forward(s.body[0]):
            match new:
                case gast.Expr(
                    value=gast.Call(func=gast.Attribute(value=gast.Name(id=tape)), args=[value])
                ) if is_tape(tape) and not done:
                    if not isinstance(value, gast.Name):
                        label = self.new("old")
                        inside.append(gast.copy_location(assign(label, value), s))
                        new.value.args = [name(label)]
                    behind.append(new)
                case _:
                    (behind if done else inside).append(new)
            done = done or new is self.last_forward
        handlers = []
        for h in s.handlers:
            type_, bound = self.replaced(h.type), self.replaced(h.name)
            other = gast.ExceptHandler(type=type_, name=bound, body=self.forward_block(h.body))
            gast.copy_location(other, h)
            other.end_lineno = getattr(h, "end_lineno", None)
            handlers.append(other)
        orelse = [*behind, *self.forward_block(s.orelse)]
        return gast.Try(body=inside, handlers=handlers, orelse=orelse, finalbody=[])

    def forward_block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """A block of the user's in the forward sweep."""
        return [new for s in body for new in self.forward(s)]


def is_strided(n: gast.AST) -> bool:
    """Whether an expression is a view whose entries do not lie side by side, by its text."""
    if not isinstance(n, gast.Subscript):
        return isinstance(n, gast.Attribute) and n.attr == "T"
    items = n.slice.elts if isinstance(n.slice, gast.Tuple) else [n.slice]
    cut = [i for i in items if isinstance(i, gast.Slice)]
    return any(i.step is not None for i in cut) or (bool(cut) and items[-1] not in cut)
