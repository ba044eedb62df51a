"""Expressions: the code that is left of them, and the values that need none."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import List, Record, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import member, read_attribute
from srcgrad.lower.elaborate.calls import call
from srcgrad.lower.elaborate.choosing import either_way, picked
from srcgrad.lower.elaborate.containers import opened, row
from srcgrad.lower.elaborate.context import Context, Growing
from srcgrad.lower.elaborate.decide import decided
from srcgrad.lower.elaborate.names import bind, plain_constant, read_name, steady
from srcgrad.lower.elaborate.nature import is_row
from srcgrad.lower.elaborate.operators import binary, compared, negative
from srcgrad.lower.elaborate.order import rebuilt, several, with_parts
from srcgrad.lower.elaborate.passing import holds_objects, item_kind, parts_of_target
from srcgrad.lower.elaborate.trying import quietly, simple
from srcgrad.lower.elaborate.values import (
    Closure,
    Generating,
    Instance,
    Items,
    Known,
    Plain,
    Value,
)
from srcgrad.syntax.quote import assign, constant, name, subscript
from srcgrad.syntax.walk import bare, nodes

COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


def evaluate(e: Context, node: gast.expr) -> Value:
    """The value of an expression."""
    match node:
        case gast.Name():
            return read_name(e, node)
        case gast.Constant():
            return Plain(node, Static(node.value))
        case gast.Lambda():
            return closure(e, node)
        case gast.Attribute():
            return read_attribute(e, e.expr(node.value), node)
        case gast.Subscript():
            return read_item(e, node)
        case gast.Call():
            return call(e, node)
        case gast.BinOp():
            return binary(e, node)
        case gast.UnaryOp():
            return negative(e, node)
        case gast.Compare():
            return compared(e, node)
        case gast.BoolOp():
            return either(e, node)
        case gast.IfExp():
            return conditional(e, node)
        case gast.Tuple() | gast.List():
            return display(e, node)
        case gast.Dict():
            return dictionary(e, node)
        case gast.NamedExpr():
            bind(e, node.target.id, e.expr(node.value))
            return read_name(e, gast.copy_location(name(node.target.id), node))
    if isinstance(node, COMPREHENSIONS):
        return comprehension(e, node)
    return rebuilt(e, node)


def closure(e: Context, node: gast.FunctionDef | gast.Lambda) -> Closure:
    """A function that is defined here; its defaults are evaluated now."""
    args = node.args
    positional = [a.id for a in (*args.posonlyargs, *args.args)]
    given = [d for d in (*args.defaults, *args.kw_defaults) if d is not None]
    values = iter(several(e, given))
    defaults: dict[str, Value] = {}
    for p in positional[len(positional) - len(args.defaults) :]:
        defaults[p] = kept(e, next(values), p)
    for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if d is not None:
            defaults[a.id] = kept(e, next(values), a.id)
    return Closure(node, e.scope, defaults)


def kept(e: Context, value: Value, hint: str) -> Value:
    """A value that stays what it is."""
    return steady(e, value, hint) if isinstance(value, Plain) else value


def read_item(e: Context, node: gast.Subscript) -> Value:
    """`base[index]`."""
    base, index = several(e, [node.value, node.slice])
    key = static_key(index)
    if isinstance(node.slice, gast.Slice):
        base = opened(e, base)
    match base:
        case Items() if isinstance(node.slice, gast.Slice):
            return sliced(e, base, node)
        case Items() if key is not None:
            return item(e, base, key[0], node)
        case Items() | Known() if (
            key is None and (found := picked(e, base, index, node)) is not None
        ):
            return found
        case Items():
            raise e.refuse(
                node, "a container of functions is read at a key that varies", "Use `if`."
            )
        case Instance() if key is not None and issubclass(base.cls.value, tuple):
            return item(e, e.held(Items(dict(enumerate(base.cells.values())))), key[0], node)
        case Instance():
            return e.apply(member(e, base, "__getitem__", node), [index], {}, node)
        case Known() if key is not None and isinstance(base.value, (dict, list, tuple)):
            return known_item(e, base, key[0], node)
        case Plain(kind=Record() as kind) if is_row(kind) and (
            key is None or key[0] not in kind.keys
        ):
            return item(e, row(e, base), position(e, node, key), node)
        case Plain(kind=Record() as kind) if key is not None and key[0] in kind.keys:
            inner = kind.items[kind.keys.index(key[0])]
            return of_kind(subscript(base.expr, constant(key[0])), inner, node)
        case Plain(kind=List(item=inner)) if inner is not None and isinstance(
            node.slice, gast.Slice
        ):
            return Plain(rebuilt(e, node, [base, index]).expr, List(inner))
        case Plain(kind=List(item=inner)) if inner is not None:
            return of_kind(subscript(base.expr, e.code(index, node)), inner, node)
    return rebuilt(e, node, [base, index])


def position(e: Context, node: gast.expr, key: tuple[object] | None) -> object:
    """A position in a row of objects, which must be known where loops are written out."""
    if key is not None:
        return key[0]
    what = "an object is taken out of a tuple or list at a position that varies"
    hint = "Loop over the objects themselves: `for layer in layers`."
    raise Growing(e.refuse(node, what, hint))


def of_kind(expr: gast.expr, kind: object, node: gast.AST) -> Value:
    """A part of an argument of a known kind."""
    placed(expr, node)
    if isinstance(kind, Static) and callable(kind.value):
        return Known(kind.value, expr)
    return Plain(expr, kind)  # type: ignore[arg-type]


def static_key(value: Value) -> tuple[object] | None:
    """A key that is known before the function runs, in a tuple."""
    if isinstance(value, Plain):
        if isinstance(value.kind, Static) and isinstance(value.kind.value, (int, str, bool)):
            return (value.kind.value,)
        match value.expr:
            case gast.Constant(value=int() | str() as v):
                return (v,)
            case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() as v)):
                return (-v,)
    return None


def item(e: Context, base: Items, key: object, node: gast.AST) -> Value:
    """An item of a container that is followed."""
    if base.type is not dict and isinstance(key, int) and key < 0:
        key += len(base.cells)
    if key not in base.cells:
        raise e.refuse(
            node, f"there is no item {key!r} in this {base.type.__name__}", "Test for it first."
        )
    return base.cells[key]


def known_item(e: Context, base: Known, key: object, node: gast.AST) -> Value:
    """An item of a global container that holds functions or objects."""
    try:
        value = base.value[key]
    except (KeyError, IndexError, TypeError):
        raise e.refuse(
            node, f"there is no item {key!r} in this container", "Test for it first."
        ) from None
    expr = None if base.expr is None else placed(subscript(base.expr, constant(key)), node)
    return Known(value, expr)


def sliced(e: Context, base: Items, node: gast.Subscript) -> Value:
    """A slice of a container that is followed."""
    bounds: list[Any] = []
    for part in (node.slice.lower, node.slice.upper, node.slice.step):
        key = (None,) if part is None else static_key(e.expr(part))
        if key is None:
            raise e.refuse(
                node, "a slice of functions or objects whose bounds vary", "Use constant bounds."
            )
        bounds.append(key[0])
    values = list(base.cells.values())[slice(*bounds)]
    return e.held(Items(dict(enumerate(values)), type=base.type))


def display(e: Context, node: gast.Tuple | gast.List) -> Value:
    """A tuple or list display: code, unless an item is none."""
    starred = [isinstance(x, gast.Starred) for x in node.elts]
    given = [x.value if s else x for x, s in zip(node.elts, starred, strict=True)]
    values = several(e, given, raw=True)
    values = [e.take(v, node) if s else v for v, s in zip(values, starred, strict=True)]
    spread = any(s and isinstance(v, Items) for v, s in zip(values, starred, strict=True))
    if not spread and all(isinstance(v, Plain) and not followed(v) for v in values):
        codes = [
            gast.copy_location(gast.Starred(value=v.expr, ctx=gast.Load()), x)
            if s and v.expr is not x.value
            else x
            if s
            else v.expr
            for v, s, x in zip(values, starred, node.elts, strict=True)
            if isinstance(v, Plain)
        ]
        if all(a is b for a, b in zip(codes, node.elts, strict=True)):
            return Plain(node)
        return Plain(placed(type(node)(elts=codes, ctx=gast.Load()), node))
    out: list[Value] = []
    for v, s in zip(values, starred, strict=True):
        if s and isinstance(v, Items):
            out += v.cells.values() if v.type is not dict else map(plain_constant, v.cells)
        elif s:
            raise e.refuse(node, "`*` of this value beside functions or objects", "Write it out.")
        else:
            out.append(kept(e, v, "item"))
    kind = tuple if isinstance(node, gast.Tuple) else list
    return e.held(Items(dict(enumerate(out)), type=kind))


def followed(value: Plain) -> bool:
    """Whether a plain value is an object of a class whose methods may be called."""
    kind = value.kind
    return isinstance(kind, Record) and kind.type not in (tuple, list, dict)


def dictionary(e: Context, node: gast.Dict) -> Value:
    """A dict display: code, unless a value is none."""
    flat = [x for k, v in zip(node.keys, node.values, strict=True) for x in (k, v) if x is not None]
    values = several(e, flat)
    if all(isinstance(v, Plain) and not followed(v) for v in values):
        return rebuilt(e, node, values)
    it = iter(values)
    cells: dict[object, Value] = {}
    for k in node.keys:
        if k is None:
            inner = next(it)
            if not isinstance(inner, Items) or inner.type is not dict:
                raise e.refuse(
                    node, "`**` of this value beside functions or objects", "Write the items out."
                )
            cells |= inner.cells
            continue
        key = static_key(next(it))
        if key is None:
            raise e.refuse(
                node,
                "a dict of functions or objects whose keys are not constant",
                "Use constant keys.",
            )
        cells[key[0]] = kept(e, next(it), "value")
    return e.held(Items(cells, type=dict))


def either(e: Context, node: gast.BoolOp) -> Value:
    """`and` and `or`: operands behind the first are evaluated only if they are reached."""
    first, *rest = node.values
    found = decided(e, first)
    if found is not None:
        if found is isinstance(node.op, gast.Or):
            return e.expr(first)
        if len(rest) == 1:
            return e.expr(rest[0])
        return e.expr(gast.copy_location(gast.BoolOp(op=node.op, values=rest), node))
    if simple(e, rest):
        return rebuilt(e, node)
    value = e.expr(first)
    other = rest[0]
    if len(rest) > 1:
        other = gast.copy_location(gast.BoolOp(op=node.op, values=rest), node)
    held = e.named(Plain(e.code(value, node)), "test")
    run, keep = lambda: e.expr(other), lambda: held
    yes, no = (keep, run) if isinstance(node.op, gast.Or) else (run, keep)
    return either_way(e, held.expr, yes, no, node)


def conditional(e: Context, node: gast.IfExp) -> Value:
    """`a if test else b`: only one of the two is evaluated."""
    found = decided(e, node.test)
    if found is not None:
        return e.expr(node.body if found else node.orelse)
    if simple(e, [node.body, node.orelse]):
        return rebuilt(e, node)
    test = e.code(e.expr(node.test), node)
    return either_way(e, test, lambda: e.expr(node.body), lambda: e.expr(node.orelse), node)


def comprehension(e: Context, node: gast.expr) -> Value:
    """A comprehension: code if all of it is, else the loop that it is short for."""
    code = plain_comprehension(e, node)
    if code is not None:
        return Plain(code)
    if isinstance(node, gast.GeneratorExp):
        return e.held(Generating({"spent": Known(False)}, node=node, scope=e.scope))
    label = e.fresh("items")
    make: dict[type, gast.expr] = {
        gast.ListComp: gast.List(elts=[], ctx=gast.Load()),
        gast.DictComp: gast.Dict(keys=[], values=[]),
    }
    if type(node) not in make:
        raise e.refuse(node, "a set comprehension over functions or objects", "Use a list.")
    e.scope.names[label] = label
    table = {n: e.fresh(n) for g in node.generators for n in sorted(bound_in(g.target))}
    body = copy.deepcopy(node)
    for n in nodes(body):
        if isinstance(n, gast.Name) and n.id in table:
            n.id = table[n.id]
    for n in table.values():
        e.scope.names[n] = n
    store: gast.stmt
    if isinstance(body, gast.ListComp):
        add = gast.Attribute(value=name(label), attr="append", ctx=gast.Load())
        store = gast.Expr(value=gast.Call(func=add, args=[body.elt], keywords=[]))
    else:
        store = assign(subscript(name(label), body.key, store=True), body.value)
    new: list[gast.stmt] = [store]
    for g in reversed(body.generators):
        for test in reversed(g.ifs):
            new = [gast.If(test=test, body=new, orelse=[])]
        new = [gast.For(target=g.target, iter=g.iter, body=new, orelse=[], type_comment=None)]
    start = assign(label, make[type(node)])
    e.block([placed(start, node), *(placed(s, node) for s in new)])
    return read_name(e, placed(name(label), node))


def bound_in(target: gast.expr) -> set[str]:
    """Names that a target binds."""
    return {n.id for n in nodes(target) if isinstance(n, gast.Name)}


def plain_comprehension(e: Context, node: gast.expr) -> gast.expr | None:
    """A comprehension as code; None where not all that it holds is code."""
    own = {n for g in node.generators for n in bound_in(g.target)}
    parts = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
    parts += [x for g in node.generators for x in (g.iter, *g.ifs)]
    names, cells = dict(e.scope.names), dict(e.scope.cells)
    for n in own:
        e.scope.names[n] = n
        e.scope.cells[n] = Plain(name(n))
    try:
        for g in node.generators:
            over = quietly(e, g.iter)
            if isinstance(over, Plain) and is_row(over.kind):
                return None
            for n, kind in parts_of_target(g.target, item_kind(over)).items():
                if holds_objects(kind):
                    e.scope.cells[n] = Plain(name(n), kind)
        if not simple(e, parts):
            return None
        codes = [e.code(e.expr(p), p) for p in parts]
    except Growing:
        return None
    finally:
        e.scope.names, e.scope.cells = names, cells
    if all(a is b for a, b in zip(parts, codes, strict=True)):
        return node
    generators = [
        gast.comprehension(target=g.target, iter=g.iter, ifs=list(g.ifs), is_async=g.is_async)
        for g in node.generators
    ]
    table = {id(p): c for p, c in zip(parts, codes, strict=True)}
    for g in generators:
        g.iter = table[id(g.iter)]
        g.ifs = [table[id(t)] for t in g.ifs]
    own_parts = parts[: 2 if isinstance(node, gast.DictComp) else 1]
    new = with_parts(node, own_parts, codes[: len(own_parts)])
    if new is node:
        new = bare(node)
        new.end_lineno = None
    new.generators = generators
    return new
