"""The normal form of adjoints, and the projection of cotangents on their operands."""

import gast
import numpy as np
import pytest
from evaluate import calls, evaluate

from srcgrad import runtime
from srcgrad.kinds import Array, Dim, Scalar
from srcgrad.rules.algebra import key, merge, terms_of, total
from srcgrad.rules.expr import ZERO, Expr, Undecided, call, const, cut, leaf, length, size
from srcgrad.rules.project import cast, materialise, settle, summed, unbroadcast
from srcgrad.rules.registry import load
from srcgrad.rules.shapes import UNKNOWN

load()
F8 = np.dtype(float)
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "eq": "==", "gt": ">",
}  # fmt: skip


def name(text, *dims, dtype=F8, python=True):
    kind = Array(np.dtype(dtype), dims) if dims else Scalar(np.dtype(dtype), python)
    return leaf(gast.Name(text, gast.Load(), None, None), kind)


def text(e: Expr) -> str:
    """An expression with all its parentheses."""
    match e.op:
        case "leaf":
            return e.data.id
        case "const":
            return repr(e.data)
        case "neg":
            return f"-{text(e.args[0])}"
        case "attr":
            return f"{text(e.args[0])}.{e.data}"
        case "length":
            return f"len({text(e.args[0])}, {e.data})"
        case "call":
            options = [f"{k}={v}" for k, v in e.data[2]]
            return f"{e.data[0].__name__}({', '.join([*map(text, e.args), *options])})"
        case _:
            return f"({text(e.args[0])} {SYMBOLS[e.op]} {text(e.args[1])})"


a, b, c = name("a"), name("b"), name("c")
x, y = name("x", 3), name("x2", 3)
m = name("m", Dim("m.shape[0]", 0, True), Dim("m.shape[1]", 0, True))


@pytest.mark.parametrize(
    ("contributions", "want"),
    [
        ([a], "a"),
        ([a, a], "(2.0 * a)"),
        ([0.5 * b * a, 0.5 * b * a], "(b * a)"),
        ([a * b, a * c], "(a * (b + c))"),
        ([-(a * b), a * c], "(a * (c - b))"),
        ([a - a], "0.0"),
        ([a / b], "(a / b)"),
        ([a * b / b], "((a * b) / b)"),
        ([2.0 * x * a], "((2.0 * a) * x)"),
        ([-(a * b)], "(-a * b)"),
        ([0.0 * x], "(0.0 * x)"),
        ([const(0.0), x], "x"),
        ([a * a], "(a * a)"),
        ([a**2], "(a * a)"),
        ([1.0 * (x > 0.0)], "(1.0 * (x > 0.0))"),
        ([x > 0.0, x > 1.0], "((1.0 * (x > 0.0)) + (1.0 * (x > 1.0)))"),
        ([const(1.0) * length(m, 0)], "(1.0 * len(m, 0))"),
        ([a / b**2], "(a / (b ** 2))"),
    ],
)
def test_total(contributions, want):
    assert text(total(contributions)) == want


def test_total_keeps_the_value():
    env = {"a": 1.5, "b": -0.5, "c": 2.0, "x": np.array([1.0, -2.0, 0.5])}
    for parts in (
        [a * b * x, 2.0 * x * a, -x / c],
        [a / b / c, b * b * a, -(c**2) * a],
        [x * (a - b), x * x * c, x],
        [(a + b) * (a - b), -a / (b * c)],
    ):
        want = sum(evaluate(p, env) for p in parts)
        np.testing.assert_allclose(evaluate(total(parts), env), want, rtol=1e-14)


def test_what_cancels_vanishes_but_a_product_with_zero_stays():
    assert merge(terms_of(a * b - a * b)) == []
    assert len(merge(terms_of(0.0 * a))) == 1


def test_keys_compare_structure():
    assert key(x[::-1]) == key(x[::-1])
    assert key(x[0]) != key(x[1])
    n = name("n", dtype=int)
    assert key(cut(x, 0, n, None, UNKNOWN)) == key(cut(x, 0, n, None, UNKNOWN))
    assert key(cut(x, 0, n, None, UNKNOWN)) != key(cut(x, 0, None, n, UNKNOWN))


def test_a_sum_over_broadcast_axes():
    v = name("v", Dim("m.shape[1]", 0, True))
    z = m + v
    assert text(unbroadcast(m, v, z)) == "sum(m, axis=0)"
    assert text(unbroadcast(m, a, z)) == "sum(m)"
    assert text(unbroadcast(m, m, z)) == "m"
    assert text(unbroadcast(a, v, z)) == "(a * len((m + x), 0))".replace("x", "v")


def test_scalars_leave_a_sum():
    assert text(summed(a * m, (0,), keepdims=False)) == "(a * sum(m, axis=0))"


def test_an_unclear_broadcast_is_left_to_run_time():
    p, q = name("p", Dim("p.shape[0]")), name("q", Dim("q.shape[0]"))
    out = unbroadcast(p * q, q, p * q)
    assert runtime.unbroadcast in calls(out)
    for n, k in ((3, 1), (1, 3), (3, 3), (1, 1)):
        env = {"p": np.arange(1.0, n + 1.0), "q": np.ones(k)}
        full = np.broadcast_to(env["p"] * env["q"], (max(n, k),))
        want = full if k > 1 or max(n, k) == 1 else np.sum(full, keepdims=True)
        np.testing.assert_allclose(evaluate(out, env), want)


def test_a_lower_cotangent_is_settled_where_dims_are_unknown():
    u = name("u", UNKNOWN)
    assert np.broadcast_to in calls(settle(a, u))
    assert settle(a, x) is a
    assert materialise(x, y) is x
    assert materialise(ZERO, x) is ZERO


def test_cast_keeps_single_precision():
    single = name("s", 3, dtype=np.float32)
    assert cast(x, single.kind).op == "astype"
    assert cast(single * 2.0, single.kind).op == "mul"
    assert cast(a, single.kind) is a


def test_zero_is_absorbed():
    assert x * ZERO is ZERO
    assert ZERO / x is ZERO
    assert x + ZERO is x
    assert x - ZERO is x
    assert (ZERO - x).op == "neg"
    assert np.sum(ZERO) is ZERO
    assert call(np.sum, ZERO, axis=0) is ZERO
    assert ZERO.T is ZERO


def test_units_vanish_only_where_the_dtype_stays():
    assert 1.0 * x is x
    assert x / 1.0 is x
    assert (-1.0 * x).op == "neg"
    assert (1.0 * (x > 0.0)).op == "mul"
    assert (1.0 * name("n", dtype=int)).op == "mul"


def test_the_truth_of_a_value_is_undecided():
    with pytest.raises(Undecided):
        bool(x > 0.0)


def test_sizes():
    assert size(x).data == 3
    assert text(size(m)) == "m.size"
    assert size(name("f")).data == 1
