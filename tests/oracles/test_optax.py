"""Optimizers and schedules against optax, in float64, at every one of 100 steps.

RECORD=1 writes the numbers that the ordinary tests compare with.
"""

import json
import os

import jax
import numpy as np
import optax
import pytest

from srcgrad import optim
from tests.optim_cases import (
    COUNTS,
    FILE,
    KEPT,
    OPTIMIZERS,
    SCHEDULES,
    SEARCHED,
    flat,
    gradient_at,
    leaves_of,
    like,
    loss_at,
    read,
    run,
    slopes_at,
    start,
)

jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
STEPS = 100
TOLERANCE = 1e-12


def decays(params):
    return jax.tree.map(lambda p: jnp.ndim(p) > 1, params)


def decay_rate(count, exponent):
    """Adafactor's decay in float64; optax's own is in float32."""
    return 1.0 - (jnp.asarray(count, jnp.float64) + 1.0) ** -exponent


def exact(schedule):
    """A schedule in float64; optax counts in int32, whose quotients are float32."""
    return lambda count: schedule(jnp.asarray(count, jnp.float64))


def adafactor(rate, least=128, *, clipping=1.0, scaled=True, momentum=None, decay=None):
    parts = [
        optax.scale_by_factored_rms(True, 0.8, 0, least, epsilon=1e-30, decay_rate_fn=decay_rate)
    ]
    if clipping is not None:
        parts.append(optax.clip_by_block_rms(clipping))
    parts.append(optax.scale_by_learning_rate(rate, flip_sign=False))
    if scaled:
        parts.append(optax.scale_by_param_block_rms())
    if momentum is not None:
        parts.append(optax.ema(momentum, debias=False))
    if decay is not None:
        parts.append(optax.add_decayed_weights(decay, mask=decays))
    return optax.chain(*parts, optax.scale(-1))


def frozen(_):
    return {"w": "free", "b": "frozen", "layers": ["free", "frozen"]}


def sides(params):
    return jax.tree.map(lambda p: "matrices" if jnp.ndim(p) > 1 else "others", params)


def search(**settings):
    return optax.scale_by_zoom_linesearch(20, initial_guess_strategy="one", **settings)


def restarts():
    def part(peak, length):
        return optax.cosine_decay_schedule(peak, length, 0.1)

    pieces = [part(0.8**i, 25 * 2**i) for i in range(5)]
    return optax.join_schedules(pieces, [25, 75, 175, 375])


THEIR_SCHEDULES = {
    "constant": optax.constant_schedule(0.3),
    "polynomial": optax.polynomial_schedule(1.0, 0.1, 2.5, 100),
    "polynomial later": optax.polynomial_schedule(0.1, 1.0, 1.0, 50, 20),
    "linear": optax.linear_schedule(1.0, 0.25, 60),
    "exponential": optax.exponential_decay(1.0, 20, 0.7),
    "exponential staircase": optax.exponential_decay(1.0, 20, 0.7, 5, True, 0.2),
    "exponential growth": optax.exponential_decay(0.1, 20, 1.5, end_value=0.9),
    "step": optax.exponential_decay(1.0, 30, 0.5, staircase=True),
    "cosine": optax.cosine_decay_schedule(1.0, 100, 0.1, 1.5),
    "cosine with restarts": restarts(),
    "warm-up": optax.warmup_constant_schedule(0.1, 0.5, 40),
    "warm-up, cosine": optax.warmup_cosine_decay_schedule(0.1, 1.0, 30, 120, 0.05, 1.2),
    "warm-up, exponential": optax.warmup_exponential_decay_schedule(0.0, 1.0, 10, 20, 0.7),
    "one-cycle, cosine": optax.cosine_onecycle_schedule(100, 1.0),
    "one-cycle, linear": optax.linear_onecycle_schedule(100, 1.0),
    "piecewise": optax.piecewise_constant_schedule(1.0, {10: 0.1, 50: 5.0, 100: 0.2}),
    "piecewise linear": optax.piecewise_interpolate_schedule(
        "linear", 1.0, {10: 0.1, 50: 5.0, 100: 0.2}
    ),
    "piecewise cosine": optax.piecewise_interpolate_schedule(
        "cosine", 1.0, {10: 0.1, 50: 5.0, 100: 0.2}
    ),
    "joined": optax.join_schedules(
        [
            optax.constant_schedule(0.1),
            optax.linear_schedule(1.0, 0.0, 50),
            optax.constant_schedule(0.2),
        ],
        [10, 100],
    ),
}

