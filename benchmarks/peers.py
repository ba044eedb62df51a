"""The golden programs under other tools: autograd and tangent."""

import types
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy
import numpy as np
import tangent

from tests.golden_programs import Golden


def _positions(golden: Golden) -> tuple[int, ...]:
    names = golden.f.__code__.co_varnames
    return tuple(names.index(name) for name in golden.wrt)


def with_numpy(golden: Golden, numpy: types.ModuleType) -> Callable[..., Any]:
    """Return a copy of the program, and of its callees, for which `np` is another module."""
    space = {**golden.f.__globals__, "np": numpy}
    for callee in golden.callees:
        space[callee.__name__] = types.FunctionType(callee.__code__, space, callee.__name__)
    return types.FunctionType(golden.f.__code__, space, golden.f.__name__)


def by_autograd(golden: Golden) -> Callable[..., Any]:
    """Return the gradient by autograd, one call for all the arguments."""
    positions = _positions(golden)
    argnum = positions[0] if len(positions) == 1 else positions
    return autograd.grad(with_numpy(golden, autograd.numpy), argnum)


def by_tangent(golden: Golden) -> Callable[..., Any]:
    """Return the gradient by tangent, generated."""
    return tangent.grad(golden.f, wrt=_positions(golden))


PEERS = {"autograd": by_autograd, "tangent": by_tangent}


def same(have: Any, want: Any, rtol: float = 1e-9) -> bool:
    """Say whether two gradients have the same structure and numbers."""
    if isinstance(want, dict):
        return (
            isinstance(have, dict)
            and have.keys() == want.keys()
            and all(same(have[key], want[key], rtol) for key in want)
        )
    if isinstance(want, list | tuple):
        return (
            isinstance(have, list | tuple)
            and len(have) == len(want)
            and all(same(h, w, rtol) for h, w in zip(have, want, strict=True))
        )
    return np.shape(have) == np.shape(want) and np.allclose(have, want, rtol=rtol, atol=1e-12)


def runnable(make: Callable[[Golden], Callable[..., Any]], golden: Golden, want: Any):
    """Return a peer's gradient as a call without arguments, or a word on why there is none.

    Returns:
        `(call, "")`, or `(None, "cannot")` where the peer raises, or `(None, "wrong")` where it
        returns other numbers than `want`.
    """
    arguments = list(golden.arguments().values())
    try:
        gradient = make(golden)
        have = gradient(*arguments)
    except Exception:  # noqa: BLE001 - whatever a peer raises, the finding is that it cannot
        return None, "cannot"
    if not same(have, want):
        return None, "wrong"
    return (lambda: gradient(*arguments)), ""
