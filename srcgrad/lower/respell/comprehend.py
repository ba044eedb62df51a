"""Comprehensions as loops that stand before the statement that they are part of.

An expression with a comprehension is taken apart in the order of its evaluation: what comes before
the comprehension and may act on the world gets a name, the branches of a conditional expression and
the later operands of `and` and `or` become branches.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import gast
import numpy as np

from srcgrad.lower.respell.evaluation import Renaming, atomic, binds, children, leaves, put, simple
from srcgrad.lower.respell.generators import among, is_taking, known_display, letters
from srcgrad.lower.respell.iterators import LISTING
from srcgrad.lower.respell.meaning import Meaning
from srcgrad.lower.respell.ordering import Ordering
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import NAMED, SUGAR, made
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import walk

DISPLAYS = (gast.ListComp, gast.SetComp, gast.DictComp)
COMPREHENSIONS = (*DISPLAYS, gast.GeneratorExp)
INNER = (gast.Lambda, gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom)
CONSUMERS: tuple[Any, ...] = (
    sum,
    min,
    max,
    list,
    tuple,
    set,
    frozenset,
    sorted,
    any,
    all,
    dict,
    enumerate,
    zip,
    math.prod,
    math.fsum,
)
PURE: tuple[Any, ...] = (*CONSUMERS, abs, float, int, bool, str, len, range, reversed, round, pow)
METHODS = ("join", "extend", "update")
READING = ("sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "dot", "copy", "item")


class Comprehend(Ordering):
    """Takes comprehensions out of expressions.

    Attributes:
        before: statements that the present one needs before it.
    """

    def __init__(self, meaning: Meaning | None) -> None:
        self.meaning = meaning
        self.count = 0
        self.before: list[gast.stmt] = []

    def new(self, hint: str, role: str = SUGAR) -> str:
        """A name that no user has."""
        self.count += 1
        return made(hint, role, self.count)

    def of(self, node: gast.expr) -> Any:
        """The builtin or library function that an expression names."""
        return self.meaning.of(node) if self.meaning is not None else None

    def captured(self, make: Callable[[], Any]) -> tuple[list[gast.stmt], Any]:
        """What making something puts before it, and what is made."""
        kept, self.before = self.before, []
        out = make()
        new, self.before = self.before, kept
        return new, out

    def work(self, *nodes: gast.AST | None) -> bool:
        """Whether there is something to take out of expressions."""
        return any(
            isinstance(n, COMPREHENSIONS) or (isinstance(n, gast.Call) and self.converts(n))
            for root in nodes
            if root is not None
            for n in walk(root)
        )

    def flat(self, node: gast.expr) -> gast.expr:
        """An expression without comprehensions, which are computed before."""
        if not self.work(node):
            return node
        match node:
            case gast.ListComp() if simple(node):
                return self.listed(node, self.new("items"))
            case gast.SetComp() if simple(node):
                inner = gast.GeneratorExp(elt=node.elt, generators=node.generators)
                return call(name("set"), self.listed(inner, self.new("items")))
            case gast.DictComp() if simple(node):
                return self.table(node)
            case gast.IfExp() if self.work(node.body, node.orelse):
                return self.branches(node)
            case gast.BoolOp() if self.work(*node.values[1:]):
                return self.operands(node)
            case gast.Compare() if self.work(*node.comparators[1:]):
                return node
            case gast.Call():
                return self.called(node)
            case gast.Lambda() | gast.ListComp() | gast.GeneratorExp() | gast.SetComp():
                return node
            case gast.DictComp():
                return node
        return self.parts(node)

    def parts(self, node: gast.expr) -> gast.expr:
        """An expression whose parts are taken apart in the order of their evaluation."""
        places = children(node)
        last = max((i for i, (_, _, c) in enumerate(places) if self.work(c)), default=-1)
        wild = any(self.wild(c) for _, _, c in places[: last + 1] if self.work(c))
        if binds(*(c for _, _, c in places[: last + 1])):
            return node
        for i, (field, at, child) in enumerate(places[: last + 1]):
            new = self.starred(child) if isinstance(child, gast.Starred) else self.flat(child)
            put(node, field, at, new)
            if field == "func" and not self.wild(new):
                continue
            if i < last and (self.wild(new) or (wild and not atomic(new))):
                new = self.called_value(new)
            put(node, field, at, new)
        return node

    def starred(self, node: gast.Starred) -> gast.expr:
        """`*items`, the items in a list."""
        node.value = self.sequence(node.value)
        return node

    def called_value(self, node: gast.expr) -> gast.expr:
        """The name of a value that is computed before."""
        if isinstance(node, gast.Slice):
            for field, at, bound in children(node):
                if not atomic(bound):
                    put(node, field, at, self.called_value(bound))
        if isinstance(node, (gast.Starred, gast.Slice)):
            return node
        label = self.new("value", NAMED)
        self.before.append(assign(label, node))
        return name(label)

    def wild(self, node: gast.AST) -> bool:
        """Whether evaluating an expression may act on something, as far as its text shows."""
        calls = (n for n in walk(node) if isinstance(n, gast.Call))
        return any(not self.pure(n.func) and not self.passes_on(n) for n in calls)

    def passes_on(self, n: gast.Call) -> bool:
        """Whether a call only calls a function that only gives a value."""
        if not n.args or not any(self.of(n.func) is f for f in (map, filter, functools.reduce)):
            return False
        return isinstance(n.args[0], gast.Lambda) or self.pure(n.args[0])

    def pure(self, function: gast.expr) -> bool:
        """Whether a call of this only gives a value."""
        if isinstance(function, gast.Attribute) and isinstance(function.value, gast.Call):
            made = self.of(function.value.func)
            if (getattr(made, "__module__", None) or "").startswith("numpy"):
                return function.attr in READING and harmless(made)
        return harmless(self.of(function))

    def branches(self, node: gast.IfExp) -> gast.expr:
        """A conditional expression as the name that two branches bind."""
        test = self.flat_test(node.test)
        label = self.new("value")
        sides = []
        for side in (node.body, node.orelse):
            new, value = self.captured(partial(self.flat, side))
            sides.append([*new, assign(label, value)])
        self.before.append(gast.If(test=test, body=sides[0], orelse=sides[1]))
        return name(label)

    def flat_test(self, node: gast.expr) -> gast.expr:
        """A test without comprehensions: of operands only the truth matters."""
        if isinstance(node, gast.BoolOp) and self.work(*node.values[1:]):
            plain = (gast.Compare, gast.BoolOp)
            node.values = [
                v if isinstance(v, plain) or self.work(v) else call(name("bool"), v)
                for v in node.values
            ]
        return self.flat(node)

    def operands(self, node: gast.BoolOp) -> gast.expr:
        """`and` or `or` as a name that is bound again while the operands do not decide."""
        label = self.new("value")
        block = self.before
        for i, v in enumerate(node.values):
            new, value = self.captured(partial(self.flat, v))
            group = [*new, assign(label, value)]
            if i:
                test: gast.expr = name(label)
                if isinstance(node.op, gast.Or):
                    test = gast.UnaryOp(op=gast.Not(), operand=test)
                inner = gast.If(test=test, body=group, orelse=[])
                block.append(inner)
                block = inner.body
            else:
                block += group
        return name(label)

    def called(self, node: gast.Call) -> gast.expr:
        """A call whose arguments are taken apart; one that consumes an iterable is given a list."""
        found = self.of(node.func)
        if found in (any, all) and len(node.args) == 1 and not node.keywords:
            inner = self.as_generator(node.args[0])
            if inner is not None and simple(inner):
                return self.short_circuit(inner, stop=found is any)
        if is_taking(node):
            return self.called_value(self.parts(node))
        new = self.replaced_call(node, found)
        if new is not None:
            return new
        method = isinstance(node.func, gast.Attribute) and node.func.attr in METHODS
        if among(found, LISTING) and len(node.args) == 1 and self.lazy(node.args[0]):
            node.args = [self.gone_through(node.args[0])]
            if found is list:
                return self.flat(node.args[0])
        if any(found is c for c in CONSUMERS) or method:
            node.args = [self.as_list(a) for a in node.args]
        return self.parts(node)

    def as_list(self, node: gast.expr) -> gast.expr:
        """A generator, or what stands for one, as a list comprehension; anything else as it is."""
        inner = self.as_generator(node)
        if inner is None:
            return node
        return gast.ListComp(elt=inner.elt, generators=inner.generators)

    def sequence(self, node: gast.expr) -> gast.expr:
        """An iterable, in a list if it is one that can be gone through once."""
        return self.flat(self.as_list(node))

    def short_circuit(self, node: gast.GeneratorExp, *, stop: bool) -> gast.expr:
        """`any` or `all` of a generator: a loop that is left at the first item that decides."""
        label = self.new("found" if stop else "holds")
        self.before.append(assign(label, constant(not stop)))
        nested = len(node.generators) > 1

        def leave(element: gast.expr) -> list[gast.stmt]:
            before, test = self.captured(lambda: self.flat(element))
            if not stop:
                test = gast.UnaryOp(op=gast.Not(), operand=test)
            body: list[gast.stmt] = [assign(label, constant(stop)), gast.Break()]
            return [*before, gast.If(test=test, body=body, orelse=[])]

        self.loops(node, leave, label if nested else None, stop=stop)
        return name(label)

    def listed(self, node: gast.ListComp | gast.GeneratorExp, items: str) -> gast.expr:
        """A comprehension as a loop that appends to a list of this name."""
        self.before.append(assign(items, gast.List(elts=[], ctx=gast.Load())))

        def add(element: gast.expr) -> list[gast.stmt]:
            before, value = self.captured(lambda: self.flat(element))
            push = call(attribute(name(items), "append"), value)
            return [*before, gast.Expr(value=push)]

        self.loops(node, add)
        return name(items)

    def table(self, node: gast.DictComp) -> gast.expr:
        """A dict comprehension as a display where the keys are known, else as a loop."""
        display = known_display(node)
        if display is not None:
            return self.flat(display)
        items = self.new("table")
        self.before.append(assign(items, gast.Dict(keys=[], values=[])))
        pair = gast.Tuple(elts=[node.key, node.value], ctx=gast.Load())

        def add(element: gast.expr) -> list[gast.stmt]:
            before, both = self.captured(lambda: self.flat(element))
            key, value = both.elts
            return [*before, assign(subscript(name(items), key, store=True), value)]

        self.loops(gast.GeneratorExp(elt=pair, generators=node.generators), add)
        return name(items)

    def loops(
        self,
        node: gast.ListComp | gast.GeneratorExp,
        use: Callable[[gast.expr], list[gast.stmt]],
        flag: str | None = None,
        *,
        stop: bool = True,
    ) -> None:
        """The loops of a comprehension before the present statement.

        Args:
            node: the comprehension.
            use: gives the statements for an element.
            flag: a name by which outer loops know that they are to be left too.
            stop: the value of it that says so.
        """
        first = node.generators[0].iter
        bound = frozenset().union(*(stores(g.target) for g in node.generators))
        table = {n: self.new(n) for n in sorted(bound)}
        node.generators[0].iter = constant(None)
        node = Renaming(table).visit(node)
        node.generators[0].iter = first
        self.before += self.nest(node.generators, node.elt, use, flag, stop=stop)

    def nest(
        self,
        generators: list[gast.comprehension],
        element: gast.expr,
        use: Callable[[gast.expr], list[gast.stmt]],
        flag: str | None,
        *,
        stop: bool,
    ) -> list[gast.stmt]:
        """One loop for each generator, with what is done for an element innermost."""
        if not generators:
            return use(element)
        g, *rest = generators
        before, over = self.captured(lambda: self.header(g.iter))
        body = self.nest(rest, element, use, flag, stop=stop)
        if flag is not None and rest:
            test: gast.expr = name(flag)
            test = test if stop else gast.UnaryOp(op=gast.Not(), operand=test)
            body.append(gast.If(test=test, body=[gast.Break()], orelse=[]))
        for t in reversed(g.ifs):
            first, test = self.captured(partial(self.flat_test, t))
            body = [*first, gast.If(test=test, body=body, orelse=[])]
        target, extra = self.simple_target(g.target, over)
        loop = gast.For(
            target=target, iter=over, body=[*extra, *body], orelse=[], type_comment=None
        )
        return [*before, loop]

    def simple_target(self, t: gast.expr, over: gast.expr) -> tuple[gast.expr, list[gast.stmt]]:
        """The target of a loop; one with a star is taken apart in the body."""
        if any(isinstance(n, gast.Starred) for n in walk(t)):
            item = self.new("item")
            return target(item), [gast.Assign(targets=[t], value=name(item), type_comment=None)]
        parts = self.parts_of(over) if isinstance(t, gast.Name) else None
        if parts is None:
            return t, []
        row = gast.Tuple(elts=[target(p) for p in parts], ctx=gast.Store())
        value = gast.Tuple(elts=[name(p) for p in parts], ctx=gast.Load())
        return row, [gast.Assign(targets=[t], value=value, type_comment=None)]

    def header(self, node: gast.expr) -> gast.expr:
        """What a loop goes through."""
        found = letters(node)
        return found if found is not node else self.sequence(node)

    def loop_over(self, s: gast.For) -> list[gast.stmt]:
        """A loop over a generator as the loops of the generator around its body."""
        inner = self.as_generator(s.iter)
        if inner is None:
            s.iter = self.header(s.iter)
            return [s]
        if not simple(inner) or (len(inner.generators) > 1 and leaves(s.body)) or s.orelse:
            return [s]

        def use(element: gast.expr) -> list[gast.stmt]:
            before, value = self.captured(lambda: self.flat(element))
            to = gast.Assign(targets=[s.target], value=value, type_comment=None)
            return [*before, to, *s.body]

        before, _ = self.captured(lambda: self.loops(inner, use))
        return before


def harmless(function: Any) -> bool:
    """Whether a function, as far as its name shows, only gives a value."""
    module = getattr(function, "__module__", None) or ""
    return (
        any(function is p for p in PURE)
        or module == "math"
        or isinstance(function, np.ufunc)
        or (module.startswith("numpy") and not module.startswith("numpy.random"))
    )
