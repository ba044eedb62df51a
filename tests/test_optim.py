"""Optimizers: numbers of optax, equations of papers, purity, the in-place form, all trees."""

import copy
import json
import math
import tracemalloc
import types
from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from srcgrad import BadArgument, BadValue, grad, optim, tree, value_and_grad
from srcgrad.optim.leaves import blocks
from tests.optim_cases import (
    COUNTS,
    OPTIMIZERS,
    SCHEDULES,
    SEARCHED,
    extra_of,
    flat,
    gradient_at,
    loss_at,
    read,
    run,
    start,
)

KEPT = read()
# Those that optax does not have, or has otherwise.
OTHERS = {
    "rprop": optim.rprop(0.1),
    "ftrl": optim.ftrl(0.5, 0.1, 0.01),
    "proximal l1": optim.proximal(0.05, optim.l1(0.3)),
    "proximal box": optim.proximal(0.05, optim.box(-0.5, 0.5)),
    "proximal group": optim.proximal(0.05, optim.group(0.3)),
    "noise": optim.chain(optim.noise(0.01, seed=3), optim.sgd(0.05)),
    "clip_by_norm": optim.chain(optim.clip_by_norm(0.5), optim.sgd(0.05)),
    "averaged": optim.averaged(optim.adam(0.05), 0.9),
    "identity": optim.chain(),
}
ALL = OPTIMIZERS | OTHERS


def close(a, b):
    return np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b)), initial=0.0) <= 1e-12


@pytest.mark.parametrize("in_place", [False, True], ids=["update", "step"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_agrees_with_optax(name, in_place):
    seen = run(name, 100, in_place=in_place)
    for count, values in KEPT["optimizers"][name].items():
        assert close(seen[int(count)], np.array(values))


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_agree_with_optax(name):
    found = [SCHEDULES[name](count) for count in COUNTS]
    assert all(type(rate) is float for rate in found)
    assert np.allclose(found, KEPT["schedules"][name], 0.0, 1e-12)


def test_inverse_square_root():
    schedule = optim.inverse_sqrt(0.5, warmup=10)
    for count in range(100):
        t = count + 1  # Vaswani et al. 2017, equation 3: d^-0.5 min(t^-0.5, t warmup^-1.5)
        wanted = 0.5 * 10**0.5 * min(t**-0.5, t * 10**-1.5)
        assert math.isclose(schedule(count), wanted, rel_tol=1e-14)


# Equations of papers, written plainly for single numbers.


def gradients(steps, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, 5)) * np.linspace(0.1, 3.0, 5)


def trajectory(optimizer, gs, first=0.4):
    params = np.full(gs.shape[1], first)
    state, seen = optimizer.init(params), []
    for g in gs:
        updates, state = optimizer.update(g, state, params)
        params = optim.apply_updates(params, updates)
        seen.append(params)
    return np.array(seen)


def test_ftrl_is_algorithm_1():
    gs = gradients(100)
    alpha, beta, l1, l2 = 0.5, 1.0, 0.8, 0.02
    found = trajectory(optim.ftrl(alpha, l1, l2, beta), gs, 0.0)
    for i in range(5):
        z = n = w = 0.0
        for t in range(100):
            if abs(z) <= l1:
                w = 0.0
            else:
                w = -(((beta + math.sqrt(n)) / alpha + l2) ** -1) * (z - math.copysign(l1, z))
            g = gs[t, i]
            sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / alpha
            z += g - sigma * w
            n += g * g
            if t + 1 < 100:
                after = 0.0
                if abs(z) > l1:
                    after = -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / alpha + l2)
                assert math.isclose(found[t, i], after, rel_tol=1e-12, abs_tol=1e-14)
    assert np.sum(found == 0.0) > 20  # weights that are exactly 0


