"""Weigh a body on a spring by watching it swing: mass and damping from a noisy trajectory.

What one learns: a simulation is a function of its parameters, so it has a gradient. The loop below
is written as in any course of physics; srcgrad writes the loop that runs backwards through it, and
L-BFGS finds the parameters with a handful of such gradients. Run it with

    python examples/physics.py
"""

from dataclasses import dataclass

import numpy as np

from srcgrad import optim, value_and_grad
from srcgrad.train.extras import library

STIFFNESS = 20.0  # of the spring, in N/m
RELEASED_AT = 0.1  # m
NOISE = 0.005  # m
STEP = 0.01  # s
STEPS = 400


@dataclass
class Body:
    """What is not known of the body: its mass in kg, and its damping in kg/s."""

    mass: float
    damping: float


TRUE = Body(mass=0.5, damping=0.3)
GUESS = Body(mass=0.7, damping=0.1)


def simulate(body, steps):
    """The positions of the body after each step, shape (steps,), by semi-implicit Euler steps."""
    x, v = RELEASED_AT, 0.0
    positions = np.zeros(steps)
    for n in range(steps):
        force = -STIFFNESS * x - body.damping * v
        v += STEP * force / body.mass
        x += STEP * v
        positions[n] = x
    return positions


def loss(body, measured):
    """Mean squared distance of the simulated positions from the measured ones."""
    return np.mean((simulate(body, len(measured)) - measured) ** 2)


def fit(measured, steps=15):
    """The body whose simulation is nearest to the measured positions, and the losses."""
    loss_and_grad = value_and_grad(loss)
    optimizer = optim.lbfgs()
    body = GUESS
    state = optimizer.init(body)
    losses = []
    for _ in range(steps):
        value, grads = loss_and_grad(body, measured)
        losses.append(value)
        updates, state = optimizer.update(
            grads, state, body, value=value, function=lambda b: loss_and_grad(b, measured)
        )
        body = optim.apply_updates(body, updates)
    return body, losses


def draw(path, measured, body, losses):
    """Draw the measured positions with the first and the last simulation, and the loss."""
    figure = library("matplotlib.figure", "this example", "matplotlib", "plot").Figure(
        figsize=(11, 4), layout="constrained"
    )
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
    times = STEP * np.arange(1, STEPS + 1)
    left.plot(times, measured, ".", color="0.6", markersize=4, label="measured")
    left.plot(times, simulate(GUESS, STEPS), color="C0", linestyle=":", label="first guess")
    left.plot(times, simulate(body, STEPS), color="C3", label="fitted")
    left.set(
        xlabel="time in s",
        ylabel="position in m",
        title=f"Mass {body.mass:.3f} kg, damping {body.damping:.3f} kg/s",
    )
    left.legend()
    right.semilogy(losses, ".-", label="loss")
    right.axhline(NOISE**2, color="C3", linestyle=":", label="variance of the noise")
    right.set(xlabel="step of L-BFGS", ylabel="mean squared error in m²", title="Loss")
    right.legend()
    figure.savefig(path, dpi=120)


def main(path="physics.png", seed=0):
    """Run the whole example, write the picture to `path`, and return the fitted body."""
    rng = np.random.default_rng(seed)
    measured = simulate(TRUE, STEPS) + rng.normal(scale=NOISE, size=STEPS)
    print("The gradient of the loss, through every step of the simulation:\n")
    print(value_and_grad(loss).source_for(GUESS, measured))

    body, losses = fit(measured)
    print(f"Mass: {body.mass:.4f} kg; the true one: {TRUE.mass}")
    print(f"Damping: {body.damping:.4f} kg/s; the true one: {TRUE.damping}")
    draw(path, measured, body, losses)
    print(f"The picture is in {path}")
    return body


if __name__ == "__main__":
    main()
