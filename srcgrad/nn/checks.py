"""Checks of shapes at the start of a layer or loss.

They raise plain `ValueError`s, because they stand in generated gradients too, which need numpy
alone.
"""

from __future__ import annotations

import numpy as np


def same_shape(name: str, first: np.ndarray, second: np.ndarray) -> None:
    """Refuse two arrays that would broadcast without anybody noticing.

    Args:
        name: the function that checks.
        first: an array.
        second: an array that must have the same shape.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> same_shape("mse", np.zeros((4, 1)), np.zeros(4))
        Traceback (most recent call last):
        ...
        ValueError: mse: the shapes (4, 1) and (4,) differ, and they would broadcast to others
    """
    if first.shape != second.shape:
        raise ValueError(
            f"{name}: the shapes {first.shape} and {second.shape} differ, "
            "and they would broadcast to others"
        )


def labels_of_rows(name: str, logits: np.ndarray, labels: np.ndarray) -> None:
    """Refuse labels that are not one for each row of logits.

    Args:
        name: the function that checks.
        logits: shape (n, k).
        labels: shape (n,).

    Raises:
        ValueError: if the shapes are others.
    """
    if labels.shape != logits.shape[:1] or logits.ndim != 2:
        raise ValueError(
            f"{name}: logits of shape (n, k) and labels of shape (n,) are needed, "
            f"not {logits.shape} and {labels.shape}; "
            "reshape sequences to rows, logits.reshape(-1, k) and labels.ravel()"
        )


def features(name: str, x: np.ndarray, ndim: int, channels: int) -> None:
    """Refuse an input of another rank, or with another number of channels.

    Args:
        name: the function that checks.
        x: the input, channels last.
        ndim: how many axes it must have.
        channels: how long its last axis must be.

    Raises:
        ValueError: if it has not.
    """
    if x.ndim != ndim or x.shape[-1] != channels:
        raise ValueError(
            f"{name}: an input with {ndim} axes is needed, the last of them {channels} long "
            f"(channels last), not one of shape {x.shape}"
        )
