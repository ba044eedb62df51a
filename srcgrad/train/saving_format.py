"""The layout of a file: safetensors, with a header that carries the tree and is checked itself.

A safetensors file is eight bytes with the length of the header, the header (JSON: for each tensor
a dtype, a shape, and where its bytes begin and end), and the bytes of all tensors without a gap
(https://github.com/huggingface/safetensors). Ours begin their header with the SHA-256 of length and
header, taken with zeros in its own place; each tensor has a CRC-32, which the tree holds.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from srcgrad.errors import CheckpointError

# Bounds on the time that a header takes: its length, and its lists and tables.
LARGEST_HEADER = 8 << 20
MOST_PARTS = 200_000
PREFIX = b'{"__metadata__":{"checksum":"'
DIGITS = 64
SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What the header says of one tensor; begin and end count from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """A header that was checked: every entry lies in the file, and together they fill it.

    Attributes:
        file: the name of the file.
        metadata: strings by name.
        entries: tensors by name.
        start: where in the file the first tensor begins.
    """

    file: str
    metadata: dict[str, str]
    entries: dict[str, Entry]
    start: int


def refusal(file: str, place: str, reason: str, hint: str = "") -> CheckpointError:
    """The error about one place of a file.

    Example:
        >>> print(refusal("a.safetensors", "['w']", "its checksum differs"))
        a.safetensors: ['w']: its checksum differs
    """
    error = CheckpointError(f"{file}: {place}: {reason}", hint=hint)
    error.file, error.place, error.reason = file, place, reason
    return error


def header_bytes(metadata: Mapping[str, str], entries: Mapping[str, Entry]) -> bytes:
    r"""The length and the header of a file, with the checksum of both.

    Example:
        >>> header_bytes({}, {"w": Entry("F64", (2,), 0, 16)})[:46]
        b'\x98\x00\x00\x00\x00\x00\x00\x00{"__metadata__":{"checksum":"0a16e54a0'
    """
    tensors = {
        name: {"dtype": e.dtype, "shape": list(e.shape), "data_offsets": [e.begin, e.end]}
        for name, e in entries.items()
    }
    table = {"__metadata__": {"checksum": "0" * DIGITS, **metadata}, **tensors}
    text = json.dumps(table, separators=(",", ":"), allow_nan=False).encode("ascii")
    text += b" " * (-len(text) % 8)
    return signed(len(text).to_bytes(8, "little") + text)


def signed(header: bytes) -> bytes:
    """A length and header with the right checksum in its place."""
    blank = _blank(header)
    return b"".join((blank[: 8 + len(PREFIX)], _digest(blank), blank[8 + len(PREFIX) + DIGITS :]))


def _blank(header: bytes) -> bytes:
    """A length and header with zeros for the checksum."""
    first = 8 + len(PREFIX)
    return header[:first] + b"0" * DIGITS + header[first + DIGITS :]


def _digest(blank: bytes) -> bytes:
    return hashlib.sha256(blank).hexdigest().encode("ascii")


def read_header(file: str, stream: IO[bytes], checked: bool = True) -> Header:
    """Read and check the header of a file; nothing is allocated that the file does not hold.

    Args:
        file: its name, for messages.
        stream: the file, at its start.
        checked: whether it must have our checksum.

    Raises:
        CheckpointError: if anything about it is not as it should be.
    """
    found = os.fstat(stream.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise refusal(file, "the file", "it is not a regular file")
    length_bytes = stream.read(8)
    length = int.from_bytes(length_bytes, "little")
    left = found.st_size - 8
    if left < 0:
        raise refusal(file, "the length of the header", f"{found.st_size} bytes, expected 8")
    if length > min(left, LARGEST_HEADER):
        raise refusal(
            file,
            "the length of the header",
            f"{length}, expected at most {min(left, LARGEST_HEADER)}",
        )
    header = stream.read(length)
    if len(header) != length:
        raise refusal(file, "the header", f"{len(header)} bytes, expected {length}")
    if (parts := parts_of(header)) > MOST_PARTS:
        raise refusal(
            file, "the header", f"{parts} lists and tables, expected at most {MOST_PARTS}"
        )
    if checked:
        _check_sum(file, length_bytes + header)
    table = _parsed(file, header)
    metadata = table.pop("__metadata__", {})
    if type(metadata) is not dict or any(type(v) is not str for v in metadata.values()):
        raise refusal(file, "__metadata__", "it is no table of strings")
    entries = {name: _entry(file, name, entry) for name, entry in table.items()}
    _check_cover(file, entries, left - length)
    return Header(file, metadata, entries, 8 + length)


def parts_of(header: bytes) -> int:
    """How many lists and tables a header has at most."""
    return header.count(b"[") + header.count(b"{")


def _check_sum(file: str, header: bytes) -> None:
    """Compare the checksum of length and header."""
    first = 8 + len(PREFIX)
    if header[8:first] != PREFIX or len(header) < first + DIGITS:
        raise refusal(
            file,
            "the header",
            "it does not begin with a checksum",
            hint="load_safetensors(...) reads the files of other programs.",
        )
    if header[first : first + DIGITS] != _digest(_blank(header)):
        raise refusal(file, "the header", "its checksum differs: the file was damaged or changed")


def _parsed(file: str, header: bytes) -> dict[str, Any]:
    """The header's JSON: one table, no name twice, no NaN."""
    table = parsed(file, "the header", header)
    if type(table) is not dict:
        raise refusal(file, "the header", f"a {type(table).__name__}, expected a table")
    return table


