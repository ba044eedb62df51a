"""Calls of layers and losses, to be differentiated by everything in them that is a float."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import nn


@dataclass(frozen=True)
class Case:
    """A function that returns arrays, and its arguments."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def normal(*shape):
    return np.random.default_rng(sum(shape) + len(shape)).normal(size=shape)


def drawn(params, seed=5):
    """Parameters of the same structure, none of which is zero or one."""
    if isinstance(params, dict):
        return {k: drawn(v, seed + i) for i, (k, v) in enumerate(params.items())}
    return np.random.default_rng(seed).normal(size=params.shape)


def leaky(x):
    return nn.leaky_relu(x, 0.2)


def elu(x):
    return nn.elu(x, 0.7)


def softmax_of_columns(x):
    return nn.softmax(x, axis=0)


def log_softmax_of_columns(x):
    return nn.log_softmax(x, axis=0)


def huber(predictions, targets):
    return nn.huber(predictions, targets, delta=0.75)


def focal(logits):
    return nn.focal(logits, BITS.astype(logits.dtype), gamma=1.5, alpha=0.3)


def conv1d_wide(params, x):
    return nn.conv1d(params, x, stride=2, padding=2, dilation=2)


def conv2d_wide(params, x):
    return nn.conv2d(params, x, stride=(2, 1), padding=(1, 2), dilation=(1, 2))


def conv2d_square(params, x):
    return nn.conv2d(params, x, stride=2, padding=1)


def max_pool1d_wide(x):
    return nn.max_pool1d(x, 3, stride=2, padding=1)


def average_pool1d_wide(x):
    return nn.average_pool1d(x, 3, stride=2, padding=1)


def max_pool2d_wide(x):
    return nn.max_pool2d(x, (3, 2), stride=(2, 1), padding=1)


def average_pool2d_wide(x):
    return nn.average_pool2d(x, (3, 2), stride=(2, 1), padding=1)


def batch_norm_training(params, state, x):
    y, _ = nn.batch_norm(params, state, x, training=True)
    return y


def batch_norm_state(params, state, x):
    _, state = nn.batch_norm(params, state, x, training=True, momentum=0.3)
    return state


def batch_norm_at_rest(params, state, x):
    y, _ = nn.batch_norm(params, state, x, training=False)
    return y


def dropout_at_rest(x):
    return nn.dropout(RNG, x, 0.5, training=False)


def states(params, xs):
    hs, _ = nn.rnn(params, xs)
    return hs


def masked(query, key, value):
    return nn.attention(query, key, value, nn.causal_mask(4))


def heads(params, x, memory):
    return nn.multi_head_attention(params, x, memory, heads=3)


def causal(params, x):
    return nn.multi_head_attention(params, x, x, heads=2, mask=nn.causal_mask(4))


def flat(x):
    return x.reshape(len(x), -1)


def pooled(x):
    return nn.max_pool2d(x, 2)


NET = nn.sequential(nn.Dense(3, 4), nn.tanh, nn.LayerNorm(4), ("head", nn.Dense(4, 2)))
CONVNET = nn.sequential(
    nn.Conv2d(3, 1, 2, padding=1), nn.silu, pooled, nn.Conv2d(2, 2, 3), flat, nn.Dense(6, 2)
)
SPOKEN = nn.sequential(nn.Embedding(6, 3), nn.Conv1d(2, 3, 4, stride=2), nn.gelu)


def net(params, x):
    return NET(params, x)


def convnet(params, x):
    return CONVNET(params, x)


def spoken(params, ids):
    return SPOKEN(params, ids)


RNG = np.random.default_rng(0)
X, Y, P = normal(4, 3), normal(4, 3) + 0.1, nn.softmax(normal(4, 3) * 2.0)
LABELS, SIGNS = np.array([2, 0, 1, 2]), np.sign(normal(4, 3))
BITS = (normal(4, 3) > 0) * 1.0
ROW, IMAGE, SEQUENCE = normal(2, 7, 3), normal(2, 5, 6, 3), normal(5, 2, 3)
KERNEL1 = {"w": normal(3, 3, 4), "b": normal(4)}
KERNEL2 = {"w": normal(3, 2, 3, 4), "b": normal(4)}
SCALED = {"scale": normal(3), "shift": normal(3)}
STATE = {"mean": normal(3), "variance": normal(3) ** 2}
RNN, GRU, LSTM = (drawn(f(RNG, 3, 4)) for f in (nn.init_rnn, nn.init_gru, nn.init_lstm))
HEADS = drawn(nn.init_multi_head_attention(RNG, 6))

