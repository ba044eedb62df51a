"""Callbacks: when they are called, and what those that come with srcgrad do."""

import csv
import io
import json
import math
import signal

import numpy as np
import pytest

from srcgrad import data, optim, train
from srcgrad.errors import BadArgument, BadValue, MissingExtra
from srcgrad.train import Callback, fit
from srcgrad.train.norms import norm_of
from tests.test_saving import same

X = np.random.default_rng(0).normal(size=(24, 3))
Y = X @ np.array([1.0, -2.0, 0.5])


def loss(params, x, y):
    return np.mean((x @ params["w"] - y) ** 2)


def run(*callbacks, epochs=3, rate=0.1, **more):
    batches = data.arrays(X, Y).shuffle(seed=3).batch(8)
    optimizer = optim.sgd(rate)
    return fit(
        loss, {"w": np.zeros(3)}, batches, optimizer, epochs=epochs, callbacks=callbacks, **more
    )


def test_the_moments():
    seen = []

    def note(moment):
        return lambda run: seen.append((moment, run.step, run.epoch, run.batch, run.moment))

    run(
        Callback(**{m: note(m) for m in ("start", "gradient", "step", "epoch", "end")}),
        train.every(2, note("second")),
        train.every_epoch(note("each")),
        epochs=1,
    )
    assert seen == [
        ("start", 0, 0, 0, "start"),
        ("gradient", 0, 0, 0, "gradient"),
        ("step", 1, 0, 1, "step"),
        ("gradient", 1, 0, 1, "gradient"),
        ("step", 2, 0, 2, "step"),
        ("second", 2, 0, 2, "step"),
        ("gradient", 2, 0, 2, "gradient"),
        ("step", 3, 0, 3, "step"),
        ("epoch", 3, 0, 3, "epoch"),
        ("each", 3, 0, 3, "epoch"),
        ("end", 3, 1, 0, "end"),
    ]


def test_callbacks_in_any_form():
    for callbacks in (None, (), iter([lambda _: True]), lambda _: True, Callback()):
        stops = callable(callbacks) or callbacks not in (None, (), Callback())
        given = {"callbacks": callbacks, "metrics": None}
        _, history = fit(loss, {"w": np.zeros(3)}, (X, Y), optim.sgd(0.1), epochs=3, **given)
        assert len(history) == (1 if stops else 3)


def test_the_end_comes_also_after_an_error():
    seen = []
    fail = Callback(step=lambda _: 1 / 0, end=lambda run: seen.append(run.step))
    with pytest.raises(ZeroDivisionError):
        run(fail)
    assert seen == [1]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (True, "the callback `decide` said so"),
        ("it is enough", "it is enough"),
        (np.True_, "the callback `decide` said so"),
        (False, ""),
        (None, ""),
        (0, ""),
    ],
)
def test_a_true_result_stops(result, reason):
    def decide(_):
        return result

    assert run(decide)[1].stopped == reason
    assert run(train.every_epoch(decide))[1].stopped == reason
    assert len(run(decide)[1]) == (1 if reason else 9)
    assert len(run(train.before_update(decide))[1]) == (1 if reason else 9)
    assert len(run(Callback(start=decide))[1]) == (0 if reason else 9)


def test_the_gradient_may_be_changed():
    def halve(run):
        run.grads["w"] *= 0.5
        run.grads = {"w": run.grads["w"]}

    assert same(run(train.before_update(halve), rate=0.2)[0], run(rate=0.1)[0])


def test_numbers_are_logged():
    def log(run):
        run.log("first", run.params["w"][0])

    with pytest.raises(BadArgument, match="after a step or an epoch"):
        run(train.before_update(log))
    with pytest.raises(BadArgument, match="'loss' is measured already"):
        run(lambda run: run.log("loss", 1.0))
    schedule = optim.linear(1.0, 0.0, steps=9)
    late = train.every_epoch(lambda run: run.epoch == 1 and run.log("late", 5))
    _, history = run(log, train.log_rate(schedule), late, train.every(4, lambda r: r.log("a", 1)))
    assert np.allclose(history.steps["rate"], [schedule(i) for i in range(9)])
    assert np.array_equal(
        np.isnan(history.steps["a"]), [True] * 3 + [False] + [True] * 3 + [False, True]
    )
    assert history.epochs["rate"] == [schedule(i) for i in (2, 5, 8)]
    assert history.epochs["late"][1] == 5.0
    assert np.isnan(history.epochs["late"]).tolist() == [True, False, True]


