"""Variables of functions that were written in place: those that only repeat another one go.

`x|v1 = b * a; vector_x|v2 = x|v1` becomes `vector_x|v2 = b * a`, and a number takes the place of
the variable that holds it for good. Variables of the user's own function stay.
"""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import INLINED, role
from srcgrad.syntax.quote import constant, name
from srcgrad.syntax.walk import blocks_in, change_children

ROUNDS = 32


def without_copies(node: gast.FunctionDef, parameters: tuple[str, ...]) -> gast.FunctionDef:
    """Drop copies from a function whose lives are split, in place.

    >>> from srcgrad.syntax.quote import function
    >>> node = function("def f(x): y = x; return y")
    >>> node.body[0].targets[0].id = node.body[1].value.id = "y|v1"
    >>> without_copies(node, ("x",)).body[0].value.id
    'x'
    """
    for _ in range(ROUNDS):
        found = Copies(node, parameters).chosen()
        if not found:
            return node
        put(node, found)
    return node


class Copies:
    """Finds the copies of one function that can go."""

    def __init__(self, node: gast.FunctionDef, parameters: tuple[str, ...]) -> None:
        self.parameters = parameters
        self.graph = Graph(node.body, parameters)
        self.bit, self.live = self.graph.live_out()
        self.defs: dict[str, list[int]] = {}
        for i, p in enumerate(self.graph.points):
            for n in p.defs:
                self.defs.setdefault(n, []).append(i)

    def chosen(self) -> dict[str, gast.expr]:
        """What stands for which variable; no two of them have to do with each other."""
        out: dict[str, gast.expr] = {}
        used: set[str] = set()
        for p in self.graph.points:
            match p.node:
                case gast.Assign(targets=[gast.Name(id=a)], value=value) if self.own(a):
                    found = self.instead(a, value)
                    if found is None or {a, *found[2]} & used:
                        continue
                    used |= {a, *found[2]}
                    out[found[0]] = found[1]
        return out

    def own(self, a: str) -> bool:
        """Whether a name is that of a function written in place, bound once."""
        return role(a) == INLINED and len(self.defs[a]) == 1 and a not in self.parameters

    def instead(self, a: str, value: gast.expr) -> tuple[str, gast.expr, tuple[str, ...]] | None:
        """The variable that goes, what stands for it, and what else it has to do with."""
        if is_number(value):
            return a, value, ()
        if not isinstance(value, gast.Name) or value.id not in self.defs:
            return None
        b = value.id
        if b == a or any(self.live[j] & self.bit[a] for j in self.defs[b]):
            return None
        if self.own(b) and isinstance(self.graph.points[self.defs[b][0]].node, gast.Assign):
            return b, name(a), (b,)
        return a, name(b), (b,)


def is_number(node: gast.expr) -> bool:
    """Whether an expression is an int or a float, or minus one."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        node = node.operand
    return isinstance(node, gast.Constant) and type(node.value) in (int, float)


def put(node: gast.FunctionDef, found: dict[str, gast.expr]) -> None:
    """Put expressions and other names in the place of variables."""

    def changed(n: gast.AST) -> gast.AST:
        if isinstance(n, gast.Name) and n.id in found:
            new = found[n.id]
            if isinstance(new, gast.Name):
                n.id = new.id
                return n
            if isinstance(n.ctx, gast.Load):
                assert isinstance(new, (gast.Constant, gast.UnaryOp))
                return gast.copy_location(constant(value_of(new)), n)
            return n
        change_children(n, changed)
        return n

    changed(node)
    drop(node, {n for n, new in found.items() if not isinstance(new, gast.Name)})


def value_of(node: gast.Constant | gast.UnaryOp) -> float:
    """The number that an expression is."""
    if isinstance(node, gast.UnaryOp):
        return -node.operand.value
    return node.value


def drop(node: gast.AST, gone: set[str]) -> None:
    """Drop assignments of a variable to itself, and of numbers to variables that are gone."""
    for body in blocks_in(node):
        body[:] = [s for s in body if not idle(s, gone)] or [
            gast.copy_location(gast.Pass(), body[0])
        ]
        for s in body:
            drop(s, gone)


def idle(s: gast.stmt, gone: set[str]) -> bool:
    """Whether a statement assigns a variable to itself, or to one that is gone."""
    match s:
        case gast.Assign(targets=[gast.Name(id=a)], value=value):
            return a in gone or (isinstance(value, gast.Name) and value.id == a)
    return False
