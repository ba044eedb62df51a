"""Syntax that is short for other syntax, whatever the kinds: rewritten before anything is typed.

`else` of a loop becomes a flag, a list comprehension a loop that appends, a bare annotation
nothing, and `i, y[i] = a, b` one assignment after the other.
"""

from __future__ import annotations

from typing import TypeVar

import gast

from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import SUGAR, made
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import change_children

Node = TypeVar("Node", bound=gast.AST)

CHANGING = ("append", "extend", "pop", "insert", "reverse", "clear", "sort", "remove")


def placed(node: Node, like: gast.AST) -> Node:
    """Give a new node, and what is below it, the position of an old one, as generated code."""
    for n in gast.walk(node):
        if isinstance(n, (gast.stmt, gast.expr)) and getattr(n, "lineno", None) is None:
            n.lineno = getattr(like, "lineno", None)
            n.col_offset = getattr(like, "col_offset", 0)
            n.end_lineno = n.end_col_offset = None
    return node


class Sugar:
    """Rewrites the blocks of one function, whose tree is the pass's own."""

    def __init__(self) -> None:
        self.count = 0
        self.before: list[gast.stmt] = []

    def new(self, hint: str) -> str:
        """A name that no user has."""
        self.count += 1
        return made(hint, SUGAR, self.count)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        for s in body:
            new = self.statement(s)
            out += self.before + new
            self.before = []
        if not out and body:
            return [placed(gast.Pass(), body[0])]
        return out

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.AnnAssign(value=None, target=gast.Name()):
                return []
            case gast.If():
                self.comprehensions(s, "test")
                before, self.before = self.before, []
                s.body, s.orelse = self.block(s.body), self.block(s.orelse)
                self.before = before
            case gast.For() | gast.While():
                if isinstance(s, gast.For):
                    self.comprehensions(s, "iter")
                    s.iter = self.kept(s.iter, s, stores(s.target, *s.body))
                before, self.before = self.before, []
                s.body = self.block(s.body)
                otherwise, s.orelse = self.block(s.orelse), []
                self.before = before
                if otherwise:
                    return self.with_else(s, otherwise)
            case gast.Assign(targets=[gast.Tuple() as t], value=gast.Tuple() as v) if (
                binds_its_index(t, v)
            ):
                self.comprehensions(s, "value")
                return self.one_by_one(s, t, v)
            case gast.Assign(targets=[gast.Name(id=n)], value=gast.ListComp(generators=[g]) as v):
                if not g.is_async and simple_comprehension(v) and n not in loads(v) | stores(v):
                    self.as_loop(v, g, n)
                    return []
            case (
                gast.Assign() | gast.AugAssign() | gast.AnnAssign() | gast.Return() | gast.Expr()
            ) if s.value is not None:
                self.comprehensions(s, "value")
        return [s]

    def kept(self, node: gast.expr, s: gast.For, bound: frozenset[str]) -> gast.expr:
        """What a loop goes through, under a name of its own if the loop binds its name anew."""
        match node:
            case gast.Call(func=gast.Name(id="enumerate" | "zip" | "reversed")):
                node.args = [self.kept(a, s, bound) for a in node.args]
            case gast.Call(func=gast.Attribute(value=base), args=[]):
                node.func.value = self.kept(base, s, bound)
            case gast.Name() | gast.Subscript() | gast.Attribute() if loads(node) & bound:
                items = self.new("items")
                self.before.append(placed(assign(items, node), s))
                return placed(name(items), node)
        return node

    def with_else(self, s: gast.For | gast.While, otherwise: list[gast.stmt]) -> list[gast.stmt]:
        """A loop with an `else`, which runs unless a `break` left the loop."""
        flag = self.new("left")
        found = flag_breaks(s.body, flag)
        if not found:
            return [s, *otherwise]
        start = placed(assign(flag, constant(False)), s)
        test = gast.UnaryOp(op=gast.Not(), operand=name(flag))
        return [start, s, placed(gast.If(test=test, body=otherwise, orelse=[]), s)]

    def one_by_one(self, s: gast.Assign, t: gast.Tuple, v: gast.Tuple) -> list[gast.stmt]:
        """An assignment to several targets as several assignments, the values first."""
        names = [self.new("value") for _ in v.elts]
        out = [assign(n, e) for n, e in zip(names, v.elts, strict=True)]
        out += [assign(to, name(n)) for to, n in zip(t.elts, names, strict=True)]
        return [placed(new, s) for new in out]

    def comprehensions(self, s: gast.stmt, field: str) -> None:
        """Take the list comprehensions of a statement's expression out of it."""
        node = getattr(s, field)
        calls = [n.func for n in gast.walk(node) if isinstance(n, gast.Call)]
        if not any(isinstance(f, gast.Attribute) and f.attr in CHANGING for f in calls):
            setattr(s, field, self.taken_out(node))

    def taken_out(self, node: gast.expr) -> gast.expr:
        """An expression whose comprehensions are names that were computed before."""
        match node:
            case gast.ListComp(generators=[g]) if not g.is_async and simple_comprehension(node):
                return self.as_loop(node, g, self.new("items"))
            case (
                gast.IfExp()
                | gast.BoolOp()
                | gast.Lambda()
                | gast.ListComp()
                | gast.GeneratorExp()
                | gast.Compare()
            ):
                return node
        change_children(node, self.taken_out)
        return node

    def as_loop(self, node: gast.ListComp, g: gast.comprehension, items: str) -> gast.expr:
        """A comprehension as a loop that appends to a list of this name."""
        table = {n: self.new(n) for n in sorted(stores(g.target))}
        element, target = Renaming(table).visit(node.elt), Renaming(table).visit(g.target)
        tests = [Renaming(table).visit(t) for t in g.ifs]
        outer = self.before
        self.before = []
        iterable = self.taken_out(g.iter)
        outer += self.before
        self.before = []
        element = self.taken_out(element)
        inside: list[gast.stmt] = [
            *self.before,
            gast.Expr(value=call(attribute(name(items), "append"), element)),
        ]
        self.before = outer
        for test in reversed(tests):
            inside = [gast.If(test=test, body=inside, orelse=[])]
        empty = assign(items, gast.List(elts=[], ctx=gast.Load()))
        loop = gast.For(target=target, iter=iterable, body=inside, orelse=[], type_comment=None)
        self.before += [placed(empty, node), placed(loop, node)]
        return placed(name(items), node)


