"""What an optimizer is, and how optimizers are composed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim.leaves import check_changeable, copied, gather, restore
from srcgrad.tree import ends, has_derivative, mapped, walk

State = Any


@dataclass(frozen=True)
class Optimizer:
    """An optimizer, or any other transformation of gradients into updates.

    Attributes:
        init: `init(params) -> state`. The state is plain data: dicts and lists of arrays, ints and
            floats, in which every slot has the structure of the gradient.
        update: `update(grads, state, params) -> (updates, state)`, which changes none of its
            arguments. `apply_updates` adds the updates to the parameters.
        step: `step(grads, state, params) -> state`, which does both in place: it overwrites the
            arrays of `params` and `state`, takes those of `grads` for scratch, and allocates
            nothing of the size of a large parameter.
        rewrite: `rewrite(grads, state, params) -> (updates, state)` like `update`, in the memory
            of `grads` and `state`. What `chain` is made of.

    All of them pass keywords on to those parts of a chain that want them: `value=` (the loss, for
    `reduce_on_plateau` and `lbfgs`), `function=` (`value_and_grad` of the loss, for `lbfgs`).
    """

    init: Callable[[Any], State]
    update: Callable[..., tuple[Any, State]]
    step: Callable[..., State]
    rewrite: Callable[..., tuple[Any, State]]

    def __call__(self, *_: Any, **__: Any) -> None:
        """Optimizers are not called."""
        raise BadArgument(
            "an optimizer is not a function", hint="Call its `init`, then its `update` or `step`."
        )


@brief
@ends
def apply_updates(params: Any, updates: Any) -> Any:
    """The parameters plus the updates.

    Args:
        params: a tree of parameters.
        updates: a tree of the same structure; None where a parameter stays as it is.

    Returns:
        A new tree of the types and dtypes of `params`. A leaf without update is the same object.

    Raises:
        BadArgument: if the trees differ in structure.
        BadValue: if an update has another shape than its parameter.

    Example:
        >>> apply_updates({"w": np.array([1.0, 2.0]), "n": 3}, {"w": np.ones(2), "n": None})
        {'w': array([2., 3.]), 'n': 3}
    """
    gather(params, updates)
    return mapped(added, params, (updates,), "", plain=False)


def added(p: Any, u: Any) -> Any:
    """The sum of a leaf and its update, in the leaf's type."""
    if isinstance(p, np.ndarray):
        total = np.array(p, subok=True)
        total += u
        return total
    return type(p)(p + u)


def add_in_place(params: Any, updates: Any) -> None:
    """Add updates to parameters, in their memory."""
    work = gather(params, updates)
    check_changeable(work)
    for p, u in work.leaves:
        p += u
    restore(work)


def from_rewrite(
    init: Callable[[Any], State], rewrite: Callable[..., tuple[Any, State]]
) -> Optimizer:
    """An optimizer from its in-place form alone.

    Args:
        init: makes the state.
        rewrite: turns gradients into updates; it may overwrite arrays of gradients and state.
    """

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        return rewrite(copied(grads), copied(state), params, **extra)

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        updates, state = rewrite(grads, state, params, **extra)
        add_in_place(params, updates)
        return state

    return public(init, update, step, rewrite)


def from_update(
    init: Callable[[Any], State], update: Callable[..., tuple[Any, State]]
) -> Optimizer:
    """An optimizer from its pure form alone: the way to write one of your own.

    Args:
        init: `init(params) -> state`.
        update: `update(grads, state, params, **extra) -> (updates, state)`, without side effects.

    Returns:
        An optimizer whose `step` adds the updates in place.

    Example:
        >>> from srcgrad import tree
        >>> def halve(grads, state, params, **extra):
        ...     return tree.map(lambda g: -0.5 * g, grads), state
        >>> optimizer = from_update(lambda params: {}, halve)
        >>> optimizer.update({"w": 2.0}, {}, {"w": 1.0})
        ({'w': -1.0}, {})
    """

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        updates, state = update(grads, state, params, **extra)
        add_in_place(params, updates)
        return state

    return public(init, update, step, update)


