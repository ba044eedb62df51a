"""The adjoint of one statement as text: temporaries, restore, contributions, in a safe order."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, numeric
from srcgrad.rules.algebra import key, total
from srcgrad.rules.expr import Expr, helper, leaf
from srcgrad.rules.project import materialise
from srcgrad.syntax.lives import STEP
from srcgrad.syntax.quote import assign, name
from srcgrad.transform.buffers import Buffers
from srcgrad.transform.cotangents import (
    Place,
    fresh,
    names_of,
    trivial,
)
from srcgrad.transform.push import BackwardCall, Contribution, Temporary, weight
from srcgrad.transform.shapes import fits
from srcgrad.transform.terms import (
    comparisons,
    costly,
    divisors,
    simplified,
    trivial_scalar,
    with_names,
)
from srcgrad.transform.text import COMPARISONS, copied


def comes_after(op: Temporary | BackwardCall) -> bool:
    """Whether a step comes after the restore: if it does not read what the statement gives."""
    return not (isinstance(op, Temporary) and op.early)


class Group(Buffers):
    """Writes the contributions that `push` found."""

    def emit(
        self, restore: list[gast.stmt], resets: list[gast.Subscript] | None = None
    ) -> list[gast.stmt]:
        """The statements of the group.

        Args:
            restore: puts back what the statement overwrote.
            resets: the parts of buffers that the statement overwrote.
        """
        self.out = []
        self.written_parts: dict[str, set[int]] = {}
        known: dict[str, Expr] = {}
        uses = self.readers = self.count_uses()
        self.restore = restore
        self.restored = False
        for op in sorted(self.ops, key=comes_after):
            if comes_after(op):
                self.put_back()
            if isinstance(op, BackwardCall):
                self.backward_call(op, known)
                continue
            e = simplified(op.expr, known)
            if not op.early and (uses.get(op.id, 0) < 2 or trivial(e)):
                known[op.id] = e
            else:
                if not fresh(e) and self.living(e):
                    e = self.own_value(e)
                self.out.append(assign(op.id, self.text(e)))
        self.put_back()
        self.contributions(
            [Contribution(c.place, c.part, simplified(c.expr, known)) for c in self.found],
            resets or [],
        )
        return self.out

    def put_back(self) -> None:
        """Write the restore, once."""
        if not self.restored:
            self.out += self.restore
            self.restored = True

    def count_uses(self) -> dict[str, int]:
        """How often each temporary is read."""
        uses: dict[str, int] = {}
        trees: list[Any] = [c.expr for c in self.found]
        trees += [op.cotangent if isinstance(op, BackwardCall) else op.expr for op in self.ops]
        while trees:
            t = trees.pop()
            if isinstance(t, dict):
                trees += t.values()
            elif t is not None:
                for n in names_of(t):
                    uses[n] = uses.get(n, 0) + 1
        return uses

    def backward_call(self, op: BackwardCall, known: dict[str, Expr]) -> None:
        """Write the call of a backward function."""
        raise NotImplementedError

    def contributions(self, found: list[Contribution], resets: list[gast.Subscript]) -> None:
        """Write contributions: those to other places first, parts of buffers last."""
        whole: dict[Place, list[Expr]] = {}
        for c in found:
            if c.part is None:
                whole.setdefault(c.place, []).append(c.expr)
        sums = [Contribution(p, None, self.sum(p, exprs)) for p, exprs in whole.items()]
        root = self.after[0] if self.after else None
        own = [c for c in sums if c.place[0] == root]
        parts = self.merged([c for c in found if c.part is not None])
        cleared = {self.part_key(t): t for t in resets}
        ordered = [c for c in sums if c.place[0] != root] + own + parts
        ordered = self.bound_first(self.repeats_bound(self.calls_bound(ordered)), bool(resets))
        assigned = {
            k for c in ordered if c.part is not None and (k := self.part_key(c.part)) in cleared
        }
        for c in [c for c in ordered if c.place != self.after]:
            self.write(c)
        for k, t in cleared.items():
            if (
                len(cleared) > 1
                or k not in assigned
                or sum(c.place == self.after for c in ordered) > 1
            ):
                self.out.append(self.reset(t))
                assigned.discard(k)
        for c in [c for c in ordered if c.place == self.after]:
            self.write(c, assigns=c.part is not None and self.part_key(c.part) in assigned)

    def repeats_bound(self, ordered: list[Contribution]) -> list[Contribution]:
        """Name a compound divisor that occurs three times, and a comparison that occurs twice."""
        found: dict[Any, list[Expr]] = {}
        for c in ordered:
            for d in divisors(c.expr) + comparisons(c.expr):
                found.setdefault(key(d), []).append(d)
        known: dict[Any, Expr] = {}
        for k, same in found.items():
            compares = same[0].op in COMPARISONS
            if len(same) > (1 if compares else 2):
                role = "ties" if same[0].op == "eq" else "mask"
                hint = role if compares else f"{self.target_name(self.statement)}_den"
                identifier = self.new_bar(hint, STEP)
                self.out.append(assign(identifier, self.text(same[0])))
                known[k] = leaf(name(identifier), same[0].kind)
        if not known:
            return ordered
        return [Contribution(c.place, c.part, with_names(c.expr, known)) for c in ordered]

    def calls_bound(self, ordered: list[Contribution]) -> list[Contribution]:
        """Give a name to a call or a product of arrays that occurs twice, the outermost first."""
        while True:
            found: dict[Any, list[tuple[Expr, Contribution]]] = {}
            for c in ordered:
                for e in costly(c.expr):
                    found.setdefault(key(e), []).append((e, c))
            repeated = [same for same in found.values() if len(same) > 1]
            if not repeated:
                return ordered
            same = max(repeated, key=lambda s: weight(s[0][0]))
            e = same[0][0]
            own = [c.place for _, c in same if c.expr is e and c.part is None]
            called = e.data[0].__name__ if e.op == "call" else "product"
            hint = (
                f"{self.base_hint(own[0])}_bar"
                if own
                else f"{self.target_name(self.statement)}_{called}"
            )
            identifier = self.new_bar(hint, STEP)
            self.out.append(assign(identifier, self.text(e)))
            known = {key(e): leaf(name(identifier), e.kind)}
            ordered = [Contribution(c.place, c.part, with_names(c.expr, known)) for c in ordered]

    statement: gast.stmt | None = None

    def write(self, c: Contribution, *, assigns: bool = False) -> None:
        """Write one contribution."""
        if c.part is None:
            self.add(c.place, c.expr)
        else:
            self.add_part(c.place, c.part, c.expr, assigns=assigns)

    def reset(self, t: gast.Subscript) -> gast.stmt:
        """Clears the adjoint of a part that was overwritten."""
        raise NotImplementedError

    def part_key(self, part: gast.Subscript) -> str:
        """The structure of a subscript, whether it is read or written."""
        new = copied(part)
        new.ctx = gast.Load()
        return gast.dump(new)

    def sum(self, place: Place, exprs: list[Expr]) -> Expr:
        """The sum of contributions to one place."""
        kind = self.place_kind(place)
        if len(exprs) == 1 and numeric(exprs[0].kind) is None:
            return exprs[0]
        if kind is not None and numeric(kind) is None:
            out = exprs[0]
            for e in exprs[1:]:
                out = helper(runtime.add, kind, out, e)
            return out
        if len(exprs) > 1 and isinstance(kind, Array):
            like = leaf(self.place_node(place), kind)
            if kind.dims is None or any(getattr(d, "base", "") == "?" for d in kind.dims):
                exprs = [e if fits(e, kind) else materialise(e, like) for e in exprs]
        return total(exprs)

    def merged(self, parts: list[Contribution]) -> list[Contribution]:
        """Contributions to the same part of the same buffer, added up."""
        out: dict[tuple[Any, ...], Contribution] = {}
        for c in parts:
            k = (c.place, self.part_key(c.part))
            if k in out and numeric(c.expr.kind) is not None:
                out[k] = Contribution(c.place, c.part, total([out[k].expr, c.expr]))
            else:
                out[(*k, len(out)) if k in out else k] = c
        return list(out.values())

    def bound_first(self, ordered: list[Contribution], resets: bool) -> list[Contribution]:
        """Bind what reads a buffer before the buffer is written."""
        out = []
        written: set[str] = set()
        for c in ordered:
            buffer = self.buffer_name(c.place)
            reads = set(names_of(c.expr))
            late = resets and c.place == self.after and buffer in reads
            if (reads & written or late) and not trivial_scalar(c.expr):
                identifier = self.new_bar(f"{self.base_hint(c.place)}_part_bar")
                self.out.append(assign(identifier, self.text(self.standing(c.expr))))
                c = Contribution(c.place, c.part, leaf(name(identifier), c.expr.kind))
            out.append(c)
            if buffer is not None and (c.part is not None or self.in_place(c.place)):
                written.add(buffer)
        return out

    def standing(self, e: Expr) -> Expr:
        """An expression whose value does not change when the buffers it reads do."""
        return e if fresh(e) or numeric(e.kind) is None else self.own_value(e)
