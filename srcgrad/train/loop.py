"""The training loop."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

import numpy as np

from srcgrad.api import value_and_grad
from srcgrad.data import Batches
from srcgrad.data.checks import count, seeded
from srcgrad.data.files import Path
from srcgrad.errors import BadArgument, brief
from srcgrad.optim import Optimizer, apply_updates
from srcgrad.optim.base import check_apart
from srcgrad.train.callbacks import Given, Moments, call, moments
from srcgrad.train.checkpoints import Checkpoints
from srcgrad.train.evaluating import Metrics, evaluator, named_metrics
from srcgrad.train.feeding import Feed, batches_of
from srcgrad.train.history import History
from srcgrad.train.interrupts import Interrupt
from srcgrad.train.nonfinite import not_finite
from srcgrad.train.norms import norm_of
from srcgrad.train.progress import progress_bar
from srcgrad.train.resuming import Store
from srcgrad.train.run import Run
from srcgrad.tree import has_derivative, items, leaves
from srcgrad.tree import map as map_leaves


@brief
def fit(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    metrics: Metrics = (),
    validation: Any = None,
    callbacks: Given = (),
    seed: int = 0,
    checkpoint: Path | Checkpoints | None = None,
    checkpoint_every: int | None = None,
    progress: bool = False,
) -> tuple[Any, History]:
    """Minimise a loss.

    The first Ctrl-C finishes the step, saves and returns.

    Args:
        loss: `loss(params, ...)`, a plain function that returns a float. The rest of its arguments
            is a batch: a tuple goes in by position, a dict by name. A parameter `rng` gets a
            random generator that follows from the seed and the step, `training` gets True, and
            False in the validation.
        params: the first parameters, any tree; they stay as they are.
        data: `srcgrad.data` batches; arrays `(x, y)` for one batch of all; a list of batches.
        optimizer: one of `srcgrad.optim`.
        epochs: how often to go through the data.
        metrics: functions like the loss, by name or in a list, which are evaluated after each
            epoch: on the validation data, or without one on the data itself.
        validation: data that is not trained with, on which loss and metrics are evaluated after
            each epoch ("validation_loss", ...); or a function of the parameters that returns a
            number or a dict of numbers.
        callbacks: functions of the run, called after each step, and `Callback`s.
        seed: a nonnegative integer that all random numbers follow from.
        checkpoint: a folder. If it has a checkpoint, the run goes on there, and gives bit for bit
            what it would have given without the pause. Saved is after each epoch and at the end.
        checkpoint_every: save also after each so many steps.
        progress: whether to show a progress bar.

    Returns:
        The trained parameters and a `History`.

    Raises:
        NotFinite: if the loss or its gradient becomes nan or infinite; it names the line where
            that began.
        BadArgument: if an argument is of a wrong kind, or a batch does not fit the loss.
        BadValue: if a number is out of range, parameters share memory, or the checkpoint is of
            another run.
        CheckpointError: if there are checkpoints, and every one is damaged.
        MissingExtra: if a progress bar is wanted and tqdm is missing.

    Example:
        >>> from srcgrad.optim import adam
        >>> x = np.linspace(0.0, 1.0, 20)
        >>> def loss(params, x, y):
        ...     return np.mean((params["w"] * x + params["b"] - y) ** 2)
        >>> params, history = fit(
        ...     loss, {"w": 0.0, "b": 0.0}, (x, 2.0 * x + 6.0), adam(0.1), epochs=1000)
        >>> round(params["w"], 3), round(params["b"], 3)
        (2.0, 6.0)
    """
    if not isinstance(optimizer, Optimizer):
        raise BadArgument(
            f"{optimizer!r:.80} is no optimizer", hint="Make one: srcgrad.optim.adam(1e-3)."
        )
    epochs = count(epochs, "the number of epochs", 0)
    batches = batches_of(data, "data")
    check_apart(params)
    if not any(map(has_derivative, leaves(params))):
        raise BadArgument(
            "the parameters have no floats that could be trained",
            hint="Write 0.0 for 0, np.zeros(3) for an array of ints.",
        )
    run = Run(own(params), optimizer, generated_for(loss), epochs, len(batches), seeded(seed))
    evaluate = evaluator(loss, named_metrics(metrics), batches, validation)
    called = moments(callbacks, [progress_bar()] if progress else [])
    store = Store.of(checkpoint, checkpoint_every)
    run.optimizer_state = optimizer.init(run.params)
    store.resume(run, batches)
    with ExitStack() as stack:
        for nth in called.end:
            stack.callback(call, [nth], run, "end")
        interrupt = stack.enter_context(Interrupt())
        call(called.start, run, "start")
        while run.epoch < run.epochs and not run.stopped:
            one_epoch(run, batches, loss, called, store, interrupt)
            if run.batch == run.batches:
                finish_epoch(run, evaluate, called)
            if interrupt.came and not run.stopped:
                run.history.stopped = "interrupted"
            store.save(run, batches)
            if interrupt.came:
                break
    run.history.stopped = run.stopped or run.history.stopped
    return run.params, run.history


def one_epoch(
    run: Run,
    batches: Batches,
    loss: Callable[..., Any],
    called: Moments,
    store: Store,
    interrupt: Interrupt,
) -> None:
    """The steps of an epoch that are left, or until the run is stopped."""
    advance, loss_and_grad, history = advance_of(run), run.loss_and_grad, run.history
    at_gradient, at_step, every = called.gradient, called.step, store.every
    isfinite, seed, length = math.isfinite, run.seed, run.batches
    feed: Feed | None = None

    def again(params: Any) -> Any:
        # For line searches: with the same random numbers each time.
        assert feed is not None
        return loss_and_grad(params, *feed(batch, (seed, run.step)))

    for batch in batches.epoch(run.epoch, run.batch):
        if feed is None:
            feed = Feed(loss, batch, "the loss")
        run.arguments = feed(batch, (seed, run.step))
        value, grads = loss_and_grad(run.params, *run.arguments)
        norm = norm_of(grads)
        if not (isfinite(value) and isfinite(norm)):
            key = (seed, run.step)
            arguments = feed(next(batches.epoch(run.epoch, run.batch)), key)
            raise not_finite(run, loss, arguments, value, grads)
        run.loss, run.gradient_norm = value, norm
        if at_gradient:
            run.grads = grads
            call(at_gradient, run, "gradient")
            grads, run.grads = run.grads, None
        advance(grads, value, again)
        run.step += 1
        run.batch += 1
        history.add_step(value, norm)
        if at_step:
            call(at_step, run, "step")
        if run.batch == length or run.stopped or interrupt.came:
            return
        if every and run.step % every == 0:
            store.save(run, batches)


def advance_of(run: Run) -> Callable[..., None]:
    """The function that takes a step: in place wherever that can be done."""
    optimizer = run.optimizer

    def in_place(grads: Any, value: Any, function: Any) -> None:
        run.optimizer_state = optimizer.step(
            grads, run.optimizer_state, run.params, value=value, function=function
        )

    def pure(grads: Any, value: Any, function: Any) -> None:
        updates, run.optimizer_state = optimizer.update(
            grads, run.optimizer_state, run.params, value=value, function=function
        )
        run.params = apply_updates(run.params, updates)

    return pure if has_fixed_floats(run.params) else in_place


def finish_epoch(
    run: Run, evaluate: Callable[[Any, int], dict[str, float]], called: Moments
) -> None:
    """Measure, and call the callbacks of an epoch."""
    record = run.history.since(run.step - run.batches)
    run.history.add_epoch(record | evaluate(run.params, run.seed))
    call(called.epoch, run, "epoch")
    run.epoch, run.batch = run.epoch + 1, 0


def own(params: Any) -> Any:
    """A copy of the parameters, with arrays in C order."""
    return map_leaves(lambda x: np.array(x, order="C") if isinstance(x, np.ndarray) else x, params)


def has_fixed_floats(node: Any, fixed: bool = True) -> bool:
    """Whether there are floats that cannot be replaced in place: in tuples, or the tree itself.

    Example:
        >>> has_fixed_floats({"w": 1.0}), has_fixed_floats((1.0,)), has_fixed_floats(1.0)
        (False, True, True)
    """
    parts = items(node)
    if parts is None:
        return fixed and has_derivative(node) and not isinstance(node, np.ndarray)
    frozen = getattr(getattr(node, "__dataclass_params__", None), "frozen", False)
    held = isinstance(node, tuple) or frozen
    return any(has_fixed_floats(part, held) for _, part in parts)


def generated_for(loss: Callable[..., Any]) -> Callable[..., Any]:
    """The loss with its gradient; the code of a plain function is kept for the next run."""
    closed = isinstance(loss, types.FunctionType) and loss.__closure__ is None
    return remembered(loss) if closed else value_and_grad(loss)


remembered = lru_cache(maxsize=8)(value_and_grad)
