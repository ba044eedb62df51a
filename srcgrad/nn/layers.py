"""Layers that know their sizes, to be put one after another by `sequential`.

Each is a frozen record of the arguments of its two functions: `init(rng)` gives the first
parameters, and a call `layer(params, x)` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.nn.convolution import Pair, conv1d, conv2d, init_conv1d, init_conv2d
from srcgrad.nn.dense import Params, dense, embedding, init_dense, init_embedding
from srcgrad.nn.initialisers import Initialiser, glorot_uniform, he_normal, normal, zeros
from srcgrad.nn.normalisation import init_layer_norm, layer_norm


@dataclass(frozen=True)
class Dense:
    """`dense` with the arguments of `init_dense`.

    Example:
        >>> layer = Dense(2, 3)
        >>> layer(layer.init(np.random.default_rng(0)), np.zeros((4, 2))).shape
        (4, 3)
    """

    n_in: int
    n_out: int
    weight: Initialiser = glorot_uniform
    bias: Initialiser = zeros
    dtype: Any = np.float64

    def init(self, rng: np.random.Generator) -> Params:
        """Its first parameters."""
        n_in, n_out = self.n_in, self.n_out
        return init_dense(rng, n_in, n_out, weight=self.weight, bias=self.bias, dtype=self.dtype)

    def __call__(self, params: Params, x: np.ndarray) -> np.ndarray:
        """What it makes of `x`, of shape (..., n_in)."""
        return dense(params, x)


@dataclass(frozen=True)
class Conv1d:
    """`conv1d` with its own arguments and those of `init_conv1d`.

    Example:
        >>> layer = Conv1d(3, 2, 5, padding=1)
        >>> layer(layer.init(np.random.default_rng(0)), np.zeros((4, 8, 2))).shape
        (4, 8, 5)
    """

    size: int
    n_in: int
    n_out: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    weight: Initialiser = he_normal
    bias: Initialiser = zeros
    dtype: Any = np.float64

    def init(self, rng: np.random.Generator) -> Params:
        """Its first parameters."""
        sizes = (self.size, self.n_in, self.n_out)
        return init_conv1d(rng, *sizes, weight=self.weight, bias=self.bias, dtype=self.dtype)

    def __call__(self, params: Params, x: np.ndarray) -> np.ndarray:
        """What it makes of `x`, of shape (n, length, n_in)."""
        return conv1d(params, x, self.stride, self.padding, self.dilation)


@dataclass(frozen=True)
class Conv2d:
    """`conv2d` with its own arguments and those of `init_conv2d`.

    Example:
        >>> layer = Conv2d(3, 1, 8, stride=2, padding=1)
        >>> layer(layer.init(np.random.default_rng(0)), np.zeros((4, 8, 8, 1))).shape
        (4, 4, 4, 8)
    """

    size: Pair
    n_in: int
    n_out: int
    stride: Pair = 1
    padding: Pair = 0
    dilation: Pair = 1
    weight: Initialiser = he_normal
    bias: Initialiser = zeros
    dtype: Any = np.float64

    def init(self, rng: np.random.Generator) -> Params:
        """Its first parameters."""
        sizes = (self.size, self.n_in, self.n_out)
        return init_conv2d(rng, *sizes, weight=self.weight, bias=self.bias, dtype=self.dtype)

    def __call__(self, params: Params, x: np.ndarray) -> np.ndarray:
        """What it makes of `x`, of shape (n, height, width, n_in)."""
        return conv2d(params, x, self.stride, self.padding, self.dilation)


@dataclass(frozen=True)
class Embedding:
    """`embedding` with the arguments of `init_embedding`.

    Example:
        >>> layer = Embedding(128, 16)
        >>> layer(layer.init(np.random.default_rng(0)), np.array([[1, 2, 3]])).shape
        (1, 3, 16)
    """

    count: int
    n_out: int
    weight: Initialiser = normal
    dtype: Any = np.float64

    def init(self, rng: np.random.Generator) -> Params:
        """Its first parameters."""
        return init_embedding(rng, self.count, self.n_out, weight=self.weight, dtype=self.dtype)

    def __call__(self, params: Params, ids: np.ndarray) -> np.ndarray:
        """The vectors of whole numbers of any shape."""
        return embedding(params, ids)


@dataclass(frozen=True)
class LayerNorm:
    """`layer_norm` with the arguments of `init_layer_norm`.

    Example:
        >>> layer = LayerNorm(3)
        >>> layer(layer.init(np.random.default_rng(0)), np.ones((4, 3))).shape
        (4, 3)
    """

    n: int
    eps: float = 1e-5
    dtype: Any = np.float64

    def init(self, rng: np.random.Generator) -> Params:
        """Its first parameters; `rng` is not used."""
        del rng
        return init_layer_norm(self.n, dtype=self.dtype)

    def __call__(self, params: Params, x: np.ndarray) -> np.ndarray:
        """What it makes of `x`, of shape (..., n)."""
        return layer_norm(params, x, self.eps)
