"""The examples of convolutional and recurrent networks run, and reach what they promise."""

import gzip
import importlib
import importlib.util
from contextlib import nullcontext

import numpy as np
import pytest

from tests.test_examples import EXAMPLES, is_picture, load


@pytest.fixture(autouse=True)
def one_thread():
    """Small products take far longer in two threads if another process is at work beside them."""
    found = importlib.util.find_spec("threadpoolctl")
    one = importlib.import_module("threadpoolctl").threadpool_limits(1) if found else nullcontext()
    with one:
        yield


@pytest.fixture
def convnet(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    return load("convnet")


def test_convnet(convnet, tmp_path, capsys):
    picture = tmp_path / "convnet.png"
    accuracy = convnet.main(picture, progress=False)
    printed = capsys.readouterr().out
    assert accuracy >= 0.98
    assert f"{accuracy:.4f}" in printed
    assert "# adjoint of: x = nn.max_pool2d(x)" in printed
    assert is_picture(picture)


def test_convnet_on_files_of_mnist(convnet, tmp_path, monkeypatch):
    softmax_regression = load("softmax_regression")
    with np.load(softmax_regression.DIGITS) as held:
        pixels = np.kron(held["pixels"], np.ones((1, 2, 2))).astype(np.uint8) * 15
        labels = held["labels"].astype(np.uint8)
    names = (softmax_regression.MNIST, softmax_regression.MNIST_TEST)
    for files, part in zip(names, (slice(0, 500), slice(500, 800)), strict=True):
        for name, array in zip(files, (pixels[part], labels[part]), strict=True):
            sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
            content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
            (tmp_path / name).write_bytes(gzip.compress(content))
    monkeypatch.setattr(convnet, "EPOCHS_OF_MNIST", 3)
    picture = tmp_path / "mnist.png"
    assert convnet.main(picture, tmp_path, progress=False) >= 0.75
    assert is_picture(picture)


def test_stretched_digits_have_the_ink_of_the_digits(convnet):
    x = np.random.default_rng(0).random((5, 8, 8, 1), np.float32)
    stretched, labels = convnet.varied((x, np.arange(5)), np.random.default_rng(1))
    assert stretched.dtype == np.float32
    assert np.array_equal(labels, np.arange(5))
    assert np.allclose(np.sum(stretched, axis=(1, 2, 3)), np.sum(x, axis=(1, 2, 3)))
    assert not np.allclose(stretched, x)


def test_char_rnn(capsys):
    example = load("char_rnn")
    params, bits, right = example.main(progress=False)
    printed = capsys.readouterr().out
    # Who forgets whether it was one animal or many needs a bit more for each sentence: 0.382.
    assert abs(example.OPTIMUM - 0.338) < 0.001
    assert bits < 0.355
    assert right >= 0.85
    assert f"{bits:.3f} bits" in printed
    assert "# adjoint of: h = np.tanh(x + h @ u)" in printed

    text = example.write(params, 200, seed=1)
    assert len(text) == 200
    assert text == example.write(params, 200, seed=1)
    assert text != example.write(params, 200, seed=2)
