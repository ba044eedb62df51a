"""The object that `grad` returns."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.arguments import (
    Wrt,
    bound_arguments,
    check_wanted,
    checked_pairs,
    names_of,
    plain_function,
    root_of,
    wanted_part,
)
from srcgrad.assemble.module import Half, Module
from srcgrad.dispatch import Dispatcher, Specialisation
from srcgrad.errors import (
    BadArgument,
    BadValue,
    NotScalar,
    SrcgradError,
    brief,
)
from srcgrad.export import module_text, write_atomically
from srcgrad.inside import check_closed, check_within, finished, guarded, is_whole
from srcgrad.kinds import Array, Kind, Scalar, Static
from srcgrad.lower.base.derived import Derivative
from srcgrad.lower.base.facts import observe_argument
from srcgrad.lower.base.program import Typed, World
from srcgrad.pipeline import reverse_module, seeded_module

GENERAL = "# For arguments of any rank. Leaner, for arguments at hand: source_for(...)\n"


class Gradient(Derivative):
    """A function that computes a gradient, and whose source can be read.

    It is called like the function it was made from. Code is generated at the first call that
    brings arguments of new kinds (types, dtypes, ranks), and kept.

    Attributes:
        source: the code for numeric arguments of any rank.
        line_map: for each line of the latest code, the user's (file, line, column) or None.
    """

    def __init__(
        self, function: Callable[..., Any], wrt: Wrt, *, value: bool, again: bool = False
    ) -> None:
        self._inner = function if isinstance(function, Gradient) else None
        self._function, self._bound = plain_function(innermost(function))
        signature = inspect.signature(self._function)
        self._parameters = tuple(signature.parameters)
        self._value = value
        self._again = again
        self._wrt = wrt
        self._names, self._single = names_of(
            wrt, self._parameters[len(self._bound) :], self._function, paths=True
        )
        functools.update_wrapper(
            self, self._function, assigned=("__module__", "__doc__"), updated=()
        )
        label = self._function.__name__.strip("<>")
        self.__name__ = f"{label}_{'value_and_grad' if value else 'grad'}"
        self.__signature__ = inspect.signature(innermost(function))
        self.__wrapped__ = function
        self._dispatcher = Dispatcher(self._parameters, self._make)
        simple = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        plain = all(p.kind in simple for p in signature.parameters.values())
        self._count = len(self._parameters) if plain and not self._bound else -1
        self._last: Specialisation | None = None
        self._twin: Gradient | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient at these arguments."""
        if kwargs or len(args) != self._count:
            args = self._positional(args, kwargs)
        try:
            return self._dispatcher.fast(*args)
        except SrcgradError as e:
            raise e.with_traceback(None)  # noqa: B904  (frames of the library help nobody)
        except Exception as e:
            self._dispatcher.annotate(e)
            raise

    def _positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        signature = inspect.signature(self._function)
        return bound_arguments(self._function, signature, (*self._bound, *args), kwargs)

    def _make(self, arguments: dict[str, Any]) -> Specialisation:
        world = World()
        given = {p: observe_argument(v, p, world.facts) for p, v in arguments.items()}
        promoted = [w for w in self._names if w in given and is_whole(given[w])]
        arguments |= {w: as_float(arguments[w]) for w in promoted}
        kinds = given | {w: observe_argument(arguments[w], w, world.facts) for w in promoted}
        for w in self._names:
            root = root_of(w)
            part = wanted_part(self._function, w, kinds[root], arguments[root])
            check_wanted(self._function, w, part)
        found = self._specialised(kinds, world, arguments)
        if promoted:
            found.kinds = given
            found.function = promoting(
                found.function, [self._parameters.index(w) for w in promoted]
            )
        return found

    def _specialised(
        self, kinds: dict[str, Kind], world: World, arguments: dict[str, Any] | None
    ) -> Specialisation:
        module, half, typed = guarded(
            self._function, lambda: self._generate(kinds, world, arguments)
        )
        apart = checked_pairs(self._function, typed, arguments, module.origins)
        self._last = found = guarded(
            self._function, lambda: finished(module, half, kinds, world, apart)
        )
        return found

    @property
    def called_as(self) -> str:
        """The name that its text has."""
        name: str = self.__name__
        return name

    def bound(self) -> tuple[Any, ...]:
        """The object of a method."""
        return self._bound

    def parameters_of(self) -> inspect.Signature:
        """The arguments that its text takes."""
        return inspect.signature(self._function)

    def generated(self, kinds: dict[str, Kind], world: World) -> types.FunctionType:
        """The text for arguments of these kinds, in a function that calls this gradient."""
        check_within(self._function, self._names, kinds)
        inner = world.within()
        module, half, typed = guarded(
            self._function, lambda: self._generate(kinds, inner, None, within=True)
        )
        check_closed(self._function, typed, inner)
        if inner.vague and not self._again:
            again = Gradient(self.__wrapped__, self._wrt, value=self._value, again=True)
            return again.generated(kinds, world)
        made = finished(module, half, kinds, inner, [])
        world.inner.append(made)
        function: types.FunctionType = made.bare
        return function

    def _generate(
        self,
        kinds: dict[str, Kind],
        world: World,
        arguments: dict[str, Any] | None,
        *,
        within: bool = False,
    ) -> tuple[Module, Half, Typed]:
        title = self.called_as
        if self._inner is None:
            return reverse_module(
                self._function,
                kinds,
                self._names,
                world,
                value=self._value,
                single=self._single,
                title=title,
                again=self._again,
            )
        return self._tower(kinds, world, arguments, title, within=within)

    def _tower(
        self,
        kinds: dict[str, Kind],
        world: World,
        arguments: dict[str, Any] | None,
        title: str,
        *,
        within: bool = False,
    ) -> tuple[Module, Half, Typed]:
        """The gradient of a gradient: forward mode over the gradient by what is wanted here.

        The derivatives of d f / d v by w are those of d f / d w by v, so that the tape of the inner
        reverse sweep is never differentiated backwards.
        """
        inner = self._inner
        assert inner is not None
        variable = inner._names[0]
        if inner._value or not inner._single or not isinstance(kinds.get(variable), Scalar):
            raise NotScalar(
                f"the gradient of `{self._function.__name__}` by {', '.join(inner._names)} "
                "is not one float",
                hint="Use jvp of grad for products with the Hessian.",
            )
        if arguments is None and not within:
            raise BadArgument(
                "the arguments decide this gradient", hint="Specialise first: source_for(...)."
            )
        order = self._names if self._single else tuple(self._names)
        first = Gradient(
            inner._inner or inner._function, order[0] if self._single else order, value=False
        )
        value = self._value and self._names == inner._names
        if arguments is None:
            bare = first.generated(kinds, world)
        else:
            found = first.transformable(tuple(arguments.values()))
            world.facts.clauses |= dict.fromkeys(found.clauses)
            world.inner.append(found)
            bare = found.bare
        return seeded_module(bare, kinds, variable, world, title=title, value=value)

    def transformable(self, args: tuple[Any, ...]) -> Specialisation:
        """The specialisation for all arguments whose text can be differentiated again.

        Where what callees record has no kind, they compute those values again instead.
        """
        found = self._dispatcher.find(args)
        if self._again or found.world is None or not found.world.vague:
            return found
        if self._twin is None:
            self._twin = Gradient(self.__wrapped__, self._wrt, value=self._value, again=True)
        return self._twin._dispatcher.find(args)

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialisation:
        return self._dispatcher.find(self._positional(args, kwargs))

    @property
    @brief
    def source(self) -> str:
        """The code for numeric arguments of any rank; a note where that does not settle it.

        Its first line is a comment that says so.
        """
        world = World()
        kinds: dict[str, Kind] = {}
        for p, parameter in inspect.signature(self._function).parameters.items():
            if parameter.default is not parameter.empty and p not in self._names:
                kinds[p] = observe_argument(parameter.default, "", None, name=p)
            else:
                kinds[p] = Array(np.dtype(float), None)
        for p, v in zip(self._parameters, self._bound, strict=False):
            kinds[p] = Static(v)
        try:
            made = self._specialised(kinds, world, None)
        except SrcgradError as e:
            words = "\n".join(f"# {line}" for line in str(e).splitlines())
            first = "# The kinds of the arguments decide this gradient."
            return f"{first}\n{words}\n# Specialise first: source_for(...)\n"
        text = made.text
        made.text = replace(text, source=GENERAL + text.source, line_map=(None, *text.line_map))
        return made.text.source

    @brief
    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """The code for arguments of these kinds."""
        return self._find(args, kwargs).text.source

    @brief
    def specialise(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """The code for arguments of these kinds, as a bare function without guard."""
        found = self._find(args, kwargs)
        function = found.function
        if found.bare is not None and found.bare.__code__.co_kwonlyargcount:
            function = called_like(found.bare, function)
        return function if not self._bound else functools.partial(function, *self._bound)

    @brief
    def export(self, path: str | Path, example: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
        """Write a module that needs numpy alone.

        Args:
            path: the file; it is written atomically.
            example: positional and keyword arguments of the kinds that it is for.

        Raises:
            BadArgument: if the function needs an object that cannot be written as text.
        """
        if not (
            isinstance(example, tuple)
            and len(example) == 2
            and isinstance(example[0], tuple)
            and isinstance(example[1], dict)
        ):
            raise BadArgument(
                "`example` must be a pair of positional and keyword arguments",
                hint="export(path, example=((x, y), {})), with a tuple and a dict.",
            )
        if not Path(path).parent.is_dir():
            raise BadValue(
                f"there is no folder `{Path(path).parent}`", hint="Make it first, then export."
            )
        args, kwargs = example
        found = self._find(args, kwargs)
        write_atomically(Path(path), module_text(found, self._function))

    @property
    def line_map(self) -> tuple[tuple[str, int, int] | None, ...]:
        """For each line of the latest code, the user's (file, line, column), or None."""
        if self._last is None:
            return ()
        return self._last.text.line_map

    def __repr__(self) -> str:
        text = self._last.text.source if self._last is not None else self.source
        names = ", ".join(self._names)
        return f"<gradient of {self._function.__name__} with respect to {names}>\n\n{text}"

    def _repr_html_(self) -> str:
        return f"<pre><code class='language-python'>{escape(repr(self))}</code></pre>"


def as_float(value: Any) -> Any:
    """An int as a float, an array of ints as one of floats."""
    return value.astype(float) if isinstance(value, (np.ndarray, np.generic)) else float(value)


def called_like(shown: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that takes all arguments by position, called by the signature of another."""
    signature = inspect.signature(shown)

    @functools.wraps(shown)
    def run(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return function(*(bound.arguments[p] for p in signature.parameters))

    return run


def promoting(function: Callable[..., Any], positions: list[int]) -> Callable[..., Any]:
    """A function that gets some of its arguments as floats."""

    @functools.wraps(function)
    def run(*args: Any) -> Any:
        return function(*(as_float(a) if i in positions else a for i, a in enumerate(args)))

    return run


def innermost(function: Callable[..., Any]) -> Callable[..., Any]:
    """The user's function below a tower of gradients."""
    while isinstance(function, Gradient):
        function = function.__wrapped__
    return function
