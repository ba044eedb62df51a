"""Tangents of simple statements: each stands before its primal, or behind it if it reads the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, may_be_active, numeric
from srcgrad.lower.aliases import sources, summarise
from srcgrad.lower.evaluate import ast_operator
from srcgrad.lower.join import describe
from srcgrad.lower.program import Callee, Typed
from srcgrad.rules.expr import ZERO, leaf
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.transform.raises import may_raise
from srcgrad.transform.tangents import Tangents

CHANGING = ("append", "extend", "reverse", "clear", "pop")
PURE_METHODS = ("copy", "index", "count", "items", "keys", "values")


class Statements(Tangents):
    """Tangents of assignments, in-place operators, and calls that stand alone."""

    program: Any
    pinned: set[gast.stmt]
    pop_sites: dict[str, int]

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
            return callee.target not in PURE_METHODS
        return callee.tag == "scatter" or (callee.tag == "user" and bool(written_operands(callee)))

    def effect(self, s: gast.stmt, n: gast.Call) -> None:
        """Take a call that changes something out of a statement, unless it is all of it."""
        callee = self.typed.callees[n]
        alone = isinstance(s, (gast.Assign, gast.Expr)) and s.value is n
        if not alone:
            if callee.tag != "user" and callee.target != "pop":
                raise self.function.refuse(n, "a call that changes a value stands inside an expression", "Write it as a statement.")
            self.check_order(s, n)
            self.hoist(n)
        if callee.tag == "user" and self.active_operands(callee):
            self.user_call(n)
        elif callee.target == "pop" and self.varies(n.func.value):  # type: ignore[attr-defined]
            self.pop(n, alone=alone)

    def varies(self, node: gast.expr) -> bool:
        """Whether a container is one that has a tangent."""
        return isinstance(node, gast.Name) and node.id in self.activity.varied

    def check_order(self, s: gast.stmt, n: gast.Call) -> None:
        """Refuse a statement in which a value is read before a call changes it."""
        changed = {v for v in map(self.class_of, self.changed_by(n)) if v}
        inside = set(gast.walk(n))
        for m in self.hoisted:
            inside |= set(gast.walk(m))
        earlier = [m for m in evaluated(s, until=n) if m not in inside]
        if isinstance(s, gast.AugAssign) and n not in set(gast.walk(s.target)):
            earlier.append(s.target)
        for m in earlier:
            if isinstance(m, (gast.Name, gast.Constant)) or m in self.hoisted:
                continue
            if any(self.class_of(v) in changed for v in loads(m) | stores(m)):
                raise self.function.refuse(n, "this line reads a value and changes it in a call", "Use two lines.")

    def changed_by(self, n: gast.Call) -> Iterator[str]:
        """The variables whose memory a call changes."""
        callee = self.typed.callees[n]
        if callee.tag == "method":
            yield from loads(n.func.value)  # type: ignore[attr-defined]
        else:
            for o in written_operands(callee):
                yield from loads(o)

    def class_of(self, variable: str) -> str:
        """The representative of a variable's memory."""
        return self.aliases.find(variable) if variable in self.aliases.parent else variable

    def pop(self, n: gast.Call, *, alone: bool) -> None:
        """The tangent of `values.pop()`, which is taken once for each primal one."""
        base = n.func.value  # type: ignore[attr-defined]
        args = [self.node_text(a) for a in n.args]
        taken = call(attribute(name(self.dot_id(base.id)), "pop"), *args)
        if alone:
            self.known[n] = leaf(taken, self.kind(n))
            return
        identifier = self.dot_names[n] = self.new(f"{self.hint(n)}_dot")
        new = assign(identifier, taken)
        self.extra.setdefault(n, []).append(new)
        if self.pop_sites.get(base.id, 0) > 1:
            self.pinned.add(new)
        self.known[n] = leaf(name(identifier), self.kind(n))

    def active_operands(self, callee: Callee) -> list[str]:
        """The parameters of a callee that vary in a call."""
        return [p for p, o in callee.operands if isinstance(o, gast.AST) and self.activity.depends(o)]

    def user_call(self, n: gast.Call) -> Any:
        """The tangent of a call of another function of the user's: both come from one call."""
        if n in self.known:
            return self.known[n]
        callee = self.typed.callees[n]
        typed: Typed = callee.target
        wanted = self.active_operands(callee)
        operands = dict(callee.operands)
        dots = [self.passed(operands[p], p, typed) for p in wanted]
        self.duals[n] = (self.program.tangent(typed, tuple(wanted)), wanted, dots)
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
                return all(isinstance(n, (gast.Name, gast.Tuple, gast.List)) for n in gast.walk(t) if isinstance(n, gast.expr))
        return isinstance(s, gast.Expr)

    def passed(self, o: gast.expr, p: str, typed: Typed) -> gast.expr:
        """The tangent of an argument; in memory of its own if the callee writes into it."""
        changed = summarise(typed)
        written = p in changed.parent and changed.is_written(p)
        return self.whole(o, typed.parameters[p], always=written or returned(typed, p))

    def dual(self, n: gast.Call) -> gast.Call:
        """The call that gives a value and its tangent."""
        function, _, dots = self.duals[n]
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
                new.lineno, new.col_offset, new.end_lineno = n.lineno, n.col_offset, None
                out.append(new)
                if raising or n in self.duals:
                    self.pinned.add(new)
            out += self.extra.get(n, ())
        return out

    def assign(self, s: gast.Assign) -> list[gast.stmt]:
        """An assignment with the tangents of its targets."""
        simple = s.targets[0] if len(s.targets) == 1 and isinstance(s.targets[0], gast.Name) else None
        readable = simple is not None and simple.id not in loads(s.value)
        self.start(s, simple.id if readable and simple is not None else None)
        for t in s.targets:
            self.check_target(s, t)
        dots = [self.target_dot(t) for t in s.targets]
        found = [d for d in dots if d is not None]
        pair = self.paired(s, found)
        if pair is not None:
            return pair
        first: list[gast.stmt] = []
        after: list[gast.stmt] = []
        if found and self.activity.depends(s.value):
            new = self.tangent_assign(s, found, simple)
            (after if self.reads_target else first).append(new)
        elif found:
            for t in s.targets:
                self.cleared(t, s.value, first, after)
        if s.value in self.known and not found and self.known[s.value] is not ZERO:
            first.append(gast.Expr(value=self.text(self.known[s.value])))
        self.pin_pop(s, first)
        return [*self.before_statement(s), *first, self.primal(s), *after]

    def pin_pop(self, s: gast.Assign, new: list[gast.stmt]) -> None:
        """Keep a tangent that is taken from a list, if others are taken elsewhere."""
        callee = self.typed.callees.get(s.value)  # type: ignore[call-overload]
        if callee is not None and callee.target == "pop" and self.pop_sites.get(s.value.func.value.id, 0) > 1:  # type: ignore[attr-defined]
            self.pinned |= set(new)

    def paired(self, s: gast.Assign, found: list[gast.expr]) -> list[gast.stmt] | None:
        """`y, y_dot = f_jvp(...)` for an assignment of a call."""
        if s.value not in self.duals or s.value in self.hoisted:
            if self.activity.depends(s.value) and isinstance(s.value, gast.Call) and found:
                callee = self.typed.callees.get(s.value)
                if callee is not None and callee.tag == "user" and self.takes_pair(s):
                    self.user_call(s.value)
            if s.value not in self.duals or s.value in self.hoisted:
                return None
        to = gast.Tuple(elts=[self.replaced(s.targets[0]), found[0] if found else unused()], ctx=gast.Store())
        clear: list[gast.stmt] = []
        if found and not self.activity.depends(s.value):
            to.elts[1] = unused()
            self.cleared(s.targets[0], s.value, clear, clear)
        new = assign(to, self.dual(s.value))  # type: ignore[arg-type]
        self.at(new, s)
        self.pinned.add(new)
        return [*self.before_statement(s), new, *clear]

    def primal(self, s: gast.stmt) -> gast.stmt:
        """The user's statement, with values that got names by these names."""
        new = self.replaced(s)
        gast.copy_location(new, s)
        if hasattr(s, "end_lineno"):
            new.end_lineno = s.end_lineno
        if may_raise(self.typed, self.world, s) or self.is_visible(s):
            self.pinned.add(new)
        return new

    def is_visible(self, s: gast.stmt) -> bool:
        """Whether a statement changes memory that the caller may see."""
        roots: list[str] = []
        match s:
            case gast.Assign(targets=targets):
                roots = [v for t in targets for v in written_roots(t)]
            case gast.AugAssign(target=gast.Name(id=v)):
                roots = [v]
            case gast.AugAssign(target=t):
                roots = list(written_roots(t))
            case gast.Expr(value=gast.Call() as n) if self.has_effect(n):
                roots = [v for a in (n.func, *n.args) for v in loads(a)]
        outside = {self.class_of(p) for p in self.function.parameters}
        return any(self.class_of(v) in outside for v in roots)

    def at(self, new: gast.stmt, s: gast.stmt) -> gast.stmt:
        """Give a new statement the place of the user's that it is for."""
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return new

    def tangent_assign(self, s: gast.Assign, found: list[gast.expr], simple: gast.Name | None) -> gast.stmt:
        """The assignment of a tangent that varies."""
        if simple is not None:
            out = leaf(name(simple.id), self.kind(s.value)) if self.target is not None else None
            t = self.dot(s.value, self.typed.variables[simple.id], out)
            if t is ZERO:
                zero = self.zero_named(simple, simple.id, self.kind(simple), self.typed.variables[simple.id], s.value)
                self.reads_target = True
                return assign(found[0], zero)
            t = self.owned(t, s.value, simple.id)
            value = t.data if is_display(s.value) else self.text(t)
            want = None if is_display(s.value) else self.typed.variables[simple.id]
            return assign(found[0], self.recast(s.value, value, self.kind(s.value), want))
        t = s.targets[0]
        if len(s.targets) == 1 and isinstance(t, (gast.Tuple, gast.List)) and isinstance(s.value, (gast.Tuple, gast.List)):
            if not any(isinstance(e, gast.Starred) for e in (*t.elts, *s.value.elts)):
                return self.item_by_item(t, s.value)
        named = next((u.id for u in s.targets if isinstance(u, gast.Name)), None)
        value = self.whole(s.value, self.wanted_kind(t), to=named, always=any(map(self.in_container, s.targets)))
        return gast.Assign(targets=found, value=value, type_comment=None)

    def item_by_item(self, t: gast.Tuple | gast.List, value: gast.Tuple | gast.List) -> gast.stmt:
        """`a, b = c, d` by the items that vary."""
        pairs = list(self.pairs(t, value))
        if len(pairs) == 1:
            return assign(pairs[0][0], pairs[0][1])
        to = gast.Tuple(elts=[p[0] for p in pairs], ctx=gast.Store())
        return assign(to, gast.Tuple(elts=[p[1] for p in pairs], ctx=gast.Load()))

    def pairs(self, t: gast.expr, value: gast.expr) -> Iterator[tuple[gast.expr, gast.expr]]:
        """Tangents of targets, with those of the values that they get."""
        nested = isinstance(t, (gast.Tuple, gast.List)) and isinstance(value, (gast.Tuple, gast.List))
        if nested and not any(isinstance(e, gast.Starred) for e in (*t.elts, *value.elts)):  # type: ignore[attr-defined]
            for e, v in zip(t.elts, value.elts, strict=True):  # type: ignore[attr-defined]
                yield from self.pairs(e, v)
            return
        to = self.target_dot(t)
        if to is None:
            return
        if isinstance(t, gast.Subscript) and isinstance(self.kind(t.value), Array) and not self.activity.depends(value):
            yield to, constant(0.0)
        else:
            named = t.id if isinstance(t, gast.Name) else None
            yield to, self.whole(value, self.wanted_kind(t), to=named, always=self.in_container(t))

    def in_container(self, t: gast.expr) -> bool:
        """Whether a target is an item of a list or dict."""
        return isinstance(t, gast.Subscript) and not isinstance(self.kind(t.value), Array)

    def wanted_kind(self, t: gast.expr) -> Kind | None:
        """The kind that a value is to serve as for a target."""
        match t:
            case gast.Name(id=identifier):
                return self.typed.variables.get(identifier) if identifier in self.activity.varied else None
            case gast.Subscript() if not isinstance(self.kind(t.value), Array):
                base = self.kind(t.value)
                return base.item if isinstance(base, List) else self.kind(t)
            case gast.Tuple() | gast.List() if not any(isinstance(e, gast.Starred) for e in t.elts):
                items = tuple(self.wanted_kind(e) or Static(None) for e in t.elts)
                return Record(tuple, tuple(range(len(items))), items)
        return None

    def target_dot(self, t: gast.expr) -> gast.expr | None:
        """The tangent of a target; None if it has none."""
        match t:
            case gast.Name(id=identifier):
                return target(self.dot_id(identifier)) if identifier in self.activity.varied else None
            case gast.Subscript():
                root = next(iter(written_roots(t)), None)
                if root not in self.activity.varied:
                    return None
                new = self.path_dot(t)
                new.ctx = gast.Store()
                return new
            case gast.Starred():
                inner = self.target_dot(t.value)
                return None if inner is None else gast.Starred(value=inner, ctx=gast.Store())
            case gast.Tuple() | gast.List():
                dots = [self.target_dot(e) for e in t.elts]
                if all(d is None for d in dots):
                    return None
                elts = [d if d is not None else placeholder(e) for d, e in zip(dots, t.elts, strict=True)]
                return gast.Tuple(elts=elts, ctx=gast.Store())
        raise self.function.refuse(t, "this target is not supported", "Use names.")

    def path_dot(self, node: gast.expr) -> Any:
        """A path of subscripts and transposes, of the tangent."""
        match node:
            case gast.Name(id=identifier):
                return name(self.dot_id(identifier))
            case gast.Subscript():
                return subscript(self.path_dot(node.value), self.index(node.slice))
            case gast.Attribute(attr="T"):
                return attribute(self.path_dot(node.value), "T")
        raise self.function.refuse(node, "a subscript of this value is not supported", "Assign it to a name first.")

    def check_target(self, s: gast.Assign | gast.AugAssign, t: gast.expr) -> None:
        """Refuse writes that would lose a derivative, and indices that the statement itself changes."""
        if isinstance(t, (gast.Tuple, gast.List)):
            for e in t.elts:
                self.check_target(s, e)
        if not isinstance(t, gast.Subscript):
            return
        base = self.kind(t.value)
        if self.activity.depends(s.value) and isinstance(base, Array) and base.dtype.kind != "f":
            raise self.function.refuse(
                s, f"a value that varies is written into an array of {base.dtype}", "Make the array one of floats."
            )
        if isinstance(base, List) and isinstance(t.slice, gast.Slice):
            raise self.function.refuse(s, "a slice of a list is assigned", "Build a new list.")
        bound = stores(*s.targets) if isinstance(s, gast.Assign) else frozenset()
        if bound & loads(t.slice):
            raise self.function.refuse(s, "an index is bound by the statement that uses it", "Use two statements.")

    def cleared(self, t: gast.expr, value: gast.expr, first: list[gast.stmt], after: list[gast.stmt]) -> None:
        """Zeros for the tangents of targets of a value that does not vary."""
        match t:
            case gast.Name(id=identifier) if identifier in self.activity.varied:
                want = self.typed.variables[identifier]
                kind = self.kind(t)
                after.append(assign(self.dot_id(identifier), self.zero_named(t, identifier, kind, want, value)))
            case gast.Subscript() if (to := self.target_dot(t)) is not None:
                whole = isinstance(self.kind(t.value), Array)
                zero = constant(0.0) if whole else self.zero(value, self.wanted_kind(t))
                first.append(assign(to, zero))
            case gast.Tuple() | gast.List():
                for e in t.elts:
                    self.cleared(e, value, first, after)
            case gast.Starred():
                self.cleared(t.value, value, first, after)

    def zero_named(self, t: gast.expr, identifier: str, kind: Kind, want: Kind, value: gast.expr | None) -> gast.expr:
        """Zeros for a variable that has just got a value."""
        if value is not None and is_display(value) and self.kind(value) == kind:
            return self.zero(value, want)
        if isinstance(kind, Array) and (like := self.parameter_like(kind)) is not None:
            return self.zeros_of(t, like, kind, want)
        return self.zeros_of(t, name(identifier), kind, want)

    def augmented(self, s: gast.AugAssign) -> list[gast.stmt]:
        """`+=` and `-=` on an array, a list, or a part of one."""
        self.start(s)
        self.check_target(s, s.target)
        to = self.target_dot(s.target)
        first: list[gast.stmt] = []
        if to is not None:
            whole = isinstance(s.target, gast.Name)
            base = self.typed.kinds[s.target] if whole else self.kind(s.target.value)
            if isinstance(base, Array):
                first = self.added(s, to, base)
            elif whole:
                value = self.whole(s.value, List(item_of(self.typed.variables[s.target.id])))
                first = [gast.AugAssign(target=to, op=s.op, value=value)]
            else:
                first = [self.item_augmented(s, to)]
        if self.is_visible(s):
            self.pinned |= set(first)
        return [*self.before_statement(s), *first, self.primal(s)]

    def added(self, s: gast.AugAssign, to: gast.expr, base: Array) -> list[gast.stmt]:
        """The tangent of an in-place sum: the sum of tangents."""
        if not isinstance(s.op, (gast.Add, gast.Sub)):
            raise self.function.refuse(s, "this in-place operator is not supported", "Write an assignment.")
        if not self.activity.depends(s.value):
            return []
        if base.dtype.kind != "f":
            raise self.function.refuse(s, f"a value that varies is added to an array of {base.dtype}", "Make it one of floats.")
        return [gast.AugAssign(target=to, op=s.op, value=self.whole(s.value))]

    def item_augmented(self, s: gast.AugAssign, to: gast.expr) -> gast.stmt:
        """An in-place operator on a number in a list or dict."""
        t = s.target
        if numeric(self.kind(t)) is None or not self.free(t):
            raise self.function.refuse(s, "an in-place operator on this item is not supported", "Assign the item to a name first.")
        if isinstance(self.kind(t), Array) and isinstance(s.op, (gast.Add, gast.Sub)):
            return gast.AugAssign(target=to, op=s.op, value=self.whole(s.value))
        left = self.replaced(t)
        left.ctx = gast.Load()
        whole = gast.BinOp(left=left, op=s.op, right=s.value)
        self.typed.kinds[left] = self.kind(t)
        number = numeric(self.kind(s.value))
        assert number is not None
        self.typed.kinds[whole] = numeric(self.kind(t))  # type: ignore[assignment]
        old = self.path_dot(t)
        varies = may_be_active(self.kind(t))
        found = {left: leaf(old, self.kind(t)) if varies else ZERO}
        value = self.by_rule(whole, ast_operator(s.op), (("0", left), ("1", s.value)), None, found)
        if isinstance(self.kind(t), Array):
            to = subscript(old, constant(Ellipsis), store=True)
        return assign(to, constant(0.0) if value is ZERO else self.text(value))

    def expression(self, s: gast.Expr) -> list[gast.stmt]:
        """A call that stands alone."""
        self.start(s)
        n = s.value
        callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None  # type: ignore[call-overload]
        if callee is None:
            return [self.primal(s)]
        new: list[gast.stmt] = []
        if n in self.duals:
            only = self.at(gast.Expr(value=self.dual(n)), s)  # type: ignore[arg-type]
            self.pinned.add(only)
            return [*self.before_statement(s), only]
        if callee.tag == "method" and callee.target in CHANGING and self.varies(n.func.value):  # type: ignore[attr-defined]
            new = [self.list_change(n, callee)]  # type: ignore[arg-type]
        elif callee.tag == "scatter" and self.varies_at_root(n.args[0]) and self.activity.depends(n.args[2]):  # type: ignore[attr-defined]
            base, at, value = n.args  # type: ignore[attr-defined]
            new = [gast.Expr(value=call(self.replaced(n.func), self.path_dot(base), self.index(at), self.whole(value)))]  # type: ignore[attr-defined]
        elif callee.tag == "method" and callee.target not in (*CHANGING, *PURE_METHODS):
            raise self.function.refuse(s, f"`{callee.target}` of a list is not supported", "Use append and pop.")
        if self.is_visible(s):
            self.pinned |= set(new)
        return [*self.before_statement(s), *new, self.primal(s)]

    def varies_at_root(self, node: gast.expr) -> bool:
        """Whether an array that is written through a path has a tangent."""
        while isinstance(node, (gast.Subscript, gast.Attribute)):
            node = node.value
        return self.varies(node)

    def list_change(self, n: gast.Call, callee: Callee) -> gast.stmt:
        """The same change of a list of tangents."""
        base = n.func.value  # type: ignore[attr-defined]
        item = item_of(self.typed.variables[base.id])
        match callee.target:
            case "append":
                args = [self.whole(n.args[0], item, always=True)]
            case "extend":
                kind = self.kind(n.args[0])
                listed = isinstance(kind, (List, Record))
                args = [self.whole(n.args[0], List(item)) if listed else self.iterated(n.args[0])]
            case _:
                args = [self.node_text(a) for a in n.args]
        new = gast.Expr(value=call(attribute(name(self.dot_id(base.id)), callee.target), *args))
        if callee.target == "pop" and self.pop_sites.get(base.id, 0) > 1:
            self.pinned.add(new)
        return new


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
            roots = [v for k, v in gast.iter_fields(s) if k not in ("body", "orelse") and isinstance(v, gast.AST)]
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
        o for p, o in callee.operands if isinstance(o, gast.AST) and p in inner.parent and inner.is_written(p)  # type: ignore[misc]
    ]


