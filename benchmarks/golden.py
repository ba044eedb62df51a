"""The golden programs: speed, length, generation time and guard, each against its bound."""

import inspect
import linecache
import time
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.handwritten import HANDWRITTEN
from benchmarks.peers import PEERS, runnable, same
from benchmarks.sizes import Size, code_size
from benchmarks.tables import Bound, table
from benchmarks.timing import extra_time, interleaved
from srcgrad import grad
from tests import golden_programs
from tests.golden_programs import PROGRAMS, Golden

# Arguments of the same kinds as the examples, so small that the guard is not lost in the noise.
SMALL: dict[str, dict[str, Any]] = {
    "linear_regression": {"w": np.ones(2), "b": 0.5, "x": np.ones((3, 2)), "y": np.ones(3)},
    "softmax_regression": {
        "w": np.ones((2, 3)),
        "b": np.ones(3),
        "x": np.ones((4, 2)),
        "labels": np.array([0, 1, 2, 0]),
    },
    "mlp": {
        "params": {
            "w1": np.ones((2, 3)),
            "b1": np.ones(3),
            "w2": np.ones((3, 2)),
            "b2": np.ones(2),
        },
        "x": np.ones((4, 2)),
        "y": np.ones((4, 2)),
    },
    "layers": {"layers": [(np.ones((2, 3)), np.ones(3))], "x": np.ones((4, 2))},
    "rnn": {"w": np.ones((2, 2)), "u": np.ones((3, 2)), "xs": np.ones((2, 4, 3))},
    "huber": {"r": -2.5, "delta": 1.0},
    "newton": {"a": 1.0, "tol": 0.1},
    "lotka_volterra": {"theta": np.array([1.1, 0.4, 0.3, 0.9]), "steps": 0},
    "heat": {"u0": np.ones(4), "k": 0.1, "steps": 0},
    "burgers": {"u0": np.ones(4), "dt": 0.01, "steps": 0},
}


@dataclass(frozen=True)
class Row:
    """What was measured of one program; times in seconds per call.

    Attributes:
        name: The program.
        right: Whether the gradient equals the handwritten one.
        clean: Whether the printed text runs without srcgrad.
        times: By "ours", "hand" and the names of the peers that can run it.
        peers: For the other peers, why there is no time.
        ours: The length of the printed text.
        hand: The length of the handwritten one.
        generation: Seconds to print a gradient of a program that was never seen before.
        guard: Seconds that a guarded call takes more than the bare function.
        budget: What it may take.
    """

    name: str
    right: bool
    clean: bool
    times: dict[str, float]
    peers: dict[str, str]
    ours: Size
    hand: Size
    generation: float
    guard: float
    budget: float

    def ratio(self, name: str) -> float | None:
        """How many times as long as ours `name` takes; None where it cannot run."""
        return self.times[name] / self.times["ours"] if name in self.times else None


def leaf_count(value: Any) -> int:
    """Count the leaves of nested dicts, lists and tuples."""
    if isinstance(value, dict):
        return sum(map(leaf_count, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(leaf_count, value))
    return 1


def wrt_of(golden: Golden) -> str | tuple[str, ...]:
    """One name gives one gradient, as the handwritten functions return it."""
    return golden.wrt[0] if len(golden.wrt) == 1 else golden.wrt


def generation_time(golden: Golden, rounds: int = 5) -> float:
    """Time `source_for` on copies of the program that no cache can know."""
    text = inspect.getsource(golden_programs)
    arguments = golden.arguments()
    seconds = []
    for turn in range(rounds + 1):
        file = f"<golden programs {golden.f.__name__} {turn}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        module = types.ModuleType("golden_copy")
        exec(compile(text, file, "exec"), vars(module))
        f = getattr(module, golden.f.__name__)
        start = time.perf_counter()
        grad(f, wrt=wrt_of(golden)).source_for(**arguments)
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])  # the first one loads what is loaded lazily


def guard_time(df: Callable[..., Any], small: dict[str, Any]) -> float:
    """Time a guarded call less the bare function, on small arguments."""
    bare = df.specialise(**small)
    arguments = tuple(small.values())
    return extra_time(lambda: df(*arguments), lambda: bare(*arguments))


