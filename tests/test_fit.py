"""The training loop: what it computes, what it takes, and that it goes on exactly where it was."""

import dataclasses
import os
import signal
import threading
import tracemalloc
import types

import numpy as np
import pytest

from srcgrad import data, nn, optim, train, value_and_grad
from srcgrad.errors import BadArgument, BadValue, CheckpointError
from srcgrad.train import Checkpoints, CheckpointWarning, fit
from tests.test_saving import same

RNG = np.random.default_rng(0)
X = RNG.normal(size=(41, 3))
Y = X @ np.array([1.0, -2.0, 0.5]) + 3.0


def loss(params, x, y):
    return np.mean((x @ params["w"] + params["b"] - y) ** 2)


def noisy(params, x, y, rng):
    kept = rng.random(x.shape) >= 0.2
    return np.mean(((x * kept) @ params["w"] + params["b"] - y) ** 2)


def first():
    return {"w": np.zeros(3), "b": 0.0, "name": "line"}


def batches(size=8):
    return data.arrays(X, Y).shuffle(seed=3).batch(size)


def test_the_steps_are_those_of_a_loop_written_by_hand():
    optimizer, step = optim.adam(0.1), value_and_grad(loss)
    params, losses, norms = first(), [], []
    params["w"] = params["w"].copy()
    state = optimizer.init(params)
    for epoch in range(3):
        for x, y in batches().epoch(epoch):
            value, grads = step(params, x, y)
            losses.append(value)
            norms.append(np.sqrt(np.sum(grads["w"] ** 2) + grads["b"] ** 2))
            state = optimizer.step(grads, state, params)
    given = first()
    found, history = fit(loss, given, batches(), optimizer, epochs=3)
    assert same(found, params)
    assert same(given, first())
    assert np.array_equal(history.steps["loss"], losses)
    assert np.allclose(history.steps["gradient_norm"], norms, rtol=1e-14)
    assert history.epochs["step"] == [6.0, 12.0, 18.0]
    assert np.allclose(history.epochs["loss"], np.mean(np.reshape(losses, (3, 6)), axis=1))
    assert len(history) == 18
    assert history.stopped == ""
    assert repr(history).startswith("<history of 18 steps; step: 18, loss: ")
    assert repr(train.History()) == "<empty history>"


class Point:
    def __init__(self):
        self.w, self.b = np.zeros(3), 0.0


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    b: float


def attribute_loss(params, x, y):
    return np.mean((x @ params.w + params.b - y) ** 2)


def pair_loss(params, x, y):
    return np.mean((x @ params[0] + params[1] - y) ** 2)


def array_loss(w, x, y):
    return np.mean((x @ w + 3.0 - y) ** 2)


def number_loss(b, x, y):
    return np.mean((x[:, 0] + b - y) ** 2)


