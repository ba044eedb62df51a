"""Loops whose rounds have to be told apart: how many there are, which the guard will check."""

from __future__ import annotations

import builtins

import gast

from srcgrad.kinds import Array, Dim, Scalar, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.containers import sequence
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.decide import static
from srcgrad.lower.elaborate.names import home
from srcgrad.lower.elaborate.passing import item_of
from srcgrad.lower.elaborate.values import Items, Plain, Value
from srcgrad.rules.shapes import shaped
from srcgrad.syntax.quote import constant, name, subscript, target
from srcgrad.syntax.walk import clone, nodes

LONGEST = 32
RESIZING = ("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse")


def rounds(e: Context, over: Value, node: gast.expr) -> list[Value] | None:
    """The items of what a loop goes through, their number pinned; None where it varies.

    Args:
        e: the elaboration.
        over: the value.
        node: the expression that gives it, as the user wrote it.
    """
    if not isinstance(over, Plain):
        return sequence(over)
    match node:
        case gast.Call(func=gast.Name(id=label)) if home(e.scope, label) is None:
            return of_call(e, label, node)
    match over.expr:
        case gast.List() | gast.Tuple():
            return sequence(over)
    if isinstance(over.kind, Array):
        return rows(e, over, over.kind)
    return items(e, over)


def of_call(e: Context, label: str, node: gast.Call) -> list[Value] | None:
    """The items of `range`, `zip`, `enumerate` and `reversed`."""
    args = node.args
    loose = label == "zip" and all(
        k.arg == "strict" and isinstance(k.value, gast.Constant) and not k.value.value
        for k in node.keywords
    )
    if node.keywords and not loose:
        return None
    if label == "range":
        bounds = [count(e, a) for a in args]
        known = [b for b in bounds if b is not None]
        if len(known) < len(bounds) or len(range(*known)) > LONGEST:
            return None
        return [Plain(constant(i), Static(i)) for i in range(*known)]
    if label not in ("zip", "enumerate", "reversed"):
        return None
    columns = [rounds(e, e.expr(a), a) for a in args]
    full = [c for c in columns if c is not None]
    if len(full) < len(columns):
        return None
    if label == "reversed":
        return full[0][::-1]
    if label == "enumerate":
        if len(full) > 1:
            return None
        full.insert(0, [Plain(constant(i), Static(i)) for i in range(len(full[0]))])
    paired = zip(*full, strict=False)
    return [e.held(Items(dict(enumerate(row)), type=tuple)) for row in paired]


def rows(e: Context, over: Plain, kind: Array) -> list[Value] | None:
    """The rows of an array."""
    if not kind.dims or root_of(e, over.expr) is None:
        return None
    found = pinned(e, kind.dims[0])
    if found is None:
        return None
    row = shaped(kind.dtype, kind.dims[1:])
    return [
        Plain(placed(subscript(clone(over.expr), constant(i)), e.at), row) for i in range(found)
    ]


def items(e: Context, over: Plain) -> list[Value] | None:
    """The items of a list that an argument is, or holds, by names of their own."""
    root = root_of(e, over.expr, now=True)
    if root is None or resized(e, over.expr, root):
        return None
    found = of_list(e, over.expr)
    if not found:
        return None
    labels = [e.fresh(f"{root}_{i}") for i in range(found)]
    to = gast.Tuple(elts=[target(n) for n in labels], ctx=gast.Store())
    e.emit(gast.Assign(targets=[to], value=clone(over.expr), type_comment=None))
    return [Plain(name(n), item_of(over.kind)) for n in labels]


def count(e: Context, node: gast.expr) -> int | None:
    """The value of an int; that of an argument, or of a length, is pinned."""
    found = static(e, node)
    if found is not None:
        return found[0] if type(found[0]) is int else None
    match node:
        case gast.BinOp(left=left, op=gast.Add() | gast.Sub() as op, right=right):
            a, b = count(e, left), count(e, right)
            if a is None or b is None:
                return None
            return a + b if isinstance(op, gast.Add) else a - b
        case gast.Call(func=gast.Name(id="len"), args=[of]) if home(e.scope, "len") is None:
            return length(e, e.expr(of))
        case gast.Subscript(
            value=gast.Attribute(value=of, attr="shape"), slice=gast.Constant(value=0)
        ):
            value = e.expr(of)
            return length(e, value) if isinstance(getattr(value, "kind", None), Array) else None
    value = e.expr(node)
    if isinstance(value, Plain) and isinstance(value.kind, Scalar) and value.kind.value is not None:
        return pinned(e, value.kind.value) if root_of(e, value.expr) else None
    return None


