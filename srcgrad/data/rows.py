"""Rows: a data set before it is cut into batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.data import order
from srcgrad.data.batches import Batches
from srcgrad.data.checks import count, seeded
from srcgrad.data.columns import common_length, each, form, joined, named, stacked, taken
from srcgrad.data.order import Key
from srcgrad.errors import BadArgument, BadValue

READ_AT_ONCE = 256


@dataclass(frozen=True, repr=False)
class Rows:
    """Rows in an order that follows from the number of the epoch alone.

    Every method returns a new `Rows` (or `Batches`) and leaves this one as it is.

    Attributes:
        length: the number of rows of an epoch.
        read: `read(epoch, positions)` gives the rows at these positions of the epoch's order as
            arrays of their own, stacked along a new first axis.
        recipe: how the rows are made: dtypes, shapes and every step with its seed.
        starts: the first row of each block that is read as a whole (a shard, a row group), int64;
            None where single rows are read as fast.
        fixed: whether all epochs have one order.

    Example:
        >>> from srcgrad.data import arrays
        >>> rows = arrays(np.arange(6.0), np.arange(6))
        >>> rows.shuffle(seed=1).batch(4)
        arrays(6: float64 (), int64 ()).shuffle(1).batch(4)
        >>> next(rows.shuffle(seed=1).batch(4).epoch())
        (array([5., 4., 0., 2.]), array([5, 4, 0, 2]))
    """

    length: int
    read: Callable[[int, np.ndarray], Any]
    recipe: str
    starts: np.ndarray | None = None
    fixed: bool = True

    def __len__(self) -> int:
        return self.length

    def __repr__(self) -> str:
        return self.recipe

    def epoch(self, number: int = 0, start: int = 0) -> Iterator[Any]:
        """The single rows of an epoch, in its order, from position `start` on."""
        number = count(number, "the number of the epoch", 0)
        for first in range(count(start, "the start", 0), self.length, READ_AT_ONCE):
            found = np.arange(first, min(first + READ_AT_ONCE, self.length))
            block = self.read(number, found)
            yield from (_part(block, i) for i in range(len(found)))

    def shuffle(self, seed: int, block: int | None = None) -> Rows:
        """Another order in each epoch, which follows from the seed and the epoch's number.

        Args:
            seed: a nonnegative integer.
            block: shuffle blocks of so many rows, and the rows within each block: reads a large
                file nearly from front to back. By default all orders are equally likely, except
                for rows that come in blocks (row groups of Parquet, shards that are read as a
                whole), which keep theirs.

        Example:
            >>> [int(x) for x in arrays(np.arange(4)).shuffle(seed=0).epoch(1)]
            [2, 1, 0, 3]
        """
        seed, starts, said = seeded(seed), self.starts, f"{seed}"
        if block is not None:
            starts = np.arange(0, self.length, count(block, "the block"), dtype=np.int64)
            said = f"{seed}, block={block}"

        def rows(epoch: int, positions: np.ndarray) -> np.ndarray:
            key: Key = (order.SHUFFLE, epoch, seed)
            if starts is None:
                return order.shuffled(positions, self.length, key)
            return order.in_blocks(positions, starts, self.length, key)

        return self._reordered(self.length, rows, f"shuffle({said})", starts, False)

    def split(self, *parts: float, seed: int | None = None) -> tuple[Rows, ...]:
        """Cut the rows into parts that have no row in common.

        Args:
            parts: fractions (floats that sum to at most 1), or numbers of rows (ints).
            seed: draw the rows of the parts at random; by default they stay in order.

        Raises:
            BadValue: if the parts are more than there is, one of them is empty, or the rows were
                shuffled before: a row would be in another part in each epoch.

        Example:
            >>> train, test = arrays(np.arange(10)).split(0.8, 0.2, seed=0)
            >>> len(train), len(test)
            (8, 2)
        """
        if not parts or not all(type(p) is type(parts[0]) for p in parts):
            raise BadArgument(f"the parts must be all floats or all ints, not {parts}")
        if not self.fixed:
            raise BadValue(
                "rows are split before they are shuffled",
                hint="Each epoch has another order: a row would be in another part each time.\n"
                "Write rows.split(...) first, then part.shuffle(seed).",
            )
        scale = self.length if isinstance(parts[0], float) else 1
        ends = [round(sum(parts[: i + 1]) * scale, 6) for i in range(len(parts))]
        bounds = [0, *(round(end) for end in ends)]
        if bounds[-1] > self.length or any(a >= b for a, b in itertools.pairwise(bounds)):
            raise BadValue(
                f"{self.length} rows cannot be split into {parts}",
                hint="Each part needs a row, and together they are at most all rows.",
            )
        whole = self
        if seed is not None:
            key: Key = (order.SPLIT, seeded(seed))
            whole = self._reordered(
                self.length,
                lambda _, p: order.shuffled(p, self.length, key),
                f"split({seed})",
                None,
            )
        return tuple(whole.take(a, b) for a, b in itertools.pairwise(bounds))

    def take(self, start: int, stop: int) -> Rows:
        """The rows at the positions from `start` to before `stop`.

        Example:
            >>> list(map(int, arrays(np.arange(9)).take(2, 5).epoch()))
            [2, 3, 4]
        """
        if not 0 <= start < stop <= self.length:
            raise BadValue(f"there are no rows from {start} to {stop}: there are {self.length}")
        starts = self.starts
        if starts is not None:
            inside = starts[(starts > start) & (starts < stop)] - start
            starts = np.concatenate([np.zeros(1, np.int64), inside])
        return self._reordered(
            stop - start, lambda _, p: p + start, f"take({start}, {stop})", starts
        )

    def repeat(self, times: int) -> Rows:
        """Epochs that go through the rows several times, each time in a new order.

        Example:
            >>> list(map(int, arrays(np.arange(2)).repeat(2).epoch()))
            [0, 1, 0, 1]
        """
        times = count(times, "the number of repetitions")

        def read(epoch: int, positions: np.ndarray) -> Any:
            nth, within = np.divmod(positions, self.length)
            if not len(nth) or np.all(nth == nth[0]):
                return self.read(epoch * times + (int(nth[0]) if len(nth) else 0), within)
            parts = [self.read(epoch * times + int(n), within[nth == n]) for n in np.unique(nth)]
            back = np.argsort(np.argsort(nth, kind="stable"), kind="stable")
            return each(lambda column: column[back], joined(parts))

        return Rows(self.length * times, read, f"{self.recipe}.repeat({times})", None, self.fixed)

    def map(self, function: Callable[..., Any], seed: int | None = None) -> Rows:
        """Apply a function to each single row; what it returns is stacked into batches.

        A function of whole batches (`batch(n).map(f)`) takes a small part of the time.

        Args:
            function: takes a row (a number or an array, a tuple or a dict of them), and with a
                `seed` also a `numpy.random.Generator`, which follows from the seed, the epoch
                and the position.
            seed: for functions that draw random numbers.

        Example:
            >>> next(arrays(np.arange(4)).map(lambda x: (x, x**2)).batch(3).epoch())
            (array([0, 1, 2]), array([0, 1, 4]))
        """
        draw = None if seed is None else seeded(seed)

        def read(epoch: int, positions: np.ndarray) -> Any:
            block = self.read(epoch, positions)
            rows = (_part(block, i) for i in range(len(positions)))
            if draw is None:
                return stacked([function(row) for row in rows])
            keys = [(order.MAP, epoch, int(p), draw) for p in positions]
            return stacked(
                [function(r, np.random.default_rng(k)) for r, k in zip(rows, keys, strict=True)]
            )

        label = getattr(function, "__qualname__", type(function).__name__)
        said = label if seed is None else f"{label}, seed={seed}"
        return Rows(self.length, read, f"{self.recipe}.map({said})", self.starts, self.fixed)

    def batch(self, size: int, drop_last: bool = False) -> Batches:
        """Cut each epoch into batches, in its order.

        Args:
            size: the number of rows of a batch.
            drop_last: leave out the last batch of an epoch if it is smaller; by default it comes.

        Raises:
            BadValue: if not a single batch would come.

        Example:
            >>> [len(x) for x in arrays(np.arange(10)).batch(4).epoch()]
            [4, 4, 2]
        """
        size = count(size, "the size of a batch")
        batches = self.length // size if drop_last else -(-self.length // size)
        if not batches:
            raise BadValue(
                f"{self.length} rows give no batch of {size}", hint="Take a smaller batch."
            )

        def read(epoch: int, index: int) -> Any:
            first = index * size
            return self.read(epoch, np.arange(first, min(first + size, self.length)))

        said = f"{size}, drop_last=True" if drop_last else f"{size}"
        return Batches(batches, read, f"{self.recipe}.batch({said})")

    def _reordered(
        self,
        length: int,
        rows: Callable[[int, np.ndarray], np.ndarray],
        step: str,
        starts: np.ndarray | None,
        fixed: bool = True,
    ) -> Rows:
        """These rows at other positions."""

        def read(epoch: int, positions: np.ndarray) -> Any:
            return self.read(epoch, rows(epoch, positions))

        return Rows(length, read, f"{self.recipe}.{step}", starts, fixed and self.fixed)


def _part(block: Any, i: int) -> Any:
    """One row of a batch of any nesting."""
    if isinstance(block, dict):
        return {k: _part(v, i) for k, v in block.items()}
    if isinstance(block, (list, tuple)):
        parts = [_part(v, i) for v in block]
        return parts if isinstance(block, list) else tuple.__new__(type(block), parts)
    return block[i]


def arrays(*columns: Any, **named_columns: Any) -> Rows:
    """Rows from arrays in memory, which are read where they are, and never written.

    Args:
        columns: arrays with one row for each example, shape (n, ...): rows are tuples, or bare
            arrays if there is only one; or a single tuple or dict of arrays.
        named_columns: the same by name: rows are dicts.

    Raises:
        BadArgument: if there is none, or both forms are mixed.
        BadValue: if the arrays have different numbers of rows, or hold Python objects.

    Example:
        >>> rows = arrays(x=np.zeros((3, 2)), y=np.arange(3))
        >>> next(rows.batch(2).epoch())["y"]
        array([0, 1])
    """
    if bool(columns) == bool(named_columns):
        raise BadArgument("arrays(...) takes arrays by position or by name", hint="arrays(x, y)")
    given: Any = named_columns or (columns[0] if len(columns) == 1 else columns)
    return table(each(np.asarray, given), "arrays")


def table(columns: Any, source: str) -> Rows:
    """Rows from columns of one length, which are arrays or read like arrays (`take`)."""
    length = common_length(columns)
    for label, column in named(columns):
        if column.dtype.hasobject:
            raise BadValue(f"{label} holds Python objects, not numbers")

    def read(_: int, positions: np.ndarray) -> Any:
        return each(lambda column: taken(column, positions), columns)

    return Rows(length, read, f"{source}({length}: {form(columns)})")
