"""Layers, losses and first values: their values against plain loops, their shapes and errors."""

import itertools
import math

import numpy as np
import pytest

from srcgrad import check_grad, grad, nn
from srcgrad.errors import BadArgument, BadValue
from srcgrad.nn.initialisers import fans
from tests.nn_cases import BITS, GRU, HEADS, LABELS, LSTM, RNN, SEQUENCE, SIGNS, P, X, Y, normal

EXTREME = np.array([-1e4, -800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0, 1e4])
INITIALISERS = (
    *(nn.zeros, nn.ones, nn.normal, nn.uniform, nn.truncated_normal, nn.glorot_uniform),
    *(nn.glorot_normal, nn.he_uniform, nn.he_normal, nn.lecun_uniform, nn.lecun_normal),
    nn.orthogonal,
)


def close(have, want, rtol=1e-13):
    np.testing.assert_allclose(have, want, rtol=rtol, atol=1e-14)


def logistic(x):
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


SCALARS = {
    nn.relu: lambda x: max(x, 0.0),
    nn.leaky_relu: lambda x: x if x > 0.0 else 0.01 * x,
    nn.elu: lambda x: x if x > 0.0 else math.expm1(x),
    nn.selu: lambda x: 1.0507009873554805 * (x if x > 0.0 else 1.6732632423543772 * math.expm1(x)),
    nn.sigmoid: logistic,
    nn.silu: lambda x: x * logistic(x),
    nn.swish: lambda x: x * logistic(x),
    nn.softplus: lambda x: x if x > 700.0 else math.log1p(math.exp(x)),
    nn.tanh: math.tanh,
    nn.gelu: lambda x: (
        0.5 * x * (1.0 + math.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    ),
    nn.hard_tanh: lambda x: min(max(x, -1.0), 1.0),
    nn.hard_sigmoid: lambda x: min(max(x / 6.0 + 0.5, 0.0), 1.0),
    nn.hard_swish: lambda x: x * min(max(x / 6.0 + 0.5, 0.0), 1.0),
}


@pytest.mark.parametrize("function", SCALARS, ids=lambda f: f.__name__)
def test_activation_is_right_and_never_overflows(function):
    close(function(EXTREME), [SCALARS[function](x) for x in EXTREME])
    slopes = grad(lambda x: np.sum(function(x)))(EXTREME)
    assert np.all(np.isfinite(slopes))
    assert np.all(np.abs(slopes) < 2.0)


def test_tanh_form_of_gelu_is_near_the_exact_one():
    x = np.linspace(-8.0, 8.0, 999)
    exact = [0.5 * v * (1.0 + math.erf(v / math.sqrt(2.0))) for v in x]
    assert np.max(np.abs(nn.gelu(x) - exact)) < 5e-4


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmaxes(axis):
    close(nn.softmax(X, axis), np.exp(X) / np.sum(np.exp(X), axis=axis, keepdims=True))
    close(nn.log_softmax(X, axis), np.log(nn.softmax(X, axis)))
    for shift in (1e3, -1e3, 1e300):
        assert np.all(np.isfinite(nn.log_softmax(X * shift, axis)))
        close(np.sum(nn.softmax(X * shift, axis), axis=axis), 1.0)


def test_softmax_of_what_is_excluded():
    close(nn.softmax(np.array([-np.inf, 0.0, 0.0])), [0.0, 0.5, 0.5])


def test_losses_are_means_of_their_formulas():
    d = X - Y
    close(nn.mse(X, Y), np.mean([v**2 for v in d.ravel()]))
    close(nn.mae(X, Y), np.mean([abs(v) for v in d.ravel()]))
    inside = [v**2 / 2 if abs(v) <= 0.7 else 0.7 * (abs(v) - 0.35) for v in d.ravel()]
    close(nn.huber(X, Y, 0.7), np.mean(inside))
    q = nn.softmax(X)
    close(nn.cross_entropy(X, LABELS), -np.mean([np.log(q[i, k]) for i, k in enumerate(LABELS)]))
    close(nn.one_hot_cross_entropy(X, np.eye(3)[LABELS]), nn.cross_entropy(X, LABELS))
    close(nn.one_hot_cross_entropy(X, P), -np.mean(np.sum(P * np.log(q), axis=1)))
    p = np.vectorize(logistic)(X)
    close(nn.binary_cross_entropy(X, BITS), -np.mean(np.log(np.where(BITS == 1, p, 1 - p))))
    right = np.where(BITS == 1, p, 1 - p)
    weight = np.where(BITS == 1, 0.25, 0.75)
    close(nn.focal(X, BITS), -np.mean(weight * (1 - right) ** 2 * np.log(right)))
    close(nn.focal(X, BITS, gamma=0.0, alpha=0.5), 0.5 * nn.binary_cross_entropy(X, BITS))
    close(nn.hinge(X, SIGNS), np.mean([max(0.0, 1 - v) for v in (X * SIGNS).ravel()]))
    close(nn.kl_divergence(np.log(q), P), np.mean(np.sum(P * np.log(P / q), axis=1)))
    close(nn.kl_divergence(np.log(q), np.eye(3)[LABELS]), nn.cross_entropy(X, LABELS))
    angles = [x @ y / np.linalg.norm(x) / np.linalg.norm(y) for x, y in zip(X, Y, strict=True)]
    close(nn.cosine(X, Y), np.mean(1.0 - np.array(angles)))


def test_losses_of_certain_answers_are_finite():
    far = np.array([[1e4, -1e4], [-1e4, 1e4]])
    wrong, right = np.array([1, 0]), np.array([0, 1])
    assert nn.cross_entropy(far, wrong) == 2e4
    assert nn.cross_entropy(far, right) == 0.0
    assert nn.binary_cross_entropy(far, (far < 0) * 1.0) == 1e4
    assert nn.binary_cross_entropy(far, (far > 0) * 1.0) == 0.0
    assert nn.focal(far, (far > 0) * 1.0) == 0.0
    for loss, target in (
        (nn.cross_entropy, wrong),
        (nn.one_hot_cross_entropy, np.eye(2)),
        (nn.binary_cross_entropy, np.eye(2)),
        (nn.focal, np.eye(2)),
        (nn.cosine, np.zeros((2, 2))),
    ):
        assert np.all(np.isfinite(grad(loss)(far, target)))
        assert np.all(np.isfinite(grad(loss)(np.zeros((2, 2)), target)))


def test_conv1d_is_a_correlation():
    x, w, b = normal(2, 9, 3), normal(3, 3, 4), normal(4)
    for stride, padding, dilation in itertools.product((1, 2, 3), (0, 1), (1, 2)):
        have = nn.conv1d({"w": w, "b": b}, x, stride, padding, dilation)
        wide = np.pad(x, ((0, 0), (padding, padding), (0, 0)))
        for t in range(have.shape[1]):
            seen = wide[:, t * stride :][:, : 2 * dilation + 1 : dilation]
            close(have[:, t], np.einsum("nic,ick->nk", seen, w) + b, rtol=1e-12)
        assert have.shape[1] == (wide.shape[1] - 2 * dilation - 1) // stride + 1


def test_conv2d_is_a_correlation():
    x, w, b = normal(2, 7, 8, 3), normal(3, 2, 3, 4), normal(4)
    for stride, padding, dilation in itertools.product(
        (1, (2, 1), (1, 3)), (0, 1, (0, 2)), (1, (2, 3))
    ):
        have = nn.conv2d({"w": w, "b": b}, x, stride, padding, dilation)
        (sh, sw), (ph, pw), (dh, dw) = (
            v if isinstance(v, tuple) else (v, v) for v in (stride, padding, dilation)
        )
        wide = np.pad(x, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
        assert have.shape == (
            2,
            (wide.shape[1] - 2 * dh - 1) // sh + 1,
            (wide.shape[2] - dw - 1) // sw + 1,
            4,
        )
        for i, j in np.ndindex(have.shape[1:3]):
            seen = wide[:, i * sh :, j * sw :][:, : 2 * dh + 1 : dh, : dw + 1 : dw]
            close(have[:, i, j], np.einsum("nijc,ijck->nk", seen, w) + b, rtol=1e-12)


def test_pooling_along_one_axis():
    x = normal(2, 8, 3)
    for size, stride, padding in ((2, None, 0), (3, None, 0), (3, 2, 1), (2, 1, 0), (3, None, 1)):
        step = stride or size
        low = np.pad(x, ((0, 0), (padding, padding), (0, 0)), constant_values=-np.inf)
        zero = np.pad(x, ((0, 0), (padding, padding), (0, 0)))
        starts = range(0, low.shape[1] - size + 1, step)
        largest = [np.max(low[:, s : s + size], axis=1) for s in starts]
        close(nn.max_pool1d(x, size, stride, padding), np.stack(largest, axis=1))
        means = [np.mean(zero[:, s : s + size], axis=1) for s in starts]
        close(nn.average_pool1d(x, size, stride, padding), np.stack(means, axis=1))


def test_pooling_over_two_axes():
    x = normal(2, 7, 8, 3)
    for size, stride, padding in (
        *((2, None, 0), ((3, 2), None, 0), (3, 2, 1)),
        *(((2, 3), (1, 2), (0, 1)), (3, None, 1)),
    ):
        (kh, kw), (sh, sw), (ph, pw) = (
            v if isinstance(v, tuple) else (v, v) for v in (size, stride or size, padding)
        )
        edges = ((0, 0), (ph, ph), (pw, pw), (0, 0))
        low, zero = np.pad(x, edges, constant_values=-np.inf), np.pad(x, edges)
        largest, means = (
            nn.max_pool2d(x, size, stride, padding),
            nn.average_pool2d(x, size, stride, padding),
        )
        rows, columns = (low.shape[1] - kh) // sh + 1, (low.shape[2] - kw) // sw + 1
        assert largest.shape == means.shape == (2, rows, columns, 3)
        for i, j in np.ndindex(rows, columns):
            window = (slice(None), slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            close(largest[:, i, j], np.max(low[window], axis=(1, 2)))
            close(means[:, i, j], np.mean(zero[window], axis=(1, 2)))


def test_largest_entries_share_the_gradient_of_a_window():
    x = np.array([[[1.0], [1.0], [0.0], [2.0]]])
    found = grad(lambda x: np.sum(nn.max_pool1d(x)))(x)
    assert found.ravel().tolist() == [0.5, 0.5, 0.0, 1.0]


def test_embedding_adds_up_what_one_row_gets():
    params, ids = {"w": normal(4, 2)}, np.array([[1, 3], [1, 0]])
    close(nn.embedding(params, ids), [[params["w"][i] for i in row] for row in ids])
    found = grad(lambda params: np.sum(nn.embedding(params, ids)))(params)
    assert found["w"].tolist() == [[1.0, 1.0], [2.0, 2.0], [0.0, 0.0], [1.0, 1.0]]


def test_dropout():
    x = np.ones((200, 50))
    y = nn.dropout(np.random.default_rng(0), x, 0.2)
    assert set(np.unique(y)) == {0.0, 1.25}
    assert abs(np.mean(y == 0.0) - 0.2) < 0.01
    assert nn.dropout(np.random.default_rng(0), x, 0.2, training=False) is x
    again = nn.dropout(np.random.default_rng(0), x, 0.2)
    assert again.tobytes() == y.tobytes()
    assert nn.dropout(np.random.default_rng(0), x.astype(np.float32), 0.2).dtype == np.float32


def test_gradient_of_dropout_has_the_mask_of_its_value():
    found = grad(lambda x, rng: np.sum(nn.dropout(rng, x, 0.5)))(X, np.random.default_rng(0))
    close(found, nn.dropout(np.random.default_rng(0), np.ones_like(X), 0.5))


def test_batch_norm():
    params, state = nn.init_batch_norm(3)
    params = {"scale": normal(3), "shift": normal(3) + 1.0}
    x = 5.0 + 2.0 * normal(6, 4, 5, 3)
    y, new = nn.batch_norm(params, state, x, training=True, momentum=0.3, eps=0.0)
    flat = y.reshape(-1, 3)
    close(np.mean(flat, axis=0), params["shift"], rtol=1e-12)
    close(np.std(flat, axis=0), np.abs(params["scale"]), rtol=1e-12)
    rows = x.reshape(-1, 3)
    close(new["mean"], 0.3 * np.mean(rows, axis=0))
    close(new["variance"], 0.7 + 0.3 * np.var(rows, axis=0, ddof=1))
    assert state["mean"].tolist() == [0.0, 0.0, 0.0]
    y, same = nn.batch_norm(params, new, x, training=False, eps=0.0)
    want = (x - new["mean"]) / np.sqrt(new["variance"]) * params["scale"] + params["shift"]
    close(y, want, rtol=1e-12)
    assert same is new


def test_layer_norm():
    x = 5.0 + 2.0 * normal(2, 4, 3)
    y = nn.layer_norm(nn.init_layer_norm(3), x, eps=0.0)
    close(y, (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True), rtol=1e-12)


def test_rnn():
    hs, last = nn.rnn(RNN, SEQUENCE)
    h = np.zeros((2, 4))
    for t, x in enumerate(SEQUENCE):
        h = np.tanh(x @ RNN["w"] + h @ RNN["u"] + RNN["b"])
        close(hs[t], h)
    close(last, h)
    first, middle = nn.rnn(RNN, SEQUENCE[:2])
    rest, end = nn.rnn(RNN, SEQUENCE[2:], middle)
    close(np.concatenate((first, rest)), hs)
    close(end, last)


def test_gru():
    hs, last = nn.gru(GRU, SEQUENCE, normal(2, 4))
    w, u = np.split(GRU["w"], 3, axis=1), np.split(GRU["u"], 3, axis=1)
    b, logistics = np.split(GRU["b"], 3), np.vectorize(logistic)
    h = normal(2, 4)
    for t, x in enumerate(SEQUENCE):
        reset = logistics(x @ w[0] + h @ u[0] + b[0])
        update = logistics(x @ w[1] + h @ u[1] + b[1])
        new = np.tanh(x @ w[2] + b[2] + reset * (h @ u[2] + GRU["c"]))
        h = (1.0 - update) * new + update * h
        close(hs[t], h, rtol=1e-12)
    close(last, h, rtol=1e-12)


def test_lstm():
    hs, last = nn.lstm(LSTM, SEQUENCE, (normal(2, 4), normal(2, 4) + 1.0))
    w, u = np.split(LSTM["w"], 4, axis=1), np.split(LSTM["u"], 4, axis=1)
    b, logistics = np.split(LSTM["b"], 4), np.vectorize(logistic)
    h, cell = normal(2, 4), normal(2, 4) + 1.0
    for t, x in enumerate(SEQUENCE):
        enter, forget, leave, new = (x @ w[i] + h @ u[i] + b[i] for i in range(4))
        cell = logistics(forget) * cell + logistics(enter) * np.tanh(new)
        h = logistics(leave) * np.tanh(cell)
        close(hs[t], h, rtol=1e-12)
    close(last[0], h, rtol=1e-12)
    close(last[1], cell, rtol=1e-12)


def test_attention_is_a_mean_of_values():
    query, key, value = normal(4, 3), normal(5, 3), normal(5, 2)
    have = nn.attention(query, key, value)
    for i, q in enumerate(query):
        weights = [math.exp(q @ k / math.sqrt(3.0)) for k in key]
        close(have[i], weights @ value / sum(weights), rtol=1e-12)


def test_attention_sees_what_the_mask_allows():
    query, key, value = normal(2, 4, 3), normal(2, 4, 3), normal(2, 4, 2)
    have = nn.attention(query, key, value, nn.causal_mask(4))
    for t in range(4):
        seen = slice(t + 1)
        want = nn.attention(query[:, t : t + 1], key[:, seen], value[:, seen])
        close(have[:, t : t + 1], want, rtol=1e-12)
    nothing = np.zeros((4, 4), bool)
    mean = np.mean(value, axis=1, keepdims=True)
    close(nn.attention(query, key, value, nothing), np.repeat(mean, 4, axis=1))


def test_multi_head_attention():
    x, memory = normal(2, 4, 6), normal(2, 5, 6)
    projected = [
        nn.dense(HEADS[k], v) for k, v in (("query", x), ("key", memory), ("value", memory))
    ]
    parts = [
        nn.attention(*(p[..., 2 * head : 2 * head + 2] for p in projected)) for head in range(3)
    ]
    want = nn.dense(HEADS["out"], np.concatenate(parts, axis=-1))
    close(nn.multi_head_attention(HEADS, x, memory, heads=3), want, rtol=1e-12)


def test_initialisers_have_their_spread():
    rng, shape = np.random.default_rng(0), (3, 3, 40, 60)
    fan_in, fan_out = fans(shape)
    assert (fan_in, fan_out) == (360, 540)
    for initialiser, variance, limit in (
        (nn.normal, 1e-4, np.inf),
        (nn.uniform, 1e-4 / 3.0, 0.01),
        (nn.truncated_normal, 1e-4 * 0.7737, 0.02),
        (nn.glorot_uniform, 2.0 / 900.0, math.sqrt(6.0 / 900.0)),
        (nn.glorot_normal, 2.0 / 900.0, np.inf),
        (nn.he_uniform, 2.0 / 360.0, math.sqrt(6.0 / 360.0)),
        (nn.he_normal, 2.0 / 360.0, np.inf),
        (nn.lecun_uniform, 1.0 / 360.0, math.sqrt(3.0 / 360.0)),
        (nn.lecun_normal, 1.0 / 360.0, 2.0 / math.sqrt(360.0 * 0.7737)),
    ):
        drawn = initialiser(rng, shape)
        assert abs(np.var(drawn) / variance - 1.0) < 0.03, initialiser
        assert abs(np.mean(drawn)) < 0.02 * math.sqrt(variance), initialiser
        assert np.max(np.abs(drawn)) <= limit, initialiser


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 2, 3, 5)])
def test_orthogonal(shape):
    w = nn.orthogonal(np.random.default_rng(0), shape, gain=2.0).reshape(-1, shape[-1])
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    close(product, 4.0 * np.eye(min(w.shape)), rtol=1e-12)


