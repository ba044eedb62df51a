"""`map`, `filter`, `reduce` and `itertools` as generators and loops; functions of `operator`."""

from __future__ import annotations

import copy
import functools
import itertools
import math
import operator
from typing import Any

import gast

from srcgrad.lower.base.trees import Substitution
from srcgrad.lower.respell.generators import (
    among,
    generator,
    is_flattening,
    is_int,
    is_lookup,
    is_taking,
    loop,
)
from srcgrad.lower.respell.selections import Selections
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import walk

BINARY: dict[Any, type] = {
    operator.add: gast.Add,
    operator.sub: gast.Sub,
    operator.mul: gast.Mult,
    operator.truediv: gast.Div,
    operator.floordiv: gast.FloorDiv,
    operator.mod: gast.Mod,
    operator.pow: gast.Pow,
    operator.matmul: gast.MatMult,
}
COMPARING: dict[Any, type] = {
    operator.lt: gast.Lt,
    operator.le: gast.LtE,
    operator.gt: gast.Gt,
    operator.ge: gast.GtE,
    operator.eq: gast.Eq,
    operator.ne: gast.NotEq,
}
UNARY: dict[Any, type] = {operator.neg: gast.USub, operator.pos: gast.UAdd, operator.not_: gast.Not}
MAKERS: tuple[Any, ...] = (
    map,
    filter,
    itertools.chain,
    itertools.chain.from_iterable,
    itertools.product,
    itertools.accumulate,
    itertools.islice,
    itertools.repeat,
    itertools.pairwise,
    itertools.combinations,
    itertools.starmap,
)
ORDERED: tuple[Any, ...] = (min, max, sorted)
LISTING: tuple[Any, ...] = (list, tuple, sorted, sum, min, max, set, any, all)


