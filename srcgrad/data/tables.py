"""CSV: a table of text, read and checked as a whole before the first row comes."""

from __future__ import annotations

import csv as format_
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad.data.files import Path, bad_file, name_of
from srcgrad.data.rows import Rows, table
from srcgrad.errors import BadArgument

AT_ONCE = 10_000

Record = list[str]


def csv(
    path: Path,
    *,
    names: Sequence[str] | None = None,
    dtype: type | Mapping[str, type] = float,
    missing: float | None = None,
    delimiter: str = ",",
) -> Rows:
    r"""Rows from a CSV file, as dicts with an entry for each column; read into memory.

    Args:
        path: the file, in UTF-8.
        names: the names of the columns; by default the first record has them.
        dtype: float (64 bits), int (64 bits) or str, for all columns or by name; columns that are
            not named hold floats. Nothing is guessed: a typo in a number is an error.
        missing: the value of an empty field, such as `nan`; by default it is an error.
        delimiter: the character between two fields.

    Raises:
        BadFile: if a record has more or fewer fields than columns, a field is no number, a column
            is there twice, or the text is no UTF-8. The message names record (counted from 1,
            the header is none), line and column.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile("w+", suffix=".csv") as file:
        ...     _ = file.write("length,species\n1.5,setosa\n4.5,virginica\n")
        ...     file.flush()
        ...     rows = csv(file.name, dtype={"species": str})
        >>> next(rows.batch(2).epoch())
        {'length': array([1.5, 4.5]), 'species': array(['setosa', 'virginica'], dtype='<U9')}
    """
    file = name_of(path)
    with open(file, encoding="utf-8-sig", newline="") as stream:
        records = _records(file, format_.reader(stream, delimiter=delimiter, strict=True))
        columns = _names(file, next(records, (0, []))[1] if names is None else list(names))
        types = _types(columns, dtype)
        parts: list[list[np.ndarray]] = [[] for _ in columns]
        nth = 1
        while chunk := list(itertools.islice(records, AT_ONCE)):
            _check_widths(file, chunk, nth, columns)
            for part, name, fields in zip(
                parts, columns, zip(*(fields for _, fields in chunk), strict=True), strict=True
            ):
                places = [line for line, _ in chunk]
                part.append(_column(file, fields, places, nth, name, types[name], missing))
            nth += len(chunk)
    if nth == 1:
        raise bad_file(file, "record 1", f"the end of the file, expected {len(columns)} fields")
    return table(
        {name: np.concatenate(part) for name, part in zip(columns, parts, strict=True)}, "csv"
    )


def _records(file: str, reader: Any) -> Iterator[tuple[int, Record]]:
    """Line and fields of each record; empty lines are none."""
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (format_.Error, UnicodeDecodeError) as error:
            raise bad_file(
                file, f"line {reader.line_num + 1}", f"{error}; expected CSV in UTF-8"
            ) from error
        if fields:
            yield reader.line_num, fields


def _names(file: str, names: Record) -> Record:
    """The names of the columns, of which there is one, and none twice."""
    if not names:
        raise bad_file(file, "line 1", "nothing, expected the names of the columns")
    for name in names:
        if names.count(name) > 1:
            raise bad_file(file, "line 1", f"the column {name!r} is there twice")
    return names


def _types(names: Record, dtype: type | Mapping[str, type]) -> dict[str, type]:
    """The type of each column."""
    given = dtype if isinstance(dtype, Mapping) else dict.fromkeys(names, dtype)
    for name, kind in given.items():
        if name not in names:
            raise BadArgument(f"dtype names the column {name!r}, and there are {names}")
        if kind not in (float, int, str):
            raise BadArgument(f"the dtype of column {name!r} is {kind!r}, not float, int or str")
    return {name: given.get(name, float) for name in names}


def _check_widths(file: str, chunk: list[tuple[int, Record]], first: int, names: Record) -> None:
    """Refuse records with more or fewer fields than there are columns."""
    for nth, (line, fields) in enumerate(chunk, first):
        if len(fields) != len(names):
            raise bad_file(
                file,
                f"record {nth} (line {line})",
                f"{len(fields)} fields, expected {len(names)}",
            )


def _column(
    file: str,
    fields: Sequence[str],
    lines: list[int],
    first: int,
    name: str,
    kind: type,
    missing: float | None,
) -> np.ndarray:
    """The values of one column in a run of records."""
    if kind is str:
        return np.array(fields, dtype=np.str_)
    read: Callable[[str], Any] = _number(kind)
    values = []
    for nth, text in enumerate(fields):
        try:
            values.append(missing if missing is not None and not text.strip() else read(text))
        except ValueError:
            raise bad_file(
                file,
                f"record {first + nth} (line {lines[nth]}), column {name!r}",
                f"{text!r}, expected {'a number' if kind is float else 'an integer'}",
                hint="" if text.strip() else "missing=float('nan') reads empty fields as nan.",
            ) from None
    try:
        return np.array(values, dtype=np.float64 if kind is float else np.int64)
    except (OverflowError, ValueError):
        raise bad_file(
            file, f"column {name!r}", "a value that does not fit, expected 64 bit integers"
        ) from None


def _number(kind: type) -> Callable[[str], Any]:
    """Read a number as other programs do: without the underscores that Python allows."""

    def read(text: str) -> Any:
        if "_" in text:
            raise ValueError
        return kind(text)

    return read
