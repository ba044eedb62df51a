"""Lists and tuples of objects: layers that are called in turn, bodies that move."""

import copy
import functools
from dataclasses import dataclass

import numpy as np

from .registry import normal, program


class Layer:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        return np.tanh(x @ self.w + self.b)

    def __call__(self, x):
        return self.forward(x)


class Affine(Layer):
    def forward(self, x):
        return x @ self.w + self.b


class Model:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer.forward(x)
        return self.layers[-1].forward(x)


@dataclass
class Body:
    pos: np.ndarray
    vel: np.ndarray
    mass: float = 1.0


@dataclass
class Bead:
    pos: float
    vel: float

    def kick(self, force, dt):
        self.vel = self.vel + dt * force

    def drift(self, dt):
        self.pos += dt * self.vel

    def energy(self):
        return 0.5 * self.vel**2 + 0.5 * self.pos**2


def layer(made=Layer):
    return made(normal(2, 2), normal(2))


def layers(n=3):
    return [layer() for _ in range(n)]


def bodies(n=3):
    return [Body(normal(2), normal(2), 1.0 + 0.25 * i) for i in range(n)]


def beads(n=3):
    return [Bead(0.5 - 0.3 * i, 0.2 + 0.1 * i) for i in range(n)]


@program(layers(), normal(3, 2))
def all_layers_but_the_last(ls, x):
    for layer in ls[:-1]:
        x = layer.forward(x)
    return np.sum(ls[-1].forward(x))


@program(layers(), normal(3, 2))
def layers_numbered(ls, x):
    for i, layer in enumerate(ls):
        x = layer.forward(x) * (i + 1)
    return np.sum(x)


@program(layers(), normal(3, 2), normal(3))
def layers_with_weights(ls, x, ws):
    for layer, w in zip(ls, ws, strict=False):
        x = w * layer.forward(x)
    return np.sum(x) / len(ls)


@program(layers(), normal(3, 2))
def layers_unpacked(ls, x):
    *hidden, last = ls
    for layer in hidden:
        x = layer(x)
    return np.sum(last.forward(x))


@program(layers(), normal(3, 2))
def layers_reduced(ls, x):
    return np.sum(functools.reduce(lambda x, layer: layer(x), ls, x))


@program(layers(), normal(3, 2))
def layers_backwards(ls, x):
    for layer in reversed(ls):
        x = layer.forward(x)
    return np.sum(x) + sum(np.sum(layer.w**2) for layer in ls)


@program(layers(), normal(2))
def outputs_of_layers(ls, x):
    ys = [layer.forward(x) for layer in ls]
    return np.sum(ys[0] * ys[-1])


@program(tuple(layers()), normal(3, 2))
def a_tuple_of_layers(ls, x):
    for layer in ls[1:]:
        x = layer.forward(x)
    for i in range(len(ls)):
        x = ls[i](x)
    return np.sum(ls[-1](x))


@program(Model(layers()), normal(3, 2))
def layers_of_a_model(model, x):
    return np.sum(model.forward(x)) + sum(np.sum(layer.w**2) for layer in model.layers)


@program({"layers": layers(), "scale": 2.0}, normal(3, 2))
def layers_in_a_dict(d, x):
    *hidden, last = d["layers"]
    for layer in hidden:
        x = layer(x)
    return np.sum(last.forward(x)) * d["scale"]


@program([layer(), layer(Affine), layer()], normal(3, 2))
def layers_of_two_classes(ls, x):
    *hidden, last = ls
    for i, layer in enumerate(hidden):
        x = layer.forward(x) * (i + 1)
    x = functools.reduce(lambda x, layer: layer(x), reversed(ls), x)
    return np.sum(last.forward(x)) + sum(np.sum(layer.w**2) for layer in ls)


@program(Model([layer(), layer(Affine)]), normal(3, 2))
def a_model_of_two_classes(model, x):
    return np.sum(model.forward(x))


@program([normal(2, 2), normal(2, 2), normal(2, 2)], normal(3, 2))
def layers_made_of_a_list(ws, x):
    model = Model([Layer(w, 0.1) for w in ws])
    return np.sum(model.forward(x)) + sum(np.sum(layer.w**2) for layer in model.layers)


@program([0.5, -0.25, 1.0], [0.1, 0.2, 0.3], 0.1)
def beads_made_of_two_lists(ps, vs, dt):
    made = [Bead(p, v) for p, v in zip(ps, vs, strict=False)]
    for _ in range(3):
        for b in made:
            b.kick(-b.pos, dt)
            b.drift(dt)
    return sum(b.energy() for b in made)


