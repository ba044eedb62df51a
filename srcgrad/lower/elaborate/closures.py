"""Functions that were defined inside of another one, as functions of a module.

In `def f(x, w)`, the inner `lambda z: np.sum(z * w)` becomes a function `f_inner(z, w)`. Functions
that it calls and that were defined inside as well are defined inside of it again.
"""

from __future__ import annotations

import ast
import types
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.kinds import Static
from srcgrad.lower.elaborate.captured import (
    Parts,
    as_definition,
    check_alone,
    definition,
    note_read,
)
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.names import home, local_names, read_name
from srcgrad.lower.elaborate.values import (
    Closure,
    Instance,
    Items,
    Known,
    Plain,
    Scope,
    Value,
)
from srcgrad.syntax.parse import remember
from srcgrad.syntax.quote import assign, name
from srcgrad.syntax.walk import clone, nodes


@dataclass(frozen=True)
class Outside:
    """A function of a module that was an inner one.

    Attributes:
        object: the function.
        node: the definition of the inner one.
        parameters: those of the inner one; the rest is what it captured.
        captured: what it captured, by name.
        defaults: the values of parameters that have one.
    """

    object: types.FunctionType
    node: gast.FunctionDef
    parameters: tuple[str, ...]
    captured: dict[str, Plain]
    defaults: dict[str, Value]


def outside(e: Context, closure: Closure, at: gast.expr) -> Outside:
    """An inner function as it is where it is called, with what its variables stand for there."""
    node = as_definition(closure.node)
    args = node.args
    if args.vararg or args.kwarg:
        what = "a derivative of an inner function with `*args` or `**kwargs` is called here"
        raise e.refuse(at, what, "Name its parameters.")
    check_alone(e, node, at)
    own = tuple(a.id for a in (*args.posonlyargs, *args.args, *args.kwonlyargs))
    captured, known, within = free_values(e, closure, node, at)
    around = closure.scope.owner.object.__name__.strip("<>")
    node.name = node.name if node.name != "lambda_" else f"{around}_inner"
    node.decorator_list = []
    shown = clone(node)
    args.defaults, args.kw_defaults = [], []
    args.args = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    args.args += [gast.Name(c, gast.Param(), None, None) for c in captured]
    args.posonlyargs, args.kwonlyargs = [], []
    node.body = [*within, *node.body]
    made_again = tuple(map(gast.dump, within))
    key = (closure.node, tuple(captured), made_again, *((n, Static(v)) for n, v in known.items()))
    made = e.world.derived.get(key)
    if made is None:
        made = e.world.derived[key] = compiled(node, known, closure.scope)
    return Outside(made, shown, own, captured, closure.defaults)


def free_values(
    e: Context, closure: Closure, node: gast.FunctionDef, at: gast.expr
) -> tuple[dict[str, Plain], dict[str, Any], list[gast.stmt]]:
    """What the free variables of an inner function stand for.

    Returns:
        Those that are code; those that are known; and statements that make the others again.
    """
    captured: dict[str, Plain] = {}
    known: dict[str, Any] = {}
    within: dict[str, gast.stmt] = {}
    homes: dict[str, Scope | None] = {}
    todo: list[tuple[gast.FunctionDef, Scope]] = [(node, closure.scope)]
    own = local_names(node)
    mentioned: set[str] = set()
    while todo:
        inner, scope = todo.pop()
        mentioned |= {n.id for n in nodes(inner) if isinstance(n, gast.Name)}
        for n in sorted(free_names(inner, scope)):
            if n in homes and homes[n] is home(scope, n):
                continue
            if n in homes or (inner is not node and n in own):
                what = f"`{n}` is one thing in this inner function and another in one that it calls"
                raise e.refuse(at, what, "Give one of them another name.")
            homes[n] = home(scope, n)
            value = value_of(e, n, scope)
            match value:
                case Plain():
                    captured[n] = value
                case Known():
                    known[n] = value.value
                    note_read(e, value.expr)
                case Closure():
                    defined = within[n] = definition(e, n, value, at)
                    todo.append((defined, value.scope))
                case Instance() | Items():
                    parts = Parts(n, captured, known, within, todo)
                    within[n] = assign(n, parts.code(e, value, n, at))
                case _:
                    what = f"the inner function captures `{n}`, which is {described(value)}"
                    raise e.refuse(at, f"{what}, and its derivative is called", "Pass numbers.")
    for n in sorted({*captured, *known, *within} - homes.keys()):
        if n in mentioned:
            what = f"`{n}` stands for a part of an object that this inner function captures"
            raise e.refuse(at, what, "Give the variable of that name another one.")
    return dict(sorted(captured.items())), dict(sorted(known.items())), list(within.values())


def value_of(e: Context, label: str, scope: Scope) -> Value:
    """What a variable stands for now, in the run of the function where it is read."""
    caller, e.scope = e.scope, scope
    try:
        return read_name(e, name(label))
    finally:
        e.scope = caller


def free_names(node: gast.FunctionDef, scope: Scope) -> tuple[str, ...]:
    """The variables of the functions around that a definition reads, as Python binds them."""
    owner = scope.owner
    around = {*owner.object.__code__.co_freevars, *owner.imports, *owner.inner}
    at: Scope | None = scope
    while at is not None:
        around |= at.names.keys()
        at = at.parent
    return code_of(node, sorted(around)).co_freevars


def code_of(node: gast.FunctionDef, around: list[str]) -> types.CodeType:
    """The code of a definition inside of a function with these variables."""
    inner = gast.gast_to_ast(clone(node))
    given = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=n) for n in around],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    outer = ast.FunctionDef(name="around", args=given, body=[inner], decorator_list=[])
    tree = ast.Module(body=[outer], type_ignores=[])
    for n in ast.walk(tree):
        if isinstance(n, (ast.stmt, ast.expr, ast.arg, ast.keyword, ast.excepthandler, ast.alias)):
            n.lineno = n.end_lineno = 1
            n.col_offset = n.end_col_offset = 0
    if hasattr(outer, "type_params"):
        outer.type_params = []
    code = compile(tree, f"<inner functions of {node.name}>", "exec", dont_inherit=True)
    whole = next(c for c in code.co_consts if isinstance(c, types.CodeType))
    return next(
        c for c in whole.co_consts if isinstance(c, types.CodeType) and c.co_name == node.name
    )


def compiled(node: gast.FunctionDef, known: dict[str, Any], scope: Scope) -> types.FunctionType:
    """A function of a module with a definition; what is known of its variables is in its cells."""
    owner = scope.owner
    code = code_of(node, list(known))
    cells = tuple(types.CellType(known[n]) for n in code.co_freevars)
    made = types.FunctionType(code, owner.object.__globals__, node.name, None, cells)
    made.__module__ = owner.object.__module__
    remember(made, node, owner.source)
    return made