@pytest.mark.parametrize(
    ("function", "params"),
    [
        (attribute_loss, Point()),
        (attribute_loss, Frozen(np.zeros(3), 0.0)),
        (attribute_loss, types.SimpleNamespace(w=np.zeros(3), b=0.0)),
        (pair_loss, (np.zeros(3), 0.0)),
        (pair_loss, [np.zeros(3), np.float64(0.0)]),
        (array_loss, np.zeros(3)),
        (number_loss, 0.0),
        (loss, {"w": np.zeros((3, 2)).T[0], "b": 0.0}),
    ],
)
def test_parameters_of_any_structure(function, params, tmp_path):
    kind = type(params)
    found, history = fit(
        function, params, batches(), optim.adam(0.2), epochs=2, checkpoint=tmp_path / "a"
    )
    assert type(found) is kind
    again, longer = fit(
        function, params, batches(), optim.adam(0.2), epochs=60, checkpoint=tmp_path / "a"
    )
    alone, reference = fit(function, params, batches(), optim.adam(0.2), epochs=60)
    assert same(again, alone)
    assert same(longer.as_tree(), reference.as_tree())
    assert longer.epochs["loss"][-1] < history.epochs["loss"][0] / 2


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (loss, (X, Y)),
        (loss, {"y": Y, "x": X}),
        (loss, [(X[:20], Y[:20]), (X[20:], Y[20:])]),
        (loss, data.arrays(y=Y, x=X).batch(7)),
        (loss, data.arrays(X, Y).batch(7).prefetch(2)),
        (lambda w, batch: loss(w, batch[0], batch[1]), (X, Y)),
        (lambda w, batch: loss(w, batch["x"], batch["y"]), {"x": X, "y": Y}),
        (lambda w, batch: loss(w, batch[0][0], batch[0][1]), [((X, Y), X)]),
        (lambda w, x, y=Y: loss(w, x, y), X),
        (lambda w, *rest: loss(w, rest[0], rest[1]), (X, Y)),
        (lambda w, x, y, rng: loss(w, x + 0.0 * rng.normal(), y), (X, Y)),
    ],
)
def test_data_of_any_form(function, given):
    _, history = fit(function, first(), given, optim.sgd(0.1))
    assert history.epochs["loss"][0] > 0.0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"data": data.arrays(X, Y)}, BadArgument, "single rows"),
        ({"data": iter([(X, Y)])}, BadArgument, "not batches"),
        ({"data": []}, BadValue, "no batches"),
        ({"data": (X, Y, Y)}, BadArgument, "a batch of 3 parts does not fit the loss `loss`"),
        ({"data": {"x": X, "z": Y}}, BadArgument, "its parameters are x, y"),
        ({"data": (X,)}, BadArgument, "does not fit"),
        ({"data": (np.array([None]), Y)}, BadArgument, "Python objects"),
        ({"data": [(X, Y), (X, Y, Y)]}, BadArgument, "the first batch was of another form"),
        ({"optimizer": 0.1}, BadArgument, "no optimizer"),
        ({"epochs": -1}, BadValue, "number of epochs"),
        ({"seed": None}, BadArgument, "a seed"),
        ({"callbacks": [3]}, BadArgument, "3 is no callback"),
        ({"callbacks": 3}, BadArgument, "3 is no callback"),
        ({"params": {"w": np.zeros(3, int)}}, BadArgument, "no floats that could be trained"),
        ({"metrics": {"loss": loss}}, BadArgument, "cannot be called 'loss'"),
        ({"metrics": {"a": 3}}, BadArgument, "the metric 'a' is no function"),
        ({"metrics": [lambda _, x, y: x + y[:, None]]}, BadArgument, "one number"),
        ({"validation": lambda _: "low"}, BadArgument, "a number or a dict"),
        (
            {"validation": lambda _: 1.0, "metrics": {"a": loss}},
            BadArgument,
            "Let the function return a dict",
        ),
        ({"checkpoint_every": 3}, BadArgument, "needs `checkpoint`"),
        ({"callbacks": train.early_stopping(monitor="a")}, BadArgument, "no 'a' in the history"),
    ],
)
def test_arguments_are_checked(arguments, error, words):
    plain = {"params": first(), "data": batches(), "optimizer": optim.sgd(0.1)}
    with pytest.raises(error, match=words):
        fit(loss, **(plain | arguments))


def test_parameters_that_share_memory_are_refused():
    w = np.zeros(3)
    with pytest.raises(BadValue, match="share memory"):
        fit(loss, {"w": w, "b": 0.0, "v": w}, batches(), optim.sgd(0.1))


