"""What inner functions capture: functions and objects, made again inside of them."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.lower.base.facts import observe
from srcgrad.lower.elaborate.context import Context, described
from srcgrad.lower.elaborate.values import Closure, Instance, Items, Known, Plain, Scope, Value
from srcgrad.syntax.parse import lambda_as_function
from srcgrad.syntax.quote import call, constant, name
from srcgrad.syntax.walk import clone, nodes

UNCHANGED = "_srcgrad_unchanged"


def unchanged(thing: Any, **attributes: Any) -> Any:
    """A container, or an object of a class with these attributes, not to be changed: never run."""
    raise NotImplementedError


def check_alone(e: Context, node: gast.FunctionDef, at: gast.expr) -> None:
    """Refuse an inner function that does more than return a value."""
    if any(isinstance(n, (gast.Nonlocal, gast.Global, gast.Yield)) for n in nodes(node.body)):
        what = "a derivative of an inner function that binds names outside of it, or yields"
        raise e.refuse(at, what, "Let it return all that it finds.")


def as_definition(node: gast.FunctionDef | gast.Lambda) -> gast.FunctionDef:
    """A definition of its own."""
    new = clone(node)
    return lambda_as_function(new) if isinstance(new, gast.Lambda) else new


def definition(e: Context, label: str, closure: Closure, at: gast.expr) -> gast.FunctionDef:
    """The definition of an inner function that another one calls, under the name it goes by."""
    node = as_definition(closure.node)
    check_alone(e, node, at)
    given = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    if not all(isinstance(d, gast.Constant) for d in given):
        what = f"the inner function `{label}` has a default that is no constant"
        raise e.refuse(at, f"{what}, and a derivative of its caller is called", "Pass the value.")
    node.name, node.decorator_list = label, []
    return node


def note_read(e: Context, expr: gast.expr | None) -> None:
    """Note that the text depends on what a name outside of the function, or a part of it, is."""
    steps: list[gast.expr] = []
    while isinstance(expr, (gast.Attribute, gast.Subscript)):
        steps.append(expr)
        expr = expr.value
    if not isinstance(expr, gast.Name) or expr.id in e.inner or expr.id in e.scope_names:
        return
    owner, label = e.foreign.get(expr.id) or e.function.origin(expr.id)
    if not owner.binds(label):
        return
    thing = owner.lookup(label)
    if label not in owner.imports:
        kind = observe(thing, "", None, name=label)
        key = (id(owner.object), label)
        if steps or key not in e.world.reads:  # of what is read in part, the parts count
            e.world.reads[key] = (owner, label, kind)
    for step in reversed(steps):
        if not isinstance(step, gast.Attribute):
            return
        value = getattr(thing, step.attr)
        kind = observe(value, "", None, name=step.attr)
        e.world.objects.setdefault((id(thing), step.attr), (thing, step.attr, kind))
        thing = value


class Parts:
    """An object that an inner function captures, made again of its parts.

    Args:
        label: the variable that holds it.
        captured: the parts that are code are added, by names of their own.
        known: so are those that are known.
        within: and the definitions of those that are inner functions.
        todo: such definitions, whose variables are looked at next.
    """

    def __init__(
        self,
        label: str,
        captured: dict[str, Plain],
        known: dict[str, Any],
        within: dict[str, gast.stmt],
        todo: list[tuple[gast.FunctionDef, Scope]],
    ) -> None:
        self.label = label
        self.captured = captured
        self.known = known
        self.within = within
        self.todo = todo

    def code(self, e: Context, value: Value, label: str, at: gast.expr) -> gast.expr:
        """What makes a part, which is called after the way to it."""
        match value:
            case Plain():
                self.captured[self.free(e, label, at)] = value
                return name(label)
            case Known():
                self.known[self.free(e, label, at)] = value.value
                note_read(e, value.expr)
                return name(label)
            case Closure():
                defined = definition(e, self.free(e, label, at), value, at)
                self.within[label] = defined
                self.todo.append((defined, value.scope))
                return name(label)
            case Items(type=kind):
                self.known[UNCHANGED] = unchanged
                items = {k: self.code(e, v, f"{label}_{k}", at) for k, v in value.cells.items()}
                return call(name(UNCHANGED), display(kind, items))
            case Instance(cls=Known(value=cls)):
                self.known[UNCHANGED] = unchanged
                self.known[f"{label}__class"] = cls
                parts = {k: self.code(e, v, f"{label}_{k}", at) for k, v in value.cells.items()}
                return call(name(UNCHANGED), name(f"{label}__class"), **parts)
        what = f"the inner function captures `{self.label}`, which holds {described(value)}"
        raise e.refuse(at, f"{what}, and its derivative is called", "Pass numbers and arrays.")

    def free(self, e: Context, label: str, at: gast.expr) -> str:
        """The name of a part, which nothing else may have."""
        tables = (self.captured, self.known, self.within, e.taken)
        if any(label in table for table in tables):
            what = f"`{label}` would stand for a part of `{self.label}` here"
            raise e.refuse(at, f"{what}, and a variable has that name", "Rename it.")
        return label


def display(kind: type, items: dict[Any, gast.expr]) -> gast.expr:
    """A tuple, list or dict of these items."""
    if kind is dict:
        return gast.Dict(keys=[constant(k) for k in items], values=list(items.values()))
    make = gast.Tuple if kind is tuple else gast.List
    return make(elts=list(items.values()), ctx=gast.Load())
