"""Names of views of arrays that are written: each is replaced by the view itself.

`v = u[1:-1]; v += 1.0` becomes `u[1:-1] += 1.0`, so that written memory has one name and its
adjoint is one buffer. Where that cannot be done the write is refused.
"""

from __future__ import annotations

import copy

import gast
import numpy as np

from srcgrad.errors import Unsupported
from srcgrad.kinds import Array, List, Record
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.trees import Substitution
from srcgrad.lower.memory.aliases import Aliases, is_copy, sources, summarise
from srcgrad.lower.memory.holding import conflict_in
from srcgrad.lower.memory.outdated import outdated
from srcgrad.lower.memory.pairing import SAME, Pairing
from srcgrad.lower.memory.sharing import sharing, writes_container
from srcgrad.lower.memory.tangles import is_memory
from srcgrad.syntax.flow import Graph, loads, stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.walk import walk

ALWAYS_VIEWS = (*SAME, np.asarray)
HINT = "Write through the name of the array itself, or into a copy."


class Views:
    """Finds the views of one function and what to write for them."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.aliases: Aliases = summarise(typed)
        self.found: dict[str, gast.expr] = {}
        self.gone: set[gast.stmt] = set()
        node = typed.function.node
        self.graph = Graph(node.body, typed.function.parameters)
        self.defs: dict[str, list[gast.stmt | None]] = {
            p: [None] for p in typed.function.parameters
        }
        for s in walk(node):
            if isinstance(s, gast.Assign):
                names = stores(*s.targets)
            elif isinstance(s, gast.For):
                names = stores(s.target)
            else:
                continue
            for n in sorted(names):
                self.defs.setdefault(n, []).append(s)

    def resolve(self, *, mirror: bool = False) -> None:
        """Name the views of every class that is written.

        Args:
            mirror: whether memory may keep several names where its twin will have the same ones.
        """
        if not mirror:
            self.check_lists()
        for representative, writes in self.aliases.changed().items():
            members = self.aliases.members(representative)
            kept = dict(self.found), set(self.gone)
            try:
                self.memory_class(members, writes)
            except Unsupported:
                self.found, self.gone = kept
                pairing = Pairing(self.typed, frozenset(members))
                if mirror and self.mirrors(members) and not outdated(pairing):
                    continue
                shared = sharing(self.typed)
                if mirror or members[0] not in shared.moved | shared.possible:
                    raise

    def check_lists(self) -> None:
        """Refuse writes into slices of lists, which may change their length."""
        for s in walk(self.typed.function.node):
            targets = (
                s.targets
                if isinstance(s, gast.Assign)
                else [s.target]
                if isinstance(s, gast.AugAssign)
                else []
            )
            for t in targets:
                for n in walk(t):
                    if not (isinstance(n, gast.Subscript) and isinstance(n.slice, gast.Slice)):
                        continue
                    if n.slice.lower is None and n.slice.upper is None and n.slice.step is None:
                        continue
                    if isinstance(n.ctx, gast.Store) and isinstance(
                        self.typed.kinds.get(n.value), List
                    ):
                        raise self.typed.function.refuse(
                            s, "a slice of a list is assigned", "Build a new list."
                        )

    def memory_class(self, members: list[str], writes: list[gast.stmt]) -> None:
        """Name the views of one class."""
        arrays = [m for m in members if isinstance(self.kind(m), Array)]
        others = [m for m in members if m not in arrays and self.holds(m)]
        where = writes[0]
        if all(writes_container(self.typed, w) for w in writes):
            found = conflict_in(self.typed, self.aliases, members)
            if found is not None:
                raise self.refuse(*found)
            return
        if others:
            raise self.refuse(where, arrays[0] if arrays else others[0], others[0])
        self.array_class(arrays, where)

    def mirrors(self, members: list[str]) -> bool:
        """Whether the same expressions on a twin of the memory share in the same way."""
        if any(self.kind(m) is None and not is_memory(m) for m in members):
            return False
        pairing = Pairing(self.typed, frozenset(members))
        for n in walk(self.typed.function.node):
            callee = self.typed.callees.get(n) if isinstance(n, gast.Call) else None
            if callee is not None and callee.tag == "rule" and callee.target not in ALWAYS_VIEWS:
                if pairing.same_view(n):
                    continue
                shares = any(m in members for m in sources(self.typed, n))
                if shares and n not in pairing.settled:
                    return False
        return True

    def kind(self, name: str) -> object:
        """The kind of a variable; that of a global is not known here."""
        return self.typed.variables.get(name)

    def holds(self, name: str) -> bool:
        """Whether a member is a container, or memory that the function does not own."""
        kind = self.kind(name)
        return kind is None or isinstance(kind, (List, Record))

    def refuse(self, where: gast.stmt, a: str, b: str) -> Unsupported:
        """The error for memory whose names cannot be told apart."""
        a, b = user_name(a), user_name(b)
        names = f"`{a}` and `{b}`" if a != b else f"`{a}` and earlier values of it"
        what = f"this changes memory that {names} may share, in a way that cannot be followed"
        return self.typed.function.refuse(where, what, HINT)

    def array_class(self, members: list[str], where: gast.stmt) -> None:
        """Name the views of one class: all but one member are single views of the others."""
        if len(members) == 1:
            return
        roots = [m for m in members if self.is_root(m, members)]
        if len(roots) != 1:
            others = [m for m in members if m not in roots[:1]]
            raise self.refuse(where, (roots or members)[0], others[0])
        root = roots[0]
        if len(self.defs.get(root, [])) != 1:
            raise self.refuse(where, root, next(m for m in members if m != root))
        pending = [m for m in members if m != root]
        done = {root}
        while pending:
            ready = [m for m in pending if self.bases(m) and self.bases(m) <= done]
            if not ready:
                raise self.refuse(where, root, pending[0])
            for m in ready:
                self.found[m] = self.path(m, where, root)
                done.add(m)
                pending.remove(m)

    def is_root(self, name: str, members: list[str]) -> bool:
        """Whether all definitions of a name give memory of its own."""
        for s in self.defs.get(name, [None]):
            if isinstance(s, gast.For):
                return False
            if s is not None and any(n in members for n in sources(self.typed, s.value)):
                return False
        return True

    def bases(self, name: str) -> set[str]:
        """The names that a view is taken of."""
        s = self.defs[name][0]
        return set(sources(self.typed, s.value)) if isinstance(s, gast.Assign) else set()

    def path(self, name: str, where: gast.stmt, root: str) -> gast.expr:
        """The expression that stands for a view."""
        (s, *more) = self.defs[name]
        if (
            more
            or not isinstance(s, gast.Assign)
            or len(s.targets) != 1
            or not isinstance(s.targets[0], gast.Name)
        ):
            raise self.refuse(where, root, name)
        if not self.is_path(s.value) or not self.stable(name, s):
            raise self.refuse(where, root, name)
        self.gone.add(s)
        return Substitution(self.found).visit(copy.deepcopy(s.value))

    def is_path(self, node: gast.expr) -> bool:
        """Whether an expression is a name, a transpose of a path or a basic subscript of one."""
        match node:
            case gast.Name():
                return True
            case gast.Attribute(attr="T"):
                return self.is_path(node.value)
            case gast.Subscript():
                plain = all(
                    isinstance(
                        n,
                        (
                            gast.Name,
                            gast.Constant,
                            gast.Slice,
                            gast.Tuple,
                            gast.BinOp,
                            gast.UnaryOp,
                        ),
                    )
                    or is_length(n)
                    or not isinstance(n, gast.expr)
                    for n in walk(node.slice)
                )
                return plain and not is_copy(self.typed, node) and self.is_path(node.value)
        return False

    def stable(self, name: str, s: gast.Assign) -> bool:
        """Whether the names in a view's expression keep their values while it is used."""
        loop = self.loop_of(s)
        for n in sorted(loads(s.value)):
            if len(self.defs.get(n, [None])) != 1:
                return False
            definition = self.defs.get(n, [None])[0]
            inside = definition is not None and self.loop_of(definition, own=True) is not None
            if inside and (loop is None or self.survives(name, definition)):
                return False
        return True

    def loop_of(self, s: gast.stmt, *, own: bool = False) -> gast.stmt | None:
        """The innermost loop around a statement (a loop's target belongs to the loop itself)."""
        best = None
        for n in walk(self.typed.function.node):
            if isinstance(n, (gast.For, gast.While)) and (
                any(m is s for b in n.body for m in walk(b)) or (own and n is s)
            ):
                best = n
        return best

    def survives(self, name: str, definition: gast.stmt) -> bool:
        """Whether a view is used after the name it depends on has got its next value."""
        bit, out = self.graph.live_out()
        at = definition.target if isinstance(definition, gast.For) else definition
        i = self.graph.at[at]
        alive = any(out[j] & bit.get(name, 0) for j in self.graph.before[i])
        return bool(alive)


def is_length(node: gast.AST) -> bool:
    """Whether an expression is the length of an axis, or a part of one, of a value with a name."""
    match node:
        case gast.Attribute(value=gast.Name(), attr="shape" | "size"):
            return True
        case gast.Subscript(
            value=gast.Attribute(value=gast.Name(), attr="shape"), slice=gast.Constant()
        ):
            return True
    return False
