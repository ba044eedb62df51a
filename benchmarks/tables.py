"""Markdown tables, and figures compared with their bounds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """A figure and the most, or the least, that it may be."""

    what: str
    figure: float
    bound: float
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure keeps the bound."""
        return self.figure >= self.bound if self.least else self.figure <= self.bound


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right.

    Example:
        >>> print(table(("name", "ms"), [("rnn", 1.5)]))
        | name |  ms |
        |:-----|----:|
        | rnn  | 1.5 |
    """
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        " | ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    rule = "|".join(
        "-" * (width + 1) + ":" if i else ":" + "-" * (width + 1) for i, width in enumerate(widths)
    )
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def bounds_table(bounds: Sequence[Bound]) -> str:
    """Return a Markdown table of figures and bounds."""
    return table(
        ("figure", "measured", "bound", "met"),
        [
            (
                bound.what,
                f"{bound.figure:.3g}",
                f"{'≥' if bound.least else '≤'} {bound.bound:g}",
                "yes" if bound.met else "NO",
            )
            for bound in bounds
        ],
    )
