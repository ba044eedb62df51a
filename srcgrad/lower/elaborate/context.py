"""The state of elaborating one function: what is emitted, the scopes, and names that are free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.lower.base.constructors import keys_of, unchanging
from srcgrad.lower.base.program import Function, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.elaborate.values import (
    Bound,
    Choice,
    Closure,
    Derived,
    Generating,
    Holder,
    Instance,
    Items,
    Known,
    Plain,
    Scope,
    Stream,
    Value,
)
from srcgrad.syntax.lives import INLINED, unused_name
from srcgrad.syntax.quote import assign, constant, name
from srcgrad.syntax.walk import clone, nodes

Snapshot = dict[Holder, dict[Any, Value]]
MOST_STATEMENTS = 20_000


class Context:
    """What all parts of the elaboration share.

    Attributes:
        function: the function that is elaborated.
        world: what the specialisation knows.
        out: the statements so far of the block at work.
        scope: the variables of the function at work.
        holders: everything whose cells may change.
        open: the functions that are being written in place.
        at: the statement of the user's at work, for positions.
    """

    def __init__(self, function: Function, world: World, taken: set[str]) -> None:
        self.function = function
        self.world = world
        self.taken = taken
        self.out: list[gast.stmt] = []
        self.scope = Scope(owner=function)
        self.holders: list[Holder] = [self.scope]
        self.open: list[Any] = []
        self.loops: list[Any] = []
        self.at: gast.AST = function.node
        self.foreign: dict[str, tuple[Function, str]] = {}
        self.inner: dict[str, Any] = {}
        self.scope_names: set[str] = set()
        self.constant_names: set[str] = set()
        self.given: dict[Any, Value] = {}
        self.rebound_inside: set[str] = set()
        self.set_first: list[tuple[Instance, str]] = []
        self.absent: set[tuple[Instance, str]] = set()
        self.unsure: set[tuple[Instance, str]] = set()
        self.count = 0
        self.leaving: list[Instance] = []

    # What the other modules of this package define.
    def expr(self, node: gast.expr) -> Value:
        """The value of an expression; statements that it needs are emitted."""
        raise NotImplementedError

    def block(self, body: list[gast.stmt]) -> bool:
        """Elaborate statements; whether control comes out at the end."""
        raise NotImplementedError

    def apply(
        self, function: Value, args: list[Value], keywords: dict[str, Value], node: gast.expr
    ) -> Value:
        """The value of a call."""
        raise NotImplementedError

    def each_of(self, over: Value, each: Callable[[Value], None], node: gast.expr) -> None:
        """Do something for each item of a value."""
        raise NotImplementedError

    def collect(self, over: Generating, node: gast.expr) -> Value:
        """The list of what a generator gives."""
        raise NotImplementedError

    def of_choice(self, choice: Choice, make: Callable[[Value], Value], node: gast.expr) -> Value:
        """What becomes of one of two values."""
        raise NotImplementedError

    def raw(self, node: gast.expr) -> Value:
        """The value of an expression, a stream of values not yet taken."""
        raise NotImplementedError

    def fresh_stream(self, values: Value) -> Stream:
        """Values that can be taken once."""
        made: Stream = self.held(Stream({"spent": Known(False)}, values=values))
        return made

    def take(self, value: Value, node: gast.AST) -> Value:
        """What a value gives where it is used: a stream gives its values, and is spent."""
        if not isinstance(value, Stream):
            return value
        self.spend(value, node)
        return value.values

    def spend(self, value: Stream | Generating, node: gast.AST) -> None:
        """Note that the values of a generator are given; refused where they were given before."""
        spent = value.cells["spent"]
        if not isinstance(spent, Known) or spent.value:
            raise self.refuse(
                node,
                "the values of this generator may have been given before",
                "Make a list of them first: list(...).",
            )
        value.cells["spent"] = Known(True)

    # Emitting.
    def emit(self, s: gast.stmt) -> None:
        """Append a statement to the block at work."""
        self.count += 1
        if self.count > MOST_STATEMENTS:
            raise self.refuse(
                self.at, "this function unfolds into too many statements", "Use a plain loop."
            )
        self.out.append(placed(s, self.at))

    def fresh(self, hint: str) -> str:
        """A name that nothing has."""
        return unused_name(hint.strip("<>") or "value", INLINED, self.taken)

    def named(self, value: Plain, hint: str) -> Plain:
        """Give a value a name of its own."""
        label = self.fresh(hint)
        self.emit(assign(label, value.expr))
        return Plain(name(label), value.kind)

    @contextmanager
    def into(self, out: list[gast.stmt]) -> Iterator[list[gast.stmt]]:
        """Emit into another list for a while."""
        kept, self.out = self.out, out
        try:
            yield out
        finally:
            self.out = kept

    def fresh_global(self, hint: str) -> str:
        """A name for a global of another module."""
        wanted, n = f"{hint}_", 2
        while wanted in self.taken or self.function.binds(wanted):
            wanted, n = f"{hint}_{n}", n + 1
        self.taken.add(wanted)
        return wanted

    def note_nonlocals(self, body: list[gast.stmt], scope: Scope) -> None:
        """Note the variables that functions inside may bind anew."""
        for n in nodes(body):
            if isinstance(n, gast.Nonlocal):
                self.rebound_inside |= {scope.names.get(i, i) for i in n.names}

    def refuse(self, node: gast.AST, what: str, hint: str = "") -> Unsupported:
        """The error for something that cannot be elaborated, at the user's line."""
        where = node if getattr(node, "lineno", None) else self.at
        owner = self.scope.owner if where is node else self.function
        return owner.refuse(where, what, hint)

    # Holders.
    def held(self, holder: Any) -> Any:
        """Register something whose cells may change."""
        self.holders.append(holder)
        return holder

    def snapshot(self) -> Snapshot:
        """The cells of everything as they are now."""
        return {h: dict(h.cells) for h in self.holders}

    def restore(self, state: Snapshot) -> None:
        """Put the cells back; what was made since is forgotten."""
        self.holders = list(state)
        for h, cells in state.items():
            h.cells = dict(cells)

    # Values as code.
    def moved(self, value: Instance, node: gast.AST) -> gast.expr:
        """An expression for an object of which nothing else remains: it has no other name."""
        self.leaving.append(value)
        parts = [self.code(v, node) for v in value.cells.values()]
        self.leaving.pop()
        keys = [constant(k) for k in keys_of(value.cls.value, value.cells)]
        return gast.Dict(keys=keys, values=parts)

    def returning(self) -> bool:
        """Whether the function itself returns here, so that nothing follows."""
        return isinstance(self.at, gast.Return) and self.scope is self.holders[0]

    def code(self, value: Value, node: gast.AST) -> gast.expr:
        """An expression for a value; refused where no code can stand for it."""
        match value:
            case Plain():
                return value.expr
            case Known(expr=gast.AST() as e):
                return clone(e)
            case Items() if value.type in (tuple, list):
                value.frozen = True
                parts = [self.code(v, node) for v in value.cells.values()]
                make = gast.Tuple if value.type is tuple else gast.List
                return make(elts=parts, ctx=gast.Load())
            case Items() if value.type is dict:
                value.frozen = True
                keys = [constant(k) for k in value.cells]
                return gast.Dict(
                    keys=keys, values=[self.code(v, node) for v in value.cells.values()]
                )
            case Instance() if value.cells and (
                self.returning() or not named_elsewhere(self, value)
            ):
                return self.moved(value, node)
        hint = "Call it, or read its attributes, where it can be followed."
        if isinstance(value, (Generating, Stream)):
            hint = "Make a list of it first, in a line of its own: items = list(...)."
        raise self.refuse(node, f"{described(value)} is used as a value here", hint)


