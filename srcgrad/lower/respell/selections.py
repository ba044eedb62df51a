"""Iterators of `itertools` that choose among the items of another."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import gast

from srcgrad.lower.respell.generators import generator, increased, is_int
from srcgrad.syntax.quote import call, constant, name, subscript, target


class Selections:
    """Rewrites `islice`, `repeat`, `pairwise` and `combinations`."""

    before: list[gast.stmt]

    # What `Iterators` and `Comprehend` define.
    def of(self, node: gast.expr) -> Any:
        """The builtin or library function that an expression names."""
        raise NotImplementedError

    def new(self, hint: str, role: str = "") -> str:
        """A name that no user has."""
        raise NotImplementedError

    def flat(self, node: gast.expr) -> gast.expr:
        """An expression without comprehensions."""
        raise NotImplementedError

    def sequence(self, node: gast.expr) -> gast.expr:
        """An iterable, in a list if it is one that can be gone through once."""
        raise NotImplementedError

    def captured(self, make: Callable[[], Any]) -> tuple[list[gast.stmt], Any]:
        """What making something puts before it, and what is made."""
        raise NotImplementedError

    def as_named_list(self, node: gast.expr) -> str:
        """The name of a list of the items of an iterable."""
        raise NotImplementedError

    def sliced(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.islice(xs, n)` of something finite."""
        over, *bounds = node.args
        if not 1 <= len(bounds) <= 3 or self.endless(over):
            return None
        items = self.as_named_list(over)
        lower, upper, step = (None, *bounds, None)[:3] if len(bounds) == 1 else (*bounds, None)[:3]
        cut = gast.Slice(lower=lower, upper=upper, step=step)
        item = self.new("item")
        return generator(name(item), (item, subscript(name(items), cut)))

    def endless(self, node: gast.expr) -> bool:
        """Whether an expression is an iterator that does not end."""
        if not isinstance(node, gast.Call):
            return False
        found = self.of(node.func)
        once = found is itertools.repeat and len(node.args) == 1 and not node.keywords
        return once or found in (itertools.count, itertools.cycle)

    def repeated(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.repeat(v, n)`."""
        if len(node.args) != 2 or node.keywords:
            return None
        item = self.new("item")
        display = gast.List(elts=[node.args[0]], ctx=gast.Load())
        many = gast.BinOp(left=display, op=gast.Mult(), right=node.args[1])
        return generator(name(item), (item, many))

    def pairs(self, node: gast.Call) -> gast.GeneratorExp:
        """`itertools.pairwise(xs)`."""
        items = self.as_named_list(node.args[0])
        rest = subscript(name(items), gast.Slice(lower=constant(1), upper=None, step=None))
        a, b = self.new("item"), self.new("item")
        row = gast.Tuple(elts=[target(a), target(b)], ctx=gast.Store())
        value = gast.Tuple(elts=[name(a), name(b)], ctx=gast.Load())
        return generator(value, (row, call(name("zip"), name(items), rest)))

    def combined(self, node: gast.Call) -> gast.GeneratorExp | None:
        """`itertools.combinations(xs, r)` with a small constant r."""
        if len(node.args) != 2 or not is_int(node.args[1]) or not 1 <= node.args[1].value <= 4:
            return None
        items = self.as_named_list(node.args[0])
        indices = [self.new(label) for label in "ijkl"[: node.args[1].value]]
        count = call(name("len"), name(items))
        loops: list[Any] = []
        for before, i in zip([None, *indices], indices, strict=False):
            start = [] if before is None else [increased(before)]
            loops.append((i, call(name("range"), *start, copy.deepcopy(count))))
        parts = [subscript(name(items), name(i)) for i in indices]
        return generator(gast.Tuple(elts=parts, ctx=gast.Load()), *loops)