def test_rprop_is_irprop_minus():
    gs = gradients(100)
    found = trajectory(optim.rprop(0.1, 0.5, 1.2, 1e-3, 0.3), gs)
    for i in range(5):
        w, step, before = 0.4, 0.1, 0.0
        for t in range(100):
            g = gs[t, i]
            if g * before > 0:
                step = min(step * 1.2, 0.3)
            elif g * before < 0:
                step = max(step * 0.5, 1e-3)
                g = 0.0
            w -= np.sign(g) * step
            before = g
            assert math.isclose(found[t, i], w, rel_tol=1e-12, abs_tol=1e-14)


PENALTIES = {
    "l1": (optim.l1(0.7), lambda u: 0.7 * abs(u)),
    "l2": (optim.l2(0.7), lambda u: 0.35 * u * u),
    "elastic net": (optim.elastic_net(0.3, 0.7), lambda u: 0.3 * abs(u) + 0.35 * u * u),
    "box": (optim.box(-0.2, 0.5), lambda u: 0.0 if -0.2 <= u <= 0.5 else math.inf),
}


@pytest.mark.parametrize("name", PENALTIES)
def test_proximal_operators_minimise(name):
    prox, penalty = PENALTIES[name]
    grid = np.linspace(-3.0, 3.0, 60001)
    rate = 0.4
    costs = np.array([penalty(u) for u in grid])
    for v in (-2.3, -0.21, 0.0, 0.1, 0.6, 2.9):
        best = grid[np.argmin(rate * costs + 0.5 * (grid - v) ** 2)]
        assert abs(float(prox(v, rate)) - best) <= 1.1e-4


def test_proximal_operators_of_whole_leaves():
    v = np.array([3.0, 4.0])
    assert np.allclose(optim.group(2.0)(v, 0.5), v * 0.8)
    assert np.array_equal(optim.group(20.0)(v, 0.5), [0.0, 0.0])
    assert np.allclose(optim.ball(1.0)(v), v / 5.0)
    assert np.array_equal(optim.ball(9.0)(v), v)


def test_proximal_stays_in_the_box_and_on_zero():
    params, gs = start(), [gradient_at(start(), i) for i in range(5)]
    boxed, sparse = optim.proximal(0.1, optim.box(-0.3, 0.1)), optim.proximal(0.1, optim.l1(1.0))
    for optimizer, check in ((boxed, lambda x: -0.3 <= x <= 0.1), (sparse, lambda _: True)):
        p = copy.deepcopy(params)
        state = optimizer.init(p)
        for g in gs:
            state = optimizer.step(copy.deepcopy(g), state, p)
        assert all(check(x) for x in flat(p))
    assert np.sum(flat(p) == 0.0) >= 3


def test_clip_by_norm_is_for_each_leaf():
    grads = gradient_at(start())
    found = optim.clip_by_norm(0.5).update(grads, {}, start())[0]
    for g, u in zip(tree.leaves(grads), tree.leaves(found), strict=True):
        assert math.isclose(np.linalg.norm(np.ravel(u)), min(0.5, np.linalg.norm(np.ravel(g))))


def test_noise_falls_and_depends_on_seed_and_step_alone():
    zeros = np.zeros(100_000)
    optimizer = optim.noise(0.04, 0.55, seed=7)
    state = {"count": 0, "seed": 7}
    for count in range(3):
        noise, state = optimizer.update(zeros, state, zeros)
        assert math.isclose(np.std(noise), math.sqrt(0.04 / (count + 1) ** 0.55), rel_tol=0.02)
        again = optimizer.update(zeros, {"count": count, "seed": 7}, zeros)[0]
        assert np.array_equal(noise, again)


# Purity, and the in-place form.


def kept_apart(value):
    return copy.deepcopy(value)


def same(a, b):
    """Whether two trees are equal to the bit, types and dtypes too."""
    left, right = tree.leaves(a), tree.leaves(b)
    return tree.paths(a) == tree.paths(b) and all(map(same_leaf, left, right))


