"""Nets that are layers one after another, with their parameters in a dict by layer.

A net is a tree: two halves, the second of which gets what the first returns, down to single layers.
So its call has no loop over different things, the generated gradient shows the layers one by one,
and a net of a thousand layers is ten levels deep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from srcgrad.errors import BadArgument, BadValue


@runtime_checkable
class Layer(Protocol):
    """Something with parameters: a layer, or a net, which may stand in another net."""

    def init(self, rng: np.random.Generator) -> Any:
        """Its first parameters."""

    def __call__(self, params: Any, x: Any, /) -> Any:
        """What it makes of an input."""


@dataclass(frozen=True)
class Same:
    """A net without layers: it returns its input."""

    def init(self, rng: np.random.Generator) -> dict[str, Any]:
        """No parameters."""
        del rng
        return {}

    def __call__(self, _: dict[str, Any], x: Any, /) -> Any:
        """The input itself."""
        return x


@dataclass(frozen=True)
class Plain:
    """A function without parameters as a net."""

    function: Callable[[Any], Any]

    def init(self, rng: np.random.Generator) -> dict[str, Any]:
        """No parameters."""
        del rng
        return {}

    def __call__(self, _: dict[str, Any], x: Any, /) -> Any:
        """What the function makes of an input."""
        return self.function(x)


@dataclass(frozen=True)
class Named:
    """A layer as a net: its parameters stand under its name."""

    name: str
    layer: Layer

    def init(self, rng: np.random.Generator) -> dict[str, Any]:
        """First parameters of the layer, under its name."""
        return {self.name: self.layer.init(rng)}

    def __call__(self, params: dict[str, Any], x: Any, /) -> Any:
        """What the layer makes of an input."""
        return self.layer(params[self.name], x)


@dataclass(frozen=True)
class Then:
    """Two nets, the second of which gets what the first returns."""

    first: Net
    second: Net

    def init(self, rng: np.random.Generator) -> dict[str, Any]:
        """First parameters of all layers, by name."""
        first = self.first.init(rng)
        return {**first, **self.second.init(rng)}

    def __call__(self, params: dict[str, Any], x: Any, /) -> Any:
        """What the second net makes of what the first makes of an input."""
        hidden = self.first(params, x)
        return self.second(params, hidden)


Net = Same | Plain | Named | Then


def sequential(*layers: Layer | tuple[str, Layer] | Callable[[Any], Any]) -> Net:
    """A net of layers, each of which gets what the one before it returns.

    Args:
        layers: layers (`Dense`, `Conv2d`, ..., nets, or anything with `init(rng)` that is called
            `(params, x)`), and plain functions of one argument between them. A layer is called
            after its class and counted, "dense_1" ("net_1" for a net), or given a name in a pair,
            ("head", layer).

    Returns:
        A net with `init(rng)`, which returns a dict of the parameters of each layer by name, and a
        call `net(params, x)`.

    Raises:
        BadArgument: for something that is neither a layer nor a function.
        BadValue: if two layers have one name.

    Example:
        >>> from srcgrad.nn import Dense, relu
        >>> net = sequential(Dense(64, 32), relu, ("head", Dense(32, 10)))
        >>> params = net.init(np.random.default_rng(0))
        >>> list(params), net(params, np.zeros((5, 64))).shape
        (['dense_1', 'head'], (5, 10))
    """
    nets: list[Net] = []
    counts: Counter[str] = Counter()
    names: set[str] = set()
    for position, item in enumerate(layers):
        name, layer = item if isinstance(item, tuple) else ("", item)
        if isinstance(layer, type) or not callable(layer):
            raise BadArgument(
                f"layer {position} of sequential is {layer!r}",
                hint="Give a layer, like nn.Dense(64, 32), or a function, like nn.relu.",
            )
        if not isinstance(layer, Layer):
            nets.append(Plain(layer))
            continue
        if not name:
            kind = "net" if isinstance(layer, Net) else type(layer).__name__.lower()
            counts[kind] += 1
            name = f"{kind}_{counts[kind]}"
        if name in names:
            raise BadValue(
                f"two layers of sequential are called {name!r}",
                hint='Name layers in pairs: ("head", nn.Dense(32, 10)).',
            )
        names.add(name)
        nets.append(Named(name, layer))
    return chained(nets)


def chained(nets: list[Net]) -> Net:
    """One net of several: two of half as many each."""
    if len(nets) < 2:
        return nets[0] if nets else Same()
    middle = (len(nets) + 1) // 2
    return Then(chained(nets[:middle]), chained(nets[middle:]))
