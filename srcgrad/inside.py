"""Derivatives as parts of other functions: their texts for the kinds of arguments alone."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.arguments import Apart, check_wanted, root_of, written_parameters
from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.printing import printed
from srcgrad.dispatch import Specialisation, build, written_by_user
from srcgrad.errors import BadArgument, InternalError, SrcgradError, Unsupported
from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, numeric
from srcgrad.lower.base.derived import Derivative
from srcgrad.lower.base.facts import Facts, observe
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.routes import Route, resolved
from srcgrad.lower.base.unforeseen import place_of
from srcgrad.pipeline import forward_module


def finished(
    module: Module,
    half: Half,
    kinds: dict[str, Kind],
    world: World,
    apart: list[Apart],
    call: Callable[[dict[str, Any], Any], Callable[..., Any]] | None = None,
) -> Specialisation:
    """A specialisation that runs the last function of a module.

    Args:
        module: the module.
        half: its last function.
        kinds: the kind of each argument.
        world: what was known when it was made.
        apart: arguments, and what each must not share memory with.
        call: makes what runs of the generated namespace and the last function; by default that
            function, called by position.
    """
    text = printed(module, half)
    namespace, function = build(text)
    reads = [
        (label, owner, name, observe(owner.lookup(name), "", None, name=name))
        for label, (owner, name) in module.origins.items()
    ]
    clauses = list(world.facts.clauses)
    run = by_position(function) if call is None else call(namespace, function)
    return Specialisation(text, run, namespace, kinds, clauses, reads, apart, world, function)


def check_within(
    function: types.FunctionType, names: Sequence[str], kinds: dict[str, Kind]
) -> None:
    """Refuse a gradient that cannot be a part of another function.

    Args:
        function: what is differentiated.
        names: what it is differentiated by.
        kinds: the kind of each argument.

    Raises:
        SrcgradError: if it cannot.
    """
    label = function.__name__
    for w in names:
        found = resolved(w, kinds[root_of(w)]) if isinstance(w, Route) else None
        if isinstance(w, Route) and found is None:
            what = f"the argument `{w.root}` of `{label}` has no part `{w}`"
            raise BadArgument(what, hint="A path names attributes, and items by constant keys.")
        part = found.leaf if found is not None else kinds[w]
        if is_whole(part) or (isinstance(part, Static) and type(part.value) is int):
            what = f"`{label}` is differentiated by `{w}`, which is an int here"
            raise BadArgument(what, hint="Pass a float.")
        check_wanted(function, w, part)


def check_closed(function: types.FunctionType, typed: Typed, world: World) -> None:
    """Refuse, as a part of another function, one that changes an argument or a global.

    Raises:
        Unsupported: if the function does.
    """
    written = written_parameters(typed)
    if written or world.written:
        changed = f"its argument `{written[0]}`" if written else "a global"
        raise Unsupported(
            f"`{function.__name__}` changes {changed}, and its derivative is called here",
            hint=f"Let `{function.__name__}` change a copy.",
        )


class Tangent(Derivative):
    """The value of a function and its derivative along a direction, as a part of another one.

    Args:
        function: the function, or a derivative.
        varied: the names of the arguments that have a direction.
    """

    def __init__(self, function: types.FunctionType | Derivative, varied: tuple[str, ...]) -> None:
        self.function = function
        self.varied = varied

    @property
    def called_as(self) -> str:
        """The name that its text has."""
        known = isinstance(self.function, Derivative)
        label = self.function.called_as if known else self.function.__name__  # type: ignore[union-attr]
        return f"{label.strip('<>')}_jvp"

    def parameters_of(self) -> inspect.Signature:
        """The arguments of the function, and the directions."""
        f = self.function
        own = f.parameters_of() if isinstance(f, Derivative) else inspect.signature(f)
        plain = inspect.Parameter.POSITIONAL_OR_KEYWORD
        given = [p.replace(kind=plain, default=p.empty) for p in own.parameters.values()]
        return inspect.Signature(
            given + [inspect.Parameter(direction(v, own), plain) for v in self.varied]
        )

    def bound(self) -> tuple[Any, ...]:
        """What is bound to a derivative that is the function."""
        return self.function.bound() if isinstance(self.function, Derivative) else ()

    def directions(self) -> frozenset[str]:
        """Those of the arguments that are directions."""
        names = list(self.parameters_of().parameters)
        return frozenset(names[len(names) - len(self.varied) :])

    def generated(self, kinds: dict[str, Kind], world: World) -> types.FunctionType:
        """The text for arguments and directions of these kinds."""
        names = list(kinds)
        own = {p: kinds[p] for p in names[: len(names) - len(self.varied)]}
        for v, d in zip(self.varied, names[len(own) :], strict=True):
            if not alike(own[v], kinds[d], world.facts):
                what = f"the tangent of `{v}` is not of the kind that `{v}` is of"
                raise BadArgument(what, hint="Give it the shape and the type of the argument.")
        inner = world.within()
        plain: Any = self.function
        if isinstance(plain, Derivative):
            plain = plain.generated(own, inner)
        title = self.called_as
        module, half, typed = guarded(
            plain, lambda: forward_module(plain, own, list(self.varied), inner, title=title)
        )
        if not isinstance(self.function, Derivative):  # whose text changes none of its arguments
            check_closed(self.function, typed, inner)
        made = finished(module, half, kinds, inner, [])
        world.inner.append(made)
        function: types.FunctionType = made.bare
        return function


def direction(variable: str, signature: inspect.Signature) -> str:
    """The name of a direction, which no argument has."""
    label = f"{variable}_dot"
    while label in signature.parameters:
        label += "_"
    return label


def alike(a: Kind, b: Kind, facts: Facts) -> bool:
    """Whether a direction can be one of an argument, as far as their kinds tell."""
    b = numeric(b) or b
    match a, b:
        case Scalar(dtype=own), Scalar(dtype=given):
            return own == given and own.kind in "fc"
        case Array(dims=[*_] as own), Array(dims=[*_] as given):
            fits = a.dtype == b.dtype and a.dtype.kind in "fc" and len(own) == len(given)
            return fits and all(facts.equal(m, n) for m, n in zip(own, given, strict=True))
        case Record(), Record() if a.type is b.type and a.keys == b.keys:
            return all(alike(m, n, facts) for m, n in zip(a.items, b.items, strict=True))
        case List(item=Scalar() as item), Record(type=made, items=items) if made is list:
            return all(alike(item, i, facts) for i in items)
        case List(item=Scalar() as item), List(item=Scalar() as given):
            return alike(item, given, facts)
    return False


def is_whole(kind: Kind) -> bool:
    """Whether an argument is an int or an array of ints: its gradient is that at the same float."""
    return isinstance(kind, (Scalar, Array)) and kind.dtype.kind in "iu"


def by_position(function: Any) -> Callable[..., Any]:
    """A function that takes all of its arguments by position, those by keyword only too."""
    code = function.__code__
    count = code.co_argcount
    names = code.co_varnames[count : count + code.co_kwonlyargcount]
    if not names:
        return function
    return lambda *args: function(*args[:count], **dict(zip(names, args[count:], strict=True)))


def guarded(function: Callable[..., Any], work: Callable[[], Any]) -> Any:
    """Run the pipeline; whatever is unforeseen ends as one clear error."""
    label = getattr(function, "__name__", "f")
    try:
        return work()
    except SrcgradError as e:
        e.location = written_by_user(e.location)
        raise
    except RecursionError:
        raise InternalError(f"`{label}` is nested too deeply") from None
    except Exception as e:  # noqa: BLE001  (raised again as an error that shows the user's line)
        what = f"`{label}` met an error inside srcgrad: {type(e).__name__}: {e}"
        error = InternalError(what, place_of(e))
        error.origin = e
        raise error from None
