"""Checks of arguments that the steps of a data set share."""

from __future__ import annotations

import operator
from typing import Any

from srcgrad.errors import BadArgument, BadValue


def count(value: Any, what: str, least: int = 1) -> int:
    """An integer that is at least `least`.

    Example:
        >>> count(0, "the size of a batch")
        Traceback (most recent call last):
        srcgrad.errors.BadValue: the size of a batch must be at least 1, not 0
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise BadArgument(f"{what} must be an integer, not {value!r}") from None
    if number < least:
        raise BadValue(f"{what} must be at least {least}, not {number}")
    return number


def seeded(value: Any) -> int:
    """A seed: a nonnegative integer."""
    return count(value, "a seed", 0)
