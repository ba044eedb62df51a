"""The examples run, and reach what they promise."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def test_digits(digits, tmp_path, capsys):
    picture = tmp_path / "digits.png"
    accuracy = digits.main(picture)
    printed = capsys.readouterr().out
    assert accuracy >= 0.96
    assert f"{accuracy:.4f}" in printed
    assert "def loss(params, x, labels):" in printed
    assert "# adjoint of: picked = shifted[rows, labels]" in printed
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_digits_are_the_whole_set(digits):
    with digits.np.load(digits.DATA) as data:
        assert data["pixels"].shape == (1797, 8, 8)
        assert data["pixels"].max() == 16
        assert sorted(set(data["labels"].tolist())) == list(range(10))


def is_picture(file):
    return file.read_bytes().startswith(b"\x89PNG")


def test_line(tmp_path, capsys):
    picture = tmp_path / "line.png"
    slope, intercept = load("line").main(picture)
    assert abs(slope - 2.0) < 0.05
    assert abs(intercept - 6.0) < 0.1
    assert "slope_bar = " in capsys.readouterr().out
    assert is_picture(picture)


def test_softmax_regression(tmp_path):
    picture = tmp_path / "softmax.png"
    assert load("softmax_regression").main(picture, progress=False) >= 0.94
    assert is_picture(picture)


def test_softmax_regression_on_files_of_mnist(tmp_path):
    example = load("softmax_regression")
    with np.load(example.DIGITS) as held:
        pixels = np.kron(held["pixels"], np.ones((1, 3, 3))).astype(np.uint8) * 15
        labels = held["labels"].astype(np.uint8)
    for names, part in ((example.MNIST, slice(0, 400)), (example.MNIST_TEST, slice(400, 500))):
        for name, array in zip(names, (pixels[part], labels[part]), strict=True):
            sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
            content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
            (tmp_path / name).write_bytes(gzip.compress(content))
    picture = tmp_path / "mnist.png"
    assert example.main(picture, tmp_path, progress=False) >= 0.75
    assert is_picture(picture)


def test_iris_estimator(capsys):
    pytest.importorskip("sklearn")
    assert load("iris_estimator").main() >= 0.93
    assert "virginica" in capsys.readouterr().out


def test_growing_network(tmp_path):
    picture = tmp_path / "growing.png"
    sizes, last = load("growing_network").main(picture)
    assert sizes == [2, 4, 8, 16]
    assert last < 0.02
    assert is_picture(picture)


def test_sine_mlp(tmp_path, capsys):
    example = load("sine_mlp")
    assert example.main(tmp_path) < 0.002
    assert "def loss_value_and_grad(params, x, y):" in capsys.readouterr().out
    assert is_picture(tmp_path / "sine.png")
    assert is_picture(tmp_path / "curves.png")
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + example.EPOCHS
