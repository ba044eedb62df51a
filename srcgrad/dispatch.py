"""Specialisations: which text belongs to which arguments, and the guard that tells.

The guard of a specialisation is generated code. It checks the kinds of the arguments, the facts
that the text relies on, and that globals and cells are still what they were.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import linecache
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from srcgrad.arguments import Apart, Held, shares, tangled
from srcgrad.assemble.printing import Text
from srcgrad.errors import Location
from srcgrad.guard import Guard
from srcgrad.kinds import Kind, List, Record
from srcgrad.lower.base.facts import observe
from srcgrad.lower.base.program import GENERATED, World

MOST = 64

_numbers = itertools.count(1)
_places: dict[str, tuple[Any, ...]] = {}


@contextlib.contextmanager
def collection_paused() -> Iterator[None]:
    """No search for cyclic garbage: while a text is made its trees grow, and are none.

    Each search goes over all that there is, so that time would grow faster than the text. Only
    who has turned it off turns it on again, so threads may overlap.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(text: Text) -> tuple[dict[str, Any], types.FunctionType]:
    """Execute a generated module; its text is there for tracebacks and debuggers."""
    file = f"<srcgrad {text.name} {next(_numbers)}>"
    lines = text.source.splitlines(keepends=True)
    linecache.cache[file] = (len(text.source), None, lines, file)
    _places[file] = text.line_map
    own = {"__name__": f"{GENERATED}.{text.name}", "__file__": file}
    namespace: dict[str, Any] = {**text.globals, **own}
    exec(compile(text.code, file, "exec"), namespace)
    if text.source != text.code:
        # What a module imports decides how Python compiles calls of its methods.
        shown = compile(text.source, file, "exec").co_consts
        codes = {(c.co_name, c.co_firstlineno): c for c in shown if isinstance(c, types.CodeType)}
        for f in list(namespace.values()):
            if isinstance(f, types.FunctionType) and f.__code__.co_filename == file:
                f.__code__ = codes.get((f.__code__.co_name, f.__code__.co_firstlineno), f.__code__)
    return namespace, namespace[text.name]


def written_by_user(place: Location | None) -> Location | None:
    """The place in the user's files that a place in a generated text came from."""
    while place is not None and place.file in _places:
        known = [at for at in _places[place.file][: place.line] if at is not None]
        if not known:
            return place
        file, line, column = known[-1]
        text = linecache.getline(file, line).rstrip("\n")
        place = Location(file, line, column, max(len(text), column + 1), text)
    return place


@dataclass(frozen=True)
class Surroundings:
    """What a text relies on besides arguments, globals and cells.

    Attributes:
        functions: functions of the user's, with their code and defaults.
        attributes: objects and modules, with a name and the kind of what it stands for.
        defaults: functions with the positions of defaults that can be changed in place, and kinds.
    """

    functions: tuple[tuple[types.FunctionType, Any, Any, dict[str, Any]], ...]
    attributes: tuple[tuple[Any, str, Kind], ...]
    defaults: tuple[tuple[types.FunctionType, int, Kind], ...]

    @classmethod
    def of(cls, world: World | None) -> Surroundings:
        """The surroundings of a specialisation as they are now."""
        if world is None:
            return cls((), (), ())
        known = {**dict.fromkeys(world.functions), **world.inlined}
        own = [f for f in known if not (f.__module__ or "").startswith("srcgrad.")]
        functions = [(f, f.__code__, f.__defaults__, dict(f.__kwdefaults__ or {})) for f in own]
        kinds = [
            (f, i, observe(v, "", None, name=f.__name__))
            for f in own
            for i, v in enumerate(f.__defaults__ or ())
        ]
        return cls(
            tuple(functions),
            tuple(world.objects.values()),
            tuple((f, i, k) for f, i, k in kinds if isinstance(k, (List, Record))),
        )

    def hold(self) -> bool:
        """Whether everything is still as it was."""
        for f, code, defaults, named in self.functions:
            if f.__code__ is not code or f.__defaults__ is not defaults:
                return False
            now = f.__kwdefaults__ or {}
            if now.keys() != named.keys() or any(now[k] is not v for k, v in named.items()):
                return False
        for thing, name, kind in self.attributes:
            if not hasattr(thing, name):
                return False
            if observe(getattr(thing, name), "", None, name=name) != kind:
                return False
        return all(
            observe((f.__defaults__ or ())[i], "", None, name=f.__name__) == k
            for f, i, k in self.defaults
        )

    def tests(self, guard: Guard) -> Iterator[str]:
        """The same as tests of a guard."""
        for f, code, defaults, named in self.functions:
            function = guard.value(f, "function")
            yield f"{function}.__code__ is {guard.value(code, 'code')}"
            if defaults is not None:
                yield f"{function}.__defaults__ is {guard.value(defaults, 'defaults')}"
            for k, v in named.items():
                yield f"{function}.__kwdefaults__[{k!r}] is {guard.value(v, 'default')}"
        for thing, name, kind in self.attributes:
            yield from guard.check(f"{guard.value(thing, 'object')}.{name}", kind)
        for f, i, kind in self.defaults:
            yield from guard.check(f"{guard.value(f, 'function')}.__defaults__[{i}]", kind)


