"""From a function to its syntax tree: the one that Python runs, or an error."""

from __future__ import annotations
import __future__

import ast
import functools
import types
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.errors import BadArgument, SourceNotFound, Unsupported
from srcgrad.syntax.source import Node, Source, deeply, parse_text, quietly, read_source
from srcgrad.syntax.trees import same, to_gast
from srcgrad.syntax.walk import clone

__all__ = ["Parsed", "Source", "parse"]

_FUTURES = functools.reduce(
    int.__or__, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
_SIGNATURE = (
    "co_name",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
)
# Lambdas that start on one line are told apart by moving each to a line of its own.
_APART = 10_000_000

Functions = Mapping[tuple[str, int], list[Node]]


@dataclass(frozen=True)
class Parsed:
    """A function as a tree.

    Attributes:
        node: The function, without decorators; positions are those in the file.
        source: The text around it.
    """

    node: gast.FunctionDef
    source: Source


_remembered: weakref.WeakKeyDictionary[types.FunctionType, Parsed] = weakref.WeakKeyDictionary()


def remember(fn: types.FunctionType, node: gast.FunctionDef, source: Source) -> None:
    """Note the tree of a function that was made of it, and has no text of its own."""
    _remembered[fn] = Parsed(clone(node), source)


def parse(fn: Callable[..., Any]) -> Parsed:
    """The syntax tree of a plain Python function, lambda or bound method.

    A function made by a decorator is parsed as it is: that is the wrapper, not what it wraps.
    A lambda becomes a function `lambda_` of one `return`.

    Args:
        fn: The function.

    Raises:
        BadArgument: `fn` cannot be called.
        SourceNotFound: There is no source (built-ins, functions typed at a bare prompt), or the
            source has changed since Python compiled it.
        Unsupported: `fn` is an `async def`.

    Example:
        >>> import inspect
        >>> parsed = parse(inspect.cleandoc)
        >>> parsed.node.name
        'cleandoc'
    """
    fn = getattr(fn, "__func__", fn)
    if isinstance(fn, types.FunctionType) and fn in _remembered:
        known = _remembered[fn]
        return Parsed(clone(known.node), known.source)
    code = getattr(fn, "__code__", None)
    if not isinstance(fn, types.FunctionType) or not isinstance(code, types.CodeType):
        raise _not_a_function(fn)
    source = read_source(code, fn.__globals__)
    if source is None:
        raise SourceNotFound(
            f"the source of `{_name(fn)}` cannot be read from {code.co_filename!r}",
            hint=f"Put `{_name(fn)}` into a file or a notebook cell.",
        )
    try:
        found = _tree(code, tuple(_positions(code)), source)
    except SyntaxError as error:
        raise _stale(fn, source) from error
    if found is None:
        raise _stale(fn, source)
    node = clone(found)
    if isinstance(node, gast.AsyncFunctionDef):
        where = source.location(node)
        raise Unsupported("`async def` is not supported", where, "Use a plain `def`.")
    if isinstance(node, gast.Lambda):
        node = lambda_as_function(node)
    node.decorator_list = []
    return Parsed(node, source)


@functools.lru_cache(maxsize=64)
def _tree(code: types.CodeType, _places: tuple[Any, ...], source: Source) -> Node | None:
    """The tree that a code object was compiled from; shared, so not to be changed.

    Code objects that differ in the places of their instructions alone are equal.
    """
    found = _locate(code, source)
    return None if found is None else to_gast(found)


def _locate(code: types.CodeType, source: Source) -> Node | None:
    """The node that a code object was compiled from; None if the source does not have it."""
    candidates = _candidates(_source_functions(source), code)
    if len(candidates) > 1:
        candidates = _told_apart(source, code)
        if any(not same(candidates[0], other) for other in candidates):
            raise _ambiguous(source, code)
    elif not any(_matches(code, other) for other in _compiled(source, code)):
        candidates = []
    return candidates[0] if candidates else None


def _candidates(functions: Functions, code: types.CodeType) -> list[Node]:
    """The functions of the right name that start on the right line."""
    return functions.get((code.co_name, code.co_firstlineno), [])


def _functions(tree: ast.Module) -> Functions:
    """All functions of a tree by name and first line, outer ones before inner ones."""
    found: dict[tuple[str, int], list[Node]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            found.setdefault((node.name, first), []).append(node)
    return found


@functools.lru_cache(maxsize=16)
def _source_functions(source: Source) -> Functions:
    return _functions(source.tree())


def _told_apart(source: Source, code: types.CodeType) -> list[Node]:
    """Of several lambdas on one line, those whose code is that of the function."""
    originals = _candidates(_source_functions(source), code)
    tree = parse_text("\n".join(source.lines) + "\n")
    for number, node in enumerate(
        _candidates(_functions(tree), code), start=1
    ):  # outer ones come first
        inside: Iterator[Node] = ast.walk(node)
        for item in inside:
            if hasattr(item, "lineno"):
                item.lineno = item.lineno % _APART + number * _APART
                item.end_lineno = item.end_lineno % _APART + number * _APART
    try:
        codes = _all_codes(_compile(tree, source.file, code.co_flags))
    except RecursionError as error:  # a tree may be less deep than a text
        raise _ambiguous(source, code) from error
    wanted = _positions(code)
    found = []
    for other in codes:
        number = other.co_firstlineno // _APART
        # Python can be told to keep no columns; then the code alone has to do.
        if number and _matches(code, other) and wanted in ([], _positions(other)):
            found.append(originals[number - 1])
    return found


def _positions(code: types.CodeType) -> list[tuple[int, int, int, int]]:
    """Where each instruction comes from, except those that belong to the whole function."""
    places = []
    for start, end, column, end_column in code.co_positions():
        if start is not None and column is not None and end_column:
            places.append((start % _APART, (end or start) % _APART, column, end_column))
    return places


def _compiled(source: Source, code: types.CodeType) -> Iterator[types.CodeType]:
    """What the source compiles to now, at the place of `code`."""
    for other in _module_codes(source, code.co_flags & _FUTURES):
        if other.co_firstlineno == code.co_firstlineno and other.co_name == code.co_name:
            yield other


@functools.lru_cache(maxsize=16)
def _module_codes(source: Source, flags: int) -> tuple[types.CodeType, ...]:
    return tuple(_all_codes(_compile("\n".join(source.lines) + "\n", source.file, flags)))


def _compile(source: str | ast.Module, file: str, flags: int) -> types.CodeType:
    # Notebook cells may `await` outside of functions.
    flags = flags & _FUTURES | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return deeply(
        lambda: quietly(lambda: compile(source, file, "exec", flags=flags, dont_inherit=True))
    )


def _all_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    todo = [code]
    while todo:
        code = todo.pop()
        yield code
        todo += [item for item in code.co_consts if isinstance(item, types.CodeType)]


def _matches(running: types.CodeType, found: types.CodeType) -> bool:
    """Whether the code that runs is the code that was found, compiled."""
    if any(name.startswith("@py") for name in running.co_names + running.co_varnames):
        return _matches_rewritten(running, found)
    return _fingerprint(running) == _fingerprint(found)


def _matches_rewritten(running: types.CodeType, found: types.CodeType) -> bool:
    """The same for a function whose `assert` statements were rewritten by pytest."""
    count = found.co_argcount + found.co_kwonlyargcount
    return (
        running.co_varnames[:count] == found.co_varnames[:count]
        and set(found.co_names) <= set(running.co_names)
        and set(found.co_varnames) <= set(running.co_varnames)
        and _constants(found) <= _constants(running)
    )


def _fingerprint(code: types.CodeType) -> tuple[Any, ...]:
    """All that a code object does, without the places that it comes from."""
    signature = tuple(getattr(code, name) for name in _SIGNATURE)
    constants = tuple(_constant_key(value) for value in code.co_consts)
    return (*signature, code.co_code, code.co_names, constants)


def _constants(code: types.CodeType) -> set[Any]:
    return {
        _constant_key(value) for value in code.co_consts if not isinstance(value, types.CodeType)
    }


def _constant_key(value: Any) -> Any:
    if isinstance(value, types.CodeType):
        return _fingerprint(value)
    if isinstance(value, tuple):
        return tuple(_constant_key(item) for item in value)
    if isinstance(value, frozenset):
        return frozenset(_constant_key(item) for item in value)
    return type(value).__name__, repr(value)


def lambda_as_function(node: gast.Lambda) -> gast.FunctionDef:
    """Returns the definition of a function that does what a lambda does."""
    result = gast.Return(value=node.body)
    gast.copy_location(result, node.body)
    function = gast.FunctionDef(
        name="lambda_",
        args=node.args,
        body=[result],
        decorator_list=[],
        returns=None,
        type_comment=None,
        type_params=[],
    )
    return gast.copy_location(function, node)


def _name(fn: Any) -> str:
    return getattr(fn, "__qualname__", None) or getattr(fn, "__name__", None) or repr(fn)


def _not_a_function(fn: Any) -> Exception:
    if not callable(fn):
        return BadArgument(
            f"expected a Python function, not {type(fn).__name__}",
            hint="Pass the function itself: `f`, not `f(x)`.",
        )
    return SourceNotFound(
        f"`{_name(fn)}` is not a function written in Python: {type(fn).__name__} has no source",
        hint="Call it from a function of your own (`def` in a file), and pass that one.",
    )


def _ambiguous(source: Source, code: types.CodeType) -> SourceNotFound:
    return SourceNotFound(
        f"line {code.co_firstlineno} of {source.file!r} has several functions that cannot be told "
        f"apart",
        hint="Put each on a line of its own.",
    )


def _stale(fn: types.FunctionType, source: Source) -> SourceNotFound:
    return SourceNotFound(
        f"the source of `{_name(fn)}` in {source.file!r} is not what Python runs: the file has "
        f"changed since it was imported, or something rewrote the function on import",
        source.location(ast.Pass(lineno=fn.__code__.co_firstlineno, col_offset=0)),
        hint="Import the module again, and put the function into a plain file.",
    )
