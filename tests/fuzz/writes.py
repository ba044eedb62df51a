"""Statements that bind names and write arrays: targets, aliases, views, swaps."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Float, Kind
from .vectors import slice_of
from .writer import Writer


def shape_here(w: Writer) -> tuple[int, ...]:
    """Return a shape that occurs."""
    n, m = w.sizes
    return w.choice([s for _, s in w.arrays() if s] * 2 + [(n,), (n,), (m, n)])


def written(w: Writer) -> tuple[str, tuple[int, ...]]:
    """Return a place of an array that may be written."""
    return w.choice([a for a in w.arrays(written=True) if a[1]])


@production("statement", "assignment", 5)
def assignment(w: Writer) -> None:
    if w.chance(0.45):
        w.bind(w.number(), FLOAT)
    else:
        shape = shape_here(w)
        w.bind(w.array(shape), Array(shape))


@production("statement", "augmented name", 4)
def augmented(w: Writer) -> None:
    name = w.choice([n for n, k in w.scope.items() if isinstance(k, Float | Array)])
    if name in w.frozen or name in w.constants:
        raise Skip
    kind = w.scope[name]
    w.write(f"{name} {w.choice(['+=', '+=', '*=', '-='])} {w.value(kind)}")


@production("statement", "augmented division", 0.4)
def divided(w: Writer) -> None:
    name = w.choice([n for n, k in w.scope.items() if isinstance(k, Float | Array)])
    if name in w.frozen or name in w.constants:
        raise Skip
    w.write(
        f"{name} {w.choice(['/=', '**='])} 2"
        if w.chance(0.5)
        else f"{name} /= 1.5 + abs({w.leaf()})"
    )


@production("statement", "element write", 5)
def element_write(w: Writer) -> None:
    text, shape = written(w)
    w.write(f"{w.element(text, shape)} {w.choice(['=', '=', '+=', '*=', '-='])} {w.number()}")


@production("statement", "slice write", 5)
def slice_write(w: Writer) -> None:
    text, shape = written(w)
    sign = w.choice(["=", "=", "+=", "*=", "-="])
    if len(shape) == 1:
        size = w.rng.randint(1, shape[0])
        target, taken = f"{text}[{slice_of(w, shape[0], size)}]", (size,)
    elif len(shape) == 2:
        row = w.rng.randint(1, shape[0])
        target, taken = w.choice(
            [
                (f"{text}[{w.index(shape[0])}]", shape[1:]),
                (f"{text}[:, {w.index(shape[1])}]", shape[:1]),
                (f"{text}[{slice_of(w, shape[0], row)}]", (row, shape[1])),
            ]
        )
    else:
        raise Skip
    value = w.number(1) if w.chance(0.25) else w.array(taken)
    w.write(f"{target} {sign} {value}")


@production("statement", "whole array write", 1.5)
def whole_write(w: Writer) -> None:
    text, shape = written(w)
    dots = w.choice([":", "..."])
    w.write(f"{text}[{dots}] {w.choice(['=', '+=', '*='])} {w.array(shape)}")


@production("statement", "mask write", 2)
def mask_write(w: Writer) -> None:
    text, shape = written(w)
    tested = w.choice([text, w.place(Array(shape))])
    mask = f"{tested} > {w.constant()}"
    if w.chance(0.3):
        name = w.fresh("mk")
        w.write(f"{name} = {mask}")
        mask = name
    value = w.choice([w.number(1), f"{text}[{mask}] * {w.leaf()}"])
    w.write(f"{text}[{mask}] {w.choice(['=', '+=', '*='])} {value}")


@production("statement", "fancy write", 2)
def fancy_write(w: Writer) -> None:
    text, shape = written(w)
    count = w.rng.randint(1, 4)
    indices = [w.rng.randrange(-shape[0], shape[0]) for _ in range(count)]
    index = w.choice([f"{indices}", f"np.array({indices})"])
    value = w.choice([w.number(1), w.array((count, *shape[1:]))])
    w.write(f"{text}[{index}] {w.choice(['=', '+=', '+=', '*='])} {value}")


@production("statement", "alias", 2)
def alias(w: Writer) -> None:
    text, shape = w.choice(w.arrays())
    w.bind(text, Array(shape))


@production("statement", "view", 4)
def view(w: Writer) -> None:
    text, shape = w.choice([a for a in w.arrays() if a[1]])
    if len(shape) == 1:
        size = w.rng.randint(2, shape[0]) if shape[0] > 1 else 1
        w.bind(f"{text}[{slice_of(w, shape[0], size)}]", Array((size,)))
        return
    options: list[tuple[str, tuple[int, ...]]] = [
        (f"{text}.T", shape[::-1]),
        (f"{text}[{w.index(shape[0])}]", shape[1:]),
        (f"{text}[..., {w.index(shape[-1])}]", shape[:-1]),
        (f"{text}.reshape({', '.join(map(str, shape[::-1]))})", shape[::-1]),
    ]
    if len(shape) == 2:
        options += [(f"{text}.{w.choice(['ravel()', 'reshape(-1)'])}", (shape[0] * shape[1],))]
    made, taken = w.choice(options)
    w.bind(made, Array(taken))


@production("statement", "swap", 1.5)
def swap(w: Writer) -> None:
    first = w.choice([n for n, k in w.scope.items() if isinstance(k, Float | Array)])
    others = [n for n in w.bindable(w.scope[first]) if n != first]
    second = w.choice(others)
    if first not in w.bindable(w.scope[first]):
        raise Skip
    value = w.choice([first, first, w.value(w.scope[first])])
    w.write(f"{first}, {second} = {second}, {value}")


@production("statement", "chained assignment", 1)
def chained(w: Writer) -> None:
    shape = shape_here(w)
    kind: Kind = w.choice([FLOAT, Array(shape)])
    first, second = w.fresh("uvw"), w.fresh("xyz")
    w.write(f"{first} = {second} = {w.value(kind)}")
    w.scope.update({first: kind, second: kind})


@production("statement", "tuple assignment", 1.5)
def unpacked(w: Writer) -> None:
    shape = shape_here(w)
    kinds: list[Kind] = [w.choice([FLOAT, Array(shape)]) for _ in range(2)]
    values = [w.value(k) for k in kinds]
    first, second = w.fresh("uvw"), w.fresh("xyz")
    w.write(f"{first}, {second} = {', '.join(values)}")
    w.scope.update({first: kinds[0], second: kinds[1]})


@production("statement", "array unpacked", 0.7)
def elements(w: Writer) -> None:
    text, shape = w.choice([a for a in w.arrays() if len(a[1]) == 1 and a[1][0] <= 4])
    names = []
    for _ in range(shape[0]):
        names.append(w.fresh("abcdpqrs"))
        w.scope[names[-1]] = FLOAT
    w.write(f"{', '.join(names)}, = {text}" if len(names) == 1 else f"{', '.join(names)} = {text}")


@production("statement", "star unpacking", 3, special=True)
def starred(w: Writer) -> None:
    text, _ = w.choice([a for a in w.arrays() if len(a[1]) == 1 and a[1][0] > 1])
    first, rest = w.fresh("abc"), w.fresh("rst")
    w.write(f"{first}, *{rest} = {text}")
    w.scope[first] = FLOAT
    w.write(f"{first} += sum({rest}) * {w.leaf()}")


@production("statement", "element swap", 1)
def element_swap(w: Writer) -> None:
    text, shape = written(w)
    if len(shape) != 1:
        raise Skip
    i, j = w.index(shape[0]), w.index(shape[0])
    w.write(f"{text}[{i}], {text}[{j}] = {text}[{j}], {text}[{i}]")


@production("statement", "writing function", 3, special=True)
def writing(w: Writer) -> None:
    text, shape = written(w)
    other = w.array(shape)
    forms = [f"np.multiply({other}, {w.leaf()}, out={text})", f"np.sin({other}, out={text})"]
    forms += [
        f"np.copyto({text}, {other})",
        f"{text}.fill({w.leaf()})",
        f"np.add({text}, {other}, {text})",
    ]
    if len(shape) == 1:
        indices = [w.rng.randrange(shape[0]) for _ in range(3)]
        forms += [
            f"np.add.at({text}, {indices}, {w.number(1)})",
            f"np.put({text}, {indices[:1]}, {w.leaf()})",
        ]
        forms += [f"{text}.sort()", f"np.add.at({text}, np.array({indices}), {w.array((3,))})"]
    w.write(w.choice(forms))
