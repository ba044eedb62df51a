"""Writing a file as a whole or not at all, also when the process is killed or the disk is full."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

try:
    import fcntl
except ImportError:  # a system without locks of this kind: leftovers stay
    fcntl = None  # type: ignore[assignment]

LARGE = 4 << 20
TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tmp")


def write_whole(
    path: str, begin: int, head: Callable[[], bytes], chunks: Sequence[memoryview]
) -> None:
    """Write a file under a temporary name, sync it, give it its name, and sync the folder.

    Whoever opens the name finds the old contents or the new ones. What a killed writer left is
    removed by the next `clean_up`.

    Args:
        path: the name of the file, which may exist.
        begin: the length of its first part.
        head: gives the first part; called while the disk already works on a large rest.
        chunks: the rest.

    Raises:
        OSError: as the system has it (no space, no permission); nothing is left behind then, and
            what was there before still is.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(f"{folder}/a", 3, lambda: b"one", [memoryview(b"two")])
        ...     os.listdir(folder), os.path.getsize(f"{folder}/a")
        (['a'], 6)
    """
    folder, name = os.path.split(os.path.abspath(path))
    number, temporary = _created(folder, name)
    try:
        if sum(len(chunk) for chunk in chunks) < LARGE:
            _write(number, [memoryview(head()), *chunks])
        else:
            os.lseek(number, begin, os.SEEK_SET)
            _write(number, chunks)
            with ThreadPoolExecutor(1) as pool:
                synced = pool.submit(os.fsync, number)
                first = memoryview(head())
                synced.result()
            os.lseek(number, 0, os.SEEK_SET)
            _write(number, [first])
        os.fsync(number)
        if fcntl is None:
            os.close(number)
            number = -1
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        if number >= 0:
            os.close(number)
    sync_folder(folder)


def _write(number: int, chunks: Sequence[memoryview]) -> None:
    """Write all of some memory."""
    for rest in chunks:
        while rest:
            rest = rest[os.write(number, rest) :]


def _created(folder: str, name: str) -> tuple[int, str]:
    """A new temporary file, and a lock on it that ends with the process."""
    while True:
        temporary = os.path.join(folder, f".{name}.{secrets.token_hex(8)}.tmp")
        number = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        if fcntl is None:
            return number, temporary
        fcntl.flock(number, fcntl.LOCK_EX)
        # A `clean_up` may have come between the two calls, and have taken it for a leftover.
        if os.fstat(number).st_nlink:
            return number, temporary
        os.close(number)


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable."""
    if os.name == "nt":
        return  # folders cannot be opened there
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def clean_up(folder: str, names: re.Pattern[str]) -> list[str]:
    """Remove the temporary files of writers that were killed.

    Args:
        folder: the folder.
        names: which files they were writing (the whole name).

    Returns:
        The names that were removed. Files that a writer still holds are left alone.
    """
    removed = []
    for entry in os.listdir(folder):
        found = TEMPORARY.fullmatch(entry)
        if found and names.fullmatch(found["name"]) and _abandoned(os.path.join(folder, entry)):
            removed.append(entry)
    return removed


def _abandoned(temporary: str) -> bool:
    """Remove a temporary file, unless its writer is alive."""
    if fcntl is None:
        return False
    try:
        number = os.open(temporary, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # it has its name by now, or is none of ours
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(temporary)
    except OSError:
        return False
    finally:
        os.close(number)
    return True
