"""Items and attributes that are written: by a statement, by a call, through a second name."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Field, Kind, Record, numeric
from srcgrad.lower.base.join import describe, join
from srcgrad.lower.base.observed import unwritable
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import Aliases, has_container, sources, summarise
from srcgrad.syntax.flow import loads
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.walk import walk


def note_store(typed: Typed, variable: str, key: Any, kind: Kind) -> None:
    """Note the kind of a value that a function puts into a record."""
    items = typed.stored.setdefault(variable, {})
    items[key] = join(items[key], kind) if key in items else kind


def put_item(typer: Any, t: gast.expr, key: Any, base: Record, kind: Kind) -> None:
    """Note the new kind of a record that has a name, and whose item is written."""
    typer.record(t, kind)
    note_store(typer.typed, t.value.id, key, kind)
    items = dict(zip(base.keys, base.items, strict=True)) | {key: kind}
    new = Record(base.type, tuple(items), tuple(items.values()))
    typer.env[t.value.id] = new
    variables = typer.typed.variables
    variables[t.value.id] = covering(variables.get(t.value.id), new)


def covering(old: Kind | None, new: Kind) -> Kind:
    """The kind of a record whose numbers may also be those that it held before."""
    if not isinstance(old, Record) or not isinstance(new, Record) or old.type is not new.type:
        return new
    had = dict(zip(old.keys, old.items, strict=True))
    parts = zip(new.keys, new.items, strict=True)
    return Record(new.type, new.keys, tuple(joined(had.get(k), i) for k, i in parts))


def joined(old: Kind | None, new: Kind) -> Kind:
    """The kind of an item that may also be what it was before, if that is a number too."""
    if old is None or numeric(old) is None or numeric(new) is None:
        return new
    return join(old, new)


def store_attribute(typer: Any, t: gast.expr, attr: str, base: Kind, kind: Kind) -> None:
    """Assign to an attribute of an object."""
    assert isinstance(base, Record)
    why = unwritable(base.type, attr)
    old = dict(zip(base.keys, base.items, strict=True)).get(Field(attr, base.type))
    held = not isinstance(t.value, gast.Name)
    if why is None and held and (old is None or not typer.stays(old, kind)):
        why = "is held by another object, and was of another kind"
    if why is not None:
        raise typer.function.refuse(
            t,
            f"assigning to the attribute `{attr}` of {describe(base)}, which {why}, "
            "is not supported",
            "Assign to a name, and return it.",
        )
    if held:
        typer.record(t, kind)
        return
    put_item(typer, t, Field(attr, base.type), base, kind)


def after_call(typer: Any, operands: dict[str, Any], callee: Typed) -> None:
    """Give the records that a call may change the kinds that they may have behind it.

    Args:
        typer: what types the caller.
        operands: the arguments, by the names of the callee's parameters.
        callee: what is called.
    """
    for p, node in operands.items():
        if p not in callee.stored or not isinstance(node, gast.AST):
            continue
        steps: list[Any] = []
        while isinstance(node, (gast.Subscript, gast.Attribute)):
            found = node.attr if isinstance(node, gast.Attribute) else node.slice
            steps.insert(0, getattr(found, "value", found))
            node = node.value
        if not isinstance(node, gast.Name) or node.id not in typer.env:
            continue
        changed = with_stores(typer.env[node.id], steps, callee.stored[p])
        typer.env[node.id] = changed
        variables = typer.typed.variables
        variables[node.id] = covering(variables.get(node.id), changed)
        if not steps:
            for k, kind in callee.stored[p].items():
                note_store(typer.typed, node.id, k, kind)


def with_stores(kind: Kind, steps: list[Any], stored: dict[Any, Kind]) -> Kind:
    """A record in which items of a part may have been replaced."""
    if not isinstance(kind, Record):
        return kind
    items = dict(zip(kind.keys, kind.items, strict=True))
    if not steps:
        for k, new in stored.items():
            items[k] = join(items[k], new) if k in items else new
    elif steps[0] in items:
        items[steps[0]] = with_stores(items[steps[0]], steps[1:], stored)
    return Record(kind.type, tuple(items), tuple(items.values()))


def check_effects(typed: Typed) -> None:
    """Refuse to change a dict or object of the caller's through a second name.

    What a function leaves behind in its arguments is told by their own names alone.
    """
    found = Aliases(same=dict(summarise(typed).same))
    for s in walk(typed.function.node):
        if isinstance(s, gast.Assign) and has_container(typed.kinds.get(s.value)):
            roots = [r for t in s.targets if isinstance(t, gast.Subscript) for r in loads(t.value)]
            for n in sources(typed, s.value) if roots else ():
                found.unite_containers(n, roots[0])
    held = {found.container(p): p for p, k in typed.parameters.items() if has_container(k)}
    for n in walk(typed.function.node):
        if not (isinstance(n, gast.Subscript) and isinstance(n.ctx, gast.Store)):
            continue
        base = n.value
        if not isinstance(typed.kinds.get(base), Record) or not isinstance(base, gast.Name):
            continue
        p = held.get(found.container(base.id))
        if p is not None and base.id not in typed.parameters:
            a, b = user_name(base.id), user_name(p)
            names = f"`{a}` and `{b}`" if a != b else f"`{a}` and earlier values of it"
            raise typed.function.refuse(
                n,
                f"this changes memory that {names} may share, in a way that cannot be followed",
                f"Write through the name of the argument itself{by_place(n, p)}, or into a copy.",
            )


def by_place(n: gast.Subscript, p: str) -> str:
    """How an attribute of an object in an argument is written by its place."""
    key = getattr(n.slice, "value", None)
    return f" (`{user_name(p)}[i].{key} = ...`)" if isinstance(key, Field) else ""
