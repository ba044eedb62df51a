"""The command line: `python -m tests.fuzz --count N --seed S --jobs 2`."""

import argparse
import sys

import numpy as np
from tqdm import tqdm

from srcgrad import grad

from .check import examine, loaded
from .program import SPECIALS, attempts
from .report import failed, summary
from .runner import Found, Settings, run
from .shrink import shrink


def main() -> int:
    """Return 0 if nothing is wrong or crashed and little is refused."""
    options = arguments().parse_args()
    only = None if options.only is None else tuple(filter(None, options.only.split(",")))
    if options.without is not None:
        only = only_others(tuple(options.without.split(",")))
    if options.count is None:
        return show(options.seed, only, small=options.shrink is not None)
    shrinks = tuple(filter(None, (options.shrink or "").split(",")))
    seeds = range(options.seed, options.seed + options.count)
    found: list[Found] = []
    with tqdm(total=len(seeds), disable=None, smoothing=0.05) as bar:
        for f in run(seeds, Settings(only, shrinks), options.jobs):
            found.append(f)
            bar.update()
            if f.outcome.status in ("wrong", "crashed"):
                tqdm.write(told(f))
    found.sort(key=lambda f: f.seed)
    sys.stdout.write(summary(found) + "\n")
    return int(failed(found))


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, help="how many programs; without it, show one")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--shrink", metavar="STATUS,...", help="make these programs smaller")
    parser.add_argument("--only", metavar="FEATURE,...", help=f"of {', '.join(SPECIALS)}")
    parser.add_argument("--without", metavar="FEATURE,...", help="all special features but these")
    return parser


def only_others(without: tuple[str, ...]) -> tuple[str, ...]:
    """Return the special features that are not excluded."""
    return tuple(feature for feature in SPECIALS if feature not in without)


def told(f: Found) -> str:
    """Return a failure as text, with the smaller program if there is one."""
    head = f"seed {f.seed}: {f.outcome.status} ({f.outcome.stage}): {f.outcome.message}"
    return f"\n{head}\n{f.small}" if f.small else head


def show(seed: int, only: tuple[str, ...] | None, *, small: bool) -> int:
    """Print the program of a seed, its gradient and what comes of it."""
    for program in attempts(seed, only):
        outcome = examine(program.text)
        if outcome.status != "discarded":
            break
    else:
        sys.stdout.write("no valid program\n")
        return 1
    text = program.text
    if small and outcome.status != "right":
        text = shrink(text, outcome)
        outcome = examine(text)
    sys.stdout.write(f"{text}\n{', '.join(program.features)}\n\n")
    if outcome.status in ("right", "wrong"):
        with loaded(text) as module, np.errstate(all="ignore"):
            sys.stdout.write(grad(module.f, wrt=module.WRT).source_for(*module.ARGUMENTS) + "\n")
    sys.stdout.write(f"{outcome.status} {outcome.stage}\n{outcome.detail}\n")
    return int(outcome.status != "right")


if __name__ == "__main__":
    sys.exit(main())
