"""Models in the manner of scikit-learn."""

import copy
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

from srcgrad import nn, optim
from srcgrad.errors import BadArgument, BadValue
from srcgrad.train import Classifier, Regressor
from srcgrad.train.estimator_checks import NotFitted

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
LABELS = np.where(X[:, 0] * X[:, 1] > 0.0, "same", "other")
TARGETS = np.sin(X[:, 0]) + X[:, 1]


def two_layers(n_in, n_out):
    return nn.sequential(nn.Dense(n_in, 8), nn.relu, nn.Dense(8, n_out))


@pytest.mark.parametrize("model", [Classifier(), Regressor()], ids=["classifier", "regressor"])
def test_the_checks_of_scikit_learn(model):
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = checks.check_estimator(model, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert len(results) > 40


def test_grid_searches_and_pipelines():
    selection = pytest.importorskip("sklearn.model_selection")
    pipeline = pytest.importorskip("sklearn.pipeline")
    scaler = pytest.importorskip("sklearn.preprocessing").StandardScaler()
    made = pipeline.make_pipeline(scaler, Classifier(epochs=300))
    search = selection.GridSearchCV(made, {"classifier__hidden": [(), (16,)]}, cv=2).fit(X, LABELS)
    assert search.best_params_ == {"classifier__hidden": (16,)}
    assert selection.cross_val_score(Regressor(epochs=60), X, TARGETS, cv=3).min() > 0.9


def test_classes():
    model = Classifier(epochs=60).fit(X, LABELS)
    assert model.classes_.tolist() == ["other", "same"]
    assert model.score(X, LABELS) > 0.95
    assert model.predict_proba(X).shape == (120, 2)
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1.0)
    assert np.array_equal(model.classes_[model.predict_proba(X).argmax(axis=1)], model.predict(X))
    assert len(model.history_.epochs["loss"]) == 60


@pytest.mark.parametrize("targets", [TARGETS, np.stack([TARGETS, -3.0 * TARGETS], axis=1)])
def test_numbers(targets):
    model = Regressor(hidden=(16, 16), epochs=60).fit(X, targets)
    assert model.predict(X).shape == targets.shape
    assert model.score(X, targets) > 0.98
    assert model.score(X, np.ones_like(targets)) <= 0.0


def test_nets_of_ones_own_and_optimizers():
    model = Classifier(network=two_layers, optimizer=optim.rmsprop, rate=0.005, epochs=60)
    assert model.fit(X, LABELS).score(X, LABELS) > 0.9
    assert set(model.params_) == {"dense_1", "dense_2"}
    with pytest.raises(BadArgument, match="no net"):
        Classifier(network=lambda *_: None).fit(X, LABELS)


def test_parameters():
    model = Classifier(hidden=(3,), epochs=5)
    assert repr(model) == "Classifier(hidden=(3,), epochs=5)"
    assert model.get_params()["epochs"] == 5
    assert model.set_params(epochs=2, rate=0.5) is model
    assert (model.epochs, model.rate) == (2, 0.5)
    with pytest.raises(BadValue, match="no parameter 'depth'"):
        model.set_params(depth=3)
    assert len(model.fit(X, LABELS).history_.epochs["loss"]) == 2
    assert copy.deepcopy(model).get_params() == model.get_params()


def test_the_same_state_gives_the_same_model():
    one, two = (Regressor(epochs=3).fit(X, TARGETS) for _ in range(2))
    assert np.array_equal(one.predict(X), two.predict(X))
    other = Regressor(epochs=3, random_state=1).fit(X, TARGETS)
    assert not np.array_equal(one.predict(X), other.predict(X))
    kept = pickle.loads(pickle.dumps(one))
    assert np.array_equal(kept.predict(X), one.predict(X))


def test_it_works_without_scikit_learn():
    text = (
        "import sys, numpy as np; sys.modules['sklearn'] = None\n"
        "from srcgrad.train import Classifier\n"
        "x = np.array([[0.0], [1.0]] * 9)\n"
        "print(Classifier(hidden=(), epochs=300).fit(x, [0, 1] * 9).score(x, [0, 1] * 9))\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "1.0\n"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Classifier().predict(X), NotFitted, "not trained yet"),
        (lambda: Classifier().fit(X, TARGETS), BadValue, "Unknown label type"),
        (lambda: Classifier().fit(X, LABELS[:9]), BadValue, "inconsistent numbers of samples"),
        (lambda: Classifier().fit(X, None), BadValue, "y is missing"),
        (lambda: Classifier().fit(X[0], LABELS), BadValue, "Reshape your data"),
        (lambda: Regressor().fit(X * np.nan, TARGETS), BadValue, "Input X contains NaN"),
        (lambda: Regressor().fit(X, TARGETS * np.inf), BadValue, "Input y contains"),
        (lambda: Regressor().fit(X * 1j, TARGETS), BadValue, "Complex data"),
        (lambda: Regressor().fit([["a"]], [1.0]), BadValue, "no number"),
        (lambda: Regressor(epochs=1).fit(X, TARGETS).predict(X[:, 1:]), BadValue, "3 features"),
        (lambda: Regressor(hidden=(0,)).fit(X, TARGETS), BadValue, "a hidden layer"),
        (lambda: Regressor(batch_size=0).fit(X, TARGETS), BadValue, "batch_size"),
        (lambda: Regressor(random_state=-1).fit(X, TARGETS), BadValue, "random_state"),
    ],
)
def test_arguments_are_checked(call, error, words):
    with pytest.raises(error, match=words):
        call()
