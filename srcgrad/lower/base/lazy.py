"""Iterators that compute as they are gone through: refused where that can be seen.

The values of `map(f, xs)` are computed at once here, in Python one after the other as they are
asked for. The two differ where other code, in between, changes what they are computed from.
"""

from __future__ import annotations

import itertools
import types
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.walk import blocks_in, children, walk

LAZY: tuple[Any, ...] = (
    *(map, filter, itertools.accumulate, itertools.chain, itertools.islice, itertools.starmap),
    *(itertools.takewhile, itertools.dropwhile, itertools.filterfalse, itertools.pairwise),
)
PASSING: tuple[Any, ...] = (zip, enumerate, *LAZY)
READING = (
    *("sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "dot", "copy", "item"),
    *("items", "keys", "values", "get", "index", "count", "astype", "argmax", "argmin", "tolist"),
    *("startswith", "endswith", "split", "strip", "lower", "upper", "format", "is_integer"),
)
EATING = ("extend", "join", "update")
PURE = ("builtins", "math", "numpy", "operator", "itertools", "functools", "cmath", "statistics")
DEFINED = (gast.FunctionDef, gast.Lambda)
SHOWN = (gast.ListComp, gast.SetComp, gast.GeneratorExp, gast.DictComp)


@dataclass
class Access:
    """What some code reads, binds and changes in place, by the names of variables."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)

    def without(self, names: AbstractSet[str]) -> Access:
        """All that is not about some names."""
        return Access(self.reads - names, self.binds - names, self.changes - names)


class Lazy:
    """Looks for iterators of one function whose values may depend on when they are computed.

    Args:
        function: the function, as it was loaded.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        node = function.node
        self.inner = {n.name: n for n in walk(node) if isinstance(n, gast.FunctionDef)}
        self.inner.pop(node.name, None)
        self.bound = bound_in(node) | set(function.parameters)
        self.same = {n: {n} for n in self.bound}

    def unite(self, s: gast.Assign | gast.For) -> None:
        """Note that the names of an assignment may stand for parts of one value."""
        value = s.value if isinstance(s, gast.Assign) else s.iter
        if isinstance(value, (gast.BinOp, gast.Compare, gast.Constant, *DEFINED)):
            return
        names = set(loads(value))
        for t in s.targets if isinstance(s, gast.Assign) else [s.target]:
            names |= stores(t) | loads(t)
        together = set().union(*(self.same[n] for n in names & self.same.keys()))
        for n in together:
            self.same[n] = together

    def meaning(self, node: gast.AST) -> Any:
        """What a name or an attribute of a module stands for; None if that is not known."""
        match node:
            case gast.Name(id=n) if n not in self.bound and self.function.binds(n):
                return self.function.lookup(n)
            case gast.Attribute(value=value, attr=label):
                base = self.meaning(value)
                if isinstance(base, (types.ModuleType, type)):
                    return getattr(base, label, None)
        return None

    def is_lazy(self, node: gast.AST) -> bool:
        """Whether an expression is a call that gives an iterator of computed values."""
        return isinstance(node, gast.Call) and among(self.meaning(node.func), LAZY)

    def access(self, *roots: gast.AST) -> Access:
        """What code reads and changes, with the inner functions that it names."""
        out = Access()
        for n in roots:
            self.add(n, out, frozenset())
        return out

    def add(self, n: gast.AST, out: Access, seen: frozenset[str]) -> None:
        """Add what one node reads and changes."""
        match n:
            case gast.FunctionDef() | gast.Lambda() | gast.GeneratorExp() | gast.ListComp():
                found = Access()
                for c in children(n):
                    self.add(c, found, seen)
                found = found.without(own_names(n))
                out.reads |= found.reads
                out.binds |= found.binds
                out.changes |= found.changes
                return
            case gast.Name(id=label, ctx=gast.Store() | gast.Del()):
                out.binds.add(label)
            case gast.Name(id=label) if label in self.inner:
                if label not in seen:
                    self.add(self.inner[label], out, seen | {label})
            case gast.Name(id=label, ctx=gast.Load()):
                out.reads.add(label)
            case gast.Subscript(value=base, ctx=gast.Store() | gast.Del()):
                out.changes |= loads(base)
            case gast.Attribute(value=base, ctx=gast.Store() | gast.Del()):
                out.changes |= loads(base)
            case gast.AugAssign(target=gast.Name(id=label)):
                out.reads.add(label)
                out.changes.add(label)
            case gast.Call() if not self.is_pure(n):
                for part in (n.func, *n.args, *(k.value for k in n.keywords)):
                    out.changes |= loads(part) - set(self.inner)
        for c in children(n):
            self.add(c, out, seen)

    def is_pure(self, node: gast.Call) -> bool:
        """Whether a call changes nothing that the names in it stand for."""
        if isinstance(node.func, gast.Attribute) and node.func.attr in READING:
            return True
        if isinstance(node.func, gast.Name) and node.func.id in self.inner:
            return not any(isinstance(a, gast.Name) for a in node.args)
        return is_library(self.meaning(node.func))

    def spoils(self, a: Access, b: Access) -> bool:
        """Whether one may change what the other reads."""
        changed = set().union(*(self.same.get(n, {n}) for n in a.changes))
        return bool(a.binds & (b.reads | b.binds) or changed & (b.reads | b.changes))

    def meet(self, a: Access, b: Access) -> bool:
        """Whether the order of the two may matter."""
        return self.spoils(a, b) or self.spoils(b, a)

    def check(self) -> None:
        """Refuse iterators whose values may depend on when they are computed."""
        node = self.function.node
        if not any(self.is_lazy(n) or isinstance(n, gast.GeneratorExp) for n in walk(node)):
            return
        for s in walk(node):
            if isinstance(s, (gast.Assign, gast.For)):
                self.unite(s)
        for block in blocks(node):
            for i, s in enumerate(block):
                self.check_loop(s)
                if isinstance(s, gast.Assign) and self.is_lazy(s.value):
                    self.check_named(s, block[i + 1 :])
        for n in walk(node):
            for kept in self.kept(n):
                if self.is_lazy(kept):
                    raise self.refused(kept)

    def kept(self, n: gast.AST) -> Iterator[gast.AST]:
        """Parts of a node that are kept, or handed on to what is not known."""
        match n:
            case gast.List() | gast.Tuple() | gast.Set():
                yield from n.elts
            case gast.Dict():
                yield from n.values
            case gast.Return(value=gast.AST() as value) | gast.Lambda(body=value):
                yield value
            case (
                gast.ListComp(elt=value) | gast.GeneratorExp(elt=value) | gast.DictComp(value=value)
            ):
                yield value
            case gast.Call():
                eats = isinstance(n.func, gast.Attribute) and n.func.attr in EATING
                if not eats and not is_library(self.meaning(n.func)):
                    yield from (*n.args, *(k.value for k in n.keywords))
            case gast.Assign(targets=[gast.Subscript() | gast.Attribute()], value=value):
                yield value

    def check_loop(self, s: gast.stmt) -> None:
        """Refuse a loop over such an iterator that changes what it is computed from."""
        loops: list[tuple[gast.expr, list[gast.AST]]] = []
        if isinstance(s, gast.For):
            loops.append((s.iter, [s.target, *s.body]))
        heads = [v for _, v in gast.iter_fields(s) if isinstance(v, gast.expr)]
        for n in (m for h in heads for m in walk(h)):
            if isinstance(n, SHOWN):
                given = [n.key, n.value] if isinstance(n, gast.DictComp) else [n.elt]
                tests = [t for g in n.generators for t in g.ifs]
                loops += [(g.iter, [*given, *tests]) for g in n.generators]
        for over, body in loops:
            for n in self.lazily(over, direct=True):
                if self.meet(self.access(n), self.access(*body)):
                    raise self.refused(n)

    def lazily(self, over: gast.AST, *, direct: bool) -> Iterator[gast.AST]:
        """The iterators that a loop goes through step by step."""
        if isinstance(over, gast.GeneratorExp) and not direct:
            yield over
        if isinstance(over, gast.Call) and among(self.meaning(over.func), PASSING):
            if self.is_lazy(over):
                yield over
            for a in over.args:
                yield from self.lazily(a, direct=False)

    def check_named(self, s: gast.Assign, after: list[gast.stmt]) -> None:
        """Refuse an iterator with a name if anything it meets comes before its values are used."""
        names = stores(*s.targets)
        if not isinstance(s.targets[0], gast.Name) or len(s.targets) > 1:
            return
        own = self.access(s.value)
        for t in after:
            if self.meet(own, self.access(t).without(names)):
                raise self.refused(s.value)
            if loads(t) & names:
                return

    def refused(self, node: gast.AST) -> Unsupported:
        """The error for an iterator."""
        what = "the values of this iterator are computed as they are asked for, which may be seen"
        hint = "Compute them in the loop itself, or make a list of them first: list(...)."
        return self.function.refuse(node, what, hint)


def own_names(n: gast.AST) -> set[str]:
    """The names that a function or a comprehension binds for itself."""
    if isinstance(n, (gast.GeneratorExp, gast.ListComp)):
        return {m for g in n.generators for m in stores(g.target)}
    given = {a.id for a in walk(n.args) if isinstance(getattr(a, "ctx", None), gast.Param)}
    if isinstance(n, gast.Lambda):
        return given
    outer = {m for s in walk(n) if isinstance(s, gast.Nonlocal) for m in s.names}
    return (given | bound_in(n)) - outer


def is_library(value: Any) -> bool:
    """Whether a function is one of Python's or numpy's, which change none of their arguments."""
    module = getattr(value, "__module__", None) or ""
    return isinstance(module, str) and module.split(".")[0] in PURE


def bound_in(node: gast.AST) -> set[str]:
    """All names that are bound somewhere below a node."""
    return {n.id for n in walk(node) if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)}


def blocks(node: gast.AST) -> Iterator[list[gast.stmt]]:
    """All blocks of a function, those of inner functions too."""
    for n in walk(node):
        if isinstance(n, gast.FunctionDef):
            yield n.body
        elif isinstance(n, gast.stmt):
            yield from blocks_in(n)


def among(value: Any, known: tuple[Any, ...]) -> bool:
    """Whether a value is one of some."""
    return any(value is k for k in known)


def check_lazy(function: Any) -> None:
    """Refuse iterators of a function whose values may depend on when they are computed."""
    Lazy(function).check()
