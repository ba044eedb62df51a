"""Names that stand for one thing and then another, and when what an expression reads is read."""

import functools
import io

import numpy as np

from .registry import positive, program


def scaled(a, b):
    return a * b


@program(positive(3), 1.4, wrt=("x", "y"))
def partial_keeps_what_it_was_given(x, y):
    q = x * 2.0
    h = functools.partial(scaled, b=q[1])
    s = 0.0
    for _ in range(3):
        s = s + h(y)
        q = q * x
    q[1] = 7.0
    return s * h(q[0]) * q[1]


@program(positive(3), 1.4, wrt=("x", "y"))
def partial_of_a_name_that_becomes_a_number(x, y):
    q = x * 2.0
    h = functools.partial(scaled, q[-2])
    q = h(y)
    return h(q) * x[0]


@program(positive(3), 1.4, wrt=("x", "y"))
def name_changed_while_its_operand_is_evaluated(x, y):
    s, v = y, x * 1.0

    def changed():
        nonlocal s, v
        s = s * 2.0
        v = v * s
        return x[0]

    s += changed()
    v += changed()
    return np.sum(s * v)


@program(positive(3), 1.4, wrt=("x", "y"))
def item_changed_while_its_operand_is_evaluated(x, y):
    v = x * 1.0
    q = [y, x[0]]
    d = {"a": y}

    def changed():
        v[0] = v[0] * 2.0
        q[0] = q[0] * 3.0
        d["a"] = d["a"] * v[0]
        return x[1]

    v[0] += changed()
    q[0] += changed()
    d["a"] += changed()
    v[0:2] += changed()
    return np.sum(v) * q[0] * d["a"]


class Counter:
    def __init__(self, w, n):
        self.w = w
        self.n = n

    def step(self):
        self.n = self.n * 3.0
        self.w[0] = self.n * self.w[1]
        return np.sum(self.w)


@program(positive(3), 1.4, wrt=("x", "y"))
def attribute_changed_while_its_operand_is_evaluated(x, y):
    c = Counter(x * 1.0, y)
    c.n += c.step()
    c.w[0] += c.step()
    c.w[1:] += c.step()
    return np.sum(c.w) * c.n


@program(positive(3), 1.4, wrt=("x", "y"))
def list_then_number_in_a_short_loop(x, y):
    u = np.sin(x)
    for k in range(1):
        u = u * (k + y)
        q = []
        for l in range(1):  # noqa: E741
            q.append(np.max(u) * (l + 1))
            q = u[0] * q[0]
        u = u + q
    return np.sum(u * y)


@program(positive(3), 1.4, wrt=("x", "y"))
def rows_then_matrices_in_one_list(x, y):
    p = [x * 1.0]
    for i in range(3):
        p.append(np.cumsum(x) * (i + y))
        p = [np.outer(x, x) * y]
        for k in range(2):
            p.append(np.outer(x, np.sin(x)) * (k + 1))
    return np.sum(p[0][1] * p[-1][:, 0])


@program(positive(3), 1.4, wrt=("x", "y"))
def raised_on_one_side_of_a_test(x, y):
    w = x[2] * x[2]
    for i in range(1, 3):
        w = w - x[-i - 1]
    if y > 0.5:
        try:
            if x[0] > 0.4:
                raise ValueError("no")
            w = np.sin(y) / (1.5 + w * w)
        except ValueError:
            w = np.logaddexp(y, np.sin(y))
    else:
        w = y * w
    for i in range(3):
        y = 0.7 * (w * i)
    return y * w * w


@program(positive(3), 1.4, wrt=("x", "y"))
def captures_read_behind_the_match(x, y):
    x = x * 1.0
    z = x.max()
    x[1] -= 0.1 * z
    b = y * 2.0
    match (0.8, y):
        case [a, b] if a > b:
            z = np.mean(x)
        case [a, _]:
            z = x[1] ** 2 - y * a
    return z * x[1] * b


def counted_up(a, b):
    s = a[1]

    def step(c):
        nonlocal s
        s = s * 0.5 + c
        return s

    for _ in range(3):
        b = step(s) * b
    return b


@program(positive(3), 1.4, wrt=("x", "y"))
def nonlocal_of_a_helper(x, y):
    u = y
    for _ in range(2):
        u = counted_up(x, u * x[0])
    return u


@program(positive(3), 1.4, wrt=("x", "y"))
def local_without_a_value(x, y):
    if y > 100.0:
        k = m * 2.0  # noqa: F821
        m = k
    try:
        r = r * y  # noqa: F821
    except UnboundLocalError:
        r = x[0]
    try:
        r = r + x[1] * n
        n = 3.0
    except NameError:
        r = r * y
    return r * y


@program(positive(3), 1.4, wrt=("x", "y"))
def letters_gone_through(x, y):
    s = 0.1
    for c in "ab":
        s = s + (x[0] if c == "a" else y) * s + y
    z = {i: functools.reduce(lambda a, b: a * b, x, y) for i in "ab"}
    return s * z["a"] * z["b"]


@program(positive(3), 1.4, wrt=("x", "y"))
def comprehension_for_an_item(x, y):
    d = {"a": y, "b": x}
    d["a"] *= np.array([x[1] * (i + 1) for i in range(3)]).mean()
    return d["a"] * d["b"][0]


@program(positive(3), 1.4, wrt=("x", "y"))
def index_from_a_view_of_what_is_written(x, y):
    q = x * y
    w = q[::-1]
    w[q > 0.5] = w[q > 0.5] * w[1]
    a, b, c = w
    return np.sum(w * x) + a * b - c


