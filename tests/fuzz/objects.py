"""Classes, dataclasses and named tuples that are made and used in the program."""

from .calls import arguments
from .grammar import Skip, production
from .kinds import FLOAT, Array, Function, Kind, Thing
from .writer import Writer


def attributes(w: Writer) -> tuple[tuple[str, Kind], ...]:
    """Return the attributes of a class."""
    n = w.sizes[0]
    return tuple((k, w.choice([FLOAT, Array((n,))])) for k in ["w", "b"][: w.rng.randint(1, 2)])


def method(w: Writer, own: Thing, *, writes: bool) -> list[str]:
    """Return the lines of a method of one number."""
    with w.function({"self": own, "a": FLOAT}, FLOAT) as lines:
        w.frozen.append("self")
        name, kind = own.attributes[0]
        if writes:
            w.write(f"self.{name} {w.choice(['=', '+=', '*='])} {w.value(kind)}")
        elif w.chance(0.4):
            w.statement("assignment")
        w.write(f"return {w.number(2)}")
    return ["    " + line for line in lines]


def use(w: Writer, name: str, text: str, kind: Thing) -> None:
    """Write the construction of an object and calls of its methods."""
    w.write(f"{name} = {text}")
    w.scope[name] = kind
    for label, signature in kind.methods:
        w.bind(f"{name}.{label}({', '.join(w.value(k) for k in signature.parameters)})", FLOAT)


@production("statement", "class", 5, special=True)
def simple(w: Writer) -> None:
    w.count += 1
    label, own = f"Model{w.count}", attributes(w)
    names = [k for k, _ in own]
    kind = Thing(own, ())
    lines = [f"class {label}:", f"    def __init__(self, {', '.join(names)}):"]
    lines += [f"        self.{k} = {k}{w.choice(['', ' * 1.0'])}" for k in names]
    name = w.fresh("mno")
    lines += ["    def call(self, a):", *method(w, kind, writes=w.chance(0.4))]
    signature = Function((FLOAT,), FLOAT)
    methods = (("call", signature),)
    if w.chance(0.3):
        lines += [
            "    @property",
            "    def twice(self):",
            f"        return np.sum(self.{names[0]}) * 2.0",
        ]
    if w.chance(0.3):
        lines += ["    def __call__(self, a):", *method(w, kind, writes=False)]
        w.scope[name] = kind
    w.prelude.append("\n".join(lines))
    use(w, name, f"{label}({arguments(w, [k for _, k in own])})", Thing(own, methods))
    if any("twice" in line for line in lines):
        w.bind(f"{name}.twice", FLOAT)
    if any("__call__" in line for line in lines):
        w.bind(f"{name}({w.leaf()})", FLOAT)


@production("statement", "inheritance", 2, special=True)
def inheritance(w: Writer) -> None:
    w.count += 1
    base, label, kind = f"Base{w.count}", f"Derived{w.count}", Thing((("w", FLOAT),), ())
    lines = [f"class {base}:", "    def __init__(self, w):", "        self.w = w"]
    lines += ["    def call(self, a):", *method(w, kind, writes=False), f"class {label}({base}):"]
    lines += (
        ["    def __init__(self, w):", "        super().__init__(w * 2.0)"] if w.chance(0.5) else []
    )
    lines += ["    def call(self, a):", "        return super().call(a) * self.w"]
    w.prelude.append("\n".join(lines))
    signature = Function((FLOAT,), FLOAT)
    use(w, w.fresh("mno"), f"{label}({w.leaf()})", Thing((("w", FLOAT),), (("call", signature),)))


@production("statement", "dataclass", 4, special=True)
def dataclass(w: Writer) -> None:
    w.count += 1
    label, own, frozen = f"Data{w.count}", attributes(w), w.chance(0.3)
    kind = Thing(own, (), frozen)
    head = f"@dataclass{'(frozen=True)' if frozen else ''}"
    lines = [head, f"class {label}:", *(f"    {k}: object" for k, _ in own)]
    methods: tuple[tuple[str, Function], ...] = ()
    if w.chance(0.5):
        lines += ["    def call(self, a):", *method(w, kind, writes=not frozen and w.chance(0.4))]
        methods = (("call", Function((FLOAT,), FLOAT)),)
    w.prelude.append("\n".join(lines))
    use(
        w,
        w.fresh("mno"),
        f"{label}({arguments(w, [k for _, k in own])})",
        Thing(own, methods, frozen),
    )


@production("statement", "named tuple", 3, special=True)
def named(w: Writer) -> None:
    w.count += 1
    label, own = f"Pair{w.count}", attributes(w)
    w.prelude.append(f"{label} = namedtuple({label!r}, {[k for k, _ in own]!r})")
    name = w.fresh("mno")
    values = [f"{k}={w.value(kind)}" for k, kind in own]
    use(w, name, f"{label}({', '.join(values)})", Thing(own, (), frozen=True))
    if w.chance(0.3) and all(k == FLOAT for _, k in own):
        w.bind(f"sum({name})", FLOAT)


@production("statement", "attribute write", 4)
def attribute(w: Writer) -> None:
    places = [(t, k) for t, k in w.scope.items() if isinstance(k, Thing) and not k.frozen]
    text, kind = w.choice(places)
    label, inner = w.choice(kind.attributes)
    if isinstance(inner, Thing):
        raise Skip
    w.write(f"{text}.{label} {w.choice(['=', '+=', '*='])} {w.value(inner)}")
