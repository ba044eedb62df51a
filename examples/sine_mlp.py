"""A small network learns a sine, and shows the gradient that trains it.

Everything that a run can leave behind is left in a folder: checkpoints (a run that was interrupted
goes on from there), a table of the epochs, and a picture of the curves. Run it with

    python examples/sine_mlp.py
"""

import tempfile
from pathlib import Path

import numpy as np

from srcgrad import data, nn, optim, train, value_and_grad
from srcgrad.train.extras import library

EPOCHS = 150
NET = nn.sequential(nn.Dense(1, 32), nn.tanh, nn.Dense(32, 32), nn.tanh, nn.Dense(32, 1))


def predict(params, x):
    """What the network makes of the numbers `x`, shape (n,)."""
    return NET(params, x[:, None])[:, 0]


def loss(params, x, y):
    """Mean squared error."""
    return nn.mse(predict(params, x), y)


def draw(path, x, y, params):
    """Draw the points and what the network makes of them, also where there were none."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(7, 4), layout="constrained"
    )
    axes = figure.subplots()
    grid = np.linspace(-4.0, 4.0, 400)
    axes.plot(x, y, ".", color="0.6", markersize=4, label="points")
    axes.plot(grid, np.sin(2.0 * grid), color="0.3", linestyle=":", label="sin 2x")
    axes.plot(grid, predict(params, grid), color="C3", label="network")
    axes.set(xlabel="x", ylabel="y", ylim=(-2.0, 2.0), title="It knows what it has seen")
    axes.legend()
    figure.savefig(path, dpi=120)


def main(folder, seed=0):
    """Run the whole example in a folder, and return the mean squared error on new points."""
    folder = Path(folder)
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3.0, 3.0, 600)
    y = np.sin(2.0 * x) + rng.normal(scale=0.05, size=len(x))
    rows, validation = data.arrays(x, y).split(0.8, 0.2, seed=seed)
    first = NET.init(rng)
    print(value_and_grad(loss).source_for(first, x, y))
    rate = optim.warm_up_cosine(0.0, 0.01, 50, EPOCHS * 15)
    params, history = train.fit(
        loss,
        first,
        rows.shuffle(seed).batch(32),
        optim.chain(optim.clip_by_global_norm(1.0), optim.adam(rate)),
        epochs=EPOCHS,
        validation=validation.batch(120),
        callbacks=[
            train.log_rate(rate),
            train.keep_best(),
            train.csv_log(folder / "log.csv"),
            train.curves(folder / "curves.png"),
        ],
        seed=seed,
        checkpoint=folder / "checkpoints",
    )
    grid = np.linspace(-3.0, 3.0, 1000)
    error = float(np.mean((predict(params, grid) - np.sin(2.0 * grid)) ** 2))
    print(f"{len(history)} steps; mean squared error on new points: {error:.5f}")
    draw(folder / "sine.png", x, y, params)
    print(f"Pictures, table and checkpoints are in {folder}")
    return error


if __name__ == "__main__":
    main(tempfile.mkdtemp(prefix="sine_mlp_"))
