"""A fixed share of the random programs of `tests.fuzz`, as part of the ordinary suite."""

import pytest

from tests.fuzz.check import examine
from tests.fuzz.program import attempts
from tests.fuzz.report import summary
from tests.fuzz.runner import Settings, run
from tests.fuzz.shrink import shrink

FIRST_SEED = 1_000_000
CHUNK = 125

SQUARED_TWICE = """
import numpy as np

def helper(a):
    b = a * 2.0
    return np.sum(b) + unknown

def f(x, s):
    y = x * x
    t = np.sum(y) * s
    if t > 90.0:
        t = helper(x)
    for i in range(3):
        y[i] = y[i] * np.{function}(s)
    return np.sum(y) + t
ARGUMENTS = (np.array([0.3, 0.7, 1.1]), 0.4)
WRT = ("x", "s")
"""


@pytest.mark.parametrize("chunk", range(4))
def test_random_programs_are_never_wrong_and_never_crash(chunk):
    start = FIRST_SEED + chunk * CHUNK
    found = list(run(range(start, start + CHUNK), Settings()))
    bad = [f for f in found if f.outcome.status in ("wrong", "crashed")]
    assert not bad, summary(bad)


def test_programs_depend_on_the_seed_alone():
    for seed in range(20):
        first, second = next(attempts(seed)), next(attempts(seed))
        assert first == second
        compile(first.text, "<program>", "exec")


def test_programs_are_checked():
    assert examine(SQUARED_TWICE.format(function="sin")).status == "refused"
    text = SQUARED_TWICE.replace("unknown", "0.0")
    assert examine(text.format(function="sin")).status == "right"
    assert examine(text.format(function="log")).status == "right"
    assert examine(text.format(function="nothing")).status == "discarded"
    assert examine(text.replace("np.sum(y) * s", "np.sum(y) / 0.0")).status == "discarded"


def test_programs_shrink():
    text = SQUARED_TWICE.replace("unknown", "0.0").replace("y[i] * ", "np.frexp(y[i])[0] * ")
    text = text.format(function="cos")
    outcome = examine(text)
    assert outcome.status == "refused"
    small = shrink(text, outcome)
    assert examine(small).key == outcome.key
    assert len(small.splitlines()) <= 8
