"""The whole registry: every rule against numpy, differences, and its own other half."""

import ast
import builtins
import inspect
import math
import operator
import tracemalloc
import types
from typing import Any

import gast
import numpy as np
import pytest
from evaluate import calls, evaluate
from rule_cases import KNOWN, Case, Filler, active, case, primal, result_kind, samples_of

from srcgrad import runtime
from srcgrad.kinds import Array, Dim, Kind, List, Record, Scalar, Static, numeric
from srcgrad.rules.declare import RULES, Rule
from srcgrad.rules.expand import ZERO, adjoints, tangent
from srcgrad.rules.expr import Expr, Undecided, const, leaf
from srcgrad.rules.project import materialise
from srcgrad.rules.registry import load, lookup
from srcgrad.rules.shapes import (
    KINDS,
    UNKNOWN,
    Mismatch,
    arithmetic_kind,
    filling_length,
    same_length,
)

load()


def moved(value: Any, direction: Any, step: float) -> Any:
    if isinstance(value, list):
        return [moved(v, d, step) for v, d in zip(value, direction, strict=True)]
    return value + step * direction


def differences(c: Case, directions: dict[str, Any]) -> Any:
    def at(step: float) -> Any:
        env = {k: moved(v, directions[k], step) if k in directions else v for k, v in c.env.items()}
        value = joined(primal(c, env))
        return value.astype(complex if value.dtype.kind == "c" else float)

    h = 1e-3
    return (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h)


def joined(value: Any) -> np.ndarray:
    """A value as one array: the floats of a tuple end to end."""
    if not isinstance(value, tuple):
        return np.asarray(value)
    parts = [np.ravel(v) for v in value]
    return np.concatenate([p for p in parts if p.dtype.kind in "fc"])


def direction_of(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, list):
        return [direction_of(v, rng) for v in value]
    drawn = rng.normal(size=np.shape(value))
    return drawn.astype(value.dtype) if isinstance(value, np.ndarray) else float(drawn)


def inner(a: Any, b: Any) -> float:
    if isinstance(b, list):
        return float(sum(inner(x, y) for x, y in zip(a, b, strict=True)))
    return float(np.real(np.sum(np.broadcast_to(a, np.shape(b)) * b)))


def entries() -> list:
    seen = []
    for function, rule in RULES.items():
        own = function in runtime.__dict__.values() or function is np.linalg.slogdet
        if not own and not rule.zero:
            seen.append(pytest.param(rule, function, id=f"{rule.name}-{label(function)}"))
    return seen


def label(function: Any) -> str:
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__name__', function)}"


def zeros() -> list:
    return [pytest.param(r, f, id=label(f)) for f, r in RULES.items() if r.zero and samples_of(r)]


def differentiate(c: Case):
    """The leaf of the result, and its value."""
    kind = result_kind(c)
    value = primal(c, c.env)
    c.env["z"] = value
    z = leaf(gast.Name("z", gast.Load(), None, None), kind)
    return z, value


def check_kind(kind: Kind, value: Any, symbols: dict[str, int]) -> None:
    if isinstance(kind, Static):
        assert kind.value == value
        return
    if isinstance(kind, Scalar):
        assert not isinstance(value, np.ndarray)
        assert isinstance(value, np.generic) != kind.python
        assert np.asarray(value).dtype == kind.dtype
        if isinstance(kind.value, int):
            assert kind.value == value
        elif kind.value is not None and kind.value.stated:
            assert symbols[kind.value.base] + kind.value.offset == value
        return
    if isinstance(kind, Array):
        assert np.asarray(value).dtype == kind.dtype
        if kind.dims is None:
            return
        assert isinstance(value, np.ndarray)
        assert len(kind.dims) == value.ndim
        for d, n in zip(kind.dims, value.shape, strict=True):
            if isinstance(d, int):
                assert d == n
            elif d.stated:
                assert symbols[d.base] + d.offset == n
        return
    if isinstance(kind, Record):
        assert len(value) == len(kind.items)
        for k, v in zip(kind.items, value, strict=True):
            check_kind(k, v, symbols)


