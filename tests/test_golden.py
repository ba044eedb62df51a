"""The printed gradients of the golden programs: their text, their numbers, their length."""

import inspect
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.handwritten import HANDWRITTEN
from benchmarks.sizes import code_size
from srcgrad import grad
from tests.golden_programs import PROGRAMS

FOLDER = Path(__file__).parent / "golden"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

each_program = pytest.mark.parametrize("name", PROGRAMS)


def gradient(name):
    golden = PROGRAMS[name]
    return grad(golden.f, wrt=golden.wrt[0] if len(golden.wrt) == 1 else golden.wrt)


def assert_same(have, want):
    if isinstance(want, dict):
        assert isinstance(have, dict)
        assert have.keys() == want.keys()
        for key in want:
            assert_same(have[key], want[key])
    elif isinstance(want, list | tuple):
        assert type(have) is type(want)
        for h, w in zip(have, want, strict=True):
            assert_same(h, w)
    else:
        assert np.shape(have) == np.shape(want)
        np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-13)


@each_program
def test_printed_text(name):
    text = gradient(name).source_for(**PROGRAMS[name].arguments())
    file = FOLDER / f"{name}.txt"
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    assert {file.stem for file in FOLDER.iterdir()} == set(PROGRAMS)


@each_program
def test_gradient_equals_the_handwritten_one(name):
    want = HANDWRITTEN[name][0](**PROGRAMS[name].arguments())
    assert_same(gradient(name)(**PROGRAMS[name].arguments()), want)
    bare = gradient(name).specialise(**PROGRAMS[name].arguments())
    assert_same(bare(**PROGRAMS[name].arguments()), want)


@each_program
def test_gradient_leaves_the_arguments_alone(name):
    arguments = PROGRAMS[name].arguments()
    gradient(name)(**arguments)
    untouched = PROGRAMS[name].arguments()
    for argument in arguments:
        assert_same(arguments[argument], untouched[argument])


@each_program
def test_length_is_near_the_handwritten_one(name):
    golden = PROGRAMS[name]
    text = gradient(name).source_for(**golden.arguments())
    ours = code_size(text, without={f.__name__ for f in golden.callees})
    hand = code_size("\n\n".join(map(inspect.getsource, HANDWRITTEN[name])))
    assert ours.lines <= 1.2 * hand.lines
    assert ours.tokens <= 1.2 * hand.tokens


@each_program
def test_printed_text_runs_without_srcgrad(name):
    assert "srcgrad" not in gradient(name).source_for(**PROGRAMS[name].arguments())
