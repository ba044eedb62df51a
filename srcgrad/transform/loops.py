"""Branches and loops backwards: which adjoints they carry, and how their paths are found again."""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Kind, List
from srcgrad.rules.expr import leaf
from srcgrad.rules.project import materialise
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, name, negated
from srcgrad.transform.blocks import Block, Item, raises
from srcgrad.transform.cotangents import Bars, Cotangent, Place, is_buffer, names_of
from srcgrad.transform.items import Items

ROUNDS = 12


class Loops(Items):
    """Adjoints of compound statements."""

    def branch(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of an `if`: each branch backwards, then adjoints that both have."""
        s = item.node
        raising = [bool(b.items) and raises([b.items[-1].node]) for b in item.blocks]
        if raising[0] != raising[1]:
            return self.block(item.blocks[raising.index(False)], bars)
        states = [dict(bars), dict(bars)]
        bodies = [self.block(b, state) for b, state in zip(item.blocks, states, strict=True)]
        self.meet(states, bodies, bars)
        if not any(bodies):
            return []
        test = self.test_again(s)
        if not bodies[0]:
            test, bodies = negated(test), [bodies[1], []]
        new = gast.If(test=test, body=bodies[0], orelse=bodies[1])
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return [new]

    def meet(self, states: list[Bars], bodies: list[list[gast.stmt]], bars: Bars) -> None:
        """Give the adjoints that several paths leave one name each."""
        places = list(dict.fromkeys(p for state in states for p in state))
        bars.clear()
        for p in places:
            a, *others = (state.get(p) for state in states)
            if a is not None and all(a.same(b) for b in others):
                owned = all(b is not None and b.owned for b in (a, *others))
                bars[p] = Cotangent(a.expr, owned)
                continue
            bars[p] = self.joined(p, states, bodies)

    def joined(self, place: Place, states: list[Bars], bodies: list[list[gast.stmt]]) -> Cotangent:
        """One name for the adjoint of a place that two paths leave differently."""
        identifier = self.bar_id(place)
        kind = self.place_kind(place)
        assert kind is not None
        for state, body in zip(states, bodies, strict=True):
            found = state.get(place)
            value = self.whole(place, kind, found, state)
            body.append(assign(identifier, value))
        return Cotangent(leaf(name(identifier), kind), is_buffer(kind))

    def whole(self, place: Place, kind: Kind, found: Cotangent | None, state: Bars) -> gast.expr:
        """An adjoint with all the dims of its place, in memory of its own where it is a buffer."""
        self.bars = state
        if found is None:
            return self.zeros(place, kind)
        if isinstance(kind, Array) and kind.dims is not None:
            if found.owned and self.full(found.expr, kind):
                shared = any(p != place and self.refers(state[p], found) for p in state)
                if not shared:
                    return self.text(found.expr)
            return self.owned_copy(found.expr, kind, place)
        if isinstance(kind, List) and not found.owned:
            return self.own_list(self.text(found.expr), kind)
        if isinstance(kind, Array):
            return self.text(materialise(found.expr, leaf(self.place_node(place), kind)))
        return self.text(found.expr)

    def refers(self, other: Cotangent, found: Cotangent) -> bool:
        """Whether one adjoint refers to another's buffer by name."""
        return found.expr.op == "leaf" and any(
            getattr(x.data, "id", None) == found.expr.data.id
            for x in (other.expr, *other.expr.args)
            if x.op == "leaf"
        )

    def test_again(self, s: gast.If) -> gast.expr:
        """The test of an `if`, evaluated again where its value is the same, else recorded."""
        if self.stable(s.test, s):
            return (
                self.node_text(s.test)
                if not isinstance(s.test, gast.Compare)
                else self.rebuilt(s.test)
            )
        if s.test not in self.hoisted:
            self.hoisted[s.test] = self.new("took")
        return name(self.hoisted[s.test])

    def stable(self, test: gast.expr, s: gast.stmt) -> bool:
        """Whether an expression is pure, cheap, and reads names that keep their values for good."""
        if not self.world.switches.stability:
            return False
        parts = [test]
        match test:
            case gast.Compare():
                parts = [test.left, *test.comparators]
            case gast.UnaryOp(op=gast.Not()):
                parts = [test.operand]
        if not all(self.free(p) for p in parts):
            return False
        for n in loads(test):
            targets = [
                loop
                for loop in self.loops_of[s]
                if isinstance(loop, gast.For) and n in stores(loop.target)
            ]
            if self.bindings.get(n, 0) > 1 or self.is_changed(n):
                return False
            if (
                self.bindings.get(n, 0) == 1
                and n not in self.function.parameters
                and not targets
                and self.in_loop(n)
            ):
                return False
        return True

    def in_loop(self, variable: str) -> bool:
        """Whether a variable is bound inside a loop."""
        for s, loops in self.loops_of.items():
            if loops and isinstance(s, gast.Assign) and variable in stores(*s.targets):
                return True
            if isinstance(s, gast.For) and variable in stores(s.target):
                return True
        return False

    def loop(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a loop: its body is reversed until the carried adjoints settle."""
        s, block = item.node, item.blocks[0]
        before = dict(bars)
        carried: list[Place] = []
        owned: dict[Place, bool] = {}
        starts = self.body_saves(block)
        self.starts |= starts
        counted = self.counted(block)
        if any(b is not counted and b in starts for b in spine(block, counted)):
            counted = block
        self.collected[s] = self.collectable(s, before)
        for _ in range(ROUNDS):
            heads = {p: self.head_id(s, p) for p in carried}
            state = dict(before)
            for p in carried:
                kind = self.place_kind(p)
                assert kind is not None
                state[p] = Cotangent(leaf(name(heads[p]), kind), owned.get(p, is_buffer(kind)))
            entry = dict(state)
            body = self.block(counted, state)
            self.bars = state
            body += self.item_adjoint(s, state)
            if self.collected[s] is not None and any(p == self.collected[s] for p in state):
                self.collected[s] = None
                continue
            changed = [
                p for p in dict.fromkeys([*state, *entry]) if not self.unchanged(p, state, entry)
            ]
            new = [p for p in changed if p not in carried]
            lost = [p for p in carried if owned.get(p, True) and p in state and not state[p].owned]
            if not new and not lost:
                break
            carried += new
            owned |= dict.fromkeys(lost, False) if not new else {}
        else:
            raise self.function.refuse(s, "the adjoints of this loop do not settle")
        if not body:
            bars.clear()
            bars.update(before)
            return self.overwritten(s)
        return self.finish(s, block, counted, body, before, state, heads, bars)

    def unchanged(self, p: Place, state: Bars, entry: Bars) -> bool:
        """Whether an iteration leaves an adjoint as it was."""
        a = state.get(p)
        return a is not None and a.same(entry.get(p)) and a.owned == entry[p].owned

    def head_id(self, s: gast.stmt, p: Place) -> str:
        """The name of an adjoint that a loop carries; always the same for the same loop."""
        k = ("head", s, p, self.copy_number)
        if k not in self.slots:
            self.slots[k] = self.bar_id(p)
        return self.slots[k]

    def finish(
        self,
        s: gast.stmt,
        block: Block,
        counted: Block,
        body: list[gast.stmt],
        before: Bars,
        state: Bars,
        heads: dict[Place, str],
        bars: Bars,
    ) -> list[gast.stmt]:
        """The loop around a reversed body, with what comes before it."""
        opening: list[gast.stmt] = []
        copies: list[gast.stmt] = []
        bars.clear()
        bars.update({p: c for p, c in before.items() if p not in heads})
        for p, identifier in heads.items():
            kind = self.place_kind(p)
            assert kind is not None
            value = self.whole(p, kind, before.get(p), before)
            opening.append(assign(identifier, value))
            end = state.get(p)
            if end is None or not (
                end.expr.op == "leaf" and getattr(end.expr.data, "id", "") == identifier
            ):
                value = self.whole(p, kind, end, state)
                if end is not None and set(names_of(end.expr)) & (
                    set(heads.values()) - {identifier}
                ):
                    own = self.bar_id(p)
                    body.append(assign(own, value))
                    value = name(own)
                copies.append(assign(identifier, value))
            bars[p] = Cotangent(leaf(name(identifier), kind), is_buffer(kind))
        body += copies
        target, iterable, closing = self.header(s, block, counted)
        self.bars = bars
        new = gast.For(target=target, iter=iterable, body=body, orelse=[], type_comment=None)
        place = self.collected[s]
        if place is not None:
            items = name(self.collection(s, place))
            opening.append(assign(items.id, gast.List(elts=[], ctx=gast.Load())))
            last = gast.Expr(value=call(attribute(name(items.id), "reverse")))
            bars[place] = Cotangent(leaf(items, self.typed.variables[place[0]]), True)
            return self.commented(s, [*opening, *closing, new, last]) + self.overwritten(s)
        return self.commented(s, [*opening, *closing, new]) + self.overwritten(s)

    def overwritten(self, s: gast.stmt) -> list[gast.stmt]:
        """Restores what the target of a loop had overwritten."""
        out: list[gast.stmt] = []
        if isinstance(s, gast.For):
            for n in sorted(stores(s.target)):
                if self.may_be_assigned(s, n):
                    out += self.restore_name(s, n)
        return out


def spine(block: Block, counted: Block) -> list[Block]:
    """The blocks from one down to another that it contains."""
    out = [block]
    while out[-1] is not counted:
        sides = out[-1].items[0].blocks
        out.append(next(b for b in sides if b is counted or contains(b, counted)))
    return out


def contains(block: Block, wanted: Block) -> bool:
    """Whether a block is, or leads on to, another."""
    return block is wanted or any(contains(b, wanted) for i in block.items for b in i.blocks)
