"""What is refused, and the exact error: class, file, line, caret, and what to do instead."""

import inspect
import math
import pickle
import re
import warnings

import numpy as np
import pytest

from srcgrad import check_grad, grad, jvp, value_and_grad, vjp
from srcgrad.errors import (
    BadArgument,
    BadValue,
    NoRule,
    NotScalar,
    SourceNotFound,
    SrcgradError,
    Unsupported,
)
from tests.refusals import REFUSALS

MODES = {
    "reverse": lambda function, args, _: grad(function)(*args),
    "forward": jvp,
}


def refusal(name, mode):
    """Return the error that a refused function raises in one mode."""
    entry = REFUSALS[name]
    tangents = tuple(ones_like(argument) for argument in entry.args)
    with pytest.raises(SrcgradError) as caught:
        MODES[mode](entry.function, entry.args, tangents)
    return caught.value


def ones_like(value):
    if isinstance(value, dict):
        return {key: ones_like(item) for key, item in value.items()}
    if isinstance(value, list):
        return [ones_like(item) for item in value]
    return None if isinstance(value, int) else value * 0 + 1.0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", REFUSALS)
def test_refused_at_the_users_line(name, mode):
    entry = REFUSALS[name]
    error = refusal(name, mode)
    text = str(error)
    assert type(error) is entry.error, text
    assert entry.fragment in text.splitlines()[0]
    place = re.search(r'^  File "(.*)", line (\d+)\n    (.*)\n    (\s*)(\^+)$', text, re.MULTILINE)
    assert place is not None, text
    file, line, shown, before, _ = place.groups()
    assert file == inspect.getsourcefile(entry.function)
    assert (
        inspect.getsource(inspect.getmodule(entry.function)).splitlines()[int(line) - 1].strip()
        == shown
    )
    assert entry.code in shown
    assert len(before) < len(shown)
    assert error.hint.strip(), text
    assert error.hint.splitlines()[0] in text


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_before_any_call(name):
    entry = REFUSALS[name]
    before = pickle.dumps(entry.args)
    refusal(name, "reverse")
    assert pickle.dumps(entry.args) == before


class NoMatrix(np.ndarray):
    """A subclass of ndarray with a meaning of its own."""


def square_of(x):
    return x * x


def mean_square(x, scale=1.0):
    return np.mean(x * x) * scale


def text_length(x, label):
    return x * len(label)


def matrix_and_text(p):
    return np.sum(p["w"] ** 2)


def pair(x):
    return x, x * 2.0


def nothing(x):
    x * x


def raises(error, call, *fragments):
    """Assert that the call raises exactly this error, with all the fragments in its text."""
    with pytest.raises(SrcgradError) as caught:
        call()
    assert type(caught.value) is error, caught.value
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_function_that_returns_an_array():
    raises(NotScalar, lambda: grad(square_of)(np.ones(3)), "square_of", "(3,)")
    raises(NotScalar, lambda: value_and_grad(square_of)(np.ones((2, 3))), "square_of", "(2, 3)")
    raises(NotScalar, lambda: grad(square_of)(np.ones(1)), "square_of", "(1,)")
    assert issubclass(NotScalar, ValueError)


def test_function_that_returns_no_number():
    raises(NotScalar, lambda: grad(pair)(2.0), "pair", "tuple")
    raises(NotScalar, lambda: grad(nothing)(2.0), "nothing", "None")


def test_wrt_that_names_no_argument():
    for call in (grad, value_and_grad):
        raises(BadArgument, lambda call=call: call(mean_square, wrt="y"), "mean_square", "'y'", "x")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=("x", "y")), "'y'")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=2), "mean_square", "2")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=(0, 7)), "7")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=None), "wrt")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=1.5), "wrt")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=()), "wrt")
        raises(BadArgument, lambda call=call: call(mean_square, wrt=(0, "x")), "twice")
    assert issubclass(BadArgument, TypeError)


def test_argument_that_is_not_numeric():
    raises(BadArgument, lambda: grad(text_length, wrt=1)(2.0, "abc"), "label", "str")
    raises(BadArgument, lambda: grad(square_of)("abc"), "`x`", "str")
    raises(BadArgument, lambda: grad(square_of)(None), "`x`", "None")
    raises(BadArgument, lambda: grad(matrix_and_text)({"w": object()}), "p['w']", "object")


def test_arrays_that_are_not_supported():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.matrix([[1.0, 2.0]])
    raises(BadArgument, lambda: grad(mean_square)(matrix), "x", "matrix")
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    raises(BadArgument, lambda: grad(mean_square)(masked), "x", "MaskedArray")
    raises(BadArgument, lambda: grad(mean_square)(np.ones(2).view(NoMatrix)), "x", "NoMatrix")
    raises(
        BadArgument, lambda: grad(mean_square)(np.array([1.0, 2.0], dtype=object)), "x", "object"
    )
    raises(BadArgument, lambda: grad(mean_square)(np.array(["a"])), "x", "str")
    raises(NotScalar, lambda: grad(mean_square)(np.ones(2, dtype=complex)), "complex")
    raises(NotScalar, lambda: grad(mean_square)(1.0 + 2.0j), "complex")


