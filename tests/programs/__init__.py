"""The corpus: one small function for each feature of the language, and for their crossings.

`PROGRAMS` maps names to programs, in the order in which they are written down.
"""

from . import (  # noqa: F401  (importing an area registers its programs)
    aliases,
    arrays,
    branches,
    calls,
    containers,
    jumps,
    linear,
    loops,
    models,
    mutation,
    names,
    reductions,
    scalars,
    shapes,
    updates,
)
from .registry import PROGRAMS, Program

__all__ = ["PROGRAMS", "Program"]
