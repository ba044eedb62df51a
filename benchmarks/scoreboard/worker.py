"""One library in a process of its own, so that a crash or a hang ends one program and no more."""

import contextlib
import multiprocessing
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from srcgrad.errors import InternalError, SrcgradError

START_SECONDS = 180.0
PROGRAM_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    """What a library did on one program.

    Attributes:
        value: The sum of the floats of the value that it gave.
        found: The gradient by place; None where it gave none.
        error: Type and first line of what it raised, or how its process ended.
        clear: Whether the error is one that srcgrad raises on purpose.
        crashed: Whether the process ended, or was ended because it took too long.
        warned: The warnings that it gave to the user.
    """

    value: float = 0.0
    found: dict[Any, Any] = field(default_factory=dict)
    error: str = ""
    clear: bool = False
    crashed: bool = False
    warned: tuple[str, ...] = ()


def serve(library: str, connection: Connection) -> None:
    """Answer for each name of a program that arrives, in the process of one library."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    from benchmarks.scoreboard.libraries import LIBRARIES  # noqa: PLC0415
    from tests.programs import PROGRAMS  # noqa: PLC0415

    # Examples are made before another module stands for numpy.
    arguments = {name: program.arguments() for name, program in PROGRAMS.items()}
    ask = LIBRARIES[library]()
    connection.send("ready")
    while (name := connection.recv()) is not None:
        connection.send(answered(ask, PROGRAMS[name], arguments[name]))


def answered(ask: Any, program: Any, args: tuple[Any, ...]) -> Reply:
    """Return what a library answers, or what it raises."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(None):
                value, found = ask(program, args)
            table = {k: None if v is None else np.array(v, float) for k, v in found.items()}
        except Exception as error:  # noqa: BLE001  (whatever it is, the library gave no gradient)
            first = (str(error).strip() or "no message").splitlines()[0]
            text = f"{type(error).__name__}: {first}"
            return Reply(error=text, clear=is_clear(error))
    warned = tuple(
        str(w.message) for w in caught if issubclass(w.category, (UserWarning, RuntimeWarning))
    )
    return Reply(value, table, warned=warned)


def is_clear(error: Exception) -> bool:
    """Tell whether an error is a refusal of srcgrad, and no fault inside it."""
    return isinstance(error, SrcgradError) and not isinstance(error, InternalError)


class Worker:
    """The process of one library, started when it is first asked."""

    def __init__(self, library: str, seconds: float = PROGRAM_SECONDS, target: Any = serve) -> None:
        self.library = library
        self.seconds = seconds
        self.target = target
        self.process: Any = None
        self.connection: Any = None

    def start(self) -> None:
        """Start the process, and wait until it has imported its library."""
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=self.target, args=(self.library, theirs), daemon=True)
        self.process.start()
        theirs.close()
        if not self.connection.poll(START_SECONDS) or self.connection.recv() != "ready":
            raise RuntimeError(f"{self.library} does not start")

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.connection.close()
            self.process = None

    def ask(self, name: str) -> Reply:
        """Return what the library does on a program."""
        if self.process is None:
            self.start()
        self.connection.send(name)
        try:
            if self.connection.poll(self.seconds):
                return self.connection.recv()
            what = f"no answer within {self.seconds:.0f} seconds"
        except (EOFError, OSError):
            self.process.join()
            what = f"its process ended with code {self.process.exitcode}"
        self.stop()
        return Reply(error=what, crashed=True)


def ask_all(library: str, names: Iterable[str]) -> Iterator[tuple[str, Reply]]:
    """Yield what a library does on each program."""
    worker = Worker(library)
    try:
        for name in names:
            yield name, worker.ask(name)
    finally:
        worker.stop()
