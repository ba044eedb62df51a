"""Rows of several arrays: one array, a tuple of arrays, or a dict of arrays of one length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue

Columns = Any  # one array (or what is read like one), a tuple of them, or a dict of them


def each(function: Callable[..., Any], columns: Columns, *rest: Columns) -> Columns:
    """Apply a function to each column, and to the same column of others.

    Example:
        >>> each(len, {"x": "abc", "y": "de"})
        {'x': 3, 'y': 2}
    """
    if isinstance(columns, dict):
        return {k: each(function, v, *(r[k] for r in rest)) for k, v in columns.items()}
    if isinstance(columns, tuple):
        parts = [each(function, *parts) for parts in zip(columns, *rest, strict=True)]
        return tuple.__new__(type(columns), parts)
    return function(columns, *rest)


def named(columns: Columns) -> list[tuple[str, Any]]:
    """Each column with its name, for messages.

    Example:
        >>> named(("a", "b"))
        [('column 0', 'a'), ('column 1', 'b')]
    """
    if isinstance(columns, dict):
        return [(f"column {k!r}", v) for k, v in columns.items()]
    if isinstance(columns, tuple):
        return [(f"column {i}", v) for i, v in enumerate(columns)]
    return [("the array", columns)]


def form(columns: Columns) -> str:
    """Dtypes and shapes, the part of a recipe that says what the rows are.

    Example:
        >>> form((np.zeros((3, 2)), np.zeros(3, int)))
        'float64 (2,), int64 ()'
    """

    def one(column: Any) -> str:
        text = column.dtype.kind in "US"
        return f"{'str' if text else column.dtype.name} {tuple(column.shape[1:])}"

    if isinstance(columns, dict):
        return ", ".join(f"{k}: {one(v)}" for k, v in columns.items())
    return ", ".join(one(v) for _, v in named(columns))


def common_length(columns: Columns) -> int:
    """The number of rows, which all columns share.

    Raises:
        BadValue: if there is no column, a column has no rows, or two have different numbers.
    """
    found = named(columns)
    if not found:
        raise BadValue("there is no column")
    for label, column in found:
        if not column.shape:
            raise BadValue(f"{label} is a single number and has no rows")
    first = len(found[0][1])
    for label, column in found:
        if len(column) != first:
            raise BadValue(
                f"{label} has {len(column)} rows, and {found[0][0]} has {first}",
                hint="All columns must have as many rows.",
            )
    return first


def taken(column: Any, rows: np.ndarray) -> np.ndarray:
    """The rows of one column: an array of its own, never a view of the data."""
    return column.take(rows, axis=0)


def stacked(items: Sequence[Any]) -> Any:
    """Single rows of equal structure, stacked into one batch.

    Args:
        items: numbers, arrays of one shape, or tuples, lists and dicts of such.

    Returns:
        The same structure, each leaf with a new first axis of length `len(items)`.

    Raises:
        BadArgument: if the structures differ.
        BadValue: if shapes differ; the message names the row.

    Example:
        >>> stacked([(1.0, [1, 2]), (2.0, [3, 4])])
        (array([1., 2.]), [array([1, 3]), array([2, 4])])
    """
    first = items[0]
    for i, item in enumerate(items):
        if type(item) is not type(first) and isinstance(first, (dict, list, tuple)):
            raise BadArgument(f"row {i} is a {type(item).__name__}, row 0 a {type(first).__name__}")
        if isinstance(first, dict) and item.keys() != first.keys():
            raise BadArgument(f"row {i} has the keys {list(item)}, row 0 has {list(first)}")
        if isinstance(first, (list, tuple)) and len(item) != len(first):
            raise BadArgument(f"row {i} has {len(item)} parts, row 0 has {len(first)}")
    if isinstance(first, dict):
        return {k: stacked([item[k] for item in items]) for k in first}
    if isinstance(first, (list, tuple)):
        parts = [stacked(part) for part in zip(*items, strict=True)]
        return parts if isinstance(first, list) else tuple.__new__(type(first), parts)
    for i, item in enumerate(items):
        if np.shape(item) != np.shape(first):
            raise BadValue(
                f"row {i} has the shape {np.shape(item)}, row 0 has {np.shape(first)}",
                hint="Rows of one batch must have one shape: pad or cut them in `map`.",
            )
    return np.stack([np.asarray(item) for item in items])


def joined(parts: Sequence[Columns]) -> Columns:
    """Batches of rows, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return each(lambda *columns: np.concatenate(columns), *parts)
