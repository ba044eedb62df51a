"""How fast a checkpoint of 100 MB is written and read, against the disk's own speed.

    python -m benchmarks.saving [folder]

Both write to the same disk and wait until it has everything (fsync), in turn; the medians are
compared. Half the disk's speed is the bound.
"""

import os
import statistics
import sys
import tempfile
import time

import numpy as np

from srcgrad.train import Checkpoints

MEGABYTES = 100
ROUNDS = 9


def plain_write(folder: str, content: memoryview) -> None:
    """Write and sync a file with nothing else."""
    number = os.open(os.path.join(folder, "plain"), os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    while content:
        content = content[os.write(number, content) :]
    os.fsync(number)
    os.close(number)


def main() -> None:
    """Print the medians in MB/s."""
    rng = np.random.default_rng(0)
    tree = {f"w{i}": rng.normal(size=(1250, 1000)) for i in range(MEGABYTES // 10)}
    content = memoryview(np.stack(list(tree.values())).reshape(-1).view(np.uint8))
    seconds: dict[str, list[float]] = {"disk": [], "checkpoint": [], "reading": []}
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as folder:
        store = Checkpoints(os.path.join(folder, "checkpoints"), keep=1)
        for step in range(ROUNDS):
            for name, function in (
                ("disk", lambda: plain_write(folder, content)),
                ("checkpoint", lambda step=step: store.save(step, tree)),
                ("reading", store.latest),
            ):
                begin = time.perf_counter()
                function()
                seconds[name].append(time.perf_counter() - begin)
            os.unlink(os.path.join(folder, "plain"))
    speed = {name: MEGABYTES / statistics.median(times[1:]) for name, times in seconds.items()}
    for name, value in speed.items():
        print(f"{name:12}{value:8.0f} MB/s")
    print(
        f"a checkpoint is written at {speed['checkpoint'] / speed['disk']:.2f} of the disk's speed"
    )


if __name__ == "__main__":
    main()