def settings(known: str) -> list:
    return [(float, "C"), (np.float32, "strided")] if known == "ints" else [(float, "strided")]


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize(("rule", "function"), entries() + zeros())
def test_kind_is_that_of_the_value(rule, function, known):
    for sample in samples_of(rule):
        for dtype, layout in settings(known):
            c, fill = case(rule, function, sample, known, dtype, layout)
            with np.errstate(all="ignore"):
                value = primal(c, c.env)
                try:
                    kind = result_kind(c)
                except Undecided:
                    assert known != "ints", sample
                    continue
            if function is not np.empty and function is not np.empty_like:
                check_kind(kind, value, fill.symbols)


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize(("rule", "function"), entries())
def test_tangent_and_adjoint(rule, function, known):
    assert samples_of(rule)
    done = 0
    for sample in samples_of(rule):
        for dtype, layout in settings(known):
            c, fill = case(rule, function, sample, known, dtype, layout)
            try:
                checked(rule, c, fill, dtype)
                done += 1
            except Undecided:
                assert known not in ("ints", "many"), sample
    assert done or known in ("unknown", "numeric", "symbols", "nameless")


def checked(rule: Rule, c: Case, fill: Filler, dtype: Any) -> None:
    z, value = differentiate(c)
    xs = active(c)
    directions = {x.data.id: direction_of(c.env[x.data.id], fill.rng) for x in xs}
    dots = {}
    for x in xs:
        c.env[f"{x.data.id}_dot"] = directions[x.data.id]
        dots[id(x)] = leaf(gast.Name(f"{x.data.id}_dot", gast.Load(), None, None), x.kind)
    found = tangent(rule, z, c.operands, dots)
    t = 0.0 if found is ZERO else evaluate(found, c.env)
    parts = tuple(value) if isinstance(value, tuple) else ()
    t, value = (joined(t), joined(value)) if parts else (t, value)
    if found is not ZERO:
        assert np.shape(t) == np.shape(value)
        if isinstance(value, np.ndarray):
            assert np.asarray(t).dtype == value.dtype
    double = dtype is float and np.asarray(value).dtype in (float, complex)
    if double:
        np.testing.assert_allclose(
            np.broadcast_to(t, np.shape(value)), differences(c, directions), rtol=1e-8, atol=1e-8
        )
    for lower in (False, True):
        if lower and np.ndim(value) == 0:
            continue
        g = cotangent(c, z, parts or value, fill.rng, lower)
        contributions = adjoints(rule, z, c.operands, g)
        full_g = whole(g, c, parts or value)
        have = 0.0
        for x, e in contributions:
            if x.op == "leaf" and x.data.id in directions:
                part = evaluate(e, c.env)
                if not isinstance(x.kind, List):
                    check_contribution(e, part, x, c.env[x.data.id])
                have += inner(part, directions[x.data.id])
        want = inner(full_g, np.asarray(t) + np.zeros(np.shape(value)))
        scale = max(1.0, abs(want), float(np.size(value)))
        assert abs(have - want) <= (1e-11 if double else 2e-3) * scale


def whole(g: Any, c: Case, value: Any) -> Any:
    if isinstance(g, dict):
        return np.concatenate([np.ravel(whole(part, c, value[k])) for k, part in g.items()])
    return np.broadcast_to(evaluate(g, c.env), np.shape(value))


def check_contribution(e: Expr, part: Any, x: Expr, value: Any) -> None:
    """A contribution broadcasts to its operand, at the full shape where its dims are unknown."""
    k = numeric(e.kind)
    known = k.dims if isinstance(k, Array) else ()
    if known is None:
        assert np.shape(part) == np.shape(value)
    assert np.broadcast_shapes(np.shape(part), np.shape(value)) == np.shape(value)
    if isinstance(x.kind, Scalar):
        assert not isinstance(part, np.ndarray)
    if known is not None:
        assert np.ndim(part) == len(known)
        for d, n in zip(known, np.shape(part), strict=True):
            assert not isinstance(d, int) or d == n
        lacking = np.ndim(value) - len(known)
        for i, d in enumerate(known):
            assert d != UNKNOWN or np.shape(part)[i] == np.shape(value)[lacking + i]
    assert np.asarray(part).dtype.kind == "f"
    if isinstance(value, np.ndarray) and isinstance(part, np.ndarray):
        assert part.dtype == value.dtype


