"""The operators: `grad`, `value_and_grad`, `vjp`, `jvp`, `explain`."""

from __future__ import annotations

import copy
import inspect
import threading
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.arguments import Wrt, bound_arguments, checked_pairs, names_of, plain_function
from srcgrad.dispatch import Dispatcher, Specialisation
from srcgrad.errors import BadArgument, BadValue, brief
from srcgrad.gradient import Gradient, as_float
from srcgrad.inside import Tangent, by_position, finished, guarded, is_whole
from srcgrad.kinds import Field, Kind, Record, may_be_active
from srcgrad.lower.base.derived import DIRECTED, ELSEWHERE, OPERATORS
from srcgrad.lower.base.facts import observe, observe_argument
from srcgrad.lower.base.program import World
from srcgrad.lower.memory.aliases import summarise
from srcgrad.pipeline import forward_module, stages, vjp_module
from srcgrad.snapshots import Snapshot, arrays_in, bound_to, globals_of, unchanged
from srcgrad.structure import apart, fits, like, like_sequence, rebuilt, without_gaps

_lock = threading.RLock()
_dispatchers: weakref.WeakKeyDictionary[Any, dict[Any, Dispatcher]] = weakref.WeakKeyDictionary()


def grad(function: Callable[..., Any], wrt: Wrt = 0) -> Gradient:
    """The gradient of a function that returns one float.

    Args:
        function: a plain Python function over floats, arrays, and containers and objects of them.
        wrt: what to differentiate by: a position, a name, a path into an argument
            (`"params['w']"`, `"model.layers[0].w"`), or a sequence of them.

    Returns:
        A function of the same arguments that returns the gradient, in the structure and dtype
        of the argument (a tuple of them if `wrt` is a sequence): a dataclass for a dataclass, a
        namespace for a plain object, None for a part that is no number. Its code is in
        `.source_for(*args)`.

    Raises:
        BadArgument: if `wrt` names no parameter, or an argument is of a kind without derivative.
        NotScalar: if the function returns anything but one float.
        Unsupported: if the function uses what cannot be differentiated; the error names the line.

    Example:
        >>> import numpy as np
        >>> def energy(x):
        ...     return np.sum(x**2)
        >>> grad(energy)(np.array([1.0, 2.0]))
        array([2., 4.])
    """
    return Gradient(function, wrt, value=False)


def value_and_grad(function: Callable[..., Any], wrt: Wrt = 0) -> Gradient:
    """Like `grad`, but the result is the pair of value and gradient.

    Args:
        function: a plain Python function that returns one float.
        wrt: what to differentiate by.

    Example:
        >>> def cube(x):
        ...     return x * x * x
        >>> value_and_grad(cube)(2.0)
        (8.0, 12.0)
    """
    return Gradient(function, wrt, value=True)


OPERATORS[grad] = grad
OPERATORS[value_and_grad] = value_and_grad


def remembered(function: Any, key: Any, make: Callable[[], Dispatcher]) -> Dispatcher:
    """The dispatcher of an operator on a function; kept as long as the function is."""
    with _lock:
        table = _dispatchers.setdefault(function, {})
        if key not in table:
            table[key] = make()
        return table[key]


def primal_of(
    function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any] | None = None
) -> tuple[Any, tuple[Any, ...], int]:
    """The plain function below an operator, all its arguments, and how many are bound to it."""
    given = kwargs or {}
    if isinstance(function, Gradient):
        full = function._positional(tuple(args), given)
        return function.transformable(full).bare, full, len(function._bound)
    plain, bound = plain_function(function)
    signature = inspect.signature(plain)
    return plain, bound_arguments(plain, signature, (*bound, *args), given), len(bound)


@brief
def jvp(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    wrt: Wrt | None = None,
) -> tuple[Any, Any]:
    """The value of a function and its derivative along a direction (forward mode).

    Args:
        function: a plain Python function, or a gradient.
        primals: its arguments.
        tangents: the direction, one for each argument in the argument's structure (for an
            object anything with the same attributes); None for what does not vary.
        wrt: the arguments that vary; by default those whose tangent is not None.

    Returns:
        The value and the tangent of the value, which has its structure.

    Raises:
        BadArgument: if there are not as many tangents as primals.
        BadValue: if a tangent does not have the shape of its argument.

    Example:
        >>> def square(x):
        ...     return x * x
        >>> jvp(square, (3.0,), (1.0,))
        (9.0, 6.0)
    """
    check_directions(primals, tangents)
    plain, args, first = primal_of(function, primals)
    names = tuple(inspect.signature(plain).parameters)
    table = dict(zip(names[first:], tangents, strict=False))
    varied = [n for n, t in table.items() if t is not None]
    if wrt is not None:
        varied = names_of(wrt, names, plain)[0]
    values = dict(zip(names, args, strict=True))
    values |= {n: promoted(values[n]) for n in varied}
    args = tuple(values.values())
    for n in varied:
        fits(table.get(n), values[n], f"the tangent of `{n}`")
        table[n] = like(without_gaps(table.get(n), values[n]), values[n])
    varied = [n for n in varied if may_be_active(observe_argument(values[n], "", None, name=n))]
    dispatcher = remembered(
        plain,
        ("jvp", tuple(varied)),
        lambda: Dispatcher(names, lambda a: jvp_for(plain, a, varied)),
    )
    try:
        value, tangent = dispatcher.fast(*args)(*args, *(table[n] for n in varied))
    except Exception as e:
        dispatcher.annotate(e)
        raise
    return value, apart(tangent, [table[n] for n in varied])


