"""Trees: leaves, paths, map, and what is refused."""

import types
from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from srcgrad import BadArgument, tree

Pair = namedtuple("Pair", "w b")


@dataclass(frozen=True)
class Layer:
    w: float
    name: str = "dense"


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __call__(self):
        """A model may be called, and is a tree all the same."""


TREE = {
    "w1": 1.0,
    2: [3.0, (4.0, None)],
    "pair": Pair(5.0, "x"),
    "layer": Layer(6.0),
    "object": Slotted(7.0, [np.tanh]),
    "space": types.SimpleNamespace(v=8),
    "ordered": OrderedDict(z=9.0, a=10.0),
    "none": [],
}
PATHS = [
    "['w1']", "[2][0]", "[2][1][0]", "[2][1][1]", "['pair'].w", "['pair'].b", "['layer'].w",
    "['layer'].name", "['object'].a", "['object'].b[0]", "['space'].v", "['ordered']['z']",
    "['ordered']['a']",
]  # fmt: skip


def test_paths_and_leaves():
    assert tree.paths(TREE) == PATHS
    numbers = [1.0, 3.0, 4.0, None, 5.0, "x", 6.0, "dense", 7.0, np.tanh, 8, 9.0, 10.0]
    assert tree.leaves(TREE) == numbers
    assert tree.paths(Slotted(1.0, [2.0])) == ["a", "b[0]"]
    assert tree.paths(3.0) == [""]
    assert tree.leaves([]) == []


def test_map_keeps_types():
    found = tree.map(lambda x: x * 2 if isinstance(x, float) else x, TREE)
    assert tree.paths(found) == PATHS
    assert tree.leaves(found)[:3] == [2.0, 6.0, 8.0]
    for key, value in TREE.items():
        assert type(found[key]) is type(value)
    assert found["layer"] == Layer(12.0)
    assert list(found["ordered"]) == ["z", "a"]
    assert TREE["w1"] == 1.0


def test_map_goes_by_key_and_not_by_order():
    assert tree.map(lambda a, b: a + b, {"x": 1.0, "y": 2.0}, {"y": 20.0, "x": 10.0}) == {
        "x": 11.0,
        "y": 22.0,
    }


def test_map_leaves_what_has_none():
    params = {"w": 1.0, "n": 3, "deep": [2.0]}
    assert tree.map(lambda p, g: p - g, params, {"w": 0.5, "n": None, "deep": None}) == {
        "w": 0.5,
        "n": 3,
        "deep": [2.0],
    }


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"a": [1.0]}, "at the top another has no part ['b']"),
        ({"a": [1.0], "b": 1.0, "c": 2.0}, "another has a part ['c'] that the first has not"),
        ({"a": [1.0, 2.0], "b": 1.0}, "at ['a'] another has a part ['a'][1]"),
        ({"a": 1.0, "b": 1.0}, "at ['a'] the first has a list of 1, and another has a float"),
        (
            {"a": [[1.0]], "b": 1.0},
            "at ['a'][0] the first has a float, and another has a list of 1",
        ),
        ([1.0, 2.0], "at the top the first has a dict, and another has a list of 2"),
    ],
)
def test_structures_that_differ(other, text):
    with pytest.raises(BadArgument) as caught:
        tree.map(lambda a, _: a, {"a": [1.0], "b": 2.0}, other)
    assert text in str(caught.value)


def test_rebuilt():
    params = {"w": np.zeros(2), "rest": (1.0, 2)}
    assert tree.rebuilt(params, [7, 8, 9]) == {"w": 7, "rest": (8, 9)}
    with pytest.raises(BadArgument, match="has 3 leaves, and 2 values"):
        tree.rebuilt(params, [7, 8])
