"""Objects that the function makes: their constructors, and writes to their attributes."""

from __future__ import annotations

import dataclasses
import inspect
import types
from typing import Any

import gast

from srcgrad.kinds import Record, Static
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.attributes import OVERRIDES
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.inline import call_function
from srcgrad.lower.elaborate.names import plain_constant, set_slot, steady
from srcgrad.lower.elaborate.nature import exotic, from_library, frozen, user_class
from srcgrad.lower.elaborate.values import (
    Bound,
    Instance,
    Known,
    Plain,
    Value,
)


def construct(
    e: Context, cls: Known, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """An object of a class of the user's."""
    made: type = cls.value
    if issubclass(made, tuple):
        return construct_plain(e, cls, args, keywords, node)
    check_class(e, made, node)
    new = e.held(Instance(cls=cls, label=made.__name__.lower()))
    if made is types.SimpleNamespace:
        for k, v in keywords.items():
            set_slot(e, new, k, v)
        return new
    if dataclasses.is_dataclass(made) and generated(made.__init__):
        fill(e, new, args, keywords, node)
        return new
    init = getattr(made, "__init__")  # noqa: B009  (mypy: of the class, not of an object)
    if isinstance(init, types.FunctionType):
        home = next(c for c in made.__mro__ if "__init__" in vars(c))
        e.world.objects.setdefault((id(home), "__init__"), (home, "__init__", Static(init)))
        call_function(e, Known(init), [new, *args], keywords, node, home)
    elif args or keywords:
        raise e.refuse(node, f"{made.__name__}() takes no arguments", "Pass none.")
    return new


def construct_stored(e: Context, cls: Known, keywords: dict[str, Value]) -> Instance:
    """An object of a class with given attributes, made without its constructor."""
    new = e.held(Instance(cls=cls, label=cls.value.__name__.lower()))
    for k, v in keywords.items():
        set_slot(e, new, k, v)
    return new


def check_class(e: Context, made: type, node: gast.AST) -> None:
    """Refuse a class whose objects are more than their attributes."""
    if made is types.SimpleNamespace:
        return
    for c in made.__mro__[:-1]:
        if from_library(c) and c.__module__ not in ("abc", "typing", "contextlib"):
            raise e.refuse(
                node,
                f"the class `{made.__name__}` is derived from `{c.__name__}`",
                "Hold the value in an attribute instead.",
            )
        if "__new__" in vars(c) and not from_library(c):
            raise e.refuse(
                node,
                f"`__new__` of the class `{c.__name__}` is not supported",
                "Set attributes in `__init__`.",
            )
        if user_class(c) and any(o in vars(c) for o in OVERRIDES) and not frozen(c):
            raise e.refuse(
                node,
                f"the class `{c.__name__}` decides itself what its attributes are",
                "Use plain attributes.",
            )


def generated(function: Any) -> bool:
    """Whether a method was made by `dataclass`."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith("<")


def fill(
    e: Context, new: Instance, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> None:
    """The generated constructor of a dataclass."""
    made: type = new.cls.value
    fields = dataclasses.fields(made)
    given = [f for f in fields if f.init and not f.kw_only]
    if len(args) > len(given):
        raise e.refuse(
            node,
            f"{made.__name__}() takes {len(given)} positional arguments",
            "Pass what it takes.",
        )
    values = dict(zip([f.name for f in given], args, strict=False))
    for k, v in keywords.items():
        if k in values or k not in {f.name for f in fields if f.init}:
            raise e.refuse(
                node, f"{made.__name__}() got an unexpected argument `{k}`", "Pass what it takes."
            )
        values[k] = v
    for f in fields:
        if f.name in values:
            set_slot(e, new, f.name, values[f.name])
        elif f.default is not dataclasses.MISSING:
            set_slot(e, new, f.name, field_default(e, made, f, node))
        elif f.default_factory is not dataclasses.MISSING:
            factory = Known(f.default_factory)
            if f.default_factory in (list, dict):
                empty: gast.expr = gast.List(elts=[], ctx=gast.Load())
                if f.default_factory is dict:
                    empty = gast.Dict(keys=[], values=[])
                set_slot(e, new, f.name, Plain(placed(empty, node)))
            else:
                set_slot(e, new, f.name, e.apply(factory, [], {}, node))
        elif f.init:
            raise e.refuse(node, f"{made.__name__}() lacks the argument `{f.name}`", "Pass it.")
    post = getattr(made, "__post_init__", None)
    if isinstance(post, types.FunctionType):
        home = next(c for c in made.__mro__ if "__post_init__" in vars(c))
        e.world.objects.setdefault(
            (id(home), "__post_init__"), (home, "__post_init__", Static(post))
        )
        call_function(e, Known(post), [new], {}, node, home)


def field_default(e: Context, made: type, f: Any, node: gast.AST) -> Value:
    """The default of a field of a dataclass."""
    value = f.default
    if value is None or type(value) in (bool, int, float, str):
        now = Static(inspect.getattr_static(made, "__init__"))
        e.world.objects.setdefault((id(made), "__init__"), (made, "__init__", now))
        return plain_constant(value)
    if exotic(value) or callable(value):
        return Known(value)
    raise e.refuse(
        node, f"the default of `{f.name}` is an object that has no name", "Pass it as an argument."
    )


def construct_plain(
    e: Context, cls: Known, args: list[Value], keywords: dict[str, Value], node: gast.expr
) -> Value:
    """A named tuple."""
    made: Any = cls.value
    names = made._fields
    if len(args) > len(names) or set(keywords) - set(names[len(args) :]):
        raise e.refuse(
            node, f"{made.__name__}() got arguments that it does not take", "Pass what it takes."
        )
    values = dict(zip(names, args, strict=False)) | keywords
    for n, v in made._field_defaults.items():
        values.setdefault(n, plain_constant(v))
    if len(values) < len(names):
        missing = next(n for n in names if n not in values)
        raise e.refuse(node, f"{made.__name__}() lacks the argument `{missing}`", "Pass it.")
    new = Instance(cls=cls, label=made.__name__.lower(), frozen=True)
    new.cells = {n: steady(e, v, n) if isinstance(v := values[n], Plain) else v for n in names}
    return e.held(new)


def write_attribute(e: Context, base: Value, t: gast.Attribute, value: Value) -> None:
    """`base.attr = value`."""
    if isinstance(base, Instance):
        check_writable(e, base, t)
        found = setter(base.cls.value, t.attr)
        if found is not None:
            e.apply(Bound(Known(found), base), [value], {}, t)
            return
        set_slot(e, base, t.attr, value)
        return
    if isinstance(base, Plain) and isinstance(value, Instance):
        value = Plain(e.code(value, t))
    if isinstance(base, Plain) and isinstance(value, Plain):
        kind = base.kind
        if isinstance(kind, Record) and setter(kind.type, t.attr) is not None:
            e.apply(Bound(Known(setter(kind.type, t.attr)), base), [value], {}, t)
            return
        to = gast.Attribute(value=base.expr, attr=t.attr, ctx=gast.Store())
        e.emit(gast.Assign(targets=[placed(to, t)], value=value.expr, type_comment=None))
        return
    raise e.refuse(
        t,
        f"assigning to the attribute `{t.attr}` of {described(base)} is not supported",
        "Keep the value in a variable, or in an object that the function makes.",
    )


def check_writable(e: Context, base: Instance, t: gast.Attribute) -> None:
    """Refuse a write to an object that stands for several, or cannot change."""
    cls = base.cls.value
    if issubclass(cls, tuple) or (frozen(cls) and not constructing(e, base)):
        raise e.refuse(t, f"an object of `{cls.__name__}` cannot be changed", "Make a new one.")
    if base.frozen:
        raise e.refuse(
            t,
            f"`{t.attr}` of an object that a branch or loop chose is assigned",
            "Make a new object, or choose the values instead.",
        )


def constructing(e: Context, base: Instance) -> bool:
    """Whether the constructor of an object runs."""
    return any(getattr(k, "__name__", "") in ("__init__", "__post_init__") for k in e.open) and (
        not frozen(base.cls.value)
    )


def setter(cls: type, attr: str) -> Any:
    """The setter of a property; None for a plain attribute."""
    found = getattr(cls, attr, None)
    return found.fset if isinstance(found, property) else None
