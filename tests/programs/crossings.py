"""Crossings: closures, objects, generators and containers with loops, branches and each other."""

import enum
import math
import types
from dataclasses import dataclass

import numpy as np

from .registry import program


class Base:
    kind = "base"

    def __init__(self):
        self.c = 1.0

    def go(self, x):
        return self.helper(x) * self.c

    def helper(self, x):
        return x


class Sub(Base):
    def __init__(self, k):
        Base.__init__(self)
        self.k = k

    def helper(self, x):
        return x * x * self.k


class Mode(enum.Enum):
    A = 1
    B = 2


class Stack:
    def __init__(self):
        self.data = []

    def push(self, v):
        self.data.append(v)

    def pop(self):
        return self.data.pop()

    def __len__(self):
        return len(self.data)

    def __bool__(self):
        return bool(self.data)


class Poly:
    def __init__(self, cs):
        self.cs = cs

    def __call__(self, x):
        r = 0.0
        for c in reversed(self.cs):
            r = r * x + c
        return r

    def __iter__(self):
        return iter(self.cs)

    def deriv(self):
        return Poly([i * c for i, c in enumerate(self.cs)][1:])


class Counter:
    n = 0

    def __init__(self, x):
        self.x = x

    def hit(self):
        self.n = self.n + 1
        return self.x * self.n


@dataclass
class Cfg:
    lr: float = 0.1
    f: object = np.tanh


class Accumulated:
    def __init__(self):
        self.t = 0.0

    def __iadd__(self, o):
        self.t = self.t + o * o
        return self


CFG = Cfg()


@program(1.2)
def overridden_method(x):
    s = Sub(x)
    return s.go(x) + Base().go(x)


@program(1.2)
def enum_member(x):
    m = Mode.A
    return x * x if m is Mode.A else x


@program(1.2)
def objects_exchanged_in_a_loop(x):
    prev = types.SimpleNamespace(v=x)
    cur = types.SimpleNamespace(v=x * x)
    for _ in range(4):
        prev, cur = cur, types.SimpleNamespace(v=prev.v + cur.v)
    return cur.v * prev.v


@program(1.2)
def closure_appends(x):
    out = []

    def visit(v, depth=0):
        out.append(v * x)
        return depth

    for i in range(3):
        visit(i)
    return sum(out) * len(out)


@program(1.2)
def counters_of_one_factory(x):
    def outer():
        y = x

        def inc():
            nonlocal y
            y = y * x
            return y

        return inc

    f = outer()
    g = outer()
    f()
    f()
    g()
    return f() * g()


@program(1.2)
def functions_of_a_loop_share_its_variable(x):
    fs = []
    for i in range(3):

        def f(v):
            return v * i

        fs.append(f)
    return sum(f(x) for f in fs)


@program(1.2)
def function_made_in_each_round(x):
    acc = 0.0
    for i in range(3):
        k = x * i

        def f(v):
            return v * k

        acc += f(x)
    return acc + f(2.0)


@program(1.2)
def function_made_in_a_try(x):
    try:

        def f(v):
            return math.log(v)

        y = f(x)
    except ValueError:
        y = 0.0
    return y * x


@program(1.2)
def dict_filled_with_functions(x):
    d = {}
    d["f"] = lambda v: v * x
    d["g"] = math.sin
    return sum(f(x) for f in d.values())


@program(1.2)
def stack_of_values(x):
    s = Stack()
    s.push(x)
    s.push(x * x)
    s.push(3.0)
    t = s.pop() * s.pop()
    return t * len(s) + s.pop()


@program(1.2, 0.7)
def polynomial_with_derivative(x, a):
    p = Poly([a, 2.0, a * a])
    return p(x) * p.deriv()(x)


@program(1.2)
def class_attribute_shadowed(x):
    c = Counter(x)
    return c.hit() + c.hit() * c.hit()


@program(1.2)
def closure_changes_a_list(x):
    y = [x, x * x]

    def change(lst):
        lst[0] = lst[0] * 3.0
        lst.append(x)

    change(y)
    return sum(y) * y[2]