def test_validation_and_metrics():
    def worst(params, x, y):
        return np.max(np.abs(x @ params["w"] + params["b"] - y))

    held = data.arrays(X[:10], Y[:10]).batch(4)
    params, history = fit(
        loss, first(), batches(), optim.adam(0.1), epochs=2, validation=held, metrics=[worst]
    )
    assert history.epochs["validation_loss"][-1] == pytest.approx(loss(params, X[:10], Y[:10]))
    parts = [worst(params, X[i:j], Y[i:j]) for i, j in ((0, 4), (4, 8), (8, 10))]
    expected = (4 * parts[0] + 4 * parts[1] + 2 * parts[2]) / 10
    assert history.epochs["validation_worst"][-1] == pytest.approx(expected)
    _, history = fit(loss, first(), (X, Y), optim.adam(0.1), metrics={"worst": worst})
    assert history.epochs.keys() == {"step", "loss", "gradient_norm", "worst"}
    _, history = fit(loss, first(), (X, Y), optim.adam(0.1), validation=lambda p: {"b": p["b"]})
    assert history.epochs["validation_b"] == [pytest.approx(0.1)]


def test_random_numbers_follow_from_seed_and_step():
    def drawn(params, x, rng):
        return params["w"] * (float(rng.random()) + 0.0 * np.sum(x))

    def losses(seed, epochs):
        given = [np.ones(2)] * 3
        return fit(drawn, {"w": 1.0}, given, optim.sgd(0.0), epochs=epochs, seed=seed)[1].steps[
            "loss"
        ]

    expected = [np.random.default_rng((7, i)).random() for i in range(6)]
    assert np.array_equal(losses(7, 2), expected)
    assert not np.array_equal(losses(8, 2), expected)


def test_training_is_false_in_the_validation():
    def function(params, x, training):
        return np.mean(x) * params["w"] + (1.0 if training else 5.0)

    _, history = fit(function, {"w": 0.0}, np.ones(2), optim.sgd(0.0), validation=np.ones(2))
    assert (history.epochs["loss"], history.epochs["validation_loss"]) == ([1.0], [5.0])


def test_line_searches_get_the_function():
    params, _ = fit(loss, first(), (X, Y), optim.lbfgs(), epochs=12)
    assert np.allclose(params["w"], [1.0, -2.0, 0.5], atol=1e-6)


def stopping_at(step):
    return lambda run: run.step == step and "enough"


CALLBACKS = {
    "keep_best": lambda: [train.keep_best(), train.log_rate(optim.cosine(0.05, 30))],
    "early": lambda: [train.early_stopping(patience=1, least=10.0), train.keep_best("loss")],
}


@pytest.mark.parametrize("callbacks", CALLBACKS.values(), ids=CALLBACKS)
@pytest.mark.parametrize(
    "optimizer",
    [
        optim.adam(optim.cosine(0.05, 30)),
        optim.chain(optim.clip_by_global_norm(1.0), optim.sgd(0.05, momentum=0.9)),
        optim.accumulate(optim.sgd(0.05), 4),
        optim.lbfgs(memory=3),
    ],
    ids=["adam", "chain", "accumulate", "lbfgs"],
)
def test_a_run_that_is_stopped_anywhere_goes_on_bit_for_bit(tmp_path, optimizer, callbacks):
    def go(folder=None, *more, **other):
        return fit(
            noisy,
            first(),
            batches(),
            optimizer,
            epochs=4,
            validation=(X[:9], Y[:9]),
            callbacks=[*callbacks(), *more],
            seed=5,
            checkpoint=folder,
            **other,
        )

    def interrupting(step):
        return lambda run: signal.raise_signal(signal.SIGINT) if run.step == step else None

    params, history = go()
    for step in (1, 5, 6, 7, 11, 12, len(history)):
        folder = tmp_path / str(step)
        _, part = go(folder, interrupting(step))
        assert len(part) == step
        assert part.stopped == (
            "interrupted" if step < len(history) or not history.stopped else history.stopped
        )
        found, whole = go(folder)
        assert same(found, params)
        assert same(whole.as_tree(), history.as_tree())
        assert whole.stopped == history.stopped
        again, once_more = go(folder)
        assert same(again, params)
        assert same(once_more.as_tree(), history.as_tree())


