"""Loss and metrics after an epoch, on data that is not trained with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from srcgrad.data import Batches, Rows
from srcgrad.errors import BadArgument
from srcgrad.train.feeding import Feed, batches_of, rows_in
from srcgrad.train.history import OWN

Metrics = (
    Mapping[str, Callable[..., Any]] | Iterable[Callable[..., Any]] | Callable[..., Any] | None
)
# Sets the random numbers of an evaluation apart from those of the steps.
EVALUATION = 1 << 32


def named_metrics(metrics: Metrics) -> dict[str, Callable[..., Any]]:
    """Metrics by name.

    Raises:
        BadArgument: if one is no function.

    Example:
        >>> def accuracy(params, x, y): ...
        >>> list(named_metrics([accuracy]))
        ['accuracy']
    """
    if metrics is None or callable(metrics):
        metrics = [metrics] if metrics is not None else []
    if isinstance(metrics, Mapping):
        found = dict(metrics)
    else:
        found = {getattr(m, "__name__", type(m).__name__): m for m in metrics}
    for name, function in found.items():
        if not callable(function):
            raise BadArgument(f"the metric {name!r} is no function, but {function!r:.60}")
        if name in OWN:
            raise BadArgument(
                f"a metric cannot be called {name!r}", hint="That is measured already."
            )
    return found


def evaluator(
    loss: Callable[..., Any],
    metrics: dict[str, Callable[..., Any]],
    data: Batches,
    validation: Any,
) -> Callable[[Any, int], dict[str, float]]:
    """What is measured after each epoch, as a function of the parameters and the seed."""
    if validation is None:
        return lambda params, seed: means(metrics, params, data, seed) if metrics else {}
    if callable(validation) and not isinstance(validation, (Batches, Rows)):
        check_no(metrics)
        return lambda params, _: named(validation(params))
    batches = batches_of(validation, "validation")
    functions = {"loss": loss, **metrics}

    def measure(params: Any, seed: int) -> dict[str, float]:
        found = means(functions, params, batches, seed)
        return {f"validation_{name}": value for name, value in found.items()}

    return measure


def check_no(metrics: dict[str, Any]) -> None:
    """Refuse metrics beside a function that measures by itself."""
    if metrics:
        raise BadArgument(
            "metrics are evaluated on validation data, and a function was given for that",
            hint="Let the function return a dict with all of the numbers.",
        )


def named(result: Any) -> dict[str, float]:
    """What a validation function returned, by name."""
    found = result if isinstance(result, Mapping) else {"loss": result}
    try:
        return {f"validation_{name}": float(value) for name, value in found.items()}
    except (TypeError, ValueError):
        raise BadArgument(
            f"a validation returns a number or a dict of numbers, not {result!r:.80}"
        ) from None


def means(
    functions: dict[str, Callable[..., Any]], params: Any, data: Batches, seed: int
) -> dict[str, float]:
    """The mean of each function over the batches, weighted by their rows."""
    totals, rows = dict.fromkeys(functions, 0.0), 0
    feeds: dict[str, Feed] = {}
    for index, batch in enumerate(data.epoch(0)):
        weight = rows_in(batch)
        rows += weight
        for name, function in functions.items():
            if name not in feeds:
                feeds[name] = Feed(function, batch, f"the function for {name!r},")
            key = (seed, EVALUATION, index)
            value = function(params, *feeds[name](batch, key, training=False))
            totals[name] += weight * number(name, value)
    return {name: total / rows for name, total in totals.items()}


def number(name: str, value: Any) -> float:
    """What a metric returned, as a float."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadArgument(f"the metric {name!r} returns one number, not {value!r:.60}") from None