@program(1.2)
def closure_fills_and_returns_an_array(x):
    z = np.zeros(3)

    def fill(arr, v):
        arr[:] = v
        arr *= x
        return arr

    w = fill(z, x)
    w[0] = 1.0
    return np.sum(z * w)


@program(1.2)
def lambda_gives_a_tuple(x):
    f = lambda v: (v, v * v)  # noqa: E731
    a, b = f(x)
    (c, d), e = f(a), b
    return a * b * c * d * e


@program(1.2)
def endless_generator_left(x):
    def gen():
        s = x
        while True:
            yield s
            s = s * 1.5

    total = 0.0
    for v in gen():
        if v > 5:
            break
        total += v
    return total


@program(1.2)
def generator_unpacked(x):
    def g():
        yield x
        yield x * x

    a, b = g()
    return a * b + max(g())


@program(1.2)
def function_in_a_global_object(x):
    return np.sum(CFG.f(x)) * CFG.lr


@program(1.2)
def bound_methods_in_a_list(x):
    s = Sub(2.0)
    fs = [s.go, s.helper]
    return sum(f(x) for f in fs)


@program(1.2)
def continue_over_functions(x):
    r = 0.0
    for k, f in {"a": np.sin, "b": np.cos}.items():
        if k == "a":
            continue
        r = r + f(x)
    return r


@program(1.2)
def list_of_objects_in_time(x):
    ps = [types.SimpleNamespace(x=x * i, v=1.0) for i in range(3)]
    for _ in range(4):
        for p in ps:
            p.x = p.x + p.v * 0.1
            p.v = p.v - p.x * 0.1
    return sum(p.x * p.v for p in ps)


@program(1.2)
def objects_appended(x):
    ps = []
    n = 3
    for i in range(n):
        ps.append(types.SimpleNamespace(x=x * i))
    return sum(p.x for p in ps)


@program(1.2)
def string_in_a_closure(x):
    s = f"{x:.2f}"
    g = lambda v: v if len(s) > 0 else 0.0  # noqa: E731
    return g(x) * x


@program(1.2)
def function_or_none(x):
    f = None
    if x > 0.5:
        f = lambda v: v * x  # noqa: E731
    return f(2.0) if f is not None else x


@program(1.2)
def closure_scales_an_array(x):
    a = np.array([x, 2 * x])

    def scale(k):
        a[0] = a[0] * k

    def total():
        return a.sum()

    t = total()
    scale(x)
    t = t * total()
    a[1] = t
    scale(2.0)
    return total() * a[0]


@program(1.2)
def nonlocal_within_an_expression(x):
    c = 0.0

    def f(v):
        nonlocal c
        c = c + v * x
        return c

    y = f(1.0) + f(2.0) * f(x)
    return y * c


@program(1.2)
def operand_before_and_after_a_call(x):
    c = x

    def f():
        nonlocal c
        c = c * 2
        return c

    return c + f() + c


@program(1.2)
def closure_pops(x):
    xs = [x, x * 2]

    def g():
        return xs.pop()

    return g() * g() + len(xs)


@program(1.2)
def early_return_and_break_and_else(x):
    def f(v):
        for i in range(5):
            if v > 3:
                return v * i
            v = v * 1.4
        return v

    s = 0.0
    for k in range(3):
        s = s + f(x * (k + 1))
        if s > 10:
            break
    else:
        s = s * 2
    return s


@program(1.2)
def in_place_operator_of_a_class(x):
    a = Accumulated()
    b = a
    a += x
    a += 2 * x
    return b.t * a.t


@program(1.2)
def array_through_two_objects(x):
    p = types.SimpleNamespace(v=x, w=np.array([x, 1.0]))
    q = types.SimpleNamespace(inner=p)
    q.inner.w[0] = q.inner.w[0] * p.v
    p.w += x
    return np.sum(q.inner.w * p.w)


@program(1.2)
def attribute_and_continue(x):
    p = types.SimpleNamespace(v=x)
    for i in range(3):
        if i % 2 == 0:
            p.v = p.v * x
        else:
            continue
        p.v += 1.0
    return p.v


