"""A loss or gradient that is not finite: the error names the line where that began."""

import sys

import numpy as np
import pytest

from srcgrad import data, nn, optim
from srcgrad.errors import SrcgradError
from srcgrad.train import NotFinite, fit
from srcgrad.train.tracing import origin_of

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
X = np.array([1.0, 2.0, 3.0])


def normalised(z):
    raised = np.exp(z)
    return raised / np.sum(raised)  # here: inf / inf


def overflow(params, x):
    scaled = x * params["w"]
    masked = np.where(x > 0.0, np.log(np.abs(x)), 0.0)
    weights = normalised(scaled)
    return np.sum(weights * masked)


def root(params, x):
    moved = x - params["w"]
    distance = np.sqrt(np.sum(moved**2))  # here: no derivative
    return distance


def several_lines(params, x):
    return np.mean(
        x * np.log(params["w"] - 4.0)  # here: log of a negative number
        + 3.0
    )


def in_loop(params, x):
    h = np.zeros(3)
    for i in range(3):
        h[i] = np.log(x[i] - params["w"][i])  # here: in the last turn
    total = h.copy()
    return np.sum(total)


def masked_and_real(params, x):
    logs = np.log(x - 2.0)
    harmless = np.where(x > 2.0, logs, 0.0)
    ratio = (params["w"] - 1.0) / (x - x)  # here: 0 / 0
    return np.sum(harmless) + np.sum(ratio)


def of_layers(params, x):
    hidden = nn.relu(x * params["w"])
    return nn.cross_entropy(np.log(hidden - 9.0)[None, :], np.array([0]))  # here: log


def in_comprehension(params, x):
    parts = [np.sqrt(v) for v in x - 2.0 * params["w"]]  # here: of a negative number
    return parts[0] + parts[1] + parts[2]


def infinite(params, x):
    power = np.exp(1e3 * params["w"])  # here: overflow
    return np.sum(power * x)


def in_scalars(params, x):
    big = params["s"] * 1e308 * 10.0  # here: Python's own inf
    return big * np.sum(x)


def fine_until_later(params, x, rng):
    drawn = rng.random()
    ratio = params["w"] / (0.0 if drawn > 0.9 else 1.0)  # here: for the draw of a step
    return np.sum(ratio * x)


def here(function):
    """The line that is marked."""
    code = function.__code__
    with open(__file__, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return next(i + 1 for i in range(code.co_firstlineno, len(lines)) if "# here" in lines[i])


def failing(function, params=None, x=X, **more):
    with pytest.raises(NotFinite) as caught:
        fit(function, params or {"w": np.ones(3)}, x, optim.sgd(0.0), **more)
    return caught.value


@pytest.mark.parametrize(
    ("function", "params", "caret"),
    [
        (several_lines, None, 'np.log(params["w"] - 4.0)'),
        (in_loop, None, 'np.log(x[i] - params["w"][i])'),
        (masked_and_real, None, '(params["w"] - 1.0) / (x - x)'),
        (of_layers, None, "np.log(hidden - 9.0)"),
        (in_comprehension, None, "np.sqrt(v)"),
        (infinite, None, 'np.exp(1e3 * params["w"])'),
        (in_scalars, {"s": 1.0}, 'big = params["s"] * 1e308 * 10.0  # here: Python\'s own inf'),
    ],
)
def test_the_line_and_the_expression(function, params, caret):
    error = failing(function, params, X if function is not in_loop else np.array([3.0, 2.0, 0.0]))
    place = error.location
    assert (place.file, place.line) == (__file__, here(function))
    assert place.text[place.column : place.end_column] == caret
    kind = "infinite" if function in (infinite, in_scalars) else "nan"
    assert error.message == f"the loss became {kind} at step 0 (epoch 0, batch 0)"
    assert isinstance(error, (SrcgradError, FloatingPointError))


def test_the_whole_message():
    error = failing(overflow, {"w": np.full(3, 1000.0)})
    assert str(error).splitlines() == [
        "the loss became nan at step 0 (epoch 0, batch 0)",
        f'  File "{__file__}", line {here(normalised)}',
        "    return raised / np.sum(raised)  # here: inf / inf",
        "           ^^^^^^^^^^^^^^^^^^^^^^^",
        f"  An infinity arose before, in line {here(normalised) - 1}: raised = np.exp(z)",
    ]


def test_a_gradient_without_a_loss_that_is_not_finite():
    error = failing(root, {"w": X.copy()})
    assert (error.location.file, error.location.line) == (__file__, here(root))
    assert "the gradient by ['w'] became nan at step 0" in error.message
    assert "moved_bar" in error.hint


def test_a_batch_that_holds_nan():
    rows = np.ones((6, 3))
    rows[4, 1] = np.nan
    error = failing(root, {"w": np.zeros(3)}, data.arrays(rows).batch(2).map(lambda x: x[0]))
    assert "at step 2 (epoch 0, batch 2): the argument `x` holds nan" in error.message
    assert error.step == 2
    assert len(error.history) == 2
    assert np.array_equal(error.params["w"], np.zeros(3))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_parameter_that_is_not_finite(value):
    error = failing(root, {"w": np.array([0.0, value, 0.0])})
    word = "nan" if np.isnan(value) else "infinite"
    assert f"the parameter ['w'] is {word}" in error.message
    assert error.hint == "The first parameters are not finite."


def test_an_update_that_is_too_large():
    def square(params, x):
        return np.sum((params["w"] * x) ** 2)

    with pytest.raises(NotFinite) as caught:
        fit(square, {"w": np.ones(3)}, X, optim.sgd(1e300), epochs=9)
    assert caught.value.step > 0


def test_random_numbers_are_drawn_again():
    draws = [np.random.default_rng((4, i)).random() for i in range(200)]
    first = next(i for i, v in enumerate(draws) if v > 0.9)
    error = failing(fine_until_later, epochs=200, seed=4)
    assert error.step == first
    assert error.location.line == here(fine_until_later)


def test_a_loss_that_is_not_the_same_again():
    draws = iter([float("nan")])

    def function(params, x):
        return np.sum(params["w"] * x)

    rows = data.arrays(X).batch(3).map(lambda x: x * next(draws, 1.0))
    error = failing(function, x=rows)
    assert error.location is None
    assert "it was finite" in error.hint


def test_generators_and_errors_inside():
    def halves(values):
        for value in values:
            yield np.sqrt(value - 2.0)  # here: of a negative number

    def function(params, x):
        total = 0.0
        for v in halves(params["w"] * x):
            total = total + v
        return total

    origins = origin_of(function, ({"w": np.ones(3)}, X), lambda file: file == __file__)
    assert origins[0].line == here(halves)
    assert origin_of(lambda: 1 / 0, (), lambda _: True) == (None, None)


def test_the_tracer_of_a_debugger_stays():
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        failing(root, {"w": X.copy()})
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
