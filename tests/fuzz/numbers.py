"""Expressions of a float."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Int, Pack, Seq, Table
from .writer import Writer


@production("number", "leaf", 5)
def leaf(w: Writer, depth: int) -> str:
    return w.leaf()


@production("number", "arithmetic", 8)
def arithmetic(w: Writer, depth: int) -> str:
    return f"({w.number(depth)} {w.choice(['+', '-', '*', '*'])} {w.number(depth)})"


@production("number", "division", 1)
def division(w: Writer, depth: int) -> str:
    b = w.leaf()
    return (
        f"({w.number(depth)} / {w.choice([f'(1.5 + {b} * {b})', f'(2.0 + np.cos({b}))', '1.7'])})"
    )


@production("number", "power", 2)
def power(w: Writer, depth: int) -> str:
    a = w.number(depth)
    forms = [f"({a}) ** 2", f"({a}) ** 3", f"(1.2 + ({a}) ** 2) ** 0.5", f"(1.0 + abs({a})) ** -1"]
    forms += [f"(1.2 + np.sin({a})) ** {w.leaf()}", f"1.3 ** ({a})"]
    return f"({w.choice(forms)})"


@production("number", "function of a number", 4)
def elementary(w: Writer, depth: int) -> str:
    a = w.number(depth)
    forms = [f"np.sin({a})", f"np.cos({a})", f"np.tanh({a})", f"math.sin({a})", f"math.cos({a})"]
    forms += [f"np.exp(-(({a}) ** 2))", f"np.log(1.5 + ({a}) ** 2)", f"np.sqrt(1.1 + ({a}) ** 2)"]
    forms += [f"math.exp(-abs({a}))", f"math.sqrt(2.0 + math.cos({a}))", f"-({a})", f"abs({a})"]
    forms += [f"np.arctan2({a}, 1.5)", f"np.logaddexp({a}, {w.leaf()})", f"float({w.leaf()})"]
    forms += [f"np.maximum({a}, {w.leaf()})", f"np.minimum({a}, 0.4)", f"math.atan({a})"]
    return str(w.choice(forms))


@production("number", "min and max", 1)
def extremes(w: Writer, depth: int) -> str:
    name = w.choice(["min", "max"])
    return f"{name}({w.number(depth)}, {', '.join(w.leaf() for _ in range(w.rng.randint(1, 2)))})"


@production("number", "reduction", 5)
def reduction(w: Writer, depth: int) -> str:
    text, shape = w.choice(w.arrays())
    if w.chance(0.5):
        text = w.array(shape, depth)
    forms = [f"np.sum({text})", f"np.mean({text})", f"np.sum(({text}) ** 2)", f"np.max({text})"]
    forms += [f"({text}).sum()", f"({text}).mean()", f"np.min({text})", f"np.var({text})"]
    forms += [f"np.linalg.norm(1.1 + ({text}) ** 2)", f"np.prod({text})", f"({text}).max()"]
    forms += [f"np.std({text} + np.arange({shape[-1]}))" if shape else f"np.sum({text})"]
    return str(w.choice(forms))


@production("number", "inner product", 2)
def inner(w: Writer, depth: int) -> str:
    text, shape = w.choice(w.arrays(rank=1))
    other = w.array(shape, depth)
    forms = [f"({text} @ ({other}))", f"np.dot({text}, {other})", f"({text}).dot({other})"]
    return str(w.choice([*forms, f"np.vdot({text}, {other})", f"np.inner({text}, {other})"]))


@production("number", "element of an expression", 1)
def element(w: Writer, depth: int) -> str:
    _, shape = w.choice([a for a in w.arrays() if a[1]])
    return w.element(f"({w.array(shape, depth)})", shape)


@production("number", "conditional expression", 1.5)
def conditional(w: Writer, depth: int) -> str:
    return f"({w.number(depth)} if {w.condition()} else {w.number(depth)})"


@production("number", "integer in arithmetic", 1)
def integers(w: Writer, depth: int) -> str:
    name = w.choice([n for n, k in w.scope.items() if isinstance(k, Int)])
    forms = [f"({w.leaf()} * {name})", f"({w.leaf()} / ({name} + 1))", f"(0.5 ** {name})"]
    return str(w.choice([*forms, f"({w.leaf()} ** {name})", f"({name} // 2 + {w.leaf()})"]))


@production("number", "and, or", 1, special=True)
def boolean_value(w: Writer, depth: int) -> str:
    forms = [f"({w.leaf()} or {w.leaf()})", f"({w.condition()} and {w.leaf()} or {w.leaf()})"]
    return str(w.choice(forms))


@production("number", "walrus", 3, special=True)
def walrus(w: Writer, depth: int) -> str:
    name = w.fresh()
    text = f"(({name} := {w.number(depth)}) * {name})"
    if w.inner == 0 and not w.nested:
        w.scope[name] = FLOAT
    return text


@production("number", "conversion", 1)
def conversion(w: Writer, depth: int) -> str:
    text, shape = w.choice(w.arrays())
    one = w.element(text, shape)
    forms = [f"float({one})", f"np.float64({one})", f"({one} + int(2.5))", f"({one} * True)"]
    return str(
        w.choice([*forms, f"({text}).item({w.rng.randrange(max(1, shape[0] if shape else 1))})"])
    )


@production("number", "sum of a container", 3)
def sums(w: Writer, depth: int) -> str:
    holders = [(t, k) for t, k in w.places() if isinstance(k, Seq | Pack | Table)]
    text, kind = w.choice(holders)
    match kind:
        case Seq(item, length) if item == FLOAT and length:
            forms = [f"sum({text})", f"max({text})", f"min({text})", f"sorted({text})[0]"]
            forms += [f"len({text}) * {w.leaf()}", f"sum({text}[1:])", f"np.sum({text})"]
            return str(w.choice([*forms, f"np.sum(np.array({text}))"]))
        case Seq(Array(), length) if length:
            forms = [f"np.sum(sum({text}))", f"np.sum(np.stack({text}))", f"np.sum({text})"]
            return str(w.choice([*forms, f"np.sum({text}[-1] * {text}[0])", f"len({text}) * 0.5"]))
        case Pack(items) if all(i == FLOAT for i in items):
            return str(w.choice([f"sum({text})", f"max({text})"]))
        case Table(items) if all(i == FLOAT for _, i in items):
            forms = [f"sum({text}.values())", f"max({text}.values())"]
            return str(w.choice([*forms, f"{text}.get({items[0][0]!r}, 0.5)"]))
    raise Skip


@production("number", "complex", 2, special=True)
def complex_number(w: Writer, depth: int) -> str:
    a, b = w.number(depth), w.leaf()
    forms = [f"abs(complex({a}, 1.2 + {b} ** 2))", f"(({a} + 0.5j) * {b}).real"]
    forms += [f"np.real(np.exp(1j * {a}) * {b})", f"np.abs({a} + 1j)", f"(1j * {a} + {b}).imag"]
    return str(w.choice(forms))


@production("number", "indices at run time", 1)
def picked(w: Writer, depth: int) -> str:
    text, _ = w.choice(w.arrays(rank=1))
    forms = [f"{text}[np.argmax({text})]", f"{text}[int({w.number(0)} > 0.2)]"]
    return str(w.choice([*forms, f"np.sum({text}[{text} > 0.1])", f"np.sort({text})[-1]"]))
