"""Which objects the later passes do not know: functions and classes that need elaboration."""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import gast

from srcgrad.errors import SrcgradError
from srcgrad.kinds import Kind, List, Record, Static
from srcgrad.lower.base.derived import is_operator
from srcgrad.lower.base.program import FOLLOWED, Function
from srcgrad.syntax.parse import parse
from srcgrad.syntax.walk import nodes

LIBRARIES = ("numpy", "srcgrad", "scipy", "numba")
DEEPEST = 3
LAZY = ("sorted", "min", "max")
INNER = (gast.FunctionDef, gast.ClassDef, gast.Lambda, gast.Yield, gast.YieldFrom)


def from_library(thing: Any) -> bool:
    """Whether a function or class belongs to Python or a library, not to the user."""
    module = getattr(thing, "__module__", None) or "builtins"
    root = module.partition(".")[0]
    if module.startswith(FOLLOWED):
        return False
    return (root in sys.stdlib_module_names and root != "__main__") or root in LIBRARIES


def user_class(value: Any) -> bool:
    """Whether an object is a class of the user's whose objects can be followed."""
    if value is types.SimpleNamespace:
        return True
    return (
        isinstance(value, type)
        and not issubclass(value, (BaseException, enum.Enum))
        and not from_library(value)
    )


def exotic(value: Any, depth: int = 0) -> bool:
    """Whether later passes cannot do with an object what a function may do with it."""
    match value:
        case types.FunctionType():
            return is_operator(value) or exotic_function(value)
        case types.MethodType():
            return not from_library(value.__func__)
        case functools.partial():
            return not from_library(value.func)
        case functools._lru_cache_wrapper():
            return exotic(value.__wrapped__, depth)
        case type():
            return user_class(value) or value is functools.partial
        case tuple() | list() if type(value) in (tuple, list):
            return depth < DEEPEST and any(callable(v) or exotic(v, depth + 1) for v in value[:64])
        case dict() if type(value) is dict:
            inner = value.values()
            return depth < DEEPEST and any(callable(v) or exotic(v, depth + 1) for v in inner)
    return is_object(value)


def is_object(value: Any) -> bool:
    """Whether a value is an object of a class of the user's, no compiled function of a library."""
    if from_library(value) or isinstance(value, (tuple, list, dict)):
        return False
    return user_class(type(value))


_open: set[types.FunctionType] = set()


def exotic_function(function: types.FunctionType) -> bool:
    """Whether a function has to be written in place where it is called."""
    if from_library(function) or function in _open:
        return False
    try:
        parsed = parse(function)
    except SrcgradError:
        return False
    if function.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_VARARGS):
        return True
    if function.__code__.co_flags & inspect.CO_VARKEYWORDS:
        return True
    _open.add(function)
    try:
        owner = Function(function, parsed.node, parsed.source, ())
        return exotic_body(parsed.node, owner)
    finally:
        _open.discard(function)


def exotic_body(node: gast.FunctionDef, owner: Function) -> bool:
    """Whether a function's statements use what later passes do not know."""
    inner = list(nodes(node.body))
    lazy = {id(a) for n in inner for a in lazy_arguments(n)}
    local = {n.id for n in nodes(node) if isinstance(n, gast.Name) and not is_load(n)}
    for n in inner:
        if isinstance(n, INNER) and id(n) not in lazy:
            return True
        if isinstance(n, (gast.List, gast.Tuple, gast.Dict)) and is_load(n):
            items = n.values if isinstance(n, gast.Dict) else n.elts
            if any(callable(v) for v in globals_read(items, local, owner, whole=True)):
                return True
    return any(exotic(v) for v in globals_read(node.body, local, owner)) or choosing(
        node, inner, local, owner
    )


def choosing(
    node: gast.FunctionDef, inner: list[gast.AST], local: set[str], owner: Function
) -> bool:
    """Whether a name that is called is bound to different functions on different paths.

    Args:
        node: the function.
        inner: the nodes of its statements.
        local: the names that it binds.
        owner: what looks up the others.
    """
    straight = {id(s) for s in node.body}
    made = [s for s in inner if isinstance(s, gast.Assign) and id(s) not in straight]
    if not made:
        return False
    called = {n.func.id for n in inner if isinstance(n, gast.Call) and is_name(n.func)}
    bound = Counter(n.id for n in inner if is_name(n) and not is_load(n))
    for s in made:
        several = any(is_name(t) and t.id in called and bound[t.id] > 1 for t in s.targets)
        if several and any(map(callable, globals_read([s.value], local, owner, whole=True))):
            return True
    return False


