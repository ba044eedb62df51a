"""What is checked of one program of the corpus: both modes, differences, second order, texts."""

import ast
import dataclasses
import functools
import itertools
import os
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from srcgrad import grad, jvp, value_and_grad, vjp
from tests import balance
from tests.differences import directional, gradient, held_by, is_record, leaves
from tests.programs import PROGRAMS, Program
from tests.trees import bits, random_like, zeros_like

ALL_TEXTS = os.environ.get("ALL_TEXTS") == "1"


def is_scalar(program: Program) -> bool:
    """Tell whether the program returns a single number."""
    value = program.function(*program.arguments())
    nested = isinstance(value, dict | list | tuple) or is_record(value)
    return not nested and np.ndim(value) == 0


def tangents_of(program: Program) -> tuple[Any, ...]:
    """Return random tangents for what the program is differentiated by, zeros for the rest."""
    rng = np.random.default_rng(zlib.crc32(program.name.encode()) + 1)
    pairs = enumerate(program.arguments())
    return tuple(
        random_like(value, rng) if i in program.positions() else zeros_like(value)
        for i, value in pairs
    )


def cotangent_of(program: Program) -> Any:
    """Return 1 for a program that returns a number, else a random cotangent."""
    if is_scalar(program):
        return 1.0
    rng = np.random.default_rng(zlib.crc32(program.name.encode()) + 2)
    return random_like(program.function(*program.arguments()), rng)


def reverse(program: Program, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return one gradient for each argument in `wrt`, by `grad` or, without a number, `vjp`."""
    if is_scalar(program):
        return gradient_function(program.name)(*args)
    _, pullback = vjp(program.function, *args)
    cotangents = pullback(cotangent_of(program))
    return tuple(cotangents[i] for i in program.positions())


@functools.cache
def gradient_function(name: str) -> Any:
    """Return `grad` of a program, made once."""
    program = PROGRAMS[name]
    return grad(program.function, wrt=program.wrt)


def dot(left: Any, right: Any) -> tuple[float, float]:
    """Return the inner product of two trees, and the sum of its terms' sizes."""
    right_leaves = dict(leaves(right))
    terms = [
        np.asarray(leaf, float) * np.asarray(right_leaves[path], float)
        for path, leaf in leaves(left)
        if leaf is not None and right_leaves[path] is not None
    ]
    return float(sum(map(np.sum, terms))), float(sum(np.sum(np.abs(t)) for t in terms))


def check_structure(have: Any, argument: Any, *, top: bool = True) -> None:
    """Assert that a gradient has the structure, shapes and dtypes of its argument."""
    if isinstance(argument, dict):
        assert list(have) == list(argument)
        for key, item in argument.items():
            check_structure(have[key], item, top=False)
    elif isinstance(argument, list | tuple):
        assert type(have) is type(argument)
        for h, item in zip(have, argument, strict=True):
            check_structure(h, item, top=False)
    elif is_record(argument):
        same = dataclasses.is_dataclass(argument)
        assert type(have) is (type(argument) if same else SimpleNamespace)
        check_structure(held_by(have), held_by(argument))
    elif isinstance(argument, np.ndarray):
        assert isinstance(have, np.ndarray)
        assert (have.dtype, have.shape) == (argument.dtype, argument.shape)
    elif isinstance(argument, np.floating):
        assert isinstance(have, np.floating)
        assert have.dtype == argument.dtype
    elif isinstance(argument, float) or (top and isinstance(argument, int)):
        assert isinstance(have, float)
    else:
        assert have is None


def assert_close(have: Any, want: Any) -> None:
    """Assert that two trees agree to the last few bits (to four digits in single precision)."""
    for (path, h), (other, w) in zip(leaves(have), leaves(want), strict=True):
        assert path == other
        assert (h is None) == (w is None)
        if w is not None:
            single = getattr(w, "dtype", None) == np.float32
            scale = np.max(np.abs(w), initial=0.0)
            np.testing.assert_allclose(
                h, w, rtol=1e-4 if single else 1e-11, atol=(1e-4 if single else 1e-11) * scale
            )


def reverse_equals_differences(program):
    found = reverse(program, program.arguments())
    assert isinstance(found, tuple)
    for position, have in zip(program.positions(), found, strict=True):
        table = dict(leaves(have))
        wants = gradient(program.function, program.arguments(), position, cotangent_of(program))
        for path, want, error in wants:
            gap = np.abs(np.asarray(table[path], float) - want)
            assert np.all(gap <= error + 1e-8 * (1.0 + np.abs(want))), (program.wrt, path)


def forward_equals_reverse(program):
    tangents = tangents_of(program)
    _, tangent = jvp(program.function, program.arguments(), tangents)
    along = tuple(tangents[i] for i in program.positions())
    want, size = dot(reverse(program, program.arguments()), along)
    have, other_size = dot(cotangent_of(program), tangent)
    single = any(getattr(x, "dtype", None) == np.float32 for _, x in leaves(program.arguments()))
    assert abs(have - want) <= (1e-4 if single else 1e-9) * (size + other_size)


def second_order_equals_differences(program):
    function = gradient_function(program.name)
    tangents = tangents_of(program)
    first, second = jvp(function, program.arguments(), tangents)
    assert_close(first, function(*program.arguments()))
    table = dict(leaves(second))
    for path, want, error in directional(function, program.arguments(), tangents):
        gap = np.abs(np.asarray(table[path], float) - want)
        assert np.all(gap <= error + 1e-6 * (1.0 + np.abs(want))), path


def value_is_that_of_the_function(program):
    want = program.function(*program.arguments())
    if is_scalar(program):
        both = value_and_grad(program.function, wrt=program.positions())
        value, found = both(*program.arguments())
        assert_close(found, gradient_function(program.name)(*program.arguments()))
    else:
        value, _ = vjp(program.function, *program.arguments())
    assert bits(value) == bits(want)
    value, _ = jvp(program.function, program.arguments(), tangents_of(program))
    assert bits(value) == bits(want)


def arguments_end_as_the_function_leaves_them(program):
    want = program.arguments()
    program.function(*want)
    have = program.arguments()
    reverse(program, have)
    assert bits(have) == bits(want)
    have = program.arguments()
    jvp(program.function, have, tangents_of(program))
    assert bits(have) == bits(want)


def gradients_belong_to_the_caller(program):
    args = program.arguments()
    found = reverse(program, args)
    for position, have in zip(program.positions(), found, strict=True):
        check_structure(have, program.arguments()[position])
    ours = [leaf for _, leaf in leaves(found) if isinstance(leaf, np.ndarray)]
    theirs = [leaf for _, leaf in leaves(args) if isinstance(leaf, np.ndarray)]
    assert all(leaf.flags.writeable for leaf in ours)
    assert not any(np.shares_memory(a, b) for a, b in itertools.product(ours, theirs))
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(ours, 2))


