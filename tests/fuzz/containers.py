"""Statements that make, read and change lists, dicts and tuples."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Kind, Pack, Seq, Table
from .writer import Writer


def item_kind(w: Writer) -> Kind:
    """Return the kind of an item."""
    n, m = w.sizes
    return w.choice([FLOAT, FLOAT, Array((n,)), Array((n,)), Array((m, n))])


def item(w: Writer, kind: Kind) -> str:
    """Return an expression of an item: often an array that has another name."""
    if isinstance(kind, Array) and w.chance(0.5):
        return w.place(kind)
    return w.value(kind)


@production("statement", "list", 4, special=True)
def list_made(w: Writer) -> None:
    kind, length = item_kind(w), w.rng.randint(1, 3)
    w.bind(f"[{', '.join(item(w, kind) for _ in range(length))}]", Seq(kind, length))


@production("statement", "dict", 4, special=True)
def dict_made(w: Writer) -> None:
    kinds = [(k, item_kind(w)) for k in ["a", "b", "c"][: w.rng.randint(1, 3)]]
    text = ", ".join(f'"{k}": {item(w, kind)}' for k, kind in kinds)
    w.bind("{" + text + "}", Table(tuple(kinds)))


@production("statement", "tuple", 3, special=True)
def tuple_made(w: Writer) -> None:
    kinds = [item_kind(w) for _ in range(w.rng.randint(2, 3))]
    w.bind(f"({', '.join(item(w, k) for k in kinds)})", Pack(tuple(kinds)))


@production("statement", "nested container", 3, special=True)
def nested_made(w: Writer) -> None:
    kind = item_kind(w)
    pair = Table((("a", kind), ("b", FLOAT)))
    if w.chance(0.5):
        rows = [f'{{"a": {item(w, kind)}, "b": {w.number(1)}}}' for _ in range(2)]
        w.bind(f"[{', '.join(rows)}]", Seq(pair, 2))
    else:
        inner = ", ".join(item(w, kind) for _ in range(2))
        w.bind(
            f'{{"a": [{inner}], "b": {w.number(1)}}}', Table((("a", Seq(kind, 2)), ("b", FLOAT)))
        )


@production("statement", "list appended in a loop", 5, special=True)
@production("statement", "list appended in a loop", 0.7)
def appended(w: Writer) -> None:
    if w.loops > 1:
        raise Skip
    kind, name, i = item_kind(w), w.fresh("hpqr"), w.fresh("ijkl")
    count = w.rng.randint(1, 3)
    start = w.choice(["[]", f"[{w.value(kind)}]"])
    w.write(f"{name} = {start}")
    with w.block(f"for {i} in range({count}):", loop=True):
        w.write(f"{name}.append({w.value(kind, 2)})")
        if w.chance(0.4):
            w.statement()
    w.scope[name] = Seq(kind, count + (start != "[]"))


def lists(w: Writer) -> list[tuple[str, Seq]]:
    """Return the places of lists."""
    return [(t, k) for t, k in w.places(written=True) if isinstance(k, Seq)]


def tables(w: Writer) -> list[tuple[str, Table]]:
    """Return the places of dicts."""
    return [(t, k) for t, k in w.places(written=True) if isinstance(k, Table)]


@production("statement", "item write", 4)
def item_write(w: Writer) -> None:
    places = [(t, k) for t, k in w.places(written=True) if t.endswith("]") and "(" not in t]
    places = [(t, k) for t, k in places if k == FLOAT or isinstance(k, Array)]
    text, kind = w.choice(places)
    sign = w.choice(["=", "+=", "*="])
    w.write(f"{text} {sign} {w.value(kind, 2)}")


@production("statement", "list methods", 4, special=True)
def list_methods(w: Writer) -> None:
    text, kind = w.choice(lists(w))
    value = w.value(kind.item)
    forms = [
        f"{text}.append({value})",
        f"{text}.insert(0, {value})",
        f"{text}.extend([{value}, {value}])",
    ]
    forms += [f"{text} += [{value}]"] if text in w.bindable(kind) else []
    forms += [f"{text}.reverse()"]
    w.write(w.choice(forms))


@production("statement", "list pop", 3, special=True)
def popped(w: Writer) -> None:
    text, kind = w.choice(lists(w))
    if w.nested or kind.length < 2 or text not in w.scope:
        raise Skip
    w.scope[text] = Seq(kind.item, kind.length - 1)
    w.bind(f"{text}.pop({w.choice(['', '', '0', '-1'])})", kind.item)


@production("statement", "dict methods", 4, special=True)
def dict_methods(w: Writer) -> None:
    text, kind = w.choice(tables(w))
    key, inner = w.choice(kind.items)
    value = w.value(inner)
    forms = [f"{text}.update({key}={value})", f"{text}.update({{'{key}': {value}}})"]
    forms += [f"{text}.setdefault('{key}', {value})", f"{text} |= {{'{key}': {value}}}"]
    w.write(w.choice(forms[:3] if text not in w.bindable(kind) else forms))
    if w.chance(0.5):
        w.bind(w.choice([f"{text}.get('{key}')", f"{text}.get('{key}', {value})"]), inner)


@production("statement", "list comprehension", 5, special=True)
def comprehension(w: Writer) -> None:
    i = w.fresh("ijkl")
    text, shape = w.choice([a for a in w.arrays() if a[1]])
    scope = dict(w.scope)
    w.scope[i] = Array(shape[1:]) if shape[1:] else FLOAT
    value, test = w.number(2), w.choice(["", "", f" if np.sum({i}) > -0.3"])
    w.scope = scope
    w.bind(f"[{value} for {i} in {text}{test}]", Seq(FLOAT, 0 if test else shape[0]))


@production("statement", "dict comprehension", 3, special=True)
def dict_comprehension(w: Writer) -> None:
    i, kind = w.fresh("ijkl"), item_kind(w)
    keys = ["a", "b"]
    form = w.choice(
        [f"{i}: {w.value(kind)} for {i} in {keys}", f"{i}: {w.value(kind)} for {i} in 'ab'"]
    )
    w.bind("{" + form + "}", Table(tuple((k, kind) for k in keys)))


@production("statement", "slice of a list", 2, special=True)
def list_slice(w: Writer) -> None:
    text, kind = w.choice(lists(w))
    start = w.choice(["", "1", "0"])
    w.bind(f"{text}[{start}:]", Seq(kind.item, max(kind.length - (start == "1"), 0)))


@production("statement", "joined lists", 2, special=True)
def list_joined(w: Writer) -> None:
    text, kind = w.choice(lists(w))
    value = w.value(kind.item)
    forms = [
        (f"{text} + [{value}]", 1),
        (f"[*{text}, {value}]", 1),
        (f"list({text})", 0),
        (f"{text}.copy()", 0),
    ]
    form, more = w.choice([*forms, (f"[{value}] * 2 + {text}", 2)])
    w.bind(form, Seq(kind.item, kind.length + more))


@production("statement", "container unpacked", 2)
def unpacked(w: Writer) -> None:
    options: list[tuple[str, tuple[Kind, ...]]] = []
    for text, kind in w.places():
        if isinstance(kind, Pack):
            options.append((text, kind.items))
        if isinstance(kind, Table):
            options.append((f"{text}.values()", tuple(k for _, k in kind.items)))
    text, kinds = w.choice(options)
    names = []
    for kind in kinds:
        names.append(w.fresh())
        w.scope[names[-1]] = kind
    w.write(f"{', '.join(names)}{',' * (len(names) == 1)} = {text}")
