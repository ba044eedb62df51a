"""What is known of functions by themselves: what a call of one may change, and what it gives."""

from __future__ import annotations

import functools
import itertools
import types
from typing import Any

import gast
import numpy as np

from srcgrad.lower.base.writers import WRITERS
from srcgrad.syntax.walk import walk

PURE = (
    *("builtins", "math", "numpy", "operator", "itertools", "functools", "cmath", "statistics"),
    *("_operator", "_functools"),
)
READING = (
    *("sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "dot", "copy", "item"),
    *("items", "keys", "values", "get", "index", "count", "astype", "argmax", "argmin", "tolist"),
    *("startswith", "endswith", "split", "strip", "lower", "upper", "format", "is_integer", "join"),
    *("conj", "cumsum", "flatten", "ravel", "reshape", "transpose", "round", "trace", "clip"),
)
GROWING = (
    *("append", "extend", "insert", "pop", "popitem", "clear", "sort", "reverse", "remove"),
    *("update", "setdefault", "add", "discard", "popleft", "appendleft"),
)
NUMBERS: tuple[Any, ...] = (int, float, bool, complex, str, len, range, isinstance, type, hash)
FRESH: tuple[Any, ...] = (
    *(np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace, np.eye, np.identity),
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.array, np.copy, np.sum),
    *(np.mean, np.dot, np.outer, np.prod, np.max, np.min, np.std, np.var, np.stack),
    *(np.concatenate, np.where, np.random.default_rng, np.random.RandomState),
)
COLLECTING: tuple[Any, ...] = (
    *(list, tuple, sorted, dict, set, frozenset, map, filter, zip, enumerate, reversed, sum, iter),
    *(itertools.accumulate, itertools.chain, itertools.islice, itertools.starmap),
    *(itertools.takewhile, itertools.dropwhile, itertools.filterfalse, itertools.pairwise),
)
CALLING: tuple[Any, ...] = (
    *(map, filter, sorted, min, max, np.vectorize, np.apply_along_axis, np.apply_over_axes),
    *(np.fromfunction, np.frompyfunc, np.piecewise),
)
ASKING: tuple[Any, ...] = (
    *(itertools.accumulate, itertools.starmap, itertools.takewhile, itertools.dropwhile),
    *(itertools.filterfalse, itertools.groupby),
)
# Of Python's own functions, those that change something; `next` takes an item.
CHANGING: tuple[Any, ...] = (setattr, delattr, next, exec, eval, input, open, print)
CHANGING_NAMES = ("setitem", "delitem", "call", "at", "shuffle", "seed", "setflags")


def is_library(value: Any) -> bool:
    """Whether a function is one of Python's or numpy's."""
    module = getattr(value, "__module__", None)
    if module is None and isinstance(value, np.ufunc):
        return True
    return isinstance(module, str) and module.split(".")[0] in PURE


def is_harmless(value: Any, node: gast.Call) -> bool:
    """Whether a call of a function changes nothing, unless functions that it is given do so."""
    if not is_library(value) or among(value, CHANGING) or among(value, tuple(WRITERS)):
        return False
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, (types.ModuleType, type)):
        return False
    label = getattr(value, "__name__", "")
    in_place = value.__module__ in ("operator", "_operator") and label.startswith("i")
    if label in CHANGING_NAMES or (
        in_place and label not in ("invert", "inv", "index", "itemgetter")
    ):
        return False
    if isinstance(value, np.ufunc) and len(node.args) > value.nin:
        return False
    if any(k.arg in ("out", None) for k in node.keywords):
        return False
    starred = any(isinstance(a, gast.Starred) for a in node.args)
    module = value.__module__ or "numpy"
    return not module.startswith("numpy") or (not starred and len(node.args) <= placed_out(value))


def placed_out(value: Any) -> int:
    """How many arguments a function of numpy takes by position before `out`."""
    code = getattr(getattr(value, "__wrapped__", value), "__code__", None)
    if code is None:
        return 64
    given = code.co_varnames[: code.co_argcount]
    return given.index("out") if "out" in given else 64


