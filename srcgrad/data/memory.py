"""Arrays that stay in their files: mapped into memory, and let go again."""

from __future__ import annotations

import math
import mmap
import os
import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.data.files import bad_file

# Touching a byte may map this much of a file that is in the system's cache (Linux: a folio).
AROUND = 2 << 20
KEPT = 32 << 20


@dataclass(eq=False)
class Mapped:
    """An array in a file, of which only the rows that are read come into memory.

    A small file is mapped and stays so. Of a larger one single rows are read, as mapping one would
    bring two megabytes of the file into the process; runs of rows are read at once. The file must
    not be written meanwhile.

    Attributes:
        file: the name of the file.
        shape: its shape; the first axis counts rows.
        dtype: the dtype of what is read, in the byte order of the machine.
        offset: where in the file its first byte is.
        array: the whole of it, in the file's byte order; reading it maps pages.
        pages: the mapping.
        number: the file's descriptor where rows are read, None where they are mapped.
        spread: how much of the file a row maps at most.
        touched: how much may have been mapped since pages were let go.
    """

    file: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    array: np.ndarray
    pages: mmap.mmap
    number: int | None
    spread: int
    touched: int = field(default=0)

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, rows: np.ndarray, axis: int = 0) -> np.ndarray:
        """Some rows, as an array of its own.

        Args:
            rows: integers from 0 to below `len(self)`, of shape (k,).
            axis: 0, as for an array.

        Raises:
            BadFile: if the file became shorter.
        """
        size = self.pages.size()
        if size < self.offset + self.array.nbytes:
            raise self._shorter(size)
        taken = np.empty((len(rows), *self.shape[1:]), self.array.dtype)
        if len(rows):
            if self.number is not None:
                self._read(taken, rows, self.number)
            else:
                self._copy(taken, rows, axis)
        return taken.astype(self.dtype, copy=False)

    def _read(self, taken: np.ndarray, rows: np.ndarray, number: int) -> None:
        """Read rows, each run of consecutive ones at once."""
        width = self.array.nbytes // self.shape[0]
        target = taken.reshape(-1).view(np.uint8).data
        starts = np.flatnonzero(np.diff(rows, prepend=rows[0] - 2) != 1)
        begins = (starts * width).tolist()
        places = (rows[starts] * width + self.offset).tolist()
        for begin, end, place in zip(begins, [*begins[1:], len(target)], places, strict=True):
            while begin < end:
                count = os.preadv(number, [target[begin:end]], place)
                if not count:
                    raise self._shorter(self.pages.size())
                begin, place = begin + count, place + count

    def _copy(self, taken: np.ndarray, rows: np.ndarray, axis: int) -> None:
        """Copy rows from the mapping, and let its pages go after every 32 MB."""
        small = self.array.nbytes <= KEPT
        at_once = len(rows) if small else max(KEPT // self.spread, 1)
        for first in range(0, len(rows), at_once):
            part = rows[first : first + at_once]
            taken[first : first + at_once] = self.array.take(part, axis=axis)
            self.touched += 0 if small else len(part) * self.spread
            if self.touched >= KEPT and hasattr(mmap, "MADV_DONTNEED"):
                self.pages.madvise(mmap.MADV_DONTNEED)
                self.touched = 0

    def _shorter(self, size: int) -> Exception:
        """The error about a file that was cut while it was read."""
        expected = self.offset + self.array.nbytes
        return bad_file(
            self.file,
            "the whole file",
            f"it became shorter while it was read: {size} bytes, expected {expected}",
        )


def mapped(
    file: str, shape: tuple[int, ...], dtype: np.dtype[Any], offset: int, fortran: bool = False
) -> Any:
    """Map an array of a file whose size was found to fit.

    Args:
        file: the name of the file.
        shape: the array's shape, with at least one axis.
        dtype: its dtype in the file.
        offset: where its first byte is.
        fortran: whether the first index changes fastest.

    Returns:
        A `Mapped`, or an empty array (an empty range cannot be mapped).
    """
    native = dtype.newbyteorder("=")
    if 0 in shape:
        return np.zeros(shape, native)
    with open(file, "rb") as stream:
        pages = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        order: Any = "F" if fortran else "C"
        array: np.ndarray = np.ndarray(shape, dtype, pages, offset, order=order)
        is_read = array.nbytes > KEPT and array.flags.c_contiguous and hasattr(os, "preadv")
        number = os.dup(stream.fileno()) if is_read else None
    items = math.prod(shape[1:])
    spread = items * AROUND if fortran else items * dtype.itemsize + AROUND
    found = Mapped(file, shape, native, offset, array, pages, number, spread)
    if number is not None:
        weakref.finalize(found, os.close, number)
    return found
