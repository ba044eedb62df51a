"""Layers and losses against PyTorch: values, and gradients by everything in them that is a float.

Each function below does with tensors what a case of `tests/nn_cases.py` does with arrays, in the
same layout of parameters and results.
"""

import numpy as np
import pytest

from srcgrad import vjp
from tests.differences import leaves
from tests.nn_cases import BITS, CASES
from tests.trees import random_like

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def conv1d(params, x, **options):
    kernel = params["w"].permute(2, 1, 0)
    return functional.conv1d(x.mT, kernel, params["b"], **options).mT


def conv2d(params, x, **options):
    kernel = params["w"].permute(3, 2, 0, 1)
    y = functional.conv2d(x.permute(0, 3, 1, 2), kernel, params["b"], **options)
    return y.permute(0, 2, 3, 1)


def over_columns(function, **options):
    return lambda x: function(x.permute(0, 3, 1, 2), **options).permute(0, 2, 3, 1)


def along(function, **options):
    return lambda x: function(x.mT, **options).mT


def batch_norm(params, _, x):
    rows = x.reshape(-1, x.shape[-1])
    given = (None, None, params["scale"], params["shift"])
    return functional.batch_norm(rows, *given, training=True).reshape(x.shape)


def batch_norm_at_rest(params, state, x):
    deviation = torch.sqrt(state["variance"] + 1e-5)
    y = (x - state["mean"]) / deviation * params["scale"] + params["shift"]
    given = (state["mean"], state["variance"], params["scale"], params["shift"])
    fixed = [t.detach() for t in given]
    theirs = functional.batch_norm(x.detach().reshape(-1, x.shape[-1]), *fixed)
    torch.testing.assert_close(y.detach().reshape(theirs.shape), theirs)
    return y


def batch_norm_state(_, state, x):
    mean, variance = state["mean"].detach().clone(), state["variance"].detach().clone()
    functional.batch_norm(x, mean, variance, training=True, momentum=0.3)
    return {"mean": mean, "variance": variance}


def layer_norm(params, x):
    return functional.layer_norm(x, x.shape[-1:], params["scale"], params["shift"])


def recurrent(kind, order):
    """A recurrent layer of PyTorch, whose gates stand in another order than ours."""

    def function(params, xs, *state):
        n_in, n_hidden = params["w"].shape[0], params["u"].shape[0]
        layer = kind(n_in, n_hidden, dtype=torch.float64)

        def ordered(t):
            gates = t.reshape(*t.shape[:-1], len(order), n_hidden)
            return gates[..., order, :].reshape(t.shape)

        of_state = torch.zeros_like(params["b"])
        if "c" in params:
            of_state = torch.cat((of_state[: 2 * n_hidden], params["c"]))
        weights = {
            "weight_ih_l0": ordered(params["w"]).T,
            "weight_hh_l0": ordered(params["u"]).T,
            "bias_ih_l0": ordered(params["b"]),
            "bias_hh_l0": of_state,
        }
        first = () if not state else (expanded(state[0]),)
        hs, last = torch.func.functional_call(layer, weights, (xs, *first))
        return hs, (tuple(t[0] for t in last) if isinstance(last, tuple) else last[0])

    return function


def expanded(state):
    return tuple(t[None] for t in state) if isinstance(state, tuple) else state[None]


rnn = recurrent(torch.nn.RNN, [0])


def attention(query, key, value, mask=None):
    return functional.scaled_dot_product_attention(query, key, value, mask)


def multi_head(heads, *, causal):
    def function(params, x, memory=None):
        memory = x if memory is None else memory
        layer = torch.nn.MultiheadAttention(6, heads, batch_first=True, dtype=torch.float64)
        three = [params[k] for k in ("query", "key", "value")]
        weights = {
            "in_proj_weight": torch.cat([p["w"].T for p in three]),
            "in_proj_bias": torch.cat([p["b"] for p in three]),
            "out_proj.weight": params["out"]["w"].T,
            "out_proj.bias": params["out"]["b"],
        }
        # True means there that an entry may not be seen.
        mask = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1) if causal else None
        options = {"attn_mask": mask, "need_weights": False}
        return torch.func.functional_call(layer, weights, (x, memory, memory), options)[0]

    return function


def focal(logits):
    targets = torch.tensor(BITS)
    plain = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p = torch.sigmoid(logits)
    right = p * targets + (1.0 - p) * (1.0 - targets)
    weight = 0.3 * targets + 0.7 * (1.0 - targets)
    return torch.mean(weight * (1.0 - right) ** 1.5 * plain)


def net(params, x):
    x = torch.tanh(dense(params["dense_1"], x))
    return dense(params["head"], layer_norm(params["layernorm_1"], x))


def convnet(params, x):
    x = functional.silu(conv2d(params["conv2d_1"], x, padding=1))
    x = over_columns(functional.max_pool2d, kernel_size=2)(x)
    return dense(params["dense_1"], conv2d(params["conv2d_2"], x).flatten(1))


def spoken(params, ids):
    x = functional.embedding(ids, params["embedding_1"]["w"])
    return functional.gelu(conv1d(params["conv1d_1"], x, stride=2), approximate="tanh")


def dense(params, x):
    return functional.linear(x, params["w"].T, params["b"])


