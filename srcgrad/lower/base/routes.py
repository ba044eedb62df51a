"""Paths to parts of arguments, as `wrt` names them: `params['w']`, `model.layers[0].w`."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.kinds import Kind, List, Record, is_object
from srcgrad.lower.base.constructors import key_of
from srcgrad.syntax.quote import attribute, constant, expression, subscript


class Route(str):
    """The text of a path, or the name of a parameter.

    Attributes:
        root: the parameter that the path starts from.
        steps: the names of attributes (in a tuple of one) and the keys of items after it.

    Example:
        >>> route("model.layers[0].w").root, route("model.layers[0].w").steps
        ('model', (('layers',), 0, ('w',)))
    """

    __slots__ = ("root", "steps")
    root: str
    steps: tuple[Any, ...]

    def __deepcopy__(self, _: dict[int, Any]) -> Route:
        return self

    def overlaps(self, other: Route) -> bool:
        """Whether two paths may name the same part."""
        pairs = zip(self.steps, other.steps, strict=False)
        return self.root == other.root and all(a == b or is_back(a, b) for a, b in pairs)


def is_back(a: Any, b: Any) -> bool:
    """Whether one of two indices counts from the end, and the other does not."""
    return isinstance(a, int) and isinstance(b, int) and (a < 0) is not (b < 0)


def route(text: str) -> Route | None:
    """The path that a text names; None if it names none."""
    try:
        node = expression(text)
    except (SyntaxError, IndexError, AttributeError):
        return None
    steps: list[Any] = []
    while not isinstance(node, gast.Name):
        match node:
            case gast.Attribute(value=value, attr=attr):
                steps.append((attr,))
            case gast.Subscript(value=value, slice=gast.Constant(value=int() | str() as key)):
                steps.append(key)
            case gast.Subscript(
                value=value,
                slice=gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() as key)),
            ):
                steps.append(-key)
            case _:
                return None
        node = value
    made = Route(text.strip())
    made.root, made.steps = node.id, tuple(reversed(steps))
    return made


@dataclass(frozen=True)
class Target:
    """Where a path leads.

    Attributes:
        place: the place, by constant keys.
        kind: the kind of what is there.
        rest: steps below it, into the items of a list.
        leaf: the kind of what the whole path names.
    """

    place: tuple[Any, ...]
    kind: Kind
    rest: tuple[Any, ...]
    leaf: Kind

    def part_of(self, node: gast.expr) -> gast.expr:
        """The part of the value of a list that the path names."""
        for step in self.rest:
            if isinstance(step, tuple):
                node = attribute(node, step[0])
            else:
                node = subscript(node, constant(step))
        return copy.copy(node)


def resolved(path: Route, kind: Kind) -> Target | None:
    """Where a path leads in an argument of a kind; None if there is nothing."""
    place: list[Any] = [path.root]
    rest: tuple[Any, ...] = ()
    leaf = at = kind
    for i, step in enumerate(path.steps):
        if isinstance(leaf, List) and isinstance(step, int) and leaf.item is not None:
            rest = rest or path.steps[i:]
            leaf = leaf.item
            continue
        key = item_key(leaf, step)
        if key is None or not isinstance(leaf, Record):
            return None
        leaf = leaf.items[leaf.keys.index(key)]
        if not rest:
            place.append(key)
            at = leaf
    return Target(tuple(place), at, rest, leaf)


def item_key(kind: Kind, step: Any) -> Any:
    """The key of a record that a step names; None if it has none."""
    if not isinstance(kind, Record):
        return None
    if isinstance(step, tuple):
        return key_of(kind, step[0])
    if is_object(kind):
        return None
    if isinstance(step, int) and step < 0 and kind.type is not dict:
        step += len(kind.keys)
    return kind.keys[kind.keys.index(step)] if step in kind.keys else None
