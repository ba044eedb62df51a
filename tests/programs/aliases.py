"""Aliases and views: one buffer under several names, written through any of them."""

import numpy as np

from .registry import normal, program


@program(normal(4))
def alias_sees_the_write(x):
    y = x.copy()
    z = y
    y += x * x
    return np.sum(z * x)


@program(normal(4))
def write_through_the_alias(x):
    y = x * x
    z = y
    z[1] = 2.0 * z[0]
    z *= x
    return np.sum(y * y)


@program(normal(4))
def alias_rebound_after_the_write(x):
    y = x.copy()
    z = y
    z *= x
    z = z + 1.0
    y += z
    return np.sum(y * z)


@program(normal(5))
def view_written(x):
    u = x * x
    v = u[1:-1]
    v *= 2.0
    v[0] = x[0] * v[1]
    return np.sum(u * x)


@program(normal(5))
def base_written_view_read(x):
    u = x * x
    v = u[1:4]
    u *= x
    u[2] = 1.0
    return np.sum(v * v) + u[0]


@program(normal(7))
def view_of_a_view(x):
    u = x * x
    v = u[1:]
    w = v[::2]
    w += x[:3]
    v *= 2.0
    return np.sum(u * x) + np.sum(w)


@program(normal(6))
def overlapping_views(x):
    u = x.copy()
    left, right = u[:-1], u[1:]
    left += right * x[0]
    right *= left
    return np.sum(u * u)


@program(normal(3, 2))
def row_views_in_a_loop(a):
    b = a.copy()
    for i in range(3):
        row = b[i]
        row += b[i - 1] * a[0]
        row[0] *= 2.0
    return np.sum(b * a)


@program(normal(3, 2))
def iterated_rows_are_views(a):
    b = a * a
    for row in b:
        row *= a[0]
        row[1] = row[0] * row[1]
    return np.sum(b * a)


@program(normal(2, 3), normal(2))
def zipped_rows_are_views(a, x):
    b = a.copy()
    for row, v in zip(b, x):
        row *= v
    return np.sum(b * b)


@program(normal(2, 3))
def row_read_after_the_matrix_changed(a):
    b = a.copy()
    row = b[0]
    b[0] = a[1] * b[0]
    b *= 2.0
    return np.sum(row * b[1])


@program(normal(2, 3))
def transpose_written(a):
    b = a.copy()
    t = b.T
    t[0] = a[:, 1] * t[1]
    t *= 2.0
    return np.sum(b * a)


@program(normal(2, 3))
def reshape_written(a):
    b = a * a
    flat = b.reshape(-1)
    flat[::2] *= 3.0
    flat[1] = flat[0]
    return np.sum(b * a)


@program(normal(2, 3))
def ravel_is_a_view(a):
    b = a * a
    flat = b.ravel()
    flat *= flat
    return np.sum(b * a)


@program(normal(2, 3), refused="may share")
def ravel_is_a_copy(a):
    b = a * a
    flat = b.T.ravel()
    flat *= 2.0
    return np.sum(b * a) + np.sum(flat[:3] ** 2)


@program(normal(2, 3))
def flatten_is_a_copy(a):
    b = a * a
    flat = b.flatten()
    flat *= flat
    return np.sum(b * a) + np.sum(flat)


@program(normal(4))
def array_and_asarray(x):
    y = x * 1.0
    a = np.array(y)
    b = np.asarray(y)
    a *= 3.0
    b *= x
    return np.sum(a * y) + np.sum(b)


@program(normal(4))
def newaxis_view_written(x):
    y = x.copy()
    column = y[:, None]
    column[1:] *= 2.0
    column += y[0]
    return np.sum(y * x)


@program(normal(4))
def index_array_gives_a_copy(x):
    y = x * x
    z = y[[0, 2]]
    z *= 5.0
    y[0] = z[1]
    return np.sum(y * x) + np.sum(z)


@program(normal(4))
def mask_gives_a_copy(x):
    y = x * x
    z = y[x > 0]
    z *= 5.0
    return np.sum(y * x) + np.sum(z)


@program(normal(4), True)
def may_alias(x, flag):
    y = x * x
    z = y if flag else x * 1.0
    z += 1.0
    return np.sum(y * z)


@program(normal(4), False)
def may_alias_but_does_not(x, flag):
    y = x * x
    z = y if flag else x * 1.0
    z += 1.0
    return np.sum(y * z)


