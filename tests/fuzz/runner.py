"""Many programs in worker processes: one that hangs or dies counts as crashed, the rest go on."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import connection
from typing import Any

from .check import FIRST, STAGES, Outcome, examine
from .program import Written, attempts
from .shrink import LONGEST, shrink

HARDEST = 180.0  # seconds for one program; what hangs in Python itself is stopped before
THOROUGH = 10  # one program in so many is checked in all stages


@dataclass(frozen=True)
class Settings:
    """What all programs of a run have in common.

    Attributes:
        only: The special features to draw from; by default all of them.
        shrinks: Statuses of which the programs are made smaller.
    """

    only: tuple[str, ...] | None = None
    shrinks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The outcome of a seed.

    Attributes:
        seed: The seed.
        program: The first valid program of the seed.
        outcome: What came of it.
        small: A smaller program with the same outcome.
        discarded: How many programs were discarded before.
    """

    seed: int
    program: Written
    outcome: Outcome
    small: str = ""
    discarded: int = 0


def one(seed: int, settings: Settings) -> Found:
    """Write and check the program of a seed."""
    stages = tuple(STAGES) if seed % THOROUGH == 0 else FIRST
    found = Found(seed, Written(str(seed), "", ()), Outcome("discarded"))
    for discarded, program in enumerate(attempts(seed, settings.only)):
        outcome = examine(program.text, stages)
        found = Found(seed, program, outcome, "", discarded)
        if outcome.status != "discarded":
            break
    if found.outcome.status in settings.shrinks:
        found = replace(found, small=shrink(found.program.text, found.outcome, LONGEST))
    return found


def serve(pipe: Any, settings: Settings) -> None:
    """Check the seeds that come through a pipe until there are no more."""
    while (seed := pipe.recv()) is not None:
        pipe.send(one(seed, settings))


class Worker:
    """A process that checks one seed at a time.

    Args:
        settings: Passed on.
    """

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, settings), daemon=True)
        self.process.start()
        theirs.close()
        self.seed: int | None = None
        self.started = 0.0

    def give(self, seed: int) -> None:
        """Start with a seed."""
        self.seed, self.started = seed, time.monotonic()
        self.pipe.send(seed)

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run(seeds: Sequence[int], settings: Settings, jobs: int = 2) -> Iterator[Found]:
    """Yield the outcome of every seed, as they come.

    Args:
        seeds: What to check.
        settings: See there.
        jobs: How many processes.
    """
    waiting = list(reversed(seeds))
    workers = [Worker(settings) for _ in range(min(jobs, len(seeds)))]
    try:
        for worker in workers:
            worker.give(waiting.pop())
        while busy := [w for w in workers if w.seed is not None]:
            ready = connection.wait([w.pipe for w in busy], timeout=1.0)
            for worker in busy:
                found = result(worker, ready=worker.pipe in ready)
                if found is None:
                    continue
                yield found
                if found.outcome.message == "the process died or hung":
                    worker.stop()
                    workers[workers.index(worker)] = worker = Worker(settings)
                worker.seed = None
                if waiting:
                    worker.give(waiting.pop())
    finally:
        for worker in workers:
            worker.stop()


def result(worker: Worker, *, ready: bool) -> Found | None:
    """Return what a worker found; None if it is still at it."""
    assert worker.seed is not None
    if ready:
        try:
            return worker.pipe.recv()
        except (EOFError, ConnectionError):
            pass
    elif time.monotonic() - worker.started < HARDEST:
        return None
    lost = Outcome("crashed", "process", "the process died or hung")
    return Found(worker.seed, Written(str(worker.seed), "", ()), lost)
