"""Right, wrong or refused: an answer beside the truth."""

from dataclasses import dataclass

import numpy as np

from benchmarks.scoreboard.reference import Reference
from benchmarks.scoreboard.worker import Reply

NOTHING = "the gradient is None"
OUTCOMES = ("right", "wrong", "refused", "crashed")


@dataclass(frozen=True)
class Verdict:
    """What is made of one answer.

    Attributes:
        outcome: One of `OUTCOMES`.
        why: What is wrong, or the error.
        clear: Whether it was refused by an error that srcgrad raises on purpose.
    """

    outcome: str
    why: str = ""
    clear: bool = False


def judged(reply: Reply, truth: Reference) -> Verdict:
    """Judge an answer.

    Doubt speaks for the library: a gradient of None is right where the gradient is zero and a
    refusal elsewhere, a wrong number that comes with a warning is a refusal, and by a symmetric
    matrix any gradient is right that moves symmetric matrices as the true one does.
    """
    if reply.crashed:
        return Verdict("crashed", reply.error)
    if reply.error:
        return Verdict("refused", reply.error, reply.clear)
    fault = difference(reply, truth)
    if not fault:
        return Verdict("right")
    if fault == NOTHING or reply.warned:
        lines = [w.strip().splitlines()[0] for w in reply.warned if w.strip()]
        return Verdict("refused", "; ".join(lines) or NOTHING)
    return Verdict("wrong", fault)


def difference(reply: Reply, truth: Reference) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    relative = 1e-3 if truth.single else 1e-6
    missing = False
    for (position, path), (want, error) in truth.slopes.items():
        have = reply.found.get((position, path))
        where = f"argument {position}{''.join(f'[{k!r}]' for k in path)}"
        if have is None:
            missing = missing or bool(np.any(np.abs(want) > error + relative))
            continue
        if have.shape != want.shape:
            return f"the gradient by {where} has shape {have.shape} for {want.shape}"
        if (position, path) in truth.symmetric:
            have, want, error = have + have.T, want + want.T, error + error.T
        if not np.all(np.abs(have - want) <= error + relative * (1.0 + np.abs(want))):
            return f"the gradient by {where} differs"
    if not np.isclose(reply.value, truth.value, rtol=relative, atol=relative):
        return f"the value is {reply.value:.6g} for {truth.value:.6g}"
    return NOTHING if missing else ""
