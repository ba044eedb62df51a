"""Statements of the language that are neither loops nor calls: try, with, match, del and so on."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Float
from .writer import Writer


@production("statement", "try", 4, special=True)
def attempt(w: Writer) -> None:
    name = w.choice(w.bindable(FLOAT))
    with w.block("try:"):
        fails = [f"math.sqrt({w.leaf()})", f"math.log({w.leaf()})", f"{w.leaf()} / len([])"]
        fails += [f'{{"a": {w.leaf()}}}["b"]', w.number(2), w.number(2), f"[{w.leaf()}][1]"]
        w.write(f"{name} = {w.choice(fails)}")
        if w.chance(0.4):
            w.statement()
    errors = w.choice(["Exception", "(ValueError, ZeroDivisionError, KeyError, IndexError)"])
    with w.block(f"except {errors}:"):
        w.write(f"{name} = {w.number(1)}")
    if w.chance(0.2):
        with w.block("else:"):
            w.write(f"{name} *= {w.leaf()}")
    if w.chance(0.2):
        with w.block("finally:"):
            w.write(f"{name} += {w.leaf()}")


@production("statement", "try, finally", 2, special=True)
def cleanup(w: Writer) -> None:
    with w.block("try:"):
        w.statements()
    with w.block("finally:"):
        w.statement()


@production("statement", "raise and except", 2, special=True)
def raised(w: Writer) -> None:
    name = w.choice(w.bindable(FLOAT))
    with w.block("try:"):
        with w.block(f"if {w.condition()}:"):
            w.write("raise ValueError('no')")
        w.write(f"{name} = {w.number()}")
    with w.block("except ValueError:"):
        w.write(f"{name} = {w.number()}")


@production("statement", "raise", 1)
def unreached(w: Writer) -> None:
    with w.block(f"if {w.leaf()} > 90.0:"):
        w.write("raise ValueError('too large')")


@production("statement", "with errstate", 3, special=True)
def errstate(w: Writer) -> None:
    with w.block("with np.errstate(all='ignore'):"):
        w.statements(3)


@production("statement", "context manager", 2, special=True)
def manager(w: Writer) -> None:
    w.count += 1
    label = f"Scope{w.count}"
    lines = [f"class {label}:", "    def __init__(self, k):", "        self.k = k"]
    lines += ["    def __enter__(self):", "        return self.k * 2.0"]
    lines += ["    def __exit__(self, *error):", "        return False"]
    w.prelude.append("\n".join(lines))
    name = w.fresh()
    with w.block(f"with {label}({w.number(1)}) as {name}:", **{name: FLOAT}):
        w.statements()
        w.bind(f"{name} * {w.leaf()}", FLOAT)


@production("statement", "assert", 2)
def asserted(w: Writer) -> None:
    text, shape = w.choice(w.arrays())
    forms = [
        f"{text}.shape == {shape}",
        f"np.all(np.abs({text}) < 1e6)",
        f"{w.leaf()} < 1e5, 'large'",
    ]
    w.write(f"assert {w.choice(forms)}")


@production("statement", "f-string", 3, special=True)
def formatted(w: Writer) -> None:
    name = w.fresh()
    text = w.choice(
        [f'f"{{{w.leaf()}:.3f}}"', f'f"value {{{w.leaf()}}}"', f'f"k{{{w.rng.randrange(3)}}}"']
    )
    w.write(f"{name} = {text}")
    uses = [f"assert len({name}) > 0, {name}", f"p_{name} = {{{name}: {w.number(1)}}}"]
    use = w.choice(uses)
    w.write(use)
    if use.startswith("p_"):
        w.bind(f"p_{name}[{name}] * {w.leaf()}", FLOAT)


@production("statement", "match", 3, special=True)
def matched(w: Writer) -> None:
    name = w.choice(w.bindable(FLOAT))
    subject = w.choice(["n", "mode", f"({w.leaf()}, {w.leaf()})", "n % 2"])
    if subject.split()[0] not in w.scope and subject[0] != "(":
        raise Skip
    w.write(f"match {subject}:")
    w.indent += 1
    for case in {"(": ["(a, b) if a > b", "(a, _)"], "n": ["0 | 1", "2"], "m": ["'a'", "'b'"]}[
        subject[0]
    ]:
        new = {"a": FLOAT} if subject[0] == "(" else {}
        with w.block(f"case {case}:", **new):
            w.write(f"{name} = {w.number()}")
    with w.block("case _:"):
        w.write(f"{name} += {w.number(1)}")
    w.indent -= 1


@production("statement", "import inside", 1.5, special=True)
def imported(w: Writer) -> None:
    w.write(w.choice(["from math import tanh as th", "from numpy import tanh as th"]))
    w.bind(f"th({w.leaf()})", FLOAT)


@production("statement", "del", 2, special=True)
def deleted(w: Writer) -> None:
    name = w.fresh("del")
    w.write(f"{name} = {w.number(1)}")
    names = w.bindable(FLOAT)
    if names:
        w.write(f"{w.choice(names)} = {name} * {w.leaf()}")
    w.write(f"del {name}")


@production("statement", "global constant", 2)
def constant(w: Writer) -> None:
    if w.inner:
        raise Skip
    name = f"SCALE{len(w.constants)}"
    size = w.sizes[0]
    values = ", ".join(f"{w.rng.uniform(-1.2, 1.2):.2f}" for _ in range(size))
    text, kind = w.choice([("0.7", FLOAT), (f"np.array([{values}])", Array((size,)))])
    w.prelude.insert(0, f"{name} = {text}")
    w.scope[name] = kind
    w.constants.append(name)
    w.bind(f"{name} * {w.value(kind)}", kind)


@production("statement", "annotated assignment", 0.7)
def annotated(w: Writer) -> None:
    name = w.fresh()
    w.write(f"{name}: float = {w.number()}")
    w.scope[name] = FLOAT


@production("statement", "pass and expressions", 0.5)
def idle(w: Writer) -> None:
    text, _ = w.choice([(t, k) for t, k in w.places() if isinstance(k, Float | Array)])
    w.write(w.choice(["pass", f"{text}", '"""A note."""']))


@production("statement", "print", 1, special=True)
def printed(w: Writer) -> None:
    w.write(f"print({w.leaf()}, file=io.StringIO())")
