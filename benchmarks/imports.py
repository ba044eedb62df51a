"""What `import srcgrad` adds to `import numpy`, in fresh processes."""

import os
import subprocess
import sys
import tempfile
from statistics import median

from benchmarks.tables import Bound, table

PROGRAM = """
import time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import srcgrad
print(middle - start, time.perf_counter() - middle)
"""


def report(rounds: int = 9) -> tuple[str, list[Bound]]:
    """Measure the imports.

    Returns:
        The Markdown table, and the bound.
    """
    runs = []
    command = [sys.executable, "-c", PROGRAM]
    with tempfile.TemporaryDirectory() as folder:
        # Installed packages have their bytecode: the first run makes it, and is not counted.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment = kept | {"PYTHONPYCACHEPREFIX": folder}
        for _ in range(rounds + 1):
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, env=environment
            )
            runs.append(tuple(map(float, done.stdout.split())))
    numpy, ours = (1e3 * median(column) for column in zip(*runs[1:], strict=True))
    text = table(("import", "ms"), [("numpy", f"{numpy:.0f}"), ("srcgrad after it", f"{ours:.0f}")])
    return f"## Import time\n\n{text}", [Bound("import after numpy (ms)", ours, 150)]