def parsed(file: str, place: str, text: bytes | str) -> Any:
    """JSON as its standard has it: no NaN, no infinity, no name twice, not nested without end."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            raise refusal(
                file, place, f"the name {counts.most_common(1)[0][0][:80]!r} is there twice"
            )
        return table

    def constant(name: str) -> Any:
        raise refusal(file, place, f"{name} is no JSON")

    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except RecursionError:
        raise refusal(file, place, "it is nested too deeply") from None
    except CheckpointError:
        raise
    except ValueError as error:
        raise refusal(file, place, f"no JSON: {error}") from None


def _entry(file: str, name: str, entry: Any) -> Entry:
    """One tensor's entry, if it makes sense by itself."""
    place = f"the entry of {name[:200]!r}"
    if type(entry) is not dict or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise refusal(file, place, "expected dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if type(dtype) is not str or dtype not in SIZES:
        raise refusal(file, place, f"the dtype {str(dtype)[:80]!r}, expected one of {list(SIZES)}")
    for what, numbers in (("shape", shape), ("data_offsets", offsets)):
        if type(numbers) is not list or not all(
            type(n) is int and 0 <= n < 1 << 63 for n in numbers
        ):
            raise refusal(file, place, f"its {what} is no list of nonnegative integers below 2**63")
    if len(shape) > 60 or math.prod(max(n, 1) for n in shape) * SIZES[dtype] >= 1 << 63:
        raise refusal(file, place, "its shape is too large")
    if len(offsets) != 2 or offsets[1] - offsets[0] != math.prod(shape) * SIZES[dtype]:
        raise refusal(
            file, place, f"the offsets {offsets[:9]} do not fit {dtype} of shape {tuple(shape)}"
        )
    return Entry(dtype, tuple(shape), offsets[0], offsets[1])


def _check_cover(file: str, entries: Mapping[str, Entry], present: int) -> None:
    """Refuse tensors that overlap, leave gaps, or do not end where the file does."""
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != at:
            raise refusal(
                file, f"the entry of {name[:200]!r}", f"it begins at {entry.begin}, expected {at}"
            )
        at = entry.end
    if at != present:
        what = "the file was cut" if present < at else "something was appended"
        raise refusal(
            file, "the end of the file", f"{present} bytes of data, expected {at}: {what}"
        )
