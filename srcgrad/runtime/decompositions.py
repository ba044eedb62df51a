"""What derivatives of decompositions of matrices are made of."""

from typing import Any

import numpy as np


def inverse_gaps(w: Any) -> Any:
    """`1 / (w[j] - w[i])` at row i and column j, and 0 on the diagonal.

    Args:
        w: a vector of numbers that all differ.

    Example:
        >>> inverse_gaps(np.array([1.0, 3.0]))
        array([[ 0. ,  0.5],
               [-0.5,  0. ]])
    """
    gaps = w - w[:, None]
    np.fill_diagonal(gaps, np.inf)
    return 1.0 / gaps


def svdvals_bar(g: Any, a: Any) -> Any:
    """The cotangent of a matrix, from one of its singular values.

    Args:
        g: cotangent of the values, in descending order.
        a: the matrix.

    Example:
        >>> svdvals_bar(np.array([5.0, 7.0]), np.diag([3.0, 2.0]))
        array([[5., 0.],
               [0., 7.]])
    """
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * g) @ vh


def eigvalsh_bar(g: Any, a: Any, half: Any) -> Any:
    """The cotangent of the half of a symmetric matrix that is read, from one of its eigenvalues.

    Args:
        g: cotangent of the eigenvalues, in ascending order.
        a: the matrix.
        half: "L" for the lower half, "U" for the upper one.

    Example:
        >>> eigvalsh_bar(np.array([5.0, 7.0]), np.diag([2.0, 3.0]), "L")
        array([[5., 0.],
               [0., 7.]])
    """
    _, v = np.linalg.eigh(a, half)
    return half_bar((v * g) @ v.T, half)


def half_bar(s: Any, half: str) -> Any:
    """The cotangent of the half that is read, from a symmetric one of the whole matrix.

    Args:
        s: a symmetric matrix.
        half: "L" for the lower half, "U" for the upper one.

    Example:
        >>> half_bar(np.array([[1.0, 2.0], [2.0, 3.0]]), "L")
        array([[1., 0.],
               [4., 3.]])
    """
    if half in "Ll":
        return np.tril(s) + np.tril(s, -1)
    return np.triu(s) + np.triu(s, 1)


def mirrored(t: Any, half: str) -> Any:
    """The symmetric matrix of which one half is read.

    Args:
        t: a square matrix.
        half: "L" for the lower half, "U" for the upper one.

    Example:
        >>> mirrored(np.array([[1.0, 9.0], [2.0, 3.0]]), "L")
        array([[1., 2.],
               [2., 3.]])
    """
    if half in "Ll":
        return np.tril(t) + np.tril(t, -1).T
    return np.triu(t) + np.triu(t, 1).T