@program(normal(4), normal(4), 1)
def alias_chosen_by_a_branch(x, y, k):
    a = x * x
    b = y * y
    if k > 0:
        c = a[1:]
    else:
        c = b[:-1]
    c *= 2.0
    c[0] = c[1]
    return np.sum(a * y) + np.sum(b * c[0])


@program(normal(4), 3)
def alias_changes_in_a_loop(x, n):
    a = x * x
    b = x * 1.0
    c = a
    for i in range(n):
        c[i] *= 2.0
        c = b if i % 2 == 0 else a
    c += 1.0
    return np.sum(a * b)


@program(normal(3), 3)
def three_buffers_rotate(x, n):
    a, b, c = x * 1.0, x * 2.0, x * x
    for i in range(n):
        c[:] = np.sin(a * b) + i
        a, b, c = b, c, a
    return np.sum(a * b * c)


@program(normal(4))
def self_alias_in_one_statement(x):
    y = x.copy()
    z = y
    y += z * z
    z -= y[::-1]
    return np.sum(y * x)


@program(normal(3), 3)
def appended_then_written(x, n):
    seen = []
    y = x.copy()
    for i in range(n):
        y *= x
        seen.append(y)
    return np.sum(seen[0] * seen[-1])


@program(normal(3), 3)
def appended_copies(x, n):
    seen = []
    y = x.copy()
    for i in range(n):
        y *= x
        seen.append(y.copy())
    return np.sum(seen[0] * seen[-1]) + np.sum(y)


@program(normal(3))
def array_in_a_list_written(x):
    ys = [x.copy(), x * 2.0]
    ys[0] *= 3.0
    ys[1][0] = ys[0][1]
    y = ys[1]
    y += 1.0
    return np.sum(ys[0] * ys[1])


@program(normal(3))
def array_in_a_dict_written(x):
    d = {"a": x.copy(), "b": x}
    a = d["a"]
    d["a"] += x * x
    a[0] = 2.0
    return np.sum(d["a"] * d["b"])


@program(normal(3))
def array_in_a_tuple_written(x):
    t = (x.copy(), 2.0)
    first, _ = t
    first *= t[1]
    return np.sum(t[0] * x)


@program([normal(3), normal(3)])
def arrays_of_a_list_argument_written(xs):
    for x in xs:
        x *= 2.0
        x[0] = x[1]
    return np.sum(xs[0] * xs[1])


@program(normal(3))
def same_array_twice_in_a_list(x):
    y = x * x
    ys = [y, y]
    ys[0] += 1.0
    ys[1] *= x
    return np.sum(y * ys[0])


@program(normal(4))
def element_is_not_a_view(x):
    y = x * x
    first = y[0]
    y[0] = 3.0
    first += 1.0
    return first * np.sum(y * x)


@program(normal(3))
def array_augmented_under_two_names_of_floats(x):
    s = x[0]
    t = s
    s += x[1]
    return s * t


@program(normal(3, 3))
def diagonal_by_a_strided_view(a):
    b = a * a
    d = b.reshape(-1)[::4]
    d += 1.0
    d *= a[0]
    return np.sum(b * a)


@program(normal(2, 3))
def swapped_axes_written(a):
    b = a.copy()
    v = np.swapaxes(b, 0, 1)[1:]
    v *= 2.0
    np.transpose(b)[0] += 1.0
    np.expand_dims(b, 0)[0, 1] *= b[0]
    return np.sum(b * a)


@program(normal(3))
def old_value_kept_by_a_copy(x):
    y = x * x
    old = y.copy()
    y[1:] = y[:-1] + old[1:]
    old *= y
    return np.sum(y * old)


@program(normal(4))
def view_outlives_the_name(x):
    y = x * x
    v = y[1:]
    y = y * 2.0
    v *= 3.0
    y[1:] += v
    return np.sum(y * x) + np.sum(v)


@program(normal(5), 3)
def sliding_view_in_a_loop(x, n):
    y = x.copy()
    for i in range(n):
        window = y[i : i + 3]
        window *= window[1]
        window -= x[:3]
    return np.sum(y * y)


@program(normal(4))
def written_while_iterated(x):
    y = x.copy()
    for i, v in enumerate(y):
        y[i] = v * v
        y[-1] += v
    for v in y:
        y[2] += v * x[0]
    return np.sum(y * x)