def given(values):
    """Validation losses that come one after another."""
    left = iter(values)
    return lambda _: next(left)


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 1, 1, 1, 1, 0], {"patience": 3}, 6),
        ([3, 2, 2.5, 2.4, 1, 0, 0], {"patience": 3}, 7),
        ([3, 2.9, 2.8, 2.7, 0, 0, 0], {"patience": 2, "least": 0.5}, 3),
        ([1, 2, 3, 2, 2, 2, 2], {"patience": 2, "lowest": False}, 5),
        ([math.nan] * 7, {"patience": 2}, 3),
        ([1, math.nan, 0.5, 0.6, 0.7, 0, 0], {"patience": 2}, 5),
    ],
)
def test_early_stopping(values, options, epochs):
    _, history = run(train.early_stopping(**options), epochs=7, validation=given(values))
    assert len(history.epochs["loss"]) == epochs
    waited = f"validation_loss has not improved for {options['patience']} epochs"
    assert history.stopped == (waited if epochs < 7 else "")


@pytest.mark.parametrize("lowest", [True, False])
def test_keep_best(lowest):
    copies = []
    values = [3.0, 1.0, math.nan, 2.0]
    best, history = run(
        train.every_epoch(lambda run: copies.append(run.params["w"].copy())),
        train.keep_best(lowest=lowest),
        epochs=4,
        validation=given(values),
    )
    assert np.array_equal(best["w"], copies[1 if lowest else 0])
    assert len(history) == 12


@pytest.mark.parametrize("make", [train.csv_log, train.json_log])
def test_logs_are_those_of_the_undisturbed_run(tmp_path, make):
    def logged(run):
        if run.epoch >= 2:
            run.log("late", math.inf if run.epoch == 3 else 0.5)

    def go(name, *callbacks):
        return run(
            make(tmp_path / name),
            train.every_epoch(logged),
            *callbacks,
            make(tmp_path / f"{name}2"),
            epochs=5,
            checkpoint=tmp_path / f"checkpoints of {name}",
        )

    go("whole")
    go("cut", lambda run: signal.raise_signal(signal.SIGINT) if run.step == 10 else None)
    with open(tmp_path / "cut", "a", encoding="utf-8") as stream:
        stream.write("half a li")
    (tmp_path / ".cut.0123456789abcdef.tmp").write_text("left by a killed run")
    _, history = go("cut")
    for name in ("whole", "whole2"):
        text = (tmp_path / name).read_text()
        assert text == (tmp_path / name.replace("whole", "cut")).read_text()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
        "cut",
        "cut2",
        "whole",
        "whole2",
    ]
    with open(tmp_path / "whole2", encoding="utf-8") as stream:
        if make is train.csv_log:
            rows = list(csv.DictReader(stream))
        else:
            rows = [json.loads(line) for line in stream]
    assert [int(row["epoch"]) for row in rows] == list(range(5))
    assert [float(row["loss"]) for row in rows] == history.epochs["loss"]
    assert [row["late"] for row in rows][2:] == (
        ["0.5", "inf", "0.5"] if make is train.csv_log else [0.5, None, 0.5]
    )


def test_the_progress_bar():
    text = io.StringIO()
    run(train.progress_bar(file=text, ncols=120), epochs=2, validation=(X, Y))
    assert "6/6" in text.getvalue()
    assert "epoch 2/2, loss" in text.getvalue()
    assert "validation" in text.getvalue()


def test_the_progress_bar_is_an_argument_too(capsys):
    run(epochs=2, progress=True)
    assert "6/6" in capsys.readouterr().err


