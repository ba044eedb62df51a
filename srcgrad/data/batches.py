"""Batches: what a training loop reads, at a position that can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import numpy as np

from srcgrad.data import order
from srcgrad.data.checks import count, seeded
from srcgrad.errors import BadArgument, BadValue


@dataclass(frozen=True, repr=False)
class Batches:
    """Batches that follow from the numbers of the epoch and of the batch alone.

    So nothing but two integers is needed to go on exactly where a run was stopped, and the
    batches before need not be read again.

    Attributes:
        length: the number of batches of an epoch.
        read: `read(epoch, index)` gives one batch: arrays of its own, in a tuple or a dict.
        recipe: how the batches are made: dtypes, shapes and every step with its seed.
        ahead: how many batches a thread reads in advance; 0 for no thread.

    Example:
        >>> from srcgrad.data import arrays
        >>> data = arrays(np.arange(6)).shuffle(seed=0).batch(4)
        >>> len(data), list(data.epoch(3))
        (2, [array([4, 3, 0, 1]), array([2, 5])])
        >>> list(data.epoch(3, start=1))
        [array([2, 5])]
    """

    length: int
    read: Callable[[int, int], Any]
    recipe: str
    ahead: int = 0

    def __len__(self) -> int:
        return self.length

    def __repr__(self) -> str:
        return f"{self.recipe}.prefetch({self.ahead})" if self.ahead else self.recipe

    def epoch(self, number: int = 0, start: int = 0) -> Iterator[Any]:
        """The batches of one epoch, from batch `start` on."""
        number = count(number, "the number of the epoch", 0)
        start = count(start, "the start", 0)
        if self.ahead:
            return _ahead(self.read, number, range(start, self.length), self.ahead)
        return (self.read(number, index) for index in range(start, self.length))

    def stream(self, epochs: int | None = None, position: dict[str, Any] | None = None) -> Stream:
        """All batches of several epochs, with a position that can be saved.

        Args:
            epochs: the number of epochs, counted from the very first; None for no end.
            position: what `Stream.position` was; None for the start. It belongs to the same data
                with the same steps and seeds; of functions the names are compared.

        Raises:
            BadValue: if the position was saved with other data, seeds or batches.
        """
        return Stream(self, epochs, position)

    def map(self, function: Callable[..., Any], seed: int | None = None) -> Batches:
        """Apply a function to each batch.

        Args:
            function: takes a batch, and with a `seed` also a `numpy.random.Generator`, which
                follows from the seed, the epoch and the number of the batch. The arrays are the
                function's own and may be overwritten.
            seed: for functions that draw random numbers.

        Example:
            >>> from srcgrad.data import arrays
        >>> data = arrays(np.zeros(2)).batch(2)
            >>> list(data.map(lambda x, rng: x + rng.integers(9, size=2), seed=0).epoch())
            [array([6., 8.])]
        """
        draw = None if seed is None else seeded(seed)

        def read(epoch: int, index: int) -> Any:
            if draw is None:
                return function(self.read(epoch, index))
            rng = np.random.default_rng((order.MAP, epoch, index, draw))
            return function(self.read(epoch, index), rng)

        label = getattr(function, "__qualname__", type(function).__name__)
        said = label if seed is None else f"{label}, seed={seed}"
        return replace(self, read=read, recipe=f"{self.recipe}.map({said})")

    def repeat(self, times: int) -> Batches:
        """Epochs that go through the batches several times, each time in a new order.

        Example:
            >>> from srcgrad.data import arrays
            >>> list(arrays(np.arange(3)).batch(2).repeat(2).epoch())
            [array([0, 1]), array([2]), array([0, 1]), array([2])]
        """
        times = count(times, "the number of repetitions")

        def read(epoch: int, index: int) -> Any:
            nth, within = divmod(index, self.length)
            return self.read(epoch * times + nth, within)

        return replace(
            self, length=self.length * times, read=read, recipe=f"{self.recipe}.repeat({times})"
        )

    def prefetch(self, ahead: int) -> Batches:
        """Read so many batches in advance, in a thread; batches and their order stay the same.

        It pays where reading waits for a disk or for numpy (both let other threads run).

        Example:
            >>> from srcgrad.data import arrays
            >>> list(arrays(np.arange(3)).batch(2).prefetch(2).epoch())
            [array([0, 1]), array([2])]
        """
        return replace(self, ahead=count(ahead, "the number of batches to read ahead", 0))


def _ahead(
    read: Callable[[int, int], Any], epoch: int, indices: range, ahead: int
) -> Iterator[Any]:
    """The batches of an epoch, of which a thread reads some in advance.

    An error comes where its batch would have come. The thread ends with the iterator.
    """
    wanted: SimpleQueue[int | None] = SimpleQueue()
    ready: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()

    def work() -> None:
        while (index := wanted.get()) is not None:
            try:
                ready.put((read(epoch, index), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where the batch is wanted
                ready.put((None, error))

    thread = Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        for index in indices[:ahead]:
            wanted.put(index)
        for index in indices:
            if index + ahead < indices.stop:
                wanted.put(index + ahead)
            batch, error = ready.get()
            if error is not None:
                raise error
            yield batch
    finally:
        with suppress(Empty):
            while True:
                wanted.get_nowait()
        wanted.put(None)
        thread.join()


class Stream:
    """An iteration through several epochs, at a position that can be saved and resumed.

    Example:
        >>> from srcgrad.data import arrays
        >>> data = arrays(np.arange(4)).shuffle(seed=0).batch(2)
        >>> stream = data.stream()
        >>> first = next(stream), next(stream), next(stream)
        >>> stream.position["epoch"], stream.position["batch"]
        (1, 1)
        >>> again = data.stream(position=stream.position)
        >>> (next(again) == next(stream)).all()
        np.True_
    """

    def __init__(
        self, data: Batches, epochs: int | None = None, position: dict[str, Any] | None = None
    ) -> None:
        self.data = data
        self.epochs = None if epochs is None else count(epochs, "the number of epochs", 0)
        self._epoch, self._batch = _checked(position, data) if position is not None else (0, 0)
        self._batches: Iterator[Any] | None = None

    @property
    def position(self) -> dict[str, Any]:
        """What is needed to go on after the last batch that came: plain data."""
        return {"epoch": self._epoch, "batch": self._batch, "data": self.data.recipe}

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Any:
        if self.epochs is not None and self._epoch >= self.epochs:
            raise StopIteration
        if self._batches is None:
            self._batches = self.data.epoch(self._epoch, self._batch)
        batch = next(self._batches)
        self._batch += 1
        if self._batch == len(self.data):
            self._epoch, self._batch, self._batches = self._epoch + 1, 0, None
        return batch


def _checked(position: dict[str, Any], data: Batches) -> tuple[int, int]:
    """The two numbers of a saved position, if it belongs to this data."""
    if not isinstance(position, dict) or position.keys() != {"epoch", "batch", "data"}:
        raise BadArgument("a position is what `Stream.position` gave: a dict of epoch, batch, data")
    if position["data"] != data.recipe:
        raise BadValue(
            f"the position was saved with other data\n  saved: {position['data']}\n"
            f"  given: {data.recipe}",
            hint="Resume with the same rows, seeds and batches.",
        )
    epoch = count(position["epoch"], "the epoch of the position", 0)
    batch = count(position["batch"], "the batch of the position", 0)
    if batch >= len(data):
        raise BadValue(f"the position is batch {batch}, and an epoch has {len(data)}")
    return epoch, batch
