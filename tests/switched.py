"""A program with analyses switched off in turn: perhaps refused, its numbers never differ."""

import functools
import os
import weakref
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, vjp
from srcgrad.errors import InternalError, SrcgradError
from srcgrad.lower.base.program import World
from srcgrad.lower.base.switches import Switches
from tests import balance, checks
from tests.differences import leaves
from tests.programs import Program

# All programs run without the passes that only make the text lean, and none may be refused so.
# For each analysis another share of the corpus runs, with ALL_SWITCHES=1 all of it.
SHARE = 1 if os.environ.get("ALL_SWITCHES") == "1" else 40
LEAN = ("inlining", "recording")
OFF = {
    "optimise": LEAN,
    "everything": tuple(Switches.names()),
    **{name: (name,) for name in Switches.names() if name not in LEAN},
}


def drawn(name: str) -> Iterator[str]:
    """Yield what is switched off for a program."""
    for off in OFF:
        if off == "optimise" or zlib.crc32(f"{off} {name}".encode()) % SHARE == 0:
            yield off


def switch_off(patch: pytest.MonkeyPatch, *switches: str) -> None:
    """Let specialisations be made without some analyses, and none be there already."""
    world = functools.partial(World, switches=Switches.without(*switches))
    patch.setattr("srcgrad.gradient.World", world)
    patch.setattr("srcgrad.api.World", world)
    patch.setattr("srcgrad.api._dispatchers", weakref.WeakKeyDictionary())


def reverse(program: Program) -> tuple[Any, ...]:
    """Return the gradients of a program, made anew."""
    args = program.arguments()
    if checks.is_scalar(program):
        return grad(program.function, wrt=program.wrt)(*args)
    _, pullback = vjp(program.function, *args)
    found = pullback(checks.cotangent_of(program))
    return tuple(found[i] for i in program.positions())


def assert_same_numbers(have: Any, want: Any) -> None:
    """Assert that two trees have the same leaves, but for the order of additions."""
    for (path, h), (other, w) in zip(leaves(have), leaves(want), strict=True):
        assert path == other
        assert type(h) is type(w) or isinstance(h, float)
        if isinstance(w, np.ndarray | np.generic | float | int):
            single = getattr(w, "dtype", None) == np.float32
            close = 1e-5 if single else 1e-12
            scale = np.max(np.abs(w), initial=0.0)
            np.testing.assert_allclose(h, w, rtol=close, atol=close * scale, strict=True)


def numbers_stay_without_analyses(program: Program) -> None:
    """Assert that a gradient does not depend on what the analyses find out."""
    want = checks.reverse(program, program.arguments())
    for off in drawn(program.name):
        with pytest.MonkeyPatch.context() as patch:
            switch_off(patch, *OFF[off])
            try:
                with balance.checked():
                    have = reverse(program)
            except InternalError:
                raise
            except SrcgradError:
                assert off != "optimise"
                continue
        assert_same_numbers(have, want)