def cotangent(
    c: Case, z: Expr, value: Any, rng: np.random.Generator, lower: bool, label: str = "g"
) -> Any:
    if isinstance(z.kind, Record):
        parts = [Expr("item", (z,), k, i) for i, k in zip(z.kind.keys, z.kind.items, strict=True)]
        return {
            z.data: cotangent(c, z, v, rng, lower, f"{label}_{z.data}")
            for z, v in zip(parts, value, strict=True)
            if np.asarray(v).dtype.kind in "fc"
        }
    k = numeric(z.kind)
    kind: Any = Scalar(np.dtype(float)) if lower else k
    drawn = float(rng.normal()) if lower else rng.normal(size=np.shape(value))
    if not lower and np.asarray(value).dtype.kind == "c":
        drawn = drawn + 1j * rng.normal(size=np.shape(value))
    if not lower and isinstance(value, np.ndarray):
        drawn = np.asarray(drawn).astype(value.dtype)
    if np.ndim(drawn) == 0:
        drawn = (
            float(drawn) if lower or type(value) is float else np.asarray(value).dtype.type(drawn)
        )
    c.env[label] = drawn
    return leaf(gast.Name(label, gast.Load(), None, None), kind)


@pytest.mark.parametrize(("rule", "function"), entries())
def test_parameters_are_those_of_the_function(rule, function):
    if isinstance(function, type) or function in (builtins.max, builtins.min):
        return
    try:
        theirs = list(inspect.signature(function).parameters.values())
    except ValueError:
        return
    spread = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    mine = [name for name, _ in rule.parameters]
    positional = [p for p in theirs if p.kind is inspect.Parameter.POSITIONAL_ONLY]
    if any(p.kind in spread for p in theirs[:2]):
        return
    assert len(mine) <= len(theirs)
    for i, (name, default) in enumerate(rule.parameters):
        if i < len(positional):
            continue
        match = [p for p in theirs if p.name == name]
        if not match and theirs[-1].kind is inspect.Parameter.VAR_KEYWORD:
            continue
        assert match, name
        if match[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            assert theirs[i].name == name
        if match[0].default in (inspect.Parameter.empty, np._NoValue):
            continue
        assert default == match[0].default or default is match[0].default


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize(("rule", "function"), entries())
def test_every_function_that_a_template_calls_has_a_rule(rule, function, known):
    without = {
        runtime.prod_pairs,
        runtime.cumprod_bar,
        runtime.cumprod_dot,
        runtime.split_like,
        runtime.unstack,
        runtime.repeat_for,
        runtime.power_pairs,
    }
    for sample in samples_of(rule):
        c, fill = case(rule, function, sample, known)
        try:
            z, value = differentiate(c)
            g = cotangent(c, z, value, fill.rng, False)
            found = [e for _, e in adjoints(rule, z, c.operands, g)]
            dots = {id(x): x for x in active(c)}
            found.append(tangent(rule, z, c.operands, dots))
        except Undecided:
            continue
        for e in found:
            for f in () if e is ZERO else calls(e) - without:
                assert lookup(f) is not None, f


def test_a_tuple_result_names_its_parts():
    rule = lookup(np.linalg.slogdet)
    env = {"a": np.array([[2.0, 1.0], [0.5, -1.0]]), "t": np.array([[0.3, 1.0], [-2.0, 0.7]])}
    kind = Array(np.dtype(float), (2, 2))
    a, t = (leaf(gast.Name(n, gast.Load(), None, None), kind) for n in ("a", "t"))
    z = leaf(gast.Name("z", gast.Load(), None, None), KINDS[np.linalg.slogdet](kind))
    assert adjoints(rule, z, {"a": a}, {0: const(1.0)}) == []
    ((operand, e),) = adjoints(rule, z, {"a": a}, {0: const(1.0), 1: const(3.0)})
    assert operand is a
    sign, log = evaluate(tangent(rule, z, {"a": a}, {id(a): t}), env)
    h = 1e-5
    up, down = (np.linalg.slogdet(env["a"] + s * env["t"])[1] for s in (h, -h))
    np.testing.assert_allclose(log, (up - down) / (2.0 * h), rtol=1e-8)
    np.testing.assert_allclose(np.sum(evaluate(e, env) * env["t"]), 3.0 * log, rtol=1e-13)
    assert sign == 0.0


def test_operators_and_functions_share_one_rule():
    for op, function in ((ast.Add, np.add), (ast.MatMult, np.matmul), (ast.Pow, np.power)):
        assert lookup(op) is lookup(function)
    assert lookup(np.abs) is lookup(np.absolute)
    assert lookup([]) is None
    assert isinstance(lookup(np.tanh).body, types.FunctionType)


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_prod_with_zeros_inside(axis):
    a = np.array([[2.0, 0.0, 3.0], [0.0, 4.0, 0.0]])
    want = np.empty_like(a)
    for i in np.ndindex(a.shape):
        rest = a.copy()
        rest[i] = 1.0
        want[i] = np.prod(rest, axis=axis)[() if axis is None else i[1 - axis]]
    np.testing.assert_array_equal(runtime.prod_others(a, axis), want)


def gradient(function: Any, x: Any, *rest: Any, g: float = 1.0, **options: Any) -> Any:
    """The adjoint of the first operand of a call, for a constant cotangent."""
    rule = lookup(function)
    value = np.asarray(x)
    env = {"x": x}
    kind: Kind = Array(value.dtype, value.shape) if value.ndim else Scalar(value.dtype)
    operand = leaf(gast.Name("x", gast.Load(), None, None), kind)
    names = [n for n, _ in rule.parameters]
    operands = dict(zip(names, [operand, *rest], strict=False)) | options
    positional = [operand, *rest]
    c = Case(function, operands, {}, env, positional, options)
    with np.errstate(all="ignore"):
        env["z"] = primal(c, env)
        z = leaf(gast.Name("z", gast.Load(), None, None), result_kind(c))
        found = [evaluate(e, env) for o, e in adjoints(rule, z, operands, const(g)) if o is operand]
    return np.broadcast_to(sum(found), value.shape)


@pytest.mark.parametrize(
    ("function", "x", "rest", "want"),
    [
        (np.max, [1.0, 3.0, 3.0], (), [0.0, 0.5, 0.5]),
        (np.min, [1.0, 1.0, 3.0], (), [0.5, 0.5, 0.0]),
        (np.maximum, [-1.0, 0.0, 1.0], (0.0,), [0.0, 0.5, 1.0]),
        (np.minimum, [-1.0, 0.0, 1.0], (0.0,), [1.0, 0.5, 0.0]),
        (builtins.max, 1.0, (1.0,), 0.5),
        (np.sort, [2.0, 1.0, 2.0], (), [1.0, 1.0, 1.0]),
        (np.abs, [-2.0, 0.0, 2.0], (), [-1.0, 0.0, 1.0]),
        (np.linalg.norm, [0.0, 0.0], (), [0.0, 0.0]),
        (np.std, [2.0, 2.0], (), [0.0, 0.0]),
        (np.clip, [-1.0, -0.5, 0.0, 0.5, 1.0], (-0.5, 0.5), [0.0, 1.0, 1.0, 1.0, 0.0]),
        (np.prod, [0.0, 2.0, 3.0], (), [6.0, 0.0, 0.0]),
        (np.prod, [0.0, 2.0, 0.0], (), [0.0, 0.0, 0.0]),
        (ast.Pow, [-1.0, 0.0, 2.0], (2,), [-2.0, 0.0, 4.0]),
        (ast.Pow, [-1.0, 0.0, 2.0], (0,), [0.0, 0.0, 0.0]),
        (ast.Pow, 0.0, (1,), 1.0),
        (np.sinc, [0.0], (), [0.0]),
        (np.hypot, [0.0], (0.0,), [0.0]),
    ],
)
def test_conventions_at_kinks(function, x, rest, want):
    x = np.array(x) if isinstance(x, list) else x
    np.testing.assert_allclose(gradient(function, x, *rest), want, atol=1e-15)


def test_quantiles_of_many_entries_take_memory_for_their_shares_only():
    n, q = 4000, np.array([0.25, 0.5])
    for function in (runtime.quantile_shares, runtime.quantile_slopes):
        tracemalloc.start()
        out = function(q, n, 1.0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert out.shape == (2, n)
        assert peak < 20 * q.size * n


def test_a_quantile_at_the_end_has_the_slope_from_inside():
    np.testing.assert_array_equal(runtime.quantile_slopes(1.0, 3, 1.0), [0.0, -2.0, 2.0])
    np.testing.assert_array_equal(runtime.quantile_shares(1.0, 3, 1.0), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(runtime.quantile_shares([0.0, 1.0], 1, 1.0), [[1.0], [1.0]])
    np.testing.assert_array_equal(runtime.quantile_slopes(0.5, 1, 1.0), [0.0])


def test_the_distance_of_points_whose_parts_have_no_names_is_refused():
    kind = Record(tuple, (0, 1), (Scalar(np.dtype(float)),) * 2)
    p, q = (leaf(gast.Name(n, gast.Load(), None, None), kind) for n in "pq")
    z = leaf(gast.Name("z", gast.Load(), None, None), Scalar(np.dtype(float)))
    for left, right in ((p, q), (p, (1.0, 2.0)), ((1.0, 2.0), q)):
        with pytest.raises(Undecided):
            adjoints(lookup(math.dist), z, {"p": left, "q": right}, const(1.0))


def test_the_digamma_function_far_below_zero():
    x = -1234567.25
    for y in (x, x - 1e9, -1e12 - 0.25):
        want = runtime.polygamma(0, 1.0 - y) - math.pi / math.tan(math.pi * math.fmod(y, 1.0))
        np.testing.assert_allclose(runtime.polygamma(0, y), want, rtol=1e-12)
    h = 0.01
    for n, y in ((0, -3.3), (1, -3.3), (2, -7.6), (3, -0.5), (4, -21.2), (5, 2.5)):
        slope = (
            8.0 * (runtime.polygamma(n, y + h) - runtime.polygamma(n, y - h))
            - (runtime.polygamma(n, y + 2 * h) - runtime.polygamma(n, y - 2 * h))
        ) / (12.0 * h)
        np.testing.assert_allclose(runtime.polygamma(n + 1, y), slope, rtol=1e-3)
    assert all(map(math.isnan, (runtime.polygamma(0, v) for v in (0.0, -3.0, -1e9, math.nan))))


@pytest.mark.parametrize(
    ("function", "x", "rest"),
    [
        (ast.Pow, 0.0, (0.5,)),
        (ast.Pow, 1e-200, (-1,)),
        (np.log, 0.0, ()),
        (np.log1p, -1.0, ()),
        (np.sqrt, 0.0, ()),
        (math.sqrt, 0.0, ()),
        (math.cbrt, 0.0, ()),
        (math.asin, 1.0, ()),
        (math.atan, 1e200, ()),
        (math.atan2, 0.0, (0.0,)),
        (np.arctanh, 1.0, ()),
        (np.arcsin, 1e200, ()),
        (np.arctan2, 0.0, (0.0,)),
        (math.erf, 1e200, ()),
        (math.pow, 0.0, (0.5,)),
        (math.hypot, 0.0, (0.0,)),
    ],
)
def test_an_adjoint_never_raises_where_the_primal_does_not(function, x, rest):
    gradient(function, x, *rest)


def test_lengths_that_have_no_name_are_not_known_to_be_the_same():
    nameless, named = Dim("?", 0, True), Dim("x.shape[0]", 0, True)
    assert not same_length(nameless, nameless)
    assert same_length(named, named)
    assert same_length(3, 3)
    assert filling_length((nameless, nameless), (nameless,)) == UNKNOWN
    assert filling_length((named, 3), (3,)) == named


def test_a_mismatch_of_shapes_is_told():
    with pytest.raises(Mismatch):
        arithmetic_kind(operator.add, Array(np.dtype(float), (2,)), Array(np.dtype(float), (3,)))


def test_materialise_gives_the_full_shape():
    like = leaf(gast.Name("z", gast.Load(), None, None), Array(np.dtype(float), (2, 3)))
    out = evaluate(materialise(const(2.0), like), {"z": np.zeros((2, 3))})
    np.testing.assert_array_equal(out, np.full((2, 3), 2.0))