@dataclass(eq=False)
class Specialisation:
    """One generated gradient with what it takes for granted.

    Attributes:
        text: the printed module.
        function: what a call runs.
        namespace: the globals of the generated module.
        kinds: the kind of each parameter.
        clauses: facts over the parameters.
        reads: labels in the namespace with the functions and names that they stand for, and kinds.
        disjoint: parameters, and what each must not share memory with.
        world: what was known when it was made.
        bare: the generated function itself.
    """

    text: Text
    function: Callable[..., Any]
    namespace: dict[str, Any]
    kinds: dict[str, Kind]
    clauses: list[str]
    reads: list[tuple[str, Any, str, Kind]]
    disjoint: list[Apart] = field(default_factory=list)
    world: World | None = None
    bare: Any = None
    surroundings: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.surroundings = Surroundings.of(self.world)

    @property
    def inner(self) -> list[Specialisation]:
        """The specialisations whose text this one was made from, as for `grad(grad(f))`."""
        return self.world.inner if self.world is not None else []

    def refresh(self) -> bool:
        """Bind globals and cells to their present values; False if one is of another kind now."""
        if not all(s.refresh() for s in self.inner):
            return False
        for label, owner, name, kind in self.reads:
            if not owner.binds(name):
                return False
            value = owner.lookup(name)
            same = self.namespace.get(label, self) is value
            if same and not isinstance(kind, (List, Record)):
                continue
            if observe(value, "", None, name=name) != kind:
                return False
            self.namespace[label] = value
        for owner, name, kind in self.hidden:
            if not owner.binds(name) or observe(owner.lookup(name), "", None, name=name) != kind:
                return False
        return self.surroundings.hold()

    @property
    def hidden(self) -> list[tuple[Any, str, Kind]]:
        """Globals and cells that decided the text and do not stand in it."""
        shown = {(id(owner.object), name) for _, owner, name, _ in self.reads}
        reads = self.world.reads.values() if self.world is not None else ()
        return [r for r in reads if (id(r[0].object), r[1]) not in shown]

    def bound(self) -> Iterator[tuple[Any, str, Kind, Any]]:
        """Globals and cells that the text relies on, with the values that it has been given."""
        for label, owner, name, kind in self.reads:
            value = self.namespace[label] if label in self.namespace else owner.lookup(name)
            yield owner, name, kind, value
        for owner, name, kind in self.hidden:
            yield owner, name, kind, owner.lookup(name)


