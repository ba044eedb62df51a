"""Functions on their way through the pipeline: a tree, where it came from, what its names mean."""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import gast

from srcgrad.errors import Location, Unsupported
from srcgrad.kinds import Kind
from srcgrad.lower.base.facts import Facts
from srcgrad.lower.base.lazy import check_lazy
from srcgrad.lower.base.switches import ALL_ON, Switches
from srcgrad.syntax.lives import is_internal
from srcgrad.syntax.parse import parse
from srcgrad.syntax.source import Source
from srcgrad.syntax.walk import contents, walk

_MISSING = object()
GENERATED = "srcgrad.generated"
FOLLOWED = (GENERATED, "srcgrad.nn")  # where srcgrad itself has plain functions


def is_generated(value: object) -> bool:
    """Whether a value is a function that was generated."""
    return isinstance(value, types.FunctionType) and (value.__module__ or "").startswith(GENERATED)


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the user's and its tree.

    Attributes:
        object: the function itself.
        node: its tree, as the passes so far have left it.
        source: the text that the tree came from.
        parameters: names of the parameters, in order.
        augmented: where the user wrote in-place operators.
        spelled: assignments that stand for the user's calls that write, with those calls, by place.
        imports: what imports inside the function bind, by name.
        foreign: names of other functions' modules, with the function that reads them there.
        inner: functions that were defined inside, as functions of a module, and derivatives.
        guarded: whether a guard proves that nothing stands twice in an argument that is changed.
    """

    object: types.FunctionType
    node: gast.FunctionDef
    source: Source
    parameters: tuple[str, ...]
    augmented: frozenset[tuple[int, int]] = frozenset()
    spelled: dict[tuple[int, int], tuple[gast.stmt, gast.stmt]] = field(default_factory=dict)
    imports: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, tuple[Function, str]] = field(default_factory=dict)
    inner: dict[str, Any] = field(default_factory=dict)
    guarded: bool = False

    @property
    def generated(self) -> bool:
        """Whether the function is a gradient, or another text that was written here."""
        return is_generated(self.object)

    def origin(self, name: str) -> tuple[Function, str]:
        """The function in whose module a name is looked up, and the name there."""
        return self.foreign.get(name, (self, name))

    def lookup(self, name: str) -> Any:
        """The value of a name that the function does not bind: a cell, a global or a builtin."""
        if name in self.inner:
            return self.inner[name]
        if name in self.foreign:
            owner, label = self.foreign[name]
            return owner.lookup(label)
        if name in self.imports:
            return self.imports[name].value
        code = self.object.__code__
        if name in code.co_freevars:
            cell = (self.object.__closure__ or ())[code.co_freevars.index(name)]
            return cell.cell_contents
        found = self.object.__globals__.get(name, _MISSING)
        return found if found is not _MISSING else getattr(builtins, name)

    def binds(self, name: str) -> bool:
        """Whether `lookup` finds the name."""
        try:
            self.lookup(name)
        except (AttributeError, ValueError):
            return False
        return True

    def is_local(self, name: str) -> bool:
        """Whether a name is a local variable of the user's function, or of one written in place."""
        if name in self.inner or name in self.foreign or name in self.imports:
            return False
        code = self.object.__code__
        return is_internal(name) or name in (*code.co_varnames, *code.co_cellvars)

    def location(self, node: gast.AST) -> Location | None:
        """Where a node stands in the user's file."""
        return self.source.location(node) if getattr(node, "lineno", None) else None

    def refuse(self, node: gast.AST, what: str, hint: str = "") -> Unsupported:
        """The error for something that is not supported."""
        return Unsupported(what, self.location(node), hint)


