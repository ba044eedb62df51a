"""What a pullback reads, as it was when the function ran: the caller may change it afterwards."""

from __future__ import annotations

import copy
import types
from typing import Any

import numpy as np

from srcgrad.runtime.objects import attributes, instance
from srcgrad.structure import like_sequence

PLAIN = {float, int, bool, complex, str, type(None), np.float64, np.float32}


class Snapshot:
    """Copies of values, in which what was one thing is one thing again.

    Args:
        outside: the arrays that somebody else may write to; None for all that can be written to.

    Example:
        >>> x = np.ones(2)
        >>> kept = Snapshot().of([x, x])
        >>> kept[0] is x, kept[0] is kept[1]
        (False, True)
    """

    def __init__(self, outside: list[np.ndarray] | None = None) -> None:
        self.outside = outside
        self.made: dict[int, tuple[Any, Any]] = {}

    def of(self, x: Any) -> Any:
        """A value that keeps what this one holds now; itself if nothing in it can change."""
        if type(x) in PLAIN:
            return x
        if id(x) not in self.made:
            self.made[id(x)] = x, x
            self.made[id(x)] = x, self.copied(x)
        return self.made[id(x)][1]

    def copied(self, x: Any) -> Any:
        """A copy of what was not met before."""
        if isinstance(x, np.ndarray):
            return x.copy("K") if self.may_change(x) else x
        if isinstance(x, dict):
            twin = copy.copy(x)
            twin.update((k, self.of(v)) for k, v in x.items())
            return twin
        if type(x) is list and set(map(type, x)) <= PLAIN:
            return x.copy()
        if isinstance(x, (list, tuple)):
            parts = [self.of(v) for v in x]
            same = isinstance(x, tuple) and all(a is b for a, b in zip(parts, x, strict=True))
            return x if same else like_sequence(x, parts)
        held = attributes(x)
        if held is None:
            return x
        named = {k: self.of(v) for k, v in held.items()}
        try:
            return instance(type(x), **named)
        except TypeError:  # a class below one that is not written in Python
            return x

    def may_change(self, x: np.ndarray) -> bool:
        """Whether somebody else may write to the memory of an array."""
        if self.outside is not None:
            return any(np.may_share_memory(x, other) for other in self.outside)
        base: Any = x
        while isinstance(base, np.ndarray):
            if base.flags.writeable:
                return True
            base = base.base
        return base is not None and not isinstance(base, bytes)


def arrays_in(*values: Any) -> list[np.ndarray]:
    """The arrays that values consist of.

    Example:
        >>> arrays_in({"w": np.ones(1), "n": 2})
        [array([1.])]
    """
    found: dict[int, Any] = {}
    stack = list(values)
    while stack:
        x = stack.pop()
        if type(x) in PLAIN or id(x) in found:
            continue
        found[id(x)] = x
        if isinstance(x, dict):
            stack += x.values()
        elif isinstance(x, (list, tuple)):
            stack += x
        elif (held := attributes(x)) is not None:
            stack += held.values()
    return [x for x in found.values() if isinstance(x, np.ndarray)]


def unchanged(now: Any, kept: Any) -> bool:
    """Whether a value is what a snapshot of it has kept.

    Example:
        >>> unchanged([1.0, np.ones(1)], [1.0, np.ones(1)]), unchanged(1.0, 2.0)
        (True, False)
    """
    if now is kept:
        return True
    if type(now) is not type(kept):
        return False
    if isinstance(now, np.ndarray):
        return (
            now.dtype == kept.dtype and now.shape == kept.shape and now.tobytes() == kept.tobytes()
        )
    if isinstance(now, (list, tuple)):
        return len(now) == len(kept) and all(map(unchanged, now, kept))
    held = now if isinstance(now, dict) else attributes(now)
    if held is None:
        return bool(now == kept) or (now != now and kept != kept)
    old = kept if isinstance(kept, dict) else attributes(kept) or {}
    return held.keys() == old.keys() and all(unchanged(v, old[k]) for k, v in held.items())


def globals_of(function: types.FunctionType) -> set[str]:
    """The global names that a function reads, itself and through others of its module."""
    found: set[str] = set()
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        todo += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in set(code.co_names) - found:
            found.add(name)
            called = function.__globals__.get(name)
            if isinstance(called, types.FunctionType) and is_own(called, function.__globals__):
                todo.append(called.__code__)
    return found


def is_own(value: Any, namespace: dict[str, Any]) -> bool:
    """Whether something is a function that a generated module defines."""
    return isinstance(value, types.FunctionType) and value.__globals__ is namespace


def bound_to(function: types.FunctionType, values: dict[str, Any]) -> Any:
    """A function of a generated module that finds these values under their global names.

    Example:
        >>> def scaled(x):
        ...     return x * FACTOR
        >>> bound_to(scaled, {"FACTOR": 3.0})(2.0)
        6.0
    """
    old = function.__globals__
    new = {**old, **values}
    for name, value in old.items():
        if is_own(value, old):
            new[name] = types.FunctionType(value.__code__, new, value.__name__, value.__defaults__)
    return new[function.__name__]
