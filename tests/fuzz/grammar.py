"""The table of productions: ways to write a number, an array, a condition or a statement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Skip(Exception):
    """A production that does not apply here."""


@dataclass(frozen=True)
class Production:
    """One way to go on.

    Attributes:
        feature: What the report counts it under.
        weight: How often it is drawn, against the others of its table.
        make: Called with the writer; returns text, or writes lines.
        special: Whether it is written only in programs that drew the feature for themselves.
    """

    feature: str
    weight: float
    make: Callable[..., Any]
    special: bool


TABLES: dict[str, list[Production]] = {
    "number": [],
    "array": [],
    "array leaf": [],
    "condition": [],
    "statement": [],
}


def production(
    table: str, feature: str, weight: float = 1.0, *, special: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function in a table."""

    def enter(make: Callable[..., Any]) -> Callable[..., Any]:
        TABLES[table].append(Production(feature, weight, make, special))
        return make

    return enter


def special_features() -> dict[str, float]:
    """Return the features that a program draws for itself, each with its largest weight."""
    found: dict[str, float] = {}
    for entries in TABLES.values():
        for p in entries:
            if p.special:
                found[p.feature] = max(found.get(p.feature, 0.0), p.weight)
    return found
