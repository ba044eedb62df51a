"""Logs of a run in files: one record for each epoch."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Callable
from typing import Any

from srcgrad.data.files import Path, name_of
from srcgrad.train.callbacks import Callback
from srcgrad.train.history import History
from srcgrad.train.run import Run
from srcgrad.train.saving_files import clean_up, write_whole

Record = dict[str, float]
WHOLE = ("epoch", "step")


def csv_log(path: Path) -> Callback:
    """Write a CSV file with a line for each epoch: its number, and all of `history.epochs`.

    When a run is resumed the file is brought to where the run goes on.

    Args:
        path: the file; it is replaced.

    Example:
        >>> callback = csv_log("log.csv")
    """

    def line(values: list[Any]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(values)
        return text.getvalue()

    def head(names: list[str]) -> str:
        return line(names)

    def row(record: Record, names: list[str]) -> str:
        return line([shown(name, record.get(name, math.nan)) for name in names])

    return log_to(path, head, row)


def json_log(path: Path) -> Callback:
    """Write a file with a line of JSON for each epoch, an object; nan and infinities are null.

    When a run is resumed the file is brought to where the run goes on.

    Args:
        path: the file; it is replaced.

    Example:
        >>> callback = json_log("log.jsonl")
    """

    def row(record: Record, _: list[str]) -> str:
        finite = {n: shown(n, v) if math.isfinite(v) else None for n, v in record.items()}
        return json.dumps(finite, allow_nan=False) + "\n"

    return log_to(path, lambda _: "", row)


def shown(name: str, value: float) -> Any:
    """A number as it is written: all digits of a float, an empty field for nan."""
    if name in WHOLE:
        return int(value)
    return value if value == value else ""


def records(history: History) -> list[Record]:
    """The epochs as records."""
    count = len(history.epochs.get("step", ()))
    columns = {"epoch": [float(i) for i in range(count)]} | history.epochs
    return [{name: values[i] for name, values in columns.items()} for i in range(count)]


def log_to(
    path: Path,
    head: Callable[[list[str]], str],
    row: Callable[[Record, list[str]], str],
) -> Callback:
    """A log with a head and a row for each epoch.

    Rows are appended. The file is written as a whole, and replaced as a whole, at the start and
    when a new column comes.
    """
    file = os.path.abspath(name_of(path))
    columns: list[str] = []

    def rewrite(run: Run) -> None:
        columns[:] = ["epoch", *run.history.epochs]
        folder, name = os.path.split(file)
        clean_up(folder, re.compile(re.escape(name)))
        rows = [row(record, columns) for record in records(run.history)]
        text = "".join([head(columns) if rows else "", *rows]).encode()
        write_whole(file, 0, lambda: b"", [memoryview(text)])

    def add(run: Run) -> None:
        if columns != ["epoch", *run.history.epochs] or not os.path.exists(file):
            rewrite(run)
            return
        last = len(run.history.epochs["step"]) - 1
        record = {name: values[last] for name, values in run.history.epochs.items()}
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(row({"epoch": float(last)} | record, columns))

    return Callback(start=rewrite, epoch=add)
