"""What no pass foresees ends as one error that shows the user's line, without internal frames."""

import traceback

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.errors import InternalError
from srcgrad.transform.push import Push


def spring(x):
    y = np.sin(x)
    z = y * x
    return z + 1.0


def shape_of_a_fault(monkeypatch):
    def fault(*_):
        raise KeyError("lost")

    monkeypatch.setattr(Push, "product", fault)
    with pytest.raises(InternalError) as caught:
        grad(spring)(1.0)
    return caught.value


def test_the_users_line_is_shown(monkeypatch):
    error = shape_of_a_fault(monkeypatch)
    assert "KeyError: 'lost'" in error.message
    assert error.location.file == __file__
    assert error.location.text.strip() == "z = y * x"
    assert "report" in str(error)


def test_frames_of_the_library_are_not_shown(monkeypatch):
    error = shape_of_a_fault(monkeypatch)
    shown = "".join(traceback.format_exception(error))
    assert "push.py" not in shown
    assert isinstance(error.origin, KeyError)


def test_a_refusal_shows_no_frames_of_the_library():
    def local(x):
        class Inner:
            scale = 2.0

        return x * Inner.scale

    with pytest.raises(NotImplementedError) as caught:
        grad(local)(1.0)
    files = [f.filename for f in traceback.extract_tb(caught.value.__traceback__)]
    assert sum("srcgrad" in f and "tests" not in f for f in files) == 1
