"""Libraries that are imported only when they are asked for."""

from __future__ import annotations

import importlib
from typing import Any

from srcgrad.errors import MissingExtra


def library(module: str, what: str, name: str, extra: str) -> Any:
    """A module of an optional library.

    Args:
        module: its full name.
        what: what needs it.
        name: how the library is called.
        extra: the extra of srcgrad that installs it.

    Raises:
        MissingExtra: if it is not installed.

    Example:
        >>> library("no_such_library", "a picture", "nothing", "plot")
        Traceback (most recent call last):
        srcgrad.errors.MissingExtra: a picture needs nothing
          Install it with: pip install 'srcgrad[plot]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtra(
            f"{what} needs {name}", hint=f"Install it with: pip install 'srcgrad[{extra}]'"
        ) from None
