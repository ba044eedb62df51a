"""Objects that a function makes: attributes, methods, properties, inheritance, operators."""

import abc
import contextlib
import functools
import types
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .registry import normal, program


class Linear:
    def __init__(self, w, b=0.0):
        self.w = w
        self.b = b

    def __call__(self, x):
        return x @ self.w + self.b

    def penalty(self):
        return np.sum(self.w**2)


class Scaled(Linear):
    scale = 2.0

    def __init__(self, w, b, k):
        super().__init__(w, b)
        self.k = k

    @property
    def factor(self):
        return self.scale * self.k

    @staticmethod
    def clipped(v):
        return np.maximum(v, 0.0)

    @classmethod
    def identity(cls, n, k):
        return cls(np.eye(n), 0.0, k)

    def __call__(self, x):
        return self.clipped(super().__call__(x) * self.factor)


class Activation(abc.ABC):
    @abc.abstractmethod
    def forward(self, x):
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)


class Tanh(Activation):
    def forward(self, x):
        return np.tanh(x)


class Square(Activation):
    def forward(self, x):
        return x * x


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def add(self, layer):
        self.layers.append(layer)
        return self

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)


class Accumulator:
    def __init__(self):
        self.total = 0.0
        self.items = []

    def add(self, v):
        self.total += v
        self.items.append(v)
        return self


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def dot(self, other):
        return self.x * other.x + self.y * other.y


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.v -= self.x * dt
        self.x += self.v * dt


class Celsius:
    def __init__(self, value):
        self._value = value

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, new):
        self._value = new * 2.0


class Timer:
    def __init__(self):
        self.depth = 0.0

    def __enter__(self):
        self.depth += 1.0
        return self

    def __exit__(self, kind, error, trace):
        self.depth += 10.0


@contextlib.contextmanager
def doubled(box):
    box.total = box.total * 2.0
    yield box
    box.total = box.total + 1.0


@dataclass
class State:
    x: float
    v: float = 1.0
    log: list = field(default_factory=list)

    def step(self, dt):
        return State(self.x + self.v * dt, self.v - self.x * dt)

    def energy(self):
        return 0.5 * (self.x**2 + self.v**2)


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    @property
    def width(self):
        return self.high - self.low

    def split(self):
        middle = 0.5 * (self.low + self.high)
        return Interval(self.low, middle), Interval(middle, self.high)


Point = namedtuple("Point", ["x", "y"])


class Pair(NamedTuple):
    first: float
    second: float = 2.0

    def product(self):
        return self.first * self.second


NETWORK = Sequential(Tanh(), Square())


@program(normal(3), normal(3, 2), normal(2))
def one_layer(x, w, b):
    layer = Linear(w, b)
    return np.sum(np.tanh(layer(x))) + 0.1 * layer.penalty()


@program(normal(3), normal(3, 3), 0.4)
def inherited(x, w, k):
    layer = Scaled(w, 0.1, k)
    return np.sum(layer(x)) * layer.factor + Scaled.scale


@program(normal(3), 0.4)
def class_method(x, k):
    return np.sum(Scaled.identity(3, k)(x)) + np.sum(Scaled.clipped(x))


@program(normal(3), normal(3, 3), normal(3, 3))
def network(x, a, b):
    net = Sequential(Linear(a), Tanh(), Linear(b, 0.5))
    net.add(Square())
    return np.sum(net(x)) * len(net)


@program(normal(3))
def network_outside(x):
    return np.sum(NETWORK(x) + NETWORK.layers[0](x))


@program(1.2)
def attribute_grows_in_a_loop(x):
    acc = Accumulator()
    for i in range(3):
        acc.add(x * x * i)
    return acc.total * acc.items[1]


@program(1.2)
def attribute_grows_in_a_branch(x):
    acc = Accumulator()
    if x > 1.0:
        acc.add(x).add(x * x)
    else:
        acc.add(2.0)
    return acc.total * len(acc.items)


@program(1.2, 0.7)
def operators_of_a_class(a, b):
    u, v = Vector(a, b), Vector(b, 2.0)
    w = u + v * a + b * -u
    return w.dot(u)