def load(function: types.FunctionType, *, variadic: bool = False) -> Function:
    """Parse a function of the user's; `variadic` if it may take `*args` and `**kwargs`."""
    parsed = parse(function)
    arguments = parsed.node.args
    if (arguments.vararg or arguments.kwarg) and not variadic:
        raise Unsupported(
            f"{function.__name__} takes *args or **kwargs, which is not supported",
            parsed.source.location(parsed.node),
            "Name its parameters.",
        )
    node = parsed.node
    node.decorator_list, node.returns = [], None
    names = tuple(a.id for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        a.annotation = None
    augmented = frozenset(
        (n.lineno, n.col_offset) for n in walk(node) if isinstance(n, gast.AugAssign)
    )
    made = Function(function, node, parsed.source, names, augmented)
    check_lazy(made)
    return made


@dataclass(frozen=True)
class Callee:
    """What a call node calls, and which argument goes where.

    Attributes:
        tag: "rule" (a function with a rule or a kind), "user" (an instance), "method" (of a list or
            dict), "builtin" (iteration and the like), "effect" (what acts on the world),
            "draw" (from a random generator), "unknown".
        target: the function, the instance, or the name of the method.
        operands: parameter names with argument nodes, or with values for defaults.
    """

    tag: str
    target: Any
    operands: tuple[tuple[str, Any], ...] = ()


@dataclass(eq=False)
class Typed:
    """A function whose kinds are known: the facts that `interpret` found, keyed by node.

    Attributes:
        read_only: targets in views through which nothing may be written.
        failing: statements that raise for certain, with what does (`instances.Failing`).
        halting: values of conditional expressions that do.
    """

    function: Function
    parameters: dict[str, Kind]
    kinds: dict[gast.AST, Kind] = field(default_factory=dict)
    callees: dict[gast.Call, Callee] = field(default_factory=dict)
    variables: dict[str, Kind] = field(default_factory=dict)
    returns: Kind | None = None
    unproven: set[gast.AST] = field(default_factory=set)
    read_only: set[gast.AST] = field(default_factory=set)
    stored: dict[str, dict[Any, Kind]] = field(default_factory=dict)
    instead: dict[gast.AST, gast.expr] = field(default_factory=dict)
    lifted: set[gast.AST] = field(default_factory=set)
    deferred: list[tuple[gast.AST, Unsupported]] = field(default_factory=list)
    idle: list[gast.For] = field(default_factory=list)
    failing: dict[gast.stmt, Any] = field(default_factory=dict)
    halting: dict[gast.AST, Any] = field(default_factory=dict)
    summary: Any = None
    single: Any = None
    around: tuple[Any, ...] = ()
    wider: Typed | None = None
    waits: set[Any] = field(default_factory=set)
    doubt: Any = None
    facts: Facts | None = None
    switches: Switches = ALL_ON

    def kind(self, node: gast.AST) -> Kind:
        """The kind of an expression."""
        return self.kinds[node]

    @cached_property
    def contents(self) -> dict[type, list[Any]]:
        """The nodes of each class in the function, as it was when it was typed."""
        return contents(self.function.node)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The tags of what the function calls."""
        return frozenset(c.tag for c in self.callees.values())


@dataclass(eq=False)
class World:
    """What one specialisation knows: facts, functions loaded, instances typed.

    Attributes:
        open: the functions that are being typed, outer ones first.
        failed: instances that were refused, with the error; narrower kinds may do.
        inlined: functions that were written in place, which the text depends on.
        unrolled: functions that call themselves, and are written in place level by level.
        vague: whether what is recorded has no kind: None on some paths, or, where a function calls
            itself, one record within the other.
        derived: derivatives that were made inside of functions, and texts of derivatives.
        depth: how many derivatives this one is called by.
        bound_first: functions in normal form with names that are bound before anything else in
            them, so that what they hold can be saved.
        switches: which analyses run.
    """

    facts: Facts = field(default_factory=Facts)
    functions: dict[Any, Function] = field(default_factory=dict)
    instances: dict[Any, Typed] = field(default_factory=dict)
    open: list[Any] = field(default_factory=list)
    failed: dict[Any, Any] = field(default_factory=dict)
    inlined: dict[Any, None] = field(default_factory=dict)
    unrolled: dict[Any, None] = field(default_factory=dict)
    vague: bool = False
    bound_first: set[tuple[Typed, str]] = field(default_factory=set)
    reads: dict[tuple[int, str], tuple[Function, str, Kind]] = field(default_factory=dict)
    objects: dict[tuple[int, str], tuple[Any, str, Kind]] = field(default_factory=dict)
    inner: list[Any] = field(default_factory=list)
    written: dict[tuple[int, str], tuple[Function, gast.stmt]] = field(default_factory=dict)
    prepare: Callable[[Function, dict[str, Kind], World], Typed] = None  # type: ignore[assignment]
    switches: Switches = ALL_ON
    derived: dict[Any, Any] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        self.facts.asks = self.switches.lengths

    def within(self) -> World:
        """A world for a derivative that a function calls: the lengths are those of this one."""
        sizes = {b: n for b, n in self.facts.sizes.items() if not b.startswith("len(")}
        facts = replace(self.facts, sizes=sizes, packed=set())
        return World(facts=facts, switches=self.switches, depth=self.depth + 1)
