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

from srcgrad import optim, train, value_and_grad

STEPS = 50
EPOCHS = 10
ROUNDS = 60
BOUND = 20e-6


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


def main() -> None:
    """Print the times of a step, their difference and their ratio."""
    rng = np.random.default_rng(0)
    batches = [(rng.random((32, 64)), rng.integers(0, 10, 32)) for _ in range(STEPS)]
    step, optimizer = value_and_grad(loss), optim.adam(1e-2)

    def run(callbacks: list) -> None:
        train.fit(loss, first(), batches, optimizer, epochs=EPOCHS, callbacks=callbacks)

    loops = {
        "by hand": lambda: by_hand(batches, step, optimizer),
        "fit": lambda: run([]),
        "fit, callbacks, bar": lambda: run(watched()),
    }
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for nth in range(ROUNDS + 1):
        for name, loop in loops.items():
            begin = time.perf_counter()
            loop()
            if nth:
                seconds[name].append((time.perf_counter() - begin) / (STEPS * EPOCHS))
    hand = min(seconds["by hand"])
    print(f"{'a step':22}{'us':>8}{'more':>8}{'ratio':>8}")
    for name, times in seconds.items():
        least = min(times)
        more = least - hand
        print(f"{name:22}{1e6 * least:8.1f}{1e6 * more:8.1f}{least / hand:8.2f}")
    print(f"bound: {1e6 * BOUND:.0f} us more, {'met' if more < BOUND else 'missed'}")


if __name__ == "__main__":
    main()
