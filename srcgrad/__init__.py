"""Gradients of numpy functions, as source that a person can read."""

from srcgrad.api import Gradient, grad, value_and_grad
from srcgrad.errors import (
    BadArgument,
    BadValue,
    GradientMismatch,
    InternalError,
    NoRule,
    NotScalar,
    SourceNotFound,
    SrcgradError,
    Unsupported,
)

__all__ = [
    "BadArgument",
    "BadValue",
    "Gradient",
    "GradientMismatch",
    "InternalError",
    "NoRule",
    "NotScalar",
    "SourceNotFound",
    "SrcgradError",
    "Unsupported",
    "grad",
    "value_and_grad",
]
__version__ = "0.1.0"
