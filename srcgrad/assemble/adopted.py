"""Functions that were generated before and are called by a new module: they become a part of it."""

from __future__ import annotations

from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.names import is_builtin, mentioned
from srcgrad.lower.base.program import Function, is_generated, load
from srcgrad.optimize.naming import rename


def adopt(module: Module) -> None:
    """Let a module define the generated functions that it calls, with all that these call."""
    done: set[str] = set()
    while found := sorted(called(module) - done):
        label = found[0]
        done.add(label)
        value = module.globals.pop(label)
        module.origins.pop(label, None)
        module.used.add(label)
        function = load(value)
        node = function.node
        node.name = label
        parameters = list(function.parameters)
        untie(module, function, label, parameters)
        module.bind_globals(function, node.body, parameters)
        module.halves.insert(0, Half(label, node, function))


def called(module: Module) -> set[str]:
    """The names of a module's functions for generated functions that it does not define."""
    read = {n for h in module.halves for n in mentioned(h.node.body).read}
    return {n for n in read if is_generated(module.globals.get(n))}


def untie(module: Module, function: Function, label: str, parameters: list[str]) -> None:
    """Give names to what a function reads, where they are those of other functions here.

    Args:
        module: the module that adopts the function.
        function: the function.
        label: the name that it has now.
        parameters: its parameters.
    """
    body = function.node.body
    found = mentioned(body)
    table: dict[str, str] = {}
    for n in sorted(found.read - found.bound - {*parameters}):
        if not function.binds(n) or is_builtin(function, n):
            continue
        value = function.lookup(n)
        if value is function.object:
            table[n] = label
        elif is_generated(value) or n in module.used:
            known = (k for k, v in module.globals.items() if v is value and k not in module.used)
            table[n] = next(known, "") or module.free_name(n)
            module.used.discard(table[n])
            module.globals[table[n]] = value
            module.origins[table[n]] = function.origin(n)
    rename(body, {n: t for n, t in table.items() if n != t})
