"""Iterators that compute as they are gone through: refused where that can be seen.

The values of `map(f, xs)` are computed at once here, in Python one after the other as they are
asked for. The two differ where other code, in between, changes what they are computed from, and
where computing them changes something.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from srcgrad.errors import Unsupported
from srcgrad.lower.base.holding import COMPREHENSIONS, DEFINED, Holding, Things
from srcgrad.lower.base.known import among, is_accumulating, is_library
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.walk import blocks_in, children, walk

LAZY: tuple[Any, ...] = (
    *(map, filter, itertools.accumulate, itertools.chain, itertools.islice, itertools.starmap),
    *(itertools.takewhile, itertools.dropwhile, itertools.filterfalse, itertools.pairwise),
)
PASSING: tuple[Any, ...] = (zip, enumerate, *LAZY)
# What goes through an iterator at once, to its end.
EATERS: tuple[Any, ...] = (
    *(list, tuple, set, frozenset, dict, sum, sorted, max, min, math.prod, math.fsum, np.fromiter),
)
EATING = ("extend", "join", "update")


@dataclass
class Access:
    """What some code reads, binds and changes: names of variables, and what they hold."""

    names: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    reads: Things = field(default_factory=set)
    changes: Things = field(default_factory=set)

    def spoils(self, other: Access) -> bool:
        """Whether it may change what the other reads."""
        names = self.binds & (other.names | other.binds)
        return bool(names or self.changes & (other.reads | other.changes))

    def meets(self, other: Access) -> bool:
        """Whether the order of the two may matter."""
        return self.spoils(other) or other.spoils(self)


class Lazy:
    """Looks for iterators of one function whose values may depend on when they are computed.

    Args:
        function: the function, as it was loaded.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.held = Holding(function.node, self.lookup)
        every = list(walk(function.node))
        self.parents = {c: n for n in every for c in children(n)}
        self.streams = [n for n in every if self.is_stream(n)]

    def lookup(self, label: str) -> Any:
        """What a name from outside stands for; None if that is not known."""
        return self.function.lookup(label) if self.function.binds(label) else None

    def is_lazy(self, node: gast.AST) -> bool:
        """Whether an expression is a call that gives an iterator of computed values."""
        return isinstance(node, gast.Call) and among(self.held.meaning(node.func), LAZY)

    def is_stream(self, node: gast.AST) -> bool:
        """Whether an expression is gone through step by step."""
        if isinstance(node, gast.Call):
            return among(self.held.meaning(node.func), PASSING)
        return isinstance(node, gast.GeneratorExp)

    def access(self, *roots: gast.AST, hidden: Iterable[str] = ()) -> Access:
        """What code reads and changes, with the functions defined here that it may call.

        Args:
            roots: the code.
            hidden: names that it binds for itself.
        """
        out = Access()
        left = [(r, frozenset(hidden)) for r in roots]
        seen: set[gast.AST] = set()
        while left:
            n, own = left.pop()
            out.changes |= self.held.changed_by(n)
            if isinstance(n, (*DEFINED, *COMPREHENSIONS)):
                seen.add(n)
                own |= own_names(n)
            if isinstance(n, gast.Name) and n.id not in own:
                (out.names if isinstance(n.ctx, gast.Load) else out.binds).add(n.id)
            if isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name):
                out.names |= {n.target.id} - own
            if isinstance(n, gast.expr):
                found = self.held.reach(self.held.of(n))
                out.reads |= found
                functions = [f for f in found if isinstance(f, DEFINED) and f not in seen]
                seen.update(functions)
                left += [(f, frozenset()) for f in functions]
            left += [(c, own) for c in children(n)]
        return out

    def parts(self, top: gast.AST) -> list[Access]:
        """What each of the iterators that work together reads and changes."""
        out: list[Access] = []
        left = [top]
        while left:
            n = left.pop()
            if isinstance(n, gast.GeneratorExp):
                over = [g.iter for g in n.generators]
                mine = [n.elt, *(t for g in n.generators for t in g.ifs)]
            else:
                over = [a.value if isinstance(a, gast.Starred) else a for a in n.args]
                over += [k.value for k in n.keywords]
                mine = []
            left += [m for m in over if self.is_stream(m)]
            mine += [m for m in over if not self.is_stream(m)]
            found = self.access(*mine, hidden=own_names(n))
            if isinstance(n, gast.Call):
                found.changes |= self.held.changed_by(n)
            out.append(found)
        return out

    def check(self) -> None:
        """Refuse iterators whose values may depend on when they are computed."""
        for n in self.streams:
            if not self.is_stream(self.outer(n)):
                inner = [m for m in walk(n) if self.is_lazy(m)]
                if inner or not self.is_plain(n):
                    self.check_one(n)
        for n in walk(self.function.node):
            if isinstance(n, gast.FunctionDef):
                self.check_block(n.body)
            elif isinstance(n, gast.stmt):
                for block in blocks_in(n):
                    self.check_block(block)

    def outer(self, n: gast.AST) -> gast.AST:
        """What goes through an iterator, or holds it."""
        up = self.parents[n]
        if isinstance(up, (gast.Starred, gast.keyword)):
            return self.parents[up]
        if isinstance(up, gast.comprehension):
            return self.parents[up] if n is up.iter else up
        return up

    def is_plain(self, n: gast.AST) -> bool:
        """Whether an iterator goes through what is there already."""
        if isinstance(n, gast.Call):
            return not any(isinstance(a, gast.GeneratorExp) for a in n.args)
        return not isinstance(self.parents[n], (gast.Call, gast.keyword))

    def check_one(self, top: gast.AST) -> None:
        """Refuse an iterator, unless it is gone through at once or beside code it does not meet."""
        parts = self.parts(top)
        acting = any(p.changes for p in parts)
        apart = not any(a.meets(b) for a, b in itertools.combinations(parts, 2))
        up = self.outer(top)
        match up:
            case gast.Call():
                value = self.held.meaning(up.func)
                eats = isinstance(up.func, gast.Attribute) and up.func.attr in EATING
                fits = among(value, EATERS) or not acting
                if not eats and not is_library(value):
                    fits = isinstance(top, gast.GeneratorExp)
                fits = fits or (eats and not acting)
                others = [a for a in (*up.args, *up.keywords) if a is not top]
                others += [up.func.value] if eats else []
                beside = self.access(*(o for o in others if top not in walk(o)))
                if eats or is_accumulating(value):
                    beside.changes |= self.held.changed_by(up)
                fits = fits and not any(p.meets(beside) for p in parts)
            case gast.For():
                fits = not acting and not self.is_tried(up)
                fits = fits or isinstance(top, gast.GeneratorExp)
                fits = fits and not self.meets(parts, top, [up.target, *up.body])
            case gast.ListComp() | gast.SetComp() | gast.DictComp():
                shown = [up.key, up.value] if isinstance(up, gast.DictComp) else [up.elt]
                shown += [t for g in up.generators for t in g.ifs]
                fits = not acting and not self.meets(parts, top, shown)
            case gast.Assign(targets=[gast.Name() | gast.Tuple() | gast.List()]):
                fits = not acting
            case gast.Set() | gast.List() | gast.Tuple():
                fits = isinstance(self.parents[top], gast.Starred)
            case _:
                fits = not self.is_lazy(top)
        if not fits or not (apart or (isinstance(up, gast.Call) and len(parts) == 1)):
            raise self.refused(top)

    def meets(self, parts: list[Access], top: gast.AST, body: list[gast.AST]) -> bool:
        """Whether an iterator meets what runs between its steps; a generator is a loop itself."""
        beside = self.access(*body)
        parts = parts[1:] if isinstance(top, gast.GeneratorExp) else parts
        return any(p.meets(beside) for p in parts)

    def is_tried(self, n: gast.AST) -> bool:
        """Whether errors of a statement may be caught."""
        while n in self.parents:
            n = self.parents[n]
            if isinstance(n, gast.Try) and n.handlers:
                return True
        return False

    def check_block(self, block: list[gast.stmt]) -> None:
        """Refuse iterators with a name that meet something before their values are used."""
        for i, s in enumerate(block):
            if isinstance(s, gast.Assign) and self.is_lazy(s.value):
                if isinstance(s.targets[0], gast.Name):
                    self.check_named(s, s.targets[0].id, block[i + 1 :])

    def check_named(self, s: gast.Assign, label: str, after: list[gast.stmt]) -> None:
        """Refuse an iterator with a name, unless one statement of the same block uses it up."""
        node = self.function.node
        every = [n for n in walk(node) if isinstance(n, gast.Name) and n.id == label]
        used = [n for n in every if isinstance(n.ctx, gast.Load)]
        parts = self.parts(s.value)
        inside: set[gast.AST] = set()
        for t in after:
            beside = self.access(t)
            beside.names.discard(label)
            beside.reads -= {s.value}
            if any(p.meets(beside) for p in parts) or self.is_tried(t):
                raise self.refused(s.value)
            if label in loads(t):
                inside = set(walk(t))
                break
        alone = len(every) == len(used) + 1 and len(s.targets) == 1
        if not alone or not all(n in inside and self.is_used_up(n) for n in used):
            raise self.refused(s.value)

    def is_used_up(self, n: gast.AST) -> bool:
        """Whether a name stands where an iterator is gone through at once."""
        up = self.outer(n)
        match up:
            case gast.Call():
                value = self.held.meaning(up.func)
                eats = isinstance(up.func, gast.Attribute) and up.func.attr in EATING
                return eats or (is_library(value) and n is not up.func and value is not iter)
            case gast.For(iter=over):
                return over is n
            case gast.Assign(targets=[gast.Tuple() | gast.List()]):
                return True
            case gast.ListComp() | gast.SetComp() | gast.DictComp() | gast.GeneratorExp():
                return isinstance(self.parents[n], gast.comprehension)
        return isinstance(self.parents[n], gast.Starred)

    def refused(self, node: gast.AST) -> Unsupported:
        """The error for an iterator."""
        what = "the values of this iterator are computed as they are asked for, which may be seen"
        hint = "Compute them in the loop itself, or make a list of them first: list(...)."
        return self.function.refuse(node, what, hint)


def own_names(n: gast.AST) -> frozenset[str]:
    """The names that a function or a comprehension binds for itself."""
    if isinstance(n, COMPREHENSIONS):
        return frozenset(m for g in n.generators for m in stores(g.target))
    if not isinstance(n, DEFINED):
        return frozenset()
    given = {a.id for a in walk(n.args) if isinstance(getattr(a, "ctx", None), gast.Param)}
    if isinstance(n, gast.Lambda):
        return frozenset(given)
    shared = {m for s in walk(n) if isinstance(s, (gast.Nonlocal, gast.Global)) for m in s.names}
    return frozenset((given | stores(n)) - shared)


def check_lazy(function: Any) -> None:
    """Refuse iterators of a function whose values may depend on when they are computed."""
    node = function.node
    if any(isinstance(n, gast.GeneratorExp) or may_be_lazy(n) for n in walk(node)):
        Lazy(function).check()


def may_be_lazy(n: gast.AST) -> bool:
    """Whether a node may name one of the functions that give such iterators."""
    labels = {f.__name__ for f in LAZY}
    return (isinstance(n, gast.Name) and n.id in labels) or (
        isinstance(n, gast.Attribute) and n.attr in labels
    )
