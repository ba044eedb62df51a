"""The scoreboard judges as its page says, and outlives a library that crashes or hangs."""

import os
import time

import numpy as np
import pytest

from benchmarks.scoreboard.judge import judged
from benchmarks.scoreboard.libraries import LIBRARIES
from benchmarks.scoreboard.page import page
from benchmarks.scoreboard.reference import Reference, reference, scored
from benchmarks.scoreboard.worker import Reply, Worker, answered
from tests.programs import PROGRAMS

PLACE = (0, ())
TRUTH = Reference(2.0, {PLACE: (np.array([1.0, 0.0]), np.full(2, 1e-9))}, False)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(2.0, {PLACE: np.array([1.0, 0.0])}), "right"),
        (Reply(2.0, {PLACE: np.array([1.0, 1e-3])}), "wrong"),
        (Reply(2.0, {PLACE: np.array([np.nan, 0.0])}), "wrong"),
        (Reply(2.0, {PLACE: np.array([np.nan, 0.0])}, warned=("a zero",)), "refused"),
        (Reply(2.0, {PLACE: np.array([[1.0, 0.0]])}), "wrong"),
        (Reply(2.5, {PLACE: np.array([1.0, 0.0])}), "wrong"),
        (Reply(2.0, {PLACE: None}), "refused"),
        (Reply(error="TypeError: no"), "refused"),
        (Reply(error="its process ended", crashed=True), "crashed"),
    ],
)
def test_judged(reply, outcome):
    assert judged(reply, TRUTH).outcome == outcome


def test_none_is_right_for_zero():
    truth = Reference(2.0, {PLACE: (np.zeros(2), np.full(2, 1e-9))}, False)
    assert judged(Reply(2.0, {PLACE: None}), truth).outcome == "right"


def test_symmetric_matrices_move_symmetrically():
    lower = np.array([[1.0, 0.0], [3.0, 1.0]])
    reply = Reply(0.0, {PLACE: (lower + lower.T) / 2.0})
    slopes = {PLACE: (lower, np.full((2, 2), 1e-9))}
    assert judged(reply, Reference(0.0, slopes, False)).outcome == "wrong"
    assert judged(reply, Reference(0.0, slopes, False, frozenset({PLACE}))).outcome == "right"


@pytest.mark.parametrize("name", scored()[::25])
def test_srcgrad_is_asked_as_the_tests_ask(name):
    program = PROGRAMS[name]
    verdict = judged(answered(LIBRARIES["srcgrad"](), program, program.arguments()), truth_of(name))
    assert verdict.outcome == ("right" if program.refused is None else "refused"), verdict.why
    assert verdict.outcome == "right" or verdict.clear


def truth_of(name):
    return reference(PROGRAMS[name])


def misbehave(_, connection):
    """Stand in for a library: answer, hang or end, as asked."""
    connection.send("ready")
    while (name := connection.recv()) is not None:
        if name == "hang":
            time.sleep(60)
        if name == "end":
            os._exit(3)
        connection.send(Reply(1.0))


def test_a_crash_or_a_hang_ends_one_program_alone():
    worker = Worker("none", seconds=1.0, target=misbehave)
    assert worker.ask("answer").value == 1.0
    for name, why in (("hang", "no answer"), ("end", "code 3")):
        reply = worker.ask(name)
        assert reply.crashed
        assert why in reply.error
        assert worker.ask("answer").value == 1.0
    worker.stop()


def test_page_counts(monkeypatch):
    monkeypatch.setattr("benchmarks.scoreboard.page.version", lambda _: "1.0")
    names = scored()[:3]
    replies = [Reply(error="no"), Reply(1e9, {}), Reply(error="no", crashed=True)]
    verdicts = {n: judged(r, truth_of(n)) for n, r in zip(names, replies, strict=True)}
    text = page({"srcgrad": verdicts, "jax": verdicts})
    assert "The 3 programs" in text
    assert f"**JAX** (1): {names[1]}." in text
