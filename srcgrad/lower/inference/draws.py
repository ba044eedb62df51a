"""Random numbers: what a generator of numpy draws, which depends on nothing that varies.

A draw changes its generator, so it is made once, by the user's own statement, and recorded where
an adjoint reads it.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, Opaque, Scalar, is_number
from srcgrad.lower.base.facts import GENERATORS
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.effects import Effects
from srcgrad.syntax.walk import clone

# Where `size` stands among the arguments of each method.
FLOATS = {
    "random": 0,
    "random_sample": 0,
    "standard_normal": 0,
    "standard_exponential": 0,
    "standard_cauchy": 0,
    "exponential": 1,
    "rayleigh": 1,
    "standard_t": 1,
    "beta": 2,
    "gumbel": 2,
    "laplace": 2,
    "logistic": 2,
    "lognormal": 2,
    "normal": 2,
    "uniform": 2,
    "gamma": 2,
}
WHOLE = {"integers": 2, "randint": 2, "poisson": 1, "binomial": 2, "geometric": 1}
BY_LENGTHS = ("rand", "randn")
DRAWS = frozenset((*FLOATS, *WHOLE, *BY_LENGTHS))


PARAMETERS = frozenset(
    ("loc", "scale", "low", "high", "a", "b", "lam", "n", "p", "mean", "sigma", "shape", "df")
)
MAKERS = {np.random.default_rng: np.random.Generator, np.random.RandomState: np.random.RandomState}


class Draws(Effects):
    """Types calls that make generators, and that draw from them."""

    def generator(self, node: gast.Call, value: Any) -> Kind | None:
        """The kind of a new generator, or of a draw from numpy's own; None for other functions."""
        own = getattr(value, "__self__", None)
        if isinstance(own, np.random.RandomState) and isinstance(node.func, gast.Attribute):
            return self.drawn(node, Opaque(GENERATORS[np.random.RandomState]))
        made = next((m for f, m in MAKERS.items() if value is f), None)
        if made is None:
            return None
        for a in (*node.args, *(k.value for k in node.keywords)):
            self.eval(a)
        return self.callee(node, Callee("effect", value), Opaque(GENERATORS[made]))

    def drawn(self, node: gast.Call, base: Kind) -> Kind | None:
        """The kind of what a method of a generator draws; None for any other method."""
        assert isinstance(node.func, gast.Attribute)
        known = isinstance(base, Opaque) and base.why in GENERATORS.values()
        label = node.func.attr
        asked = sizes(node, label) if known else None
        if asked is None:
            return None
        size, rest = asked
        numbers = all([is_one(self.eval(a)) for a in rest])  # noqa: C419  (all of them are typed)
        callee = Callee("draw", label, tuple(("parameter", a) for a in rest))
        dtype = np.dtype(np.int64 if label in WHOLE else np.float64)
        if not size:
            one = Scalar(dtype, label not in WHOLE)
            return self.callee(node, callee, one) if numbers else None
        shape = size[0] if label not in BY_LENGTHS else gast.Tuple(elts=size, ctx=gast.Load())
        for n in size:
            self.eval(n)
        like = gast.Call(func=node.func, args=[clone(shape)], keywords=[])
        made = self.apply(gast.copy_location(like, node), np.ones)
        assert isinstance(made, Array)
        return self.callee(node, callee, Array(dtype, made.dims))

    def apply(self, node: gast.Call, value: Any) -> Kind:
        """The kind of a call of a known object."""
        raise NotImplementedError


def is_one(kind: Kind) -> bool:
    """Whether a value is one number."""
    return is_number(kind) and not isinstance(kind, Array)


def sizes(node: gast.Call, label: str) -> tuple[list[gast.expr], list[gast.expr]] | None:
    """The size that a draw asks for, if any, and its other arguments; None for no known draw."""
    given = {k.arg: k.value for k in node.keywords}
    if label in BY_LENGTHS and not given:
        return list(node.args), []
    at = {**FLOATS, **WHOLE}.get(label)
    if at is None or len(node.args) > at + 1:
        return None
    size = given.pop("size", node.args[at] if len(node.args) > at else None)
    if given.keys() - PARAMETERS:
        return None
    one = size is None or (isinstance(size, gast.Constant) and size.value is None)
    return [] if one else [size], [*node.args[:at], *given.values()]