def test_a_callback_that_stops_a_run_ends_it_for_good_unless_there_are_more_epochs(tmp_path):
    def go(epochs, *callbacks):
        return fit(
            loss,
            first(),
            batches(),
            optim.sgd(0.1),
            epochs=epochs,
            callbacks=callbacks,
            checkpoint=tmp_path,
        )[1]

    assert go(3, stopping_at(4)).stopped == "enough"
    assert len(go(3)) == 4
    assert go(3).stopped == "enough"
    assert len(go(4)) == 24
    assert len(go(2)) == 24


def test_an_error_leaves_the_last_checkpoint(tmp_path):
    def fail(run):
        if run.step == 9:
            raise RuntimeError("no")

    arguments = (loss, first(), batches(), optim.sgd(0.1))
    with pytest.raises(RuntimeError, match="no"):
        fit(*arguments, epochs=3, callbacks=fail, checkpoint=tmp_path, checkpoint_every=4)
    assert Checkpoints(tmp_path).latest().step == 8
    found, _ = fit(*arguments, epochs=3, checkpoint=tmp_path)
    assert same(found, fit(*arguments, epochs=3)[0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 1}, "its seed is 0, and 1 was given"),
        ({"data": batches(4)}, "its data"),
        ({"params": first() | {"w": np.zeros(4)}}, "its parameters differ at"),
        ({"params": first() | {"c": 1.0}}, "which it has not"),
        ({"optimizer": optim.sgd(0.1, momentum=0.9)}, "the state of its optimizer differs"),
    ],
)
def test_checkpoints_of_other_runs_are_refused(tmp_path, changes, words):
    plain = {"params": first(), "data": batches(), "optimizer": optim.sgd(0.1)}
    fit(loss, **plain, checkpoint=tmp_path)
    with pytest.raises(BadValue, match=words):
        fit(loss, **(plain | changes), checkpoint=tmp_path)


def test_other_trees_and_damaged_files_are_refused(tmp_path):
    Checkpoints(tmp_path / "a").save(3, {"w": 1.0})
    with pytest.raises(BadValue, match="something else"):
        fit(loss, first(), batches(), optim.sgd(0.1), checkpoint=tmp_path / "a")
    fit(loss, first(), batches(), optim.sgd(0.1), checkpoint=tmp_path / "b", checkpoint_every=2)
    newest, *rest = sorted((tmp_path / "b").iterdir(), reverse=True)
    newest.write_bytes(newest.read_bytes()[:-9])
    with pytest.warns(CheckpointWarning, match="Used instead"):
        fit(loss, first(), batches(), optim.sgd(0.1), checkpoint=tmp_path / "b")
    for file in (tmp_path / "b").iterdir():
        file.write_bytes(b"")
    with pytest.raises(CheckpointError, match="none is sound"):
        fit(loss, first(), batches(), optim.sgd(0.1), checkpoint=tmp_path / "b")
    assert rest


def test_a_full_disk_is_survived(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("srcgrad.train.saving_files._write", full)
    with pytest.warns(CheckpointWarning, match="step 6 was not saved: .*No space left"):
        found, _ = fit(loss, first(), batches(), optim.sgd(0.1), checkpoint=tmp_path)
    assert same(found, fit(loss, first(), batches(), optim.sgd(0.1))[0])
    assert not os.listdir(tmp_path)


def test_a_second_interrupt_interrupts():
    def twice(_):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(loss, first(), batches(), optim.sgd(0.1), callbacks=twice)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_runs_in_threads():
    results = {}

    def work(nth):
        results[nth] = fit(loss, first(), batches(), optim.adam(0.1), epochs=5)[0]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same(results[i], results[0]) for i in range(3))


def test_threads_that_read_ahead_end_with_the_run():
    ahead = data.arrays(X, Y).shuffle(seed=3).batch(4).prefetch(3)
    before = threading.active_count()
    fit(loss, first(), ahead, optim.sgd(0.1), callbacks=stopping_at(2))
    with pytest.raises(train.NotFinite):
        fit(loss, first() | {"b": np.nan}, ahead, optim.sgd(0.1))
    assert threading.active_count() == before


