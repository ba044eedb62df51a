"""Trees: numbers and arrays in any nesting of dicts, lists, tuples and objects.

A tree is a dict, list, tuple, namedtuple, dataclass or plain object whose parts are trees; anything
else is a leaf. Only floats, numpy floats and arrays of them have a derivative. Other leaves (ints,
strings, None, functions) may stand in a tree too: its gradient has None in their places.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from srcgrad.errors import BadArgument, brief
from srcgrad.runtime.objects import attributes, instance, made_of

R = TypeVar("R", bound=Callable[..., Any])


def ends(function: R) -> R:
    """A function of trees that refuses one without end."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise BadArgument(
                "a tree contains itself, or is nested too deeply",
                hint="A tree is a finite nesting of dicts, lists, tuples and objects.",
            ) from None

    return run  # type: ignore[return-value]


def items(node: Any) -> list[tuple[str, Any]] | None:
    """The parts of a node with their steps, as paths spell them; None for a leaf.

    Example:
        >>> items({"w": 1.0}), items([2.0]), items(3.0)
        ([("['w']", 1.0)], [('[0]', 2.0)], None)
    """
    if isinstance(node, np.ndarray):
        return None
    if isinstance(node, dict):
        return [(f"[{key!r}]", value) for key, value in node.items()]
    if isinstance(node, (list, tuple)):
        names = getattr(node, "_fields", None)
        if names is not None:
            return [(f".{n}", value) for n, value in zip(names, node, strict=True)]
        return [(f"[{i}]", value) for i, value in enumerate(node)]
    held = attributes(node)
    if held is None:
        return None
    return [(f".{name}", value) for name, value in held.items()]


def with_parts(node: Any, parts: list[Any], *, plain: bool = False) -> Any:
    """A node of the same type with other parts, in the order of `items`.

    Args:
        node: a dict, list, tuple or object.
        parts: its new parts.
        plain: whether a plain object becomes a namespace, as it does in gradients.

    Example:
        >>> with_parts({"a": 1, "b": 2}, [3, 4])
        {'a': 3, 'b': 4}
    """
    cls = type(node)
    if cls is dict:
        return dict(zip(node, parts, strict=True))
    if isinstance(node, dict):
        same = copy.copy(node)
        same.update(zip(node, parts, strict=True))
        return same
    if cls is list or cls is tuple:
        return cls(parts)
    if isinstance(node, list):
        twin = copy.copy(node)
        twin[:] = parts
        return twin
    if isinstance(node, tuple):
        return tuple.__new__(cls, parts)
    values = dict(zip(attributes(node) or {}, parts, strict=True))
    return made_of(cls, values) if plain else instance(cls, **values)


@brief
@ends
def leaves(tree: Any) -> list[Any]:
    """The leaves of a tree, None and other constants included, in the order of `paths`.

    Args:
        tree: any nesting of dicts, lists, tuples and objects.

    Returns:
        Its leaves: dicts in the order of their keys' insertion, objects in that of attributes.

    Raises:
        BadArgument: if the tree contains itself.

    Example:
        >>> leaves({"w": [1.0, 2.0], "name": "dense"})
        [1.0, 2.0, 'dense']
    """
    return [leaf for _, leaf in walk(tree, "")]


@brief
@ends
def paths(tree: Any) -> list[str]:
    """The paths to the leaves of a tree, spelled as `wrt` spells them below the argument's name.

    Args:
        tree: any nesting of dicts, lists, tuples and objects.

    Returns:
        One path for each leaf, in the order of `leaves`; the empty one if the tree is a leaf.

    Raises:
        BadArgument: if the tree contains itself.

    Example:
        >>> import types
        >>> paths({"w1": 1.0, "rest": [2.0, 3.0]})
        ["['w1']", "['rest'][0]", "['rest'][1]"]
        >>> paths(types.SimpleNamespace(layers=[types.SimpleNamespace(w=1.0)]))
        ['layers[0].w']
    """
    return [path.removeprefix(".") for path, _ in walk(tree, "")]


