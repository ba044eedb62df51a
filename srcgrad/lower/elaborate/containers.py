"""Containers of functions and objects: their methods, and what is written into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from srcgrad.kinds import List, Record, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import plain_constant, steady
from srcgrad.lower.elaborate.nature import is_row
from srcgrad.lower.elaborate.order import several
from srcgrad.lower.elaborate.values import Instance, Items, Known, Plain, Value
from srcgrad.syntax.quote import constant, subscript
from srcgrad.syntax.walk import clone


def sequence(value: Value) -> list[Value] | None:
    """The items of a tuple or list that is followed; None for other values."""
    match value:
        case Items(type=made) if made in (tuple, list):
            return list(value.cells.values())
        case Items(type=made) if made is dict:
            return [plain_constant(k) for k in value.cells]
        case Instance() if issubclass(value.cls.value, tuple):
            return list(value.cells.values())
        case Known(value=thing) if type(thing) in (tuple, list):
            return [Known(v) for v in thing]
        case Plain(expr=gast.Tuple() | gast.List() as d) if not any(
            isinstance(x, gast.Starred) for x in d.elts
        ):
            return [Plain(x) for x in d.elts]
    return None


def opened(e: Context, value: Value) -> Value:
    """A tuple or list of objects that an argument holds, as a container of its parts."""
    return row(e, value) if isinstance(value, Plain) and is_row(value.kind) else value


def row(e: Context, value: Plain) -> Items:
    """The parts of a tuple or list of objects that an argument holds."""
    kind = value.kind
    assert isinstance(kind, Record)
    whole = steady_path(e, value)
    cells: dict[Any, Value] = {}
    for k, inner in zip(kind.keys, kind.items, strict=True):
        code = placed(subscript(clone(whole.expr), constant(int(k))), e.at)
        if isinstance(inner, Static) and callable(inner.value):
            cells[len(cells)] = Known(inner.value, code)
        else:
            cells[len(cells)] = Plain(code, inner)
    made: Items = e.held(Items(cells, type=kind.type, frozen=True))
    return made


def steady_path(e: Context, value: Plain) -> Plain:
    """A value of an argument by the path to it, unless that may lead elsewhere later."""
    root = value.expr
    while isinstance(root, (gast.Attribute, gast.Subscript)):
        root = root.value
    if isinstance(root, gast.Name) and root.id in e.constant_names:
        return value
    return steady(e, value, "items")


def check(e: Context, base: Items, node: gast.AST) -> None:
    """Refuse a change of a container that stands for one of several."""
    if base.frozen:
        raise e.refuse(
            node,
            f"a {base.type.__name__} of functions or objects that a branch chose is changed",
            "Make a new one instead.",
        )


def change(e: Context, base: Items, node: gast.Call) -> Value | None:
    """A method of a container that is followed; None for those of other passes."""
    assert isinstance(node.func, gast.Attribute)
    method = METHODS.get((base.type, node.func.attr))
    if method is None or node.keywords or any(isinstance(a, gast.Starred) for a in node.args):
        raise e.refuse(
            node,
            f"`{node.func.attr}` of a {base.type.__name__} of objects is not supported",
            "Write it out.",
        )
    return method(e, base, several(e, node.args), node)


def renumbered(base: Items, values: list[Value]) -> None:
    """Give a list other items."""
    base.cells = dict(enumerate(values))


def append(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.append(v)`."""
    check(e, base, node)
    base.cells[len(base.cells)] = held(e, args[0])
    return plain_constant(None)