def is_name(n: gast.AST) -> bool:
    """Whether an expression is a plain name."""
    return isinstance(n, gast.Name)


def lazy_arguments(n: gast.AST) -> Iterable[gast.Lambda]:
    """Lambdas that are arguments of `sorted` and the like, which later passes know."""
    if not isinstance(n, gast.Call):
        return
    label = getattr(n.func, "id", None) or getattr(n.func, "attr", None)
    if label in LAZY:
        given = [*n.args, *(k.value for k in n.keywords)]
        yield from (a for a in given if isinstance(a, gast.Lambda))


def is_load(n: gast.AST) -> bool:
    """Whether a name or display is read."""
    return isinstance(getattr(n, "ctx", gast.Load()), gast.Load)


def globals_read(
    body: Iterable[gast.AST], local: set[str], owner: Function, *, whole: bool = False
) -> Iterable[Any]:
    """Values of the globals (and of their attributes) that a block reads, or (`whole`) is."""
    inside: set[int] = set()
    for n in body if whole else nodes(body):
        if id(n) in inside:
            continue
        found = path_value(n, lambda i: i not in local and owner.binds(i), owner.lookup)
        if found is not None:
            inside |= {id(m) for m in nodes(n)}
            yield found[0]


def path_value(
    n: gast.AST, known: Callable[[str], bool], lookup: Callable[[str], Any]
) -> tuple[Any] | None:
    """The value of a global, or of a plain attribute of one, in a tuple; None for other nodes."""
    match n:
        case gast.Name(id=i) if is_load(n) and known(i):
            return (lookup(i),)
        case gast.Attribute(value=base, attr=attr):
            found = path_value(base, known, lookup)
            if found is None:
                return None
            value = found[0]
            if isinstance(value, types.ModuleType) or attr in getattr(value, "__dict__", {}):
                plain = inspect.getattr_static(value, attr, None)
                if not isinstance(plain, (staticmethod, classmethod, property)):
                    return (getattr(value, attr, None),)
    return None


def holds_exotic(kind: Kind | None) -> bool:
    """Whether a value of this kind has functions or objects in it that need elaboration."""
    match kind:
        case Static(value=value):
            return exotic(value)
        case Record(type=made, items=items):
            return has_methods(made) or any(map(holds_exotic, items))
        case List(item=item):
            return item is not None and holds_exotic(item)
    return False


def is_row(kind: Kind | None) -> bool:
    """Whether a value is a tuple or list of known length, with objects to be followed in it."""
    if not isinstance(kind, Record) or kind.type not in (tuple, list):
        return False
    return any(isinstance(i, Record) and has_methods(i.type) for i in kind.items)


def frozen(c: type) -> bool:
    """Whether a class is a frozen dataclass, whose `__setattr__` only refuses."""
    return dataclasses.is_dataclass(c) and c.__dataclass_params__.frozen  # type: ignore[attr-defined]


def has_methods(made: type) -> bool:
    """Whether a class of the user's has methods or properties that he wrote."""
    if made in (tuple, list, dict) or not user_class(made):
        return False
    own = [c for c in made.__mro__ if user_class(c)]
    for c in own:
        for v in vars(c).values():
            function = getattr(v, "__func__", None) or getattr(v, "fget", None) or v
            if isinstance(function, types.FunctionType) and written(function):
                return True
    return False


def written(function: types.FunctionType) -> bool:
    """Whether there is a text of a function, other than that of `__init__`."""
    made_up = function.__code__.co_filename.startswith("<") and function.__name__.startswith("__")
    made_up = made_up or function.__module__ in ("collections", "typing")
    return function.__name__ not in ("__init__", "__post_init__") and not made_up


def generator_manager(value: Any) -> types.FunctionType | None:
    """The generator function behind `@contextmanager`; None for other functions."""
    inner = getattr(value, "__wrapped__", None)
    home = getattr(value, "__code__", None)
    if inner is not None and home is not None and home.co_filename.endswith("contextlib.py"):
        return inner
    return None
