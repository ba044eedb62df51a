"""Arrays in lists, tuples and dicts, written through them."""

import numpy as np

from .registry import positive, program


@program(positive(6), 3)
def rows_of_a_list_filled(x, n):
    ys = [np.zeros(6) for _ in range(n)]
    for i in range(n):
        for j in range(6):
            ys[i][j] = x[j] * (i + 1)
        if i > 0:
            row = ys[i]
            row[1:] += ys[i - 1][:-1] * row[1:]
    return np.sum(ys[-1] * ys[0])


@program(positive(6), 3)
def written_after_it_was_appended(x, n):
    ys = []
    for i in range(n):
        y = x * i
        ys.append(y)
        y[0] = 2 * y[1] * x[0]
        ys[0][2] += y[3]
    s = 0.0
    for i in range(n):
        s = s + np.sum(ys[i] ** 2)
    return s


@program(positive(6), positive(6))
def arrays_of_a_tuple_written(x, y):
    a = x * x
    b = y * x
    t = (a, b)
    t[0][1] = b[2] * a[0]
    t[1][:2] = a[:2]
    b *= a
    return np.sum(a * b)


@program(positive(6), 3)
def items_of_a_list_replaced_and_written(x, n):
    ys = [x * 1.0, x * x]
    for i in range(n):
        keep = ys[0]
        ys[0] = ys[1] * x
        keep[1] = keep[0] * x[2]
        ys[1][2] = keep[1]
        ys[1] = keep
    return np.sum(ys[0] * ys[1])


@program(positive(6), 3)
def items_of_a_list_swapped(x, n):
    ys = [x * 1.0, x * x]
    for i in range(n):
        ys[0][1:] = ys[1][1:] * ys[0][:-1]
        ys[0], ys[1] = ys[1], ys[0]
    return np.sum(ys[0] * ys[1] * x)


@program(positive(6), 3)
def tuple_of_an_array_and_a_number(x, n):
    a = x * x
    t = (a, x[0] * x[1])
    t2 = t
    a[0] = t2[1] * 3.0
    return np.sum(t[0]) * t2[1]


@program(positive(6), 3)
def dict_of_an_array_and_a_number(x, n):
    a = x * x
    d = {"a": a, "s": 0.0}
    for i in range(n):
        d["s"] = d["s"] + d["a"][i]
        d["a"][i] = d["s"] * x[i]
    return np.sum(a) * d["s"]


@program(positive(6), 3)
def lists_in_a_list_written(x, n):
    g = [[x * 1.0, x * 2.0], [x * x, x + 1.0]]
    for i in range(2):
        g[i][0][1] = g[i][1][2] * x[i]
        r = g[i]
        r[1] *= r[0]
    return np.sum(g[0][0] * g[1][1]) + np.sum(g[0][1])


@program(positive(6), 3)
def list_of_views_of_a_matrix(x, n):
    m = np.outer(x, x)
    rows = [m[i] for i in range(6)]
    for i in range(n):
        rows[i][:] = rows[i] * rows[i + 1]
        m[i, 0] = 2.0 * rows[i][1]
    return np.sum(m * m)


@program(positive(6), 1)
def arrays_of_a_list_written_in_a_loop(x, n):
    ys = [x * 1.0, x * x, x + 1.0]
    for row in ys:
        row *= 2.0
        row[0] = row[1] * x[2]
    return np.sum(ys[0] * ys[1] * ys[2])


@program(positive(6), 1)
def enumerated_and_zipped_arrays_written(x, n):
    ys = [x * 1.0, x * x, x + 1.0]
    for i, row in enumerate(ys):
        row[i] = row[i + 1] * x[i]
    for a, b in zip(ys, ys[1:]):  # noqa: RUF007
        b[0] += a[1] * b[2]
    return np.sum(ys[0] * ys[1] * ys[2])


@program(positive(6), 1)
def list_of_written_arrays_looped(x, n):
    ys = [x * 1.0, x * x, x + 1.0]
    ys[1][2] = ys[0][0] * 2
    s = 0.0
    for row in ys:
        s = s + np.sum(row * row) * s + row[1]
    return s


@program(positive(6), 1)
def copies_of_a_list_share_arrays(x, n):
    ys = [x * 1.0, x * x]
    zs = ys[:]
    zs[0][0] = ys[1][1] * 2
    zs[1] = zs[0] * x
    zs[1][2] = 4.0
    ws = list(ys)
    ws[1][3] *= x[1]
    return np.sum(ys[0] * ys[1] * zs[1])


@program(positive(6), 1)
def joined_lists_share_arrays(x, n):
    a = x * 1.0
    ys = [a, x * x] + [a]
    ys[2][0] = ys[1][1] * 2
    return np.sum(ys[0] * ys[1] * ys[2])