def returned(typed: Typed, p: str) -> bool:
    """Whether the result of a callee may share memory with a parameter."""
    return p in summarise(typed).returned


def written_roots(t: gast.expr) -> Iterator[str]:
    """The variables whose memory a target writes."""
    match t:
        case gast.Tuple() | gast.List():
            for e in t.elts:
                yield from written_roots(e)
        case gast.Starred():
            yield from written_roots(t.value)
        case gast.Subscript():
            n: gast.expr = t
            while isinstance(n, (gast.Subscript, gast.Attribute)):
                n = n.value
            if isinstance(n, gast.Name):
                yield n.id


def default_of(typed: Typed, p: str) -> Any:
    """The default of a parameter."""
    f = typed.function.object
    if p in (f.__kwdefaults__ or {}):
        return f.__kwdefaults__[p]
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    return dict(zip(reversed(names), reversed(f.__defaults__ or ()), strict=False))[p]


def item_of(kind: Kind) -> Kind | None:
    """The kind of a list's items."""
    return kind.item if isinstance(kind, List) else None


def is_display(node: gast.AST) -> bool:
    """Whether an expression is a tuple, list or dict written out."""
    return isinstance(node, (gast.Tuple, gast.List, gast.Dict))


def unused() -> gast.expr:
    """A target for what nothing reads."""
    return target("_|i")


def placeholder(e: gast.expr) -> gast.expr:
    """A target for a part that has no tangent."""
    return gast.Starred(value=unused(), ctx=gast.Store()) if isinstance(e, gast.Starred) else unused()


__all__ = ["Statements", "Static", "sources"]