class Renaming(gast.NodeTransformer):
    """Gives names other names, in place."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.Name:
        """Rename one name."""
        node.id = self.table.get(node.id, node.id)
        return node


def simple_comprehension(node: gast.ListComp) -> bool:
    """Whether no inner scope or `:=` complicates a comprehension."""
    inner = [n for n in gast.walk(node) if n is not node]
    return not any(
        isinstance(n, (gast.Lambda, gast.NamedExpr, gast.GeneratorExp, gast.DictComp, gast.SetComp))
        for n in inner
    )


def binds_its_index(t: gast.Tuple, v: gast.Tuple) -> bool:
    """Whether a subscript among the targets reads a name that another one binds."""
    plain = not any(isinstance(e, gast.Starred) for e in t.elts) and len(t.elts) == len(v.elts)
    written = stores(t)
    return plain and any(written & loads(e) for e in t.elts if isinstance(e, gast.Subscript))


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


def unsugared(body: list[gast.stmt]) -> list[gast.stmt]:
    """A block without the syntax that this pass knows, rewritten in place.

    Example:
        >>> import ast
        >>> from srcgrad.syntax.quote import statements
        >>> body = unsugared(statements("y = [v * v for v in x]"))
        >>> [type(s).__name__ for s in body]
        ['Assign', 'For']
    """
    return Sugar().block(body)
