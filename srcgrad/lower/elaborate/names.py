"""What names stand for: variables of the runs of functions, globals, builtins."""

from __future__ import annotations

import builtins
import types
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Kind, Opaque, Record, Scalar, Static
from srcgrad.lower.base.program import Function
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.nature import exotic, is_object
from srcgrad.lower.elaborate.values import Conflict, Instance, Known, Plain, Scope, Value
from srcgrad.syntax.quote import assign, constant, name
from srcgrad.syntax.walk import children, clone

SIMPLE = (bool, int, float, complex, str, bytes, type(None), type(...))


def local_names(node: gast.FunctionDef | gast.Lambda) -> set[str]:
    """The local variables of a function: what it binds, its parameters, its inner functions."""
    args = node.args
    out = {a.id for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
    out |= {a.id for a in (args.vararg, args.kwarg) if a is not None}
    declared: set[str] = set()
    stack: list[gast.AST] = list(node.body) if isinstance(node, gast.FunctionDef) else [node.body]
    while stack:
        n = stack.pop()
        match n:
            case gast.FunctionDef() | gast.ClassDef():
                out.add(n.name)
                continue
            case gast.Lambda():
                continue
            case gast.ListComp() | gast.GeneratorExp() | gast.SetComp() | gast.DictComp():
                stack.append(n.generators[0].iter)
                continue
            case gast.Name() if not isinstance(n.ctx, gast.Load):
                out.add(n.id)
            case gast.Import() | gast.ImportFrom():
                out |= {(a.asname or a.name).partition(".")[0] for a in n.names}
            case gast.Nonlocal() | gast.Global():
                declared |= set(n.names)
            case gast.ExceptHandler() if isinstance(n.name, gast.Name):
                out.add(n.name.id)
        stack.extend(children(n))
    return out - declared


def home(scope: Scope, label: str) -> Scope | None:
    """The run of a function whose variable a name is; None for globals and builtins."""
    at: Scope | None = scope
    first = True
    while at is not None:
        if label in at.names and not (first and label in at.outer):
            return at
        at, first = at.parent, False
    return None


def read_name(e: Context, node: gast.Name) -> Value:
    """The value of a name."""
    scope = home(e.scope, node.id)
    if scope is None:
        return read_global(e, e.scope.owner, node)
    found = scope.cells.get(node.id)
    if isinstance(found, Conflict):
        raise e.refuse(
            node,
            f"`{node.id}` may be one of two things here that have nothing in common",
            "Give it one kind of value on all paths.",
        )
    if found is None:
        return Plain(renamed(node, scope.names[node.id]))
    if isinstance(found, Plain):
        if isinstance(found.expr, gast.Name):
            return Plain(renamed(node, found.expr.id), found.kind)
        return Plain(clone(found.expr), found.kind)
    return found


def renamed(node: gast.Name, label: str) -> gast.Name:
    """A name that is read, by the name that it has in the remaining code."""
    if node.id == label:
        return node
    return gast.copy_location(name(label), node)


def read_global(e: Context, owner: Function, node: gast.Name) -> Value:
    """The value of a global, a cell of a function's closure, or a builtin."""
    if not owner.binds(node.id):
        return Plain(node)
    value = owner.lookup(node.id)
    expr = global_code(e, owner, node)
    return of_object(e, value, expr, owner, node.id)


def of_object(e: Context, value: Any, expr: gast.expr, owner: Function, label: str) -> Value:
    """The value of an object that is there before the function runs."""
    if callable(value) or isinstance(value, types.ModuleType) or exotic(value) or is_object(value):
        if exotic(value) or (isinstance(value, types.FunctionType) and value in e.world.unrolled):
            key = (id(owner.object), label)
            e.world.reads.setdefault(key, (owner, label, Static(value)))
        return Known(value, expr)
    return Plain(expr)


def global_code(e: Context, owner: Function, node: gast.Name) -> gast.expr:
    """An expression for a global of a function's module, in the function that is elaborated."""
    label = node.id
    mine = e.function
    value = owner.lookup(label)
    shadowed = label in e.scope_names
    if not shadowed and mine.binds(label) and mine.lookup(label) is value:
        same_place = owner.object is mine.object or is_builtin(mine, label)
        alike = owner.object.__globals__ is mine.object.__globals__ and not (
            label in owner.object.__code__.co_freevars or label in mine.object.__code__.co_freevars
        )
        if same_place or alike or isinstance(value, (types.ModuleType, types.FunctionType, type)):
            return node
    for known, (where, what) in e.foreign.items():
        if what == label and where.object is owner.object:
            return gast.copy_location(name(known), node)
    stem = (owner.object.__module__ or "module").rpartition(".")[2]
    wanted, n = label, 2
    if label in e.taken or mine.binds(label):
        wanted = f"{stem}_{label}"
    while wanted in e.taken or mine.binds(wanted):
        wanted, n = f"{stem}_{label}_{n}", n + 1
    e.taken.add(wanted)
    e.foreign[wanted] = (owner, label)
    return gast.copy_location(name(wanted), node)


def is_builtin(function: Function, label: str) -> bool:
    """Whether a name is one of Python's own."""
    return getattr(builtins, label, e_missing) is function.lookup(label)


e_missing = object()


def bind(e: Context, label: str, value: Value) -> None:
    """Give a variable a value: code that assigns, or a value that is followed."""
    scope = home(e.scope, label) or e.scope
    if label not in scope.names:
        scope.names[label] = (
            label if scope.parent is None and scope.owner is e.function else (e.fresh(label))
        )
    if isinstance(value, Plain):
        own = scope.names[label]
        e.emit(assign(own, value.expr))
        scope.cells[label] = Plain(name(own), lasting(value))
    else:
        scope.cells[label] = value


def lasting(value: Plain) -> Any:
    """What stays known of a value when a variable holds it."""
    e = value.expr
    if isinstance(e, gast.Tuple):
        return display_kind(e)
    if isinstance(e, gast.Constant) and (e.value is None or isinstance(e.value, (bool, str, int))):
        return Static(e.value)
    return value.kind


def display_kind(e: gast.expr) -> Kind:
    """What is known of a tuple display: how many items it has, and which are numbers."""
    match e:
        case gast.Tuple(elts=elts) if not any(isinstance(x, gast.Starred) for x in elts):
            return Record(tuple, tuple(range(len(elts))), tuple(map(display_kind, elts)))
        case gast.Constant(value=float() | int() as v):
            return Scalar(np.dtype(type(v)))
    return Opaque("")


def steady(e: Context, value: Plain, hint: str) -> Plain:
    """A value that later assignments to its variable do not change."""
    return value if is_steady(e, value) else e.named(value, hint)


def is_steady(e: Context, value: Plain) -> bool:
    """Whether no assignment changes what an expression gives."""
    match value.expr:
        case gast.Constant():
            return True
        case gast.Name(id=label):
            return label in e.constant_names
    return False


def set_slot(e: Context, instance: Instance, attr: str, value: Value) -> None:
    """Give an attribute of an object that the function made a value."""
    if attr not in instance.cells:
        e.set_first.append((instance, attr))
    if isinstance(value, Plain) and attr not in instance.slots and is_steady(e, value):
        instance.cells[attr] = value
        return
    if isinstance(value, Plain):
        label = instance.slots.get(attr)
        if label is None:
            label = instance.slots[attr] = e.fresh(f"{instance.label}_{attr}")
            e.rebound_inside.add(label)
        e.emit(assign(label, value.expr))
        value = Plain(name(label), lasting(value))
    instance.cells[attr] = value


def plain_constant(value: object) -> Plain:
    """A constant as a value."""
    return Plain(constant(value), Static(value))
