"""Second names for objects and dicts that an argument holds, whose attributes or items are set.

`for b in bodies: b.pos = v` becomes `for i in range(len(bodies)): bodies[i].pos = v`, and what
follows `a = model.inner` writes to `model.inner` itself: the argument is written by its own name.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Iteration, Kind, List, Record, is_object
from srcgrad.lower.base.trees import Substitution, clean, placed
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.quote import call, name, subscript, target
from srcgrad.syntax.walk import nodes

WALKS = (zip, enumerate, reversed)


class Seconds(Expansion):
    """Puts paths that start at arguments in the place of second names that are written through."""

    def needed(self) -> bool:
        """Whether an item of an object or dict that has a second name is set."""
        self.bound: dict[str, int] = {}
        self.set: list[gast.expr] = []
        self.same: list[tuple[str, str]] = []
        for n in nodes(self.function.node.body):
            if isinstance(n, gast.Name) and not isinstance(n.ctx, gast.Load):
                self.bound[n.id] = self.bound.get(n.id, 0) + 1
                continue
            match n:
                case gast.Assign(targets=[gast.Name(id=to)], value=gast.Name(id=value)):
                    self.same.append((to, value))
            if isinstance(n, (gast.Assign, gast.AugAssign, gast.Delete)):
                held = n.targets if not isinstance(n, gast.AugAssign) else [n.target]
                self.set += [t for t in held if self.sets(n, t)]
        return bool(self.set)

    def sets(self, s: gast.stmt, t: gast.expr) -> bool:
        """Whether a target is an item or attribute that is given another value."""
        if not isinstance(t, (gast.Subscript, gast.Attribute)):
            return False
        if not isinstance(self.kind(t.value), (Record, List)):
            return False
        return not isinstance(s, gast.AugAssign) or not isinstance(self.kind(t), Array)

    def written(self, label: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether an object is written through a name, or through a second name for it."""
        if label in self.typed.parameters or label in seen:
            return False
        if any(root(t) == label and isinstance(self.kind(t.value), Record) for t in self.set):
            return True
        seen |= {label}
        return any(value == label and self.written(to, seen) for to, value in self.same)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block: a second name stands for a path in the rest of it."""
        for i, s in enumerate(body):
            match s:
                case gast.Assign(targets=[gast.Name(id=label)], value=value) if self.follows(
                    label, value, body[i + 1 :]
                ):
                    table = {label: value}
                    rest = [placed(Substitution(table).visit(t), s) for t in body[i + 1 :]]
                    self.changed = True
                    return [*body[:i], *rest] or [gast.copy_location(gast.Pass(), s)]
                case gast.For() if self.rewritten(s):
                    return body
        return super().block(body)

    def follows(self, label: str, value: gast.expr, rest: list[gast.stmt]) -> bool:
        """Whether a path may stand for a name in all that follows."""
        if not isinstance(value, (gast.Subscript, gast.Attribute)):
            return False
        if not self.written(label) and not self.touched(value):
            return False
        if not is_held(self.kind(value)) or not self.steady(value):
            return False
        return self.once(label) and self.only_in(label, rest)

    def touched(self, path: gast.expr) -> bool:
        """Whether objects beside one are written through the name of the argument."""
        kind = self.kind(path)
        if not isinstance(kind, Record) or not is_object(kind):
            return False
        return any(root(t) == root(path) and depth(t) > 1 for t in self.set)

    def once(self, label: str) -> bool:
        """Whether a name is bound once."""
        return self.bound.get(label) == 1

    def only_in(self, label: str, body: list[gast.stmt]) -> bool:
        """Whether a name is read in a block alone."""
        return uses(label, body) == uses(label, self.function.node.body)

    def steady(self, path: gast.expr) -> bool:
        """Whether a path leads from an argument to one object all the time."""
        start = root(path)
        if start not in self.typed.parameters or start in self.bound:
            return False
        at = path
        while isinstance(at, (gast.Subscript, gast.Attribute)):
            if isinstance(at, gast.Subscript) and not isinstance(at.slice, gast.Constant):
                label = getattr(at.slice, "id", "")
                if not self.once(label):
                    return False
            at = at.value
        return not any(root(t) == start and depth(t) <= depth(path) for t in self.set)

    def rewritten(self, s: gast.For) -> bool:
        """Write a loop over objects that its body writes as one over their places."""
        table: dict[str, gast.expr] = {}
        found = self.header(s.iter, s.target, table)
        if found is None or not table:
            return False
        labels = set(table)
        if not all(self.once(n) and self.only_in(n, s.body) for n in labels):
            return False
        if (stores(*s.body) | stores(s.target)) & loads(s.iter):
            return False
        s.iter, s.target = placed(found[0], s), placed(found[1], s)
        s.body = [placed(Substitution(table).visit(t), s) for t in s.body]
        s.end_lineno = None
        self.changed = True
        return True

    def header(
        self, over: gast.expr, t: gast.expr, table: dict[str, gast.expr]
    ) -> tuple[gast.expr, gast.expr] | None:
        """What a loop goes through, and its target, with places instead of objects."""
        kind = self.kind(over)
        if isinstance(t, gast.Name):
            if isinstance(over, gast.Call) and isinstance(kind, Iteration):
                if self.callee(over) is not reversed:
                    return None
                inner = self.header(over.args[0], t, table)
                return None if inner is None else (call(name("reversed"), inner[0]), inner[1])
            if not isinstance(kind, List) or not is_held(kind.item) or not self.written(t.id):
                return over, t
            if not self.steady(subscript(clean(over), gast.Constant(value=0, kind=None))):
                return None
            index = self.new("i")
            self.bound[index] = 1
            table[t.id] = subscript(clean(over), name(index))
            return call(name("range"), call(name("len"), clean(over))), target(index)
        if not isinstance(t, gast.Tuple) or not isinstance(over, gast.Call):
            return over, t
        made = self.callee(over)
        if made is zip and len(over.args) == len(t.elts):
            pairs = [self.header(a, x, table) for a, x in zip(over.args, t.elts, strict=True)]
            full = [p for p in pairs if p is not None]
            if len(full) < len(pairs):
                return None
            to = gast.Tuple(elts=[x for _, x in full], ctx=gast.Store())
            return call(name("zip"), *(a for a, _ in full)), to
        if made is enumerate and len(t.elts) == 2 and not over.keywords:
            inner = self.header(over.args[0], t.elts[1], table)
            if inner is None:
                return None
            to = gast.Tuple(elts=[t.elts[0], inner[1]], ctx=gast.Store())
            return call(name("enumerate"), inner[0], *over.args[1:]), to
        return over, t

    def callee(self, node: gast.Call) -> object:
        """What is called, of the functions that loops go through; None for others."""
        found = self.typed.callees.get(node)
        known = found is not None and found.tag == "builtin" and found.target in WALKS
        return found.target if known and found is not None else None


def is_held(kind: Kind | None) -> bool:
    """Whether a value is an object or a dict."""
    return isinstance(kind, Record) and (is_object(kind) or kind.type is dict)


def root(path: gast.expr) -> str:
    """The name that a path starts at."""
    while isinstance(path, (gast.Subscript, gast.Attribute)):
        path = path.value
    return getattr(path, "id", "")


def depth(path: gast.expr) -> int:
    """How many steps a path has."""
    count = 0
    while isinstance(path, (gast.Subscript, gast.Attribute)):
        path, count = path.value, count + 1
    return count


def uses(label: str, body: list[gast.stmt]) -> int:
    """How often a name is read in a block."""
    return sum(
        isinstance(n, gast.Name) and n.id == label and isinstance(n.ctx, gast.Load)
        for n in nodes(body)
    )
