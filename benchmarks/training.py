"""What the training loop takes beside the step itself, against a loop written by hand.

    python -m benchmarks.training

The step is gradient and Adam of the softmax classifier of the digits (64 by 10, batch 32), on
batches that are there already. The loops run in turn, in one thread, and the fastest of many rounds
is compared, which other work of the machine disturbs least. The bound is 20 microseconds a step,
with callbacks and a progress bar.
"""

import io
import time
from collections.abc import Callable

import numpy as np

from benchmarks.tables import Bound, table
from srcgrad import optim, train, value_and_grad

STEPS = 50
EPOCHS = 10
ROUNDS = 60
BOUND = 20


def loss(params, x, labels):
    """Mean cross-entropy of the softmax."""
    logits = x @ params["w"] + params["b"]
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    picked = shifted[np.arange(len(labels)), labels]
    return np.mean(log_norm - picked)


def first() -> dict[str, np.ndarray]:
    """The first parameters."""
    return {"w": np.zeros((64, 10)), "b": np.zeros(10)}


def by_hand(batches: list, step: Callable, optimizer: optim.Optimizer) -> None:
    """The loop that one would write."""
    params = first()
    state = optimizer.init(params)
    losses = []
    for _ in range(EPOCHS):
        for x, labels in batches:
            value, grads = step(params, x.copy(), labels.copy())
            losses.append(value)
            state = optimizer.step(grads, state, params)


def watched() -> list:
    """Callbacks as a run has them."""
    return [
        lambda _: None,
        train.log_rate(1e-2),
        train.every(100, lambda _: None),
        train.early_stopping(patience=1000),
        train.keep_best(),
        train.progress_bar(file=io.StringIO()),
    ]


def report() -> tuple[str, list[Bound]]:
    """Measure the loops.

    Returns:
        The Markdown table, and the bound.
    """
    rng = np.random.default_rng(0)
    batches = [(rng.random((32, 64)), rng.integers(0, 10, 32)) for _ in range(STEPS)]
    step, optimizer = value_and_grad(loss), optim.adam(1e-2)

    def run(callbacks: list) -> None:
        train.fit(loss, first(), batches, optimizer, epochs=EPOCHS, callbacks=callbacks)

    loops = {
        "by hand": lambda: by_hand(batches, step, optimizer),
        "`fit`": lambda: run([]),
        "`fit`, callbacks and progress bar": lambda: run(watched()),
    }
    least = dict.fromkeys(loops, np.inf)
    for _ in range(ROUNDS):
        for name, loop in loops.items():
            begin = time.perf_counter()
            loop()
            least[name] = min(least[name], (time.perf_counter() - begin) / (STEPS * EPOCHS))
    hand = least["by hand"]
    rows = [
        (name, f"{1e6 * t:.1f}", f"{1e6 * (t - hand):.1f}", f"{t / hand:.2f}")
        for name, t in least.items()
    ]
    text = table(("a step of training", "µs", "more", "ratio"), rows)
    more = max(least.values()) - hand
    return f"## The training loop\n\n{text}", [Bound("the loop's own (µs)", 1e6 * more, BOUND)]


if __name__ == "__main__":
    print(report()[0])
