"""Specialisations: which text belongs to which arguments, and the guard that tells.

The guard of a specialisation is generated code. It checks the kinds of the arguments, the facts
that the text relies on, and that globals and cells are still what they were.
"""

from __future__ import annotations

import itertools
import linecache
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.arguments import shares
from srcgrad.assemble.printing import Text
from srcgrad.kinds import Array, Iteration, Kind, List, Opaque, Record, Scalar, Static
from srcgrad.lower.facts import observe
from srcgrad.lower.program import World

MOST = 64

_numbers = itertools.count(1)


def build(text: Text) -> tuple[dict[str, Any], types.FunctionType]:
    """Execute a generated module; its text is there for tracebacks and debuggers."""
    file = f"<srcgrad {text.name} {next(_numbers)}>"
    lines = text.source.splitlines(keepends=True)
    linecache.cache[file] = (len(text.source), None, lines, file)
    own = {"__name__": f"srcgrad.generated.{text.name}", "__file__": file}
    namespace: dict[str, Any] = {**text.globals, **own}
    exec(compile(text.code, file, "exec"), namespace)
    return namespace, namespace[text.name]


class Guard:
    """Writes the test of one specialisation.

    Args:
        kinds: the kind of each parameter.
        clauses: further tests over the parameters.
        tag: a number that sets its names apart from other guards'.
    """

    def __init__(self, kinds: dict[str, Kind], clauses: list[str], tag: int = 0) -> None:
        self.tag = tag
        self.names: dict[str, Any] = {"ndarray": np.ndarray}
        self.helpers: list[str] = []
        self.count = 0
        self.tests: list[str] = []
        self.shapes: dict[str, str] = {}
        for p, k in kinds.items():
            self.tests += self.check(p, k, p)
        self.tests += [self.with_shapes(c) for c in clauses]

    def with_shapes(self, clause: str) -> str:
        """A clause that reads shapes from the names that they have already."""
        for path in sorted(self.shapes, key=len, reverse=True):
            clause = clause.replace(f"{path}.shape[", f"{self.shapes[path]}[")
        return clause

    def value(self, v: Any, hint: str) -> str:
        """A name for a value that the test compares with."""
        self.count += 1
        label = f"_{hint}{self.tag}_{self.count}"
        self.names[label] = v
        return label

    def temporary(self) -> str:
        """A name for a part of an argument."""
        self.count += 1
        return f"_v{self.tag}_{self.count}"

    def check(self, path: str, kind: Kind, origin: str = "") -> list[str]:
        """Tests that a value is of a kind; clauses know it as `origin`."""
        match kind:
            case Scalar(python=True):
                name = {"f": "float", "i": "int", "b": "bool", "c": "complex"}[kind.dtype.kind]
                return [f"type({path}) is {name}"]
            case Scalar():
                return [f"type({path}) is {self.value(kind.dtype.type, 'type')}"]
            case Array(dims=dims) if dims is not None:
                return self.check_array(path, kind, origin)
            case Static(value=None | bool() as v):
                return [f"{path} is {v}"]
            case Static(value=str() | bytes() as v):
                return [f"type({path}) is {type(v).__name__}", f"{path} == {v!r}"]
            case Static(value=v):
                return [f"{path} is {self.value(v, 'object')}"]
            case Record():
                return self.check_record(path, kind, origin)
            case List():
                return [f"type({path}) is list", f"{self.list_helper(kind)}({path})"]
            case Opaque() | Iteration() | Array():
                return []
        return []

    def check_array(self, path: str, kind: Array, origin: str) -> list[str]:
        """Tests of an array: dtype, rank, and which axes are longer than one."""
        dtype = self.value(kind.dtype, "dtype")
        d, s = self.temporary(), self.temporary()
        assert kind.dims is not None
        if origin:
            self.shapes[origin] = s
        tests = [
            f"type({path}) is ndarray",
            f"(({d} := {path}.dtype) is {dtype} or {d} == {dtype})",
            f"len({s} := {path}.shape) == {len(kind.dims)}",
        ]
        if len(kind.dims) > 2 and not any(isinstance(n, int) for n in kind.dims):
            return [*tests, f"0 not in {s}", f"1 not in {s}"]
        for i, n in enumerate(kind.dims):
            tests.append(f"{s}[{i}] == {n}" if isinstance(n, int) else f"{s}[{i}] > 1")
        return tests

    def check_record(self, path: str, kind: Record, origin: str) -> list[str]:
        """Tests of a tuple or a dict, item by item."""
        tests = [f"type({path}) is {kind.type.__name__}", f"len({path}) == {len(kind.keys)}"]
        for k, item in zip(kind.keys, kind.items, strict=True):
            part = self.temporary()
            inner = self.check(part, item, f"{origin}[{k!r}]" if origin else "")
            read = f"{path}[{k!r}]"
            if kind.type is dict:
                tests.append(f"{k!r} in {path}")
            if inner:
                tests += [inner[0].replace(part, f"({part} := {read})", 1), *inner[1:]]
        return tests

    def list_helper(self, kind: List) -> str:
        """A function that tests all items of a list."""
        self.count += 1
        label = f"_list{self.tag}_{self.count}"
        if kind.item is None:
            self.helpers.append(f"def {label}(items):\n    return not items\n")
            return label
        tests = " and ".join(self.check("item", kind.item)) or "True"
        self.helpers.append(
            f"def {label}(items):\n    for item in items:\n"
            f"        if not ({tests}):\n            return False\n"
            f"    return len(items) > 0\n"
        )
        return label


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
        own = [f for f in world.functions if not f.__module__.startswith("srcgrad.")]
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
        disjoint: pairs of parameters that must not share memory.
        world: what was known when it was made.
        bare: the generated function itself.
    """

    text: Text
    function: Callable[..., Any]
    namespace: dict[str, Any]
    kinds: dict[str, Kind]
    clauses: list[str]
    reads: list[tuple[str, Any, str, Kind]]
    disjoint: list[tuple[str, str]] = field(default_factory=list)
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
        return all(not shares(table[a], table[b]) for a, b in s.disjoint)

    def compile(self) -> None:
        """Write the function that a call goes through first."""
        lines: list[str] = []
        helpers: list[str] = []
        namespace: dict[str, Any] = {"_slow": self.slow}
        arguments = ", ".join(self.parameters)
        for i, s in enumerate(self.known[:8]):
            guard = Guard(s.kinds, s.clauses, tag=i)
            tests = guard.tests + [f"not _shares({a}, {b})" for a, b in s.disjoint]
            tests += self.outside_tests(s, guard)
            test = " and ".join(tests) or "True"
            namespace |= guard.names
            helpers += guard.helpers
            namespace[f"_bare{i}"] = s.function
            lines += [f"    if {test}:", f"        return _bare{i}({arguments})"]
        namespace["_shares"] = shares
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
