"""Parquet, through pyarrow: a row group at a time, so that a file may be larger than memory."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from srcgrad.data.blocks import in_turn
from srcgrad.data.files import Path, bad_file, name_of
from srcgrad.data.rows import Rows
from srcgrad.errors import MissingExtra

GROUPS_KEPT = 2


def parquet(path: Path, columns: Sequence[str] | None = None) -> Rows:
    """Rows from a Parquet file, as dicts with an entry for each column.

    A whole row group is read at once, and the last two are kept; `shuffle` shuffles the groups, and
    the rows within each.

    Args:
        path: the file.
        columns: which columns; by default all. They hold numbers, bools, strings, or lists of
            numbers of one length, and no nulls.

    Raises:
        BadFile: if it is no Parquet file, or is truncated or damaged; if a column is missing; when
            a row group is read, if it has nulls or something that is no array. Damage within the
            data is found if the file was written with page checksums.
        MissingExtra: if pyarrow is not installed.

    Example:
        >>> import tempfile, pyarrow, pyarrow.parquet
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table = pyarrow.table({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0]})
        ...     pyarrow.parquet.write_table(table, f"{folder}/a.parquet")
        ...     next(parquet(f"{folder}/a.parquet").batch(2).epoch())
        {'x': array([1., 2.]), 'y': array([0, 1])}
    """
    file = name_of(path)
    pq = _library()
    with _readable(file, "the footer"):
        opened = pq.ParquetFile(file, page_checksum_verification=True)
    there = opened.schema_arrow.names
    wanted = list(there) if columns is None else list(columns)
    for name in wanted:
        if there.count(name) != 1:
            raise bad_file(
                file, f"column {name!r}", f"it is there {there.count(name)} times, expected once"
            )
    groups = [opened.metadata.row_group(i).num_rows for i in range(opened.num_row_groups)]
    if not sum(groups):
        raise bad_file(file, "the footer", "no rows, expected at least one")

    @lru_cache(maxsize=GROUPS_KEPT)
    def group(nth: int) -> dict[str, np.ndarray]:
        where = f"row group {nth} of {len(groups)}"
        with _readable(file, where):
            read = opened.read_row_group(nth, columns=wanted)
        found = {name: _array(file, where, name, read.column(name)) for name in wanted}
        for name, array in found.items():
            if len(array) != groups[nth]:
                raise bad_file(
                    file, f"{where}, column {name!r}", f"{len(array)} rows, expected {groups[nth]}"
                )
        return found

    said = ", ".join(f"{name}: {opened.schema_arrow.field(name).type}" for name in wanted)

    def rows(nth: int, positions: np.ndarray) -> dict[str, np.ndarray]:
        return {name: array[positions] for name, array in group(nth).items()}

    return in_turn(groups, rows, f"parquet({sum(groups)}: {said})")


def _library() -> Any:
    """The module pyarrow.parquet, or an error that says how to get it."""
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtra(
            "Parquet files are read with pyarrow, which is not installed",
            hint="pip install 'srcgrad[parquet]'",
        ) from error


@contextmanager
def _readable(file: str, where: str) -> Iterator[None]:
    """Errors of pyarrow about contents become errors that name the file and the place."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (importlib.import_module("pyarrow").ArrowException, OSError, ValueError) as error:
        raise bad_file(file, where, f"{error}; expected a whole Parquet file") from error


def _array(file: str, where: str, name: str, column: Any) -> np.ndarray:
    """One column of a row group as an array; nested lists of one length become further axes."""
    place = f"{where}, column {name!r}"
    if column.null_count:
        nth = next(i for i, valid in enumerate(column.is_valid().to_pylist()) if not valid)
        raise bad_file(file, f"{place}, record {nth}", "null, expected a value")
    values = column.to_numpy()
    if values.dtype.hasobject:
        held = column.to_pylist()
        try:
            values = np.array(held)
        except ValueError:
            values = np.array(held, dtype=object)
    if values.dtype.kind not in "biufcUSM":
        raise bad_file(file, place, f"{column.type}, expected numbers, strings or even lists")
    return values
