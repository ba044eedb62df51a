"""The examples run, and reach what they promise."""

import importlib.util
from pathlib import Path

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
