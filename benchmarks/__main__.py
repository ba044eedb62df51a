"""Run all the measurements, print them, and write `benchmarks/RESULTS.md`."""

import platform
from pathlib import Path

import numpy as np

from benchmarks import golden, imports, scaling, training
from benchmarks.tables import bounds_table

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Measure, print, write."""
    sections, bounds = [], []
    for module in (golden, scaling, imports, training):
        section, section_bounds = module.report()
        print(section, flush=True)
        print()
        sections.append(section)
        bounds += section_bounds
    summary = bounds_table(bounds)
    print(summary)
    versions = f"Python {platform.python_version()}, numpy {np.__version__}."
    head = f"# Benchmarks\n\nWritten by `make bench`. {versions}\n\n{summary}"
    RESULTS.write_text("\n\n".join([head, *sections]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
