"""Linear algebra: products in every combination of ranks, solve, inv, norms of products."""

import numpy as np

from .registry import definite, invertible, normal, program


@program(normal(3), normal(3))
def vector_at_vector(x, y):
    return (x @ y) * x[0] + np.dot(x, y) ** 2


@program(normal(3), normal(3, 4))
def vector_at_matrix(x, a):
    return np.sum((x @ a) ** 2) + np.sum(np.dot(x, a))


@program(normal(3, 4), normal(4))
def matrix_at_vector(a, x):
    return np.sum(np.tanh(a @ x)) + np.sum(a.dot(x) ** 2)


@program(normal(2, 3), normal(3, 2))
def matrix_at_matrix(a, b):
    return np.sum((a @ b) ** 2) + np.sum(np.matmul(b, a) * np.dot(b, a))


@program(normal(2, 2, 3), normal(2, 3, 2))
def batch_at_batch(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(2, 2, 3), normal(3, 2))
def batch_at_matrix(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(2, 3), normal(2, 3, 2))
def matrix_at_batch(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(2, 2, 3), normal(3))
def batch_at_vector(a, x):
    return np.sum((a @ x) ** 2)


@program(normal(3), normal(2, 3, 2))
def vector_at_batch(x, a):
    return np.sum((x @ a) ** 2)


@program(normal(2, 1, 2, 3), normal(2, 3, 1))
def broadcast_batches(a, b):
    return np.sum((a @ b) ** 2)


@program(normal(2, 2, 3), normal(2, 3, 2))
def dot_of_high_ranks(a, b):
    return np.sum(np.dot(a, b) ** 2)


@program(normal(3), 1.4)
def dot_with_a_float(x, s):
    return np.sum(np.dot(x, s) ** 2) + np.dot(s, s)


@program(normal(3, 3))
def matrix_with_itself(a):
    return np.sum(a @ a @ a) + np.sum(a.T @ a)


@program(normal(3), normal(2))
def outer_and_inner(x, y):
    a = np.outer(x, y)
    return np.sum(a**2) + np.inner(x, x) * y[0] + np.sum(np.inner(a, y) ** 2)


@program(normal(2, 3), normal(4, 3))
def inner_of_matrices(a, b):
    return np.sum(np.inner(a, b) ** 2)


@program(normal(3, 3))
def traces(a):
    return np.trace(a) ** 2 + np.trace(a @ a) + a.trace() * a[0, 1]


@program(invertible(3), normal(3))
def solve_vector(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


@program(invertible(3), normal(3, 2))
def solve_matrix(a, b):
    x = np.linalg.solve(a, b)
    return np.sum(x * b)


@program(invertible(3))
def inverse(a):
    b = np.linalg.inv(a)
    return np.sum(b**2) + np.trace(b @ b)


@program(invertible(3))
def determinants(a):
    sign, logdet = np.linalg.slogdet(a)
    return np.linalg.det(a) + logdet * sign


@program(definite(3), normal(3))
def gaussian_likelihood(a, x):
    factor = np.linalg.cholesky(a)
    z = np.linalg.solve(factor, x)
    return np.sum(z**2) + 2.0 * np.sum(np.log(np.diag(factor)))


@program(normal(2, 3), normal(3, 2))
def einsum_products(a, b):
    return np.sum(np.einsum("ij,jk->ik", a, b) ** 2) + np.einsum("ij,ji", a, b)


@program(normal(2, 3), normal(3, 2))
def tensordot_products(a, b):
    return np.sum(np.tensordot(a, b, axes=1) ** 2)


@program(normal(3, 3), normal(3), normal(3, 2))
def chain_of_products(a, x, b):
    return np.sum((x @ a.T @ b - x[:2]) ** 2) + x @ a @ x


@program(normal(4, 2), normal(4), 0.3)
def ridge_regression(x, y, strength):
    gram = x.T @ x + strength * np.eye(2)
    w = np.linalg.solve(gram, x.T @ y)
    return np.sum((x @ w - y) ** 2) + strength * np.sum(w**2)
