"""`max`, `min` and `sorted` whose key is a function that is followed."""

from __future__ import annotations

import gast

from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.containers import constant_key
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.growing import add, start_list
from srcgrad.lower.elaborate.names import read_name
from srcgrad.lower.elaborate.values import Generating, Known, Plain, Value
from srcgrad.lower.respell.generators import loop, order_of
from srcgrad.syntax.quote import attribute, call, name, subscript


def by_key(
    e: Context, label: str, over: Value, keywords: dict[str, Value], node: gast.expr
) -> Value | None:
    """The largest item, the smallest or all in order, by a key; None where the call stays."""
    key = keywords.get("key")
    wanted = {"key", "reverse"} if label == "sorted" else {"key"}
    if key is None or set(keywords) - wanted or constant_key(key) == (None,):
        return None
    if isinstance(key, Plain) or (isinstance(key, Known) and key.expr is not None):
        return None
    if isinstance(over, Generating):
        over = e.collect(over, node)
    items = e.named(Plain(placed(call(name("list"), e.code(over, node)), node)), "items")
    keys = start_list(e)
    e.each_of(items, lambda item: add(e, keys, e.apply(key, [item], {}, node)), node)
    found = e.code(read_name(e, placed(name(keys), node)), node)
    if not isinstance(found, gast.Name):
        raise e.refuse(
            node, f"`{label}` by keys of this kind is not supported", "Use numbers as keys."
        )
    if label == "sorted":
        return in_order(e, items.expr, found.id, keywords.get("reverse"), node)
    best = call(attribute(found, "index"), call(name(label), found))
    return Plain(placed(subscript(items.expr, best), node))


def in_order(
    e: Context, items: gast.expr, keys: str, reverse: Value | None, node: gast.expr
) -> Value:
    """A new list of the items in the order of their keys."""
    flag = e.code(reverse, node) if reverse is not None else None
    order = e.named(Plain(placed(order_of(keys, flag), node)), "order")
    out, index = start_list(e), e.fresh("i")
    push = call(attribute(name(out), "append"), subscript(items, name(index)))
    e.emit(loop(index, order.expr, [placed(gast.Expr(value=push), node)]))
    return read_name(e, placed(name(out), node))