THEIRS = {
    "sgd": optax.sgd(0.02),
    "sgd schedule": optax.sgd(exact(optax.cosine_decay_schedule(0.05, 80))),
    "sgd momentum": optax.sgd(0.02, 0.9),
    "sgd nesterov": optax.sgd(0.02, 0.9, nesterov=True),
    "adagrad": optax.adagrad(0.1),
    "adagrad from 0": optax.adagrad(0.1, 0.0, 1e-10),
    "adadelta": optax.adadelta(1.0),
    "adadelta decay": optax.adadelta(0.5, 0.95, 1e-5, 0.01, decays),
    "rmsprop": optax.rmsprop(0.01),
    "rmsprop centered": optax.rmsprop(0.01, centered=True, initial_scale=1.0),
    "rmsprop momentum": optax.rmsprop(0.01, momentum=0.9, eps_in_sqrt=False, initial_scale=1.0),
    "rmsprop nesterov": optax.rmsprop(
        0.01, centered=True, momentum=0.8, nesterov=True, bias_correction=True, initial_scale=1.0
    ),
    "adam": optax.adam(0.05),
    "adam eps_root": optax.adam(0.05, 0.8, 0.99, 1e-6, 1e-5),
    "adam schedule": optax.adam(exact(optax.warmup_cosine_decay_schedule(0.0, 0.1, 10, 90))),
    "amsgrad": optax.amsgrad(0.05),
    "adamw": optax.adamw(0.05, weight_decay=0.1),
    "adamw mask": optax.adamw(0.05, weight_decay=0.1, mask=decays),
    "adamw schedule": optax.adamw(0.05, weight_decay=exact(optax.linear_schedule(0.1, 0.0, 50))),
    "adamax": optax.adamax(0.05),
    "nadam": optax.nadam(0.05),
    "nadamw": optax.nadamw(0.05, weight_decay=0.1, mask=decays),
    "radam": optax.radam(0.05),
    "lion": optax.lion(0.01),
    "lion mask": optax.lion(0.01, 0.8, 0.95, weight_decay=0.1, mask=decays),
    "lamb": optax.lamb(0.02),
    "lamb mask": optax.lamb(0.02, weight_decay=0.1, mask=decays),
    "lars": optax.lars(1.0, 0.01),
    "lars masks": optax.lars(0.02, 0.01, decays, 0.5, 1e-6, decays, 0.8, True),
    "adafactor": adafactor(0.1),
    "adafactor factored": adafactor(0.1, 2),
    "adafactor everything": adafactor(0.1, 2, momentum=0.9, decay=1e-3, clipping=0.5),
    "adafactor bare": adafactor(0.01, 2, clipping=None, scaled=False),
    "adabelief": optax.adabelief(0.05),
    "yogi": optax.yogi(0.05),
    "sign_sgd": optax.sign_sgd(0.01),
    "signum": optax.signum(0.01, 0.9),
    "lbfgs": optax.lbfgs(),
    "lbfgs short memory": optax.lbfgs(0.5, 2, scale_init_precond=False, linesearch=search()),
    "lbfgs without search": optax.lbfgs(0.01, linesearch=None),
    "clip": optax.chain(optax.clip(0.3), optax.sgd(0.05)),
    "clip_by_rms": optax.chain(optax.clip_by_block_rms(0.3), optax.sgd(0.05)),
    "clip_by_global_norm": optax.chain(optax.clip_by_global_norm(2.0), optax.adam(0.05)),
    "adaptive_clip": optax.chain(optax.adaptive_grad_clip(0.1), optax.sgd(0.05)),
    "weight_decay": optax.chain(optax.add_decayed_weights(0.1, decays), optax.sgd(0.05)),
    "ema": optax.chain(optax.ema(0.9), optax.sgd(0.05)),
    "ema biased": optax.chain(optax.ema(0.9, debias=False), optax.sgd(0.05)),
    "trace": optax.chain(optax.trace(0.8, nesterov=True), optax.scale(-0.02)),
    "accumulate": optax.MultiSteps(
        optax.adam(0.05), 3, accumulator_dtype=jnp.float64
    ).gradient_transformation(),
    "freeze": optax.multi_transform(
        {"free": optax.adam(0.05), "frozen": optax.set_to_zero()}, frozen
    ),
    "separate": optax.multi_transform(
        {"matrices": optax.adam(0.05), "others": optax.sgd(0.02, 0.9)}, sides
    ),
    "lookahead": optax.lookahead(optax.adam(0.1), 5, 0.4),
    "reduce_on_plateau": optax.chain(
        optax.sgd(0.02),
        optax.contrib.reduce_on_plateau(0.5, 3, rtol=0.05, cooldown=2, accumulation_size=2),
    ),
}


