"""Which memory the names of a function may hold, before anything is typed.

Everything that an expression makes is known by the expression, and all that comes from outside of
the function is one thing. The order of statements is not looked at.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.lower.base import known
from srcgrad.lower.base.known import among, bound_in, captured, is_float
from srcgrad.syntax.parse import parse
from srcgrad.syntax.walk import children, nodes, walk

DISPLAYS = (gast.List, gast.Tuple, gast.Set, gast.Dict)
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
DEFINED = (gast.FunctionDef, gast.Lambda)
NUMERIC = (gast.Sub, gast.Div, gast.Pow, gast.MatMult, gast.FloorDiv)
OUTSIDE = "outside"
Things = set[Any]


class Holding:
    """What the names of a function may hold.

    Args:
        node: it.
        lookup: gives what a name from outside stands for, None if that is not known.
        asked: functions that are being looked at: those found pure hang on them.
        pure: what is known of other functions.
    """

    def __init__(
        self,
        node: gast.FunctionDef,
        lookup: Callable[[str], Any],
        asked: frozenset[types.CodeType] = frozenset(),
        pure: dict[types.CodeType, bool] | None = None,
    ) -> None:
        self.node, self.lookup, self.asked = node, lookup, asked
        self.pure = pure if pure is not None else {}
        self.names: dict[str, Things] = {n: set() for n in bound_in(node)}
        self.inside: dict[Any, Things] = {OUTSIDE: {OUTSIDE}}
        self.values: dict[gast.AST, Things] = {}
        self.given: dict[gast.AST, Things] = {}
        self.returned: dict[gast.AST, list[gast.AST]] = {}
        self.order = list(reversed(list(nodes(node))))
        for f in self.order:
            if isinstance(f, gast.FunctionDef):
                ends = [n for n in walk(f) if isinstance(n, (gast.Return, gast.Yield))]
                self.returned[f] = [n.value for n in ends if n.value is not None]
            elif isinstance(f, gast.Lambda):
                self.returned[f] = [f.body]
        self.grew = True
        while self.grew:
            self.grew = False
            for n in self.order:
                self.visit(n)

    def grow(self, held: Things, more: Iterable[Any]) -> None:
        """Add to what something may hold."""
        before = len(held)
        held.update(more)
        self.grew = self.grew or len(held) > before

    def put(self, things: Iterable[Any], more: Things) -> None:
        """Note that some things may lie inside of others."""
        for t in list(things):
            self.grow(self.inside.setdefault(t, set()), more)

    def reach(self, things: Iterable[Any]) -> Things:
        """Some things, and all that lies in them."""
        out = set(things)
        left = list(out)
        while left:
            more = self.inside.get(left.pop(), set()) - out
            out |= more
            left += more
        return out

    def of(self, *roots: gast.AST | None) -> Things:
        """What the values of expressions may be."""
        return set().union(*(self.values.get(n, set()) for n in roots if n is not None))

    def meaning(self, node: gast.AST) -> Any:
        """What a name or an attribute of a module stands for; None if that is not known."""
        labels = []
        while isinstance(node, gast.Attribute):
            labels.append(node.attr)
            node = node.value
        if not isinstance(node, gast.Name) or node.id in self.names:
            return None
        found = self.lookup(node.id)
        for label in reversed(labels):
            plain = isinstance(found, (types.ModuleType, type)) or known.is_library(found)
            found = getattr(found, label, None) if plain else None
        return found

    def bind(self, t: gast.AST, things: Things) -> None:
        """Note what is assigned to a target."""
        match t:
            case gast.Name(id=label):
                self.grow(self.names.get(label, self.inside[OUTSIDE]), things)
            case gast.Subscript(value=base) | gast.Attribute(value=base):
                self.put(self.of(base), things)
            case gast.Tuple(elts=parts) | gast.List(elts=parts):
                for p in parts:
                    self.bind(p, self.reach(things))
            case gast.Starred(value=part):
                self.values.setdefault(t, {t})
                self.put([t], self.reach(things))
                self.bind(part, {t})

    def assign(self, t: gast.AST, value: gast.expr) -> None:
        """Note an assignment; one of several values to as many targets is that of each."""
        shown = isinstance(value, (gast.Tuple, gast.List)) and isinstance(t, gast.Tuple)
        both = [*value.elts, *t.elts] if shown else []
        starred = any(isinstance(p, gast.Starred) for p in both)
        if not shown or starred or len(value.elts) != len(t.elts):
            self.bind(t, self.of(value))
            return
        for part, v in zip(t.elts, value.elts, strict=True):
            self.bind(part, self.of(v))

    def visit(self, n: gast.AST) -> None:
        """Note what one node makes and binds."""
        match n:
            case gast.Assign(value=value):
                for t in n.targets:
                    self.assign(t, value)
            case gast.AnnAssign(value=value) if value is not None:
                self.bind(n.target, self.of(value))
            case gast.AugAssign(target=t, value=value):
                self.put([n, *self.changed_by(n)], self.reach(self.of(value)) - {OUTSIDE})
                self.put([n], self.of(value) & {OUTSIDE})
                self.bind(t, {n})
            case gast.For(target=t, iter=over) | gast.comprehension(target=t, iter=over):
                self.bind(t, self.reach(self.of(over)))
            case gast.withitem(context_expr=value, optional_vars=t) if t is not None:
                self.bind(t, self.reach(self.of(value)))
            case gast.Match(subject=value):
                for label in (m for c in n.cases for m in captured(c.pattern)):
                    self.grow(self.names[label], self.reach(self.of(value)))
            case gast.FunctionDef() | gast.Lambda():
                self.define(n)
            case gast.expr() if not isinstance(getattr(n, "ctx", None), gast.Store):
                self.grow(self.values.setdefault(n, set()), self.made(n))

    def define(self, n: gast.FunctionDef | gast.Lambda) -> None:
        """Note what a function holds, and what it may be given."""
        for a in walk(n.args):
            if isinstance(a, gast.Name) and isinstance(a.ctx, gast.Param):
                self.grow(self.names[a.id], {OUTSIDE} | self.given.get(n, set()))
                spread = [d for d in (*n.args.defaults, *n.args.kw_defaults) if d is not None]
                self.grow(self.names[a.id], self.of(*spread))
        if n is self.node:
            return
        self.values.setdefault(n, {n})
        held = [m for m in walk(n) if isinstance(m, gast.Name) and isinstance(m.ctx, gast.Load)]
        self.put([n], self.of(*held))
        if isinstance(n, gast.FunctionDef):
            self.grow(self.names[n.name], {n})

    def made(self, n: gast.expr) -> Things:
        """What the value of an expression may be."""
        match n:
            case gast.Name(id=label, ctx=gast.Load()):
                if label in self.names:
                    held = self.names[label]
                    return held | self.inside[OUTSIDE] if OUTSIDE in held else held
                return self.from_outside(self.meaning(n))
            case gast.Attribute(value=base) if self.meaning(n) is not None:
                return self.from_outside(self.meaning(n))
            case gast.Attribute(value=base) | gast.Subscript(value=base):
                found = self.of(base)
                return found.union(*(self.inside.get(t, set()) for t in found))
            case gast.NamedExpr(target=t, value=value):
                self.bind(t, self.of(value))
                return self.of(value)
            case gast.IfExp(body=a, orelse=b):
                return self.of(a, b)
            case gast.BoolOp(values=parts):
                return self.of(*parts)
            case gast.Starred(value=value):
                return self.reach(self.of(value))
            case gast.Constant() | gast.JoinedStr():
                return set()
            case gast.Call():
                return self.called(n)
            case gast.BinOp(left=a, op=op, right=b):
                if not isinstance(op, NUMERIC) and not is_float(a) and not is_float(b):
                    self.put([n], self.reach(self.of(a, b)))
            case gast.List(elts=parts) | gast.Tuple(elts=parts) | gast.Set(elts=parts):
                self.put([n], self.of(*parts))
            case gast.Dict(keys=keys, values=values):
                self.put([n], self.reach(self.of(*values)) | self.of(*keys))
            case gast.DictComp(key=key, value=value):
                self.put([n], self.of(key, value))
            case gast.ListComp(elt=value) | gast.SetComp(elt=value) | gast.GeneratorExp(elt=value):
                self.put([n], self.of(value))
            case gast.Yield() | gast.YieldFrom() | gast.Await():
                return {OUTSIDE}
        return {n}

    def from_outside(self, value: Any) -> Things:
        """What something from outside may be: modules and functions of the library hold nothing."""
        no = gast.Call(func=gast.Pass(), args=[], keywords=[])
        plain = known.is_harmless(value, no) and not known.calls_others(value)
        plain = plain or isinstance(value, types.ModuleType)
        return set() if plain and value is not None else {OUTSIDE} | self.inside[OUTSIDE]

    def arguments(self, n: gast.Call) -> Things:
        """What a call is given."""
        return self.of(*n.args, *(k.value for k in n.keywords))

    def called(self, n: gast.Call) -> Things:
        """What the value of a call may be."""
        given, way, value = self.arguments(n), self.way(n), self.meaning(n.func)
        every = self.reach(given)
        functions = [f for f in every if isinstance(f, DEFINED)]
        if way == "own":
            functions = [f for f in self.of(n.func) if isinstance(f, DEFINED)]
        handed = given if way == "own" else every
        if way == "library" and known.calls_others(value):
            asked = known.called_by(value, n)
            rest = (a for a in (*n.args, *(k.value for k in n.keywords)) if a not in asked)
            handed = self.reach(self.of(*rest))
        for f in functions:
            self.grow(self.given.setdefault(f, set()), handed)
        back = set().union(*(self.of(*self.returned[f]) for f in functions))
        if way == "own":
            return back
        every |= self.reach(back)
        if way == "library":
            if among(value, known.NUMBERS) or among(value, known.FRESH) or hasattr(value, "nin"):
                return set() if among(value, known.NUMBERS) else {n}
            if among(value, (map, filter)):
                every = self.reach(self.of(*n.args[1:]) | back)
            self.put([n], every)
            return {n} if among(value, known.COLLECTING) else {n} | every
        if way in ("reads", "grows"):
            base = self.of(n.func.value)
            if way == "grows":
                self.put(base, every)
            elif n.func.attr == "copy":
                self.put([n], set().union(*(self.inside.get(t, set()) for t in base)))
                return {n}
            self.put([n], self.reach(base) | every)
            return {n} | self.reach(base) | every
        if way == "pure":
            every |= self.reach(self.of(n.func))
            self.put([n], every | {OUTSIDE})
            return {n, OUTSIDE} | every | self.inside[OUTSIDE]
        every |= self.reach(self.of(n.func))
        made = isinstance(value, type) and not known.is_library(value)
        if way == "unknown":
            self.put(every, {OUTSIDE})
            self.put([OUTSIDE], every)
            for f in every:
                if isinstance(f, DEFINED):
                    self.grow(self.given.setdefault(f, set()), every)
            every = every | {OUTSIDE}
        self.put([n], every)
        return {n} if made else {n} | every

    def way(self, n: gast.Call) -> str:
        """What is known of a call.

        Returns:
            "library" or "pure" where it changes nothing by itself, "reads" for such methods; "own"
            for functions defined here, "grows" for methods that change their container; "writes"
            where it changes no more than it is given, "unknown" otherwise.
        """
        value = self.meaning(n.func)
        if value is not None:
            if known.is_harmless(value, n):
                return "library" if self.calls_known(value, n) else "unknown"
            if known.is_library(value) and not known.calls_others(value):
                return "writes"
            handed = any(isinstance(t, DEFINED) for t in self.reach(self.arguments(n)))
            pure = isinstance(value, types.FunctionType) and not handed and self.is_pure(value)
            return "pure" if pure else "unknown"
        if isinstance(n.func, gast.Attribute):
            return self.way_of_method(n, n.func)
        found = {t for t in self.of(n.func) if not isinstance(t, (*DISPLAYS, *COMPREHENSIONS))}
        if not found:
            plain = len(n.args) == 1 and not n.keywords and not isinstance(n.args[0], gast.Starred)
            return "library" if plain else "writes"
        return "own" if all(isinstance(t, DEFINED) for t in found) else "unknown"

    def way_of_method(self, n: gast.Call, func: gast.Attribute) -> str:
        """What is known of a call of a method."""
        if any(k.arg in ("out", None) for k in n.keywords):
            return "unknown"
        base = self.of(func.value)
        if self.is_pure_method(func):
            return "pure"
        if any(self.class_of(t) is not None for t in base):
            return "unknown"
        if func.attr in known.READING:
            return "reads"
        own = (*DISPLAYS, *COMPREHENSIONS, gast.BinOp, gast.UnaryOp, gast.AugAssign, gast.Call)
        if OUTSIDE in self.reach(base) and func.attr not in known.GROWING:
            return "unknown"
        kept = base and OUTSIDE not in base and all(isinstance(t, own) for t in base)
        if not kept or any(isinstance(t, gast.Call) and self.way(t) != "library" for t in base):
            return "unknown"
        return "grows" if func.attr in known.GROWING else "writes"

    def calls_known(self, value: Any, n: gast.Call) -> bool:
        """Whether the functions that a function of the library calls are known."""
        if not known.calls_others(value):
            return True
        for a in known.called_by(value, n):
            stands, found = self.meaning(a), self.of(a)
            plain = gast.Call(func=a, args=[], keywords=[])
            if isinstance(stands, types.FunctionType) and not known.is_library(stands):
                fine = self.is_pure(stands)
            elif stands is not None:
                fine = known.is_harmless(stands, plain)
            elif isinstance(a, gast.Attribute):
                fine = self.is_pure_method(a)
            else:
                fine = all(isinstance(t, DEFINED) for t in found)
            if not fine:
                return False
        return True

    def is_pure_method(self, func: gast.Attribute) -> bool:
        """Whether an attribute is a method that changes nothing, of objects made here."""
        made = [self.class_of(t) for t in self.of(func.value)]
        methods = [None if m is None else vars(m).get(func.attr) for m in made]
        return bool(made) and all(
            isinstance(m, types.FunctionType) and self.is_pure(m) for m in methods
        )

    def class_of(self, thing: Any) -> type | None:
        """The user's class that something was made by; None for all else."""
        value = self.meaning(thing.func) if isinstance(thing, gast.Call) else None
        return value if isinstance(value, type) and not known.is_library(value) else None

    def acts_alone(self, thing: Any) -> bool:
        """Whether operators, or properties, of something may change it."""
        made = self.class_of(thing)
        return made is not None and not all(map(self.is_pure, known.implied(made)))

    def is_pure(self, fn: types.FunctionType) -> bool:
        """Whether a function of the user's changes nothing that is not its own."""
        code = fn.__code__
        if code in self.asked:
            return True
        if code not in self.pure:
            before = set(self.pure)
            found = self.finds_pure(fn)
            if not found:
                for other in self.pure.keys() - before:
                    del self.pure[other]
            self.pure[code] = found
        return self.pure[code]

    def finds_pure(self, fn: types.FunctionType) -> bool:
        """Look at the statements of a function."""
        try:
            node = parse(fn).node
        except (Unsupported, OSError, SyntaxError, TypeError):
            return False
        other = Holding(node, partial(known.outer, fn), self.asked | {fn.__code__}, self.pure)
        return not any(OUTSIDE in other.changed_by(n) for n in other.order)

    def changed_by(self, n: gast.AST) -> Things:
        """What one node may change in place."""
        match n:
            case gast.Subscript(value=base, ctx=gast.Store() | gast.Del()):
                return self.of(base)
            case gast.Attribute(value=base, ctx=gast.Store() | gast.Del()):
                return self.of(base) if self.meaning(base) is None else {OUTSIDE}
            case gast.AugAssign(target=gast.Name(id=label)):
                return set(self.names.get(label, {OUTSIDE}))
            case gast.AugAssign(target=gast.Subscript(value=base) | gast.Attribute(value=base)):
                found = self.of(base)
                return found.union(*(self.inside.get(t, set()) for t in found))
            case gast.Name(id=label, ctx=gast.Store() | gast.Del()) if label not in self.names:
                return {OUTSIDE}
            case gast.Call() if (way := self.way(n)) in ("grows", "writes", "unknown"):
                if way == "grows":
                    return self.of(n.func.value)
                found = self.reach(self.arguments(n) | self.of(n.func))
                return found if way == "writes" else self.reach(found | {OUTSIDE})
            case gast.expr():
                acting = {t for t in self.of(*children(n)) if self.acts_alone(t)}
                return self.reach(acting | {OUTSIDE}) if acting else set()
        return set()
