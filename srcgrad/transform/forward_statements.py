"""Tangents of simple statements: before the primal, or behind it if they read the result."""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad.kinds import Array, Kind, List, Record, may_be_active, numeric
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.rearranged import ASKING
from srcgrad.lower.inference.evaluate import ast_operator
from srcgrad.lower.raising.raises import may_raise
from srcgrad.rules.expr import ZERO, leaf
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.forward_calls import MIRRORED
from srcgrad.transform.forward_targets import Targets, is_display, unused, written_roots
from srcgrad.transform.shapes import loses


class Statements(Targets):
    """Tangents of assignments, in-place operators, and calls that stand alone."""

    def assign(self, s: gast.Assign) -> list[gast.stmt]:
        """An assignment with the tangents of its targets."""
        simple = (
            s.targets[0] if len(s.targets) == 1 and isinstance(s.targets[0], gast.Name) else None
        )
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
        if self.is_visible(s):
            self.pinned |= {*first, *after}
        if s.value in self.known and not found and self.known[s.value] is not ZERO:
            first.append(gast.Expr(value=self.text(self.known[s.value])))
        self.pin_pop(s, first)
        return [*self.before_statement(s), *first, self.primal(s), *after]

    def pin_pop(self, s: gast.Assign, new: list[gast.stmt]) -> None:
        """Keep a tangent that is taken from a list, if others are taken elsewhere."""
        callee = self.typed.callees.get(s.value)
        if (
            callee is not None
            and callee.target == "pop"
            and self.pop_sites.get(getattr(s.value.func.value, "id", ""), 0) > 1
        ):
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
        to = gast.Tuple(
            elts=[self.replaced(s.targets[0]), found[0] if found else unused()], ctx=gast.Store()
        )
        clear: list[gast.stmt] = []
        if found and not self.activity.depends(s.value):
            to.elts[1] = unused()
            self.cleared(s.targets[0], s.value, clear, clear)
        new = assign(to, self.dual(s.value))
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
        """Whether a statement changes memory that the caller or another name may see."""
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
        if not roots:
            return False
        outside = {self.class_of(p) for p in self.function.parameters}
        return any(self.class_of(v) in outside or len(self.aliases.members(v)) > 1 for v in roots)

    def at(self, new: gast.stmt, s: gast.stmt) -> gast.stmt:
        """Give a new statement the place of the user's that it is for."""
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return new

    def tangent_assign(
        self, s: gast.Assign, found: list[gast.expr], simple: gast.Name | None
    ) -> gast.stmt:
        """The assignment of a tangent that varies."""
        if simple is not None:
            out = leaf(name(simple.id), self.kind(s.value)) if self.target is not None else None
            t = self.dot(s.value, self.typed.variables[simple.id], out)
            if t is ZERO:
                zero = self.zero_named(
                    simple, simple.id, self.kind(simple), self.typed.variables[simple.id], s.value
                )
                self.reads_target = True
                return assign(found[0], zero)
            t = self.owned(t, s.value, simple.id)
            value = t.data if is_display(s.value) else self.text(t)
            want = None if is_display(s.value) else self.typed.variables[simple.id]
            return assign(found[0], self.recast(s.value, value, self.kind(s.value), want))
        t = s.targets[0]
        if (
            len(s.targets) == 1
            and isinstance(t, (gast.Tuple, gast.List))
            and isinstance(s.value, (gast.Tuple, gast.List))
        ):
            if not any(isinstance(e, gast.Starred) for e in (*t.elts, *s.value.elts)):
                return self.item_by_item(t, s.value)
        named = next((u.id for u in s.targets if isinstance(u, gast.Name)), None)
        value = self.whole(
            s.value, self.wanted_kind(t), to=named, always=any(map(self.in_container, s.targets))
        )
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
        nested = isinstance(t, (gast.Tuple, gast.List)) and isinstance(
            value, (gast.Tuple, gast.List)
        )
        if nested and not any(isinstance(e, gast.Starred) for e in (*t.elts, *value.elts)):
            for e, v in zip(t.elts, value.elts, strict=True):
                yield from self.pairs(e, v)
            return
        to = self.target_dot(t)
        if to is None:
            return
        if (
            isinstance(t, gast.Subscript)
            and isinstance(self.kind(t.value), Array)
            and not self.activity.depends(value)
        ):
            yield to, constant(0.0)
        else:
            named = t.id if isinstance(t, gast.Name) else None
            yield to, self.whole(value, self.wanted_kind(t), to=named, always=self.in_container(t))

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
            raise self.function.refuse(
                s, "this in-place operator is not supported", "Write an assignment."
            )
        if not self.activity.depends(s.value):
            return []
        if loses(base, self.kind(s.value)):
            raise self.function.refuse(
                s,
                f"a value that varies is added to an array of {base.dtype}",
                "Make it one of floats.",
            )
        return [gast.AugAssign(target=to, op=s.op, value=self.whole(s.value))]

    def item_augmented(self, s: gast.AugAssign, to: gast.expr) -> gast.stmt:
        """An in-place operator on a number in a list or dict."""
        t = s.target
        if numeric(self.kind(t)) is None or not self.free(t):
            raise self.function.refuse(
                s,
                "an in-place operator on this item is not supported",
                "Assign the item to a name first.",
            )
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

    def deletion(self, s: gast.Delete) -> list[gast.stmt]:
        """`del d[k]`, of the tangents too."""
        self.start(s)
        (t,) = s.targets
        new: list[gast.stmt] = []
        if self.varies(t.value):
            part = self.path_dot(t)
            part.ctx = gast.Del()
            new = [gast.Delete(targets=[part])]
        if self.is_visible(s):
            self.pinned |= set(new)
        return [*self.before_statement(s), *new, self.primal(s)]

    def expression(self, s: gast.Expr) -> list[gast.stmt]:
        """A call that stands alone."""
        self.start(s)
        n = s.value
        callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
        if callee is None:
            return [self.primal(s)]
        new: list[gast.stmt] = []
        if n in self.duals:
            only = self.at(gast.Expr(value=self.dual(n)), s)
            self.pinned.add(only)
            return [*self.before_statement(s), only]
        if callee.tag == "method" and callee.target in MIRRORED and self.varies(n.func.value):
            new = [self.list_change(n, callee)]
        elif (
            callee.tag == "scatter"
            and self.varies_at_root(n.args[0])
            and self.activity.depends(n.args[2])
        ):
            base, at, value = n.args
            new = [
                gast.Expr(
                    value=call(
                        self.replaced(n.func),
                        self.path_dot(base),
                        self.index(at),
                        self.whole(value),
                    )
                )
            ]
        elif (
            callee.tag == "method"
            and callee.target not in (*MIRRORED, *ASKING)
            and isinstance(self.kind(n.func.value), (List, Record))
        ):
            raise self.function.refuse(
                s, f"`{callee.target}` of a list is not supported", "Use append and pop."
            )
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
        base = n.func.value
        kind = self.typed.variables[base.id] if isinstance(base, gast.Name) else self.kind(base)
        item = item_of(kind)
        match callee.target:
            case "insert":
                args = [self.node_text(n.args[0]), self.whole(n.args[1], item, always=True)]
            case "append":
                args = [self.whole(n.args[0], item, always=True)]
            case "extend":
                kind = self.kind(n.args[0])
                listed = isinstance(kind, (List, Record))
                args = [self.whole(n.args[0], List(item)) if listed else self.iterated(n.args[0])]
            case _:
                args = [self.node_text(a) for a in n.args]
        new = gast.Expr(value=call(attribute(self.path_dot(base), callee.target), *args))
        if callee.target == "pop" and self.pop_sites.get(getattr(base, "id", ""), 0) > 1:
            self.pinned.add(new)
        return new


def item_of(kind: Kind) -> Kind | None:
    """The kind of a list's items."""
    return kind.item if isinstance(kind, List) else None