@program(1.2)
def object_replaced_by_a_closure(x):
    p = types.SimpleNamespace(v=x)

    def step():
        nonlocal p
        p = types.SimpleNamespace(v=p.v * p.v + x)

    step()
    step()
    return p.v


@program(1.2)
def object_replaced_by_a_closure_in_a_loop(x):
    p = types.SimpleNamespace(v=x)

    def step():
        nonlocal p
        p = types.SimpleNamespace(v=p.v * 0.5 + x)

    for _ in range(3):
        step()
    return p.v


@program(1.2)
def functions_in_a_tuple_filtered(x):
    res = []
    for f in (math.sin, math.cos, lambda t: t * t):
        if f(x) < 0.5:
            continue
        res.append(f(x))
    return sum(res)


@program(1.2)
def keyword_default_binds_now(x):
    f = lambda v, *, k=x: v * k  # noqa: E731
    x = 5.0
    return f(3.0) + x


@program(1.2)
def positional_default_binds_now(x):
    def f(a, b=x * 2):
        return a * b

    x = x * 3
    return f(x)


@program(1.2)
def closure_raises_in_a_try(x):
    y = 0.0
    try:

        def f(v):
            if v > 1:
                raise ValueError("x")
            return v * v

        y = f(x) + f(x * 3)
    except ValueError:
        y = x * 7
    return y


@program(1.2)
def closure_in_a_with(x):
    with np.errstate(all="ignore"):

        def f(v):
            return np.sqrt(v) * x

        y = f(x)
    return y * f(2.0)


@program(1.2)
def generator_over_functions(x):
    g = (f(x) * i for i, f in enumerate([math.sin, math.cos, lambda v: v]))
    return sum(g)


@program(1.2)
def closure_with_keywords_changes_a_dict(x):
    d = {"a": x, "b": 2 * x}

    def upd(**kw):
        for k, v in kw.items():
            d[k] = d.get(k, 0.0) + v

    upd(a=x * x, b=1.0)
    return d["a"] * d["b"]


@program(1.2)
def functions_by_name_made_in_a_loop(x):
    z = x
    fs = {}
    for name in ("a", "b"):

        def f(v, name=name):
            return v * 2 if name == "a" else v * v

        fs[name] = f
    return fs["a"](x) * fs["b"](z)


@program(1.2)
def second_name_of_a_list_of_functions(x):
    a = [lambda v: v * x for _ in range(2)]
    b = a
    b.append(lambda v: v + 1)
    return a[2](x) * len(a)


@program(1.2)
def default_list_is_kept(x):
    s = 0.0

    def add(v, out=[]):
        out.append(v)
        return sum(out)

    return add(x) + add(x * x)


@program(1.2)
def map_unpacked(x):
    it = map(lambda v: v * x, [1.0, 2.0, 3.0])
    a, *rest = it
    return a * sum(rest)


@program(1.2)
def all_over_functions(x):
    ok = all(f(x) > 0 for f in (math.sin, math.exp))
    return x * x if ok else x


@program(1.2)
def sorted_by_a_lambda(x):
    xs = sorted([x, 2.0, 0.1], key=lambda v: -v)
    return xs[0] * xs[2]


@program(1.2)
def object_in_a_while(x):
    n = int(x * 3)
    s = types.SimpleNamespace(a=x, b=0.0)
    while n > 0:
        s.b = s.b + s.a * n
        s.a = s.a * 0.9
        n -= 1
    return s.a * s.b


@program(1.2)
def function_rebound_over_itself(x):
    def f(v):
        return v

    for i in range(2):
        g = f

        def f(v, g=g):
            return g(v) * x

    return f(1.0)


@program(1.2)
def array_attribute_with_two_names(x):
    u = types.SimpleNamespace(a=np.zeros(3))
    u.a[1] = x
    w = u.a
    w[2] = x * x
    u.a = u.a * 2
    w[0] = 100.0
    return u.a.sum()
