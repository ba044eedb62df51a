"""How each library is asked for a gradient: as its own documentation says.

All libraries get the same function and fresh arguments. A result that is not one number counts as
the sum of all floats in it. Nested arguments are handed over in plain Python containers, their
floats one by one, so that a library need know nothing of containers.
"""

import importlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.scoreboard.reference import Place, ones_like, places, sum_of_floats
from tests.differences import held_by, is_float, is_record, leaves, replaced
from tests.programs import Program

Answer = tuple[float, dict[Place, Any]]
Ask = Callable[[Program, tuple[Any, ...]], Answer]


def place_all(args: tuple[Any, ...], values: dict[Place, Any]) -> list[Any]:
    """Return the arguments with other leaves at some places."""
    out = list(args)
    for (position, path), value in values.items():
        out[position] = replaced(out[position], path, value)
    return out


def numbers(tree: Any, is_traced: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield the floats of a result, and the numbers that a library traces."""
    if is_traced(tree) or is_float(tree):
        yield tree
    elif isinstance(tree, dict):
        for item in tree.values():
            yield from numbers(item, is_traced)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from numbers(item, is_traced)
    elif is_record(tree):
        yield from numbers(held_by(tree), is_traced)


def by_place(program: Program, trees: tuple[Any, ...]) -> dict[Place, Any]:
    """Return the leaves of gradients that have the structure of their arguments."""
    return {
        (position, path): leaf
        for position, tree in zip(program.positions(), trees, strict=True)
        for path, leaf in leaves(tree)
    }


def substitute(numpy: types.ModuleType) -> None:
    """Let another module stand for numpy in the modules of the corpus.

    Each global of these modules that is numpy, a part of it or a function of it is replaced.
    """
    parts = {"": numpy}
    for part in ("linalg", "fft", "random"):
        parts[part] = getattr(numpy, part, None)
    same = {id(np): numpy}
    for part, module in parts.items():
        ours = getattr(np, part) if part else np
        same[id(ours)] = module
        same |= {id(f): getattr(module, n, f) for n, f in vars(ours).items() if callable(f)}
    for label, module in sys.modules.items():
        if label.startswith("tests.programs.") and not label.endswith(".registry"):
            for name, value in list(vars(module).items()):
                if not name.startswith("__") and same.get(id(value)) is not None:
                    setattr(module, name, same[id(value)])


def one_number(
    program: Program,
    args: tuple[Any, ...],
    where: list[Place],
    is_traced: Callable[[Any], bool],
    numpy: Any,
) -> Callable[[list[Any]], Any]:
    """Return a function of the floats at some places, with one number as its result."""

    def function(values: list[Any]) -> Any:
        result = program.function(*place_all(args, dict(zip(where, values, strict=True))))
        parts = list(numbers(result, is_traced))
        if len(parts) == 1 and np.shape(parts[0]) == ():
            return parts[0]
        return sum(numpy.sum(p) for p in parts)

    return function


def srcgrad() -> Ask:
    """Ask srcgrad."""
    from srcgrad import value_and_grad, vjp  # noqa: PLC0415

    def ask(program: Program, args: tuple[Any, ...]) -> Answer:
        result = program.function(*program.arguments())
        if is_float(result) and np.ndim(result) == 0:
            value, found = value_and_grad(program.function, wrt=program.positions())(*args)
        else:
            value, pullback = vjp(program.function, *args)
            every = pullback(ones_like(result))
            found = tuple(every[i] for i in program.positions())
        return sum_of_floats(value), by_place(program, found)

    return ask


def autograd() -> Ask:
    """Ask autograd, with `autograd.numpy` for numpy."""
    from autograd import numpy as anp  # noqa: PLC0415
    from autograd import value_and_grad  # noqa: PLC0415
    from autograd.tracer import isbox  # noqa: PLC0415

    substitute(anp)

    def ask(program: Program, args: tuple[Any, ...]) -> Answer:
        floats = dict(places(program, args))
        function = one_number(program, args, list(floats), isbox, anp)
        value, found = value_and_grad(function)(list(floats.values()))
        return float(value), dict(zip(floats, found, strict=True))

    return ask


def jax() -> Ask:
    """Ask JAX in double precision, with `jax.numpy` for numpy and arrays of its own."""
    import jax  # noqa: PLC0415
    from jax import numpy as jnp  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    substitute(jnp)

    def is_traced(leaf: Any) -> bool:
        return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)

    def ask(program: Program, args: tuple[Any, ...]) -> Answer:
        arrays = {
            (i, path): jnp.asarray(leaf)
            for i, tree in enumerate(args)
            for path, leaf in leaves(tree)
            if isinstance(leaf, np.ndarray)
        }
        floats = dict(places(program, args))
        args = tuple(place_all(args, arrays))
        function = one_number(program, args, list(floats), is_traced, jnp)
        value, found = jax.value_and_grad(function)(list(floats.values()))
        return float(value), {w: np.asarray(g) for w, g in zip(floats, found, strict=True)}

    return ask


def mygrad() -> Ask:
    """Ask MyGrad: the function as it is, called with tensors."""
    import mygrad  # noqa: PLC0415

    def ask(program: Program, args: tuple[Any, ...]) -> Answer:
        tensors = {place: mygrad.tensor(leaf) for place, leaf in places(program, args)}
        # What is handed over are copies, so that the function may overwrite its arguments.
        result = program.function(*place_all(args, {p: +t for p, t in tensors.items()}))
        both = list(numbers(result, lambda x: isinstance(x, mygrad.Tensor)))
        parts = [x for x in both if isinstance(x, mygrad.Tensor)]
        plain = [x for x in both if not isinstance(x, mygrad.Tensor)]
        if not parts:
            raise TypeError("the result is no tensor")
        whole = parts[0] if len(parts) == 1 else sum(mygrad.sum(p) for p in parts)
        whole.backward()
        value = sum_of_floats([*plain, *(np.asarray(p.data) for p in parts)])
        return value, {place: t.grad for place, t in tensors.items()}

    return ask


def tangent() -> Ask:
    """Ask Tangent, which reads the source of the function as srcgrad does."""
    import tangent  # noqa: PLC0415

    def ask(program: Program, args: tuple[Any, ...]) -> Answer:
        function = tangent.grad(program.function, wrt=program.positions(), preserve_result=True)
        tops = {place: leaf for place, leaf in places(program, args) if not place[1]}
        *found, value = function(*place_all(args, tops))
        return sum_of_floats(value), by_place(program, tuple(found))

    return ask


LIBRARIES: dict[str, Callable[[], Ask]] = {
    "srcgrad": srcgrad,
    "autograd": autograd,
    "tangent": tangent,
    "jax": jax,
    "mygrad": mygrad,
}
TITLES = {
    "srcgrad": "srcgrad",
    "autograd": "autograd",
    "tangent": "Tangent",
    "jax": "JAX",
    "mygrad": "MyGrad",
}
PACKAGES = {
    "srcgrad": "srcgrad",
    "autograd": "autograd",
    "tangent": "tangent-ad",
    "jax": "jax",
    "mygrad": "mygrad",
}


def version(library: str) -> str:
    """Return the installed version of a library."""
    return importlib.import_module("importlib.metadata").version(PACKAGES[library])
