"""Layers and nets: defaults that decide the kind of a result, and parts chosen by attributes."""

import numpy as np

from srcgrad import nn

from .registry import normal, program


def shares(x, axis=-1, *, keep=1):
    powers = np.exp(x) * keep
    return powers / np.sum(powers, axis=axis, keepdims=True)


@program(normal(3, 4))
def axis_by_default(x):
    return np.sum(shares(x) ** 2)


@program(normal(3, 4))
def axis_by_default_and_given(x):
    y = shares(x) + shares(x, 0) + shares(x, keep=2)
    return np.sum(y**2)


class Part:
    def __init__(self, name):
        self.name = name


FIRST, SECOND = Part("first"), Part("second")


@program({"first": {"w": normal(3)}, "second": {"w": normal(3), "b": normal(3)}})
def unlike_parts_by_attributes(params):
    x = np.tanh(params[FIRST.name]["w"])
    for part in (SECOND, SECOND):
        x = np.sin(x * params[part.name]["w"] + params[part.name]["b"])
    return np.sum(x)


NET = nn.sequential(nn.Dense(3, 4), nn.tanh, nn.LayerNorm(4), ("head", nn.Dense(4, 2)))


@program(
    {
        "dense_1": {"w": normal(3, 4), "b": normal(4)},
        "layernorm_1": {"scale": normal(4), "shift": normal(4)},
        "head": {"w": normal(4, 2), "b": normal(2)},
    },
    normal(5, 3),
    np.array([0, 1, 1, 0, 1]),
    wrt=("params", "x"),
)
def net_of_layers(params, x, labels):
    logits = NET(params, x)
    return nn.cross_entropy(logits, labels)


@program({"w": normal(3, 2, 2, 3), "b": normal(3)}, normal(2, 5, 4, 2))
def convolved_twice(params, x):
    y = nn.conv2d(params, x, stride=(2, 1), padding=1)
    return np.sum(nn.max_pool2d(np.tanh(y), 2) ** 2)
