"""Tuples, named tuples and frozen objects that hold arrays which are written: a name for each item.

`m = Pair(w=y[:4], b=2.0)` becomes `m_w = y[:4]` and `m_b = 2.0` where `m.w` is written and nothing
else can follow it, so that each array has names of its own. A tuple cannot change: its variable
means the same as one variable for each item.
"""

from __future__ import annotations

from functools import cached_property

import gast

from srcgrad.kinds import Kind, Record
from srcgrad.lower.base.constructors import keys_of, unchanging
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import clean, is_path, placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.pairing import Pairing
from srcgrad.lower.memory.sharing import writes_container
from srcgrad.lower.memory.views import Views
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import constant, name, subscript, target
from srcgrad.syntax.walk import nodes

SCOPES = (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
Targets = list[gast.expr]


class Dissolving(Expansion):
    """Gives names to the items of tuples that no shadow can follow.

    Args:
        typed: the function.
        world: what the specialisation knows.
        mirror: whether written memory may keep several names where its twin has the same ones.
    """

    def __init__(self, typed: Typed, world: World, *, mirror: bool = False) -> None:
        super().__init__(typed, world)
        self.mirror = mirror

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        self.items: dict[str, list[str]] = {}
        for n in sorted(self.unfollowed()):
            if self.dissolves(n):
                self.items[n] = [self.new(f"{user_name(n)}_{k}") for k in self.labels(n)]
        if not self.items:
            return False
        replacing = Items(self.items, {n: self.record(n) for n in self.items})
        node = self.function.node
        node.body = self.block([replacing.visit(s) for s in node.body])
        self.changed = True
        return True

    def unfollowed(self) -> set[str]:
        """Names of tuples in memory that is written, and whose kinds shadows cannot have."""
        found: set[str] = set()
        for representative, writes in self.aliases.changed().items():
            if all(writes_container(self.typed, w) for w in writes):
                continue
            members = frozenset(self.aliases.members(representative))
            if self.mirror and Views(self.typed).mirrors(sorted(members)):
                continue
            plain = not self.mirror and Pairing(self.typed, members).holds()
            for m in members:
                kind = self.typed.variables.get(m)
                held = isinstance(kind, Record) and plain and kind.type is tuple
                if is_fixed(kind) and not held:
                    found.add(m)
        return found - set(self.function.parameters)

    def record(self, n: str) -> Record:
        """The kind of a variable."""
        kind = self.typed.variables[n]
        assert isinstance(kind, Record)
        return kind

    def labels(self, n: str) -> list[str]:
        """What the items of a tuple are called."""
        return [getattr(k, "label", str(k)) for k in self.record(n).keys]

    def dissolves(self, n: str) -> bool:
        """Whether a variable is bound to displays and paths alone, and its items stay."""
        bound = self.bindings.get(n, 0)
        if not bound:
            return False
        for s in self.statements:
            if isinstance(s, gast.Assign) and n in stores(*s.targets):
                if len(s.targets) != 1:
                    return False
                pairs = flat(s.targets[0], s.value)
                if len(pairs) > 1 and any(isinstance(v, gast.IfExp) for _, v in pairs):
                    return False
                bound -= sum(is_name(t, n) and self.has_items(v, n) for t, v in pairs)
        return bound == 0

    @cached_property
    def statements(self) -> list[gast.stmt]:
        """All statements of the function."""
        return [n for n in nodes(self.function.node) if isinstance(n, gast.stmt)]

    @cached_property
    def bindings(self) -> dict[str, int]:
        """How many times each name is a target, of whatever it is; items that are set count too."""
        out: dict[str, int] = {}
        for n in nodes(self.function.node):
            match n:
                case gast.Name(id=i, ctx=gast.Store() | gast.Del() | gast.Param()):
                    out[i] = out.get(i, 0) + 1
                case gast.Subscript(value=gast.Name(id=i), ctx=gast.Store() | gast.Del()):
                    out[i] = out.get(i, 0) + 1
        return out

    def has_items(self, value: gast.expr, n: str) -> bool:
        """Whether the items of a value can be told, each by an expression."""
        kind = self.kind(value)
        if not isinstance(kind, Record) or kind.keys != self.record(n).keys:
            return False
        if kind.type is not self.record(n).type:
            return False
        if isinstance(value, gast.IfExp):
            return all(self.has_items(v, n) for v in (value.body, value.orelse))
        return is_display(value) or is_path(value)

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Bind the items one by one."""
        match s:
            case gast.Assign(targets=[gast.Name(id=n)], value=gast.IfExp()) if n in self.items:
                return self.replaced(s, self.block(branches(s)))
            case gast.Assign(targets=[t], value=value) if self.items.keys() & stores(t):
                pairs = [p for e, v in flat(t, value) for p in self.bound(e, v)]
                if not pairs:
                    return self.replaced(s, [])
                whole = isinstance(t, gast.Name) and is_plain(pairs) and not self.attempted(t.id)
                if whole:
                    return self.replaced(s, [bind(e, v) for e, v in pairs])
                to = gast.Tuple(elts=[e for e, _ in pairs], ctx=gast.Store())
                values = gast.Tuple(elts=[v for _, v in pairs], ctx=gast.Load())
                return self.replaced(s, [bind(to, values)])
        return super().statement(s)

    def attempted(self, n: str) -> bool:
        """Whether a name is bound several times, and a `try` may be left between two items."""
        tries = any(isinstance(s, gast.Try) for s in self.statements)
        return tries and self.bindings[n] > 1

    def bound(self, t: gast.expr, value: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
        """The targets that stand for one, with their values."""
        if not isinstance(t, gast.Name) or t.id not in self.items:
            return [(t, value)]
        to: Targets = [target(label) for label in self.items[t.id]]
        if isinstance(value, gast.Dict):
            values = value.values
        elif isinstance(value, gast.Tuple):
            values = value.elts
        else:
            values = [subscript(clean(value), constant(k)) for k in self.record(t.id).keys]
        return [(e, v) for e, v in zip(to, values, strict=True) if not is_name(v, e.id)]


class Items(gast.NodeTransformer):
    """Replaces items of tuples by the names that they have, and a tuple as a whole by a display."""

    def __init__(self, items: dict[str, list[str]], records: dict[str, Record]) -> None:
        self.items = items
        self.records = records

    def visit_Subscript(self, node: gast.Subscript) -> gast.expr:
        """Replace one item."""
        match node:
            case gast.Subscript(value=gast.Name(id=n), slice=index) if n in self.items:
                at = position(index, self.records[n])
                if at is not None:
                    return gast.copy_location(name(self.items[n][at]), node)
        return self.generic_visit(node)

    def visit_Assign(self, node: gast.Assign) -> gast.Assign:
        """Replace what is read; a tuple that is taken apart is one of no class."""
        if any(isinstance(t, (gast.Tuple, gast.List)) for t in node.targets):
            node.value = self.taken_apart(node.value)
        return self.generic_visit(node)

    def visit_For(self, node: gast.For) -> gast.For:
        """Replace what is read, and a tuple that is looped over."""
        node.iter = self.taken_apart(node.iter)
        return self.generic_visit(node)

    def taken_apart(self, node: gast.expr) -> gast.expr:
        """A tuple of which the items alone matter."""
        if not isinstance(node, gast.Name) or node.id not in self.items:
            return node
        values: Targets = [name(label) for label in self.items[node.id]]
        return gast.copy_location(gast.Tuple(elts=values, ctx=gast.Load()), node)

    def visit_Name(self, node: gast.Name) -> gast.expr:
        """Replace a tuple as a whole."""
        if node.id not in self.items or not isinstance(node.ctx, gast.Load):
            return node
        values = [name(label) for label in self.items[node.id]]
        kind = self.records[node.id]
        if kind.type is tuple:
            return gast.copy_location(gast.Tuple(elts=values, ctx=gast.Load()), node)
        keys = keys_of(kind.type, [k.label for k in kind.keys])
        made = gast.Dict(keys=[constant(k) for k in keys], values=values)
        return gast.copy_location(made, node)


def is_fixed(kind: Kind | None) -> bool:
    """Whether a value is a tuple, or an object that cannot change, with items."""
    return isinstance(kind, Record) and unchanging(kind.type) and bool(kind.keys)


def is_display(value: gast.expr) -> bool:
    """Whether an expression lists all its items."""
    if isinstance(value, gast.Dict):
        return None not in value.keys
    return isinstance(value, gast.Tuple) and not any(
        isinstance(e, gast.Starred) for e in value.elts
    )


def is_name(node: gast.expr, n: str) -> bool:
    """Whether a node is one name."""
    return isinstance(node, gast.Name) and node.id == n


def flat(t: gast.expr, value: gast.expr) -> list[tuple[gast.expr, gast.expr]]:
    """The targets of an assignment with their values, one level deep."""
    if isinstance(t, gast.Tuple) and isinstance(value, gast.Tuple):
        starred = any(isinstance(e, gast.Starred) for e in (*t.elts, *value.elts))
        if len(t.elts) == len(value.elts) and not starred:
            return list(zip(t.elts, value.elts, strict=True))
    return [(t, value)]


def is_plain(pairs: list[tuple[gast.expr, gast.expr]]) -> bool:
    """Whether targets can be bound one after the other: no value reads an earlier one."""
    done: set[str] = set()
    for t, v in pairs:
        if done & loads(v):
            return False
        done |= stores(t)
    return True


def branches(s: gast.Assign) -> list[gast.stmt]:
    """`m = a if c else b` as a statement."""
    choice = s.value
    one, other = (bind(clean(s.targets[0]), v) for v in (choice.body, choice.orelse))
    return [placed(gast.If(test=choice.test, body=[one], orelse=[other]), s)]


def bind(t: gast.expr, value: gast.expr) -> gast.stmt:
    """`t = value`."""
    return gast.Assign(targets=[t], value=value, type_comment=None)


def position(index: gast.expr, kind: Record) -> int | None:
    """Which item a constant index means; None for any other."""
    match index:
        case gast.Constant(value=key) if key in kind.keys:
            return kind.keys.index(key)
        case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() as back)):
            at = len(kind.keys) - back
            return at if issubclass(kind.type, tuple) and at >= 0 and back > 0 else None
    return None
