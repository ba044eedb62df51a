"""Objects as arguments: namedtuples, dataclasses, plain classes, and nestings of them."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from .registry import normal, positive, program


class Point(NamedTuple):
    x: float
    y: float


class Dense(NamedTuple):
    w: np.ndarray
    b: np.ndarray


@dataclass
class Layer:
    w: np.ndarray
    b: np.ndarray
    act: str = "tanh"


@dataclass(frozen=True, slots=True)
class Net:
    layers: list
    head: Layer
    scale: float
    depth: int = 2


@dataclass
class Derived:
    w: np.ndarray
    total: float = field(init=False, default=1.5)
    calls: int = field(init=False, default=0)

    def __post_init__(self):
        self.total = float(np.sum(self.w * 0.0)) + 1.5
        self.calls = self.calls + 1


class Plain:
    power = 3.0

    def __init__(self, w, rate):
        self.w = w
        self.rate = rate
        self.label = None


class Slotted:
    __slots__ = ("bias", "gain", "unset")

    def __init__(self, gain, bias):
        self.gain = gain
        self.bias = bias


def layer(*shape):
    return Layer(normal(*shape), normal(shape[-1]))


@program(Point(1.5, -0.5), 2.0)
def point_by_name(p, k):
    return p.x * k + np.sin(p.y) * p.x


@program(Point(1.5, -0.5), 2.0)
def point_by_position(p, k):
    return p[0] * k + np.sin(p[-1]) * p.x


@program(Point(1.5, -0.5))
def point_unpacked(p):
    x, y = p
    return x * x * y


@program(Point(1.5, 0.5))
def point_looped(p):
    total = 0.0
    for c in p:
        total = total * c + c**3
    return total


@program(Point(1.5, -0.5), 0.3)
def point_stepped(p, h):
    for _ in range(3):
        p = Point(p.x + h * p.y, p.y - h * np.sin(p.x))
    return p.x * p.y


@program(Point(1.5, -0.5), 0.3)
def point_replaced(p, h):
    q = p._replace(x=p.x * h)
    return q.x * q.y + p.x


@program(Point(1.5, -0.5), 0.3)
def point_returned(p, h):
    return Point(p.x * h, p.x * p.y)


@program([Point(1.5, -0.5), Point(0.5, 0.25)])
def points_in_a_list(points):
    area = 0.0
    for p in points:
        area = area + p.x * p.y**2
    return area


@program(normal(2, 3), Dense(normal(3, 2), normal(2)))
def dense_layer(x, layer):
    return np.sum(np.tanh(x @ layer.w + layer.b) ** 2)


@program(layer(3, 2), normal(2, 3))
def dataclass_layer(model, x):
    h = np.tanh(x @ model.w + model.b)  # one row each
    return np.mean(h**2)


@program(layer(3, 2), normal(2, 3))
def dataclass_flag(model, x):
    z = x @ model.w + model.b
    if model.act == "tanh":
        z = np.tanh(z)
    else:
        z = np.maximum(z, 0.0)
    return np.sum(z**2)


@program(Net([layer(2, 2), layer(2, 2)], layer(2, 1), 0.7), normal(3, 2))
def nested_net(net, x):
    h = x
    for part in net.layers:
        h = np.tanh(h @ part.w + part.b)
    return net.scale * np.mean((h @ net.head.w + net.head.b) ** 2)


@program(Net([layer(2, 2)], layer(2, 1), 0.7), normal(3, 2))
def nested_net_by_index(net, x):
    h = np.tanh(x @ net.layers[0].w + net.layers[0].b)
    head = net.head
    return net.scale * np.mean((h @ head.w + head.b) ** net.depth)


def forward_layer(part, x):
    h = x @ part.w + part.b
    return np.tanh(h) * h


@program(Net([layer(2, 2), layer(2, 2)], layer(2, 1), 0.7), normal(3, 2))
def nested_net_with_helper(net, x):
    h = x
    for i in range(len(net.layers)):
        h = forward_layer(net.layers[i], h)
    return np.mean(forward_layer(net.head, h)) * net.scale


@program({"enc": layer(2, 2), "dec": (layer(2, 2), 0.5)}, normal(3, 2))
def objects_in_containers(params, x):
    h = forward_layer(params["enc"], x)
    last, scale = params["dec"]
    return np.sum(h @ last.w * scale)


@program(lambda rng: Derived(normal(3)(rng)), 2.0)
def dataclass_with_derived_fields(model, x):
    return np.sum(model.w * x) * model.total + model.calls


@program(Plain(normal(3), 0.5), 1.5)
def plain_object(model, x):
    return np.sum(model.w**2) * model.rate + model.rate * x


@program(Plain(normal(3), 0.5), 1.5)
def plain_object_class_attribute(model, x):
    return np.sum(np.abs(model.w) ** model.power) * model.rate * x


@program(Slotted(normal(3), normal(3)), positive(3))
def slotted_object(norm, x):
    return np.sum(norm.gain * np.log(x) + norm.bias**2)


@program(SimpleNamespace(w=normal(2), inner=SimpleNamespace(k=2.0, n=3)), 1.5)
def namespaces(s, x):
    total = 0.0
    for _ in range(s.inner.n):
        total = total * s.inner.k + np.sum(s.w) * x
    return total


@program(SimpleNamespace(rate=0.1, steps=3, verbose=False), positive(2), wrt=("w",))
def config_object(options, w):
    for i in range(options.steps):
        w = w - options.rate * w**2
        if options.verbose:
            print(i)
    return np.sum(w)


def stepped(state, h):
    return Point(state.x + h * state.y, state.y - h * state.x)


@program(Point(1.0, 0.5), 0.1)
def namedtuple_through_a_helper(state, h):
    for _ in range(4):
        state = stepped(state, h)
    return state.x**2 + state[1]


def midpoint(a, b):
    m = Layer(a.w + b.w, a.b * b.b)
    return m


@program(layer(2, 2), layer(2, 2))
def dataclass_returned_by_a_helper(a, b):
    m = midpoint(a, b)
    return np.sum(m.w @ m.w) + np.sum(m.b)


@program(layer(2, 2), layer(2, 2), 1.0)
def object_chosen_by_branch(a, b, t):
    if t > 0.5:
        m = a
    else:
        m = b
    return np.sum(m.w * t) + np.sum(m.b**2)


@program(Plain(normal(3), 0.5), 1.5)
def attribute_written(model, x):
    model.w = model.w * x
    model.w = model.w - 0.1 * model.w**2
    return np.sum(model.w) * model.rate


@program(Plain(normal(3), 0.5), 3)
def attribute_written_in_a_loop(model, n):
    total = 0.0
    for i in range(n):
        model.w = model.w * model.rate
        if i > 0:
            model.rate = model.rate * 0.9 + total
        total = total + np.sum(model.w**2)
    return total


@program(SimpleNamespace(count=0, w=1.5), 2.0)
def counter_attribute(model, x):
    model.count += 1
    model.w *= x
    return model.w**2 * model.count


@program(SimpleNamespace(w=1.5), 2.0)
def attribute_added(model, x):
    model.last = model.w * x
    return model.last**2


@program(SimpleNamespace(w=normal(3)), 2.0)
def attribute_of_another_length(m, x):
    y = m.w * x
    m.w = np.ones(7)
    return np.mean(y) + np.sum(np.ones_like(m.w)) * x


@program({"w": normal(3)}, 2.0)
def item_of_another_length(p, x):
    y = p["w"] * x
    p["w"] = np.ones(7)
    return np.mean(y) + np.sum(p["w"]) * x


@program(SimpleNamespace(layers=[layer(2, 2), layer(2, 2)]), 1)
def element_of_an_object_in_a_list(m, i):
    return m.layers[i].w[0, 0] * m.layers[i].b[i]


@program(SimpleNamespace(x=1.5, n=2), 0.5)
def object_state_in_a_loop(s, h):
    for _ in range(3):
        s = SimpleNamespace(x=s.x + h * s.x, n=s.n)
    return s.x * s.n
