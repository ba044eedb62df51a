"""The summary of a run: counts, by feature and by message."""

from collections import Counter
from collections.abc import Sequence

from .runner import Found

STATUSES = ("right", "wrong", "refused", "crashed", "discarded")
REFUSED_AT_MOST = 0.02


def summary(found: Sequence[Found]) -> str:
    """Return the tables of a run as text."""
    counts = Counter(f.outcome.status for f in found)
    checked = max(len(found) - counts["discarded"], 1)
    lines = [f"{len(found)} programs: " + ", ".join(f"{counts[s]} {s}" for s in STATUSES)]
    lines += [f"{100 * counts['refused'] / checked:.1f} of 100 are refused", ""]
    lines += [f"{'feature':32}" + "".join(f"{s:>10}" for s in STATUSES[:4])]
    rows: dict[str, Counter[str]] = {}
    for f in found:
        for feature in f.program.features:
            rows.setdefault(feature, Counter())[f.outcome.status] += 1
    for feature in sorted(rows, key=lambda k: (-share(rows[k]), k)):
        lines.append(f"{feature:32}" + "".join(f"{rows[feature][s]:10}" for s in STATUSES[:4]))
    for status in ("wrong", "crashed", "refused"):
        lines += ["", *grouped([f for f in found if f.outcome.status == status], status)]
    return "\n".join(lines)


def share(counts: Counter[str]) -> float:
    """Return the share of programs that are not right."""
    return 1.0 - counts["right"] / max(sum(counts.values()), 1)


def grouped(found: Sequence[Found], status: str) -> list[str]:
    """Return one line for each message, with its count and the seed of the shortest program."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for f in found:
        groups.setdefault((f.outcome.stage, f.outcome.message), []).append(f)
    lines = [f"{status}: {len(found)}"] if found else []
    for (stage, message), members in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0])):
        shortest = min(members, key=lambda f: (len(f.program.text), f.seed))
        lines.append(f"{len(members):6}  {stage}: {message}  (seed {shortest.seed})")
    return lines


def failed(found: Sequence[Found]) -> bool:
    """Tell whether anything is wrong or crashed, or more is refused than may be."""
    counts = Counter(f.outcome.status for f in found)
    checked = len(found) - counts["discarded"]
    return bool(
        counts["wrong"] + counts["crashed"] or counts["refused"] > REFUSED_AT_MOST * checked
    )
