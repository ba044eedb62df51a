"""Arrays written in place in straight lines and by recurrences: element, slice, whole."""

import numpy as np

from .registry import normal, positive, program


@program(normal(4))
def copy_then_add(x):
    y = x.copy()
    y += x * x
    return np.sum(y * x)


@program(positive(4), 1.7)
def every_augmented_operator(x, s):
    y = x * 1.0
    y += s
    y *= x
    y -= x / s
    y /= x + s
    y **= 2
    return np.sum(y * x)


@program(normal(4))
def augmented_with_itself(x):
    y = x.copy()
    y *= y
    y += y
    y -= y[::-1]
    y += y[0]
    return np.sum(y**2 * x)


@program(normal(3, 2), normal(2), normal(3, 1))
def augmented_by_broadcast(a, b, c):
    y = a.copy()
    y += b
    y *= c
    y *= y
    y += 1.0
    return np.sum(y * a)


@program(normal(4))
def element_overwritten_by_a_constant(x):
    y = x * x
    y[0] = 3.0
    y[-1] = 0
    return np.sum(y * x)


@program(normal(4), 0.7)
def element_overwritten_by_an_active_value(x, s):
    y = x * x
    s = s + y[1]
    y[1] = s * s
    y[2] = y[1] * y[0]
    return np.sum(y * x) + s


@program(normal(4))
def element_augmented(x):
    y = x.copy()
    y[0] += x[1]
    y[0] *= y[0]
    y[1] -= y[0] * y[2]
    y[-1] /= 2.0 + y[0]
    return np.sum(y * y)


@program(normal(5))
def linear_recurrence(x):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = x[i] * y[i - 1] + y[i]
    return np.sum(y * y)


@program(normal(5))
def cumulative_product_in_place(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] *= y[i - 1]
    return np.sum(y)


@program(normal(5))
def prefix_sums_in_place(x):
    y = x * x
    for i in range(1, y.shape[0]):
        y[i] += y[i - 1]
    return np.sum(y * y)


@program(normal(6))
def prefix_sums_by_doubling(x):
    y = x.copy()
    k = 1
    while k < len(y):
        y[k:] = y[k:] + y[:-k] * x[k:]
        k *= 2
    return np.sum(y * y)


@program(normal(6))
def overlapping_slices_copied(x):
    y = x * x
    y[1:] = y[:-1]
    y[:-2] = y[2:]
    return np.sum(y * x)


@program(normal(6))
def overlapping_slices_added(x):
    y = x.copy()
    y[1:] += y[:-1]
    y[::2] *= y[1::2]
    y[:3] -= y[2:5] * y[1:4]
    return np.sum(y * x)


@program(normal(5))
def reversed_into_itself(x):
    y = x * x
    y[:] = y[::-1]
    y[1:4] = y[3:0:-1]
    return np.sum(y * x)


@program(normal(4), normal(4))
def whole_array_assigned(x, y):
    z = x * 1.0
    w = z
    z[:] = x * y
    z[...] = z * z
    return np.sum(w * x)


@program(normal(4), 0.7)
def slice_assigned_by_broadcast(x, s):
    y = x * x
    y[1:3] = s * x[0]
    a = np.zeros((2, 4))
    a[:] = x * y
    a[:, 1] = s
    a[1, :2] += x[:2]
    return np.sum(a * y)


@program(normal(3, 3))
def rows_and_columns_written(a):
    b = a * a
    b[0] = a[1] * b[2]
    b[:, 1] += b[:, 0]
    b[1, 1:] = b[2, :2]
    b[2, 2] *= b[0, 0]
    return np.sum(b * a)


@program(normal(3, 3))
def chained_subscripts_written(a):
    b = a.copy()
    b[0][1] = b[1][2] * 2.0
    b[1:][0][:2] *= b[2, 0]
    b.T[2] = b[1]
    b[::-1][0] = a[0]
    return np.sum(b * b)


@program(normal(2, 3, 2))
def ellipsis_and_newaxis_written(a):
    b = a.copy()
    b[..., 0] = b[..., 1] * a[..., 0]
    b[1, ...] += b[0, :, :, None][..., 0]
    return np.sum(b * a)


@program(normal(3))
def filled_from_zeros(x):
    y = np.zeros_like(x)
    for i in range(3):
        y[i] = x[i] * x[i - 1]
    z = np.empty(3)
    z[0] = y[0]
    z[1:] = y[1:] * x[0]
    return np.sum(y * z)


@program(normal(3))
def running_sum_written(x):
    y = np.ones(3)
    s = 0.0
    for i in range(3):
        s = s + x[i] * y[i]
        y[i] = s
        s = s * y[0]
    return np.sum(y * y) + s


@program(normal(4))
def nonlinear_then_overwritten(x):
    y = np.exp(x)
    s = np.sum(y * y)
    y[1:3] = np.sin(y[1:3])
    t = np.sum(np.tanh(y))
    y *= s
    return np.sum(y) * t


@program(normal(4))
def written_by_itself(x):
    y = x.copy()
    y[1:] = np.exp(y[1:])
    y[:2] = y[:2] * y[2:]
    y /= np.sum(y * y)
    y -= y.mean()
    return np.sum(y * x)


@program(normal(4))
def read_between_writes(x):
    y = x.copy()
    a = y[0] * y[1]
    y[0] = a
    b = y[0] * y[1]
    y[0] = b * y[3]
    y[1] = y[0]
    return np.sum(y * y) + a * b


@program(normal(3), 2)
def returns_the_mutated_array(x, n):
    y = x * x
    for i in range(n):
        y[i] = y[i] * y[i + 1]
    return y


@program(normal(3), normal(3))
def float_read_then_overwritten(x, w):
    y = x * 1.0
    first = y[0]
    y[0] = first * w[0]
    y[1:] *= first
    return np.sum(y * y) * first


@program(normal(3, 4))
def two_names_in_one_assignment(a):
    b = c = a[0] * 2.0
    b[0] = 5.0
    c[1] *= a[1, 1]
    return np.sum(b * c)


@program(normal(4))
def two_names_in_one_assignment_in_a_loop(x):
    s = 0.0
    for i in range(3):
        b = c = x * i
        b[i] = x[0]
        s += np.sum(b * c) * c[1]
    return s


@program(normal(3))
def two_names_of_one_list(x):
    b = c = []
    b.append(x[0])
    c.append(x[1] * 2.0)
    return b[0] * b[1] + c[1] * x[2]