def repeated_calls_give_the_same_bytes(program):
    first = bits(reverse(program, program.arguments()))
    assert first == bits(reverse(program, program.arguments()))
    _, pullback = vjp(program.function, *program.arguments())
    cotangent = cotangent_of(program)
    assert bits(pullback(cotangent)) == bits(pullback(cotangent))


def pullback_equals_gradient(program):
    with balance.checked():
        _, pullback = vjp(program.function, *program.arguments())
        cotangents = pullback(1.0)
    assert len(cotangents) == len(program.arguments())
    args = program.arguments()
    for i, want in zip(program.positions(), gradient_function(program.name)(*args), strict=True):
        if not isinstance(args[i], int):
            assert_close(cotangents[i], want)


def convention_at_kinks(program):
    np.testing.assert_array_equal(
        reverse(program, program.arguments())[0], program.gradient, strict=False
    )


def text_is_the_same_twice(program):
    first = gradient_function(program.name).source_for(*program.arguments())
    second = grad(program.function, wrt=program.wrt).source_for(*program.arguments())
    assert first == second
    ast.parse(first)
    assert max(map(len, first.splitlines())) < 100


def checks_of(program: Program) -> Iterator[Callable[[Program], None]]:
    """Yield the checks that a program is for."""
    scalar = is_scalar(program)
    if program.smooth:
        yield reverse_equals_differences
        yield forward_equals_reverse
    if program.gradient is not None:
        yield convention_at_kinks
    yield value_is_that_of_the_function
    yield arguments_end_as_the_function_leaves_them
    yield gradients_belong_to_the_caller
    yield repeated_calls_give_the_same_bytes
    if scalar:
        yield pullback_equals_gradient
    if scalar and program.smooth and program.order >= 2:
        yield second_order_equals_differences
    # Another generation of every text takes a minute: a fixed third is enough as a rule.
    if scalar and (ALL_TEXTS or zlib.crc32(f"again {program.name}".encode()) % 3 == 0):
        yield text_is_the_same_twice
