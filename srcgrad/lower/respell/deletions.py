"""`del` of names: dropped, once it is clear that nothing reads the name afterwards."""

from __future__ import annotations

import gast

from srcgrad.lower.base.program import Function
from srcgrad.lower.base.trees import placed
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.quote import assign, constant
from srcgrad.syntax.walk import blocks_in, change_blocks, walk

Block = list[gast.stmt]


def without_deletions(function: Function, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function without `del` of names, rewritten in place."""
    found = [n for n in walk(node) if isinstance(n, gast.Delete)]
    if not found:
        return node
    marks: dict[gast.stmt, str] = {}
    node.body = unbound(node.body, marks)
    if not marks:
        return node
    graph = Graph(node.body, function.parameters)
    names = frozenset(marks.values())
    defs, come = graph.reaching(names)
    ends = {graph.at[s]: n for s, n in marks.items() if s in graph.at}
    for i, p in enumerate(graph.points):
        for k, (j, n) in enumerate(defs):
            if come[i] >> k & 1 and n in p.uses | deleted(p.node, marks) and ends.get(j) == n:
                s = graph.points[j].node
                what = f"`{n}` may be read after this `del`"
                raise function.refuse(s, what, "Leave the `del` out.")
    node.body = kept(node.body, marks)
    return node


def deleted(node: gast.AST, marks: dict[gast.stmt, str]) -> frozenset[str]:
    """The name that a statement deletes, which must be bound."""
    return frozenset([marks[node]] if node in marks else [])


def unbound(body: Block, marks: dict[gast.stmt, str]) -> Block:
    """A block in which `del x` binds `x` to None."""
    out: Block = []
    for s in body:
        if blocks_in(s):
            change_blocks(s, lambda b: unbound(b, marks))
        if not isinstance(s, gast.Delete):
            out.append(s)
            continue
        for t in s.targets:
            if isinstance(t, gast.Name):
                mark = placed(assign(t.id, constant(None)), s)
                marks[mark] = t.id
                out.append(mark)
            else:
                out.append(gast.copy_location(gast.Delete(targets=[t]), s))
    return out


def kept(body: Block, marks: dict[gast.stmt, str]) -> Block:
    """A block without the statements that stand for `del`."""
    for s in body:
        change_blocks(s, lambda b: kept(b, marks))
    return [s for s in body if s not in marks] or [placed(gast.Pass(), body[0])]
