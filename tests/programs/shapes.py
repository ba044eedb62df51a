"""Shapes, joins and reading by index: slices, newaxis, Ellipsis, masks, index arrays."""

import numpy as np

from .registry import normal, program


@program(normal(2, 6))
def reshaped(a):
    b = a.reshape(3, 4)
    c = np.reshape(b, (-1, 2))
    return np.sum(b[:, :2] * c[:3]) + np.sum(a.reshape((4, 3)) ** 2)


@program(normal(2, 3))
def raveled(a):
    return np.sum(a.ravel()[1:] * np.ravel(a * a)[:-1]) + np.sum(a.flatten() ** 3)


@program(normal(2, 3), normal(3, 2))
def transposed(a, b):
    return np.sum(a.T * b) + np.sum(np.transpose(a) ** 2 * b) + np.sum(a @ b.transpose().T)


@program(normal(2, 3, 2))
def transposed_axes(a):
    b = np.transpose(a, (2, 0, 1))
    c = a.transpose(1, 0, 2)
    return np.sum(b[0] * c[:2, :, 1].T[:, :1]) + np.sum(np.swapaxes(a, 0, 1) * c) + b[1, 0, 2] ** 2


@program(normal(2, 3, 2))
def moved_axes(a):
    return np.sum(np.moveaxis(a, 0, -1)[0] * a[0, :2, 1]) + np.sum(a.swapaxes(1, 2)[0] ** 3)


@program(normal(3))
def expanded_and_squeezed(x):
    a = np.expand_dims(x, 0)
    b = np.expand_dims(x, axis=1)
    return np.sum(np.squeeze(a) * x) + np.sum((a * b) ** 2) + np.sum(b.squeeze(axis=1) ** 3)


@program(normal(3), normal(2))
def newaxis_and_none(x, y):
    a = x[:, None] * y[None, :]
    return np.sum(a * x[:, np.newaxis]) + np.sum(a[..., None] ** 2)


@program(normal(4), normal(2, 3))
def broadcast_to(x, a):
    b = np.broadcast_to(x, (3, 4))
    return np.sum(b * b) + np.sum(np.broadcast_to(a[:, :1], (2, 3)) * a)


@program(normal(3), normal(2), 1.5)
def concatenated(x, y, s):
    z = np.concatenate([x, y * s, x])
    return np.sum(z[:-1] * z[1:])


@program(normal(2, 3), normal(2, 2), normal(1, 3))
def concatenated_by_axis(a, b, c):
    wide = np.concatenate((a, b), axis=1)
    tall = np.concatenate([a, c], axis=0)
    return np.sum(wide**2) + np.sum(tall[1:] * tall[:-1]) + np.sum(wide[0, 2:4])


@program(normal(3), normal(3))
def stacked(x, y):
    a = np.stack([x, y, x * y])
    b = np.stack((x, y), axis=1)
    return np.sum((a @ b) ** 2)


@program(normal(3), normal(2, 3))
def vertical_and_horizontal(x, a):
    tall = np.vstack([a, x, a * 2.0])
    wide = np.hstack((a, a**2))
    return np.sum(tall[1:3] ** 2) + np.sum(wide[:, 2:4] * wide[:, :2]) + np.hstack([x, x])[4] ** 2


@program(0.7, -1.2)
def stack_of_floats(a, b):
    return np.sum(np.stack([a, b, a * b]) ** 2)


@program(normal(3))
def tiled_and_repeated(x):
    a = np.tile(x, 2) * np.repeat(x, 2)
    return np.sum(a * a) + np.sum(np.roll(x, 1) * x) + np.sum(np.flip(x) * x**2)


@program(normal(4))
def padded(x):
    y = np.pad(x, 1)
    return np.sum(y[2:] * y[:-2] * x)


@program(normal(6))
def slices(x):
    return np.sum(x[1:4] * x[-3:]) + np.sum(x[::2] * x[1::2]) + np.sum(x[::-1] * x) + x[-2] * x[2]


