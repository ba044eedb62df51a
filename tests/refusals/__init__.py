"""Functions that have no gradient here, each with the error that says so.

`REFUSALS` maps names to refusals, in the order in which they are written down.
"""

from . import (  # noqa: F401  (importing an area registers its refusals)
    calls,
    derived,
    functions,
    recursion,
    statements,
    syntax,
    writes,
)
from .registry import REFUSALS, Refusal

__all__ = ["REFUSALS", "Refusal"]
