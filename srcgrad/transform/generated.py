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
        groups: for names that may share memory which is written, all of them.
        plain: names of numbers and copies that were recorded, which share no memory.
    """

    name: str
    parameters: list[str]
    body: list[gast.stmt]
    pinned: set[gast.stmt] = field(default_factory=set)
    results: list[Place] = field(default_factory=list)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()


@dataclass(eq=False)
class Pair:
    """The halves of a callee: what the backward half takes besides the cotangent.

    Attributes:
        forward: the name of the forward half; None if nothing is recorded.
        backward: the name of the backward half.
        arguments: the parameters that the backward half takes.
        recorded: the parameter for what was recorded, if anything is.
        results: the places of the results of the backward half.
        called: whether a call was written before the halves were finished.
        anew: whether the backward half runs the primal statements anew.
    """

    forward: str | None
    backward: str
    arguments: list[str]
    recorded: list[str]
    results: list[Place]
    called: bool = False
    anew: bool = False

    def fits(self, found: Pair) -> bool:
        """Whether calls that were written for these halves suit others that were made."""
        return self.arguments == found.arguments and (self.forward is None) == (
            found.forward is None
        )
