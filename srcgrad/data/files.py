"""What the readers of files share: errors that name the file and the record."""

from __future__ import annotations

import errno
import gzip
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from srcgrad.errors import BadArgument, BadFile

# What the standard library and numpy raise about contents that make no sense.
UNREADABLE = (
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    OverflowError,
    gzip.BadGzipFile,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

Path = str | os.PathLike[str]


def bad_file(file: str, where: str, what: str, hint: str = "") -> BadFile:
    """The error about one place of a file.

    Example:
        >>> print(bad_file("x.csv", "record 3", "2 fields, expected 4"))
        x.csv: record 3: 2 fields, expected 4
    """
    return BadFile(f"{file}: {where}: {what}", hint=hint)


@contextmanager
def reading(file: str, where: str, expected: str) -> Iterator[None]:
    """Errors of a library about contents become errors that name the file and the place.

    Example:
        >>> with reading("x.npz", "the archive", "a zip file"):
        ...     raise zipfile.BadZipFile("File is not a zip file")
        Traceback (most recent call last):
        srcgrad.errors.BadFile: x.npz: the archive: File is not a zip file; expected a zip file
    """
    try:
        yield
    except BadFile:
        raise
    except UNREADABLE as error:
        text = str(error) or type(error).__name__
        raise bad_file(file, where, f"{text}; expected {expected}") from error
    except OSError as error:
        # A damaged archive may say that a member begins before the file does.
        if error.errno != errno.EINVAL:
            raise
        raise bad_file(file, where, f"a place outside of the file; expected {expected}") from error


def columns_of(
    paths: tuple[Path, ...], named: dict[str, Path], example: str
) -> dict[str, Path] | tuple[Path, ...] | Path:
    """Files given by position or by name, one for each column; a bare one if it is alone."""
    if bool(paths) == bool(named):
        raise BadArgument("files are given by position or by name, at least one", hint=example)
    return named or (paths[0] if len(paths) == 1 else paths)


def name_of(path: Any) -> str:
    """A path as a string."""
    if not isinstance(path, (str, os.PathLike)):
        raise BadArgument(f"a file is named by a path, not by a {type(path).__name__}")
    return os.fsdecode(path)