def extend(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.extend(vs)`."""
    check(e, base, node)
    found = sequence(args[0])
    if found is None:
        raise e.refuse(
            node,
            "a list of functions or objects is extended by this value",
            "Append the items one by one.",
        )
    renumbered(base, [*base.cells.values(), *(held(e, v) for v in found)])
    return plain_constant(None)


def insert(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.insert(i, v)`."""
    check(e, base, node)
    values = list(base.cells.values())
    values.insert(position(e, args[0], node), held(e, args[1]))
    renumbered(base, values)
    return plain_constant(None)


def pop(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.pop()` and `xs.pop(i)`."""
    check(e, base, node)
    values = list(base.cells.values())
    if not values:
        raise e.refuse(node, "pop from an empty list", "Test its length first.")
    found = values.pop(position(e, args[0], node) if args else -1)
    renumbered(base, values)
    return found


def reverse(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.reverse()`."""
    check(e, base, node)
    renumbered(base, list(base.cells.values())[::-1])
    return plain_constant(None)


def clear(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.clear()`."""
    check(e, base, node)
    base.cells = {}
    return plain_constant(None)


def copied(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`xs.copy()`."""
    return e.held(Items(dict(base.cells), type=base.type))


def get(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.get(key)` and `d.get(key, default)`."""
    k = key(e, args[0], node)
    return base.cells.get(k, args[1] if len(args) > 1 else plain_constant(None))


def pop_key(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.pop(key)` and `d.pop(key, default)`."""
    check(e, base, node)
    k = key(e, args[0], node)
    if k not in base.cells and len(args) < 2:
        raise e.refuse(node, f"there is no item {k!r} in this dict", "Use `get` with a default.")
    return base.cells.pop(k, args[-1])


def setdefault(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.setdefault(key, value)`."""
    check(e, base, node)
    return base.cells.setdefault(key(e, args[0], node), held(e, args[1]))


def update(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.update(other)`."""
    check(e, base, node)
    match args[0]:
        case Items(type=made) if made is dict:
            base.cells |= args[0].cells
        case Plain(expr=gast.Dict() as d) if all(isinstance(k, gast.Constant) for k in d.keys):
            for k, v in zip(d.keys, d.values, strict=True):
                base.cells[k.value] = held(e, Plain(v))
        case _:
            raise e.refuse(
                node,
                "a dict of functions or objects is updated by this value",
                "Assign the items one by one.",
            )
    return plain_constant(None)


def keys(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.keys()`."""
    return e.held(Items(dict(enumerate(map(plain_constant, base.cells))), type=tuple))


def values(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.values()`."""
    return e.held(Items(dict(enumerate(base.cells.values())), type=tuple))


def items(e: Context, base: Items, args: list[Value], node: gast.Call) -> Value:
    """`d.items()`."""
    pairs = [pair(e, plain_constant(k), v) for k, v in base.cells.items()]
    return e.held(Items(dict(enumerate(pairs)), type=tuple))


def pair(e: Context, a: Value, b: Value) -> Items:
    """`(a, b)`."""
    return e.held(Items({0: a, 1: b}, type=tuple))


def held(e: Context, value: Value) -> Value:
    """A value as an item: it stays what it is."""
    return steady(e, value, "item") if isinstance(value, Plain) else value


def constant_key(value: Value) -> tuple[Any] | None:
    """A key that is known before the function runs, in a tuple."""
    if isinstance(value, Plain):
        if isinstance(value.kind, Static) and isinstance(value.kind.value, (int, str, type(None))):
            return (value.kind.value,)
        match value.expr:
            case gast.Constant(value=int() | str() | None as v):
                return (v,)
            case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() as v)):
                return (-v,)
    return None


def key(e: Context, value: Value, node: gast.AST) -> Any:
    """A key that must be known."""
    found = constant_key(value)
    if found is None:
        raise e.refuse(
            node, "a container of functions or objects is read at a key that varies", "Use `if`."
        )
    return found[0]


def position(e: Context, value: Value, node: gast.AST) -> int:
    """A position in a list, which must be known."""
    found = key(e, value, node)
    if not isinstance(found, int):
        raise e.refuse(node, f"{found!r} is no position in a list", "Use an int.")
    return found


def store(e: Context, base: Items, k: Any, value: Value, node: gast.AST) -> None:
    """`base[k] = value`."""
    check(e, base, node)
    if base.type is tuple:
        raise e.refuse(node, "a tuple cannot be changed", "Make a new one.")
    if base.type is list:
        k = k + len(base.cells) if k < 0 else k
        if k not in base.cells:
            raise e.refuse(node, f"there is no item {k!r} in this list", "Append it.")
    base.cells[k] = held(e, value)


def delete(e: Context, base: Items, k: Any, node: gast.AST) -> None:
    """`del base[k]`."""
    check(e, base, node)
    if base.type is list:
        found = list(base.cells.values())
        del found[k]
        renumbered(base, found)
    else:
        del base.cells[k]


def empty_list(value: Value | None) -> bool:
    """Whether a variable holds a list that is still empty, and has no other name."""
    return isinstance(value, Plain) and value.kind == List(None)


METHODS: dict[tuple[type, str], Callable[[Context, Items, list[Value], gast.Call], Value]] = {
    (list, "append"): append,
    (list, "extend"): extend,
    (list, "insert"): insert,
    (list, "pop"): pop,
    (list, "reverse"): reverse,
    (list, "clear"): clear,
    (list, "copy"): copied,
    (dict, "copy"): copied,
    (dict, "get"): get,
    (dict, "pop"): pop_key,
    (dict, "setdefault"): setdefault,
    (dict, "update"): update,
    (dict, "keys"): keys,
    (dict, "values"): values,
    (dict, "items"): items,
}
