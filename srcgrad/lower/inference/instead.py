"""Expressions on containers that stand for simpler ones: stars, extremes, order, dicts.

What stands for an expression is built and typed where it is met, and noted; `containers.replacing`
puts it in place afterwards. An operand that would be read twice gets a name first.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from srcgrad.kinds import (
    BOOL,
    INT,
    Array,
    Iteration,
    Kind,
    List,
    Record,
    Scalar,
    Static,
    is_tuple,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.arrays import Arrays
from srcgrad.lower.inference.displays import has_star
from srcgrad.lower.inference.instances import Empty
from srcgrad.lower.respell.generators import order_of
from srcgrad.syntax.quote import attribute, call, constant, name, subscript, target

WHOLE = (math.factorial, math.comb, math.perm, math.gcd, math.lcm, math.isqrt)
ITEMWISE = (sum, min, max, any, all, sorted, math.fsum, list, tuple, set, frozenset)


class Instead(Arrays):
    """Types expressions by what stands for them."""

    def instead(self, node: gast.expr) -> Kind | None:
        """The kind of what stands for an expression; None for one that stands for itself."""
        if not self.typed.kinds:
            comprehension.count = 0  # type: ignore[attr-defined]
        new: gast.expr | None = None
        match node:
            case gast.Name() | gast.Constant():
                return None
            case gast.Subscript(value=gast.Subscript(slice=gast.Slice()) as part):
                if isinstance(self.eval(part), List):
                    self.typed.lifted.add(part)
                return None
            case gast.List(elts=elts) | gast.Tuple(elts=elts) if has_star(elts):
                new = self.starred_display(node)
            case gast.Dict(keys=keys) if None in keys:
                new = self.merged_display(node)
            case gast.Call() if has_star(node.args) or any(k.arg is None for k in node.keywords):
                new = self.starred_call(node)
            case gast.Call(func=gast.Attribute(attr="item"), args=[_, *_], keywords=[]):
                new = self.entry(node)
        return None if new is None else self.stands(node, new)

    def entry(self, node: gast.Call) -> gast.expr | None:
        """`x.item(k)` and `x.item(i, j)` as the number of an entry."""
        kind = self.eval(node.func.value)
        if not isinstance(kind, Array) or not kind.dims:
            return None
        args = node.args
        if len(args) == 1 and isinstance(args[0], gast.Tuple):
            args = args[0].elts
        rank = len(kind.dims)
        if not all(is_int(self.eval(a)) for a in args):
            return None
        base = node.func.value
        if len(args) == rank > 1:
            found = subscript(base, gast.Tuple(elts=list(args), ctx=gast.Load()))
        elif len(args) == 1:
            found = subscript(base if rank == 1 else attribute(base, "flat"), args[0])
        else:
            return None
        return call(attribute(found, "item"))

    def spelled_out(self, node: gast.expr) -> Kind:
        """The kind of what is unpacked: the items of `d.values()`, `zip(a, b)` and the like."""
        found = self.items(node)
        if found is None:
            return self.stands(node, call(name("list"), node))
        return self.stands(node, gast.Tuple(elts=found, ctx=gast.Load()))

    def starred_display(self, node: gast.List | gast.Tuple) -> gast.expr | None:
        """`[*a, b]` and `(*a, b)`."""
        groups: list[list[gast.expr] | gast.expr] = [[]]
        for e in node.elts:
            if not isinstance(e, gast.Starred):
                found: list[gast.expr] | None = [e]
            else:
                found = self.items(e.value)
            if found is None:
                groups += [e.value, []]
            else:
                last = groups[-1]
                assert isinstance(last, list)
                last += found
        if len(groups) == 1:
            return type(node)(elts=groups[0], ctx=gast.Load())
        parts = [
            gast.List(elts=g, ctx=gast.Load()) if isinstance(g, list) else self.as_list(g)
            for g in groups
            if g != []
        ]
        new = parts[0] if len(parts) > 1 else call(name("list"), parts[0])
        for p in parts[1:]:
            new = gast.BinOp(left=new, op=gast.Add(), right=p)
        return call(name("tuple"), new) if isinstance(node, gast.Tuple) else new

    def as_list(self, node: gast.expr) -> gast.expr:
        """An iterable as a list."""
        return node if isinstance(self.eval(node), List) else call(name("list"), node)

    def starred_call(self, node: gast.Call) -> gast.expr | None:
        """`f(*a, **d)`."""
        args: list[gast.expr] = []
        for a in node.args:
            found = self.items(a.value) if isinstance(a, gast.Starred) else [a]
            if found is None:
                return self.starred_list(node)
            args += found
        keywords: list[Any] = []
        for k in node.keywords:
            if k.arg is not None:
                keywords.append(k)
                continue
            kind = self.eval(k.value)
            if not isinstance(kind, Record) or kind.type is not dict:
                return None
            base = self.again(k.value)
            keywords += [
                gast.keyword(arg=key, value=subscript(copy.deepcopy(base), constant(key)))
                for key in kind.keys
            ]
        return gast.Call(func=node.func, args=args, keywords=keywords)

    def starred_list(self, node: gast.Call) -> gast.expr | None:
        """`max(*xs)` and `zip(*rows)` of a list of unknown length."""
        kind = self.eval(node.func)
        value = kind.value if isinstance(kind, Static) else None
        if value in (min, max) and not any(k.arg is None for k in node.keywords):
            whole = gast.List(elts=node.args, ctx=gast.Load())
            return gast.Call(func=node.func, args=[whole], keywords=node.keywords)
        if value is zip and len(node.args) == 1 and not node.keywords:
            rows = self.eval(node.args[0].value)
            if isinstance(rows, List):
                return self.transposed(node.args[0].value, rows.item)
        return None

    def transposed(self, node: gast.expr, row: Kind | None) -> gast.expr | None:
        """`zip(*rows)` as the lists of the first items, the second, and so on."""
        base = self.again(node)
        if isinstance(row, Record) and is_tuple(row):
            columns = [
                comprehension(partial(item_at, k), copy.deepcopy(base))
                for k in range(len(row.items))
            ]
            parts: list[gast.expr] = [call(name("tuple"), c) for c in columns]
            return gast.Tuple(elts=parts, ctx=gast.Load())
        if not isinstance(row, List):
            return None
        lengths = comprehension(lambda r: call(name("len"), r), copy.deepcopy(base))
        count = call(name("range"), call(name("min"), lengths))
        return comprehension(
            lambda j: call(
                name("tuple"), comprehension(lambda r: subscript(r, j), copy.deepcopy(base))
            ),
            count,
        )

    def builtin(self, node: gast.Call, value: Any) -> Kind | None:
        """The kind of a call of a builtin on a container; None for any other call."""
        found = mappings.made(self, node, value)
        if found is None:
            found = mappings.gathered(self, node, value, comprehension)
        if found is not None:
            return found
        if value is dict or value == dict.fromkeys:
            new = self.built_dict(node) if value is dict else self.from_keys(node)
            return None if new is None else self.stands(node, new)
        if any(value is w for w in WHOLE) and not node.keywords:
            kinds = [self.eval(a) for a in node.args]
            if all(k is not None and not may_be_active(k) for k in kinds):
                return self.callee(node, Callee("builtin", value), INT)
        if not any(value is f for f in ITEMWISE) or len(node.args) not in (1, 2):
            return None
        if len(node.args) == 2 and value is not sum:
            return None
        kind = self.eval(node.args[0])
        if isinstance(kind, Iteration) or (isinstance(kind, Record) and kind.type is dict):
            if (
                value in (min, max, any, all)
                and isinstance(kind, Iteration)
                and kind.name == "range"
            ):
                return self.callee(
                    node, Callee("builtin", value), INT if value in (min, max) else BOOL
                )
            items = self.items(node.args[0])
            if items is not None:
                listed = gast.List(elts=items, ctx=gast.Load())
                if value is list:
                    return self.stands(node, listed)
                if value is tuple:
                    return self.stands(node, gast.Tuple(elts=items, ctx=gast.Load()))
                new = gast.Call(
                    func=node.func, args=[listed, *node.args[1:]], keywords=node.keywords
                )
                return self.stands(node, new)
        if kind == List(None) and value in (min, max):
            raise Empty(node, "items of an empty list")
        if kind == List(None) and value is sum and len(node.args) == 1 and not node.keywords:
            return self.callee(node, Callee("builtin", sum), INT)
        table: dict[Any, Callable[[gast.Call, Kind, Any], Kind | None]] = {
            min: self.extreme,
            max: self.extreme,
            any: self.quantified,
            all: self.quantified,
            sorted: self.in_order,
            sum: self.summed,
        }
        return table[value](node, kind, value) if value in table else None

    def quantified(self, node: gast.Call, kind: Kind, value: Any) -> Kind | None:
        """`any(xs)` and `all(xs)`."""
        if isinstance(kind, (List, Record)):
            return self.callee(node, Callee("builtin", value), BOOL)
        return None

    def extreme(self, node: gast.Call, kind: Kind, value: Any) -> Kind | None:
        """`max(xs)`: one of a few known items, or the item at the position of the largest."""
        if node.keywords:
            return None
        if isinstance(kind, Record) and len(kind.items) > 1:
            items = self.items(node.args[0])
            if items is not None and all(numeric(k) is not None for k in kind.items):
                return self.stands(node, gast.Call(func=node.func, args=items, keywords=[]))
        if isinstance(kind, Array) and kind.dims is not None and len(kind.dims) == 1:
            inner = call(name("list"), node.args[0])
            return self.stands(node, gast.Call(func=node.func, args=[inner], keywords=[]))
        if isinstance(kind, Record) and kind.type is not dict and kind.items:
            base = self.again(node.args[0])
            item = subscript(base, constant(0))
            return self.stands(node, item) if len(kind.items) == 1 else None
        if not isinstance(kind, List) or kind.item is None:
            return None
        if not may_be_active(kind):
            return self.callee(node, Callee("builtin", value), kind.item)
        if node in self.inner_calls:
            return self.callee(node, Callee("builtin", value), kind.item)
        base = self.again(node.args[0])
        best = gast.Call(func=copy.deepcopy(node.func), args=[base], keywords=[])
        self.inner_calls.add(best)
        at = call(attribute(copy.deepcopy(base), "index"), best)
        return self.stands(node, subscript(copy.deepcopy(base), at))

    def in_order(self, node: gast.Call, kind: Kind, _: Any) -> Kind | None:
        """`sorted(xs)`: the items in the order of their values."""
        options = {k.arg: k.value for k in node.keywords}
        key = options.get("key")
        if isinstance(key, gast.Attribute) and key.attr == "__getitem__":
            for o in (key.value, *([options["reverse"]] if "reverse" in options else [])):
                self.eval(o)
            return self.callee(node, Callee("builtin", sorted), List(INT))
        if key is not None or set(options) - {"reverse"}:
            return None
        if "reverse" in options:
            self.eval(options["reverse"])
        if isinstance(kind, Array) and kind.dims is not None and len(kind.dims) == 1:
            inner = call(name("list"), node.args[0])
            return self.stands(
                node, gast.Call(func=node.func, args=[inner], keywords=node.keywords)
            )
        known = isinstance(kind, Record) and self.known_order(node, kind, options)
        if known:
            return known
        if not may_be_active(kind):
            item = self.item_or_none(node, kind)
            return self.callee(node, Callee("builtin", sorted), List(item))
        if not isinstance(kind, (List, Record)):
            return None
        base = self.again(node.args[0])
        if not isinstance(base, gast.Name):
            self.typed.lifted.add(node.args[0])
            base = name("items")
            return List(self.item_or_none(node, kind))
        order = order_of(base.id, copy.deepcopy(options.get("reverse")))
        self.typed.lifted.add(order)
        return self.stands(node, comprehension(lambda i: subscript(base, i), order))

    def known_order(self, node: gast.Call, kind: Record, options: Any) -> Kind | None:
        """The kind of a sorted display of constants, or of pairs with constants in front."""
        items = self.items(node.args[0])
        reverse = options.get("reverse")
        flag = self.typed.kinds[reverse] if reverse is not None else Static(False)
        if items is None or not isinstance(flag, Static):
            return None
        firsts = [i.items[0] if is_tuple(i) and i.items else i for i in kind.items]  # type: ignore[union-attr]
        if not firsts or not all(isinstance(k, Static) for k in firsts):
            return None
        values: list[Any] = [k.value for k in firsts if isinstance(k, Static)]
        try:
            if len(set(values)) < len(values):
                return None
            order = sorted(range(len(values)), key=lambda i: values[i], reverse=bool(flag.value))
        except TypeError:
            return None
        return self.stands(node, gast.List(elts=[items[i] for i in order], ctx=gast.Load()))

    def summed(self, node: gast.Call, kind: Kind, _: Any) -> Kind | None:
        """`sum(xs, start)` of a list, whose sum starts with the first item."""
        start = node.args[1] if len(node.args) > 1 else None
        start = next((k.value for k in node.keywords if k.arg == "start"), start)
        if start is None or not isinstance(kind, List):
            return None
        if isinstance(self.eval(start), (List, Record)):
            return None
        first = gast.List(elts=[start], ctx=gast.Load())
        both = gast.BinOp(left=first, op=gast.Add(), right=node.args[0])
        return self.stands(node, call(node.func, both))

    def comprehended(self, node: gast.ListComp) -> Kind:
        """The kind of a comprehension that stands for something."""
        (g,) = node.generators
        item = self.item_or_none(g.iter, self.eval(g.iter))
        kept = self.env.get(g.target.id)
        self.env[g.target.id] = item if item is not None else Scalar(INT.dtype)
        kind = self.eval(node.elt)
        del self.env[g.target.id]
        if kept is not None:
            self.env[g.target.id] = kept
        return List(kind)


def item_at(k: int, row: gast.expr) -> gast.expr:
    """`row[k]`."""
    return subscript(row, constant(k))


def comprehension(make: Callable[[gast.expr], gast.expr], over: gast.expr) -> gast.ListComp:
    """`[make(item) for item in over]`."""
    comprehension.count += 1  # type: ignore[attr-defined]
    label = f"item|k_{comprehension.count}"  # type: ignore[attr-defined]
    to = target(label)
    inner = gast.comprehension(target=to, iter=over, ifs=[], is_async=0)
    out = gast.ListComp(elt=make(name(label)), generators=[inner])
    out.made = True
    return out


comprehension.count = 0  # type: ignore[attr-defined]


def is_int(kind: Kind) -> bool:
    """Whether a value is an integer."""
    found = numeric(kind)
    return isinstance(found, Scalar) and found.dtype.kind in "iu"
