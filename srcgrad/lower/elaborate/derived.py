"""Derivatives that are made inside of a function: `grad(energy)`, `grad(lambda z: ...)`.

One of a function that is known is an object of its own, as if it had been made outside. A function
that was defined inside becomes one of a module, which takes what it captured as further arguments.
"""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

import gast

from srcgrad.errors import SrcgradError
from srcgrad.kinds import Record, Static
from srcgrad.lower.base.derived import DIRECTED, ELSEWHERE, OPERATORS, Derivative
from srcgrad.lower.base.program import load
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.binding import bound
from srcgrad.lower.elaborate.captured import note_read
from srcgrad.lower.elaborate.closures import Outside, outside
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.names import plain_constant
from srcgrad.lower.elaborate.nature import path_value
from srcgrad.lower.elaborate.values import (
    Bound,
    Choice,
    Closure,
    Derived,
    Instance,
    Items,
    Known,
    Plain,
    Scope,
    Value,
)
from srcgrad.syntax.quote import attribute, constant, name, subscript
from srcgrad.syntax.walk import clone

HINT = "Write it with a `lambda` or a `def` that calls it."


def operator(
    e: Context, value: Any, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """`grad(f)` and `grad(f, wrt=...)`, or a call of another operator."""
    if value in ELSEWHERE:
        what = f"`{value.__name__}` in a function that is differentiated is not supported"
        raise e.refuse(node, what, ELSEWHERE[value])
    if value in DIRECTED:
        return directed(e, value, args, keywords, node)
    table = dict(zip(("function", "wrt"), args, strict=False)) | keywords
    if len(args) > 2 or not {"function"} <= table.keys() <= {"function", "wrt"}:
        label = value.__name__
        raise e.refuse(node, f"{label}() takes a function and `wrt`", f"Write {label}(f, wrt=...).")
    wrt = static(e, table["wrt"], node) if "wrt" in table else 0
    return derivative(e, value, table["function"], wrt, node)


def directed(
    e: Context, value: Any, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """`jvp(f, primals, tangents)`."""
    names = ("function", "primals", "tangents", "wrt")
    table = dict(zip(names, args, strict=False)) | keywords
    if len(args) > len(names) or not set(names[:3]) <= table.keys() <= set(names):
        what = f"{value.__name__}() takes a function, its arguments, and their tangents"
        raise e.refuse(node, what, f"Write {value.__name__}(f, (x,), (x_dot,)).")
    function = followed(e, table["function"], node)
    if isinstance(function, Choice):
        given = [e.named(v, "value") if isinstance(v, Plain) else v for v in args[1:]]
        make = lambda f: directed(e, value, [f, *given], keywords, node)  # noqa: E731
        return e.of_choice(function, make, node)
    thing, own, rest = target_of(e, value, function, node)
    primals = items_of(e, table["primals"], node)
    tangents = items_of(e, table["tangents"], node)
    if not len(primals) == len(tangents) == len(own):
        what = f"{value.__name__}() takes {len(own)} arguments and as many tangents here"
        raise e.refuse(node, what, "Give None as the tangent of what does not vary.")
    varied = {n: t for n, t in zip(own, tangents, strict=True) if not is_none(t)}
    if "wrt" in table:
        wrt = by_name(static(e, table["wrt"], node), own, node, e)
        chosen = wrt if isinstance(wrt, tuple) else (wrt,)
        if not varied.keys() >= set(chosen):
            raise e.refuse(node, "`wrt` names what has no tangent here", "Give it a tangent.")
        varied = {n: varied[n] for n in own if n in chosen}
    known = labelled(e, made(e, value, thing, tuple(varied), node), node)
    codes = [e.code(v, node) for v in (*primals, *rest, *varied.values())]
    return Plain(placed(gast.Call(func=known.expr, args=codes, keywords=[]), node))


def target_of(
    e: Context, make: Any, function: Value, node: gast.expr
) -> tuple[types.FunctionType | Derivative, tuple[str, ...], list[Value]]:
    """A function to differentiate, its parameters, and what it takes behind them."""
    match function:
        case Closure() | Derived():
            thing, found = from_inside(e, function, node)
            return thing, found.parameters, list(found.captured.values())
        case Known(value=Derivative() as value):
            note_read(e, function.expr)
            return value, tuple(value.parameters_of().parameters), []
        case Known(value=types.FunctionType() as value):
            note_read(e, function.expr)
            return value, tuple(inspect.signature(value).parameters), []
    what = f"`{make.__name__}` of {described(function)} is not supported in a function"
    raise e.refuse(node, what, HINT)


def followed(e: Context, function: Value, node: gast.expr) -> Value:
    """A function to differentiate: a method is an inner function that calls it."""
    match function:
        case Plain(expr=gast.Attribute() as expr):
            known = lambda n: n not in e.scope_names and e.function.binds(n)  # noqa: E731
            found = path_value(expr, known, e.function.lookup)
            if found is not None and callable(found[0]):
                return followed(e, Known(found[0], expr), node)
        case Known(value=functools._lru_cache_wrapper() as value, expr=expr):
            return followed(e, Known(value.__wrapped__, expr), node)
        case Known(value=types.MethodType() as value, expr=expr):
            note_read(e, expr)
            bound_method = Bound(Known(value.__func__), Known(value.__self__))
            return followed(e, bound_method, node)
        case Bound(function=Known(value=types.FunctionType())):
            return calling_method(e, function, node)
    return function


def calling_method(e: Context, function: Bound, node: gast.expr) -> Closure:
    """A method of an object as an inner function that calls it."""
    method: types.FunctionType = function.function.value  # type: ignore[union-attr]
    spec = load(method, variadic=True).node
    args = spec.args
    if args.vararg or args.kwarg or args.kwonlyargs or not (args.posonlyargs or args.args):
        what = f"a derivative of the method `{method.__name__}` is called here"
        raise e.refuse(node, f"{what}, with `*`, `**` or names", "Write a `lambda` that calls it.")
    first, *rest = [a.id for a in (*args.posonlyargs, *args.args)]
    given = dict(zip(reversed(rest), reversed(method.__defaults__ or ()), strict=False))
    if not all(v is None or type(v) in (bool, int, float, str) for v in given.values()):
        what = f"a default of the method `{method.__name__}` is no number"
        raise e.refuse(node, what, "Write a `lambda` that calls it.")
    thing, label = function.self, method.__name__
    direct = found_on(thing, label) is method
    called = attribute(name(first), label) if direct else name("_srcgrad_method")
    passed = rest if direct else [first, *rest]
    body = gast.Return(value=gast.Call(func=called, args=list(map(name, passed)), keywords=[]))
    definition = clone(spec)
    definition.args.posonlyargs, definition.args.defaults = [], []
    definition.args.args = [gast.Name(p, gast.Param(), None, None) for p in rest]
    definition.body = [placed(body, node if getattr(node, "lineno", None) else e.at)]
    scope = Scope(owner=e.scope.owner, names={first: first, "_srcgrad_method": "_srcgrad_method"})
    scope.cells = {first: thing, "_srcgrad_method": function.function}
    return Closure(definition, e.held(scope), {p: plain_constant(v) for p, v in given.items()})


def found_on(thing: Value, label: str) -> Any:
    """What an object's class has under a name."""
    match thing:
        case Instance(cls=Known(value=cls)) | Plain(kind=Record(type=cls)):
            return getattr(cls, label, None)
        case Known(value=value):
            return getattr(type(value), label, None)
    return None


def items_of(e: Context, value: Value, node: gast.expr) -> list[Value]:
    """The items of a tuple or list, one by one."""
    match value:
        case Items() if value.type is not dict:
            return list(value.cells.values())
        case Plain(expr=gast.Tuple(elts=parts) | gast.List(elts=parts)):
            if not any(isinstance(p, gast.Starred) for p in parts):
                return [Plain(p) for p in parts]
        case Plain(kind=Record(keys=keys, items=items, type=made)) if made is not dict:
            parts = [placed(subscript(value.expr, constant(k)), node) for k in keys]
            return [Plain(p, k) for p, k in zip(parts, items, strict=True)]
    raise e.refuse(node, "how many arguments these are is not known here", "Write a tuple of them.")


def is_none(value: Value) -> bool:
    """Whether a value is None."""
    if not isinstance(value, Plain):
        return False
    constant = isinstance(value.expr, gast.Constant) and value.expr.value is None
    return constant or value.kind == Static(None)


def derivative(e: Context, make: Any, function: Value, wrt: Any, node: gast.expr) -> Value:
    """A derivative of a function."""
    function = followed(e, function, node)
    match function:
        case Choice():
            return e.of_choice(function, lambda f: derivative(e, make, f, wrt, node), node)
        case Closure() | Derived():
            return Derived(make, function, wrt)
        case Known(value=types.FunctionType() | Derivative() as value):
            note_read(e, function.expr)
            return labelled(e, made(e, make, value, wrt, node), node)
    what = f"`{make.__name__}` of {described(function)} is not supported in a function"
    raise e.refuse(node, what, HINT)


def made(e: Context, make: Any, function: Any, wrt: Any, node: gast.expr) -> Derivative:
    """The derivative of a function that is known: one object in all that is generated together."""
    key = (make, function, repr(wrt))
    if key not in e.world.derived:
        try:
            e.world.derived[key] = (OPERATORS | DIRECTED)[make](function, wrt)
        except SrcgradError as error:
            raise e.refuse(node, error.message, error.hint) from None
    found: Derivative = e.world.derived[key]
    return found


def labelled(e: Context, value: Derivative, node: gast.expr) -> Known:
    """A derivative by a name of its own; its texts will have others."""
    wanted = label = f"any_{value.called_as}"
    n = 2
    while e.inner.get(label) is not value and (label in e.taken or e.function.binds(label)):
        label, n = f"{wanted}_{n}", n + 1
    e.inner[label] = value
    e.taken.add(label)
    return Known(value, placed(name(label), node))


def apply_derived(
    e: Context, function: Derived, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """A call of a derivative of a function that was defined inside."""
    value, found = from_inside(e, function, node)
    given = bound(e, found.node, found.defaults, args, keywords, node)
    known = labelled(e, value, node)
    parts = [*given.values(), *found.captured.values()]
    call = gast.Call(func=known.expr, args=[e.code(v, node) for v in parts], keywords=[])
    return Plain(placed(call, node))


def from_inside(e: Context, function: Value, node: gast.expr) -> tuple[Any, Outside]:
    """An inner function, or a derivative of one, as one of a module."""
    if not isinstance(function, Derived):
        assert isinstance(function, Closure)
        found = outside(e, function, node)
        return found.object, found
    value, found = from_inside(e, function.function, node)
    wrt = by_name(function.wrt, found.parameters, node, e)
    return made(e, function.make, value, wrt, node), found


def by_name(wrt: Any, own: tuple[str, ...], node: gast.expr, e: Context) -> Any:
    """What to differentiate by, where positions count the parameters that the user wrote."""
    if isinstance(wrt, tuple):
        return tuple(by_name(w, own, node, e) for w in wrt)
    if type(wrt) is not int:
        return wrt
    if not -len(own) <= wrt < len(own):
        what = f"there is no parameter at position {wrt}"
        raise e.refuse(node, what, f"The parameters are {', '.join(own) or 'none'}.")
    return own[wrt]


def static(e: Context, value: Value, node: gast.expr) -> Any:
    """What `wrt` stands for: positions and names, which are known before the function runs."""
    if isinstance(value, Plain):
        match value.expr:
            case gast.Constant(value=int() | str() as found):
                return found
            case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() as found)):
                return -found
            case gast.Tuple(elts=parts) | gast.List(elts=parts):
                return tuple(static(e, Plain(p), node) for p in parts)
        if isinstance(value.kind, Static) and isinstance(value.kind.value, (int, str)):
            return value.kind.value
    raise e.refuse(node, "`wrt` varies here", "Name what to differentiate by in the call.")
