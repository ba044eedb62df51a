"""The state of a run, which callbacks see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.errors import BadArgument
from srcgrad.optim import Optimizer
from srcgrad.train.growing import grow
from srcgrad.train.history import OWN, History


class Run:
    """The state of a run: what callbacks are called with.

    Attributes:
        params: the parameters, which the next step overwrites; copy what you keep.
        optimizer: the optimizer.
        optimizer_state: its state.
        step: the steps that were taken.
        epoch: the number of the epoch, 0 first.
        batch: the batches of this epoch that were used.
        epochs: how many epochs there will be.
        batches: how many batches an epoch has.
        loss: the loss at the latest step, before its update.
        gradient_norm: the norm of the gradient then.
        grads: the gradient, at the moment "gradient" only: the update takes it for scratch.
        history: what was measured.
        memory: what callbacks remember, by name: plain data, which checkpoints hold.
        seed: the seed of the run.
        loss_and_grad: the function that srcgrad generated, with its `source_for`.
        arguments: what it was called with at the latest step, after the parameters.
        stopped: why the run ends; empty as long as it goes on.
    """

    __slots__ = (
        "arguments",
        "batch",
        "batches",
        "epoch",
        "epochs",
        "gradient_norm",
        "grads",
        "grown",
        "history",
        "loss",
        "loss_and_grad",
        "memory",
        "moment",
        "optimizer",
        "optimizer_state",
        "params",
        "seed",
        "step",
        "stopped",
    )

    def __init__(
        self,
        params: Any,
        optimizer: Optimizer,
        loss_and_grad: Callable[..., Any],
        epochs: int,
        batches: int,
        seed: int,
    ) -> None:
        self.params, self.optimizer, self.loss_and_grad = params, optimizer, loss_and_grad
        self.epochs, self.batches, self.seed = epochs, batches, seed
        self.optimizer_state: Any = None
        self.step = self.epoch = self.batch = 0
        self.loss = self.gradient_norm = float("nan")
        self.grads: Any = None
        self.arguments: list[Any] = []
        self.history = History()
        self.memory: dict[str, Any] = {}
        self.grown = False
        self.stopped = self.moment = ""

    def __repr__(self) -> str:
        return f"<run at step {self.step} in epoch {self.epoch} of {self.epochs}>"

    def log(self, name: str, value: float) -> None:
        """Add a number to the history: of the latest step, or, after an epoch, of that.

        Raises:
            BadArgument: if the name is taken, or it is not the moment.
        """
        if name in OWN:
            raise BadArgument(f"{name!r} is measured already", hint="Log under another name.")
        if self.moment == "epoch":
            self.history.log_epoch(name, float(value))
        elif self.moment == "step":
            self.history.log_step(name, float(value))
        else:
            raise BadArgument(
                "numbers are logged after a step or an epoch",
                hint="Log in a plain function, or in one made by every_epoch(...).",
            )

    def source(self) -> str:
        """The code of the loss and its gradient, for the arguments of the latest step."""
        return self.loss_and_grad.source_for(self.params, *self.arguments)  # type: ignore[attr-defined]

    def grow(self, params: Any, moved: dict[str, str] | None = None) -> None:
        """Go on with larger parameters; what the optimizer knows of the old ones is kept.

        Args:
            params: the new parameters, such as `srcgrad.train.widened` gives.
            moved: as for `srcgrad.train.grow`.
        """
        if self.moment not in ("step", "epoch"):
            raise BadArgument("a model grows after a step or an epoch")
        state = grow(self.optimizer, self.optimizer_state, self.params, params, moved=moved)
        self.params, self.optimizer_state, self.grown = params, state, True
