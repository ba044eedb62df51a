"""Programs of many shapes over arguments of many types, dtypes and layouts."""

import copy
import functools
import warnings

import numpy as np
import pytest

from srcgrad import errors, grad, value_and_grad, vjp
from tests.differences import leaves
from tests.programs import PROGRAMS

SHAPES = [
    "broadcast_both_sides", "where_broadcast", "heat", "written_in_a_branch", "view_written",
    "mask_gives_a_copy", "helper_of_two_kinds", "list_of_arrays_argument", "out_of_ufuncs",
    "quotient_where", "put_and_place", "entries_by_number", "complex_array_written",
    "slices_of_either_direction_written",
]  # fmt: skip


def strided(x):
    wide = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    wide[tuple(slice(None, None, 2) for _ in x.shape)] = x
    return wide[tuple(slice(None, None, 2) for _ in x.shape)]


def backwards(x):
    return np.ascontiguousarray(x[::-1])[::-1] if x.ndim else x


def columns_first(x):
    return x.copy(order="F")


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def as_dtype(dtype):
    def convert(x):
        return x.astype(dtype)

    convert.__name__ = np.dtype(dtype).str
    return convert


LAYOUTS = [strided, backwards, columns_first, read_only, as_dtype(">f8"), as_dtype(np.longdouble)]
PRECISIONS = [as_dtype(np.float32), as_dtype(np.float16)]


def converted(tree, change):
    if isinstance(tree, dict):
        return {k: converted(v, change) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(converted(v, change) for v in tree)
    if isinstance(tree, np.ndarray) and tree.dtype.kind == "f":
        return change(tree)
    return tree


@functools.cache
def plain_gradient(name):
    program = PROGRAMS[name]
    return grad(program.function, wrt=program.wrt)(*program.arguments())


def check(name, change, tolerance):
    program = PROGRAMS[name]
    args = converted(program.arguments(), change)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = program.function(*copy.deepcopy(args))
        found_value, found = value_and_grad(program.function, wrt=program.wrt)(*args)
    assert np.asarray(found_value).dtype == np.asarray(value).dtype
    np.testing.assert_allclose(found_value, value, rtol=1e-3)
    given = [args[i] for i in program.positions()]
    pairs = zip(leaves(found), leaves(plain_gradient(name)), leaves(given), strict=True)
    for (_, have), (_, want), (_, x) in pairs:
        if want is None:
            assert have is None
            continue
        if isinstance(x, np.ndarray):
            assert isinstance(have, np.ndarray)
            assert have.dtype.newbyteorder("=") == x.dtype.newbyteorder("=")
            assert have.shape == x.shape
            assert have.flags.writeable
        scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
        have = np.asarray(have, float)
        np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale)


def runs(name, change):
    """Tell whether the program itself runs so: it may write into what is read-only."""
    program = PROGRAMS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            program.function(*converted(program.arguments(), change))
        except ValueError:
            return False
    return True


RUNNING = {change: [name for name in SHAPES if runs(name, change)] for change in LAYOUTS}
CASES = [(name, change) for change, names in RUNNING.items() for name in names]


@pytest.mark.parametrize(("name", "change"), CASES)
def test_layouts_do_not_matter(name, change):
    check(name, change, 1e-10)


@pytest.mark.parametrize("change", PRECISIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", SHAPES)
def test_precision_stays(name, change):
    check(name, change, {"<f4": 2e-4, "<f2": 4e-2}[change.__name__])


def squares(x):
    return np.sum(np.sin(x) * 2.0 + x**3 / 2.0)


def slope_of_squares(x):
    return 2.0 * np.cos(np.asarray(x, float)) + 1.5 * np.asarray(x, float) ** 2


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (0.7, float),
        (3, float),
        (np.float64(0.7), np.float64),
        (np.float32(0.7), np.float32),
        (np.float16(0.7), np.float16),
        (np.longdouble(0.7), np.longdouble),
        (np.int64(3), np.float64),
        (np.int32(3), np.float64),
        (np.uint8(3), np.float64),
    ],
)
def test_scalars(x, kind):
    found = grad(squares)(x)
    assert isinstance(found, kind)
    assert found == pytest.approx(float(slope_of_squares(x)), rel=4e-3)


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        (np.array([1, 2, 3]), float),
        (np.array([1, 2, 3], np.int32), float),
        (np.array([1, 2, 3], np.uint8), float),
        (np.array(0.7), float),
        (np.array(0.7, np.float32), np.float32),
        (np.zeros(0), float),
        (np.zeros((0, 3), np.float32), np.float32),
        (np.zeros((2, 0)), float),
        (np.ones((1, 1)), float),
    ],
)
def test_arrays(x, dtype):
    found = grad(squares)(x)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    assert found.shape == x.shape
    np.testing.assert_allclose(found, slope_of_squares(x), rtol=1e-6)


