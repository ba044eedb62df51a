"""Values of the primal that an adjoint reads: read again where that is free, else given a name."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Array, Kind, Record, Scalar, Static, is_number, is_tuple
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.memory.aliases import is_copy
from srcgrad.rules.analytic import any_complex, handles_complex
from srcgrad.rules.expr import Expr, const, leaf, pack
from srcgrad.syntax.lives import HOISTED, OUTPUT, made, user_name
from srcgrad.syntax.quote import attribute, call, name
from srcgrad.syntax.walk import bare, blocks_in, change_children, heads, walk
from srcgrad.transform.alike import shaped_alike
from srcgrad.transform.text import Text, copied

CHEAP = (gast.Add, gast.Sub, gast.Mult, gast.Div)
LARGEST_COPY = 12


class Values:
    """Gives operands of rules as expressions, and their text when it is needed."""

    def __init__(self, typed: Typed, world: World, globals_: dict[str, Any]) -> None:
        self.typed = typed
        self.world = world
        self.function = typed.function
        self.count = 0
        self.hoisted: dict[gast.AST, str] = {}
        self.owner: dict[gast.AST, gast.stmt] = {}
        self.parent: dict[gast.AST, gast.AST] = {}
        self.loops_of: dict[gast.stmt, tuple[gast.stmt, ...]] = {}
        self.again: set[gast.AST] = set()
        self._sorted = 0
        self._of: dict[gast.stmt, set[gast.AST]] = {}
        self._own(typed.function.node.body, ())
        taken = {user_name(n) for n in typed.variables}
        stable = stable_parameters(typed)
        self.text = Text(self.leaf_text, self.alike, stable, world.facts, globals_, taken)
        self.text.written = frozenset(typed.stored)

    def _own(self, body: list[gast.stmt], loops: tuple[gast.stmt, ...]) -> None:
        for s in body:
            self.loops_of[s] = loops
            inner = (*loops, s) if isinstance(s, (gast.For, gast.While)) else loops
            for block in blocks_in(s):
                self._own(block, inner)
            stack = heads(s)
            while stack:
                n = stack.pop()
                self.owner[n] = s
                for child in gast.iter_child_nodes(n):
                    self.parent[child] = n
                    stack.append(child)

    def new(self, hint: str) -> str:
        """A name of its own; what stands before the bar is what it would like to be called."""
        self.count += 1
        return made(hint, HOISTED, self.count)

    def alike(self, e: Expr) -> Expr:
        """What has the shape of an expression: itself if it has a name."""
        named = e.op == "leaf" and e.data in self.hoisted
        return e if named else shaped_alike(self.typed, e)

    def kind(self, node: gast.AST) -> Kind:
        """The kind of an expression of the primal."""
        return self.typed.kinds[node]

    def operand(self, node: Any) -> Any:
        """An argument of a call as a rule sees it: an expression, or a value if it is known."""
        if not isinstance(node, gast.AST):
            return node
        kind = self.kind(node)
        if isinstance(kind, Static):
            named = isinstance(node, gast.Name) and isinstance(kind.value, float)
            return leaf(node, kind) if named else kind.value
        if isinstance(kind, Record) and isinstance(node, (gast.Tuple, gast.List)):
            if known := known_value(kind):
                return known[0]
            return self.packed(node)
        if isinstance(kind, Record) and (known := known_value(kind)):
            return known[0]
        return leaf(node, kind)

    def check_complex(
        self, n: gast.expr, function: Any, operands: tuple[tuple[str, Any], ...]
    ) -> None:
        """Refuse a function whose rule does not hold for complex numbers, where it is given one."""
        kinds = [self.kind(o) for _, o in operands if isinstance(o, gast.AST)]
        if not handles_complex(function) and any_complex([self.kind(n), *kinds]):
            label = getattr(function, "__name__", str(function))
            what = f"`{label}` of a complex number that varies is not supported"
            raise self.function.refuse(n, what, "Use its real and imaginary part, or its size.")

    def factor(self, node: gast.expr) -> Expr:
        """A number of the primal as an expression."""
        if (
            not isinstance(node, gast.Constant)
            and isinstance(self.kind(node), Static)
            and self.free(node)
        ):
            return leaf(node, self.kind(node))
        value = self.operand(node)
        return value if isinstance(value, Expr) else const(value)

    def packed(self, node: gast.Tuple | gast.List) -> Expr:
        """A display as a pack of its parts."""
        parts = [self.operand(e) for e in node.elts]
        return pack(parts if isinstance(node, gast.List) else tuple(parts))

    def leaf_text(self, e: Expr) -> gast.expr:
        """The text of a value of the primal."""
        return self.node_text(e.data)

    def node_text(self, node: gast.expr) -> gast.expr:
        """The text by which an adjoint reads a node of the primal."""
        if isinstance(node, gast.Name):
            return name(node.id.removesuffix(OUTPUT))
        if node not in self.owner:
            return copied(node)
        if node in self.hoisted:
            return name(self.hoisted[node])
        if self.free(node) or node in self.again:
            return self.rebuilt(node)
        return name(self.hoist(node))

    def rebuilt(self, node: gast.expr) -> gast.expr:
        """A copy of a node whose parts are read in the same manner."""
        if isinstance(node, gast.Call) and self.is_number_of(node):
            return call(attribute(self.node_text(node.func.value), "item"))
        new = type(node)()
        for field, value in gast.iter_fields(node):
            if isinstance(value, list):
                setattr(new, field, [self._part(v) for v in value])
            else:
                setattr(new, field, self._part(value))
        return new

    def _part(self, value: Any) -> Any:
        if isinstance(value, gast.expr) and not isinstance(value, (gast.Slice, gast.Tuple)):
            return self.node_text(value)
        if isinstance(value, (gast.Slice, gast.Tuple)):
            return self.rebuilt(value)
        return copied(value) if isinstance(value, gast.AST) else value

    def free(self, node: gast.expr) -> bool:
        """Whether reading a node again costs next to nothing: views, elements, small arithmetic."""
        size = 0
        stack: list[gast.AST] = [node]
        while stack:
            n = stack.pop()
            size += 1
            if size > LARGEST_COPY:
                return False
            match n:
                case gast.Name() | gast.Constant():
                    continue
                case gast.Subscript():
                    if is_copy(self.typed, n):
                        return False
                    stack.append(n.value)
                    items = n.slice.elts if isinstance(n.slice, gast.Tuple) else [n.slice]
                    for i in items:
                        parts = (i.lower, i.upper, i.step) if isinstance(i, gast.Slice) else (i,)
                        stack += [p for p in parts if p is not None]
                case gast.Attribute(
                    attr="T" | "shape" | "size" | "ndim" | "dtype" | "real" | "imag"
                ):
                    stack.append(n.value)
                case gast.Attribute() if isinstance(self.typed.kinds.get(n.value), Static):
                    continue
                case gast.UnaryOp(op=gast.USub()) if isinstance(
                    self.kind(n.operand), (Scalar, Static)
                ):
                    stack.append(n.operand)
                case gast.BinOp(op=op) if isinstance(op, CHEAP) and isinstance(
                    self.kind(n), (Scalar, Static)
                ):
                    if not all(
                        is_number(self.kind(m)) and not isinstance(self.kind(m), Array)
                        for m in (n.left, n.right)
                    ):
                        return False
                    stack += [n.left, n.right]
                case gast.Call() if self.is_slice(n) or self.is_length(n):
                    if any(self.gains_items(a) for a in n.args):
                        return False
                    stack += n.args
                case gast.Call() if self.is_number_of(n):
                    stack.append(n.func.value)
                case _:
                    return False
        return True

    def is_number_of(self, node: gast.Call) -> bool:
        """Whether a call is `x.item()` of a number."""
        callee = self.typed.callees.get(node)
        if callee is None or callee.tag != "item":
            return False
        return isinstance(self.kind(callee.operands[0][1]), Scalar)

    def gains_items(self, node: gast.expr) -> bool:
        """Whether a value is a dict of known keys: those that are added are not taken away."""
        kind = self.kind(node)
        return isinstance(kind, Record) and kind.type is dict

    def is_slice(self, node: gast.Call) -> bool:
        """Whether a call is `slice(...)`."""
        callee = self.typed.callees.get(node)
        return callee is not None and callee.target is slice

    def is_length(self, node: gast.Call) -> bool:
        """Whether a call is `len(x)`."""
        callee = self.typed.callees.get(node)
        return callee is not None and callee.target is len

    def hoist(self, node: gast.expr) -> str:
        """Give a node of the primal a name."""
        s = self.owner[node]
        if isinstance(s, gast.While):
            raise self.function.refuse(
                node, "the derivative needs a value inside this test", "Assign it first."
            )
        n: gast.AST | None = node
        while n is not None:
            n = self.parent.get(n)
            if isinstance(n, (gast.IfExp, gast.BoolOp)):
                raise self.function.refuse(
                    node, "the derivative needs a value that may not be computed", "Write an `if`."
                )
        self.hoisted[node] = self.new(self.hint(node))
        return self.hoisted[node]

    def hint(self, node: gast.expr) -> str:
        """What a value without a name is called: after its role, else its function and operand."""
        s = self.owner.get(node)
        above = self.parent.get(node)
        target = self.target_name(s)
        if isinstance(above, gast.BinOp) and isinstance(above.op, gast.Div) and above.right is node:
            return f"{target}_den"
        match node:
            case gast.Call(func=function):
                label = (
                    function.attr
                    if isinstance(function, gast.Attribute)
                    else getattr(function, "id", "value")
                )
                first = node.args[0] if node.args else getattr(function, "value", None)
                return f"{label}_{self.label(first)}" if first is not None else label
            case gast.Subscript():
                return f"{self.label(node.value)}_part"
            case _ if isinstance(above, gast.Call) and len(above.args) == 1:
                return f"{target}_arg"
            case gast.BinOp(op=op):
                role = {
                    "Add": "sum",
                    "Sub": "diff",
                    "Mult": "prod",
                    "Div": "quot",
                    "MatMult": "prod",
                    "Pow": "pow",
                }
                top = node
                while isinstance(top.left, gast.BinOp) and isinstance(
                    top.left.op, (gast.Add, gast.Sub)
                ):
                    top = top.left
                op = gast.Add() if isinstance(op, gast.Sub) and top is not node else op
                return f"{target}_{role.get(type(op).__name__, 'value')}"
        return f"{target}_value"

    def label(self, node: gast.AST) -> str:
        """A short name for an operand."""
        if node in self.hoisted:
            return user_name(self.hoisted[node])
        match node:
            case gast.Name(id=found):
                return user_name(found)
            case gast.Subscript(value=base) | gast.Attribute(value=base):
                return self.label(base)
            case gast.Call():
                return self.hint(node)
        return "arg"

    def target_name(self, s: gast.stmt | None) -> str:
        """The name that a statement is about."""
        match s:
            case gast.Assign(targets=[t, *_]) | gast.AugAssign(target=t) | gast.For(target=t):
                while isinstance(t, (gast.Subscript, gast.Attribute, gast.Starred)):
                    t = t.value
                return user_name(t.id) if isinstance(t, gast.Name) else "value"
            case gast.Return():
                return "out"
        return "value"

    def before(self, s: gast.stmt) -> list[gast.expr]:
        """The hoisted nodes of a statement, inner ones first."""
        if len(self.hoisted) != self._sorted:
            self._sorted = len(self.hoisted)
            self._of = {}
            for n in self.hoisted:
                self._of.setdefault(self.owner[n], set()).add(n)
        mine = self._of.get(s)
        if not mine:
            return []
        out: list[gast.expr] = []
        roots = heads(s)
        stack: list[tuple[Any, bool]] = [(r, False) for r in reversed(roots)]
        while stack:
            n, done = stack.pop()
            if isinstance(n, list):
                stack += [(v, False) for v in reversed(n)]
            elif isinstance(n, gast.AST):
                if done:
                    out.append(n)
                    continue
                if n in mine:
                    stack.append((n, True))
                stack += [(c, False) for c in reversed(list(gast.iter_child_nodes(n)))]
        return out

    def is_read_anew(self, _node: gast.expr) -> bool:
        """Whether a statement reads a value that has a name, and not by the name."""
        return False

    def replaced(self, node: Any, *, top: bool = False) -> Any:
        """A copy of a tree of the primal in which hoisted nodes are their names."""
        if isinstance(node, list):
            return [self.replaced(v) for v in node]
        if not isinstance(node, gast.AST):
            return node
        if node in self.hoisted and not top and not self.is_read_anew(node):
            return gast.copy_location(name(self.hoisted[node]), node)
        new = bare(node)
        change_children(new, self.replaced)
        return new


def known_value(kind: Kind) -> tuple[Any] | None:
    """The value of a tuple of constants, in a tuple of one; None if some part is not known."""
    if isinstance(kind, Static):
        return (kind.value,)
    if isinstance(kind, Record) and (is_tuple(kind) or kind.type is list):
        parts = [known_value(k) for k in kind.items]
        if all(p is not None for p in parts):
            return ((list if kind.type is list else tuple)(p[0] for p in parts),)  # type: ignore[index]
    return None


def stable_parameters(typed: Typed) -> dict[str, Kind]:
    """Parameters that are never bound again: their shapes can be read at any time."""
    bound = {
        n.id
        for n in walk(typed.function.node)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)
    }
    return {p: k for p, k in typed.parameters.items() if p not in bound}
