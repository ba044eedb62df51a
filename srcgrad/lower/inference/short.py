"""Short loops written out, where a variable is one kind of thing in one iteration, then another.

`for i in range(1): q.append(x[i]); q = q[0]` binds a list's name to a number at its end. That is
sound only because no further iteration comes: written out, each iteration has lives of its own.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Iteration, Kind, List, Opaque, Record, Static
from srcgrad.lower.base.join import is_mixed
from srcgrad.lower.base.program import Typed
from srcgrad.lower.base.trees import jumps_out, placed
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, constant
from srcgrad.syntax.walk import change_blocks, clone, nodes

MOST = 4
LARGEST = 60


def short_loops(typed: Typed) -> list[tuple[gast.For, list[int]]]:
    """The innermost loops with few iterations that leave a variable without a kind."""
    unclear = {n for n, k in typed.variables.items() if is_unclear(k) and n not in typed.parameters}
    found: list[tuple[gast.For, list[int]]] = []
    for s in nodes(typed.function.node):
        if isinstance(s, gast.For) and isinstance(s.target, gast.Name):
            values = few(typed, s)
            if values is not None and changed_in(s.body) & unclear and not jumps_out(s.body):
                found.append((s, values))
    return [f for f in found if not any(g is not f and within(g[0], f[0]) for g in found)]


def is_unclear(kind: Kind | None) -> bool:
    """Whether a kind is that of things which have nothing, or not their rank, in common."""
    match kind:
        case Opaque():
            return is_mixed(kind)
        case Array(dims=None):
            return True
        case List(item=item):
            return is_unclear(item)
        case Record(items=items):
            return any(map(is_unclear, items))
    return False


def few(typed: Typed, s: gast.For) -> list[int] | None:
    """What a loop over a `range` that is known goes through; None for any other loop."""
    kind = typed.kinds.get(s.iter)
    if not isinstance(kind, Iteration) or kind.name != "range":
        return None
    bounds = [k.value for k in kind.parts if isinstance(k, Static) and type(k.value) is int]
    if len(bounds) < len(kind.parts) or (len(bounds) == 3 and bounds[2] == 0):
        return None
    over = range(*bounds)
    size = sum(1 for t in s.body for n in nodes(t) if isinstance(n, gast.stmt))
    return list(over) if len(over) <= MOST and len(over) * size <= LARGEST else None


def changed_in(body: list[gast.stmt]) -> frozenset[str]:
    """The names that a block binds, and those of containers that it changes by a method."""
    called = {
        n.func.value.id
        for s in body
        for n in nodes(s)
        if isinstance(n, gast.Call)
        and isinstance(n.func, gast.Attribute)
        and isinstance(n.func.value, gast.Name)
    }
    return stores(*body) | called


def within(inner: gast.AST, outer: gast.AST) -> bool:
    """Whether a node stands in another one."""
    return any(n is inner for n in nodes(outer))


def write_out(node: gast.FunctionDef, loops: list[tuple[gast.For, list[int]]]) -> bool:
    """Write loops of a function out, in place; whether there are any."""
    table = {id(s): values for s, values in loops}
    changed: list[gast.stmt] = []

    def block(body: list[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for s in body:
            change_blocks(s, block)
            if id(s) not in table:
                out.append(s)
                continue
            changed.append(s)
            for v in table[id(s)]:
                out.append(placed(assign(s.target.id, constant(v)), s))
                out += [clone(t) for t in s.body]
        return out or [placed(gast.Pass(), body[0])]

    node.body = block(node.body)
    return bool(changed)