@pytest.mark.parametrize("initialiser", INITIALISERS, ids=lambda f: f.__name__)
def test_initialisers_can_stand_for_another(initialiser):
    for dtype in (np.float32, np.float64):
        first, again = (initialiser(np.random.default_rng(3), (4, 5), dtype) for _ in range(2))
        assert (first.shape, first.dtype) == ((4, 5), dtype)
        assert first.tobytes() == again.tobytes()
        params = nn.init_dense(np.random.default_rng(3), 4, 5, weight=initialiser, dtype=dtype)
        assert params["w"].tobytes() == first.tobytes()
        assert params["b"].dtype == dtype


def test_sequential_is_its_layers_one_after_another():
    first, last = nn.Dense(3, 4), nn.Dense(4, 2)
    net = nn.sequential(first, nn.relu, ("head", last))
    params = net.init(np.random.default_rng(0))
    assert list(params) == ["dense_1", "head"]
    close(net(params, X), last(params["head"], nn.relu(first(params["dense_1"], X))))
    inner = nn.sequential(nn.sequential(first, nn.relu), last)
    close(
        inner({"net_1": {"dense_1": params["dense_1"]}, "dense_1": params["head"]}, X),
        net(params, X),
    )
    assert nn.sequential().init(np.random.default_rng(0)) == {}
    assert nn.sequential()({}, X) is X


