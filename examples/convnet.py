"""A convolutional network reads digits: layers as functions, and data that is varied on the way.

Two convolutions see the strokes, a pooling halves the picture, and a dense layer tells the digits
apart. In each epoch every digit comes a little stretched to one side, so that the network does not
learn the training digits by heart. The gradient that trains it is printed. It reads scikit-learn's
8 by 8 digits, which lie beside this file, or, for some minutes, MNIST's files, if the folder that
has them is given:

    python examples/convnet.py [FOLDER]
"""

import sys

import numpy as np
from softmax_regression import load, scaled

from srcgrad import nn, optim, train, value_and_grad
from srcgrad.train.extras import library

EPOCHS = 15
EPOCHS_OF_MNIST = 2  # which has 43 times as many digits, of 12 times as many pixels
BATCH = 32
CHANNELS = 12, 24


def init(rng, side):
    """First parameters of a network for images of `side` by `side` pixels."""
    few, many = CHANNELS
    return {
        "conv1": nn.init_conv2d(rng, 3, 1, few, dtype=np.float32),
        "conv2": nn.init_conv2d(rng, 3, few, many, dtype=np.float32),
        "out": nn.init_dense(rng, many * (side // 2) ** 2, 10, dtype=np.float32),
    }


def scores(params, x):
    """How much speaks for each digit, shape (n, 10), in images of shape (n, side, side, 1)."""
    x = nn.relu(nn.conv2d(params["conv1"], x, padding=1))
    x = nn.relu(nn.conv2d(params["conv2"], x, padding=1))
    x = nn.max_pool2d(x)
    return nn.dense(params["out"], x.reshape(len(x), -1))


def loss(params, x, labels):
    """Mean cross-entropy."""
    return nn.cross_entropy(scores(params, x), labels)


def accuracy(params, x, labels):
    """The fraction of images whose likeliest digit is right."""
    return np.mean(np.argmax(scores(params, x), axis=1) == labels)


def images(batch):
    """Images with one channel: single precision is enough for them, and twice as fast."""
    rows, labels = scaled(batch)
    side = round(rows.shape[1] ** 0.5)
    return rows.reshape(-1, side, side, 1).astype(np.float32), labels


def varied(batch, rng):
    """Each image mixed with itself one pixel further left or right."""
    x, labels = batch
    share = rng.uniform(0.0, 0.7, (len(x), 1, 1, 1)).astype(np.float32)
    moved = np.roll(x, rng.choice([-1, 1]), axis=2)
    return x + share * (moved - x), labels


def draw(path, history, x, labels, found):
    """Draw the course of the training, and the digits that are the hardest to read.

    Args:
        path: where to save the picture.
        history: of the training.
        x: images that were not trained with.
        labels: the digits that they are.
        found: the probability of each digit in each image, shape (n, 10).
    """
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(11, 4), layout="constrained"
    )
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.2))
    axes = left.subplots()
    for name in ("loss", "validation_loss"):
        label = name.replace("_", " ")
        axes.semilogy(history.epochs["step"], history.epochs[name], label=label)
    axes.set(xlabel="step", ylabel="cross-entropy", title="Training")
    axes.legend()
    right.suptitle("The digits it is least sure of, misread ones in red")
    read = np.argmax(found, axis=1)
    hardest = np.argsort(found[np.arange(len(labels)), labels])
    for row, cell in zip(hardest, right.subplots(3, 7).flat, strict=False):
        cell.imshow(x[row, :, :, 0], cmap="gray_r")
        right_one = read[row] == labels[row]
        title = f"{labels[row]}" if right_one else f"{read[row]}, not {labels[row]}"
        cell.set_title(title, fontsize=9, color="black" if right_one else "red")
        cell.set_axis_off()
    figure.savefig(path, dpi=120)


def main(path="convnet.png", folder=None, progress=True):
    """Run the whole example, write the picture to `path`, and return the held-out accuracy."""
    rows, validation, held_out = load(folder)
    batches = rows.shuffle(seed=0).batch(BATCH).map(images).map(varied, seed=0)
    x, labels = next(batches.epoch())
    first = init(np.random.default_rng(0), side=x.shape[1])

    text = value_and_grad(loss).source_for(first, x, labels)
    print("The gradient; above it stand those of the layers:\n")
    print(text[text.index("def scores_fwd") :])

    epochs = EPOCHS if folder is None else EPOCHS_OF_MNIST
    params, history = train.fit(
        loss,
        first,
        batches,
        optim.adam(optim.cosine(0.01, epochs * len(batches))),
        epochs=epochs,
        validation=validation.batch(256).map(images),
        metrics=[accuracy],
        progress=progress,
    )
    parts = list(held_out.batch(256).map(images).epoch())
    found = np.concatenate([nn.softmax(scores(params, x)) for x, _ in parts])
    x, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    right = float(np.mean(np.argmax(found, axis=1) == labels))
    print(f"Accuracy on {len(held_out)} held-out digits: {right:.4f}")
    draw(path, history, x, labels, found)
    print(f"The picture is in {path}")
    return right


if __name__ == "__main__":
    main(folder=sys.argv[1] if sys.argv[1:] else None)
