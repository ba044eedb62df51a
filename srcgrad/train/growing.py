"""Models that grow while they train: larger parameters, with the optimizer's state carried over."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.optim import Optimizer
from srcgrad.tree import rebuilt, walk


@brief
def grow(
    optimizer: Optimizer, state: Any, params: Any, grown: Any, moved: dict[str, str] | None = None
) -> Any:
    """The state of an optimizer for larger parameters.

    What was there keeps its state: an array that became larger has the old one in its leading
    block, `grown[:n, :m]`. What is new starts as `optimizer.init` has it, counts go on.

    Args:
        optimizer: the optimizer.
        state: its state so far.
        params: the parameters that it belongs to.
        grown: the new parameters: leaves may be larger, and there may be more of them.
        moved: where parts of `grown` were before, if they have another path now:
            `{"[2]": "[1]"}` if a layer was inserted into a list. By default they have the path
            that they had.

    Returns:
        A state for `grown`; arguments stay as they are.

    Raises:
        BadArgument: if nothing of `params` is left in `grown`, or `moved` names a part that is
            not there.
        BadValue: if a parameter has become smaller, or has other axes.

    Example:
        >>> from srcgrad.optim import adam
        >>> old, new = {"w": np.ones(2)}, {"w": np.ones(3)}
        >>> state = adam(0.1).update({"w": np.ones(2)}, adam(0.1).init(old), old)[1]
        >>> grow(adam(0.1), state, old, new)["mean"]
        {'w': array([0.1, 0.1, 0. ])}
    """
    moved = {_dotted(new): _dotted(old) for new, old in (moved or {}).items()}
    before = dict(walk(params, ""))
    after = dict(walk(grown, ""))
    for new, old in moved.items():
        for path, tree, what in ((new, after, "grown"), (old, before, "params")):
            if not any(inside(p, path) for p in tree):
                raise BadArgument(f"there is no part {path.removeprefix('.')} in `{what}`")
    shared = {p: source_of(p, moved) for p in after if source_of(p, moved) in before}
    if not shared:
        raise BadArgument("the new parameters have no part in common with the old ones")
    for new, old in shared.items():
        check_larger(new, np.shape(before[old]), np.shape(after[new]))
    held = dict(walk(state, ""))
    fresh = optimizer.init(grown)
    leaves = []
    for path, leaf in walk(fresh, ""):
        root = next((r for r in sorted(after, key=len, reverse=True) if ends_with(path, r)), None)
        source = path
        if root:
            was = source_of(root, moved)
            source = path[: len(path) - len(root)] + was if was in before else ""
        leaves.append(carried(held[source], leaf) if source in held else leaf)
    return rebuilt(fresh, leaves)


def _dotted(path: str) -> str:
    """A path as `walk` spells it."""
    return path if not path or path.startswith(("[", ".")) else f".{path}"


def inside(path: str, part: str) -> bool:
    """Whether a path leads to a part, or to something in it."""
    return path.startswith(part) and path[len(part) :][:1] in ("", "[", ".")


def ends_with(path: str, root: str) -> bool:
    """Whether a path into a state ends in that of a parameter.

    Example:
        >>> ends_with("['mean']['w']", "['w']"), ends_with("['mean'].raw", ".aw")
        (True, False)
    """
    return bool(root) and path.endswith(root)


def source_of(path: str, moved: dict[str, str]) -> str:
    """Where a parameter was before."""
    for new in sorted(moved, key=len, reverse=True):
        if inside(path, new):
            return moved[new] + path[len(new) :]
    # What another part has moved away from here is not what is here now.
    return "" if any(inside(path, old) for old in moved.values()) else path


def check_larger(path: str, old: tuple[int, ...], new: tuple[int, ...]) -> None:
    """Refuse a parameter that has become smaller."""
    if len(old) != len(new) or any(a > b for a, b in zip(old, new, strict=True)):
        raise BadValue(
            f"the parameter {path.removeprefix('.') or 'itself'} had the shape {old}, and cannot "
            f"grow to {new}",
            hint="Every axis stays or becomes longer.",
        )


def carried(old: Any, fresh: Any) -> Any:
    """A slot of the new state with the old one in its leading block."""
    if not isinstance(fresh, np.ndarray) or not isinstance(old, np.ndarray):
        return old
    if old.ndim != fresh.ndim or any(a > b for a, b in zip(old.shape, fresh.shape, strict=True)):
        return fresh
    made = fresh.copy()
    made[tuple(map(slice, old.shape))] = old
    return made


@brief
def widened(
    rng: np.random.Generator, first: dict[str, Any], second: dict[str, Any], count: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two dense layers with more neurons between them, which compute what they did.

    The new neurons get random weights of the size of the old ones; what comes out of them is
    multiplied by 0 until the next step.

    Args:
        rng: source of the random numbers.
        first: {"w": shape (n_in, n), "b": shape (n,)}.
        second: {"w": shape (n, n_out), ...}.
        count: how many neurons are added.

    Returns:
        Both layers, as new dicts; n is larger by `count`.

    Raises:
        BadValue: if the layers do not follow each other.

    Example:
        >>> first, second = {"w": np.ones((3, 2)), "b": np.ones(2)}, {"w": np.ones((2, 1))}
        >>> first, second = widened(np.random.default_rng(0), first, second, 4)
        >>> first["w"].shape, first["b"].shape, second["w"].T
        ((3, 6), (6,), array([[1., 1., 0., 0., 0., 0.]]))
    """
    w, b, out = first["w"], first["b"], second["w"]
    if w.ndim != 2 or out.ndim != 2 or w.shape[1] != len(out) or b.shape != w.shape[1:]:
        raise BadValue(
            f"layers with weights of shapes {w.shape} and {out.shape} do not follow each other"
        )
    if count < 1:
        raise BadValue(f"the number of new neurons must be at least 1, not {count}")
    size = float(np.std(w)) or 1.0 / max(1, w.shape[0]) ** 0.5
    new = rng.normal(scale=size, size=(w.shape[0], count)).astype(w.dtype)
    return (
        first
        | {
            "w": np.concatenate([w, new], axis=1),
            "b": np.concatenate([b, np.zeros(count, b.dtype)]),
        },
        second | {"w": np.concatenate([out, np.zeros((count, out.shape[1]), out.dtype)])},
    )
