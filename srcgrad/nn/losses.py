"""Losses: plain functions of predictions and targets that return the mean over a batch.

Both arguments have the same shape unless it says otherwise: arrays that would broadcast are
refused, since a column minus a row is a matrix, and the mean of that a number that looks like a
loss. The errors are plain `ValueError`s: generated gradients carry the checks, and need numpy
alone.

The gradient of the cross-entropy is what is written by hand, the softmax minus one at the labels:

    >>> from srcgrad import grad
    >>> text = grad(cross_entropy).source_for(np.zeros((5, 3)), np.zeros(5, int))
    >>> print(text[text.index("    labels_of_rows") :])
        labels_of_rows("cross_entropy", logits, labels)
        # Any shift cancels: np.ceil makes it one without a derivative.
        shifted = logits - np.ceil(np.max(logits, axis=1, keepdims=True))
        exp_shifted = np.exp(shifted)
        sum_exp_shifted = np.sum(exp_shifted, axis=1)
    <BLANKLINE>
        # adjoint of: return np.mean(log_norm - shifted[np.arange(len(labels)), labels])
        log_norm_bar = 1.0 / labels.size
        shifted_bar = np.zeros_like(logits)
        shifted_bar[np.arange(len(labels)), labels] = -1.0 / labels.size
        # adjoint of: log_norm = np.log(np.sum(np.exp(shifted), axis=1))
        shifted_bar += log_norm_bar / sum_exp_shifted[:, None] * exp_shifted
        return shifted_bar
    <BLANKLINE>
"""

from __future__ import annotations

import numpy as np

from srcgrad.nn.activations import log_softmax, relu, softplus
from srcgrad.nn.checks import labels_of_rows, same_shape


def mse(predictions: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean of the squared differences.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        np.float64(2.0)
    """
    same_shape("mse", predictions, targets)
    return np.mean((predictions - targets) ** 2)


def mae(predictions: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean of the absolute differences, of derivative 0 where they are 0.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        np.float64(1.0)
    """
    same_shape("mae", predictions, targets)
    return np.mean(np.abs(predictions - targets))


def huber(predictions: np.ndarray, targets: np.ndarray, delta: float = 1.0) -> np.floating:
    """The mean of `d**2 / 2` for differences within `delta`, `delta * (|d| - delta / 2)` beyond.

    Huber, Robust estimation of a location parameter (1964).

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> huber(np.array([1.0, 2.0]), np.array([2.0, 5.0]))
        np.float64(1.5)
    """
    same_shape("huber", predictions, targets)
    difference = predictions - targets
    size = np.abs(difference)
    far = delta * (size - 0.5 * delta)
    return np.mean(np.where(size <= delta, 0.5 * difference**2, far))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.floating:
    """The mean of `-log softmax(logits)` at the labels.

    Args:
        logits: shape (n, k).
        labels: the right class of each row, shape (n,), whole numbers from 0 to k - 1. Sequences
            are reshaped to rows first.

    Raises:
        ValueError: if the shapes do not fit.
        IndexError: if a label is k or more.

    Example:
        >>> cross_entropy(np.array([[0.0, 1000.0], [0.0, 0.0]]), np.array([1, 0]))
        np.float64(0.34657359027997264)
    """
    labels_of_rows("cross_entropy", logits, labels)
    # Any shift cancels: np.ceil makes it one without a derivative.
    shifted = logits - np.ceil(np.max(logits, axis=1, keepdims=True))
    log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_norm - shifted[np.arange(len(labels)), labels])


def one_hot_cross_entropy(logits: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean over rows of `-sum(targets * log softmax(logits))`.

    Args:
        logits: shape (..., k).
        targets: one-hot labels or other probabilities, of the same shape.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> one_hot_cross_entropy(np.array([[0.0, 1000.0]]), np.array([[0.0, 1.0]]))
        np.float64(-0.0)
    """
    same_shape("one_hot_cross_entropy", logits, targets)
    return -np.mean(np.sum(targets * log_softmax(logits), axis=-1))


def binary_cross_entropy(logits: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean of `-t * log(p) - (1 - t) * log(1 - p)` for `p = sigmoid(logits)`.

    Args:
        logits: what a sigmoid would turn into probabilities: it is not applied before.
        targets: 0 or 1, or probabilities.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> binary_cross_entropy(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
        np.float64(0.34657359027997264)
    """
    same_shape("binary_cross_entropy", logits, targets)
    return np.mean(softplus(logits) - targets * logits)


def focal(
    logits: np.ndarray, targets: np.ndarray, gamma: float = 2.0, alpha: float = 0.25
) -> np.floating:
    """Binary cross-entropy with a weight `(1 - p)**gamma`, p the probability of the right answer.

    Lin, Goyal, Girshick, He and Dollar, Focal loss for dense object detection (2017), equation 5.

    Args:
        logits: what a sigmoid would turn into probabilities.
        targets: 0 or 1.
        gamma: how fast the weight falls for what is answered well.
        alpha: weight of the ones; the zeros have 1 - alpha.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> focal(np.array([0.0, 1000.0]), np.array([1.0, 1.0])).round(6)
        np.float64(0.021661)
    """
    same_shape("focal", logits, targets)
    margin = (2.0 * targets - 1.0) * logits
    weight = alpha * targets + (1.0 - alpha) * (1.0 - targets)
    # (1 - sigmoid(margin)) ** gamma, without a power of what may be 0
    easy = np.exp(-gamma * softplus(margin))
    return np.mean(weight * easy * softplus(-margin))


def hinge(scores: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean of `max(0, 1 - targets * scores)`.

    Args:
        scores: positive for one class, negative for the other.
        targets: 1 or -1.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> hinge(np.array([0.5, -2.0]), np.array([1.0, -1.0]))
        np.float64(0.25)
    """
    same_shape("hinge", scores, targets)
    return np.mean(relu(1.0 - targets * scores))


def kl_divergence(log_q: np.ndarray, p: np.ndarray) -> np.floating:
    """The mean over rows of `sum(p * log(p / q))`: how far the distributions q are from p.

    Args:
        log_q: logarithms of probabilities, as `log_softmax` gives them, shape (..., k).
        p: probabilities, of the same shape; where they are 0, so is their term.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> kl_divergence(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]))
        np.float64(0.6931471805599453)
    """
    same_shape("kl_divergence", log_q, p)
    log_p = np.log(np.where(p > 0.0, p, 1.0))
    return np.mean(np.sum(p * (log_p - log_q), axis=-1))


def cosine(predictions: np.ndarray, targets: np.ndarray, eps: float = 1e-8) -> np.floating:
    """The mean over rows of one minus the cosine of the angle between prediction and target.

    Args:
        predictions: shape (..., k).
        targets: of the same shape.
        eps: lengths below are taken as this, so that zeros have the cosine 0.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> cosine(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[3.0, 0.0], [0.0, 1.0]]))
        np.float64(0.5)
    """
    same_shape("cosine", predictions, targets)
    length = np.sqrt(np.maximum(np.sum(predictions**2, axis=-1), eps**2))
    target_length = np.sqrt(np.maximum(np.sum(targets**2, axis=-1), eps**2))
    return np.mean(1.0 - np.sum(predictions * targets, axis=-1) / (length * target_length))
