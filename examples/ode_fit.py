"""Fit a differential equation to noisy data: how hares and lynxes eat and multiply.

What one learns: a solver is a program like any other. The method of Runge and Kutta is written by
hand in a few lines of numpy, the loss compares its track with the data, and srcgrad differentiates
through all its steps. Rates are positive, so their logarithms are fitted: L-BFGS may then go
anywhere, and a step changes each rate by a part of itself. Run it with

    python examples/ode_fit.py
"""

import numpy as np

from srcgrad import data, optim, train, value_and_grad
from srcgrad.train.extras import library

NAMES = ("births", "eaten", "growth", "deaths")
RATES = np.array([1.0, 0.4, 0.1, 0.8])  # what is to be found
START = np.array([30.0, 4.0])
GUESS = {"rates": np.log([0.8, 0.3, 0.08, 1.0]), "start": np.log([25.0, 3.0])}
TIMES = np.linspace(0.0, 20.0, 81)
SUBSTEPS = 5  # steps of the solver from one time to the next
NOISE = 0.05
STEPS = 40  # of the optimizer


def flow(y, rates):
    """How fast hares and lynxes change: the equations of Lotka and Volterra."""
    births, eaten, growth, deaths = rates
    hares, lynxes = y
    return np.array(
        [births * hares - eaten * hares * lynxes, growth * hares * lynxes - deaths * lynxes]
    )


def runge_kutta(y, rates, h):
    """The state after a time `h`, to fourth order."""
    k1 = flow(y, rates)
    k2 = flow(y + 0.5 * h * k1, rates)
    k3 = flow(y + 0.5 * h * k2, rates)
    k4 = flow(y + h * k3, rates)
    return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def solve(rates, start, times):
    """Hares and lynxes at each of the times, shape (len(times), 2)."""
    track = np.zeros((len(times), 2))
    y = start
    track[0] = y
    for n in range(1, len(times)):
        h = (times[n] - times[n - 1]) / SUBSTEPS
        for _ in range(SUBSTEPS):
            y = runge_kutta(y, rates, h)
        track[n] = y
    return track


def loss(params, times, counts):
    """Mean squared error of the logarithms, since the noise is a part of each count."""
    track = solve(np.exp(params["rates"]), np.exp(params["start"]), times)
    return np.mean((np.log(track) - np.log(counts)) ** 2)


def draw(path, counts, params, history):
    """Draw the counts with the first and the fitted track, and the loss."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(11, 4), layout="constrained"
    )
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
    fine = np.linspace(TIMES[0], TIMES[-1], 801)
    guessed, fitted = (solve(np.exp(p["rates"]), np.exp(p["start"]), fine) for p in (GUESS, params))
    for i, name in enumerate(("hares", "lynxes")):
        left.plot(TIMES, counts[:, i], ".", color=f"C{i}", markersize=4, label=f"{name}, counted")
        left.plot(fine, fitted[:, i], color=f"C{i}", label=f"{name}, fitted")
        left.plot(fine, guessed[:, i], color=f"C{i}", alpha=0.3, linestyle=":")
    left.set(xlabel="years", ylabel="thousands", ylim=(0.0, 42.0), title="Dotted: the first guess")
    left.legend(ncols=2, fontsize=8)
    right.semilogy(history.steps["loss"])
    right.axhline(NOISE**2, color="C3", linestyle=":", label="variance of the noise")
    right.set(xlabel="step", ylabel="mean squared error", title="Loss")
    right.legend()
    figure.savefig(path, dpi=120)


def main(path="ode_fit.png", seed=0):
    """Run the whole example, write the picture to `path`, and return the fitted rates."""
    rng = np.random.default_rng(seed)
    exact = solve(RATES, START, TIMES)
    counts = exact * np.exp(rng.normal(scale=NOISE, size=exact.shape))
    print("The gradient of the loss, through every step of the solver:\n")
    print(value_and_grad(loss).source_for(GUESS, TIMES, counts))

    whole = data.arrays(TIMES, counts).batch(len(TIMES))  # one batch has all the times, in order
    params, history = train.fit(loss, GUESS, whole, optim.lbfgs(), epochs=STEPS)
    fitted = np.exp(params["rates"])
    for name, true, found in zip(NAMES, RATES, fitted, strict=True):
        print(f"{name}: {found:.4f}; the true one: {true}")
    draw(path, counts, params, history)
    print(f"The picture is in {path}")
    return fitted


if __name__ == "__main__":
    main()
