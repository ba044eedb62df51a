"""Checking what users pass: functions, `wrt`, and arguments to differentiate by."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, SourceNotFound
from srcgrad.kinds import Array, Field, Kind, List, Opaque, Position, Record, Scalar, Static
from srcgrad.lower.base.dotted import name_of
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Function, Typed
from srcgrad.lower.base.routes import Route, resolved, route
from srcgrad.lower.memory.aliases import Aliases, has_container, summarise
from srcgrad.lower.memory.sharing import writes_container
from srcgrad.runtime.objects import attributes

Wrt = int | str | Sequence[int | str]


def plain_function(function: Callable[..., Any]) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """The plain function behind a callable, and the arguments that are bound to it."""
    if isinstance(function, types.MethodType) and isinstance(function.__func__, types.FunctionType):
        return function.__func__, (function.__self__,)
    if isinstance(function, types.FunctionType):
        return function, ()
    if isinstance(function, functools._lru_cache_wrapper):
        return plain_function(function.__wrapped__)
    if callable(function):
        what, hint = without_source(function)
        raise SourceNotFound(
            f"{what} is not a plain Python function: it has no source to differentiate", hint=hint
        )
    raise BadArgument(
        f"a function was expected, not {function!r}", hint="Pass the function itself."
    )


def without_source(function: Callable[..., Any]) -> tuple[str, str]:
    """A callable without source in words, and what to write instead."""
    if isinstance(function, functools.partial):
        inner = name_of(function.func)
        try:
            known = inspect.signature(function).parameters
        except (TypeError, ValueError):
            known = {}  # type: ignore[assignment]
        free = next((n for n in known if n not in function.keywords), "v")
        given = [*("..." for _ in function.args), free, *(f"{k}=..." for k in function.keywords)]
        hint = f"Wrap it: def f({free}): return {inner}({', '.join(given)})"
        return f"a partial of `{inner}`", hint
    if isinstance(function, type) or hasattr(function, "__name__"):
        name = name_of(function)
        return f"`{name}`", f"Wrap it: def f(x): return {name}(x)"
    made = type(function).__name__
    return (
        f"an object of `{made}`",
        "Pass its method: grad(it.__call__), or a function that calls it.",
    )


def names_of(
    wrt: Wrt, parameters: Sequence[str], function: Callable[..., Any], *, paths: bool = False
) -> tuple[list[str], bool]:
    """The parameters that `wrt` names, and whether it is a single one.

    Args:
        wrt: what the user passed.
        parameters: those of the function.
        function: what is to be differentiated.
        paths: whether parts of parameters may be named; else a path stands for its parameter.
    """
    if not isinstance(wrt, (int, str, np.integer, Sequence)):
        hint = f"Its parameters are {', '.join(parameters) or 'none'}."
        what = f"`wrt` must be a position, a name or a sequence of them, not {wrt!r}"
        raise BadArgument(what, hint=hint)
    single = isinstance(wrt, (int, str, np.integer))
    items = [wrt] if single else list(wrt)  # type: ignore[arg-type]
    label = function.__name__
    hint = f"Its parameters are {', '.join(parameters) or 'none'}."
    out: list[str] = []
    for item in items:
        if isinstance(item, str):
            found = route(item)
            if found is None or found.root not in parameters:
                raise BadArgument(f"`{label}` has no parameter {item!r}", hint=hint)
            out.append(found if paths and found.steps else found.root)
        elif isinstance(item, (int, np.integer)) and not isinstance(item, bool):
            if not -len(parameters) <= item < len(parameters):
                raise BadArgument(f"`{label}` has no parameter at position {item}", hint=hint)
            out.append(parameters[item])
        else:
            raise BadArgument(
                f"`wrt` must be a position, a name or a sequence of them, not {item!r}", hint=hint
            )
    if not out:
        raise BadArgument("`wrt` names no parameter", hint=hint)
    if not paths and any(isinstance(item, str) and item not in parameters for item in items):
        out = list(dict.fromkeys(out))
    routes = [found for name in out if (found := route(name)) is not None]
    if any(a.overlaps(b) for i, a in enumerate(routes) for b in routes[:i]):
        raise BadArgument("`wrt` names a parameter twice", hint=hint)
    return out, single


def root_of(name: str) -> str:
    """The parameter that a part of `wrt` belongs to."""
    return name.root if isinstance(name, Route) else name


def wanted_part(function: Callable[..., Any], name: str, kind: Kind, value: Any) -> Kind:
    """The kind of the part of an argument that `wrt` names.

    Raises:
        BadArgument: if the argument has no such part.
    """
    if not isinstance(name, Route):
        return kind
    found = resolved(name, kind)
    try:
        for step in name.steps if found is not None else ():
            value = getattr(value, step[0]) if isinstance(step, tuple) else value[step]
    except LookupError:
        found = None
    if found is None:
        raise BadArgument(
            f"the argument `{name.root}` of `{function.__name__}` has no part `{name}`",
            hint="A path names attributes, and items by constant keys.",
        )
    return found.leaf


def bound_arguments(
    function: types.FunctionType,
    signature: inspect.Signature,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, ...]:
    """The value of each parameter of a call, defaults included.

    Raises:
        BadArgument: if Python would not take the call; the words are Python's own.
    """
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        raise BadArgument(
            words_of_python(function, signature, args, kwargs),
            hint=f"Its signature is {signature}.",
        ) from None
    bound.apply_defaults()
    return tuple(bound.arguments[p] for p in signature.parameters)


def words_of_python(
    function: types.FunctionType,
    signature: inspect.Signature,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> str:
    """What Python says of a call with wrong arguments, asked of an empty function like it."""
    plain = [
        p.replace(annotation=p.empty, default=p.empty if p.default is p.empty else None)
        for p in signature.parameters.values()
    ]
    namespace: dict[str, Any] = {}
    exec(f"def empty{inspect.Signature(plain)}: pass", namespace)
    empty = namespace["empty"]
    empty.__qualname__ = function.__qualname__
    try:
        empty(*args, **kwargs)
    except TypeError as e:
        return str(e)
    return f"{function.__qualname__}() cannot be called so"


def check_wanted(function: Callable[..., Any], name: str, kind: Kind) -> None:
    """Refuse to differentiate by what is no number, nor a container of some."""
    if isinstance(kind, Record):
        for k, item in zip(kind.keys, kind.items, strict=True):
            if not is_constant(item):
                step = f".{k.label}" if isinstance(k, (Field, Position)) else f"[{k!r}]"
                check_wanted(function, f"{name}{step}", item)
        return
    if isinstance(kind, List):
        if kind.item is not None and not is_constant(kind.item):
            check_wanted(function, f"{name}[...]", kind.item)
        return
    if isinstance(kind, (Scalar, Array)) and kind.dtype.kind in "fc":
        return
    raise BadArgument(
        f"`{function.__name__}` cannot be differentiated by `{name}`, which is {described(kind)}",
        hint="Pass a float, an array of floats, or a list, tuple, dict or object of them.",
    )


def is_constant(kind: Kind) -> bool:
    """Whether a leaf of a nested argument has no gradient, and may stand in it all the same."""
    if isinstance(kind, (Scalar, Array)):
        return kind.dtype.kind in "biu"
    if not isinstance(kind, Static):
        return False
    value = kind.value
    plain = attributes(value) is None and callable(value)
    return value is None or isinstance(value, (str, bytes, bool, int)) or plain


def described(kind: Kind) -> str:
    """A kind in words that say its type."""
    match kind:
        case Opaque(why=why):
            return why or "an unknown value"
        case Static(value=None | bool() as value):
            return repr(value)
        case Static(value=str() as value):
            return f"the str {value!r}"
        case Static(value=value):
            return f"of the type {type(value).__name__}"
    return describe(kind)


def written_parameters(typed: Typed) -> list[str]:
    """The parameters whose memory a function may write."""
    aliases = summarise(typed)
    return [p for p in typed.parameters if p in aliases.parent and aliases.is_written(p)]


def disjoint_pairs(typed: Typed) -> list[tuple[str, str]]:
    """Pairs of parameters of which one is written: they must not share memory."""
    aliases = summarise(typed)
    written = written_parameters(typed)
    holders = [p for p, k in typed.parameters.items() if isinstance(k, (Array, List, Record))]
    nested = [p for p in written if may_be_tangled(typed, aliases, p)]
    return [(p, q) for p in written for q in holders if p != q or p in nested]


@dataclass(frozen=True)
class Held:
    """A container or array that a text reads by a name outside of its function.

    Attributes:
        label: the name.
        value: what it stands for.
    """

    label: str
    value: Any


Apart = tuple[str, str | Held]


def checked_pairs(
    function: Callable[..., Any],
    typed: Typed,
    arguments: dict[str, Any] | None,
    outside: dict[str, tuple[Function, str]],
) -> list[Apart]:
    """Pairs that must not share memory, after a look at the arguments at hand.

    Args:
        function: the user's function.
        typed: its normal form.
        arguments: its arguments; None if they are not at hand.
        outside: names in the text that stand for globals and cells of functions.

    Returns:
        Parameters that are written, each with another parameter or something held outside.

    Raises:
        BadValue: if two of them do share memory.
    """
    if arguments is None:
        return []
    written = written_parameters(typed)
    values = [Held(name, owner.lookup(name)) for owner, name in outside.values() if written]
    held = [h for h in values if isinstance(h.value, (np.ndarray, list, dict, tuple))]
    apart: list[Apart] = [*disjoint_pairs(typed), *((p, h) for p in written for h in held)]
    for a, b in apart:
        one = arguments[a]
        other = b.value if isinstance(b, Held) else arguments[b]
        if tangled(one) if a == b else shares(one, other):
            label = b.label if isinstance(b, Held) else b
            which = f"which shares memory with `{label}`"
            if a == b:
                which = "a part of which shares memory with another part of it"
            raise BadValue(
                f"`{function.__name__}` writes into `{a}`, {which}",
                hint=f"Pass a copy of `{a}`.",
            )
    return apart


def may_be_tangled(typed: Typed, aliases: Aliases, p: str) -> bool:
    """Whether it matters that two parts of an argument share memory."""
    kind = typed.parameters[p]
    if isinstance(kind, Array):
        return False
    root = aliases.find(p)
    writes = [w for r, found in aliases.changed().items() if aliases.find(r) == root for w in found]
    items = kind.items if isinstance(kind, Record) else (getattr(kind, "item", None),)
    inner = any(map(has_container, items))
    return inner or not all(writes_container(typed, w) for w in writes)


def tangled(value: Any) -> bool:
    """Whether two parts of an argument may share memory."""
    inside = [id(c) for c in containers(value)]
    held = list(arrays(value))
    return len(set(inside)) < len(inside) or any(
        np.may_share_memory(a, b) for i, a in enumerate(held) for b in held[:i]
    )


def shares(a: Any, b: Any) -> bool:
    """Whether two arguments may share memory."""
    if {id(c) for c in containers(a)} & {id(c) for c in containers(b)}:
        return True
    left, right = list(arrays(a)), list(arrays(b))
    return any(np.may_share_memory(x, y) for x in left for y in right)


def containers(value: Any) -> Iterator[Any]:
    """The lists, dicts and objects in a value, which can change in place."""
    if isinstance(value, np.ndarray):
        return
    if isinstance(value, dict):
        yield value
        inner = list(value.values())
    elif isinstance(value, (list, tuple)):
        if isinstance(value, list):
            yield value
        inner = list(value)
    else:
        held = attributes(value)
        if held is None:
            return
        yield value
        inner = list(held.values())
    for v in inner:
        yield from containers(v)


def arrays(value: Any) -> Iterator[np.ndarray]:
    """The arrays in a value."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from arrays(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from arrays(v)
    elif (held := attributes(value)) is not None:
        for v in held.values():
            yield from arrays(v)
