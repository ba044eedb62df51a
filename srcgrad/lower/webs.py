"""Split every variable into its separate lives.

A life (web) is a set of definitions and uses that belong together: two definitions are in one
life when some use may see either. `x = a; y = x; x = b` has two lives of x. Names of lives are
`x`, `x|1`, `x|2`: what stands before the bar is the name that the user gave.
"""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import BAR, FLAG, role
from srcgrad.syntax.walk import clone


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
    names = {n for p in graph.points for n in p.defs}
    defs, come = graph.reaching(several)
    of_point: dict[tuple[int, str], int] = {d: k for k, d in enumerate(defs)}
    parent = list(range(len(defs)))

    def find(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    masks: dict[str, int] = {}
    for k, (_, name) in enumerate(defs):
        masks[name] = masks.get(name, 0) | 1 << k
    seen: list[dict[str, int | None]] = []
    for i, p in enumerate(graph.points):
        used: dict[str, int | None] = {}
        for name in p.uses:
            reach = bits(come[i] & masks.get(name, 0))
            for k in reach[1:]:
                parent[find(k)] = find(reach[0])
            used[name] = reach[0] if reach else None
            if isinstance(p.node, gast.AugAssign) and name in p.defs and reach:
                parent[find(of_point[i, name])] = find(reach[0])
        seen.append(used)
    numbers: dict[int, int] = {}
    count: dict[str, int] = {}
    for k, (_, name) in enumerate(defs):
        if find(k) not in numbers:
            number = count.get(name, 0)
            while number and f"{name}{BAR}{number}" in names:
                number += 1
            numbers[find(k)] = number
            count[name] = number + 1
    if not any(n > 1 for n in count.values()):
        return node

    def life(name: str, k: int | None) -> str:
        number = numbers[find(k)] if k is not None else 0
        return f"{name}{BAR}{number}" if number else name

    for i, p in enumerate(graph.points[1:], 1):
        stored = {name: of_point.get((i, name)) for name in p.defs}
        rename(
            p.node,
            {n: life(n, k) for n, k in seen[i].items()},
            {n: life(n, k) for n, k in stored.items()},
        )
    return node


def rename(node: gast.AST, loaded: dict[str, str], stored: dict[str, str]) -> None:
    """Rename the loads and the stores of one point, in place (the tree is this pass's own)."""
    stack = [node]
    while stack:
        n = stack.pop()
        if isinstance(n, gast.Name):
            table = loaded if isinstance(n.ctx, gast.Load) else stored
            n.id = table.get(n.id, n.id)
        else:
            stack.extend(gast.iter_child_nodes(n))


def bits(mask: int) -> list[int]:
    """Positions of the bits of a mask, lowest first."""
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out