def same_leaf(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and (a == b or (a != a and b != b))


@pytest.mark.parametrize("name", ALL)
def test_update_changes_nothing_and_step_does_the_same(name):
    optimizer = ALL[name]
    params, mine = start(), start()
    state, own = optimizer.init(params), optimizer.init(mine)
    for count in range(4):
        grads = gradient_at(params, count)
        extra = extra_of(name, params)
        before = kept_apart((grads, state, params))
        updates, new = optimizer.update(grads, state, params, **extra)
        assert same((grads, state, params), before)
        given = [x for x in tree.leaves((grads, state, params)) if isinstance(x, np.ndarray)]
        made = [x for x in tree.leaves((updates, new)) if isinstance(x, np.ndarray)]
        if name != "identity":
            assert not any(np.may_share_memory(a, b) for a in given for b in made)
        params, state = optim.apply_updates(params, updates), new
        own = optimizer.step(gradient_at(mine, count), own, mine, **extra_of(name, mine))
        assert close(flat(mine), flat(params))
        assert np.max(np.abs(flat(mine) - flat(params))) <= 1e-15 * max(1, np.abs(flat(mine)).max())


@pytest.mark.parametrize("name", ALL)
def test_state_is_plain_data(name):
    params = start()
    state = ALL[name].init(params)
    state = ALL[name].step(gradient_at(params), state, params, **extra_of(name, params))
    plain = json.dumps(state, default=lambda a: a.tolist() if type(a) is np.ndarray else 1 / 0)
    assert json.loads(plain) is not None


Pair = namedtuple("Pair", "w b")


@dataclass
class Layer:
    w: np.ndarray
    b: float
    name: str


@dataclass(frozen=True)
class Frozen:
    w: np.ndarray


class Model:
    __slots__ = ("layers", "scale")

    def __init__(self, layers, scale):
        self.layers, self.scale = layers, scale


def arrays(*shape, seed=0, dtype=float):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


TREES = {
    "array": lambda: arrays(3, 2),
    "float": lambda: 0.5,
    "tuple of floats": lambda: (0.5, -1.5, 3),
    "dict": lambda: {"w": arrays(3, 2), "b": 0.5, "n": 3, "name": "x", "none": None},
    "nested": lambda: {"a": [arrays(3), (arrays(2), 1.0)], "f": np.tanh, "flag": True},
    "namedtuple": lambda: Pair(arrays(3, 2), 0.25),
    "dataclass": lambda: Layer(arrays(3), 0.5, "first"),
    "frozen": lambda: Frozen(arrays(3)),
    "object": lambda: Model([Layer(arrays(2), 1.0, "x"), Frozen(arrays(3))], 2.0),
    "namespace": lambda: types.SimpleNamespace(w=arrays(3), k=2),
    "float32": lambda: {"w": arrays(3, 2, dtype=np.float32), "b": np.float32(0.5)},
    "empty": lambda: {"w": arrays(0, 3), "v": arrays(3, 0), "b": arrays(2)},
    "no dimension": lambda: {"w": np.array(0.5), "s": np.float64(1.5)},
    "ints": lambda: {"w": arrays(2), "index": np.arange(3)},
    "ordered": lambda: OrderedDict(b=0.5, w=arrays(3)),
    "nothing": dict,
}
SOME = [
    "sgd momentum", "adam", "adamw mask", "lamb", "adafactor", "rprop", "lbfgs without search",
    "clip_by_global_norm", "lookahead", "accumulate", "averaged", "noise", "proximal l1",
]  # fmt: skip


def gradient_like(params):
    """Ones in the structure of the gradient."""
    ones = tree.mapped(
        lambda p: np.ones_like(p) if tree.has_derivative(p) else None, params, (), "", plain=True
    )
    return tree.mapped(lambda g: g if g.ndim else g[()], ones, (), "", plain=True)


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("kind", TREES)
def test_trees_of_all_kinds(kind, name):
    params, optimizer = TREES[kind](), ALL[name]
    state = optimizer.init(params)
    before = kept_apart(params)
    for _ in range(2):
        updates, state = optimizer.update(gradient_like(params), state, params, value=1.0)
        new = optim.apply_updates(params, updates)
        assert same(params, before)
        assert tree.paths(new) == tree.paths(params)
        assert type(new) is type(params)
        for a, b in zip(tree.leaves(params), tree.leaves(new), strict=True):
            assert type(a) is type(b)
            if not tree.has_derivative(a):
                assert a is b
                continue
            assert np.isfinite(b).all()
            if isinstance(a, np.ndarray):
                assert (a.dtype, a.shape) == (b.dtype, b.shape)
        params, before = new, kept_apart(new)


IN_PLACE = sorted(set(TREES) - {"float", "tuple of floats", "namedtuple", "nested"})


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("kind", IN_PLACE)
def test_step_on_trees_of_all_kinds(kind, name):
    params, mine, optimizer = TREES[kind](), TREES[kind](), ALL[name]
    state, own = optimizer.init(params), optimizer.init(mine)
    held = [x for x in tree.leaves(mine) if isinstance(x, np.ndarray)]
    for _ in range(2):
        updates, state = optimizer.update(gradient_like(params), state, params, value=1.0)
        params = optim.apply_updates(params, updates)
        own = optimizer.step(gradient_like(mine), own, mine, value=1.0)
        for a, b in zip(tree.leaves(params), tree.leaves(mine), strict=True):
            assert type(a) is type(b)
            if tree.has_derivative(a):
                assert np.allclose(a, b, 1e-6 if np.asarray(a).dtype == np.float32 else 1e-14, 0)
    now = [x for x in tree.leaves(mine) if isinstance(x, np.ndarray)]
    assert all(a is b for a, b in zip(held, now, strict=True))


def test_gradients_of_srcgrad_fit():
    def loss(model, x):
        return np.sum((model.layers[0].w * model.scale + model.layers[0].b - x) ** 2)

    model = Model([Layer(arrays(3), 0.5, "x")], 2.0)
    x = np.array([1.0, 2.0, 3.0])
    optimizer = optim.adam(0.05)
    state = optimizer.init(model)
    df = grad(loss)
    for _ in range(300):
        state = optimizer.step(df(model, x), state, model)
    assert loss(model, x) < 1e-6
    assert type(model.scale) is float


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("name", sorted(set(ALL) - {"lbfgs", "lbfgs short memory"}))
def test_dtypes_stay(name, dtype):
    params = {"w": arrays(4, 3, dtype=dtype), "b": arrays(3, seed=1, dtype=dtype)}
    params["layers"] = [arrays(2, 3, 4, seed=2, dtype=dtype), np.array(0.7, dtype)]
    state = ALL[name].init(params)
    grads = tree.map(lambda p: np.ones_like(p) / 4, params)
    updates, state = ALL[name].update(grads, state, params, value=1.0)
    assert all(u is None or u.dtype == dtype for u in tree.leaves(updates))
    slots = [a for a in tree.leaves(state) if isinstance(a, np.ndarray) and a.shape != (10,)]
    assert all(a.dtype == dtype for a in slots)
    ALL[name].step(grads, state, params, value=1.0)
    assert all(p.dtype == dtype for p in tree.leaves(params))


def test_schedules_of_numpy_floats_keep_float32():
    params = {"w": arrays(3, dtype=np.float32)}
    optimizer = optim.adam(lambda count: np.float64(0.1) / (1 + count))
    updates, _ = optimizer.update({"w": np.ones(3, np.float32)}, optimizer.init(params), params)
    assert updates["w"].dtype == np.float32


LARGE = [
    "sgd", "sgd momentum", "adam", "adamw", "adagrad", "adadelta", "rmsprop centered", "amsgrad",
    "adamax", "nadam", "radam", "lion", "lamb", "lars", "adafactor factored", "adabelief", "yogi",
    "rprop", "ftrl", "sign_sgd", "proximal l1", "proximal box", "proximal group", "noise", "clip",
    "clip_by_norm", "clip_by_global_norm", "clip_by_rms", "weight_decay", "ema", "trace",
    "accumulate", "averaged",
    "lookahead", "reduce_on_plateau", "lbfgs without search", "freeze", "separate",
]  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_step_allocates_no_large_arrays(name):
    params = {"w": arrays(500, 600), "b": np.zeros(3), "layers": [np.zeros(2), np.array(0.5)]}
    optimizer = ALL[name]
    state = optimizer.init(params)
    grads = [tree.map(np.ones_like, params) for _ in range(7)]
    state = optimizer.step(grads[0], state, params, value=1.0)
    tracemalloc.start()
    try:
        for g in grads[1:]:
            state = optimizer.step(g, state, params, value=1.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.5 * params["w"].nbytes


@pytest.mark.parametrize("name", LARGE)
def test_step_takes_arrays_of_any_layout(name):
    def views():
        return {
            "w": arrays(40, 60, 14, seed=3)[::2, 5:55, ::-1].T,
            "b": np.asfortranarray(arrays(40, 60, seed=4)),
            "layers": [arrays(40, 60, 2, seed=5)[:, :, 1][::-3], np.array(0.5)],
        }

    optimizer, params = ALL[name], views()
    plain = tree.map(np.ascontiguousarray, params)
    plain["layers"][1] = np.array(0.5)
    state, own = optimizer.init(params), optimizer.init(plain)
    for _ in range(2):
        grads = tree.map(lambda p: np.sin(3.0 * p), plain)
        apart = tree.map(lambda p: np.repeat(np.sin(3.0 * p)[..., None], 2, -1)[..., 0], plain)
        own = optimizer.step(grads, own, plain, value=1.0)
        state = optimizer.step(apart, state, params, value=1.0)
    for a, b in zip(tree.leaves(params), tree.leaves(plain), strict=True):
        assert np.allclose(a, b, 1e-13, 1e-14)


@pytest.mark.parametrize(
    "shape", [(1,), (8192,), (8193,), (3, 8192), (2, 3, 9000), (20000, 1), (5, 1, 20000, 2), (0, 3)]
)
def test_blocks_cover_once(shape):
    seen = np.zeros(shape, int)
    for cut in blocks(shape):
        assert seen[cut].size <= 8192
        seen[cut] += 1
    assert np.all(seen == 1)


# Errors.


def message(call):
    with pytest.raises((BadArgument, BadValue)) as caught:
        call()
    assert caught.value.__cause__ is None
    return str(caught.value)


def stepped(params, grads, optimizer=None):
    optimizer = optimizer or optim.adam(0.1)
    return lambda: optimizer.step(grads, optimizer.init(params), params)


def test_structures_that_differ():
    params = {"a": [np.zeros(2), 1.0], "n": 3}
    text = message(stepped(params, {"a": [np.zeros(2)], "n": None}))
    assert "the gradient does not fit the parameters: at ['a']" in text
    assert "the gradient has the shape (3,) at ['a'][0], and the parameter (2,)" in message(
        stepped(params, {"a": [np.zeros(3), 1.0], "n": None})
    )
    assert "at ['n'], where the parameter is an int" in message(
        stepped(params, {"a": [np.zeros(2), 1.0], "n": 1.0})
    )
    assert "the gradient has an int at ['a'][1]" in message(
        stepped(params, {"a": [np.zeros(2), 1], "n": None})
    )
    assert "at the top" in message(stepped(params, [1.0]))


def test_nothing_is_changed_by_a_gradient_that_does_not_fit():
    params = {"a": np.zeros(2), "b": np.zeros(3)}
    optimizer = optim.adam(0.1)
    state = optimizer.init(params)
    before = kept_apart((params, state))
    for bad in ({"a": np.ones(2), "b": np.ones(2)}, {"a": np.ones(2)}, {"a": np.ones(2), "b": 1.0}):
        message(lambda bad=bad: optimizer.step(bad, state, params))
        assert same((params, state), before)


def test_state_of_something_else():
    params = {"w": np.zeros(2)}
    optimizer = optim.adam(0.1)
    assert "it has to be a dict with count, mean, square" in message(
        lambda: optimizer.step({"w": np.ones(2)}, optim.sgd(0.1).init(params), params)
    )
    other = optimizer.init({"w": np.zeros(3)})
    assert "the state has the shape (3,) at ['w'], and the parameter (2,)" in message(
        lambda: optimizer.step({"w": np.ones(2)}, other, params)
    )
    thawed = optim.freeze(optimizer, "['w']").init(params)["free"]
    assert "the state does not fit the parameters that have a gradient" in message(
        lambda: optimizer.step({"w": np.ones(2)}, thawed, params)
    )
    chained = optim.chain(optim.clip(1.0), optimizer)
    assert "the state of a chain of 2 is a list of as many" in message(
        lambda: chained.update({"w": np.ones(2)}, other, params)
    )


def test_what_cannot_be_changed_in_place():
    assert "a float that is the tree itself" in message(stepped(1.0, 1.0))
    assert "lies in a tuple of 2 at 1" in message(stepped((np.zeros(2), 1.0), (np.zeros(2), 1.0)))
    fixed = np.zeros(2)
    fixed.flags.writeable = False
    assert "read-only" in message(stepped({"w": fixed}, {"w": np.ones(2)}))


def test_parameters_that_share_memory():
    twice = np.zeros(4)
    assert "['a'] and ['b'][0] share memory" in message(
        lambda: optim.adam(0.1).init({"a": twice, "b": [twice[1:]]})
    )
    optim.adam(0.1).init({"a": twice[::2], "b": twice[1::2], "c": np.zeros(0)})


def test_complex_parameters_are_refused():
    params = {"w": np.zeros(2, complex)}
    assert "where the parameter is an array of shape (2,)" in message(
        stepped(params, {"w": np.ones(2, complex)})
    )


def test_arguments():
    assert "`rate` is a float or a schedule, not 'fast'" in message(lambda: optim.adam("fast"))
    assert "`rate` must be finite and not negative, not -0.1" in message(lambda: optim.sgd(-0.1))
    assert "`b1` must be at least 0 and below 1, not 1.0" in message(lambda: optim.adam(0.1, 1.0))
    assert "needs a momentum" in message(lambda: optim.sgd(0.1, nesterov=True))
    assert "chain takes optimizers, not 3" in message(lambda: optim.chain(3))
    assert "`bound` must be positive, not 0" in message(lambda: optim.clip(0))
    assert "no parameter is called \"['v']\"" in message(
        lambda: optim.freeze(optim.sgd(0.1), "['v']").init({"w": 1.0})
    )
    assert "needs the loss" in message(
        lambda: optim.lbfgs().update([1.0], optim.lbfgs().init([1.0]), [1.0])
    )
    assert "needs the loss" in message(
        lambda: optim.reduce_on_plateau().update(
            [1.0], optim.reduce_on_plateau().init([1.0]), [1.0]
        )
    )
    assert "is not a function" in message(lambda: optim.adam(0.1)([1.0]))


def test_trees_without_end():
    loop = {"w": 1.0}
    loop["self"] = loop
    assert "contains itself" in message(lambda: tree.leaves(loop))
    assert "contains itself" in message(lambda: optim.adam(0.1).init(loop))


# Parts.


def test_freezing_by_path():
    params = types.SimpleNamespace(layers=[Layer(arrays(2), 1.0, "a"), Layer(arrays(2), 2.0, "b")])
    before = kept_apart(params)
    grads = gradient_like(params)
    for what, kept in [
        ("layers[0]", {"layers[0].w", "layers[0].b"}),
        ("layers[*].w", {"layers[0].w", "layers[1].w"}),
        (["layers[1].b", "layers[0].w"], {"layers[1].b", "layers[0].w"}),
        (lambda _, leaf: np.ndim(leaf) == 0, {"layers[0].b", "layers[1].b"}),
        (types.SimpleNamespace(layers=[True, False]), {"layers[0].w", "layers[0].b"}),
        ([], set()),
    ]:
        mine = kept_apart(before)
        optimizer = optim.freeze(optim.adam(0.1), what)
        state = optimizer.init(mine)
        optimizer.step(kept_apart(grads), state, mine)
        unmoved = {
            path
            for path, a, b in zip(
                tree.paths(mine), tree.leaves(mine), tree.leaves(before), strict=True
            )
            if tree.has_derivative(a) and np.array_equal(a, b)
        }
        assert unmoved == kept
        slots = state["free"]["mean"]
        assert {
            p for p, s in zip(tree.paths(slots), tree.leaves(slots), strict=True) if s is None
        } >= kept


def test_lbfgs_minimises_rosenbrock():
    def rosenbrock(p):
        return np.sum(100.0 * (p[1:] - p[:-1] ** 2) ** 2 + (1.0 - p[:-1]) ** 2)

    f, params = value_and_grad(rosenbrock), np.array([-1.2, 1.0, -0.5, 0.8])
    optimizer = optim.lbfgs()
    state = optimizer.init(params)
    for _ in range(60):
        value, grads = f(params)
        state = optimizer.step(grads, state, params, value=value, function=f)
    assert np.allclose(params, 1.0, 0.0, 1e-8)
    assert state["search"]["evaluations"] >= 1


def test_lbfgs_survives_losses_that_are_no_numbers():
    def f(p):
        if p[0] > 1.5:
            return math.nan, np.full(1, math.nan)
        return float((p[0] - 1.0) ** 2), 2.0 * (p - 1.0)

    params, optimizer = np.zeros(1), optim.lbfgs(5.0)
    state = optimizer.init(params)
    for _ in range(10):
        value, grads = f(params)
        state = optimizer.step(grads, state, params, value=value, function=f)
    assert abs(params[0] - 1.0) < 1e-6


def test_plots(tmp_path):
    pytest.importorskip("matplotlib")
    for name, schedule in SCHEDULES.items():
        axes = schedule.plot(50)
        (line,) = axes.get_lines()
        assert list(line.get_ydata()) == [schedule(i) for i in range(50)], name
    optim.inverse_sqrt(1.0, 5).plot(file=tmp_path / "rate.png")
    assert (tmp_path / "rate.png").stat().st_size > 1000
    axes = optim.plot_plateau(optim.reduce_on_plateau(0.5, 2), [1.0] * 6)
    assert list(axes.get_lines()[0].get_ydata()) == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]


def test_searched_optimizers_reach_the_minimum():
    for name in SEARCHED:
        seen = run(name, 100)
        assert np.isfinite(seen[-1]).all()
    assert loss_at(start()) > 1.0


def test_counts_of_numpy_change_no_bit():
    params = {"w": arrays(5, dtype=np.float32)}
    for optimizer in (optim.adam(0.1), optim.adafactor(0.1), optim.lamb(0.1)):
        state = optimizer.init(params)
        loaded = tree.map(lambda x: np.int64(x) if type(x) is int else x, state)
        grads = {"w": np.ones(5, np.float32)}
        for _ in range(2):
            a, state = optimizer.update(grads, state, params)
            b, loaded = optimizer.update(grads, loaded, params)
            assert same(a, b)


def test_wrappers_around_frozen_parameters():
    for wrap in (optim.averaged, lambda o: optim.lookahead(o, 2), lambda o: optim.accumulate(o, 2)):
        optimizer = wrap(optim.freeze(optim.adam(0.1), "['w']"))
        params, mine = start(), start()
        state, own = optimizer.init(params), optimizer.init(mine)
        for count in range(5):
            updates, state = optimizer.update(gradient_at(params, count), state, params)
            params = optim.apply_updates(params, updates)
            own = optimizer.step(gradient_at(mine, count), own, mine)
        assert np.allclose(flat(params), flat(mine), 1e-14, 0)
        assert np.array_equal(params["w"], start()["w"])
        if "average" in state:
            assert np.allclose(optim.average_of(state, params)["w"], start()["w"])
            assert np.allclose(optim.average_of(own, mine)["w"], start()["w"])


@pytest.mark.parametrize("name", ["clip", "adam", "lamb", "proximal l1", "lbfgs without search"])
def test_gradients_that_are_the_parameters(name):
    params, mine, optimizer = start(), start(), ALL[name]
    updates, _ = optimizer.update(params, optimizer.init(params), params)
    optimizer.step(mine, optimizer.init(mine), mine)
    assert np.allclose(flat(optim.apply_updates(params, updates)), flat(mine), 1e-14, 0)