def weighed(a, b):
    return np.sum(a * a * b)


@program(positive(3), 1.4, wrt=("x", "y"))
def argument_changed_given_and_bound_again(x, y):
    s = 0.0
    for i in range(3):
        x[i] *= y + s
        s = s + 0.1 * weighed(x, x)
        x = np.roll(x, 1)
    x[0] *= s
    return weighed(x, x) * s


@program(positive(3), 1.4, wrt=("x", "y"))
def returns_of_inner_functions_from_blocks(x, y):
    def tried(a):
        try:
            if a > 1.0:
                raise KeyError("a")
            return a * x[1]
        except KeyError:
            return a * x[0]

    def closed(a):
        with np.errstate(all="ignore"):
            if a > 1.0:
                return a * x[1]
        return a * 2.0

    def left(a):
        try:
            return a * x[2]
        finally:
            a = 3.0

    def handled(a):
        try:
            r = a * x[1]
        except KeyError:
            return a * x[0]
        return r * 2.0

    return tried(y) * tried(0.5 * x[0]) + closed(y) * closed(x[1]) * left(y) * left(x[0]) * handled(
        y
    )


@program(positive(3), np.array([0.4, 0.6]))
def bound_within_loops_that_are_left(x, y):
    s = 0.0
    for i in range(3):
        u = np.hstack((x[:2] * x[i], y)) * 1.0
        v = np.zeros_like(u)
        for _ in range(2):
            v[1:] = u[:-1] * x[i]
            u, v = v, u
        if i == 2:
            break
        if i == 0:
            u = u * x[1]
        s = s + np.sum(u**2) * v[1]
    return s * x[0]


@program(positive(3), positive(3, 3))
def row_written_before_a_loop_is_left(x, a):
    s = 0.0
    for i, row in enumerate(a):
        a = np.stack([x, x * s, row * x])
        if i == 1:
            row += x * 2.0
            break
        s = s + np.sum(a[2] * row)
    return np.sum(a**2) * s


@program(positive(3), 1.4)
def number_bound_by_some_iterations(x, y):
    s = y
    for i in range(3):
        for j in range(3):
            v = x[j] * x[i] * s
            if j == 2 and i > 0:
                break
            w = v * v
            if i == j:
                continue
            v = w * v
            s = s + 0.1 * v * w
    return s


@program(positive(3), 1.4)
def bound_first_in_a_helper(x, y):
    def passed(a):
        s = a[0]
        for i in range(3):
            for j in range(2):
                t = a * s
                if i == 1:
                    break
                s = s + t[j] * t[i]
            if i == 2:
                break
        return s * t[1]

    return passed(x) * passed(x[::-1] * y)


@program(positive(3), 1.4)
def list_written_while_looped_over(x, y):
    zs = [v * y for v in x]
    ws = [v * 2.0 for v in x]
    s = 0.0
    for k, (z, w) in enumerate(zip(zs, ws)):
        zs[-1] = zs[-1] * z * w
        ws[k] += z
        s = s + z * w
        if k == 1:
            zs[2] = s * zs[2]
    for z in zs:
        zs[0] = z * zs[0]
        ws[1] *= z
    return s * zs[0] + ws[0] * ws[1]


@program([0.7, 1.2, 1.9], 1.4)
def list_turned_around_while_looped_over(p, y):
    s = y
    q = p
    for i in range(2):
        for k, a in enumerate(q):
            p.reverse()
            s = s * a + k * p[i]
        for a in p:
            q.reverse()
            s = s + a * a
            q[1] = a * 0.5
    return s * p[0]


@program(positive(3), positive(3))
def array_looped_over_that_may_be_written(x, y):
    s = 0.0
    y[0:1] = (x[:1] if np.sum(x) > 0.0 else y[2:]) * y[1]
    for a in x:
        y[:2] = y[:2] * a
        s = s + a * y[0]
    r = [y * 1.0, x * 2.0]
    y += r[0][:3] if s > 0.0 else x
    for d in r[-1]:
        r[1][2] = r[1][2] * d
        y[1] = y[1] * d
        s = s + d * y[1]
    return s * y[2] + np.sum(r[1])


@program(positive(3), [0.4, 0.7])
def list_changed_beside_arrays_with_two_names(x, p):
    z = x
    q = [x, z]
    p[0] *= q[1][0]
    q[0][1] *= p[1]
    p.append(x[2] * p[0])
    return np.sum(z * p[0]) + p[2]


@program(positive(3), [[0.4, 0.7], [0.2, 0.9]], {"a": 0.7, "b": np.array([0.3, 0.4, 0.5])})
def nested_items_changed_beside_arrays_with_two_names(x, p, d):
    q = [x, x]
    q[0][1] *= p[0][0]
    p[0][1] = x[0] * p[1][0]
    p.reverse()
    d["a"] = d["a"] * x[1]
    d["b"][0] *= x[0] * p[1][1]
    return np.sum(x * p[1][1]) * d["a"] + np.sum(d["b"] * x)


@program(positive(5), positive(5))
def prints_beside_arrays_with_two_names(x, y):
    print(y[0], float(x[1]), file=io.StringIO())
    z = x[0:5]
    for i in range(3):
        if y[i] > 0.0:
            print(f"{i}", np.sum(y), file=io.StringIO())
        z, x = x, z
        y[i] *= z[-2] ** i
        x[i] = y[i] * z[0]
    return np.sum(x * y) + z[1]