@program(positive(6), 1)
def repeated_list_shares_an_array(x, n):
    a = x * 1.0
    ys = [a] * 3
    ys[2][0] = ys[1][1] * 2
    ys[0] += x
    return np.sum(ys[0] * ys[1] * ys[2] * a)


@program(positive(6), 1)
def comprehension_of_one_array(x, n):
    a = x * x
    ys = [a for _ in range(3)]
    ys[1][0] = a[1] * x[0]
    return np.sum(ys[0] * ys[2])


@program(positive(6), 2)
def item_chosen_at_run_time_written(x, n):
    ys = [x * 1.0, x * x]
    k = 1 if n > 1 else 0
    ys[k][1:] = ys[1 - k][:-1] * x[0]
    y = ys[k]
    y[0] = 3.0
    ys[k] = y * y
    y[1] = ys[k][1]
    return np.sum(ys[0] * ys[1] * y)


@program(positive(6), 2)
def history_of_new_arrays(x, n):
    hist = [x * 1.0]
    for i in range(n):
        new = hist[-1].copy()
        new[1:] = hist[-1][:-1] * new[1:]
        hist.append(new)
    return np.sum(hist[-1] * hist[0])


@program(positive(6), 2)
def last_of_a_history_written(x, n):
    hist = [x * 1.0]
    for i in range(n):
        last = hist[-1]
        last[0] = last[1] * last[2]
        hist.append(last * x)
    s = 0.0
    for h in hist:
        s = s + np.sum(h * h)
    return s


@program(positive(6), 2)
def weights_in_a_list_written(x, n):
    Ws = [np.outer(x, x), np.outer(x, x * x)]
    for i in range(n):
        for W in Ws:
            W[i, :] *= 0.5
            W[:, i] += x
    h = x
    for W in Ws:
        h = np.tanh(W @ h)
    return np.sum(h)


@program(positive(6), 2)
def dict_of_written_arrays_looped(x, n):
    d = {"a": x * 1.0, "b": x * x}
    for k in d:  # noqa: PLC0206
        d[k][0] = d[k][1] * 2.0
    return np.sum(d["a"] * d["b"])


@program(positive(6), 2)
def values_of_a_dict_written(x, n):
    d = {"a": x * 1.0, "b": x * x}
    for k, v in d.items():
        v[0] = v[1] * 2.0
    for v in d.values():
        v *= x
    return np.sum(d["a"] * d["b"])


@program(positive(6), 2)
def transposes_and_flips_written(x, n):
    m = np.outer(x, x)
    v = m.T if n > 0 else m
    v[0] = m[1] * v[2]
    w = np.transpose(v)
    w[1:] *= x
    z = np.flip(m)
    z[0] = 1.0
    return np.sum(m * v)


@program(positive(6), 2)
def state_in_a_dict(x, n):
    state = {"pos": x * 1.0, "vel": x * x}
    for i in range(n):
        pos, vel = state["pos"], state["vel"]
        pos += 0.1 * vel
        vel -= 0.1 * pos * x
    return np.sum(state["pos"] * state["vel"])


@program(positive(6), 2)
def state_in_a_tuple(x, n):
    state = (x * 1.0, x * x)
    for i in range(n):
        pos, vel = state
        pos += 0.1 * vel
        vel -= 0.1 * pos * x
        state = (vel, pos)
    return np.sum(state[0] * state[1] * x)


@program(positive(6), 3)
def two_buffers_in_a_list(x, n):
    bufs = [np.zeros(6), np.zeros(6)]
    bufs[0][:] = x
    for t in range(n):
        src, dst = bufs[t % 2], bufs[(t + 1) % 2]
        dst[1:-1] = src[1:-1] + 0.3 * src[2:] * src[:-2]
        dst[0] = src[0]
        dst[-1] = src[-1] * x[0]
    return np.sum(bufs[n % 2] ** 2)


@program(positive(6), 1)
def reshaped_and_ravelled_written(x, n):
    y = x * x
    v = y.reshape(2, 3)
    v[0] = x[:3] * v[1]
    flat = v.ravel()
    flat[2] += flat[1] * x[0]
    return np.sum(y * x)


@program(positive(6), 3)
def reshaped_in_a_loop(x, n):
    u = np.zeros(6)
    for i in range(n):
        m = u.reshape(3, 2)
        m[i] = x[i] * m[i] + x[i + 1]
        m = np.reshape(u, (2, 3))
        m[:, 1] *= u[0]
    return np.sum(u * x)


@program(positive(6), 1)
def diagonal_of_zeros_by_a_stride(x, n):
    a = np.zeros((3, 3))
    a[:] = np.outer(x[:3], x[3:])
    d = a.reshape(-1)[::4]
    d += 1.0
    d *= x[:3]
    return np.sum(a * a)


@program(positive(2, 3), 1)
def copy_reshaped_and_written(A, n):
    b = A.copy()
    flat = b.reshape(-1)
    flat[::2] *= 3.0
    flat[1] = flat[0]
    return np.sum(b * A)