@program(1.2, 0.7)
def objects_in_place(x, v):
    p = Particle(x, v)
    for _ in range(5):
        p.step(0.1)
    return p.x * p.v


@program(normal(3), normal(3))
def arrays_of_an_object_in_place(x, v):
    p = Particle(x.copy(), v.copy())
    for _ in range(3):
        p.step(0.1)
    return np.sum(p.x * p.v)


@program(1.2, 0.7)
def new_object_in_each_round(x, v):
    state = State(x, v)
    for _ in range(4):
        state = state.step(0.1)
    return state.energy()


@program(1.2, 0.7)
def object_chosen_by_a_branch(x, v):
    s = State(x, v) if x > 1.0 else State(v, x)
    if v > 1.0:
        t = State(x * x)
    else:
        t = s.step(0.5)
    return s.energy() * t.energy() + t.v


@program(0.2, 1.9)
def frozen_objects(a, b):
    i = Interval(a, b)
    left, right = i.split()
    while right.width > 0.3:
        left, right = right.split()
    return left.width * i.width + right.high * left.low


@program(0.2, 1.9)
def named_tuples(a, b):
    p = Point(a, y=b)
    q = Pair(p.x * p.y)
    x, y = p
    return p[0] * q.product() + q.first * x * y


@program(0.7)
def property_with_a_setter(x):
    t = Celsius(x)
    t.value = x * x
    t.value = t.value + x
    return t.value * x


@program(0.7)
def simple_namespace(x):
    box = types.SimpleNamespace(a=x, b=2.0)
    box.c = box.a * box.b
    box.a = box.c * x
    return box.a + box.c


@program(0.7)
def context_manager_of_a_class(x):
    timer = Timer()
    with timer as t:
        y = x * t.depth
    return y * timer.depth


@program(0.7)
def context_manager_of_a_generator(x):
    box = Accumulator()
    box.add(x)
    with doubled(box) as b:
        b.add(x * x)
    return box.total * x


@program(0.7)
def object_holds_a_function(x):
    box = types.SimpleNamespace(f=np.sin, g=lambda v: v * x)
    return box.f(x) * box.g(3.0)


@program(0.7)
def method_as_a_value(x):
    acc = Accumulator()
    add = acc.add
    for i in range(3):
        add(x * i)
    f = functools.partial(Accumulator.add, acc)
    f(x)
    return acc.total


@program(0.7)
def objects_in_a_dict(x):
    table = {"a": Particle(x, 1.0), "b": Particle(2.0, x)}
    for p in table.values():
        p.step(0.1)
    table["a"].x = table["b"].v
    return table["a"].x * table["a"].v


@program(0.7)
def two_names_of_one_object(x):
    p = Particle(x, x * x)
    q = p
    q.x = 3.0 * x
    p.step(0.5)
    return q.x * p.v


@program(0.7)
def object_in_an_object(x):
    outer = types.SimpleNamespace(inner=Particle(x, 1.0), n=2)
    inner = outer.inner
    inner.step(0.1)
    outer.inner = Particle(inner.v, x)
    return outer.inner.x * inner.x * outer.n


@program(0.7)
def getattr_and_setattr(x):
    p = Particle(x, 1.0)
    setattr(p, "x", getattr(p, "x") * 3.0)
    return p.x * getattr(p, "mass", x)


@program(0.7)
def isinstance_and_type(x):
    shapes = [State(x), Interval(0.0, x), x]
    total = 0.0
    for s in shapes:
        if isinstance(s, State):
            total += s.energy()
        elif isinstance(s, Interval):
            total += s.width
        else:
            total += s * s
    return total


@program(0.7)
def object_in_a_helper(x):
    def energy_of(s):
        s.x = s.x * 2.0
        return s.energy()

    s = State(x)
    return energy_of(s) + s.x


@program(0.7, 1.2)
def object_at_a_varying_index(x, v):
    ps = [Particle(x, v), Particle(v, 2.0)]
    total = 0.0
    for i in range(4):
        total = total + ps[i % 2].x * i
    return total * ps[-1].v


@program(1.7)
def object_or_none(x):
    best = None
    if x > 1.0:
        best = Particle(x, x * x)
    return best.x * best.v if best is not None else x
