"""Ask every library for every gradient, and write `docs/scoreboard.md`."""

import contextlib
import io
import sys
import time
from pathlib import Path

from benchmarks.scoreboard.judge import Verdict, judged
from benchmarks.scoreboard.libraries import LIBRARIES
from benchmarks.scoreboard.page import page
from benchmarks.scoreboard.reference import Reference, reference, scored
from benchmarks.scoreboard.worker import ask_all
from tests.programs import PROGRAMS

PAGE = Path(__file__).parents[2] / "docs" / "scoreboard.md"


def truths(names: list[str]) -> dict[str, Reference]:
    """Return the truth about each program."""
    with contextlib.redirect_stdout(io.StringIO()):
        return {name: reference(PROGRAMS[name]) for name in names}


def measure(library: str, known: dict[str, Reference]) -> dict[str, Verdict]:
    """Return the verdict on a library for each program."""
    start = time.perf_counter()
    found = {name: judged(reply, known[name]) for name, reply in ask_all(library, known)}
    print(f"{library}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return found


def main(arguments: list[str]) -> None:
    """Measure all and write the page; with arguments, measure some and print."""
    names = scored()
    if not arguments:
        known = truths(names)
        found = {library: measure(library, known) for library in LIBRARIES}
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(found), encoding="utf-8")
        return
    libraries = [a for a in arguments if a in LIBRARIES] or list(LIBRARIES)
    parts = [a for a in arguments if a not in LIBRARIES]
    chosen = [n for n in names if not parts or any(p in where(n) for p in parts)]
    known = truths(chosen)
    for library in libraries:
        for name, verdict in measure(library, known).items():
            if verdict.outcome != "right":
                print(f"{library:9} {verdict.outcome:8} {where(name)}: {verdict.why}", flush=True)


def where(name: str) -> str:
    """Return the file and name of a program."""
    return f"{PROGRAMS[name].function.__module__.rpartition('.')[2]}.{name}"


if __name__ == "__main__":
    main(sys.argv[1:])
