"""Fair timing of short functions: interleaved, auto-ranged, medians."""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

ROUNDS = 15
SAMPLE_SECONDS = 1e-3


def loops_for(call: Callable[[], object], seconds: float = SAMPLE_SECONDS) -> int:
    """Return how many calls take at least `seconds` together, after a warm-up."""
    call()
    loops = 1
    while sample(call, loops) * loops < seconds:
        loops *= 2
    return loops


def sample(call: Callable[[], object], loops: int) -> float:
    """Return the seconds that one call takes, on the mean of `loops` calls."""
    repeat = range(loops)
    start = time.perf_counter()
    for _ in repeat:
        call()
    return (time.perf_counter() - start) / loops


def interleaved(
    calls: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    seconds: float = SAMPLE_SECONDS,
) -> dict[str, float]:
    """Time several calls in turn, so that a slow moment of the machine hits all of them.

    Args:
        calls: What to time, by name.
        rounds: How many samples of each.
        seconds: The least duration of a sample.

    Returns:
        The median seconds per call, by name.
    """
    loops = {name: loops_for(call, seconds) for name, call in calls.items()}
    samples: dict[str, list[float]] = {name: [] for name in calls}
    order = list(calls)
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            shift = turn % len(order)
            for name in order[shift:] + order[:shift]:
                samples[name].append(sample(calls[name], loops[name]))
    finally:
        if enabled:
            gc.enable()
    return {name: median(values) for name, values in samples.items()}


def extra_time(call: Callable[[], object], base: Callable[[], object], rounds: int = 101) -> float:
    """Return the seconds that `call` takes more than `base`: the median of paired samples.

    Pairs that are taken right after each other cancel the drift of the machine, which is larger
    than the difference of two medians when that is a fraction of a microsecond.
    """
    loops = loops_for(base)
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        pairs = []
        for turn in range(rounds):
            if turn % 2:
                longer, shorter = sample(call, loops), sample(base, loops)
            else:
                shorter, longer = sample(base, loops), sample(call, loops)
            pairs.append(longer - shorter)
    finally:
        if enabled:
            gc.enable()
    return median(pairs)
