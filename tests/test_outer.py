"""Lists and dicts from outside are left as the function leaves them, call after call."""

import copy

import numpy as np
import pytest

from srcgrad import grad, jvp, value_and_grad, vjp
from srcgrad.errors import Unsupported
from tests.programs import PROGRAMS
from tests.trees import bits

SEEN = [1.0]
STATE = {"n": 1.0, "rows": [[1.0], [2.0]]}
ARRAYS = [np.ones(3)]
X = np.array([0.5, -1.0, 2.0])


def counted(x):
    SEEN.append(2.0)
    return np.sum(x**2) * len(SEEN)


def noted(x):
    s = np.sum(x**2)
    SEEN.append(s)
    return s * x[0] * SEEN[-1]


def stepped(x):
    STATE["n"] += 1.0
    STATE["rows"][0].append(STATE["n"])
    return np.sum(x**2) * STATE["n"] * sum(STATE["rows"][0])


def note(v):
    SEEN.append(2.0)
    return v * len(SEEN)


def by_a_helper(x):
    s = 0.0
    for v in x:
        s = s + note(v * v)
    return s


def emptied(x):
    SEEN.clear()
    SEEN.extend([3.0, 1.0])
    SEEN.sort()
    SEEN.insert(0, 4.0)
    return np.sum(x**2) * SEEN[0] * SEEN[1]


def kept(x):
    ARRAYS.append(2.0 * x)
    return np.sum(ARRAYS[-1] ** 2) * len(ARRAYS)


def by_default(x, seen=[0.0]):  # noqa: B006
    seen.append(1.0)
    return np.sum(x**2) * len(seen)


FUNCTIONS = [counted, noted, stepped, by_a_helper, emptied, kept, by_default]


def state():
    """All that the functions above change."""
    return SEEN, STATE, ARRAYS, by_default.__defaults__


@pytest.fixture(autouse=True)
def at_first():
    """The globals as they were before a test."""
    SEEN[:] = [1.0]
    STATE.update(n=1.0, rows=[[1.0], [2.0]])
    ARRAYS[:] = [np.ones(3)]
    by_default.__defaults__[0][:] = [0.0]


def pulled(function):
    value, pull = vjp(function, X.copy())
    assert bits(pull(1.0)) == bits(pull(1.0))
    return value


OPERATORS = {
    "reverse": lambda f: value_and_grad(f)(X.copy())[0],
    "halves": pulled,
    "forward": lambda f: jvp(f, (X.copy(),), (X,))[0],
    "second": lambda f: jvp(value_and_grad(f), (X.copy(),), (X,))[0][0],
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_three_calls(function, operator):
    before = copy.deepcopy(state())
    values = [function(X.copy()) for _ in range(3)]
    want = bits(state())
    for now, old in zip(state()[::2], before[::2], strict=True):
        now[:] = old
    STATE.clear()
    STATE.update(before[1])
    by_default.__defaults__[0][:] = before[3][0]
    assert [OPERATORS[operator](function) for _ in range(3)] == values
    assert bits(state()) == want


def second_name(x):
    seen = SEEN
    seen.append(3.0)
    return np.sum(x**2) * len(SEEN)


def array_written_afterwards(x):
    z = 2.0 * x
    ARRAYS.append(z)
    z[0] = z[1] * z[2]
    return np.sum(z**2)


def again(v, n):
    SEEN.append(v)
    return v if n == 0 else v * again(1.1 * v, n - 1)


def recursion(x):
    return again(x[0], 2) * SEEN[-1]


@pytest.mark.parametrize("function", [second_name, array_written_afterwards, recursion])
def test_what_cannot_be_followed_is_refused(function):
    for run in (value_and_grad(function), lambda x: jvp(function, (x,), (x,))):
        with pytest.raises(Unsupported, match=r"this changes memory that|changes `SEEN`"):
            run(X.copy())


@pytest.mark.parametrize(
    "name",
    ["given_rows_change_places", "arrays_of_a_given_dict_replaced", "given_dict_loses_an_item"],
)
def test_reverse_of_a_gradient_that_puts_back_what_it_changed(name):
    program = PROGRAMS[name]
    with pytest.raises(Unsupported, match="puts back"):
        vjp(grad(program.function), *program.arguments())
