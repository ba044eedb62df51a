"""Exceptions: what they print, what they are, and that they survive pickling and copying."""

import copy
import pickle

import pytest

from srcgrad.errors import (
    BadArgument,
    BadFile,
    BadValue,
    CheckpointError,
    GradientMismatch,
    InternalError,
    Location,
    MissingExtra,
    NoRule,
    NotScalar,
    SourceNotFound,
    SrcgradError,
    Unsupported,
)

WHERE = Location("model.py", 12, 4, 22, "    async for x in xs:  # slow")

BASES = [
    (SrcgradError, Exception),
    (Unsupported, NotImplementedError),
    (NoRule, Unsupported),
    (NotScalar, ValueError),
    (BadArgument, TypeError),
    (BadValue, ValueError),
    (BadFile, ValueError),
    (CheckpointError, ValueError),
    (MissingExtra, ImportError),
    (SourceNotFound, OSError),
    (GradientMismatch, AssertionError),
    (InternalError, RuntimeError),
]
each_class = pytest.mark.parametrize(("cls", "base"), BASES)


@each_class
def test_is_a_srcgrad_error_and_a_builtin_one(cls, base):
    error = cls("no", WHERE, "yes")
    assert isinstance(error, SrcgradError)
    assert isinstance(error, base)


def test_looks_like_a_syntax_error():
    error = Unsupported("`async for` is not supported", WHERE, "Use a plain `for` over a list.")
    assert str(error) == (
        "`async for` is not supported\n"
        '  File "model.py", line 12\n'
        "    async for x in xs:  # slow\n"
        "    ^^^^^^^^^^^^^^^^^^\n"
        "  Use a plain `for` over a list."
    )


@pytest.mark.parametrize(
    ("location", "hint", "expected"),
    [
        (None, "", "no"),
        (None, "one\ntwo", "no\n  one\n  two"),
        (Location("m.py", 0, 0, 0, ""), "", 'no\n  File "m.py"'),
        (Location("m.py", 3, 0, 0, ""), "", 'no\n  File "m.py", line 3'),
        (Location("m.py", 3, 2, 2, "  x"), "", 'no\n  File "m.py", line 3\n    x\n    ^'),
        (Location("m.py", 3, 2, 99, "  xy "), "", 'no\n  File "m.py", line 3\n    xy\n    ^^'),
        (
            Location("m.py", 3, 5, 6, "\tx =\ty"),
            "",
            'no\n  File "m.py", line 3\n    x =\ty\n       \t^',
        ),
    ],
)
def test_parts_that_are_missing(location, hint, expected):
    assert str(SrcgradError("no", location, hint)) == expected


def test_internal_error_asks_for_a_report():
    assert "report" in str(InternalError("lost the adjoint of `x`", WHERE))
    assert str(InternalError("lost", hint="Wait.")) == "lost\n  Wait."


@pytest.mark.parametrize("cls", [cls for cls, _ in BASES])
@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_survives_a_copy(cls, clone):
    error = cls("no", WHERE, "yes")
    error.add_note("in line 3")
    other = clone(error)
    assert type(other) is cls
    assert (other.message, other.location, other.hint) == ("no", WHERE, "yes")
    assert str(other) == str(error)
    assert other.__notes__ == ["in line 3"]
