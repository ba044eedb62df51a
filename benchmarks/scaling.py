"""How generation time grows with the length of a program."""

import linecache
import time
import types
from statistics import median

import numpy as np

from benchmarks.tables import Bound, table
from srcgrad import grad

SIZES = (100, 1_000, 10_000)
RUNS = (9, 3, 1)
STATEMENTS = (
    "v{i} = 0.9 * v{a} + np.sin(v{b})",
    "v{i} = v{a} * v{b}",
    "v{i} = v{a} - 0.5 * np.tanh(v{b})",
    "v{i} = v{a} / (2.0 + v{b} ** 2)",
)


def straight_line(statements: int) -> types.FunctionType:
    """Return a function of one array with that many assignments, the last of which is returned."""
    lines = ["def straight(v0):\n"]
    for i in range(1, statements + 1):
        statement = STATEMENTS[i % len(STATEMENTS)]
        lines.append(f"    {statement.format(i=i, a=i - 1, b=max(0, i - 3))}\n")
    lines.append(f"    return np.sum(v{statements})\n")
    file = f"<straight line of {statements}>"
    linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
    space = {"np": np, "__name__": "straight_line"}
    exec(compile("".join(lines), file, "exec"), space)
    return space["straight"]


def generation(statements: int) -> float:
    """Return the seconds that the gradient of `straight_line(statements)` takes to print."""
    f = straight_line(statements)
    argument = np.linspace(0.1, 1.0, 5)
    start = time.perf_counter()
    grad(f).source_for(argument)
    return time.perf_counter() - start


def report() -> tuple[str, list[Bound]]:
    """Measure generation at several lengths.

    Returns:
        The Markdown table, and the bounds.
    """
    generation(10)  # loads what is loaded lazily
    seconds = {
        size: median(generation(size) for _ in range(runs))
        for size, runs in zip(SIZES, RUNS, strict=True)
    }
    small, large = SIZES[0], SIZES[1]
    text = table(
        ("statements", "generation (s)", "per statement (ms)"),
        [(size, f"{t:.3f}", f"{1e3 * t / size:.3f}") for size, t in seconds.items()],
    )
    bounds = [
        Bound(
            f"generation of {large} statements over {small}", seconds[large] / seconds[small], 12
        ),
        Bound(f"generation of {large} statements (s)", seconds[large], 5.0),
    ]
    return f"## Generation of straight-line functions\n\n{text}", bounds