def public(init: Any, update: Any, step: Any, rewrite: Any) -> Optimizer:
    """An optimizer whose `init` checks the parameters."""

    def checked(params: Any) -> State:
        check_apart(params)
        return init(params)

    return Optimizer(brief(ends(checked)), update, step, rewrite)


def check_apart(params: Any) -> None:
    """Refuse parameters that share memory: each would get the updates of the others as well.

    Raises:
        BadValue: if two of them do; the message names them.
    """
    spans = []
    for path, leaf in walk(params, ""):
        if isinstance(leaf, np.ndarray) and leaf.size and has_derivative(leaf):
            spans.append((*np.lib.array_utils.byte_bounds(leaf), path.removeprefix("."), leaf))
    spans.sort(key=lambda span: span[:2])
    reach: list[Any] = []
    for span in spans:
        reach = [other for other in reach if other[1] > span[0]]
        for other in reach:
            if shared(other[3], span[3]):
                a, b = sorted((other[2], span[2]))
                raise BadValue(
                    f"the parameters {a} and {b} share memory",
                    hint="Make one of them a copy, or keep it in one place only.",
                )
        reach.append(span)


def shared(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays share memory; also where that would be long to find out."""
    try:
        return np.shares_memory(a, b, max_work=cast(Any, 10_000))
    except np.exceptions.TooHardError:
        return True


def chain(*parts: Optimizer) -> Optimizer:
    """One optimizer after another: each takes the updates of the one before as its gradients.

    Args:
        parts: optimizers and transformations, the first one first.

    Returns:
        An optimizer whose state is the list of theirs.

    Raises:
        BadArgument: if a part is no optimizer.

    Example:
        >>> from srcgrad.optim import clip_by_global_norm, sgd
        >>> optimizer = chain(clip_by_global_norm(1.0), sgd(0.1))
        >>> optimizer.update({"w": np.array([3.0, 4.0])}, optimizer.init({"w": np.zeros(2)}),
        ...                  {"w": np.zeros(2)})[0]
        {'w': array([-0.06, -0.08])}
    """
    for part in parts:
        if not isinstance(part, Optimizer):
            raise BadArgument(
                f"chain takes optimizers, not {part!r}", hint="Write chain(clip(1.0), adam(1e-3))."
            )

    def init(params: Any) -> State:
        return [part.init(params) for part in parts]

    def update(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        new = []
        for part, own in zip(parts, checked(state), strict=True):
            grads, own = part.update(grads, own, params, **extra)
            new.append(own)
        return grads, new

    def rewrite(grads: Any, state: State, params: Any, **extra: Any) -> tuple[Any, State]:
        for i, own in enumerate(checked(state)):
            grads, state[i] = parts[i].rewrite(grads, own, params, **extra)
        return grads, state

    def step(grads: Any, state: State, params: Any, **extra: Any) -> State:
        last = len(parts) - 1
        for i, own in enumerate(checked(state)):
            if i < last:
                grads, state[i] = parts[i].rewrite(grads, own, params, **extra)
            else:
                state[i] = parts[i].step(grads, own, params, **extra)
        if not parts:
            add_in_place(params, grads)
        return state

    def checked(state: State) -> State:
        if not isinstance(state, list) or len(state) != len(parts):
            raise BadArgument(
                f"the state of a chain of {len(parts)} is a list of as many, not {state!r:.60}"
            )
        return state

    return public(init, update, step, rewrite)


def identity() -> Optimizer:
    """The transformation that changes nothing.

    Example:
        >>> identity().update({"w": 1.0}, {}, {"w": 2.0})
        ({'w': 1.0}, {})
    """

    def rewrite(grads: Any, state: State, params: Any, **_: Any) -> tuple[Any, State]:
        gather(params, grads)
        return grads, state

    return from_rewrite(lambda _: {}, rewrite)
