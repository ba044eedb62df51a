"""Memory that is written under several names: flattened, added to itself, in longer lists."""

import numpy as np

from .registry import normal, positive, program


@program(positive(3, 3), positive(3))
def flattened_after_all_writes(b, x):
    s = np.transpose(b)
    b[b > 0.5] += s[0, 2] * x[0]
    for i in range(2):
        b[i] *= x
    y = s.reshape(9)
    return np.sum(y**2) + y[1] * b[0, 1]


@program(positive(3, 3), positive(3), order=1)
def flattened_in_each_iteration(b, x):
    t = 0.0
    c = b
    for i in range(3):
        z = np.ravel(c.T)
        t = t + np.sum(np.sin(z) * z[2])
        b[i] *= z[1] * x[i]
        c = b.T
        c[0, i] += t
    return t * np.sum(c * c)


@program(positive(3, 3), positive(3), order=1)
def flattened_and_written_when_nothing_else_is_left(b, x):
    a = b * x
    c = a.T if x[0] > 0.0 else a
    c[0, 1] *= x[0]
    z = c.reshape(-1)
    z[2] = z[1] * x[1]
    z[3:5] *= z[2]
    return np.sum(z * z)


@program(positive(3, 3), positive(3), order=1)
def flattened_and_left_in_a_loop(b, x):
    c = b.T
    n = 0
    while n < 3:
        z = np.ravel(c)
        if z[n] > 100.0:
            break
        x = x * z[:3]
        c[n] *= x
        b[0] += 0.1
        n += 1
    return np.sum(x) + np.sum(c * np.ravel(b)[2])


@program(positive(3, 3), refused="may share")
def flattened_before_a_write(b):
    c = b.T
    z = np.ravel(c)
    b[0] *= 2.0
    c[1] += 1.0
    return np.sum(z * c.ravel())


@program(positive(3, 3), positive(3), refused="may share")
def flattened_and_kept_over_a_write(b, x):
    c = b.T
    keep = x
    for i in range(3):
        z = c.reshape(-1)
        if i == 1:
            keep = z
        b[i] *= x
    return np.sum(keep) * np.sum(b)


@program(positive(3, 3), positive(3), refused="may share")
def flattened_argument_of_the_caller_written(b, x):
    c = b.T if x[0] > 0.0 else b
    z = c.reshape(-1)
    z[2] = z[1] * x[1]
    return np.sum(z * z)


AGAIN = np.array([1, 2, 0, 1])


@program(normal(4))
def entries_of_an_array_added_to_itself(x):
    h = x * 1.5
    np.add.at(h, AGAIN, h * h[0] + x)
    for i in range(2):
        np.subtract.at(h, AGAIN, np.sin(h) * h[::-1] + h[i])
    return np.sum(h * h * x)


@program(normal(4))
def part_added_to_what_it_is_part_of(x):
    np.add.at(x, 1, x[2] * x[1])
    np.add.at(x, slice(0, 3), x[1:] * x[0])
    return np.sum(x * x)


@program(normal(4))
def view_added_to_its_array(x):
    h = x * 1.5
    w = h[:]
    v = w[1:]
    np.add.at(h, AGAIN[:3], v * v)
    v[0] *= 0.5
    return np.sum(h * w[0] * x) + np.sum(v)


@program(normal(4))
def rows_added_to_rows(x):
    h = np.outer(x, x)
    np.add.at(h, AGAIN, h)
    np.add.at(h, (AGAIN, AGAIN), h[0] * h[1, 1])
    np.add.at(h[1], AGAIN, h[:, 0])
    return np.sum(h * h[0])


@program(positive(3))
def list_made_longer_by_new_items(x):
    h = [x * 1.0, x * 2.0]
    z = [x * x, h[0]] + h + [np.cos(x), x]
    z[0] += z[3] * z[4]
    h[0] *= z[0]
    z[4][1] = z[1][0]
    z[2] += z[5] * z[4]
    x[0] *= 2.0
    return np.sum(z[0] * z[1]) * np.sum(z[2] * z[3]) + np.sum(z[4] * z[5])


@program(positive(3))
def list_made_longer_in_a_loop(x):
    h = [x * 1.0]
    for i in range(3):
        h = h + [h[0] * x]
        h[-1][i] *= h[0][0]
        h[0] += 0.1 * h[-1]
    return np.sum(h[0] * h[1]) + np.sum(h[2] * h[3])


@program(positive(3), True)
def list_made_longer_at_one_end(x, front):
    h = [x * 1.0, x]
    z = [x * 3.0] + h if front else h + [x, x * 5.0]
    z.append(h[0])
    z[0] *= x
    z.pop()
    h[0] += z[0] * z[-1]
    return np.sum(z[0] * z[-1] * h[0])


@program(positive(3))
def item_between_two_lists_twice(x):
    h = [x * 1.0]
    k = [x * 2.0]
    z = h + [k[0]] + h
    z[0] *= z[1]
    k[0] *= x
    return np.sum(z[0] * z[1] * z[2])
