"""Inner functions that call themselves: as functions of a module, which take what they captured.

In `def f(x)`, the inner `def power(n)` that reads x and calls `power(n - 1)` becomes a function
`power(n, x)` that calls `power(n - 1, x=x)`, and f calls `power(3, x)`.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
import types
from typing import Any

import gast

from srcgrad.kinds import List, Record
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.binding import bound
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import home, local_names, read_name
from srcgrad.lower.elaborate.values import Closure, Plain, Scope, Value
from srcgrad.syntax.quote import name
from srcgrad.syntax.walk import clone, nodes

_made: dict[tuple[Any, ...], dict[str, types.FunctionType]] = {}


def lifted(
    e: Context, function: Closure, args: list[Value], keywords: dict[str, Value], at: gast.expr
) -> Value | None:
    """A call of an inner function that calls itself; None where it has to be written in place."""
    node = function.node
    if not isinstance(node, gast.FunctionDef):
        return None
    group = companions(function)
    if function not in group.values() or not all(map(caching, node.decorator_list)):
        return None
    if not all(map(plain, (*args, *keywords.values()))):
        return None
    captured = captured_values(e, group, function.scope)
    if captured is None:
        return None
    values = bound(e, node, function.defaults, args, keywords, at)
    if not all(map(plain, values.values())) or node.args.vararg or node.args.kwarg:
        return None
    for label, inner in function_objects(group, list(captured), function.scope).items():
        e.inner[label] = inner
        e.taken.add(label)
    given = [v.expr for v in values.values() if isinstance(v, Plain)]
    given += [clone(v.expr) for v in captured.values()]
    label = next(k for k, v in labels(group, function.scope).items() if v is function)
    return Plain(placed(gast.Call(func=name(label), args=given, keywords=[]), at))


def caching(decorator: gast.expr) -> bool:
    """Whether a decorator only keeps results: `lru_cache`, `cache`."""
    found = decorator.func if isinstance(decorator, gast.Call) else decorator
    return (getattr(found, "id", None) or getattr(found, "attr", "")) in ("lru_cache", "cache")


def plain(value: Value) -> bool:
    """Whether an argument is a number or an array, as far as is known."""
    return isinstance(value, Plain) and not isinstance(value.kind, (Record, List))


def companions(function: Closure) -> dict[str, Closure]:
    """The inner functions that one calls, itself among them if it calls itself, by name."""
    found: dict[str, Closure] = {}
    todo = [function]
    while todo:
        inner = todo.pop()
        own = local_names(inner.node)
        for n in nodes(inner.node):
            if isinstance(n, gast.Name) and n.id not in found and n.id not in own:
                scope = home(inner.scope, n.id)
                value = scope.cells.get(n.id) if scope is not None else None
                if isinstance(value, Closure) and isinstance(value.node, gast.FunctionDef):
                    found[n.id] = value
                    todo.append(value)
    return found


def captured_values(e: Context, group: dict[str, Closure], scope: Scope) -> dict[str, Plain] | None:
    """The variables of the runs around that functions read; None if one is no number or array."""
    out: dict[str, Plain] = {}
    every: set[str] = set()
    for inner in group.values():
        own = local_names(inner.node)
        every |= own
        if inner.scope is not scope or any(map(complicated, nodes(inner.node.body))):
            return None
        for n in nodes(inner.node.body):
            if not isinstance(n, gast.Name) or n.id in own or n.id in group or n.id in out:
                continue
            if home(scope, n.id) is not None or n.id in scope.owner.object.__code__.co_freevars:
                caller, e.scope = e.scope, scope
                value = read_name(e, gast.Name(n.id, gast.Load(), None, None))
                e.scope = caller
                if not isinstance(value, Plain):
                    return None
                out[n.id] = value
    return None if every & out.keys() else dict(sorted(out.items()))


def complicated(n: gast.AST) -> bool:
    """Whether a function cannot be moved to a module as it is."""
    return isinstance(
        n, (gast.Nonlocal, gast.Global, gast.FunctionDef, gast.Lambda, gast.Yield, gast.YieldFrom)
    )


def labels(group: dict[str, Closure], scope: Scope) -> dict[str, Closure]:
    """Functions by the names that they get: their own, or with that of the function around."""
    taken = scope.owner.object.__globals__
    around = scope.owner.object.__name__.strip("<>")
    return {n if n not in taken else f"{around}_{n}": v for n, v in group.items()}


def function_objects(
    group: dict[str, Closure], captured: list[str], scope: Scope
) -> dict[str, types.FunctionType]:
    """The functions, compiled from a text of their own; none of it is run."""
    table = dict(zip(group, labels(group, scope), strict=True))
    texts = [text_of(inner.node, table, captured) for inner in group.values()]
    owner = scope.owner.object
    inside = textwrap.indent("\n".join(texts), "    ")
    text = f"def {owner.__name__.strip('<>')}({', '.join(table.values())}):\n{inside}"
    key = (owner.__code__, text)
    if key not in _made:
        file = f"<inner functions of {owner.__name__} {len(_made)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        _made[key] = compiled(text, file, owner)
    return _made[key]


def compiled(text: str, file: str, owner: types.FunctionType) -> dict[str, types.FunctionType]:
    """The functions inside of the one that a text defines, which know each other by their names."""
    module = compile(text, file, "exec", dont_inherit=True)
    around = next(c for c in module.co_consts if isinstance(c, types.CodeType))
    cells = {label: types.CellType() for label in around.co_cellvars}
    out: dict[str, types.FunctionType] = {}
    for code in around.co_consts:
        if isinstance(code, types.CodeType):
            known = tuple(cells[n] for n in code.co_freevars)
            made = types.FunctionType(code, owner.__globals__, code.co_name, None, known)
            made.__module__ = owner.__module__
            out[code.co_name] = made
            if code.co_name in cells:
                cells[code.co_name].cell_contents = made
    return out


def text_of(node: gast.FunctionDef, table: dict[str, str], captured: list[str]) -> str:
    """A function's text, with what it captured as further parameters."""
    new = clone(node)
    new.name, new.decorator_list = table[node.name], []
    new.args.defaults, new.args.kw_defaults = [], []
    new.args.args = [*new.args.posonlyargs, *new.args.args, *new.args.kwonlyargs]
    new.args.posonlyargs, new.args.kwonlyargs = [], []
    new.args.args += [gast.Name(c, gast.Param(), None, None) for c in captured]
    for n in nodes(new.body):
        if isinstance(n, gast.Call) and isinstance(n.func, gast.Name) and n.func.id in table:
            n.keywords += [gast.keyword(arg=c, value=name(c)) for c in captured]
            n.func.id = table[n.func.id]
    return ast.unparse(ast.fix_missing_locations(gast.gast_to_ast(new))) + "\n"