def test_sequential_of_layers_of_the_users():
    class Scale:
        def init(self, rng):
            return rng.normal(size=1)

        def __call__(self, params, x):
            return params * x

    net = nn.sequential(Scale(), nn.Dense(3, 2), Scale())
    params = net.init(np.random.default_rng(0))
    assert list(params) == ["scale_1", "dense_1", "scale_2"]
    assert net(params, X).shape == (4, 2)


def test_gradient_of_a_net():
    net = nn.sequential(nn.Dense(3, 4), nn.tanh, nn.Dense(4, 3))

    def loss(params, x, labels):
        logits = net(params, x)
        return nn.cross_entropy(logits, labels)

    params = net.init(np.random.default_rng(0))
    check_grad(loss, params, X, LABELS)
    text = grad(loss).source_for(params, X, LABELS)
    assert "w_bar = x.T @ out_bar" in text
    assert "unbroadcast" not in text


def test_gradient_of_a_deep_net():
    net = nn.sequential(*[f for _ in range(12) for f in (nn.Dense(3, 3), nn.tanh)])

    def loss(params, x):
        return np.sum(net(params, x) ** 2)

    params = net.init(np.random.default_rng(0))
    assert list(params) == [f"dense_{i}" for i in range(1, 13)]
    check_grad(loss, params, X)


