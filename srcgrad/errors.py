"""Every exception that srcgrad raises: what, where (file, line, caret) and what to do instead.

All derive from `SrcgradError`, and from the built-in class that fits as well, so that both
`except SrcgradError` and `except ValueError` work.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Location:
    """A place in the user's source.

    Attributes:
        file: Name of the file, as Python shows it in tracebacks.
        line: Line number, counted from 1; 0 if only the file is known.
        column: First character, counted from 0.
        end_column: Character after the last one, on the same line.
        text: The source line itself.
    """

    file: str
    line: int
    column: int
    end_column: int
    text: str


class SrcgradError(Exception):
    """Base class of everything that srcgrad raises on purpose.

    Args:
        message: What is wrong, in one sentence.
        location: Where it is wrong, if it has a place in the user's source.
        hint: What to do instead.

    Example:
        >>> where = Location("model.py", 12, 4, 22, "    async for x in xs:")
        >>> print(SrcgradError("`async for` is not supported", where, "Use a plain `for`."))
        `async for` is not supported
          File "model.py", line 12
            async for x in xs:
            ^^^^^^^^^^^^^^^^^^
          Use a plain `for`.
    """

    def __init__(self, message: str, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.location is not None:
            lines += _pointer(self.location)
        lines += [f"  {line}" for line in self.hint.splitlines()]
        return "\n".join(lines)

    def __reduce__(self):
        # OSError rewrites `args`, so that the default would not survive pickling.
        return type(self), (self.message, self.location, self.hint), self.__dict__


class Unsupported(SrcgradError, NotImplementedError):
    """A construct that srcgrad refuses to differentiate.

    Attributes:
        about_keys: whether a dict is changed at a key that is not constant.
        recursive: the function that is refused because it calls itself; False where its levels
            are too many to be written out.
        loops: short loops of the function at work, which may be written out instead.
        unsaved: the function in normal form and the name in it of which a value is not saved.
    """

    about_keys = False
    recursive: Any = None
    loops: list[Any] | None = None
    unsaved: tuple[Any, str] | None = None


class NoRule(Unsupported):
    """A function without a derivative rule, whose source cannot be differentiated either."""


class NotScalar(SrcgradError, ValueError):
    """A gradient was asked of a result that is not a scalar."""


class BadArgument(SrcgradError, TypeError):
    """An argument of the wrong type, or one that does not exist."""


class BadValue(SrcgradError, ValueError):
    """An argument of the right type whose value cannot be used."""


class BadFile(SrcgradError, ValueError):
    """A data file that is not what it should be; the message names the record."""


class CheckpointError(SrcgradError, ValueError):
    """A saved tree or checkpoint that is refused as a whole.

    Attributes:
        file: the file.
        place: where in it: a part of the format, or the path of a leaf.
        reason: what is wrong there.
    """

    file = place = reason = ""


class MissingExtra(SrcgradError, ImportError):
    """A library that srcgrad does without, except for what was asked for; the hint installs it."""


class SourceNotFound(SrcgradError, OSError):
    """A function whose source is missing, or is not what Python runs."""


class GradientMismatch(SrcgradError, AssertionError):
    """A gradient that differs from the numerical one by more than the tolerance."""


class InternalError(SrcgradError, RuntimeError):
    """A fault of srcgrad itself; the user's line is shown, and a report asked for.

    Attributes:
        origin: the error inside srcgrad, with its traceback, for the report.

    Example:
        >>> print(InternalError("the adjoint of `x` is missing"))
        the adjoint of `x` is missing
          This is a fault of srcgrad, not of your code: please report it with this function.
    """

    origin: BaseException | None = None
    REPORT = "This is a fault of srcgrad, not of your code: please report it with this function."

    def __init__(self, message: str, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message, location, hint or self.REPORT)


def _pointer(place: Location) -> list[str]:
    """The lines that show a place: file, source line, caret."""
    if place.line < 1:
        return [f'  File "{place.file}"']
    lines = [f'  File "{place.file}", line {place.line}']
    text = place.text.strip()
    if text:
        margin = len(place.text) - len(place.text.lstrip())
        start = min(max(place.column - margin, 0), len(text))
        width = max(min(place.end_column - margin, len(text)) - start, 1)
        # A tab before the caret has to stay a tab, or the caret stands elsewhere.
        pad = "".join("\t" if char == "\t" else " " for char in text[:start])
        lines += [f"    {text}", f"    {pad}{'^' * width}"]
    return lines


def brief(function: Callable[P, R]) -> Callable[P, R]:
    """A public function whose own errors show the user's frames and the message, and no others.

    Args:
        function: the function; errors of the user's code pass through it unchanged.

    Example:
        >>> @brief
        ... def refuse():
        ...     raise Unsupported("`async for` is not supported")
        >>> refuse()
        Traceback (most recent call last):
        srcgrad.errors.Unsupported: `async for` is not supported
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except SrcgradError as error:
            raise error.with_traceback(None)  # noqa: B904

    return run
