"""The page of the scoreboard: `docs/scoreboard.md`."""

import platform
import textwrap
from collections import Counter

import numpy as np

from benchmarks.scoreboard.judge import OUTCOMES, Verdict
from benchmarks.scoreboard.libraries import PACKAGES, TITLES, version
from benchmarks.scoreboard.worker import PROGRAM_SECONDS
from benchmarks.tables import table
from tests.programs import PROGRAMS

Found = dict[str, dict[str, Verdict]]

HOW = """\
## How it is measured

The corpus is `tests/programs`: small functions, each of which crosses some features of Python and
numpy, with example arguments. It was written for the tests of srcgrad, so it asks for what srcgrad
means to do, above all that arrays may be overwritten; JAX documents that it does not take that.
Programs whose example sits on a kink have no one gradient and are left out.

- The truth is a fourth-order central difference of the untouched function, with an estimate of its
  error. A result that is not one number counts as the sum of all floats in it.
- srcgrad and Tangent get the function as it is.
- autograd gets it with `autograd.numpy` for numpy, JAX with `jax.numpy` (double precision, on the
  CPU, not compiled) and with its own arrays as arguments. Each global of the module that is numpy
  or a function of it is replaced. `math` stays, so what calls it on a float is refused by both.
- MyGrad gets the function as it is, called with `mygrad.tensor` for floats and arrays of floats.
- autograd, JAX and MyGrad get the floats in nested arguments one by one, in plain containers.
- **right**: value and gradient agree with the truth. **wrong**: an answer that does not, without
  any error or warning. **refused**: an error, a warning, or None for the gradient. **crashed**:
  the process ended, or gave no answer within {seconds:.0f} seconds.
- Doubt speaks for the library: None is right for a gradient of zero, and by a symmetric matrix any
  gradient is right that agrees in all symmetric directions.

{versions}"""


def page(found: Found) -> str:
    """Return the page, as Markdown."""
    names = list(next(iter(found.values())))
    head = (
        "# Scoreboard\n\n"
        f"The {len(names)} programs of the corpus under srcgrad and four other libraries: how\n"
        "many gradients are right, how many are wrong without a word, how many are refused.\n"
        "Written by `make scoreboard`."
    )
    parts = [head, totals(found), how(found), by_file(found, names), silently_wrong(found)]
    return "\n\n".join([*parts, refusals(found)]) + "\n"


def totals(found: Found) -> str:
    """Return the table of totals, and what kind of error the refusals of srcgrad are."""
    rows = []
    for library, verdicts in found.items():
        count = Counter(v.outcome for v in verdicts.values())
        share = count["wrong"] / max(1, len(verdicts) - count["refused"] - count["crashed"])
        rows.append((TITLES[library], *(count[o] for o in OUTCOMES), f"{share:.1%}"))
    text = table(("library", *OUTCOMES, "wrong among answers"), rows)
    ours = [v for v in found["srcgrad"].values() if v.outcome == "refused"]
    clear = sum(v.clear for v in ours)
    return (
        f"{text}\n\nOf the {len(ours)} refusals of srcgrad, {clear} are errors of its own at the "
        f"user's line, {len(ours) - clear} any other."
    )


def how(found: Found) -> str:
    """Return how it was measured, with versions."""
    versions = ", ".join(f"{PACKAGES[library]} {version(library)}" for library in found)
    text = f"Python {platform.python_version()}, numpy {np.__version__}, {versions}."
    return HOW.format(seconds=PROGRAM_SECONDS, versions="\n".join(textwrap.wrap(text, 100)))


def by_file(found: Found, names: list[str]) -> str:
    """Return the table by file of the corpus."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(PROGRAMS[name].function.__module__.rpartition(".")[2], []).append(name)
    rows = []
    for group, members in groups.items():
        cells = []
        for verdicts in found.values():
            count = Counter(verdicts[name].outcome for name in members)
            rest = count["refused"] + count["crashed"]
            cells.append(f"{count['right']} / {count['wrong']} / {rest}")
        rows.append((group, len(members), *cells))
    head = ("file", "programs", *(TITLES[library] for library in found))
    return f"## By file\n\nright / wrong / refused or crashed\n\n{table(head, rows)}"


def silently_wrong(found: Found) -> str:
    """Return the names of the programs that each library gets wrong without a word."""
    return "## Wrong without a word\n\n" + lists(found, ("wrong",))


def refusals(found: Found) -> str:
    """Return the names of the programs that each library refuses, or crashes on."""
    return "## Refused or crashed\n\n" + lists(found, ("refused", "crashed"))


def lists(found: Found, outcomes: tuple[str, ...]) -> str:
    """Return a list of names for each library, of the programs with certain outcomes."""
    parts = []
    for library, verdicts in found.items():
        names = sorted(name for name, v in verdicts.items() if v.outcome in outcomes)
        line = ", ".join(names) or "none"
        parts.append(f"**{TITLES[library]}** ({len(names)}): {line}.")
    return "\n\n".join(
        "\n".join(textwrap.wrap(p, 100, break_long_words=False, break_on_hyphens=False))
        for p in parts
    )