def test_gradient_of_nets_in_nets_and_of_own_layers():
    class Residual:
        def __init__(self, inner):
            self.inner = inner

        def init(self, rng):
            return self.inner.init(rng)

        def __call__(self, params, x):
            return x + self.inner(params, x)

    inner = nn.sequential(nn.Dense(3, 5), nn.silu, nn.Dense(5, 3))
    net = nn.sequential(Residual(nn.Dense(3, 3)), nn.tanh, Residual(inner), nn.sequential(inner))

    def loss(params, x):
        return np.sum(net(params, x) ** 2)

    params = net.init(np.random.default_rng(0))
    assert list(params) == ["residual_1", "residual_2", "net_1"]
    check_grad(loss, params, X)


@pytest.mark.parametrize(
    "loss",
    [
        *(nn.mse, nn.mae, nn.huber, nn.one_hot_cross_entropy, nn.binary_cross_entropy, nn.focal),
        *(nn.hinge, nn.kl_divergence, nn.cosine),
    ],
    ids=lambda f: f.__name__,
)
def test_losses_refuse_to_broadcast(loss):
    text = rf"{loss.__name__}: the shapes \(4, 1\) and \(4,\) differ, and they would broadcast"
    with pytest.raises(ValueError, match=text):
        loss(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match=text):
        grad(loss)(np.ones((4, 1)), np.ones(4))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: nn.cross_entropy(X, LABELS[:, None]),
            r"labels of shape \(n,\) are needed, not \(4, 3\) and \(4, 1\); reshape sequences",
        ),
        (
            lambda: nn.cross_entropy(SEQUENCE, np.zeros(5, int)),
            r"not \(5, 2, 3\) and \(5,\); reshape sequences to rows, logits.reshape\(-1, k\)",
        ),
        (
            lambda: nn.conv2d({"w": normal(3, 3, 2, 4), "b": normal(4)}, normal(2, 5, 5, 3)),
            r"the last of them 2 long \(channels last\), not one of shape \(2, 5, 5, 3\)",
        ),
        (
            lambda: nn.conv2d({"w": normal(3, 3, 3, 4), "b": normal(4)}, normal(5, 5, 3)),
            "conv2d: an input with 4 axes is needed",
        ),
        (
            lambda: nn.conv1d({"w": normal(3, 2, 4), "b": normal(4)}, normal(2, 4, 2), dilation=2),
            "conv1d: a window over 5 entries does not fit on an axis of 4",
        ),
        (
            lambda: nn.max_pool2d(normal(2, 3, 2, 1), 3),
            "max_pool2d: a window over 3 entries does not fit on an axis of 2",
        ),
        (lambda: nn.rnn(RNN, X), "rnn: an input with 3 axes is needed, the last of them 3 long"),
        (lambda: nn.gru(GRU, normal(2, 2, 2)), "gru: an input with 3 axes is needed"),
        (lambda: nn.lstm(LSTM, normal(2, 2, 2)), "lstm: an input with 3 axes is needed"),
        (
            lambda: nn.multi_head_attention(HEADS, normal(2, 4, 6), normal(2, 4, 6), heads=4),
            "multi_head_attention: 4 heads do not divide 6 features",
        ),
        (
            lambda: nn.batch_norm(*nn.init_batch_norm(3), np.ones((1, 3)), training=True),
            "batch_norm: a single row has no variance to train with",
        ),
        (
            lambda: nn.batch_norm(*nn.init_batch_norm(1), X, training=True),
            "batch_norm: an input with 2 axes is needed, the last of them 1 long",
        ),
    ],
)
def test_wrong_shapes(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_wrong_arguments():
    rng = np.random.default_rng(0)
    with pytest.raises(BadArgument, match=r"layer 1 of sequential is <class .*Dense'>"):
        nn.sequential(nn.Dense(3, 4), nn.Dense)
    with pytest.raises(BadArgument, match="layer 0 of sequential is 3"):
        nn.sequential(3)
    with pytest.raises(BadValue, match="two layers of sequential are called 'dense_1'"):
        nn.sequential(nn.Dense(3, 4), ("dense_1", nn.Dense(4, 2)))
    with pytest.raises(BadValue, match=r"weights of shape \(3,\) have no inputs and outputs"):
        nn.he_normal(rng, (3,))
    with pytest.raises(BadValue, match=r"an orthogonal matrix has two axes or more"):
        nn.orthogonal(rng, (3,))


def test_exported_gradients_need_numpy_alone(tmp_path):
    def loss(params, x, labels):
        return nn.cross_entropy(nn.dense(params, nn.gelu(x)), labels)

    params = nn.init_dense(np.random.default_rng(0), 3, 3)
    path = tmp_path / "loss_grad.py"
    grad(loss).export(path, example=((params, X, LABELS), {}))
    space = {}
    exec(compile(path.read_text(), path, "exec"), space)
    found = space["loss_grad"](params, X, LABELS)
    close(found["w"], grad(loss)(params, X, LABELS)["w"])
