"""What a function leaves behind in its arguments: the reverse sweep leaves the same there."""

from __future__ import annotations

from collections.abc import Iterator

import gast

from srcgrad import runtime
from srcgrad.kinds import Array, Kind, List, Record, is_object, is_tuple
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.rearranged import loses, rearranges
from srcgrad.lower.expansions.inlining import rebinding
from srcgrad.lower.memory.aliases import sources
from srcgrad.lower.memory.holding import height
from srcgrad.lower.memory.outer import changed_outside
from srcgrad.lower.memory.pairing import Pairing
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import COPY, made
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import clone, nodes
from srcgrad.transform.again import Again


class Left(Again):
    """Keeps what the primal left in its arguments, and puts it back.

    Attributes:
        paired: calls of functions of the user's whose halves are called.
        rebound: names that are bound again.
        arrived: for arguments that are bound again, names of what was given.
        parts_of: for arguments whose items change, names of all that they held at the start.
    """

    copy_number: int
    paired: dict[gast.AST, tuple[str, list[str]]]

    def prepare_left(self) -> None:
        """Find the arguments that are bound again."""
        self.rebound = rebinding(self.function.node.body)
        self.arrived: dict[str, str] = {}
        self.parts_of: dict[str, str] = {}

    def private(self, reverse: list[gast.stmt]) -> list[gast.stmt]:
        """Reverse statements that restore a copy, where the memory is the caller's."""
        opening: list[gast.stmt] = []
        for p in self.function.parameters:
            kind = self.typed.parameters[p]
            holds = isinstance(kind, (Array, List)) or (
                isinstance(kind, Record) and (deep(kind) or not is_tuple(kind))
            )
            if p in self.together or (self.is_changed(p) and self.seen_by_calls(p)):
                first, last = self.left_behind(p, kind)
                opening += first
                reverse[-1:-1] = [*self.taken_first(reverse[-1], p), *last]
                continue
            nested = self.is_changed(p) and height(kind) > 1
            if nested and len(self.aliases.members(p)) > 1:
                first, last = self.contents_left(p)
                opening += first
                reverse[-1:-1] = [*self.taken_first(reverse[-1], p), *last]
                continue
            if holds and self.is_changed(p) and p not in self.sharing.moved:
                identifier = made(p, COPY, self.copy_number)
                copied = call(attribute(name(p), "copy"))
                if isinstance(kind, Record) and is_object(kind) and not deep(kind):
                    copied = call(self.text.function(runtime.shallow), name(p))
                elif nested or (isinstance(kind, Record) and deep(kind)):
                    copied = call(self.text.function(runtime.own_copy), name(p))
                opening.append(assign(identifier, copied))
                renamed(reverse, p, identifier)
        for n, kind in changed_outside(self.typed).items():
            identifier = made(n, COPY, self.copy_number)
            if renamed(reverse, n, identifier):
                copied = call(attribute(name(n), "copy"))
                if height(kind) > 1:
                    copied = call(self.text.function(runtime.own_copy), name(n))
                opening.append(assign(identifier, copied))
        return opening + reverse

    def taken_first(self, s: gast.Return, p: str) -> list[gast.stmt]:
        """What gives names to the results that read an argument, before its contents go back."""
        out: list[gast.stmt] = []

        def named(e: gast.expr) -> gast.expr:
            if isinstance(e, (gast.Tuple, gast.List)):
                e.elts = [named(v) for v in e.elts]
                return e
            if p not in loads(e):
                return e
            out.append(assign(self.bar_id((p,)), e))
            return name(out[-1].targets[0].id)

        s.value = named(s.value)
        return out

    def left_behind(self, p: str, kind: Kind) -> tuple[list[gast.stmt], list[gast.stmt]]:
        """What keeps the contents that the primal gave to an argument, and puts them back."""
        first: list[gast.stmt] = []
        last: list[gast.stmt] = []
        if not isinstance(kind, Array) and rearranges(self.pairing(p)):
            return self.contents_left(p)
        for at, hint, found in written_parts(name(self.memory_of(p)), p, kind):
            identifier = self.new(f"{hint}_final")
            first.append(assign(identifier, self.arrays_copied(at, found)))
            last.append(self.leave(clone(at), name(identifier), found))
        return first, last

    def pairing(self, p: str) -> Pairing:
        """What looks at the names that may share memory with an argument."""
        return Pairing(self.typed, frozenset(self.aliases.members(p)))

    def contents_left(self, p: str) -> tuple[list[gast.stmt], list[gast.stmt]]:
        """What keeps all that lists, dicts and arrays of an argument hold, and puts it back."""
        final = self.new(f"{p}_final")
        if p not in self.parts_of and (p in self.rebound or loses(self.pairing(p))):
            self.parts_of[p] = self.new(f"{p}_parts")
            first = self.function.node.body[0]
            inside = call(self.text.function(runtime.inside), name(p))
            self.insert(first, "before", assign(self.parts_of[p], inside))
        held = [name(self.parts_of[p])] if p in self.parts_of else []
        contents = call(self.text.function(runtime.contents), name(p), *held)
        last = call(self.text.function(runtime.put_back), name(final))
        return [assign(final, contents)], [gast.Expr(value=last)]

    def leave(self, at: gast.expr, kept: gast.expr, kind: Kind) -> gast.stmt:
        """Write the contents of an array, or of all arrays in a list, again."""
        if isinstance(kind, Array):
            dots = gast.Constant(value=Ellipsis, kind=None)
            to = subscript(at, dots, store=True)
            return gast.Assign(targets=[to], value=kept, type_comment=None)
        assert isinstance(kind, List)
        assert kind.item is not None
        body: list[gast.stmt] = []
        part, old = self.new("part"), self.new("part_final")
        for inner, _, found in written_parts(name(part), "", kind.item):
            body.append(self.leave(inner, rebased(inner, old), found))
        both = gast.Tuple(elts=[target(part), target(old)], ctx=gast.Store())
        pairs = call(name("zip"), at, kept)
        return gast.For(target=both, iter=pairs, body=body, orelse=[], type_comment=None)

    def memory_of(self, p: str) -> str:
        """A name that stands for what an argument was, at the end of the forward sweep too."""
        if p not in self.rebound:
            return p
        if p not in self.arrived:
            self.arrived[p] = self.new(f"{p}_given")
            first = self.function.node.body[0]
            self.insert(first, "before", assign(self.arrived[p], name(p)))
        return self.arrived[p]

    def seen_by_calls(self, p: str) -> bool:
        """Whether the halves of a callee may have recorded a reference to what is the caller's."""
        if not isinstance(self.typed.parameters[p], Array):
            return False
        if p in self.rebound:
            return self.is_given(p)
        root = self.aliases.find(p)
        given = [n for call in self.paired for n in operand_names(self.typed, call)]
        return any(self.aliases.find(n) == root for n in given)

    def is_given(self, p: str) -> bool:
        """Whether a function of the user's is given, or gives, what a parameter stands for."""
        root = self.aliases.find(p)
        calls = {n for n, callee in self.typed.callees.items() if callee.tag == "user"}
        names = {n for call in calls for n in operand_names(self.typed, call)}
        for s in nodes(self.function.node):
            if isinstance(s, gast.Assign) and not calls.isdisjoint(nodes(s.value)):
                names |= stores(*s.targets)
        return any(self.aliases.find(n) == root for n in names)


