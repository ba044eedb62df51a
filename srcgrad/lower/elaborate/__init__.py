"""Functions as values, and objects that a function makes: resolved before anything is typed."""

from srcgrad.lower.elaborate.engine import elaborate

__all__ = ["elaborate"]
