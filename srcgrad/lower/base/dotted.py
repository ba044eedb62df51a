"""Functions of libraries: how messages call them, and errors from inside of them."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import types
from collections.abc import Iterator
from typing import Any

import gast
import numpy as np

from srcgrad.errors import NoRule, Unsupported
from srcgrad.lower.base.program import Function
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import attribute, call, name

_LIBRARIES = tuple(
    os.path.realpath(p) + os.sep
    for p in {sysconfig.get_path(n) for n in ("stdlib", "platstdlib", "purelib", "platlib")}
    if p
)


def name_of(value: Any) -> str:
    """How messages call a function: by the dotted name under which users find it.

    >>> import math
    >>> name_of(np.linalg.svd), name_of(np.sin), name_of(math.gamma), name_of(len)
    ('np.linalg.svd', 'np.sin', 'math.gamma', 'len')
    """
    name = getattr(value, "__name__", type(value).__name__)
    owner = getattr(value, "__self__", None)
    if isinstance(owner, np.random.Generator):
        return f"rng.{name}"
    if isinstance(owner, np.random.RandomState):
        return f"np.random.{name}"
    module = getattr(value, "__module__", None) or ""
    if isinstance(value, np.ufunc):
        homes = [m for m in ("numpy", "scipy.special") if m in sys.modules]
        module = next((m for m in homes if getattr(sys.modules[m], name, None) is value), "")
    if module in ("", "builtins", "__main__") or not from_library(value):
        return name
    public = ".".join(part for part in module.split(".") if not part.startswith("_"))
    if getattr(sys.modules.get(public), name, None) is not value:
        public = module
    return f"{'np' if public == 'numpy' else public.replace('numpy.', 'np.', 1)}.{name}"


def from_library(value: Any) -> bool:
    """Whether a function comes with Python or is installed, and is not the user's own text."""
    if not isinstance(value, types.FunctionType):
        return True
    file = os.path.realpath(value.__code__.co_filename)
    return file.startswith(_LIBRARIES) or "site-packages" in file.split(os.sep)


@contextlib.contextmanager
def followed(caller: Function, node: gast.AST, function: Any) -> Iterator[None]:
    """While a library's function is followed: what is refused in it is refused at the call."""
    try:
        yield
    except Unsupported as e:
        own = from_library(caller.object) or not from_library(function)
        if own or e.recursive is not None or e.loops or e.location is None:
            raise
        file = os.path.realpath(e.location.file)
        if not file.startswith(_LIBRARIES):
            raise
        hint = (
            "Write it with functions that have a rule, such as those of numpy.\n"
            f"(Inside of it, {os.path.basename(file)} line {e.location.line}: {e.message}.)"
        )
        what = f"`{name_of(function)}` has no derivative rule"
        raise NoRule(what, caller.location(node), hint) from e


def numpy_call(
    function: Function, node: gast.AST, attr: str, *args: gast.expr, **kwargs: Any
) -> gast.Call:
    """A call of a numpy function, by the name that the module of the user's has for numpy.

    Args:
        function: where the call is to stand.
        node: what errors point at.
        attr: the name of the numpy function.
        args: what it is given.
        kwargs: what it is given by name.

    Raises:
        Unsupported: there is no such name.
    """
    local = stores(function.node) | set(function.parameters)
    hidden = local | set(function.object.__code__.co_freevars)
    for label, value in function.object.__globals__.items():
        if value is np and label not in hidden:
            return call(attribute(name(label), attr), *args, **kwargs)
    what = f"this needs `np.{attr}`, and the module has no name for numpy"
    raise function.refuse(node, what, "Write `import numpy as np` at the top of it.")
