"""Saving the state of a run, and going on from it."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.data import Batches
from srcgrad.data.checks import count
from srcgrad.data.files import Path
from srcgrad.errors import BadArgument, BadValue
from srcgrad.train.callbacks import is_plain
from srcgrad.train.checkpoints import Checkpoint, Checkpoints, CheckpointWarning
from srcgrad.train.history import History
from srcgrad.train.run import Run
from srcgrad.tree import walk


@dataclass
class Store:
    """Where a run is saved, if anywhere.

    Attributes:
        folder: the checkpoints, or None.
        every: after how many steps to save besides the ends of epochs; 0 for never.
        saved: the step that was saved last.
    """

    folder: Checkpoints | None
    every: int = 0
    saved: int = -1

    @staticmethod
    def of(checkpoint: Path | Checkpoints | None, every: int | None) -> Store:
        """A store from the arguments of `fit`."""
        if checkpoint is None:
            if every is not None:
                raise BadArgument("`checkpoint_every` needs `checkpoint`, a folder")
            return Store(None)
        folder = checkpoint if isinstance(checkpoint, Checkpoints) else Checkpoints(checkpoint)
        return Store(folder, 0 if every is None else count(every, "`checkpoint_every`"))

    def save(self, run: Run, data: Batches) -> None:
        """Save the run, if it is not saved already.

        Warns:
            CheckpointWarning: if it cannot be written; the run goes on.
        """
        if self.folder is None:
            return
        if self.saved == run.step and not run.stopped:
            return
        try:
            self.folder.save(run.step, tree_of(run, data), score_of(run))
            self.saved = run.step
        except OSError as error:
            warnings.warn(
                f"step {run.step} was not saved: {error}", CheckpointWarning, stacklevel=4
            )

    def resume(self, run: Run, data: Batches) -> None:
        """Bring a run to where it was saved.

        Raises:
            BadValue: if the checkpoint is of another run.
            CheckpointError: if there are checkpoints, and every one is damaged.
        """
        if self.folder is None:
            return
        # Classes and functions come from the parameters that are given; plain ones need not be
        # like these, as the model may have grown.
        like = None if is_plain(run.params) else like_of(run)
        found = self.folder.latest(like)
        if found is None:
            return
        if not isinstance(found.tree, dict) or found.tree.keys() != NAMES:
            raise BadValue(f"{found.file} holds something else than a run of `fit`")
        check_same(run, found, data)
        restore(run, found.tree)
        self.saved = run.step


NAMES = {
    "params",
    "optimizer",
    "step",
    "position",
    "epochs",
    "history",
    "memory",
    "seed",
    "stopped",
    "grown",
}


def tree_of(run: Run, data: Batches) -> dict[str, Any]:
    """All that a run goes on from, as data."""
    return {
        "params": run.params,
        "optimizer": run.optimizer_state,
        "step": run.step,
        "position": {"epoch": run.epoch, "batch": run.batch, "data": data.recipe},
        "epochs": run.epochs,
        "history": run.history.as_tree(),
        "memory": run.memory,
        "seed": run.seed,
        "stopped": run.stopped,
        "grown": run.grown,
    }


def like_of(run: Run) -> dict[str, Any]:
    """An example with the classes and functions of a run."""
    like = dict.fromkeys(NAMES)
    return like | {"params": run.params, "optimizer": run.optimizer_state}


def check_same(run: Run, found: Checkpoint, data: Batches) -> None:
    """Refuse a checkpoint of a run with other arguments."""
    tree, file = found.tree, found.file

    def refuse(what: str, hint: str = "Give what that run was given, or another folder.") -> None:
        raise BadValue(
            f"the checkpoint {os.path.basename(file)} is of another run: {what}", hint=hint
        )

    if tree["seed"] != run.seed:
        refuse(f"its seed is {tree['seed']}, and {run.seed} was given")
    if tree["position"]["data"] != data.recipe:
        refuse(f"its data\n  saved: {tree['position']['data']}\n  given: {data.recipe}")
    if not tree["grown"]:
        difference = differing(run.params, tree["params"])
        if difference:
            refuse(f"its parameters differ at {difference}")
    fresh = run.optimizer.init(tree["params"])
    difference = differing(fresh, tree["optimizer"])
    if difference:
        refuse(f"the state of its optimizer differs at {difference}")


def differing(a: Any, b: Any) -> str:
    """Where two trees differ in structure, shapes or dtypes; empty if they do not."""
    given, saved = dict(walk(a, "")), dict(walk(b, ""))
    for path in [*given, *saved]:
        place = path.removeprefix(".") or "the top"
        if (path in given) != (path in saved):
            return f"{place}, which it has{'' if path in saved else ' not'}"
        x, y = given[path], saved[path]
        arrays = isinstance(x, np.ndarray), isinstance(y, np.ndarray)
        if arrays[0] != arrays[1]:
            return place
        if arrays[0] and (x.shape != y.shape or x.dtype != y.dtype):
            return f"{place}: {y.dtype} of shape {y.shape}, expected {x.dtype} of shape {x.shape}"
    return ""


def restore(run: Run, tree: dict[str, Any]) -> None:
    """Put a saved state into a run."""
    run.params, run.optimizer_state = tree["params"], tree["optimizer"]
    run.step, run.grown = tree["step"], tree["grown"]
    run.epoch, run.batch = tree["position"]["epoch"], tree["position"]["batch"]
    run.history, run.memory = History.from_tree(tree["history"]), tree["memory"]
    if len(run.history):
        run.loss = float(run.history.steps["loss"][-1])
        run.gradient_norm = float(run.history.steps["gradient_norm"][-1])
    # A run that a callback has ended goes on only if more epochs are wanted than it had.
    run.stopped = tree["stopped"] if run.epochs <= tree["epochs"] else ""


def score_of(run: Run) -> float | None:
    """The score of a checkpoint at the end of an epoch; within one there is none."""
    epochs = run.history.epochs
    if run.batch or not epochs:
        return None
    return epochs.get("validation_loss", epochs["loss"])[-1]
