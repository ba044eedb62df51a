"""Layers, losses and first values of parameters: plain numpy functions, parameters first.

A layer is a function `dense(params, x)` over arrays, and `init_dense(rng, n_in, n_out)` makes its
parameters, a dict of arrays. srcgrad differentiates them like functions of your own, and the
gradient that it prints shows them. Arrays have their channels last; sequences of recurrent layers
have their steps first.

Wrong shapes raise plain `ValueError`s in layers and losses, since generated gradients carry these
checks and need numpy alone.
"""

from srcgrad.nn.activations import (
    elu,
    gelu,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_softmax,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    swish,
    tanh,
)
from srcgrad.nn.attention import (
    attention,
    causal_mask,
    init_multi_head_attention,
    multi_head_attention,
)
from srcgrad.nn.convolution import conv1d, conv2d, init_conv1d, init_conv2d
from srcgrad.nn.dense import dense, dropout, embedding, init_dense, init_embedding
from srcgrad.nn.initialisers import (
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    ones,
    orthogonal,
    truncated_normal,
    uniform,
    zeros,
)
from srcgrad.nn.layers import Conv1d, Conv2d, Dense, Embedding, LayerNorm
from srcgrad.nn.losses import (
    binary_cross_entropy,
    cosine,
    cross_entropy,
    focal,
    hinge,
    huber,
    kl_divergence,
    mae,
    mse,
    one_hot_cross_entropy,
)
from srcgrad.nn.normalisation import batch_norm, init_batch_norm, init_layer_norm, layer_norm
from srcgrad.nn.pooling import average_pool1d, average_pool2d, max_pool1d, max_pool2d
from srcgrad.nn.recurrent import gru, init_gru, init_lstm, init_rnn, lstm, rnn
from srcgrad.nn.sequential import Layer, sequential

__all__ = [
    "Conv1d",
    "Conv2d",
    "Dense",
    "Embedding",
    "Layer",
    "LayerNorm",
    "attention",
    "average_pool1d",
    "average_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "causal_mask",
    "conv1d",
    "conv2d",
    "cosine",
    "cross_entropy",
    "dense",
    "dropout",
    "elu",
    "embedding",
    "focal",
    "gelu",
    "glorot_normal",
    "glorot_uniform",
    "gru",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "he_normal",
    "he_uniform",
    "hinge",
    "huber",
    "init_batch_norm",
    "init_conv1d",
    "init_conv2d",
    "init_dense",
    "init_embedding",
    "init_gru",
    "init_layer_norm",
    "init_lstm",
    "init_multi_head_attention",
    "init_rnn",
    "kl_divergence",
    "layer_norm",
    "leaky_relu",
    "lecun_normal",
    "lecun_uniform",
    "log_softmax",
    "lstm",
    "mae",
    "max_pool1d",
    "max_pool2d",
    "mse",
    "multi_head_attention",
    "normal",
    "one_hot_cross_entropy",
    "ones",
    "orthogonal",
    "relu",
    "rnn",
    "selu",
    "sequential",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "swish",
    "tanh",
    "truncated_normal",
    "uniform",
    "zeros",
]
