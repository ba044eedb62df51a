"""Drawing learning rates with matplotlib, which is imported only then."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from srcgrad.errors import MissingExtra


def draw(
    x: Sequence[float], y: Sequence[float], name: str, *, file: Any = None, axes: Any = None
) -> Any:
    """Draw a rate over the steps.

    Args:
        x: the steps.
        y: the rate at each.
        name: the title.
        file: where to save the picture, if anywhere.
        axes: matplotlib axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        MissingExtra: if matplotlib is not installed.
    """
    if axes is None:
        try:
            figure = importlib.import_module("matplotlib.figure").Figure(layout="constrained")
        except ImportError:
            raise MissingExtra(
                "drawing a schedule needs matplotlib",
                hint="Install it with: pip install 'srcgrad[plot]'",
            ) from None
        axes = figure.subplots()
    axes.plot(x, y, label=name)
    axes.set(xlabel="step", ylabel="rate", title=name)
    if file is not None:
        axes.figure.savefig(file)
    return axes
