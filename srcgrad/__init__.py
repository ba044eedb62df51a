"""Gradients of numpy functions, as source that a person can read."""

from srcgrad.api import explain, grad, jvp, value_and_grad, vjp
from srcgrad.errors import (
    BadArgument,
    BadFile,
    BadValue,
    CheckpointError,
    GradientMismatch,
    InternalError,
    MissingExtra,
    NoRule,
    NotScalar,
    SourceNotFound,
    SrcgradError,
    Unsupported,
)
from srcgrad.gradient import Gradient
from srcgrad.testing import check_grad

__all__ = [
    "BadArgument",
    "BadFile",
    "BadValue",
    "CheckpointError",
    "Gradient",
    "GradientMismatch",
    "InternalError",
    "MissingExtra",
    "NoRule",
    "NotScalar",
    "SourceNotFound",
    "SrcgradError",
    "Unsupported",
    "check_grad",
    "explain",
    "grad",
    "jvp",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"