def test_missing_libraries_are_named(monkeypatch, tmp_path):
    for module in ("tqdm.auto", "matplotlib.figure", "tensorboardX"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    for call, extra in [
        (lambda: run(progress=True), "progress"),
        (lambda: train.curves(tmp_path / "a.png"), "plot"),
        (lambda: train.plot_curves(run()[1]), "plot"),
        (lambda: train.tensorboard(tmp_path), "tensorboard"),
    ]:
        with pytest.raises(MissingExtra, match=f"srcgrad\\[{extra}\\]"):
            call()


def test_the_picture_of_the_curves(tmp_path):
    file = tmp_path / "curves.png"
    _, history = run(train.curves(file), epochs=60, validation=(X, Y))
    assert file.read_bytes().startswith(b"\x89PNG")
    figure = train.plot_curves(history)
    shown = [axes.get_title() for axes in figure.axes if axes.lines]
    assert shown == ["loss", "gradient norm"]
    assert figure.axes[0].get_yscale() == "log"
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert labels == ["steps", "validation"]
    with pytest.raises(BadArgument, match="empty"):
        train.plot_curves(train.History())


def events_in(folder):
    loader = pytest.importorskip("tensorboardX.proto.event_pb2")
    found = {}
    for file in sorted(folder.glob("**/events.*")):
        content, at = file.read_bytes(), 0
        while at < len(content):
            size = int.from_bytes(content[at : at + 8], "little")
            event = loader.Event.FromString(content[at + 12 : at + 12 + size])
            at += 16 + size
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value))
    return found


def test_tensorboard(tmp_path):
    callback = train.tensorboard(
        tmp_path,
        every=3,
        images=lambda run: {
            "w": np.clip(run.params["w"], 0, 1)[None, :],
            "rgb": np.zeros((4, 5, 3)),
        },
        hyper={"rate": 0.1, "kind": "sgd"},
    )
    _, history = run(callback, epochs=2, validation=(X, Y))
    found = events_in(tmp_path)
    assert [step for step, _ in found["step/loss"]] == [1, 3, 6]
    assert found["step/loss"][2][1].simple_value == pytest.approx(history.steps["loss"][5])
    assert [step for step, _ in found["epoch/validation_loss"]] == [3, 6]
    assert found["params/w"][1][1].histo.num == 3
    assert found["w"][0][1].image.width == 3
    assert found["rgb"][1][1].image.height == 4
    text = found["gradient/text_summary"][0][1].tensor.string_val[0].decode()
    assert "def loss_value_and_grad(params, x, y):" in text
    assert found["hyper/loss"][0][1].simple_value == pytest.approx(history.epochs["loss"][-1])
    with pytest.raises(BadArgument, match="shape"):
        run(train.tensorboard(tmp_path / "b", images=lambda run: {"w": run.params["w"]}))


@pytest.mark.parametrize(
    "call",
    [
        lambda: train.every(0, print),
        lambda: train.early_stopping(patience=0),
        lambda: train.tensorboard("no_folder", every=0),
    ],
)
def test_arguments_are_checked(call):
    with pytest.raises(BadValue):
        call()


@pytest.mark.parametrize(
    ("grads", "norm"),
    [
        ({"w": np.array([[3.0], [4.0]]), "n": None}, 5.0),
        ([np.full(4, 1e200), 0.0], 2e200),
        ((np.full(4, 1e-200), 0.0), 2e-200),
        (np.full(4, 1e30, np.float32), 2e30),
        (np.full(4, 3e4, np.float16), 6e4),
        (np.zeros((0, 3)), 0.0),
        (-3.0, 3.0),
        (None, 0.0),
        ([np.ones(2), np.array([1.0, np.nan])], math.nan),
        ([np.array([np.inf, np.nan])], math.nan),
        ([np.array([1.0, -np.inf])], math.inf),
    ],
)
def test_the_norm_of_a_gradient(grads, norm):
    assert norm_of(grads) == pytest.approx(norm, rel=1e-3, nan_ok=True)
