"""Constructs that are short for others: a `return` inside a loop, several returns.

A `return` inside a loop becomes a flag, a `break` and a `return` behind the loop, so that later
passes find returns in straight code only.
"""

from __future__ import annotations

import copy

import gast

from srcgrad.lower.base.program import Function, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.respell.deletions import without_deletions
from srcgrad.lower.respell.exits import closed_blocks
from srcgrad.lower.respell.matching import without_match
from srcgrad.lower.respell.meaning import Meaning
from srcgrad.lower.respell.repeated import distinct_targets
from srcgrad.lower.respell.sugar import unsugared, with_else
from srcgrad.lower.respell.walrus import without_walrus
from srcgrad.syntax.lives import RESULT, made
from srcgrad.syntax.quote import assign, constant, name
from srcgrad.syntax.walk import change_blocks, walk


def has_return(body: list[gast.stmt]) -> bool:
    """Whether a block contains a `return`."""
    return any(isinstance(n, gast.Return) for s in body for n in walk(s))


class ReturnsInLoops:
    """Takes returns out of the loops of one function."""

    def __init__(self) -> None:
        self.count = 0

    def block(self, body: list[gast.stmt], flag: str | None) -> list[gast.stmt]:
        """Rewrite a block; `flag` is the flag of the loop around it, if any."""
        out: list[gast.stmt] = []
        for s in body:
            match s:
                case gast.Return() if flag is not None:
                    value = s.value if s.value is not None else constant(None)
                    out.append(placed(assign(made("out", flag), value), s))
                    out.append(placed(assign(made("done", flag), constant(True)), s))
                    out.append(placed(gast.Break(), s))
                case gast.If():
                    s.body = self.block(s.body, flag)
                    s.orelse = self.block(s.orelse, flag)
                    out.append(s)
                case gast.For() | gast.While() if has_return(s.orelse):
                    otherwise, s.orelse = s.orelse, []
                    self.count += 1
                    left = made("left", RESULT, f"e{self.count}")
                    out += self.block(with_else(s, otherwise, left), flag)
                case gast.For() | gast.While():
                    s.orelse = self.block(s.orelse, flag)
                    out += self.loop(s, flag) if has_return(s.body) else [s]
                case gast.With() | gast.Try():
                    if flag is not None and isinstance(s, gast.Try) and has_return([s]):
                        s.finalbody = self.revoked(s.finalbody, flag)
                    change_blocks(s, lambda body: self.block(body, flag))
                    out.append(s)
                case _:
                    out.append(s)
        return out

    def revoked(self, body: list[gast.stmt], flag: str) -> list[gast.stmt]:
        """A `finally` of which `break` and `continue` call off a `return` that led to it."""
        out: list[gast.stmt] = []
        for s in body:
            if isinstance(s, (gast.Break, gast.Continue)):
                out.append(placed(assign(made("done", flag), constant(False)), s))
            elif isinstance(s, (gast.For, gast.While)):
                s.orelse = self.revoked(s.orelse, flag)
            else:
                change_blocks(s, lambda inner: self.revoked(inner, flag))
            out.append(s)
        return out

    def loop(self, s: gast.For | gast.While, outer: str | None) -> list[gast.stmt]:
        """Rewrite a loop that contains a return."""
        self.count += 1
        flag = f"{RESULT}{self.count}" if outer is None else outer
        s.body = self.block(s.body, flag)
        done = name(made("done", flag))
        if outer is not None:
            leave: list[gast.stmt] = [gast.Break()]
            return [s, placed(gast.If(test=done, body=leave, orelse=[]), s)]
        start = placed(assign(made("done", flag), constant(False)), s)
        leave = [gast.Return(value=name(made("out", flag)))]
        return [start, s, placed(gast.If(test=done, body=leave, orelse=[]), s)]


def one_return(body: list[gast.stmt], result: str) -> list[gast.stmt]:
    """A block in which every return assigns the result instead, and nothing follows it."""
    out: list[gast.stmt] = []
    for i, s in enumerate(body):
        match s:
            case gast.Return():
                value = s.value if s.value is not None else constant(None)
                return [*out, placed(assign(result, value), s)]
            case gast.If() if has_return([s]):
                rest = body[i + 1 :]
                s.body = one_return(s.body + copy.deepcopy(rest), result)
                s.orelse = one_return(s.orelse + rest, result)
                return [*out, s]
        out.append(s)
    return out


def plain_statements(function: Function, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function without statements that are short for others, rewritten in place."""
    distinct_targets(node)
    return without_walrus(function, without_match(function, node))


def desugar(
    function: Function, node: gast.FunctionDef, world: World, *, single_exit: bool = False
) -> gast.FunctionDef:
    """Rewrite a function whose tree belongs to the caller, in place."""
    plain_statements(function, node)
    node.body = ReturnsInLoops().block(node.body, None)
    node.body = unsugared(closed_blocks(function, node).body, Meaning(function, node, world))
    without_deletions(function, without_walrus(function, node))
    returns = [s for s in node.body if has_return([s])]
    plain = (
        len(returns) == 1 and returns[0] is node.body[-1] and isinstance(returns[0], gast.Return)
    )
    if single_exit and not (plain and not isinstance(returns[0].value, (gast.IfExp, gast.BoolOp))):
        last = node.body[-1]
        node.body = [
            *one_return(node.body, made("out", RESULT)),
            placed(gast.Return(value=name(made("out", RESULT))), last),
        ]
    return node
