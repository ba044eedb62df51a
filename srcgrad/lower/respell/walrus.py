"""`:=` taken out of expressions, as assignments before the statement, in the order of evaluation.

`if a and (n := f(x)) > 0:` becomes `if a:`, then `n = f(x)`, then `if n > 0:`; what is not always
evaluated stays behind the test that decides it.
"""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.lower.base.program import Function
from srcgrad.lower.base.trees import placed
from srcgrad.syntax.flow import loads
from srcgrad.syntax.lives import STATED, unused_name
from srcgrad.syntax.quote import assign, constant, name, negated
from srcgrad.syntax.walk import change_blocks, children, nodes, walk

SCOPES = (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
Block = list[gast.stmt]


def binds_inside(node: gast.AST | list[Any] | None) -> bool:
    """Whether `:=` occurs in an expression, inner scopes aside."""
    stack: list[Any] = [node]
    while stack:
        n = stack.pop()
        if isinstance(n, gast.NamedExpr):
            return True
        if isinstance(n, list):
            stack += n
        elif isinstance(n, gast.AST) and not isinstance(n, SCOPES):
            stack += children(n)
    return False


class Walrus:
    """Rewrites the blocks of one function, whose tree is the pass's own."""

    def __init__(self, function: Function, node: gast.FunctionDef) -> None:
        self.function = function
        self.names = {n.id for n in walk(node) if isinstance(n, gast.Name)}

    def new(self, hint: str) -> str:
        """A name that no user has."""
        return unused_name(hint, STATED, self.names)

    def block(self, body: Block) -> Block:
        """Rewrite a block."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            out += [placed(n, s) for n in self.statement(s)]
        return out

    def statement(self, s: gast.stmt) -> Block:
        """Rewrite one statement, whose blocks are done."""
        match s:
            case gast.If() if binds_inside(s.test):
                return self.branch(s.test, s.body, s.orelse, s)
            case gast.While() if binds_inside(s.test):
                return self.repeated(s)
            case gast.For() if binds_inside(s.iter):
                before, s.iter = self.expr(s.iter)
                return [*before, s]
            case gast.With() if any(binds_inside(i.context_expr) for i in s.items):
                if len(s.items) > 1:
                    raise self.function.refuse(s, "`:=` in a `with` of several items", "Nest them.")
                before, s.items[0].context_expr = self.expr(s.items[0].context_expr)
                return [*before, s]
            case gast.Assert() if binds_inside(s.test):
                before, s.test = self.expr(s.test)
                return [*before, self.changed(s)]
            case gast.AugAssign() if binds_inside(s.value):
                bound = {n.target.id for n in walk(s.value) if isinstance(n, gast.NamedExpr)}
                if any(isinstance(n, gast.Name) and n.id in bound for n in walk(s.target)):
                    raise self.function.refuse(s, "`:=` binds the target of this line", "Use two.")
        if not hasattr(s, "body") and binds_inside(getattr(s, "value", None)):
            before, s.value = self.expr(s.value)
            return [*before, self.changed(s)]
        return [s]

    def changed(self, s: gast.stmt) -> gast.stmt:
        """A statement that is no longer the user's text."""
        s.end_lineno = None
        return s

    def branch(self, test: gast.expr, body: Block, orelse: Block, s: gast.stmt) -> Block:
        """`if test: ... else: ...`; what the test binds is bound where it is evaluated."""
        match test:
            case _ if not binds_inside(test):
                return [gast.If(test=test, body=body or [gast.Pass()], orelse=orelse)]
            case gast.UnaryOp(op=gast.Not(), operand=inner) if not body or not orelse:
                return self.branch(inner, orelse, body, s)
            case gast.BoolOp(values=[first, *rest]) if any(map(binds_inside, rest)):
                other = rest[0] if len(rest) == 1 else gast.BoolOp(op=test.op, values=rest)
                if isinstance(test.op, gast.And) and not orelse:
                    return self.branch(first, self.branch(other, body, [], s), [], s)
                if isinstance(test.op, gast.Or) and not body:
                    return self.branch(first, [], self.branch(other, [], orelse, s), s)
                return self.flagged(test, body, orelse, s)
        before, left = self.expr(test)
        if not body:
            left, body, orelse = negated(left), orelse, []
        return [*before, gast.If(test=left, body=body or [gast.Pass()], orelse=orelse)]

    def flagged(self, test: gast.BoolOp, body: Block, orelse: Block, s: gast.stmt) -> Block:
        """A branch whose outcome is a flag, so that its blocks are written once."""
        flag = self.new("holds")
        if isinstance(test.op, gast.And):
            start, way = False, self.branch(test, [assign(flag, constant(True))], [], s)
        else:
            start, way = True, self.branch(test, [], [assign(flag, constant(False))], s)
        last = gast.If(test=name(flag), body=body or [gast.Pass()], orelse=orelse)
        return [assign(flag, constant(start)), *way, last]

    def repeated(self, s: gast.While) -> Block:
        """`while True:` with a test at the start of each iteration."""
        leave: Block = [gast.Break()]
        opening: Block = []
        closing: Block = []
        if s.orelse:
            flag = self.new("ended")
            opening = [assign(flag, constant(False))]
            leave = [assign(flag, constant(True)), *leave]
            closing = [gast.If(test=name(flag), body=s.orelse, orelse=[])]
        test = self.branch(s.test, [], leave, s)
        forever = gast.While(test=constant(True), body=[*test, *s.body], orelse=[])
        return [*opening, forever, *closing]

    def expr(self, node: gast.expr) -> tuple[Block, gast.expr]:
        """What comes before an expression, and what is left of it."""
        if not binds_inside(node):
            return [], node
        match node:
            case gast.NamedExpr():
                before, value = self.expr(node.value)
                return [*before, assign(node.target.id, value)], name(node.target.id)
            case gast.BoolOp(values=[_, *rest]) if any(map(binds_inside, rest)):
                return self.circuit(node)
            case gast.IfExp() if binds_inside([node.body, node.orelse]):
                label = self.new("value")
                sides = [self.expr(e) for e in (node.body, node.orelse)]
                blocks = [[*before, assign(label, e)] for before, e in sides]
                return self.branch(node.test, blocks[0], blocks[1], node), name(label)
            case gast.IfExp():
                before, node.test = self.expr(node.test)
                return before, node
            case gast.Compare(comparators=[_, *rest]) if binds_inside(rest):
                raise self.function.refuse(
                    node, "`:=` in a chain of comparisons", "Use `and` between two comparisons."
                )
        return self.in_order(node), node

    def circuit(self, node: gast.BoolOp) -> tuple[Block, gast.expr]:
        """`a and b` as a value, where `b` binds a name."""
        label = self.new("value")
        before, first = self.expr(node.values[0])
        out: Block = [*before, assign(label, first)]
        inside = out
        for v in node.values[1:]:
            then, left = self.expr(v)
            test = name(label) if isinstance(node.op, gast.And) else negated(name(label))
            body = [*then, assign(label, left)]
            inside.append(gast.If(test=test, body=body, orelse=[]))
            inside = body
        return out, name(label)

    def in_order(self, node: gast.AST) -> Block:
        """Take `:=` out of the operands of an expression, in place."""
        parts = operands(node)
        last = max(k for k, (_, _, _, e) in enumerate(parts) if binds_inside(e))
        later = [n for _, _, _, e in parts for n in nodes(e) if isinstance(n, gast.NamedExpr)]
        bound = {n.target.id for n in later}
        calls = any(isinstance(m, gast.Call) for n in later for m in nodes(n.value))
        out: Block = []
        for k, (owner, field, at, e) in enumerate(parts[: last + 1]):
            if binds_inside(e):
                if isinstance(e, (gast.Starred, gast.keyword, gast.Slice, gast.FormattedValue)):
                    before, left = self.in_order(e), e
                else:
                    before, left = self.expr(e)
                out += before
                e = left
            if k < last and isinstance(e, gast.expr) and self.must_stay(node, e, bound, calls):
                label = self.new("value")
                out.append(assign(label, e))
                e = name(label)
            if at is None:
                setattr(owner, field, e)
            else:
                getattr(owner, field)[at] = e
        return out

    def must_stay(self, above: gast.AST, e: gast.expr, bound: set[str], calls: bool) -> bool:
        """Whether an operand has to be evaluated before what comes out of a later one."""
        if isinstance(e, (gast.Starred, gast.Slice, gast.Constant)):
            return False
        if isinstance(above, gast.Call) and e is above.func:
            return False
        makes_call = any(isinstance(n, gast.Call) for n in nodes(e))
        return bool(loads(e) & bound) or (calls and makes_call)


def operands(node: gast.AST) -> list[tuple[gast.AST, str, int | None, gast.AST]]:
    """The operands of an expression in the order of evaluation, with the places they stand in."""
    out: list[tuple[gast.AST, str, int | None, gast.AST]] = []
    if isinstance(node, gast.Dict):
        for i, (k, v) in enumerate(zip(node.keys, node.values, strict=True)):
            out += [(node, "keys", i, k)] if k is not None else []
            out.append((node, "values", i, v))
        return out
    for field, value in gast.iter_fields(node):
        if isinstance(value, list):
            out += [(node, field, i, v) for i, v in enumerate(value) if isinstance(v, gast.AST)]
        elif isinstance(value, (gast.expr, gast.keyword)):
            out.append((node, field, None, value))
    return out


def without_walrus(function: Function, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function without `:=`, rewritten in place."""
    if any(isinstance(n, gast.NamedExpr) for n in walk(node)):
        node.body = Walrus(function, node).block(node.body)
    return node