def test_memory_does_not_grow():
    held = []

    def look(run):
        if run.step in (2000, 6000):
            held.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        callbacks = [look, train.log_rate(0.1), train.early_stopping(patience=10**6)]
        fit(loss, first(), batches(), optim.adam(0.01), epochs=1000, callbacks=callbacks)
    finally:
        tracemalloc.stop()
    # Three float64 a step in buffers that double (4096 to 8192 entries), and the records of epochs.
    assert held[1] - held[0] < 3 * 8 * (8192 - 2048) + 700 * 4 * 50


def mlp_loss(params, x, y):
    h = np.tanh(nn.dense(params["hidden"], x))
    return np.mean((nn.dense(params["out"], h)[:, 0] - y) ** 2)


def mlp_first():
    rng = np.random.default_rng(1)
    return {"hidden": nn.init_dense(rng, 3, 4), "out": nn.init_dense(rng, 4, 1)}


def widen(run):
    if run.epoch == 1:
        rng = np.random.default_rng(2)
        params = run.params
        hidden, out = train.widened(rng, params["hidden"], params["out"], 3)
        before = mlp_loss(params, X, Y)
        run.grow({"hidden": hidden, "out": out})
        assert mlp_loss(run.params, X, Y) == pytest.approx(before, rel=1e-14)


def test_a_model_grows_while_it_trains(tmp_path):
    arguments = (mlp_loss, mlp_first(), batches(), optim.adam(0.02))
    kept = {"callbacks": [train.every_epoch(widen), train.keep_best()], "epochs": 5}
    params, history = fit(*arguments, **kept)
    assert params["hidden"]["w"].shape == (3, 7)
    assert np.all(np.abs(params["out"]["w"]) > 0.0)
    for step in (9, 12, 14):
        interrupted = [*kept["callbacks"], lambda run, at=step: run.step == at and interrupt()]
        folder = tmp_path / str(step)
        fit(*arguments, callbacks=interrupted, epochs=5, checkpoint=folder)
        found, whole = fit(*arguments, **kept, checkpoint=folder)
        assert same(found, params)
        assert same(whole.as_tree(), history.as_tree())


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_grow_carries_over_what_was_there():
    optimizer = optim.chain(optim.clip_by_global_norm(1.0), optim.adam(0.1))
    old = [{"w": np.ones((2, 3))}, {"w": np.ones((3, 1))}]
    _, state = optimizer.update(old, optimizer.init(old), old)
    new = [{"w": np.ones((2, 5))}, {"w": np.zeros((5, 5))}, {"w": np.ones((5, 1))}]
    grown = train.grow(optimizer, state, old, new, moved={"[2]": "[1]"})
    mean, before = grown[1]["mean"], state[1]["mean"]
    assert np.array_equal(mean[0]["w"][:, :3], before[0]["w"])
    assert np.array_equal(mean[2]["w"][:3], before[1]["w"])
    assert not mean[0]["w"][:, 3:].any()
    assert not mean[1]["w"].any()
    assert grown[1]["count"] == 1
    assert not np.shares_memory(mean[2]["w"], before[1]["w"])
    for wrong, moved, error in [
        ([{"w": np.ones((2, 2))}], None, BadValue),
        ([{"w": np.ones(2)}], None, BadValue),
        ({"v": 1.0}, None, BadArgument),
        (new, {"[3]": "[1]"}, BadArgument),
        (new, {"[2]": "[7]"}, BadArgument),
    ]:
        with pytest.raises(error):
            train.grow(optimizer, state, old, wrong, moved=moved)


def test_widened_is_checked():
    rng, layer = np.random.default_rng(0), nn.init_dense(np.random.default_rng(0), 3, 4)
    with pytest.raises(BadValue, match="do not follow"):
        train.widened(rng, layer, layer, 2)
    with pytest.raises(BadValue, match="at least 1"):
        train.widened(rng, layer, nn.init_dense(rng, 4, 2), 0)
