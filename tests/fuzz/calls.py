"""Helper functions, nested functions and functions as values, and the calls of them."""

from .grammar import Skip, production
from .kinds import FLOAT, Array, Function, Int, Kind, Seq
from .writer import Writer


def parameter_kinds(w: Writer) -> list[Kind]:
    """Return the kinds of the parameters of a helper."""
    n = w.sizes[0]
    return [w.choice([FLOAT, Array((n,)), Array((n,))]) for _ in range(w.rng.randint(1, 3))]


def define(w: Writer, kinds: list[Kind], result: Kind, *, most: int = 3) -> str:
    """Write a function before the program and return its name."""
    w.count += 1
    name = f"helper{w.count}"
    names = ["a", "b", "c"][: len(kinds)]
    with w.function(dict(zip(names, kinds, strict=True)), result) as lines:
        w.statements(most)
        w.write(f"return {w.value(result, 2)}")
    w.prelude.append("\n".join([f"def {name}({', '.join(names)}):", *lines]))
    return name


def arguments(w: Writer, kinds: list[Kind] | tuple[Kind, ...]) -> str:
    """Return the arguments of a call: often a name, so that the callee's writes are seen."""
    parts = []
    for kind in kinds:
        there = [t for t, k in w.places() if k == kind]
        parts.append(w.choice(there) if there and w.chance(0.6) else w.value(kind))
    return ", ".join(parts)


@production("statement", "helper", 3)
def helper(w: Writer) -> None:
    if w.inner > 1 or len(w.prelude) > 4:
        raise Skip
    kinds = parameter_kinds(w)
    result: Kind = w.choice([FLOAT, Array((w.sizes[0],))])
    name = define(w, kinds, result)
    call = f"{name}({arguments(w, kinds)})"
    if w.chance(0.3):
        call += f" * {w.leaf()}"
    w.bind(call, result)
    if w.chance(0.4):
        w.bind(f"{name}({arguments(w, kinds)})", result)


@production("statement", "helper that writes its argument", 2)
def procedure(w: Writer) -> None:
    if w.inner > 1 or len(w.prelude) > 4:
        raise Skip
    w.count += 1
    name, shape = f"change{w.count}", (w.sizes[0],)
    with w.function({"a": Array(shape), "b": FLOAT}, FLOAT) as lines:
        w.write(f"a[{w.index(shape[0])}] {w.choice(['=', '*=', '+='])} {w.number()}")
        if w.chance(0.6):
            w.statement("slice write")
        if w.chance(0.4):
            w.write(w.choice(["return a", "return a[0]", "return a, b"]))
    w.prelude.append("\n".join([f"def {name}(a, b):", *lines]))
    call = f"{name}({w.place(Array(shape))}, {w.leaf()})"
    last = lines[-1].strip()
    if lines[-1].startswith("    return") and "early" not in w.used and w.chance(0.6):
        if last == "return a":
            w.bind(call, Array(shape))
        elif last == "return a[0]":
            w.bind(call, FLOAT)
        else:
            w.write(call)
    else:
        w.write(call)


@production("statement", "helper with several results", 2)
def several(w: Writer) -> None:
    if w.inner > 1 or len(w.prelude) > 4:
        raise Skip
    w.count += 1
    kinds = parameter_kinds(w)
    results: list[Kind] = [w.choice([FLOAT, Array((w.sizes[0],))]) for _ in range(2)]
    names = ["a", "b", "c"][: len(kinds)]
    with w.function(dict(zip(names, kinds, strict=True)), FLOAT) as lines:
        w.statement("assignment")
        if w.chance(0.4):
            with w.block(f"if {w.condition()}:"):
                w.write(f"return {w.value(results[0], 1)}, {w.value(results[1], 1)}")
        w.write(f"return {w.value(results[0], 2)}, {w.value(results[1], 2)}")
    w.prelude.append("\n".join([f"def pair{w.count}({', '.join(names)}):", *lines]))
    call = f"pair{w.count}({arguments(w, kinds)})"
    first, second = w.fresh("uvw"), w.fresh("xyz")
    w.write(f"{first}, {second} = {call}")
    w.scope.update({first: results[0], second: results[1]})


@production("statement", "helper with defaults", 2)
def defaults(w: Writer) -> None:
    if w.inner > 1 or len(w.prelude) > 4:
        raise Skip
    w.count += 1
    with w.function({"a": FLOAT, "b": FLOAT, "c": FLOAT}, FLOAT) as lines:
        w.write(f"return {w.number(2)}")
    star = w.choice(["", "*, "])
    w.prelude.append("\n".join([f"def scaled{w.count}(a, {star}b=0.5, c=1.5):", *lines]))
    call = w.choice(
        [f"({w.leaf()}, c={w.number(1)})", f"({w.leaf()}, b={w.leaf()})", f"({w.leaf()})"]
    )
    w.bind(f"scaled{w.count}{call}", FLOAT)


