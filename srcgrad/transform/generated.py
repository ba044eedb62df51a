"""What a transformation gives: functions that are correct, before they are made lean."""

from __future__ import annotations

from dataclasses import dataclass, field

import gast

from srcgrad.transform.cotangents import Place


@dataclass(eq=False)
class Generated:
    """A function that was generated, before it is made lean.

    Attributes:
        name: how it is called.
        parameters: names of its parameters.
        body: its statements.
        pinned: statements that must stay, whatever reads them.
        results: for a backward half, the places of its results.
    """

    name: str
    parameters: list[str]
    body: list[gast.stmt]
    pinned: set[gast.stmt] = field(default_factory=set)
    results: list[Place] = field(default_factory=list)


@dataclass(eq=False)
class Pair:
    """The halves of a callee: what the backward half takes besides the cotangent."""

    forward: str | None
    backward: str
    arguments: list[str]
    recorded: list[str]
    results: list[Place]
