"""Models in the manner of scikit-learn: `fit`, `predict`, `score`, `get_params`, `set_params`.

They need nothing of scikit-learn, and pass its `check_estimator`: grid searches, pipelines and
cross-validation take them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import data
from srcgrad.data.checks import count
from srcgrad.errors import BadArgument, BadValue
from srcgrad.nn import cross_entropy, mse, softmax
from srcgrad.nn.mlp import init_mlp, mlp
from srcgrad.optim import Optimizer, adam
from srcgrad.train.estimator_checks import (
    checked_x,
    checked_y,
    labels_of,
    not_fitted,
    tags_of,
)
from srcgrad.train.loop import fit

Network = Callable[[int, int], Any]


def classifier_loss(params: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """Cross-entropy of the dense layers."""
    return cross_entropy(mlp(params, x), y)


def regressor_loss(params: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """Mean squared error of the dense layers."""
    return mse(mlp(params, x), y)


class Estimator:
    """What `Classifier` and `Regressor` share.

    Inputs are shifted and scaled to mean 0 and deviation 1, and so are the targets of a regressor.

    Args:
        hidden: the numbers of neurons of the hidden layers, with tanh after each.
        network: `network(n_in, n_out)` returns another net, such as `nn.sequential(...)`: anything
            with `init(rng)` that is called `net(params, x)`. `hidden` is not used then.
        optimizer: a function of the rate that makes an optimizer.
        rate: the learning rate, or a schedule.
        epochs: how often to go through the data.
        batch_size: how many rows make a step.
        random_state: a nonnegative integer that first parameters and orders follow from.
        callbacks: for `srcgrad.train.fit`.
        progress: whether to show a progress bar.

    Attributes:
        params_: the trained parameters.
        history_: the `History` of the training.
        n_features_in_: the number of columns of the data.
    """

    kind = ""

    def __init__(
        self,
        hidden: Sequence[int] = (32,),
        network: Network | None = None,
        optimizer: Callable[..., Optimizer] = adam,
        rate: Any = 0.01,
        epochs: int = 100,
        batch_size: int = 32,
        random_state: int = 0,
        callbacks: Any = (),
        progress: bool = False,
    ) -> None:
        self.hidden = hidden
        self.network = network
        self.optimizer = optimizer
        self.rate = rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.callbacks = callbacks
        self.progress = progress

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [f"{n}={v!r}" for n, v in self.get_params().items() if v is not defaults[n].default]
        return f"{type(self).__name__}({', '.join(given)})"

    def __sklearn_tags__(self) -> Any:
        return tags_of(self.kind)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor, by name."""
        del deep
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Estimator:
        """Change arguments of the constructor.

        Raises:
            BadValue: if there is none of that name.
        """
        known = inspect.signature(type(self)).parameters
        for name, value in params.items():
            if name not in known:
                raise BadValue(
                    f"{type(self).__name__} has no parameter {name!r}",
                    hint=f"It has {', '.join(known)}.",
                )
            setattr(self, name, value)
        return self

    def _train(self, x: np.ndarray, y: np.ndarray, outputs: int, losses: Any) -> None:
        """Train on rows that are scaled already."""
        plain, of_network = losses
        rng = np.random.default_rng(count(self.random_state, "`random_state`", 0))
        if self.network is None:
            sizes = [x.shape[1], *(count(n, "a hidden layer") for n in self.hidden), outputs]
            first: Any = init_mlp(rng, sizes)
            self.net_, loss = mlp, plain
        else:
            net: Any = self.network(x.shape[1], outputs)
            if not callable(net) or not hasattr(net, "init"):
                raise BadArgument(
                    f"`network` returned {net!r:.60}, which is no net",
                    hint="Return nn.sequential(nn.Dense(n_in, 32), nn.relu, nn.Dense(32, n_out)).",
                )
            self.net_, first, loss = net, net.init(rng), of_network(net)
        seed = int(self.random_state)
        rows = data.arrays(x, y).shuffle(seed)
        self.params_, self.history_ = fit(
            loss,
            first,
            rows.batch(min(count(self.batch_size, "`batch_size`"), len(x))),
            self.optimizer(self.rate),
            epochs=self.epochs,
            callbacks=self.callbacks,
            seed=seed,
            progress=self.progress,
        )

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        return (x - self.x_mean_) / self.x_scale_

    def _fit_scale(self, x: np.ndarray) -> np.ndarray:
        """Learn the scale of the inputs, and scale them."""
        self.x_mean_, self.x_scale_ = moments_of(x)
        return self._scaled(x)

    def _outputs(self, x: Any) -> np.ndarray:
        """What the net makes of some rows."""
        if not hasattr(self, "params_"):
            raise not_fitted(type(self).__name__)
        return self.net_(self.params_, self._scaled(checked_x(self, x, fitted=True)))