@production("statement", "recursion", 4, special=True)
def recursion(w: Writer) -> None:
    w.count += 1
    name, kind = f"again{w.count}", w.choice([FLOAT, Array((w.sizes[0],))])
    with w.function({"a": kind, "k": Int(4), "b": FLOAT}, kind) as lines:
        w.write("if k <= 0:")
        w.write(f"    return {w.value(kind)}")
        step = w.choice([f"{w.value(kind)} * 0.5", "a * b"])
        w.write(
            f"return {name}({step}, k - 1, b) * {w.choice(['b', '0.5', '1.1'])} + {w.value(kind)}"
        )
    w.prelude.append("\n".join([f"def {name}(a, k, b):", *lines]))
    count = w.choice([*[n for n, k in w.scope.items() if isinstance(k, Int)], "2", "3"])
    w.bind(f"{name}({w.value(kind)}, {count}, {w.leaf()})", kind)


def inner_function(w: Writer, name: str, kind: Kind) -> None:
    """Write a nested function of one parameter that reads what is around it."""
    scope, frozen = dict(w.scope), list(w.frozen)
    w.frozen.extend(scope)
    with w.block(f"def {name}(c):", c=kind):
        w.inner += 1
        held = w.nested, w.loops, w.result
        w.nested, w.loops, w.result = max(w.nested, 1), 0, FLOAT
        if w.chance(0.5):
            inner = w.fresh("efg")
            w.write(f"{inner} = {w.number(1)}")
            w.scope[inner] = FLOAT
        w.write(f"return {w.number(2)}")
        w.nested, w.loops, w.result = held
        w.inner -= 1
    w.scope, w.frozen = scope, frozen


@production("statement", "nested function", 4, special=True)
def nested(w: Writer) -> None:
    name, kind = w.fresh("fgh"), w.choice([FLOAT, Array((w.sizes[0],))])
    inner_function(w, name, kind)
    w.scope[name] = Function((kind,), FLOAT)
    if w.chance(0.3):
        rebindable = w.bindable(FLOAT)
        if rebindable:
            w.write(f"{w.choice(rebindable)} *= {w.leaf()}")
    w.bind(f"{name}({w.value(kind)})", FLOAT)


@production("statement", "lambda", 4, special=True)
def anonymous(w: Writer) -> None:
    name, kind = w.fresh("fgh"), w.choice([FLOAT, Array((w.sizes[0],))])
    scope = dict(w.scope)
    w.scope["c"] = kind
    text = w.number(2)
    w.scope = scope
    w.write(f"{name} = lambda c: {text}")
    w.scope[name] = Function((kind,), FLOAT)
    w.bind(f"{name}({w.value(kind)})", FLOAT)


@production("number", "call of a function value", 4)
def called(w: Writer, depth: int) -> str:
    places = [(t, k) for t, k in w.places() if isinstance(k, Function)]
    text, kind = w.choice(places)
    return f"{text}({', '.join(w.value(k, depth) for k in kind.parameters)})"


@production("statement", "function as argument", 4, special=True)
def passed(w: Writer) -> None:
    w.count += 1
    name = f"apply{w.count}"
    body = w.choice(["return g(a) * 0.5 + g(b)", "return g(g(a)) + b", "return g(a, ) * b"])
    w.prelude.append(f"def {name}(g, a, b):\n    {body}")
    scope = dict(w.scope)
    w.scope["c"] = FLOAT
    text = w.number(2)
    w.scope = scope
    given = w.choice([f"lambda c: {text}", "np.sin", "math.cos"])
    w.bind(f"{name}({given}, {w.leaf()}, {w.leaf()})", FLOAT)


@production("statement", "factory", 3, special=True)
def factory(w: Writer) -> None:
    w.count += 1
    made = f"make{w.count}"
    with w.function({"a": FLOAT, "b": FLOAT}, FLOAT):
        text = w.number(2)
    w.prelude.append(f"def {made}(a):\n    def inner(b):\n        return {text}\n    return inner")
    name = w.fresh("fgh")
    w.write(f"{name} = {made}({w.number(1)})")
    w.scope[name] = Function((FLOAT,), FLOAT)
    w.bind(f"{name}({w.leaf()}) * {name}({w.leaf()})", FLOAT)


@production("statement", "nonlocal", 2, special=True)
def counter(w: Writer) -> None:
    name, total = w.fresh("fgh"), w.fresh("stu")
    w.write(f"{total} = {w.leaf()}")
    w.write(f"def {name}(c):")
    w.write(f"    nonlocal {total}")
    w.write(f"    {total} = {total} * 0.5 + c")
    w.write(f"    return {w.choice([total, f'{total} * c'])}")
    w.scope.update({total: FLOAT, name: Function((FLOAT,), FLOAT)})
    with w.block(f"for _ in range({w.rng.randint(1, 3)}):", loop=True):
        w.bind(f"{name}({w.leaf()})", FLOAT)


