"""Values of several parts that may share memory with each other, without a name for that memory.

`return t, t` gives its caller two references to one array, and so does `[2.0 * x] * 2`. Writing to
one part changes the other. Such memory gets a name of its own here, so that the parts count as
what they are: names of one memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.kinds import Kind, List, Record, mutable
from srcgrad.lower.base.program import Typed
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import MEMORY, made, role
from srcgrad.syntax.walk import nodes

ADDING = ("append", "extend", "insert")
MANY = 2


def memory_of(label: str) -> str:
    """The name of the memory that parts of a value share: of what a function returns, say."""
    return made(label, MEMORY)


def is_memory(name: str) -> bool:
    """Whether a name stands for memory that no variable refers to as a whole."""
    return role(name) == MEMORY


def repeats(typed: Typed, node: gast.BinOp) -> bool:
    """Whether a list or tuple of items that can be changed is repeated."""
    return isinstance(node.op, gast.Mult) and parts(typed.kinds.get(node)) >= MANY


def parts(kind: Kind | None) -> int:
    """How many parts that can be changed a value may have."""
    match kind:
        case List(item=item):
            return MANY if item is None or mutable(item) else 1
        case Record(items=items):
            return sum(map(parts, items))
    return 1 if mutable(kind) else 0


class Tangles:
    """Tells whether parts of what a function returns may share memory.

    Args:
        typed: the function.
        aliases: its classes of names that share memory.
        sources: the names whose memory the value of an expression may share.
    """

    def __init__(
        self, typed: Typed, aliases: Any, sources: Callable[[Typed, gast.expr], Iterator[str]]
    ) -> None:
        self.typed = typed
        self.aliases = aliases
        self.sources = sources

    def returned(self) -> bool:
        """Whether parts of the result may share memory that is no argument's."""
        return any(
            s.value is not None and self.tangled(s.value)
            for s in self.typed.contents.get(gast.Return, ())
        )

    def classes(self, e: gast.expr) -> set[str]:
        """The classes of memory that a value may share."""
        return {self.aliases.find(n) for n in self.sources(self.typed, e)}

    def tangled(self, e: gast.expr, seen: frozenset[str] = frozenset()) -> bool:
        """Whether parts of a value may share memory with each other."""
        if parts(self.typed.kinds.get(e)) < MANY:
            return False
        match e:
            case gast.Tuple(elts=values) | gast.List(elts=values) | gast.Dict(values=values):
                plain = [v.value if isinstance(v, gast.Starred) else v for v in values]
                return self.overlap(plain) or any(self.tangled(v, seen) for v in plain)
            case gast.Subscript():
                return self.tangled(e.value, seen)
            case gast.IfExp():
                return self.tangled(e.body, seen) or self.tangled(e.orelse, seen)
            case gast.BinOp(op=gast.Add()):
                both = [e.left, e.right]
                return self.overlap(both) or any(self.tangled(v, seen) for v in both)
            case gast.Name(id=n):
                return n not in seen and n not in self.typed.parameters and self.named(n, seen)
            case gast.Call():
                return self.call(e, seen)
        return True

    def overlap(self, values: list[gast.expr]) -> bool:
        """Whether two of some values may share memory."""
        known: set[str] = set()
        for v in values:
            mine = self.classes(v)
            if mine & known:
                return True
            known |= mine
        return False

    def call(self, e: gast.Call, seen: frozenset[str]) -> bool:
        """Whether parts of what a call returns may share memory."""
        callee = self.typed.callees.get(e)
        if callee is None:
            return True
        if callee.tag == "user":
            inner = callee.target.summary
            given = [o for p, o in callee.operands if p in inner.returned]
            return bool(inner.tangled) or self.overlap([o for o in given if is_tree(o)])
        if callee.target is runtime.add:
            return any(self.tangled(a, seen) for a in e.args)
        if callee.target is runtime.zeros_like:
            return False
        if callee.tag == "builtin" and callee.target in (list, tuple) and e.args:
            return self.tangled(e.args[0], seen)
        return callee.tag not in ("rule", "split", "builtin") or callee.target in (map, zip)

    def named(self, n: str, seen: frozenset[str]) -> bool:
        """Whether parts of what a variable refers to may share memory."""
        members = frozenset(self.aliases.members(n))
        if members & set(self.typed.parameters):
            return True
        inner = seen | members
        return any(self.entangles(s, members, inner) for s in nodes(self.typed.function.node))

    def entangles(self, s: gast.AST, members: frozenset[str], seen: frozenset[str]) -> bool:
        """Whether a statement may let parts of one of some variables share memory."""
        match s:
            case gast.Assign(targets=[gast.Name(id=m)], value=value) if m in members:
                return self.tangled(value, seen)
            case gast.Assign(targets=[gast.Tuple(elts=elts)], value=gast.Call() as value) if all(
                isinstance(e, gast.Name) for e in elts
            ):
                return bool(members & stores(*s.targets)) and self.tangled(value, seen)
            case gast.Assign(targets=[gast.Subscript(value=gast.Name(id=m))], value=value):
                fresh = self.is_sum(value) or not self.classes(value)
                return m in members and not (fresh and not self.tangled(value, seen))
            case gast.Call(func=gast.Attribute(value=gast.Name(id=m), attr=attr), args=args):
                return (m in members and attr in ADDING) and any(
                    self.classes(a) or self.tangled(a, seen) for a in args
                )
            case gast.Assign() | gast.AugAssign() | gast.For():
                targets = s.targets if isinstance(s, gast.Assign) else [s.target]
                return bool(members & stores(*targets))
        return False

    def is_sum(self, value: gast.expr) -> bool:
        """Whether a value is a sum of containers, whose items are new or those of one of them."""
        callee = self.typed.callees.get(value)
        return callee is not None and callee.target is runtime.add


def is_tree(node: object) -> bool:
    """Whether a value is a node."""
    return isinstance(node, gast.AST)
