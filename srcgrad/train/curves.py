"""Pictures of the course of a run, through matplotlib."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from srcgrad.data.files import Path, name_of
from srcgrad.errors import BadArgument, brief
from srcgrad.train.callbacks import Callback
from srcgrad.train.extras import library
from srcgrad.train.history import History

WINDOW = 50


@brief
def plot_curves(history: History, file: Path | None = None) -> Any:
    """Draw what a run measured: the loss, the norm of the gradient, and each metric.

    Args:
        history: of the run.
        file: where to save the picture (`.png`, `.svg`, `.pdf`), if anywhere.

    Returns:
        The matplotlib figure.

    Raises:
        BadArgument: if the history is empty.
        MissingExtra: if matplotlib is not installed (`pip install 'srcgrad[plot]'`).
    """
    if not len(history):
        raise BadArgument("the history is empty, there is nothing to draw")
    panels = panels_of(history)
    figure_class = library("matplotlib.figure", "a picture", "matplotlib", "plot").Figure
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = figure_class(figsize=(4.6 * columns, 3.4 * rows), layout="constrained")
    grid = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes, (title, names) in zip(grid, panels.items(), strict=False):
        draw(axes, history, title, names)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    if file is not None:
        figure.savefig(name_of(file), dpi=120)
    return figure


def panels_of(history: History) -> dict[str, list[str]]:
    """The panels, and the names that each shows: a metric goes with its validation."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys([*history.steps, *history.epochs]):
        if name != "step":
            found.setdefault(name.removeprefix("validation_"), []).append(name)
    return found


def draw(axes: Any, history: History, title: str, names: list[str]) -> None:
    """One panel: faint the steps, in colour their running mean and the epochs."""
    ends = np.array(history.epochs.get("step", []))
    shown: list[np.ndarray] = []
    for name in names:
        steps = history.steps.get(name)
        if steps is not None:
            at = np.arange(1, len(steps) + 1)
            noisy = name in ("loss", "gradient_norm")
            window = max(1, min(WINDOW, len(steps) // 20)) if noisy else 1
            mean = np.convolve(steps, np.full(window, 1.0 / window), mode="valid")
            if window > 1:
                axes.plot(at, steps, color="0.8", linewidth=0.6)
            axes.plot(at[window - 1 :], mean, label="steps")
            shown.append(steps)
        epochs = history.epochs.get(name)
        if epochs is not None and (steps is None or not len(history)):
            label = "validation" if name.startswith("validation_") else "epochs"
            axes.plot(ends, epochs, marker="." if len(ends) < WINDOW else "", label=label)
            shown.append(np.array(epochs))
    values = np.concatenate(shown)
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0.0 and values.max() > 20.0 * values.min():
        axes.set_yscale("log")
    axes.set(xlabel="step", title=title.replace("_", " "))
    axes.margins(x=0.02)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len(axes.get_legend_handles_labels()[0]) > 1:
        axes.legend()


def curves(path: Path) -> Callback:
    """Save a picture of the curves when the run ends.

    Args:
        path: the file, `.png`.

    Raises:
        MissingExtra: at once, if matplotlib is not installed.

    Example:
        >>> callback = curves("curves.png")
    """
    library("matplotlib.figure", "a picture", "matplotlib", "plot")
    file = os.path.abspath(name_of(path))

    def end(run: Any) -> None:
        if len(run.history):
            plot_curves(run.history, file)

    return Callback(end=end)
