"""Finding the line where nan or infinity arose, by running a function again line by line.

A value that is not finite has an origin: the line that made it out of finite ones. Lines that read
such a value hand its origin on, callees and results included; so of several origins the one is
found that the result comes from, and a masked nan that leads nowhere is not.
"""

from __future__ import annotations

import dis
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from srcgrad.tree import walk

SECONDS = 20.0
SMALL = 100_000


@dataclass(frozen=True)
class Origin:
    """Where a value arose that is not finite.

    Attributes:
        file: of the code.
        line: counted from 1.
        columns: the first and the last character of the expression, if that is known.
        argument: the name of an argument that held it from the start; empty for a line.
        cause: where the infinity arose that it was made of, if it was.
    """

    file: str
    line: int
    columns: tuple[int, int] | None = None
    argument: str = ""
    cause: Origin | None = None


Origins = tuple[Origin | None, Origin | None]  # of the nan in a value, and of the infinity
FINITE: Origins = (None, None)


class Enough(BaseException):
    """The time is up."""


def kinds_in(value: Any) -> tuple[bool, bool]:
    """Whether a value holds nan, and whether it holds infinity.

    Example:
        >>> kinds_in({"w": [np.array([1.0, np.nan])]}), kinds_in(-math.inf), kinds_in("nan")
        ((True, False), (False, True), (False, False))
    """
    if isinstance(value, float):
        return math.isnan(value), math.isinf(value)
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind not in "fc" or np.isfinite(value).all():
            return False, False
        return bool(np.isnan(value).any()), bool(np.isinf(value).any())
    if not isinstance(value, (dict, list, tuple)) and not hasattr(value, "__dict__"):
        return False, False
    if callable(value):
        return False, False
    try:
        found = [kinds_in(leaf) for _, leaf in walk(value, "") if leaf is not value]
    except (RecursionError, AttributeError):
        return False, False
    return any(nan for nan, _ in found), any(inf for _, inf in found)


def origin_of(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    followed: Callable[[str], bool],
) -> Origins:
    """The origins of the nan and of the infinity in what a function returns.

    Args:
        function: it is called once.
        args: its arguments.
        followed: whether the lines of a file are of interest; others are part of the line that
            calls them.
    """
    tracer = Tracer(followed)
    before = sys.gettrace()
    try:
        with np.errstate(divide="call", over="call", invalid="call", call=tracer.raised):
            sys.settrace(tracer.called)
            function(*args)
    except (Enough, Exception):  # noqa: BLE001 - what is known until then has to do
        return FINITE
    finally:
        sys.settrace(before)
    return tracer.returned


class Tracer:
    """What is known while a function runs."""

    def __init__(self, followed: Callable[[str], bool]) -> None:
        self.followed = followed
        self.frames: dict[FrameType, Local] = {}
        self.returned: Origins = FINITE
        self.until = time.monotonic() + SECONDS

    def called(self, frame: FrameType, event: str, arg: Any) -> Any:
        """A call."""
        del arg
        if event != "call" or not self.followed(frame.f_code.co_filename):
            return None
        if frame not in self.frames:
            caller = frame.f_back
            while caller is not None and caller not in self.frames:
                caller = caller.f_back
            self.frames[frame] = Local(frame, self.frames.get(caller) if caller else None)
        return self.within

    def within(self, frame: FrameType, event: str, arg: Any) -> Any:
        """A line or the end of a call."""
        if time.monotonic() > self.until:
            raise Enough
        here = self.frames[frame]
        if event == "line":
            here.look()
            here.goto(frame.f_lineno)
        elif event == "return":
            here.look()
            self.returned = here.origins(kinds_in(arg))
            del self.frames[frame]
            if here.caller is not None:
                here.caller.take(self.returned)
        return self.within

    def raised(self, what: str, flag: int) -> None:
        """A complaint of numpy: the instruction at work says where."""
        del what, flag
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame not in self.frames:
            frame = frame.f_back
        if frame is not None:
            self.frames[frame].mark(frame)


