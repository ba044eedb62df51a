"""Pieces that generators and loops are made of, before anything is typed."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.lower.base.trees import Substitution, placed
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import attribute, call, constant, name, target
from srcgrad.syntax.walk import walk

LONGEST_DISPLAY = 16


def order_of(keys: str, reverse: gast.expr | None) -> gast.Call:
    """`sorted(range(len(keys)), key=keys.__getitem__)`."""
    options = {"key": attribute(name(keys), "__getitem__")}
    if reverse is not None:
        options["reverse"] = reverse
    return call(name("sorted"), call(name("range"), call(name("len"), name(keys))), **options)


def generator(
    value: gast.expr, *loops: tuple[Any, gast.expr], first: Any = None, test: Any = None
) -> gast.GeneratorExp:
    """A generator expression over one or more iterables."""
    found = [first] if first is not None else []
    generators = [
        gast.comprehension(
            target=target(t) if isinstance(t, str) else t, iter=over, ifs=[], is_async=0
        )
        for t, over in (*found, *loops)
    ]
    if test is not None:
        generators[-1].ifs.append(test)
    return gast.GeneratorExp(elt=value, generators=generators)


def loop(item: str, over: gast.expr, body: list[gast.stmt]) -> gast.For:
    """`for item in over: body`."""
    return gast.For(target=target(item), iter=over, body=body, orelse=[], type_comment=None)


def increased(identifier: str) -> gast.expr:
    """`i + 1`."""
    return gast.BinOp(left=name(identifier), op=gast.Add(), right=constant(1))


def known_display(node: gast.DictComp) -> gast.Dict | None:
    """`{k: v for k in ("a", "b")}` as a display; None where keys are not as plain as this."""
    first = node.generators[0]
    if len(node.generators) > 1 or first.ifs or not isinstance(first.target, gast.Name):
        return None
    label, over = first.target.id, first.iter
    if not isinstance(node.key, gast.Name) or node.key.id != label:
        return None
    over = letters(over)
    if not isinstance(over, (gast.Tuple, gast.List)):
        return None
    keys = over.elts
    if not all(isinstance(k, gast.Constant) for k in keys) or not 0 < len(keys) <= LONGEST_DISPLAY:
        return None
    if len({k.value for k in keys}) < len(keys) or rebinds(node.value, label):
        return None
    values = [Substitution({label: k}).visit(copy.deepcopy(node.value)) for k in keys]
    return gast.copy_location(gast.Dict(keys=[copy.deepcopy(k) for k in keys], values=values), node)


def letters(node: gast.expr) -> gast.expr:
    """What a loop over a string goes through, as a tuple; any other iterable as it is."""
    if not isinstance(node, gast.Constant) or not isinstance(node.value, str):
        return node
    return placed(gast.Tuple(elts=[constant(c) for c in node.value], ctx=gast.Load()), node)


def rebinds(node: gast.expr, label: str) -> bool:
    """Whether a name may mean something else within an expression."""
    inner = (gast.Lambda, gast.NamedExpr)
    return label in stores(node) or any(isinstance(n, inner) for n in walk(node))


def is_flattening(node: gast.Call) -> bool:
    """Whether a call of `sum` starts with an empty list."""
    return (
        len(node.args) == 2
        and not node.keywords
        and isinstance(node.args[1], gast.List)
        and not node.args[1].elts
    )


def is_taking(node: gast.AST) -> bool:
    """Whether a call looks as if it takes an item out of a container, or puts one in."""
    return (
        isinstance(node, gast.Call)
        and isinstance(node.func, gast.Attribute)
        and node.func.attr in ("pop", "setdefault")
        and isinstance(node.func.value, (gast.Name, gast.Subscript))
    )


def among(value: Any, values: tuple[Any, ...]) -> bool:
    """Whether a value is one of some."""
    return any(value is v for v in values)


def is_lookup(node: gast.AST) -> bool:
    """Whether an expression is `xs.__getitem__`."""
    return isinstance(node, gast.Attribute) and node.attr == "__getitem__"


def is_int(node: gast.AST) -> bool:
    """Whether an expression is a constant int."""
    return isinstance(node, gast.Constant) and type(node.value) is int
