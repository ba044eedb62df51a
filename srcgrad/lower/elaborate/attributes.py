"""Attributes: data of objects, methods, properties, what classes hold."""

from __future__ import annotations

import enum
import inspect
import types
from typing import Any

import gast

from srcgrad.kinds import Record, Static
from srcgrad.lower.base.constructors import key_of
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.nature import exotic, frozen, is_object, user_class
from srcgrad.lower.elaborate.order import rebuilt
from srcgrad.lower.elaborate.values import (
    Bound,
    Choice,
    Conflict,
    Instance,
    Items,
    Known,
    Plain,
    Super,
    Value,
)
from srcgrad.syntax.quote import attribute, name

OVERRIDES = ("__getattr__", "__getattribute__", "__setattr__", "__delattr__")


def read_attribute(e: Context, base: Value, node: gast.Attribute) -> Value:
    """`base.attr`."""
    attr = node.attr
    match base:
        case Instance():
            if attr in base.cells:
                found = base.cells[attr]
                if isinstance(found, Conflict):
                    raise e.refuse(
                        node,
                        f"`{attr}` may be one of two things here",
                        "Set it to one kind of value on all paths.",
                    )
                return found
            return from_class(e, base.cls.value, base.cls, base, node)
        case Super():
            return from_super(e, base, node)
        case Plain(kind=Record(type=made) as kind) if made not in (tuple, list, dict):
            key = key_of(kind, attr)
            if key is not None:
                inner = kind.items[kind.keys.index(key)]
                code = rebuilt(e, node, [base]).expr
                if isinstance(inner, Static) and exotic(inner.value):
                    return Known(inner.value, code)
                return Plain(code, inner)
            if issubclass(made, tuple) and attr in ("_replace", "count", "index"):
                return rebuilt(e, node, [base])
            if user_class(made):
                return from_class(e, made, Known(made), base, node)
        case Known():
            return of_known(e, base, node)
        case Items() if base.type not in (tuple, list, dict):
            return base.cells[attr]
        case Choice():
            return e.of_choice(base, lambda v: read_attribute(e, v, node), node)
    return rebuilt(e, node, [base])


def member(e: Context, thing: Value, attr: str, node: gast.AST) -> Value:
    """An attribute of a value, by its name; `node` is the place for errors."""
    base = node if isinstance(node, gast.expr) else gast.Constant(value=None, kind=None)
    found = gast.Attribute(value=base, attr=attr, ctx=gast.Load())
    return read_attribute(e, thing, gast.copy_location(found, node))


def of_known(e: Context, base: Known, node: gast.Attribute) -> Value:
    """An attribute of an object that is there before the function runs."""
    thing, attr = base.value, node.attr
    if isinstance(thing, type) and issubclass(thing, enum.Enum) and attr in thing.__members__:
        return Known(thing[attr], rebuilt(e, node, [base]).expr)
    if isinstance(thing, type) and user_class(thing):
        return from_class(e, thing, base, None, node)
    code = None
    if base.expr is not None:
        code = rebuilt(e, node, [base]).expr
    if not is_object(thing):
        value = getattr(thing, attr, None)
        if callable(value) or isinstance(value, types.ModuleType):
            if exotic(value):
                e.world.objects.setdefault((id(thing), attr), (thing, attr, Static(value)))
            return Known(value, code)
        return Plain(code if code is not None else node)
    if attr in getattr(thing, "__dict__", {}):
        value = getattr(thing, attr)
        if exotic(value) or callable(value):
            e.world.objects.setdefault((id(thing), attr), (thing, attr, Static(value)))
            return Known(value, code)
        if code is None:
            raise e.refuse(
                node,
                f"`{attr}` of an object that has no name here",
                "Give the object a name at module level.",
            )
        return Plain(code)
    return from_class(e, type(thing), Known(type(thing)), base, node)


def from_super(e: Context, base: Super, node: gast.Attribute) -> Value:
    """An attribute of `super()`."""
    order = class_of(base.self).__mro__
    for c in order[order.index(base.cls) + 1 :]:
        if node.attr in vars(c):
            return in_class(e, c, vars(c)[node.attr], Known(c), base.self, node)
    raise e.refuse(node, f"`super()` has no `{node.attr}`", "Define it in a class above.")


def class_of(value: Value) -> type:
    """The class of an object."""
    match value:
        case Instance():
            return value.cls.value
        case Plain(kind=Record(type=made)):
            return made
        case Known():
            return value.value if isinstance(value.value, type) else type(value.value)
    raise AssertionError(value)


def from_class(
    e: Context, cls: type, known: Known, thing: Value | None, node: gast.Attribute
) -> Value:
    """What a class holds under a name: for an object of it, or for the class itself."""
    for c in cls.__mro__:
        held = getattr(c, "__dict__", {})
        if any(o in held for o in OVERRIDES) and user_class(c) and not frozen(c):
            raise e.refuse(
                node,
                f"the class `{c.__name__}` decides itself what its attributes are",
                "Use plain attributes.",
            )
        if node.attr in held:
            return in_class(e, c, held[node.attr], known, thing, node)
    raise e.refuse(
        node, f"`{node.attr}` of an object of `{cls.__name__}` is not known here", "Set it first."
    )


def in_class(
    e: Context, c: type, found: Any, known: Known, thing: Value | None, node: gast.Attribute
) -> Value:
    """Something that a class holds, as it is read through an object or the class."""
    if isinstance(found, (types.FunctionType, property, staticmethod)):
        now = Static(getattr(c, node.attr))
        e.world.objects.setdefault((id(c), node.attr), (c, node.attr, now))
    match found:
        case staticmethod():
            return Known(found.__func__)
        case classmethod():
            return Bound(Known(found.__func__), known, c)
        case property() if thing is not None and isinstance(found.fget, types.FunctionType):
            return e.apply(Bound(Known(found.fget), thing, c), [], {}, node)
        case types.FunctionType():
            return Known(found) if thing is None else Bound(Known(found), thing, c)
    if isinstance(found, types.MemberDescriptorType) or inspect.isdatadescriptor(found):
        raise e.refuse(node, f"the attribute `{node.attr}` is not set here", "Set it first.")
    if exotic(found):
        e.world.objects.setdefault((id(c), node.attr), (c, node.attr, Static(found)))
        return Known(found)
    return Plain(placed(attribute(class_code(e, c, node), node.attr), node))


def class_code(e: Context, c: type, node: gast.AST) -> gast.expr:
    """An expression for a class."""
    owner = e.function
    label = c.__name__
    if label not in e.scope_names and owner.binds(label) and owner.lookup(label) is c:
        return name(label)
    inner = e.scope.owner
    if inner.binds(label) and inner.lookup(label) is c:
        wanted = e.fresh_global(label)
        e.foreign[wanted] = (inner, label)
        return name(wanted)
    raise e.refuse(
        node, f"no name leads to the class `{label}`", "Read this value where the class has a name."
    )
