"""Which variables vary with the arguments that are differentiated by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import gast

from srcgrad.kinds import may_be_active
from srcgrad.lower.evaluate import ast_operator
from srcgrad.lower.program import Callee, Typed
from srcgrad.rules.registry import lookup
from srcgrad.syntax.flow import stores


class Activity:
    """The variables and expressions of one function that vary.

    Attributes:
        varied: names of variables.
    """

    def __init__(self, typed: Typed, varied: Iterable[str]) -> None:
        self.typed = typed
        self.varied = set(varied)
        self._known: dict[gast.AST, bool] = {}
        statements = [s for s in gast.walk(typed.function.node) if isinstance(s, gast.stmt)]
        size = -1
        while size != len(self.varied):
            size = len(self.varied)
            for s in statements:
                self.varied |= self._effects(s)
        self._settled = True

    _settled = False

    def _effects(self, s: gast.stmt) -> set[str]:
        match s:
            case gast.Assign() if self.depends(s.value):
                return {n for t in s.targets for n in self._written(t)}
            case gast.AugAssign() if self.depends(s.value):
                return set(self._written(s.target))
            case gast.For() if self.depends(s.iter):
                return set(self._written(s.target))
            case gast.Expr(value=gast.Call() as call):
                callee = self.typed.callees.get(call)
                if callee and callee.tag == "method" and any(map(self.depends, call.args)):
                    return {call.func.value.id}
        return set()

    def _written(self, t: gast.expr) -> Iterator[str]:
        match t:
            case gast.Name(id=name):
                if may_be_active(self.typed.variables.get(name)):
                    yield name
            case gast.Tuple() | gast.List():
                for e in t.elts:
                    yield from self._written(e)
            case gast.Starred():
                yield from self._written(t.value)
            case gast.Subscript() | gast.Attribute():
                yield from self._written(t.value)
            case _:
                yield from stores(t)

    def depends(self, node: gast.AST) -> bool:
        """Whether the value of an expression varies."""
        if self._settled:
            if node not in self._known:
                self._known[node] = self._depends(node)
            return self._known[node]
        return self._depends(node)

    def _depends(self, node: gast.AST) -> bool:
        kind = self.typed.kinds.get(node)
        if kind is not None and not may_be_active(kind):
            return False
        match node:
            case gast.Name(id=name):
                return name in self.varied
            case gast.BinOp():
                while isinstance(node, gast.BinOp):
                    if self.depends(node.right) and not self._flat(ast_operator(node.op)):
                        return True
                    if self._flat(ast_operator(node.op)):
                        return False
                    node = node.left
                return self.depends(node)
            case gast.UnaryOp():
                return self.depends(node.operand)
            case gast.Subscript() | gast.Attribute():
                return self.depends(node.value)
            case gast.IfExp():
                return self.depends(node.body) or self.depends(node.orelse)
            case gast.BoolOp():
                return any(map(self.depends, node.values))
            case gast.Tuple() | gast.List():
                return any(map(self.depends, node.elts))
            case gast.Starred():
                return self.depends(node.value)
            case gast.Dict():
                return any(map(self.depends, node.values))
            case gast.Call():
                return self._call(node)
        return False

    def _flat(self, function: object) -> bool:
        rule = lookup(function)
        return rule is None or rule.zero

    def _call(self, node: gast.Call) -> bool:
        callee: Callee | None = self.typed.callees.get(node)
        if callee is None or (callee.tag == "rule" and self._flat(callee.target)):
            return False
        if callee.target in (print, len, range, isinstance):
            return False
        operands = [o for _, o in callee.operands if isinstance(o, gast.AST)] or node.args
        if callee.tag == "user":
            return user_result_varies(callee, [n for n, o in callee.operands if isinstance(o, gast.AST) and self.depends(o)])
        return any(map(self.depends, operands))


def user_result_varies(callee: Callee, varied: list[str]) -> bool:
    """Whether the result of a call varies when these parameters do."""
    if not varied or not may_be_active(callee.target.returns):
        return False
    inner = Activity(callee.target, [v for v in varied if may_be_active(callee.target.parameters[v])])
    returns = [s for s in gast.walk(callee.target.function.node) if isinstance(s, gast.Return)]
    return any(s.value is not None and inner.depends(s.value) for s in returns)
