"""Printing a generated module, with the place in the user's files of every line."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from typing import Any

from srcgrad.assemble.adopted import adopt
from srcgrad.assemble.merged import merge
from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.names import read_names
from srcgrad.lower.base.program import load
from srcgrad.lower.respell.imports import Imported
from srcgrad.syntax.emit import emit_function

Place = tuple[str, int, int]


@dataclass(frozen=True)
class Text:
    """The printed module.

    Attributes:
        source: what is shown: imports, what stands for names of the user's modules, functions.
        code: what is executed: the same lines, without those for names of the user's modules,
            which are bound to the objects themselves.
        functions: the generated functions alone.
        line_map: for each line where in the user's files it came from.
        globals: names that the functions read, with their values.
        name: the function that is called.
        imports: lines for names that imports inside the user's functions bind.
    """

    source: str
    code: str
    functions: str
    line_map: tuple[Place | None, ...]
    globals: dict[str, Any]
    name: str
    imports: dict[str, str] = field(default_factory=dict)


def printed(module: Module, main: Half) -> Text:
    """Print a module: imports, then its functions, callees first."""
    adopt(module)
    merge(module, main)
    halves = [h for h in module.halves if h is not main] + [main]
    texts: list[str] = []
    places: list[Place | None] = []
    for half in halves:
        emitted = emit_function(half.node, half.function.source)
        text = emitted.text.rstrip("\n")
        texts.append(text)
        file = half.function.source.file
        shown = emitted.line_map[: text.count("\n") + 1]
        places += [None if at is None else (file, *at) for at in shown] + [None, None]
    functions = "\n\n\n".join(texts) + "\n"
    head = head_lines(module)
    gap = ["", ""] if head else []
    source = "".join(f"{line}\n" for line in [*(text for text, _ in head), *gap]) + functions
    hidden = [text if runs else "" for text, runs in head]
    code = "".join(f"{line}\n" for line in [*hidden, *gap]) + functions
    count = functions.count("\n")
    line_map = (*([None] * (len(head) + len(gap))), *places[:count])
    inner = {n: imported_line(n, found) for n, found in module.imported.items() if found.attribute}
    return Text(source, code, functions, line_map, module.globals, main.name, inner)


def read_by(module: Module) -> set[str]:
    """Names that the functions of a module read."""
    return {n for h in module.halves for n in read_names(h.node.body)}


def head_lines(module: Module) -> list[tuple[str, bool]]:
    """The lines above the functions, as linters want them, and whether they are executed."""
    read = read_by(module)
    standard, others = import_lines(module, read)
    named, rest = user_lines(module, read)
    others += [(line, False) for line in named]
    others.sort(key=lambda item: (item[0].startswith("from "), item[0]))
    out = sorted(standard, key=lambda item: (item[0].startswith("from "), item[0]))
    out += ([("", True)] if out and others else []) + others
    gap = [("", True)] if out and rest and rest[0] else []
    return out + gap + [(line, False) for line in rest]


def import_lines(
    module: Module, read: set[str]
) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Imports for the modules and helpers that the text reads: the standard library's, others."""
    standard: list[tuple[str, bool]] = []
    others: list[tuple[str, bool]] = []
    helpers: list[str] = []
    for label, value in module.globals.items():
        if label not in read:
            continue
        if isinstance(value, types.ModuleType):
            name = value.__name__
            above, _, last = name.rpartition(".")
            line = f"import {name}" if name == label else f"import {name} as {label}"
            if above and last == label:
                line = f"from {above} import {label}"
            known = name.partition(".")[0] in sys.stdlib_module_names
            (standard if known else others).append((line, True))
        elif label in module.imported:
            line = imported_line(label, module.imported[label])
            known = line.split()[1].partition(".")[0] in sys.stdlib_module_names
            (standard if known else others).append((line, True))
        elif (getattr(value, "__module__", None) or "").startswith("srcgrad.runtime"):
            own = value.__name__
            helpers.append(own if own == label else f"{own} as {label}")
    if helpers:
        others.append((f"from srcgrad.runtime import {', '.join(sorted(helpers))}", True))
    return standard, others


def user_lines(module: Module, read: set[str]) -> tuple[list[str], list[str]]:
    """What stands for names of the user's modules: imports, and what cannot be imported."""
    imports: dict[str, list[str]] = {}
    rest: list[str] = []
    for label, (owner, name) in sorted(module.origins.items()):
        value = module.globals.get(label)
        if label not in read or isinstance(value, (types.ModuleType, type)):
            continue
        if (getattr(value, "__module__", None) or "").startswith("srcgrad.runtime"):
            continue
        home = owner.object.__module__
        if importable(value, home, name):
            imports.setdefault(home, []).append(name if name == label else f"{name} as {label}")
        else:
            rest += stand_in(label, value)
    for label, value in sorted(module.globals.items()):
        if isinstance(value, type) and label in read:
            home, name = value.__module__, value.__name__
            if importable(value, home, name):
                shown = name if name == label else f"{name} as {label}"
                imports.setdefault(home, []).append(shown)
            else:
                rest += stand_in(label, value)
        elif label in read and is_hidden(module, label, value):
            rest += stand_in(label, value)
    return [
        f"from {home} import {', '.join(sorted(names))}" for home, names in imports.items()
    ], rest


def is_hidden(module: Module, label: str, value: Any) -> bool:
    """Whether a global stands for a value that the user has no name for: a default."""
    if label in module.origins or label in module.imported:
        return False
    runtime = (getattr(value, "__module__", None) or "").startswith("srcgrad.runtime")
    return not runtime and not isinstance(value, types.ModuleType)


def imported_line(label: str, found: Imported) -> str:
    """The import of a name that the user imports inside a function."""
    shown = label if label == found.attribute else f"{found.attribute} as {label}"
    return f"from {found.module} import {shown}"


def importable(value: Any, home: str, name: str) -> bool:
    """Whether a module other than the main one has a value under a name."""
    return home != "__main__" and getattr(sys.modules.get(home), name, None) is value


def stand_in(label: str, value: Any) -> list[str]:
    """What shows a value that cannot be imported."""
    if isinstance(value, types.FunctionType) and value.__name__ == label:
        loaded = load(value)
        return ["", "", *emit_function(loaded.node, loaded.source).text.strip("\n").split("\n")]
    if value is None or type(value) in (bool, int, float, complex, str):
        return [f"{label} = {value!r}"]
    if isinstance(value, type):
        return [f"{label} = ...  # the class that the function reads"]
    return [f"{label} = ...  # the {type(value).__name__} that the function reads"]