CASES = {
    **{
        f.__name__: Case(f, (X,))
        for f in (
            *(nn.relu, leaky, elu, nn.selu, nn.gelu, nn.sigmoid, nn.silu, nn.softplus, nn.tanh),
            *(nn.softmax, softmax_of_columns, nn.log_softmax, log_softmax_of_columns),
            *(nn.hard_tanh, nn.hard_sigmoid, nn.hard_swish, dropout_at_rest),
        )
    },
    **{
        f.__name__: Case(f, (X, Y))
        for f in (nn.mse, nn.mae, huber, nn.cosine, nn.binary_cross_entropy)
    },
    "cross_entropy": Case(nn.cross_entropy, (X, LABELS)),
    "one_hot_cross_entropy": Case(nn.one_hot_cross_entropy, (X, P)),
    "hinge": Case(nn.hinge, (X, SIGNS)),
    "focal": Case(focal, (X,)),
    "kl_divergence": Case(nn.kl_divergence, (nn.log_softmax(X), P)),
    "dense": Case(nn.dense, ({"w": normal(3, 2), "b": normal(2)}, X)),
    "dense_of_sequences": Case(nn.dense, ({"w": normal(3, 2), "b": normal(2)}, ROW)),
    "embedding": Case(nn.embedding, ({"w": normal(4, 3)}, np.array([[1, 3, 3], [0, 1, 2]]))),
    "conv1d": Case(nn.conv1d, (KERNEL1, ROW)),
    "conv1d_wide": Case(conv1d_wide, (KERNEL1, ROW)),
    "conv2d": Case(nn.conv2d, (KERNEL2, IMAGE)),
    "conv2d_wide": Case(conv2d_wide, (KERNEL2, IMAGE)),
    "conv2d_square": Case(conv2d_square, (KERNEL2, IMAGE)),
    "conv2d_of_one_channel": Case(
        conv2d_square, ({"w": normal(2, 2, 1, 1), "b": normal(1)}, normal(1, 4, 3, 1))
    ),
    "max_pool1d": Case(nn.max_pool1d, (ROW,)),
    "max_pool1d_wide": Case(max_pool1d_wide, (ROW,)),
    "average_pool1d": Case(nn.average_pool1d, (ROW,)),
    "average_pool1d_wide": Case(average_pool1d_wide, (ROW,)),
    "max_pool2d": Case(nn.max_pool2d, (IMAGE,)),
    "max_pool2d_wide": Case(max_pool2d_wide, (IMAGE,)),
    "average_pool2d": Case(nn.average_pool2d, (IMAGE,)),
    "average_pool2d_wide": Case(average_pool2d_wide, (IMAGE,)),
    "batch_norm_training": Case(batch_norm_training, (SCALED, STATE, X)),
    "batch_norm_of_images": Case(batch_norm_training, (SCALED, STATE, IMAGE)),
    "batch_norm_state": Case(batch_norm_state, (SCALED, STATE, X)),
    "batch_norm_at_rest": Case(batch_norm_at_rest, (SCALED, STATE, IMAGE)),
    "layer_norm": Case(nn.layer_norm, (SCALED, X)),
    "layer_norm_of_sequences": Case(nn.layer_norm, (SCALED, SEQUENCE)),
    "rnn_states": Case(states, (RNN, SEQUENCE)),
    "rnn": Case(nn.rnn, (RNN, SEQUENCE, normal(2, 4))),
    "gru": Case(nn.gru, (GRU, SEQUENCE)),
    "gru_continued": Case(nn.gru, (GRU, SEQUENCE, normal(2, 4))),
    "lstm": Case(nn.lstm, (LSTM, SEQUENCE)),
    "lstm_continued": Case(nn.lstm, (LSTM, SEQUENCE, (normal(2, 4), normal(2, 4) + 0.1))),
    "attention": Case(nn.attention, (normal(2, 4, 3), normal(2, 5, 3), normal(2, 5, 2))),
    "attention_masked": Case(masked, (normal(2, 4, 3), normal(2, 4, 3) + 0.1, normal(2, 4, 2))),
    "heads": Case(heads, (HEADS, normal(2, 4, 6), normal(2, 5, 6))),
    "heads_causal": Case(causal, (HEADS, normal(2, 4, 6))),
    "net": Case(net, (drawn(NET.init(RNG)), X)),
    "convnet": Case(convnet, (drawn(CONVNET.init(RNG)), normal(2, 6, 4, 1))),
    "spoken": Case(spoken, (drawn(SPOKEN.init(RNG)), np.array([[1, 3, 5, 0], [2, 3, 3, 4]]))),
}