def loss_in_jax(tree):
    x = jnp.concatenate([jnp.ravel(leaf) for leaf in leaves_of(tree)])
    return jnp.sum(4.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def run_theirs(name):
    """What `run` gives, with optax."""
    optimizer = THEIRS[name]
    params = jax.tree.map(jnp.asarray, start())
    if name == "lookahead":
        params = optax.LookaheadParams.init_synced(params)
    state = optimizer.init(params)
    fast = params.fast if name == "lookahead" else params
    seen = [flat(fast)]
    searching = name in SEARCHED - {"lbfgs without search"}

    @jax.jit
    def update(grads, state, params, value):
        extra = {"value": value} if searching or name == "reduce_on_plateau" else {}
        if searching:
            extra |= {"grad": grads, "value_fn": loss_in_jax}
        updates, state = optimizer.update(grads, state, params, **extra)
        return optax.apply_updates(params, updates), state

    for count in range(STEPS):
        host = jax.tree.map(np.asarray, fast)
        grads = slopes_at(host) if name in SEARCHED else gradient_at(host, count)
        params, state = update(grads, state, params, loss_at(host))
        fast = params.fast if name == "lookahead" else params
        seen.append(flat(jax.tree.map(np.asarray, fast)))
    return seen


def distance(ours, theirs):
    """The greatest difference, relative to numbers above 1."""
    return float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))


@pytest.fixture(scope="session")
def record():
    """The numbers that were kept; written anew at the end if that was asked for."""
    if not os.environ.get("RECORD"):
        yield read()
        return
    made = {"optax": optax.__version__, "optimizers": {}, "schedules": {}}
    yield made
    FILE.parent.mkdir(exist_ok=True)
    text = json.dumps(made, indent=0).replace(",\n", ", ").replace("], ", "],\n")
    FILE.write_text(text + "\n", encoding="utf-8")


def test_every_case_has_two_sides():
    assert OPTIMIZERS.keys() == THEIRS.keys()
    assert SCHEDULES.keys() == THEIR_SCHEDULES.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name, record):
    theirs = run_theirs(name)
    ours = run(name, STEPS)
    apart = [distance(a, b) for a, b in zip(ours, theirs, strict=True)]
    print(f"{name}: {max(apart):.1e}")
    assert max(apart) <= TOLERANCE
    assert distance(theirs[-1], theirs[0]) > 1e-3  # it went somewhere
    if os.environ.get("RECORD"):
        record["optimizers"][name] = {str(i): theirs[i].tolist() for i in KEPT}
    for count, values in record["optimizers"][name].items():
        assert distance(np.array(values), theirs[int(count)]) <= TOLERANCE


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name, record):
    theirs = [float(THEIR_SCHEDULES[name](jnp.asarray(i))) for i in range(300)]
    ours = [SCHEDULES[name](i) for i in range(300)]
    assert np.max(np.abs(np.array(ours) - theirs)) <= TOLERANCE
    if os.environ.get("RECORD"):
        record["schedules"][name] = [theirs[i] for i in COUNTS]
    assert np.allclose(record["schedules"][name], [theirs[i] for i in COUNTS], 0.0, TOLERANCE)


def test_rprop_keeps_the_state_of_optax():
    """Its update differs: optax gives that of the step before (the first one is 0)."""
    ours, theirs = optim.rprop(0.1), optax.rprop(0.1)
    params = start()
    mine, other = ours.init(params), theirs.init(jax.tree.map(jnp.asarray, params))
    for count in range(STEPS):
        grads = like(params, np.sin(np.arange(flat(params).size) * (count + 1.3)))
        updates, mine = ours.update(grads, mine, params)
        _, other = theirs.update(jax.tree.map(jnp.asarray, grads), other)
        assert distance(flat(mine["rate"]), flat(other[0].step_sizes)) <= TOLERANCE
        assert distance(flat(mine["previous"]), flat(other[0].prev_updates)) <= TOLERANCE
        assert distance(-flat(updates), flat(mine["previous"])) == 0.0


def test_averaged_parameters():
    optimizer = optim.averaged(optim.adam(0.05), 0.9)
    params = start()
    state = optimizer.init(params)
    theirs = optax.ema(0.9)
    other = theirs.init(jax.tree.map(jnp.asarray, params))
    for count in range(STEPS):
        updates, state = optimizer.update(gradient_at(params, count), state, params)
        params = optim.apply_updates(params, updates)
        mean, other = theirs.update(jax.tree.map(jnp.asarray, params), other)
    assert distance(flat(optim.average_of(state, params)), flat(mean)) <= TOLERANCE