@program(normal(3, 2), 0.1)
def bodies_made_of_rows(ps, dt):
    made = [Body(p, 2.0 * p) for p in ps]
    for _ in range(4):
        for b in made:
            b.vel = b.vel - dt * b.pos
            b.pos = b.pos + dt * b.vel
    return sum(np.sum(b.pos**2) for b in made)


@program(normal(3, 2), 0.1)
def bodies_made_by_number(ps, dt):
    made = [Body(ps[i], np.zeros(2), 1.0 + i) for i in range(len(ps))]
    total = 0.0
    for b in made:
        for o in made:
            if o is not b:
                total = total + b.mass * o.mass * dt / np.sum((b.pos - o.pos) ** 2)
    return total


@program(bodies(), 0.1)
def bodies_that_move(bs, dt):
    for _ in range(4):
        for b in bs:
            b.vel = b.vel - dt * b.pos
            b.pos = b.pos + dt * b.vel
    return sum(np.sum(b.pos**2) * b.mass for b in bs)


@program(bodies(), 0.1)
def bodies_moved_by_number(bs, dt):
    for _ in range(4):
        for i in range(len(bs)):
            bs[i].pos = bs[i].pos + dt * bs[i].vel
    return np.sum(bs[0].pos ** 2) + np.sum(bs[-1].pos)


@program(bodies(), 0.1)
def bodies_that_attract(bs, dt):
    for _ in range(2):
        for b in bs:
            f = np.zeros(2)
            for o in bs:
                if o is b:
                    continue
                d = o.pos - b.pos
                f = f + o.mass * d / (np.sum(d**2) + 0.1) ** 1.5
            b.vel = b.vel + dt * f
        for b in bs:
            b.pos = b.pos + dt * b.vel
    return sum(np.sum(b.pos**2) for b in bs)


@program(bodies(), normal(3, 2), 0.1)
def bodies_that_are_pushed(bs, forces, dt):
    for b, f in zip(bs, forces, strict=False):
        b.vel = b.vel + dt * f / b.mass
    for i, b in enumerate(bs):
        b.pos = b.pos + (i + 1) * dt * b.vel**2
    return sum(np.sum(b.pos**2) for b in bs)


@program(beads(), 0.1)
def beads_with_methods(bs, dt):
    for _ in range(3):
        for b in bs:
            b.kick(-b.pos, dt)
        for b in reversed(bs):
            b.drift(dt)
    return sum(b.energy() for b in bs)


@program((bodies(1)[0], bodies(1)[0]), 0.1, order=1)
def a_pair_of_bodies(pair, dt):
    a, b = pair
    a.pos = a.pos + dt * b.vel
    pair[1].pos = b.pos * a.pos
    return np.sum(pair[1].pos ** 2)


@program(Model(bodies(1)[0]), 0.1, order=1)
def an_object_within_an_object(m, dt):
    first = m.layers
    first.pos = first.pos * dt
    m.layers.vel = first.pos**2 + m.layers.vel
    return np.sum(m.layers.pos * m.layers.vel)


@program(bodies(), 0.1)
def bodies_copied(bs, dt):
    bs = copy.deepcopy(bs)
    for _ in range(3):
        for b in bs:
            b.pos += dt * b.vel
    return sum(np.sum(b.pos**2) for b in bs)


@program(bodies(1)[0], 0.1)
def a_body_copied(b, dt):
    c = copy.copy(b)
    c.pos = c.pos + dt * c.vel
    d = copy.deepcopy([c, c])
    d[0].pos += 1.0
    return np.sum(c.pos**2) * np.sum(d[1].pos) + np.sum(b.pos)


@program(bodies(2), 0.1, order=1)
def bodies_that_pass_floats_on(bs, k):
    for b in bs:
        b.mass += k * b.mass**2
        if b.mass > 1.3:
            b.mass = b.mass * k
    return bs[0].mass * bs[1].mass


@program(0.7, 3, wrt=("x",))
def objects_as_many_as_an_argument_says(x, n):
    made = []
    for i in range(n):
        made.append(Bead(x * i, x))
    return made[0].energy() + made[-1].energy()


@program(Model({"a": {"x": 0.5}, "b": {"x": 0.7}}), 0.3, wrt=("t",), order=1)
def items_of_held_dicts_swapped(m, t):
    d = {"a": {"x": t}, "b": {"x": t * t}}
    d["a"]["x"], d["b"]["x"] = d["b"]["x"] * t, d["a"]["x"]
    return d["b"]["x"] ** 2 + d["a"]["x"] * m.layers["a"]["x"]


@program({"a": {"x": 0.5}, "b": {"x": 0.7}}, 0.3, order=1)
def items_of_given_dicts_swapped(d, t):
    d["a"]["x"], d["b"]["x"] = d["b"]["x"] * t, d["a"]["x"]
    return d["b"]["x"] ** 2 + d["a"]["x"]
