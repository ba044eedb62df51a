"""IDX, the format of the MNIST files: big-endian arrays behind a short header.

The format is described at the end of http://yann.lecun.com/exdb/mnist/: two zero bytes, a code of
the dtype, the number of axes, the length of each axis as four bytes, and the entries.
"""

from __future__ import annotations

import gzip
import math
import os
from typing import IO, Any

import numpy as np

from srcgrad.data.columns import each
from srcgrad.data.files import Path, bad_file, columns_of, name_of, reading
from srcgrad.data.memory import mapped
from srcgrad.data.npy import record
from srcgrad.data.rows import Rows, table

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
STEP = 1 << 20


def idx(*paths: Path, **named: Path) -> Rows:
    """Rows from IDX files, one for each column; gzip files are read into memory, others mapped.

    Args:
        paths: files such as `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`.
        named: the same by name: rows are dicts.

    Raises:
        BadFile: if a file has another magic number, is truncated, or goes on after its end.
        BadValue: if the files have different numbers of rows.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with open(f"{folder}/labels", "wb") as file:
        ...         _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        ...     next(idx(f"{folder}/labels").batch(2).epoch())
        array([7, 2], dtype=uint8)
    """
    given = columns_of(paths, named, 'idx("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")')
    return table(each(idx_array, given), "idx")


def idx_array(path: Path) -> Any:
    """The array of one IDX file."""
    file = name_of(path)
    with open(file, "rb") as stream:
        if stream.read(2) == GZIP:
            stream.seek(0)
            return _inflated(file, stream)
        stream.seek(0)
        shape, dtype, offset = _header(file, stream)
    _check_size(file, os.path.getsize(file) - offset, shape, dtype)
    return mapped(file, shape, dtype, offset)


def _header(file: str, stream: Any) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """The shape and dtype that a file claims, and where its entries begin."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES or not magic[3]:
        raise bad_file(
            file,
            "the magic number",
            f"{magic.hex() or 'nothing'}, expected 0000, one of "
            f"{', '.join(f'{code:02x}' for code in DTYPES)}, and a number of axes",
        )
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise bad_file(
            file, "the header", f"{len(lengths)} bytes of lengths, expected {4 * magic[3]}"
        )
    shape = tuple(int.from_bytes(lengths[i : i + 4], "big") for i in range(0, len(lengths), 4))
    if len(shape) > 32:
        raise bad_file(file, "the header", f"{len(shape)} axes, expected at most 32")
    return shape, np.dtype(DTYPES[magic[2]]), 4 + len(lengths)


def _inflated(file: str, stream: IO[bytes]) -> np.ndarray:
    """The array of a gzip file: read bit by bit, as what its header claims may not be there."""
    where, whole = "the compressed data", "a whole gzip file"
    with reading(file, where, whole), gzip.GzipFile(fileobj=stream) as opened:
        shape, dtype, _ = _header(file, opened)
        claimed, data = math.prod(shape) * dtype.itemsize, bytearray()
        while len(data) <= claimed and (more := opened.read(STEP)):
            data += more
    _check_size(file, len(data), shape, dtype)
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _check_size(file: str, present: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse a file that does not hold just the entries that it claims."""
    expected = math.prod(shape) * dtype.itemsize
    if present != expected:
        more = " at least" if present > expected else ""
        raise bad_file(
            file,
            record(present, shape, dtype),
            f"{present} bytes of entries{more}, expected {expected} for {dtype.name} of shape "
            f"{shape}",
        )
