"""What those who are new to srcgrad try first: the messages that they get, and what they print."""

import functools
import json
import math
import statistics

import numpy as np
import pytest

from srcgrad import check_grad, grad, value_and_grad, vjp
from srcgrad.errors import BadArgument, NoRule, NotScalar, SourceNotFound, Unsupported

X = np.array([1.0, 2.0, 0.5])
GENERATOR = np.random.default_rng(1)


def scaled(a, b=3.0, *, k=2.0, n=2):
    return np.sum(a**n) * k * b


def partly(a, x):
    return np.sum(a * x)


class Squared:
    def __call__(self, x):
        return x * x


def positive(a):
    return np.sum(a) > 0


def largest(a):
    return np.argmax(a)


def zero_or_more(a):
    if a[0] < 0.0:
        return 0
    return a[0] ** 2


def bessel(a):
    return np.sum(np.i0(a))


def drawn(mu):
    return GENERATOR.normal(mu, 1.0) ** 2


def noisy(x):
    return x * GENERATOR.normal()


def parsed(a):
    return json.loads("[1.0]")[0] * a[1]


def averaged(a):
    return statistics.mean(a)


def stable(a):
    return np.logaddexp.reduce(a)


def values(a):
    yield from a


def numbered(a):
    return sum(i * v for i, v in enumerate(values(a)))


def constant(a):
    return np.sum(np.i0(X)) * a[0]


def test_keywords_are_kept():
    for df in (grad(scaled, "k"), value_and_grad(scaled)):
        for text in (df.source, df.source_for(X, k=1.0)):
            assert "(a, b=3.0, *, k=2.0, n=2):" in text
    df = grad(scaled, "k")
    assert df(X, k=5.0) == df.specialise(X)(X, 3.0, k=7.0) == 15.75
    with pytest.raises(TypeError):
        df.specialise(X)(X, 3.0, 7.0)
    assert grad(grad(scaled, "k"), "b")(X) == 5.25
    whole = np.array([1, 2])
    np.testing.assert_array_equal(grad(scaled).specialise(whole)(whole, k=1.0), [6.0, 12.0])


def test_pullback_with_keywords():
    value, pull = vjp(scaled, X)
    assert value == scaled(X)
    np.testing.assert_allclose(pull(1.0)[0], 12.0 * X)


def test_keywords_are_exported(tmp_path):
    file = tmp_path / "made.py"
    grad(scaled).export(file, example=((X,), {"k": 1.0}))
    namespace = {}
    exec(file.read_text(encoding="utf-8"), namespace)
    np.testing.assert_array_equal(namespace["scaled_grad"](X, k=1.0), 6.0 * X)


def test_check_grad_takes_keywords_and_ints():
    check_grad(scaled, X)
    check_grad(scaled, X, k=5.0)
    check_grad(scaled, X, k=5.0, wrt="k")
    check_grad(scaled, np.array([1, 2]), wrt=0)
    check_grad(partly, np.array([1, 2]), np.array([2, 1]))


def test_check_grad_of_what_draws_anew():
    with pytest.raises(BadArgument, match="gives another value at each call"):
        check_grad(noisy, 1.0)


@pytest.mark.parametrize(("function", "what"), [(positive, "a bool"), (largest, "an int")])
def test_results_without_derivative(function, what):
    with pytest.raises(NotScalar, match=f"returns {what}, which has no derivative"):
        grad(function)(X)


def test_an_int_on_one_path():
    np.testing.assert_array_equal(grad(zero_or_more)(-X), np.zeros(3))
    np.testing.assert_array_equal(grad(zero_or_more)(X), [2.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (functools.partial(partly, x=X), "def f(a): return partly(a, x=...)"),
        (functools.partial(partly, X), "def f(x): return partly(..., x)"),
        (Squared(), "grad(it.__call__)"),
        (np.sum, "return np.sum(x)"),
        (np.linalg.norm, "return np.linalg.norm(x)"),
        (math.sin, "return math.sin(x)"),
    ],
)
def test_functions_without_source(function, hint):
    with pytest.raises(SourceNotFound) as found:
        grad(function)
    assert hint in str(found.value)


@pytest.mark.parametrize(
    ("function", "argument", "error", "words"),
    [
        (bessel, X, NoRule, "`np.i0` has no derivative rule"),
        (drawn, 1.0, Unsupported, "mu + sigma * rng.normal(size=...)"),
        (parsed, X, NoRule, "`json.loads` has no derivative rule"),
        (averaged, X, NoRule, "`statistics.mean` has no derivative rule"),
        (stable, X, NoRule, "m + np.log(np.sum(np.exp(x - m)))"),
        (numbered, X, Unsupported, "a generator is used as a value here"),
        (constant, X, NoRule, "read the result as a global"),
    ],
)
def test_words(function, argument, error, words):
    with pytest.raises(error) as found:
        grad(function)(argument)
    assert words in str(found.value)
    assert found.value.location.file == __file__


def test_source_before_a_call_says_that_it_is_general():
    df = grad(partly)
    assert df.source.startswith("# For arguments of any rank. Leaner")
    assert "# For arguments of any rank" in repr(grad(partly))
    assert len(df.line_map) == df.source.count("\n")
    assert not df.source_for(X, X).startswith("#")
