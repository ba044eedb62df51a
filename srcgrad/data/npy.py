"""Files of numpy: `.npy`, mapped into memory, and `.npz`."""

from __future__ import annotations

import math
import os
import warnings
import zipfile
from collections.abc import Iterable
from typing import IO, Any

import numpy as np

from srcgrad.data.columns import each
from srcgrad.data.files import Path, bad_file, columns_of, name_of, reading
from srcgrad.data.memory import mapped
from srcgrad.data.rows import Rows, table

# A file of deflated zeros is 1032 times as large when it is inflated, and none is larger.
MOST_INFLATED = 1032
# The length of the record at the end of an archive (its tenth and eleventh byte count members).
END_SIZE = 22


def npy(*paths: Path, **named: Path) -> Rows:
    """Rows from `.npy` files, one for each column, which may be larger than memory.

    Args:
        paths: files of arrays of shape (n, ...), all with the same n.
        named: the same by name: rows are dicts.

    Raises:
        BadFile: if a file is no `.npy` file, is truncated, or holds Python objects.
        BadValue: if the files have different numbers of rows.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/x.npy", np.arange(6.0).reshape(3, 2))
        ...     npy(f"{folder}/x.npy").batch(2)
        npy(3: float64 (2,)).batch(2)
    """
    given = columns_of(paths, named, 'npy("x.npy", "y.npy")')
    return table(each(npy_array, given), "npy")


def npy_array(path: Path) -> Any:
    """The array of one `.npy` file, mapped into memory."""
    file = name_of(path)
    with open(file, "rb") as stream:
        shape, fortran, dtype, offset = header(file, "the header", stream)
    expected = offset + math.prod(shape) * dtype.itemsize
    size = os.path.getsize(file)
    if size != expected:
        raise bad_file(
            file,
            record(size - offset, shape, dtype),
            f"{size} bytes, expected {expected} for {dtype.name} of shape {shape}",
            hint="The file was not written to its end, or something was appended.",
        )
    return mapped(file, shape, dtype, offset, fortran)


def npz(path: Path, names: Iterable[str] | None = None) -> Rows:
    """Rows from the arrays of an `.npz` file, as dicts; read into memory.

    Args:
        path: the file, compressed or not.
        names: which arrays; by default all.

    Raises:
        BadFile: if it is no zip file, an array is missing, truncated or damaged, or one holds
            Python objects.
        BadValue: if the arrays have different numbers of rows.
    """
    file = name_of(path)
    with reading(file, "the archive", "an .npz file"), zipfile.ZipFile(file) as archive:
        _check_count(file, archive)
        members = {}
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name in members:
                raise bad_file(file, f"array {name!r}", "it is there twice")
            members[name] = info
        wanted = list(members) if names is None else list(names)
        for name in wanted:
            if name not in members:
                raise bad_file(
                    file, f"array {name!r}", f"it is missing, expected one of {sorted(members)}"
                )
        held = {name: _member(file, archive, members[name], name) for name in wanted}
    return table(held, "npz")


def _check_count(file: str, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that says it has more members than were found: zipfile does not look."""
    with open(file, "rb") as stream:
        stream.seek(-END_SIZE, os.SEEK_END)
        end = stream.read(END_SIZE)
    said, found = int.from_bytes(end[10:12], "little"), len(archive.infolist())
    if end.startswith(b"PK\5\6") and said not in (found, 0xFFFF):
        raise bad_file(file, "the archive", f"{found} arrays, expected {said} as its end says")


def _member(file: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> np.ndarray:
    """One array of an archive; its size is checked before anything is allocated."""
    where = f"array {name!r}"
    with reading(file, where, "an array"), archive.open(info) as stream:
        shape, fortran, dtype, offset = header(file, where, stream)
        expected = offset + math.prod(shape) * dtype.itemsize
        if info.file_size != expected or expected > MOST_INFLATED * info.compress_size + 4096:
            raise bad_file(
                file,
                where,
                f"{info.file_size} bytes in {info.compress_size}, expected {expected} for "
                f"{dtype.name} of shape {shape}",
            )
        data = stream.read()
        if len(data) != expected - offset:
            raise bad_file(file, where, f"{len(data)} bytes of data, expected {expected - offset}")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    return array.astype(dtype.newbyteorder("="), copy=False)


def header(
    file: str, where: str, stream: IO[bytes]
) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """The shape, order, dtype and length of the header of an `.npy` stream at its start."""
    versions = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    with reading(file, where, "the header of an .npy file"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about files that Python 2 wrote
        version = np.lib.format.read_magic(stream)
        if version not in versions:
            raise bad_file(file, where, f"format {version}, expected one of {list(versions)}")
        shape, fortran, dtype = versions[version](stream)
        offset = stream.tell()
    if not all(type(n) is int and n >= 0 for n in shape):
        raise bad_file(file, where, f"the shape {shape}, expected nonnegative integers")
    if dtype.hasobject or dtype.names or not dtype.itemsize:
        raise bad_file(file, where, f"the dtype {dtype}, expected numbers")
    if not shape:
        raise bad_file(file, where, "a single number, expected an array of rows")
    return shape, fortran, dtype, offset


def record(present: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """The first row that is not whole where so many bytes of data are present.

    Example:
        >>> record(20, (4, 2), np.dtype("f4"))
        'row 2 of 4'
    """
    width = max(math.prod(shape[1:]) * dtype.itemsize, 1)
    return f"row {min(max(present, 0) // width, shape[0])} of {shape[0]}"
