"""Analyses switched off in turn: a program may then be refused, its numbers never differ."""

import functools
import os
import zlib

import numpy as np
import pytest

from srcgrad import grad, vjp
from srcgrad.errors import InternalError, SrcgradError
from srcgrad.lower.program import World
from srcgrad.lower.switches import Switches
from tests import balance
from tests.differences import leaves
from tests.programs import PROGRAMS
from tests.test_programs import cotangent_of, is_scalar

# All programs run without the passes that only make the text lean, and none may be refused so.
# For each analysis another share of the corpus runs, with ALL_SWITCHES=1 all of it.
SHARE = 1 if os.environ.get("ALL_SWITCHES") == "1" else 40
LEAN = ("inlining", "recording")
OFF = {
    "optimise": LEAN,
    "everything": tuple(Switches.names()),
    **{name: (name,) for name in Switches.names() if name not in LEAN},
}
RUNNING = [name for name, program in PROGRAMS.items() if program.refused is None]


def share(switch):
    """Return the programs that run with something switched off."""
    if switch == "optimise":
        return RUNNING
    return [n for n in RUNNING if zlib.crc32(f"{switch} {n}".encode()) % SHARE == 0]


def text(name):
    """Return the text of a gradient, or the error that there is instead."""
    program = PROGRAMS[name]
    try:
        return grad(program.function, wrt=program.wrt).source_for(*program.arguments())
    except SrcgradError as error:
        return str(error)


def reverse(program):
    """Return the gradients of a program, made anew, and its arguments as they are left."""
    args = program.arguments()
    if is_scalar(program):
        return grad(program.function, wrt=program.wrt)(*args), args
    _, pullback = vjp(program.function, *args)
    found = pullback(cotangent_of(program))
    return tuple(found[i] for i in program.positions()), args


@functools.cache
def ordinary(name):
    """Return the gradients of a program with all analyses on, and its arguments."""
    return reverse(PROGRAMS[name])


def assert_same_numbers(have, want):
    """Assert that two trees have the same leaves, but for the order of additions."""
    for (path, h), (other, w) in zip(leaves(have), leaves(want), strict=True):
        assert path == other
        assert type(h) is type(w) or isinstance(h, float)
        if isinstance(w, np.ndarray | np.generic | float | int):
            single = getattr(w, "dtype", None) == np.float32
            close = 1e-5 if single else 1e-12
            scale = np.max(np.abs(w), initial=0.0)
            np.testing.assert_allclose(h, w, rtol=close, atol=close * scale, strict=True)


def switched_off(monkeypatch, *switches):
    """Let specialisations be made without some analyses."""
    world = functools.partial(World, switches=Switches.without(*switches))
    monkeypatch.setattr("srcgrad.gradient.World", world)
    monkeypatch.setattr("srcgrad.api.World", world)


CASES = [(switch, name) for switch in OFF for name in share(switch)]


@pytest.mark.parametrize(("switch", "name"), CASES)
def test_numbers_stay(switch, name, monkeypatch):
    want = ordinary(name)
    switched_off(monkeypatch, *OFF[switch])
    try:
        with balance.checked():
            have = reverse(PROGRAMS[name])
    except InternalError:
        raise
    except SrcgradError:
        assert switch != "optimise"
        return
    assert_same_numbers(have, want)


TOLD_APART = {
    "activity": "two_layer_network",
    "aliases": "may_alias_but_does_not",
    "moves": "jacobi_with_two_buffers",
    "lengths": "softmax_regression",
    "raises": "both_arms_overwrite",
    "liveness": "view_written",
    "stability": "branch_taken",
    "indices": "pairs_assigned",
    "handover": "helper_returns_a_dict",
    "recording": "convolution_by_slices",
    "inlining": "flatten_is_a_copy",
}


@pytest.mark.parametrize("switch", Switches.names())
def test_each_switch_changes_a_text(switch, monkeypatch):
    name = TOLD_APART[switch]
    want = text(name)
    switched_off(monkeypatch, switch)
    assert text(name) != want
