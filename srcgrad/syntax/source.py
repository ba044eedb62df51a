"""The user's source text, and places in it."""

from __future__ import annotations

import ast
import functools
import linecache
import textwrap
import threading
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from srcgrad.errors import Location

T = TypeVar("T")
Node = Any  # a node of ast or of gast, which ships no types

_STACK = 64 * 1024 * 1024
_warnings_lock = threading.Lock()


@dataclass(frozen=True)
class Source:
    """The file, notebook cell or prompt entry that holds a function.

    Attributes:
        file: Its name, as tracebacks show it.
        lines: All its lines, without line ends: line `n` is `lines[n - 1]`.

    Example:
        >>> source = Source("model.py", ("def f(x):", "    return x**2"))
        >>> node = source.tree().body[0].body[0].value
        >>> source.segment(node)
        'x**2'
        >>> source.location(node)
        Location(file='model.py', line=2, column=11, end_column=15, text='    return x**2')
    """

    file: str
    lines: tuple[str, ...]

    def location(self, node: Node) -> Location:
        """The place of a node; of one on several lines, the rest of its first line.

        A node without position gives a location with line 0.
        """
        line = getattr(node, "lineno", None)
        if line is None or not 1 <= line <= len(self.lines):
            return Location(self.file, 0, 0, 0, "")
        text = self.lines[line - 1]
        start = to_column(text, getattr(node, "col_offset", None) or 0)
        end_line = getattr(node, "end_lineno", None)
        if end_line is None:
            end = start + 1
        elif end_line > line:
            end = len(text.rstrip())
        else:
            end = to_column(text, node.end_col_offset)
        return Location(self.file, line, start, max(end, start + 1), text)

    def segment(self, node: Node) -> str:
        """The text of a node, its continuation lines dedented; "" for one without position."""
        if getattr(node, "end_lineno", None) is None or node.lineno < 1:
            return ""
        lines = list(self.lines[node.lineno - 1 : node.end_lineno])
        lines[-1] = lines[-1][: to_column(lines[-1], node.end_col_offset)]
        first = lines[0][to_column(self.lines[node.lineno - 1], node.col_offset) :]
        return "\n".join([first, *textwrap.dedent("\n".join(lines[1:])).split("\n")][: len(lines)])

    def tree(self) -> ast.Module:
        """The syntax tree of the whole source; shared, so not to be changed.

        Raises:
            SyntaxError: The text is not valid Python.
        """
        return _module(self)


def read_source(code: types.CodeType, namespace: dict[str, Any]) -> Source | None:
    """The source that a code object was compiled from; None if nobody has kept it."""
    file = code.co_filename
    linecache.checkcache(file)
    lines = linecache.getlines(file, namespace)
    if not lines:
        return None
    return Source(file, tuple(line.rstrip("\r\n") for line in lines))


def parse_text(text: str) -> ast.Module:
    """`ast.parse`, silent, and as deep as CPython can parse at all.

    Raises:
        SyntaxError: The text is not valid Python.
        RecursionError: The text is nested too deeply for CPython.
    """
    return deeply(lambda: quietly(lambda: ast.parse(text)))


def deeply(work: Callable[[], T]) -> T:
    """Does `work`; where the stack does not suffice, again at the bottom of a stack of its own.

    CPython's compiler counts the frames that are active when it is called.
    """
    try:
        return work()
    except RecursionError:
        pass
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.extend((True, work()))
        except BaseException as error:  # noqa: BLE001 - raised again below
            outcome.extend((False, error))

    size = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    if not outcome[0]:
        raise outcome[1]
    return outcome[1]


def quietly(work: Callable[[], T]) -> T:
    """Does `work` without the warnings that the user saw when the source was first compiled."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def to_column(line: str, offset: int) -> int:
    """The column, in characters, of an offset of `ast`, which counts bytes."""
    if line.isascii():
        return offset
    return len(line.encode()[:offset].decode(errors="ignore"))


@functools.lru_cache(maxsize=16)
def _module(source: Source) -> ast.Module:
    return parse_text("\n".join(source.lines) + "\n")
