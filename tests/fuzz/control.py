"""Statements of control flow."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Float, Int, Kind, Seq, Table
from .writer import Writer


def rebound(w: Writer, depth: int = 1) -> None:
    """Write one statement that changes a name that is there before the block."""
    names = [n for n, k in w.scope.items() if isinstance(k, Float | Array)]
    names = [n for n in names if n not in w.frozen and n not in w.constants]
    name = w.choice(names)
    value = w.value(w.scope[name], depth)
    w.write(f"{name} = {value}" if w.chance(0.6) else f"{name} += {value}")


@production("statement", "if", 4)
def branch(w: Writer) -> None:
    with w.block(f"if {w.condition()}:"):
        rebound(w) if w.chance(0.6) else w.statements()
        w.statements()
    if w.chance(0.35):
        with w.block(f"elif {w.condition()}:"):
            w.statements()
    if w.chance(0.6):
        with w.block("else:"):
            rebound(w) if w.chance(0.6) else w.statements()


@production("statement", "definition in both branches", 1.5)
def both(w: Writer) -> None:
    kind: Kind = w.choice([FLOAT, Array((w.sizes[0],))])
    name = w.fresh()
    with w.block(f"if {w.condition()}:"):
        w.write(f"{name} = {w.value(kind, 2)}")
    with w.block("else:"):
        w.write(f"{name} = {w.value(kind, 2)}")
        if w.chance(0.4):
            w.statement()
    w.scope[name] = kind


@production("statement", "for over range", 5)
def counted(w: Writer) -> None:
    if w.loops > 1:
        raise Skip
    i = w.fresh("ijkl")
    ints = [(n, k.bound - 1) for n, k in w.scope.items() if isinstance(k, Int) and n == "n"]
    count = w.rng.randint(1, 4)
    options = [(f"range({count})", count), (f"range({w.sizes[0]})", w.sizes[0])]
    options += [(f"range(1, {count + 1})", count + 1), (f"range({count}, -1, -1)", count + 1)]
    options += [("range(0, 4, 2)", 3), (f"range(1, {w.sizes[0]})", w.sizes[0]), ("range(0)", 1)]
    options += [(f"range({n})", max(bound, 1)) for n, bound in ints * 3]
    options += [(f"range({t}.shape[0])", s[0]) for t, s in w.arrays() if s]
    text, bound = w.choice(options)
    with w.block(f"for {i} in {text}:", loop=True, **{i: Int(bound)}):
        rebound(w) if w.chance(0.5) else w.statement()
        w.statements()
        leave(w)
    otherwise(w)


def leave(w: Writer) -> None:
    """Write, now and then, a break or a continue."""
    if w.chance(0.15):
        with w.block(f"if {w.condition()}:"):
            if w.chance(0.4):
                w.statement()
            w.write(w.choice(["break", "continue"]))
        if w.chance(0.7):
            w.statement()


def otherwise(w: Writer) -> None:
    """Write, now and then, the `else` of a loop."""
    if w.chance(0.08):
        with w.block("else:"):
            w.statements()


@production("statement", "for over values", 3)
def iterated(w: Writer) -> None:
    if w.loops > 1:
        raise Skip
    name, other, i = w.fresh("abcd"), w.fresh("efgh"), w.fresh("ijkl")
    new: dict[str, Kind]
    options: list[tuple[str, dict[str, Kind]]] = []
    for text, shape in w.arrays():
        if shape:
            item: Kind = Array(shape[1:]) if shape[1:] else FLOAT
            options += [(f"{name} in {text}", {name: item})]
            options += [(f"{i}, {name} in enumerate({text})", {i: Int(shape[0]), name: item})]
            same = [t for t, s in w.arrays() if s[:1] == shape[:1] and len(s) == 1]
            options += [
                (f"{name}, {other} in zip({text}, {t})", {name: item, other: FLOAT}) for t in same
            ]
    for text, kind in w.places():
        if isinstance(kind, Seq):
            index = {i: Int(max(kind.length, 1))}
            options += [(f"{name} in {text}", {name: kind.item})] * 2
            options += [(f"{i}, {name} in enumerate({text})", index | {name: kind.item})]
            options += [(f"{name} in reversed({text})", {name: kind.item})]
            options += [
                (f"{name}, {other} in zip({text}, {text}[1:])", {name: kind.item, other: kind.item})
            ]
        if isinstance(kind, Table) and len({k for _, k in kind.items}) == 1:
            item = kind.items[0][1]
            options += [(f"{name} in {text}.values()", {name: item})]
            options += [(f"{other}, {name} in {text}.items()", {name: item})]
    header, new = w.choice(options)
    with w.block(f"for {header}:", loop=True, **new):
        w.statement()
        rebound(w)
        leave(w)
    otherwise(w)


@production("statement", "while with a counter", 1.5)
def while_counter(w: Writer) -> None:
    if w.loops > 1:
        raise Skip
    i = w.fresh("ijkl")
    w.write(f"{i} = 0")
    count = w.rng.randint(1, 4)
    w.frozen.append(i)
    with w.block(f"while {i} < {count}:", loop=True, **{i: Int(count)}):
        first = w.chance(0.3)
        if first:
            w.write(f"{i} += 1")
            w.scope[i] = Int(count + 1)
        w.statements()
        if not first:
            w.write(f"{i} += 1")
    w.frozen.remove(i)


@production("statement", "while with an active test", 1)
def while_active(w: Writer) -> None:
    if w.loops:
        raise Skip
    name = w.choice(w.bindable(FLOAT))
    with w.block(f"while abs({name}) > {w.choice(['0.3', '0.6', '1.1'])}:", loop=True):
        if w.chance(0.6):
            w.statement()
        w.write(f"{name} *= {w.choice(['0.5', '0.6', '-0.7'])}")


@production("statement", "while True", 0.7)
def forever(w: Writer) -> None:
    if w.loops:
        raise Skip
    name = w.choice(w.bindable(FLOAT))
    with w.block("while True:", loop=True):
        w.write(f"{name} = {name} * 0.5 + {w.choice(['0.1', '0.05'])}")
        with w.block(f"if abs({name}) < {w.choice(['0.5', '0.8'])}:"):
            w.write("break")
        w.statement()


@production("statement", "early return", 1)
def early(w: Writer) -> None:
    with w.block(f"if {w.condition()}:"):
        if w.chance(0.4):
            w.statement()
        w.write(f"return {w.value(w.result)}")


@production("statement", "swap in a loop", 1.5)
def buffers(w: Writer) -> None:
    shape = (w.sizes[0],)
    first, second, i = w.fresh("uvw"), w.fresh("xyz"), w.fresh("ijkl")
    w.write(f"{first} = {w.array(shape, 1)} * 1.0")
    w.write(
        f"{second} = {w.choice([f'np.zeros({shape[0]})', f'{first}.copy()', f'np.zeros_like({first})'])}"
    )
    w.scope.update({first: Array(shape), second: Array(shape)})
    with w.block(f"for {i} in range({w.rng.randint(1, 4)}):", loop=True, **{i: Int(4)}):
        inner = w.choice(
            [f"{second}[1:] = {first}[:-1] * {w.leaf()}", f"{second}[:] = {w.array(shape)}"]
        )
        element = f"{second}[{w.index(shape[0])}] = {w.number()}"
        w.write(w.choice([inner, inner, element]))
        if w.chance(0.4):
            w.statement()
        w.write(f"{first}, {second} = {second}, {first}")
