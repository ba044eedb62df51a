"""Some parameters treated otherwise than the rest: masks, freezing, an optimizer for each part."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim.base import Optimizer, State, identity, public
from srcgrad.tree import branches, has_derivative, items, paths, walk, with_parts

# Which leaves: a path, several of them, a function of path and leaf, or a tree of bools.
Selector = str | Sequence[str] | Callable[[str, Any], bool] | Any


def chosen(selector: Selector, params: Any) -> list[bool]:
    """Which leaves a selector means, in the order of `tree.leaves`.

    Args:
        selector: a path as `wrt` spells it below the argument's name, which stands for all that
            lies below it and where `[*]` and `.*` stand for any item and any attribute; a
            sequence of such; a function of a leaf's path and the leaf; or a tree of bools like
            `params`, in which a bool stands for all that lies below it.
        params: the parameters.

    Raises:
        BadValue: if a path names nothing.
        BadArgument: if the selector is something else.

    Example:
        >>> chosen("layers[*].w", {"layers": 1.0})
        Traceback (most recent call last):
        srcgrad.errors.BadValue: no parameter is called 'layers[*].w'
          The parameters are ['layers'].
        >>> chosen("['layers'][*]", {"layers": [1.0, 2.0], "out": 3.0})
        [True, True, False]
    """
    if isinstance(selector, (str, list, tuple)) and is_paths(selector):
        wanted = [selector] if isinstance(selector, str) else list(selector)
        names = paths(params)
        found = [re.compile(pattern(w)) for w in wanted]
        for text, form in zip(wanted, found, strict=True):
            if not any(form.match(name) for name in names):
                known = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
                raise BadValue(
                    f"no parameter is called {text!r}", hint=f"The parameters are {known}."
                )
        return [any(form.match(name) for form in found) for name in names]
    if callable(selector):
        return [bool(selector(path.removeprefix("."), leaf)) for path, leaf in walk(params, "")]
    return list(flags(params, selector, ""))


def is_paths(selector: Any) -> bool:
    """Whether a selector names paths."""
    return isinstance(selector, str) or all(isinstance(s, str) for s in selector)


def pattern(path: str) -> str:
    """The regular expression for a path and all below it."""
    text = re.escape(path.removeprefix(".")).replace(r"\[\*\]", r"\[[^\]]*\]")
    return text.replace(r"\.\*", r"\.\w+") + r"(?=[.\[]|$)"


def flags(p: Any, mask: Any, path: str) -> Iterator[bool]:
    """The bools of a mask for every leaf below a part of the parameters."""
    if isinstance(mask, (bool, np.bool_)):
        yield from (bool(mask) for _ in walk(p, ""))
        return
    parts = items(p)
    if parts is None:
        if mask is not None:
            raise BadArgument(
                f"a mask has {mask!r:.60} at {path.removeprefix('.') or 'the top'}",
                hint="A mask is a tree of bools, a path, several, or a function of path and leaf.",
            )
        yield False
        return
    for (step, part), other in zip(parts, branches(parts, p, mask, path), strict=True):
        yield from flags(part, other, path + step)


def restricted(p: Any, t: Any, keep: Iterator[bool]) -> Any:
    """A tree like the parameters with None for the leaves that are not kept."""
    parts = items(p)
    if parts is None:
        return t if next(keep) else None
    others = branches(parts, p, t, "")
    made = [restricted(v, o, keep) for (_, v), o in zip(parts, others, strict=True)]
    return with_parts(p, made, plain=True)


def full(p: Any, t: Any) -> Any:
    """A tree with every leaf of the parameters in it, None below what is None."""
    return restricted(p, t, itertools.repeat(True))


def picked(p: Any, choice: Iterator[Any]) -> Any:
    """A tree in the structure of the gradient with one value for each leaf."""
    parts = items(p)
    if parts is None:
        return next(choice)
    return with_parts(p, [picked(v, choice) for _, v in parts], plain=True)


def split_by(parts: Mapping[Any, Optimizer], labels: Callable[[Any], list[Any]]) -> Optimizer:
    """An optimizer for the leaves of each label.

    Args:
        parts: an optimizer for each label.
        labels: the label of every leaf of the parameters; None for those that stay as they are.
    """

    def split(params: Any, tree: Any, found: list[Any]) -> dict[Any, Any]:
        return {k: restricted(params, tree, iter([f == k for f in found])) for k in parts}

    def init(params: Any) -> State:
        found = split(params, params, labels(params))
        return {k: part.init(found[k]) for k, part in parts.items()}

    def run(form: str, grads: Any, state: State, params: Any, extra: Any) -> tuple[Any, State]:
        names, states, values = labels(params), {}, {}
        for k, own in split(params, grads, names).items():
            made, states[k] = getattr(parts[k], form)(own, state[k], params, **extra)
            values[k] = [leaf for _, leaf in walk(full(params, made), "")]
        choice = (values[n][i] if n in values else None for i, n in enumerate(names))
        return picked(params, choice), states

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return run("update", grads, state, params, extra)

    def rewrite(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return run("rewrite", grads, state, params, extra)

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        for k, own in split(params, grads, labels(params)).items():
            state[k] = parts[k].step(own, state[k], params, **extra)
        return state

    return public(init, update, step, rewrite)


@brief
def separate(parts: Mapping[Any, Optimizer], label: Callable[[str, Any], Any]) -> Optimizer:
    """An optimizer for each part of the parameters.

    Args:
        parts: an optimizer for each label.
        label: gives the label of a leaf from its path and the leaf; None freezes it.

    Returns:
        An optimizer whose state is a dict with the state of each label.

    Raises:
        BadArgument: if a part is no optimizer.
        BadValue: when it is used, if a leaf has a label without optimizer.

    Example:
        >>> from srcgrad.optim import adam, sgd
        >>> optimizer = separate({"w": sgd(1.0), "b": sgd(0.1)}, lambda path, _: path[2])
        >>> params = {"w1": 1.0, "b1": 1.0}
        >>> optimizer.update({"w1": 1.0, "b1": 1.0}, optimizer.init(params), params)[0]
        {'w1': -1.0, 'b1': -0.1}
    """
    for key, part in parts.items():
        if not isinstance(part, Optimizer):
            raise BadArgument(f"the part {key!r} is {part!r}, and must be an optimizer")

    def labels(params: Any) -> list[Any]:
        return [labelled(path.removeprefix("."), leaf) for path, leaf in walk(params, "")]

    def labelled(path: str, leaf: Any) -> Any:
        name = label(path, leaf) if has_derivative(leaf) else None
        if name is not None and name not in parts:
            raise BadValue(
                f"the label {name!r} of {path or 'the top'} has no optimizer",
                hint=f"The labels are {', '.join(map(repr, parts))}; None freezes a parameter.",
            )
        return name

    return split_by(parts, labels)


@brief
def freeze(optimizer: Optimizer, what: Selector) -> Optimizer:
    """An optimizer that leaves some parameters as they are.

    Args:
        optimizer: what the others are trained with; it sees nothing of the frozen ones.
        what: the parameters to freeze: `"layers[0]"`, `"['embedding']"`, `"layers[*].b"`, several
            of them, a function of path and leaf, or a tree of bools.

    Returns:
        An optimizer with the state `{"free": the optimizer's for the others}`.

    Raises:
        BadValue: when it is used, if a path names no parameter.

    Example:
        >>> from srcgrad.optim import sgd
        >>> optimizer = freeze(sgd(1.0), "['encoder']")
        >>> params = {"encoder": [1.0, 2.0], "head": 3.0}
        >>> optimizer.update(params, optimizer.init(params), params)[0]
        {'encoder': [None, None], 'head': -3.0}
    """

    def labels(params: Any) -> list[Any]:
        return [None if c else "free" for c in chosen(what, params)]

    return split_by({"free": optimizer}, labels)


@brief
def masked(optimizer: Optimizer, what: Selector | None) -> Optimizer:
    """A transformation of some gradients; the others pass as they are, to the next of a chain.

    Args:
        optimizer: what transforms them.
        what: the parameters whose gradients it transforms: a path or several, a function of path
            and leaf, or a tree of bools; None means all.

    Returns:
        An optimizer with the state `{"meant": the optimizer's for them, "others": {}}`.

    Raises:
        BadValue: when it is used, if a path names no parameter.

    Example:
        >>> from srcgrad.optim import clip
        >>> optimizer = masked(clip(1.0), "['w']")
        >>> params = {"w": 5.0, "b": 5.0}
        >>> optimizer.update(params, optimizer.init(params), params)[0]
        {'w': 1.0, 'b': 5.0}
    """
    return by_mask(what, lambda meant: optimizer if meant else identity())


def by_mask(what: Selector | None, build: Callable[[bool], Optimizer]) -> Optimizer:
    """One form of an optimizer for the parameters that a mask means, another for the others.

    Args:
        what: the mask; None means all parameters.
        build: makes the optimizer for those meant (True) and for the others (False).
    """
    if what is None:
        return build(True)

    def labels(params: Any) -> list[Any]:
        return ["meant" if c else "others" for c in chosen(what, params)]

    return split_by({"meant": build(True), "others": build(False)}, labels)
