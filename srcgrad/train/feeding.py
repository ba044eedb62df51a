"""From what was given as data to the arguments of a loss."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.data import Batches, Rows
from srcgrad.data.columns import each
from srcgrad.errors import BadArgument, BadValue
from srcgrad.tree import walk

FILLED = ("rng", "training")
HINT = (
    "Give batches, data.arrays(x, y).shuffle(0).batch(32); arrays (x, y) for one batch of all;\n"
    "or a list of batches."
)


def batches_of(data: Any, what: str) -> Batches:
    """Batches from batches, from arrays (one batch of all), or from a list of batches.

    Args:
        data: what was given.
        what: how a message calls it.

    Raises:
        BadArgument: if it is something else.
        BadValue: if there is no batch.

    Example:
        >>> batches_of((np.zeros((4, 2)), np.zeros(4)), "data")
        one batch(float64 (2,), float64 ())
    """
    if isinstance(data, Batches):
        if not len(data):
            raise BadValue(f"{what} has no batches")
        return data
    if isinstance(data, Rows):
        raise BadArgument(f"{what} are single rows", hint="Cut them into batches: data.batch(32).")
    if isinstance(data, list):
        if not data:
            raise BadValue(f"{what} has no batches")
        held = [each(np.asarray, batch) for batch in data]
        for batch in held:
            check_arrays(batch, what)
        recipe = f"{len(held)} batches({form_of(held[0])})"
        return Batches(len(held), lambda _, i: copies(held[i]), recipe)
    if isinstance(data, (tuple, dict, np.ndarray)) and len(data):
        whole = each(np.asarray, data)
        check_arrays(whole, what)
        return Batches(1, lambda _e, _i: copies(whole), f"one batch({form_of(whole)})")
    raise BadArgument(f"{what} is a {type(data).__name__}, not batches", hint=HINT)


def copies(batch: Any) -> Any:
    """A batch with arrays of its own."""
    if type(batch) is tuple:
        return tuple([part.copy() if type(part) is np.ndarray else copies(part) for part in batch])
    return each(np.array, batch)


def check_arrays(batch: Any, what: str) -> None:
    """Refuse batches that hold anything but numbers and text."""

    def check(column: np.ndarray) -> None:
        if column.dtype.hasobject:
            raise BadArgument(f"a batch of {what} holds Python objects, not numbers", hint=HINT)

    each(check, batch)


def form_of(batch: Any) -> str:
    """Dtypes and shapes of a batch of any nesting, without the number of its rows."""

    def one(path: str, leaf: np.ndarray) -> str:
        name = path.strip("[]'.") + ": " if isinstance(batch, dict) else ""
        text = "str" if leaf.dtype.kind in "US" else leaf.dtype.name
        return f"{name}{text} {leaf.shape[1:]}"

    return ", ".join(one(path, leaf) for path, leaf in walk(batch, ""))


def rows_in(batch: Any) -> int:
    """The number of rows of a batch, by which means are weighted.

    Example:
        >>> rows_in((np.zeros((4, 2)), np.zeros(4))), rows_in(np.float64(1.0))
        (4, 1)
    """
    if isinstance(batch, dict):
        batch = next(iter(batch.values()))
    if isinstance(batch, tuple):
        batch = batch[0]
    return len(batch) if np.ndim(batch) else 1


class Feed:
    """The arguments of a function `f(params, ...)` from a batch: all but the first.

    A tuple goes in by position, a dict by name, an array as it is; a function of one more argument
    gets any batch as a whole. Parameters called `rng` and `training`, if the batch has none of
    that name, get a random generator and whether this is a training step; others their defaults.

    Args:
        function: takes the parameters first.
        batch: the first batch.
        what: how a message calls the function.

    Raises:
        BadArgument: if the batch does not fit.
    """

    def __init__(self, function: Callable[..., Any], batch: Any, what: str) -> None:
        taken = list(inspect.signature(function).parameters.values())
        self.what = f"{what} `{getattr(function, '__name__', type(function).__name__)}`"
        self.kind = type(batch)
        self.size = len(batch) if isinstance(batch, (tuple, dict)) else -1
        if not taken:
            raise BadArgument(f"{self.what} takes no parameters", hint="Write f(params, x, y).")
        many = [p for p in taken if p.kind is p.VAR_POSITIONAL]
        odd = [p for p in taken[1:] if p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]
        if any(p.default is p.empty and p.kind is p.KEYWORD_ONLY for p in odd):
            raise BadArgument(f"{self.what} has parameters that are given by keyword alone")
        plain = [p for p in taken[1:] if p not in odd and p not in many]
        held = set(batch) if isinstance(batch, dict) else set()
        fillable = [p for p in plain if p.name in FILLED and p.name not in held]
        open_ = [p for p in plain if p not in fillable]
        needed = [p for p in open_ if p.default is p.empty]
        keys = self._keys(batch, [p.name for p in open_], len(needed), bool(many))
        self.template: list[Any] = []
        self.places: list[tuple[int, Any]] = []
        for p in plain:
            if p.name in keys:
                self.places.append((len(self.template), keys[p.name]))
            elif p.default is p.empty and p not in fillable:
                raise self._misfit(batch, f"nothing is left for `{p.name}`")
            self.template.append(None if p.default is p.empty else p.default)
        for key in keys.get("*", ()):
            self.places.append((len(self.template), key))
            self.template.append(None)
        names = [p.name for p in plain]
        self.rng = names.index("rng") if "rng" in map(_name, fillable) else -1
        self.training = names.index("training") if "training" in map(_name, fillable) else -1

    def _keys(self, batch: Any, names: list[str], needed: int, many: bool) -> dict[str, Any]:
        """For each parameter what part of the batch it gets; an ellipsis for the whole."""
        if isinstance(batch, dict):
            if set(batch) <= set(names):
                return {name: name for name in batch}
        elif isinstance(batch, tuple):
            if needed <= len(batch) and (many or len(batch) <= len(names)):
                found: dict[str, Any] = dict(zip(names, range(len(batch)), strict=False))
                return found | {"*": tuple(range(len(names), len(batch)))}
        if names and needed <= 1:
            return {names[0]: ...}
        raise self._misfit(batch, f"its parameters are {', '.join(names) or 'none'}")

    def _misfit(self, batch: Any, why: str) -> BadArgument:
        parts = list(batch) if isinstance(batch, dict) else f"{self.size} parts"
        said = f"an array of shape {np.shape(batch)}" if self.size < 0 else f"{parts}"
        return BadArgument(
            f"a batch of {said} does not fit {self.what}: {why}",
            hint="Tuples go in by position, after the parameters, dicts by name; "
            "`data.map(f)` changes batches.",
        )

    def __call__(self, batch: Any, key: tuple[int, ...], training: bool = True) -> list[Any]:
        """The arguments after the parameters.

        Args:
            batch: a batch, built like the first one.
            key: what the random numbers follow from.
            training: whether this is a training step.
        """
        if type(batch) is not self.kind or (self.size >= 0 and len(batch) != self.size):
            raise self._misfit(batch, "the first batch was of another form")
        out = self.template.copy()
        for place, part in self.places:
            out[place] = batch if part is ... else batch[part]
        if self.rng >= 0:
            out[self.rng] = np.random.default_rng(key)
        if self.training >= 0:
            out[self.training] = training
        return out


def _name(parameter: inspect.Parameter) -> str:
    return parameter.name
