"""What estimators take: checks of rows and targets, as scikit-learn's users expect them."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue, SrcgradError


class NotFitted(SrcgradError, ValueError, AttributeError):
    """A model that is used before it was trained."""


def from_sklearn(name: str, otherwise: type) -> type:
    """A class of scikit-learn's exceptions, if that is loaded."""
    if sys.modules.get("sklearn") is None:
        return otherwise
    return getattr(importlib.import_module("sklearn.exceptions"), name)


def not_fitted(name: str) -> Exception:
    """The error for a model that is used before it was trained; also scikit-learn's own."""
    base = from_sklearn("NotFittedError", NotFitted)
    kind = NotFitted if base is NotFitted else type("NotFitted", (NotFitted, base), {})
    return kind(f"this {name} is not trained yet", hint="Call `fit(X, y)` first.")


def tags_of(kind: str) -> Any:
    """What scikit-learn asks of an estimator."""
    tags = importlib.import_module("sklearn.utils")
    return tags.Tags(
        estimator_type=kind,
        target_tags=tags.TargetTags(
            required=True, multi_output=kind == "regressor", single_output=True
        ),
        classifier_tags=tags.ClassifierTags() if kind == "classifier" else None,
        regressor_tags=tags.RegressorTags() if kind == "regressor" else None,
        input_tags=tags.InputTags(),
    )


def numbers_in(value: Any, what: str) -> np.ndarray:
    """Numbers as float64.

    Raises:
        BadArgument: if it is sparse, or holds something else.
        BadValue: if it is complex, or text that is no number.
    """
    if hasattr(value, "toarray") and hasattr(value, "nnz"):
        raise BadArgument(f"{what} is sparse, and dense data is required", hint="Use X.toarray().")
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise BadValue(f"Complex data not supported: {what} is {array.dtype}")
    try:
        return array.astype(np.float64)
    except TypeError as error:
        raise BadArgument(f"{what} holds an argument that is no number: {error}") from None
    except ValueError as error:
        raise BadValue(f"{what} holds something that is no number: {error}") from None


def check_finite(array: np.ndarray, what: str) -> None:
    """Refuse nan and infinities."""
    if not np.isfinite(array).all():
        word = "NaN" if np.isnan(array).any() else "inf"
        at = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise BadValue(f"{what} contains {word}, first at {at}")


def checked_x(estimator: Any, x: Any, fitted: bool) -> np.ndarray:
    """Rows as float64 of shape (n, features).

    Args:
        estimator: gets `n_features_in_` (and `feature_names_in_` from a data frame) if it is being
            fitted, else the rows must agree with it.
        x: what was given.
        fitted: whether the estimator is fitted already.

    Raises:
        BadArgument: if it is sparse, or holds something else than numbers.
        BadValue: if it has no rows or no columns, another number of axes or columns, or nan.
    """
    array = numbers_in(x, "X")
    name = type(estimator).__name__
    if array.ndim != 2:
        raise BadValue(
            f"Expected 2D array, got {array.ndim}D array instead: X has the shape {array.shape}",
            hint="Reshape your data: X.reshape(-1, 1) for one feature, X.reshape(1, -1) for one "
            "sample.",
        )
    if not array.shape[1]:
        raise BadValue(
            f"0 feature(s) (shape={array.shape}) while a minimum of 1 is required by {name}."
        )
    if not array.shape[0]:
        raise BadValue(
            f"Found array with 0 sample(s) (shape={array.shape}) while a minimum of 1 is required "
            f"by {name}."
        )
    check_finite(array, "Input X")
    names = names_in(x)
    if not fitted:
        estimator.n_features_in_ = array.shape[1]
        if names is not None:
            estimator.feature_names_in_ = names
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return array
    check_names(estimator, names)
    if array.shape[1] != estimator.n_features_in_:
        raise BadValue(
            f"X has {array.shape[1]} features, but {name} is expecting "
            f"{estimator.n_features_in_} features as input"
        )
    return array


def names_in(x: Any) -> np.ndarray | None:
    """The names of the columns of a data frame, if all are strings."""
    columns = getattr(x, "columns", None)
    if columns is None or not all(isinstance(name, str) for name in columns):
        return None
    return np.asarray(list(columns), dtype=object)


def check_names(estimator: Any, names: np.ndarray | None) -> None:
    """Compare the columns of a data frame with those of the training."""
    before: Any = getattr(estimator, "feature_names_in_", None)
    kind = type(estimator).__name__
    if names is None and before is not None:
        text = f"X does not have valid feature names, but {kind} was fitted with feature names"
        warnings.warn(text, UserWarning, stacklevel=5)
    elif names is not None and before is None:
        text = f"X has feature names, but {kind} was fitted without feature names"
        warnings.warn(text, UserWarning, stacklevel=5)
    elif names is not None and list(names) != list(before):
        unseen = sorted(set(names) - set(before))
        missing = sorted(set(before) - set(names))
        lines = ["The feature names should match those that were passed during fit."]
        if unseen:
            lines += ["Feature names unseen at fit time:", *(f"- {n}" for n in unseen)]
        if missing:
            lines += ["Feature names seen at fit time, yet now missing:"]
            lines += [f"- {n}" for n in missing]
        if not unseen and not missing:
            lines.append("Feature names must be in the same order as they were in fit.")
        raise BadValue("\n".join(lines) + "\n")


def checked_y(y: Any, rows: int, *, numeric: bool = False) -> np.ndarray:
    """Targets, one for each row.

    Args:
        y: what was given.
        rows: how many rows there are.
        numeric: whether they are numbers; there may be several for each row then.

    Raises:
        BadArgument: if they hold something else.
        BadValue: if there are more or fewer than rows, they have other axes, or nan.
    """
    if y is None:
        raise BadValue("y is missing: this model requires y to be passed, but the target y is None")
    if hasattr(y, "toarray") and hasattr(y, "nnz"):
        raise BadArgument("y is sparse, and dense data is required", hint="Use y.toarray().")
    array = numbers_in(y, "y") if numeric else np.asarray(y)
    if array.dtype.kind == "c":
        raise BadValue("Complex data not supported: y is complex")
    if array.ndim == 2 and array.shape[1] == 1:
        if not numeric:
            text = "A column-vector y was passed when a 1d array was expected"
            warnings.warn(text, from_sklearn("DataConversionWarning", UserWarning), stacklevel=4)
        array = array[:, 0]
    if array.ndim != 1 and not (numeric and array.ndim == 2):
        raise BadValue(f"y should be a 1d array, got an array of shape {array.shape} instead.")
    if len(array) != rows:
        raise BadValue(
            f"Found input variables with inconsistent numbers of samples: {rows} rows of X, and "
            f"{len(array)} of y"
        )
    if array.dtype.kind == "f":
        check_finite(array, "Input y")
    return array


def labels_of(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes, sorted, and the number of the class of each row.

    Raises:
        BadValue: if they are no classes.

    Example:
        >>> labels_of(np.array(["b", "a", "b"]))
        (array(['a', 'b'], dtype='<U1'), array([1, 0, 1]))
    """
    if y.dtype.kind == "f" and np.any(y != np.floor(y)):
        raise BadValue(
            "Unknown label type: continuous", hint="Classes are integers, strings or bools."
        )
    try:
        classes, numbers = np.unique(y, return_inverse=True)
    except TypeError:
        raise BadValue(
            "Unknown label type: the labels cannot be compared with each other"
        ) from None
    return classes, numbers
