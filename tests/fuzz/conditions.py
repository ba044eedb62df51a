"""Tests: of what is inactive, and of active values."""

from .grammar import production
from .kinds import FLAG, Int, Seq
from .writer import Writer


@production("condition", "inactive test", 4)
def integers(w: Writer) -> str:
    ints = [(n, k.bound) for n, k in w.scope.items() if isinstance(k, Int)]
    name, bound = w.choice(ints)
    value = w.rng.randrange(max(bound, 1))
    forms = [f"{name} > {value}", f"{name} == {value}", f"{name} % 2 == 0", f"{name} != {value}"]
    return str(w.choice([*forms, f"{name} in (0, {value})", f"{name}", f"0 < {name} <= {value}"]))


@production("condition", "flag", 2)
def flags(w: Writer) -> str:
    name = w.choice([n for n, k in w.scope.items() if k == FLAG])
    return str(w.choice([name, f"not {name}", f"{name} is True"]))


@production("condition", "test of a shape", 1)
def shapes(w: Writer) -> str:
    text, shape = w.choice([a for a in w.arrays() if a[1]])
    forms = [f"{text}.shape[0] > {shape[0] - 1}", f"len({text}) == {shape[0]}", f"{text}.ndim == 1"]
    return str(w.choice([*forms, f"{text}.size > 3"]))


@production("condition", "test of a length", 1)
def lengths(w: Writer) -> str:
    text, _ = w.choice([(t, k) for t, k in w.places() if isinstance(k, Seq)])
    return str(w.choice([f"len({text}) > 2", f"not {text}", f"{text}"]))


@production("condition", "active test", 5)
def active(w: Writer) -> str:
    a = w.number(1)
    forms = [f"{a} > {w.constant()}", f"{a} < {w.leaf()}", f"-0.5 < {a} < 0.9", f"not {a} > 0.3"]
    forms += [f"{a} > 0.1 and {w.leaf()} < 0.8", f"{a} > 0.5 or {w.leaf()} > 0.2"]
    return str(w.choice(forms))


@production("condition", "active test of an array", 1)
def active_array(w: Writer) -> str:
    text, _ = w.choice(w.arrays())
    forms = [f"np.any({text} > 0.5)", f"np.all({text} > -0.4)", f"({text} > 0.2).any()"]
    return str(w.choice([*forms, f"np.sum({text}) > 0.3", f"{text}.max() < 1.0"]))


@production("condition", "type test", 1, special=True)
def types(w: Writer) -> str:
    return f"isinstance({w.leaf()}, (float, np.floating))"
