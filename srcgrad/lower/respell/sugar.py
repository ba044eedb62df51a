"""Syntax that is short for other syntax, whatever the kinds: rewritten before anything is typed.

`else` of a loop becomes a flag, a list comprehension a loop that appends, an annotation
nothing, and `i, y[i] = a, b` one assignment after the other.
"""

from __future__ import annotations

import itertools

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.respell.comprehend import Comprehend
from srcgrad.lower.respell.evaluation import atomic, simple
from srcgrad.lower.respell.generators import is_taking, letters
from srcgrad.lower.respell.meaning import Meaning
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, constant, name, negated
from srcgrad.syntax.walk import change_blocks, walk


class Sugar(Comprehend):
    """Rewrites the blocks of one function, whose tree is the pass's own."""

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        for s in body:
            new = self.statement(s)
            out += [placed(t, s) for t in self.before] + new
            self.before = []
        if not out and body:
            return [placed(gast.Pass(), body[0])]
        return out

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.AnnAssign(value=None, target=gast.Name()):
                return []
            case gast.AnnAssign(value=gast.expr()):
                new = gast.Assign(targets=[s.target], value=s.value, type_comment=None)
                return self.statement(gast.copy_location(new, s))
            case gast.If():
                self.comprehensions(s, "test")
                s.body, s.orelse = self.inside(s.body), self.inside(s.orelse)
            case gast.For(iter=gast.Call(func=f)) if self.of(f) is itertools.count:
                return self.block(self.counting(s))
            case gast.For() if self.work(s.iter):
                new, loop = self.captured(lambda: self.loop_over(s))
                if loop != [s]:
                    return [placed(t, s) for t in (*new, *self.block(loop))]
                self.before += [placed(t, s) for t in new]
                s.iter = placed(s.iter, s)
                return self.loop(s)
            case gast.For() | gast.While():
                return self.loop(s)
            case gast.With() | gast.Try():
                change_blocks(s, self.inside)
            case gast.Assign(targets=[gast.Tuple() as t], value=gast.Tuple() as v) if (
                self.binds_its_index(t, v)
            ):
                self.comprehensions(s, "value")
                return self.block(self.one_by_one(s, t, v))
            case gast.Assign(targets=[gast.Name(id=n)], value=gast.ListComp() as v):
                if simple(v) and n not in loads(v) | stores(v):
                    self.listed(v, n)
                    self.before = [placed(t, s) for t in self.before]
                    return []
                self.comprehensions(s, "value")
            case gast.Assign(targets=[gast.Tuple() | gast.List()]):
                s.value = self.as_list(s.value)
                self.comprehensions(s, "value")
            case gast.Assert():
                self.comprehensions(s, "test")
            case gast.Expr(value=gast.IfExp() as v):
                sides = [[gast.Expr(value=e)] for e in (v.body, v.orelse)]
                return self.block([placed(gast.If(v.test, *sides), s)])
            case gast.Expr(value=gast.BoolOp(values=[first, *rest]) as v) if rest:
                test = first if isinstance(v.op, gast.And) else negated(first)
                left = rest[0] if len(rest) == 1 else gast.BoolOp(op=v.op, values=rest)
                new = gast.If(test=test, body=[gast.Expr(value=left)], orelse=[])
                return self.block([placed(new, s)])
            case gast.Expr(value=gast.Constant(value=None)):
                return [placed(gast.Pass(), s)]
            case gast.Assign() | gast.Return() | gast.Expr() if s.value is not None:
                self.comprehensions(s, "value")
                self.places(s)
            case gast.AugAssign():
                self.places(s)
                self.comprehensions(s, "value")
            case gast.Delete():
                self.places(s)
        return [s]

    def binds_its_index(self, t: gast.Tuple, v: gast.Tuple) -> bool:
        """Whether a subscript among the targets reads what another binds, or takes out items."""
        plain = not any(isinstance(e, gast.Starred) for e in t.elts) and len(t.elts) == len(v.elts)
        written = stores(t)
        places = [e for e in t.elts if isinstance(e, gast.Subscript)]
        return plain and any(written & loads(e) or self.takes(e) for e in places)

    def takes(self, node: gast.expr) -> bool:
        """Whether evaluating an expression looks as if it takes items out of containers."""
        return any(is_taking(n) for n in walk(node))

    def places(self, s: gast.stmt) -> None:
        """Take out what the only target of a statement takes from containers to find its place."""
        t = s.target if isinstance(s, gast.AugAssign) else None
        if isinstance(s, (gast.Assign, gast.Delete)) and len(s.targets) == 1:
            (t,) = s.targets
        if not isinstance(t, (gast.Subscript, gast.Attribute)) or not self.takes(t):
            return
        if isinstance(s, gast.Assign) and not atomic(s.value):
            s.value = placed(self.called_value(s.value), s.value)
        new = self.parts(t)
        s.end_lineno = None
        self.before = [placed(b, s) for b in self.before]
        placed(new, t)

    def inside(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block of a statement, which keeps what stands before it."""
        before, self.before = self.before, []
        out = self.block(body)
        self.before = before
        return out

    def loop(self, s: gast.For | gast.While) -> list[gast.stmt]:
        """Rewrite a loop whose iterable holds nothing to take out."""
        if isinstance(s, gast.For):
            s.iter = letters(s.iter)
            s.target, first = self.simple_target(s.target, s.iter)
            s.target = placed(s.target, s)
            s.body = [placed(t, s) for t in first] + s.body
            s.iter = self.kept_list(s.iter, s, stores(s.target, *s.body))
        s.body = self.inside(s.body)
        otherwise, s.orelse = self.inside(s.orelse), []
        out: list[gast.stmt] = [s]
        if otherwise:
            out = with_else(s, otherwise, self.new("left"))
        if isinstance(s, gast.While) and self.work(s.test):
            self.tested(s)
        return out

    def counting(self, s: gast.For) -> list[gast.stmt]:
        """A loop over `itertools.count(start, step)`: one without end that adds the step."""
        given = dict(zip(("start", "step"), s.iter.args, strict=False))
        given |= {k.arg: k.value for k in s.iter.keywords}
        start, step = given.get("start", constant(0)), given.get("step", constant(1))
        at, by = self.new("count"), self.new("step")
        opening = [assign(at, start), assign(by, step)]
        bound = gast.Assign(targets=[s.target], value=name(at), type_comment=None)
        following = gast.BinOp(left=name(at), op=gast.Add(), right=name(by))
        body = [bound, assign(at, following), *s.body]
        loop = gast.While(test=constant(True), body=body, orelse=[])
        return [placed(t, s) for t in (*opening, loop)]

    def kept_list(self, node: gast.expr, s: gast.For, bound: frozenset[str]) -> gast.expr:
        """What a loop goes through, under a name of its own if the loop binds its name anew."""
        match node:
            case gast.Call(func=gast.Name(id="enumerate" | "zip" | "reversed")):
                node.args = [self.kept_list(a, s, bound) for a in node.args]
            case gast.Call(func=gast.Attribute(value=base), args=[]):
                node.func.value = self.kept_list(base, s, bound)
            case gast.Name() | gast.Subscript() | gast.Attribute() if loads(node) & bound:
                items = self.new("items")
                self.before.append(placed(assign(items, node), s))
                return placed(name(items), node)
        return node

    def one_by_one(self, s: gast.Assign, t: gast.Tuple, v: gast.Tuple) -> list[gast.stmt]:
        """An assignment to several targets as several assignments, the values first."""
        names = [self.new("value") for _ in v.elts]
        out = [assign(n, e) for n, e in zip(names, v.elts, strict=True)]
        out += [assign(to, name(n)) for to, n in zip(t.elts, names, strict=True)]
        return [placed(new, s) for new in out]

    def comprehensions(self, s: gast.stmt, field: str) -> None:
        """Take the comprehensions of a statement's expression out of it."""
        node = getattr(s, field)
        if node is None or not self.work(node):
            return
        part = isinstance(s, gast.AugAssign) and isinstance(s.target, gast.Subscript)
        if part and self.wild(node) and not self.apart(s):
            self.stuck(s)
            return
        taking = is_taking(node) and isinstance(s, (gast.Assign, gast.Expr))
        flat = self.flat_test if field == "test" else self.flat
        new = self.parts(node) if taking else flat(node)
        setattr(s, field, placed(new, node))
        self.before = [placed(t, node) for t in self.before]

    def apart(self, _: gast.AugAssign) -> bool:
        """Whether the calls on the right are known not to change the element on the left."""
        return False

    def stuck(self, s: gast.stmt) -> None:
        """Leave a statement as it is: its element is read before what would be taken out."""

    def tested(self, s: gast.While) -> gast.stmt:
        """A loop whose test needs statements before it: they stand at the start of its body."""
        before, test = self.captured(lambda: self.flat_test(s.test))
        leave = gast.If(
            test=gast.UnaryOp(op=gast.Not(), operand=test), body=[gast.Break()], orelse=[]
        )
        s.body = [placed(t, s) for t in (*before, leave)] + s.body
        s.test = placed(constant(True), s)
        return s


def with_else(s: gast.For | gast.While, otherwise: list[gast.stmt], flag: str) -> list[gast.stmt]:
    """A loop with an `else`, which runs unless a `break` left the loop."""
    s.orelse = []
    found = flag_breaks(s.body, flag)
    if not found:
        return [s, *otherwise]
    start = placed(assign(flag, constant(False)), s)
    test = gast.UnaryOp(op=gast.Not(), operand=name(flag))
    return [start, s, placed(gast.If(test=test, body=otherwise, orelse=[]), s)]


def flag_breaks(body: list[gast.stmt], flag: str) -> bool:
    """Set a flag before every `break` of a loop, whose body is given; whether there is any."""
    found = False
    for i in range(len(body) - 1, -1, -1):
        s = body[i]
        match s:
            case gast.Break():
                body.insert(i, placed(assign(flag, constant(True)), s))
                found = True
            case gast.If():
                found = flag_breaks(s.body, flag) or found
                found = flag_breaks(s.orelse, flag) or found
            case gast.For() | gast.While():
                found = flag_breaks(s.orelse, flag) or found
    return found


def unsugared(body: list[gast.stmt], meaning: Meaning | None = None) -> list[gast.stmt]:
    """A block without the syntax that this pass knows, rewritten in place.

    Args:
        body: the block.
        meaning: what names stand for, where builtins and library functions are rewritten too.

    Example:
        >>> import ast
        >>> from srcgrad.syntax.quote import statements
        >>> body = unsugared(statements("y = [v * v for v in x]"))
        >>> [type(s).__name__ for s in body]
        ['Assign', 'For']
    """
    return Sugar(meaning).block(body)