def check_directions(primals: Any, tangents: Any) -> None:
    """Refuse anything but two sequences of one length."""
    for given, what in ((primals, "arguments"), (tangents, "tangents")):
        if not isinstance(given, (tuple, list)):
            raise BadArgument(
                f"jvp takes its {what} in a tuple, not as a {type(given).__name__}",
                hint="Write jvp(f, (x,), (x_dot,)).",
            )
    if len(primals) != len(tangents):
        raise BadArgument(
            f"jvp got {len(primals)} primals and {len(tangents)} tangents",
            hint="Give one tangent for each argument.",
        )


def promoted(value: Any) -> Any:
    """An int that is to be differentiated by, as a float; anything else as it is."""
    return as_float(value) if is_whole(observe(value, "", None)) else value


def jvp_for(plain: Any, arguments: dict[str, Any], varied: list[str]) -> Specialisation:
    """A specialisation of `jvp`: it returns the generated function, which takes tangents too."""
    world = World()
    kinds = {p: observe_argument(v, p, world.facts) for p, v in arguments.items()}
    title = f"{plain.__name__.strip('<>')}_jvp"
    module, half, typed = guarded(
        plain, lambda: forward_module(plain, kinds, varied, world, title=title)
    )
    aliases = summarise(typed)
    written = [v in aliases.parent and aliases.is_written(v) for v in varied]
    packed = world.facts.relied_on()
    count = len(kinds)

    def call(_: dict[str, Any], made: Callable[..., Any]) -> Callable[..., Any]:
        if not any(written) and not packed:
            return lambda *_: made

        def run(*args: Any) -> Any:
            tangents = dict(zip(varied, map(own, written, args[count:]), strict=True))
            tangents |= {v: in_c_order(tangents[v]) for v in varied if v in packed}
            return made(*args[:count], *tangents.values())

        return lambda *_: run

    pairs = checked_pairs(plain, typed, arguments, module.origins)
    return guarded(plain, lambda: finished(module, half, kinds, world, pairs, call))


def in_c_order(tangent: Any) -> Any:
    """A tangent that lies in memory as its argument does, which is contiguous."""
    if not isinstance(tangent, np.ndarray) or tangent.flags.c_contiguous:
        return tangent
    return tangent.copy()


def own(written: bool, tangent: Any) -> Any:
    """A tangent that may be written to: a copy, whose parts share nothing with each other."""
    if not written:
        return tangent
    if isinstance(tangent, dict):
        return {k: own(written, v) for k, v in tangent.items()}
    if isinstance(tangent, (list, tuple)):
        return like_sequence(tangent, [own(written, v) for v in tangent])
    return copy.deepcopy(tangent)


@brief
def vjp(
    function: Callable[..., Any], *args: Any, wrt: Wrt | None = None
) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """The value of a function, and the function that pulls cotangents back (reverse mode).

    Args:
        function: a plain Python function; its result may be a number, an array, or a tuple or
            dict of them.
        args: its arguments.
        wrt: the arguments to differentiate by; by default all that hold floats.

    Returns:
        The value, and a function of a cotangent in the value's structure that gives a tuple
        with one cotangent for each argument (None for those without). It can be called any
        number of times, and keeps copies of what it reads: arguments, globals and the value may
        change meanwhile. An array that cannot be written to is not copied.

    Raises:
        BadValue: if a cotangent does not have the shape of the value.

    Example:
        >>> def square(x):
        ...     return x * x
        >>> value, pull = vjp(square, 3.0)
        >>> value, pull(1.0)
        (9.0, (6.0,))
    """
    plain, full, first = primal_of(function, args)
    names = tuple(inspect.signature(plain).parameters)
    values = dict(zip(names, full, strict=True))
    if wrt is not None:
        values |= {n: promoted(values[n]) for n in names_of(wrt, names, plain)[0]}
        full = tuple(values.values())
    kinds = {n: observe_argument(v, "", None, name=n) for n, v in values.items()}
    wanted = (
        [n for n in names if may_be_active(kinds[n])]
        if wrt is None
        else names_of(wrt, names, plain)[0]
    )
    dispatcher = remembered(
        plain,
        ("vjp", tuple(wanted)),
        lambda: Dispatcher(names, lambda a: vjp_for(plain, a, wanted)),
    )
    try:
        value, pull = dispatcher.fast(*full)
    except Exception as e:
        dispatcher.annotate(e)
        raise

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        fits(cotangent, value, "the cotangent")
        found = pull(like(cotangent, value))
        return tuple(found.get(n) for n in names[first : first + len(args)])

    return value, pull_back