def length(e: Context, value: Value) -> int | None:
    """The length of an argument, or of a part of one."""
    if not isinstance(value, Plain):
        found = sequence(value)
        return None if found is None else len(found)
    root = root_of(e, value.expr, now=True)
    if root is None:
        return None
    if isinstance(value.kind, Array):
        return pinned(e, value.kind.dims[0]) if value.kind.dims else None
    plain = isinstance(value.expr, gast.Name) and not resized(e, value.expr, root)
    return of_list(e, value.expr) if plain else None


def of_list(e: Context, node: gast.expr) -> int | None:
    """The length of a list in an argument of the function that is differentiated."""
    return pinned(e, Dim(f"len({path(node)})")) if len(e.world.open) <= 1 else None


def pinned(e: Context, length: int | Dim) -> int | None:
    """The length of an axis or list, if it is short; the guard will check it."""
    facts = e.world.facts
    found = facts.value(length)
    if found is None or found > LONGEST or not facts.asks:
        return None
    return facts.pinned(length)


def root_of(e: Context, node: gast.expr, *, now: bool = False) -> str | None:
    """The argument that a path starts at; None for other expressions.

    Args:
        e: the elaboration.
        node: the path.
        now: whether it is read here, so that the name may stand for something else later.
    """
    while isinstance(node, (gast.Attribute, gast.Subscript)):
        if isinstance(node, gast.Subscript) and not isinstance(node.slice, gast.Constant):
            return None
        node = node.value
    if not isinstance(node, gast.Name):
        return None
    given = e.given.get(node.id)
    still = now and given is not None and e.holders[0].cells.get(node.id) is given
    return node.id if still or node.id in e.constant_names else None


def path(node: gast.expr) -> str:
    """A path as the facts about arguments call it."""
    match node:
        case gast.Attribute(value=base, attr=attr):
            return f"{path(base)}.{attr}"
        case gast.Subscript(value=base, slice=gast.Constant(value=key)):
            return f"{path(base)}[{key!r}]"
    return getattr(node, "id", "")


def resized(e: Context, at: gast.expr, root: str) -> bool:
    """Whether anything may change how many items a list in an argument has, or which they are."""
    steps = depth(at)
    for n in [*nodes(e.function.node.body), *nodes(e.out)]:
        match n:
            case gast.Attribute(attr=attr) if attr in RESIZING and root in named(n.value):
                return True
            case gast.Subscript(value=base, ctx=gast.Store() | gast.Del()) if root in named(base):
                if depth(base) <= steps:
                    return True
            case gast.Attribute(value=base, ctx=gast.Store() | gast.Del()) if root in named(base):
                if depth(base) < steps:
                    return True
            case gast.AugAssign(target=gast.Name(id=label)) if label == root:
                return True
            case gast.Call(func=f, args=args) if not known_function(f):
                if any(isinstance(a, gast.Name) and a.id == root for a in args):
                    return True
    return False


def depth(path: gast.expr) -> int:
    """How many steps a path has."""
    count = 0
    while isinstance(path, (gast.Subscript, gast.Attribute)):
        path, count = path.value, count + 1
    return count


def known_function(f: gast.expr) -> bool:
    """Whether a function is one of Python's or numpy's."""
    if isinstance(f, gast.Attribute):
        return isinstance(f.value, gast.Name) and f.value.id in ("np", "numpy", "copy")
    return isinstance(f, gast.Name) and (hasattr(builtins, f.id) or f.id == "deepcopy")


def named(node: gast.AST) -> set[str]:
    """The names in an expression."""
    return {n.id for n in nodes(node) if isinstance(n, gast.Name)}