class Dispatcher:
    """Chooses among the specialisations of one operator, and makes new ones.

    Args:
        parameters: the signature, as text for a `def`, and names only.
        make: makes a specialisation for arguments.
    """

    def __init__(
        self, parameters: tuple[str, ...], make: Callable[[dict[str, Any]], Specialisation]
    ) -> None:
        self.parameters = parameters
        self.make = make
        self.known: list[Specialisation] = []
        self.lock = threading.RLock()
        self.fast: Callable[..., Any] = self.slow

    def slow(self, *args: Any) -> Any:
        """A call that no specialisation took: refresh one, or make one."""
        return self.find(args).function(*args)

    def find(self, args: tuple[Any, ...]) -> Specialisation:
        """The specialisation for arguments."""
        with self.lock:
            for s in self.known:
                if not s.refresh():
                    s.clauses = ["False"]
            self.known = [s for s in self.known if s.clauses != ["False"]]
            for s in self.known:
                if self.accepts(s, args):
                    self.compile()
                    return s
            with collection_paused():
                made = self.make(dict(zip(self.parameters, args, strict=True)))
            self.known = [made, *self.known][:MOST]
            self.compile()
            return made

    def accepts(self, s: Specialisation, args: tuple[Any, ...]) -> bool:
        """Whether arguments pass the guard of a specialisation."""
        guard = Guard(s.kinds, s.clauses)
        namespace = dict(guard.names)
        test = " and ".join(guard.tests) or "True"
        text = (
            "\n".join(guard.helpers)
            + f"\ndef accepts({', '.join(self.parameters)}):\n    return {test}\n"
        )
        exec(text, namespace)
        return bool(namespace["accepts"](*args)) and self.apart(s, args)

    def annotate(self, error: BaseException) -> None:
        """Add the user's line to an error that came out of generated code."""
        files = {s.namespace["__file__"]: s for s in list(self.known)}
        place = None
        trace = error.__traceback__
        while trace is not None:
            s = files.get(trace.tb_frame.f_code.co_filename)
            if s is not None and 0 < trace.tb_lineno <= len(s.text.line_map):
                place = s.text.line_map[trace.tb_lineno - 1]
            trace = trace.tb_next
        if place is not None:
            file, line, _ = place
            shown = linecache.getline(file, line).strip()
            error.add_note(f'  File "{file}", line {line}\n    {shown}')

    def apart(self, s: Specialisation, args: tuple[Any, ...]) -> bool:
        """Whether arguments that are written share no memory with others."""
        table = dict(zip(self.parameters, args, strict=True))
        return not any(
            tangled(table[a])
            if a == b
            else shares(table[a], b.value if isinstance(b, Held) else table[b])
            for a, b in s.disjoint
        )

    def compile(self) -> None:
        """Write the function that a call goes through first."""
        lines: list[str] = []
        helpers: list[str] = []
        namespace: dict[str, Any] = {"_slow": self.slow}
        arguments = ", ".join(self.parameters)
        for i, s in enumerate(self.known[:8]):
            guard = Guard(s.kinds, s.clauses, tag=i)
            tests = [*guard.tests]
            for a, b in s.disjoint:
                other = guard.value(b.value, "held") if isinstance(b, Held) else b
                tests.append(f"not _tangled({a})" if a == b else f"not _shares({a}, {other})")
            tests += self.outside_tests(s, guard)
            test = " and ".join(tests) or "True"
            namespace |= guard.names
            helpers += guard.helpers
            namespace[f"_bare{i}"] = s.function
            lines += [f"    if {test}:", f"        return _bare{i}({arguments})"]
        namespace["_shares"], namespace["_tangled"] = shares, tangled
        text = "\n".join(helpers) + f"\ndef dispatch({arguments}):\n" + "\n".join(lines)
        text += f"\n    return _slow({arguments})\n"
        exec(text, namespace)
        self.fast = namespace["dispatch"]

    def outside_tests(self, s: Specialisation, guard: Guard) -> Iterator[str]:
        """Tests that what a text relies on outside of the arguments is what it was."""
        for inner in s.inner:
            yield from self.outside_tests(inner, guard)
        for owner, name, kind, value in s.bound():
            same = guard.value(value, "is")
            code, names = owner.object.__code__, owner.object.__globals__
            if name in code.co_freevars:
                cell = owner.object.__closure__[code.co_freevars.index(name)]
                yield f"{guard.value(cell, 'cell')}.cell_contents is {same}"
            elif name in names:
                yield f"{guard.value(names, 'in')}.get({name!r}) is {same}"
            else:
                yield f"{name!r} not in {guard.value(names, 'in')}"
            if isinstance(kind, (List, Record)):
                yield from guard.check(same, kind)
        yield from s.surroundings.tests(guard)
