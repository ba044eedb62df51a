"""The leaves that an optimizer works on: parameters beside their gradients and state, in blocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue
from srcgrad.runtime.objects import attributes
from srcgrad.tree import branches, described, has_derivative, items, mapped, with_parts

BLOCK = 8192  # entries that are worked on at a time: temporaries of this size stay in the cache
NO_HOLDER = object()


class Work:
    """The leaves that have a gradient.

    Attributes:
        leaves: for each the array of the parameter, its gradient, and its slots of the state.
            A parameter that is a float is an array of no dimension here.
        floats: for each leaf that is no array its index in `leaves`, what holds it, and under
            which key or name.
        alike: whether the slots of a leaf must have the shape of the parameter.
        fresh: whether some gradients are no arrays, so that writing into `leaves` is not enough.
    """

    __slots__ = ("alike", "floats", "fresh", "leaves")

    def __init__(self, *, alike: bool) -> None:
        self.leaves: list[list[Any]] = []
        self.floats: list[tuple[int, Any, Any]] = []
        self.alike = alike
        self.fresh = False


class Misfit(Exception):
    """Two trees do not fit; where and why is found by a second, slower look."""


def gather(params: Any, grads: Any, slots: Sequence[Any] = (), *, alike: bool = True) -> Work:
    """The parameters that have a gradient, with their gradients and slots.

    Args:
        params: the parameters.
        grads: their gradients; None for a part that has none or stays as it is.
        slots: trees of the state, in the structure of the gradient.
        alike: whether the arrays of the slots must have the shape of the parameter.

    Raises:
        BadArgument: if the trees differ in structure.
        BadValue: if a gradient or a slot has another shape than its parameter.
    """
    work = Work(alike=alike)
    try:
        collect(work, [params, grads, *slots], NO_HOLDER, None)
    except (Misfit, LookupError, TypeError, AttributeError, ValueError):
        explain(params, grads, "the gradient", "")
        for slot in slots:
            explain(params, only(slot, grads), "the state", "", alike=alike)
        raise BadArgument(
            "the state does not fit the parameters that have a gradient",
            hint="Make it with `init`, anew if other parameters are trained than before.",
        ) from None
    except RecursionError:
        raise BadArgument("the tree of parameters contains itself") from None
    return work


def collect(work: Work, trees: list[Any], holder: Any, key: Any) -> None:
    """Add the leaves of a part of the trees: parameters, gradients, slots."""
    p, g = trees[0], trees[1]
    kind = type(p)
    if g is None:
        return
    if kind is np.ndarray:
        shape = p.shape
        for a in trees:
            if (work.alike or a is g) and a.shape != shape:
                raise Misfit
        if p.dtype.kind != "f" or type(g) is not np.ndarray or g.dtype.kind != "f":
            trees[1] = inner(p, g)[1]
            work.fresh = True
        elif g is p:
            trees[1] = g.copy()
            work.fresh = True
        work.leaves.append(trees)
    elif kind is dict or isinstance(p, dict):
        if len(g) != len(p):
            raise Misfit
        for k in p:
            collect(work, [t[k] for t in trees], p, k)
    elif isinstance(p, (list, tuple)):
        if any(len(t) != len(p) for t in trees):
            raise Misfit
        for i in range(len(p)):
            collect(work, [t[i] for t in trees], p, i)
    elif has_derivative(p):
        if not isinstance(p, np.ndarray):
            work.floats.append((len(work.leaves), holder, key))
            work.fresh = True
        collect(work, [*inner(p, g), *trees[2:]], holder, key)
    else:
        held = [attributes(t) for t in trees]
        if held[0] is None or held[1] is None or held[0].keys() != held[1].keys():
            raise Misfit
        for name in held[0]:
            collect(work, [h[name] if h else None for h in held], p, name)


def inner(p: Any, g: Any) -> tuple[np.ndarray, np.ndarray]:
    """A parameter and its gradient as plain arrays; those of arrays share their memory."""
    if not has_derivative(p) or not has_derivative(g):
        raise Misfit
    a, b = np.asarray(p), np.asarray(g)
    return a if isinstance(p, np.ndarray) else a.copy(), b if b.flags.writeable else b.copy()


def only(tree: Any, grads: Any) -> Any:
    """A tree without the parts that have no gradient, as far as the structures agree."""
    if grads is None:
        return None
    parts, given = items(tree), items(grads)
    if parts is None or given is None:
        return tree
    found = dict(given)
    return with_parts(tree, [only(v, found.get(step, v)) for step, v in parts], plain=True)


def explain(p: Any, t: Any, what: str, path: str, *, alike: bool = True) -> None:
    """Raise the error that names where a tree does not fit the parameters.

    Args:
        p: parameters, or a part of them.
        t: the tree that should fit.
        what: how a message calls that tree.
        path: where we are.
        alike: whether shapes must agree.
    """
    if t is None:
        return
    parts = items(p)
    place = path.removeprefix(".") or "the top"
    if parts is not None:
        try:
            others = branches(parts, p, t, path)
        except BadArgument:
            raise BadArgument(
                f"{what} does not fit the parameters: at {place} they have {described(p)} with"
                f" {listed(p)}, and it has {described(t)} with {listed(t)}",
                hint="It needs their structure, with None for what has no gradient.",
            ) from None
        for (step, part), other in zip(parts, others, strict=True):
            explain(part, other, what, path + step, alike=alike)
        return
    if not has_derivative(p):
        raise BadArgument(
            f"{what} has {described(t)} at {place}, where the parameter is {described(p)}",
            hint="Only floats and arrays of floats can be trained; the gradient of others is None.",
        )
    if not has_derivative(t):
        raise BadArgument(
            f"{what} has {described(t)} at {place}, where the parameter is {described(p)}"
        )
    if alike and np.shape(t) != np.shape(p):
        raise BadValue(
            f"{what} has the shape {np.shape(t)} at {place}, and the parameter {np.shape(p)}"
        )


def listed(node: Any) -> str:
    """The steps to the parts of a node, the first few of them."""
    steps = [step for step, _ in items(node) or ()]
    more = ", ..." if len(steps) > 6 else ""
    return ", ".join(steps[:6]) + more if steps else "no parts"


def blocks(shape: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    """Indices that cut an array of a shape into blocks of at most `BLOCK` entries.

    Example:
        >>> list(blocks((3, 8000)))
        [(slice(0, 1, None),), (slice(1, 2, None),), (slice(2, 3, None),)]
    """
    axis = 0
    while math.prod(shape[axis + 1 :]) > BLOCK:
        axis += 1
    rows = max(1, BLOCK // max(1, math.prod(shape[axis + 1 :])))
    count = -(-shape[axis] // rows)
    rows = max(1, -(-shape[axis] // max(1, count)))
    for outer in itertools.product(*map(range, shape[:axis])):
        for start in range(0, shape[axis], rows):
            yield (*outer, slice(start, min(start + rows, shape[axis])))


def filled_like(params: Any, value: float) -> Any:
    """A tree of arrays in the structure of the gradient of some parameters, all of one value.

    Args:
        params: the parameters.
        value: what each entry is.

    Returns:
        For each float and array of floats an array of its shape, dtype and memory layout; None
        for other leaves.
    """

    def fill(p: Any) -> Any:
        return np.full_like(p, value, subok=False) if has_derivative(p) else None

    return mapped(fill, params, (), "", plain=True)


def copied(tree: Any) -> Any:
    """A tree with copies of the arrays of another; its other leaves are the same.

    Example:
        >>> copied({"mean": np.zeros(2), "count": 3})
        {'mean': array([0., 0.]), 'count': 3}
    """
    return mapped(
        lambda x: np.array(x) if isinstance(x, np.ndarray) else x, tree, (), "", plain=False
    )


def spread(p: Any, g: Any, values: Iterator[Any]) -> Any:
    """A tree in the structure of the gradient from values for each leaf that has one, in order."""
    if g is None:
        return None
    parts = items(p)
    if parts is None:
        return next(values)
    others = branches(parts, p, g, "")
    made = [spread(v, o, values) for (_, v), o in zip(parts, others, strict=True)]
    return with_parts(p, made, plain=True)


def updates_of(params: Any, grads: Any, work: Work, values: list[Any]) -> Any:
    """Updates as a tree: arrays for arrays, floats for floats, None where there is no gradient."""
    for i, _, _ in work.floats:
        values[i] = work.leaves[i][0].dtype.type(values[i])
        if values[i].dtype == float:
            values[i] = float(values[i])
    return spread(params, grads, iter(values))


def finished(params: Any, grads: Any, work: Work) -> Any:
    """The gradients after their arrays were overwritten."""
    if not work.fresh:
        return grads
    return updates_of(params, grads, work, [leaf[1] for leaf in work.leaves])


def restore(work: Work) -> None:
    """Put changed floats back into what holds them."""
    for i, holder, key in work.floats:
        value = work.leaves[i][0]
        number = float(value) if type(old(holder, key)) is float else value.dtype.type(value)
        if isinstance(holder, (dict, list)):
            holder[key] = number
        else:
            setattr(holder, key, number)


def old(holder: Any, key: Any) -> Any:
    """The float that something holds."""
    return holder[key] if isinstance(holder, (dict, list, tuple)) else getattr(holder, key)


def check_changeable(work: Work) -> None:
    """Refuse, before anything is written, what cannot be changed in place.

    Raises:
        BadArgument: if a float lies in a tuple, in a frozen dataclass, or is the tree itself.
        BadValue: if an array is read-only.
    """
    for leaf in work.leaves:
        if not leaf[0].flags.writeable:
            raise BadValue(
                f"a parameter of shape {leaf[0].shape} is a read-only array",
                hint="Pass a copy, or use `update` and `apply_updates`.",
            )
    for _, holder, key in work.floats:
        frozen = getattr(getattr(holder, "__dataclass_params__", None), "frozen", False)
        if holder is NO_HOLDER or isinstance(holder, tuple) or frozen:
            place = "is the tree itself" if holder is NO_HOLDER else f"lies in {described(holder)}"
            where = "" if holder is NO_HOLDER else f" at {key!r}"
            raise BadArgument(
                f"a float that {place}{where} cannot be changed in place",
                hint="Make it an array of no dimension, or use `update` and `apply_updates`.",
            )
