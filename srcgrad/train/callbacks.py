"""Callbacks: functions of the run, and when they are called."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad.data.checks import count
from srcgrad.errors import BadArgument, brief
from srcgrad.optim.schedules import Rate
from srcgrad.train.run import Run
from srcgrad.tree import leaves, rebuilt
from srcgrad.tree import map as map_leaves

Function = Callable[[Run], Any]
MOMENTS = ("start", "gradient", "step", "epoch", "end")


@dataclass(frozen=True)
class Callback:
    """Functions of the run, by the moment when they are called.

    A plain function among the callbacks of `fit` is called after each step. A true result ends the
    run; if it is a string, the history gives it as the reason. What a callback has to remember
    goes into `run.memory`, so that it is there when the run is resumed.

    Attributes:
        start: before the first step, also of a resumed run.
        gradient: before each update, when `run.grads` has the gradient, which may be overwritten.
        step: after each update.
        epoch: after the last step of an epoch and its validation.
        end: after the last step, also if the run ends with an error.

    Example:
        >>> Callback(epoch=lambda run: print(run.epoch)).step is None
        True
    """

    start: Function | None = None
    gradient: Function | None = None
    step: Function | None = None
    epoch: Function | None = None
    end: Function | None = None


Given = Iterable[Callback | Function] | Callback | Function | None


def every_epoch(function: Function) -> Callback:
    """A callback after each epoch; may be used as a decorator.

    Example:
        >>> @every_epoch
        ... def show(run):
        ...     print(run.history.epochs["loss"][-1])
        >>> show.epoch is not None
        True
    """
    return Callback(epoch=function)


@brief
def every(steps: int, function: Function) -> Callback:
    """A callback after each so many steps, counted from the start of the run.

    Raises:
        BadValue: if the number is not positive.

    Example:
        >>> every(100, lambda run: print(run.loss)).step is not None
        True
    """
    steps = count(steps, "the number of steps")
    return Callback(step=lambda run: function(run) if run.step % steps == 0 else None)


def before_update(function: Function) -> Callback:
    """A callback between gradient and update, with the gradient in `run.grads`."""
    return Callback(gradient=function)


def log_rate(rate: Rate) -> Callback:
    """Log the learning rate of each step as "rate".

    Args:
        rate: what the optimizer was made with: a number, or a schedule.

    Example:
        >>> from srcgrad.optim import adam, cosine
        >>> schedule = cosine(1e-2, steps=1000)
        >>> optimizer, callback = adam(schedule), log_rate(schedule)
    """

    def log(run: Run) -> None:
        # The rate of a step is that for the number of steps before it.
        run.log("rate", rate(run.step - 1) if callable(rate) else rate)

    return Callback(step=log)


def early_stopping(
    patience: int = 5, monitor: str | None = None, least: float = 0.0, lowest: bool = True
) -> Callback:
    """End the run when a number has not improved for some epochs.

    Args:
        patience: how many epochs without improvement are waited for.
        monitor: a name in `history.epochs`; by default "validation_loss" if there is one, else
            "loss".
        least: changes up to this one are no improvement.
        lowest: whether less is better.

    Raises:
        BadArgument: after the first epoch, if there is no such number.
    """
    patience = count(patience, "the patience")

    def stop(run: Run) -> str | None:
        name, values = monitored(run, monitor)
        best, at = math.inf, 0
        for i, value in enumerate(values):
            signed = value if lowest else -value
            if signed < best - least or (best == math.inf and signed < best):
                best, at = signed, i
        waited = len(values) - 1 - at
        return f"{name} has not improved for {waited} epochs" if waited >= patience else None

    return Callback(epoch=stop)


def keep_best(monitor: str | None = None, lowest: bool = True) -> Callback:
    """Return the parameters of the best epoch instead of the last ones.

    Args:
        monitor: a name in `history.epochs`; by default as for `early_stopping`.
        lowest: whether less is better.

    Raises:
        BadArgument: after the first epoch, if there is no such number.
    """

    def look(run: Run) -> None:
        _, values = monitored(run, monitor)
        score = values[-1] if lowest else -values[-1]
        best = run.memory.get("best")
        if score < (best["score"] if best else math.inf):
            copies = copy_of(run.params)
            run.memory["best"] = {
                "score": score,
                "step": run.step,
                # Classes and functions are not saved: the leaves alone are, and go back into
                # the parameters as they are.
                "params": copies if is_plain(copies) else None,
                "leaves": None if is_plain(copies) else [plain(x) for x in leaves(copies)],
            }

    def give(run: Run) -> None:
        best = run.memory.get("best")
        if best and best["leaves"] is None:
            run.params = copy_of(best["params"])
        elif best:
            now = leaves(run.params)
            held = [a if plain(a) is None else b for a, b in zip(now, best["leaves"], strict=True)]
            run.params = copy_of(rebuilt(run.params, held))

    return Callback(epoch=look, end=give)


def plain(leaf: Any) -> Any:
    """A leaf that can be saved, None for any other."""
    return None if callable(leaf) else leaf


def copy_of(tree: Any) -> Any:
    """A tree with arrays of its own."""
    return map_leaves(lambda x: x.copy() if hasattr(x, "dtype") else x, tree)


def is_plain(tree: Any) -> bool:
    """Whether a tree is made of dicts, lists and tuples, and has no functions in it.

    Example:
        >>> is_plain({"w": [1.0]}), is_plain({"f": abs})
        (True, False)
    """
    if type(tree) is dict:
        return all(map(is_plain, tree.values()))
    if type(tree) in (list, tuple):
        return all(map(is_plain, tree))
    return not callable(tree) and leaves(tree) == [tree] if not hasattr(tree, "dtype") else True


def monitored(run: Run, monitor: str | None) -> tuple[str, list[float]]:
    """A name, and its values after each epoch."""
    epochs = run.history.epochs
    name = monitor or ("validation_loss" if "validation_loss" in epochs else "loss")
    if name not in epochs:
        raise BadArgument(
            f"there is no {name!r} in the history",
            hint=f"After each epoch there are {', '.join(epochs)}.",
        )
    return name, epochs[name]


@dataclass(frozen=True)
class Moments:
    """The functions of all callbacks, by moment, with their names."""

    start: list[tuple[str, Function]]
    gradient: list[tuple[str, Function]]
    step: list[tuple[str, Function]]
    epoch: list[tuple[str, Function]]
    end: list[tuple[str, Function]]


def moments(callbacks: Given, last: Sequence[Callback] = ()) -> Moments:
    """Sort callbacks by moment, with some that come last.

    Raises:
        BadArgument: if one is no function.
    """
    given: Any = () if callbacks is None else callbacks
    if not isinstance(given, Iterable):
        given = [given]
    found: dict[str, list[tuple[str, Function]]] = {moment: [] for moment in MOMENTS}
    for item in (*given, *last):
        if not isinstance(item, Callback) and (isinstance(item, type) or not callable(item)):
            raise BadArgument(
                f"{item!r} is no callback", hint="Callbacks are functions of one argument, the run."
            )
        callback = item if isinstance(item, Callback) else Callback(step=item)
        for moment, into in found.items():
            function = getattr(callback, moment)
            if function is not None:
                into.append((getattr(function, "__name__", type(function).__name__), function))
    return Moments(**found)


def call(functions: list[tuple[str, Function]], run: Run, moment: str) -> None:
    """Call all functions of a moment; the first true result is why the run ends."""
    run.moment = moment
    for name, function in functions:
        result = function(run)
        if result and not run.stopped:
            said = isinstance(result, str)
            run.stopped = result if said else f"the callback `{name}` said so"
    run.moment = ""
