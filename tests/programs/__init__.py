"""The corpus: one small function for each feature of the language, and for their crossings.

`PROGRAMS` maps names to programs, in the order in which they are written down.
"""

from . import (  # noqa: F401  (importing an area registers its programs)
    aliases,
    arrays,
    branches,
    calls,
    complexes,
    classes,
    containers,
    functions,
    helpers,
    jumps,
    levels,
    linear,
    loops,
    models,
    mutation,
    names,
    objects,
    outputs,
    recursion,
    reductions,
    scalars,
    shapes,
    statements,
    updates,
)
from .registry import PROGRAMS, Program

__all__ = ["PROGRAMS", "Program"]
