"""`match` as a chain of `if`: what each pattern tests, and what it binds.

Names are bound when the whole pattern fits, as Python does it, so a pattern is one test, whose
parts guard those behind them, and a list of assignments.
"""

from __future__ import annotations

import builtins
import copy
from dataclasses import dataclass, field

import gast

from srcgrad.lower.base.program import Function
from srcgrad.lower.base.trees import Substitution, placed
from srcgrad.syntax.lives import STATED, unused_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, negated, subscript
from srcgrad.syntax.walk import change_blocks, walk

OF_ITSELF = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
Block = list[gast.stmt]


@dataclass
class Fit:
    """What it takes for a pattern to fit, and what it binds then."""

    tests: list[gast.expr] = field(default_factory=list)
    bound: dict[str, gast.expr] = field(default_factory=dict)

    def test(self) -> gast.expr | None:
        """All tests as one expression; None if the pattern always fits."""
        if len(self.tests) > 1:
            return gast.BoolOp(op=gast.And(), values=self.tests)
        return self.tests[0] if self.tests else None


class Matching:
    """Rewrites the blocks of one function, whose tree is the pass's own."""

    def __init__(self, function: Function, node: gast.FunctionDef) -> None:
        self.function = function
        self.node = node
        self.names = {n.id for n in walk(node) if isinstance(n, gast.Name)}
        self.stored = {
            n.id
            for n in walk(node)
            if isinstance(n, gast.Name) and not isinstance(n.ctx, gast.Load)
        }

    def block(self, body: Block) -> Block:
        """Rewrite a block."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            out += self.statement(s) if isinstance(s, gast.Match) else [s]
        return out

    def statement(self, s: gast.Match) -> Block:
        """One `match` as a chain of `if`."""
        out: Block = []
        subject = s.subject
        captured = {
            getattr(n, "name", None) or getattr(n, "rest", None)
            for c in s.cases
            for n in walk(c.pattern)
        }
        if not (isinstance(subject, gast.Name) and subject.id not in captured):
            label = unused_name("subject", STATED, self.names)
            out.append(assign(label, subject))
            subject = name(label)
        fits = [self.pattern(case.pattern, subject) for case in s.cases]
        return [placed(n, s) for n in [*out, *self.chain(s, list(zip(s.cases, fits, strict=True)))]]

    def chain(self, s: gast.Match, cases: list[tuple[gast.match_case, Fit]]) -> Block:
        """The cases from one on."""
        if not cases:
            return []
        (case, fit), rest = cases[0], cases[1:]
        binds: Block = [assign(n, e) for n, e in fit.bound.items()]
        test = fit.test()
        if case.guard is None:
            return self.choice(test, [*binds, *case.body], self.chain(s, rest))
        if not fit.bound:
            both = gast.BoolOp(op=gast.And(), values=[test, case.guard]) if test else case.guard
            return self.choice(both, case.body, self.chain(s, rest))
        if not self.read_elsewhere(set(fit.bound), case):
            guard = Substitution(dict(fit.bound)).visit(copy.deepcopy(case.guard))
            both = gast.BoolOp(op=gast.And(), values=[*fit.tests, guard]) if test else guard
            return self.choice(both, [*binds, *case.body], self.chain(s, rest))
        flag = unused_name("matched", STATED, self.names)
        inside = gast.If(
            test=case.guard, body=[assign(flag, constant(True)), *case.body], orelse=[]
        )
        out: Block = [
            assign(flag, constant(False)),
            *self.choice(test, [*binds, inside], []),
        ]
        others = self.chain(s, rest)
        if others:
            out.append(gast.If(test=negated(name(flag)), body=others, orelse=[]))
        return out

    def choice(self, test: gast.expr | None, body: Block, orelse: Block) -> Block:
        """`if test: ... else: ...`, or the body alone."""
        return body if test is None else [gast.If(test=test, body=body, orelse=orelse)]

    def read_elsewhere(self, bound: set[str], case: gast.match_case) -> bool:
        """Whether a name that a case binds is read outside of it."""
        inside = {id(n) for n in walk(case)}
        return any(
            isinstance(n, gast.Name)
            and n.id in bound
            and isinstance(n.ctx, gast.Load)
            and id(n) not in inside
            for n in walk(self.node)
        )

    def pattern(self, p: gast.AST, subject: gast.expr) -> Fit:
        """What a pattern tests and binds."""
        match p:
            case gast.MatchValue():
                return Fit([compare(subject, gast.Eq(), p.value)])
            case gast.MatchSingleton():
                return Fit([compare(subject, gast.Is(), constant(p.value))])
            case gast.MatchAs(pattern=None):
                return Fit([], {p.name: copy.deepcopy(subject)} if p.name else {})
            case gast.MatchAs():
                fit = self.pattern(p.pattern, subject)
                return Fit(fit.tests, fit.bound | {p.name: copy.deepcopy(subject)})
            case gast.MatchOr():
                return self.alternatives(p, subject)
            case gast.MatchSequence():
                return self.sequence(p, subject)
            case gast.MatchMapping():
                return self.mapping(p, subject)
            case gast.MatchClass():
                return self.instance(p, subject)
        raise self.function.refuse(p, "this pattern is not supported", "Use `if` and `elif`.")

    def alternatives(self, p: gast.MatchOr, subject: gast.expr) -> Fit:
        """`A | B`: what is bound depends on which one fits."""
        fits = [self.pattern(q, subject) for q in p.patterns]
        tests = [f.test() for f in fits]
        always = next((i for i, t in enumerate(tests) if t is None), None)
        if always is not None:
            fits, tests = fits[: always + 1], tests[: always + 1]
        bound = dict(fits[-1].bound)
        for f, t in reversed(list(zip(fits[:-1], tests[:-1], strict=True))):
            for n, e in f.bound.items():
                assert t is not None
                bound[n] = gast.IfExp(test=copy.deepcopy(t), body=e, orelse=bound[n])
        if always is not None:
            return Fit([], bound)
        return Fit([gast.BoolOp(op=gast.Or(), values=tests)], bound)

    def sequence(self, p: gast.MatchSequence, subject: gast.expr) -> Fit:
        """`[a, *rest, b]` fits lists and tuples."""
        star = next((i for i, q in enumerate(p.patterns) if isinstance(q, gast.MatchStar)), None)
        kinds = gast.Tuple(elts=[self.own("list", p), self.own("tuple", p)], ctx=gast.Load())
        fit = Fit([call(self.own("isinstance", p), copy.deepcopy(subject), kinds)])
        length = call(self.own("len", p), copy.deepcopy(subject))
        least = len(p.patterns) - (star is not None)
        if star is None:
            fit.tests.append(compare(length, gast.Eq(), constant(least)))
        elif least:
            fit.tests.append(compare(length, gast.GtE(), constant(least)))
        for i, q in enumerate(p.patterns):
            behind = len(p.patterns) - 1 - i
            if isinstance(q, gast.MatchStar):
                if q.name:
                    end = constant(-behind) if behind else None
                    start = constant(i) if i else None
                    cut = gast.Slice(lower=start, upper=end, step=None)
                    items = subscript(copy.deepcopy(subject), cut)
                    fit.bound[q.name] = call(self.own("list", p), items)
                continue
            at = i if star is None or i < star else -1 - behind
            self.add(fit, q, subscript(copy.deepcopy(subject), constant(at)))
        return fit

    def mapping(self, p: gast.MatchMapping, subject: gast.expr) -> Fit:
        """`{"a": x}` fits dicts that have the keys."""
        if p.rest:
            raise self.function.refuse(
                p, "`**` in a pattern is not supported", "Name the keys that are needed."
            )
        fit = Fit([call(self.own("isinstance", p), copy.deepcopy(subject), self.own("dict", p))])
        for k in p.keys:
            fit.tests.append(compare(copy.deepcopy(k), gast.In(), subject))
        for k, q in zip(p.keys, p.patterns, strict=True):
            self.add(fit, q, subscript(copy.deepcopy(subject), copy.deepcopy(k)))
        return fit

    def instance(self, p: gast.MatchClass, subject: gast.expr) -> Fit:
        """`C(a, b=c)` fits instances of `C` whose attributes fit."""
        fit = Fit([call(self.own("isinstance", p), copy.deepcopy(subject), copy.deepcopy(p.cls))])
        attributes = list(p.kwd_attrs)
        patterns = list(p.patterns)
        if patterns:
            made = self.class_of(p.cls)
            if made in OF_ITSELF and len(patterns) == 1:
                self.add(fit, patterns[0], copy.deepcopy(subject))
                patterns = []
            else:
                names = getattr(made, "__match_args__", ())
                if len(patterns) > len(names):
                    what = f"`{made.__name__}` has {len(names)} positional patterns"
                    raise self.function.refuse(p, what, "Name the attributes.")
                attributes = [*names[: len(patterns)], *attributes]
        for a, q in zip(attributes, [*patterns, *p.kwd_patterns], strict=True):
            self.add(fit, q, attribute(copy.deepcopy(subject), a))
        return fit

    def class_of(self, node: gast.expr) -> type:
        """The class that a pattern names."""
        parts = []
        while isinstance(node, gast.Attribute):
            parts.append(node.attr)
            node = node.value
        found = None
        if isinstance(node, gast.Name) and node.id not in self.stored:
            found = self.function.lookup(node.id) if self.function.binds(node.id) else None
        for part in reversed(parts):
            found = getattr(found, part, None)
        if not isinstance(found, type):
            what = "this pattern is one of a class that is not known here"
            raise self.function.refuse(node, what, "Name the class at module level.")
        return found

    def add(self, fit: Fit, p: gast.AST, subject: gast.expr) -> None:
        """Add what a part of a pattern tests and binds."""
        inner = self.pattern(p, subject)
        fit.tests += inner.tests
        fit.bound |= inner.bound

    def own(self, label: str, p: gast.AST) -> gast.expr:
        """A builtin, which must mean what Python means by it."""
        if label in self.stored or self.function.lookup(label) is not getattr(builtins, label):
            raise self.function.refuse(p, f"this pattern needs `{label}`, which is rebound here")
        return name(label)


def compare(left: gast.expr, op: gast.AST, right: gast.expr) -> gast.expr:
    """`left op right`."""
    return gast.Compare(left=copy.deepcopy(left), ops=[op], comparators=[copy.deepcopy(right)])


def without_match(function: Function, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function without `match`, rewritten in place."""
    if any(isinstance(n, gast.Match) for n in walk(node)):
        node.body = Matching(function, node).block(node.body)
    return node
