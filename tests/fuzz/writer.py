"""The text that is being written: names in scope, blocks, and the draw of productions."""

import contextlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from .grammar import TABLES, Skip
from .kinds import FLOAT, Array, Float, Int, Kind, Pack, Seq, Table, Thing

TRIES = 30
DEEPEST = 3


class Writer:
    """Writes one function and the helpers that it calls.

    Attributes:
        rng: The only source of chance.
        enabled: The special features that this program may use.
        used: The features that were written, in order.
        prelude: The definitions before the function.
        lines: The statements of the function that is being written.
        scope: The names that may be read here, with their kinds.
        frozen: Names that this function may not bind.
        constants: Names whose memory is not written.
        sizes: The length of a vector, and the number of rows of a matrix.
        loops: How many loops surround this line; `nested`, how many blocks.
    """

    def __init__(self, rng: Random, enabled: Sequence[str]) -> None:
        self.rng = rng
        self.enabled = list(enabled)
        self.used: list[str] = []
        self.prelude: list[str] = []
        self.lines: list[str] = []
        self.scope: dict[str, Kind] = {}
        self.frozen: list[str] = []
        self.constants: list[str] = []
        self.sizes = (rng.choice([3, 3, 4, 5]), rng.choice([2, 2, 3]))
        self.count = 0
        self.indent = 1
        self.loops = 0
        self.nested = 0
        self.result: Kind = FLOAT
        self.inner = 0

    # Chance

    def chance(self, share: float) -> bool:
        """Return True in this share of all cases."""
        return self.rng.random() < share

    def choice(self, options: Sequence[Any]) -> Any:
        """Return one of the options; skip the production if there is none."""
        if not options:
            raise Skip
        return options[self.rng.randrange(len(options))]

    def constant(self) -> str:
        """Return a float of one digit."""
        return self.choice(["0.5", "0.3", "0.8", "1.5", "2.0", "1.0", "0.1", "-0.7", "-1.2", "0.0"])

    def fresh(self, letters: str = "uvwyzrqsth") -> str:
        """Return a name that is not in use."""
        names = [c for c in letters if c not in self.scope and c not in self.frozen]
        if names:
            return str(self.choice(names))
        self.count += 1
        return f"{letters[0]}{self.count}"

    # Lines and blocks

    def write(self, line: str) -> None:
        """Write one line at the present indentation."""
        self.lines.append("    " * self.indent + line)

    @contextlib.contextmanager
    def block(self, header: str, *, loop: bool = False, **new: Kind) -> Iterator[None]:
        """Write a header, then what the body of the `with` writes, indented, in its own scope."""
        self.write(header)
        scope = dict(self.scope)
        self.scope.update(new)
        self.indent += 1
        self.nested += 1
        self.loops += loop
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.write("pass")
        self.loops -= loop
        self.nested -= 1
        self.indent -= 1
        self.scope = {name: self.scope.get(name, kind) for name, kind in scope.items()}

    def statements(self, most: int = 2) -> None:
        """Write a few statements."""
        for _ in range(self.rng.randint(1, most)):
            self.statement()

    @contextlib.contextmanager
    def function(self, scope: dict[str, Kind], result: Kind) -> Iterator[list[str]]:
        """Write the body of another function into the list that is given."""
        outer = dict(vars(self))
        self.scope = {n: k for n, k in self.scope.items() if n in self.constants} | scope
        self.lines, self.indent, self.loops, self.nested = [], 1, 0, 0
        self.result, self.frozen, self.inner = result, list(self.constants), self.inner + 1
        lines = self.lines
        try:
            yield lines
        finally:
            kept = {k: outer[k] for k in ("scope", "lines", "indent", "loops", "nested")}
            vars(self).update(kept, result=outer["result"], frozen=outer["frozen"])
            self.inner -= 1

    # Draws from the tables

    def draw(self, table: str, *arguments: Any, only: str | None = None) -> Any:
        """Return what one of the productions of a table makes."""
        entries = [
            p
            for p in TABLES[table]
            if (p.feature == only if only else not p.special or p.feature in self.enabled)
        ]
        weights = [p.weight * (1 + p.special) for p in entries]
        for _ in range(TRIES if entries else 0):
            p = self.rng.choices(entries, weights)[0]
            state = self.saved()
            try:
                made = p.make(self, *arguments)
            except Skip:
                self.restore(state)
            else:
                self.used.append(p.feature)
                return made
        raise Skip

    def saved(self) -> dict[str, Any]:
        """Return the state, for a production that may be skipped after it began."""
        copies = {k: v.copy() for k, v in vars(self).items() if isinstance(v, list | dict)}
        return {**vars(self), "copies": copies}

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state; lists that others hold keep their identity."""
        copies = state.pop("copies")
        vars(self).update(state)
        for name, old in copies.items():
            held = getattr(self, name)
            held.clear()
            held.extend(old) if isinstance(old, list) else held.update(old)

    def statement(self, only: str | None = None) -> None:
        """Write one statement."""
        if self.nested >= DEEPEST:
            only = only or self.choice(["assignment", "augmented name", "element write"])
        with contextlib.suppress(Skip):
            self.draw("statement", only=only)

    def number(self, depth: int = 2) -> str:
        """Return an expression of a float."""
        return self.leaf() if depth <= 0 else self.draw("number", depth - 1)

    def array(self, shape: tuple[int, ...], depth: int = 2) -> str:
        """Return an expression of an array of this shape."""
        if depth <= 0:
            return self.draw("array leaf", shape, 0)
        return self.draw("array", shape, depth - 1)

    def value(self, kind: Kind, depth: int = 1) -> str:
        """Return an expression of a kind."""
        match kind:
            case Float():
                return self.number(depth)
            case Array(shape):
                return self.array(shape, depth)
            case Int(bound):
                ints = [n for n, k in self.scope.items() if isinstance(k, Int) and k.bound <= bound]
                return self.choice([*ints, str(self.rng.randrange(bound))])
            case Seq(item, length):
                return f"[{', '.join(self.value(item, 1) for _ in range(length))}]"
            case Pack(items):
                return f"({''.join(self.value(i, 1) + ', ' for i in items)})"
            case Table(items):
                return "{" + ", ".join(f"{k!r}: {self.value(i, 1)}" for k, i in items) + "}"
        raise Skip

    def condition(self) -> str:
        """Return a test."""
        return self.draw("condition")

    # What is there

    def places(self, *, written: bool = False) -> list[tuple[str, Kind]]:
        """Return the expressions that name a value, with their kinds: `x`, `p["a"]`, `o.w`."""
        found: list[tuple[str, Kind]] = []
        for name, kind in self.scope.items():
            if not (written and name in self.constants):
                self.reach(name, kind, found, 2)
        return found

    def reach(self, text: str, kind: Kind, found: list[tuple[str, Kind]], depth: int) -> None:
        """Collect a place and the places inside it."""
        found.append((text, kind))
        if depth == 0:
            return
        match kind:
            case Seq(item, length) if length:
                index = self.rng.choice([self.rng.randrange(length), -1, 0])
                self.reach(f"{text}[{index}]", item, found, depth - 1)
                loops = [n for n, k in self.scope.items() if k == Int(length)]
                for name in loops[:1]:
                    self.reach(f"{text}[{name}]", item, found, depth - 1)
            case Pack(items):
                for i, item in enumerate(items):
                    self.reach(f"{text}[{i}]", item, found, depth - 1)
            case Table(entries):
                for key, item in entries:
                    self.reach(f'{text}["{key}"]', item, found, depth - 1)
            case Thing(attributes):
                for key, item in attributes:
                    self.reach(f"{text}.{key}", item, found, depth - 1)

    def place(self, kind: Kind) -> str:
        """Return a place of exactly this kind."""
        return str(self.choice([text for text, k in self.places() if k == kind]))

    def arrays(
        self, *, written: bool = False, rank: int | None = None
    ) -> list[tuple[str, tuple[int, ...]]]:
        """Return the places of arrays, with their shapes."""
        return [
            (text, k.shape)
            for text, k in self.places(written=written)
            if isinstance(k, Array) and (rank is None or len(k.shape) == rank)
        ]

    def bindable(self, kind: Kind) -> list[str]:
        """Return the names of a kind that this function may bind again."""
        return [
            n
            for n, k in self.scope.items()
            if k == kind and n not in self.frozen and n not in self.constants
        ]

    def leaf(self) -> str:
        """Return a float that is there: a name, an element, sometimes a constant."""
        options = [text for text, k in self.places() if isinstance(k, Float)]
        options += [self.element(text, shape) for text, shape in self.arrays()]
        return self.constant() if not options or self.chance(0.12) else str(self.choice(options))

    def index(self, length: int) -> str:
        """Return an index on an axis: a constant of either sign, or one made of a loop variable."""
        ints = [(n, k.bound) for n, k in self.scope.items() if isinstance(k, Int)]
        if ints and self.chance(0.6):
            name, bound = self.choice(ints)
            if bound <= length:
                return str(self.choice([name, name, f"-{name} - 1", f"{length - 1} - {name}"]))
            return f"{name} % {length}"
        return str(self.rng.randrange(-length, length))

    def element(self, text: str, shape: tuple[int, ...]) -> str:
        """Return one element of an array."""
        return f"{text}[{', '.join(self.index(n) for n in shape)}]" if shape else f"{text}[()]"

    def bind(self, text: str, kind: Kind) -> str:
        """Write an assignment to a name, fresh or bound before, and return the name."""
        names = self.bindable(kind) if self.nested else list(self.scope)
        names = [n for n in names if n not in self.frozen and n not in self.constants]
        again = names and self.chance(0.6 if self.nested else 0.15)
        name = str(self.choice(names)) if again else self.fresh()
        self.write(f"{name} = {text}")
        self.scope[name] = kind
        return name