def moments_of(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each column; 1 for the deviation of a constant one.

    Example:
        >>> moments_of(np.array([[1.0, 5.0], [3.0, 5.0]]))
        (array([2., 5.]), array([1., 1.]))
    """
    mean, scale = x.mean(axis=0), x.std(axis=0)
    # What is constant deviates by rounding.
    constant = scale <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return mean, np.where(constant, 1.0, scale)


class Classifier(Estimator):
    """A network that tells classes apart, in the manner of scikit-learn.

    Attributes:
        classes_: the classes, sorted, in the order of the columns of `predict_proba`.

    Example:
        >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> y = ["low", "low", "high", "high"]
        >>> model = Classifier(hidden=(), epochs=200, rate=0.1).fit(x, y)
        >>> model.predict([[0.5], [2.5]]).tolist(), model.score(x, y)
        (['low', 'high'], 1.0)
    """

    kind = "classifier"

    def fit(self, X: Any, y: Any) -> Classifier:  # noqa: N803
        """Train.

        Args:
            X: shape (n, features), finite numbers.
            y: shape (n,), the class of each row: integers, strings or bools.

        Raises:
            BadValue: if the data cannot be used; the message says why.
        """
        x = checked_x(self, X, fitted=False)
        labels = checked_y(y, len(x))
        self.classes_, numbers = labels_of(labels)

        def of_network(net: Any) -> Callable[..., Any]:
            def loss(params: Any, x: np.ndarray, y: np.ndarray) -> Any:
                return cross_entropy(net(params, x), y)

            return loss

        losses = classifier_loss, of_network
        self._train(self._fit_scale(x), numbers, len(self.classes_), losses)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """The probability of each class for each row, of shape (n, classes)."""
        return softmax(self._outputs(X))

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The most likely class of each row, of shape (n,)."""
        best = np.argmax(self._outputs(X), axis=1)
        return self.classes_[best]

    def score(self, X: Any, y: Any) -> float:  # noqa: N803
        """The fraction of rows that are predicted rightly."""
        predicted = self.predict(X)
        return float(np.mean(predicted == checked_y(y, len(predicted))))


class Regressor(Estimator):
    """A network that predicts numbers, in the manner of scikit-learn.

    Example:
        >>> x = np.linspace(0.0, 1.0, 50)[:, None]
        >>> model = Regressor(hidden=(), epochs=50).fit(x, 2.0 * x[:, 0] + 6.0)
        >>> np.round(model.predict([[0.0], [1.0]]), 2)
        array([6., 8.])
    """

    kind = "regressor"

    def fit(self, X: Any, y: Any) -> Regressor:  # noqa: N803
        """Train.

        Args:
            X: shape (n, features), finite numbers.
            y: shape (n,) or (n, targets), finite numbers.

        Raises:
            BadValue: if the data cannot be used; the message says why.
        """
        x = checked_x(self, X, fitted=False)
        targets = checked_y(y, len(x), numeric=True)
        self.single_ = targets.ndim == 1
        columns = targets.reshape(len(x), -1)
        self.y_mean_, self.y_scale_ = moments_of(columns)

        def of_network(net: Any) -> Callable[..., Any]:
            def loss(params: Any, x: np.ndarray, y: np.ndarray) -> Any:
                return mse(net(params, x), y)

            return loss

        losses = regressor_loss, of_network
        scaled = (columns - self.y_mean_) / self.y_scale_
        self._train(self._fit_scale(x), scaled, columns.shape[1], losses)
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """The prediction for each row, of the shape of the targets."""
        found = self._outputs(X) * self.y_scale_ + self.y_mean_
        return found[:, 0] if self.single_ else found

    def score(self, X: Any, y: Any) -> float:  # noqa: N803
        """The coefficient of determination: 1 is best, and 0 is what the mean of y gives."""
        predicted = self.predict(X)
        targets = checked_y(y, len(predicted), numeric=True)
        residual = np.sum((targets - predicted) ** 2, axis=0)
        total = np.sum((targets - targets.mean(axis=0)) ** 2, axis=0)
        found = np.where(total == 0.0, residual == 0.0, 1.0 - residual / np.where(total, total, 1))
        return float(np.mean(found))
