"""Decompositions of matrices and what is solved by them: eigh, svd, qr, pinv, lstsq and powers."""

import numpy as np

from .registry import definite, distinct, invertible, normal, positive, program

STRETCHED = np.array([[1.0, 2.0], [0.5, -3.0], [4.0, 0.3]])


@program(definite(3))
def eigenvalues(a):
    upper = np.linalg.eigvalsh(a, UPLO="U")
    return np.log(np.linalg.eigvalsh(a)[-1]) * np.sum(upper**2)


@program(definite(3))
def square_root_of_a_matrix(a):
    w, v = np.linalg.eigh(a)
    root = (v * np.sqrt(w)) @ v.T
    return np.sum(root**3) * root[0, 1]


@program(normal(2, 3))
def singular_values(a):
    s = np.linalg.svd(a, compute_uv=False)
    return np.sum(s) + s[0] / s[1]


@program(normal(3, 2), normal(2))
def singular_vectors(a, t):
    u, s, vh = np.linalg.svd(STRETCHED + 0.1 * a, full_matrices=False)
    return np.sum((u * s * t) @ vh) ** 2 * u[0, 0] ** 2


@program(normal(4, 4))
def best_of_rank_one(a):
    for _ in range(2):
        u, s, vh = np.linalg.svd(a + np.diag([1.0, 4.0, 9.0, 16.0]))
        a = s[0] * np.outer(u[:, 0], vh[0])
    return np.sum(a[:2] ** 2)


@program(normal(4, 2), normal(4))
def fit_by_qr(a, b):
    q, r = np.linalg.qr(a)
    return np.sum(np.linalg.solve(r, q.T @ b) ** 2)


@program(normal(2, 4))
def wide_qr(a):
    q, r = np.linalg.qr(a)
    return np.sum(r**3) * q[0, 1] ** 2


@program(invertible(3))
def triangle_of_qr(a):
    return np.prod(np.abs(np.diag(np.linalg.qr(a, mode="r"))))


@program(normal(4, 2), normal(2))
def smallest_solution(a, b):
    return np.sum(np.linalg.pinv(a.T) @ b * a[:, 0])


@program(positive(3), normal(3))
def inverse_of_a_singular_square(u, v):
    return np.sum(np.linalg.pinv(np.outer(u, u)) @ v * v[::-1])


@program(normal(5), normal(5), normal(2))
def least_squares(x, y, c):
    table = np.column_stack([np.ones(5), x, x**2])
    w, left, rank, s = np.linalg.lstsq(table, y, rcond=None)
    if rank < 3:
        return c[0]
    return w[0] * c[1] + w[2] ** 2 + left[0] + s[1]


@program(distinct(5), normal(5))
def fitted_polynomial(x, y):
    p = np.polyfit(x, y, 2)
    return np.sum(np.polyval(p, x[:2]) ** 2)


@program(normal(3, 3), normal(3))
def powers_of_a_matrix(a, x):
    walk = np.linalg.matrix_power(a, 3) @ x
    return np.sum(walk**2) + np.linalg.multi_dot([x, a, np.linalg.matrix_power(a, 2), walk])


@program(positive(3, 5), wrt=("x",))
def covariance_and_correlation(x):
    c = np.cov(x, x[0] ** 2, ddof=0)
    return np.sum(c**2) * np.corrcoef(x)[0, 2] + np.cov(x[1]) * np.corrcoef(x[0], x[1])[0, 1]


@program(normal(3), normal(3))
def parts_that_are_written(x, y):
    u, s, vh = np.linalg.svd(np.outer(x, y) + np.diag([1.0, 4.0, 9.0]))
    s[-1] = 0.0
    w, v = np.linalg.eigh(np.outer(x, x) + np.diag([1.0, 3.0, 5.0]))
    w[0] = w[1]
    return np.sum((u * s) @ vh * y) * np.sum((v * w) @ v.T * x)
