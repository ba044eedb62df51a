"""What statements do beside computing: messages, exceptions, files, locks, globals, names."""

import io
import logging
import math
import threading
import traceback
import warnings

import numpy as np
import pytest

from srcgrad import grad, jvp, value_and_grad, vjp
from srcgrad.errors import Unsupported

LOG = logging.getLogger(__name__)
LOCK = threading.Lock()
OUT = io.StringIO()

count = 0
last = 1.5
mean = np.zeros(2)


def reset():
    """Give the globals their first values."""
    global count, last, mean
    count, last, mean = 0, 1.5, np.zeros(2)


def noisy(x):
    LOG.warning("x is %s", x)
    warnings.warn(f"square of {x}", stacklevel=2)
    print("y", x * x, file=OUT)
    for k in range(2):
        OUT.write(f"{k};")
    return x * x


def counted(x):
    """Count calls."""
    global count  # noqa: PLW0603
    count = count + 1
    count += 1
    return x * x * 2.0


def folded(x):
    global last  # noqa: PLW0603
    for k in range(3):
        last = last * x + k
    return last * x


def averaged(x):
    global mean, fresh  # noqa: PLW0603
    fresh = x * 2.0
    mean = 0.9 * mean + 0.1 * np.array([x, x * x])
    return np.sum(mean * x) + fresh


def tick(x):
    global count  # noqa: PLW0603
    count += 1
    return x * 3.0


def ticking(x):
    for _ in range(3):
        x = tick(x) * x
    tick(2.0)
    return x


def half_way(x):
    global count  # noqa: PLW0603
    count = 5
    y = math.sqrt(x)
    count = 7
    return y


def wrapped(x):
    with LOCK:
        try:
            y = math.sqrt(x)
        except ValueError as error:
            raise RuntimeError(f"no root of {x}: {error}") from error
        finally:
            print("done", file=OUT)
    return y


def again(x):
    try:
        y = math.log(x) / (x - 2.0)
        y = y * math.sqrt(x - 0.1)
    except ArithmeticError:
        LOG.warning("division at %s", x)
        raise
    return y


def modes(function, x):
    """Run a function in every mode; yields the mode and the value and derivative, if any."""
    yield "grad", lambda: (None, grad(function)(x))
    yield "value_and_grad", lambda: value_and_grad(function)(x)
    yield "jvp", lambda: jvp(function, (x,), (1.0,))
    yield "vjp", lambda: (vjp(function, x)[0], vjp(function, x)[1](1.0)[0])


def state():
    """The values of the globals."""
    return count, last, mean.tolist(), globals().get("fresh")


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_messages_are_given_once(mode, caplog):
    OUT.truncate(0)
    OUT.seek(0)
    with pytest.warns(UserWarning, match=r"square of 0\.7") as caught:
        dict(modes(noisy, 0.7))[mode]()
    assert len(caught) == 1
    assert [r.getMessage() for r in caplog.records] == ["x is 0.7"]
    assert OUT.getvalue() == f"y {0.7 * 0.7}\n0;1;"


@pytest.mark.parametrize("function", [counted, folded, averaged, ticking])
@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp"])
def test_globals_end_as_the_function_leaves_them(function, mode):
    reset()
    value = function(0.7)
    want = state()
    found = dict(modes(function, 0.7))[mode]
    for _ in range(2):
        reset()
        have = found()
        assert state() == want
        assert have[0] in (None, value)

    def at(x):
        reset()
        return function(x)

    slope = (at(0.7 + 1e-6) - at(0.7 - 1e-6)) / 2e-6
    assert have[1] == pytest.approx(slope, rel=1e-7)


def test_a_pullback_leaves_globals_alone():
    reset()
    _, pullback = vjp(folded, 0.7)
    left = state()
    assert pullback(1.0) == pullback(1.0)
    assert state() == left


def test_second_order_through_a_global():
    reset()
    _, second = jvp(grad(folded), (0.7,), (1.0,))

    def at(x):
        reset()
        return grad(folded)(x)

    assert second == pytest.approx((at(0.7 + 1e-6) - at(0.7 - 1e-6)) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp", "vjp"])
def test_a_global_is_written_before_an_exception(mode):
    reset()
    with pytest.raises(ValueError, match="math domain error"):
        dict(modes(half_way, -1.0))[mode]()
    assert count == 5


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp", "vjp"])
def test_exceptions_are_the_users_own(mode):
    OUT.truncate(0)
    OUT.seek(0)
    with pytest.raises(RuntimeError, match=r"no root of -0\.7: math domain error") as caught:
        dict(modes(wrapped, -0.7))[mode]()
    assert isinstance(caught.value.__cause__, ValueError)
    assert OUT.getvalue() == "done\n"
    assert not LOCK.locked()
    assert "raise RuntimeError" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_exceptions_pass_through_handlers(mode, caplog):
    with pytest.raises(ZeroDivisionError):
        dict(modes(again, 2.0))[mode]()
    assert len(caplog.records) == 1
    with pytest.raises(ValueError, match="math domain error"):
        dict(modes(again, -2.0))[mode]()
    assert len(caplog.records) == 1


def test_lines_stay_the_users_own():
    text = grad(wrapped).source_for(0.7)
    for line in ("with LOCK:", "except ValueError as error:", "finally:", "from error"):
        assert text.count(line) == 1, text
    assert text.count("try:") == 1


def test_imports_stand_at_the_top():
    def inner(x):
        import math as m  # noqa: PLC0415
        from math import exp as e  # noqa: PLC0415

        return m.sin(x) * e(x)

    text = grad(inner).source_for(0.7)
    assert text.startswith("import math as m\nfrom math import exp as e\n")
    assert grad(inner)(0.7) == pytest.approx(math.exp(0.7) * (math.cos(0.7) + math.sin(0.7)))


def test_imports_are_exported(tmp_path):
    def inner(x):
        from math import exp as e  # noqa: PLC0415

        return e(x) * x

    file = tmp_path / "out.py"
    grad(inner).export(str(file), example=((0.7,), {}))
    text = file.read_text(encoding="utf-8")
    assert "from math import exp as e" in text


def test_a_global_needs_a_module():
    namespace: dict = {"__name__": "nowhere"}
    exec("def f(x):\n    global n\n    n = x\n    return x * n\n", namespace)
    with pytest.raises(Exception, match="source"):
        grad(namespace["f"])(0.7)


def test_a_helper_may_not_write_a_derivative():
    with pytest.raises(Unsupported, match="in a function that is called"):
        grad(lambda x: folded(x) * x)(0.7)
