"""What a run measured: numbers of every step and of every epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

FIRST = 256
# What is measured always; other numbers have other names.
OWN = ("epoch", "step", "loss", "gradient_norm")


class History:
    """The course of a run.

    Attributes:
        epochs: for each name the value after each epoch; nan where there was none. Always there
            are "step" (the steps taken until then), "loss" and "gradient_norm" (means over the
            steps of the epoch).
        stopped: why the run ended before its last epoch; empty if it did not.

    Example:
        >>> history = History()
        >>> for loss in (3.0, 1.0):
        ...     history.add_step(loss, 0.5)
        >>> history.add_epoch({"step": 2.0, "loss": 2.0})
        >>> history.steps["loss"], history.epochs["loss"]
        (array([3., 1.]), [2.0])
    """

    def __init__(self) -> None:
        self.epochs: dict[str, list[float]] = {}
        self.stopped = ""
        self._count = 0
        self._series: dict[str, np.ndarray] = {}
        self._loss = self._new("loss")
        self._norm = self._new("gradient_norm")

    def __repr__(self) -> str:
        last = {name: values[-1] for name, values in self.epochs.items() if values}
        words = ", ".join(f"{name}: {value:.6g}" for name, value in last.items())
        return f"<history of {self._count} steps; {words}>" if words else "<empty history>"

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> dict[str, np.ndarray]:
        """For each name the value at each step, float64 of shape (steps,); nan if there is none."""
        return {name: values[: self._count] for name, values in self._series.items()}

    def add_step(self, loss: float, norm: float) -> None:
        """Add a step."""
        count = self._count
        if count == len(self._loss):
            self._lengthen()
        self._loss[count] = loss
        self._norm[count] = norm
        self._count = count + 1

    def log_step(self, name: str, value: float) -> None:
        """Add a number to the latest step."""
        series = self._series.get(name)
        if series is None:
            series = self._new(name)
        series[self._count - 1] = value

    def add_epoch(self, record: dict[str, float]) -> None:
        """Add an epoch."""
        done = max(map(len, self.epochs.values()), default=0)
        for name in record:
            self.epochs.setdefault(name, [float("nan")] * done)
        for name, values in self.epochs.items():
            values.append(float(record.get(name, float("nan"))))

    def log_epoch(self, name: str, value: float) -> None:
        """Add a number to the latest epoch."""
        done = max(map(len, self.epochs.values()), default=0)
        self.epochs.setdefault(name, [float("nan")] * done)[-1] = float(value)

    def since(self, step: int) -> dict[str, float]:
        """The record of an epoch: means of the loss and of the norms, the last of all else."""
        record = {"step": float(self._count)}
        for name, values in self.steps.items():
            part = values[step:]
            if len(part):
                mean = name in ("loss", "gradient_norm")
                record[name] = float(np.mean(part) if mean else part[-1])
        return record

    def as_tree(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"steps": self.steps, "epochs": self.epochs}

    @staticmethod
    def from_tree(tree: dict[str, Any]) -> History:
        """A history from plain data."""
        made = History()
        made.epochs = {name: list(values) for name, values in tree["epochs"].items()}
        made._series = {name: np.array(values) for name, values in tree["steps"].items()}
        made._loss, made._norm = made._series["loss"], made._series["gradient_norm"]
        made._count = len(made._loss)
        return made

    def _new(self, name: str) -> np.ndarray:
        length = len(self._series["loss"]) if self._series else FIRST
        self._series[name] = np.full(length, np.nan)
        return self._series[name]

    def _lengthen(self) -> None:
        for name, values in self._series.items():
            longer = np.full(max(FIRST, 2 * len(values)), np.nan)
            longer[: len(values)] = values
            self._series[name] = longer
        self._loss, self._norm = self._series["loss"], self._series["gradient_norm"]
