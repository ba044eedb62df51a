"""Calls in forward mode: functions of the user's give pairs, and lists of tangents change alike.

A call that changes something is taken out of the expression around it and keeps its place in the
order of evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.lower.base.program import Callee, Typed
from srcgrad.lower.base.rearranged import ASKING
from srcgrad.lower.base.trees import placed_at
from srcgrad.lower.memory.aliases import summarise
from srcgrad.lower.raising.raises import may_raise
from srcgrad.rules.expr import ZERO, leaf
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, target
from srcgrad.syntax.walk import heads, walk
from srcgrad.transform.tangents import Tangents

MIRRORED = ("append", "extend", "insert", "reverse", "clear", "pop")


class Calls(Tangents):
    """Calls that change something, and calls of functions of the user's."""

    program: Any
    pinned: set[gast.stmt]
    pop_sites: dict[str, int]
    duals: dict[gast.AST, tuple[str, list[gast.expr]]]
    dot_names: dict[gast.AST, str]

    def start(self, s: gast.stmt, out: str | None = None) -> None:
        """Start a statement: calls that change something are taken out of it, in order."""
        self.begin(out)
        self.duals: dict[gast.AST, tuple[str, list[str], list[gast.expr]]] = {}
        self.dot_names: dict[gast.AST, str] = {}
        for n in evaluated(s):
            if isinstance(n, gast.Call) and self.has_effect(n):
                self.effect(s, n)

    def has_effect(self, n: gast.Call) -> bool:
        """Whether a call changes a container or an array."""
        callee = self.typed.callees.get(n)
        if callee is None:
            return False
        if callee.tag == "method":
            return callee.target not in ASKING
        return callee.tag == "scatter" or (callee.tag == "user" and bool(written_operands(callee)))

    def effect(self, s: gast.stmt, n: gast.Call) -> None:
        """Take a call that changes something out of a statement, unless it is all of it."""
        callee = self.typed.callees[n]
        alone = isinstance(s, (gast.Assign, gast.Expr)) and s.value is n
        if isinstance(s, (gast.While, gast.If, gast.Assert)) and not self.is_active(n):
            return
        if not alone:
            if callee.tag != "user" and callee.target != "pop":
                raise self.function.refuse(
                    n,
                    "a call that changes a value stands inside an expression",
                    "Write it as a statement.",
                )
            self.check_order(s, n)
            self.hoist(n)
        if callee.tag == "user" and self.active_operands(callee):
            self.user_call(n)
        elif callee.target == "pop" and self.varies(n.func.value):
            self.pop(n, alone=alone)

    def is_active(self, n: gast.Call) -> bool:
        """Whether what a call changes, or is given, varies."""
        callee = self.typed.callees[n]
        if callee.tag == "method":
            return self.varies(n.func.value) or any(map(self.activity.depends, n.args))
        return any(isinstance(o, gast.AST) and self.activity.depends(o) for _, o in callee.operands)

    def varies(self, node: gast.expr) -> bool:
        """Whether a container is one that has a tangent."""
        while isinstance(node, gast.Subscript):
            node = node.value
        return isinstance(node, gast.Name) and node.id in self.activity.varied

    def check_order(self, s: gast.stmt, n: gast.Call) -> None:
        """Refuse a statement in which a value is read before a call changes it."""
        changed = {v for v in map(self.class_of, self.changed_by(n)) if v}
        inside = set(walk(n))
        for m in self.hoisted:
            inside |= set(walk(m))
        earlier = [m for m in evaluated(s, until=n) if m not in inside]
        if isinstance(s, gast.AugAssign) and n not in set(walk(s.target)):
            earlier.append(s.target)
        for m in earlier:
            if isinstance(m, (gast.Name, gast.Constant)) or m in self.hoisted:
                continue
            if any(self.class_of(v) in changed for v in loads(m) | stores(m)):
                raise self.function.refuse(
                    n, "this line reads a value and changes it in a call", "Use two lines."
                )

    def changed_by(self, n: gast.Call) -> Iterator[str]:
        """The variables whose memory a call changes."""
        callee = self.typed.callees[n]
        if callee.tag == "method":
            yield from loads(n.func.value)
        else:
            for o in written_operands(callee):
                yield from loads(o)

    def path_dot(self, node: gast.expr) -> Any:
        """A path of subscripts and transposes, of the tangent."""
        raise NotImplementedError

    def class_of(self, variable: str) -> str:
        """The representative of a variable's memory."""
        return self.aliases.find(variable) if variable in self.aliases.parent else variable

    def pop(self, n: gast.Call, *, alone: bool) -> None:
        """The tangent of `values.pop()`, which is taken once for each primal one."""
        base = n.func.value
        args = [self.node_text(a) for a in n.args]
        taken = call(attribute(self.path_dot(base), "pop"), *args)
        if alone:
            self.known[n] = leaf(taken, self.kind(n))
            return
        identifier = self.dot_names[n] = self.new(f"{self.hint(n)}_dot")
        new = assign(identifier, taken)
        self.extra.setdefault(n, []).append(new)
        if self.pop_sites.get(getattr(base, "id", ""), 0) > 1:
            self.pinned.add(new)
        self.known[n] = leaf(name(identifier), self.kind(n))

    def active_operands(self, callee: Callee) -> list[str]:
        """The parameters of a callee that vary in a call."""
        return [
            p for p, o in callee.operands if isinstance(o, gast.AST) and self.activity.depends(o)
        ]

    def user_call(self, n: gast.Call) -> Any:
        """The tangent of a call of another function of the user's: both come from one call."""
        if n in self.known:
            return self.known[n]
        callee = self.typed.callees[n]
        typed: Typed = callee.target
        wanted = self.active_operands(callee)
        operands = dict(callee.operands)
        dots = [self.passed(operands[p], p, typed) for p in wanted]
        self.duals[n] = (self.program.tangent(typed, tuple(wanted)), dots)
        s = self.owner[n]
        if not (getattr(s, "value", None) is n and self.takes_pair(s)) and n not in self.hoisted:
            self.hoist(n)
        identifier = self.dot_names[n] = self.new(f"{self.hint(n)}_dot")
        self.known[n] = leaf(name(identifier), self.kind(n)) if self.activity.depends(n) else ZERO
        return self.known[n]

    def takes_pair(self, s: gast.stmt) -> bool:
        """Whether a statement can take a value and its tangent from one call."""
        match s:
            case gast.Assign(targets=[t]):
                return all(
                    isinstance(n, (gast.Name, gast.Tuple, gast.List))
                    for n in walk(t)
                    if isinstance(n, gast.expr)
                )
        return isinstance(s, gast.Expr)

    def passed(self, o: gast.expr, p: str, typed: Typed) -> gast.expr:
        """The tangent of an argument; in memory of its own if the callee writes into it."""
        changed = summarise(typed)
        written = p in changed.parent and changed.is_written(p)
        return self.whole(o, typed.parameters[p], always=written or p in changed.returned)

    def dual(self, n: gast.Call) -> gast.Call:
        """The call that gives a value and its tangent."""
        function, dots = self.duals[n]
        callee = self.typed.callees[n]
        typed: Typed = callee.target
        operands = dict(callee.operands)
        args = [self.argument(operands, p, typed) for p in typed.function.parameters]
        return call(name(function), *args, *dots)

    def argument(self, operands: dict[str, Any], p: str, typed: Typed) -> gast.expr:
        """An argument of a callee."""
        if p in operands and isinstance(operands[p], gast.AST):
            return self.replaced(operands[p])
        value = operands[p].value if p in operands else default_of(typed, p)
        if isinstance(value, (int, float, str, type(None))):
            return constant(value)
        return name(self.text.bind(p, value))

    def before_statement(self, s: gast.stmt) -> list[gast.stmt]:
        """What has to come before a statement: values and tangents with names, in order."""
        out: list[gast.stmt] = []
        raising = may_raise(self.typed, self.world, s)
        for n in evaluated(s):
            if n in self.hoisted:
                value: gast.expr = self.dual(n) if n in self.duals else self.replaced(n, top=True)
                to: gast.expr = target(self.hoisted[n])
                if n in self.duals:
                    to = gast.Tuple(elts=[to, target(self.dot_names[n])], ctx=gast.Store())
                new = assign(to, value)
                placed_at(new, n, s)
                out.append(new)
                if raising or n in self.duals:
                    self.pinned.add(new)
            out += self.extra.get(n, ())
        return out


def evaluated(s: gast.stmt, until: gast.AST | None = None) -> Iterator[gast.AST]:
    """The expressions of a statement (of the head of a compound one) in the order of evaluation."""
    match s:
        case gast.Assign():
            roots: list[Any] = [s.value, *s.targets]
        case gast.AugAssign():
            roots = [s.target, s.value]
        case gast.For():
            roots = [s.iter]
        case _:
            roots = heads(s)
    stack: list[tuple[gast.AST, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        n, done = stack.pop()
        if done:
            if n is until:
                return
            yield n
            continue
        stack.append((n, True))
        stack += [(c, False) for c in reversed(list(gast.iter_child_nodes(n)))]


def written_operands(callee: Callee) -> list[gast.expr]:
    """The arguments of a call that the callee writes into."""
    inner = summarise(callee.target)
    return [
        o
        for p, o in callee.operands
        if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p)
    ]


def default_of(typed: Typed, p: str) -> Any:
    """The default of a parameter."""
    f = typed.function.object
    named = f.__kwdefaults__ or {}
    if p in named:
        return named[p]
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    return dict(zip(reversed(names), reversed(f.__defaults__ or ()), strict=False))[p]
