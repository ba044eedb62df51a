"""The corpus: one small function for each feature of the language, and for their crossings.

`PROGRAMS` maps names to programs, in the order in which they are written down.
"""

from . import (  # noqa: F401  (importing an area registers its programs)
    aliases,
    aliases_chosen,
    arrays,
    branches,
    buffers,
    calls,
    classes,
    complexes,
    comprehensions,
    containers,
    crossings,
    dicts,
    found,
    functions,
    given,
    held,
    helpers,
    iterating,
    jumps,
    levels,
    linear,
    listmethods,
    loops,
    mappings,
    models,
    mutation,
    names,
    names2,
    nested,
    objects,
    outputs,
    realistic,
    recursion,
    reductions,
    scalars,
    shapes,
    slices,
    spelled,
    statements,
    updates,
)
from .registry import PROGRAMS, Program

__all__ = ["PROGRAMS", "Program"]
