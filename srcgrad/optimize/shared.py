"""Which names of a generated function refer to the same memory, once passes have added theirs.

A function knows the classes of its own names. Values that were named for the reverse sweep, saved
references, tapes and what the halves of callees recorded join a class by the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import gast

from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import is_adjoint_name, is_internal
from srcgrad.syntax.walk import nodes

Groups = dict[str, frozenset[str]]

NEW = ("copy", "flatten", "item", "tolist", "astype", "sum", "mean", "dot", "max", "min")
VIEWS = (
    "reshape",
    "ravel",
    "transpose",
    "swapaxes",
    "moveaxis",
    "squeeze",
    "expand_dims",
    "broadcast_to",
    "asarray",
    "ascontiguousarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "diag",
    "diagonal",
    "flip",
    "fliplr",
    "flipud",
    "rot90",
    "real",
    "imag",
    "nan_to_num",
    "array_split",
    "split",
)


PLAIN = ("len", "float", "int", "bool", "range", "abs", "sum", "isinstance")


def groups_of(
    body: list[gast.stmt],
    classes: Iterable[Iterable[str]],
    modules: frozenset[str],
    plain: frozenset[str],
) -> Groups:
    """The names that may refer to memory which one of them is written through.

    Args:
        body: the statements.
        classes: names of one function's own that may share memory that is written.
        modules: names that stand for modules of numpy.
        plain: names known to stand for numbers or for copies, tapes of such included.

    Returns:
        For each name all names of its group; names that share with no other are left out.
    """
    known = [set(c) for c in classes]
    if not known:
        return {}
    groups: list[set[str]] = []
    for c in known:
        met = [g for g in groups if g & c]
        groups = [g for g in groups if not g & c] + [c.union(*met)]
    links = [found - plain for found in shared_in(body, modules)]
    links = [found for found in links if len(found) > 1]
    changed = True
    while changed:
        changed = False
        for link in links:
            met = [g for g in groups if g & link]
            if not met or (len(met) == 1 and link <= met[0]):
                continue
            groups = [g for g in groups if not g & link] + [link.union(*met)]
            changed = True
    return {n: frozenset(g) for g in groups if len(g) > 1 for n in g}


def shared_in(body: list[gast.stmt], modules: frozenset[str]) -> Iterator[set[str]]:
    """Sets of names that one statement makes share memory."""
    sequences = (gast.Tuple, gast.List)
    for n in nodes(body):
        match n:
            case gast.Assign(targets=targets, value=value):
                bound = stores(*targets)
                if bound and all(map(is_adjoint_name, bound)):
                    continue
                found = set(references(value, modules))
                if isinstance(targets[0], sequences) and isinstance(value, gast.Call):
                    found |= {t for t in bound if is_internal(t)}
                for t in targets:
                    if isinstance(t, sequences) and isinstance(value, sequences):
                        for e, v in zip(t.elts, value.elts, strict=False):
                            yield {*stores(e), *references(v, modules)}
                    elif not isinstance(t, gast.Subscript):
                        yield {*stores(t), *found}
            case gast.For(target=t, iter=value):
                yield {*stores(t), *references(value, modules)}
            case gast.Call(
                func=gast.Attribute(value=gast.Name(id=held), attr="append" | "extend" | "insert"),
                args=args,
            ):
                yield {held, *(m for a in args for m in references(a, modules))}


def references(node: gast.expr, modules: frozenset[str]) -> Iterator[str]:
    """Names whose memory the value of an expression may share, as far as its text tells."""
    parts: list[gast.expr] = []
    match node:
        case gast.Name(id=n):
            yield n
        case gast.Starred(value=value) | gast.Subscript(value=value):
            parts = [value]
        case gast.Attribute(attr="T" | "real" | "imag"):
            parts = [node.value]
        case gast.IfExp():
            parts = [node.body, node.orelse]
        case gast.BoolOp(values=values) | gast.Dict(values=values):
            parts = values
        case gast.Tuple(elts=values) | gast.List(elts=values):
            parts = values
        case gast.Call(func=gast.Attribute(attr=attr) as function):
            if not set(loads(function)) <= modules:
                parts = [] if attr in NEW else [function.value, *node.args]
            elif attr in VIEWS:
                parts = node.args
        case gast.Call(func=gast.Name(id=called)):
            parts = [] if called in PLAIN else node.args
        case gast.Call():
            parts = node.args
    for p in parts:
        yield from references(p, modules)