class Local:
    """What is known of one call.

    Attributes:
        bad: the origins of variables that are not finite.
    """

    def __init__(self, frame: FrameType, caller: Local | None) -> None:
        self.frame, self.caller = frame, caller
        self.lines = lines_of(frame.f_code)
        self.line = self.first = frame.f_lineno
        self.position: tuple[int, int, int] | None = None
        self.inner: Origins = FINITE
        self.bad: dict[str, Origins] = {}
        for name, value in frame.f_locals.items():
            nan, inf = kinds_in(value)
            if nan or inf:
                self.bad[name] = self.given(name, value, nan, inf)

    def given(self, name: str, value: Any, nan: bool, inf: bool) -> Origins:
        """The origins of an argument: those that it has in the caller, or the argument itself."""
        here = Origin(self.frame.f_code.co_filename, self.line, argument=name)
        if self.caller is not None:
            held = self.caller.frame.f_locals
            for outer, origins in self.caller.bad.items():
                if held.get(outer) is value:
                    return origins
            return self.caller.origins((nan, inf))
        return (here if nan else None, here if inf else None)

    def goto(self, line: int) -> None:
        """A line begins; what is known of the statement is kept if it is the same one."""
        same = self.lines.get(self.line, ((), (0, 0)))[1]
        if not same[0] <= line <= same[1]:
            self.position, self.inner = None, FINITE
            self.first = line
        self.line = line

    def mark(self, frame: FrameType) -> None:
        """Note the first instruction of a statement that numpy complained of."""
        if self.position is None and frame.f_lasti >= 0:
            places = list(frame.f_code.co_positions())
            line, _, start, end = places[frame.f_lasti // 2]
            if line is not None and start is not None and end is not None:
                self.position = (line, start, end)

    def take(self, origins: Origins) -> None:
        """A callee returned."""
        self.inner = (self.inner[0] or origins[0], self.inner[1] or origins[1])

    def look(self) -> None:
        """Find variables that the statement at work has made not finite."""
        values = self.frame.f_locals
        names, _ = self.lines.get(self.line, ((), (0, 0)))
        small = sum(np.size(v) for v in values.values() if isinstance(v, np.ndarray)) < SMALL
        fresh: dict[str, Origins] = {}
        for name in list(values) if small else [n for n in names if n in values]:
            nan, inf = kinds_in(values[name])
            known = self.bad.get(name, FINITE)
            if not (nan or inf):
                self.bad.pop(name, None)
            elif (nan and known[0] is None) or (inf and known[1] is None):
                fresh[name] = (nan, inf)  # type: ignore[assignment]
        for name, kinds in fresh.items():
            found = self.origins(kinds)  # type: ignore[arg-type]
            known = self.bad.get(name, FINITE)
            self.bad[name] = (known[0] or found[0], known[1] or found[1])

    def origins(self, kinds: tuple[bool, bool]) -> Origins:
        """The origins of a value that the statement at work makes: of what it reads, or itself."""
        nan, inf = kinds
        if not (nan or inf):
            return FINITE
        read = [self.bad[n] for n in self.lines.get(self.line, ((), ()))[0] if n in self.bad]
        read.append(self.inner)
        from_nan = next((o[0] for o in read if o[0] is not None), None)
        from_inf = next((o[1] for o in read if o[1] is not None), None)
        line, columns = self.first, None
        if self.position is not None:
            line, columns = self.position[0], self.position[1:]
        here = Origin(self.frame.f_code.co_filename, line, columns)
        made = from_nan
        if nan and made is None:
            made = Origin(here.file, here.line, here.columns, cause=from_inf)
        return (made if nan else None, (from_inf or here) if inf else None)


def lines_of(code: CodeType) -> dict[int, tuple[tuple[str, ...], tuple[int, int]]]:
    """For each line the names that its statement reads or writes, and the statement's lines."""
    spans: list[tuple[int, int]] = []
    named: list[tuple[int, str]] = []
    for item in dis.get_instructions(code):
        at = item.positions
        if at is None or at.lineno is None:
            continue
        spans.append((at.lineno, at.end_lineno or at.lineno))
        if item.opname.startswith(("LOAD_FAST", "STORE_FAST", "LOAD_DEREF", "STORE_DEREF")):
            given = item.argval if isinstance(item.argval, tuple) else (item.argval,)
            named += [(at.lineno, name) for name in given]
    whole: dict[int, tuple[int, int]] = {}
    for start, end in sorted(set(spans), key=lambda span: span[0] - span[1]):
        for line in range(start, end + 1):
            whole.setdefault(line, (start, end))
    found = {}
    for line, (start, end) in whole.items():
        names = tuple(dict.fromkeys(n for at, n in named if start <= at <= end))
        found[line] = (names, (start, end))
    return found
