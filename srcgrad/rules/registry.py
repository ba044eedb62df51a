"""Finding the rule of a function or an operator; the template files are loaded on first use."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import Any

from srcgrad.rules.declare import RULES, Rule

_lock = threading.RLock()
_loaded: list[str] = []


def lookup(function: Any) -> Rule | None:
    """The rule of a function, or of an operator class of the standard library's `ast`.

    Args:
        function: a callable, matched as an object, or a class such as `ast.Add`.

    Returns:
        The rule; None where there is none.

    Example:
        >>> import numpy as np
        >>> lookup(np.tanh).name
        'tanh'
        >>> lookup(print) is None
        True
    """
    load()
    try:
        return RULES.get(function)
    except TypeError:  # an object without a hash is no key
        return None


def load() -> None:
    """Run the template files, once."""
    if _loaded:
        return
    with _lock:
        if _loaded:
            return
        names = []
        for path in sorted(folder().glob("*.py")):
            name = f"srcgrad.templates.{path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            assert spec is not None
            assert spec.loader is not None
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
            names.append(name)
        _loaded.extend(names)


def folder() -> Path:
    """Where the templates are: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
