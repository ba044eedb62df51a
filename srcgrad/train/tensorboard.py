"""Events for TensorBoard, through tensorboardX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.data.checks import count
from srcgrad.data.files import Path, name_of
from srcgrad.errors import BadArgument, brief
from srcgrad.train.callbacks import Callback
from srcgrad.train.extras import library
from srcgrad.train.run import Run
from srcgrad.tree import has_derivative, walk

Value = str | bool | int | float


@brief
def tensorboard(
    folder: Path,
    *,
    every: int = 10,
    histograms: bool = True,
    images: Callable[[Run], Mapping[str, np.ndarray]] | None = None,
    hyper: Mapping[str, Value] | None = None,
) -> Callback:
    """Write a run for TensorBoard.

    Scalars: loss, gradient norm and what else is logged at each step ("step/..."), and after each
    epoch ("epoch/..."). Text: the code of the gradient. A run that is resumed hides what it writes
    anew.

    Args:
        folder: where the events go.
        every: after how many steps the numbers of a step are written.
        histograms: whether to write the distribution of each parameter after each epoch.
        images: a function of the run, called after each epoch; it returns images by name, of shape
            (height, width) or (height, width, 3), floats from 0 to 1 or uint8.
        hyper: hyper-parameters by name; they are shown beside the last numbers of the run.

    Raises:
        MissingExtra: if tensorboardX is not installed (`pip install 'srcgrad[tensorboard]'`).
        BadArgument: when they are written, if an image has another shape.
    """
    every = count(every, "the number of steps")
    place = name_of(folder)
    make = library("tensorboardX", "a TensorBoard log", "tensorboardX", "tensorboard").SummaryWriter
    writer: Any = None
    told = False

    def start(run: Run) -> None:
        nonlocal writer, told
        writer = make(place, purge_step=run.step or None)
        told = False

    def step(run: Run) -> None:
        nonlocal told
        if not told:
            told = True
            writer.add_text("gradient", f"```python\n{run.source()}\n```", run.step)
        if run.step % every == 0 or run.step == 1:
            for name, values in run.history.steps.items():
                if values[-1] == values[-1]:
                    writer.add_scalar(f"step/{name}", values[-1], run.step)

    def epoch(run: Run) -> None:
        for name, values in run.history.epochs.items():
            if name != "step" and values[-1] == values[-1]:
                writer.add_scalar(f"epoch/{name}", values[-1], run.step)
        if histograms:
            for path, leaf in walk(run.params, ""):
                if has_derivative(leaf) and np.size(leaf) > 1 and np.isfinite(leaf).all():
                    writer.add_histogram(f"params/{tag(path)}", np.asarray(leaf), run.step)
        for name, image in (images(run) if images is not None else {}).items():
            writer.add_image(name, *as_image(name, image, run.step)[:2], dataformats=form(image))
        writer.flush()

    def end(run: Run) -> None:
        if writer is None:
            return
        if hyper is not None:
            last = {n: v[-1] for n, v in run.history.epochs.items() if n != "step" and v}
            found = {f"hyper/{name}": value for name, value in last.items()}
            writer.add_hparams(dict(hyper), found, name="hyper", global_step=run.step)
        writer.close()

    return Callback(start=start, step=step, epoch=epoch, end=end)


def as_image(name: str, image: Any, step: int) -> tuple[np.ndarray, int]:
    """An image as an array, with its step."""
    array = np.asarray(image)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadArgument(
            f"the image {name!r} has the shape {array.shape}",
            hint="Images are (height, width) or (height, width, 3).",
        )
    return array, step


def form(image: Any) -> str:
    """How an image is laid out, in TensorBoard's letters."""
    return "HW" if np.ndim(image) == 2 else "HWC"


def tag(path: str) -> str:
    """A path as TensorBoard names things: parts between slashes.

    Example:
        >>> tag("['dense_1']['w']"), tag(".layers[0].w")
        ('dense_1/w', 'layers/0/w')
    """
    plain = path.replace("['", "/").replace("']", "").replace("[", "/").replace("]", "")
    return plain.replace(".", "/").strip("/") or "params"
