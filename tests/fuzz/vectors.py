"""Expressions of an array of a given shape."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Seq
from .writer import Writer

Shape = tuple[int, ...]


def slice_of(w: Writer, length: int, size: int) -> str:
    """Return a slice that takes `size` of `length` items, with a step of either sign."""
    step = w.choice([1, 1, 1, 1, -1, 2, -2])
    if 1 + (size - 1) * abs(step) > length:
        step = step // abs(step)
    reach = (size - 1) * abs(step)
    low = w.rng.randint(0, length - 1 - reach) if size else 0
    start = low if step > 0 else low + reach
    stop = start + step * size
    first, last = str(start), str(stop)
    if (start == 0 and step > 0) or (start == length - 1 and step < 0):
        first = w.choice(["", first])
    elif w.chance(0.3):
        first = str(start - length)
    if stop < 0:
        last = ""
    elif stop >= length:
        last = w.choice(["", str(stop)])
    elif w.chance(0.4):
        last = str(stop - length)
    return f"{first}:{last}" if step == 1 and w.chance(0.9) else f"{first}:{last}:{step}"


@production("array", "array as it is", 6)
@production("array leaf", "array as it is", 6)
def known(w: Writer, shape: Shape, depth: int) -> str:
    return w.place(Array(shape))


@production("array", "array arithmetic", 7)
def arithmetic(w: Writer, shape: Shape, depth: int) -> str:
    others = [lambda: w.array(shape, depth), lambda: w.number(depth)]
    if len(shape) == 2:
        others += [lambda: w.array(shape[1:], depth), lambda: w.array((shape[0], 1), 0)]
    parts = [w.array(shape, depth), w.choice(others)()]
    w.rng.shuffle(parts)
    return f"({parts[0]} {w.choice(['+', '-', '*', '*'])} {parts[1]})"


@production("array", "array division", 0.7)
def division(w: Writer, shape: Shape, depth: int) -> str:
    return f"({w.array(shape, depth)} / (1.3 + ({w.array(shape, 0)}) ** 2))"


@production("array", "elementwise function", 3)
def elementwise(w: Writer, shape: Shape, depth: int) -> str:
    a = w.array(shape, depth)
    forms = [
        f"np.sin({a})",
        f"np.cos({a})",
        f"np.tanh({a})",
        f"np.abs({a})",
        f"-({a})",
        f"({a}) ** 2",
    ]
    forms += [f"np.exp(-(({a}) ** 2))", f"np.log(1.5 + ({a}) ** 2)", f"np.sqrt(1.1 + ({a}) ** 2)"]
    forms += [f"np.square({a})", f"np.clip({a}, -0.6, 0.9)", f"({a}).copy()", f"np.negative({a})"]
    return str(w.choice([*forms, f"np.multiply({a}, {w.leaf()})", f"np.add({a}, {w.leaf()})"]))


@production("array", "choice by mask", 1.5)
def masked(w: Writer, shape: Shape, depth: int) -> str:
    a, b = w.array(shape, depth), w.choice([w.number(0), w.array(shape, 0)])
    test = w.array(shape, 0)
    forms = [f"np.where({test} > {w.constant()}, {a}, {b})", f"({a}) * (({test}) > 0.1)"]
    forms += [f"np.maximum({a}, {b})", f"np.minimum({a}, {b})"]
    return str(w.choice(forms))


@production("array", "new array", 2)
@production("array leaf", "new array", 2)
def made(w: Writer, shape: Shape, depth: int) -> str:
    size = shape[0] if len(shape) == 1 else shape
    forms = [f"np.ones({size})", f"np.full({size}, {w.leaf()})", f"({w.leaf()} * np.ones({size}))"]
    if len(shape) == 1:
        items = ", ".join(w.leaf() for _ in range(shape[0]))
        forms += [f"np.array([{items}])", f"np.array([{items}])", f"np.linspace(0.2, 1.1, {size})"]
        forms += [f"(0.3 * np.arange({size}))"]
    if shape == (w.sizes[0], w.sizes[0]):
        forms += [f"np.eye({shape[0]})"]
    return str(w.choice(forms))


@production("array", "slice", 4)
@production("array leaf", "slice", 4)
def sliced(w: Writer, shape: Shape, depth: int) -> str:
    fitting = [
        (t, s)
        for t, s in w.arrays()
        if len(s) >= len(shape) and s != shape and (s[-1] >= shape[-1] if shape else False)
    ]
    if w.chance(0.3):
        fitting = [(t, s) for t, s in w.arrays() if s == shape]
    text, have = w.choice(fitting)
    if len(have) == len(shape) == 1:
        return f"{text}[{slice_of(w, have[0], shape[0])}]"
    if len(have) == len(shape) == 2 and have[0] >= shape[0]:
        return f"{text}[{slice_of(w, have[0], shape[0])}, {slice_of(w, have[1], shape[1])}]"
    if len(have) == 2 and len(shape) == 1:
        if have[0] >= shape[0] and w.chance(0.5):
            return f"{text}[{slice_of(w, have[0], shape[0])}, {w.index(have[1])}]"
        row = f"{text}[{w.index(have[0])}]"
        return row if have[1:] == shape else f"{row}[{slice_of(w, have[1], shape[0])}]"
    raise Skip


@production("array", "fancy index", 1.5)
@production("array leaf", "fancy index", 1.5)
def fancy(w: Writer, shape: Shape, depth: int) -> str:
    text, have = w.choice([a for a in w.arrays() if a[1]])
    if have[1:] != shape[1:] or not shape:
        raise Skip
    indices = [w.rng.randrange(-have[0], have[0]) for _ in range(shape[0])]
    return str(w.choice([f"{text}[{indices}]", f"{text}[np.array({indices})]"]))


@production("array", "matrix product", 2)
def product(w: Writer, shape: Shape, depth: int) -> str:
    n, m = w.sizes
    if len(shape) == 1:
        inner = n if shape[0] == m else m
        a, v = w.array((shape[0], inner), 0), w.array((inner,), depth)
        return str(w.choice([f"({a} @ {v})", f"np.dot({a}, {v})", f"({v} @ ({a}).T)"]))
    if len(shape) == 2:
        return f"({w.array((shape[0], n), 0)} @ {w.array((n, shape[1]), 0)})"
    raise Skip


@production("array", "reshaped", 1.5)
def reshaped(w: Writer, shape: Shape, depth: int) -> str:
    if len(shape) == 2:
        a = w.array(shape[::-1], depth)
        flat = shape[0] * shape[1]
        same = [f"({t}).reshape({shape[0]}, -1)" for t, s in w.arrays(rank=1) if s == (flat,)]
        rows = f"np.outer({w.array(shape[:1], 0)}, {w.array(shape[1:], 0)})"
        forms = [f"({a}).T", f"np.transpose({a})", rows, *same]
        forms += [f"np.stack([{', '.join(w.array(shape[1:], 0) for _ in range(shape[0]))}])"]
        if shape[1] == 1:
            forms += [
                f"({w.array(shape[:1], 0)})[:, None]",
                f"({w.array(shape[:1], 0)}).reshape(-1, 1)",
            ]
        return str(w.choice(forms))
    same = [(t, s) for t, s in w.arrays(rank=2) if (s[0] * s[1],) == shape]
    text, _ = w.choice(same)
    return str(
        w.choice(
            [f"{text}.ravel()", f"{text}.reshape(-1)", f"{text}.flatten()", f"{text}.T.ravel()"]
        )
    )


@production("array", "moved elements", 1.5)
def moved(w: Writer, shape: Shape, depth: int) -> str:
    a = w.array(shape, depth)
    forms = [
        f"np.roll({a}, 1)",
        f"np.cumsum({a})" if len(shape) == 1 else f"np.cumsum({a}, axis=0)",
    ]
    if len(shape) == 1 and shape[0] > 1:
        head, rest = w.array((1,), 0), w.array((shape[0] - 1,), 0)
        forms += [f"np.sort({a})", f"np.concatenate([{head}, {rest}])", f"np.flip({a})"]
        forms += [f"np.diff(np.append({a}, {w.leaf()}))", f"np.hstack(({rest}, {head}))"]
    return str(w.choice(forms))


@production("array", "reduction of an axis", 1.5)
def reduced(w: Writer, shape: Shape, depth: int) -> str:
    if len(shape) == 2 and shape[1] == 1:
        other = next((s for _, s in w.arrays(rank=2) if s[0] == shape[0]), (shape[0], 2))
        return f"({w.array(other, 0)}).{w.choice(['sum', 'mean'])}(axis=1, keepdims=True)"
    text, have = w.choice([a for a in w.arrays(rank=2) if shape in ((a[1][0],), (a[1][1],))])
    axis = 1 if shape == (have[0],) else 0
    a = w.choice([text, w.array(have, depth)])
    return f"np.{w.choice(['sum', 'sum', 'mean', 'max'])}({a}, axis={w.choice([axis, axis - 2])})"


@production("array", "array of a container", 2)
def gathered(w: Writer, shape: Shape, depth: int) -> str:
    for text, kind in w.places():
        if isinstance(kind, Seq) and (kind.length,) == shape[:1] and w.chance(0.7):
            if (kind.item == FLOAT and len(shape) == 1) or kind.item == Array(shape[1:]):
                return str(
                    w.choice([f"np.array({text}[:{shape[0]}])", f"np.asarray({text}[:{shape[0]}])"])
                )
    raise Skip


@production("array", "linear algebra", 0.5)
def solved(w: Writer, shape: Shape, depth: int) -> str:
    if len(shape) != 1:
        raise Skip
    size = shape[0]
    forms = [
        f"np.linalg.solve({w.array((size, size), 0)} + 4.0 * np.eye({size}), {w.array(shape, 0)})"
    ]
    forms += [f"np.einsum('ij,j->i', {w.array((size, size), 0)}, {w.array(shape, 0)})"]
    return str(w.choice([*forms, f"np.diag({w.array((size, size), 0)})"]))


@production("array", "array conditional", 1)
def conditional(w: Writer, shape: Shape, depth: int) -> str:
    return f"({w.array(shape, depth)} if {w.condition()} else {w.array(shape, depth)})"


@production("array", "array comprehension", 2, special=True)
def comprehension(w: Writer, shape: Shape, depth: int) -> str:
    if len(shape) != 1:
        raise Skip
    i = w.fresh("ijk")
    return f"np.array([{w.leaf()} * ({i} + 1) for {i} in range({shape[0]})])"


@production("array", "complex", 2, special=True)
def complex_array(w: Writer, shape: Shape, depth: int) -> str:
    a, b = w.array(shape, depth), w.array(shape, 0)
    forms = [f"np.abs({a} + 1j * (1.2 + ({b}) ** 2))", f"(({a}) * (0.5 + 1j)).imag"]
    return str(w.choice([*forms, f"np.real(np.exp(1j * ({a})))", f"np.fft.fft({a}).real"]))