def vjp_for(plain: Any, arguments: dict[str, Any], wanted: list[str]) -> Specialisation:
    """A specialisation of `vjp`: it returns the value and the function that pulls back."""
    world = World()
    kinds = {p: observe_argument(v, p, world.facts) for p, v in arguments.items()}
    module, pair, typed = guarded(plain, lambda: vjp_module(plain, kinds, wanted, world))
    names = list(arguments)
    primal = by_position(plain)

    def call(namespace: dict[str, Any], _: Any) -> Callable[..., Any]:
        forward = namespace[pair.forward] if pair.forward else None
        backward = namespace[pair.backward]
        where = [names.index(a) for a in pair.arguments]
        names_read = globals_of(backward)
        outer = names_read & module.origins.keys()
        shared = [
            (thing, n)
            for thing, n, _ in world.objects.values()
            if n in names_read and isinstance(thing, (type, types.ModuleType))
        ]

        def run(*args: Any) -> tuple[Any, Callable[[Any], dict[str, Any]]]:
            value, *recorded = forward(*args) if forward is not None else (primal(*args),)
            read = {n: namespace[n] for n in outer if n in namespace}
            own = Snapshot(arrays_in(value, args, read)).of(recorded)
            now = Snapshot()
            kept = [now.of(args[i]) for i in where]
            bound = bound_to(backward, now.of(read)) if read else backward
            held = [(thing, n, now.of(getattr(thing, n))) for thing, n in shared]

            def pull(cotangent: Any) -> dict[str, Any]:
                for thing, n, old in held:
                    if not unchanged(getattr(thing, n, None), old):
                        what = f"`{thing.__name__}.{n}`, which the pullback reads, has changed"
                        raise BadValue(what, hint="Call vjp again.")
                seeds = leaves_of(cotangent, typed.returns)
                found = bound(*kept, *own, *seeds)
                parts = found if len(pair.results) != 1 else (found,)
                table = dict(zip(pair.results, parts, strict=True))
                return {w: rebuilt((w,), kinds[w], table) for w in wanted}

            return value, pull

        return run

    pairs = checked_pairs(plain, typed, arguments, module.origins)
    last = module.halves[-1]
    return guarded(plain, lambda: finished(module, last, kinds, world, pairs, call))


def leaves_of(cotangent: Any, kind: Kind | None) -> list[Any]:
    """The parts of a cotangent that a backward half takes, in order."""
    if isinstance(kind, Record):
        return [
            e
            for k, i in zip(kind.keys, kind.items, strict=True)
            for e in leaves_of(item_of(cotangent, k), i)
        ]
    return [cotangent] if kind is not None and may_be_active(kind) else []


def item_of(value: Any, key: Any) -> Any:
    """An item of a nested value, or an attribute."""
    return getattr(value, key) if isinstance(key, Field) else value[key]


@brief
def explain(function: Callable[..., Any], *args: Any, wrt: Wrt = 0) -> str:
    """The source of a function after every pass of reverse mode.

    Args:
        function: a plain Python function.
        args: arguments of the kinds that it is to be explained for.
        wrt: what to differentiate by.

    Example:
        >>> def square(x):
        ...     return x * x
        >>> print(explain(square, 3.0).splitlines()[0])
        # parsed
    """
    plain, full, _ = primal_of(function, args)
    names = tuple(inspect.signature(plain).parameters)
    world = World()
    kinds = {p: observe_argument(v, p, world.facts) for p, v in zip(names, full, strict=True)}
    wanted, single = names_of(wrt, names, plain, paths=True)
    found = guarded(plain, lambda: stages(plain, kinds, wanted, world, single=single))
    return "\n\n".join(f"# {label}\n{text}" for label, text in found) + "\n"


DIRECTED[jvp] = Tangent
ELSEWHERE[vjp] = "Write grad(lambda x: np.sum(c * f(x)))(x), with the cotangent c."
ELSEWHERE[explain] = "Call it outside."
