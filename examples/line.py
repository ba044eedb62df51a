"""Recover a line, y = 2 x + 6, from noisy points.

The script prints the gradient that srcgrad writes for the loss, trains with it, and draws the
points, the line and the course of the training. Run it with

    python examples/line.py
"""

import numpy as np

from srcgrad import data, optim, train, value_and_grad
from srcgrad.train.extras import library

SLOPE, INTERCEPT = 2.0, 6.0
NOISE = 0.5
POINTS = 200
EPOCHS = 60


def loss(params, x, y):
    """Mean squared distance of the points from the line."""
    predicted = params["slope"] * x + params["intercept"]
    return np.mean((predicted - y) ** 2)


def points(rng):
    """Noisy points of the line: x and y, both of shape (POINTS,)."""
    x = rng.uniform(-3.0, 3.0, POINTS)
    return x, SLOPE * x + INTERCEPT + rng.normal(scale=NOISE, size=POINTS)


def draw(path, x, y, params, track, history):
    """Draw the points with the lines of the first epochs and the last one, and the loss."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(10, 4), layout="constrained"
    )
    left, right = figure.subplots(1, 2)
    ends = np.array([-3.0, 3.0])
    left.plot(x, y, ".", color="0.6", markersize=4, label="points")
    for nth, (slope, intercept) in enumerate(track[:10]):
        label = "while it learns" if not nth else None
        left.plot(ends, slope * ends + intercept, color="C0", alpha=0.3, label=label)
    slope, intercept = params["slope"], params["intercept"]
    left.plot(ends, slope * ends + intercept, color="C3", label="learnt line")
    left.set(xlabel="x", ylabel="y", title=f"y = {slope:.2f} x + {intercept:.2f}")
    left.legend()
    right.semilogy(history.steps["loss"], color="0.8", label="each batch")
    right.semilogy(history.epochs["step"], history.epochs["loss"], label="mean of an epoch")
    right.axhline(NOISE**2, color="C3", linestyle=":", label="variance of the noise")
    right.set(xlabel="step", ylabel="mean squared error", title="Training loss")
    right.legend()
    figure.savefig(path, dpi=120)


def main(path="line.png", seed=0):
    """Run the whole example, write the picture to `path`, and return slope and intercept."""
    x, y = points(np.random.default_rng(seed))
    first = {"slope": 0.0, "intercept": 0.0}
    print("The gradient of the loss:\n")
    print(value_and_grad(loss).source_for(first, x, y))

    track = []
    rate = optim.cosine(0.2, EPOCHS * 7)
    params, history = train.fit(
        loss,
        first,
        data.arrays(x, y).shuffle(seed).batch(32),
        optim.adam(rate),
        epochs=EPOCHS,
        callbacks=[
            train.log_rate(rate),
            train.every(4, lambda run: track.append(tuple(run.params.values()))),
        ],
        seed=seed,
    )
    print(f"y = {params['slope']:.3f} x + {params['intercept']:.3f}")
    draw(path, x, y, params, track, history)
    print(f"The picture is in {path}")
    return params["slope"], params["intercept"]


if __name__ == "__main__":
    main()
