"""Train a small network on handwritten digits with the gradient that srcgrad writes for its loss.

The script prints the loss, prints the gradient code generated for it, trains with that code, and
reports the accuracy on digits that the network has never seen. Run it with `make demo`, or

    python examples/digits.py
"""

import inspect
from pathlib import Path

import numpy as np

from srcgrad import value_and_grad

try:
    import matplotlib.figure
    from tqdm import tqdm
except ImportError as error:
    raise SystemExit(
        f"{error.name} is missing: this example needs the extra 'demo', pip install 'srcgrad[demo]'"
    ) from error

DATA = Path(__file__).parent / "data" / "digits.npz"
HIDDEN = 128
EPOCHS = 60
BATCH = 32


def dense(x, w, b):
    """One fully connected layer."""
    return x @ w + b


def loss(params, x, labels):
    """Mean cross-entropy of a two-layer network."""
    hidden = np.tanh(dense(x, params["w1"], params["b1"]))
    logits = dense(hidden, params["w2"], params["b2"])
    # log-softmax: subtracting the largest logit of a row keeps exp from overflowing
    top = np.max(logits, axis=1, keepdims=True)
    shifted = logits - top
    log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    rows = np.arange(len(labels))
    picked = shifted[rows, labels]
    return np.mean(log_norm - picked)


def predict(params, x):
    """The most likely digit for each row of `x`."""
    hidden = np.tanh(dense(x, params["w1"], params["b1"]))
    return np.argmax(dense(hidden, params["w2"], params["b2"]), axis=1)


def load(rng):
    """Read the digits and keep a random fifth of them for the test.

    Returns:
        `(x, labels)` to train on and `(x, labels)` to test on; `x` is float64 of shape (n, 64)
        with values from 0 to 1, `labels` is int64 of shape (n,).
    """
    with np.load(DATA) as data:
        pixels, labels = data["pixels"], data["labels"]
    order = rng.permutation(len(labels))
    x = pixels.reshape(len(labels), -1)[order] / 16.0
    labels = labels[order].astype(np.int64)
    held_out = len(labels) // 5
    return (x[held_out:], labels[held_out:]), (x[:held_out], labels[:held_out])


def init(rng):
    """Random first weights, scaled so that no layer starts saturated, and zero biases."""
    return {
        "w1": rng.normal(size=(64, HIDDEN)) / 8.0,
        "b1": np.zeros(HIDDEN),
        "w2": rng.normal(size=(HIDDEN, 10)) / HIDDEN**0.5,
        "b2": np.zeros(10),
    }


def train(loss_and_grad, params, x, labels, rng, epochs=EPOCHS, rate=1e-2):
    """Minimise the loss with Adam on shuffled batches.

    Args:
        loss_and_grad: Takes `(params, x, labels)`, gives the loss and its gradient by `params`.
        params: The first weights; they are left as they are.
        x: Inputs, shape (n, 64).
        labels: The digit of each row, shape (n,).
        rng: Source of the random order.
        epochs: How many times to go through all the rows.
        rate: The step size of Adam.

    Returns:
        The trained parameters and the loss of every batch.
    """
    params = {name: value.copy() for name, value in params.items()}
    mean = {name: np.zeros_like(value) for name, value in params.items()}
    square = {name: np.zeros_like(value) for name, value in params.items()}
    losses = []
    progress = tqdm(range(epochs), desc="training", unit="epoch")
    for _ in progress:
        order = rng.permutation(len(labels))
        for start in range(0, len(labels), BATCH):
            batch = order[start : start + BATCH]
            value, grads = loss_and_grad(params, x[batch], labels[batch])
            losses.append(float(value))
            step = len(losses)
            for name, g in grads.items():
                mean[name] += 0.1 * (g - mean[name])
                square[name] += 0.001 * (g**2 - square[name])
                scale = np.sqrt(square[name] / (1.0 - 0.999**step)) + 1e-8
                params[name] -= rate * mean[name] / (1.0 - 0.9**step) / scale
        progress.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return params, np.array(losses)


def plot(path, losses, x, labels, predicted):
    """Draw the loss of every batch and 40 test digits with their predictions.

    The last ones are those predicted wrongly, up to 12, with red titles; they are shown more often
    than they occur.
    """
    wrong = np.flatnonzero(predicted != labels)[:12]
    right = np.flatnonzero(predicted == labels)[: 40 - len(wrong)]
    figure = matplotlib.figure.Figure(figsize=(11, 4.4), layout="constrained")
    left, panel = figure.subfigures(1, 2, width_ratios=(1, 1.35))
    axes = left.subplots()
    axes.semilogy(losses, linewidth=0.6, color="0.75", label="each batch")
    window = min(20, len(losses))
    smooth = np.convolve(losses, np.full(window, 1.0 / window), mode="valid")
    axes.semilogy(
        np.arange(len(smooth)) + window - 1, smooth, color="C0", label=f"mean of {window}"
    )
    axes.set(xlabel="step", ylabel="cross-entropy", title="Training loss")
    axes.legend()
    panel.suptitle(f"Held-out digits: accuracy {np.mean(predicted == labels):.3f}")
    grid = panel.subplots(4, 10)
    for cell in grid.flat:
        cell.set_axis_off()
    for cell, row in zip(grid.flat, [*right, *wrong], strict=False):
        cell.imshow(x[row].reshape(8, 8), cmap="gray_r", vmin=0.0, vmax=1.0)
        if predicted[row] == labels[row]:
            cell.set_title(str(predicted[row]), fontsize=10)
        else:
            cell.set_title(f"{predicted[row]}, not {labels[row]}", fontsize=7, color="red")
    figure.savefig(path, dpi=120)


def main(path="digits.png", seed=0):
    """Run the whole example, write the picture to `path`, and return the held-out accuracy."""
    rng = np.random.default_rng(seed)
    (x, labels), (x_test, labels_test) = load(rng)
    params = init(rng)

    loss_and_grad = value_and_grad(loss)
    print("The loss, written as plain numpy functions:\n")
    print(inspect.getsource(dense))
    print(inspect.getsource(loss))
    print("The code generated for the loss and its gradient:\n")
    print(loss_and_grad.source_for(params, x[:BATCH], labels[:BATCH]))

    params, losses = train(loss_and_grad, params, x, labels, rng)
    predicted = predict(params, x_test)
    accuracy = float(np.mean(predicted == labels_test))
    print(f"\nAccuracy on {len(labels_test)} held-out digits: {accuracy:.4f}")
    plot(path, losses, x_test, labels_test, predicted)
    print(f"The loss curve and some predictions are in {path}")
    return accuracy


if __name__ == "__main__":
    main()