class Iterators(Selections):
    """Rewrites calls of functions that take functions, or that give iterators."""

    def extreme(self, node: gast.Call, function: Any) -> gast.expr | None:
        """`max(xs, key=f, default=v)`."""
        raise NotImplementedError

    def in_order(self, node: gast.Call) -> gast.expr | None:
        """`sorted(xs, key=f)`."""
        raise NotImplementedError

    def converts(self, node: gast.Call) -> bool:
        """Whether a call is rewritten here."""
        if is_taking(node):
            return True
        found = self.of(node.func)
        if found is None or not callable(found):
            return False
        if any(found is m for m in (*MAKERS, functools.reduce, math.prod, copy.copy)):
            return True
        if found is sum:
            return is_flattening(node)
        if among(found, LISTING) and len(node.args) == 1 and self.lazy(node.args[0]):
            return True
        if any(found is f for f in ORDERED):
            return any(
                k.arg in ("key", "default") and not is_lookup(k.value) for k in node.keywords
            )
        try:
            return found in BINARY or found in COMPARING or found in UNARY
        except TypeError:
            return False

    def lazy(self, node: gast.expr) -> bool:
        """Whether an expression is `zip`, `enumerate` or `reversed` of something."""
        return isinstance(node, gast.Call) and self.of(node.func) in (zip, enumerate, reversed)

    def gone_through(self, node: gast.Call) -> gast.ListComp:
        """`[item for item in zip(xs, ys)]`, with names for the parts of an item."""
        parts = self.parts_of(node)
        if parts is None:
            item = self.new("item")
            inner = generator(name(item), (item, node))
        else:
            row = gast.Tuple(elts=[target(p) for p in parts], ctx=gast.Store())
            value = gast.Tuple(elts=[name(p) for p in parts], ctx=gast.Load())
            inner = generator(value, (row, node))
        return gast.ListComp(elt=inner.elt, generators=inner.generators)

    def parts_of(self, node: gast.expr) -> list[str] | None:
        """Names for the parts of an item of `zip` or `enumerate`; None for other iterables."""
        if not isinstance(node, gast.Call) or any(isinstance(a, gast.Starred) for a in node.args):
            return None
        found = self.of(node.func)
        if found is zip and node.args:
            return [self.new("item") for _ in node.args]
        return [self.new("i"), self.new("item")] if found is enumerate else None

    def multiplied(self, node: gast.Call) -> gast.expr | None:
        """`math.prod(xs, start=v)` as a loop."""
        start = next((k.value for k in node.keywords if k.arg == "start"), constant(1))
        if len(node.args) != 1 or len(node.keywords) > 1:
            return None
        total, item = self.new("product"), self.new("item")
        over = self.sequence(node.args[0])
        self.before.append(assign(total, self.flat(start)))
        value = gast.BinOp(left=name(total), op=gast.Mult(), right=name(item))
        self.before.append(loop(item, over, [assign(total, value)]))
        return name(total)

    def flattened(self, node: gast.Call) -> gast.expr:
        """`sum(lists, [])` as one list."""
        part, item = self.new("part"), self.new("item")
        inner = generator(name(item), (part, node.args[0]), (item, name(part)))
        return self.flat(gast.ListComp(elt=inner.elt, generators=inner.generators))

    def replaced_call(self, node: gast.Call, found: Any) -> gast.expr | None:
        """What stands for a call that is rewritten; None if it stays a call."""
        if found is functools.reduce and not node.keywords:
            return self.reduced(node)
        if found is math.prod:
            return self.multiplied(node)
        if found is sum and is_flattening(node):
            return self.flattened(node)
        if found is copy.copy and len(node.args) == 1 and not node.keywords:
            return self.flat(call(attribute(node.args[0], "copy")))
        if found in (min, max) and len(node.args) == 1 and self.converts(node):
            return self.extreme(node, found)
        if found is sorted and len(node.args) == 1 and self.converts(node):
            return self.in_order(node)
        return self.operation(node, found)

    def operation(self, node: gast.Call, found: Any) -> gast.expr | None:
        """A call of a function of `operator` as the operator."""
        if found is None or node.keywords or not callable(found):
            return None
        args = node.args
        if any(isinstance(a, gast.Starred) for a in args):
            return None
        try:
            if found in BINARY and len(args) == 2:
                new = gast.BinOp(left=args[0], op=BINARY[found](), right=args[1])
            elif found in COMPARING and len(args) == 2:
                op = COMPARING[found]()
                new = gast.Compare(left=args[0], ops=[op], comparators=[args[1]])
            elif found in UNARY and len(args) == 1:
                new = gast.UnaryOp(op=UNARY[found](), operand=args[0])
            else:
                return None
        except TypeError:
            return None
        return self.flat(gast.copy_location(new, node))

    def as_generator(self, node: gast.expr) -> gast.GeneratorExp | None:
        """A generator expression that gives the same items; None for what is no iterator."""
        if isinstance(node, gast.GeneratorExp):
            return node
        if not isinstance(node, gast.Call) or any(isinstance(a, gast.Starred) for a in node.args):
            return None
        found = self.of(node.func)
        makers = {
            map: self.mapped,
            filter: self.filtered,
            itertools.chain: self.chained,
            itertools.product: self.product,
            itertools.accumulate: self.accumulated,
            itertools.islice: self.sliced,
            itertools.repeat: self.repeated,
            itertools.pairwise: self.pairs,
            itertools.combinations: self.combined,
            itertools.starmap: self.starmapped,
        }
        for function, make in makers.items():
            if found is function:
                return make(node)
        if found == itertools.chain.from_iterable and len(node.args) == 1:
            inner, outer = self.new("item"), self.new("items")
            return generator(name(inner), (inner, name(outer)), first=(outer, node.args[0]))
        return None

    def mapped(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`map(f, xs)` and `map(f, xs, ys)`."""
        if len(node.args) < 2 or node.keywords:
            return None
        function, *over = node.args
        items = [self.new("item") for _ in over]
        value = self.applied(function, [name(i) for i in items])
        if value is None:
            return None
        if len(over) == 1:
            return generator(value, (items[0], over[0]))
        row = gast.Tuple(elts=[target(i) for i in items], ctx=gast.Store())
        return generator(value, (row, call(name("zip"), *map(self.sequence, over))))

    def starmapped(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.starmap(f, rows)`."""
        if len(node.args) != 2 or not isinstance(node.args[0], (gast.Name, gast.Attribute)):
            return None
        row = self.new("row")
        starred = gast.Starred(value=name(row), ctx=gast.Load())
        return generator(call(node.args[0], starred), (row, node.args[1]))

    def filtered(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`filter(f, xs)`."""
        if len(node.args) != 2 or node.keywords:
            return None
        function, over = node.args
        item = self.new("item")
        none = isinstance(function, gast.Constant) and function.value is None
        test = name(item) if none else self.applied(function, [name(item)])
        return None if test is None else generator(name(item), (item, over), test=test)

    def applied(self, function: gast.expr, args: list[gast.expr]) -> gast.expr | None:
        """A function applied to names: the body of a lambda, else a call."""
        if isinstance(function, gast.Lambda):
            a = function.args
            plain = not (a.vararg or a.kwarg or a.kwonlyargs or a.defaults)
            parameters = [p.id for p in (*a.posonlyargs, *a.args)]
            inner = [n for n in walk(function.body) if isinstance(n, gast.Lambda)]
            if not plain or len(parameters) != len(args) or inner:
                return None
            if stores(function.body) & set(parameters):
                return None
            return Substitution(dict(zip(parameters, args, strict=True))).visit(
                copy.deepcopy(function.body)
            )
        if not isinstance(function, (gast.Name, gast.Attribute)):
            return None
        made = call(copy.deepcopy(function), *copy.deepcopy(args))
        return self.operation(made, self.of(function)) or made

    def chained(self, node: gast.Call) -> gast.GeneratorExp:
        """`itertools.chain(a, b)`."""
        whole = gast.List(elts=[gast.Starred(value=a, ctx=gast.Load()) for a in node.args])
        whole.ctx = gast.Load()
        item = self.new("item")
        return generator(name(item), (item, whole))

    def product(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.product(a, b)` and with `repeat=`."""
        over = [self.kept(a) for a in node.args]
        for k in node.keywords:
            if k.arg != "repeat" or not is_int(k.value):
                return None
            over = over * k.value.value
        if not over:
            return None
        items = [self.new("item") for _ in over]
        row = gast.Tuple(elts=[name(i) for i in items], ctx=gast.Load())
        return generator(row, *zip(items, copy.deepcopy(over), strict=True))

    def kept(self, node: gast.expr) -> gast.expr:
        """The name of a list of what is gone through more than once."""
        node = self.sequence(node)
        if isinstance(node, (gast.Name, gast.Constant)):
            return node
        label = self.new("items")
        listed = node if isinstance(node, (gast.List, gast.Tuple)) else call(name("list"), node)
        self.before.append(assign(label, self.flat(listed)))
        return name(label)

    def as_named_list(self, node: gast.expr) -> str:
        """The name of a list of the items of an iterable."""
        node = self.sequence(self.gone_through(node) if self.lazy(node) else node)
        if isinstance(node, gast.Name) and "|" in node.id:
            return node.id
        label = self.new("items")
        self.before.append(assign(label, call(name("list"), node)))
        return label

    def accumulated(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.accumulate(xs, f, initial=v)`, in a list that is made before."""
        options = {k.arg: k.value for k in node.keywords}
        function = node.args[1] if len(node.args) > 1 else options.pop("func", None)
        initial = options.pop("initial", None)
        if options or not node.args or len(node.args) > 2:
            return None
        totals, item = self.new("totals"), self.new("item")
        last = subscript(name(totals), constant(-1))
        value: gast.expr | None = gast.BinOp(left=last, op=gast.Add(), right=name(item))
        if function is not None:
            value = self.applied(function, [last, name(item)])
        if value is None:
            return None
        over: gast.expr = self.sequence(node.args[0])
        if initial is None:
            items = self.as_named_list(over)
            over = subscript(name(items), gast.Slice(lower=constant(1), upper=None, step=None))
            first = gast.Slice(lower=None, upper=constant(1), step=None)
            self.before.append(assign(totals, subscript(name(items), first)))
        else:
            start = gast.List(elts=[self.flat(initial)], ctx=gast.Load())
            self.before.append(assign(totals, start))
        new, value = self.captured(lambda: self.flat(value))
        push = gast.Expr(value=call(attribute(name(totals), "append"), value))
        self.before.append(loop(item, over, [*new, push]))
        item = self.new("item")
        return generator(name(item), (item, name(totals)))

    def reduced(self, node: gast.Call) -> gast.expr | None:
        """`functools.reduce(f, xs, start)` as a loop."""
        if len(node.args) not in (2, 3):
            return None
        total, item = self.new("total"), self.new("item")
        value = self.applied(node.args[0], [name(total), name(item)])
        if value is None:
            return None
        over: gast.expr = self.sequence(node.args[1])
        if len(node.args) == 3:
            self.before.append(assign(total, self.flat(node.args[2])))
        else:
            items = self.as_named_list(over)
            self.before.append(assign(total, subscript(name(items), constant(0))))
            over = subscript(name(items), gast.Slice(lower=constant(1), upper=None, step=None))
        new, value = self.captured(lambda: self.flat(value))
        self.before.append(loop(item, over, [*new, assign(total, value)]))
        return name(total)
