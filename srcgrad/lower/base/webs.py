"""Split every variable into its separate lives.

A life (web) is a set of definitions and uses that belong together: two definitions are in one
life when some use may see either. `x = a; y = x; x = b` has two lives of x. Names of lives are
`x`, `x|1`, `x|2`: what stands before the bar is the name that the user gave.
"""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import BAR, FLAG, role
from srcgrad.syntax.walk import children, clone


def split(node: gast.FunctionDef) -> gast.FunctionDef:
    """A copy of the function in which every life has a name of its own.

    >>> from srcgrad.syntax.flow import stores
    >>> from srcgrad.syntax.quote import function
    >>> sorted(stores(split(function("def f(x): y = x; x = y * y; return x"))))
    ['x|1', 'y']
    """
    node = clone(node)
    parameters = tuple(a.id for a in node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
    graph = Graph(node.body, parameters)
    several = frozenset(n for n in graph.bound_again() if role(n) != FLAG)
    if not several:
        return node
    lives = Lives(graph, several)
    if lives.are_several():
        for i, p in enumerate(graph.points[1:], 1):
            rename(p.node, lives.loaded(i), lives.stored(i))
    return node


class Lives:
    """The lives of some variables of a function.

    Args:
        graph: the points of the function.
        several: variables that may have more than one life.
    """

    def __init__(self, graph: Graph, several: frozenset[str]) -> None:
        self.graph = graph
        defs, self.come = graph.reaching(several)
        self.number = {d: k for k, d in enumerate(defs)}
        self.parent = list(range(len(defs)))
        masks: dict[str, int] = {}
        for k, (_, name) in enumerate(defs):
            masks[name] = masks.get(name, 0) | 1 << k
        self.seen = [self.joined(i, masks) for i in range(len(graph.points))]
        self.labels, self.count = self.named(defs)

    def find(self, k: int) -> int:
        """The definition that stands for the life of another one."""
        while self.parent[k] != k:
            self.parent[k] = self.parent[self.parent[k]]
            k = self.parent[k]
        return k

    def joined(self, i: int, masks: dict[str, int]) -> dict[str, int | None]:
        """Join the definitions that reach the uses of a point; one of them for each name."""
        p = self.graph.points[i]
        used: dict[str, int | None] = {}
        for name in p.uses:
            reach = bits(self.come[i] & masks.get(name, 0))
            for k in reach[1:]:
                self.parent[self.find(k)] = self.find(reach[0])
            used[name] = reach[0] if reach else None
            if isinstance(p.node, gast.AugAssign) and name in p.defs and reach:
                self.parent[self.find(self.number[i, name])] = self.find(reach[0])
        return used

    def named(self, defs: list[tuple[int, str]]) -> tuple[dict[int, str], dict[str, int]]:
        """The name of each life, and how many lives each variable has."""
        taken = {n for p in self.graph.points for n in p.defs}
        labels: dict[int, str] = {}
        count: dict[str, int] = {}
        for k, (_, name) in enumerate(defs):
            if self.find(k) in labels:
                continue
            number = count.get(name, 0)
            while number and f"{name}{BAR}{number}" in taken:
                number += 1
            labels[self.find(k)] = f"{name}{BAR}{number}" if number else name
            count[name] = number + 1
        return labels, count

    def are_several(self) -> bool:
        """Whether any variable has more than one life."""
        return any(n > 1 for n in self.count.values())

    def loaded(self, i: int) -> dict[str, str]:
        """The names that a point reads, with those of their lives."""
        return {n: n if k is None else self.labels[self.find(k)] for n, k in self.seen[i].items()}

    def stored(self, i: int) -> dict[str, str]:
        """The names that a point binds, with those of their lives."""
        found = {n: self.number.get((i, n)) for n in self.graph.points[i].defs}
        return {n: n if k is None else self.labels[self.find(k)] for n, k in found.items()}


def rename(node: gast.AST, loaded: dict[str, str], stored: dict[str, str]) -> None:
    """Rename the loads and the stores of one point, in place (the tree is this pass's own)."""
    stack = [node]
    while stack:
        n = stack.pop()
        if isinstance(n, gast.Name):
            table = loaded if isinstance(n.ctx, gast.Load) else stored
            n.id = table.get(n.id, n.id)
        else:
            stack.extend(children(n))


def bits(mask: int) -> list[int]:
    """Positions of the bits of a mask, lowest first."""
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out