@program(normal(6), 2)
def slices_by_arguments(x, k):
    return np.sum(x[k:] * x[:-k]) + np.sum(x[k : k + 2] ** 2) + x[-k] * x[k - 1] + x[6 // k] ** 2


@program(normal(3, 4))
def two_indices(a):
    return a[1, 2] * a[-1, 0] + np.sum(a[1] * a[:, 1][0]) + np.sum(a[1:, :2] * a[:2, 2:])


@program(normal(2, 3, 2))
def ellipsis_index(a):
    return np.sum(a[..., 0] * a[..., -1]) + np.sum(a[0, ...] ** 2) + a[..., 1][1, 2] ** 3


@program(normal(3, 4))
def index_of_an_index(a):
    return a[0][1] * a[1:][1][2] + np.sum(a[::2][:, 1:][0] ** 2)


@program(normal(5), np.array([3, 0, 1]))
def index_array(x, index):
    return np.sum(x[index] ** 2 * np.array([1.0, 2.0, 3.0]))


@program(normal(5), np.array([3, 0, 3, 3, 1]))
def repeated_index_array(x, index):
    return np.sum(x[index] * np.sin(x)) + np.sum(x[[1, 1, 2]] ** 2)


@program(normal(4, 3), np.array([2, 0, 2]))
def rows_by_index_array(a, index):
    return np.sum(a[index] ** 2) + np.sum(a[index, 1] * a[:3, 0]) + np.sum(a[:, index] ** 3)


@program(normal(3, 4), np.array([1, 0, 3]))
def one_element_of_each_row(a, labels):
    rows = np.arange(len(labels))
    return np.sum(a[rows, labels] ** 2) + np.sum(a[np.arange(3), labels])


@program(normal(3, 4), np.array([1, 1, 2]), np.array([0, 0, 3]))
def repeated_pairs(a, i, j):
    return np.sum(a[i, j] ** 2) + np.sum(a[i][:, j] ** 2)


@program(normal(3, 4), np.array([[0, 2], [2, 2]]))
def index_matrix(a, index):
    return np.sum(a[index] ** 2) + np.sum(a[0, index] * a[1, index])


@program(normal(6))
def mask_read(x):
    return np.sum(x[x > 0] ** 2) + np.sum(x[x < 0.5]) * np.prod(x[np.abs(x) > 0.05])


@program(normal(3, 4), np.array([True, False, True]))
def mask_of_rows(a, keep):
    return np.sum(a[keep] ** 2) + np.sum(a[a > 0] ** 3) + np.sum(a[keep, 1]) + np.sum(a[~keep, :2])


@program(normal(5))
def take_and_argsort(x):
    order = np.argsort(x)
    return np.sum(np.take(x, order) * np.arange(5.0)) + np.sum(x[order[::-1]] ** 2 * np.arange(5))


@program(normal(5))
def sorted_array(x):
    return np.sum(np.sort(x) * np.array([1.0, -2.0, 0.5, 3.0, 2.0])) + x[np.argmax(x)] ** 2


@program(normal(3, 3))
def triangles_and_diagonals(a):
    return np.sum(np.tril(a) ** 2) + np.sum(np.triu(a, 1) ** 3) + np.sum(np.diag(a) ** 2)


@program(normal(3))
def diagonal_matrix(x):
    return np.sum((np.diag(x) + np.outer(x, x)) ** 2)


@program(normal(2, 3))
def shape_into_arithmetic(a):
    rows, cols = a.shape
    return np.sum(a.reshape(cols, rows) @ a) / rows + cols * a[rows - 1, cols - 1]


@program(normal(6))
def split_by_hand(x):
    half = x.shape[0] // 2
    left, right = x[:half], x[half:]
    return np.sum(left * right) + np.dot(left, right**2)


@program(normal(6))
def unpacked_array(x):
    a, b, *c = x
    d, e = x[:2] * x[2:4]
    return a * b + c[1] * d - e * c[-1]


@program(normal(2, 3))
def unpacked_rows(a):
    (p, q, r), row = a
    return p * q * r + np.sum(row**2)
