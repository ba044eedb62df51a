"""Softmax regression: the simplest network that reads digits, one dense layer.

It is trained on scikit-learn's 8 by 8 digits, which lie beside this file, or on MNIST's files, if
the folder that has them is given:

    python examples/softmax_regression.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np

from srcgrad import data, nn, optim, train
from srcgrad.train.extras import library

DIGITS = Path(__file__).parent / "data" / "digits.npz"
EPOCHS = 40
BATCH = 32
# The names that MNIST's files have.
MNIST = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
MNIST_TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def loss(params, x, labels):
    """Mean cross-entropy."""
    return nn.cross_entropy(nn.dense(params, x), labels)


def accuracy(params, x, labels):
    """The fraction of rows whose likeliest digit is right."""
    return np.mean(np.argmax(nn.dense(params, x), axis=1) == labels)


def scaled(batch):
    """Images as rows of floats from 0 to about 1."""
    pixels, labels = batch
    top = 16.0 if pixels.shape[1:] == (8, 8) else 255.0
    return pixels.reshape(len(pixels), -1) / top, labels.astype(np.int64)


def load(folder=None):
    """Rows of images and labels: to train with, to choose the best epoch by, to test on."""
    if folder is not None:
        rows, test = (
            data.idx(*(Path(folder) / name for name in names)) for names in (MNIST, MNIST_TEST)
        )
        return (*rows.split(0.9, 0.1, seed=0), test)
    with np.load(DIGITS) as held:
        rows = data.arrays(held["pixels"], held["labels"])
    return rows.split(0.7, 0.1, 0.2, seed=0)


def draw(path, params, history, found):
    """Draw the course of the training, and what the layer looks for in each digit."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(11, 4), layout="constrained"
    )
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.2))
    axes = left.subplots()
    for name in ("loss", "validation_loss"):
        label = name.replace("_", " ")
        axes.plot(history.epochs["step"], history.epochs[name], label=label)
    axes.set(xlabel="step", ylabel="cross-entropy", title=f"Accuracy on new digits: {found:.3f}")
    axes.set_yscale("log")
    axes.legend()
    size = round(len(params["w"]) ** 0.5)
    top = np.max(np.abs(params["w"]))
    right.suptitle("Weights of each digit: red speaks for it, blue against")
    for digit, cell in enumerate(right.subplots(2, 5).flat):
        weights = params["w"][:, digit].reshape(size, size)
        cell.imshow(weights, cmap="RdBu_r", vmin=-top, vmax=top)
        cell.set_title(str(digit))
        cell.set_axis_off()
    figure.savefig(path, dpi=120)


def main(path="softmax_regression.png", folder=None, progress=True):
    """Run the whole example, write the picture to `path`, and return the held-out accuracy."""
    rows, validation, held_out = load(folder)
    batches = rows.shuffle(seed=0).batch(BATCH).map(scaled)
    pixels = next(batches.epoch())[0].shape[1]
    params, history = train.fit(
        loss,
        nn.init_dense(np.random.default_rng(0), pixels, 10, weight=nn.zeros),
        batches,
        optim.adam(optim.cosine(0.01, EPOCHS * len(batches))),
        epochs=EPOCHS,
        metrics=[accuracy],
        validation=validation.batch(256).map(scaled),
        callbacks=[train.keep_best(), train.early_stopping(patience=10)],
        progress=progress,
    )
    x, labels = next(held_out.batch(len(held_out)).map(scaled).epoch())
    found = float(accuracy(params, x, labels))
    print(f"Accuracy on {len(held_out)} held-out digits: {found:.4f}")
    draw(path, params, history, found)
    print(f"The picture is in {path}")
    return found


if __name__ == "__main__":
    main(folder=sys.argv[1] if sys.argv[1:] else None)