@production("statement", "star arguments", 3, special=True)
def starred(w: Writer) -> None:
    w.count += 1
    name = f"star{w.count}"
    forms = [
        "(*args):\n    return sum(args) * args[0]",
        "(*args):\n    t = 0.0\n    for a in args:\n        t += a * a\n    return t",
    ]
    forms += ["(a, *rest):\n    return a * len(rest) + sum(rest)"]
    w.prelude.append(f"def {name}{w.choice(forms)}")
    values = ", ".join(w.leaf() for _ in range(w.rng.randint(2, 3)))
    w.bind(w.choice([f"{name}({values})", f"{name}(*({values}))", f"{name}(*[{values}])"]), FLOAT)


@production("statement", "keyword arguments", 3, special=True)
def keywords(w: Writer) -> None:
    w.count += 1
    name = f"options{w.count}"
    forms = [
        "(a, **kw):\n    return a * kw['b'] + kw.get('c', 0.5)",
        "(**kw):\n    return sum(kw.values()) * kw['b']",
    ]
    w.prelude.append(f"def {name}{w.choice(forms)}")
    values = f"a={w.leaf()}, b={w.number(1)}"
    w.bind(
        w.choice([f"{name}({values})", f'{name}(**{{"a": {w.leaf()}, "b": {w.leaf()}}})']), FLOAT
    )


@production("statement", "partial", 2, special=True)
def partial(w: Writer) -> None:
    name = w.fresh("fgh")
    made = define(w, [FLOAT, FLOAT], FLOAT, most=1)
    w.write(f"{name} = functools.partial({made}, {w.choice([w.leaf(), f'b={w.leaf()}'])})")
    w.scope[name] = Function((FLOAT,), FLOAT)
    w.bind(f"{name}({w.leaf()})", FLOAT)


@production("statement", "decorator", 2, special=True)
def decorated(w: Writer) -> None:
    w.count += 1
    twice = f"twice{w.count}"
    head = w.choice(["    @functools.wraps(g)\n", ""])
    w.prelude.append(
        f"def {twice}(g):\n{head}    def wrapped(*args):\n        return 0.5 * g(*args)\n    return wrapped"
    )
    name = define(w, [FLOAT], FLOAT, most=1)
    w.prelude[-1] = f"@{twice}\n{w.prelude[-1]}"
    w.bind(f"{name}({w.leaf()})", FLOAT)


@production("statement", "generator function", 4, special=True)
def generator(w: Writer) -> None:
    w.count += 1
    name = f"walk{w.count}"
    with w.function({"a": FLOAT, "b": FLOAT}, FLOAT):
        text = w.number(2)
    w.prelude.append(
        f"def {name}(xs):\n    b = 1.0\n    for a in xs:\n        yield {text}\n        b = b * 0.5 + a"
    )
    source, _ = w.choice(w.arrays(rank=1))
    if w.chance(0.4):
        w.bind(w.choice([f"sum({name}({source}))", f"max({name}({source}))"]), FLOAT)
    elif w.chance(0.5):
        w.bind(f"list({name}({source}))", Seq(FLOAT, 1))
    else:
        with w.block(f"for c in {name}({source}):", loop=True, c=FLOAT):
            w.bind(f"c * {w.number(1)}", FLOAT)
            w.statement()


@production("number", "generator expression", 4, special=True)
def generated(w: Writer, depth: int) -> str:
    i = w.fresh("ijkl")
    text, _ = w.choice(w.arrays(rank=1))
    scope = dict(w.scope)
    w.scope[i] = FLOAT
    value = w.number(min(depth, 1))
    w.scope = scope
    other = w.choice([f"for {i} in {text}", f"for {i} in {text} if {i} > 0.1"])
    return str(
        w.choice(
            [
                f"sum({value} {other})",
                f"sum(({value} {other}), {w.leaf()})",
                f"max({value} for {i} in {text})",
            ]
        )
    )


@production("number", "map, filter, reduce, sorted", 4, special=True)
def functional(w: Writer, depth: int) -> str:
    text, _ = w.choice(w.arrays(rank=1))
    scope = dict(w.scope)
    w.scope["c"] = FLOAT
    value = w.number(1)
    w.scope = scope
    forms = [f"sum(map(lambda c: {value}, {text}))", f"sum(map(np.sin, {text}))"]
    forms += [
        f"sum(filter(lambda c: c > 0.1, {text}))",
        f"functools.reduce(lambda a, b: a * 0.5 + b, {text})",
    ]
    forms += [
        f"sorted({text})[1]",
        f"sorted({text}, key=lambda c: -c)[0]",
        f"max({text}, key=lambda c: c * c)",
    ]
    forms += [
        f"functools.reduce(lambda a, b: a * b, {text}, {w.leaf()})",
        f"list(map(lambda c: {value}, {text}))[-1]",
    ]
    return str(w.choice(forms))
