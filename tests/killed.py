"""Training runs that are killed at random moments and resumed, until they are done.

    python -m tests.killed FOLDER KILLS SEED

Prints what the runs say: "saved STEP" after each save, "refused ERROR" if one does not start. One
process imports all there is, and forks the runs that it kills, since a fork takes milliseconds.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from srcgrad import data, optim, train

EPOCHS = 40
RATE = optim.cosine(0.05, steps=6 * EPOCHS)


def loss(params, x, y, rng):
    """A small network with dropout, and a parameter that is a float."""
    h = np.tanh(x @ params["w1"] + params["b1"])
    h = h * (rng.random(h.shape) >= 0.25)
    return np.mean((h @ params["w2"] - y) ** 2) + params["scale"] ** 2


def other_loss(params, x, y, rng):
    """The same, whose gradient is generated anew in each process."""
    h = np.tanh(x @ params["w1"] + params["b1"])
    h = h * (rng.random(h.shape) >= 0.25)
    return np.mean((h @ params["w2"] - y) ** 2) + params["scale"] ** 2


def say(line):
    """Print a line, all of it or nothing."""
    os.write(1, f"{line}\n".encode())


class Reporting(train.Checkpoints):
    """Checkpoints that are reported once they are saved."""

    def save(self, step, tree, score=None):
        """Save and report."""
        file = super().save(step, tree, score)
        say(f"saved {step}")
        return file


def run(folder, function, epochs=EPOCHS):
    """A run from its last checkpoint to its end; it leaves its result in a file."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(41, 3))
    y = np.sin(x[:, 0]) + x[:, 1]
    first = {"w1": rng.normal(size=(3, 4)), "b1": np.zeros(4), "w2": rng.normal(size=4)}
    params, history = train.fit(
        function,
        first | {"scale": 0.5},
        data.arrays(x, y).shuffle(seed=3).batch(8),  # the last batch has a single row
        optim.adam(RATE),
        epochs=epochs,
        validation=(x[:8], y[:8]),
        callbacks=[train.keep_best(), train.log_rate(RATE), train.csv_log(folder / "log.csv")],
        seed=11,
        checkpoint=Reporting(folder / "checkpoints", keep=2),
        checkpoint_every=1,
    )
    train.save(folder / "result", {"params": params, "history": history.as_tree()})


def in_child(function, *args):
    """Start a function in a process of its own."""
    child = os.fork()
    if child:
        return child
    try:
        function(*args)
    except BaseException as error:  # noqa: BLE001 - it is reported, and the test fails
        say(f"refused {error!r}")
    os._exit(0)


def main(folder, kills, seed):
    """Kill runs so often; they begin anew in another folder when they are done."""
    random.seed(seed)
    (folder / "undisturbed").mkdir()
    os.waitpid(in_child(run, folder / "undisturbed", loss), 0)
    (folder / "warm").mkdir()
    run(folder / "warm", loss, epochs=1)
    killed = rounds = 0
    while killed < kills:
        here = folder / f"killed{rounds}"
        here.mkdir()
        say(f"round {rounds}")
        while not (here / "result").exists():
            cold = random.random() < 0.1
            child = in_child(run, here, other_loss if cold else loss)
            if killed < kills:
                time.sleep(random.uniform(0.0, 0.4 if cold else 0.08))
                os.kill(child, signal.SIGKILL)
                killed += 1
            os.waitpid(child, 0)
        rounds += 1
    say(f"kills {killed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
