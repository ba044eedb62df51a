"""A folder of checkpoints, of which the newest and the best are kept."""

from __future__ import annotations

import contextlib
import math
import os
import re
import warnings
from dataclasses import dataclass
from typing import Any

from srcgrad.data.checks import count
from srcgrad.data.files import Path, name_of
from srcgrad.errors import BadArgument, BadValue, CheckpointError
from srcgrad.train.saving import read, write
from srcgrad.train.saving_files import clean_up, sync_folder
from srcgrad.train.saving_format import refusal

NAME = re.compile(
    r"(?P<serial>\d{8,18})-step-(?P<step>\d{1,18})(-score-(?P<score>[-+.\w]+))?\.safetensors"
)


class CheckpointWarning(UserWarning):
    """A checkpoint was refused, and an older one is used."""


@dataclass(frozen=True)
class Checkpoint:
    """What was read.

    Attributes:
        step: the step that it was saved at.
        tree: what was saved.
        score: its score, or None.
        file: the file.
        refused: why newer (or better) ones were not read, newest (best) first.
    """

    step: int
    tree: Any
    score: float | None
    file: str
    refused: tuple[CheckpointError, ...] = ()


@dataclass(frozen=True)
class _Saved:
    """A file of the folder: how many were saved before, the step, and the score."""

    serial: int
    step: int
    score: float | None
    file: str


@dataclass(frozen=True)
class Checkpoints:
    """A folder of checkpoints that one process writes, and that survives being killed.

    A checkpoint is there with its whole contents, or it is not there. What killed writers left is
    removed. "Newest" is what was saved last, also if its step is a lower one.

    Attributes:
        folder: the folder; it is made if it is not there. Other files in it are left alone.
        keep: how many of the newest are kept, at least 1.
        best: whether the one with the lowest score is kept too. For a score where more is better,
            give its negative.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Checkpoints(folder, keep=1)
        ...     for step, loss in [(10, 0.5), (20, 0.25), (30, 0.75)]:
        ...         _ = store.save(step, {"w": step / 10}, score=loss)
        ...     sorted(os.listdir(folder))
        ...     store.latest().step, store.lowest().tree
        ['00000002-step-20-score-0.25.safetensors', '00000003-step-30-score-0.75.safetensors']
        (30, {'w': 2.0})
    """

    folder: Path
    keep: int = 3
    best: bool = True

    def __post_init__(self) -> None:
        folder = os.path.abspath(name_of(self.folder))
        object.__setattr__(self, "folder", folder)
        count(self.keep, "the number of checkpoints to keep")
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            sync_folder(os.path.dirname(folder))
        clean_up(folder, NAME)

    def save(self, step: int, tree: Any, score: float | None = None) -> str:
        """Save a checkpoint; it is on the disk when this returns, and old ones are removed.

        Args:
            step: the step, which may have been saved before.
            tree: what `srcgrad.train.save` takes: parameters, optimizer state, random generators,
                the position in the data, the history.
            score: the lower the better; nan is never the best.

        Returns:
            The name of the file.

        Raises:
            BadArgument: if the tree cannot be saved, or the score is no number.
            OSError: if it cannot be written; all that was there still is.
        """
        step = count(step, "the step", 0)
        if step >= 10**18:
            raise BadValue(f"the step must be below 10**18, not {step}")
        score = None if score is None else _number(score)
        folder = os.fsdecode(self.folder)
        clean_up(folder, NAME)
        serial = max((saved.serial for saved in self._saved()), default=0) + 1
        said = "" if score is None else f"-score-{score!r}"
        file = os.path.join(folder, f"{serial:08d}-step-{step}{said}.safetensors")
        write(file, tree, _note(serial, step, score))
        self._prune()
        return file

    def latest(self, like: Any = None) -> Checkpoint | None:
        """The newest checkpoint that is sound; None if there is none at all.

        Args:
            like: as for `srcgrad.train.load`.

        Raises:
            CheckpointError: if there are some, and every one is refused.

        Warns:
            CheckpointWarning: if newer ones were refused; `Checkpoint.refused` has the errors.
        """
        return self._first(self._saved(), like)

    def lowest(self, like: Any = None) -> Checkpoint | None:
        """The sound checkpoint of the lowest score; as `latest` otherwise."""
        return self._first(sorted(self._saved(), key=_badness), like)

    def _saved(self) -> list[_Saved]:
        """What the folder has, the newest first, by the names alone."""
        found = []
        for entry in os.listdir(self.folder):
            if parts := NAME.fullmatch(entry):
                file = os.path.join(os.fsdecode(self.folder), entry)
                with contextlib.suppress(ValueError):
                    score = None if parts["score"] is None else float(parts["score"])
                    found.append(_Saved(int(parts["serial"]), int(parts["step"]), score, file))
        return sorted(found, key=lambda saved: saved.serial, reverse=True)

    def _prune(self) -> None:
        """Remove all but the newest and the best."""
        saved = self._saved()
        kept = saved[: self.keep]
        if self.best:
            kept += [s for s in sorted(saved, key=_badness)[:1] if s.score is not None]
        for old in saved:
            if old not in kept:
                with contextlib.suppress(OSError):
                    os.unlink(old.file)

    def _first(self, saved: list[_Saved], like: Any) -> Checkpoint | None:
        """The first that is sound."""
        refused: list[CheckpointError] = []
        for one in saved:
            try:
                tree = _read(one, like)
            except FileNotFoundError:
                continue
            except CheckpointError as error:
                refused.append(error)
                continue
            if refused:
                text = "\n".join(map(str, refused))
                warnings.warn(f"{text}\nUsed instead: {one.file}", CheckpointWarning, stacklevel=3)
            return Checkpoint(one.step, tree, one.score, one.file, tuple(refused))
        if refused:
            text = "\n".join(map(str, refused))
            raise refusal(os.fsdecode(self.folder), "all checkpoints", f"none is sound\n{text}")
        return None


def _read(one: _Saved, like: Any) -> Any:
    """The tree of one checkpoint, if it is the one that its name says."""
    try:
        tree, note = read(one.file, like)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise refusal(one.file, "the file", f"it cannot be read: {error}") from error
    if note != _note(one.serial, one.step, one.score):
        raise refusal(one.file, "the name", f"it was saved as {note}")
    return tree


def _number(score: Any) -> float:
    """A score as a float."""
    try:
        return float(score)
    except (TypeError, ValueError):
        raise BadArgument(f"the score must be a number, not {score!r}") from None


def _note(serial: int, step: int, score: float | None) -> dict[str, Any]:
    """What a checkpoint says of itself, as its name does."""
    return {"serial": serial, "step": step, "score": None if score is None else repr(score)}


def _badness(saved: _Saved) -> tuple[bool, float, int]:
    """What the best has least of; of equals the newest is the best."""
    poor = saved.score is None or math.isnan(saved.score)
    return poor, 0.0 if poor else saved.score or 0.0, -saved.serial
