"""Saving trees of parameters as data: safetensors files, checked when they are read; no pickle."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from srcgrad.data.files import Path, name_of
from srcgrad.errors import BadValue
from srcgrad.train.saving_files import write_whole
from srcgrad.train.saving_format import (
    LARGEST_HEADER,
    MOST_PARTS,
    Entry,
    Header,
    header_bytes,
    parsed,
    parts_of,
    read_header,
    refusal,
)
from srcgrad.train.saving_restore import Restorer
from srcgrad.train.saving_tree import bytes_of, packed

SCHEMA = 1
# What the readers of other programs' files give for each dtype.
DTYPES = {"BOOL": "?", "F16": "<f2", "F32": "<f4", "F64": "<f8"} | {
    f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)
}


def save(path: Path, tree: Any) -> None:
    """Save a tree in a safetensors file, as a whole or not at all.

    Arrays keep their bits, dtype, shape and the order of their axes in memory; floats their bits,
    also nan and infinities; random generators their state. Of functions only the name is kept. An
    array that is there twice is saved twice. Other programs read the file as safetensors, with
    tensors named by their paths: `['layers'][0].w`.

    Args:
        path: the file; if it exists it is replaced once the new one is on the disk.
        tree: any nesting of dicts, lists, tuples, namedtuples, dataclasses and plain objects, with
            arrays, numbers, strings, None, functions and `numpy.random.Generator`s in it.

    Raises:
        BadArgument: if something in it cannot be saved; the message has its path.
        BadValue: if it is nested without end, or too large a part of it is no array.
        OSError: if the file cannot be written; what was there before still is.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(f"{folder}/a.safetensors", {"w": np.ones(2), "layers": [(1, None)]})
        ...     load(f"{folder}/a.safetensors")
        {'w': array([1., 1.]), 'layers': [(1, None)]}
    """
    write(path, tree, {})


def load(path: Path, like: Any = None) -> Any:
    """Read a tree that was saved, all of it or nothing.

    Args:
        path: the file.
        like: an example of the tree: the result has its classes and functions, and must have its
            structure, shapes and dtypes. Where the example is None, or where there is none,
            namedtuples and objects become dicts.

    Raises:
        CheckpointError: if the file is damaged, malformed, or not like the example; the message
            names the file, the place and the reason.
        OSError: if the file is not there, or cannot be read.
    """
    return read(path, like)[0]


def write(path: Path, tree: Any, note: dict[str, Any]) -> None:
    """Save a tree with a note (plain JSON) that is checked as the tree is."""
    file = name_of(path)
    node, tensors = packed(tree)
    entries, at = {}, 0
    # Large entries first, as the format has it, so that none lies across its alignment.
    names = sorted(tensors, key=lambda name: -tensors[name].array.itemsize)
    for name in names:
        array = tensors[name].array
        entries[name] = Entry(tensors[name].dtype, array.shape, at, at + array.nbytes)
        at += array.nbytes

    def head() -> bytes:
        table = {"schema": SCHEMA, "tree": node, "note": note}
        text = json.dumps(table, separators=(",", ":"), allow_nan=False)
        return header_bytes({"srcgrad": text}, entries)

    def final_head() -> bytes:
        for tensor in tensors.values():
            tensor.add_checksum()
        return head()

    header = head()
    if len(header) - 8 > LARGEST_HEADER or parts_of(header) > MOST_PARTS:
        raise BadValue(
            f"the description of the tree takes {len(header)} bytes and {parts_of(header)} lists "
            f"and tables, and may take {LARGEST_HEADER} and {MOST_PARTS}",
            hint="Keep long lists of numbers as arrays.",
        )
    write_whole(file, len(header), final_head, [bytes_of(tensors[n].array) for n in names])


def read(path: Path, like: Any = None) -> tuple[Any, dict[str, Any]]:
    """A tree that was saved, and the note with it."""
    file = name_of(path)
    with open(file, "rb", opener=_at_once) as stream:
        header = read_header(file, stream)
        node, note = _contents(header)
        return Restorer(header, stream).tree(node, like), note


def _at_once(file: str, flags: int) -> int:
    """Open a file without waiting, as a named pipe would have us do."""
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))


def _contents(header: Header) -> tuple[Any, dict[str, Any]]:
    """The JSON of the tree and the note."""
    file, place = header.file, "the description of the tree"
    if "srcgrad" not in header.metadata:
        raise refusal(file, place, "it is missing")
    table = parsed(file, place, header.metadata["srcgrad"])
    if type(table) is not dict or type(table.get("schema")) is not int:
        raise refusal(file, place, "it has no schema version")
    if table["schema"] != SCHEMA:
        raise refusal(
            file,
            place,
            f"schema {table['schema']}, expected {SCHEMA}",
            hint="It was written by another version of srcgrad.",
        )
    if table.keys() != {"schema", "tree", "note"} or type(table["note"]) is not dict:
        raise refusal(file, place, "expected schema, tree and note")
    return table["tree"], table["note"]


def load_safetensors(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name of a safetensors file that any program wrote; it has no checksums.

    Raises:
        CheckpointError: if the file is malformed, or has a dtype that numpy has not.
        OSError: if the file is not there, or cannot be read.
    """
    file = name_of(path)
    with open(file, "rb", opener=_at_once) as stream:
        header = read_header(file, stream, checked=False)
        return {name: _tensor(header, stream, name) for name in header.entries}


def _tensor(header: Header, stream: Any, name: str) -> np.ndarray:
    """One tensor as it is."""
    entry = header.entries[name]
    try:
        array = np.empty(entry.shape, DTYPES[entry.dtype])
    except (MemoryError, ValueError) as error:
        raise refusal(header.file, name, f"it does not fit into memory: {error}") from None
    stream.seek(header.start + entry.begin)
    if stream.readinto(bytes_of(array)) != array.nbytes:
        raise refusal(header.file, name, "the file was cut")
    if entry.dtype == "BOOL" and array.size and array.view(np.uint8).max() > 1:
        raise refusal(header.file, name, "a bool that is neither 0 nor 1")
    return array
