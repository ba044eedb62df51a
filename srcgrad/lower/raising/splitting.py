"""One `try` as attempts: what becomes of each statement of its body."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import Array, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.memory.aliases import summarise
from srcgrad.lower.raising.making import Making
from srcgrad.lower.raising.raises import move, one_side_raises
from srcgrad.syntax.flow import loads
from srcgrad.syntax.lives import FLAG, unused_name
from srcgrad.syntax.quote import assign, constant, name, negated, target
from srcgrad.syntax.walk import clone, heads, nodes, walk

Block = list[gast.stmt]
MOST_COPIES = 3
LARGEST_COPY = 30


class Split:
    """One `try`.

    Args:
        owner: what is known of the function, and makes names.
        s: the statement, whose inner `try` statements are attempts already.
    """

    def __init__(self, owner: Making, s: gast.Try) -> None:
        self.owner = owner
        self.typed, self.world, self.function = owner.typed, owner.world, owner.function
        self.s = s
        self.flag = unused_name("failed", FLAG, owner.names)
        self.strict = any(self.catches_arithmetic(h) for h in s.handlers)
        self.made: list[gast.Try] = []
        self.going_on: set[gast.stmt] = set()
        self.flags: list[str] = []
        self.enclosed = False
        self.single = len(s.handlers) == 1
        self.errors = {h: owner.new("error") for h in s.handlers if self.needs_error(h)}

    def run(self) -> Block:
        """The statements that stand for the `try`."""
        body = self.sequence(self.s.body)
        if not self.made:
            return [*body, *self.s.orelse]
        start = False if self.single else 0
        if len(self.made) == 1 and body[-1] is self.made[0] and self.is_attempt(body[-1]):
            return [assign(self.flags[0], constant(start)), *self.direct(body)]
        opening = [assign(n, constant(start)) for n in (self.flag, *self.flags)]
        size = sum(1 for h in self.s.handlers for t in h.body for n in nodes(t))
        if not self.enclosed and len(self.made) <= MOST_COPIES and size <= LARGEST_COPY:
            return [*opening, *self.repeated_handlers(body)]
        return [*opening, *body, *self.handled()]

    def repeated_handlers(self, body: Block) -> Block:
        """A few attempts, each with the short handlers of the user's."""
        for made in self.made:
            for h, mine in zip(self.s.handlers, own(made, self.s), strict=True):
                mine.name = clone(h.name) if h.name is not None else None
                mine.body = [*mine.body[:2], *map(self.owner.copied, h.body)]
        if not self.s.orelse:
            return body
        return [*body, gast.If(test=negated(name(self.flag)), body=self.s.orelse, orelse=[])]

    def direct(self, body: Block) -> Block:
        """One attempt, with the handlers of the user's."""
        (only,) = self.made
        for h, mine in zip(self.s.handlers, own(only, self.s), strict=True):
            mine.name = h.name
            mine.body = [mine.body[0], *h.body]
            gast.copy_location(mine, h)
            mine.end_lineno = getattr(h, "end_lineno", None)
        gast.copy_location(only, self.s)
        only.end_lineno = getattr(self.s, "end_lineno", None)
        only.orelse = [*only.orelse, *self.s.orelse]
        return body

    def handled(self) -> Block:
        """The handlers of the user's behind several attempts."""
        rest = self.s.orelse
        for k, h in reversed(list(enumerate(self.s.handlers, 1))):
            test = name(self.flag)
            if not self.single:
                test = gast.Compare(left=test, ops=[gast.Eq()], comparators=[constant(k)])
            inside = [self.raised_again(t, h) for t in h.body]
            if h in self.errors and h.name is not None:
                inside = [assign(h.name.id, name(self.errors[h])), *inside]
            rest = [gast.If(test=test, body=inside, orelse=rest)]
        return rest

    def raised_again(self, s: gast.stmt, h: gast.ExceptHandler) -> gast.stmt:
        """A statement of a handler, with `raise` naming what it raises."""
        for n in walk(s):
            if isinstance(n, gast.Raise) and n.exc is None:
                n.exc, n.end_lineno = name(self.errors[h]), None
        return s

    def needs_error(self, h: gast.ExceptHandler) -> bool:
        """Whether a handler reads the exception, or raises it again."""
        label = h.name.id if h.name is not None else None
        return any(
            (isinstance(n, gast.Name) and n.id == label)
            or (isinstance(n, gast.Raise) and n.exc is None)
            for t in h.body
            for n in walk(t)
        )

    def mark(self, k: int, flag: str | None = None) -> gast.stmt:
        """Notes which handler has run."""
        return assign(flag or self.flag, constant(True if self.single else k))

    def sequence(self, body: Block) -> Block:
        """Statements one after the other, until one of them fails."""
        out: Block = []
        for i, s in enumerate(body):
            if isinstance(s, gast.If) and body[i + 1 :] and one_side_raises(s):
                move(s, body[i + 1 :])
                return [*out, *self.statement(s)]
            count = len(self.made)
            new = self.statement(s)
            out += new
            rest = body[i + 1 :]
            if len(self.made) == count or not rest:
                continue
            last = new[-1]
            if self.is_attempt(last) and len(self.made) == count + 1:
                last.orelse = [*last.orelse, *self.sequence(rest)]
            else:
                inside = self.sequence(rest)
                skipped = gast.If(test=negated(name(self.flag)), body=inside, orelse=[])
                out.append(placed(skipped, rest[0]))
            return out
        return out

    def is_attempt(self, s: gast.stmt) -> bool:
        """Whether what follows a statement is what follows its success: no handler goes on."""
        return s in self.made and s not in self.going_on

    def attempt(self, s: gast.stmt, behind: Block) -> Block:
        """One statement that may raise, and what follows it; it has a flag of its own."""
        self.check_atomic(s)
        own_flag = unused_name("failed", FLAG, self.owner.names)
        handlers = []
        for k, h in enumerate(self.s.handlers, 1):
            bound = None
            body: Block = [self.mark(k, own_flag), self.mark(k)]
            if h in self.errors:
                bound = target(self.owner.new("error"))
                body.append(assign(self.errors[h], name(bound.id)))
            handlers.append(gast.ExceptHandler(type=copy.copy(h.type), name=bound, body=body))
        new = gast.Try(body=[s], handlers=handlers, orelse=behind, finalbody=[])
        self.made.append(placed(new, s))
        self.owner.done.add(new)
        self.flags.append(own_flag)
        return [new]

    def statement(self, s: gast.stmt) -> Block:
        """One statement of the body."""
        match s:
            case gast.If():
                return self.branch(s)
            case gast.For():
                if self.raising(s):
                    what = "what this loop goes through may raise inside a `try`"
                    raise self.function.refuse(s, what, "Assign it before the `try`.")
                s.body = self.iteration(s.body)
                return [s]
            case gast.While():
                return [self.repeated(s)]
            case gast.With():
                return self.managed(s)
            case gast.Try(handlers=[]):
                self.enclosed = True
                s.body, s.finalbody = self.sequence(s.body), self.sequence(s.finalbody)
                return [s]
            case gast.Try():
                return self.inner(s)
            case gast.Assign():
                return self.assignment(s)
            case gast.AugAssign():
                return self.augmented(s)
            case gast.Expr(value=gast.Call(func=gast.Attribute())) if self.raising(s):
                return self.change(s)
        return self.attempt(s, []) if self.raising(s) else [s]

    def raising(self, s: gast.AST) -> bool:
        """Whether a statement (of a compound one its head) or an expression may raise here."""
        if isinstance(s, gast.expr):
            s = gast.Expr(value=s)
        if isinstance(s, gast.Expr) and self.owner.shows(s.value):
            return any(map(self.raising, s.value.args))
        return any(self.takes(c) for c in self.owner.raised_by(s, strict=self.strict))

    def takes(self, cls: type | None) -> bool:
        """Whether a handler takes an exception of a class; None stands for any."""
        if cls is None:
            return True
        return any(c is None or issubclass(cls, c) for h in self.s.handlers for c in self.kinds(h))

    def kinds(self, h: gast.ExceptHandler) -> list[Any]:
        """The classes that a handler takes."""
        types = h.type.elts if isinstance(h.type, gast.Tuple) else [h.type]
        return [getattr(self.typed.kinds.get(t), "value", None) for t in types]

    def catches_arithmetic(self, h: gast.ExceptHandler) -> bool:
        """Whether a handler is meant for what numpy's arithmetic can be told to raise."""
        for cls in self.kinds(h):
            if cls is None or cls in (Exception, BaseException):
                if self.owner.switched:
                    return True
            elif issubclass(cls, Warning) or cls in (FloatingPointError, ArithmeticError):
                return True
        return False

    def check_atomic(self, s: gast.stmt) -> None:
        """Refuse a statement that may have changed something when it raises."""
        for n in nodes(heads(s)):
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is None or callee.tag != "user":
                continue
            inner = summarise(callee.target)
            for p, _ in callee.operands:
                if p in inner.parent and inner.is_written(p):
                    raise self.function.refuse(
                        n,
                        "a call inside a `try` changes an argument, and may raise afterwards",
                        "Call it outside of the `try`, or let it return a new value.",
                    )

    def branch(self, s: gast.If) -> Block:
        """An `if`; its test comes first."""
        opening = self.named_test(s) if self.raising(s) else None
        s.body, s.orelse = self.sequence(s.body), self.sequence(s.orelse)
        if opening is None:
            return [s]
        opening[-1].orelse = [s]
        return opening

    def named_test(self, s: gast.If | gast.While) -> Block:
        """The attempt to evaluate a test, which then is a name."""
        first, s.test = self.owner.named(s.test, "test")
        s.end_lineno = None
        return self.attempt(first, [])

    def iteration(self, body: Block) -> Block:
        """The body of a loop, which a failure leaves."""
        count = len(self.made)
        new = self.sequence(body)
        if len(self.made) > count:
            leave = gast.If(test=self.failed(), body=[gast.Break()], orelse=[])
            new.append(placed(leave, body[-1]))
        return new

    def failed(self) -> gast.expr:
        """Whether something has failed."""
        return name(self.flag)

    def repeated(self, s: gast.While) -> gast.stmt:
        """A `while`; where its test may raise it is evaluated inside."""
        if not self.raising(s):
            s.body = self.iteration(s.body)
            return s
        opening = self.named_test(s)
        leave = gast.If(test=negated(s.test), body=[gast.Break()], orelse=[])
        opening[-1].orelse = [leave, *self.sequence(s.body)]
        last = gast.If(test=self.failed(), body=[gast.Break()], orelse=[])
        return gast.While(test=constant(True), body=[*opening, last], orelse=[])

    def managed(self, s: gast.With) -> Block:
        """A `with`; a manager whose making may raise is made before it."""
        out: Block = []
        self.enclosed = True
        for i in s.items:
            function = self.typed.kinds.get(getattr(i.context_expr, "func", None))
            if isinstance(function, Static) and function.value is open:
                if len(s.items) > 1:
                    raise self.function.refuse(s, "`with` of several inside a `try`", "Nest them.")
                label = self.owner.new("file")
                made = placed(assign(label, i.context_expr), i.context_expr)
                out = self.attempt(made, [s])
                i.context_expr = name(label)
                s.end_lineno = None
        s.body = self.sequence(s.body)
        return out or [s]

    def inner(self, s: gast.Try) -> Block:
        """An attempt of an inner `try`; what its handlers do not take reaches this one's."""
        self.enclosed = True
        mine = self.attempt(s.body[0], [])[-1]
        assert isinstance(mine, gast.Try)
        flag = s.handlers[0].body[0].targets[0].id
        for k, h in enumerate(mine.handlers, len(s.handlers) + 1):
            h.body = [assign(flag, constant(k)), *h.body[1:]]
        for h in s.handlers:
            h.body = [*h.body[:1], *self.sequence(h.body[1:])]
        s.orelse = self.sequence(s.orelse)
        s.handlers += [h for h in mine.handlers if not_taken(h, s.handlers)]
        self.going_on.add(s)
        s.end_lineno = None
        self.made[self.made.index(mine)] = s
        return [s]

    def assignment(self, s: gast.Assign) -> Block:
        """An assignment: its value first, unless it binds one name that the value does not read."""
        if not self.raising(s):
            return [s]
        match s.targets:
            case [gast.Name(id=n)] if n not in loads(s.value):
                return self.attempt(s, [])
        if self.raising(s.value):
            first, s.value = self.owner.named(s.value, "value")
            s.end_lineno = None
            opening = self.attempt(first, [])
            opening[-1].orelse = self.attempt(s, []) if self.stores_badly(s) else [s]
            return opening
        return self.attempt(s, [])

    def change(self, s: gast.Expr) -> Block:
        """A call of a method: arguments that may raise first, so that it does all or nothing."""
        i = next((i for i, a in enumerate(s.value.args) if self.raising(a)), None)
        starred = any(isinstance(a, gast.Starred) for a in s.value.args)
        if i is None or starred or s.value.keywords:
            return self.attempt(s, []) if self.raising(s) else [s]
        first, s.value.args[i] = self.owner.named(s.value.args[i], "value")
        s.end_lineno = s.value.end_lineno = None
        opening = self.attempt(first, [])
        opening[-1].orelse = self.change(s)
        return opening

    def stores_badly(self, s: gast.Assign) -> bool:
        """Whether writing a value that is there already may raise."""
        return any(not isinstance(t, gast.Name) and self.raising(t) for t in s.targets)

    def augmented(self, s: gast.AugAssign) -> Block:
        """An in-place operator: its value first, then the operator, which does all or nothing."""
        if not self.raising(s):
            return [s]
        if self.strict and isinstance(self.typed.kinds.get(s.target), Array):
            raise self.function.refuse(
                s,
                "an in-place operator inside this `try` may be done in part when it raises",
                "Write it as an assignment of a new value.",
            )
        if not self.raising(s.value):
            return self.attempt(s, [])
        first, s.value = self.owner.named(s.value, "value")
        s.end_lineno = None
        opening = self.attempt(first, [])
        opening[-1].orelse = self.attempt(s, [])
        return opening


def own(new: gast.Try, s: gast.Try) -> list[gast.ExceptHandler]:
    """The handlers of an attempt that stand for those of a `try`."""
    return list(new.handlers[-len(s.handlers) :])


def not_taken(h: gast.ExceptHandler, before: list[gast.ExceptHandler]) -> bool:
    """Whether a handler takes a class that none before it names; it names such alone then."""
    known = {gast.dump(t) for b in before for t in named_types(b)}
    left = [t for t in named_types(h) if gast.dump(t) not in known]
    if h.type is not None and left:
        h.type = left[0] if len(left) == 1 else gast.Tuple(elts=left, ctx=gast.Load())
    return h.type is None or bool(left)


def named_types(h: gast.ExceptHandler) -> list[gast.expr]:
    """The classes that a handler names."""
    if h.type is None:
        return []
    return list(h.type.elts) if isinstance(h.type, gast.Tuple) else [h.type]