def test_functions_without_source():
    raises(SourceNotFound, lambda: grad(len)([1.0]), "len")
    raises(SourceNotFound, lambda: grad(math.sin)(1.0), "sin")
    raises(SourceNotFound, lambda: grad(np.exp)(1.0), "exp")
    raises(SourceNotFound, lambda: grad(np.sum)(np.ones(3)), "sum")
    namespace = {}
    exec("def unseen(x):\n    return x * x\n", namespace)
    raises(SourceNotFound, lambda: grad(namespace["unseen"])(1.0), "unseen")
    assert issubclass(SourceNotFound, OSError)


def test_what_is_no_function():
    raises(BadArgument, lambda: grad(3.0), "function")
    raises(BadArgument, lambda: grad("square_of"), "function")
    raises(BadArgument, lambda: grad(square_of(2.0)), "function")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"z": 2.0}), ((1.0,), {"x": 2.0})],
)
def test_wrong_number_of_arguments(args, kwargs):
    with pytest.raises(TypeError) as expected:
        mean_square(*args, **kwargs)
    with pytest.raises(TypeError) as caught:
        grad(mean_square)(*args, **kwargs)
    assert str(expected.value) in str(caught.value)


def test_tangents_that_do_not_fit():
    x = np.ones(3)
    raises(BadArgument, lambda: jvp(mean_square, (x,), ()), "tangent")
    raises(BadArgument, lambda: jvp(mean_square, (x,), (np.ones(3), 1.0)), "tangent")
    raises(BadValue, lambda: jvp(mean_square, (x,), (np.ones(4),)), "x", "(3,)", "(4,)")
    raises(BadArgument, lambda: jvp(matrix_and_text, ({"w": x},), ({"v": x},)), "p")
    raises(BadArgument, lambda: jvp(mean_square, x, x), "tuple")


def test_cotangents_that_do_not_fit():
    _, pullback = vjp(square_of, np.ones(3))
    raises(BadValue, lambda: pullback(np.ones(4)), "(3,)", "(4,)")
    raises(BadArgument, lambda: pullback("a"), "str")


def test_check_grad_takes_the_same_arguments():
    check_grad(mean_square, np.array([0.4, 1.2]))
    raises(BadArgument, lambda: check_grad(mean_square, np.ones(2), wrt="y"), "'y'")
    raises(NotScalar, lambda: check_grad(square_of, np.ones(2)), "square_of", "(2,)")


def fails(x):
    y = x * x
    return y[5] + y[0]


def positive_root(x):
    if x < 0.0:
        raise ValueError(f"negative: {x}")
    return np.sqrt(x)


def test_an_error_of_the_users_own_passes_unchanged():
    with pytest.raises(IndexError) as expected:
        fails(np.ones(3))
    with pytest.raises(IndexError) as caught:
        grad(fails)(np.ones(3))
    assert str(caught.value) == str(expected.value)
    assert not isinstance(caught.value, SrcgradError)
    assert any("return y[5]" in note for note in getattr(caught.value, "__notes__", []))
    with pytest.raises(IndexError) as caught:
        jvp(fails, (np.ones(3),), (np.ones(3),))
    assert any("return y[5]" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("call", [grad(positive_root), lambda x: vjp(positive_root, x)])
def test_an_exception_that_the_user_raises_passes_unchanged(call):
    call(2.0)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (notes are part of what it matches)
        call(-1.0)
    assert type(caught.value) is ValueError
    assert str(caught.value) == "negative: -1.0"
    file = inspect.getsourcefile(positive_root)
    assert any(file in note and "raise ValueError" in note for note in caught.value.__notes__)


def pops(xs):
    xs[0] += xs.pop()
    return xs[0]


def test_pop_in_an_item_that_is_augmented_is_refused():
    raises(Unsupported, lambda: grad(pops)([0.7, 1.2]), "pop", "xs.pop()")


def test_every_error_derives_from_the_base_class():
    for error in (Unsupported, NoRule, NotScalar, BadArgument, BadValue, SourceNotFound):
        assert issubclass(error, SrcgradError)
    assert issubclass(Unsupported, NotImplementedError)
    assert issubclass(NoRule, Unsupported)


def drawn_twice(x, seed):
    rng = np.random.default_rng(seed)
    y = x * 1.0
    rows = [y]
    rows[0][1] *= x[0]
    z = y[:2]
    z *= rng.normal() * y[0]
    return np.sum(y * x) * rng.normal()


@pytest.mark.parametrize(
    "seed", [None, True, np.random.default_rng(1)], ids=["None", "bool", "rng"]
)
def test_numbers_are_drawn_again_with_a_whole_seed_only(seed):
    with pytest.raises(Unsupported, match="again"):
        vjp(drawn_twice, np.array([0.7, 1.3, 0.4]), seed)
    _, pullback = vjp(drawn_twice, np.array([0.7, 1.3, 0.4]), 3)
    np.testing.assert_array_equal(pullback(1.0)[0], pullback(1.0)[0])