ORACLES = {
    "relu": torch.relu,
    "leaky": lambda x: functional.leaky_relu(x, 0.2),
    "elu": lambda x: functional.elu(x, 0.7),
    "selu": functional.selu,
    "gelu": lambda x: functional.gelu(x, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "tanh": torch.tanh,
    "softmax": lambda x: torch.softmax(x, -1),
    "softmax_of_columns": lambda x: torch.softmax(x, 0),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "log_softmax_of_columns": lambda x: torch.log_softmax(x, 0),
    "hard_tanh": functional.hardtanh,
    # functional.hardsigmoid has a gradient of single precision.
    "hard_sigmoid": lambda x: torch.clamp(x / 6.0 + 0.5, 0.0, 1.0),
    "hard_swish": functional.hardswish,
    "dropout_at_rest": lambda x: functional.dropout(x, 0.5, training=False),
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
    "huber": lambda x, y: functional.huber_loss(x, y, delta=0.75),
    "cosine": lambda x, y: torch.mean(1.0 - functional.cosine_similarity(x, y)),
    "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    "cross_entropy": functional.cross_entropy,
    "one_hot_cross_entropy": functional.cross_entropy,
    "hinge": lambda x, y: torch.mean(torch.clamp(1.0 - x * y, min=0.0)),
    "focal": focal,
    "kl_divergence": lambda q, p: functional.kl_div(q, p, reduction="batchmean"),
    "dense": dense,
    "dense_of_sequences": dense,
    "embedding": lambda params, ids: functional.embedding(ids, params["w"]),
    "conv1d": conv1d,
    "conv1d_wide": lambda p, x: conv1d(p, x, stride=2, padding=2, dilation=2),
    "conv2d": conv2d,
    "conv2d_wide": lambda p, x: conv2d(p, x, stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
    "conv2d_square": lambda p, x: conv2d(p, x, stride=2, padding=1),
    "conv2d_of_one_channel": lambda p, x: conv2d(p, x, stride=2, padding=1),
    "max_pool1d": along(functional.max_pool1d, kernel_size=2),
    "max_pool1d_wide": along(functional.max_pool1d, kernel_size=3, stride=2, padding=1),
    "average_pool1d": along(functional.avg_pool1d, kernel_size=2),
    "average_pool1d_wide": along(functional.avg_pool1d, kernel_size=3, stride=2, padding=1),
    "max_pool2d": over_columns(functional.max_pool2d, kernel_size=2),
    "max_pool2d_wide": over_columns(
        functional.max_pool2d, kernel_size=(3, 2), stride=(2, 1), padding=1
    ),
    "average_pool2d": over_columns(functional.avg_pool2d, kernel_size=2),
    "average_pool2d_wide": over_columns(
        functional.avg_pool2d, kernel_size=(3, 2), stride=(2, 1), padding=1
    ),
    "batch_norm_training": batch_norm,
    "batch_norm_of_images": batch_norm,
    "batch_norm_at_rest": batch_norm_at_rest,
    "layer_norm": layer_norm,
    "layer_norm_of_sequences": layer_norm,
    "rnn_states": lambda params, xs: rnn(params, xs)[0],
    "rnn": rnn,
    "gru": recurrent(torch.nn.GRU, [0, 1, 2]),
    "gru_continued": recurrent(torch.nn.GRU, [0, 1, 2]),
    "lstm": recurrent(torch.nn.LSTM, [0, 1, 3, 2]),
    "lstm_continued": recurrent(torch.nn.LSTM, [0, 1, 3, 2]),
    "attention": attention,
    "attention_masked": lambda q, k, v: attention(q, k, v, torch.ones(4, 4).tril().bool()),
    "heads": multi_head(3, causal=False),
    "heads_causal": multi_head(2, causal=True),
    "net": net,
    "convnet": convnet,
    "spoken": spoken,
}


def tensors(tree):
    if isinstance(tree, dict):
        return {k: tensors(v) for k, v in tree.items()}
    if isinstance(tree, tuple):
        return tuple(map(tensors, tree))
    return torch.tensor(tree, requires_grad=tree.dtype.kind == "f")


def parts(tree, path=()):
    """Yield the path and tensor of every leaf."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from parts(item, (*path, key))
    elif isinstance(tree, tuple):
        for index, item in enumerate(tree):
            yield from parts(item, (*path, index))
    else:
        yield path, tree


def test_every_case_has_an_oracle():
    assert ORACLES.keys() == CASES.keys() - {"batch_norm_state"}


@pytest.mark.parametrize("name", ORACLES)
def test_value_and_gradient(name):
    case = CASES[name]
    value, pullback = vjp(case.function, *case.arguments)
    seed = random_like(value, np.random.default_rng(1))
    found = pullback(seed)

    arguments = tensors(case.arguments)
    other = ORACLES[name](*arguments)
    total = 0.0
    for (path, have), (same, want) in zip(leaves(value), parts(other), strict=True):
        assert path == same
        np.testing.assert_allclose(have, want.detach().numpy(), rtol=1e-12, atol=1e-12)
        total = total + torch.sum(want * torch.tensor(dict(leaves(seed))[path]))
    given = [(p, t) for p, t in parts(arguments) if t.requires_grad]
    wants = torch.autograd.grad(total, [t for _, t in given], materialize_grads=True)
    table = dict(leaves(found))
    for (path, _), want in zip(given, wants, strict=True):
        np.testing.assert_allclose(table[path], want.numpy(), rtol=1e-12, atol=1e-12)


def test_running_state_of_batch_norm():
    case = CASES["batch_norm_state"]
    want = batch_norm_state(*tensors(case.arguments))
    for name, have in case.function(*case.arguments).items():
        np.testing.assert_allclose(have, want[name].numpy(), rtol=1e-12)