def named_elsewhere(e: Context, value: Instance) -> bool:
    """Whether an object that can change can be reached by a name when it becomes code."""
    if unchanging(value.cls.value):
        return False
    live: list[Any] = []
    scope: Scope | None = e.scope
    while scope is not None:
        live.append(scope)
        scope = scope.parent
    cells = [v for h in e.holders for v in h.cells.values()]
    live += [v.scope for v in cells if isinstance(v, Closure)]
    live += [h for h in e.holders if not isinstance(h, Scope)]
    holders = [h for h in live if not any(h is x for x in e.leaving)]
    return any(v is value for h in holders for v in h.cells.values())


def described(value: Value) -> str:
    """A value in words, for errors."""
    match value:
        case Known():
            return f"`{getattr(value.value, '__name__', type(value.value).__name__)}`"
        case Closure(node=gast.FunctionDef() as n):
            return f"the inner function `{n.name}`"
        case Closure():
            return "a lambda"
        case Instance():
            return f"an object of the class `{value.cls.value.__name__}`"
        case Bound():
            return "a method"
        case Derived():
            return "a derivative of an inner function"
        case Items():
            return f"a {value.type.__name__} of functions or objects"
        case Choice():
            return "one of two functions"
        case Generating():
            return "a generator"
        case Stream():
            return "an iterator"
    return f"a {type(value).__name__.lower()}"


class Growing(Exception):
    """A loop whose rounds have to be told apart, as those in which a list of objects grows.

    Args:
        error: what to tell the user if the loop cannot be written out.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Hook:
    """Something to do in the place of a statement."""

    def __init__(self, each: Callable[[Value], None], label: str) -> None:
        self.each = each
        self.label = label