def walk(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each leaf with its path."""
    parts = items(tree)
    if parts is None:
        yield path, tree
    else:
        for step, part in parts:
            yield from walk(part, path + step)


@brief
@ends
def map(function: Callable[..., Any], tree: Any, *rest: Any) -> Any:  # noqa: A001
    """A tree of the same structure with `function` applied to its leaves.

    Args:
        function: called with a leaf of `tree` and those in the same place of the trees in `rest`.
        tree: gives the structure and the types of the result. A leaf stays as it is where it is
            None itself, or one of the others is: that is what a gradient has for a constant.
        rest: trees of the same structure; for an object anything with the same attributes.

    Returns:
        A new tree. Objects are made without calling `__init__`.

    Raises:
        BadArgument: if the trees differ in structure; the message names the path.

    Example:
        >>> map(lambda p, g: p - 0.1 * g, {"w": 1.0, "layers": 2}, {"w": 5.0, "layers": None})
        {'w': 0.5, 'layers': 2}
    """
    return mapped(function, tree, rest, "", plain=False)


def mapped(
    function: Callable[..., Any], tree: Any, rest: tuple[Any, ...], path: str, *, plain: bool
) -> Any:
    """`map` of a part of a tree."""
    parts = items(tree)
    if parts is None:
        for other in rest:
            if items(other) is not None:
                raise mismatch(tree, other, path)
        return tree if tree is None or any(r is None for r in rest) else function(tree, *rest)
    others = [branches(parts, tree, other, path) for other in rest]
    made = [
        mapped(function, part, tuple(o[i] for o in others), path + step, plain=plain)
        for i, (step, part) in enumerate(parts)
    ]
    return with_parts(tree, made, plain=plain)


def branches(parts: list[tuple[str, Any]], tree: Any, other: Any, path: str) -> list[Any]:
    """The parts of another tree in the order of those of the first; None has None throughout."""
    if other is None:
        return [None] * len(parts)
    found = dict(items(other) or ())
    if items(other) is None or list_like(other) is not list_like(tree):
        raise mismatch(tree, other, path)
    try:
        taken = [found.pop(step) for step, _ in parts]
    except KeyError as missing:
        raise mismatch(tree, other, path, missing=missing.args[0]) from None
    if found:
        raise mismatch(tree, other, path, surplus=next(iter(found)))
    return taken


def list_like(node: Any) -> bool:
    """Whether the parts of a node are numbered."""
    return isinstance(node, (list, tuple)) and not hasattr(node, "_fields")


def mismatch(tree: Any, other: Any, path: str, missing: str = "", surplus: str = "") -> BadArgument:
    """The error for two trees of different structure."""
    place = f"at {path.removeprefix('.')}" if path else "at the top"
    if missing:
        what = f"another has no part {(path + missing).removeprefix('.')}"
    elif surplus:
        what = f"another has a part {(path + surplus).removeprefix('.')} that the first has not"
    else:
        what = f"the first has {described(tree)}, and another has {described(other)}"
    return BadArgument(
        f"trees of different structure: {place} {what}",
        hint="Trees must agree in their dicts' keys, lengths and attributes; None fits anywhere.",
    )


def described(node: Any) -> str:
    """A node in words."""
    if node is None:
        return "None"
    name = type(node).__name__
    if isinstance(node, np.ndarray):
        return f"an array of shape {node.shape}"
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    return f"{article} {name}" + (f" of {len(node)}" if isinstance(node, (list, tuple)) else "")


def has_derivative(leaf: Any) -> bool:
    """Whether a leaf is a float, a numpy float, or an array of floats.

    Example:
        >>> has_derivative(1.0), has_derivative(np.ones(3)), has_derivative(3)
        (True, True, False)
    """
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind == "f"
    return isinstance(leaf, float)


@brief
@ends
def rebuilt(tree: Any, values: Iterable[Any]) -> Any:
    """A tree of the same structure and types with other leaves.

    Args:
        tree: gives the structure.
        values: the new leaves, in the order of `leaves`.

    Raises:
        BadArgument: if there are more or fewer values than leaves.

    Example:
        >>> rebuilt({"w": 1.0, "b": [2.0]}, [3.0, 4.0])
        {'w': 3.0, 'b': [4.0]}
    """
    given = list(values)
    count = len([None for _ in walk(tree, "")])
    if len(given) != count:
        raise BadArgument(f"the tree has {count} leaves, and {len(given)} values were given")
    return filled(tree, iter(given))


def filled(tree: Any, values: Iterator[Any]) -> Any:
    """`rebuilt` of a part of a tree."""
    parts = items(tree)
    if parts is None:
        return next(values)
    return with_parts(tree, [filled(part, values) for _, part in parts])