def calls_others(value: Any) -> bool:
    """Whether a function of Python's or numpy's calls functions that it is given."""
    module = getattr(value, "__module__", None)
    return module in ("functools", "_functools", "itertools") or among(value, CALLING)


def called_by(value: Any, node: gast.Call) -> list[gast.expr]:
    """The arguments of a call that a function of the library calls."""
    named = {k.arg: k.value for k in node.keywords}
    if among(value, (sorted, min, max)):
        return [named["key"]] if "key" in named else []
    if getattr(value, "__module__", "") == "itertools" and not among(value, ASKING):
        return []
    if value is itertools.accumulate:
        return [*node.args[1:2], *(named[k] for k in ("func",) if k in named)]
    if value is itertools.groupby:
        return [*node.args[1:2], *named.values()]
    return [*node.args[:1], *named.values()]


def among(value: Any, known: tuple[Any, ...]) -> bool:
    """Whether a value is one of some."""
    return any(value is k for k in known)


def outer(fn: types.FunctionType, label: str) -> Any:
    """What a name that a function does not bind stands for; None if that is not known."""
    code = fn.__code__
    if label in code.co_freevars:
        cell = (fn.__closure__ or ())[code.co_freevars.index(label)]
        try:
            return cell.cell_contents
        except ValueError:
            return None
    found = fn.__globals__.get(label, fn.__globals__.get("__builtins__"))
    if label in fn.__globals__:
        return found
    return found.get(label) if isinstance(found, dict) else getattr(found, label, None)


def implied(made: type) -> list[types.FunctionType]:
    """What operators and attributes of the objects of a class call."""
    own = [vars(c).values() for c in made.__mro__ if not is_library(c)]
    every = [m.fget if isinstance(m, property) else m for values in own for m in values]
    properties = [m.fget for values in own for m in values if isinstance(m, property)]
    plain = ("__init__", "__new__", "__post_init__", "__call__", "__enter__", "__exit__")
    found = [m for m in every if isinstance(m, types.FunctionType)]
    made_for_it = ("dataclasses", "reprlib", "annotationlib")
    found = [m for m in found if m.__code__.co_filename != "<string>"]
    found = [m for m in found if m.__globals__.get("__name__") not in made_for_it]
    return [
        m
        for m in found
        if m in properties or (m.__name__.startswith("__") and m.__name__ not in plain)
    ]


def is_accumulating(value: Any) -> bool:
    """Whether a function calls another one between the items that it takes."""
    return value is functools.reduce or among(value, (min, max, sorted))


def is_float(node: gast.AST) -> bool:
    """Whether an expression is a constant float."""
    return isinstance(node, gast.Constant) and isinstance(node.value, (float, complex))


def captured(pattern: gast.AST) -> set[str]:
    """The names that a pattern binds."""
    named = (getattr(p, "name", None) or getattr(p, "rest", None) for p in walk(pattern))
    return {n for n in named if isinstance(n, str)}


def bound_in(node: gast.AST) -> set[str]:
    """All names that are bound somewhere below a node, those of parameters and functions too."""
    out: set[str] = set()
    for n in walk(node):
        if isinstance(n, gast.Name) and isinstance(n.ctx, (gast.Store, gast.Param)):
            out.add(n.id)
        elif isinstance(n, gast.FunctionDef) and n is not node:
            out.add(n.name)
        elif isinstance(n, gast.Match):
            out |= {m for c in n.cases for m in captured(c.pattern)}
    declared = {m for n in walk(node) if isinstance(n, gast.Global) for m in n.names}
    inner = [f for f in walk(node) if isinstance(f, gast.FunctionDef) and f is not node]
    theirs = {n for f in inner for n in walk(f)}
    own = (n for n in walk(node) if isinstance(n, gast.Nonlocal) and n not in theirs)
    return out - declared - {m for n in own for m in n.names}
