"""A network that grows while it trains: whenever it stops learning, it gets new neurons.

It starts with two hidden neurons, which cannot draw the curve. New ones change nothing at first,
and the optimizer keeps what it knows of the old ones: the loss goes on from where it was. Run

    python examples/growing_network.py
"""

import numpy as np

from srcgrad import data, nn, optim, train
from srcgrad.train.extras import library

EPOCHS = 400
PATIENCE = 20
LARGEST = 16


def predict(params, x):
    """The curve that the network draws through the numbers `x`, shape (n,)."""
    hidden = np.tanh(nn.dense(params["hidden"], x[:, None]))
    return nn.dense(params["out"], hidden)[:, 0]


def loss(params, x, y):
    """Mean squared error."""
    return nn.mse(predict(params, x), y)


def grow_when_stuck(run):
    """Double the hidden neurons if the loss has not fallen by a tenth for some epochs."""
    losses = run.history.epochs["loss"]
    size = run.params["hidden"]["w"].shape[1]
    since = run.memory.setdefault("grown at", [0])
    past = losses[since[-1] :]
    if size < LARGEST and len(past) > PATIENCE and past[-1] > 0.9 * past[-1 - PATIENCE]:
        rng = np.random.default_rng((run.seed, run.epoch))
        hidden, out = train.widened(rng, run.params["hidden"], run.params["out"], size)
        run.grow({"hidden": hidden, "out": out})
        since.append(len(losses))
    run.log("neurons", run.params["hidden"]["w"].shape[1])


def draw(path, x, y, params, history):
    """Draw the curve, and the loss with the number of neurons."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(10, 4), layout="constrained"
    )
    left, right = figure.subplots(1, 2)
    order = np.argsort(x)
    left.plot(x, y, ".", color="0.6", markersize=4, label="points")
    left.plot(x[order], predict(params, x[order]), color="C3", label="network")
    left.set(xlabel="x", ylabel="y", title="The curve")
    left.legend()
    right.semilogy(history.epochs["loss"], label="loss")
    right.set(xlabel="epoch", ylabel="mean squared error", title="Each step up: new neurons")
    other = right.twinx()
    other.step(range(len(history.epochs["neurons"])), history.epochs["neurons"], color="C3")
    other.set_ylabel("hidden neurons", color="C3")
    other.set_ylim(0, None)
    figure.savefig(path, dpi=120)


def main(path="growing_network.png", seed=0):
    """Run the whole example, write the picture to `path`, and return sizes and last loss."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3.0, 3.0, 300)
    y = np.sin(2.0 * x) + 0.3 * x + rng.normal(scale=0.05, size=len(x))
    first = {"hidden": nn.init_dense(rng, 1, 2), "out": nn.init_dense(rng, 2, 1)}
    params, history = train.fit(
        loss,
        first,
        data.arrays(x, y).shuffle(seed).batch(50),
        optim.adam(0.02),
        epochs=EPOCHS,
        callbacks=[train.every_epoch(grow_when_stuck)],
        seed=seed,
    )
    sizes = sorted({int(n) for n in history.epochs["neurons"]})
    print(f"Hidden neurons: {', '.join(map(str, sizes))}")
    print(f"Mean squared error: {history.epochs['loss'][-1]:.4f}; that of the noise is 0.0025")
    draw(path, x, y, params, history)
    print(f"The picture is in {path}")
    return sizes, history.epochs["loss"][-1]


if __name__ == "__main__":
    main()
