"""Kinds of dicts whose keys are known at run time only, and of what is done with them."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import (
    BOOL,
    INT,
    Dict,
    Iteration,
    Kind,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_tuple,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.join import describe, join
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.instances import Empty
from srcgrad.lower.inference.typer import handed
from srcgrad.syntax.quote import attribute, call, constant, name, subscript
from srcgrad.syntax.walk import walk

STRING = Opaque("a string")
VIEWS = ("items", "keys", "values")
CHANGES = ("pop", "setdefault", "update", "clear")
GATHERING = (sum, min, max, sorted, list, tuple, set, frozenset, any, all)


class Keyed(gast.Dict):
    """A display of a dict that is written at keys which are known at run time only."""

    missing: float | None = None


class KeyedFloats(Keyed):
    """A dict in which reading puts 0.0 at a key that is not there."""

    missing = 0.0


class KeyedInts(Keyed):
    """A dict in which reading puts 0 at a key that is not there."""

    missing = 0


Keyed.__name__ = KeyedFloats.__name__ = KeyedInts.__name__ = "Dict"


def made(typer: Any, node: gast.Call, value: Any) -> Kind | None:
    """The kind of `defaultdict(float)`, or `dict(pairs)`; None for another call."""
    if value is defaultdict and len(node.args) == 1 and not node.keywords:
        kind = typer.eval(node.args[0])
        of = kind.value if isinstance(kind, Static) else None
        if of in (float, int):
            make = KeyedFloats if of is float else KeyedInts
            return typer.stands(node, make(keys=[], values=[]))
        what = "a defaultdict of anything but float or int is not supported"
        raise typer.function.refuse(node, what, "Use a dict of floats, or lists with names.")
    if value is defaultdict or value is Counter:
        what = f"`{value.__name__}` with these arguments is not supported"
        raise typer.function.refuse(node, what, "Use defaultdict(float).")
    return None


def display(typer: Any, node: gast.Dict, keys: list[Kind], values: tuple[Kind, ...]) -> Kind | None:
    """The kind of a display with keys that are not constant; None for any other display."""
    known = all(isinstance(k, Static) and isinstance(k.value, (str, int)) for k in keys)
    if known and not isinstance(node, Keyed):
        return None
    out = Dict(None, None, None, node.missing if isinstance(node, Keyed) else None)
    for n, k, v in zip(node.keys, keys, values, strict=True):
        out = with_item(typer, n, out, k, v)
    return out


def with_item(typer: Any, node: gast.AST, base: Dict, key: Kind, value: Kind) -> Dict:
    """The kind of a dict after an item was put into it.

    Raises:
        Unsupported: the key, or the value, is of a kind that is not followed in such a dict.
    """
    held = key_kind(key)
    if held is None:
        what = f"{describe(key)} is the key of a dict"
        raise typer.function.refuse(node, what, "Use ints, strings, or tuples of them.")
    if isinstance(value, Static):
        value = numeric(value) or value
    if isinstance(value, Scalar):
        value = Scalar(value.dtype, value.python)
    listed = isinstance(value, List) or (isinstance(value, Record) and value.type is list)
    if listed or (may_be_active(value) and not isinstance(value, Scalar)):
        what = f"{describe(value)} is held by a dict whose keys are not constant"
        raise typer.function.refuse(node, what, "Use a list, or a dict of floats.")
    item = value if base.item is None else join(base.item, value)
    keys = held if base.key is None else join_keys(base.key, held)
    return Dict(item, None, keys, base.missing)


def item(typer: Any, node: gast.Subscript, base: Dict) -> Kind:
    """The kind of `d[k]`."""
    typer.eval(node.slice)
    typer.typed.unproven.add(node)
    if base.missing is not None:
        missing = Scalar(np.dtype(type(base.missing)))
        return missing if base.item is None else join(base.item, missing)
    if base.item is None:
        raise Empty(node, "an item of an empty dict")
    return base.item


def key_kind(kind: Kind) -> Kind | None:
    """The kind of a key of which nothing is known; None for what must not be a key."""
    if isinstance(kind, Static) and isinstance(kind.value, str):
        return STRING
    number = numeric(kind)
    if isinstance(number, Scalar) and number.dtype.kind in "iub":
        return BOOL if number.dtype.kind == "b" else INT
    if isinstance(kind, Record) and is_tuple(kind):
        parts = [key_kind(i) for i in kind.items]
        found = tuple(p for p in parts if p is not None)
        return Record(tuple, tuple(range(len(parts))), found) if len(found) == len(parts) else None
    if isinstance(kind, Opaque):
        return kind if kind == STRING else Opaque("a key")
    return None


def join_keys(a: Kind, b: Kind) -> Kind:
    """The kind of keys of two kinds."""
    return a if a == b else Opaque("a key")


def store(typer: Any, t: gast.Subscript, base: Dict, kind: Kind) -> None:
    """Assign to an item."""
    key = typer.eval(t.slice)
    new = with_item(typer, t, base, key, kind)
    typer.record(t, new.item)
    named(typer, t, t.value)
    note(typer, t.value, new)


def note(typer: Any, d: gast.Name, new: Dict) -> None:
    """Note the new kind of a dict under all names that it may have."""
    pairs = [
        {s.targets[0].id, a}
        for s in walk(typer.function.node)
        if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name)
        for a in handed(s.value)
    ]
    group = {d.id}
    while more := {n for p in pairs if p & group for n in p} - group:
        group |= more
    typer.change(d, new)
    for n in sorted(group - {d.id}):
        old = typer.env.get(n)
        if isinstance(old, Dict):
            typer.change(name(n), join(old, new))


def named(typer: Any, node: gast.AST, d: gast.expr) -> None:
    """Refuse to change a dict that is held by something else."""
    if not isinstance(d, gast.Name):
        what = "a dict that is held by another value is changed at a key that is not constant"
        raise typer.function.refuse(node, what, "Assign the dict to a name first.")


def method(typer: Any, node: gast.Call, base: Dict, label: str) -> Kind:
    """The kind of a call of a method."""
    d = node.func.value
    kept = Callee("method", label, (("dict", d),))
    plain = not node.keywords
    if label in VIEWS and not node.args:
        found: Kind = Iteration(label, (base,)) if label != "keys" else base
        return typer.stands(node, d) if label == "keys" else typer.callee(node, kept, found)
    if label == "copy" and not node.args:
        return typer.callee(node, kept, base)
    if label == "get" and len(node.args) in (1, 2) and plain:
        return got(typer, node, base, kept)
    if label in CHANGES:
        return changed(typer, node, base, kept)
    raise typer.no_rule(node, f"{label}() of a dict", "Read and write d[key].")


def got(typer: Any, node: gast.Call, base: Dict, kept: Callee) -> Kind:
    """`d.get(k, default)`: one with a constant is left, any other stands for a choice."""
    kinds = [typer.eval(a) for a in node.args]
    default = node.args[1] if len(node.args) > 1 else constant(None)
    if isinstance(default, gast.Constant) and numeric(kinds[-1]) is not None and len(kinds) == 2:
        number = numeric(kinds[-1])
        assert number is not None
        default_kind = Scalar(number.dtype, True)
        kind = default_kind if base.item is None else join(base.item, default_kind)
        return typer.callee(node, kept, kind)
    key = node.args[0] if is_plain(node.args[0]) else typer.again(node.args[0])
    if not is_plain(default):
        default = typer.again(default)
    d = node.func.value
    test = gast.Compare(left=copy.deepcopy(key), ops=[gast.In()], comparators=[copy.deepcopy(d)])
    if base.item is None:
        return kinds[-1] if len(kinds) > 1 else Static(None)
    item = subscript(copy.deepcopy(d), copy.deepcopy(key))
    return typer.stands(node, gast.IfExp(test=test, body=item, orelse=copy.deepcopy(default)))


def is_plain(node: gast.expr) -> bool:
    """Whether an expression is made of names, constants and their arithmetic."""
    plain = (gast.Name, gast.Constant, gast.Tuple, gast.BinOp, gast.UnaryOp)
    return all(isinstance(n, plain) for n in walk(node) if isinstance(n, gast.expr))


def changed(typer: Any, node: gast.Call, base: Dict, kept: Callee) -> Kind:
    """A method that changes a dict."""
    d, label = node.func.value, node.func.attr
    named(typer, node, d)
    kinds = [typer.eval(a) for a in node.args]
    new = base
    result: Kind | None = Static(None)
    if label == "setdefault" and len(kinds) in (1, 2):
        default = kinds[1] if len(kinds) == 2 else Static(None)
        new = with_item(typer, node, base, kinds[0], default)
        result = new.item
    elif label == "pop" and len(kinds) in (1, 2):
        parts = [k for k in (base.item, *kinds[1:]) if k is not None]
        result = join(parts[0], parts[-1]) if parts else Static(None)
    elif label == "update":
        new = updated(typer, node, base, kinds)
    elif label != "clear":
        raise typer.no_rule(node, f"{label}() of a dict with these arguments", "Write it out.")
    note(typer, d, new)
    return typer.callee(node, kept, result or Static(None))


def updated(typer: Any, node: gast.AST, base: Dict, kinds: list[Kind]) -> Dict:
    """The kind of a dict after `d.update(e, k=v)`."""
    for kind in kinds:
        if isinstance(kind, Record) and kind.type is dict:
            for k, v in zip(kind.keys, kind.items, strict=True):
                base = with_item(typer, node, base, Static(k), v)
        elif isinstance(kind, Dict):
            if kind.key is not None and kind.item is not None:
                base = with_item(typer, node, base, kind.key, kind.item)
        else:
            what = f"a dict is updated with {describe(kind)}"
            raise typer.function.refuse(node, what, "Write a loop that assigns items.")
    for k in getattr(node, "keywords", ()):
        base = with_item(typer, node, base, Static(k.arg), typer.eval(k.value))
    return base


def gathered(typer: Any, node: gast.Call, value: Any, made: Any) -> Kind | None:
    """The kind of `sum(d.values())` and the like, which take all items at once.

    Args:
        typer: the interpreter at work.
        node: the call.
        value: what is called.
        made: makes a comprehension from a function of an item and an iterable.
    """
    first = node.args[0] if node.args else None
    if not any(value is g for g in (*GATHERING, dict)) or first is None:
        return None
    kind = typer.eval(first)
    if value is dict:
        if not isinstance(kind, Dict) or node.keywords:
            return None
        return typer.stands(node, call(attribute(first, "copy")))
    if isinstance(kind, Dict):
        if value in (list, tuple):
            return typer.callee(node, Callee("builtin", value), List(kind.key))
        if value is sorted and not node.keywords:
            return typer.callee(node, Callee("builtin", value), List(kind.key))
        listed: gast.expr = call(name("list"), first)
    elif isinstance(kind, Iteration) and isinstance(kind.parts[0], Dict):
        listed = items_of(typer, first, kind, made)
    else:
        return None
    if value is list:
        return typer.stands(node, listed)
    args = [listed, *node.args[1:]]
    return typer.stands(node, gast.Call(func=node.func, args=args, keywords=node.keywords))


def items_of(typer: Any, node: gast.Call, kind: Iteration, made: Any) -> gast.expr:
    """`d.values()` or `d.items()` as a comprehension over the keys."""
    if not isinstance(node, gast.Call):
        what = "a view of a dict whose keys are not constant is kept"
        raise typer.function.refuse(node, what, "Loop over d.items() itself, or list it.")
    d = typer.again(node.func.value)

    def item(key: gast.expr) -> gast.expr:
        part = subscript(copy.deepcopy(d), copy.deepcopy(key))
        return part if kind.name == "values" else gast.Tuple(elts=[key, part], ctx=gast.Load())

    return made(item, copy.deepcopy(d))


def item_of(kind: Kind) -> Kind | None:
    """What a loop over a dict, or a view of one, gives; None for other values."""
    match kind:
        case Dict():
            return kind.key
        case Iteration(name="values", parts=(Dict() as d,)):
            return d.item
        case Iteration(name="items", parts=(Dict() as d,)) if d.key and d.item:
            return Record(tuple, (0, 1), (d.key, d.item))
    return None
