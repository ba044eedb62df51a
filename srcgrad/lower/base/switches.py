"""Analyses that can be switched off, each for its worst-case answer.

What an analysis finds out makes the text lean, or lets it be written at all; it never makes the
numbers right. So with one switched off a program may be refused, or its text grow long, and its
numbers stay. The tests switch each off in turn. This is no public interface.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Switches:
    """Which analyses and passes run.

    Attributes:
        activity: Which variables vary. Off: all that can.
        aliases: Which names may share memory. Off: all names of memory.
        moves: Which names of shared arrays are values of their own. Off: none.
        lengths: Which lengths are equal, or large enough. Off: only what needs no guard.
        raises: Which statements cannot raise. Off: none, so that all of the user's stay.
        liveness: Which statements are needed. Off: all.
        stability: Which tests have the same value later. Off: none, so that all are recorded.
        indices: Which arrays of indices are free of repetitions. Off: none.
        handover: Which adjoints may take over the memory of another. Off: none.
        recording: Which values are computed again rather than recorded. Off: none.
        inlining: Which temporaries are put where they are read. Off: none.

    Example:
        >>> Switches.without("activity").activity
        False
    """

    activity: bool = True
    aliases: bool = True
    moves: bool = True
    lengths: bool = True
    raises: bool = True
    liveness: bool = True
    stability: bool = True
    indices: bool = True
    handover: bool = True
    recording: bool = True
    inlining: bool = True

    @classmethod
    def names(cls) -> list[str]:
        """The names of all switches."""
        return [f.name for f in fields(cls)]

    @classmethod
    def without(cls, *names: str) -> Switches:
        """All on but these."""
        return cls(**dict.fromkeys(names, False))


ALL_ON = Switches()
