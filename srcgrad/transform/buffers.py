"""Adding to adjoints: the first contribution assigns, later ones add, in place where possible."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Position,
    Record,
    Scalar,
    Static,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.constructors import unchanging
from srcgrad.lower.memory.aliases import Aliases
from srcgrad.rules.expr import Expr, binary, call, helper, leaf, number_of
from srcgrad.rules.project import materialise
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, attribute, constant, name, subscript, target
from srcgrad.syntax.quote import call as call_node
from srcgrad.transform.cotangents import (
    Bars,
    Cotangent,
    Place,
    fresh,
    is_buffer,
    names_of,
    trivial,
)
from srcgrad.transform.repeats import Repeats
from srcgrad.transform.shapes import (
    display,
    fits,
    without_slices,
)
from srcgrad.transform.terms import signed


class Buffers(Repeats):
    """Keeps the adjoints of one function, and the memory that they live in."""

    bars: Bars
    out: list[gast.stmt]
    aliases: Aliases
    written_parts: dict[str, set[int]]
    readers: dict[str, int]

    def buffer_name(self, place: Place) -> str | None:
        """The name of the buffer that holds the adjoint of a place."""
        found = self.bars.get(place)
        if found is None or found.expr.op != "leaf":
            return None
        return found.expr.data.id

    def in_place(self, place: Place) -> bool:
        """Whether adding to a place changes its buffer."""
        found = self.bars.get(place)
        return found is not None and found.owned and is_buffer(self.place_kind(place))

    def base_hint(self, place: Place) -> str:
        """What the adjoint of a place is called, without its ending."""
        for part in reversed(place[1:]):
            if isinstance(part, str) and part.isidentifier():
                return part
            if isinstance(part, Position):
                return part.label
        numbers = "_".join(str(p) for p in place[1:])
        base = user_name(place[0])
        return f"{base}_{numbers}" if numbers else base

    def bar_id(self, place: Place) -> str:
        """A new name for the adjoint of a place."""
        return self.new_bar(f"{self.base_hint(place)}_bar")

    def add(self, place: Place, e: Expr) -> None:
        """Add to the adjoint of a whole place."""
        if self.is_shadowed(place):
            self.add_shadow(place, e)
            return
        old = self.bars.get(place)
        kind = self.place_kind(place)
        if old is None:
            self.first(place, e)
            return
        if kind is not None and numeric(kind) is None:
            e = helper(runtime.add, kind, old.expr, e)
            self.bind(place, e, owned=False)
            return
        if (
            old.owned
            and isinstance(kind, Array)
            and kind.dims is not None
            and self.full(old.expr, kind)
        ):
            self.only_owner(place)
            op, rest = signed(e)
            self.out.append(
                gast.AugAssign(
                    target=target(self.bars[place].expr.data.id), op=op, value=self.text(rest)
                )
            )
            return
        old_expr = old.expr
        if isinstance(kind, Array) and kind.dims is None:
            like = leaf(name(place[0]), kind)
            e = materialise(e, like)
        op, rest = signed(e)
        if old_expr.op == "const" and old_expr.data == 0.0:
            self.bind(place, e)
            return
        self.bind(place, binary("add" if isinstance(op, gast.Add) else "sub", old_expr, rest))

    def first(self, place: Place, e: Expr) -> None:
        """The first contribution to a place assigns."""
        if trivial(e):
            owned = e.op == "leaf" and self.handed_over(e)
            self.bars[place] = Cotangent(e, owned)
            return
        self.bind(place, e)

    handed: set[str]

    def handed_over(self, e: Expr) -> bool:
        """Whether a name is that of memory which nothing else refers to from now on."""
        identifier = e.data.id
        if not self.world.switches.handover:
            return False
        if identifier not in self.handed or self.readers.get(identifier, 0) > 1:
            return False
        self.handed.discard(identifier)
        return True

    def bind(self, place: Place, e: Expr, *, owned: bool | None = None) -> None:
        """Give the adjoint of a place a name."""
        identifier = self.bar_id(place)
        mine = fresh(e)
        if numeric(e.kind) is not None and not mine and self.living(e):
            e, mine = self.own_value(e), True
        self.out.append(assign(identifier, self.text(e)))
        mine = mine if owned is None else owned
        self.bars[place] = Cotangent(leaf(name(identifier), e.kind), mine)

    def living(self, e: Expr) -> bool:
        """Whether an expression reads a buffer that may still change."""
        buffers = {
            b.expr.data.id
            for b in self.bars.values()
            if b.expr.op == "leaf" and hasattr(b.expr.data, "id")
        }
        return any(n in buffers or self.is_changed(n) for n in names_of(e))

    def is_changed(self, variable: str) -> bool:
        """Whether what a variable of the primal refers to may be changed in place."""
        raise NotImplementedError

    def full(self, e: Expr, kind: Array, *, buffer: bool = False) -> bool:
        """Whether an adjoint has all the dims of its place."""
        return fits(e, kind, buffer=buffer)

    def only_owner(self, place: Place) -> None:
        """Before a buffer is changed: adjoints that refer to it by name get copies of their own."""
        buffer = self.bars[place].expr.data.id
        for other, found in list(self.bars.items()):
            if other != place and buffer in set(names_of(found.expr)):
                self.bind(other, self.own_value(found.expr))

    def own_value(self, e: Expr) -> Expr:
        """The value of an expression in memory of its own; a number stays one."""
        if isinstance(e.kind, Array) and e.kind.dims is None:
            return leaf(gast.UnaryOp(op=gast.UAdd(), operand=self.text(e)), e.kind)
        return call(np.copy, e)

    def buffer(self, place: Place) -> str:
        """The name of an owned, full buffer for the adjoint of a place; made if there is none."""
        kind = self.place_kind(place)
        old = self.bars.get(place)
        if (
            old is not None
            and old.owned
            and (not isinstance(kind, Array) or self.full(old.expr, kind))
        ):
            self.only_owner(place)
            return self.bars[place].expr.data.id
        identifier = self.bar_id(place)
        assert kind is not None
        if old is None:
            value = self.zeros(place, kind)
        elif isinstance(kind, Array):
            value = self.owned_copy(old.expr, kind, place)
        else:
            value = self.own_list(self.text(old.expr), kind)
        self.out.append(assign(identifier, value))
        self.bars[place] = Cotangent(leaf(name(identifier), kind), True)
        return identifier

    def owned_copy(self, e: Expr, kind: Array, place: Place) -> gast.expr:
        """An array of its own, of all dims, from an adjoint; or a number, if the rank is open."""
        like = leaf(self.place_node(place), kind)
        if kind.dims is None:
            return self.own_number(e, kind, place)
        if self.full(e, kind):
            return call_node(attribute(self.text(e), "copy")) if not fresh(e) else self.text(e)
        if isinstance(number_of(e), Scalar):
            return call_node(
                attribute(self.text.module(np), "full_like"), self.like(place, kind), self.text(e)
            )
        return call_node(attribute(self.text(materialise(e, like)), "copy"))

    def own_number(self, e: Expr, kind: Array, place: Place) -> gast.expr:
        """What is a number, or an array of its own, from the adjoint of one of either."""
        if isinstance(number_of(e), Scalar):
            full = attribute(self.text.module(np), "full_like")
            whole = call_node(full, self.like(place, kind), self.text(e))
            return subscript(whole, gast.Tuple(elts=[], ctx=gast.Load()))
        e = materialise(e, leaf(self.place_node(place), kind))
        return self.text(e) if fresh(e) else gast.UnaryOp(op=gast.UAdd(), operand=self.text(e))

    def like(self, place: Place, kind: Kind) -> gast.expr:
        """Something with the shape and dtype of a place: an argument where that will do."""
        if isinstance(kind, Array) and kind.dims is not None:
            node = self.place_node(place)
            if not (isinstance(node, gast.Name) and node.id in self.text.parameters):
                for p, k in self.text.parameters.items():
                    if (
                        isinstance(k, Array)
                        and k.dtype == kind.dtype
                        and self.text.same_dims(k, kind.dims)
                    ):
                        return name(p)
        return self.place_node(place)

    def place_node(self, place: Place) -> gast.expr:
        """The primal expression of a place."""
        out: gast.expr = name(place[0])
        for k in place[1:]:
            out = subscript(out, constant(k))
        return out

    def zeros(self, place: Place, kind: Kind | None) -> gast.expr:
        """A zero adjoint of a place."""
        return self.zeros_of(self.like(place, kind) if kind is not None else name(place[0]), kind)

    def zeros_of(self, node: gast.expr, kind: Kind | None) -> gast.expr:
        """A zero of the kind of a value."""
        if kind is not None and not may_be_active(kind):
            return constant(None)
        match kind:
            case Scalar():
                return constant(0j if kind.dtype.kind == "c" else 0.0)
            case Array(dims=dims) if dims is not None:
                options = {} if kind.dtype.kind in "fc" else {"dtype": name("float")}
                return call_node(attribute(self.text.module(np), "zeros_like"), node, **options)
            case Record() if may_be_active(kind):
                parts = [
                    self.zeros_of(subscript(node, constant(k)), i)
                    for k, i in zip(kind.keys, kind.items, strict=True)
                ]
                return display(kind, parts)
            case Dict():
                return gast.Dict(keys=[], values=[])
            case List(item=Scalar()):
                zero = gast.List(elts=[constant(0.0)], ctx=gast.Load())
                return gast.BinOp(left=zero, op=gast.Mult(), right=call_node(name("len"), node))
        return call_node(self.text.function(runtime.zeros_like), node)

    def add_part(
        self, place: Place, part: gast.Subscript, e: Expr, *, assigns: bool = False
    ) -> None:
        """Add to (or assign) the part of a buffer that a subscript of the primal names."""
        kind = self.place_kind(place)
        is_new, shadowed = place not in self.bars, self.is_shadowed(place)
        buffer = self.shadow_id(place[0]) if shadowed else self.buffer(place)
        at = self.part_of(part, buffer)
        if shadowed and isinstance(self.kind(part.value), (List, Record)):
            holder = self.kind(part.value)
            fixed = isinstance(holder, Record) and unchanging(holder.type)
            self.accumulate(at, self.kind(part), e, fixed=fixed)
            return
        if isinstance(kind, List) and assigns:
            self.out.append(gast.Assign(targets=[at], value=self.text(e), type_comment=None))
            return
        if isinstance(kind, Dict):
            base = self.part_of(part, buffer, store=False)
            held = call_node(attribute(base.value, "get"), base.slice, constant(0.0))
            op, rest = signed(e)
            value = gast.BinOp(left=held, op=op, right=self.text(rest))
            self.out.append(gast.Assign(targets=[at], value=value, type_comment=None))
            return
        if isinstance(kind, List):
            old = self.part_of(part, buffer, store=False)
            value = self.text(helper(runtime.add, self.kind(part), leaf(old, self.kind(part)), e))
            item = self.kind(part)
            if isinstance(item, (Scalar, Array)) and not (
                isinstance(item, Array) and item.dims is None
            ):
                value = gast.BinOp(left=old, op=gast.Add(), right=self.text(e))
            self.out.append(gast.Assign(targets=[at], value=value, type_comment=None))
            return
        (op, rest), count = signed(e), len(self.out)
        if assigns or self.repeats(part):
            self.written_parts.pop(buffer, None)
        if assigns:
            self.out.append(gast.Assign(targets=[at], value=self.text(e), type_comment=None))
        elif self.repeats(part):
            index = without_slices(at.slice)
            add_at = attribute(attribute(self.text.module(np), "add"), "at")
            base = at.value
            base.ctx = gast.Load()
            self.out.append(gast.Expr(value=call_node(add_at, base, index, self.text(e))))
        elif not shadowed and self.untouched(buffer, part, is_new=is_new):
            self.out.append(gast.Assign(targets=[at], value=self.text(e), type_comment=None))
        else:
            self.out.append(gast.AugAssign(target=at, op=op, value=self.text(rest)))
        if part in self.typed.unproven and len(self.out) == count + 1:
            self.checked[part] = self.out[-1]

    checked: dict[gast.AST, gast.stmt]

    def untouched(self, buffer: str, part: gast.Subscript, *, is_new: bool) -> bool:
        """Whether a part of a buffer still holds the zeros that it was made of."""
        direct = isinstance(part.value, gast.Name) or self.place_of(part.value) is not None
        several = isinstance(part.slice, (gast.Slice, gast.Tuple))
        known = None if several else self.kind(part.slice)
        index = (
            known.value
            if isinstance(known, Static) and type(known.value) is int and known.value >= 0
            else None
        )
        written = (
            self.written_parts.setdefault(buffer, set())
            if is_new
            else self.written_parts.get(buffer)
        )
        if written is None or not direct:
            self.written_parts.pop(buffer, None)
            return False
        first = not written
        if index is None:
            self.written_parts.pop(buffer, None)
            return first
        again = index in written
        written.add(index)
        return not again

    def part_of(self, part: gast.Subscript, buffer: str, *, store: bool = True) -> gast.Subscript:
        """A subscript of the primal, taken of a buffer instead."""
        new = self.part_tree(part, buffer)
        new.ctx = gast.Store() if store else gast.Load()
        return new

    def part_tree(self, node: gast.expr, root: str, *, primal: bool = False) -> Any:
        """A path of subscripts and transposes with another name at its root.

        Args:
            node: the path.
            root: the name: of the primal, or of the adjoint of the innermost place on the path.
            primal: which of them it is.
        """
        held = self.place_of(node) is not None and not isinstance(self.kind(node), Record)
        own = held and not primal and self.root_of(node) not in self.together
        if isinstance(node, gast.Name) or own:
            return name(root)
        match node:
            case gast.Subscript():
                index = node.slice
                tree = (
                    self.rebuilt(index)
                    if isinstance(index, (gast.Tuple, gast.Slice))
                    else self.node_text(index)
                )
                return subscript(self.part_tree(node.value, root, primal=primal), tree)
            case gast.Attribute(attr="T"):
                return attribute(self.part_tree(node.value, root, primal=primal), "T")
        raise self.function.refuse(
            node, "a subscript of this value is not supported", "Assign it to a name first."
        )
