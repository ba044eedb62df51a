"""A progress bar, through tqdm."""

from __future__ import annotations

import time
from typing import Any

from srcgrad.train.callbacks import Callback
from srcgrad.train.extras import library
from srcgrad.train.run import Run

SECONDS = 0.1


def progress_bar(**options: Any) -> Callback:
    """A bar over all steps, with the loss, which is drawn ten times a second.

    Args:
        options: for `tqdm.auto.tqdm`.

    Raises:
        MissingExtra: if tqdm is not installed.

    Example:
        >>> callback = progress_bar(leave=False)
    """
    tqdm = library("tqdm.auto", "a progress bar", "tqdm", "progress").tqdm
    clock = time.monotonic
    bar: Any = None
    due = 0.0

    def start(run: Run) -> None:
        nonlocal bar, due
        given = {"total": run.epochs * run.batches, "initial": run.step, "unit": "step"} | options
        bar = tqdm(**given)
        due = clock() + SECONDS

    def step(run: Run) -> None:
        nonlocal due
        now = clock()
        if now >= due:
            due = now + SECONDS
            show(run)

    def show(run: Run) -> None:
        words = [f"epoch {min(run.epoch + 1, run.epochs)}/{run.epochs}", f"loss {run.loss:.4g}"]
        held = run.history.epochs.get("validation_loss")
        if held:
            words.append(f"validation {held[-1]:.4g}")
        bar.set_postfix_str(", ".join(words), refresh=False)
        bar.update(run.step - bar.n)

    def end(run: Run) -> None:
        if bar is not None:
            show(run)
            bar.close()

    return Callback(start=start, step=step, end=end)
