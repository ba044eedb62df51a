"""Arguments that share memory with each other, or with themselves, where one of them is written."""

from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp, vjp
from srcgrad.errors import BadValue


def written_beside(x: Any, y: Any) -> Any:
    """Change one argument and return a number of the other."""
    x[0] = 3.0 * x[0]
    return np.sum(y**2)


def written_inside(p: Any) -> Any:
    """Change one part of an argument and return a number of another part."""
    p[0][0] *= 3.0
    return np.sum(p[1] ** 2) + p[0][0] ** 2


def test_arguments_that_overlap_are_refused() -> None:
    """Each mode says so, at the first call and behind a call with arguments of their own."""
    a = np.array([1.0, 2.0])
    written = (written_beside, (a.copy(), a.copy()), (a, a[:1]))
    inside = (written_inside, ([a.copy(), a.copy()],), ([a, a[::-1]],))
    for f, apart, overlapping in (written, inside):
        for _ in range(2):
            with pytest.raises(BadValue, match="shares memory"):
                grad(f)(*overlapping)
            with pytest.raises(BadValue, match="shares memory"):
                vjp(f, *overlapping)
            with pytest.raises(BadValue, match="shares memory"):
                jvp(f, overlapping, overlapping)
            grad(f)(*apart)
            vjp(f, *apart)
            jvp(f, apart, apart)


def test_tangents_that_overlap_are_kept_apart() -> None:
    """A tangent that is given twice is two tangents, and stays as it was."""
    a, t = np.array([1.0, 2.0]), np.ones(2)
    value, tangent = jvp(written_inside, ([a.copy(), a.copy()],), ([t, t],))
    assert (value, tangent) == (14.0, 24.0)
    assert np.array_equal(t, np.ones(2))
