"""Final names: lives that do not overlap share the name that they would both like to have.

A graph of overlaps is coloured greedily, in order of appearance, after Chaitin (Register
allocation and spilling via graph coloring, 1982); a copy does not make its two names overlap.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

import gast

from srcgrad.syntax.flow import Graph, loads, stores
from srcgrad.syntax.lives import is_internal, user_name
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import nodes


def choose_names(
    body: list[gast.stmt], parameters: list[str], reserved: Iterable[str]
) -> dict[str, str]:
    """A final name for each internal one.

    Args:
        body: the statements of a function.
        parameters: its parameters; those without a bar in them keep their names.
        reserved: names that mean something else in the module.
    """
    groups: dict[str, list[str]] = {}
    for n in first_seen(body, parameters):
        groups.setdefault(user_name(n), []).append(n)
    bit, overlaps = overlapping(body, parameters, groups)
    final: dict[str, str] = {}
    avoided = set(reserved)
    hints = set(groups)
    for hint, group in groups.items():
        colour(hint, group, overlaps, bit, avoided, hints, final)
    return final


def overlapping(
    body: list[gast.stmt], parameters: list[str], groups: dict[str, list[str]]
) -> tuple[dict[str, int], dict[str, int]]:
    """The bit of each name, and the bits of those of its group that it overlaps with."""
    overlaps: dict[str, int] = {n: 0 for g in groups.values() for n in g}
    if all(len(g) == 1 for g in groups.values()):
        return {}, overlaps
    graph = Graph(body, tuple(parameters))
    bit, out = graph.live_out()
    several = {h: sum_bits(bit.get(n, 0) for n in g) for h, g in groups.items() if len(g) > 1}
    names = list(bit)
    for i, p in enumerate(graph.points):
        copied_from = bit.get(p.node.value.id, 0) if is_copy(p.node) else 0
        for d in p.defs:
            mask = several.get(user_name(d), 0)
            if mask:
                others = out[i] & mask & ~bit.get(d, 0) & ~copied_from
                if i == 0:
                    others |= sum_bits(bit.get(n, 0) for n in p.defs) & mask & ~bit.get(d, 0)
                note(d, others, overlaps, names, bit)
    for to, over in headers(body):
        for n in to:
            others = sum_bits(
                bit.get(m, 0) for m in over if user_name(m) == user_name(n) and m != n
            )
            note(n, others, overlaps, names, bit)
    return bit, overlaps


def headers(body: list[gast.stmt]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """What loops bind and what they go over: a name for both would confuse a reader."""
    for s in statements_in(body):
        if isinstance(s, gast.For):
            yield stores(s.target), loads(s.iter)


def sum_bits(bits: Iterable[int]) -> int:
    """Or of all."""
    out = 0
    for b in bits:
        out |= b
    return out


def note(
    d: str, others: int, overlaps: dict[str, int], names: list[str], bit: dict[str, int]
) -> None:
    """Note that a name overlaps with others, both ways."""
    overlaps[d] |= others
    while others:
        low = others & -others
        overlaps[names[low.bit_length() - 1]] |= bit.get(d, 0)
        others ^= low


def colour(
    hint: str,
    group: list[str],
    overlaps: dict[str, int],
    bit: dict[str, int],
    avoided: set[str],
    hints: set[str],
    final: dict[str, str],
) -> None:
    """Name the members of one group; numbered names are not in `avoided`, which they join."""
    used: dict[str, int] = {}
    for n in sorted(group, key=is_internal):
        k = 0
        while True:
            name = numbered(hint, k)
            free = name in used or name == hint or not (name in avoided or name in hints)
            if is_internal(n) and name == hint and hint in avoided and hint not in used:
                free = False
            if free and not used.get(name, 0) & overlaps[n]:
                break
            k += 1
        final[n] = name
        used[name] = used.get(name, 0) | bit.get(n, 0)
    avoided |= set(used)


def numbered(hint: str, k: int) -> str:
    """The k-th name for a hint: `x`, `x_2`, `x_3`."""
    base = hint if hint.isidentifier() else "value"
    if keyword.iskeyword(base):
        base += "_"
    return base if k == 0 else f"{base}_{k + 1}"


def is_copy(node: gast.AST) -> bool:
    """Whether a statement copies one name to another."""
    return (
        isinstance(node, gast.Assign)
        and isinstance(node.value, gast.Name)
        and isinstance(node.targets[0], gast.Name)
    )


def first_seen(body: list[gast.stmt], parameters: list[str]) -> list[str]:
    """All names that a function binds, in order of appearance."""
    seen: dict[str, None] = dict.fromkeys(parameters)
    for n in nodes(body):
        if n.__class__ is gast.Name and (n.ctx.__class__ is gast.Store or is_internal(n.id)):
            seen[n.id] = None
    return list(seen)


def rename(body: list[gast.stmt], final: dict[str, str]) -> None:
    """Give all names their final form, in place."""
    if not final:
        return
    for n in nodes(body):
        if n.__class__ is gast.Name:
            n.id = final.get(n.id, n.id)
