"""Branches and loops backwards: which adjoints they carry, and how their paths are found again."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import INT, Array, Iteration, Kind, List, Record, may_be_active
from srcgrad.rules.expr import Expr, leaf
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.blocks import Block, Item, jumps
from srcgrad.transform.buffers import display
from srcgrad.transform.cotangents import Bars, Cotangent, Place, is_buffer, names_of
from srcgrad.transform.reverse import Statements
from srcgrad.transform.text import copied

ROUNDS = 12


class Loops(Statements):
    """Adjoints of compound statements."""

    def branch(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of an `if`: each branch backwards, then adjoints that both have."""
        s = item.node
        states = [dict(bars), dict(bars)]
        bodies = [self.block(b, state) for b, state in zip(item.blocks, states, strict=True)]
        self.meet(states, bodies, bars)
        if not any(bodies):
            return []
        test = self.test_again(s)
        if not bodies[0]:
            test, bodies = gast.UnaryOp(op=gast.Not(), operand=test), [bodies[1], []]
        new = gast.If(test=test, body=bodies[0], orelse=bodies[1])
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return [new]

    def meet(self, states: list[Bars], bodies: list[list[gast.stmt]], bars: Bars) -> None:
        """Give the adjoints that two paths leave one name each."""
        places = list(dict.fromkeys([*states[0], *states[1]]))
        bars.clear()
        for p in places:
            a, b = (state.get(p) for state in states)
            if a is not None and a.same(b):
                assert b is not None
                bars[p] = Cotangent(a.expr, a.owned and b.owned)
                continue
            bars[p] = self.joined(p, states, bodies)

    def joined(self, place: Place, states: list[Bars], bodies: list[list[gast.stmt]]) -> Cotangent:
        """One name for the adjoint of a place that two paths leave differently."""
        identifier = self.bar_id(place)
        kind = self.place_kind(place)
        assert kind is not None
        for state, body in zip(states, bodies, strict=True):
            found = state.get(place)
            value, owned = self.whole(place, kind, found, state, body)
            del owned
            body.append(assign(identifier, value))
        return Cotangent(leaf(name(identifier), kind), is_buffer(kind))

    def whole(
        self, place: Place, kind: Kind, found: Cotangent | None, state: Bars, out: list[gast.stmt]
    ) -> tuple[gast.expr, bool]:
        """An adjoint with all the dims of its place, in memory of its own where it is a buffer."""
        del out
        self.bars = state
        if found is None:
            return self.zeros(place, kind), True
        if isinstance(kind, Array) and kind.dims is not None:
            if found.owned and self.full(found.expr, kind):
                shared = any(p != place and self.refers(state[p], found) for p in state)
                if not shared:
                    return self.text(found.expr), True
            return self.owned_copy(found.expr, kind, place), True
        if isinstance(kind, List) and not found.owned:
            return call(name("list"), self.text(found.expr)), True
        return self.text(found.expr), True

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

    def is_changed(self, variable: str) -> bool:
        """Whether what a variable refers to may be changed in place."""
        return bool(self.changes(variable))

    def changes(self, variable: str) -> list[gast.stmt]:
        """The statements that may change in place what a variable refers to."""
        if variable not in self.aliases.parent:
            return []
        alike = (
            self.aliases.container
            if isinstance(self.typed.variables.get(variable), List)
            else self.aliases.find
        )
        root = alike(variable)
        return [w for n, writes in self.aliases.written.items() if alike(n) == root for w in writes]

    aliases: Any

    def loop(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a loop: carried adjoints are found by reversing the body until it settles."""
        s, block = item.node, item.blocks[0]
        before = dict(bars)
        carried: list[Place] = []
        owned: dict[Place, bool] = {}
        starts = self.body_saves(s, block)
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

    copy_number = 0

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
            value, _ = self.whole(p, kind, before.get(p), before, opening)
            opening.append(assign(identifier, value))
            end = state.get(p)
            if end is None or not (
                end.expr.op == "leaf" and getattr(end.expr.data, "id", "") == identifier
            ):
                value, _ = self.whole(p, kind, end, state, body)
                if end is not None and set(names_of(end.expr)) & (
                    set(heads.values()) - {identifier}
                ):
                    own = self.bar_id(p)
                    body.append(assign(own, value))
                    value = name(own)
                copies.append(assign(identifier, value))
            bars[p] = Cotangent(leaf(name(identifier), kind), self.head_owned(p, state, kind))
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

    collected: dict[gast.stmt, Place | None]

    def collectable(self, s: gast.stmt, before: Bars) -> Place | None:
        """The list that a loop visits item by item, if nothing else contributes to its adjoint."""
        if (
            not isinstance(s, gast.For)
            or not isinstance(s.iter, gast.Name)
            or not self.activity.depends(s.iter)
        ):
            return None
        place = (s.iter.id,)
        whole_run = not any(jumps(t, (gast.Break, gast.Return)) for t in s.body)
        if not isinstance(self.kind(s.iter), List) or place in before or not whole_run:
            return None
        return place if self.kept(s.iter.id, s) else None

    def collection(self, s: gast.stmt, place: Place) -> str:
        """The name of the list that a reversed loop appends the adjoints of items to."""
        k = ("items", s, place, self.copy_number)
        if k not in self.slots:
            self.slots[k] = self.bar_id(place)
        return self.slots[k]

    def collect(self, s: gast.For, place: Place, state: Bars) -> list[gast.stmt]:
        """Append the adjoint of an item to the list of them."""
        self.bars, self.out = state, []
        kind = self.typed.kinds[s.target]
        item = self.item_value(s.target, kind, state)
        push = call(attribute(name(self.collection(s, place)), "append"), item)
        return [*self.out, gast.Expr(value=push)]

    def item_value(self, t: gast.expr, kind: Kind, state: Bars) -> gast.expr:
        """The adjoint of a target in its structure, zeros where nothing was added."""
        if isinstance(t, gast.Name):
            return self.result((t.id,), kind)
        assert isinstance(kind, Record)
        parts = [self.item_value(e, i, state) for e, i in zip(t.elts, kind.items, strict=True)]
        return display(kind, parts)

    def result(self, place: Place, kind: Kind) -> gast.expr:
        """The adjoint of a place in its structure, in memory of its own."""
        raise NotImplementedError

    def head_owned(self, p: Place, state: Bars, kind: Kind) -> bool:
        """Whether the adjoint that a loop carries is a buffer of its own."""
        del state, p
        return is_buffer(kind)

    def overwritten(self, s: gast.stmt) -> list[gast.stmt]:
        """Restores what the target of a loop had overwritten."""
        out: list[gast.stmt] = []
        if isinstance(s, gast.For):
            for n in sorted(stores(s.target)):
                if self.may_be_assigned(s, n):
                    out += self.restore_name(s, n)
        return out

    def counted(self, block: Block) -> Block:
        """The part of an iteration that counts as one: what follows tests that only leave the loop."""
        while (
            len(block.items) == 1
            and isinstance(block.items[0].node, gast.If)
            and jumps(block.items[0].node)
        ):
            sides = block.items[0].blocks
            idle = [
                all(isinstance(i.node, (gast.Break, gast.Pass)) for i in b.items) and bool(b.items)
                for b in sides
            ]
            if idle[0] == idle[1]:
                break
            block = sides[1] if idle[0] else sides[0]
        return block

    def header(
        self, s: gast.stmt, block: Block, counted: Block
    ) -> tuple[gast.expr, gast.expr, list[gast.stmt]]:
        """Target and iterable of the reversed loop."""
        leaves = any(jumps(t, (gast.Break, gast.Return)) for t in s.body)
        if isinstance(s, gast.While) or counted is not block:
            trips = self.trips(s, counted)
            if isinstance(s, gast.While):
                return stored(name("_|i")), call(name("range"), trips), []
        elif leaves:
            trips = self.trips(s, counted)
        else:
            trips = None
        assert isinstance(s, gast.For)
        iterable = self.iterable(s)
        target = stored(self.rebuilt_target(s.target))
        kind = self.kind(s.iter)
        match kind:
            case Iteration(name="range"):
                if trips is not None:
                    iterable = subscript(iterable, gast.Slice(lower=None, upper=trips, step=None))
                return target, call(name("reversed"), iterable), []
            case Iteration(name="reversed") if trips is None:
                return target, iterable_of_reversed(iterable), []
            case Array():
                if trips is not None:
                    iterable = subscript(iterable, gast.Slice(lower=None, upper=trips, step=None))
                back = gast.Slice(lower=None, upper=None, step=constant(-1))
                iterable, target = self.with_index(
                    s, target, kind, iterable, subscript(iterable, back)
                )
                return target, iterable, []
            case List() | Record() if trips is None and not (
                isinstance(kind, Record) and kind.type is dict
            ):
                iterable, target = self.with_index(
                    s, target, kind, iterable, call(name("reversed"), iterable)
                )
                return target, iterable, []
        items = call(name("list"), iterable)
        if trips is not None:
            items = subscript(items, gast.Slice(lower=None, upper=trips, step=None))
        iterable, target = self.with_index(s, target, kind, items, call(name("reversed"), items))
        return target, iterable, []

    def with_index(
        self, s: gast.For, target: gast.expr, kind: Kind, items: gast.expr, backwards: gast.expr
    ) -> tuple[gast.expr, gast.expr]:
        """The reversed iterable and its target, with the position of the item where it is needed."""
        index = self.indexed.get(s)
        if index is None:
            return backwards, target
        both = gast.Tuple(elts=[stored(name(index)), target], ctx=gast.Store())
        count = call(name("list"), call(name("enumerate"), items))
        return call(name("reversed"), count), both

    indexed: dict[gast.stmt, str]

    def rebuilt_target(self, t: gast.expr) -> gast.expr:
        """A copy of a loop's target."""
        match t:
            case gast.Name():
                return name(t.id)
            case gast.Tuple() | gast.List():
                return gast.Tuple(
                    elts=[stored(self.rebuilt_target(e)) for e in t.elts], ctx=gast.Store()
                )
        raise self.function.refuse(t, "this target of a loop is not supported", "Use names.")

    def iterable(self, s: gast.For) -> gast.expr:
        """The iterable of a loop, evaluated again or recorded."""
        return self.remade(s.iter, s)

    def remade(self, node: gast.expr, s: gast.For) -> gast.expr:
        """An iterable once more; of `zip` and the like each part, since those run only once."""
        kind, callee = self.kind(node), self.typed.callees.get(node)
        if isinstance(node, gast.Call) and isinstance(kind, Iteration) and callee is not None:
            steady = all(
                self.free(a) and self.kept(n, s) for a in node.args for n in self.contents(a)
            )
            if callee.target is not range or steady:
                new = copied(node)
                new.args = [self.remade(a, s) for a in node.args]
                if callee.tag == "method":
                    new.func.value = self.remade(node.func.value, s)  # type: ignore[attr-defined]
                return new
        elif self.free(node) and all(self.kept(n, s) for n in self.contents(node)):
            return self.node_text(node)
        if node not in self.hoisted:
            for n in self.contents(node):
                if self.is_changed(n):
                    raise self.function.refuse(
                        s,
                        f"`{n.partition('|')[0]}` changes while it is looped over",
                        "Loop over a range.",
                    )
            self.hoisted[node] = self.new("items")
        return name(self.hoisted[node])

    def contents(self, node: gast.expr) -> list[str]:
        """Names whose contents an iterable reads, not only the shapes of arrays."""
        out: list[str] = []
        stack: list[gast.AST] = [node]
        while stack:
            n = stack.pop()
            match n:
                case gast.Name():
                    out.append(n.id)
                    continue
                case gast.Call(args=[a]) if self.is_length(n) and isinstance(self.kind(a), Array):
                    base = a
                    while isinstance(base, (gast.Subscript, gast.Attribute)):
                        stack += [base.slice] if isinstance(base, gast.Subscript) else []
                        base = base.value
                    if isinstance(base, gast.Name) and self.bindings.get(base.id, 0) == 1:
                        continue
                case gast.Attribute(value=gast.Name() as a, attr="shape" | "size"):
                    if self.bindings.get(a.id, 0) == 1:
                        continue
            stack += list(gast.iter_child_nodes(n))
        return sorted(set(out))

    def kept(self, variable: str, s: gast.stmt) -> bool:
        """Whether a variable has, after a loop, the value that it had before it."""
        inside = {
            n
            for t in s.body
            for m in gast.walk(t)
            if isinstance(m, (gast.Assign, gast.AugAssign, gast.For))
            for n in bound(m)
        }
        inside |= stores(s.target) if isinstance(s, gast.For) else set()
        return variable not in inside and not self.changed_in(variable, s)

    def changed_in(self, variable: str, s: gast.stmt) -> bool:
        """Whether what a variable refers to is changed in place within a loop."""
        lines = {id(m) for t in s.body for m in gast.walk(t)}
        return any(
            id(w) in lines or id(getattr(w, "value", None)) in lines for w in self.changes(variable)
        )

    def trips(self, s: gast.stmt, counted: Block) -> gast.expr:
        """The number of iterations, counted in the forward sweep."""
        k = ("trips", s)
        if k not in self.slots:
            counter = self.slots[k] = self.new("trips")
            first = counted.items[0].node if counted.items else s.body[0]
            self.insert(s, "before", assign(counter, constant(0)))
            more = gast.AugAssign(target=stored(name(counter)), op=gast.Add(), value=constant(1))
            self.insert(first, "start", more)
            if self.loops_of[s]:
                self.slots["back", s] = ""
                taken = self.save(s, counter, name(counter), "trips", "after")
                self.tripbacks[s] = taken
        return copy.deepcopy(self.tripbacks.get(s, name(self.slots[k])))

    tripbacks: dict[gast.stmt, gast.expr]

    def item_adjoint(self, s: gast.stmt, state: Bars) -> list[gast.stmt]:
        """The adjoint of a loop's target goes to the item that it was."""
        if not isinstance(s, gast.For):
            return []
        if not self.activity.depends(s.iter):
            for n in stores(s.target):
                for p in [p for p in state if p[0] == n]:
                    state.pop(p)
            return []
        place = self.collected.get(s)
        if place is not None and collects(s.target):
            return self.collect(s, place, state)
        self.collected[s] = None
        return self.send(s, s.target, s.iter, self.kind(s.iter), None, state)

    def send(
        self,
        s: gast.For,
        t: gast.expr,
        node: gast.expr,
        kind: Kind,
        index: gast.expr | None,
        state: Bars,
    ) -> list[gast.stmt]:
        """Send the adjoint of a target to the iterable that it came from."""
        callee = self.typed.callees.get(node) if isinstance(node, gast.Call) else None
        if callee is not None and callee.target is enumerate and isinstance(t, gast.Tuple):
            if len(node.args) > 1 or node.keywords:
                return self.send(s, t.elts[1], node.args[0], self.kind(node.args[0]), index, state)
            position = t.elts[0]
            if not isinstance(position, gast.Name):
                raise self.function.refuse(
                    t, "this target of a loop is not supported", "Use names."
                )
            return self.send(
                s, t.elts[1], node.args[0], self.kind(node.args[0]), name(position.id), state
            )
        if callee is not None and callee.target is zip and isinstance(t, gast.Tuple):
            out: list[gast.stmt] = []
            for e, a in zip(t.elts, node.args, strict=True):
                if self.activity.depends(a):
                    out += self.send(s, e, a, self.kind(a), index, state)
            return out
        if callee is not None:
            raise self.function.refuse(
                node,
                "a loop over this value that varies is not supported",
                "Loop over a range and index.",
            )
        if isinstance(t, (gast.Tuple, gast.List)) and isinstance(self.typed.kinds[t], Array):
            pairs = [(e, (constant(j),)) for j, e in enumerate(t.elts)]
        else:
            pairs = [(t, ())]
        found = [(e, rest, g) for e, rest in pairs if (g := self.tree_of(e, state)) is not None]
        if not found:
            return []
        if not isinstance(kind, (Array, List)) or (
            self.place_of(node) is None and not isinstance(kind, Array)
        ):
            raise self.function.refuse(
                node,
                "a loop over this value that varies is not supported",
                "Loop over a range and index.",
            )
        if index is None:
            index = name(self.indexed.setdefault(s, self.new("i")))
        self.begin()
        self.opening = []
        self.handed, self.after = set(), None
        self.bars = state
        for e, rest, g in found:
            self.push(self.item_part(s, node, (index, *rest), self.typed.kinds[e]), self.plain(g))
        return self.emit([])

    def item_part(
        self, s: gast.For, node: gast.expr, index: tuple[gast.expr, ...], kind: Kind
    ) -> gast.Subscript:
        """The part of an iterable that one item is."""
        at = index[0] if len(index) == 1 else gast.Tuple(elts=list(index), ctx=gast.Load())
        part = gast.Subscript(value=node, slice=at, ctx=gast.Load())
        self.typed.kinds[part] = kind
        self.typed.kinds[at] = INT
        for i in index:
            self.typed.kinds[i] = INT
        self.owner[part] = s
        return part

    def tree_of(self, t: gast.expr, state: Bars) -> Any:
        """The adjoints of a target, taken out of a state."""
        self.bars = state
        return self.target_tree(t, self.typed.kinds[t])


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


def collects(t: gast.expr) -> bool:
    """Whether the adjoints of a loop's target can be put together again: names, and tuples of them."""
    match t:
        case gast.Name():
            return True
        case gast.Tuple(elts=elts):
            return all(map(collects, elts))
    return False


def bound(s: gast.stmt) -> frozenset[str]:
    """Names that a statement itself binds."""
    match s:
        case gast.Assign(targets=targets):
            return stores(*targets)
        case gast.AugAssign(target=t) | gast.For(target=t):
            return stores(t)
    return frozenset()


def stored(node: gast.expr) -> gast.expr:
    """A name or tuple as a target."""
    node.ctx = gast.Store()
    return node


def iterable_of_reversed(node: gast.expr) -> gast.expr:
    """`xs` from `reversed(xs)`."""
    return node.args[0]


__all__ = ["Expr", "Loops", "attribute", "may_be_active"]
