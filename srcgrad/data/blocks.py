"""Rows that come in blocks, such as the shards of a folder or the row groups of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.data.columns import each, joined
from srcgrad.data.rows import Rows


def in_turn(lengths: Sequence[int], read: Callable[[int, np.ndarray], Any], recipe: str) -> Rows:
    """The rows of blocks, one block after the other; shuffling keeps blocks together.

    Args:
        lengths: the number of rows of each block; one at least is not 0.
        read: `read(block, positions)` gives rows of one block, stacked.
        recipe: what the rows are called.

    Example:
        >>> blocks = [np.array([1, 2]), np.array([3])]
        >>> next(in_turn([2, 1], lambda nth, p: blocks[nth][p], "three").batch(3).epoch())
        array([1, 2, 3])
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    starts = ends - lengths

    def rows(_: int, positions: np.ndarray) -> Any:
        nth = np.searchsorted(ends, positions, side="right")
        places = [np.flatnonzero(nth == n) for n in np.unique(nth)]
        parts = [
            read(int(nth[place[0]]), positions[place] - starts[nth[place[0]]]) for place in places
        ]
        if len(parts) == 1:
            return parts[0]
        back = np.argsort(np.concatenate(places))
        return each(lambda column: column[back], joined(parts))

    return Rows(int(ends[-1]), rows, recipe, starts[np.asarray(lengths) > 0])
