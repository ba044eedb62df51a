"""Extremes and order by keys: the item at the position of the largest key, items in order."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.lower.respell.generators import generator, order_of
from srcgrad.lower.respell.iterators import Iterators
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript


class Ordering(Iterators):
    """Rewrites `max`, `min` and `sorted` with keys and defaults."""

    def extreme(self, node: gast.Call, function: Any) -> gast.expr | None:
        """`max(xs, key=f, default=v)`: the item at the position of the largest key."""
        options = {k.arg: k.value for k in node.keywords}
        key, default = options.pop("key", None), options.pop("default", None)
        if options:
            return None
        items = self.as_named_list(node.args[0])
        label = self.new("largest" if function is max else "smallest")

        def found() -> gast.expr:
            keys = items if key is None else self.keys(items, key)
            best = call(copy.deepcopy(node.func), name(keys))
            at = call(attribute(name(keys), "index"), best)
            return subscript(name(items), at)

        before, value = self.captured(found)
        if default is None:
            self.before += before
            return value
        group = [*before, assign(label, value)]
        first, other = self.captured(lambda: self.flat(default))
        test = call(name("len"), name(items))
        compare = gast.Compare(left=test, ops=[gast.Gt()], comparators=[constant(0)])
        otherwise = [*first, assign(label, other)]
        self.before.append(gast.If(test=compare, body=group, orelse=otherwise))
        return name(label)

    def keys(self, items: str, key: gast.expr) -> str:
        """The name of a list of the keys of items."""
        item = self.new("item")
        if isinstance(key, gast.Constant) and key.value is None:
            return items
        value = self.applied(key, [name(item)])
        if value is None:
            value = call(key, name(item))
        made = self.flat(
            gast.ListComp(elt=value, generators=generator(value, (item, name(items))).generators)
        )
        assert isinstance(made, gast.Name)
        return made.id

    def in_order(self, node: gast.Call) -> gast.expr | None:
        """`sorted(xs, key=f)`: the items in the order of their keys."""
        options = {k.arg: k.value for k in node.keywords}
        key, reverse = options.pop("key", None), options.pop("reverse", None)
        if options or key is None:
            return None
        items = self.as_named_list(node.args[0])
        keys = self.keys(items, key)
        return self.ordered(items, keys, reverse)

    def ordered(self, items: str, keys: str, reverse: gast.expr | None) -> gast.expr:
        """The items of one list in the order of another's."""
        order, i = self.new("order"), self.new("i")
        self.before.append(assign(order, order_of(keys, reverse)))
        value = subscript(name(items), name(i))
        inner = generator(value, (i, name(order)))
        return self.flat(gast.ListComp(elt=inner.elt, generators=inner.generators))
