"""A whole module from a seed: imports, helpers, the function `f`, its `ARGUMENTS` and `WRT`."""

import ast
from dataclasses import dataclass
from random import Random

from . import calls, conditions, containers, control, language, numbers, objects, vectors, writes
from .grammar import Skip, special_features
from .kinds import FLAG, FLOAT, Array, Float, Int, Kind, Pack, Seq, Table, Thing
from .writer import Writer

AREAS = (calls, conditions, containers, control, language, numbers, objects, vectors, writes)
IMPORTS = {
    "np.": "import numpy as np",
    "math.": "import math",
    "functools.": "import functools",
    "io.": "import io",
    "@dataclass": "from dataclasses import dataclass",
    "namedtuple(": "from collections import namedtuple",
}
SPECIALS = special_features()
RETRIES = 40


@dataclass(frozen=True)
class Written:
    """A program as text.

    Attributes:
        seed: The seed, with the number of the attempt: `7/0`.
        text: The module.
        features: What was written in it, without repetition.
    """

    seed: str
    text: str
    features: tuple[str, ...]


def write_program(seed: str, only: tuple[str, ...] | None = None) -> Written:
    """Return the program of a seed.

    Args:
        seed: All that the program depends on, besides `only`.
        only: The special features to draw from; by default all of them.
    """
    rng = Random(seed)
    options = list(SPECIALS if only is None else only)
    count = rng.choices([0, 1, 2, 3, 4], [15, 30, 30, 15, 10])[0] if only is None else len(options)
    enabled: list[str] = []
    for _ in range(min(count, len(options))):
        weights = [SPECIALS.get(o, 1.0) for o in options]
        enabled.append(options.pop(options.index(rng.choices(options, weights)[0])))
    w = Writer(rng, enabled)
    examples = parameters(w, enabled)
    names = list(w.scope)
    w.statement("assignment")
    planned = [*enabled, *[None] * rng.randint(2, 7 - min(len(enabled), 3))]
    rng.shuffle(planned)
    for feature in planned:
        w.statement(feature)
    w.write(f"return {result(w, names)}")
    body = "\n".join([*w.prelude, f"def f({', '.join(names)}):", *w.lines])
    active = [n for n in names if "." in examples[n]]
    wrt = active if rng.random() < 0.8 else [rng.choice(active)]
    ends = f"ARGUMENTS = ({', '.join(examples[n] for n in names)},)\nWRT = {tuple(wrt)!r}"
    text = "\n".join(t for k, t in IMPORTS.items() if k in f"np.{body}") + f"\n{body}\n{ends}\n"
    return Written(seed, ast.unparse(ast.parse(text)) + "\n", tuple(dict.fromkeys(w.used)))


def literal(rng: Random, kind: Kind) -> str:
    """Return an example of a kind: floats of three digits, so that no two agree by accident."""
    match kind:
        case Float():
            return f"{rng.choice([-1, 1, 1]) * rng.uniform(0.2, 1.6):.3f}"
        case Array(shape) if len(shape) == 1:
            return f"np.array([{', '.join(literal(rng, FLOAT) for _ in range(shape[0]))}])"
        case Array(shape):
            rows = [
                f"[{', '.join(literal(rng, FLOAT) for _ in range(shape[1]))}]"
                for _ in range(shape[0])
            ]
            return f"np.array([{', '.join(rows)}])"
        case Seq(item, length):
            return f"[{', '.join(literal(rng, item) for _ in range(length))}]"
        case Pack(items):
            return f"({', '.join(literal(rng, i) for i in items)},)"
        case Table(items):
            return "{" + ", ".join(f"{k!r}: {literal(rng, i)}" for k, i in items) + "}"
        case Int(bound):
            return str(bound - 1)
    return str(rng.random() < 0.6)


def parameters(w: Writer, enabled: list[str]) -> dict[str, str]:
    """Give the function its parameters and return an example of each."""
    n, m = w.sizes
    kinds: dict[str, Kind] = {"x": Array((n,))}
    options: list[tuple[str, Kind]] = [
        ("A", Array((m, n))),
        ("y", Array((w.choice([n, n, m, 1]),))),
        ("s", FLOAT),
        ("n", Int(w.rng.randint(1, 4))),
        ("flag", FLAG),
        ("B", Array((n, n))),
    ]
    for _ in range(w.rng.randint(0, 3)):
        name, kind = w.choice(options)
        kinds[name] = kind
    if w.chance(0.15 if not any("list" in e or "dict" in e for e in enabled) else 0.4):
        item = w.choice([FLOAT, Array((n,))])
        kinds["p"] = w.choice(
            [
                Seq(item, 2),
                Table((("a", item), ("b", Array((n,))))),
                Pack((item, FLOAT)),
                Seq(Seq(item, 2), 2),
            ]
        )
    w.scope.update(kinds)
    return {name: literal(w.rng, kind) for name, kind in kinds.items()}


def result(w: Writer, names: list[str]) -> str:
    """Return an expression of a number that reads several of the names, the latest above all."""
    made = [n for n in reversed(w.scope) if n not in w.constants]
    chosen = [n for i, n in enumerate(made) if w.chance(0.75 if i < 3 and n not in names else 0.3)]
    terms = [t for n in chosen[:5] for t in [single(w, n, w.scope[n])] if t]
    terms.append(w.number(1))
    text = terms[0]
    for term in terms[1:]:
        text = f"{text} {w.choice(['+', '+', '-', '*'])} {term}"
    return text


def single(w: Writer, text: str, kind: Kind) -> str:
    """Return a number that depends on a value of any kind."""
    match kind:
        case Float():
            return str(w.choice([text, f"np.sin({text})", f"{text} * {w.leaf()}"]))
        case Array(shape):
            other = w.array(shape, 0)
            forms = [
                f"np.sum({text} * {other})",
                f"np.sum({text} ** 2)",
                f"({text} * {text}).sum()",
            ]
            return str(w.choice([*forms, f"np.mean(np.sin({text}))", f"np.sum({text})"]))
        case Seq(item, length) if item == FLOAT and length:
            return str(
                w.choice([f"sum({text})", f"{text}[0]", f"{text}[-1]", f"np.sum(np.array({text}))"])
            )
        case Seq(item, length) if length:
            return single(w, f"{text}[{w.choice([0, -1])}]", item)
        case Pack(items):
            return single(w, f"{text}[0]", items[0])
        case Table(items) | Thing(items):
            key, item = w.choice(items)
            return single(
                w, f'{text}["{key}"]' if isinstance(kind, Table) else f"{text}.{key}", item
            )
    return ""


def attempts(seed: int, only: tuple[str, ...] | None = None):
    """Yield the programs of a seed, of which the first that is valid counts."""
    for attempt in range(RETRIES):
        try:
            yield write_program(f"{seed}/{attempt}", only)
        except (Skip, SyntaxError):
            continue
