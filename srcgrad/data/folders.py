"""Folders of shards: a data set in many files of one format."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path as Folder
from typing import Any

import numpy as np

from srcgrad.data.blocks import in_turn
from srcgrad.data.files import Path, bad_file, name_of
from srcgrad.data.idx import idx
from srcgrad.data.npy import npy, npz
from srcgrad.data.parquet import parquet
from srcgrad.data.rows import Rows
from srcgrad.data.tables import csv
from srcgrad.errors import BadArgument

READERS: dict[str, Callable[[str], Rows]] = {
    ".npy": npy,
    ".npz": npz,
    ".csv": csv,
    ".parquet": parquet,
    ".idx": idx,
    ".gz": idx,
}
SHARDS_KEPT = 2
NUMBERS = re.compile(r"(\d*)(\D*)")
OF = re.compile(r"-of-0*(\d+)\b")


def sharded(folder: Path, pattern: str = "*", read: Callable[[str], Rows] | None = None) -> Rows:
    """The rows of all files of a folder, one file after the other.

    Every file is opened once to begin with, so that a bad one is found before the first row comes.
    Later at most two are kept in memory; `shuffle` shuffles the files, and the rows within each.

    Args:
        folder: the folder.
        pattern: which files in it, as in `*.npz`; those that begin with a dot or an underscore are
            left out. They come in the order of their names, numbers in these by value. Where names
            end in `-of-8`, there must be 8.
        read: what reads a file; by default the reader of its ending: `npy`, `npz`, `csv`,
            `parquet`, `idx`. With options: `read=lambda file: csv(file, dtype=int)`.

    Raises:
        BadArgument: if there is no file, or one has an ending that is not known.
        BadFile: if a file is bad, one is missing, or has other columns, dtypes or shapes of rows
            than the first.

    Example:
        >>> import tempfile, numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for n in (9, 10):
        ...         np.save(f"{folder}/x-{n}.npy", np.full(2, n))
        ...     next(sharded(folder, "x-*.npy").batch(4).epoch())
        array([ 9,  9, 10, 10])
    """
    files = _files(name_of(folder), pattern)
    opener = read or _by_ending
    forms, lengths = [], []
    for file in files:
        rows = opener(file)
        forms.append(_form(rows))
        lengths.append(len(rows))
        if forms[-1] != forms[0]:
            raise bad_file(
                file, "the columns", f"{forms[-1]}, expected {forms[0]} as in {files[0]}"
            )

    @lru_cache(maxsize=SHARDS_KEPT)
    def shard(nth: int) -> Rows:
        rows = opener(files[nth])
        if len(rows) != lengths[nth] or _form(rows) != forms[0]:
            raise bad_file(
                files[nth], "the columns", f"{rows}, expected {lengths[nth]} rows of {forms[0]}"
            )
        return rows

    def part(nth: int, positions: np.ndarray) -> Any:
        return shard(nth).read(0, positions)

    return in_turn(lengths, part, f"sharded({sum(lengths)} in {len(files)}: {forms[0]})")


def _files(folder: str, pattern: str) -> list[str]:
    """The files of a folder in their order, none of those that their names count missing."""
    found = [
        file
        for file in Folder(folder).glob(pattern)
        if file.is_file() and not file.name.startswith((".", "_"))
    ]
    if not found:
        os.stat(folder)
        raise BadArgument(f"{folder} holds no file that is called {pattern}")
    found.sort(key=lambda file: [(int(s or 0), t) for s, t in NUMBERS.findall(file.name)])
    for file in found:
        counted = OF.search(file.name)
        if counted and int(counted[1]) != len(found):
            raise bad_file(
                folder, "the shards", f"{len(found)} files, expected {counted[1]} as in {file.name}"
            )
    return [str(file) for file in found]


def _by_ending(file: str) -> Rows:
    """The rows of a file, read as its ending says."""
    ending = os.path.splitext(file)[1].lower()
    if ending not in READERS:
        raise BadArgument(
            f"{file} has none of the endings {', '.join(READERS)}",
            hint="Say how it is read: sharded(folder, pattern, read=npy).",
        )
    return READERS[ending](file)


def _form(rows: Rows) -> str:
    """What the rows of a shard are, without their number."""
    return re.sub(r"\(\d+: ", "(", rows.recipe, count=1)