def measure(name: str) -> Row:
    """Measure one golden program."""
    golden = PROGRAMS[name]
    handwritten = HANDWRITTEN[name][0]
    arguments = golden.arguments()
    values = tuple(arguments.values())
    want = handwritten(*values)

    df = grad(golden.f, wrt=wrt_of(golden))
    bare = df.specialise(**arguments)
    text = df.source_for(**arguments)
    calls = {"ours": lambda: bare(*values), "hand": lambda: handwritten(*values)}
    notes = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers warn of things that are theirs
        for peer, make in PEERS.items():
            call, notes[peer] = runnable(make, golden, want)
            if call is not None:
                calls[peer] = call
        times = interleaved(calls)
    return Row(
        name=name,
        right=same(bare(*values), want, rtol=1e-12),
        clean="srcgrad" not in text,
        times=times,
        peers=notes,
        ours=code_size(text, without={f.__name__ for f in golden.callees}),
        hand=code_size("\n\n".join(map(inspect.getsource, HANDWRITTEN[name]))),
        generation=generation_time(golden),
        guard=guard_time(df, SMALL[name]),
        budget=(0.5 + 0.15 * (leaf_count(list(values)) + len(golden.callees))) * 1e-6,
    )


def bounds(rows: list[Row]) -> list[Bound]:
    """Compare the measurements with what the project promises."""
    hand = [row.times["ours"] / row.times["hand"] for row in rows]
    autograd = [r for row in rows if (r := row.ratio("autograd")) is not None]
    tangent = [r for row in rows if (r := row.ratio("tangent")) is not None]
    size = [max(row.ours.lines / row.hand.lines, row.ours.tokens / row.hand.tokens) for row in rows]
    return [
        Bound("gradients that differ from the handwritten ones", sum(not r.right for r in rows), 0),
        Bound("printed texts that name srcgrad", sum(not r.clean for r in rows), 0),
        Bound("time over handwritten, median", median(hand), 1.10),
        Bound("time over handwritten, worst", max(hand), 1.25),
        Bound("lines or tokens over handwritten, worst", max(size), 1.2),
        Bound("times as fast as autograd, worst", min(autograd), 5.0, least=True),
        Bound("times as fast as tangent, worst", min(tangent), 2.5, least=True),
        Bound("times as fast as tangent, median", median(tangent), 5.0, least=True),
        Bound("generation, worst (ms)", 1e3 * max(row.generation for row in rows), 50.0),
        Bound("guard over its budget, worst", max(row.guard / row.budget for row in rows), 1.0),
    ]


def report() -> tuple[str, list[Bound]]:
    """Measure all the golden programs.

    Returns:
        The Markdown tables, and the bounds.
    """
    rows = [measure(name) for name in PROGRAMS]
    speed = table(
        (
            "program",
            "ours (µs)",
            "ours/handwritten",
            "autograd/ours",
            "tangent/ours",
            "same numbers",
        ),
        [
            (
                row.name,
                f"{row.times['ours'] * 1e6:.1f}",
                f"{row.times['ours'] / row.times['hand']:.2f}",
                *(
                    f"{ratio:.1f}" if (ratio := row.ratio(peer)) is not None else row.peers[peer]
                    for peer in PEERS
                ),
                "yes" if row.right else "NO",
            )
            for row in rows
        ],
    )
    text = table(
        ("program", "lines", "handwritten", "ratio", "tokens", "handwritten", "ratio"),
        [
            (
                row.name,
                *(row.ours.lines, row.hand.lines, f"{row.ours.lines / row.hand.lines:.2f}"),
                *(row.ours.tokens, row.hand.tokens, f"{row.ours.tokens / row.hand.tokens:.2f}"),
            )
            for row in rows
        ],
    )
    cost = table(
        ("program", "generation (ms)", "guard (µs)", "budget (µs)"),
        [
            (
                row.name,
                f"{row.generation * 1e3:.1f}",
                f"{row.guard * 1e6:.2f}",
                f"{row.budget * 1e6:.2f}",
            )
            for row in rows
        ],
    )
    parts = [
        "## Speed of the golden programs",
        "Medians of interleaved samples in one process. 'cannot': the tool raises.",
        speed,
        "## Length of the printed text",
        "Code lines and tokens after formatting, without comments, docstrings and imports.",
        text,
        "## Cost of generating and of guarding",
        "The budget of a guard is 0.5 µs and 0.15 µs for each leaf and each helper function.",
        cost,
    ]
    return "\n\n".join(parts), bounds(rows)