def test_numpy_scalars_in_a_list_stay():
    def total(xs):
        return xs[0] * xs[1] + xs[0]

    found = grad(total)([np.float32(0.5), np.float32(0.25)])
    assert [type(v) for v in found] == [np.float32, np.float32]
    assert found == [1.25, 0.5]


def doubled(x):
    return 2.0 * x


def indifferent(x):  # noqa: ARG001
    return 3.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_constant_gradients_of_numpy_scalars(dtype):
    for function, want in ((doubled, 2.0), (indifferent, 0.0)):
        found = grad(function)(dtype(0.5))
        assert type(found) is dtype
        assert found == want
        (pulled,) = vjp(function, dtype(0.5))[1](1.0)
        assert pulled == want

    def first(xs):
        return np.sum(xs[0]) * 2.0

    found = grad(first)([dtype(0.5), dtype(1.5)])
    assert [type(v) for v in found] == [dtype, dtype]
    assert found == [2.0, 0.0]


def test_mixed_precision():
    def product(x, y):
        return np.sum(x * y) * 2.0

    found = grad(product, wrt=("x", "y"))(np.ones(3, np.float32), np.arange(3.0))
    assert [v.dtype for v in found] == [np.float32, np.float64]
    np.testing.assert_array_equal(found[0], [0.0, 2.0, 4.0])


class Marked(np.ndarray):
    """A subclass of ndarray."""


def matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.matrix([[1.0, 2.0]])


REFUSED = {
    "object": np.array([1.0, 2.0], object),
    "str": np.array(["a", "b"]),
    "datetime64": np.array(["2020-01-01"], "M8[D]"),
    "timedelta64": np.array([1, 2], "m8[s]"),
    "void": np.zeros(2, [("a", float)]),
    "MaskedArray": np.ma.array([1.0, 2.0]),
    "matrix": matrix(),
    "recarray": np.rec.array([(1.0,)], dtype=[("a", float)]),
    "Marked": np.ones(2).view(Marked),
    "bool": np.array([True, False]),
}


@pytest.mark.parametrize("words", REFUSED)
def test_arrays_that_are_refused_by_name(words):
    value = REFUSED[words]

    def at_top(x):
        return np.sum(x) * 2.0

    def in_a_dict(p):
        return np.sum(p["a"]) * p["b"]

    def in_a_list(xs):
        return np.sum(xs[0]) * 2.0

    calls = [(at_top, value), (in_a_dict, {"a": value, "b": 1.0}), (in_a_list, [value])]
    for function, argument in calls[: 1 if words == "bool" else 3]:
        with pytest.raises(errors.BadArgument) as caught:
            grad(function)(argument)
        assert words in str(caught.value)


@pytest.mark.parametrize("value", [True, None, "text", np.bool_(True), {1.0}, object()])
def test_values_that_are_refused(value):
    with pytest.raises(errors.SrcgradError):
        grad(squares)(value)


MIXED_LISTS = {
    "one axis of length 1": [np.ones((3, 2)), np.ones((2, 1))],
    "two precisions": [np.ones(3), np.ones(2, np.float32)],
    "an int among floats": [1.5, 2],
    "numpy's float": [1.5, np.float64(2.0)],
    "a number and an array": [2.0, np.ones(3)],
    "lists of arrays, one empty": [[np.ones(3), np.ones(1)], [], [np.ones((2, 2))]],
    "a long tuple": tuple(np.linspace(0.0, 1.0, 40).tolist()),
}


def sum_over_rows(rows):
    total = 0.0
    for items in rows:
        for item in items:
            total = total + np.sum(item**2)
    return total


def sum_of_squares(items):
    total = 0.0
    for item in items:
        total = total + np.sum(item**2)
    return total


@pytest.mark.parametrize("items", MIXED_LISTS.values(), ids=MIXED_LISTS)
def test_a_gradient_is_made_once_for_a_list_of_several_kinds(items):
    f = sum_over_rows if isinstance(items[0], list) else sum_of_squares
    gradient = grad(f)
    first = gradient(items)
    assert [str(g) for g in gradient(items)] == [str(g) for g in first]
    assert len(gradient._dispatcher.known) == 1


def chosen_by_name(x, names):
    total = 0.0
    for n in names:
        total = total + (x**3 if n == "cube" else x)
    return total


def test_strings_in_lists_are_told_from_others():
    gradient = grad(chosen_by_name)
    assert [gradient(2.0, names) for names in (["cube", "a"], ["a", "b"], [], ["a", 1.0])] == [
        13.0, 2.0, 0.0, 2.0,
    ]  # fmt: skip
