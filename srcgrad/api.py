"""The operators: `grad`, `value_and_grad`, `vjp`, `jvp`, `explain`."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.dispatch import Dispatcher, Specialisation, build
from srcgrad.errors import BadArgument, BadValue, InternalError, NotScalar, SourceNotFound, SrcgradError
from srcgrad.export import module_text, write_atomically
from srcgrad.kinds import Array, Kind, List, Opaque, Record, Scalar, Static
from srcgrad.lower.aliases import summarise
from srcgrad.lower.facts import observe
from srcgrad.lower.join import describe
from srcgrad.lower.program import Typed, World
from srcgrad.pipeline import Text, printed, reverse_module

Wrt = int | str | Sequence[int | str]


class Gradient:
    """A function that computes a gradient, and whose source can be read.

    It is called like the function it was made from. Code is generated at the first call that
    brings arguments of new kinds (types, dtypes, ranks), and kept.

    Attributes:
        source: the code for numeric arguments of any rank.
        line_map: for each line of the code of the last specialisation, the user's (file, line, column) or None.
    """

    def __init__(self, function: Callable[..., Any], wrt: Wrt, *, value: bool) -> None:
        self._function, self._bound = plain_function(function)
        self._signature = inspect.signature(self._function)
        self._parameters = tuple(self._signature.parameters)
        self._value = value
        self._names, self._single = names_of(wrt, self._parameters[len(self._bound) :], self._function)
        functools.update_wrapper(self, self._function, assigned=("__module__", "__doc__"), updated=())
        self.__name__ = f"{self._function.__name__.strip('<>')}_grad"
        self.__signature__ = inspect.signature(function)
        self._dispatcher = Dispatcher(self._parameters, self._make)
        self._plain = all(p.kind is not p.KEYWORD_ONLY for p in self._signature.parameters.values())
        self._last: Specialisation | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient at these arguments."""
        if kwargs or self._bound or len(args) != len(self._parameters) or not self._plain:
            args = self._positional(args, kwargs)
        return self._dispatcher.fast(*args)

    def _positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = self._signature.bind(*self._bound, *args, **kwargs)
        except TypeError as e:
            raise BadArgument(f"{self._function.__name__}() {e}", hint=f"Its signature is {self._signature}.") from None
        bound.apply_defaults()
        return tuple(bound.arguments[p] for p in self._parameters)

    def _make(self, arguments: dict[str, Any]) -> Specialisation:
        world = World()
        kinds = {p: observe(v, p, world.facts) for p, v in arguments.items()}
        for w in self._names:
            check_wanted(self._function, w, kinds[w])
        return self._specialised(kinds, world, arguments)

    def _specialised(self, kinds: dict[str, Kind], world: World, arguments: dict[str, Any] | None) -> Specialisation:
        title = f"{self._function.__name__.strip('<>')}_{'value_and_grad' if self._value else 'grad'}"
        try:
            module, half, typed = reverse_module(
                self._function, kinds, self._names, world, value=self._value, single=self._single, title=title
            )
            text = printed(module, half)
            namespace, function = build(text)
        except SrcgradError:
            raise
        except RecursionError:
            raise InternalError(f"`{self._function.__name__}` is nested too deeply") from None
        except Exception as e:
            raise InternalError(f"`{self._function.__name__}` met an error inside srcgrad: {type(e).__name__}: {e}") from e
        reads = [
            (label, owner, name, observe(owner.lookup(name), "", None, name=name))
            for label, (owner, name) in module.origins.items()
        ]
        apart = disjoint_pairs(typed, arguments)
        if arguments is not None:
            for a, b in apart:
                from srcgrad.dispatch import shares

                if shares(arguments[a], arguments[b]):
                    raise BadValue(
                        f"`{self._function.__name__}` writes into `{a}`, which shares memory with `{b}`",
                        hint=f"Pass a copy of `{a}`.",
                    )
        out = Specialisation(text, function, namespace, kinds, list(world.facts.clauses), reads, apart, world)
        self._last = out
        return out

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialisation:
        return self._dispatcher.find(self._positional(args, kwargs))

    @property
    def source(self) -> str:
        """The code for numeric arguments of any rank; a note where that does not settle it."""
        world = World()
        kinds: dict[str, Kind] = {}
        for p, parameter in self._signature.parameters.items():
            if parameter.default is not parameter.empty and p not in self._names:
                kinds[p] = observe(parameter.default, "", None, name=p)
            else:
                kinds[p] = Array(np.dtype(float), None)
        for p, v in zip(self._parameters, self._bound, strict=False):
            kinds[p] = Static(v)
        try:
            return self._specialised(kinds, world, None).text.source
        except SrcgradError as e:
            words = "\n".join(f"# {line}" for line in str(e).splitlines())
            return f"# The kinds of the arguments decide this gradient.\n{words}\n# Specialise first: source_for(...)\n"

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        """The code for arguments of these kinds."""
        return self._find(args, kwargs).text.source

    def specialise(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """The code for arguments of these kinds, as a bare function without guard."""
        found = self._find(args, kwargs).function
        return found if not self._bound else functools.partial(found, *self._bound)

    def export(self, path: str | Path, example: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
        """Write a module that needs numpy alone.

        Args:
            path: the file; it is written atomically.
            example: positional and keyword arguments of the kinds that it is for.

        Raises:
            BadArgument: if the function needs an object that cannot be written as text.
        """
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
        return f"<gradient of {self._function.__name__} with respect to {', '.join(self._names)}>\n\n{text}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre><code class='language-python'>{escape(repr(self))}</code></pre>"


def plain_function(function: Callable[..., Any]) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """The plain function behind a callable, and the arguments that are bound to it."""
    if isinstance(function, types.MethodType) and isinstance(function.__func__, types.FunctionType):
        return function.__func__, (function.__self__,)
    if isinstance(function, types.FunctionType):
        return function, ()
    name = getattr(function, "__name__", type(function).__name__)
    if isinstance(function, (types.BuiltinFunctionType, np.ufunc)) or callable(function):
        raise SourceNotFound(
            f"`{name}` is not a plain Python function: it has no source to differentiate",
            hint=f"Wrap it: def f(x): return {name}(x)",
        )
    raise BadArgument(f"a function was expected, not {function!r}", hint="Pass the function itself.")


def names_of(wrt: Wrt, parameters: Sequence[str], function: Callable[..., Any]) -> tuple[list[str], bool]:
    """The parameters that `wrt` names, and whether it is a single one."""
    single = isinstance(wrt, (int, str, np.integer))
    items = [wrt] if single else list(wrt)  # type: ignore[arg-type,list-item]
    label = function.__name__
    hint = f"Its parameters are {', '.join(parameters) or 'none'}."
    out: list[str] = []
    for item in items:
        if isinstance(item, str):
            if item not in parameters:
                raise BadArgument(f"`{label}` has no parameter `{item}`", hint=hint)
            out.append(item)
        elif isinstance(item, (int, np.integer)) and not isinstance(item, bool):
            if not -len(parameters) <= item < len(parameters):
                raise BadArgument(f"`{label}` has no parameter at position {item}", hint=hint)
            out.append(parameters[item])
        else:
            raise BadArgument(f"`wrt` must be a position, a name or a sequence of them, not {item!r}", hint=hint)
    if not out:
        raise BadArgument("`wrt` names no parameter", hint=hint)
    if len(set(out)) != len(out):
        raise BadArgument("`wrt` names a parameter twice", hint=hint)
    return out, single


def check_wanted(function: Callable[..., Any], name: str, kind: Kind) -> None:
    """Refuse to differentiate by what is no number, nor a container of some."""
    if isinstance(kind, (Record, List)):
        return
    if isinstance(kind, (Scalar, Array)) and kind.dtype.kind == "f":
        return
    what = kind.why if isinstance(kind, Opaque) else describe(kind)
    raise BadArgument(
        f"`{function.__name__}` cannot be differentiated by `{name}`, which is {what}",
        hint="Pass a float, an array of floats, or a list, tuple or dict of them.",
    )


def disjoint_pairs(typed: Typed, arguments: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Pairs of parameters of which one is written: they must not share memory."""
    if arguments is None:
        return []
    aliases = summarise(typed)
    written = [p for p in typed.parameters if p in aliases.parent and aliases.is_written(p)]
    holders = [p for p, k in typed.parameters.items() if isinstance(k, (Array, List, Record))]
    return [(p, q) for p in written for q in holders if p != q]


def grad(function: Callable[..., Any], wrt: Wrt = 0) -> Gradient:
    """The gradient of a function that returns one float.

    Args:
        function: a plain Python function over floats, arrays and containers of them.
        wrt: what to differentiate by: a position, a name, or a sequence of them.

    Returns:
        A function of the same arguments that returns the gradient, in the structure and dtype of the
        argument (a tuple of them if `wrt` is a sequence). Its code is in `.source_for(*args)`.

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


__all__ = ["Gradient", "NotScalar", "grad", "value_and_grad"]