def deep(kind: Record) -> bool:
    """Whether an object holds other objects or containers, which may be what is changed."""
    return any(isinstance(i, (Record, List)) for i in kind.items)


def renamed(body: list[gast.stmt], old: str, new: str) -> bool:
    """Give a name in statements another one; whether it stands there."""
    found = [n for s in body for n in nodes(s) if isinstance(n, gast.Name) and n.id == old]
    for n in found:
        n.id = new
    return bool(found)


def written_parts(at: gast.expr, hint: str, kind: Kind) -> Iterator[tuple[gast.expr, str, Kind]]:
    """The parts of an argument that hold arrays: their texts, hints of names, and kinds."""
    if isinstance(kind, Record):
        for k, item in zip(kind.keys, kind.items, strict=True):
            part = f"{hint}_{k}"
            yield from written_parts(
                subscript(clone(at), constant(k)), part if part.isidentifier() else hint, item
            )
    elif isinstance(kind, Array) or (isinstance(kind, List) and holds_arrays(kind.item)):
        yield at, hint, kind


def holds_arrays(kind: Kind | None) -> bool:
    """Whether there are arrays in a value."""
    match kind:
        case Array():
            return True
        case List(item=item):
            return holds_arrays(item)
        case Record(items=items):
            return any(map(holds_arrays, items))
    return False


def rebased(path: gast.expr, n: str) -> gast.expr:
    """A path of items that starts with another name."""
    if isinstance(path, gast.Subscript):
        return subscript(rebased(path.value, n), clone(path.slice))
    return name(n)


def operand_names(typed: Typed, node: gast.AST) -> set[str]:
    """Names whose memory a call of a user's function is given."""
    operands = [o for _, o in typed.callees[node].operands if isinstance(o, gast.AST)]
    return {n for o in operands for n in sources(typed, o)}
